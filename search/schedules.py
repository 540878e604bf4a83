"""Which weekly schedules are open at a moment: computed once per minute over the distinct ones, not by service."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from registry.opening_hours import open_patterns

MINUTES_KEPT = 64  # moments remembered: now, « ce soir », « demain matin »…


@dataclass(frozen=True, slots=True)
class OpenHours:
    """The schedules at one minute. `numbers`: open ones; `states`: pattern → open, closed or unknown (None)."""

    numbers: tuple[int, ...]
    states: Mapping[str, bool | None]


class Schedules:
    """The distinct schedules in process memory. `forget` when the change log moved: new ones may have been written."""

    def __init__(self) -> None:
        self._patterns: dict[str, int] | None = None
        self._moments: dict[datetime, OpenHours] = {}
        self._lock = threading.Lock()

    def forget(self) -> None:
        with self._lock:
            self._patterns = None
            self._moments = {}

    def at(self, moment: datetime) -> OpenHours:
        """What is open at this minute."""
        minute = moment.replace(second=0, microsecond=0)
        known = self._moments.get(minute)
        if known is not None:
            return known
        with self._lock:
            if self._patterns is None:
                self._patterns = self._read()
            states = open_patterns(self._patterns, minute)
            numbers = tuple(sorted(self._patterns[pattern] for pattern, state in states.items() if state))
            if len(self._moments) >= MINUTES_KEPT:
                self._moments.clear()
            found = self._moments[minute] = OpenHours(numbers, states)
            return found

    def newest(self) -> int:
        """The highest number among the schedules last read; 0 when there are none."""
        with self._lock:
            return max((self._patterns or {}).values(), default=0)

    @staticmethod
    def _read() -> dict[str, int]:
        from .models import HoursPattern

        return dict(HoursPattern.objects.values_list("pattern", "id"))


schedules = Schedules()
