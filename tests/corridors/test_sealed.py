"""Once signed in the system, the text moves by amendment alone; what serves to run the entente stays editable."""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.template import engines
from django.test import Client
from django.urls import reverse

from corridors import amendments, sealed
from corridors.dossier import open_dossier
from corridors.enums import AgreementStatus as S
from corridors.enums import AmendmentKind, ObligationStatus
from corridors.lifecycle import Refused
from corridors.models import Agreement, AgreementEvent, AgreementParty, Obligation, ServiceCorridor
from corridors.sealed import TextSealed
from registry import actions
from registry.enums import Role
from tests.factories import records
from tests.registry.admin.building import sent

from . import building, living

pytestmark = pytest.mark.django_db


def obligation(agreement: Agreement, **values: Any) -> Obligation:
    party = agreement.parties.order_by("sort_order").last()
    assert party is not None
    values = {"text": "Répondre en moins d’une heure.", "party": party.organization, **values}
    return actions.create(None, Obligation(agreement=agreement, **values), publish=False)


@pytest.fixture
def agreement() -> Agreement:
    made = living.entente(renewal="aucun")
    living.with_corridor(made)
    obligation(made)
    living.to_signed(made)
    return living.fresh(made)


CHANGES = {
    "title": "Autre titre", "object": "Autre objet.", "instrument_type": "protocole", "modalities": ["ponctuelle"],
    "programs": ["sante_mentale"], "renewal": "tacite", "renewal_months": 6, "notice_days": 10,
    "referral_mechanism": "Un courriel.", "dispute_mechanism": "Aucun.", "information_exchange": "Aucun.",
    "number": "ENT-2026-999",
}  # fmt: skip


@pytest.mark.parametrize("field", CHANGES)
def test_no_term_of_a_signed_entente_moves(agreement: Agreement, field: str) -> None:
    before = open_dossier(agreement).hash
    setattr(agreement, field, CHANGES[field])
    with pytest.raises(TextSealed, match="passez par un avenant"):
        actions.edit(None, agreement)
    assert open_dossier(living.fresh(agreement)).hash == before


def test_the_refusal_names_what_would_change(agreement: Agreement) -> None:
    agreement.ends_on += timedelta(days=1)
    agreement.notice_days = 5
    with pytest.raises(TextSealed, match=r"\(Échéance, Préavis\)"):
        actions.edit(None, agreement)


def test_parties_and_territories_are_terms(agreement: Agreement) -> None:
    agreement.parties.add(AgreementParty(organization=records.organization("École"), sort_order=3))
    with pytest.raises(TextSealed, match="Parties"):
        actions.edit(None, agreement)
    agreement = living.fresh(agreement)
    agreement.territories = [records.territory("T-BEA", "Beauport")]
    with pytest.raises(TextSealed, match="Territoires"):
        actions.edit(None, agreement)


def test_what_runs_the_entente_stays_editable(agreement: Agreement) -> None:
    agreement.responsible = "Quelqu’un d’autre"
    party = agreement.parties.last()
    party.negotiator, party.negotiator_email = "Une autre", "une.autre@exemple.qc.ca"
    agreement.parties = [*agreement.parties.all()[:1], party]
    actions.edit(None, agreement)
    corridor = agreement.corridors.get()
    corridor.liaison_contact, corridor.hours = "Poste de garde", "Lun-Ven 8h30-16h30"
    actions.edit(None, corridor)
    duty = agreement.obligations.get()
    duty.status, duty.evidence = ObligationStatus.MET, "Compte rendu"
    actions.edit(None, duty)
    agreement = living.fresh(agreement)
    assert agreement.responsible == "Quelqu’un d’autre"
    assert agreement.corridors.get().liaison_contact == "Poste de garde"
    assert agreement.obligations.get().status == ObligationStatus.MET
    assert open_dossier(agreement).text_unchanged


@pytest.mark.parametrize(
    ("field", "value"),
    [("urgent_delay", 48), ("criteria", "Autres critères"), ("direction", "bi"), ("return_path", "Par lettre")],
)
def test_the_agreed_part_of_a_corridor_does_not_move(agreement: Agreement, field: str, value: Any) -> None:
    corridor = agreement.corridors.get()
    setattr(corridor, field, value)
    with pytest.raises(TextSealed, match="Corridors de services"):
        actions.edit(None, corridor)
    assert getattr(agreement.corridors.get(), field) != value


def test_a_contribution_neither_moves_nor_comes_nor_goes(agreement: Agreement) -> None:
    duty = agreement.obligations.get()
    duty.text = "Répondre quand on peut."
    with pytest.raises(TextSealed, match="Contributions attendues"):
        actions.edit(None, duty)
    with pytest.raises(TextSealed, match="Contributions attendues"):
        actions.delete(None, agreement.obligations.get())
    with pytest.raises(TextSealed, match="Contributions attendues"):
        obligation(agreement, text="Une de plus.")
    assert [item.text for item in agreement.obligations.all()] == ["Répondre en moins d’une heure."]


def test_a_corridor_neither_comes_nor_goes_nor_changes_of_entente(agreement: Agreement) -> None:
    other = building.declared(number="ENT-2020-050", parties=[party.organization for party in agreement.parties.all()])
    free = living.with_corridor(other, publish=True)
    for where, what in ((agreement, free), (other, agreement.corridors.get())):
        what.agreement = where
        with pytest.raises(TextSealed, match="Corridors de services"):
            actions.edit(None, what)
    with pytest.raises(TextSealed):
        actions.delete(None, agreement.corridors.get())
    ends = {"from_service": free.to_service, "to_service": free.from_service}
    for publish in (True, False):
        with pytest.raises(TextSealed):
            actions.create(None, ServiceCorridor(code="COR-2", agreement=agreement, **ends), publish=publish)
    assert ServiceCorridor.all_objects.filter(agreement=agreement).count() == 1


def test_a_signed_entente_is_not_withdrawn_from_publication(agreement: Agreement) -> None:
    with pytest.raises(TextSealed, match="Suspendez-la"):
        actions.unpublish(None, agreement)
    assert living.fresh(agreement).live


def test_what_was_drafted_with_it_is_published_with_it(agreement: Agreement) -> None:
    assert (agreement.live, agreement.has_unpublished_changes) == (True, False)
    assert agreement.corridors.get().live
    assert agreement.obligations.get().live


def test_a_merged_amendment_moves_the_text(agreement: Agreement) -> None:
    agreement.notice_days = 15
    with sealed.amending(agreement):
        actions.edit(None, agreement)
    assert living.fresh(agreement).notice_days == 15
    agreement.notice_days = 20
    with pytest.raises(TextSealed):
        actions.edit(None, agreement)


def test_an_entente_older_than_the_system_is_corrected_freely() -> None:
    agreement = building.declared(starts_on=date(2020, 1, 1), ends_on=None)
    living.step(living.MANAGER, agreement, "suspend")
    agreement = living.fresh(agreement)
    agreement.title = "Titre corrigé"
    actions.edit(None, agreement)
    assert living.fresh(agreement).title == "Titre corrigé"


@pytest.mark.parametrize(("state", "words"), [(S.CANCELLED, "annulée"), (S.REFUSED, "refusée")])
def test_a_draft_that_was_given_up_stays_as_it_was(state: S, words: str) -> None:
    agreement = living.in_state(state)
    agreement.title = "On recommence"
    with pytest.raises(TextSealed, match=words):
        actions.save_draft(None, agreement)
    assert living.fresh(agreement).title == "Intervention de crise dans le milieu"


@pytest.mark.parametrize("bring", [living.to_negotiation, living.to_agreed, living.to_signing])
def test_an_edit_before_the_signature_clears_what_was_given_on_another_text(bring: Any) -> None:
    agreement = living.entente()
    bring(agreement)
    if bring is living.to_negotiation:
        living.propose(agreement)
        living.accept(agreement)
    if bring is living.to_signing:
        living.sign(agreement, people=1)
    agreement = living.fresh(agreement)
    agreement.notice_days = 90
    actions.save_draft(None, agreement)
    dossier = open_dossier(living.fresh(agreement))
    assert dossier.status == S.NEGOTIATION
    assert not dossier.acceptances
    assert not dossier.signatures
    line = AgreementEvent.objects.filter(agreement=agreement).latest("number")
    assert {item["kind"] for item in line.data["cleared"]} >= {"acceptation"}
    assert ("signature" in {item["kind"] for item in line.data["cleared"]}) is (bring is living.to_signing)


def test_a_new_contribution_in_draft_changes_the_text_that_was_accepted() -> None:
    agreement = living.entente()
    living.to_agreed(agreement)
    obligation(agreement)
    assert living.status(agreement) == S.NEGOTIATION
    assert not open_dossier(agreement).acceptances


def test_an_edit_that_is_no_term_clears_nothing() -> None:
    agreement = living.entente()
    living.to_agreed(agreement)
    agreement = living.fresh(agreement)
    agreement.responsible = "Quelqu’un d’autre"
    actions.save_draft(None, agreement)
    assert living.status(agreement) == S.AGREED
    assert len(open_dossier(agreement).acceptances) == 2


def test_the_paper_of_an_older_entente_once_written_down_seals_that_text() -> None:
    agreement = building.declared(starts_on=date(2020, 1, 1), ends_on=None)
    living.propose(agreement)
    living.name_signatories(agreement)
    living.sign(agreement, on=date(2019, 12, 1))
    agreement = living.fresh(agreement)
    agreement.title = "Autre titre"
    with pytest.raises(TextSealed, match=r"passez par un avenant .*\(Titre\)"):
        actions.edit(None, agreement)


def test_a_signature_under_way_seals_nothing() -> None:
    agreement = living.entente()
    living.to_signing(agreement)
    living.sign(agreement, people=1)
    assert not sealed.is_sealed(agreement)


# --- The forms of the admin ---------------------------------------------------------------------------------------


@pytest.fixture
def coordinator(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")
    client = Client()
    client.force_login(building.person("brigitte", Role.COORDINATOR))
    return client


def send(client: Client, record: Any, action: str = "publish", **changes: Any) -> str:
    """What the page says after these changes to the form as it was shown."""
    address = reverse(type(record).snippet_viewset.get_url_name("edit"), args=[record.pk])
    data = {**sent(client.get(address).context["form"]), **changes, f"action-{action}": f"action-{action}"}
    answer = client.post(address, data, follow=True)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.parametrize("action", ["publish", "draft"])
def test_the_form_refuses_a_signed_term_beside_its_field(
    agreement: Agreement, coordinator: Client, action: str
) -> None:
    page = send(coordinator, agreement, action, notice_days="5", responsible="Léa Roy")
    assert "passez par un avenant pour le modifier (Préavis (jours))" in page
    page = send(coordinator, agreement, action, **{"parties-1-mandate": "Un autre mandat"})
    assert "passez par un avenant pour le modifier (parties)" in page
    kept = living.fresh(agreement)
    assert (kept.notice_days, kept.responsible, kept.has_unpublished_changes) == (60, "", False)


def test_the_form_takes_what_runs_the_entente(agreement: Agreement, coordinator: Client) -> None:
    page = send(coordinator, agreement, responsible="Léa Roy", **{"parties-1-negotiator": "Une autre personne"})
    assert "passez par un avenant" not in page
    kept = living.fresh(agreement)
    assert kept.responsible == "Léa Roy"
    assert [party.negotiator for party in kept.parties.all()] == ["Brigitte Hébertois", "Une autre personne"]


def test_the_forms_of_a_corridor_and_a_contribution_do_the_same(agreement: Agreement, coordinator: Client) -> None:
    corridor, duty = agreement.corridors.get(), agreement.obligations.get()
    assert "passez par un avenant" in send(coordinator, corridor, urgent_delay="72")
    assert "passez par un avenant" in send(coordinator, duty, text="Répondre quand on peut.")
    assert "passez par un avenant" not in send(coordinator, corridor, liaison_contact="Poste de garde")
    assert "passez par un avenant" not in send(coordinator, duty, evidence="Compte rendu du mois")
    corridor, duty = agreement.corridors.get(), agreement.obligations.get()
    assert (corridor.urgent_delay, corridor.liaison_contact) == (24, "Poste de garde")
    assert (duty.text, duty.evidence) == ("Répondre en moins d’une heure.", "Compte rendu du mois")


@pytest.mark.parametrize("view", ["delete", "unpublish"])
def test_to_take_away_what_is_signed_is_refused_in_words(agreement: Agreement, coordinator: Client, view: str) -> None:
    record = agreement.obligations.get() if view == "delete" else agreement
    address = reverse(type(record).snippet_viewset.get_url_name(view), args=[record.pk])
    page = unescape(coordinator.post(address, follow=True).content.decode())
    assert ("passez par un avenant" if view == "delete" else "Suspendez-la") in page
    assert living.fresh(agreement).live
    assert agreement.obligations.count() == 1


# --- Amendments of the term ----------------------------------------------------------------------------------------


@time_machine.travel("2026-11-22T12:00:00-05:00", tick=False)
def test_an_amendment_neither_ends_an_entente_in_the_past_nor_minds_the_first_end_of_one_that_renews() -> None:
    agreement = building.declared(starts_on=date(2020, 1, 1), ends_on=date(2024, 6, 30), renewal="tacite")
    actor = building.by(building.person("brigitte", Role.COORDINATOR))
    amendment = amendments.open_amendment(
        actor, agreement, AmendmentKind.DURATION, "Durée", effective_on=date(2027, 1, 1)
    )
    amendments.edit(actor, amendment, terms={"notice_days": 90})
    with pytest.raises(Refused, match="résiliez-la"):
        amendments.edit(actor, amendment, terms={"renewal": "aucun"})
    amendments.edit(actor, amendment, terms={"renewal": "aucun", "ends_on": "2027-06-30"})
