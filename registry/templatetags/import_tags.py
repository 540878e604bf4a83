"""Small words of the import pages."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.conf import settings
from django.utils import formats, timezone

register = template.Library()

_SPACES = ((re.compile(r" (?=[:»])"), "\xa0"), (re.compile(r"(?<=«) "), "\xa0"))
# « fiche ajoutée » → « fiches ajoutées »: every word of what is counted agrees.
_WORD = re.compile(r"\w+")


@register.filter
def fr(text: Any) -> str:
    """The text with the no-break spaces of French before a colon and inside « »."""
    out = str(text).strip()
    for pattern, space in _SPACES:
        out = pattern.sub(space, out)
    return out


@register.filter
def moment(value: Any) -> str:
    """« 21 nov. 2026, 8 h 05 », in local time; empty for nothing."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{formats.date_format(local, 'j N Y')}, {local.hour} h {local:%M}".replace(" ", "\xa0")


@register.filter
def person(user: Any) -> str:
    """A person's name, or that of the account."""
    return (user.get_full_name() or user.get_username()) if user is not None else "un compte supprimé"


@register.filter
def weight(size: int) -> str:
    """« 12 ko », « 3,4 Mo »."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))}\xa0ko"
    return f"{size / 1_000_000:.1f}\xa0Mo".replace(".", ",")


@register.filter
def counted(number: int | None, noun: str) -> str:
    """« 1 ajout », « 12 fiches ajoutées », « aucun » is written 0: figures are compared at a glance."""
    number = number or 0
    plural = number > 1
    words = _WORD.sub(lambda match: f"{match[0]}s" if plural and not match[0].endswith("s") else match[0], noun)
    return f"{number}\xa0{words}"


@register.simple_tag
def max_size() -> str:
    """« 50 Mo »: the largest workbook accepted."""
    return f"{settings.PASSERELLES_IMPORT_MAX_MB}\xa0Mo"
