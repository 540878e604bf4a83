"""An index compared with the database, service by service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .. import outbox, projection
from ..engines.base import Engine
from . import state

CHUNK = 5_000  # services projected at once
ROUNDS = 3  # looks at what differs, while the database goes on changing


@dataclass(frozen=True, slots=True)
class Comparison:
    """Primary keys of the services that differ, and how many services there are on each side."""

    wanted: int
    held: int
    missing: tuple[int, ...] = ()
    extra: tuple[int, ...] = ()
    stale: tuple[int, ...] = ()

    @property
    def drifted(self) -> tuple[int, ...]:
        return (*self.missing, *self.extra, *self.stale)


def compare(engine: Engine) -> Comparison:
    """Bring the index up to date, then compare (primary key, digest of the document) on both sides. What changes while
    it is being read is looked at again: only what stays different counts. Raises EngineError."""
    outbox.drain(engine)
    held = engine.digests()
    wanted = _wanted(projection.live_ids())
    found = _compared(wanted, held)
    for _ in range(ROUNDS):
        if not found.drifted:
            break
        ids = list(found.drifted)
        outbox.drain(engine)
        again = _compared(_wanted(ids), engine.digests(ids))
        settled = set(again.drifted) == set(found.drifted)
        found = Comparison(len(wanted), len(held), again.missing, again.extra, again.stale)
        if settled:
            break
    state.remember_comparison(engine, len(held), len(found.drifted))
    return found


def repair(engine: Engine, found: Comparison) -> Comparison:
    """Index again what differs, through the log like any change, so that every index does; compare once more."""
    outbox.append("search.check_index", found.drifted)
    return compare(engine)


def _wanted(ids: Sequence[int]) -> dict[int, str]:
    wanted: dict[int, str] = {}
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        wanted.update((document["id"], document["version"]) for document in projection.documents(chunk))
    return wanted


def _compared(wanted: dict[int, str], held: dict[int, str]) -> Comparison:
    return Comparison(
        len(wanted),
        len(held),
        tuple(sorted(wanted.keys() - held.keys())),
        tuple(sorted(held.keys() - wanted.keys())),
        tuple(sorted(pk for pk in wanted.keys() & held.keys() if wanted[pk] != held[pk])),
    )
