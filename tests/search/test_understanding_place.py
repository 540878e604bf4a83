"""Postal codes and names of places, however they are written; a name of a listing is no place."""

from __future__ import annotations

import pytest

from search.understanding_place import parse_place
from tests.search.network import ask, chip, vocabulary


def territory(text: str, **fields: str) -> str | None:
    place = ask(text, **fields).place
    return place.territory if place else None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("répit limoilou", "LIM"),
        ("répit LIMOILOU", "LIM"),
        ("répit limoilu", "LIM"),
        ("charlebourg répit", "CHA"),
        ("st-roch", "SRO"),
        ("Saint Roch", "SRO"),
        ("ste-foy", "SFO"),
        ("dans l'est de sherbrooke", "EST"),
        ("centre-ville de sherbrooke", "CEN"),
        ("lac-beauport", "LBE"),
        ("beauport", "BEA"),
        ("en estrie", "R05"),
        ("sherbrooke", "RLS-SH"),
        ("à québec", "R03"),
        ("Cap-Rouge", "SFO"),
        ("giffard", "BEA"),
        ("saint-roch québec", "SRO"),
        ("G1K 1A1", "SRO"),
        ("g1k1a1", "SRO"),
        ("G1K", "SRO"),
        ("g1e-2b3 répit", "BEA"),
    ],
)
def test_places_as_people_write_them(text: str, code: str) -> None:
    assert territory(text) == code


@pytest.mark.parametrize("text", ["répit", "l'est", "ensemble", "au nord", "porte", "15 ans", "A1A"])
def test_other_words_are_no_place(text: str) -> None:
    assert territory(text) is None


def test_a_place_has_a_point_and_what_surrounds_it() -> None:
    place = ask("répit limoilou").place
    assert place is not None
    assert place.ancestors == ("RLS-QS", "R03", "QC")
    assert place.latitude == pytest.approx(46.83, abs=0.1)


def test_an_area_shared_by_several_quarters_shows_them_all() -> None:
    place = ask("J1H").place
    assert place is not None
    assert place.territory == "RLS-SH"
    assert set(place.candidates) == {"CEN", "ASC"}


def test_a_code_outside_every_territory_gives_a_point_only() -> None:
    place = ask("H2X 1Y4 répit").place
    assert place is not None
    assert place.territory is None
    assert place.latitude is not None


def test_the_more_precise_of_two_places_is_kept() -> None:
    assert territory("sherbrooke, à Lennoxville") == "LEN"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Limoilou", "LIM"),
        ("BEA", "BEA"),
        ("g1j 1a1", "LIM"),
        ("123, 3e avenue, Québec, G1L 2X5", "LIM"),
        ("RLS-QN", "RLS-QN"),
    ],
)
def test_the_field_takes_a_code_a_name_or_an_address(typed: str, code: str) -> None:
    found = parse_place(typed, vocabulary().gazetteer)
    assert found is not None
    assert found.place.territory == code


def test_an_unknown_place_is_said_and_asks_for_another() -> None:
    request = ask("répit", place="Tombouctou")
    assert request.place is None
    assert any("Tombouctou" in message for message in request.messages)


def test_the_chip_names_the_quarter_of_a_postal_code() -> None:
    shown = chip(ask("G1J 1A1"), "place")
    assert shown is not None
    assert (shown.value, shown.label) == ("G1J1A1", "G1J 1A1 (Limoilou)")
