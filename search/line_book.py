"""The telephone lines that answer at every hour, in order: a large network has thousands, a page shows a few."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from registry.geography import TerritoryTree
from registry.policies import Scope

EVERYBODY = "ligne_provinciale"  # partner type of the lines that answer the whole province


@dataclass(frozen=True, slots=True)
class Line:
    """A telephone line that answers at every hour. `territories`: codes served; `needs`: the primary one first."""

    code: str
    name: str
    organization: str
    phone: str
    needs: tuple[str, ...]
    territories: tuple[str, ...]
    languages: tuple[str, ...]
    visibility: str
    partner_type: str


class LineBook:
    """Lines from the one that answers most people to the one that answers fewest. Immutable."""

    def __init__(self, lines: Iterable[Line], tree: TerritoryTree) -> None:
        def rank(line: Line) -> tuple[bool, int, int, str]:
            width = min((tree.depth(code) for code in line.territories), default=0)
            return (line.partner_type != EVERYBODY, width, -len(line.needs), line.code)

        self.lines = tuple(sorted(lines, key=rank))
        self._first: dict[str, list[int]] = {}
        self._any: dict[str, list[int]] = {}
        for place, line in enumerate(self.lines):
            for need in line.needs[:1]:
                self._first.setdefault(need, []).append(place)
            for need in set(line.needs):
                self._any.setdefault(need, []).append(place)

    def best(self, scope: Scope, needs: Collection[str], around: Collection[str], limit: int) -> list[Line]:
        """Lines that this viewer may see and that serve one of these territories (none given: anywhere): those whose
        first need is asked, then those that answer one asked, then the others."""
        found: list[Line] = []
        for place in self._in_order(needs):
            line = self.lines[place]
            if line.visibility not in scope.visibilities:
                continue
            if around and line.territories and set(line.territories).isdisjoint(around):
                continue
            found.append(line)
            if len(found) == limit:
                break
        return found

    def _in_order(self, needs: Collection[str]) -> Iterator[int]:
        seen: set[int] = set()
        for index in (self._first, self._any):
            for place in heapq.merge(*(index.get(need, ()) for need in set(needs))):
                if place not in seen:
                    seen.add(place)
                    yield place
        for place in range(len(self.lines)):
            if place not in seen:
                yield place
