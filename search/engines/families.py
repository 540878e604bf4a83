"""Families of fields that say something of every service (availability, clientele, ages…), folded into one term each.

Services share few combinations of these: some hundreds over a hundred thousand services. Each combination is a term of
the index, so that a question looks at the combinations, not at the services: what several clauses are worth to a
service is added up once per combination, and only those that differ from the most common sum are looked up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
import tantivy
from tantivy import Occur, Query

from ..predicates import AllOf, AnyOf, Between, Not, Predicate, Terms, matches

FAMILIES: dict[str, tuple[str, ...]] = {
    "shared": ("visibility",),
    "public": ("availability", "sex", "partner_type", "clientele"),
    "ages": ("age_known", "age_low", "age_high", "age_span"),
    "checked": ("verified",),
}
_FAMILY_OF = {name: family for family, names in FAMILIES.items() for name in names}
MAX_COMBINATIONS = 5_000  # above, looking at them all costs more than it saves
_KEPT = 500  # answers remembered per state of the index


def field_of(family: str) -> str:
    """The field of the index that holds a family."""
    return f"family_{family}"


def combination(family: str, keywords: Mapping[str, Sequence[Any]]) -> str:
    """The term of a service in a family, from documents.keywords()."""
    return orjson.dumps([keywords[name] for name in FAMILIES[family]]).decode()


class _Combination:
    """What services of one combination have in common, as `predicates.matches` reads it."""

    def __init__(self, family: str, term: str, count: int) -> None:
        self.term, self.count = term, count
        self._values = dict(zip(FAMILIES[family], orjson.loads(term), strict=True))

    def values(self, field: str) -> Collection[Any]:
        found: list[Any] = self._values[field]
        return found

    def words(self, field: str) -> Iterable[str]:
        raise KeyError(field)

    stems = words

    def intervals(self, field: str) -> Iterable[Sequence[int]]:
        raise KeyError(field)


def family_of(predicate: Predicate) -> str | None:
    """The family that alone decides of a predicate; None when it takes other fields too."""
    match predicate:
        case Terms(field) | Between(field):
            return _FAMILY_OF.get(field)
        case Not(part):
            return family_of(part)
        case AllOf(parts) | AnyOf(parts):
            found = {family_of(part) for part in parts}
            return found.pop() if len(found) == 1 else None
        case _:
            return None


class Families:
    """The combinations of one state of one index, and what was asked of them."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema) -> None:
        self._searcher, self._schema = searcher, schema
        self._held: dict[str, list[_Combination]] = {}
        self._matched: dict[Predicate, list[int]] = {}
        self._folded: dict[frozenset[tuple[Predicate, int]], tuple[int, list[tuple[Occur, Query]]]] = {}

    def combinations(self, family: str) -> list[_Combination]:
        if family not in self._held:
            found = self._searcher.terms_with_prefix(field_of(family), "")
            self._held[family] = [_Combination(family, term, count) for term, count in found]
        return self._held[family]

    def deciding(self, predicate: Predicate) -> str | None:
        """The family to ask instead of the fields of a predicate, when it alone decides and is small enough."""
        family = family_of(predicate)
        return family if family is not None and len(self.combinations(family)) <= MAX_COMBINATIONS else None

    def matched(self, family: str, predicate: Predicate) -> list[int]:
        """Places, among the family's combinations, of those that a predicate holds for."""
        found = self._matched.get(predicate)
        if found is None:
            if len(self._matched) >= _KEPT:
                self._matched.clear()
            every = self.combinations(family)
            found = [place for place, one in enumerate(every) if matches(predicate, one)]
            self._matched[predicate] = found
        return found

    def sides(self, family: str, predicate: Predicate) -> tuple[Query, Query | None]:
        """(what to require, what to exclude instead): the second is there when fewer services are to be excluded."""
        every, held = self.combinations(family), set(self.matched(family, predicate))
        inside = [one for place, one in enumerate(every) if place in held]
        outside = [one for place, one in enumerate(every) if place not in held]
        fewer = sum(one.count for one in outside) < sum(one.count for one in inside)
        return self._union(family, inside), self._union(family, outside) if fewer else None

    def fold(self, points: Mapping[Predicate, int]) -> tuple[int, list[tuple[Occur, Query]], dict[Predicate, int]]:
        """(points of every service, what adds to them or takes away, the predicates that no family decides).

        The sum over a service is that of the weights of the predicates that it matches.
        """
        asked: dict[str, dict[Predicate, int]] = {}
        rest: dict[Predicate, int] = {}
        for predicate, weight in points.items():
            family = self.deciding(predicate)
            (rest if family is None else asked.setdefault(family, {}))[predicate] = weight
        common, clauses = 0, []
        for family, weights in asked.items():
            most, differing = self._sums(family, weights)
            common += most
            clauses += differing
        return common, clauses, rest

    def _sums(self, family: str, weights: Mapping[Predicate, int]) -> tuple[int, list[tuple[Occur, Query]]]:
        key = frozenset(weights.items())
        found = self._folded.get(key)
        if found is None:
            if len(self._folded) >= _KEPT:
                self._folded.clear()
            every = self.combinations(family)
            sums = [0] * len(every)
            for predicate, weight in weights.items():
                for place in self.matched(family, predicate):
                    sums[place] += weight
            services: Counter[int] = Counter()
            for one, total in zip(every, sums, strict=True):
                services[total] += one.count
            most = services.most_common(1)[0][0] if services else 0
            clauses = [
                (Occur.Should, Query.const_score_query(self._union(family, [one]), float(total - most)))
                for one, total in zip(every, sums, strict=True)
                if total != most
            ]
            found = self._folded[key] = (most, clauses)
        return found

    def _union(self, family: str, members: Sequence[_Combination]) -> Query:
        field = field_of(family)
        if not members:
            return Query.empty_query()
        if len(members) == 1:
            return Query.term_query(self._schema, field, members[0].term, "basic")
        return Query.term_set_query(self._schema, field, [one.term for one in members])
