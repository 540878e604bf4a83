"""What a day asks to remind of an entente: pure functions of its dates. Who is told, and how, is in `corridors.daily`.

Each reminder has a kind and a target date, and is sent once for them: asking again, or on a later day, gives the same
key as long as nothing more pressing has come, so that a run that was missed is caught up by one message, not by all
those that it skipped. A date that moves is another target: the reminder is due again. Table of cases: docs/ententes.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .deadlines import following_end, notice_window
from .enums import AgreementStatus as S
from .mails import MailKind
from .state import AgreementState, Declared, renews, term_end

RUNNING = frozenset({S.IN_FORCE, S.SUSPENDED, S.DISPUTED})
TERM_STAGES = (90, 60, 30)  # days before the last day of the term
NOTICE_AHEAD = 30  # days before the last day to give notice
OBLIGATION_STAGES = (30, 7)
STEP_STAGES = (7, 2)
WAITING_EVERY = 7  # days
LINK_AHEAD = 3
# What is late is told once it is; a delay longer than this was there before anybody was reminded (an entente older
# than the system): it shows on the boards, and nobody is written to.
LATE_WITHIN = 60


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder to send. `key`: the kind that the log keeps (with the stage: « terme_30 »); `subject`: what it is
    about inside the entente (« contribution:12 »), blank for the entente itself; `target_on`: the day that it is about;
    `since`: how long somebody has been waiting."""

    mail: MailKind
    key: str
    target_on: date
    subject: str = ""
    since: date | None = None

    @property
    def identity(self) -> tuple[str, str, date]:
        return self.key, self.subject, self.target_on


def stage_of(left: int, stages: Iterable[int]) -> int | None:
    """The most pressing stage reached, `left` days before; None when it is too early, or too late."""
    return min((stage for stage in stages if 0 <= left <= stage), default=None)


def of_term(state: AgreementState, day: date) -> list[Due]:
    """The term comes to its end (its last day included), whatever follows."""
    if state.status not in RUNNING or state.term_end is None:
        return []
    stage = stage_of((state.term_end - day).days, TERM_STAGES)
    return [] if stage is None else [Due(MailKind.TERM, f"{MailKind.TERM}_{stage}", state.term_end)]


def of_notice(agreement: Declared, state: AgreementState, day: date) -> list[Due]:
    """The last day to give notice comes, then the window is open until the term goes on by itself."""
    window = notice_window(agreement, state.term_end) if state.status in RUNNING else None
    if window is None:
        return []
    if window.is_open(day):
        return [Due(MailKind.NOTICE, MailKind.NOTICE, window.last_day)]
    if stage_of((window.last_day - day).days, (NOTICE_AHEAD,)) is not None:
        return [Due(MailKind.NOTICE_SOON, MailKind.NOTICE_SOON, window.last_day)]
    return []


def of_waiting(mail: MailKind, since: date, day: date, subject: str = "") -> list[Due]:
    """Somebody has been waiting since a day: after seven days, then each week; the last week counts."""
    weeks = (day - since).days // WAITING_EVERY
    return [Due(mail, mail, since + timedelta(days=weeks * WAITING_EVERY), subject, since)] if weeks > 0 else []


def of_due_day(
    ahead: MailKind, late: MailKind, due_on: date, day: date, stages: Sequence[int], subject: str
) -> list[Due]:
    """Something must be done by a day (included): before it, then once it is past."""
    stage = stage_of((due_on - day).days, stages)
    if stage is not None:
        return [Due(ahead, f"{ahead}_{stage}", due_on, subject)]
    if 0 < (day - due_on).days <= LATE_WITHIN:
        return [Due(late, late, due_on, subject)]
    return []


def of_obligation(due_on: date, day: date, subject: str) -> list[Due]:
    return of_due_day(MailKind.OBLIGATION, MailKind.OBLIGATION_LATE, due_on, day, OBLIGATION_STAGES, subject)


def of_step(due_on: date, day: date, subject: str) -> list[Due]:
    return of_due_day(MailKind.STEP, MailKind.STEP_LATE, due_on, day, STEP_STAGES, subject)


def of_link(expires_on: date, day: date, subject: str) -> list[Due]:
    """A personal link that did not serve expires."""
    if stage_of((expires_on - day).days, (LINK_AHEAD,)) is None:
        return []
    return [Due(MailKind.LINK_EXPIRING, MailKind.LINK_EXPIRING, expires_on, subject)]


def renewals(agreement: Declared, status: S, since: date, day: date) -> Iterator[tuple[date, date]]:
    """The times that an entente went on by itself after `since` and before `day`: (last day of the period that ended,
    last day of the next one), in order. What happened before it was followed is not told."""
    if status not in RUNNING | {S.SIGNED} or not renews(agreement):
        return
    end = term_end(agreement, since, S.IN_FORCE)
    while end is not None and end < day:
        following = following_end(agreement, end)
        if following is None:
            return
        yield end, following
        end = following
