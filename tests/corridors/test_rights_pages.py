"""The same rights at every address: somebody else's coordinator reads and moves nothing; the rest are kept out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.template import engines
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from corridors import lifecycle
from corridors.admin.gestures import GESTURES
from corridors.dossier import open_dossier
from corridors.enums import AgreementStatus as S
from corridors.models import Agreement, AgreementEvent, Amendment, Dispute, Obligation
from registry.enums import Role
from registry.models import User
from tests.factories import records

from . import building, living

pytestmark = pytest.mark.django_db

# What somebody of the coordination may read of an entente that is not theirs.
READ = {
    "entente", "texte", "versions", "inspect", "history", "usage", "preview_on_edit", "revisions_view",
    "revisions_compare", "workflow_history", "workflow_history_detail", "workflow_preview", "corridors_impact",
    "corridors_amendment", "corridors_dispute",
    # Wagtail shows the question of a workflow to whoever reads; the answer is refused.
    "workflow_action", "collect_workflow_action_data", "confirm_workflow_cancellation",
}  # fmt: skip
# Of all ententes at once, or about none: tested with the lists.
LISTS = {"list", "list_results", "add", "copy", "preview_on_add", "corridors_planner", "corridors_board",
         "history_results"}  # fmt: skip


@pytest.fixture(autouse=True)
def _wagtails_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wagtail's own templates lean on undefined variables."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")


def patterns(entries: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for entry in entries:
        part = prefix + str(entry.pattern).removeprefix("^")
        if isinstance(entry, URLResolver):
            yield from patterns(entry.url_patterns, part)
        elif isinstance(entry, URLPattern):
            yield str(entry.name), part


def addresses(agreement: Agreement) -> Iterator[tuple[str, str]]:
    """(name, address) of everything that the admin has about one entente, each gesture and transition included."""
    dispute = Dispute.all_objects.first()
    values: dict[str, list[Any]] = {
        "pk": [agreement.pk], "number": [1], "dispute": [dispute.pk if dispute else 1], "gesture": list(GESTURES),
        "transition": list(lifecycle.BY_NAME), "step": list(lifecycle.BY_NAME), "name": list(lifecycle.BY_NAME),
        "action_name": ["approve", "reject"], "revision_id": [agreement.latest_revision_id],
        "revision_id_a": ["earliest"], "revision_id_b": ["latest"],
    }  # fmt: skip
    for name, pattern in patterns(get_resolver().url_patterns):
        if not pattern.startswith(("admin/snippets/corridors/agreement/", "admin/ententes/")) or name in LISTS:
            continue
        if "contributions" in pattern or "multiple" in pattern:
            continue
        ways = ["/" + pattern.removesuffix("$")]
        while any("<" in way for way in ways):
            found = re.search(r"<(?:\w+:)?(\w+)>", ways[0])
            assert found, ways[0]
            if found[1].endswith("_id"):
                values.setdefault(found[1], [1])
            assert found[1] in values, f"{pattern} : que mettre pour « {found[1]} »?"
            ways = [way.replace(found[0], str(value), 1) for way in ways for value in values[found[1]]]
        yield from ((name, way) for way in ways)


def moved(agreement: Agreement) -> tuple[Any, ...]:
    """Everything that a gesture could have changed."""
    row = Agreement.all_objects.get(pk=agreement.pk)
    return (
        AgreementEvent.objects.count(), ModelLogEntry.objects.count(), open_dossier(row).hash, row.live, row.locked,
        row.latest_revision_id, Amendment.all_objects.count(), Dispute.all_objects.count(),
        Agreement.all_objects.count(), row.versions.count(), row.documents.count(), row.signatories.count(),
    )  # fmt: skip


def client_of(user: User | None) -> Client:
    client = Client(raise_request_exception=True)
    if user is not None:
        client.force_login(user)
    return client


def anything() -> dict[str, Any]:
    """An answer to most forms."""
    day = timezone.localdate().isoformat()
    return {
        "reason": "Une très bonne raison.", "justification": "Une très bonne raison de le faire.", "title": "Autre",
        "summary": "Tout.", "text": "Un commentaire.", "kind": "duree", "subject": "Rien ne va", "mechanism": "Table",
        "step": "Rencontre", "deadline": day, "effective_on": day, "notice_given_on": day, "outcome": "Entendu.",
        "checked_on": day, "checked_by": "Quelqu’un", "rule": "C02", "number": "ENT-2099-001", "name": "Quelqu’un",
        "action-publish": "action-publish", "confirm": "on", "settled": "on", "comment": "Une très bonne raison.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("role", "state"),
    [(Role.COORDINATOR, S.DRAFT), (Role.MANAGER, S.REVIEW), (Role.COORDINATOR, S.NEGOTIATION),
     (Role.COORDINATOR, S.SIGNING), (Role.MANAGER, S.IN_FORCE), (Role.COORDINATOR, S.DISPUTED)],
)  # fmt: skip
def test_the_coordination_of_another_organization_reads_and_moves_nothing(state: S, role: Role) -> None:
    agreement = living.in_state(state)
    client = client_of(building.person("ailleurs", role, records.organization("Organisme d’ailleurs")))
    before, seen, wrong = moved(agreement), set(), []
    for name, address in addresses(agreement):
        seen.add(name)
        shown, sent = client.get(address), client.post(address, anything())
        if shown.status_code == 200 and name not in READ:
            wrong.append(("GET", name, address))
        if sent.status_code == 200 and name not in READ:
            wrong.append(("POST", name, address))
        if moved(agreement) != before:
            wrong.append(("MOVED", name, address))
            before = moved(agreement)
    assert not wrong, "\n".join(map(str, wrong))
    assert seen >= {"edit", "delete", "unpublish", "gesture", "transition", "corridors_terminate", *READ - {"inspect"}}


def test_bulk_actions_leave_aside_what_is_not_theirs() -> None:
    agreement = living.in_state(S.IN_FORCE)
    client = client_of(building.person("ailleurs", Role.COORDINATOR, records.organization("Organisme d’ailleurs")))
    before = moved(agreement)
    for action in ("publish", "unpublish", "delete"):
        address = reverse("wagtail_bulk_action", args=["corridors", "agreement", action])
        client.post(f"{address}?id={agreement.pk}&next=/admin/", anything())
        assert moved(agreement) == before, action


def outside(agreement: Agreement) -> list[str]:
    return [
        reverse("corridors_partner_agreement", args=[agreement.number]),
        reverse("corridors_dossier_pdf", args=[agreement.number]),
    ]


@pytest.mark.parametrize("state", [S.NEGOTIATION, S.IN_FORCE, S.REVIEW])
def test_outside_the_admin_an_entente_is_for_its_parties(state: S) -> None:
    agreement = living.in_state(state)
    partner = agreement.parties.order_by("sort_order").last()
    assert partner is not None
    kept_out = {
        "intervenant": building.person("intervenant", Role.INTERVENANT),
        "ailleurs": building.person("ailleurs", Role.PARTNER, records.organization("Une autre")),
        "sans rôle": User.objects.create_user("rien"),
    }
    before = moved(agreement)
    for who, user in kept_out.items():
        for address in outside(agreement):
            for answer in (client_of(user).get(address), client_of(user).post(address, {"action": "accept"})):
                assert answer.status_code in (403, 404, 405), (who, address, answer.status_code)
                if answer.status_code != 405:
                    assert 'lang="fr' in answer.content.decode()
    for address in outside(agreement):
        answer = client_of(None).get(address)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/connexion/")
    own = client_of(building.person("partie", Role.PARTNER, partner.organization))
    answers = [own.get(address).status_code for address in outside(agreement)]
    assert answers == ([404, 404] if state == S.REVIEW else [200, 200])
    assert moved(agreement) == before


def test_contributions_are_declared_by_their_parties_alone() -> None:
    agreement = living.entente()
    party = agreement.parties.order_by("sort_order").last()
    assert party is not None
    duty = Obligation(agreement=agreement, party=party.organization, text="Répondre.")
    building.actions.create(None, duty, publish=False)
    living.to_signed(agreement)
    address = reverse("corridors_declare", args=[duty.pk])
    elsewhere = building.person("ailleurs", Role.COORDINATOR, records.organization("Une autre"))
    before = Obligation.all_objects.values("status", "evidence").get(pk=duty.pk)
    for user in (elsewhere, building.person("intervenant", Role.INTERVENANT)):
        answer = client_of(user).post(address, {"status": "respectee", "evidence": "Fait.", **anything()})
        assert answer.status_code in (302, 403, 404)
        assert Obligation.all_objects.values("status", "evidence").get(pk=duty.pk) == before
