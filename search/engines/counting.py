"""Facets and tiers of a question, counted by one tantivy aggregation: what to ask, and how to read the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from .. import hits
from ..predicates import Everything, all_of
from ..ranking import Plan
from ..request import OrientationRequest
from .base import FacetValue, Tier
from .translation import COMBINED, Translator

FACET_SIZE = 2_000  # values of a facet
COMBINATION_SIZE = 10_000  # combinations of the values of a combined field


def body(asked: Plan, translator: Translator) -> dict[str, Any]:
    """The aggregation over the candidates (required and base). Each facet counts with every filter but its own."""
    text = translator.text
    groups: dict[frozenset[str], dict[str, Any]] = {}
    for name, counted in asked.facets.items():
        others = frozenset(asked.filters.keys() - {name})
        aggregation: dict[str, Any]
        if counted in COMBINED:
            aggregation = {"terms": {"field": f"every_{counted}", "size": COMBINATION_SIZE}}
        elif counted:
            aggregation = {"terms": {"field": counted, "size": FACET_SIZE}}
        else:
            aggregation = {"filter": text(asked.reachable if name == "reachable" else asked.corridor)}
        groups.setdefault(others, {})[f"facet {name}"] = aggregation
    every = frozenset(asked.filters)
    for kept in _choices(asked):
        if kept:
            wishes = [wish.predicate for wish in asked.wishes if wish.cost & kept]
            groups.setdefault(every, {})[f"kept {kept}"] = {"filter": text(all_of(wishes))}
    result: dict[str, Any] = {}
    for others, aggregations in groups.items():
        condition = all_of([asked.filters[name] for name in sorted(others)])
        if isinstance(condition, Everything):
            result.update(aggregations)
        else:
            result[" ".join(sorted(others))] = {"filter": text(condition), "aggs": aggregations}
    return result


def read(
    result: Mapping[str, Any], asked: Plan, request: OrientationRequest, total: int
) -> tuple[dict[str, tuple[FacetValue, ...]], tuple[Tier, ...]]:
    """Facets and tiers out of the answer to `body`. `total`: candidates that every filter keeps."""
    flat = _flattened(result)
    facets = {
        name: hits.facet(name, _values(flat[f"facet {name}"], counted), request.filters.get(name, ()))
        for name, counted in asked.facets.items()
    }
    # How many keep at least some wishes → how many keep just these, whatever is left out being given up.
    at_least = {kept: flat[f"kept {kept}"]["doc_count"] if kept else total for kept in _choices(asked)}
    ranks = {
        asked.highest_rank - kept: sum(
            (-1) ** (more ^ kept).bit_count() * count for more, count in at_least.items() if more & kept == kept
        )
        for kept in at_least
    }
    return facets, hits.tiers(asked, ranks, request)


def _choices(asked: Plan) -> Iterable[int]:
    """Every set of wishes, as the sum of their costs (which are powers of two)."""
    costs = [wish.cost for wish in asked.wishes]
    return [sum(cost for bit, cost in enumerate(costs) if chosen >> bit & 1) for chosen in range(1 << len(costs))]


def _flattened(result: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in result.items():
        if name.startswith(("facet ", "kept ")):
            found[name] = value
        else:
            found.update({inner: item for inner, item in value.items() if inner.startswith(("facet ", "kept "))})
    return found


def _values(aggregation: Mapping[str, Any], counted: str) -> dict[str, int]:
    if "buckets" not in aggregation:
        return {"1": int(aggregation["doc_count"])}
    if counted not in COMBINED:
        return {str(bucket["key"]): int(bucket["doc_count"]) for bucket in aggregation["buckets"]}
    values: Counter[str] = Counter()
    for bucket in aggregation["buckets"]:
        for value in set(orjson.loads(bucket["key"])):
            values[str(value)] += int(bucket["doc_count"])
    return values
