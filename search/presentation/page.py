"""The whole orientation page, from a question and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..engines.base import Hit, SearchResult
from ..links import FACET_PARAMS, MAP, State
from ..request import MAX_LIMIT, Chip, OrientationRequest
from . import basket as baskets
from . import sheet
from .asked import ChipView, Fields, Hint, chip_views, fields_of, set_aside_views
from .basket import Basket
from .facets import Facet, facet_views
from .map_view import MapView
from .pieces import Line
from .results import Rescue, TierView, answering, nearby, rescue_view, resources, tier_views, unfiltered
from .sheet import Sheet

EXAMPLES = (
    "il me fait peur quand il boit, G1J",
    "TSA 4 ans répit Beauport",
    "mon père se perd dans son quartier",
    "P-38 ce soir Saint-Roch",
)


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Page:
    state: State
    title: str
    shortcuts: bool
    focus_field: bool
    fields: Fields
    hints: tuple[Hint, ...]
    chips: tuple[ChipView, ...]
    set_aside: tuple[ChipView, ...]
    set_aside_values: tuple[str, ...]
    messages: tuple[str, ...]
    fallback_mode: bool
    start: bool
    layout: str
    facets: tuple[Facet, ...]
    filter_count: int
    unfiltered_url: str
    tiers: tuple[TierView, ...]
    count_label: str
    nearby_label: str
    order_label: str
    announcement: str
    more_url: str
    more_label: str
    more_note: str
    rescue: Rescue | None
    sheet: Sheet | None
    map: MapView | None
    map_url: str
    basket: Basket
    lines: tuple[Line, ...]
    list_lines: tuple[Line, ...]
    foot_lines: tuple[Line, ...]
    examples: tuple[Example, ...]
    new_call_url: str


def title(chips: Sequence[Chip], start: bool, opened: Sheet | None) -> str:
    """The title holds what was understood, never the words of the question (it ends in the browser's history)."""
    if opened is not None:
        return f"{opened.name} – Orientation – Passerelles"
    understood = ", ".join(chip.label for chip in chips[:3])
    return (
        f"{understood[:1].upper()}{understood[1:]} – Orientation – Passerelles"
        if understood and not start
        else "Orientation – Passerelles"
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page shows of a question, whatever the answer: prepared while an engine looks for it."""

    fields: Fields
    hints: tuple[Hint, ...]
    chips: tuple[ChipView, ...]
    set_aside: tuple[ChipView, ...]
    lines: tuple[Line, ...]
    foot_lines: tuple[Line, ...]
    labels: Mapping[str, str]  # names of territories by code
    filter_count: int
    unfiltered_url: str
    map_url: str
    new_call_url: str


def asked(
    request: OrientationRequest,
    state: State,
    lines: tuple[Line, ...],
    foot_lines: tuple[Line, ...],
    labels: Mapping[str, str],
) -> Asked:
    """See `Asked`. `state` is the cleaned address."""
    fields, hints = fields_of(state, request)
    return Asked(
        fields=fields,
        hints=hints,
        chips=chip_views(request.chips, state),
        set_aside=set_aside_views(state, labels),
        lines=lines,
        foot_lines=foot_lines,
        labels=labels,
        filter_count=sum(len(state.all(param)) for param in FACET_PARAMS.values()),
        unfiltered_url=unfiltered(state).url(),
        map_url=state.but(vue=MAP, fiche=None).url("carte"),
        new_call_url=State(()).url(),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the view gathered: the question understood, the engine's answer, the open sheet and the basket.
    `fallback_mode`: the local copy answers."""

    request: OrientationRequest
    asked: Asked
    result: SearchResult | None
    opened: Hit | None
    basket: tuple[Hit, ...]
    messages: tuple[str, ...]
    fallback_mode: bool = False
    map: MapView | None = None


def page(answer: Answer, state: State, *, sees_corridors: bool, shortcuts: bool, establishment: str) -> Page:
    """The page. `state` is the cleaned address."""
    request, result, moment = answer.request, answer.result, answer.request.moment
    said = answer.asked
    start = result is None
    hits = result.hits if result else ()
    total = result.total if result else 0
    basket = baskets.basket(answer.basket, state, moment, establishment)
    note = baskets.note([answer.opened], moment, establishment) if answer.opened else ""
    opened = sheet.sheet(answer.opened, state, moment, hits, note, total) if answer.opened else None
    moment_chip = next((chip.label for chip in request.chips if chip.kind == "moment"), "")
    tiers = tier_views(result, state, moment) if result else ()
    rescue = rescue_view(result, request, state) if result else None
    shown = len(hits)
    more = result is not None and shown < total and shown < MAX_LIMIT
    moment_legend = moment_chip[:1].upper() + moment_chip[1:] if moment_chip else "Maintenant"
    # A rescue has no filters to offer, but those that are on must stay within reach.
    filters = result is not None and (rescue is None or said.filter_count > 0)
    facets = facet_views(result, state, sees_corridors, said.labels, moment_legend) if result and filters else ()
    return Page(
        state=state,
        title=title(request.chips, start, opened),
        shortcuts=shortcuts,
        focus_field=opened is None,
        fields=said.fields,
        hints=said.hints,
        chips=said.chips,
        set_aside=said.set_aside,
        set_aside_values=state.all("sans"),
        messages=tuple(dict.fromkeys((*request.messages, *answer.messages))),
        fallback_mode=answer.fallback_mode,
        start=start,
        layout="vide" if start else "zero" if rescue and not facets else "",
        facets=facets,
        filter_count=said.filter_count,
        unfiltered_url=said.unfiltered_url,
        tiers=tiers,
        count_label=resources(answering(result) or total),
        nearby_label=nearby(result),
        order_label=f"les plus utiles d’abord, {moment_chip}" if moment_chip else "les plus utiles maintenant d’abord",
        announcement=announcement(start, answering(result) or total, rescue),
        more_url=state.but(suite=str(min(state.shown + 20, MAX_LIMIT))).url() if more else "",
        more_label=f"Voir {min(20, total - shown)} ressources de plus"
        if total - shown > 1
        else "Voir 1 ressource de plus",
        more_note=f"Les {MAX_LIMIT} premières sont montrées : préciser la question ou filtrer."
        if result and shown < total and not more
        else "",
        rescue=rescue,
        sheet=opened,
        map=None if rescue else answer.map,
        map_url=said.map_url,
        basket=basket,
        lines=said.lines,
        list_lines=said.lines[:3] if result and not rescue else (),
        foot_lines=said.foot_lines,
        examples=examples() if start else (),
        new_call_url=said.new_call_url,
    )


@lru_cache(maxsize=1)
def examples() -> tuple[Example, ...]:
    """Questions to try, for a page where nothing was asked."""
    return tuple(Example(text, State(()).but(q=text).url()) for text in EXAMPLES)


def announcement(start: bool, total: int, rescue: Rescue | None) -> str:
    """What the live region says after each answer."""
    if start:
        return ""
    if rescue is not None:
        return f"{rescue.title}. {resources(total)} s’en approchent." if total else rescue.title
    return resources(total)
