"""The dates of an entente against another way to count them: walking the calendar, one day and one period at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corridors.enums import AgreementFlag as F
from corridors.enums import AgreementStatus as S
from corridors.enums import DeclaredStatus, RenewalKind
from corridors.lifecycle import Facts, Request, earliest_end
from corridors.state import state_at

ONE = timedelta(days=1)


@dataclass
class Entente:
    declared_status: str = DeclaredStatus.IN_FORCE.value
    declared_renewal: str = ""
    renewal: str = RenewalKind.TACIT.value
    renewal_months: int = 12
    notice_days: int | None = 30
    starts_on: date | None = None
    ends_on: date | None = None
    signed_on: date | None = date(2019, 12, 1)


def is_last_of_month(day: date) -> bool:
    return (day + ONE).month != day.month


def a_month_later(day: date, wanted: int, at_end: bool) -> date:
    """Walk to the next month, then to the wanted day of it, or to its last one."""
    month = day.month
    while day.month == month:
        day += ONE
    month = day.month
    while day.day != wanted and not is_last_of_month(day):
        day += ONE
    while at_end and not is_last_of_month(day):
        day += ONE
    assert day.month == month
    return day


def ends(first: date, months: int, until: date) -> list[date]:
    """Every end of a period, from the first one on, to the first that is not before `until`. The day of the month is
    that of the first end, whatever a short month made of it on the way."""
    found, day, at_end = [first], first, is_last_of_month(first)
    while found[-1] < until:
        for _month in range(months):
            day = a_month_later(day, first.day, at_end)
        found.append(day)
    return found


def walked(entente: Entente, day: date) -> tuple[S, set[F], date | None]:
    """Status, flags that depend on dates, and term end."""
    end = entente.ends_on
    running = entente.declared_status in ("En vigueur", "En renouvellement", "Suspendue")
    if end is not None and running and entente.renewal == RenewalKind.TACIT:
        end = ends(end, entente.renewal_months, day)[-1]
    status = {"Suspendue": S.SUSPENDED, "Échue": S.LAPSED, "Résiliée": S.TERMINATED, "Brouillon": S.DRAFT}.get(
        entente.declared_status, S.IN_FORCE
    )
    if running and end is not None and end < day:
        status = S.LAPSED
    elif status == S.IN_FORCE and entente.starts_on is not None and day < entente.starts_on:
        status = S.SIGNED
    flags: set[F] = set()
    if status in (S.IN_FORCE, S.SUSPENDED) and end is not None:
        left, one = 0, day
        while one < end and left <= 500:
            one, left = one + ONE, left + 1
        if left <= 90:
            flags.add(F.TO_RENEW)
        if entente.renewal == RenewalKind.TACIT and entente.notice_days is not None and left <= entente.notice_days:
            flags.add(F.NOTICE_OPEN)
    return status, flags, end


DAYS = st.dates(date(2019, 1, 1), date(2033, 12, 31))
# The days on which calendars go wrong.
AWKWARD = st.sampled_from(
    [date(year, month, day) for year in (2020, 2023, 2024, 2027, 2028) for month, day in
     ((1, 29), (1, 30), (1, 31), (2, 27), (2, 28), (3, 1), (8, 31), (12, 31))]
    + [date(year, 2, 29) for year in (2020, 2024, 2028)]
)  # fmt: skip


@given(
    st.sampled_from(DeclaredStatus.values), st.sampled_from(RenewalKind.values),
    st.sampled_from([1, 2, 3, 6, 12, 18, 24, 36]), st.none() | st.integers(0, 200), st.none() | DAYS,
    st.none() | DAYS | AWKWARD, DAYS | AWKWARD,
)  # fmt: skip
@example("En vigueur", "tacite", 12, 30, None, date(2024, 2, 29), date(2025, 3, 1))
@example("En vigueur", "tacite", 1, 30, None, date(2024, 1, 30), date(2024, 3, 30))
@settings(max_examples=300, deadline=None)
def test_the_same_state_by_walking_the_calendar(
    declared: str, renewal: str, months: int, notice: int | None, starts: date | None, end: date | None, day: date
) -> None:
    entente = Entente(declared, "", renewal, months, notice, starts, end)
    state = state_at(entente, day)
    status, flags, term = walked(entente, day)
    assert (state.status, state.term_end) == (status, term)
    assert {flag for flag in state.flags if flag in (F.TO_RENEW, F.NOTICE_OPEN)} == flags


@given(AWKWARD | DAYS, st.sampled_from([1, 3, 6, 12, 24]), st.sampled_from(["En vigueur", "Suspendue"]))
@settings(max_examples=60, deadline=None)
def test_a_renewal_leaves_no_day_out(end: date, months: int, declared: str) -> None:
    """Day after day, the term never goes back, never is past, and moves on the morrow of its last day only."""
    entente = Entente(declared, renewal_months=months, ends_on=end)
    day, term = end - ONE, end
    for _step in range(800):
        state = state_at(entente, day)
        assert state.term_end is not None and state.term_end >= day
        assert state.status == (S.SUSPENDED if declared == "Suspendue" else S.IN_FORCE)
        if state.term_end != term:
            assert day == term + ONE
            assert state.term_end > term
            term = state.term_end
        day += ONE


@given(AWKWARD | DAYS)
@settings(max_examples=60, deadline=None)
def test_a_term_without_renewal_lapses_once_and_for_good(end: date) -> None:
    entente = Entente(renewal=RenewalKind.NONE.value, ends_on=end)
    statuses = [state_at(entente, end + timedelta(days=shift)).status for shift in range(-3, 400)]
    assert statuses == [S.IN_FORCE] * 4 + [S.LAPSED] * 399


@pytest.mark.parametrize(
    ("given_on", "notice", "first"),
    [
        (date(2024, 1, 31), 30, date(2024, 3, 1)), (date(2023, 1, 31), 30, date(2023, 3, 2)),
        (date(2024, 2, 29), 365, date(2025, 2, 28)), (date(2026, 12, 31), 1, date(2027, 1, 1)),
        (date(2026, 11, 22), 0, date(2026, 11, 22)), (date(2026, 11, 22), None, date(2026, 11, 22)),
    ],
)  # fmt: skip
def test_a_notice_is_counted_in_days_from_the_day_it_was_given(given_on: date, notice: int | None, first: date) -> None:
    facts = Facts(status=S.IN_FORCE, day=given_on, notice_days=notice)
    assert earliest_end(facts, Request(notice_given_on=given_on)) == first
