"""What templates need beyond Django: typography, icons, and the frame of the page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..frame import Frame, frame_of
from ..typography import no_break

register = template.Library()

ICONS = frozenset({"x", "corr", "ok", "warn", "stop", "plus", "minus", "copy", "back", "lock", "print", "mail", "pin"})


@register.filter(is_safe=True)
def nb(value: object) -> str:
    """No-break spaces in numbers with units, times, dates, phones and punctuation."""
    return no_break(value)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative icon of templates/components/icons.html; the word beside it says what it means."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(f"No icon named {name!r}.")
    return format_html('<svg class="ico" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>', name)


@register.simple_tag(takes_context=True)
def frame(context: template.Context) -> Frame:
    """The top bar and the footer of the page. Works on error pages too, which have no view and maybe no request."""
    request: Any = context.get("request")
    return frame_of(request)
