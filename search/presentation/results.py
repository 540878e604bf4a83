"""The list in groups: what answers everything, then each group with what it gave up; and ways to widen a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..engines.base import Hit, SearchResult
from ..links import FACET_PARAMS, State
from ..request import OrientationRequest
from . import cards
from .asked import removal
from .cards import Card


@dataclass(frozen=True, slots=True)
class TierView:
    label: str
    note: str
    cards: tuple[Card, ...]
    level: int  # of the cards' headings


@dataclass(frozen=True, slots=True)
class Gesture:
    """One way to widen: what to take away, and how many services that shows."""

    labels: tuple[str, ...]
    action: str
    url: str


@dataclass(frozen=True, slots=True)
class Rescue:
    title: str
    text: str
    gestures: tuple[Gesture, ...]


def unfiltered(state: State) -> State:
    return state.but(**dict.fromkeys(FACET_PARAMS.values()))


def resources(count: int) -> str:
    return "Aucune ressource" if not count else "1 ressource" if count == 1 else f"{count} ressources"


def answering(result: SearchResult | None) -> int:
    """How many services answer everything that was asked. What only comes close is counted apart."""
    return next((tier.count for tier in result.tiers if tier.rank == 0), 0) if result else 0


def nearby(result: SearchResult | None) -> str:
    """« et 14 proches »: the services below those that answer everything; blank when there is none."""
    full = answering(result)
    rest = result.total - full if result and full else 0
    return "" if not rest else "et 1 proche" if rest == 1 else f"et {rest} proches"


def tier_views(result: SearchResult, state: State, moment: datetime) -> tuple[TierView, ...]:
    """Hits grouped by what they dropped; the first group, which answers everything, needs no heading."""
    known = {tier.rank: tier for tier in result.tiers}
    opening, opened = state.opening(), state.get("fiche")
    groups: dict[int, list[Hit]] = {}
    for hit in result.hits:
        groups.setdefault(hit.tier, []).append(hit)
    views = []
    for rank, hits in sorted(groups.items()):
        tier = known.get(rank)
        label = ""
        if tier and tier.label:
            label = tier.label + (" · " if ":" in tier.label else " : ") + resources(tier.count).lower()
        views.append(
            TierView(
                label,
                _tier_note(tier.dropped if tier else ()),
                tuple(cards.card(hit, opening, moment, opened) for hit in hits),
                4 if label else 3,
            )
        )
    return tuple(views)


_TIER_NOTES = {
    "language": "Un interprète peut être demandé au moment de la référence.",
    "territory": "Servent un autre territoire : demander si la personne y est admise.",
}


def _tier_note(dropped: Sequence[str]) -> str:
    return " ".join(_TIER_NOTES[name] for name in dropped if name in _TIER_NOTES)


MOST_GESTURES = 3
_DROPPED_KINDS = {"territory": ("place",), "language": ("language",), "need": ("need",), "words": ()}


def rescue_view(result: SearchResult, request: OrientationRequest, state: State) -> Rescue | None:
    """When nothing answers everything: what came closest, and how to widen in one gesture."""
    if any(hit.tier == 0 for hit in result.hits):
        return None
    gestures = []
    for tier in result.tiers:
        kinds = {kind for name in tier.dropped for kind in _DROPPED_KINDS.get(name, ())}
        removed = [chip for chip in request.chips if chip.kind in kinds]
        if not removed or len(removed) == len(request.chips):
            continue
        wider = state
        for chip in removed:
            wider = removal(chip, wider)
        # Without these wishes, whoever missed fewer of them answers as well.
        count = sum(other.count for other in result.tiers if set(other.dropped) <= set(tier.dropped))
        action = "Voir la ressource" if count == 1 else f"Voir les {count} ressources"
        gestures.append(Gesture(tuple(chip.label for chip in removed), action, wider.url()))
    gestures = gestures[:MOST_GESTURES]
    if not gestures:
        gestures = [
            Gesture((chip.label,), "Chercher sans", removal(chip, state).url())
            for chip in request.chips
            if chip.kind in ("age", "sex", "language", "place", "need", "name")
        ][:MOST_GESTURES]
    filters = sum(len(state.all(param)) for param in FACET_PARAMS.values())
    if filters:
        gestures.insert(
            0,
            Gesture(
                (f"{filters} filtre{'s' if filters > 1 else ''}",), "Chercher sans filtre", unfiltered(state).url()
            ),
        )
    if result.hits:
        text = "Voici ce qui s’en approche le plus. Chaque liste dit ce qu’on a laissé tomber."
        return Rescue("Aucune ressource ne répond à tout", text, tuple(gestures))
    return Rescue(
        "Aucune ressource trouvée",
        "Retirer une partie de la question, ou dire le besoin autrement. Les lignes ci-contre répondent en tout temps.",
        tuple(gestures),
    )
