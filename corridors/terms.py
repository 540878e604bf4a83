"""When an entente holds: a pure function of what it declares, so that any day, past or future, can be asked."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from registry.text import fold

from .enums import DeclaredStatus, RenewalKind

Period = tuple[date, date | None]

# What the workbook may have declared for a renewal that needs nobody: until a status says otherwise, the term goes on.
_AUTOMATIC = ("tacite", "automatique")
_HOLDING = frozenset({DeclaredStatus.IN_FORCE.value, DeclaredStatus.RENEWING.value})


class Terms(Protocol):
    """What `in_force_periods` reads of an agreement."""

    declared_status: str
    declared_renewal: str
    renewal: str
    starts_on: date | None
    ends_on: date | None
    signed_on: date | None


def renews_itself(renewal: str, declared_renewal: str = "") -> bool:
    """« Tacite reconduction », « Automatique d'année en année »: the term passes and the entente goes on."""
    declared = fold(declared_renewal)
    return renewal == RenewalKind.TACIT or any(word in declared for word in _AUTOMATIC)


def in_force_periods(agreement: Terms) -> list[tuple[date, date | None]]:
    """The periods, both days included, during which the entente holds. None = until a status says otherwise.

    « En vigueur » and « En renouvellement » hold from the start to the end; a renewal that happens by itself leaves the
    end open. « Suspendue », « Échue », « Résiliée », « Brouillon » and anything else hold never. A missing start falls
    back on the signature; without either, nothing says that it has begun.
    """
    if agreement.declared_status not in _HOLDING:
        return []
    start = agreement.starts_on or agreement.signed_on
    if start is None:
        return []
    end = None if renews_itself(agreement.renewal, agreement.declared_renewal) else agreement.ends_on
    if end is not None and end < start:
        return []
    return [(start, end)]


def holds_on(periods: list[Period], day: date) -> bool:
    """Is one of these periods running that day?"""
    return any(start <= day and (end is None or day <= end) for start, end in periods)
