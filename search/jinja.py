"""What the templates of our own pages may call: typography, icons, addresses, and the frame of the page.

Those pages are in Jinja2, compiled to Python: the orientation page has two thousand places to fill, and what fills them
is most of its cost. Wagtail's admin keeps Django's language (docs/decisions).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.templatetags.static import static as static_url
from django.urls import get_script_prefix
from django.utils.text import capfirst, slugify
from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from .frame import frame_of
from .links import address
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


def static(path: str) -> str:
    """The address of a file of ours. Its name does not change while a process runs."""
    return _static(path, get_script_prefix())


@lru_cache(maxsize=64)
def _static(path: str, prefix: str) -> str:
    return static_url(path)


def icon(name: str) -> Markup:
    """A decorative icon of components/icons.html; the word beside it says what it means. KeyError: there is none."""
    return ICONS[name]


def _parts(made: Environment) -> Callable[..., Markup]:
    """The filter `part`: a macro of components/parts.html, given values that can be a key, drawn once for all the
    pages that show the same phone, the same badge or the same box."""

    @lru_cache(maxsize=8192)
    def part(value: object, name: str, *options: str) -> Markup:
        drawn: Markup = getattr(made.get_template("components/parts.html").module, name)(value, *options)
        return drawn

    return part


class _Code(CodeGenerator):
    """Escapes through `Pages.shown`. What `nb` and `part` give is markup already, by construction."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if not frame.eval_ctx.autoescape or frame.eval_ctx.volatile or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            ready = isinstance(node, nodes.Filter) and node.name in ("nb", "part")
            self.write("(" if ready else "environment.shown(")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        """What templates are given are objects: a name that one of them does not have is an error, not a blank."""
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")


class Pages(Environment):
    """Jinja2's environment, with less around each of the two thousand places of a page."""

    code_generator_class = _Code

    @staticmethod
    def shown(value: Any) -> str:
        """A value as the page holds it: escaped, unless it is markup already, or a number."""
        kind = type(value)
        return value if kind is Markup else str(value) if kind is int else escape(value)


def environment(**options: Any) -> Environment:
    """The Jinja2 environment that settings name: see TEMPLATES."""
    made = Pages(keep_trailing_newline=True, **options)
    made.filters.update(nb=nb, part=_parts(made), slugify=lru_cache(maxsize=4096)(slugify), capfirst=capfirst)
    made.globals.update(static=static, url=address, icon=icon, frame_of=frame_of)
    return made
