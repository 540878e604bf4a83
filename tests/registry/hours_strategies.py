"""Hypothesis strategies for opening hours, through the public reader: only hours that can exist come out."""

from typing import Literal

from hypothesis import assume
from hypothesis import strategies as st

from registry.opening_hours.model import ALL_DAYS, Block, Hours, Rule, Schedule, Season, Span, WeekBuilder

QUARTERS = st.integers(0, 95).map(lambda n: n * 15)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """A slot of less than a day, which may pass midnight."""
    start = draw(QUARTERS)
    length = draw(st.integers(1, 95)) * 15
    return start, start + length


@st.composite
def builders(draw: st.DrawFn, *, ranks: bool) -> WeekBuilder:
    week = WeekBuilder()
    for _ in range(draw(st.integers(1, 3))):
        days = draw(st.sets(st.sampled_from(ALL_DAYS), min_size=1))
        rank: tuple[int, ...] = ()
        if ranks and draw(st.booleans()):
            rank = tuple(sorted(draw(st.sets(st.integers(1, 4), min_size=1, max_size=2))))
        week.add(days, draw(st.lists(spans(), min_size=1, max_size=2)), rank)
    assume(week.is_sayable)
    return week


SEASONS: tuple[Season, ...] = (((6, 24), (9, 1)), ((7, 0), (7, 0)), ((9, 0), (6, 0)), ((11, 15), (4, 15)))


@st.composite
def schedules(draw: st.DrawFn, *, ranks: bool = True, seasons: bool = True) -> Schedule:
    blocks = [Block(None, draw(builders(ranks=ranks)).rules())]
    if seasons and draw(st.booleans()):
        season = draw(st.sampled_from(SEASONS))
        closed: bool = draw(st.booleans())
        rules: tuple[Rule, ...] = () if closed else draw(builders(ranks=ranks)).rules()
        blocks.append(Block(season, rules))
        alone: bool = draw(st.booleans())
        if rules and alone:
            del blocks[0]
    return Schedule(tuple(blocks))


@st.composite
def patterns(draw: st.DrawFn, *, ranks: bool = True, seasons: bool = True) -> str:
    schedule = draw(schedules(ranks=ranks, seasons=seasons))
    choices: tuple[Literal["unknown", "closed", "open"], ...] = ("unknown", "closed", "open")
    stated = draw(st.sampled_from(choices))
    return Hours("", schedule.osm, stated, "known").pattern
