"""One index built anew beside the one that serves."""

from __future__ import annotations

from collections.abc import Callable

from .. import outbox, projection
from ..engines.base import Engine
from . import state

Told = Callable[[int, int], None]  # documents written, documents in all


class Stopped(Exception):
    """Somebody asked to stop: what was being built is given up, what serves is as it was."""


def rebuild(engine: Engine, told: Told | None = None, stopping: Callable[[], bool] | None = None) -> int:
    """Build this index from the database, check it, write to it what changed meanwhile, and put it in the place of the
    one that serves, in one step. Returns the number of services.

    Raises EngineError (what serves is as it was), IndexBusy when another rebuild is under way, Stopped.
    """
    with outbox.held(engine, outbox.settled()) as alive:
        # From here on nothing past the mark is purged; what changes while we read is written again by `follow`.
        mark = outbox.settled()
        ids = projection.live_ids()

        def progress(done: int) -> None:
            alive()
            if stopping is not None and stopping():
                raise Stopped
            if told is not None:
                told(done, len(ids))

        written = engine.rebuild(projection.documents(ids), mark, len(ids), progress, outbox.follow)
        state.remember_comparison(engine, written, 0)
        outbox.drain(engine)
    return written
