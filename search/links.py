"""Addresses of the orientation page: one canonical address per question, and the same question with one part changed.

The whole state is in the query string, so that every gesture is a plain link that works without JavaScript.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import get_script_prefix, get_urlconf, reverse

from .request import FACETS, MAX_LIMIT

# Facet → name of its parameter in the address, in the page's language.
FACET_PARAMS: dict[str, str] = {
    "reachable": "joignable",
    "corridor": "corridor",
    "availability": "disponibilite",
    "access_mode": "acces",
    "program": "programme",
    "partner_type": "type",
    "need": "besoin",
    "territory": "territoire",
    "language": "parle",
}
# What a question is made of: without any of these, the page is the start of a call.
QUESTION_PARAMS = ("q", "lieu", "age", "sexe", "moment", "le", "langue", "urgent", *FACET_PARAMS.values())
# Order of the canonical address.
PARAMS = (*QUESTION_PARAMS[:8], "sans", *FACET_PARAMS.values(), "suite", "panier", "vue", "fiche")
MAP = "carte"  # the one value of « vue »: what the list shows, on a map beside it
BASKET_LIMIT = 12
_CODE_LENGTH = 32
_MAX_VALUES = 40

assert tuple(FACET_PARAMS) == FACETS


def address(name: str) -> str:
    """The address of a page of ours that takes no argument. Found once: the orientation page has a dozen. Raises
    NoReverseMatch."""
    return _address(name, get_script_prefix(), get_urlconf())


@lru_cache(maxsize=256)
def _address(name: str, prefix: str, urlconf: str | None) -> str:
    return reverse(name)


@dataclass(frozen=True, slots=True)
class State:
    """The parameters of an address, cleaned: known names, no blanks, no repeats, in canonical order."""

    params: tuple[tuple[str, tuple[str, ...]], ...]

    @classmethod
    def of(cls, query: QueryDict | Mapping[str, Iterable[str]]) -> State:
        """From a query string. Nothing is an error here: what is unknown or blank is dropped."""
        lists = dict(query.lists()) if isinstance(query, QueryDict) else {k: list(v) for k, v in query.items()}
        kept: list[tuple[str, tuple[str, ...]]] = []
        for name in PARAMS:
            values = [str(value).replace("\x00", "").strip() for value in lists.get(name, ())]
            if name == "panier":
                values = [part.strip()[:_CODE_LENGTH] for value in values for part in value.split(",")]
                values = list(dict.fromkeys(value for value in values if value))[:BASKET_LIMIT]
            elif name in ("sans", *FACET_PARAMS.values()):
                values = list(dict.fromkeys(value for value in values if value))[:_MAX_VALUES]
            else:
                values = [value for value in values[-1:] if value]  # as Django reads it: the last one counts
            if values:
                kept.append((name, tuple(values)))
        state = cls(tuple(kept))
        # The date field is only meant with « autre moment… »; a hidden leftover must not move the question.
        if state.get("moment") != "autre":
            state = state.but(le=None)
        if state.get("vue") != MAP:
            state = state.but(vue=None)
        # What one set aside belongs to the words of a question: a new question starts whole.
        return state if state.get("q") else state.but(sans=None)

    def get(self, name: str) -> str:
        """The value of a parameter, empty when absent."""
        values = self.all(name)
        return values[-1] if values else ""

    def all(self, name: str) -> tuple[str, ...]:
        return next((values for known, values in self.params if known == name), ())

    @property
    def asks(self) -> bool:
        """True when there is a question: words, a field, or a filter."""
        return any(self.all(name) for name in QUESTION_PARAMS)

    @property
    def basket(self) -> tuple[str, ...]:
        return self.all("panier")

    @property
    def shows_map(self) -> bool:
        return self.get("vue") == MAP

    @property
    def shown(self) -> int:
        """How many results the page shows: 20, or what « voir la suite » asked for, at most MAX_LIMIT."""
        text = self.get("suite")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 20
        return min(max(number, 20), MAX_LIMIT)

    def but(self, **changes: str | Iterable[str] | None) -> State:
        """The same state with some parameters changed; None or empty removes one."""
        table = dict(self.params)
        for name, value in changes.items():
            if name not in PARAMS:
                raise KeyError(name)
            values = () if value is None else (value,) if isinstance(value, str) else tuple(value)
            table[name] = tuple(text for text in values if text)
        return State(tuple((name, table[name]) for name in PARAMS if table.get(name)))

    def with_value(self, name: str, value: str) -> State:
        return self.but(**{name: (*[v for v in self.all(name) if v != value], value)})

    def without_value(self, name: str, value: str) -> State:
        return self.but(**{name: [v for v in self.all(name) if v != value]})

    def toggled(self, name: str, value: str) -> State:
        return self.without_value(name, value) if value in self.all(name) else self.with_value(name, value)

    def query(self) -> str:
        pairs = [
            (name, ",".join(values)) if name == "panier" else (name, value)
            for name, values in self.params
            for value in ((",",) if name == "panier" else values)
        ]
        return urlencode(pairs, safe=",:")

    def opening(self) -> str:
        """What the address of a sheet begins with: only its code and « #fiche » are missing. A page has dozens."""
        query = self.but(fiche=None).query()
        return f"{address('orientation')}?{query}{'&' if query else ''}fiche="

    def url(self, fragment: str = "", name: str = "orientation") -> str:
        query = self.query()
        return address(name) + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
