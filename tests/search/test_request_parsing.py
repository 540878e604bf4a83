"""What is typed in the fields or the address becomes typed values, or a message in French; never an exception."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from search.links import FACET_PARAMS
from search.parsing import parse_query
from search.request import MAX_QUESTION
from tests.search.network import NOW, ask


def parse(query: str):
    return parse_query(QueryDict(query), NOW)


def test_every_field_of_the_page() -> None:
    question = parse(
        "q=mon+père+boit&lieu=Beauport&age=52&sexe=h&moment=ce+soir&langue=anglais&urgent=1&sans=need:Répit&sans=place:BEA"
        "&joignable=1&disponibilite=disponible&parle=Espagnol&suite=40"
    )
    assert (question.q, question.place, question.age, question.sex, question.language) == (
        "mon père boit",
        "Beauport",
        52,
        "m",
        "en",
    )
    assert question.urgent
    assert question.moment is not None
    assert (question.moment.hour, question.moment_phrase) == (20, "ce soir")
    assert question.removed == {("need", "Répit"), ("place", "BEA")}
    assert question.filters == {"reachable": ("1",), "availability": ("disponible",), "language": ("es",)}
    assert (question.limit, question.messages) == (40, ())


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("age=abc", "Âge"),
        ("age=-4", "Âge"),
        ("age=400", "Âge"),
        ("age=1e9", "Âge"),
        ("sexe=z", "Sexe"),
        ("langue=klingonien", "Langue"),
        ("moment=jamais", "Moment"),
        ("le=2026-99-99T00:00", "Moment"),
        ("le=9999-12-31T00:00", "éloigné"),
        ("le=0001-01-01T00:00", "éloigné"),
        ("disponibilite=peut-être", "Filtre"),
        ("programme=inconnu", "Filtre"),
        ("parle=klingonien", "Filtre"),
        ("joignable=oui", "Filtre"),
        ("q=" + "a" * 10_000, "coupée"),
    ],
)
def test_what_cannot_be_read_is_left_out_and_said(query: str, word: str) -> None:
    question = parse(query)
    assert any(word in message for message in question.messages)
    assert question.age is None
    assert question.moment is None
    assert question.filters == {}
    assert len(question.q) <= MAX_QUESTION


def test_unknown_needs_and_territories_of_the_facets_are_left_out_and_said() -> None:
    from registry.policies import INTERVENANT
    from search.understanding import understand
    from tests.search.network import vocabulary

    question = parse("q=répit&besoin=Licorne&besoin=Répit&territoire=XX")
    request = understand(question, vocabulary(), INTERVENANT)
    assert request.filters == {"need": ("Répit",)}
    assert len(request.messages) == 2


def test_now_and_another_moment_are_no_moment() -> None:
    for text in ("maintenant", "autre", "", "autre moment…"):
        assert parse(f"moment={text}").moment is None
        assert parse(f"moment={text}").messages == ()


def test_months_are_an_age_too() -> None:
    assert parse("age=18+mois").age == 1


@given(
    st.dictionaries(
        st.sampled_from(
            ["q", "lieu", "age", "sexe", "moment", "le", "langue", "urgent", "sans", "suite", *FACET_PARAMS.values()]
        ),
        st.lists(st.text(max_size=60), min_size=1, max_size=3),
    )
)
def test_no_address_ever_fails(query: dict[str, list[str]]) -> None:
    question = parse_query(query, NOW)
    assert all(isinstance(message, str) for message in question.messages)
    assert 1 <= question.limit <= 100


def test_control_characters_are_spaces() -> None:
    assert ask("répit\x00\n\tcamp").q == "répit camp"
