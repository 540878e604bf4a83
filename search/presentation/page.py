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
class Answer:
    """What the view gathered: the question understood, the engine's answer, the open sheet and the basket."""

    request: OrientationRequest
    result: SearchResult | None
    opened: Hit | None
    basket: tuple[Hit, ...]
    messages: tuple[str, ...]
    lines: tuple[Line, ...]
    foot_lines: tuple[Line, ...]
    labels: Mapping[str, str]
    map: MapView | None = None


def page(answer: Answer, state: State, *, sees_corridors: bool, shortcuts: bool, establishment: str) -> Page:
    """The page. `state` is the cleaned address; `answer.labels` names territories by code."""
    request, result, moment = answer.request, answer.result, answer.request.moment
    start = result is None
    hits = result.hits if result else ()
    total = result.total if result else 0
    basket = baskets.basket(answer.basket, state, moment, establishment)
    note = baskets.note([answer.opened], moment, establishment) if answer.opened else ""
    opened = sheet.sheet(answer.opened, state, moment, hits, note, total) if answer.opened else None
    fields, hints = fields_of(state, request)
    moment_chip = next((chip.label for chip in request.chips if chip.kind == "moment"), "")
    tiers = tier_views(result, state, moment) if result else ()
    rescue = rescue_view(result, request, state) if result else None
    shown = len(hits)
    more = result is not None and shown < total and shown < MAX_LIMIT
    moment_legend = moment_chip[:1].upper() + moment_chip[1:] if moment_chip else "Maintenant"
    filtered = sum(len(state.all(param)) for param in FACET_PARAMS.values())
    # A rescue has no filters to offer, but those that are on must stay within reach.
    filters = result is not None and (rescue is None or filtered > 0)
    facets = facet_views(result, state, sees_corridors, answer.labels, moment_legend) if result and filters else ()
    return Page(
        state=state,
        title=title(request.chips, start, opened),
        shortcuts=shortcuts,
        focus_field=opened is None,
        fields=fields,
        hints=hints,
        chips=chip_views(request.chips, state),
        set_aside=set_aside_views(state, answer.labels),
        set_aside_values=state.all("sans"),
        messages=tuple(dict.fromkeys((*request.messages, *answer.messages))),
        fallback_mode=bool(result and result.mode != "normal"),
        start=start,
        layout="vide" if start else "zero" if rescue and not facets else "",
        facets=facets,
        filter_count=filtered,
        unfiltered_url=unfiltered(state).url(),
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
        map_url=state.but(vue=MAP, fiche=None).url("carte"),
        basket=basket,
        lines=answer.lines,
        list_lines=answer.lines[:3] if result and not rescue else (),
        foot_lines=answer.foot_lines,
        examples=examples() if start else (),
        new_call_url=State(()).url(),
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
