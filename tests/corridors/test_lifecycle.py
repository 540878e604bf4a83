"""One table says what may follow what; the journal says what did."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from corridors import actions as life
from corridors.dossier import open_dossier
from corridors.enums import AgreementStatus as S
from corridors.lifecycle import FINAL, TRANSITIONS, Refused, Request, Who
from corridors.models import Agreement, AgreementEvent, JournalError
from corridors.state import state_at
from registry.enums import Role

from . import building

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
