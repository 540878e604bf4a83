"""The pages where an entente is amended, disputed, suspended, terminated and renewed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from corridors import amendments, canonical
from corridors.dossier import open_dossier
from corridors.enums import AgreementStatus as S
from corridors.enums import AmendmentKind, DisputeStatus
from corridors.models import Agreement, AgreementDocument, Amendment, Clause, Dispute, Obligation
from registry import actions as registry_actions
from registry.enums import Role
from registry.models import User
from tests.factories import records

from . import building

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_today")]


@pytest.fixture
def _today(settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = str(tmp_path)
    with time_machine.travel("2026-11-20T12:00:00-05:00", tick=False):
        yield


@pytest.fixture
def coordinator() -> User:
    return building.person("brigitte", Role.COORDINATOR)


@pytest.fixture
def manager() -> User:
    return building.person("gilles", Role.MANAGER)


def running(**values: Any) -> Agreement:
    given = {"starts_on": date(2020, 1, 1), "ends_on": date(2027, 12, 31), "renewal": "aucun", "notice_days": 60}
    agreement = building.declared(**{**given, "dispute_mechanism": "Comité paritaire.", **values})
    agreement.clauses = [Clause(title="Délai", text="L’équipe rappelle en vingt-quatre heures.")]
    registry_actions.edit(None, agreement)
    centre, partner = (party.organization for party in agreement.parties.order_by("sort_order"))
    records.corridor(
        agreement, records.service(centre, "Info-Social"), records.service(partner, "Crise dans le milieu"),
        code="COR001", hours="24/7", urgent_delay=24,
    )  # fmt: skip
    registry_actions.create(None, Obligation(agreement=agreement, party=partner, text="Désigner un répondant"))
    return Agreement.all_objects.get(pk=agreement.pk)


def client(user: User) -> Client:
    found = Client()
    found.force_login(user)
    return found


def get(user: User, name: str, *args: Any) -> str:
    response = client(user).get(reverse(name, args=args))
    assert response.status_code == 200, response
    return response.content.decode()


def post(user: User, name: str, /, *args: Any, expect: int = 302, **data: Any) -> str:
    response = client(user).post(reverse(name, args=args), data)
    assert response.status_code == expect, response.content.decode()
    return response.content.decode()


def status(agreement: Agreement) -> S:
    return open_dossier(Agreement.all_objects.get(pk=agreement.pk)).status


def entente_page(user: User, agreement: Agreement) -> str:
    return get(user, "wagtailsnippets_corridors_agreement:entente", agreement.pk)


PDF = b"%PDF-1.7 avis"


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("avis.pdf", PDF, "application/pdf")


def test_an_entente_is_terminated_from_its_page_after_its_impact_was_shown(manager: User) -> None:
    agreement = running()
    assert reverse("corridors_terminate", args=[agreement.pk]) in entente_page(manager, agreement)
    page = get(manager, "corridors_terminate", agreement.pk)
    assert "Plus de corridor 24/7" in page
    assert "COR001" in page
    assert "Limoilou" in page
    assert "19 janvier 2027" in page
    data = {"reason": "Fin du financement.", "notice_given_on": "2026-11-20"}
    early = post(manager, "corridors_terminate", agreement.pk, expect=422, document=pdf(), effective_on="2026-12-01",
                 **data)  # fmt: skip
    assert "19\u00a0janvier\u00a02027" in early
    assert not AgreementDocument.objects.exists()
    post(manager, "corridors_terminate", agreement.pk, expect=422, **data)  # no document
    post(manager, "corridors_terminate", agreement.pk, document=pdf(), **data)
    shown = entente_page(manager, agreement)
    assert "Résiliation prévue le 19 janvier 2027" in shown
    assert AgreementDocument.objects.get().kind == "avis"
    post(manager, "corridors_withdraw", agreement.pk, reason="Le financement est renouvelé.")
    assert "Résiliation prévue" not in entente_page(manager, agreement)


def test_suspending_and_resuming(manager: User) -> None:
    agreement = running()
    assert "COR001" in get(manager, "corridors_suspend", agreement.pk)
    refused = post(manager, "corridors_suspend", agreement.pk, expect=422, reason="Refonte des services.",
                   until="2026-11-01")  # fmt: skip
    assert "précède son début" in refused
    post(manager, "corridors_suspend", agreement.pk, reason="Refonte des services.", until="2027-02-01")
    assert status(agreement) == S.SUSPENDED
    post(manager, "corridors_resume", agreement.pk, reason="Services repris.")
    assert status(agreement) == S.IN_FORCE


def test_a_coordinator_is_told_that_ending_is_somebody_elses(coordinator: User) -> None:
    agreement = running()
    response = client(coordinator).get(reverse("corridors_terminate", args=[agreement.pk]), follow=True)
    assert "Revient à une ou un gestionnaire" in response.content.decode()
    client(coordinator).post(reverse("corridors_suspend", args=[agreement.pk]), {"reason": "Je voudrais bien."})
    assert status(agreement) == S.IN_FORCE


@pytest.mark.parametrize(
    "name",
    ["corridors_suspend", "corridors_terminate", "corridors_impact", "corridors_renew", "corridors_dispute_open",
     "corridors_amendment_open"],
)  # fmt: skip
def test_partners_and_intervenants_have_no_door_here(name: str) -> None:
    agreement = running()
    partner = agreement.parties.get(role="partenaire").organization
    for user in (building.person("benoit", Role.PARTNER, partner), building.person("ines", Role.INTERVENANT)):
        response = client(user).get(reverse(name, args=[agreement.pk]))
        assert response.status_code in (302, 403)
        assert "COR001" not in response.content.decode()


def test_an_entente_is_renewed_from_its_page(coordinator: User) -> None:
    agreement = running(number="ENT-2020-001")
    page = get(coordinator, "corridors_renew", agreement.pk)
    assert 'value="ENT-2028-001"' in page
    assert 'value="2028-01-01"' in page
    wrong = post(coordinator, "corridors_renew", agreement.pk, expect=422, number="ENT-2020-001")
    assert "existe déjà" in wrong
    post(coordinator, "corridors_renew", agreement.pk, number="ENT-2028-001", starts_on="2028-01-01",
         ends_on="2030-12-31")  # fmt: skip
    successor = Agreement.all_objects.get(number="ENT-2028-001")
    assert successor.predecessor == agreement
    assert "ENT-2028-001" in entente_page(coordinator, agreement)


def test_a_dispute_is_raised_followed_and_closed(coordinator: User) -> None:
    agreement = running()
    party = agreement.parties.get(role="partenaire").organization
    assert "Comité paritaire." in get(coordinator, "corridors_dispute_open", agreement.pk)
    data = {
        "organization": party.pk, "subject": "Délais d’accueil", "corridor": "", "mechanism": "Comité paritaire.",
        "step_1": "Rencontre", "days_1": 5, "count_1": "ouvrables", "step_2": "Comité", "days_2": "",
        "count_2": "calendrier", "step_3": "", "days_3": "", "count_3": "ouvrables",
    }  # fmt: skip
    assert "Indiquez le délai" in post(coordinator, "corridors_dispute_open", agreement.pk, expect=422, **data)
    post(coordinator, "corridors_dispute_open", agreement.pk, **{**data, "days_2": 30})
    dispute = Dispute.objects.get()
    page = get(coordinator, "corridors_dispute", agreement.pk, dispute.pk)
    assert "au plus tard le 27\u00a0novembre\u00a02026" in page
    assert "Délais d’accueil" in entente_page(coordinator, agreement)
    args = ("corridors_dispute", agreement.pk, dispute.pk)
    assert "error-message" in post(coordinator, *args, expect=422, do="etape")
    post(coordinator, *args, **{"do": "etape", "etape-done_on": "2026-11-20", "etape-outcome": "Pas d’accord."})
    post(coordinator, *args, **{"do": "ajouter", "ajouter-text": "Médiation", "ajouter-days": 10,
                                "ajouter-day_count": "ouvrables"})  # fmt: skip
    response = client(coordinator).get(reverse("corridors_settle", args=[agreement.pk]))
    assert response.url == reverse("corridors_dispute", args=[agreement.pk, dispute.pk]) + "#clore"
    post(coordinator, *args, **{"do": "clore", "clore-settled": "oui", "clore-outcome": "Délai porté à dix jours."})
    dispute.refresh_from_db()
    assert (dispute.status, status(agreement)) == (DisputeStatus.SETTLED, S.IN_FORCE)
    closed = get(coordinator, *args)
    assert "Délai porté à dix jours." in closed
    assert "<button" not in closed.split('class="entente-body')[1].split("</main>")[0]


def open_one(user: User, agreement: Agreement, kind: AmendmentKind) -> Amendment:
    post(user, "corridors_amendment_open", agreement.pk, kind=str(kind), title=f"Avenant {kind}")
    return Amendment.all_objects.order_by("-number").filter(agreement=agreement)[0]


def form_data(user: User, amendment: Amendment) -> dict[str, Any]:
    """What a browser would send back, untouched."""
    response = client(user).get(reverse("corridors_amendment_edit", args=[amendment.agreement_id, amendment.number]))
    assert response.status_code == 200
    head, terms = response.context["head"], response.context["terms_form"]
    fields = list(head)
    if hasattr(terms, "formset"):
        fields += [*terms.formset.management_form, *(field for form in terms.formset for field in form)]
    else:
        fields += list(terms)
    found = {}
    for field in fields:
        value = field.value()
        if value is not None and value is not False:
            found[field.html_name] = value
    return found


def edit(user: User, amendment: Amendment, expect: int = 302, **changes: Any) -> str:
    data = {**form_data(user, amendment), **{name.replace("__", "-"): value for name, value in changes.items()}}
    return post(user, "corridors_amendment_edit", amendment.agreement_id, amendment.number, expect=expect, **data)


@pytest.mark.parametrize("kind", list(AmendmentKind))
def test_a_form_sent_back_untouched_changes_nothing(coordinator: User, kind: AmendmentKind) -> None:
    agreement = running()
    amendment = open_one(coordinator, agreement, kind)
    edit(coordinator, amendment)
    amendment.refresh_from_db()
    assert amendment.terms == amendment.base_terms == canonical.terms_of(agreement)


CHANGES: list[tuple[AmendmentKind, dict[str, Any], str]] = [
    (AmendmentKind.DURATION, {"terms__ends_on": "2029-12-31"}, "<ins>2029</ins>"),
    (AmendmentKind.MECHANISMS, {"terms__referral_mechanism": "Numéro prioritaire."}, "Numéro prioritaire"),
    (AmendmentKind.SCOPE, {"terms__object": "Répondre à toute heure."}, "à toute heure"),
    (AmendmentKind.CLAUSES, {"terms__0__text": "L’équipe rappelle en deux heures."}, "deux"),
    (AmendmentKind.CLAUSES, {"terms__1__title": "Visites", "terms__1__text": "Deux par an."}, "2. Visites"),
    (AmendmentKind.CLAUSES, {"terms__0__DELETE": "on"}, "Retiré"),
    (AmendmentKind.CORRIDORS, {"terms__0__urgent_delay": "0"}, "immédiat"),
    (AmendmentKind.CONTRIBUTIONS, {"terms__0__due_on": "2027-03-01"}, "1er\u00a0mars\u00a02027"),
    (AmendmentKind.PARTIES, {"terms__1__mandate": "Accompagner."}, "Accompagner"),
]


@pytest.mark.parametrize(("kind", "changes", "words"), CHANGES)
def test_each_kind_has_its_form_and_says_in_words_what_changes(
    coordinator: User, kind: AmendmentKind, changes: dict[str, Any], words: str
) -> None:
    amendment = open_one(coordinator, running(), kind)
    edit(coordinator, amendment, **changes)
    page = get(coordinator, "corridors_amendment", amendment.agreement_id, amendment.number)
    assert words in page


def test_a_new_corridor_takes_a_free_code(coordinator: User) -> None:
    agreement = running()
    amendment = open_one(coordinator, agreement, AmendmentKind.CORRIDORS)
    before = amendment.terms["corridors"][0]
    edit(coordinator, amendment, terms__1__from_service=before["to_service"],
         terms__1__to_service=before["from_service"], terms__1__direction="uni")  # fmt: skip
    amendment.refresh_from_db()
    assert [item["code"] for item in amendment.terms["corridors"]] == ["COR001", "COR002"]
    other = open_one(coordinator, agreement, AmendmentKind.CORRIDORS)
    edit(coordinator, other, terms__1__from_service=before["to_service"], terms__1__to_service=before["from_service"],
         terms__1__direction="uni")  # fmt: skip
    other.refresh_from_db()
    assert [item["code"] for item in other.terms["corridors"]] == ["COR001", "COR003"]


def test_a_forged_field_is_not_taken(coordinator: User) -> None:
    agreement = running()
    amendment = open_one(coordinator, agreement, AmendmentKind.DURATION)
    edit(coordinator, amendment, terms__object="Autre chose.", object="Autre chose.")
    amendment.refresh_from_db()
    assert amendment.terms == canonical.terms_of(agreement)


def test_a_wrong_value_comes_back_in_words(coordinator: User) -> None:
    amendment = open_one(coordinator, running(), AmendmentKind.DURATION)
    assert "précède" in edit(coordinator, amendment, expect=422, terms__ends_on="2019-01-01")


def test_an_amendment_goes_from_draft_to_the_entente_by_its_pages(coordinator: User, manager: User) -> None:
    agreement = running()
    amendment = open_one(coordinator, agreement, AmendmentKind.DURATION)
    key = (agreement.pk, amendment.number)
    page = get(coordinator, "corridors_amendment", *key)
    assert "ne change encore rien" in page
    edit(coordinator, amendment, terms__ends_on="2029-12-31")
    post(coordinator, "corridors_amendment_step", *key, "submit")
    post(manager, "corridors_amendment_step", *key, "approve")
    version = amendment.versions.get()
    for party in agreement.parties.order_by("sort_order"):
        if party.role == "centre":
            post(manager, "corridors_amendment_gesture", *key, "accepter", organization=party.organization_id,
                 version=version.pk)  # fmt: skip
        else:
            partner = building.person("benoit", Role.PARTNER, party.organization)
            from corridors import negotiation

            negotiation.accept(building.by(partner), agreement, version, party.organization)
    assert amendments.status_of(Amendment.all_objects.get(pk=amendment.pk)) == S.AGREED
    for party in agreement.parties.all():
        post(coordinator, "corridors_amendment_gesture", *key, "signataire", organization=party.organization_id,
             name=f"Signataire {party.role}", order=1)  # fmt: skip
    post(coordinator, "corridors_amendment_step", *key, "open_signing")
    for person in amendment.signatories.order_by("pk"):
        post(coordinator, "corridors_amendment_gesture", *key, "papier", signatory=person.pk, signed_on="2026-11-20",
             file=pdf())  # fmt: skip
    assert "Intégré à l’entente" in get(coordinator, "corridors_amendment", *key)
    assert Agreement.all_objects.get(pk=agreement.pk).ends_on == date(2029, 12, 31)
    assert "Intégré à l’entente" in entente_page(coordinator, agreement)


def test_a_conflict_is_seen_on_both_amendments_and_on_the_entente(coordinator: User) -> None:
    agreement = running()
    pair = [open_one(coordinator, agreement, AmendmentKind.DURATION) for _rank in range(2)]
    for amendment, end in zip(pair, ("2029-12-31", "2031-06-30"), strict=True):
        edit(coordinator, amendment, terms__ends_on=end)
    for amendment in pair:
        page = get(coordinator, "corridors_amendment", agreement.pk, amendment.number)
        assert "Les deux changent : Échéance." in page
    assert entente_page(coordinator, agreement).count("Change les mêmes champs que l’avenant") == 2


def test_another_ententes_amendment_is_not_found(coordinator: User) -> None:
    agreement = running()
    open_one(coordinator, agreement, AmendmentKind.CLAUSES)
    for name, more in (("corridors_amendment", ()), ("corridors_amendment_edit", ()),
                       ("corridors_amendment_step", ("submit",))):  # fmt: skip
        response = client(coordinator).get(reverse(name, args=[agreement.pk, 9, *more]))
        assert response.status_code == 404


def test_the_page_asks_the_same_number_of_questions_whatever_its_amendments(coordinator: User) -> None:
    agreement = running()

    def cost() -> int:
        user = client(coordinator)
        address = reverse("wagtailsnippets_corridors_agreement:entente", args=[agreement.pk])
        user.get(address)
        with CaptureQueriesContext(connection) as asked:
            user.get(address)
        return len(asked)

    open_one(coordinator, agreement, AmendmentKind.CLAUSES)
    few = cost()
    for _rank in range(4):
        open_one(coordinator, agreement, AmendmentKind.CLAUSES)
    assert cost() == few
