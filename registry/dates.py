"""Dates as people here read them. Files and addresses use ISO; screens and letters use these."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date
from django.utils import timezone

_LOCALE = "fr_CA"


def _first(day: date, text: str) -> str:
    return (f"1er{text[1:]}" if day.day == 1 else text).replace(" ", "\u00a0")


def long_date(day: date) -> str:
    """« 21 novembre 2026 », « 1er décembre 2026 », with no-break spaces: a date does not break over two lines."""
    return _first(day, format_date(day, "d MMMM y", locale=_LOCALE))


def short_date(day: date, today: date | None = None) -> str:
    """« 6 oct. », « 5 janv. 2027 »: without the year when it is that of `today`."""
    same_year = today is not None and day.year == today.year
    return _first(day, format_date(day, "d MMM" if same_year else "d MMM y", locale=_LOCALE))


def weekday_date(day: date) -> str:
    """« lundi 23 novembre 2026 »."""
    return f"{format_date(day, 'EEEE', locale=_LOCALE)}\u00a0{long_date(day)}"


def long_moment(moment: datetime) -> str:
    """« lundi 23 novembre 2026, 8\u00a0h » by the centre's clock; « 8\u00a0h\u00a030 » when there are minutes."""
    local = timezone.localtime(moment)
    minutes = f"\u00a0{local.minute:02d}" if local.minute else ""
    return f"{weekday_date(local.date())}, {local.hour}\u00a0h{minutes}"
