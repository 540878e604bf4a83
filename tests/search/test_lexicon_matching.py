"""How expressions are found: any order, within a window, inflected, misspelt — and never on another word's account."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.text import fold
from search import analysis
from search.lexicon import Entry, Lexicon, shipped
from search.lexicon.spelling import SHORTEST, Speller, closeness, sound
from search.reading import Reading, light

CLASSES = {"frapper": ("frappe", "bat", "me_tape"), "enfant": ("fils", "fille", "mon_plus_vieux"), "où": ("où",)}


def lexicon(*entries: tuple[str, str, int] | tuple[str, str, int, str]) -> Lexicon:
    return Lexicon([Entry(row[0], row[1], row[3] if len(row) == 4 else "lay", row[2]) for row in entries], CLASSES)


def found(held: Lexicon, text: str, known: frozenset[str] = frozenset()) -> set[str]:
    return {match.need for match in held.match(Reading(text), known)}


def test_terms_match_in_any_order_within_a_window() -> None:
    held = lexicon(("A", "chat gris", 3))
    assert found(held, "un gros chat tout gris") == {"A"}
    assert found(held, "gris comme un chat") == {"A"}
    far = "chat " + "mot " * 7 + "gris"
    assert found(held, far) == set()


def test_every_term_needs_a_word_of_its_own() -> None:
    assert found(lexicon(("A", "porte portes", 3)), "la porte") == set()


def test_classes_stand_for_each_of_their_members() -> None:
    held = lexicon(("A", "{frapper} {enfant}", 3))
    assert found(held, "elle bat son fils") == {"A"}
    assert found(held, "il me tape et mon plus vieux aussi") == {"A"}
    assert found(held, "elle bat des œufs") == set()


def test_fixed_terms_must_be_adjacent() -> None:
    held = lexicon(("A", "pain_quotidien", 3), ("B", "coup_de_main", 3))
    assert found(held, "le pain quotidien") == {"A"}
    assert found(held, "du pain au quotidien") == {"A"}  # stop words do not count
    assert found(held, "pain frais quotidien") == set()
    assert found(held, "un coup main") == {"B"}


def test_a_fixed_term_keeps_the_stop_words_that_make_its_sense() -> None:
    held = lexicon(("A", "où_passer_la_nuit", 3))
    assert found(held, "je sais pas où passer la nuit") == {"A"}
    assert found(held, "il passe ses nuits dehors") == set()


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("logement", "logements"),
        ("itinérant", "itinérantes"),
        ("autochtone", "AUTOCHTONES"),
        ("violer", "violée"),
        ("social", "sociaux"),
        ("joueur", "joueuses"),
        ("gai", "gaie"),
        ("sportif", "sportive"),
        ("réfugié", "refugies"),
    ],
)
def test_inflection_and_accents_do_not_matter(expression: str, text: str) -> None:
    assert found(lexicon(("A", expression, 3)), text) == {"A"}


@pytest.mark.parametrize(
    ("expression", "text"),
    [("aidant", "aide"), ("réfugié", "refuge"), ("repas", "répit"), ("gare", "gars"), ("violent", "viol")],
)
def test_words_of_one_stem_stay_apart_when_both_are_known(expression: str, text: str) -> None:
    held = lexicon(("A", expression, 3), ("B", text, 3))
    assert found(held, text) == {"B"}


def test_an_acronym_is_read_as_it_is_written() -> None:
    held = lexicon(("A", "TED", 3, "acronym"), ("B", "P-38", 3, "acronym"))
    assert found(held, "ted") == {"A"}
    assert found(held, "teds") == set()
    assert found(held, "P-38") == found(held, "p38") == found(held, "p 38") == {"B"}


def test_what_is_claimed_by_a_name_or_a_place_says_no_need() -> None:
    held, reading = lexicon(("A", "chat", 3)), Reading("chat noir")
    reading.claim((0,), "name")
    assert held.match(reading) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("alfabet", "alphabet"),
        ("apartement", "appartement"),
        ("psycologue", "psychologue"),
        ("ipothèque", "hypothèque"),
        ("kiosquee", "kiosque"),
        ("abillement", "habillement"),
        ("delimquance", "delinquance"),
        ("soulajement", "soulagement"),
        ("fransaise", "française"),
        ("corespondance", "correspondance"),
        ("tiroire", "tiroir"),
    ],
)
def test_misspelt_words_are_read(typed: str, meant: str) -> None:
    assert found(lexicon(("A", meant, 3)), typed) == {"A"}


@pytest.mark.parametrize(
    ("typed", "other"), [("pomme", "homme"), ("porte", "perte"), ("culture", "rupture"), ("chat", "chien")]
)
def test_other_words_are_not_misspellings(typed: str, other: str) -> None:
    assert found(lexicon(("A", other, 3)), typed) == set()


def test_known_and_short_words_are_never_corrected() -> None:
    speller = Speller(["alphabet"], known=["alfabet"])
    assert speller.correct("alfabet") == []
    assert Speller(["porc"]).correct("porx") == []
    held = lexicon(("A", "alphabet", 3))
    assert found(held, "alfabet", frozenset({"alfabet"})) == set()


def test_a_corrected_word_is_less_certain() -> None:
    held = lexicon(("A", "alphabet", 3))
    (right,), (wrong,) = held.match(Reading("alphabet")), held.match(Reading("alfabet"))
    assert right.certainty == 1.0
    assert 0.7 < wrong.certainty < 1.0


@given(st.text(alphabet=st.characters(categories=["Ll"]), min_size=1, max_size=20))
def test_sounds_and_lights_are_settled_and_never_fail(word: str) -> None:
    folded = fold(word)
    assert isinstance(sound(folded), str)
    assert len(light(folded)) <= len(folded)
    if len(folded) >= SHORTEST:
        assert closeness(folded, folded) == 1.0


@given(st.text(max_size=120))
def test_tokens_follow_the_specification_of_the_analysis(text: str) -> None:
    ascii_only = text.encode("ascii", "ignore").decode()
    assert [token.folded for token in Reading(ascii_only).tokens] == analysis.words(ascii_only, stop_words=True)


def test_the_shipped_lexicon_covers_the_vocabulary() -> None:
    from tests.search.network import vocabulary

    terms = {need for need, parent in vocabulary().parent_of.items() if parent}
    said = {entry.need for entry in shipped().entries}
    assert terms <= said
    assert len(shipped().entries) > 2_000
    assert {
        need for need, others in shipped().related.items() for need in (need, *(other for other, _ in others))
    } <= set(vocabulary().parent_of)
    assert set(shipped().concerned) <= set(vocabulary().parent_of)


def test_every_shipped_place_is_in_the_tree() -> None:
    from tests.search.network import vocabulary

    tree = vocabulary().tree
    assert [place for place, territory in shipped().places if not tree.find_by_name(territory)] == []


@pytest.mark.parametrize("part", ["c"])
def test_the_last_part_keeps_the_promises_of_the_others(part: str) -> None:
    import csv
    import re

    from search.lexicon.entries import FOLDER
    from tests.search.network import vocabulary

    with (FOLDER / f"expressions_{part}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["need"] for row in rows} <= set(vocabulary().parent_of)
    keys = [(row["need"], row["expression"]) for row in rows]
    assert len(keys) == len(set(keys))
    named = {name for row in rows for name in re.findall(r"\{([^}]+)\}", row["expression"])}
    assert named <= set(shipped().classes)
