"""Québec public holidays and the centre's own closed days.

The `holidays` package is the source for the public ones (24 June included, 30 September not). A centre adds its own
days (Easter Monday, what its collective agreement moves…) in the setting ``PASSERELLES_CLOSED_DAYS``, ISO dates.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from holidays.countries import CA

OWN_DAY = "Jour de fermeture du centre"


@lru_cache(maxsize=256)
def public_holidays(year: int) -> Mapping[date, str]:
    """Québec's public holidays of a year (observed days included) → French name. Empty outside 1867–2100."""
    if not CA.start_year <= year <= CA.end_year:
        return {}
    return dict(sorted(CA(subdiv="QC", years=year, language="fr").items()))


@lru_cache(maxsize=8)
def _parse_days(values: tuple[str, ...]) -> frozenset[date]:
    return frozenset(date.fromisoformat(value.strip()) for value in values if value.strip())


def closed_days() -> frozenset[date]:
    """The centre's own closed days, from the settings. Raises ValueError when one of them is not an ISO date."""
    try:
        values = getattr(settings, "PASSERELLES_CLOSED_DAYS", ())
    except ImproperlyConfigured:  # outside Django (a plain script, a pure test) a centre has no days of its own
        return frozenset()
    return _parse_days(tuple(str(value) for value in values))


def holiday_name(day: date) -> str | None:
    """« Fête nationale du Québec » for a public holiday, `OWN_DAY` for a day of the centre, None for any other day."""
    name = public_holidays(day.year).get(day)
    if name is not None:
        return name
    return OWN_DAY if day in closed_days() else None


def is_holiday(day: date) -> bool:
    """Whether offices are closed that day: a public holiday or one of the centre's own days."""
    return holiday_name(day) is not None


def holidays_between(first: date, last: date) -> list[date]:
    """Public holidays and the centre's own days from `first` to `last`, both included, in order."""
    days = {day for year in range(first.year, last.year + 1) for day in public_holidays(year)} | closed_days()
    return sorted(day for day in days if first <= day <= last)
