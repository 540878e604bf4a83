"""From a document found to a Hit: what every engine does alike, once it has found it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from registry.geography import Point, distance_km
from registry.policies import Scope

from . import analysis, explanation
from .documents import UNKNOWN, DocumentEntry, minutes, reduced
from .engines.base import FacetValue, Hit, Suggestion, Tier
from .predicates import Predicate, Terms, matches
from .ranking import Plan
from .request import OrientationRequest, Place
from .schedules import OpenHours

Document = Mapping[str, Any]


def visible(scope: Scope) -> Predicate:
    return Terms("visibility", tuple(sorted(scope.visibilities)))


def coded(codes: Sequence[str]) -> Predicate:
    return Terms("code", tuple(codes))


def distance(document: Document, place: Place | None) -> float | None:
    """Kilometres to the nearest place of the service, one decimal; None when either is unknown. A confidential address
    has no point, so no distance."""
    if place is None or place.latitude is None or place.longitude is None:
        return None
    here = Point(place.latitude, place.longitude)
    found = [
        distance_km(here, Point(item["latitude"], item["longitude"]))
        for item in document["locations"]
        if item["latitude"] is not None
    ]
    return round(min(found), 1) if found else None


def reachable(entry: DocumentEntry, moment: datetime, open_hours: OpenHours) -> bool | None:
    """Does somebody answer at that minute? None: the schedule is unknown (never counted as reachable)."""
    point = minutes(moment)
    if any(start <= point <= end for start, end in entry.intervals("closed")):
        return False
    return open_hours.states.get(entry.document["hours_pattern"])


def why(asked: Plan, entry: DocumentEntry, kilometres: float | None) -> tuple[str, ...]:
    """Why this service is here, in French, most telling first."""
    found = [
        clause.why(entry.document)
        for clause in asked.telling
        if clause.why is not None and matches(clause.predicate, entry)
    ]
    if kilometres is not None:
        found.append(explanation.distance(kilometres))
    return tuple(reason for reason in analysis.distinct(found) if reason)


def hit(
    asked: Plan, entry: DocumentEntry, request: OrientationRequest, scope: Scope, open_hours: OpenHours, total: float
) -> Hit:
    """The Hit that an engine found, from the sum it computed; only what this viewer may see is in it."""
    document = entry.document
    tier, score = asked.split(total)
    kilometres = distance(document, request.place)
    return Hit(
        code=document["code"],
        document=reduced(document, scope),
        score=float(score),
        tier=tier,
        reachable=reachable(entry, request.moment, open_hours),
        distance_km=kilometres,
        why=why(asked, entry, kilometres),
    )


def facet(name: str, counts: Mapping[str, int], chosen: Sequence[str]) -> tuple[FacetValue, ...]:
    """The values of a facet, most frequent first; those chosen stay even when nothing has them."""
    values = {value: count for value, count in counts.items() if count and value != UNKNOWN}
    for value in chosen:
        values.setdefault(value, counts.get(value, 0))
    ordered = sorted(sorted(values), key=values.__getitem__, reverse=True)  # a sort keeps the order of equals
    return tuple([FacetValue(value, values[value], value in chosen) for value in ordered])


def tiers(asked: Plan, counts: Mapping[int, int], request: OrientationRequest) -> tuple[Tier, ...]:
    """The tiers that hold something, in order."""
    found = []
    for rank, count in sorted(counts.items()):
        dropped = asked.dropped(rank)
        if count:
            found.append(Tier(rank, explanation.tier_label(dropped, request), dropped, count))
    return tuple(found)


# --- Autocomplete ---------------------------------------------------------------------------------------------------

NAMED = (("name", "service"), ("organization", "organization"))


def begins_with(words: Sequence[str]) -> list[tuple[str, tuple[str, ...], str]]:
    """What to look for: (field, whole words, beginning of the last one), stop words left out of the whole ones."""
    whole = tuple(word for word in words[:-1] if word not in analysis.STOP_WORDS)
    return [(field, whole, words[-1]) for field, _kind in NAMED]


def suggestions(documents: Iterable[Document], words: Sequence[str]) -> Iterable[Suggestion]:
    """The names in these documents that hold the words typed, the last one being perhaps unfinished."""
    for document in documents:
        organization = document["organization"]
        if _holds(document["name"], words):
            yield Suggestion("name", document["name"], document["name"], document["code"])
        forms = (organization["name"], organization["acronym"], *organization["other_names"])
        if any(_holds(form, words) for form in forms if form):
            yield Suggestion("organization", organization["name"], organization["name"], organization["code"])


def _holds(name: str, words: Sequence[str]) -> bool:
    held = analysis.words(name, stop_words=True)
    return set(words[:-1]) <= set(held) and any(word.startswith(words[-1]) for word in held)


def suggestion_order(item: Suggestion, words: Sequence[str]) -> tuple[Any, ...]:
    """Names that begin with what was typed first, then the shorter, then alphabetically."""
    start = analysis.words(item.label, stop_words=True)
    typed = list(words)
    begins = (
        start[: len(typed) - 1] == typed[:-1]
        and len(start) >= len(typed)
        and start[len(typed) - 1].startswith(typed[-1])
    )
    return (not begins, len(start), analysis.fold(item.label), item.code)
