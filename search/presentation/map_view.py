"""The map of what the list shows: places with a point, and names around them. The list of places says the same.

A confidential place has no point in a document; it is left out here a second time, and only counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from registry.enums import TerritoryKind
from registry.geography import Point, TerritoryTree, distance_km

from .. import explanation
from ..engines.base import Hit
from ..links import State
from ..request import Place
from . import pieces
from .pieces import TO_CHECK, Reach

MOST_NAMES = 200
# How far from the places shown a name is still a landmark, in km.
AROUND = 60
# From which zoom (Leaflet's, 0 is the world) and up to which one the name of a territory helps to find one's way.
ZOOMS: dict[str, tuple[int, int]] = {
    TerritoryKind.REGION: (0, 8),
    TerritoryKind.RLS: (9, 10),
    TerritoryKind.MUNICIPALITY: (9, 18),
    TerritoryKind.BOROUGH: (11, 18),
    TerritoryKind.QUARTER: (11, 18),
}
_REACH_ORDER = ("on", "soon", "unknown", "off")


@dataclass(frozen=True, slots=True)
class Offered:
    """A service offered at a place of the map."""

    name: str
    organization: str
    reach: Reach
    url: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with a point (degrees WGS 84). `number` is written on the map; `css`: the best state of its services."""

    number: int
    name: str
    address: str
    latitude: float
    longitude: float
    distance: str
    services: tuple[Offered, ...]
    css: str

    @property
    def label(self) -> str:
        """What a screen reader says of the point."""
        count = len(self.services)
        return f"{self.number}. {self.name}, {count} ressource{'s' if count > 1 else ''}"


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A name written on the map between two zooms."""

    name: str
    latitude: float
    longitude: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class MapView:
    """`names` and `here` are JSON for the script: names around the places, the place of the question (or blank)."""

    spots: tuple[Spot, ...]
    summary: str
    missing: str
    names: str
    here: str
    tiles: str
    attribution: str
    close_url: str


def map_view(
    hits: Sequence[Hit],
    state: State,
    moment: datetime,
    here: Place | None,
    tree: TerritoryTree,
    *,
    tiles: str = "",
    attribution: str = "",
) -> MapView:
    """The map of these hits, in their order. `tiles`: the address of a background (« {z}/{x}/{y} »), or blank."""
    found = spots(hits, state, moment, here)
    return MapView(
        spots=found,
        summary=_summary(found, len(hits)),
        missing=missing(hits),
        names=orjson.dumps(_names(found, tree)).decode(),
        here=_here(here),
        tiles=tiles,
        attribution=attribution,
        close_url=state.but(vue=None).url("ressources"),
    )


def spots(hits: Iterable[Hit], state: State, moment: datetime, here: Place | None = None) -> tuple[Spot, ...]:
    """Places with a point, each with the services that the list shows there, nearest first where the question names a
    place, in the order of the list otherwise."""
    places: dict[str, Mapping[str, Any]] = {}
    offered: dict[str, list[Offered]] = {}
    for hit in hits:
        document = hit.document
        service = Offered(
            document["name"],
            document["organization"]["name"],
            pieces.reach(document, moment),
            state.but(fiche=hit.code).url("fiche"),
        )
        for place in document["locations"]:
            if not place["confidential"] and place["latitude"] is not None and place["longitude"] is not None:
                places.setdefault(place["code"], place)
                offered.setdefault(place["code"], []).append(service)
    origin = None
    if here is not None and here.latitude is not None and here.longitude is not None:
        origin = Point(here.latitude, here.longitude)
    away = {code: distance_km(origin, _point(place)) if origin else 0.0 for code, place in places.items()}
    ordered = sorted(places, key=lambda code: round(away[code], 3))
    return tuple(
        _spot(number, places[code], offered[code], explanation.distance(round(away[code], 1)) if origin else "")
        for number, code in enumerate(ordered, start=1)
    )


def _point(place: Mapping[str, Any]) -> Point:
    return Point(place["latitude"], place["longitude"])


def _spot(number: int, place: Mapping[str, Any], services: list[Offered], distance: str) -> Spot:
    point = _point(place)
    address = ", ".join(part for part in (place["address"], place["municipality"]) if part)
    owners = {service.organization for service in services}
    return Spot(
        number=number,
        # « Bureau principal » says little: whose it is comes first, when it is one organization's.
        name=", ".join(dict.fromkeys([*owners, place["name"]])) if len(owners) == 1 else place["name"],
        address=address or f"Adresse {TO_CHECK}",
        latitude=point.lat,
        longitude=point.lon,
        distance=distance,
        services=tuple(services),
        css=min((service.reach.css for service in services), key=_REACH_ORDER.index),
    )


def _summary(found: Sequence[Spot], shown: int) -> str:
    if not found:
        return "Aucune ressource affichée n’a de lieu à montrer."
    places = "1 lieu" if len(found) == 1 else f"{len(found)} lieux"
    resources = "pour la ressource affichée" if shown == 1 else f"pour les {shown} ressources affichées"
    return f"{places} {resources}."


def missing(hits: Iterable[Hit]) -> str:
    """« Pas sur la carte : 2 à adresse confidentielle, 3 sans lieu connu. »; blank when every service has a point."""
    hidden = unknown = 0
    for hit in hits:
        places = hit.document["locations"]
        if any(not place["confidential"] and place["latitude"] is not None for place in places):
            continue
        if any(place["confidential"] for place in places):
            hidden += 1
        else:
            unknown += 1
    parts = [f"{hidden} à {pieces.CONFIDENTIAL}"] if hidden else []
    parts += [f"{unknown} sans lieu connu"] if unknown else []
    return f"Pas sur la carte : {', '.join(parts)}." if parts else ""


def _here(here: Place | None) -> str:
    if here is None or here.latitude is None or here.longitude is None:
        return ""
    return orjson.dumps([here.label, here.latitude, here.longitude]).decode()


@lru_cache(maxsize=2)
def territory_names(tree: TerritoryTree) -> tuple[PlaceName, ...]:
    """Where the name of each territory is written; those without a postal prefix have no point, so no name."""
    found = []
    for row in tree.rows.values():
        zooms = ZOOMS.get(row.kind)
        point = tree.point(row.code) if zooms else None
        if zooms and point:
            found.append(PlaceName(row.name, point.lat, point.lon, *zooms))
    return tuple(found)


def _names(found: Sequence[Spot], tree: TerritoryTree) -> list[tuple[str, float, float, int, int]]:
    """Names around the places shown, the nearest ones."""
    if not found:
        return []
    middle = Point(
        sum(spot.latitude for spot in found) / len(found), sum(spot.longitude for spot in found) / len(found)
    )
    farthest = max(distance_km(middle, Point(spot.latitude, spot.longitude)) for spot in found)
    around = [(distance_km(middle, Point(name.latitude, name.longitude)), name) for name in territory_names(tree)]
    near = sorted((pair for pair in around if pair[0] <= farthest + AROUND), key=lambda pair: pair[0])
    return [(name.name, name.latitude, name.longitude, name.first, name.last) for _distance, name in near[:MOST_NAMES]]
