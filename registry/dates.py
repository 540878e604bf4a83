"""Dates as people here read them. Files and addresses use ISO; screens and letters use these."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date
from django.utils import timezone

_LOCALE = "fr_CA"


def long_date(day: date) -> str:
    """« 21 novembre 2026 », « 1er décembre 2026 », with no-break spaces: a date does not break over two lines."""
    text = format_date(day, "d MMMM y", locale=_LOCALE)
    return (f"1er{text[1:]}" if day.day == 1 else text).replace(" ", "\u00a0")


def weekday_date(day: date) -> str:
    """« lundi 23 novembre 2026 »."""
    return f"{format_date(day, 'EEEE', locale=_LOCALE)}\u00a0{long_date(day)}"


def long_moment(moment: datetime) -> str:
    """« lundi 23 novembre 2026, 8\u00a0h » by the centre's clock; « 8\u00a0h\u00a030 » when there are minutes."""
    local = timezone.localtime(moment)
    minutes = f"\u00a0{local.minute:02d}" if local.minute else ""
    return f"{weekday_date(local.date())}, {local.hour}\u00a0h{minutes}"
