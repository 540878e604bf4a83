"""The planner: twelve months of terms that end and of notices to give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.template import engines
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from corridors import overview
from corridors.admin.planner import MONTHS, Month, first_month, plan, shifted
from corridors.enums import RenewalKind
from corridors.models import Agreement
from registry.enums import Role

from .building import declared, draft, person
from .following import TODAY, many

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def _day() -> Iterator[None]:
    with time_machine.travel("2026-11-21 10:00-05:00", tick=False):
        yield


def planned(start: date = NOVEMBER, **options: Any) -> dict[str, Month]:
    return {month.key: month for month in plan(start, TODAY, **options)}


def one(**values: Any) -> Agreement:
    return declared(starts_on=date(2020, 1, 1), **values)


def test_an_entente_is_in_the_month_of_its_term_and_of_its_notice() -> None:
    one(ends_on=date(2027, 3, 31), notice_days=60, renewal=RenewalKind.TACIT)
    months = planned()
    assert [key for key, month in months.items() if month.ending] == ["2027-03"]
    assert [key for key, month in months.items() if month.notices] == ["2027-01"]
    (entry,) = months["2027-03"].ending
    assert (entry.term, entry.notice, entry.renewal) == (
        "31\u00a0mars\u00a02027", "30\u00a0janv.\u00a02027", "se reconduit",
    )  # fmt: skip


def test_first_and_last_days_belong_to_their_month() -> None:
    agreement = one(ends_on=date(2026, 12, 31), notice_days=None)
    assert len(planned()["2026-12"].ending) == 1
    Agreement.all_objects.filter(pk=agreement.pk).update(ends_on=date(2027, 1, 1))
    assert len(planned()["2027-01"].ending) == 1


def test_one_that_renews_itself_comes_back_every_year() -> None:
    one(ends_on=date(2024, 2, 29), notice_days=None, renewal=RenewalKind.TACIT)
    assert [entry.term for entry in planned()["2027-02"].ending] == ["28\u00a0févr.\u00a02027"]
    assert [entry.term for entry in planned(date(2027, 11, 1))["2028-02"].ending] == ["29\u00a0févr.\u00a02028"]


def test_what_follows_is_told_unless_it_was_given_up() -> None:
    agreement = one(ends_on=date(2027, 1, 4), renewal=RenewalKind.EXPRESS)
    assert planned()["2027-01"].ending[0].successors == []
    parties = tuple(party.organization for party in agreement.parties.order_by("sort_order"))
    territory = agreement.territories.get()
    territory.code = "AUTRE"
    type(territory).all_objects.filter(pk=territory.pk).update(code="AUTRE")
    following = draft("ENT-2026-300", predecessor=agreement, parties=parties)
    (successor,) = planned()["2027-01"].ending[0].successors
    assert successor.number == "ENT-2026-300" and "Brouillon" in successor.status
    following.events.create(
        number=1, kind="transition", to_status="annulee", effective_on=TODAY, recorded_at="2026-11-20T12:00:00Z"
    )
    assert planned()["2027-01"].ending[0].successors == []


def test_one_that_lapsed_this_month_is_still_looked_at_and_one_that_was_ended_is_not() -> None:
    agreement = one(ends_on=date(2026, 11, 15), renewal=RenewalKind.NONE, notice_days=30)
    month = planned()["2026-11"]
    assert [entry.over for entry in month.ending] == [True] and month.notices == []
    Agreement.all_objects.filter(pk=agreement.pk).update(declared_status="Résiliée")
    assert planned()["2026-11"].ending == []


def test_by_responsible_and_renewal() -> None:
    many(150)
    everyone = sum(len(month.ending) for month in planned().values())
    by_person = [
        sum(len(month.ending) for month in planned(responsible=f"Personne {place}").values()) for place in range(5)
    ]
    assert sum(by_person) == everyone > 0
    by_renewal = [sum(len(month.ending) for month in planned(renewal=kind).values()) for kind in RenewalKind.values]
    assert sum(by_renewal) == everyone


def test_every_term_of_the_year_is_there_once() -> None:
    many(200)
    expected = sorted(
        row.number
        for row in overview.standings(TODAY)
        if row.status.value in ("en_vigueur", "suspendue", "mesentente", "signee", "echue")
        and row.term_end is not None
        and NOVEMBER <= row.term_end < date(2027, 11, 1)
    )
    assert sorted(entry.number for month in planned().values() for entry in month.ending) == expected


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-200, 200))
def test_months_shift_and_come_back(day: date, count: int) -> None:
    month = day.replace(day=1)
    assert shifted(shifted(month, count), -count) == month
    assert (shifted(month, count).year - month.year) * 12 + shifted(month, count).month - month.month == count


@pytest.mark.parametrize(
    "text", [None, "", "2026-13", "2026-00", "9999-12", "0001-01", "hier", "2026-11-21", "²026-11"]
)
def test_an_address_that_is_no_month_shows_the_present_one(text: str | None) -> None:
    assert first_month(text, TODAY) == NOVEMBER


def test_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")
    one(ends_on=date(2027, 1, 4), renewal=RenewalKind.EXPRESS, notice_days=44)
    client = Client()
    client.force_login(person("brigitte", Role.COORDINATOR))
    page = client.get("/admin/ententes/planificateur/").content.decode()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")
    for words in ("novembre 2026 à octobre 2027", "Janvier 2027", "4 janv. 2027", "rien de préparé", "à renégocier"):
        assert words in text
    assert "ENT-2020-001" in text and "depuis=2027-11" in page and "depuis=2025-11" in page
    assert len(re.findall(r'class="none"', page)) == MONTHS - 2
