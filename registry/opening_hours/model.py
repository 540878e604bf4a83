"""What opening hours are, once read: slots of minutes by weekday, by rank in the month, by season.

A schedule is written as an OSM ``opening_hours`` string (https://wiki.openstreetmap.org/wiki/Key:opening_hours) that
never mentions holidays; what a text says of them is kept apart and added to the *pattern*, the key under which equal
hours are stored once: ``Mo-Fr 08:30-16:30|ph=closed``.
"""

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Literal

DAY = 24 * 60  # minutes
ALL_DAYS = tuple(range(7))  # Monday is 0, as in `datetime.weekday`
OSM_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
OSM_MONTHS = tuple(calendar.month_abbr[1:])
ALWAYS = "24/7"

Span = tuple[int, int]
"""Minutes from midnight of the day a slot begins; the end is above `DAY` when the slot passes midnight."""
Season = tuple[tuple[int, int], tuple[int, int]]
"""First and last (month, day), both included, every year; day 0 for a whole month."""
Holidays = Literal["closed", "open", "unknown"]
Status = Literal["known", "unknown", "blank"]


@dataclass(frozen=True)
class Rule:
    """The same slots on several weekdays; `nth` limits them to ranks in the month (1 to 5, -1 for the last)."""

    days: tuple[int, ...]
    spans: tuple[Span, ...]
    nth: tuple[int, ...] = ()


@dataclass(frozen=True)
class Block:
    """Rules of a season, or of the rest of the year (`season` None). No rule in a season means closed."""

    season: Season | None
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Schedule:
    """The hours of a service or place: what holds all year first, then the seasons that replace it."""

    blocks: tuple[Block, ...]

    @property
    def osm(self) -> str:
        """The canonical OSM string; equal schedules give equal strings."""
        if self.is_always:
            return ALWAYS
        base = [block for block in self.blocks if block.season is None]
        text = ", ".join(_osm_rule("", rule) for block in base for rule in block.rules)
        for block in self.blocks:
            if block.season is None:
                continue
            prefix = _osm_season(block.season)
            rules = ", ".join(_osm_rule(prefix + " ", rule) for rule in block.rules)
            if base:  # the season replaces the rest of the year, on the days it is closed as well
                text += f"; {prefix} off" + (f"; {rules}" if rules else "")
            elif rules:
                text += (", " if text else "") + rules
        return text

    @property
    def is_always(self) -> bool:
        return self.blocks == (Block(None, (Rule(ALL_DAYS, ((0, DAY),)),)),)

    @property
    def weekdays(self) -> frozenset[int]:
        """Weekdays with a slot every week, whatever the season."""
        weekly = [{day for rule in block.rules if not rule.nth for day in rule.days} for block in self.blocks]
        return frozenset(set.intersection(*weekly)) if weekly else frozenset()

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """Slots that begin on that date, holidays not considered."""
        block = next((b for b in self.blocks if b.season and in_season(b.season, day)), None)
        block = block or next((b for b in self.blocks if b.season is None), None)
        rules = block.rules if block else ()
        spans = [
            span for rule in rules if day.weekday() in rule.days and _rank_fits(rule.nth, day) for span in rule.spans
        ]
        return tuple(sorted(spans))


def in_season(season: Season, day: date) -> bool:
    """Whether a date lies in a season, both ends included; a season may pass the new year."""
    (first_month, first_day), (last_month, last_day) = season
    first, last, now = (first_month, first_day or 1), (last_month, last_day or 31), (day.month, day.day)
    return first <= now <= last if first <= last else now >= first or now <= last


def _rank_fits(nth: tuple[int, ...], day: date) -> bool:
    if not nth:
        return True
    last = calendar.monthrange(day.year, day.month)[1]
    return (day.day - 1) // 7 + 1 in nth or -((last - day.day) // 7 + 1) in nth


@dataclass
class WeekBuilder:
    """Slots gathered while a text is read; `rules` gives them back in their one canonical form."""

    week: list[list[Span]] = field(default_factory=lambda: [[] for _ in ALL_DAYS])
    ranked: dict[tuple[int, tuple[int, ...]], list[Span]] = field(default_factory=dict)
    _written_with: list[frozenset[int]] = field(default_factory=lambda: [frozenset() for _ in ALL_DAYS])

    def add(self, days: Iterable[int], spans: Iterable[Span], nth: tuple[int, ...] = ()) -> None:
        """Add slots. « Lun-Ven 9h-17h; Ven 9h-12h » replaces Friday; « Lun-Ven 9h-17h; Mer 18h-21h » adds to Wednesday:
        a later rule for fewer days replaces a slot that it overlaps, and adds where it overlaps none."""
        chosen, slots = frozenset(days), list(spans)
        for day in chosen:
            if nth:
                self.ranked.setdefault((day, nth), []).extend(slots)
                continue
            overlaps = any(s < end and start < e for s, e in self.week[day] for start, end in slots)
            if overlaps and chosen < self._written_with[day]:
                self.week[day] = []
            if not self.week[day]:
                self._written_with[day] = chosen
            self.week[day].extend(slots)

    def replace(self, days: Iterable[int], spans: Sequence[Span]) -> None:
        for day in days:
            self.week[day] = list(spans)

    def subtract(self, days: Iterable[int], hole: Span) -> None:
        """Take a pause out of the slots of these days (« fermé de 12 h à 13 h »)."""
        start, end = hole
        for day in days:
            pieces = [piece for s, e in self.week[day] for piece in ((s, min(e, start)), (max(s, end), e))]
            self.week[day] = [(s, e) for s, e in pieces if s < e]

    @property
    def is_empty(self) -> bool:
        return not any(self.week) and not self.ranked

    @property
    def is_sayable(self) -> bool:
        """False when a slot of a rank in the month lasts a day and more: no rule can say on which date it goes on."""
        merged = [span for spans in self.ranked.values() for span in _merged(spans)]
        return all(end - start < DAY or end == DAY for start, end in merged)

    def rules(self) -> tuple[Rule, ...]:
        week = _normalised(self.week)
        found = _factorised({(day, ()): spans for day, spans in enumerate(week)})
        return found + _factorised({key: _merged(spans) for key, spans in self.ranked.items()})


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _normalised(week: Sequence[Sequence[Span]]) -> list[list[Span]]:
    """Overlaps merged; a slot of 24 hours or more cut at midnight; a week without a closed minute written as 24/7."""
    days = [_merged(spans) for spans in week]
    while any(end - start >= DAY and end > DAY for spans in days for start, end in spans):
        for day in ALL_DAYS:
            long = [span for span in days[day] if span[1] - span[0] >= DAY and span[1] > DAY]
            for start, end in long:
                days[day] = _merged([*(span for span in days[day] if span != (start, end)), (start, DAY)])
                tomorrow = (day + 1) % 7
                days[tomorrow] = _merged([*days[tomorrow], (0, end - DAY)])
    absolute = [(day * DAY + start, day * DAY + end) for day in ALL_DAYS for start, end in days[day]]
    around = _merged(absolute + [(start - 7 * DAY, end - 7 * DAY) for start, end in absolute])
    if any(start <= 0 and end >= 7 * DAY for start, end in around):
        return [[(0, DAY)] for _ in ALL_DAYS]
    return days


def _factorised(slots: Mapping[tuple[int, tuple[int, ...]], Sequence[Span]]) -> tuple[Rule, ...]:
    """The fewest rules: days sharing a slot go together, then slots sharing their days."""
    by_span: dict[tuple[Span, tuple[int, ...]], list[int]] = {}
    for (day, nth), spans in sorted(slots.items()):
        for span in spans:
            by_span.setdefault((span, nth), []).append(day)
    by_days: dict[tuple[tuple[int, ...], tuple[int, ...]], list[Span]] = {}
    for (span, nth), days in by_span.items():
        by_days.setdefault((tuple(days), nth), []).append(span)
    rules = [Rule(days, tuple(sorted(spans)), nth) for (days, nth), spans in by_days.items()]
    return tuple(sorted(rules, key=lambda rule: (rule.nth, rule.days[0], rule.spans, rule.days)))


def day_runs(days: Sequence[int]) -> list[tuple[int, int]]:
    """Consecutive weekdays grouped: (0, 1, 2, 4) → [(0, 2), (4, 4)]."""
    runs: list[tuple[int, int]] = []
    for day in days:
        runs = [*runs[:-1], (runs[-1][0], day)] if runs and runs[-1][1] == day - 1 else [*runs, (day, day)]
    return runs


def osm_span(span: Span) -> str:
    start, end = span
    end = end - DAY if end > DAY else end
    return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"


def _osm_season(season: Season) -> str:
    first, last = (f"{OSM_MONTHS[month - 1]} {day}" if day else OSM_MONTHS[month - 1] for month, day in season)
    return first if first == last else f"{first}-{last}"


def _osm_rule(prefix: str, rule: Rule) -> str:
    rank = f"[{','.join(str(n) for n in rule.nth)}]" if rule.nth else ""
    if rank:  # a rank applies to one weekday at a time
        days = ",".join(OSM_DAYS[day] + rank for day in rule.days)
    else:
        runs = day_runs(rule.days)
        days = ",".join(OSM_DAYS[a] if a == b else f"{OSM_DAYS[a]}-{OSM_DAYS[b]}" for a, b in runs)
    return f"{prefix}{days} " + ",".join(osm_span(span) for span in rule.spans)


_RULE = re.compile(
    r"(?:(?P<season>[A-Z][a-z]{2}(?: \d+)?(?:-[A-Z][a-z]{2}(?: \d+)?)?) )?"
    r"(?:(?P<off>off)|(?P<days>[A-Z][a-z][\w\[\],-]*) (?P<spans>[\d:,-]+))"
)


def _read_span(text: str) -> Span:
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in text.split("-"))
    return (start, end if end > start else end + DAY)


def _read_days(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    rank = re.search(r"\[([-\d,]+)\]", text)
    days: list[int] = []
    for part in re.sub(r"\[[-\d,]+\]", "", text).split(","):
        first, _, last = part.partition("-")
        days.extend(range(OSM_DAYS.index(first), OSM_DAYS.index(last or first) + 1))
    return tuple(days), tuple(int(n) for n in rank[1].split(",")) if rank else ()


def _read_season(text: str) -> Season:
    first, _, last = text.partition("-")
    ends = []
    for end in (first, last or first):
        month, _, day = end.partition(" ")
        ends.append((OSM_MONTHS.index(month) + 1, int(day or 0)))
    return ends[0], ends[1]


@lru_cache(maxsize=8192)
def read_osm(text: str) -> Schedule:
    """The schedule of an OSM string written by `Schedule.osm`. Raises ValueError for any other dialect."""
    if text == ALWAYS:
        return Schedule((Block(None, (Rule(ALL_DAYS, ((0, DAY),)),)),))
    blocks: dict[Season | None, list[Rule]] = {}
    for part in re.split(r"[;,] ", text):
        match = _RULE.fullmatch(part)
        if match is None:
            raise ValueError(f"not a canonical opening_hours rule: {part!r}")
        rules = blocks.setdefault(_read_season(match["season"]) if match["season"] else None, [])
        if not match["off"]:
            days, nth = _read_days(match["days"])
            rules.append(Rule(days, tuple(_read_span(span) for span in match["spans"].split(",")), nth))
    return Schedule(tuple(Block(season, tuple(rules)) for season, rules in blocks.items()))


@dataclass(frozen=True)
class Hours:
    """What a text of opening hours says.

    `osm` is empty unless `status` is « known »; `partial_osm` then holds the weekly part that could be read, for
    display only. `holidays` is what the text itself states; `holiday_spans` the hours it gives for them.
    """

    text: str
    osm: str = ""
    holidays: Holidays = "unknown"
    status: Status = "blank"
    partial_osm: str = ""
    holiday_spans: tuple[Span, ...] = ()

    @property
    def pattern(self) -> str:
        """Key of these hours, empty where they are not known: « Mo-Fr 08:30-16:30 », « 24/7|ph=closed »,
        « Sa-Su 10:00-17:00|ph=10:00-17:00 »."""
        if self.status != "known":
            return ""
        if self.holiday_spans:
            return f"{self.osm}|ph={','.join(osm_span(span) for span in self.holiday_spans)}"
        return self.osm + ("" if self.holidays == "unknown" else f"|ph={self.holidays}")

    @property
    def schedule(self) -> Schedule | None:
        return read_osm(self.osm) if self.osm else None

    @classmethod
    def from_pattern(cls, pattern: str, text: str = "") -> "Hours":
        """The hours behind a key (`pattern` of the result is the same key). Raises ValueError for a broken one."""
        if not pattern:
            return cls(text=text, status="unknown" if text.strip() else "blank")
        osm, _, stated = pattern.partition("|ph=")
        read_osm(osm)
        if stated in ("", "closed", "open"):
            holidays: Holidays = "closed" if stated == "closed" else "open" if stated == "open" else "unknown"
            return cls(text, osm, holidays, "known")
        return cls(text, osm, "open", "known", holiday_spans=tuple(_read_span(span) for span in stated.split(",")))
