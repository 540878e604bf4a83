"""Where a postal code is, and who serves it; all offline."""

import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from registry import geography, postal_codes
from registry.geography import Located, Point, TerritoryRow, TerritoryTree, distance_km, point_for

FIXTURE = Path(__file__).parents[2] / "fixtures" / "reseau.xlsx"


@pytest.fixture(scope="module")
def tree() -> TerritoryTree:
    """The territories of the demo network."""
    rows = CalamineWorkbook.from_path(FIXTURE).get_sheet_by_name("Territoires").to_python()[1:]
    return TerritoryTree(
        TerritoryRow(
            number,
            str(code),
            str(name),
            str(kind),
            str(parent) or None,
            tuple(p.strip() for p in str(prefixes).split(";")),
        )
        for number, (code, name, kind, parent, prefixes) in enumerate(rows)
    )


# --- Postal codes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["G1K 0G9", "g1k0g9", "g1k-0g9", " G1K\u00a00G9 ", "G1K–0G9", "g1k  0g9"])
def test_a_postal_code_has_one_stored_form(text: str) -> None:
    assert postal_codes.normalise(text) == postal_codes.normalise_or_same(text) == "G1K 0G9"
    assert postal_codes.is_valid(text)
    assert postal_codes.fsa(text) == "G1K"


@pytest.mark.parametrize("text", ["", "G1K", "D1K 0G9", "W1A 1A1", "G1O 0G9", "G1K OG9", "G1K 0G", "G1K 0G99", "12345"])
def test_what_is_no_canadian_code_is_refused_and_kept(text: str) -> None:
    assert not postal_codes.is_valid(text)
    assert postal_codes.normalise_or_same(text) == text
    with pytest.raises(postal_codes.InvalidPostalCode, match="Écrivez-le comme"):
        postal_codes.normalise(text)


def test_a_code_is_found_inside_a_sentence() -> None:
    assert postal_codes.find("elle reste à g1k 1a6, près du parc") == ("G1K 1A6", 13, 20)
    assert postal_codes.find("dans le G1L") == ("G1L", 8, 11)
    assert postal_codes.find("dossier AG1K1A6 du 12 mai") is None


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_the_reader_of_codes(text: str) -> None:
    assert postal_codes.is_valid(text) == (
        postal_codes.compact(text) is not None and postal_codes.fsa(text) != text.strip().upper()
    )


# --- Points ---------------------------------------------------------------------------------------------------------


def test_the_table_is_sorted_as_the_search_needs() -> None:
    codes = [line.split(",")[0] for line in geography._table()._text.decode().splitlines()[1:]]
    assert (len(codes[:422]), len(codes[422:])) == (422, 225_402)
    assert {len(code) for code in codes[:422]} == {3}
    assert {len(code) for code in codes[422:]} == {6}
    assert codes[422:] == sorted(codes[422:])


def test_the_first_the_last_and_a_sample_of_codes_are_found_where_the_table_says() -> None:
    lines = geography._table()._text.decode().splitlines()[1 + 422 :]
    for line in [lines[0], lines[1], lines[-1], *lines[::997]]:
        code, _, lat, lon = line.split(",")
        found = geography._table().find(code)
        if float(lat) > 63:
            assert found is None
            continue
        assert found is not None
        assert (found.lat, found.lon, found.precision) == (float(lat), float(lon), "code")


def test_a_whole_code_is_more_precise_than_its_area() -> None:
    exact, area = point_for("G1K 0G9"), point_for("g1k")
    assert exact == Point(46.8129, -71.2331, "Québec", "code")
    assert area is not None
    assert (area.place, area.precision) == ("Québec", "fsa")
    assert 0 < distance_km(exact, area) < 3


def test_an_unknown_code_falls_back_to_its_area_and_what_lies_elsewhere_has_no_point() -> None:
    assert point_for("G1K 9Z9") == point_for("G1K")
    assert point_for("K1A 0B1") is None  # Ottawa
    assert point_for("H0H 0H0") is None  # the North Pole
    assert point_for("rue Saint-Joseph") is None


def test_distances_are_those_of_a_map() -> None:
    quebec, sherbrooke = Point(46.8139, -71.2080), Point(45.4042, -71.8929)
    assert distance_km(quebec, sherbrooke) == pytest.approx(165.5, abs=1)
    assert distance_km(quebec, quebec) == 0
    assert distance_km(quebec, sherbrooke) == distance_km(sherbrooke, quebec)


def test_the_table_costs_little_memory_and_a_look_up_little_time() -> None:
    geography._table.cache_clear()
    geography.point_for.cache_clear()
    tracemalloc.start()
    point_for("G1K 0G9")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 15e6
    codes = [f"G1{letter} {n}A{m}" for letter in "BCEGHJKLMN" for n in range(10) for m in range(10)]
    started = time.perf_counter()
    for code in codes:
        point_for(code)
    assert (time.perf_counter() - started) / len(codes) < 0.001  # about 15 µs; generous for a busy machine


# --- Territories ----------------------------------------------------------------------------------------------------


def test_the_deepest_territory_that_holds_the_code_is_kept(tree: TerritoryTree) -> None:
    found = tree.locate("g1k 0g9")
    assert (found.territory, found.candidates) == ("SRO", ("SRO",))
    assert found.point == point_for("G1K 0G9")


def test_a_code_shared_by_two_quarters_gives_their_rls_and_both(tree: TerritoryTree) -> None:
    found = tree.locate("J1H 3B8")
    assert (found.territory, found.candidates) == ("RLS-SH", ("ASC", "CEN"))


def test_a_code_outside_every_territory_gives_the_point_only(tree: TerritoryTree) -> None:
    found = tree.locate("H2X 1Y4")
    assert (found.territory, found.candidates) == (None, ())
    assert found.point is not None
    assert tree.locate("n’importe quoi") == Located(None, (), None)


def test_a_longer_prefix_wins_over_a_shorter_one_at_the_same_depth() -> None:
    tree = TerritoryTree(
        [
            TerritoryRow(1, "V", "Ville"),
            TerritoryRow(2, "A", "Quartier A", "", "V", ("G1K",)),
            TerritoryRow(3, "B", "Quartier B", "", "V", ("G1K 0",)),
        ]
    )
    assert tree.locate("G1K 0G9").territory == "B"
    assert tree.locate("G1K 1G9").territory == "A"


def test_what_a_service_covers(tree: TerritoryTree) -> None:
    assert tree.covers({"LIM"}, "LIM") == "exact"
    assert tree.covers({"R03"}, "LIM") == "ancestor"
    assert tree.covers({"LIM"}, "RLS-QS") == "descendant"
    assert tree.covers({"CHA"}, "LIM") is None
    assert tree.covers({"inconnu"}, "LIM") is None
    assert tree.covers(set(), "LIM") is None


def test_climbing_and_descending(tree: TerritoryTree) -> None:
    assert tree.ancestors("LIM") == ("RLS-QS", "R03", "QC")
    assert tree.depth("QC") == 0
    assert tree.depth("LIM") == 3
    assert tree.depth("XXX") == -1
    assert set(tree.descendants("R05")) == {"RLS-SH", "CEN", "ASC", "EST", "FLE", "LEN", "RFO", "BRO", "NOR"}
    assert tree.distance_between("LIM", "LIM") == 0
    assert tree.distance_between("LIM", "SRO") == 2
    assert tree.distance_between("LIM", "R05") == 4
    assert tree.distance_between("LIM", "XXX") is None


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("Saint-Roch", ("SRO",)), ("st-roch", ("SRO",)), ("ST ROCH", ("SRO",)), ("à saint roch", ("SRO",)),
        ("ste-foy", ("SFO",)), ("Limoilou", ("LIM",)), ("quartier Limoilou", ("LIM",)), ("LIM", ("LIM",)),
        ("duberger", ("DUB",)), ("Les Saules", ("DUB",)), ("Duberger - Les Saules", ("DUB",)),
        ("centre-ville", ("CEN",)), ("centre-ville de Sherbrooke", ("CEN",)), ("Sherbrooke", ("RLS-SH",)),
        ("Québec", ("RLS-QS", "RLS-QN")), ("ville de Québec", ("RLS-QS", "RLS-QN")), ("partout au Québec", ("QC",)),
        ("stoneham", ("STE",)), ("haute ville", ("HVL",)), ("lac beauport", ("LBE",)), ("rock-forest", ("RFO",)),
        ("région de l’Estrie", ("R05",)), ("capitale nationale", ("R03",)), ("secteur nord", ("NOR",)),
        ("Montréal", ()), ("est", ()), ("", ()),
    ],
)  # fmt: skip
def test_a_territory_is_known_by_the_names_people_give_it(
    tree: TerritoryTree, said: str, codes: tuple[str, ...]
) -> None:
    assert tree.find_by_name(said) == codes


def test_a_territory_has_a_middle_even_without_prefixes_of_its_own(tree: TerritoryTree) -> None:
    limoilou, capitale = tree.point("LIM"), tree.point("R03")
    assert limoilou is not None
    assert capitale is not None
    assert distance_km(limoilou, capitale) < 15
    assert tree.point("XXX") is None


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.none() | st.integers(0, 8)), max_size=12))
def test_a_broken_tree_never_hangs(links: list[tuple[int, int | None]]) -> None:
    tree = TerritoryTree(
        TerritoryRow(n, str(code), f"T{code}", "", None if parent is None else str(parent), ("G1K",))
        for n, (code, parent) in enumerate(links)
    )
    for code in tree.rows:
        assert code not in tree.ancestors(code)
    assert set(tree.locate("G1K 0G9").candidates) <= set(tree.rows)
