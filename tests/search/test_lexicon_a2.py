"""The orientation lexicon for sexual health, violence and social exclusion.

These tests hold the shipped data to its own promises: every need is covered by enough different ways of saying it,
every name it uses exists in the controlled vocabulary, and every class it refers to has members.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from search import analysis

ROOT = Path(__file__).resolve().parents[2]
LEXICON = ROOT / "search" / "lexicon"
CLASS_REFERENCE = re.compile(r"\{([^{}]*)\}")

NEEDS = (
    "ITSS – dépistage et prévention",
    "Contraception et planification des naissances",
    "Grossesse imprévue",
    "Travail du sexe et prostitution",
    "Violence conjugale – victimes",
    "Violence conjugale – conjoints ayant des comportements violents",
    "Agression sexuelle – adulte",
    "Agression sexuelle – enfant et adolescent",
    "Victimes d'actes criminels",
    "Maltraitance envers les aînés",
    "Intimidation",
    "Itinérance et hébergement d'urgence",
    "Jeunes de la rue",
    "Réinsertion sociale des personnes judiciarisées",
)
CATEGORIES = ("Santé sexuelle", "Violence", "Exclusion sociale")
KINDS = {"synonym", "acronym", "lay", "former"}


def read_rows(name: str) -> list[dict[str, str]]:
    """Rows of one shipped lexicon file, keyed by its header."""
    with (LEXICON / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def vocabulary() -> set[str]:
    """The controlled terms, as the reference workbook gives them."""
    workbook = CalamineWorkbook.from_path(str(ROOT / "fixtures" / "reseau.xlsx"))
    rows = workbook.get_sheet_by_name("Vocabulaire").to_python()
    return {str(row[0]).strip() for row in rows[1:] if row[0]}


@pytest.fixture(scope="module")
def expressions() -> list[dict[str, str]]:
    return read_rows("expressions_a2.csv")


@pytest.fixture(scope="module")
def known_classes() -> set[str]:
    return {
        row["class"]
        for path in sorted(LEXICON.glob("classes_*.csv"))
        for row in read_rows(path.name)
        if row["word"].strip()
    }


@pytest.mark.parametrize("need", NEEDS)
def test_every_need_is_said_in_many_ways(need: str, expressions: list[dict[str, str]]) -> None:
    rows = [row for row in expressions if row["need"] == need]
    by_kind = Counter(row["kind"] for row in rows)
    assert len(rows) >= 9
    assert len(by_kind) >= 3
    assert by_kind["lay"] >= 9, "callers do not speak like professionals"
    assert by_kind["synonym"] >= 5


@pytest.mark.parametrize("category", CATEGORIES)
def test_categories_are_recognised_too(category: str, expressions: list[dict[str, str]]) -> None:
    assert sum(row["need"] == category for row in expressions) >= 4


def test_every_need_exists_in_the_vocabulary(expressions: list[dict[str, str]], vocabulary: set[str]) -> None:
    used = {row["need"] for row in expressions}
    assert used == set(NEEDS) | set(CATEGORIES)
    assert used <= vocabulary


def test_kinds_and_weights_are_those_of_the_lexicon(expressions: list[dict[str, str]]) -> None:
    assert {row["kind"] for row in expressions} == KINDS
    assert {row["weight"] for row in expressions} == {"1", "2", "3"}


def test_no_expression_is_listed_twice_under_a_need(expressions: list[dict[str, str]]) -> None:
    # Order of terms does not matter to the matcher, so neither does it here.
    seen = Counter((row["need"], frozenset(row["expression"].casefold().split())) for row in expressions)
    assert [key for key, count in seen.items() if count > 1] == []


def test_class_references_have_members(expressions: list[dict[str, str]], known_classes: set[str]) -> None:
    referred = {name for row in expressions for name in CLASS_REFERENCE.findall(row["expression"])}
    assert referred
    assert referred <= known_classes


def test_expressions_are_short_and_well_formed(expressions: list[dict[str, str]]) -> None:
    for row in expressions:
        terms = row["expression"].split()
        assert 1 <= len(terms) <= 5, row
        for term in terms:
            assert not re.search(r"[,;|]", term), row
            if "{" in term or "}" in term:
                assert CLASS_REFERENCE.fullmatch(term), row


def test_no_expression_leans_on_a_stop_word(expressions: list[dict[str, str]]) -> None:
    """A stop word is dropped by the matcher: « {danger} autres » would be « {danger} » alone, and fire everywhere."""
    for row in expressions:
        plain = [term for term in row["expression"].split() if "{" not in term and "_" not in term]
        assert [term for term in plain if not analysis.words(term)] == [], row


def test_a_common_word_class_alone_never_settles_a_need(expressions: list[dict[str, str]]) -> None:
    """A whole class of everyday words may hint at a need; only a class of unambiguous words may settle it."""
    unambiguous = {"violer", "avorter"}
    alone = [row for row in expressions if CLASS_REFERENCE.fullmatch(row["expression"]) and row["weight"] == "3"]
    assert {CLASS_REFERENCE.findall(row["expression"])[0] for row in alone} <= unambiguous


def test_class_members_are_single_terms_listed_once() -> None:
    members: dict[str, list[str]] = defaultdict(list)
    for row in read_rows("classes_a2.csv"):
        assert row["word"] == "".join(row["word"].split()), row
        members[row["class"]].append(row["word"])
    for name, words in members.items():
        assert len(words) == len(set(words)), name
        assert len(words) >= 2, name


def test_related_needs_are_other_needs_of_the_vocabulary(vocabulary: set[str]) -> None:
    rows = read_rows("related_a2.csv")
    assert {row["need"] for row in rows} == set(NEEDS)
    assert len({(row["need"], row["related"]) for row in rows}) == len(rows)
    for row in rows:
        assert row["related"] in vocabulary - {row["need"]}, row
        assert 0.1 <= float(row["weight"]) <= 0.6, row


def test_audience_words_give_a_coherent_person() -> None:
    bounds: dict[str, dict[str, str]] = defaultdict(dict)
    for row in read_rows("audience_a2.csv"):
        assert row["field"] in {"age_min", "age_max", "gender"}, row
        assert row["field"] not in bounds[row["expression"]], row
        bounds[row["expression"]][row["field"]] = row["value"]
    for expression, fields in bounds.items():
        assert fields.get("gender", "f") in {"f", "m"}, expression
        assert int(fields.get("age_min", 0)) <= int(fields.get("age_max", 120)), expression
