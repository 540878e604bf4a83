"""A question in the caller's words becomes needs, names, a place, a person and a moment, each shown as a chip."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.policies import PUBLIC
from search.lexicon import Entry
from search.understanding import CHIP_ORDER, understand
from tests.search.network import NOW, ask, asked, chip, question, vocabulary

# Said like a caller or a colleague → a need that must be among the first two asked.
SAID = (
    (
        "ma belle-mère cache des factures partout et oublie le nom de ses petits-enfants",
        "Maladie d'Alzheimer et troubles neurocognitifs",
    ),
    ("son garçon lui soutire sa pension de vieillesse", "Maltraitance envers les aînés"),
    ("elle saute des repas et se pèse dix fois par jour", "Troubles des conduites alimentaires"),
    ("il gage toute sa paye sur les machines à sous", "Jeu pathologique"),
    ("mon mari m'a poussée dans l'escalier", "Violence conjugale – victimes"),
    ("je couche dans un portique depuis lundi", "Itinérance et hébergement d'urgence"),
    ("ma soeur parle de se pendre", "Prévention du suicide"),
    ("le proprio refuse de chauffer le bloc", "Logement et droits des locataires"),
    ("bébé refuse le sein", "Périnatalité et allaitement"),
    ("LSJPA", "Délinquance"),
    ("TED", "Trouble du spectre de l'autisme"),
    ("P38", "Évaluation de la dangerosité (P-38)"),
)


@pytest.mark.parametrize(("text", "need"), SAID)
def test_what_is_said_leads_to_the_need(text: str, need: str) -> None:
    assert need in asked(ask(text))[:2]


@pytest.mark.parametrize(
    ("typed", "need"),
    [
        ("toxiccomanie", "Dépendances – alcool et drogues"),
        ("francissation", "Francisation"),
        ("itinérence", "Itinérance et hébergement d'urgence"),
        ("alfabétisation", "Alphabétisation"),
        ("endétement", "Budget et endettement"),
        ("orthofoniste", "Retard de développement et de langage"),
    ],
)
def test_a_misspelt_word_is_read_as_it_sounds(typed: str, need: str) -> None:
    assert need in asked(ask(typed))


@pytest.mark.parametrize("text", ["FRANCISATION", "francisation", "Francisation?!", "  francisation  ", "françisation"])
def test_case_accents_and_punctuation_change_nothing(text: str) -> None:
    assert asked(ask(text)) == ["Francisation"]


def test_two_needs_on_different_words_are_both_asked() -> None:
    assert set(asked(ask("deuil et cours de français"))) >= {"Deuil et pertes", "Francisation"}


def test_the_need_that_explains_more_words_wins_them() -> None:
    needs = ask("retard de langage")
    assert asked(needs) == ["Retard de développement et de langage"]


def test_parent_and_neighbouring_needs_follow_with_less_weight() -> None:
    needs = ask("francisation").needs
    parent = next(need for need in needs if need.kind == "parent")
    related = [need for need in needs if need.kind == "related"]
    assert parent.term == "Communautés"
    assert related
    assert all(need.weight < needs[0].weight for need in (parent, *related))


def test_words_beside_a_need_are_soft_and_words_alone_are_asked() -> None:
    with_need = ask("francisation du samedi matin avec dîner")
    assert with_need.words == ()
    assert "diner" in with_need.soft
    alone = ask("xylophone quantique")
    assert alone.words == ("xylophone", "quantique")
    assert alone.soft == ()


def test_an_age_settles_which_of_two_needs_is_meant() -> None:
    adult, child = asked(ask("agressée sexuellement", age=40)), asked(ask("agressée sexuellement", age=9))
    assert adult[0] == "Agression sexuelle – adulte"
    assert child[0] == "Agression sexuelle – enfant et adolescent"


# --- names ---


def test_a_name_is_never_eaten_by_a_need() -> None:
    request = ask("centre jeunesse trois ruisseaux")
    assert request.names == ("centre jeunesse des trois ruisseaux",)
    assert asked(request) == []


def test_a_name_is_recognised_in_part_and_misspelt() -> None:
    assert ask("tournesol").names == ("maison tournesol du port",)
    assert ask("tournessol").names == ("maison tournesol du port",)


def test_a_name_made_of_common_words_must_be_said_in_full() -> None:
    assert ask("atelier des femmes").names == ("le chainon atelier des femmes",)
    assert ask("femmes").names == ()


def test_a_place_inside_a_name_is_not_where_the_person_is() -> None:
    request = ask("fraternité saint-roch-des-neiges")
    assert request.names == ("fraternite saint roch des neiges",)
    assert request.place is None


def test_an_acronym_leads_to_everybody_who_shares_it() -> None:
    assert set(ask("ZEPHYR").names) == {"zephyr du vieux quai", "zephyr des monts"}


def test_a_name_is_known_to_those_who_may_see_it_only() -> None:
    assert ask("refuge opaline").names == ("refuge opaline",)
    hidden = ask("refuge opaline", PUBLIC)
    assert hidden.names == ()
    assert chip(hidden, "name") is None
    assert ask("programme boomerang", PUBLIC).names == ()


def test_other_words_beside_a_name_still_say_a_need() -> None:
    request = ask("tournesol francisation")
    assert request.names == ("maison tournesol du port",)
    assert "Francisation" in asked(request)


# --- chips ---


def test_everything_understood_is_shown_in_the_order_of_the_page() -> None:
    request = ask("mon ado de 14 ans fait une fugue, Beauport, ce soir, parle espagnol, c'est urgent")
    kinds = [chip.kind for chip in request.chips]
    assert kinds == sorted(kinds, key=CHIP_ORDER.index)
    assert {"need", "age", "place", "language", "moment", "urgent"} <= set(kinds)
    assert [chip.label for chip in request.chips if chip.kind in ("age", "place", "language", "urgent")] == [
        "14 ans",
        "Beauport",
        "espagnol",
        "urgent",
    ]


def test_a_removed_chip_is_not_understood_again_and_its_words_remain() -> None:
    text = "francisation beauport"
    assert ask(text).place is not None
    without = ask(text, removed=(("place", "BEA"),))
    assert without.place is None
    assert "beauport" in without.soft
    assert asked(ask(text, removed=(("need", "Francisation"),))) != ["Francisation"]


def test_a_field_wins_over_the_text() -> None:
    request = ask("homme de 45 ans", age=30, sex="f", language="en")
    assert (request.age, request.sex, request.language) == (30, "f", "en")
    assert {chip.source for chip in request.chips if chip.kind in ("age", "sex", "language")} == {"field"}


def test_the_text_narrows_the_place_of_the_field() -> None:
    inside = ask("francisation beauport", place="RLS-QN").place
    assert inside is not None
    assert inside.territory == "BEA"
    elsewhere = ask("francisation beauport", place="RLS-SH").place
    assert elsewhere is not None
    assert elsewhere.territory == "RLS-SH"


def test_the_coordinator_adds_an_expression_of_her_own() -> None:
    text = "zouzounite aiguë"
    assert asked(ask(text)) == []
    own = vocabulary((Entry("Francisation", "zouzounite", "lay", 3),))
    from registry.policies import INTERVENANT

    request = understand(question(text), own, INTERVENANT)
    assert asked(request) == ["Francisation"]


# --- whatever is typed ---

anything = st.text(max_size=300) | st.lists(
    st.sampled_from(
        [
            "ado",
            "15",
            "ans",
            "Limoilou",
            "G1K 1A1",
            "ce soir",
            "demain",
            "9 h",
            "urgent",
            "parle",
            "anglais",
            "TSA",
            "centre",
            "jeunesse",
            "mon",
            "mari",
            "boit",
            "deuil",
            "refuge",
            "tournesol",
            "et",
            "pas",
            "depuis",
            "3",
            "mois",
            "…",
            "'",
        ]
    ),
    max_size=14,
).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(anything)
def test_nothing_typed_ever_fails_and_the_same_words_give_the_same_request(text: str) -> None:
    request = ask(text)
    assert request == ask(text)
    assert all(0 < need.weight <= 1 for need in request.needs)
    assert len({need.term for need in request.needs}) == len(request.needs)


@settings(max_examples=120, deadline=None)
@given(anything)
def test_every_chip_can_be_removed(text: str) -> None:
    removed: tuple[tuple[str, str], ...] = ()
    for _ in range(40):
        chips = [c for c in ask(text, removed=removed).chips if c.source == "text"]
        if not chips:
            break
        removed += ((chips[0].kind, chips[0].value),)
        left = ask(text, removed=removed)
        assert (chips[0].kind, chips[0].value) not in {(c.kind, c.value) for c in left.chips}
    assert not [c for c in ask(text, removed=removed).chips if c.source == "text"]


def test_ten_thousand_characters_are_cut_and_said_so() -> None:
    request = ask("mon père boit " * 800)
    assert len(request.q) <= 1_000
    assert any("coupée" in message for message in request.messages)
    assert "Dépendances – alcool et drogues" in asked(request)


def test_understanding_takes_milliseconds() -> None:
    texts = [text for text, _ in SAID]
    for text in texts:
        ask(text)
    started = time.perf_counter()
    for _ in range(10):
        for text in texts:
            ask(text)
    assert (time.perf_counter() - started) / (10 * len(texts)) < 0.010  # 0.5 ms on an idle machine


def test_now_is_the_moment_when_none_is_said() -> None:
    request = ask("francisation")
    assert request.moment == NOW
    assert not request.moment_given
