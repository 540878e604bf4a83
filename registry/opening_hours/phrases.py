"""From tokens to phrases: a group of days, a list of times, a stretch over several days, « fermé », « sauf »…"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .lexer import Kind, Token
from .model import DAY, Season, Span

PhraseKind = Literal[
    "days", "times", "stay", "season", "closed", "except", "included", "period", "separator", "unclear"
]
Group = tuple[tuple[int, ...], tuple[int, ...]]
"""Weekdays, and the ranks in the month that they are limited to (empty: every week)."""
StayEnd = tuple[int, int]


@dataclass(frozen=True)
class Phrase:
    kind: PhraseKind
    groups: tuple[Group, ...] = ()
    holiday: bool = False
    spans: tuple[Span, ...] = ()
    season: Season | None = None
    stay: tuple[StayEnd, StayEnd] = ((0, 0), (0, 0))

    @property
    def all_days(self) -> frozenset[int]:
        return frozenset(day for days, _ in self.groups for day in days)

    def joined(self, other: "Phrase") -> "Phrase":
        plain = tuple(sorted({day for p in (self, other) for days, rank in p.groups if not rank for day in days}))
        ranked = tuple(group for p in (self, other) for group in p.groups if group[1])
        return replace(self, groups=((plain, ()), *ranked) if plain else ranked, holiday=self.holiday or other.holiday)

    def without(self, days: frozenset[int]) -> "Phrase":
        left = ((tuple(day for day in chosen if day not in days), rank) for chosen, rank in self.groups)
        return replace(self, groups=tuple(group for group in left if group[0]))

    def ordinary(self) -> "Phrase | None":
        """The same days, holidays set apart; None when there was nothing else."""
        return replace(self, holiday=False) if self.groups else None


_DAY_KINDS = (Kind.DAY, Kind.DAYS, Kind.HOLIDAY, Kind.RANK)
_SIMPLE: dict[Kind, PhraseKind] = {
    Kind.CLOSED: "closed",
    Kind.EXCEPT: "except",
    Kind.INCLUDED: "included",
    Kind.PERIOD: "period",
    Kind.SEPARATOR: "separator",
}


def phrases(stream: Sequence[Token]) -> list[Phrase]:
    """The phrases of a text, in order; « unclear » stands for each thing that could not be understood."""
    has_season = any(token.kind is Kind.SEASON for token in stream)
    has_rank = any(token.kind is Kind.RANK for token in stream)
    return _Reader([t for t in stream if not _is_idle(t, has_season, has_rank)]).read()


def _is_idle(token: Token, has_season: bool, has_rank: bool) -> bool:
    return (token.kind is Kind.SEASON_WORD and has_season) or (token.kind is Kind.MONTHLY and has_rank)


class _Reader:
    def __init__(self, stream: Sequence[Token]) -> None:
        self.stream = _hours_from_numbers(stream)
        self.at = 0

    def read(self) -> list[Phrase]:
        found: list[Phrase] = []
        while self.at < len(self.stream):
            token = self.stream[self.at]
            if (stay := self._stay()) is not None:
                found.append(stay)
            elif token.kind in _DAY_KINDS:
                found.append(self._days())
            elif token.kind in (Kind.TIME, Kind.ALL_DAY, Kind.BETWEEN):
                found.append(self._times())
            elif token.kind is Kind.SEASON:
                found.append(Phrase("season", season=token.season))
                self.at += 1
            elif token.kind in _SIMPLE:
                found.append(Phrase(_SIMPLE[token.kind]))
                self.at += 1
            else:
                if token.kind not in (Kind.AND, Kind.COMMA, Kind.RANGE) or not self._joins():
                    found.append(Phrase("unclear"))
                self.at += 1
        return found

    def _kind(self, ahead: int = 0) -> Kind | None:
        position = self.at + ahead
        return self.stream[position].kind if position < len(self.stream) else None

    def _joins(self) -> bool:
        """Whether a joining word or a dash here is mere punctuation: « Lun-Ven - 9h-17h », « 9h-12h, et mardi… »."""
        if self.stream[self.at].kind is not Kind.RANGE:
            return True
        before = self.stream[self.at - 1].kind if self.at else None
        return (
            before in (*_DAY_KINDS, Kind.SEASON)
            and self._kind(1) in (Kind.TIME, Kind.ALL_DAY, Kind.CLOSED)
            and (self._kind(2) in (Kind.RANGE, None) or self._kind(1) is not Kind.TIME)
        )

    def _skip_joiners(self, wanted: tuple[Kind, ...]) -> bool:
        """Move past « , » and « et » when what is wanted follows them."""
        ahead = 0
        while self._kind(ahead) in (Kind.AND, Kind.COMMA):
            ahead += 1
        if self._kind(ahead) in wanted:
            self.at += ahead
            return True
        return False

    # --- Days ---------------------------------------------------------------------------------------------------

    def _days(self) -> Phrase:
        plain: set[int] = set()
        ranked: list[Group] = []
        holiday, clear = False, True
        while True:
            token = self.stream[self.at]
            if token.kind is Kind.RANK:
                group = self._ranked()
                clear &= group is not None
                ranked += [group] if group else []
            elif token.kind is Kind.HOLIDAY:
                holiday = True
                self.at += 1
            elif token.kind is Kind.DAYS:
                plain.update(token.days)
                self.at += 1
            else:
                plain.update(self._day_range())
            if not self._skip_joiners(_DAY_KINDS) or self._is_stay():
                break
        if not clear:
            return Phrase("unclear")
        groups: list[Group] = [(tuple(sorted(plain)), ())] if plain else []
        return Phrase("days", tuple(groups + ranked), holiday)

    def _day_range(self) -> list[int]:
        """« lun-ven », « ven au lun », « lun-mer-ven » (three days: a list)."""
        days = [self.stream[self.at].value]
        self.at += 1
        while self._kind() is Kind.RANGE and self._kind(1) is Kind.DAY:
            days.append(self.stream[self.at + 1].value)
            self.at += 2
        if len(days) != 2:
            return days
        first, last = days
        return [(first + n) % 7 for n in range((last - first) % 7 + 1)]

    def _ranked(self) -> Group | None:
        """« 1er et 3e mardi », « dernier jeudi ». None when no day follows the ranks."""
        ranks = [self.stream[self.at].value]
        self.at += 1
        while self._skip_joiners((Kind.RANK,)):
            ranks.append(self.stream[self.at].value)
            self.at += 1
        if self._kind() is not Kind.DAY:
            return None
        day = self.stream[self.at].value
        self.at += 1
        return (day,), tuple(sorted(set(ranks), key=lambda rank: (rank < 0, rank)))

    # --- Times --------------------------------------------------------------------------------------------------

    def _is_stay(self) -> bool:
        kinds = [self._kind(n) for n in range(5)]
        return kinds == [Kind.DAY, Kind.TIME, Kind.RANGE, Kind.DAY, Kind.TIME]

    def _stay(self) -> Phrase | None:
        if not self._is_stay():
            return None
        first_day, start, _, last_day, end = self.stream[self.at : self.at + 5]
        following = (self._kind(5), self._kind(6))
        if following == (Kind.RANGE, Kind.TIME):  # « lundi 9h - mardi 10h-12h » is something else
            return None
        self.at += 5
        return Phrase("stay", stay=((first_day.value, _start(start)), (last_day.value, end.value)))

    def _times(self) -> Phrase:
        spans: list[Span] = []
        while True:
            span = self._span()
            if span is None:
                return Phrase("unclear")
            spans.append(span)
            if not self._skip_joiners((Kind.TIME, Kind.ALL_DAY, Kind.BETWEEN)):
                return Phrase("times", spans=tuple(spans))

    def _span(self) -> Span | None:
        """One slot; None (having moved on) when it lacks an end or makes none."""
        between = self._kind() is Kind.BETWEEN
        self.at += between
        if self._kind() is Kind.ALL_DAY:
            self.at += 1
            return (0, DAY)
        link = (Kind.RANGE, Kind.AND) if between else (Kind.RANGE,)
        if self._kind() is not Kind.TIME or self._kind(1) not in link or self._kind(2) is not Kind.TIME:
            if self._kind() is Kind.TIME and self.stream[self.at].value == DAY and self.stream[self.at].suffix == "":
                self.at += 1  # « ouvert 24 h »
                return (0, DAY)
            self.at += 1
            return None
        start, end = self.stream[self.at], self.stream[self.at + 2]
        self.at += 3
        return _slot(start, end)


def _start(token: Token) -> int:
    return 0 if token.suffix == "midnight" else token.value


def _slot(start: Token, end: Token) -> Span | None:
    """« 22h-6h » passes midnight; « 9h-9h » and a slot from 24 h make no sense."""
    first, last = _start(start), end.value or DAY
    if end.suffix and not start.suffix and start.value <= 12 * 60 and end.suffix == "pm":
        # « 1-4 pm » starts in the afternoon, « 9-5 pm » in the morning
        afternoon = first % (12 * 60) + 12 * 60
        first = afternoon if afternoon < last else first
    if first in (DAY, last):
        return None
    return (first, last if last > first else last + DAY)


def _hours_from_numbers(stream: Sequence[Token]) -> list[Token]:
    """« 9-17h », « de 9 à 12 h », « 8h-16 »: a bare number at either end of a range whose other end is a time."""
    out = list(stream)
    for position, token in enumerate(out):
        if token.kind is not Kind.NUMBER:
            continue
        after = [t.kind for t in out[position + 1 : position + 3]] == [Kind.RANGE, Kind.TIME]
        before = position >= 2 and [t.kind for t in out[position - 2 : position]] == [Kind.TIME, Kind.RANGE]
        if (after or before) and token.value <= 24:
            out[position] = Token(Kind.TIME, token.value * 60)
        else:
            out[position] = Token(Kind.UNKNOWN)
    return out
