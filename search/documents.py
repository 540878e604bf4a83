"""ServiceDocument: what a service looks like to a search engine, and its projection from the database in bulk.

A document is a plain dict that JSON can hold. No field of it depends on the moment of indexing: dates, patterns and
periods are stored, and the question compares them with the moment asked. It holds all that a card and a sheet show, so
that a page asks the engine once; `reduced` takes out what a viewer may not see. A confidential address never enters.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from registry.enums import FrameworkService, PartnerType, Program
from registry.geography import Point, distance_km
from registry.policies import Scope

from . import analysis

# Bump when the layout of a document, or what is derived from it, changes: every index is then rebuilt.
LAYOUT = 2

CONFIDENTIAL_ADDRESS = "adresse confidentielle"
UNKNOWN = "?"  # the value that a keyword field holds when the listing says nothing: unknown is not no
AGE_FLOOR, AGE_CEILING = 0, 150  # years
FOREVER = date.max.toordinal()
MAX_INTERVALS = 8  # per interval field; the latest ones are kept

# Cells of a grid over the map, in degrees: a ring of distance is a set of cells, the same on every engine.
KM_PER_DEGREE = 111.0  # of latitude
GRIDS = {"cell_fine": (0.01, 0.015), "cell_coarse": (0.1, 0.15)}


@cache
def recipe() -> str:
    """What documents are made with: their layout and the shipped lexicon, which reads needs in their words. An index
    made with another recipe still answers; rebuilding it is due."""
    made = hashlib.blake2b(str(LAYOUT).encode(), digest_size=12)
    for file in sorted((Path(__file__).parent / "lexicon").glob("*.csv")):
        made.update(file.read_bytes())
    return made.hexdigest()


# Codes never meet across these vocabularies.
_LABELS = {str(code): str(label) for kind in (Program, FrameworkService, PartnerType) for code, label in kind.choices}


def cell(latitude: float, longitude: float, grid: str) -> str:
    """The grid cell of a point (degrees WGS 84)."""
    height, width = GRIDS[grid]
    return f"{int(latitude // height)}:{int(longitude // width)}"


@lru_cache(maxsize=1_000)
def cells_within(latitude: float, longitude: float, radius: int) -> tuple[str, tuple[str, ...]]:
    """(grid, cells) of a ring of distance: cells whose centre lies within ``radius`` km of a point (degrees WGS 84);
    the cell of the point always does."""
    grid = "cell_fine" if radius <= 5 else "cell_coarse"
    height, width = GRIDS[grid]
    here = Point(latitude, longitude)
    rows = math.ceil(radius / (KM_PER_DEGREE * height)) + 1
    narrowing = max(math.cos(math.radians(latitude)), 0.1)
    columns = math.ceil(radius / (KM_PER_DEGREE * width * narrowing)) + 1
    found = {cell(latitude, longitude, grid): None}
    for row in range(-rows, rows + 1):
        for column in range(-columns, columns + 1):
            north = (latitude // height + row + 0.5) * height
            east = (longitude // width + column + 0.5) * width
            if distance_km(here, Point(north, east)) <= radius:
                found[cell(north, east, grid)] = None
    return grid, tuple(found)


def minutes(moment: datetime) -> int:
    """A moment as minutes since 1970, UTC: the unit of closures."""
    return int(moment.timestamp() // 60)


@lru_cache(maxsize=5_000)
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def merged(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Disjoint intervals, in order, both ends included; at most MAX_INTERVALS, the latest ones."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if result and start <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result[-MAX_INTERVALS:]


def texts(document: Mapping[str, Any]) -> dict[str, str]:
    """What is matched word by word, field by field (the fields of predicates.TEXTS)."""
    organization = document["organization"]
    labels = [
        *document["keywords"],
        *document["clientele"],
        *[_LABELS.get(code, "") for code in document["programs"]],
        _LABELS.get(document["framework_service"], ""),
        _LABELS.get(organization["partner_type"], ""),
        *document["protocols"],
    ]
    return {
        "name": document["name"],
        "needs": " ; ".join([need["term"] for need in document["needs"]]),
        "organization": " ; ".join([organization["name"], organization["acronym"], *organization["other_names"]]),
        "keywords": " ; ".join(filter(None, labels)),
        "description": document["description"],
        "about": organization["description"],
    }


def keywords(document: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What is matched as a whole: codes, keys and integers. A field with nothing known holds UNKNOWN where a question
    may exclude on it."""
    organization, needs = document["organization"], document["needs"]
    terms = [need["term"] for need in needs]
    served = [territory["code"] for territory in document["territories"]]
    above = list(dict.fromkeys(chain.from_iterable([territory["above"] for territory in document["territories"]])))
    inferred = document.get("inferred", {})
    points = [
        (place["latitude"], place["longitude"]) for place in document["locations"] if place["latitude"] is not None
    ]
    called, short = _of_organization(
        organization["name"], organization["acronym"], organization["code"], tuple(organization["other_names"])
    )
    listed = chain.from_iterable(map(analysis.acronyms, (document["name"], *document["keywords"])))
    known_age = document["age_min"] is not None or document["age_max"] is not None
    low = AGE_FLOOR if document["age_min"] is None else document["age_min"]
    high = AGE_CEILING if document["age_max"] is None else document["age_max"]
    verified = document["verified_on"]
    fields: dict[str, list[Any]] = {
        "id": [document["id"]],
        "code": [document["code"]],
        "visibility": [document["visibility"]],
        "service_name": _keys((document["name"], document["code"])),
        "organization_name": called,
        "acronym": list(dict.fromkeys((*short, *listed))),
        "need": terms,
        "primary_need": terms[:1],
        # What the listing's own words say that it answers, whatever it is indexed under.
        "inferred_need": inferred.get("strong", []),
        "hinted_need": inferred.get("weak", []),
        "parent_need": list(dict.fromkeys([need["parent"] for need in needs if need["parent"]])),
        "served": served or [UNKNOWN],
        "served_above": above,
        "sex": document["sexes"] or [UNKNOWN],
        "language": document["languages"] or [UNKNOWN],
        "clientele": document["clientele"],
        "program": document["programs"],
        "partner_type": [organization["partner_type"]],
        "access_mode": document["access_modes"],
        "availability": [document["availability"]] if document["availability"] else [],
        "line": [document["line"]] if document["line"] else [],
        "framework": [document["framework_service"]] if document["framework_service"] else [],
        "hours": [document["hours_id"]] if document["hours_id"] is not None else [],
        "age_known": [int(known_age)],
        "age_low": [low],
        "age_high": [high],
        "age_span": [high - low],
        "delay": [document["delay_days"]] if document["delay_days"] is not None else [],
        "verified": [_ordinal(verified)] if verified else [],
    }
    cells = [_cells(*point) for point in points]
    for rank, grid in enumerate(GRIDS):
        fields[grid] = list(dict.fromkeys([found[rank] for found in cells]))
    return fields


def intervals(document: Mapping[str, Any]) -> dict[str, list[tuple[int, int]]]:
    """`closed`: temporary closures, in minutes. `corridor`: days (ordinals) on which a corridor leads here."""
    closed = [
        (
            minutes(datetime.fromisoformat(closure["start"])),
            minutes(datetime.fromisoformat(closure["end"])) - 1 if closure["end"] else FOREVER * 24 * 60,
        )
        for closure in document["closures"]
    ]
    periods = [
        (_ordinal(start), _ordinal(end) if end else FOREVER)
        for corridor in document["corridors_in"]
        for start, end in corridor["periods"]
    ]
    return {"closed": merged(closed), "corridor": merged(periods)}


# Names of the fields above, for engines that declare a schema.
KEYWORD_FIELDS = (
    "code", "visibility", "service_name", "organization_name", "acronym", "need", "primary_need", "parent_need",
    "inferred_need", "hinted_need", "served",
    "served_above", "sex", "language", "clientele", "program", "partner_type", "access_mode", "availability", "line",
    "framework", *GRIDS,
)  # fmt: skip
INTEGER_FIELDS = ("id", "hours", "age_known", "age_low", "age_high", "age_span", "delay", "verified")
INTERVAL_FIELDS = ("closed", "corridor")


class DocumentEntry:
    """A document as `predicates.matches` reads it; words and stems are computed when first asked."""

    def __init__(
        self,
        document: Mapping[str, Any],
        whole: Mapping[str, list[Any]] | None = None,
        spans: Mapping[str, Sequence[Sequence[int]]] | None = None,
    ) -> None:
        self.document = document
        self._keywords = keywords(document) if whole is None else whole
        self._intervals = intervals(document) if spans is None else spans
        self._texts: dict[str, str] | None = None
        self._words: dict[str, list[str]] = {}
        self._stems: dict[str, list[str]] = {}

    def _text(self, field: str) -> str:
        if self._texts is None:
            self._texts = texts(self.document)
        return self._texts[field]

    def values(self, field: str) -> Collection[Any]:
        return self._keywords.get(field, ())

    def intervals(self, field: str) -> Iterable[Sequence[int]]:
        return self._intervals.get(field, ())

    def words(self, field: str) -> Iterable[str]:
        if field not in self._words:
            self._words[field] = analysis.words(self._text(field))
        return self._words[field]

    def stems(self, field: str) -> Iterable[str]:
        if field not in self._stems:
            self._stems[field] = analysis.stems(self._text(field))
        return self._stems[field]


def digest(document: Mapping[str, Any]) -> str:
    """The version of a document: equal when nothing that it holds has changed."""
    kept = {name: value for name, value in document.items() if name != "version"}
    packed = orjson.dumps([LAYOUT, kept], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(packed, digest_size=12).hexdigest()


def reduced(document: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """The document without what this viewer may not see: contacts of narrower visibility, corridors."""
    result = dict(document)
    result["contacts"] = [item for item in document["contacts"] if item["visibility"] in scope.visibilities]
    result["liaisons"] = [item for item in document["liaisons"] if item["contact"]["visibility"] in scope.visibilities]
    for side in ("corridors_in", "corridors_out"):
        result[side] = (
            [item for item in document[side] if item["service"]["visibility"] in scope.visibilities]
            if scope.sees_corridors
            else []
        )
    return result


def _keys(names: Iterable[str]) -> list[str]:
    return [found for found in dict.fromkeys(map(analysis.name_key, names)) if found]


# What follows comes back with each service of the organization, one after the other: a small memory is the fast one.
@lru_cache(maxsize=2_000)
def _cells(latitude: float, longitude: float) -> tuple[str, ...]:
    """The cell of a point in each grid, in the order of GRIDS."""
    return tuple(cell(latitude, longitude, grid) for grid in GRIDS)


@lru_cache(maxsize=2_000)
def _of_organization(name: str, acronym: str, code: str, others: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The keys of an organization's names, and its acronyms: the one that it declares, whatever its case, and those
    that capitals show in its names. Shared between documents: never changed."""
    shown = chain.from_iterable(map(analysis.acronyms, (acronym, name, *others)))
    declared = analysis.acronym_key(acronym)
    return _keys((name, *others, code)), list(dict.fromkeys((declared, *shown) if declared else shown))
