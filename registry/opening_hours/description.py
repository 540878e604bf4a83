"""The state of hours in the words of a result card."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from .evaluation import CLOSED_FOR_NOW, CLOSES_SOON, HOLIDAY, TIMEZONE, State

Reach = Literal["on", "soon", "off", "unknown"]

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def clock(hour: int, minute: int) -> str:
    """« 8 h », « 8 h 30 », « minuit » for 0 and 24 h. Plain spaces: the template filter makes them no-break."""
    if hour % 24 == 0 and minute == 0:
        return "minuit"
    return f"{hour % 24} h {minute:02}" if minute else f"{hour} h"


def reach_class(state: State, moment: datetime) -> Reach:
    """`on`: reachable; `soon`: reachable, closes in under two hours; `off`: closed; `unknown`: to be checked."""
    if state.open is None:
        return "unknown"
    if not state.open:
        return "off"
    closing = state.until is not None and state.until - _toronto(moment) < CLOSES_SOON
    return "soon" if closing else "on"


def describe_state(state: State, moment: datetime) -> str:
    """« Joignable jusqu’à 22 h », « Fermé, ouvre lundi à 8 h 30 », « Horaire à vérifier »… seen from a moment."""
    now = _toronto(moment)
    if state.open is None:
        return f"Horaire à vérifier ({HOLIDAY})" if state.reason == HOLIDAY else "Horaire à vérifier"
    if state.open:
        return f"Joignable {_until(state.until, now)}" if state.until else "Joignable 24 h sur 24"
    if state.reason == CLOSED_FOR_NOW:
        return "Fermé temporairement" + (f", rouvre {_reopens(state.opens, now)}" if state.opens else "")
    closed = f"Fermé ({HOLIDAY})" if state.reason == HOLIDAY else "Fermé"
    return f"{closed}, ouvre {_opens(state.opens, now)}" if state.opens else closed


def _toronto(moment: datetime) -> datetime:
    """The moment in Toronto time; dates at the edge of what a calendar holds are left as they are."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=TIMEZONE)
    try:
        return aware.astimezone(UTC).astimezone(TIMEZONE)
    except OverflowError:
        return aware


def _until(until: datetime, now: datetime) -> str:
    local = _toronto(until)
    time = clock(local.hour, local.minute)
    if until - now <= timedelta(hours=24):
        return f"jusqu’à {time}"
    # Midnight belongs to the evening that ends, in speech: « jeudi minuit » is the end of Thursday.
    shown = local - timedelta(minutes=1) if time == "minuit" else local
    if (shown.date() - now.date()).days <= 6:
        return f"jusqu’à {WEEKDAYS[shown.weekday()]}, {time}"
    return f"jusqu’au {_date(shown, now)}, {time}"


def _opens(opens: datetime, now: datetime) -> str:
    local = _toronto(opens)
    # « Ouvre lundi à minuit » could be either end of Monday.
    time = "0 h" if local.hour == local.minute == 0 else clock(local.hour, local.minute)
    days = (local.date() - now.date()).days
    if days == 0:
        return f"à {time}"
    if days <= 6:
        return f"{WEEKDAYS[local.weekday()]} à {time}"
    return f"{_date(local, now)}, {time}"


def _reopens(opens: datetime, now: datetime) -> str:
    local = _toronto(opens)
    if local.date() == now.date():
        return f"à {clock(local.hour, local.minute)}"
    time = "" if local.hour == local.minute == 0 else f" à {clock(local.hour, local.minute)}"
    year = f" {local.year}" if local.year != now.year else ""
    return f"le {WEEKDAYS[local.weekday()]} {_ordinal(local.day)} {MONTHS[local.month - 1]}{year}{time}"


def _date(local: datetime, now: datetime) -> str:
    """« samedi 28 » within the month, « samedi 5 décembre » in another, with the year in another year."""
    words = [WEEKDAYS[local.weekday()], _ordinal(local.day)]
    if (local.year, local.month) != (now.year, now.month):
        words.append(MONTHS[local.month - 1])
    if local.year != now.year:
        words.append(str(local.year))
    return " ".join(words)


def _ordinal(day: int) -> str:
    return "1er" if day == 1 else str(day)
