"""The map says what the list says, no more: no confidential place, no service that the list does not show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from config.tiles import tile_sources
from registry import actions
from registry.enums import Role
from registry.geography import TerritoryRow, TerritoryTree
from search.dates import TORONTO
from search.engines.base import Hit
from search.links import State
from search.presentation.map_view import MapView, map_view, missing, spots
from search.request import Place
from tests.factories.documents import location, organization, service

from . import page_network

NOW = datetime(2026, 11, 21, 20, 40, tzinfo=TORONTO)
TREE = TerritoryTree([
    TerritoryRow(1, "QC", "Ensemble du Québec", "province"),
    TerritoryRow(2, "R03", "Capitale-Nationale", "region", "QC"),
    TerritoryRow(3, "LIM", "Limoilou", "quarter", "R03", ("G1J", "G1L")),
    TerritoryRow(4, "LEN", "Lennoxville", "quarter", "QC", ("J1M",)),
    TerritoryRow(5, "NUL", "Sans code postal", "quarter", "R03"),
])  # fmt: skip
LIMOILOU = Place("LIM", 46.834, -71.234, "Limoilou")
QUESTION = State(()).but(q="deuil", vue="carte")


def hit(code: str, *places: dict[str, Any], hours: str = "24/7", owner: str = "Solidarité Deuil") -> Hit:
    document = service(
        1, f"Écoute {code}", code=code, locations=list(places), hours=hours, organization=organization(owner)
    )
    return Hit(code, document, 1.0, 0, None, None, ())


def place(code: str, latitude: float | None, longitude: float | None, **values: Any) -> dict[str, Any]:
    return location(values.pop("name", "Bureau"), latitude=latitude, longitude=longitude, **values) | {"code": code}


def shown(*hits: Hit, here: Place | None = None, **values: Any) -> MapView:
    return map_view(hits, QUESTION, NOW, here, TREE, **values)


class TestSpots:
    def test_services_of_one_place_are_one_point(self) -> None:
        house = place("L1", 46.81, -71.22)
        found = spots([hit("SRV-1", house), hit("SRV-2", house)], QUESTION, NOW)
        assert [(spot.number, len(spot.services)) for spot in found] == [(1, 2)]
        assert found[0].services[0].url == "/?q=deuil&vue=carte&fiche=SRV-1#fiche"

    def test_nearest_first_where_the_question_names_a_place(self) -> None:
        far, near = hit("SRV-1", place("L1", 45.4, -71.9)), hit("SRV-2", place("L2", 46.835, -71.234))
        assert [spot.services[0].name for spot in spots([far, near], QUESTION, NOW, LIMOILOU)] == [
            "Écoute SRV-2", "Écoute SRV-1",
        ]  # fmt: skip
        assert spots([far, near], QUESTION, NOW, LIMOILOU)[0].distance == "à 100\u00a0m"
        assert [spot.distance for spot in spots([far, near], QUESTION, NOW)] == ["", ""]

    def test_a_point_has_the_best_state_of_its_services(self) -> None:
        house = place("L1", 46.81, -71.22)
        found = spots([hit("SRV-1", house, hours=""), hit("SRV-2", house, hours="24/7")], QUESTION, NOW)
        assert found[0].css == "on"

    def test_whose_place_it_is_comes_first_unless_several_share_it(self) -> None:
        house = place("L1", 46.81, -71.22, name="Bureau principal")
        mine, theirs = hit("SRV-1", house), hit("SRV-2", house, owner="Maison du Cap")
        assert spots([mine], QUESTION, NOW)[0].name == "Solidarité Deuil, Bureau principal"
        assert spots([mine, theirs], QUESTION, NOW)[0].name == "Bureau principal"

    @given(st.lists(st.tuples(st.booleans(), st.none() | st.floats(45, 47)), max_size=8))
    def test_every_service_is_on_the_map_or_counted_apart(self, given_places: list[tuple[bool, float | None]]) -> None:
        hits = [
            hit(f"SRV-{number}", place(f"L{number}", latitude, -71.2 if latitude else None, confidential=hidden))
            for number, (hidden, latitude) in enumerate(given_places, start=1)
        ]
        on_map = sum(len(spot.services) for spot in spots(hits, QUESTION, NOW))
        digits = [int(word) for word in missing(hits).replace(":", " ").split() if word.isdigit()]
        assert on_map + sum(digits) == len(hits)


class TestConfidential:
    def test_a_confidential_place_is_never_drawn_even_with_a_point(self) -> None:
        """A document holds no point for it; were one to slip in, the map would still leave it out."""
        view = shown(hit("SRV-1", place("L1", 46.8123, -71.2345, confidential=True)), here=None)
        assert view.spots == ()
        assert "46.8" not in repr(view)
        assert view.missing == "Pas sur la carte : 1 à adresse confidentielle."

    @pytest.mark.django_db
    def test_no_page_holds_its_coordinates(self) -> None:
        network = page_network.build()
        shelter = network.organization.locations.get(code="LIE-A")  # type: ignore[union-attr]
        actions.set_confidential_address(None, shelter, latitude="46.87654", longitude="-71.34567")
        client = page_network.client_of(Role.ADMINISTRATOR)
        for address in ("/?q=deuil&vue=carte", "/?q=deuil&lieu=Limoilou&vue=carte", "/?q=deuil&vue=carte&suite=100"):
            page = client.get(address).content.decode()
            assert 'id="carte"' in page
            assert "adresse confidentielle" in page
            for secret in ("46.87", "46,87", "71.34", "71,34", page_network.ADDRESS, page_network.POSTAL, "data-lat"):
                assert secret not in page


class TestNames:
    def test_names_around_the_places_between_their_zooms(self) -> None:
        names = orjson.loads(shown(hit("SRV-1", place("L1", 46.83, -71.23))).names)
        assert {name[0] for name in names} == {"Limoilou", "Capitale-Nationale"}  # not the province, not 200 km away
        assert all(0 <= first < last <= 18 for *_, first, last in names)

    def test_the_place_of_the_question(self) -> None:
        house = hit("SRV-1", place("L1", 46.83, -71.23))
        assert orjson.loads(shown(house, here=LIMOILOU).here) == ["Limoilou", 46.834, -71.234]
        assert shown(house).here == ""

    def test_nothing_to_draw(self) -> None:
        view = shown(hit("SRV-1"))
        assert (view.spots, view.names) == ((), "[]")
        assert view.summary == "Aucune ressource affichée n’a de lieu à montrer."
        assert view.missing == "Pas sur la carte : 1 sans lieu connu."


class TestPage:
    @pytest.mark.django_db
    def test_the_map_is_asked_for_and_stays_while_one_types(self) -> None:
        page_network.build()
        client = page_network.client_of(Role.INTERVENANT)
        plain = client.get("/?q=deuil").content.decode()
        assert 'id="carte"' not in plain
        assert 'href="/?q=deuil&amp;vue=carte#carte"' in plain
        assert '<input type="hidden" name="vue" value="carte">' in client.get("/?q=deuil&vue=carte").content.decode()

    @pytest.mark.django_db
    def test_a_sheet_takes_its_place_and_gives_it_back(self) -> None:
        page_network.build()
        page = page_network.client_of(Role.INTERVENANT).get("/?q=deuil&vue=carte&fiche=SRV-PUBLIC").content.decode()
        assert 'id="carte"' not in page
        assert 'id="fermer" href="/?q=deuil&amp;vue=carte#ressources"' in page

    @pytest.mark.django_db
    def test_no_tile_is_asked_for_unless_configured(self, settings: Any) -> None:
        network = page_network.build()
        house = page_network.made.location(network.organization, "Bureau", code="LIE-B", postal_code="G1J 1A1")
        page_network.made.service(network.organization, "Deuil en groupe", code="SRV-GR", locations=(house,))
        client = page_network.client_of(Role.INTERVENANT)
        assert 'data-tiles=""' in client.get("/?q=deuil en groupe&vue=carte").content.decode()
        settings.PASSERELLES_MAP_TILES = "https://tuiles.example.org/{z}/{x}/{y}.png"
        page = client.get("/?q=deuil en groupe&vue=carte").content.decode()
        assert 'data-tiles="https://tuiles.example.org/{z}/{x}/{y}.png"' in page


class TestTileSources:
    @pytest.mark.parametrize(
        ("address", "sources"),
        [
            ("", []),
            ("https://tuiles.example.org/{z}/{x}/{y}.png", ["https://tuiles.example.org"]),
            ("http://127.0.0.1:8080/osm/{z}/{x}/{y}.png?cle=1", ["http://127.0.0.1:8080"]),
            ("https://{s}.tuiles.example.org/{z}/{x}/{y}@2x.webp", ["https://*.tuiles.example.org"]),
        ],
    )
    def test_the_policy_allows_the_origin_and_nothing_else(self, address: str, sources: list[str]) -> None:
        assert tile_sources(address) == sources

    @pytest.mark.parametrize(
        "address",
        ["https://tuiles.example.org/", "//tuiles/{z}/{x}/{y}", "javascript:{z}{x}{y}", "https:///{z}/{x}/{y}",
         "https://{q}.example.org/{z}/{x}/{y}"],
    )  # fmt: skip
    def test_an_address_that_cannot_be_one_stops_the_start(self, address: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="PASSERELLES_MAP_TILES"):
            tile_sources(address)
