"""The table of the ranking keeps its promises, and says why in French."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.geography import Point, distance_km
from registry.policies import INTERVENANT
from search import explanation, ranking
from search.documents import DocumentEntry, cell, cells_within
from search.predicates import LOOSE, Not, Terms, Word, all_of, any_of, edits, matches, near_words
from search.request import OrientationRequest, Place, WantedNeed
from search.weights import TIER_STEP
from tests.factories.documents import service

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=ZoneInfo("America/Toronto"))
WORDS = tuple(f"mot{number}" for number in range(40))
FULL = OrientationRequest(
    NOW, q="question", words=WORDS, names=("A", "B"), expansion=WORDS, needs=(
        WantedNeed("Répit", 1.0), WantedNeed("TDAH", 1.0), WantedNeed("Famille", 0.5, "parent"),
        WantedNeed("Deuil", 0.4, "related"),
    ),
    place=Place("LIM", 46.83, -71.23, "Limoilou", (), ("RLS-QS", "R03", "QC")), age=15, sex="f", language="es",
    urgent=True, moment_given=True,
)  # fmt: skip


def test_weights_are_whole_numbers_and_one_service_never_reaches_the_next_tier() -> None:
    asked = ranking.plan(FULL, INTERVENANT)
    assert all(isinstance(clause.weight, int) and clause.weight > 0 for clause in asked.clauses)
    assert sum(clause.weight for clause in asked.clauses) < TIER_STEP
    # Single precision counts whole numbers exactly up to 2**24.
    assert (asked.highest_rank + 1) * TIER_STEP <= 2**24


def test_tiers_are_told_apart_whatever_they_drop() -> None:
    asked = ranking.plan(FULL, INTERVENANT)
    assert {wish.name for wish in asked.wishes} == {"match", "language", "territory"}
    costs = [wish.cost for wish in asked.wishes]
    assert all(cost & (cost - 1) == 0 for cost in costs)
    assert len(set(costs)) == len(costs)
    assert asked.dropped(0) == ()
    assert asked.dropped(asked.highest_rank) == tuple(wish.dropped for wish in asked.wishes)
    assert asked.split(TIER_STEP * asked.highest_rank + 321.0) == (0, 321)
    assert asked.split(321.0) == (asked.highest_rank, 321)


def test_nothing_asked_means_everybody_visible() -> None:
    asked = ranking.plan(OrientationRequest(NOW), INTERVENANT)
    assert asked.wishes == ()
    assert matches(all_of([asked.required, asked.base]), DocumentEntry(service(1)))


@given(st.floats(45, 53), st.floats(-79, -58), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_a_ring_of_distance_is_right_to_about_a_cell(lat: float, lon: float, north: float, east: float) -> None:
    away = distance_km(Point(lat, lon), Point(lat + north, lon + east))
    for radius, slack in ((2, 1.2), (5, 1.2), (15, 9), (50, 9)):
        grid, cells = cells_within(lat, lon, radius)
        within = cell(lat + north, lon + east, grid) in cells
        if away < radius - slack:
            assert within
        if away > radius + slack:
            assert not within


@pytest.mark.parametrize(
    ("word", "other", "near"),
    [
        ("hebergment", "hebergement", True),
        ("alzeimer", "alzheimer", True),
        ("schizofrenie", "schizophrenie", True),
        ("repti", "repit", True),
        ("loyer", "foyer", False),
        ("mere", "pere", False),
        ("mere", "merd", False),
        ("p38aa", "p38ab", False),
    ],
)
def test_what_a_typo_may_change(word: str, other: str, near: bool) -> None:
    assert near_words(Word(("name",), word, LOOSE), [other, word]) == ([other] if near else [])


def test_only_the_word_being_typed_may_be_a_beginning() -> None:
    typing = ranking.plan(OrientationRequest(NOW, q="répit heb", words=("repit", "heb")), INTERVENANT)
    done = ranking.plan(OrientationRequest(NOW, q="répit heb ", words=("repit", "heb")), INTERVENANT)
    document = DocumentEntry(service(1, "Hébergement"))
    assert matches(typing.base, document)
    assert not matches(done.base, document)


@given(st.text("abcde", min_size=1, max_size=12))
def test_a_longer_word_may_hold_more_mistakes(word: str) -> None:
    assert edits(word) <= edits(word + "a") <= 2


def test_logic_of_predicates() -> None:
    entry = DocumentEntry(service(1, needs=["Répit"]))
    held, absent = Terms("need", ("Répit",)), Terms("need", ("TDAH",))
    assert matches(any_of([held, absent]), entry)
    assert not matches(any_of([]), entry)
    assert matches(all_of([]), entry)
    assert not matches(all_of([held, absent]), entry)
    assert matches(all_of([held, Not(absent)]), entry)


# --- In French --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kilometres", "expected"),
    [(0.04, "à 40 m"), (0.8, "à 800 m"), (2.8, "à 2,8 km"), (3.0, "à 3 km"), (19.94, "à 19,9 km"), (120.4, "à 120 km")],
)
def test_distances(kilometres: float, expected: str) -> None:
    assert explanation.distance(kilometres).replace("\u00a0", " ") == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (12, 17, "12-17 ans"),
        (18, None, "18 ans et plus"),
        (None, 5, "jusqu’à 5 ans"),
        (0, 5, "jusqu’à 5 ans"),
        (None, None, ""),
    ],
)
def test_ages(low: int | None, high: int | None, expected: str) -> None:
    assert explanation.ages(service(1, age_min=low, age_max=high)).replace("\u00a0", " ") == expected


def test_territories() -> None:
    why = explanation.territory(("LIM",), ("RLS-QS", "R03", "QC"))
    assert why(service(1, serves=["VAN", "LIM"])) == "sert Limoilou"
    assert why(service(1, serves=["R03"])) == "sert Capitale-Nationale"
    assert why(service(1, serves=["QC"])) == "partout au Québec"
    assert why(service(1, serves=["ASC"])) == why(service(1)) == ""
    assert explanation.territory(("RLS-QS",))(service(1, serves=["LIM"])) == "sert Limoilou"


def test_tier_headings_read_as_one_sentence() -> None:
    request = OrientationRequest(NOW, language="es")
    label = explanation.tier_label(("need", "language", "territory"), request)
    assert label.replace("\u00a0", " ") == "Besoin voisin, sans « en espagnol », autre territoire"
    assert explanation.tier_label((), request) == ""
    assert not re.search(r" [?!;:]", label)
