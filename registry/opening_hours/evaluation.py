"""Open or not, to the minute, at any moment.

The `opening_hours` library evaluates the weekly, ranked and seasonal rules on the wall clock. It knows no calendar of
ours, so Québec holidays and the centre's own days are written into the expression as dated rules before it is asked
(`country`, `PH` and `SH` never reach it). Instants are settled here, for the two nights a year when clocks change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours
from opening_hours import State as LibraryState

from registry import holidays

from .model import DAY, Hours, Schedule, Span, osm_span

TIMEZONE = ZoneInfo("America/Toronto")
HORIZON = timedelta(days=400)  # a season or a rank in the month comes back within a year
FIRST_YEAR, LAST_YEAR = 1901, 2099  # what the library and the holiday tables can answer for
CLOSES_SOON = timedelta(hours=2)

HOLIDAY = "jour férié"
CLOSED_FOR_NOW = "fermeture temporaire"
TO_CHECK = "à vérifier"

Policy = Literal["closed", "open", "unknown", "hours"]


@dataclass(frozen=True)
class Closure:
    """A temporary closure, from `start` until just before `end`; `end` None until further notice."""

    start: datetime
    end: datetime | None
    reason: str = ""


@dataclass(frozen=True)
class State:
    """Open, closed, or not known (None).

    `until`: when it closes (None: not within a year). `opens`: when it next opens for sure, or when a temporary closure
    ends. `reason`: empty, « jour férié », « fermeture temporaire » or « à vérifier »."""

    open: bool | None
    until: datetime | None = None
    opens: datetime | None = None
    reason: str = ""


def state_at(pattern: str, moment: datetime, closures: Sequence[Closure] = ()) -> State:
    """The state of hours at a moment (naive means Toronto time), minute-exact; datetimes come back in Toronto time."""
    now = _localised(moment)
    if now is None:
        return State(None, reason=TO_CHECK)
    spans = _closure_spans(closures)
    ends = _closed_until(spans, now)
    if ends is not None:
        return State(False, opens=_reopening(pattern, spans, ends), reason=CLOSED_FOR_NOW)
    state = _scheduled_state(pattern, now)
    if state.open:
        following = [start for start, _ in spans if start > now]
        until = min([*following, *([state.until] if state.until else [])], default=None)
        return replace(state, until=until)
    if state.opens is not None:
        shut = _closed_until(spans, state.opens)
        return replace(state, opens=state.opens if shut is None else _reopening(pattern, spans, shut))
    return state


def is_open(pattern: str, moment: datetime) -> bool | None:
    """Whether these hours are open at a moment, None where that is not known. Temporary closures are not considered."""
    now = _localised(moment)
    return _open_on_wall(pattern, _wall(now), holidays.closed_days()) if now is not None else None


def open_patterns(patterns: Iterable[str], moment: datetime) -> dict[str, bool | None]:
    """`is_open` for many patterns at one moment: a few microseconds for each after the first call."""
    now = _localised(moment)
    if now is None:
        return dict.fromkeys(patterns)
    wall, own_days = _wall(now), holidays.closed_days()
    return {pattern: _open_on_wall(pattern, wall, own_days) for pattern in patterns}


# --- Instants -------------------------------------------------------------------------------------------------------


def _localised(moment: datetime) -> datetime | None:
    """The minute of a moment in Toronto; None outside the years that can be answered for."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=TIMEZONE)
    # Through UTC: an hour that the spring change skips becomes the one that clocks really show.
    return aware.astimezone(UTC).astimezone(TIMEZONE).replace(second=0, microsecond=0)


def _wall(now: datetime) -> datetime:
    """What the clock on the wall shows.

    In the second pass of the hour repeated in autumn, the last minute of the first pass: a slot that ended within the
    first has ended, one that began has begun."""
    naive = now.replace(tzinfo=None, fold=0)
    if not now.fold:
        return naive
    while naive.replace(tzinfo=TIMEZONE, fold=1).utcoffset() != naive.replace(tzinfo=TIMEZONE, fold=0).utcoffset():
        naive += timedelta(minutes=1)
    return naive - timedelta(minutes=1)


def _instant(wall: datetime) -> datetime:
    """When the clock first shows this time, or jumps over it."""
    local = wall.replace(tzinfo=TIMEZONE, fold=0)
    while local.astimezone(UTC).astimezone(TIMEZONE).replace(tzinfo=None) != local.replace(tzinfo=None):
        local += timedelta(minutes=1)
    return local


# --- Weekly hours and holidays --------------------------------------------------------------------------------------


@lru_cache(maxsize=16384)
def _open_on_wall(pattern: str, wall: datetime, own_days: frozenset[date]) -> bool | None:
    hours = _hours(pattern)
    if hours is None:
        return None
    today = wall.date()
    # A holiday reaches into the next day by a slot that passes midnight, and no further.
    near = tuple(holidays.holidays_between(today - timedelta(days=1), today))
    state, _ = _timetable(pattern, near).state(wall)
    return None if state == LibraryState.UNKNOWN else state == LibraryState.OPEN


def _scheduled_state(pattern: str, now: datetime) -> State:
    """The state by the weekly hours and the holidays alone."""
    if _hours(pattern) is None:
        return State(None, reason=TO_CHECK)
    wall = _wall(now)
    end = min(wall + HORIZON, datetime(LAST_YEAR + 1, 1, 1))
    intervals = _intervals(pattern, wall, end)
    first = next(intervals, None)
    if first is None:
        return State(None, reason=TO_CHECK)
    _, stop, kind, comment = first
    if kind == LibraryState.OPEN:
        for start, later_stop, later, _ in intervals:
            if later != LibraryState.OPEN:
                return State(True, until=_instant(start))
            stop = later_stop
        return State(True, until=_instant(stop) if stop < end else None)
    opening = next((start for start, _, later, _ in intervals if later == LibraryState.OPEN), None)
    opens = _instant(opening) if opening else None
    if kind == LibraryState.UNKNOWN:
        return State(None, reason=comment or TO_CHECK)
    return State(False, opens=opens, reason=comment)


def _intervals(pattern: str, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, LibraryState, str]]:
    first, last = date(start.year - 1, 12, 31), date(end.year, 12, 31)
    return _timetable(pattern, tuple(holidays.holidays_between(first, last))).intervals(start, end)


@lru_cache(maxsize=8192)
def _hours(pattern: str) -> Hours | None:
    try:
        hours = Hours.from_pattern(pattern)
        return hours if hours.schedule else None
    except ValueError:
        return None


def holiday_policy(hours: Hours) -> Policy:
    """What holidays do to these hours: what the text states; where it says nothing, 24/7 stays open, hours that leave a
    day of the week closed are an office's and close, hours of all seven days are not known."""
    if hours.holiday_spans:
        return "hours"
    if hours.holidays != "unknown":
        return hours.holidays
    schedule = hours.schedule
    if schedule is None or schedule.is_always:
        return "open"
    return "unknown" if len(schedule.weekdays) == 7 else "closed"


@lru_cache(maxsize=16384)
def _timetable(pattern: str, days: tuple[date, ...]) -> OpeningHours:
    """The library's timetable with these holidays written in."""
    hours = Hours.from_pattern(pattern)
    schedule = hours.schedule
    if schedule is None:
        raise ValueError(f"no known hours: {pattern!r}")
    policy = holiday_policy(hours)
    if policy == "open" or not days:
        return OpeningHours(schedule.osm)
    return OpeningHours(", ".join([schedule.osm, *_holiday_rules(schedule, policy, hours.holiday_spans, days)]))


def _holiday_rules(
    schedule: Schedule, policy: Policy, holiday_spans: Sequence[Span], days: Sequence[date]
) -> Iterator[str]:
    """Dated rules, in the order of days, each adding to what precedes it.

    A holiday covers its own day and the slots that would have begun on it; a slot begun the day before runs to its end;
    the next day's own slots are untouched."""
    kind = "unknown" if policy == "unknown" else "closed"
    for day in days:
        own = schedule.spans_on(day)
        if not own and not holiday_spans:
            continue
        before, after = day - timedelta(days=1), day + timedelta(days=1)
        tail = max(DAY, *(end for _, end in own), *(end for _, end in holiday_spans), 0)
        yield f'{_osm_date(day)} 00:00-{tail // 60:02}:{tail % 60:02} {kind} "{HOLIDAY}"'
        for _, end in holiday_spans if before in days else schedule.spans_on(before):
            if end > DAY and (before not in days or policy == "hours"):
                yield f"{_osm_date(day)} {osm_span((0, end - DAY))} open"
        for span in holiday_spans:
            yield f"{_osm_date(day)} {osm_span(span)} open"
        if tail > DAY and after not in days:
            for span in schedule.spans_on(after):
                if span[0] < tail - DAY:
                    yield f"{_osm_date(after)} {osm_span(span)} open"


def _osm_date(day: date) -> str:
    return f"{day.year} {day:%b} {day.day}"


# --- Temporary closures ---------------------------------------------------------------------------------------------

_FOREVER = datetime.max.replace(tzinfo=UTC)


def _closure_spans(closures: Sequence[Closure]) -> list[tuple[datetime, datetime]]:
    """Closures as pairs of instants, in order; an end that is missing, or out of reach, is `_FOREVER`."""
    spans = []
    for closure in closures:
        start = _localised(closure.start)
        end = _localised(closure.end) if closure.end is not None else None
        if start is not None and (end is None or end > start):
            spans.append((start, end or _FOREVER))
    return sorted(spans)


def _closed_until(spans: Sequence[tuple[datetime, datetime]], moment: datetime) -> datetime | None:
    """When the closures that hold at a moment are over, one taking over from another; None when none holds."""
    until = moment
    for start, end in spans:
        if start <= until < end:
            until = end
    return until if until > moment else None


def _reopening(pattern: str, spans: Sequence[tuple[datetime, datetime]], ends: datetime) -> datetime | None:
    """When it opens again after a closure; the end of the closure itself where the hours are not known."""
    while ends < _FOREVER:
        state = _scheduled_state(pattern, ends)
        opens = ends if state.open is not False else state.opens
        if opens is None:
            return None
        shut = _closed_until(spans, opens)
        if shut is None:
            return opens
        ends = shut
    return None
