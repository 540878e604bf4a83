"""The state of an entente on any day, past or future: one pure function, used everywhere.

Nothing here is stored and nothing waits for a nightly run: the same entente asked about another day answers otherwise.
Source of the rules: the lifecycle of ententes (docs/ententes.md holds the table of cases that coordinators read).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from .enums import AgreementFlag, AgreementStatus, DeclaredStatus
from .terms import Decided, renews_itself, standing

EXPIRING_DAYS = 90  # « à renouveler » from this many days before the term
DEFAULT_MONTHS = 12  # of a renewal that happens by itself

# What the workbook's word says before the dates are looked at. A word of nobody's is a draft: nothing is in force
# because of a word that means nothing.
_FROM_WORD: dict[str, AgreementStatus] = {
    DeclaredStatus.DRAFT: AgreementStatus.DRAFT,
    DeclaredStatus.IN_FORCE: AgreementStatus.IN_FORCE,
    DeclaredStatus.RENEWING: AgreementStatus.IN_FORCE,
    DeclaredStatus.SUSPENDED: AgreementStatus.SUSPENDED,
    DeclaredStatus.LAPSED: AgreementStatus.LAPSED,
    DeclaredStatus.TERMINATED: AgreementStatus.TERMINATED,
}
_RUNNING = frozenset({AgreementStatus.IN_FORCE, AgreementStatus.SUSPENDED, AgreementStatus.DISPUTED})
_LASTING = _RUNNING | {AgreementStatus.SIGNED}
_EXPIRES = frozenset({AgreementStatus.IN_FORCE, AgreementStatus.SUSPENDED})
_NEEDED_SIGNATURE = _EXPIRES | {AgreementStatus.LAPSED, AgreementStatus.TERMINATED}


class Declared(Protocol):
    """What the state is read from."""

    declared_status: str
    declared_renewal: str
    renewal: str
    renewal_months: int
    notice_days: int | None
    starts_on: date | None
    ends_on: date | None
    signed_on: date | None


@dataclass(frozen=True, slots=True)
class AgreementState:
    """`term_end`: the last day, included, of the period that runs (or ran last) on the day asked; None = open-ended."""

    status: AgreementStatus
    flags: tuple[AgreementFlag, ...]
    term_end: date | None

    def has(self, flag: AgreementFlag) -> bool:
        return flag in self.flags


def add_months(day: date, months: int) -> date:
    """The same day some months later. A month's last day stays a month's last day; a day that the month lacks becomes
    its last. Raises OverflowError beyond the calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        raise OverflowError("beyond the calendar")
    last = monthrange(year, month + 1)[1]
    at_end = day.day == monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if at_end else min(day.day, last))


def declared_status_of(agreement: Declared) -> AgreementStatus:
    """What the declared word says, before the dates are looked at."""
    return _FROM_WORD.get(agreement.declared_status, AgreementStatus.DRAFT)


def decided(journal: Iterable[Decided], day: date) -> AgreementStatus | None:
    """What people had decided by that day, the latest effect first; None before the first decision. What the system
    wrote follows from the dates: it tells, it decides nothing."""
    lines = [line for line in standing(journal) if line.to_status and not line.by_system and line.effective_on <= day]
    if not lines:
        return None
    return AgreementStatus(max(lines, key=lambda line: (line.effective_on, line.number)).to_status)


def renews(agreement: Declared) -> bool:
    """Does the term go on by itself, period after period?"""
    return renews_itself(agreement.renewal, agreement.declared_renewal)


def term_end(agreement: Declared, day: date, said: AgreementStatus | None = None) -> date | None:
    """The end of the term, included. One that runs and renews by itself: the first end of a period on or after `day`,
    counted from the original end so that month ends are kept. None: no end date, or beyond the calendar."""
    end = agreement.ends_on
    if end is None or day <= end or (said or declared_status_of(agreement)) not in _LASTING or not renews(agreement):
        return end
    months = agreement.renewal_months or DEFAULT_MONTHS
    periods = max((day.year - end.year) * 12 + day.month - end.month, 0) // months
    try:
        while add_months(end, periods * months) < day:
            periods += 1
        return add_months(end, periods * months)
    except OverflowError:
        return None


def state_at(agreement: Declared, day: date, journal: Iterable[Decided] = ()) -> AgreementState:
    """The state on a day: by the journal from its first decision on, before it by what the entente declares; then by
    the dates (an end date is included)."""
    return state_from(agreement, day, decided(journal, day))


def state_from(agreement: Declared, day: date, decision: AgreementStatus | str | None) -> AgreementState:
    """The same, for who already knows what was decided last (blank or None: nothing yet, the declared word counts)."""
    said = AgreementStatus(decision) if decision else declared_status_of(agreement)
    end = term_end(agreement, day, said)
    starts = agreement.starts_on
    status = said
    if said == AgreementStatus.SIGNED and (starts is None or starts <= day):
        status = AgreementStatus.IN_FORCE
    if status in _RUNNING and end is not None and end < day:
        status = AgreementStatus.LAPSED
    elif said == AgreementStatus.IN_FORCE and starts is not None and starts > day:
        status = AgreementStatus.SIGNED
    return AgreementState(status, _flags(agreement, said, status, end, day, declared=not decision), end)


def _flags(
    agreement: Declared, said: AgreementStatus, status: AgreementStatus, end: date | None, day: date, declared: bool
) -> tuple[AgreementFlag, ...]:
    found = []
    if status in _EXPIRES and end is not None:
        if day <= end <= day + timedelta(days=EXPIRING_DAYS):
            found.append(AgreementFlag.TO_RENEW)
        notice = agreement.notice_days
        if notice is not None and renews(agreement) and (end - day).days <= notice:
            found.append(AgreementFlag.NOTICE_OPEN)
    if status == AgreementStatus.SIGNED:
        found.append(AgreementFlag.UPCOMING)
    if status in _NEEDED_SIGNATURE and agreement.signed_on is None:
        found.append(AgreementFlag.UNSIGNED)
    if declared and said in _RUNNING and status == AgreementStatus.LAPSED:
        found.append(AgreementFlag.CONTRADICTED)
    return tuple(found)
