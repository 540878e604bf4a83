"""The page of an entente: what it shows, what it lets people do, what it refuses, and at what price."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.template import engines
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from corridors import clause_templates, negotiation
from corridors.actions import Actor
from corridors.enums import AgreementStatus as S
from corridors.enums import InstrumentType
from corridors.models import Agreement, AgreementEvent, ClauseTemplate, Obligation, ServiceCorridor, Waiver
from registry import actions
from registry.enums import Role
from registry.models import User
from tests.factories import records

from . import building, living

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_today")]


@pytest.fixture
def _today() -> Any:
    with time_machine.travel("2026-11-22T12:00:00-05:00", tick=False):
        yield


@pytest.fixture
def coordinator() -> User:
    return building.person("brigitte", Role.COORDINATOR)


@pytest.fixture
def manager() -> User:
    return building.person("gilles", Role.MANAGER)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(agreement: Agreement, name: str = "entente", *more: Any) -> str:
    return reverse(f"wagtailsnippets_corridors_agreement:{name}", args=[agreement.pk, *more])


def seen(user: User, agreement: Agreement, name: str = "entente", *more: Any, **query: str) -> str:
    response = signed_in(user).get(address(agreement, name, *more), query)
    assert response.status_code == 200, response.status_code
    text = response.content.decode()
    # Wagtail's frame leaves variables undefined; our part of the page leaves none.
    assert "UNDEFINED" not in text.split('class="admin entente"')[1]
    return text


def do(user: User, agreement: Agreement, gesture: str, **values: Any) -> Any:
    return signed_in(user).post(address(agreement, "gesture", gesture), values, follow=True)


def move(user: User, agreement: Agreement, transition: str, **values: Any) -> Any:
    return signed_in(user).post(address(agreement, "transition", transition), values, follow=True)


def negotiated(coordinator: User, manager: User) -> Agreement:
    agreement = building.draft()
    building.do(coordinator, agreement, "submit")
    building.do(manager, agreement, "approve")
    return living.fresh(agreement)


def test_the_page_leads_from_draft_to_review_to_negotiation(coordinator: User, manager: User) -> None:
    agreement = building.draft()
    text = seen(coordinator, agreement)
    assert "Soumettre à la révision interne" in text
    assert "Brouillon à compléter" in text
    move(coordinator, agreement, "submit")
    assert living.status(agreement) == S.REVIEW
    text = seen(coordinator, agreement)
    assert "En révision interne depuis aujourd’hui" in text
    assert "Revient à une ou un gestionnaire." in text
    assert "À votre tour depuis aujourd’hui" in seen(manager, agreement)
    move(manager, agreement, "approve")
    assert living.status(agreement) == S.NEGOTIATION
    assert "tour du partenaire" in seen(manager, agreement)


def test_a_transition_without_its_reason_says_what_is_missing_and_moves_nothing(
    coordinator: User, manager: User
) -> None:
    agreement = building.draft()
    building.do(coordinator, agreement, "submit")
    response = move(manager, agreement, "send_back")
    assert response.status_code == 422
    assert living.status(agreement) == S.REVIEW
    move(manager, agreement, "send_back", reason="Préciser le délai.")
    assert living.status(agreement) == S.DRAFT
    assert "Motif de Gilles Tremblay : Préciser le délai." in seen(coordinator, agreement)


def test_what_the_role_does_not_allow_is_refused_in_words(coordinator: User) -> None:
    agreement = building.draft()
    building.do(coordinator, agreement, "submit")
    response = move(coordinator, agreement, "approve")
    assert "Revient à une ou un gestionnaire." in response.content.decode()
    assert living.status(agreement) == S.REVIEW
    assert signed_in(coordinator).get(address(agreement, "transition", "inconnue")).status_code == 404
    assert signed_in(coordinator).get(address(agreement, "gesture", "inconnu")).status_code == 404


@pytest.mark.parametrize("role", [Role.INTERVENANT, Role.PARTNER])
def test_the_page_is_not_for_those_who_have_no_admin(role: Role) -> None:
    agreement = building.draft()
    organization = agreement.parties.get(role="partenaire").organization if role == Role.PARTNER else None
    stranger = building.person("ines", role, organization)
    for name, *more in (("entente",), ("texte",), ("versions",), ("gesture", "document"), ("transition", "cancel")):
        assert signed_in(stranger).get(address(agreement, name, *more)).status_code in (302, 403)
    assert Client().get(address(agreement)).status_code == 302


def test_a_coordinator_of_another_organization_reads_and_touches_nothing() -> None:
    agreement = building.draft()
    other = building.person("odile", Role.COORDINATOR, records.organization("CISSS voisin"))
    assert "Revient à une coordonnatrice" in seen(other, agreement)
    move(other, agreement, "submit")
    do(other, agreement, "document", kind="annexe")
    assert living.status(agreement) == S.DRAFT
    assert not AgreementEvent.objects.exists()


def test_the_text_that_changed_is_shown_in_words_and_proposed(coordinator: User, manager: User) -> None:
    agreement = negotiated(coordinator, manager)
    draft = agreement.get_latest_revision_as_object()
    draft.referral_mechanism = "Télécopie au guichet."
    actions.save_draft(coordinator, draft)
    text = seen(coordinator, agreement)
    assert "Ce qui change, version 1 à texte en préparation" in text
    assert "<ins>Télécopie au guichet</ins>" in text
    assert "Proposer la version 2" in text
    do(coordinator, agreement, "version", summary="Retour à la télécopie")
    text = seen(coordinator, agreement)
    assert "Ce qui change, version 1 à version 2" in text
    assert "Retour à la télécopie" in text
    compared = seen(coordinator, agreement, "versions", de="2", a="1")
    assert "<ins>Transfert téléphonique à chaud</ins>" in compared
    assert "Télécopie au guichet." in seen(coordinator, agreement, "texte", version="2")


def test_the_centre_accepts_what_it_read(coordinator: User, manager: User) -> None:
    agreement = negotiated(coordinator, manager)
    version = agreement.versions.get()
    centre = agreement.parties.get(role="centre").organization_id
    assert "Accepter la version 1" in seen(coordinator, agreement)
    draft = agreement.get_latest_revision_as_object()
    draft.object = "Un autre objet."
    actions.save_draft(coordinator, draft)
    do(coordinator, agreement, "version")
    response = do(coordinator, agreement, "accepter", version=version.pk, organization=centre)
    assert response.status_code == 422
    assert "n’est plus proposée" in response.content.decode()
    latest = agreement.versions.get(number=2)
    do(coordinator, agreement, "accepter", version=latest.pk, organization=centre)
    assert "Version 2 acceptée le" in seen(coordinator, agreement)
    partner = agreement.parties.get(role="partenaire").organization_id
    response = do(coordinator, agreement, "accepter", version=latest.pk, organization=partner)
    assert response.status_code == 422, "the centre does not accept for the partner"


def test_a_rule_is_waived_with_its_justification(coordinator: User, manager: User) -> None:
    agreement = building.draft(referral_mechanism="")
    assert "Non conforme" in seen(manager, agreement)
    do(coordinator, agreement, "derogation", rule="K01", justification="Le protocole régional en tient lieu.")
    assert not Waiver.objects.exists(), "a coordinator may not"
    assert do(manager, agreement, "derogation", rule="K01", justification="Court.").status_code == 422
    do(manager, agreement, "derogation", rule="K01", justification="Le protocole régional en tient lieu.")
    text = seen(manager, agreement)
    assert "Justification : Le protocole régional en tient lieu." in text
    assert AgreementEvent.objects.get().reason == "Le protocole régional en tient lieu."


def test_comments_are_shared_then_settled(coordinator: User, manager: User) -> None:
    agreement = negotiated(coordinator, manager)
    do(coordinator, agreement, "commentaire", text="Qui reste en ligne?", clause="")
    written = agreement.comments.get()
    assert "Qui reste en ligne?" in seen(manager, agreement)
    do(manager, agreement, "commentaire-regle", comment=written.pk)
    written.refresh_from_db()
    assert written.resolved_by == "Gilles Tremblay"


def test_standard_clauses_begin_a_text_once(coordinator: User) -> None:
    agreement = building.draft()
    for code, title, types in (("A", "Concertation", []), ("B", "Milieu scolaire", [InstrumentType.SCHOOL.value])):
        template = ClauseTemplate(code=code, title=title, text=f"Texte {code}.", instrument_types=types)
        actions.create(None, template)
    offered = clause_templates.for_agreement(agreement)
    assert [template.code for template in offered] == ["A"], "the other one is for schools"
    page = seen(coordinator, agreement, "gesture", "clauses-types")
    assert "Texte A." in page
    assert "Texte B." not in page
    do(coordinator, agreement, "clauses-types", templates=[offered[0].pk])
    row = living.fresh(agreement)
    assert [clause.text for clause in row.clauses.all()] == ["Texte A."]
    assert clause_templates.missing_from(row, offered) == []


def test_signatories_are_named_and_removed(coordinator: User, manager: User) -> None:
    agreement = negotiated(coordinator, manager)
    centre = agreement.parties.get(role="centre").organization_id
    values = {"organization": centre, "name": "Claire Dion", "title": "PDG", "order": 1, "email": "", "mandate": ""}
    response = do(coordinator, agreement, "signataire", **values, on_behalf_of="Le conseil")
    assert response.status_code == 422, "whoever signs for somebody else says by what mandate"
    do(coordinator, agreement, "signataire", **values, on_behalf_of="")
    assert "<h3>Claire Dion, PDG</h3>" in seen(coordinator, agreement)
    person = agreement.signatories.get()
    do(coordinator, agreement, "retirer-signataire", signatory=person.pk)
    assert "<h3>Claire Dion, PDG</h3>" not in seen(coordinator, agreement)


def test_an_older_entente_shows_its_short_way_and_its_contradiction(coordinator: User) -> None:
    agreement = building.declared(
        starts_on=date(2020, 1, 1), ends_on=date(2025, 1, 1), renewal="aucun", signed_on=date(2019, 12, 1)
    )
    text = seen(coordinator, agreement)
    assert "Révision interne" not in text.split('class="track"')[1].split("</ol>")[0]
    assert "Statut contredit par les dates" in text
    assert "Le classeur la dit « En vigueur », mais son échéance est passée." in text


def test_what_replaces_an_entente_says_by_when_to_sign(coordinator: User) -> None:
    old = building.declared(starts_on=date(2023, 1, 5), ends_on=date(2027, 1, 4), renewal="aucun")
    parties = (old.parties.get(role="centre").organization, old.parties.get(role="partenaire").organization)
    text = seen(coordinator, building.draft(predecessor=old, parties=parties))
    assert "L’entente actuelle (ENT-2020-001) finit dans 43\u00a0jours." in text
    assert "en vigueur jusqu’au 4\u00a0janvier\u00a02027" in text
    assert "Pour signer sans interruption" in text
    assert "18\u00a0déc." in text


def test_the_list_leads_to_the_page_and_the_old_reading_page_too(
    coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")
    agreement = building.declared()
    client = signed_in(coordinator)
    listed = client.get(reverse("wagtailsnippets_corridors_agreement:list")).content.decode()
    assert f'href="{address(agreement)}"' in listed
    assert f'href="{address(agreement, "edit")}"' in listed
    response = client.get(address(agreement, "inspect"))
    assert response.headers["Location"] == address(agreement)


def test_the_page_costs_the_same_whatever_hangs_on_the_entente(coordinator: User, manager: User) -> None:
    agreement = negotiated(coordinator, manager)
    centre = agreement.parties.get(role="centre").organization
    partner = agreement.parties.get(role="partenaire").organization
    start, end = records.service(centre), records.service(partner)

    def add(number: int) -> None:
        for _place in range(number):
            code = f"COR{ServiceCorridor.all_objects.count() + 700}"
            corridor = ServiceCorridor(code=code, agreement=agreement, from_service=start, to_service=end)
            actions.create(None, corridor, publish=False)
            actions.create(None, Obligation(agreement=agreement, party=centre, text=f"Agir {code}."), publish=False)
            negotiation.comment(Actor(user=coordinator), agreement, f"Un mot sur {code}.")
            negotiation.propose_version(Actor(user=coordinator), agreement, code)

    def count() -> int:
        client = signed_in(coordinator)
        client.get(address(agreement))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address(agreement)).status_code == 200
        return len(queries)

    add(2)
    few = count()
    add(6)
    assert count() == few
    assert few <= 60


def test_the_standard_clauses_that_come_along_are_added_once_and_never_rewritten(capsys: Any) -> None:
    call_command("clause_templates")
    count = ClauseTemplate.objects.count()
    assert f"{count} clauses types ajoutées." in capsys.readouterr().out
    # Whoever begins with all of them has written what the rules look for.
    assert {"reference", "mesentente", "information", "concertation", "protocole", "roles_p38"} <= set(
        ClauseTemplate.objects.values_list("kind", flat=True)
    )
    changed = ClauseTemplate.objects.get(code="CT-URGENCE")
    changed.text = "Notre façon de faire."
    actions.edit(None, changed)
    call_command("clause_templates")
    assert "Aucune clause type à ajouter." in capsys.readouterr().out
    assert ClauseTemplate.objects.get(code="CT-URGENCE").text == "Notre façon de faire."
    with pytest.raises(CommandError, match="ne se lit pas"):
        call_command("clause_templates", "nulle-part.json")
