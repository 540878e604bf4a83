"""From predicates to Elasticsearch's query language, and from a plan to the body of one search.

Bodies are plain values. What a predicate translates to is kept, already written as JSON: most of a question is the same
from one question to the next (quality, people, schedules that are open at this minute), and is then only copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import orjson

from .. import analysis
from ..predicates import (
    EXACT,
    LOOSE,
    TEXTS,
    AllOf,
    AnyOf,
    Between,
    During,
    Everything,
    Not,
    Predicate,
    Terms,
    Word,
    all_of,
    edits,
)
from ..ranking import Plan
from ..weights import TIER_STEP
from .elasticsearch_mapping import EVERY

FACET_SIZE = 2_000  # values counted per facet
KEPT = 4_096  # translations kept; a question has about a hundred
# One automaton per misspelt word, not one per segment besides (ten times slower); no word has so many neighbours.
TYPOS = "top_terms_boost_1024"
ORDER = orjson.Fragment(b'[{"_score":"desc"},{"code":"asc"}]')
_NEWER = "newer schedules"

Json = dict[str, Any]

# --- Predicates ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=KEPT)
def query(predicate: Predicate) -> orjson.Fragment:
    """This predicate as a query, in JSON."""
    return orjson.Fragment(orjson.dumps(_query(predicate)))


def _query(predicate: Predicate) -> Json:
    match predicate:
        case Terms(field, values):
            return _terms(field, values)
        case Word():
            return _union(_word(predicate))
        case Between(field, low, high):
            bounds = {name: bound for name, bound in (("gte", low), ("lte", high)) if bound is not None}
            return {"range": {field: bounds}} if bounds else {"exists": {"field": field}}
        case During(field, point):
            # On a field of ranges: one of them holds this point.
            return {"term": {field: point}}
        case AnyOf(parts):
            return _union([query(part) for part in parts])
        case AllOf(parts):
            kept = [query(part) for part in parts if not isinstance(part, Not)]
            left_out = [query(part.part) for part in parts if isinstance(part, Not)]
            clauses: Json = {"filter": kept} if kept else {}
            return {"bool": {**clauses, "must_not": left_out} if left_out else clauses}
        case Not(part):
            return {"bool": {"must_not": [query(part)]}}
        case _:
            return {"match_all": {}}


def _terms(field: str, values: Sequence[Any]) -> Json:
    if not values:
        return {"match_none": {}}
    return {"term": {field: values[0]}} if len(values) == 1 else {"terms": {field: list(values)}}


def _union(parts: Iterable[Any]) -> Json:
    found = list(parts)
    if not found:
        return {"match_none": {}}
    return {"bool": {"should": found}}


def _word(asked: Word) -> Iterable[Json]:
    """What a word is looked for as, field by field (predicates.Word says what each mode means)."""
    fields = (EVERY,) if set(asked.fields) == set(TEXTS) else asked.fields
    for field in fields:
        yield {"term": {f"word_{field}": asked.word}}
        if asked.mode != EXACT:
            yield {"term": {f"stem_{field}": analysis.stem(asked.word)}}
        if asked.mode == LOOSE:
            if asked.prefix and len(asked.word) >= 2:
                yield {"prefix": {f"word_{field}": asked.word}}
            limit = edits(asked.word)
            # No word of an index is so long; the server would think about this one for seconds.
            if limit and len(asked.word) < analysis.LONGEST_WORD + limit:
                yield {
                    "fuzzy": {
                        f"near_{field}": {
                            "value": asked.word, "fuzziness": limit, "prefix_length": 1, "rewrite": TYPOS,
                        }
                    }
                }  # fmt: skip


# --- Plans ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=KEPT)
def _scored(predicate: Predicate, weight: int) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps({"constant_score": {"filter": query(predicate), "boost": weight}}))


def weighed(asked: Plan) -> list[orjson.Fragment]:
    """The wishes and the clauses, each adding its weight: whole numbers whose sum stays exact in single precision."""
    points: dict[Predicate, int] = {}
    for wish in asked.wishes:
        points[wish.predicate] = points.get(wish.predicate, 0) + wish.cost * TIER_STEP
    for clause in asked.clauses:
        points[clause.predicate] = points.get(clause.predicate, 0) + clause.weight
    return [_scored(predicate, weight) for predicate, weight in points.items()]


def search_body(asked: Plan, size: int, offset: int, newest_schedule: int) -> bytes:
    """The body of one search: the hits of a page, the facets and the tiers.

    `newest_schedule`: the highest number of a schedule that this process knows; services with a later one are counted,
    so that the caller can learn them (see `has_newer`).
    """
    # What is stored comes as it is: to choose among it, or among the rest of an answer, costs the server milliseconds.
    body: Json = {
        "from": offset,
        "size": size,
        "track_total_hits": True,
        "sort": ORDER,
        "query": {"bool": {"filter": [query(all_of([asked.required, asked.base]))], "should": weighed(asked)}},
        "aggs": _aggregations(asked) | {_NEWER: {"filter": {"range": {"hours.number": {"gt": newest_schedule}}}}},
    }
    if asked.filters:
        # After the counting: each facet counts with every filter but its own.
        body["post_filter"] = query(all_of(asked.filters.values()))
    return orjson.dumps(body)


def chosen_body(asked: Plan, wanted: Predicate, size: int) -> bytes:
    """The body of a search for some services, whatever the question requires, scored as it would."""
    return orjson.dumps({
        "size": size, "track_total_hits": False,
        "query": {"bool": {"filter": [query(wanted)], "should": weighed(asked)}},
    })  # fmt: skip


def begins_body(visible: Predicate, asked: tuple[str, tuple[str, ...], str], size: int) -> bytes:
    """The body of a search for names that hold some whole words, and a word with this beginning (hits.begins_with)."""
    field, whole, start = asked
    parts: list[Any] = [query(visible), *({"term": {f"word_{field}": word}} for word in whole)]
    if not whole or start not in analysis.STOP_WORDS:
        # « maison des »: stop words are not indexed, the rest finds the name.
        parts.append({"prefix": {f"word_{field}": start}})
    return orjson.dumps({
        "size": size, "track_total_hits": False, "_source": False, "docvalue_fields": ["label"],
        "sort": [{"code": "asc"}], "query": {"bool": {"filter": parts}},
    })  # fmt: skip


# --- Counting ------------------------------------------------------------------------------------------------------


def ranks(asked: Plan) -> list[int]:
    """Every tier that this question may have, in order."""
    found = {0}
    for wish in asked.wishes:
        found |= {rank + wish.cost for rank in found}
    return sorted(found)


def _aggregations(asked: Plan) -> Json:
    """Facets and tiers, each under the filters that it counts with."""
    groups: dict[frozenset[str], Json] = {}
    for name, counted in asked.facets.items():
        aggregation: Json
        if counted:
            aggregation = {"terms": {"field": counted, "size": FACET_SIZE}}
        else:
            aggregation = {"filter": query(asked.reachable if name == "reachable" else asked.corridor)}
        groups.setdefault(frozenset(asked.filters.keys() - {name}), {})[f"facet {name}"] = aggregation
    every = groups.setdefault(frozenset(asked.filters), {})
    for rank in ranks(asked):
        parts = [Not(wish.predicate) if rank & wish.cost else wish.predicate for wish in asked.wishes]
        every[f"tier {rank}"] = {"filter": query(all_of(parts))}
    found: Json = {}
    for others, aggregations in groups.items():
        condition = all_of([asked.filters[name] for name in sorted(others)])
        if isinstance(condition, Everything):
            found |= aggregations
        else:
            found[f"with {' '.join(sorted(others))}"] = {"filter": query(condition), "aggs": aggregations}
    return found


def counted(asked: Plan, answer: Json) -> tuple[dict[str, dict[str, int]], dict[int, int]]:
    """What the aggregations of an answer say: facet → value → count, and tier → count."""
    flat: Json = {}
    for name, value in answer["aggregations"].items():
        flat |= value if name.startswith("with ") else {name: value}
    facets = {name: _values(flat[f"facet {name}"]) for name in asked.facets}
    return facets, {rank: int(flat[f"tier {rank}"]["doc_count"]) for rank in ranks(asked)}


def _values(aggregation: Json) -> dict[str, int]:
    if "buckets" in aggregation:
        return {str(bucket["key"]): int(bucket["doc_count"]) for bucket in aggregation["buckets"]}
    return {"1": int(aggregation["doc_count"])}


def has_newer(answer: Json) -> bool:
    """Do services that could answer keep schedules that this process does not know yet?"""
    return bool(answer["aggregations"][_NEWER]["doc_count"])
