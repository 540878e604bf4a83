"""One table says what may follow what; the journal says what did."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine

from corridors import actions as life
from corridors import lifecycle
from corridors.dossier import open_dossier
from corridors.enums import AgreementStatus as S
from corridors.lifecycle import FINAL, TRANSITIONS, Refused, Request, Who
from corridors.models import Agreement, AgreementEvent, JournalError
from corridors.state import state_at
from registry.enums import Role

from . import building, living

pytestmark = pytest.mark.django_db


def status(agreement: Agreement) -> S:
    return open_dossier(Agreement.all_objects.get(pk=agreement.pk)).status


def test_a_draft_is_submitted_reviewed_and_opened_to_negotiation() -> None:
    agreement = building.draft()
    coordinator, manager = building.person("brigitte", Role.COORDINATOR), building.person("gilles", Role.MANAGER)
    assert status(agreement) == S.DRAFT
    building.do(coordinator, agreement, "submit")
    assert status(agreement) == S.REVIEW
    with pytest.raises(Refused, match="rôle"):
        building.do(coordinator, agreement, "approve")
    with pytest.raises(Refused, match="motif"):
        building.do(manager, agreement, "send_back")
    building.do(manager, agreement, "send_back", reason="Préciser le délai.")
    assert status(agreement) == S.DRAFT
    building.do(coordinator, agreement, "submit")
    building.do(manager, agreement, "approve")
    assert status(agreement) == S.NEGOTIATION
    lines = AgreementEvent.objects.filter(agreement=agreement).order_by("number")
    # The last line is not a transition: the approved text becomes the first version.
    assert [line.transition for line in lines] == ["submit", "send_back", "submit", "approve", ""]
    assert [line.number for line in lines] == [1, 2, 3, 4, 5]


def test_the_journal_only_grows() -> None:
    agreement = building.draft()
    building.do(building.person("brigitte", Role.COORDINATOR), agreement, "submit")
    line = AgreementEvent.objects.get()
    with pytest.raises(JournalError):
        line.save()
    with pytest.raises(JournalError):
        line.delete()


@time_machine.travel("2026-11-22T12:00:00-05:00", tick=False)
def test_an_older_entente_is_suspended_and_resumed_from_its_declared_word() -> None:
    agreement = building.declared(starts_on=date(2020, 1, 1), ends_on=date(2028, 1, 1))
    manager = building.person("gilles", Role.MANAGER)
    assert status(agreement) == S.IN_FORCE
    building.do(manager, agreement, "suspend", reason="Refonte des services.")
    assert status(agreement) == S.SUSPENDED
    building.do(manager, agreement, "resume", reason="Services repris.")
    assert status(agreement) == S.IN_FORCE
    row = Agreement.all_objects.get(pk=agreement.pk)
    assert row.declared_status == "En vigueur"
    journal = list(row.events.all())
    assert state_at(row, date(2026, 11, 21), journal).status == S.IN_FORCE


@time_machine.travel("2026-11-22T12:00:00-05:00", tick=False)
def test_a_termination_respects_the_notice_and_brings_its_document() -> None:
    agreement = building.declared(starts_on=date(2020, 1, 1), ends_on=date(2028, 1, 1), notice_days=60)
    manager = building.person("gilles", Role.MANAGER)
    early = {"reason": "Fin du financement.", "effective_on": date(2026, 12, 1), "has_document": True}
    with pytest.raises(Refused, match="21\u00a0janvier\u00a02027"):
        building.do(manager, agreement, "terminate", **early)
    in_time = {**early, "effective_on": date(2027, 1, 21)}
    with pytest.raises(Refused, match="Joignez"):
        building.do(manager, agreement, "terminate", **{**in_time, "has_document": False})
    building.do(manager, agreement, "terminate", **in_time)
    row = Agreement.all_objects.get(pk=agreement.pk)
    journal = list(row.events.all())
    assert status(agreement) == S.IN_FORCE
    assert state_at(row, date(2027, 1, 20), journal).status == S.IN_FORCE
    assert state_at(row, date(2027, 1, 21), journal).status == S.TERMINATED


def test_every_status_can_be_reached_and_the_final_ones_lead_nowhere() -> None:
    reached, pending = {S.DRAFT}, [S.DRAFT]
    while pending:
        here = pending.pop()
        for step in TRANSITIONS:
            if here in step.origins and step.target not in reached:
                reached.add(step.target)
                pending.append(step.target)
    assert reached == set(S)
    assert {S.LAPSED, S.TERMINATED, S.CANCELLED, S.REFUSED} == FINAL
    assert {step.name for step in TRANSITIONS if step.who == {Who.SYSTEM}} == {
        step.name for step in TRANSITIONS if step.by_system
    }


@time_machine.travel("2026-11-22T12:00:00-05:00", tick=False)
def test_what_follows_from_the_dates_is_noted_once() -> None:
    with time_machine.travel("2026-10-01T12:00:00-04:00", tick=False):
        agreement = building.declared(starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 15), renewal="aucun")
    with life.announced(Agreement, [agreement.pk]):
        written = life.settle_dates(life.locked(agreement))
    assert [(line.transition, line.effective_on) for line in written] == [
        ("start", date(2026, 11, 1)),
        ("lapse", date(2026, 11, 16)),
    ]
    with life.announced(Agreement, [agreement.pk]):
        assert life.settle_dates(life.locked(agreement)) == []
    assert status(agreement) == S.LAPSED
    # The flag of an older entente stays: nobody decided anything.
    assert "statut_contredit" in open_dossier(Agreement.all_objects.get(pk=agreement.pk)).state.flags
    with pytest.raises(Refused):
        life.perform(building.by(None), agreement, "suspend", Request(reason="Trop tard."))


# --- The table of the guide -------------------------------------------------------------------------------------

GUIDE = Path(__file__).parents[2] / "docs" / "ententes.md"
PEOPLE = {
    Who.COORDINATOR: "coordonnateur", Who.MANAGER: "gestionnaire", Who.NEGOTIATOR: "négociateur",
    Who.SIGNATORY: "signataire", Who.PARTNER: "partenaire", Who.SYSTEM: "le système",
}  # fmt: skip
CONDITIONS = {
    "_has_parties": "deux parties au moins, dont un partenaire",
    "_has_scope": "programme-services et territoire",
    "_everyone_accepted": "chaque partie a accepté ce texte",
    "_text_unchanged": "le texte est celui de la dernière version",
    "_conforming": "règles obligatoires respectées ou justifiées",
    "_signatories_named": "un signataire par partie",
    "_everyone_signed": "tous ont signé ce texte",
    "_started": "la date d’entrée en vigueur est arrivée",
    "_not_started": "l’entente n’a pas commencé",
    "_over": "le terme est passé",
    "_dispute_described": "mécanisme, étape et délai",
    "_planned_end": "une résiliation est prévue",
    "_on_that_day": "pour le jour prévu",
    "_notice_respected": "préavis respecté",
    "_document_attached": "avis joint",
}
# What concerns amendments alone is said once, under the table.
OF_AMENDMENTS = {"_amendable", "_says_something"}


def test_the_table_of_the_guide_is_the_table_of_the_program() -> None:
    text = GUIDE.read_text().partition("## Ce qui peut suivre quoi\n")[2].partition("\n## ")[0]
    written = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")][2:]
    rows = [tuple(cell.strip() for cell in row) for row in written]
    said = []
    for step in TRANSITIONS:
        names = [guard.__name__ for guard in (*step.guards, *step.asks)]
        conditions = [CONDITIONS[name] for name in names if name not in OF_AMENDMENTS]
        conditions += ["motif"] * step.needs_reason + ["peut être décidé d’avance"] * step.ahead
        conditions += ["efface acceptations et signatures"] * step.clears
        said.append((
            ", ".join(str(state.label) for state in S if state in step.origins), str(step.target.label), step.label,
            ", ".join(PEOPLE[who] for who in Who if who in step.who), "; ".join(conditions),
        ))  # fmt: skip
    assert rows == said


# --- Decisions taken ahead --------------------------------------------------------------------------------------

TODAY = date(2026, 11, 22)


def running(**values: object) -> Agreement:
    dates = {"starts_on": date(2020, 1, 1), "ends_on": date(2028, 1, 1), "renewal": "aucun", "notice_days": None}
    return building.declared(**{**dates, **values})


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


@time_machine.travel("2026-11-22T12:00:00-05:00", tick=False)
def test_decisions_follow_one_another_on_every_day_to_come() -> None:
    agreement = running()
    manager = building.person("gilles", Role.MANAGER)
    building.do(manager, agreement, "suspend", reason="Refonte des services.", effective_on=on(10))
    end = {"reason": "Fin du financement.", "has_document": True}
    with pytest.raises(Refused, match="suspendre, le 2\u00a0décembre\u00a02026"):
        building.do(manager, agreement, "terminate", **end, effective_on=on(5))
    with pytest.raises(Refused, match="s’y oppose"):
        building.do(manager, agreement, "dispute", mechanism="Table clinique", step="Rencontre", deadline=on(3))
    offered = {offer.transition.name: offer for offer in lifecycle.offers(facts(agreement), [Who.MANAGER])}
    assert (offered["terminate"].allowed, offered["dispute"].allowed) == (True, False)
    building.do(manager, agreement, "terminate", **end, effective_on=on(20))
    states = [open_dossier(Agreement.all_objects.get(pk=agreement.pk), on(days)).status for days in (9, 10, 19, 20)]
    assert states == [S.IN_FORCE, S.SUSPENDED, S.SUSPENDED, S.TERMINATED]


@time_machine.travel("2026-11-22T12:00:00-05:00", tick=False)
def test_while_a_termination_is_due_the_entente_may_be_suspended_and_disputed_but_not_ended_twice() -> None:
    agreement = running()
    manager = building.person("gilles", Role.MANAGER)
    end = {"reason": "Fin du financement.", "has_document": True}
    building.do(manager, agreement, "terminate", **end, effective_on=on(60))
    building.do(manager, agreement, "dispute", mechanism="Table clinique", step="Rencontre", deadline=on(9))
    building.do(manager, agreement, "settle", "suspend", "resume", reason="Entendu entre les parties.")
    for days in (30, 60, 90):
        with pytest.raises(Refused, match="décision déjà prise"):
            building.do(manager, agreement, "terminate", **end, effective_on=on(days))
    assert status(agreement) == S.IN_FORCE
    assert open_dossier(agreement, on(60)).status == S.TERMINATED


@time_machine.travel("2026-11-22T12:00:00-05:00", tick=False)
def test_nothing_is_decided_past_the_term_nor_in_the_past() -> None:
    agreement = running(ends_on=on(30))
    manager = building.person("gilles", Role.MANAGER)
    for days, words in ((31, "échéance le 22\u00a0décembre\u00a02026"), (-1, "passée")):
        with pytest.raises(Refused, match=words):
            building.do(manager, agreement, "suspend", reason="Trop loin.", effective_on=on(days))
    with pytest.raises(Refused, match="avenir"):
        building.do(
            manager, agreement, "dispute", mechanism="Table", step="Rencontre", deadline=on(3), effective_on=on(1)
        )
    building.do(manager, agreement, "suspend", reason="Le dernier jour.", effective_on=on(30))


def facts(agreement: Agreement) -> lifecycle.Facts:
    return open_dossier(Agreement.all_objects.get(pk=agreement.pk)).facts()


# --- Paper that is older than what is recorded ------------------------------------------------------------------


@time_machine.travel("2026-11-22T12:00:00-05:00", tick=False)
def test_paper_dated_before_the_signature_was_opened_signs_all_the_same() -> None:
    agreement = living.entente(starts_on=date(2026, 11, 1), ends_on=date(2028, 1, 1), renewal="aucun")
    living.to_signing(agreement)
    living.sign(agreement, on=date(2026, 10, 15))
    living.step(living.SIGNATORY, agreement, "sign", effective_on=date(2026, 10, 15))
    agreement = living.fresh(agreement)
    assert (status(agreement), agreement.signed_on) == (S.IN_FORCE, date(2026, 10, 15))
    assert AgreementEvent.objects.get(transition="sign").effective_on == TODAY


@pytest.mark.parametrize(
    ("ends", "written"),
    [(date(2028, 1, 1), [("start", TODAY)]), (date(2026, 11, 10), [("start", TODAY), ("lapse", TODAY)])],
)
def test_what_began_before_it_was_signed_is_noted_on_the_day_of_the_signature(ends: date, written: list) -> None:
    with time_machine.travel("2026-11-22T12:00:00-05:00", tick=False):
        agreement = living.signed(starts_on=date(2026, 11, 1), ends_on=ends)
    with time_machine.travel("2026-11-30T12:00:00-05:00", tick=False), life.announced(Agreement, [agreement.pk]):
        lines = life.settle_dates(life.locked(agreement))
    assert [(line.transition, line.effective_on) for line in lines] == written


@time_machine.travel("2026-11-22T12:00:00-05:00", tick=False)
def test_a_termination_taken_back_leaves_no_trace_in_what_the_dates_say() -> None:
    agreement = running(ends_on=on(10))
    manager = building.person("gilles", Role.MANAGER)
    building.do(manager, agreement, "terminate", reason="Trop vite.", has_document=True, effective_on=on(5))
    building.do(manager, agreement, "keep_in_force", reason="On continue.", effective_on=on(5))
    building.do(manager, agreement, "suspend", reason="Quelques jours.", effective_on=on(2))
    with time_machine.travel("2026-12-20T12:00:00-05:00", tick=False), life.announced(Agreement, [agreement.pk]):
        lines = life.settle_dates(life.locked(agreement))
    assert [(line.transition, line.from_status, line.effective_on) for line in lines] == [
        ("lapse", S.SUSPENDED, on(11))
    ]
