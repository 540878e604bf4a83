"""Dates and ages of facts, in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.dates import TORONTO, clock, day, freshness, full_moment, long_day, months_between

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("verified", "text", "stale"),
    [
        (date(2026, 11, 21), "vérifié aujourd’hui", False),
        (date(2026, 11, 20), "vérifié hier", False),
        (date(2026, 11, 17), "vérifié il y a 4 jours", False),
        (date(2026, 10, 22), "vérifié il y a 30 jours", False),
        (date(2026, 10, 21), "vérifié il y a 1 mois", False),
        (date(2026, 5, 22), "vérifié il y a 5 mois", False),
        (date(2025, 5, 21), "vérifié il y a 18 mois", False),  # eighteen months to the day is not over eighteen months
        (date(2025, 5, 20), "Fiche à vérifier, 18 mois", True),
        (date(2024, 10, 21), "Fiche à vérifier, 25 mois", True),
        (None, "Fiche à vérifier, jamais confirmée", True),
        (date(2026, 12, 1), "vérifié le 1er décembre 2026", False),
    ],
)
def test_freshness(verified: date | None, text: str, stale: bool) -> None:
    found = freshness(verified, TODAY)
    assert (found.text, found.stale) == (text, stale)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 12_000))
def test_months_elapsed_are_full_months(start: date, days: int) -> None:
    months = months_between(start, start + timedelta(days=days))
    assert months >= 0
    assert days >= months * 28
    assert months_between(start, start + timedelta(days=days + 1)) - months in (0, 1)
    assert freshness(start, start + timedelta(days=days)).text


def test_the_last_day_of_a_short_month_completes_it() -> None:
    assert months_between(date(2026, 1, 31), date(2026, 2, 28)) == 1
    assert months_between(date(2026, 1, 31), date(2026, 2, 27)) == 0


def test_words() -> None:
    moment = datetime(2026, 11, 21, 20, 40, tzinfo=TORONTO)
    assert clock(moment) == "20 h 40"
    assert clock(moment.replace(minute=0)) == "20 h"
    assert long_day(moment) == "samedi 21 novembre"
    assert full_moment(moment) == "samedi 21 novembre 2026, 20 h 40"
    assert day(date(2027, 3, 1)) == "1er mars 2027"
