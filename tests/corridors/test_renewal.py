"""A successor continues an entente: same parties and words, dates that follow, corridors of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from corridors import canonical, renewal
from corridors.differences import compare
from corridors.dossier import open_dossier
from corridors.enums import AgreementStatus as S
from corridors.lifecycle import Refused, Request
from corridors.models import Agreement, AgreementEvent, Clause, Obligation, ReferralMechanism, ServiceCorridor
from registry import actions as registry_actions
from registry.enums import Role
from tests.factories import records

from . import building

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def november() -> Any:
    with time_machine.travel("2026-11-22T12:00:00-05:00", tick=False):
        yield


@pytest.fixture
def coordinator() -> Any:
    return building.by(building.person("brigitte", Role.COORDINATOR))


def running(number: str = "ENT-2022-013", **values: Any) -> Agreement:
    given = {"starts_on": date(2022, 1, 5), "ends_on": date(2027, 1, 4), "renewal": "expresse", "notice_days": 60}
    agreement = building.declared(number=number, **{**given, **values})
    agreement.clauses = [Clause(title="Délai", text="Rappel en vingt-quatre heures.")]
    registry_actions.edit(None, agreement)
    return Agreement.all_objects.get(pk=agreement.pk)


def test_the_successor_says_the_same_and_continues_the_dates(coordinator: Any) -> None:
    agreement = running()
    successor = renewal.renew(coordinator, agreement)
    assert (successor.number, successor.predecessor, successor.live) == ("ENT-2027-001", agreement, False)
    assert (successor.starts_on, successor.ends_on) == (date(2027, 1, 5), date(2032, 1, 4))
    assert open_dossier(successor).status == S.DRAFT
    old, new = canonical.terms_of(agreement), canonical.terms_of(successor)
    assert {item.term for item in compare(old, new, canonical.labels_of(new))} == {"number", "starts_on", "ends_on"}
    # Clause by clause, it compares with the one it follows.
    assert [item["key"] for item in new["clauses"]] == [item["key"] for item in old["clauses"]]
    assert successor.parties.order_by("sort_order")[1].negotiator == "Benoît Nguyenta"
    # Nothing of the predecessor moved.
    assert open_dossier(Agreement.all_objects.get(pk=agreement.pk)).status == S.IN_FORCE
    assert canonical.terms_of(agreement) == old


def test_the_successor_has_corridors_and_contributions_of_its_own(coordinator: Any) -> None:
    agreement = running()
    centre, partner = (party.organization for party in agreement.parties.order_by("sort_order"))
    front, crisis, night = (records.service(centre, "Info-Social"), records.service(partner, "Crise"),
                            records.service(partner, "Nuit"))  # fmt: skip
    relief = records.corridor(agreement, front, night, code="COR040")
    main = ServiceCorridor(code="COR022", agreement=agreement, from_service=front, to_service=crisis,
                           urgent_delay=24, fallback=relief, hours="24/7")  # fmt: skip
    main.mechanisms = [ReferralMechanism(label="Transfert à chaud", phone="418 555-0133")]
    registry_actions.create(None, main)
    registry_actions.create(
        None, Obligation(agreement=agreement, party=partner, text="Bilan", due_on=date(2026, 6, 30), status="respectee")
    )
    successor = renewal.renew(coordinator, agreement)
    copies = {item.to_service_id: item for item in ServiceCorridor.all_objects.filter(agreement=successor)}
    copy = copies[crisis.pk]
    assert {item.code for item in copies.values()} == {"COR041", "COR042"}
    assert (copy.live, copy.urgent_delay, copy.hours_pattern, copy.fallback) == (False, 24, "24/7", copies[night.pk])
    assert [item.label for item in copy.mechanisms.all()] == ["Transfert à chaud"]
    assert set(ServiceCorridor.objects.values_list("code", flat=True)) == {"COR022", "COR040"}
    line = AgreementEvent.objects.get(agreement=successor)
    assert line.data["corridors"] == {"COR022": copy.code, "COR040": copies[night.pk].code}
    duty = Obligation.all_objects.get(agreement=successor)
    assert (duty.due_on, duty.status, duty.live) == (date(2031, 6, 30), "", False)


@pytest.mark.parametrize(
    ("starts", "ends", "renewal_kind", "months", "expected"),
    [
        # As long as the original term.
        (date(2022, 1, 5), date(2027, 1, 4), "expresse", 12, (date(2027, 1, 5), date(2032, 1, 4))),
        (date(2024, 3, 1), date(2027, 2, 28), "aucun", 12, (date(2027, 3, 1), date(2030, 2, 28))),
        (date(2024, 2, 29), date(2027, 2, 28), "aucun", 12, (date(2027, 3, 1), date(2030, 2, 28))),
        # A day short of five years: five years.
        (date(2021, 12, 9), date(2026, 12, 7), "aucun", 12, (date(2026, 12, 8), date(2031, 12, 7))),
        # No start: the renewal period.
        (None, date(2026, 12, 31), "aucun", 6, (date(2027, 1, 1), date(2027, 6, 30))),
        # It has renewed itself: what follows is after the term that runs.
        (date(2020, 1, 1), date(2020, 12, 31), "tacite", 12, (date(2027, 1, 1), date(2027, 12, 31))),
        # Open-ended: nothing to follow.
        (date(2020, 1, 1), None, "aucun", 12, (None, None)),
    ],
)
def test_the_dates_proposed(
    starts: date | None, ends: date | None, renewal_kind: str, months: int, expected: tuple[date | None, date | None]
) -> None:
    agreement = building.declared(starts_on=starts, ends_on=ends, renewal=renewal_kind, renewal_months=months)
    assert renewal.next_term(agreement) == expected


def test_a_lapsed_entente_is_renewed_from_its_own_end(coordinator: Any) -> None:
    agreement = running(ends_on=date(2026, 6, 30))
    assert open_dossier(agreement).status == S.LAPSED
    assert renewal.renew(coordinator, agreement).starts_on == date(2026, 7, 1)


def test_numbers_follow_the_house_pattern(coordinator: Any) -> None:
    agreement = running()
    parties = tuple(party.organization for party in agreement.parties.order_by("sort_order"))
    building.declared(number="ENT-2027-009", parties=parties)
    assert renewal.proposed_number(agreement, 2027) == "ENT-2027-010"
    other = building.declared(number="Protocole police", parties=parties, ends_on=date(2026, 12, 31),
                              starts_on=date(2024, 1, 1))  # fmt: skip
    assert renewal.renew(coordinator, other).number == "Protocole police R2"
    with pytest.raises(ValidationError):
        renewal.renew(coordinator, agreement, number="ENT-2027-009")
    assert renewal.successors(agreement) == []


def test_one_successor_at_a_time_unless_it_was_cancelled(coordinator: Any) -> None:
    agreement = running()
    first = renewal.renew(coordinator, agreement)
    with pytest.raises(Refused, match="déjà en préparation"):
        renewal.renew(coordinator, agreement)
    from corridors import actions as life

    life.perform(coordinator, first, "cancel", Request(reason="On recommence."))
    second = renewal.renew(coordinator, agreement)
    assert second.number == "ENT-2027-002"
    assert [row.pk for row in renewal.chain(second)] == [agreement.pk, second.pk]
    assert [row.pk for row in renewal.chain(agreement)] == [agreement.pk, first.pk, second.pk]


def test_a_successor_in_force_changes_nothing_in_its_predecessor(coordinator: Any) -> None:
    agreement = running(ends_on=date(2028, 1, 4))
    parties = tuple(party.organization for party in agreement.parties.order_by("sort_order"))
    building.declared(number="ENT-2026-050", parties=parties, predecessor=agreement, starts_on=date(2026, 1, 1))
    assert open_dossier(Agreement.all_objects.get(pk=agreement.pk)).status == S.IN_FORCE
    assert [row.number for row in renewal.successors(agreement)] == ["ENT-2026-050"]


def test_a_draft_is_not_renewed_nor_somebody_elses_entente(coordinator: Any) -> None:
    with pytest.raises(PermissionDenied):
        renewal.renew(coordinator, building.draft())
    agreement = running(parties=(records.organization("Centre"), records.organization("Refuge")))
    stranger = building.by(building.person("etienne", Role.COORDINATOR, records.organization("Autre centre")))
    with pytest.raises(PermissionDenied):
        renewal.renew(stranger, agreement)
