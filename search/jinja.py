"""What the templates of our own pages may call: typography, icons, addresses, and the frame of the page.

Those pages are in Jinja2, compiled to Python: the orientation page has two thousand places to fill, and what fills them
is most of its cost. Wagtail's admin keeps Django's language (docs/decisions).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.text import capfirst, slugify
from jinja2 import Environment
from markupsafe import Markup, escape

from .frame import frame_of
from .typography import no_break

ICONS = {
    name: Markup('<svg class="ico" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>').format(name)
    for name in ("x", "corr", "ok", "warn", "stop", "plus", "minus", "copy", "back", "lock", "print", "mail", "pin")
}
# A longer text is one listing's description: it would push out of memory the names and hours that every page repeats.
LONGEST_REMEMBERED = 160


def nb(value: object) -> Markup:
    """No-break spaces in numbers with units, times, dates, phones and punctuation; escaped, ready for the page."""
    text = str(value if value is not None else "")
    return _short(text) if len(text) <= LONGEST_REMEMBERED else escape(no_break(text))


@lru_cache(maxsize=8192)
def _short(text: str) -> Markup:
    return escape(no_break(text))


def icon(name: str) -> Markup:
    """A decorative icon of components/icons.html; the word beside it says what it means. KeyError: there is none."""
    return ICONS[name]


def environment(**options: Any) -> Environment:
    """The Jinja2 environment that settings name: see TEMPLATES."""
    made = Environment(keep_trailing_newline=True, **options)  # noqa: S701 - Django's engine asks for autoescape
    made.filters.update(nb=nb, slugify=lru_cache(maxsize=4096)(slugify), capfirst=capfirst)
    made.globals.update(static=static, url=reverse, icon=icon, frame_of=frame_of)
    return made
