"""An entente that stops, for a while or for good: what it takes along is shown before, and closed after."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from corridors import actions as life
from corridors import ending
from corridors.dossier import open_dossier
from corridors.enums import AgreementStatus as S
from corridors.enums import DisputeStatus, DocumentKind, ObligationStatus
from corridors.lifecycle import Refused, Request, offers
from corridors.models import Agreement, AgreementDocument, AgreementEvent, Dispute, Obligation, ServiceCorridor
from corridors.state import state_at
from corridors.terms import in_force_periods
from registry import actions as registry_actions
from registry.enums import Role
from registry.models import Organization
from tests.factories import records

from . import building

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


@pytest.fixture
def november() -> Any:
    with time_machine.travel("2026-11-22T12:00:00-05:00", tick=False):
        yield


@pytest.fixture
def manager() -> Any:
    return building.by(building.person("gilles", Role.MANAGER))


def running(**values: Any) -> Agreement:
    return building.declared(
        **{"starts_on": date(2020, 1, 1), "ends_on": date(2028, 1, 1), "notice_days": 60, "renewal": "aucun", **values}
    )


def notice(agreement: Agreement) -> AgreementDocument:
    from wagtail.documents import get_document_model

    file = get_document_model().objects.create(title="Avis", file="documents/avis.pdf", file_size=10)
    return AgreementDocument.objects.create(
        agreement=agreement, document=file, kind=DocumentKind.NOTICE, label="Avis du partenaire",
        added_at=timezone.now(),
    )  # fmt: skip


def again(agreement: Agreement) -> Agreement:
    return Agreement.all_objects.get(pk=agreement.pk)


def status(agreement: Agreement, day: date | None = None) -> S:
    return open_dossier(again(agreement), day).status


def by_query(agreement: Agreement, day: date) -> str | None:
    """What the lists read, in SQL."""
    found: str | None = Agreement.all_objects.with_journal(day).get(pk=agreement.pk).said_status
    return found


def test_a_suspension_may_say_when_it_should_end(manager: Any) -> None:
    agreement = running()
    event = ending.suspend(manager, agreement, "Refonte des services.", until=date(2027, 2, 1))
    assert status(agreement) == S.SUSPENDED
    assert event.data["until"] == "2027-02-01"
    # Only people lift it.
    assert status(agreement, date(2027, 3, 1)) == S.SUSPENDED
    ending.resume(manager, agreement, "Services repris.")
    assert status(agreement) == S.IN_FORCE
    with pytest.raises(Refused, match="précède"):
        ending.suspend(manager, agreement, "Encore une fois.", until=date(2026, 11, 1))


def test_the_corridors_follow_a_suspension_and_come_back(manager: Any) -> None:
    agreement = running()
    ending.suspend(manager, agreement, "Refonte des services.", effective_on=date(2026, 12, 1))
    assert in_force_periods(again(agreement), agreement.events.all()) == [(date(2020, 1, 1), date(2026, 11, 30))]
    with time_machine.travel("2027-01-15T12:00:00-05:00", tick=False):
        ending.resume(manager, agreement, "Services repris.")
    assert in_force_periods(again(agreement), agreement.events.all()) == [
        (date(2020, 1, 1), date(2026, 11, 30)),
        (date(2027, 1, 15), date(2028, 1, 1)),
    ]


def test_the_first_day_without_the_entente_is_the_earliest_that_the_notice_allows(manager: Any) -> None:
    agreement = running()
    assert ending.earliest_termination(agreement) == date(2027, 1, 21)
    assert ending.earliest_termination(agreement, date(2026, 11, 1)) == date(2026, 12, 31)
    event = ending.terminate(manager, agreement, "Fin du financement.", document=notice(agreement))
    assert event.effective_on == date(2027, 1, 21)
    assert ending.planned_termination(again(agreement)) == date(2027, 1, 21)
    assert status(agreement, date(2027, 1, 20)) == S.IN_FORCE
    assert status(agreement, date(2027, 1, 21)) == S.TERMINATED


def test_a_termination_wants_its_document_and_not_another_ententes(manager: Any) -> None:
    agreement = running()
    with pytest.raises(Refused, match="Joignez"):
        ending.terminate(manager, agreement, "Fin du financement.", document=None)
    parties = tuple(Organization.objects.order_by("pk")[:2])
    other = building.declared(number="ENT-2020-002", parties=parties, ends_on=None)
    with pytest.raises(Refused, match="autre entente"):
        ending.terminate(manager, agreement, "Fin du financement.", document=notice(other))


@pytest.mark.parametrize("suspended", [False, True])
def test_a_planned_termination_is_taken_back_as_if_it_had_not_been(manager: Any, suspended: bool) -> None:
    agreement = running()
    ending.terminate(manager, agreement, "Fin du financement.", document=notice(agreement))
    with time_machine.travel("2026-12-10T12:00:00-05:00", tick=False):
        if suspended:
            ending.suspend(manager, agreement, "Refonte des services.")
        ending.withdraw_termination(manager, agreement, "Le financement est renouvelé.")
        assert ending.planned_termination(again(agreement)) is None
        with pytest.raises(Refused, match="Aucune résiliation"):
            ending.withdraw_termination(manager, agreement, "Une seconde fois.")
    expected = S.SUSPENDED if suspended else S.IN_FORCE
    for day in (date(2026, 12, 10), date(2027, 1, 20), date(2027, 1, 21), date(2027, 6, 1)):
        assert status(agreement, day) == expected
        assert by_query(agreement, day) == (expected.value if suspended else None)
    # What was decided afterwards, in between, is not undone on the day that was planned.
    with time_machine.travel("2027-01-05T12:00:00-05:00", tick=False):
        if suspended:
            ending.resume(manager, agreement, "Services repris.")
        else:
            ending.suspend(manager, agreement, "Refonte des services.")
    assert status(agreement, date(2027, 1, 21)) == (S.IN_FORCE if suspended else S.SUSPENDED)
    assert in_force_periods(again(agreement), agreement.events.all())[-1][1] == (
        date(2028, 1, 1) if suspended else date(2027, 1, 4)
    )


def test_a_termination_taken_back_can_be_decided_again(manager: Any) -> None:
    agreement = running()
    ending.terminate(manager, agreement, "Fin du financement.", document=notice(agreement))
    with pytest.raises(Refused):
        ending.terminate(manager, agreement, "Une seconde fois.", document=notice(agreement))
    ending.withdraw_termination(manager, agreement, "Le financement est renouvelé.")
    ending.terminate(manager, agreement, "Fin du financement.", document=notice(agreement))
    assert status(agreement, date(2027, 1, 21)) == S.TERMINATED
    assert by_query(agreement, date(2027, 1, 21)) == S.TERMINATED.value


def test_only_a_manager_ends_and_only_one_takes_back(manager: Any) -> None:
    agreement = running()
    coordinator = building.by(building.person("brigitte", Role.COORDINATOR))
    with pytest.raises(Refused, match="rôle"):
        ending.terminate(coordinator, agreement, "Fin du financement.", document=notice(agreement))
    ending.terminate(manager, agreement, "Fin du financement.", document=notice(agreement))
    with pytest.raises(Refused, match="rôle"):
        ending.withdraw_termination(coordinator, agreement, "Le financement est renouvelé.")


def test_taking_back_is_offered_only_when_something_is_planned(manager: Any) -> None:
    agreement = running()

    def offered() -> dict[str, str]:
        dossier = open_dossier(again(agreement))
        return {item.transition.name: item.why_not for item in offers(dossier.facts(), manager.capacities(agreement))}

    assert offered()["keep_in_force"] == "Aucune résiliation n’est prévue."
    ending.terminate(manager, agreement, "Fin du financement.", document=notice(agreement))
    assert offered()["keep_in_force"] == ""
    assert offered()["terminate"]
    with pytest.raises(Refused, match="jour de la résiliation"):
        life.perform(
            manager, agreement, "keep_in_force", Request(reason="Un autre jour.", effective_on=date(2027, 1, 2))
        )


def duty(agreement: Agreement, text: str, **values: Any) -> Obligation:
    party = agreement.parties.order_by("sort_order").first()
    assert party is not None
    item = Obligation(agreement=agreement, party=party.organization, text=text, **values)
    registry_actions.create(None, item)
    return item


def test_what_hangs_on_a_terminated_entente_is_closed_on_its_day(manager: Any) -> None:
    agreement = running(notice_days=None)
    owed = duty(agreement, "Rapport annuel", due_on=date(2026, 6, 1), status=ObligationStatus.LATE)
    met = duty(agreement, "Répondant désigné", due_on=date(2027, 3, 1), status=ObligationStatus.MET)
    later = duty(agreement, "Bilan", due_on=date(2027, 6, 1))
    always = duty(agreement, "Rappeler le référent", recurrence="continu")
    dispute = Dispute(
        agreement=agreement, opened_by=owed.party, opened_on=date(2026, 11, 1), subject="Délais", mechanism="Comité"
    )
    registry_actions.create(None, dispute)
    ending.terminate(
        manager, agreement, "Fin du financement.", document=notice(agreement), effective_on=date(2026, 12, 1)
    )
    assert ending.settle_terminations(date(2026, 11, 30)) == []
    # The server was stopped on the day itself.
    with time_machine.travel("2027-01-09T12:00:00-05:00", tick=False):
        assert ending.settle_terminations() == [agreement.number]
        lines = AgreementEvent.objects.count()
        assert ending.settle_terminations() == []
        assert AgreementEvent.objects.count() == lines
    states = {item.text: item.status for item in Obligation.objects.all()}
    assert states == {
        owed.text: ObligationStatus.LATE, met.text: ObligationStatus.MET, later.text: ObligationStatus.CLOSED,
        always.text: ObligationStatus.CLOSED,
    }  # fmt: skip
    closed = Dispute.objects.get()
    assert (closed.status, closed.closed_on) == (DisputeStatus.ENDED, date(2027, 1, 9))
    assert "1er" in closed.outcome and "décembre" in closed.outcome


def test_a_termination_of_today_closes_at_once(manager: Any) -> None:
    agreement = running(notice_days=None)
    later = duty(agreement, "Bilan", due_on=date(2027, 6, 1))
    ending.terminate(manager, agreement, "Fin du financement.", document=notice(agreement))
    later.refresh_from_db()
    assert later.status == ObligationStatus.CLOSED


def test_finding_what_to_close_asks_the_same_number_of_questions(
    manager: Any, django_assert_max_num_queries: Any
) -> None:
    parties = building.house()
    for rank in range(1, 6):
        agreement = building.declared(
            number=f"ENT-2020-{rank:03d}", parties=parties, starts_on=date(2020, 1, 1), notice_days=None, ends_on=None
        )
        ending.terminate(manager, agreement, "Fin du financement.", document=notice(agreement))
    with django_assert_max_num_queries(6):
        assert ending.settle_terminations(date(2026, 12, 1)) == []


# --- What would be lost -----------------------------------------------------------------------------------------


def corridor(agreement: Agreement, start: Any, end: Any, hours: str = "24/7", **values: Any) -> ServiceCorridor:
    return records.corridor(agreement, start, end, hours=hours, **values)


def test_the_impact_says_who_loses_what() -> None:
    region = records.territory("T-REG", "Capitale", kind="region")
    centre, partner = building.house()
    north, south = records.territory("T-NORD", "Nord", region), records.territory("T-SUD", "Sud")
    front, crisis = records.service(centre, "Info-Social"), records.service(partner, "Crise dans le milieu")
    ended = building.declared(parties=(centre, partner), programs=["sante_mentale", "dependances"], ends_on=None)
    ended.territories = [north, south]
    registry_actions.edit(None, ended)
    gone = corridor(ended, front, crisis)
    # A regional entente covers what is inside the region, for one of the two programmes.
    wide = building.declared(number="ENT-2020-050", parties=(centre, partner), programs=["sante_mentale"],
                             starts_on=date(2020, 1, 1), ends_on=None)  # fmt: skip
    wide.territories = [region]
    registry_actions.edit(None, wide)
    office = records.service(partner, "Suivi")
    kept = corridor(wide, front, office, hours="Lun-Ven 8h30-16h30", fallback=gone)

    found = ending.impact(ended, timezone.localdate())
    assert [(item.corridor.code, item.all_day, item.instead, item.relied_on) for item in found.corridors] == [
        (gone.code, True, (kept.code,), (kept.code,))
    ]
    assert {(item.program, item.territory.name): item.others for item in found.scopes} == {
        ("sante_mentale", "Nord"): ("ENT-2020-050",),
        ("sante_mentale", "Sud"): (),
        ("dependances", "Nord"): (),
        ("dependances", "Sud"): (),
    }
    assert len(found.uncovered) == 3
    assert {place.name for place in found.without_all_day} == {"Nord", "Sud"}
    assert found.services_without_all_day == ("Info-Social (CIUSSS de la Rive)",)

    # Another corridor answers around the clock from the same service, under the regional entente.
    corridor(wide, front, records.service(partner, "Hébergement"))
    found = ending.impact(ended, timezone.localdate())
    assert found.services_without_all_day == ()
    assert {(item.program, item.territory.name) for item in found.scopes if not item.loses_all_day} == {
        ("sante_mentale", "Nord")
    }


def test_a_suspended_entente_replaces_nothing(manager: Any) -> None:
    centre, partner = building.house()
    front, crisis = records.service(centre, "Info-Social"), records.service(partner, "Crise dans le milieu")
    ended = building.declared(parties=(centre, partner), ends_on=None, starts_on=date(2020, 1, 1))
    corridor(ended, front, crisis)
    other = building.declared(
        number="ENT-2020-050", parties=(centre, partner), starts_on=date(2020, 1, 1), ends_on=None
    )
    twin = corridor(other, front, records.service(partner, "Suivi"))
    assert ending.impact(ended).corridors[0].instead == (twin.code,)
    assert ending.impact(ended).without_all_day == ()
    ending.suspend(manager, other, "Refonte des services.")
    assert ending.impact(ended).corridors[0].instead == ()
    assert len(ending.impact(ended).without_all_day) == 1


def test_the_impact_asks_the_same_number_of_questions(django_assert_max_num_queries: Any) -> None:
    centre, partner = building.house()
    front = records.service(centre, "Info-Social")
    ended = building.declared(parties=(centre, partner), ends_on=None, starts_on=date(2020, 1, 1))
    for rank in range(6):
        corridor(ended, front, records.service(partner, f"Service {rank}"))
        other = building.declared(number=f"ENT-2021-{rank:03d}", parties=(centre, partner), ends_on=None,
                                  starts_on=date(2020, 1, 1))  # fmt: skip
        corridor(other, front, records.service(partner, f"Autre {rank}"))
    with django_assert_max_num_queries(8):
        assert len(ending.impact(ended).corridors) == 6


def test_a_stranger_ends_nothing() -> None:
    agreement = running()
    elsewhere = building.person("etienne", Role.MANAGER, records.organization("Autre centre"))
    with pytest.raises((Refused, PermissionDenied)):
        ending.suspend(building.by(elsewhere), agreement, "Ce n’est pas la mienne.")
    assert state_at(again(agreement), timezone.localdate() + timedelta(days=1)).status == S.IN_FORCE
