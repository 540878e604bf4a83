"""Dates in the templates of the ententes, as people here read them."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone

from registry.dates import long_date

from ..admin.journey import short_day

register = template.Library()


def _day(value: date | datetime) -> date:
    return timezone.localdate(value) if isinstance(value, datetime) else value


@register.filter
def jour(value: date | datetime | None) -> str:
    """« 6 oct. », with the year when it is another one; blank for none."""
    return short_day(_day(value)) if value else ""


@register.filter
def jour_long(value: date | datetime | None) -> str:
    """« 1er décembre 2026 »; blank for none."""
    return long_date(_day(value)) if value else ""
