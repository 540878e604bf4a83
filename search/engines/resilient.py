"""Elasticsearch in front, the embedded index of this host behind: a question is always answered, and in time.

A question has a budget. Past it, or when the server fails, the same question goes to the local copy, which the same
change log keeps up to date, and the answer says « secours ». After some failures in a row nobody waits for the server
any more (the circuit is open); a thread asks it how it is, and questions return to it by themselves.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol, TypeVar

from django.db import DatabaseError

from registry.policies import Scope

from ..request import OrientationRequest
from .base import Answering, Engine, EngineError, Hit, Meanwhile, SearchResult, Suggestion

logger = logging.getLogger(__name__)

STANDBY_MODE = "secours"
FAILURES = 2  # in a row, and the circuit opens
SUCCESSES = 10  # in a row, and a past opening is forgotten
FIRST_REST, LONGEST_REST = 1.0, 15.0  # seconds between two looks at a server that failed
CATCH_UP_SECONDS = 30.0  # how long a server that is back may take to read what it missed before questions return to it

Answer = TypeVar("Answer")


class Main(Engine, Protocol):
    """The engine in front: besides what every engine does, it can be hurried and asked how it is."""

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Calls of this thread made inside give up, with EngineError, when these seconds are over."""
        ...

    def probe(self) -> int:
        """Answer a question that costs nothing; returns the mark. Raises EngineError."""
        ...


class Breaker:
    """Closed: questions go to the server. Open: they do not, and one thread looks at it from time to time.

    `probe` returns True when questions may return; it raises EngineError when the server does not answer. Safe for
    threads.
    """

    def __init__(self, probe: Callable[[], bool]) -> None:
        self._probe = probe
        self._lock = threading.Lock()
        self._failures = 0
        self._successes = 0
        self._rest = FIRST_REST
        self._open = False

    @property
    def is_open(self) -> bool:
        return self._open

    def succeeded(self) -> None:
        if not self._failures and self._rest == FIRST_REST:
            return  # the usual case takes no lock
        with self._lock:
            self._failures = 0
            self._successes += 1
            if self._successes >= SUCCESSES:
                self._rest = FIRST_REST

    def failed(self, error: BaseException) -> None:
        """`error`: only its kind is logged, for its text may quote the question; ours hold none."""
        with self._lock:
            self._failures += 1
            self._successes = 0
            if self._open or self._failures < FAILURES:
                return
            self._open = True
        reason = str(error) if isinstance(error, EngineError) else type(error).__name__
        logger.warning("Mode secours\u00a0: la copie locale répond à la place d’Elasticsearch. %s", reason)
        threading.Thread(target=self._watch, name="elasticsearch-probe", daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(self._rest)
            try:
                if self._probe():
                    break
            except Exception as error:
                # Still away, or answering nonsense: look again, less often.
                logger.info("Elasticsearch ne répond toujours pas (%s).", type(error).__name__)
            self._rest = min(self._rest * 2, LONGEST_REST)
        with self._lock:
            # A rest that grew is kept until it has answered well for a while: a server that answers the probe and
            # fails every question would make each of them wait.
            self._open = False
            self._failures = self._successes = 0
        logger.warning("Fin du mode secours\u00a0: Elasticsearch répond de nouveau.")


class ResilientEngine:
    """One per process. `question()` gives the engine of one page, with a budget of its own.

    `budget`: seconds that a question may spend on the main engine. `patience`: what it may spend when there is no local
    copy to turn to.
    """

    def __init__(self, main: Main, standby: Engine, budget: float, patience: float) -> None:
        self.main = main
        self.standby = standby
        self.budget = budget
        self.patience = patience
        self.breaker = Breaker(self._is_back)
        self._back_at = 0.0
        self._target = 0

    def question(self) -> Answering:
        return _Question(self)

    def _is_back(self) -> bool:
        """The server answers in time, and has read what the local copy had read when it came back: a listing found in
        « secours » does not vanish with it. Not for ever: what lags is better than what is never used again."""
        try:
            with self.main.within(self.budget):
                mark = self.main.probe()
        except Exception:
            self._back_at = 0.0
            raise
        if not self._back_at:
            self._back_at, self._target = time.monotonic(), self.standby.mark()
        if mark < self._target and time.monotonic() - self._back_at < CATCH_UP_SECONDS:
            return False
        self._back_at = 0.0
        return True


class _Question:
    """What one page asks: what the main engine spends is counted over all its calls, and who turned to the local copy
    stays there, so that the list, the open sheet and the basket come from the same index."""

    name = "resilient"

    def __init__(self, engine: ResilientEngine) -> None:
        self.engine = engine
        self.on_standby = engine.breaker.is_open
        self._left = engine.budget

    def search(self, request: OrientationRequest, scope: Scope, meanwhile: Meanwhile = None) -> SearchResult:
        result = self._ask(lambda engine: engine.search(request, scope, meanwhile))
        return replace(result, mode=STANDBY_MODE) if self.on_standby else result

    def get(self, codes: Sequence[str], scope: Scope, request: OrientationRequest) -> list[Hit]:
        return self._ask(lambda engine: engine.get(codes, scope, request))

    def suggest(self, prefix: str, scope: Scope, limit: int = 8) -> list[Suggestion]:
        return self._ask(lambda engine: engine.suggest(prefix, scope, limit))

    def _ask(self, question: Callable[[Engine], Answer]) -> Answer:
        if not self.on_standby:
            try:
                return self._ask_main(question)
            except DatabaseError:
                raise  # not the server's fault, and the local copy would meet it too
            except Exception as error:
                self.engine.breaker.failed(error)
                self.on_standby = True
        try:
            return question(self.engine.standby)
        except EngineError:
            # No local copy yet: a late answer is better than none.
            with self.engine.main.within(self.engine.patience):
                answer = question(self.engine.main)
            self.on_standby = False
            return answer

    def _ask_main(self, question: Callable[[Engine], Answer]) -> Answer:
        started = time.monotonic()
        try:
            with self.engine.main.within(self._left):
                answer = question(self.engine.main)
        finally:
            self._left -= time.monotonic() - started
        self.engine.breaker.succeeded()
        return answer
