"""How far a worker is, told through a small file beside the workbook.

Not through the database: an import is written in one transaction, and with SQLite nobody else can write meanwhile, not
even the worker's own progress. The age of the file tells whether its worker still lives.
"""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

# A worker says that it lives this often; it is taken for dead after this long without a sign (seconds).
BEAT, DEAD_AFTER = 3.0, 45.0
# Before this share of the work, a time left would be a guess.
_ENOUGH, _ENOUGH_SECONDS = 0.02, 1.5


@dataclass(frozen=True, slots=True)
class Progress:
    """Lines done out of all, in a phase that started at `started` (seconds since 1970)."""

    phase: str = ""
    done: int = 0
    total: int = 0
    started: float = 0.0
    at: float = 0.0

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0

    @property
    def seconds_left(self) -> int | None:
        """At the pace so far; None while it cannot be told."""
        elapsed = self.at - self.started
        if not self.total or elapsed < _ENOUGH_SECONDS or self.done < _ENOUGH * self.total:
            return None
        return max(0, round(elapsed / self.done * (self.total - self.done)))

    @property
    def time_left(self) -> str:
        """« environ 20 secondes », or empty."""
        seconds = self.seconds_left
        if seconds is None or self.done >= self.total:
            return ""
        if seconds < 90:
            rounded = max(5, 5 * round(seconds / 5)) if seconds > 3 else max(seconds, 1)
            return f"environ {rounded}\xa0seconde{'s' if rounded > 1 else ''}"
        return f"environ {round(seconds / 60)}\xa0minutes"


def _path(pk: int) -> Path:
    return Path(settings.PASSERELLES_DATA_DIR) / "imports" / f"{pk}.progress"


def read(pk: int) -> Progress:
    """The last word of the worker of this import; nothing at all when there is none."""
    try:
        return Progress(**json.loads(_path(pk).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Progress()


def is_alive(pk: int) -> bool:
    """True while a worker gives signs of life on this import."""
    try:
        return time.time() - _path(pk).stat().st_mtime < DEAD_AFTER
    except OSError:
        return False


def forget(pk: int) -> None:
    _path(pk).unlink(missing_ok=True)


class Reporter:
    """Says how far the work is, and every few seconds that it goes on. Use with `with`."""

    # Writing the file more often than this shows nobody anything (seconds).
    _INTERVAL = 0.2

    def __init__(self, pk: int) -> None:
        self._path = _path(pk)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._now = Progress()
        self._thread = threading.Thread(target=self._beat, name=f"import-{pk}", daemon=True)

    def __enter__(self) -> Reporter:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.start("Préparation")
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()
        self._path.unlink(missing_ok=True)

    @property
    def now(self) -> Progress:
        return self._now

    def start(self, phase: str, total: int = 0) -> None:
        """Begin a phase of `total` lines."""
        moment = time.time()
        self._write(Progress(phase, 0, total, moment, moment))

    def tell(self, done: int, total: int | None = None) -> None:
        """Lines done in the phase."""
        moment = time.time()
        total = self._now.total if total is None else total
        if moment - self._now.at >= self._INTERVAL or done >= total:
            self._write(replace(self._now, done=done, total=total, at=moment))

    def _write(self, now: Progress) -> None:
        with self._lock:
            self._now = now
            values = {name: getattr(now, name) for name in Progress.__slots__}
            fresh = self._path.with_suffix(".tmp")
            fresh.write_text(json.dumps(values), encoding="utf-8")
            fresh.replace(self._path)

    def _beat(self) -> None:
        while not self._stop.wait(BEAT):
            with self._lock:
                if self._path.exists():
                    os.utime(self._path)
