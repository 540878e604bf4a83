"""From tokens to a schedule.

A text is read as days bound to times, in either order, clause by clause. It is *known* only when every word of it was
understood; otherwise the text is kept as written, to be checked, with the weekly part that could be read beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from .lexer import tokens
from .model import ALL_DAYS, DAY, Block, Holidays, Hours, Rule, Schedule, Season, Span, WeekBuilder, in_season, osm_span
from .phrases import Phrase, phrases

MAX_LENGTH = 3000  # characters; nobody’s hours take more, and reading stays quick whatever is pasted


@lru_cache(maxsize=4096)
def parse_hours(text: str) -> Hours:
    """Read French (or English) opening hours. Never raises: what cannot be read is « unknown », the text kept."""
    if not text or not text.strip():
        return Hours(text=text or "")
    if len(text) > MAX_LENGTH:
        return Hours(text=text, status="unknown")
    reading = _Reading()
    reading.read(phrases(list(tokens(text))))
    schedule = reading.schedule
    osm = schedule.osm if schedule else ""
    if reading.is_clear and schedule:
        spans = tuple(reading.holiday_spans)
        if spans and schedule.blocks == (Block(None, (Rule(ALL_DAYS, spans),)),):
            spans, reading.holidays = (), "open"  # the same hours on holidays as on every other day
        return Hours(text, osm, "open" if spans else reading.holidays, "known", holiday_spans=spans)
    return Hours(text, status="unknown", partial_osm=osm or ",".join(osm_span(span) for span in reading.loose_times))


@dataclass
class _Reading:
    """What has been understood so far."""

    is_clear: bool = True
    holidays: Holidays = "unknown"
    holiday_spans: list[Span] = field(default_factory=list)
    loose_times: list[Span] = field(default_factory=list)  # times that no day was given for
    builders: dict[Season | None, WeekBuilder] = field(default_factory=dict)
    season: Season | None = None

    pending: Phrase | None = None  # days waiting for their times
    last: Phrase | None = None  # days that last had times: « lun-ven: 9h-12h; 13h-16h »
    period: bool = False

    @property
    def week(self) -> WeekBuilder:
        return self.builders.setdefault(self.season, WeekBuilder())

    @property
    def schedule(self) -> Schedule | None:
        """Blocks in canonical order; None where there is no slot at all."""
        blocks = [Block(season, builder.rules()) for season, builder in self.builders.items()]
        has_base = any(block.season is None and block.rules for block in blocks)
        kept = [block for block in blocks if block.rules or (block.season and has_base)]
        if not any(block.rules for block in kept):
            return None
        return Schedule(tuple(sorted(kept, key=lambda block: block.season or ((0, 0), (0, 0)))))

    def read(self, all_phrases: Sequence[Phrase]) -> None:
        clauses = _clauses(all_phrases)
        timed = sum(any(p.kind in ("times", "stay") for p in clause) for clause in clauses)
        for clause in clauses:
            outer = self.season
            seasons = [phrase for phrase in clause if phrase.kind == "season"]
            if seasons and clause[0].kind != "season" and clause[-1].kind == "season" and len(seasons) == 1:
                # At the end, a season speaks of its clause alone; which clauses it speaks of must not be in doubt.
                self.is_clear &= timed <= 1 or any(p.kind == "closed" for p in clause)
                self.season = seasons[0].season
                self._clause([phrase for phrase in clause if phrase.kind != "season"])
                self.season = outer
            else:
                self._clause(clause)
        self.is_clear &= _are_apart(season for season in self.builders if season)
        self.is_clear &= bool(self.builders) and all(week.is_sayable for week in self.builders.values())

    # --- One clause ---------------------------------------------------------------------------------------------

    def _clause(self, clause: Sequence[Phrase]) -> None:
        waiting: list[Span] = []  # times written before their days
        times_first = False
        position = 0
        while position < len(clause):
            phrase = clause[position]
            following = clause[position + 1] if position + 1 < len(clause) else None
            if phrase.kind == "season":
                self.season, self.last = phrase.season, None
                if [p.kind for p in clause[position + 1 :]] == ["closed"]:
                    _ = self.week  # « en juillet: fermé »: a season without a slot
                    position += 1
            elif phrase.kind == "days":
                if waiting:
                    self._bind(phrase, waiting)
                    waiting, times_first = [], True
                else:
                    self._add_pending(phrase)
            elif phrase.kind == "times":
                self.period = False
                if self.pending:
                    self._bind(self.pending, phrase.spans)
                elif times_first and following is not None and following.kind == "days":
                    waiting = list(phrase.spans)
                elif self.last and not (
                    following is not None and following.kind == "days" and self._is_tail(clause, position)
                ):
                    self._bind(self.last, phrase.spans)
                else:
                    waiting += phrase.spans
            elif phrase.kind == "stay":
                self._stay(phrase)
            elif phrase.kind in ("closed", "except"):
                position += self._exception(phrase, following, clause[position + 2 : position + 3])
            elif phrase.kind == "included":
                position += self._inclusion(following)
            elif phrase.kind == "period":
                self.period = True
            else:
                self.is_clear = False
            position += 1
        if self.pending:  # days that no time came for
            self.is_clear, self.pending = False, None
        if waiting:
            self._loose(waiting)

    @staticmethod
    def _is_tail(clause: Sequence[Phrase], position: int) -> bool:
        """Whether from here the clause goes « times, days » to its end: the days come after their times."""
        kinds = [phrase.kind for phrase in clause[position:]]
        return len(kinds) % 2 == 0 and kinds == ["times", "days"] * (len(kinds) // 2)

    def _loose(self, spans: Sequence[Span]) -> None:
        if not self.builders and spans == [(0, DAY)]:  # « 24 h sur 24 », and nothing else
            self.week.add(ALL_DAYS, spans)
            return
        self.loose_times += spans
        self.is_clear = False

    def _add_pending(self, phrase: Phrase) -> None:
        if self.pending and self.period:  # « lundi après-midi, mardi 9h-12h »: Monday's times are not said
            self.is_clear, self.pending = False, None
        self.pending = self.pending.joined(phrase) if self.pending else phrase

    def _bind(self, days: Phrase, spans: Sequence[Span]) -> None:
        for chosen, rank in days.groups:
            self.week.add(chosen, spans, rank)
        if days.holiday:
            self.is_clear &= self.season is None
            self.holiday_spans = sorted({*self.holiday_spans, *spans})
        self.last, self.pending = days, None

    def _stay(self, phrase: Phrase) -> None:
        """« du vendredi 18 h au dimanche 16 h »: one stretch over several days."""
        first, last = phrase.stay
        (first_day, start), (last_day, end) = first, last
        days = [(first_day + n) % 7 for n in range((last_day - first_day) % 7 + 1)]
        if self.pending:
            announced = {day for chosen, rank in self.pending.groups for day in chosen}
            if not announced <= set(days):  # « fins de semaine, du vendredi 17 h au dimanche 17 h » says it twice
                self.is_clear = False
            self.pending = None
        if len(days) < 2:
            self.is_clear = False
            return
        for day in days:
            opens, closes = (start if day == first_day else 0), (end if day == last_day else DAY)
            if opens < closes:
                self.week.add([day], [(opens, closes)])

    # --- « fermé », « sauf », « inclus » ------------------------------------------------------------------------

    def _exception(self, phrase: Phrase, following: Phrase | None, beyond: Sequence[Phrase]) -> int:
        """Apply « fermé… » or « sauf… ». Returns how many of the next phrases it took."""
        if following is not None and following.kind == "days":
            pending_days = self.pending.all_days if self.pending else frozenset()
            if phrase.kind == "closed" and self.pending and not following.all_days <= pending_days:
                return self._close_pending()
            if following.holiday:
                self.holidays = "closed"
            if self.pending:
                self.pending = self.pending.without(following.all_days)
                return 1
            if phrase.kind == "except" and beyond and beyond[0].kind == "times" and not following.holiday:
                self.week.replace(following.all_days, beyond[0].spans)
                return 2
            self._close(following)
            return 1
        if following is not None and following.kind == "times" and not self.pending:
            days = self.last.all_days if self.last else ALL_DAYS
            self.is_clear &= not self.week.is_empty and all(end <= DAY for _, end in following.spans)
            for span in following.spans:
                self.week.subtract(days, span)
            return 1
        if self.pending:
            return self._close_pending()
        self.is_clear &= self.season is not None  # « fermé en juillet »: a season without a slot
        _ = self.week
        return 0

    def _close_pending(self) -> int:
        """« dimanche: fermé »."""
        if self.pending:
            self._close(self.pending)
            if self.pending.holiday:
                self.holidays = "closed"
        self.pending = None
        return 0

    def _close(self, phrase: Phrase) -> None:
        if any(rank for _, rank in phrase.groups):
            self.is_clear = False
        if phrase.all_days:
            self.week.replace(phrase.all_days, [])

    def _inclusion(self, following: Phrase | None) -> int:
        """« y compris les jours fériés », « jours fériés inclus »; beside ordinary days the word adds nothing."""
        if following is not None and following.kind == "days" and following.holiday:
            self.holidays = "open"
            rest = following.ordinary()
            if rest:
                self._add_pending(rest)
            return 1
        if self.pending and self.pending.holiday:
            self.holidays = "open"
            self.pending = self.pending.ordinary()
        elif self.last and self.last.holiday:
            self.holidays, self.holiday_spans = "open", []
        return 0


def _clauses(all_phrases: Sequence[Phrase]) -> list[list[Phrase]]:
    clauses: list[list[Phrase]] = [[]]
    for phrase in all_phrases:
        if phrase.kind == "separator":
            clauses.append([])
        elif phrase.kind == "season" and clauses[-1] and clauses[-1][-1].kind in ("closed", "except"):
            clauses += [[clauses[-1].pop(), phrase], []]  # « …, fermé en juillet » is a statement of its own
        else:
            clauses[-1].append(phrase)
    return [clause for clause in clauses if clause]


def _are_apart(seasons: Iterable[Season]) -> bool:
    """Whether no day of the year lies in two seasons."""
    chosen = list(seasons)
    leap_year = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
    return all(sum(in_season(season, day) for season in chosen) <= 1 for day in leap_year) if len(chosen) > 1 else True
