"""« Telle qu’elle était »: the page of an entente on a past day, to read, not to touch."""

from __future__ import annotations

from datetime import date
from typing import Any

from registry.dates import long_date

from .. import reading
from ..canonical import labels_of
from ..differences import compare
from ..dossier import Dossier
from ..history import as_of


def asked_day(value: str, today: date) -> tuple[date | None, str]:
    """The day that somebody asked for, or why it cannot be shown (French). Today and blank: none, the page itself."""
    if not value.strip():
        return None, ""
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        return None, "Écrivez la date comme 2025-03-01."
    if day > today:
        return None, "Cette date n’est pas encore passée : la page montre aujourd’hui."
    return (day, "") if day < today else (None, "")


def past_context(dossier: Dossier, day: date) -> dict[str, Any]:
    """What the page of that day shows: state, text, and what has changed since. A constant number of SQL queries."""
    past = as_of(dossier.agreement, day)
    context: dict[str, Any] = {"past": past, "day": day, "state": past.state, "text": None, "since": []}
    if past.terms is None:
        since = f" le {long_date(past.known_since)}" if past.known_since else ""
        context["unknown"] = (
            f"L’entente est entrée dans Passerelles{since}. Ce qu’elle disait avant n’y est pas; son état ce jour-là "
            "se lit de ses dates et de ce qui était déclaré."
        )
        if past.known_since is None:
            return context
        # The oldest text there is tells more than an empty page, as long as nobody takes it for that day's.
        context["recorded_on"] = past.known_since
        past = as_of(dossier.agreement, past.known_since)
        if past.terms is None:
            return context
    labels = reading.merged(labels_of(past.terms), labels_of(dossier.terms))
    context["text"] = reading.read(past.terms, labels)
    context["negotiators"] = past.negotiators
    context["since"] = compare(past.terms, dossier.terms, labels)
    return context
