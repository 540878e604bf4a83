"""What a day asks to remind of: the cases that coordinators read, and what holds whatever the dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors import reminders
from corridors.enums import AgreementStatus, RenewalKind
from corridors.mails import MailKind
from corridors.reminders import Due
from corridors.state import state_at, term_end
from tests.corridors.guide import rows_under
from tests.corridors.test_state import Entente

WORDS = {
    "échéance": "terme", "étape en retard": "mesentente_retard", "étape": "mesentente_delai",
    "préavis à donner": "preavis_bientot", "préavis ouvert": "preavis", "contribution en retard": "contribution_retard",
    "contribution": "contribution", "réponse attendue": "tour", "signature attendue": "signature_attendue",
    "lien bientôt expiré": "lien_expire",
}  # fmt: skip
CASES = rows_under("Des rappels, cas par cas")


def key_of(words: str) -> str:
    """« échéance 90 » → terme_90."""
    head, _space, stage = words.rpartition(" ")
    return f"{WORDS[head]}_{stage}" if stage.isdigit() else WORDS[words]


def of_dates(renewal: str, notice: str, target: date, day: date) -> list[Due]:
    entente = Entente(renewal=renewal, ends_on=target, notice_days=int(notice) if notice else None)
    state = state_at(entente, day)
    return [*reminders.of_term(state, day), *reminders.of_notice(entente, state, day)]


ASKED: dict[str, Callable[[date, date], list[Due]]] = {
    "contribution": lambda target, day: reminders.of_obligation(target, day, "contribution:1"),
    "étape": lambda target, day: reminders.of_step(target, day, "etape:1"),
    "tour": lambda target, day: reminders.of_waiting(MailKind.TURN, target, day),
    "signature": lambda target, day: reminders.of_waiting(MailKind.SIGNATURE_PENDING, target, day),
    "lien": lambda target, day: reminders.of_link(target, day, "lien:1"),
}


@pytest.mark.parametrize("row", CASES, ids=lambda row: " ".join(filter(None, row)))
def test_the_cases_of_the_guide(row: tuple[str, ...]) -> None:
    what, target, renewal, notice, at, expected = row
    aimed, day = date.fromisoformat(target), date.fromisoformat(at)
    found = of_dates(renewal, notice, aimed, day) if what == "terme" else ASKED[what](aimed, day)
    assert [due.key for due in found] == [key_of(words.strip()) for words in expected.split(",") if words.strip()]


def test_every_kind_of_reminder_has_a_case() -> None:
    shown = {words.strip() for row in CASES for words in row[5].split(",")}
    assert {key_of(words).rstrip("_0123456789") for words in shown if words} == set(WORDS.values())


DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
STOPS = st.lists(st.integers(1, 60), min_size=1, max_size=12)


@given(DAYS, st.sampled_from(RenewalKind), st.one_of(st.none(), st.integers(0, 120)), DAYS, STOPS)
def test_no_stage_comes_back_and_none_is_sent_with_another(
    end: date, renewal: RenewalKind, notice: int | None, first: date, stops: list[int]
) -> None:
    """Runs with gaps between them: for a given end, stages only get more pressing, and each run adds one at most."""
    entente = Entente(renewal=renewal, ends_on=end, notice_days=notice)
    sent: set[tuple[str, str, date]] = set()
    day = first
    for stop in [0, *stops]:
        day += timedelta(days=stop)
        state = state_at(entente, day)
        for found in (reminders.of_term(state, day), reminders.of_notice(entente, state, day)):
            assert len(found) <= 1
            for due in found:
                earlier = [key for key, _subject, target in sent if target == due.target_on and key != due.key]
                if due.mail == MailKind.TERM:
                    stages = [int(key.rpartition("_")[2]) for key in earlier if key.startswith("terme_")]
                    assert all(stage > int(due.key.rpartition("_")[2]) for stage in stages)
                sent.add(due.identity)


@given(DAYS, st.integers(0, 400))
def test_a_run_every_day_or_one_run_late_ends_with_the_same_last_word(end: date, late: int) -> None:
    """Whoever looks at the last reminder of a term reads the same, whether runs were missed or not."""
    entente = Entente(renewal=RenewalKind.NONE, ends_on=end)
    day = end - timedelta(days=late)
    before = [end - timedelta(days=back) for back in range(400, late - 1, -1)]
    every = [due.key for past in before for due in reminders.of_term(state_at(entente, past), past)]
    once = [due.key for due in reminders.of_term(state_at(entente, day), day)]
    assert once == list(dict.fromkeys(every))[-1:]


@given(DAYS, st.integers(0, 200))
def test_a_wait_is_told_once_a_week(since: date, days: int) -> None:
    told = {
        due.identity
        for day in range(days + 1)
        for due in reminders.of_waiting(MailKind.TURN, since, since + timedelta(days=day))
    }
    assert len(told) == days // 7


@given(DAYS, st.integers(1, 24), DAYS, st.integers(0, 1500))
def test_renewals_are_the_ends_that_the_state_tells(end: date, months: int, since: date, later: int) -> None:
    entente = Entente(renewal=RenewalKind.TACIT, renewal_months=months, ends_on=end)
    day = since + timedelta(days=later)
    found = list(reminders.renewals(entente, AgreementStatus.IN_FORCE, since, day))
    if found:
        assert found[-1][1] == term_end(entente, day)
    for past, following in found:
        assert since <= past < day
        assert term_end(entente, past) == past
        assert term_end(entente, past + timedelta(days=1)) == following
    assert bool(found) == (term_end(entente, since) != term_end(entente, day))


@pytest.mark.parametrize(
    ("renewal", "status"),
    [(RenewalKind.EXPRESS, AgreementStatus.IN_FORCE), (RenewalKind.TACIT, AgreementStatus.TERMINATED)],
)
def test_only_what_runs_and_renews_itself_is_renewed(renewal: RenewalKind, status: AgreementStatus) -> None:
    entente = Entente(renewal=renewal, ends_on=date(2025, 1, 1))
    assert not list(reminders.renewals(entente, status, date(2024, 6, 1), date(2026, 6, 1)))


def test_a_suspended_entente_still_comes_to_its_end() -> None:
    entente = Entente(declared_status="Suspendue", ends_on=date(2027, 1, 10))
    day = date(2027, 1, 1)
    assert [due.key for due in reminders.of_term(state_at(entente, day), day)] == ["terme_30"]
