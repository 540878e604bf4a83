"""What is decided of an entente shows in the orientation at once: nobody is sent through a corridor suspended a
minute ago; one that is only disagreed upon stays usable."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from corridors.lifecycle import Refused
from corridors.models import Agreement
from registry.policies import INTERVENANT
from search import outbox
from search.engines import get_engine
from search.request import OrientationRequest
from tests.corridors import building, living

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _index() -> None:
    call_command("rebuild_index")


def open_corridors(day: date = TODAY) -> list[str]:
    """The services that somebody on the phone at noon that day is told to have a corridor."""
    with time_machine.travel(f"{day}T12:00:00-05:00", tick=False):
        engine = get_engine()
        outbox.freshen(engine)
        asked = OrientationRequest(timezone.localtime(), limit=100, filters={"corridor": ("1",)})
        return [hit.document["name"] for hit in engine.search(asked, INTERVENANT).hits if hit.tier == 0]


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


@time_machine.travel("2026-11-22T12:00:00-05:00", tick=False)
def test_each_decision_shows_at_once() -> None:
    agreement = building.declared(starts_on=date(2020, 1, 1), ends_on=date(2030, 1, 1), renewal="aucun")
    living.with_corridor(agreement, publish=True)
    there = ["Intervention de crise"]
    assert open_corridors() == there
    living.step(living.MANAGER, agreement, "suspend")
    assert open_corridors() == []
    living.step(living.MANAGER, agreement, "resume")
    assert open_corridors() == there
    living.step(living.PARTNER, agreement, "dispute", mechanism="Table", step="Rencontre", deadline=on(10))
    assert open_corridors() == there, "a disagreement leaves the corridor usable"
    living.step(living.MANAGER, agreement, "terminate", has_document=True, effective_on=on(60), notice_given_on=TODAY)
    assert (open_corridors(), open_corridors(on(59)), open_corridors(on(60))) == (there, there, [])


@time_machine.travel("2026-11-22T12:00:00-05:00", tick=False)
def test_a_corridor_opens_when_its_entente_starts_and_not_before_it_is_signed() -> None:
    agreement = living.entente(starts_on=on(5), ends_on=on(400), renewal="aucun")
    living.with_corridor(agreement)
    living.to_signing(agreement)
    assert open_corridors(on(10)) == []
    living.sign(agreement)
    living.step(living.SIGNATORY, agreement, "sign")
    there = ["Intervention de crise"]
    assert [open_corridors(on(days)) for days in (0, 4, 5, 400, 401)] == [[], [], there, there, []]


@time_machine.travel("2026-11-22T12:00:00-05:00", tick=False)
def test_a_decision_that_is_refused_changes_nothing() -> None:
    agreement = building.declared(starts_on=date(2020, 1, 1), ends_on=date(2030, 1, 1), notice_days=60, renewal="aucun")
    living.with_corridor(agreement, publish=True)
    before = outbox.head()
    with pytest.raises(Refused, match="préavis"):
        living.step(living.MANAGER, agreement, "terminate", has_document=True)
    assert outbox.head() == before
    assert open_corridors() == ["Intervention de crise"]
    assert Agreement.all_objects.get().events.count() == 0
