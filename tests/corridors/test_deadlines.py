"""Deadlines: business days with Québec's holidays, moments by the centre's clock, and what the dates ask beforehand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corridors.deadlines import (
    NoticeWindow,
    add_business_days,
    at_the_latest,
    deadline,
    due_day,
    following_end,
    is_business_day,
    notice_window,
    sign_by,
)
from corridors.enums import AgreementFlag, AgreementStatus, DayCount, RenewalKind
from corridors.state import state_at, term_end
from registry.dates import long_moment
from registry.enums import DelayUnit
from tests.corridors.test_state import Entente

TORONTO = ZoneInfo("America/Toronto")
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
COUNTS = st.integers(1, 60)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO)


@pytest.mark.parametrize(
    ("start", "value", "unit", "end"),
    [
        # Saturday evening: the next business day, at the opening.
        ("2026-11-21T20:40", 1, DelayUnit.BUSINESS_DAYS, "2026-11-23T08:00"),
        ("2026-11-21T20:40", 4, DelayUnit.HOURS, "2026-11-22T00:40"),
        ("2026-11-20T10:15", 1, DelayUnit.BUSINESS_DAYS, "2026-11-23T10:15"),
        ("2026-11-20T18:00", 1, DelayUnit.BUSINESS_DAYS, "2026-11-23T08:00"),
        ("2026-11-20T18:00", 0, DelayUnit.BUSINESS_DAYS, "2026-11-23T08:00"),
        ("2026-11-20T10:15", 0, DelayUnit.BUSINESS_DAYS, "2026-11-20T10:15"),
        ("2026-11-20T06:00", 0, DelayUnit.BUSINESS_DAYS, "2026-11-20T08:00"),
        ("2026-11-21T10:15", 0, DelayUnit.BUSINESS_DAYS, "2026-11-23T08:00"),
        ("2026-11-20T10:15", 3, DelayUnit.CALENDAR_DAYS, "2026-11-23T10:15"),
        # 24 June, on a Wednesday; 25 December and 1 January.
        ("2026-06-23T09:00", 1, DelayUnit.BUSINESS_DAYS, "2026-06-25T09:00"),
        ("2026-12-23T09:00", 7, DelayUnit.BUSINESS_DAYS, "2027-01-05T09:00"),
        # The clocks change: hours elapse, days keep their hour.
        ("2026-10-31T23:00", 4, DelayUnit.HOURS, "2026-11-01T02:00"),
        ("2026-10-31T23:00", 1, DelayUnit.CALENDAR_DAYS, "2026-11-01T23:00"),
        ("2027-03-13T02:30", 1, DelayUnit.CALENDAR_DAYS, "2027-03-14T03:30"),
    ],
)
def test_the_moment_of_a_deadline(start: str, value: int, unit: DelayUnit, end: str) -> None:
    assert deadline(local(start), value, unit) == local(end)


def test_a_deadline_is_told_in_words() -> None:
    moment = deadline(local("2026-11-21T20:40"), 1, DelayUnit.BUSINESS_DAYS)
    assert at_the_latest(moment).replace("\u00a0", " ") == "au plus tard le lundi 23 novembre 2026, 8 h"
    assert at_the_latest(date(2026, 12, 1)).replace("\u00a0", " ") == "au plus tard le 1er décembre 2026"


def test_a_deadline_is_told_by_the_centres_clock() -> None:
    assert long_moment(datetime(2026, 11, 23, 13, 30, tzinfo=UTC)).endswith("8\u00a0h\u00a030")


@given(DAYS, COUNTS)
def test_business_days_are_counted_one_by_one(day: date, count: int) -> None:
    end = add_business_days(day, count)
    between = [day + timedelta(days=step) for step in range(1, (end - day).days + 1)]
    assert sum(map(is_business_day, between)) == count
    assert is_business_day(end)


@given(DAYS, COUNTS)
def test_there_and_back(day: date, count: int) -> None:
    assume(is_business_day(day))
    assert add_business_days(add_business_days(day, count), -count) == day


@given(DAYS, COUNTS, COUNTS)
def test_a_longer_delay_ends_later(day: date, one: int, more: int) -> None:
    for count in DayCount:
        assert due_day(day, one, count) < due_day(day, one + more, count)
    assert due_day(day, one, DayCount.CALENDAR) <= due_day(day, one, DayCount.BUSINESS)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)), st.integers(0, 60), st.sampled_from(DelayUnit))
def test_a_deadline_is_never_before_its_start(moment: datetime, value: int, unit: DelayUnit) -> None:
    start = moment.replace(tzinfo=UTC)
    end = deadline(start, value, unit)
    assert end >= start
    assert end.tzinfo is not None
    if unit == DelayUnit.BUSINESS_DAYS:
        assert is_business_day(end.date())


def test_the_centres_own_closed_days_are_no_business_days(settings: Any) -> None:
    assert is_business_day(date(2026, 12, 24))
    settings.PASSERELLES_CLOSED_DAYS = ["2026-12-24"]
    assert not is_business_day(date(2026, 12, 24))


def test_to_sign_without_interruption() -> None:
    """Ten business days before the first day without cover, Christmas and New Year apart."""
    assert sign_by(date(2027, 1, 4)) == date(2026, 12, 18)


def test_only_what_renews_itself_has_a_notice_window() -> None:
    end = date(2027, 1, 4)
    tacit = Entente(renewal=RenewalKind.TACIT, ends_on=end, notice_days=60)
    assert notice_window(tacit, end) == NoticeWindow(date(2026, 11, 5), end, date(2028, 1, 4))
    assert notice_window(Entente(renewal=RenewalKind.EXPRESS, ends_on=end, notice_days=60), end) is None
    assert notice_window(Entente(renewal=RenewalKind.TACIT, ends_on=end), end) is None
    assert notice_window(tacit, None) is None


ENDS = st.dates(date(2015, 1, 1), date(2030, 12, 31))


@given(ENDS, st.integers(1, 36), st.integers(0, 400), st.dates(date(2020, 1, 2), date(2040, 1, 1)))
def test_the_notice_window_and_the_flag_say_the_same(end: date, months: int, notice: int, day: date) -> None:
    entente = Entente(renewal=RenewalKind.TACIT, renewal_months=months, ends_on=end, notice_days=notice)
    state = state_at(entente, day)
    assert state.status == AgreementStatus.IN_FORCE
    window = notice_window(entente, state.term_end)
    assert window is not None
    assert window.is_open(day) == state.has(AgreementFlag.NOTICE_OPEN)


@given(ENDS, st.integers(1, 36), st.dates(date(2020, 1, 2), date(2040, 1, 1)))
def test_the_next_term_is_the_one_that_the_state_will_tell(end: date, months: int, day: date) -> None:
    entente = Entente(renewal=RenewalKind.TACIT, renewal_months=months, ends_on=end)
    now = term_end(entente, day)
    assert now is not None
    assert following_end(entente, now) == term_end(entente, now + timedelta(days=1))
