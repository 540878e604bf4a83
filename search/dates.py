"""Dates and durations in words, as the page says them. Moments are shown in Québec time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

TORONTO = ZoneInfo("America/Toronto")
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
# Past this many months, a listing must be confirmed before one relies on it.
STALE_AFTER_MONTHS = 18


def clock(moment: datetime) -> str:
    """« 20 h 40 », « 8 h »."""
    local = moment.astimezone(TORONTO)
    return f"{local.hour} h {local.minute:02d}" if local.minute else f"{local.hour} h"


def day(when: date) -> str:
    """« 21 novembre 2026 », « 1er mars 2027 »."""
    number = "1er" if when.day == 1 else str(when.day)
    return f"{number} {MONTHS[when.month - 1]} {when.year}"


def long_day(moment: datetime) -> str:
    """« samedi 21 novembre », without the year."""
    local = moment.astimezone(TORONTO)
    number = "1er" if local.day == 1 else str(local.day)
    return f"{DAYS[local.weekday()]} {number} {MONTHS[local.month - 1]}"


def full_moment(moment: datetime) -> str:
    """« samedi 21 novembre 2026, 20 h 40 »."""
    return f"{long_day(moment)} {moment.astimezone(TORONTO).year}, {clock(moment)}"


def months_between(start: date, end: date) -> int:
    """Full months elapsed from `start` to `end`; negative when `end` comes first."""
    months = (end.year - start.year) * 12 + end.month - start.month
    # 31 January + 1 month is complete on the last day of February.
    last_of_month = (end.month % 12 + 1, 1) == (_tomorrow(end).month, _tomorrow(end).day)
    if end.day < start.day and not last_of_month:
        months -= 1
    return months


def _tomorrow(when: date) -> date:
    return date.fromordinal(when.toordinal() + 1) if when < date.max else when


@dataclass(frozen=True, slots=True)
class Freshness:
    """When a listing was last confirmed, in words. `stale`: say it as a warning."""

    text: str
    stale: bool


def freshness(verified_on: date | None, today: date) -> Freshness:
    """« vérifié il y a 4 jours »; full months elapsed; over 18 months « Fiche à vérifier, 25 mois »; never blank."""
    if verified_on is None:
        return Freshness("Fiche à vérifier, jamais confirmée", True)
    days = (today - verified_on).days
    months = months_between(verified_on, today)
    if months > STALE_AFTER_MONTHS or (
        months == STALE_AFTER_MONTHS
        and months_between(verified_on, date.fromordinal(max(today.toordinal() - 1, 1))) == months
    ):
        return Freshness(f"Fiche à vérifier, {months} mois", True)
    if days < 0:
        return Freshness(f"vérifié le {day(verified_on)}", False)
    if days == 0:
        return Freshness("vérifié aujourd’hui", False)
    if days == 1:
        return Freshness("vérifié hier", False)
    return Freshness(f"vérifié il y a {months} mois" if months else f"vérifié il y a {days} jours", False)
