"""Autocomplete: needs and their synonyms, places, names that the viewer may see; nothing for who may see nothing."""

from __future__ import annotations

import pytest

from registry.policies import INTERVENANT, NOTHING, Scope
from search.engines.base import EngineError, Suggestion
from search.lexicon import Entry
from search.suggestions import suggest
from tests.search.network import vocabulary


class Names:
    """An engine that knows two names, and remembers with which scope it was asked."""

    name = "names"

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.scopes: list[Scope] = []

    def suggest(self, prefix: str, scope: Scope, limit: int = 8) -> list[Suggestion]:
        self.scopes.append(scope)
        if self.fails:
            raise EngineError("hors service")
        return [Suggestion("name", f"Service {n}", f"Service {n}", f"SRV{n}") for n in range(10)][:limit]


def labels(text: str, kind: str, limit: int = 8) -> list[str]:
    return [item.label for item in suggest(text, vocabulary(), None, INTERVENANT, limit) if item.kind == kind]


def test_a_need_by_the_beginning_of_any_of_its_words() -> None:
    assert "Popote roulante" in labels("popo", "need")
    assert "Deuil et pertes" in labels("pert", "need")
    assert "Élan" not in labels("pert", "need")


@pytest.mark.parametrize("typed", ["Écoute tél", "ecoute tel", "ÉCOUTE TÉL"])
def test_accents_and_case_do_not_matter(typed: str) -> None:
    assert labels(typed, "need")[0] == "Écoute téléphonique"


def test_a_need_by_a_synonym_that_is_shown() -> None:
    own = vocabulary((Entry("Francisation", "classe du soir", "lay", 3),))
    found = suggest("classe", own, None, INTERVENANT)
    assert [(item.kind, item.label, item.value) for item in found] == [
        ("need", "Francisation (classe du soir)", "Francisation")
    ]


def test_places_by_name_and_variant() -> None:
    assert labels("limo", "place") == ["Limoilou"]
    assert "Saint-Roch" in labels("saint r", "place")
    assert labels("giff", "place") == ["Beauport (Giffard)"]


def test_names_come_from_the_engine_with_the_scope_of_the_viewer() -> None:
    engine = Names()
    found = suggest("popo", vocabulary(), engine, INTERVENANT)  # type: ignore[arg-type]
    assert engine.scopes == [INTERVENANT]
    assert len(found) == 8
    assert {item.kind for item in found} >= {"need", "name"}


def test_an_engine_that_does_not_answer_leaves_the_rest() -> None:
    found = suggest("popo", vocabulary(), Names(fails=True), INTERVENANT)  # type: ignore[arg-type]
    assert {item.kind for item in found} == {"need"}


def test_nothing_for_who_may_see_nothing_nor_for_one_letter() -> None:
    engine = Names()
    assert suggest("popo", vocabulary(), engine, NOTHING) == []  # type: ignore[arg-type]
    assert suggest("p", vocabulary(), engine, INTERVENANT) == []  # type: ignore[arg-type]
    assert engine.scopes == []
