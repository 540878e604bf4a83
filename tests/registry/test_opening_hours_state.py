"""Reachable or not, to the minute: weeks, nights, holidays, closures, and the two nights when clocks change."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry import holidays
from registry.opening_hours import (
    Closure,
    State,
    describe_state,
    is_open,
    open_patterns,
    parse_hours,
    reach_class,
    state_at,
)
from registry.opening_hours.model import Hours, Span, in_season

from .hours_strategies import patterns

TORONTO = ZoneInfo("America/Toronto")
OFFICE = "Mo-Fr 08:30-16:30"
EVERY_DAY = "Mo-Su 08:00-22:00"
NIGHT = "Mo-Su 16:00-08:00"


def at(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO, fold=fold)


# --- An evaluator of its own: slots on dates, one minute at a time -------------------------------------------------


def _slots_beginning(pattern: str, day: date) -> list[Span]:
    """By the definition, from the rules: no library, none of the code under test."""
    hours = Hours.from_pattern(pattern)
    assert hours.schedule is not None
    seasonal = [block for block in hours.schedule.blocks if block.season and in_season(block.season, day)]
    chosen = seasonal or [block for block in hours.schedule.blocks if block.season is None]
    week_of_month = (day.day + 6) // 7
    return [
        span
        for block in chosen
        for rule in block.rules
        if day.weekday() in rule.days and (not rule.nth or week_of_month in rule.nth)
        for span in rule.spans
    ]


def _oracle(pattern: str, wall: datetime) -> bool | None:
    """Open, closed, or unknown on a clock that never changes."""
    hours = Hours.from_pattern(pattern)
    assert hours.schedule is not None
    weekly = {d for b in hours.schedule.blocks for r in b.rules if not r.nth for d in r.days}
    policy: str
    if hours.holidays != "unknown":
        policy = hours.holidays
    elif hours.osm == "24/7":
        policy = "open"
    else:
        policy = "unknown" if len(weekly) == 7 else "closed"
    unsure = False
    for back in (0, 1):
        day = wall.date() - timedelta(days=back)
        minute = wall.hour * 60 + wall.minute + back * 1440
        slots = _slots_beginning(pattern, day)
        if holidays.is_holiday(day) and policy != "open":
            if policy == "unknown" and slots:
                last = max([1440, *(end for _, end in slots)])
                unsure |= minute < last
            continue
        if any(start <= minute < end for start, end in slots):
            return True
    return None if unsure else False


def _quiet_minutes() -> st.SearchStrategy[datetime]:
    """Moments away from the nights when clocks change; holidays and their eves are drawn often."""
    plain = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31, 23, 59))
    near_holidays = st.builds(
        lambda day, minutes: datetime(day.year, day.month, day.day) + timedelta(minutes=minutes),
        st.sampled_from(sorted({**holidays.public_holidays(2026), **holidays.public_holidays(2027)})),
        st.integers(-1440, 2 * 1440),
    )
    return (plain | near_holidays).map(lambda m: m.replace(second=0, microsecond=0)).filter(_is_quiet)


def _is_quiet(moment: datetime) -> bool:
    offsets = {(moment + timedelta(hours=h)).replace(tzinfo=TORONTO).utcoffset() for h in (-48, 48)}
    return len(offsets) == 1


@settings(max_examples=300, deadline=None)
@given(patterns(seasons=False), _quiet_minutes())
@example(NIGHT, datetime(2026, 12, 25, 3, 0))
@example("24/7|ph=closed", datetime(2026, 12, 25, 0, 0))
@example("Mo-Fr 22:00-06:00", datetime(2026, 12, 25, 23, 0))
def test_the_state_agrees_with_a_minute_by_minute_reading_of_the_rules(pattern: str, wall: datetime) -> None:
    expected = _oracle(pattern, wall)
    state = state_at(pattern, wall)
    assert state.open is expected
    assert is_open(pattern, wall) is expected
    assert open_patterns([pattern, ""], wall) == {pattern: expected, "": None}


@settings(max_examples=100, deadline=None)
@given(patterns(seasons=False), _quiet_minutes())
def test_it_stays_open_until_the_minute_said_and_opens_at_the_minute_said(pattern: str, wall: datetime) -> None:
    state = state_at(pattern, wall)
    change = state.until if state.open else state.opens
    if change is None:
        return
    change_wall = change.replace(tzinfo=None)
    before = change_wall - timedelta(minutes=1)
    if not (_is_quiet(change_wall) and change_wall - wall < timedelta(days=10)):
        return
    if state.open:
        assert _oracle(pattern, change_wall) is not True
        assert all(_oracle(pattern, wall + timedelta(minutes=n)) for n in range(int((change_wall - wall).seconds / 60)))
    elif state.open is False:
        assert _oracle(pattern, change_wall) is True
        assert _oracle(pattern, before) is not True


# --- Weeks and nights ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-20 08:29", False),
        ("2026-11-20 08:30", True),
        ("2026-11-20 16:29", True),
        ("2026-11-20 16:30", False),
        ("2026-11-21 10:00", False),
    ],
)
def test_an_office_opens_and_closes_on_the_minute(moment: str, expected: bool) -> None:
    assert is_open(OFFICE, at(moment)) is expected


def test_a_night_line_of_weekdays_answers_on_saturday_before_dawn() -> None:
    friday_night = parse_hours("lundi au vendredi de 18 h à 2 h").pattern
    assert state_at(friday_night, at("2026-11-21 01:59")) == State(True, until=at("2026-11-21 02:00"))
    assert is_open(friday_night, at("2026-11-22 01:59")) is False


def test_a_moment_without_time_zone_is_toronto_time_and_any_other_is_converted() -> None:
    assert is_open(OFFICE, datetime(2026, 11, 20, 9, 0)) is True
    assert is_open(OFFICE, datetime(2026, 11, 20, 13, 31, tzinfo=UTC)) is True
    assert is_open(OFFICE, datetime(2026, 11, 20, 13, 29, tzinfo=UTC)) is False


def test_seconds_do_not_matter() -> None:
    assert is_open(OFFICE, datetime(2026, 11, 20, 16, 29, 59, 999999)) is True


@pytest.mark.parametrize("text", ["Lun-Ven 8h-16h (calendrier scolaire)", "Été : lun-ven 9h-15h", "Sur activation", ""])
def test_hours_that_are_not_known_are_never_open(text: str) -> None:
    assert state_at(parse_hours(text).pattern, at("2026-11-20 10:00")) == State(None, reason="à vérifier")


def test_ranks_in_the_month_and_seasons_are_followed() -> None:
    third_tuesday = parse_hours("1er et 3e mardi du mois 13h-16h").pattern
    assert [day for day in range(1, 31) if is_open(third_tuesday, datetime(2026, 11, day, 14))] == [3, 17]
    summer = parse_hours("été: lun-ven 9h-15h (25 juin au 1er septembre)").pattern
    assert state_at(summer, at("2026-11-20 10:00")) == State(False, opens=at("2027-06-25 09:00"))
    assert is_open(summer, at("2026-09-01 10:00")) is True
    assert is_open(summer, at("2026-09-02 10:00")) is False


# --- Holidays ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("24/7", State(True)),
        (OFFICE, State(False, opens=at("2026-06-25 08:30"), reason="jour férié")),
        (EVERY_DAY, State(None, reason="jour férié")),
        (EVERY_DAY + "|ph=open", State(True, until=at("2026-06-24 22:00"))),
        (EVERY_DAY + "|ph=closed", State(False, opens=at("2026-06-25 08:00"), reason="jour férié")),
        (OFFICE + "|ph=open", State(True, until=at("2026-06-24 16:30"))),
        ("Sa-Su 10:00-17:00|ph=10:00-17:00", State(True, until=at("2026-06-24 17:00"))),
        ("24/7|ph=closed", State(False, opens=at("2026-06-25 00:00"), reason="jour férié")),
    ],
)
def test_on_the_national_holiday(pattern: str, expected: State) -> None:
    state = state_at(pattern, at("2026-06-24 10:00"))
    assert (state.open, state.reason) == (expected.open, expected.reason)
    if expected.open is not None:
        assert state == expected


def test_the_thirtieth_of_september_is_a_day_like_any_other_in_quebec() -> None:
    assert is_open(OFFICE, at("2026-09-30 10:00")) is True


@pytest.mark.parametrize("day", ["2026-01-01", "2026-04-03", "2026-05-18", "2026-07-01", "2026-09-07", "2026-12-25"])
def test_offices_are_closed_on_public_holidays(day: str) -> None:
    assert is_open(OFFICE, at(f"{day} 10:00")) is False


def test_a_slot_begun_on_the_eve_runs_to_its_end_and_none_begins_on_the_holiday() -> None:
    line = NIGHT + "|ph=closed"
    assert state_at(line, at("2026-12-25 07:59")) == State(True, until=at("2026-12-25 08:00"))
    assert state_at(line, at("2026-12-25 20:00")).open is False
    assert state_at(line, at("2026-12-26 03:00")) == State(False, opens=at("2026-12-26 16:00"), reason="jour férié")


def test_a_night_slot_of_an_unstated_holiday_is_unknown_until_it_would_end() -> None:
    assert is_open(NIGHT, at("2026-12-25 07:59")) is True
    assert is_open(NIGHT, at("2026-12-25 20:00")) is None
    assert is_open(NIGHT, at("2026-12-26 07:59")) is None
    assert is_open(NIGHT, at("2026-12-26 08:00")) is False


def test_the_centre_s_own_days_close_its_offices(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_open(OFFICE, at("2026-04-06 10:00")) is True  # Easter Monday: not public in Québec
    monkeypatch.setattr(holidays, "closed_days", lambda: frozenset({date(2026, 4, 6)}))
    assert is_open(OFFICE, at("2026-04-06 10:00")) is False
    assert state_at(OFFICE, at("2026-04-02 17:00")).opens == at(
        "2026-04-07 08:30"
    )  # past Good Friday and Easter Monday
    assert holidays.holiday_name(date(2026, 4, 6)) == holidays.OWN_DAY


def test_holidays_of_quebec_and_no_others() -> None:
    assert [day.isoformat() for day in holidays.public_holidays(2026)] == [
        "2026-01-01", "2026-04-03", "2026-05-18", "2026-06-24", "2026-07-01", "2026-09-07", "2026-10-12", "2026-12-25",
    ]  # fmt: skip
    assert holidays.holidays_between(date(2026, 12, 25), date(2027, 1, 1)) == [date(2026, 12, 25), date(2027, 1, 1)]
    assert not holidays.public_holidays(1500)


# --- Clocks that change --------------------------------------------------------------------------------------------

SPRING, AUTUMN = "2026-03-08", "2026-11-01"


def _open_minutes(pattern: str, start: datetime, end: datetime) -> int:
    """Real minutes open between two instants."""
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    minutes = int((last - first).total_seconds() // 60)
    return sum(is_open(pattern, first + timedelta(minutes=n)) is True for n in range(minutes))


@pytest.mark.parametrize(
    ("night", "expected"), [(("2026-03-07", SPRING), 7), (("2026-10-31", AUTUMN), 9), (("2026-11-20", "2026-11-21"), 8)]
)
def test_a_night_from_22_to_6_lasts_what_the_clocks_make_it(night: tuple[str, str], expected: int) -> None:
    begins, ends = at(f"{night[0]} 22:00"), at(f"{night[1]} 06:00")
    assert _open_minutes("Mo-Su 22:00-06:00", begins - timedelta(hours=2), ends + timedelta(hours=2)) == expected * 60
    assert state_at("Mo-Su 22:00-06:00", begins).until == ends


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_a_line_open_day_and_night_does_not_notice(day: str) -> None:
    midnight = at(f"{day} 00:00").astimezone(UTC)
    assert all(state_at("24/7", midnight + timedelta(minutes=15 * n)) == State(True) for n in range(40))


def test_what_closes_in_the_missing_hour_closes_when_the_clock_jumps() -> None:
    late = "Mo-Su 18:00-02:30"
    assert state_at(late, at(f"{SPRING} 01:59")) == State(True, until=at(f"{SPRING} 03:00"))
    assert is_open(late, at(f"{SPRING} 03:00")) is False


def test_a_time_in_the_missing_hour_is_the_one_that_clocks_show() -> None:
    assert is_open("Mo-Su 03:00-04:00", datetime(2026, 3, 8, 2, 30)) is True


def test_what_closes_in_the_repeated_hour_does_not_open_again_in_its_second_pass() -> None:
    late = "Mo-Su 18:00-01:30"
    assert state_at(late, at(f"{AUTUMN} 01:15")) == State(True, until=at(f"{AUTUMN} 01:30"))
    assert is_open(late, at(f"{AUTUMN} 01:45")) is False
    assert is_open(late, at(f"{AUTUMN} 01:15", fold=1)) is False


def test_what_opens_in_the_repeated_hour_stays_open_in_its_second_pass() -> None:
    early = "Mo-Su 01:30-05:00"
    assert is_open(early, at(f"{AUTUMN} 01:15")) is False
    assert is_open(early, at(f"{AUTUMN} 01:15", fold=1)) is True
    assert _open_minutes(early, at(f"{AUTUMN} 00:00"), at(f"{AUTUMN} 06:00")) == 4 * 60 + 30


# --- Far away ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moment", [datetime.min, datetime.max, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)]
)
@pytest.mark.parametrize("pattern", ["24/7", OFFICE, ""])
def test_no_date_is_too_far_to_answer_honestly(pattern: str, moment: datetime) -> None:
    state = state_at(pattern, moment, [Closure(datetime.min, datetime.max)])
    assert state == State(None, reason="à vérifier")
    assert is_open(pattern, moment) is None
    assert open_patterns([pattern], moment) == {pattern: None}
    assert describe_state(state, moment) == "Horaire à vérifier"


# --- Temporary closures --------------------------------------------------------------------------------------------

MOVING = Closure(at("2026-11-23 00:00"), at("2026-11-25 12:00"), "déménagement")


def test_a_closure_closes_and_says_when_it_opens_again() -> None:
    expected = State(False, opens=at("2026-11-25 12:00"), reason="fermeture temporaire")
    assert state_at(OFFICE, at("2026-11-23 10:00"), [MOVING]) == expected
    assert state_at("24/7", at("2026-11-23 10:00"), [MOVING]) == expected
    assert state_at("", at("2026-11-23 10:00"), [MOVING]) == expected


def test_a_coming_closure_ends_the_slot_and_moves_the_next_opening() -> None:
    assert state_at("24/7", at("2026-11-20 10:00"), [MOVING]).until == MOVING.start
    assert state_at(OFFICE, at("2026-11-21 10:00"), [MOVING]).opens == at("2026-11-25 12:00")
    night_end = Closure(at("2026-11-23 00:00"), at("2026-11-25 17:00"))
    assert state_at(OFFICE, at("2026-11-21 10:00"), [night_end]).opens == at("2026-11-26 08:30")


def test_closures_that_follow_each_other_are_one_and_an_open_end_has_no_reopening() -> None:
    following = Closure(at("2026-11-25 12:00"), at("2026-11-27 00:00"))
    assert state_at(OFFICE, at("2026-11-23 10:00"), [following, MOVING]).opens == at("2026-11-27 08:30")
    assert state_at(OFFICE, at("2026-11-23 10:00"), [Closure(MOVING.start, None)]).opens is None
    assert (
        state_at(OFFICE, at("2026-11-23 10:00"), [Closure(at("2026-11-24 00:00"), at("2026-11-23 00:00"))]).open is True
    )


# --- In words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "moment", "closures", "said", "reach"),
    [
        ("24/7", "2026-11-21 20:40", (), "Joignable 24 h sur 24", "on"),
        ("Lun-Dim 8h-22h", "2026-11-21 19:40", (), "Joignable jusqu’à 22 h", "on"),
        ("Lun-Dim 8h-22h", "2026-11-21 20:40", (), "Joignable jusqu’à 22 h", "soon"),
        ("Lun-Dim 8h-22h", "2026-11-21 20:00", (), "Joignable jusqu’à 22 h", "on"),
        ("Lun-Dim 18h-2h", "2026-11-21 20:40", (), "Joignable jusqu’à 2 h", "on"),
        ("Lun-Dim 6h-24h", "2026-11-21 20:40", (), "Joignable jusqu’à minuit", "on"),
        ("Ven 18h-24h; Sam 0h-24h; Dim 0h-16h", "2026-11-20 19:00", (), "Joignable jusqu’à dimanche, 16 h", "on"),
        ("Lun-Ven 13h-17h", "2026-11-20 09:00", (), "Fermé, ouvre à 13 h", "off"),
        ("Lun-Ven 8h30-16h30", "2026-11-21 20:40", (), "Fermé, ouvre lundi à 8 h 30", "off"),
        ("Sam 10h-15h", "2026-11-21 20:40", (), "Fermé, ouvre samedi 28, 10 h", "off"),
        ("1er mardi du mois 13h-16h", "2026-11-21 20:40", (), "Fermé, ouvre mardi 1er décembre, 13 h", "off"),
        (
            "1er vendredi du mois 13h-16h; fermé en décembre", "2026-11-21 20:40", (),
            "Fermé, ouvre vendredi 5 février 2027, 13 h", "off",
        ),
        ("Lun-Ven 8h30-16h30", "2026-12-25 10:00", (), "Fermé (jour férié), ouvre lundi à 8 h 30", "off"),
        ("Lun-Dim 8h-22h", "2026-12-25 10:00", (), "Horaire à vérifier (jour férié)", "unknown"),
        ("Sur activation", "2026-11-21 20:40", (), "Horaire à vérifier", "unknown"),
        ("24/7", "2026-11-23 10:00", (MOVING,), "Fermé temporairement, rouvre le mercredi 25 novembre à 12 h", "off"),
        ("24/7", "2026-11-25 10:00", (MOVING,), "Fermé temporairement, rouvre à 12 h", "off"),
        ("24/7", "2026-11-23 10:00", (Closure(MOVING.start, None),), "Fermé temporairement", "off"),
    ],
)  # fmt: skip
def test_a_card_says_it_in_french(hours: str, moment: str, closures: Sequence[Closure], said: str, reach: str) -> None:
    state = state_at(parse_hours(hours).pattern, at(moment), closures)
    assert describe_state(state, at(moment)) == said
    assert reach_class(state, at(moment)) == reach


@settings(deadline=None)
@given(patterns(), st.datetimes(datetime(1990, 1, 1), datetime(2098, 1, 1)), st.booleans())
def test_every_state_can_be_said(pattern: str, moment: datetime, closing: bool) -> None:
    closures = [Closure(moment - timedelta(days=1), moment + timedelta(days=40))] if closing else []
    state = state_at(pattern, moment, closures)
    assert describe_state(state, moment).startswith(("Joignable ", "Fermé", "Horaire à vérifier"))
    assert (reach_class(state, moment) in ("on", "soon")) == (state.open is True)
