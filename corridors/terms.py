"""When an entente holds: a pure function of what it declares, so that any day, past or future, can be asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Protocol, TypeVar

from registry.text import fold

from .enums import AgreementStatus, DeclaredStatus, RenewalKind

Period = tuple[date, date | None]

# What the workbook may have declared for a renewal that needs nobody: until a status says otherwise, the term goes on.
_AUTOMATIC = ("tacite", "automatique")
_HOLDING = frozenset({DeclaredStatus.IN_FORCE.value, DeclaredStatus.RENEWING.value})
_HOLDING_DECISIONS = frozenset(
    {AgreementStatus.SIGNED.value, AgreementStatus.IN_FORCE.value, AgreementStatus.DISPUTED.value}
)


class Terms(Protocol):
    """What `in_force_periods` reads of an agreement."""

    declared_status: str
    declared_renewal: str
    renewal: str
    starts_on: date | None
    ends_on: date | None
    signed_on: date | None


class Decided(Protocol):
    """A line of the journal, as far as the state and the periods need it."""

    to_status: str
    effective_on: date
    number: int
    by_system: bool
    transition: str


# What takes back a termination decided for later (the table of `corridors.lifecycle`). Such a line counts from the very
# day of what it takes back.
TAKES_BACK = frozenset({"keep_in_force", "keep_suspended", "keep_disputed"})
_Line = TypeVar("_Line", bound=Decided)


def standing(lines: Iterable[_Line]) -> list[_Line]:
    """The lines of a journal without the terminations that were taken back, nor what took them back: as if neither had
    been written."""
    kept = list(lines)
    back = [line for line in kept if line.transition in TAKES_BACK]
    return [
        line
        for line in kept
        if line.transition not in TAKES_BACK
        and not (
            line.transition == "terminate"
            and any(line.effective_on == other.effective_on and line.number < other.number for other in back)
        )
    ]


def renews_itself(renewal: str, declared_renewal: str = "") -> bool:
    """« Tacite reconduction », « Automatique d'année en année »: the term passes and the entente goes on."""
    declared = fold(declared_renewal)
    return renewal == RenewalKind.TACIT or any(word in declared for word in _AUTOMATIC)


def in_force_periods(agreement: Terms, decisions: Iterable[Decided] = ()) -> list[Period]:
    """The periods, both days included, during which the entente holds. None = until a status says otherwise.

    Declared « En vigueur » and « En renouvellement » hold from the start to the end; a renewal that happens by itself
    leaves the end open. « Suspendue », « Échue », « Résiliée », « Brouillon » and anything else hold never. A missing
    start falls back on the signature; without either, nothing says that it has begun. From the first decision of the
    journal on, the decisions count: signed or in force holds, and a disagreement leaves the corridors usable.
    """
    lines = sorted(
        (line for line in standing(decisions) if line.to_status and not line.by_system),
        key=lambda line: (line.effective_on, line.number),
    )
    spans: list[tuple[date | None, date | None, bool]] = []
    since, holding = None, agreement.declared_status in _HOLDING
    for line in lines:
        if since is None or line.effective_on > since:
            spans.append((since, line.effective_on - timedelta(days=1), holding))
        since, holding = line.effective_on, line.to_status in _HOLDING_DECISIONS
    spans.append((since, None, holding))
    last = None if renews_itself(agreement.renewal, agreement.declared_renewal) else agreement.ends_on
    start = agreement.starts_on or agreement.signed_on
    found: list[Period] = []
    for first, until, holds in spans:
        begins = max((day for day in (first, start) if day is not None), default=None)
        ends = min((day for day in (until, last) if day is not None), default=None)
        if not holds or begins is None or (ends is not None and ends < begins):
            continue
        if found and found[-1][1] is not None and found[-1][1] + timedelta(days=1) == begins:
            found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found


def holds_on(periods: list[Period], day: date) -> bool:
    """Is one of these periods running that day?"""
    return any(start <= day and (end is None or day <= end) for start, end in periods)
