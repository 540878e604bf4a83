"""Keeping every index of this host up to date with the change log, each at its own pace and by its own mark.

One thread per index: a server that hangs holds back no other. Whatever stops half-way begins again from the mark that
the index itself holds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, close_old_connections, connections

from .. import outbox
from ..engines.base import Engine, EngineError, IndexReplaced
from ..engines.store import IndexBusy
from .rebuilding import Stopped, rebuild

logger = logging.getLogger(__name__)

PAUSE = 0.2  # seconds between two looks at the log: a burst of saves is one write
STANDBY_PAUSE = 1.0  # … for a copy that answers only when the main index does not
BUSY_PAUSE = 1.0  # another process writes to the same index
FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0  # seconds before trying again what failed
LOOK_AT_MARK = 5.0  # another host may have put an index in the place of the one that was followed
LOOK_AT_INDEX = 60.0  # is it readable, of this version, within the log
SIGN_OF_LIFE = 30.0

LABELS = {"elasticsearch": "Elasticsearch", "embedded": "Copie locale"}


class Keeper:
    """What keeps one index up to date. `say` is told, in French, what happens; `stopping`, when to end.

    `pause`: seconds between two looks at the log.
    """

    def __init__(
        self, engine: Engine, say: Callable[[str], None], stopping: threading.Event, pause: float = PAUSE
    ) -> None:
        self.engine = engine
        self._pause = pause
        self.label = LABELS.get(engine.name, engine.name)
        self._say = say
        self._stopping = stopping
        self._wait = 0.0
        self._mark = -1
        self._failed_at = 0.0
        self._next_mark = self._next_index = self._next_sign = 0.0

    def run(self) -> None:
        """Until told to stop."""
        try:
            while not self._stopping.is_set():
                close_old_connections()
                self._stopping.wait(self.round())
        finally:
            connections.close_all()

    def round(self) -> float:
        """Read what there is to read; returns the seconds to wait before the next round. Raises nothing."""
        try:
            self._look_at_index()
            if self._is_late():
                done = outbox.drain(self.engine, stopping=self._stopping.is_set)
                self._mark = done.mark
            self._well()
        except Stopped:
            return 0.0
        except IndexReplaced:
            # Built anew elsewhere: go on from its own mark.
            self._mark, self._next_index = -1, 0.0
            return 0.0
        except IndexBusy:
            return BUSY_PAUSE
        except (EngineError, DatabaseError) as error:
            return self._failed(error)
        except Exception as error:
            logger.exception("index_worker")
            return self._failed(error)
        return self._pause

    @property
    def is_failing(self) -> bool:
        return self._wait > 0

    def _is_late(self) -> bool:
        now = time.monotonic()
        if now >= self._next_mark:
            self._next_mark = now + LOOK_AT_MARK
            self._mark = self.engine.mark()
        return outbox.head() > self._mark

    def _look_at_index(self) -> None:
        """Build the index when it is missing or can no longer be brought up to date."""
        if time.monotonic() < self._next_index:
            return
        reason = outbox.is_behind(self.engine)
        if reason and not self.engine.may_be_rebuilt():
            raise EngineError(f"Il faut lancer « manage.py rebuild_index »\u00a0: {reason}.")
        if reason:
            self._say(f"{self.label}\u00a0: reconstruction, parce que {reason}.")
            written = rebuild(self.engine, stopping=self._stopping.is_set)
            self._say(f"{self.label}\u00a0: {written} services indexés.")
            self._mark = -1
        self._next_index = time.monotonic() + LOOK_AT_INDEX

    def _well(self) -> None:
        now = time.monotonic()
        if self._wait:
            self._say(f"{self.label}\u00a0: de retour après {now - self._failed_at:.0f} s, repère {self._mark}.")
            self._wait = self._next_sign = 0.0
        if now >= self._next_sign:
            self._next_sign = now + SIGN_OF_LIFE
            outbox.register(self.engine)

    def _failed(self, error: Exception) -> float:
        self._failed_at = self._failed_at if self._wait else time.monotonic()
        self._wait = min(self._wait * 2, LONGEST_WAIT) if self._wait else FIRST_WAIT
        # Ours are in French and hold no listing; the words of others are not known.
        reason = str(error) if isinstance(error, EngineError) else f"erreur imprévue ({type(error).__name__})"
        if isinstance(error, DatabaseError):
            reason = f"la base de données ne répond pas ({type(error).__name__})"
        wait = f"{self._wait:g}".replace(".", ",")
        self._say(f"{self.label}\u00a0: {reason.rstrip('.')}. Nouvel essai dans {wait} s.")
        self._mark, self._next_mark, self._next_index = -1, 0.0, 0.0
        try:
            outbox.note_failure(self.engine, reason)
        except DatabaseError:
            logger.info("The failure was not noted: the database is away.")
        return self._wait


@contextmanager
def working(keepers: list[Keeper], stopping: threading.Event, grace: float) -> Iterator[None]:
    """Each keeper runs in a thread of its own; at the end, it has `grace` seconds to finish what it writes."""
    threads = [threading.Thread(target=keeper.run, name=keeper.engine.name, daemon=True) for keeper in keepers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        limit = time.monotonic() + grace
        for thread in threads:
            thread.join(max(0.0, limit - time.monotonic()))
