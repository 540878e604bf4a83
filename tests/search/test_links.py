"""One canonical address per question; every gesture is the same address with one part changed."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from search.links import BASKET_LIMIT, FACET_PARAMS, PARAMS, State
from search.request import FACETS


def state(query: str) -> State:
    return State.of(QueryDict(query))


def test_every_facet_has_a_parameter() -> None:
    assert tuple(FACET_PARAMS) == FACETS
    assert set(FACET_PARAMS.values()) <= set(PARAMS)


def test_blank_unknown_and_repeated_parameters_are_dropped() -> None:
    assert state("age=&q=deuil&x=1&besoin=A&besoin=A&lieu=  ").url() == "/?q=deuil&besoin=A"


def test_the_order_of_the_parameters_does_not_matter() -> None:
    assert state("fiche=SRV1&q=deuil&age=8").url() == state("age=8&q=deuil&fiche=SRV1").url()


def test_the_basket_is_read_however_it_is_written() -> None:
    codes = state("panier=A,B&panier=C&panier=A").basket
    assert codes == ("A", "B", "C")
    assert state("panier=A,B&panier=C").url() == "/?panier=A,B,C"
    assert len(state("panier=" + ",".join(f"S{n}" for n in range(50))).basket) == BASKET_LIMIT


def test_putting_in_the_basket_and_taking_out() -> None:
    start = state("q=deuil")
    full = start.toggled("panier", "A").toggled("panier", "B")
    assert full.basket == ("A", "B")
    assert full.toggled("panier", "A").toggled("panier", "B") == start


def test_what_was_set_aside_goes_with_the_words() -> None:
    assert state("q=deuil&sans=age:8").all("sans") == ("age:8",)
    assert state("sans=age:8&lieu=Limoilou").all("sans") == ()


def test_a_leftover_date_does_not_move_the_question() -> None:
    assert state("q=deuil&moment=autre&le=2026-11-21T20:00").get("le")
    assert not state("q=deuil&moment=ce soir&le=2026-11-21T20:00").get("le")
    assert not state("q=deuil&le=2026-11-21T20:00").get("le")


def test_when_is_there_a_question() -> None:
    assert not state("").asks
    assert not state("panier=A&fiche=A").asks
    assert state("q=deuil").asks
    assert state("lieu=Limoilou").asks
    assert state("joignable=1").asks


@given(st.dictionaries(st.sampled_from([*PARAMS, "x"]), st.lists(st.text(max_size=20), max_size=4), max_size=12))
def test_an_address_read_again_is_the_same(table: dict[str, list[str]]) -> None:
    once = State.of(table)
    again = State.of(QueryDict(urlsplit(once.url()).query))
    assert again.url() == once.url()
    assert 20 <= once.shown <= 100


@given(st.text(max_size=30))
def test_any_text_survives_the_address(text: str) -> None:
    asked = State.of({"q": [text]})
    kept = parse_qs(urlsplit(asked.url()).query).get("q", [""])[0]
    assert kept == text.replace("\x00", "").strip()
