"""The state of an entente on a day: the cases that coordinators read, and what holds whatever the dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.enums import AgreementFlag, AgreementStatus, DeclaredStatus, RenewalKind
from corridors.state import add_months, state_at, term_end
from tests.corridors.guide import rows_under


@dataclass
class Entente:
    declared_status: str = DeclaredStatus.IN_FORCE.value
    declared_renewal: str = ""
    renewal: str = RenewalKind.NONE.value
    renewal_months: int = 12
    notice_days: int | None = None
    starts_on: date | None = date(2020, 1, 1)
    ends_on: date | None = None
    signed_on: date | None = date(2019, 12, 1)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def cases() -> list[tuple[str, ...]]:
    """The rows of the table of the guide."""
    return rows_under("Des cas")


def test_the_guide_has_its_table() -> None:
    assert len(cases()) >= 25


@pytest.mark.parametrize("row", cases(), ids=lambda row: " ".join(filter(None, row)))
def test_the_cases_of_the_guide(row: tuple[str, ...]) -> None:
    declared, start, end, renewal, notice, day, status, term, flags = row
    kind, _space, months = renewal.partition(" ")
    entente = Entente(
        declared_status=declared,
        renewal=kind,
        renewal_months=int(months or 12),
        notice_days=int(notice) if notice else None,
        starts_on=_day(start),
        ends_on=_day(end),
    )
    asked = _day(day)
    assert asked is not None
    state = state_at(entente, asked)
    assert (state.status.value, state.term_end) == (status, _day(term))
    assert sorted(state.flags) == sorted(filter(None, (flag.strip() for flag in flags.split(","))))


@pytest.mark.parametrize("words", ["Tacite reconduction", "Automatique d'année en année"])
def test_both_ways_to_renew_by_itself(words: str) -> None:
    entente = Entente(declared_renewal=words, ends_on=date(2024, 5, 1))
    assert state_at(entente, date(2026, 11, 21)).term_end == date(2027, 5, 1)


@pytest.mark.parametrize(
    ("declared", "missing"),
    [("En vigueur", True), ("Suspendue", True), ("Échue", True), ("Résiliée", True), ("Brouillon", False)],
)
def test_a_missing_signature_is_said(declared: str, missing: bool) -> None:
    state = state_at(Entente(declared_status=declared, signed_on=None), date(2026, 11, 21))
    assert (AgreementFlag.UNSIGNED in state.flags) is missing


def test_a_word_of_nobody_puts_nothing_in_force() -> None:
    assert state_at(Entente(declared_status="Peut-être"), date(2026, 11, 21)).status == AgreementStatus.DRAFT


def test_the_end_of_the_calendar_is_no_error() -> None:
    entente = Entente(renewal=RenewalKind.TACIT.value, renewal_months=12_000, ends_on=date(9000, 1, 1))
    assert state_at(entente, date(9500, 1, 1)).term_end is None


DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
ENTENTES = st.builds(
    Entente,
    declared_status=st.sampled_from(DeclaredStatus.values),
    renewal=st.sampled_from(RenewalKind.values),
    renewal_months=st.integers(1, 60),
    notice_days=st.none() | st.integers(0, 400),
    starts_on=st.none() | DAYS,
    ends_on=st.none() | DAYS,
    signed_on=st.none() | DAYS,
)


@given(ENTENTES, DAYS)
def test_a_term_that_renews_is_the_first_end_on_or_after_the_day(entente: Entente, day: date) -> None:
    end = term_end(entente, day)
    running = entente.declared_status in ("En vigueur", "En renouvellement", "Suspendue")
    if entente.ends_on is None or not running or entente.renewal != RenewalKind.TACIT:
        assert end == entente.ends_on
        return
    ends = [add_months(entente.ends_on, step * entente.renewal_months) for step in range(1300)]
    assert end == next(candidate for candidate in ends if candidate >= day)


@given(ENTENTES, DAYS)
def test_status_and_flags_agree(entente: Entente, day: date) -> None:
    state = state_at(entente, day)
    if AgreementFlag.CONTRADICTED in state.flags:
        assert state.status == AgreementStatus.LAPSED
        assert entente.declared_status != DeclaredStatus.LAPSED
    if AgreementFlag.NOTICE_OPEN in state.flags or AgreementFlag.TO_RENEW in state.flags:
        assert state.status in (AgreementStatus.IN_FORCE, AgreementStatus.SUSPENDED)
        assert state.term_end is not None
        assert state.term_end >= day
    assert (AgreementFlag.UPCOMING in state.flags) == (state.status == AgreementStatus.SIGNED)
    if state.status in (AgreementStatus.IN_FORCE, AgreementStatus.SUSPENDED) and state.term_end:
        assert (AgreementFlag.TO_RENEW in state.flags) == (state.term_end - day <= timedelta(days=90))


@given(DAYS, st.integers(0, 400), st.integers(0, 400))
def test_months_never_go_backwards_and_keep_month_ends(day: date, some: int, more: int) -> None:
    first, later = add_months(day, some), add_months(day, some + more)
    assert first <= later
    if (day + timedelta(days=1)).day == 1:
        assert (first + timedelta(days=1)).day == 1
