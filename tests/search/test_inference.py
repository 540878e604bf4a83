"""Needs that a listing's own words say, whatever it is indexed under."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.inference import infer


def test_a_name_and_a_description_say_the_need() -> None:
    said = infer("Dépannage d'épicerie", "Boîtes de nourriture pour les familles à la fin du mois.", "Entraide du Coin")
    assert said["strong"][0] == "Aide alimentaire"


def test_a_passing_mention_is_weak_at_most() -> None:
    said = infer("Club de marche", "On marche en groupe, puis on jase autour d'un repas.", "Entraide du Coin")
    assert "Aide alimentaire" not in said["strong"]


def test_words_of_two_sentences_make_no_expression() -> None:
    together = infer("", "Retard de langage.", "")
    apart = infer("", "Retard des autobus. Langage des fleurs.", "")
    assert "Retard de développement et de langage" in together["strong"] + together["weak"]
    assert "Retard de développement et de langage" not in apart["strong"]


@given(st.text(max_size=80), st.text(max_size=300), st.text(max_size=80))
def test_any_text_gives_few_needs_each_once(name: str, description: str, organization: str) -> None:
    said = infer(name, description, organization)
    every = said["strong"] + said["weak"]
    assert len(every) == len(set(every)) <= 9
    assert infer(name, description, organization) == said
