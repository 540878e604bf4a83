"""The lexicon from living conditions to communities: every need can be said in many ways, and every row can match."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from search.reading import Reading

ROOT = Path(__file__).resolve().parents[2]
LEXICON = ROOT / "search" / "lexicon"
KINDS = {"synonym", "acronym", "lay", "former"}
FIRST_NEED = "Aide alimentaire"


@cache
def vocabulary() -> dict[str, str]:
    """Need → parent need (blank for a category), in the order of the reference workbook."""
    workbook = CalamineWorkbook.from_path(ROOT / "fixtures" / "reseau.xlsx")
    rows = workbook.get_sheet_by_name("Vocabulaire").to_python()[1:]
    return {str(row[0]): str(row[1]) for row in rows}


def needs_of_this_part() -> list[str]:
    """The needs below a category, from food aid to the end of the vocabulary."""
    terms = list(vocabulary())
    return [term for term in terms[terms.index(FIRST_NEED) :] if vocabulary()[term]]


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    with (LEXICON / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def class_names() -> set[str]:
    return {row["class"] for path in LEXICON.glob("classes_*.csv") for row in rows(path.name)}


def test_the_part_is_the_second_half_of_the_vocabulary() -> None:
    assert len(vocabulary()) == 92
    assert len(needs_of_this_part()) == 46


@pytest.mark.parametrize("need", needs_of_this_part())
def test_each_need_is_said_in_many_ways(need: str) -> None:
    mine = [row for row in rows("expressions_b.csv") if row["need"] == need]
    assert len(mine) >= 9
    assert len({row["kind"] for row in mine}) >= 3
    assert sum(row["kind"] == "lay" for row in mine) >= 9, "callers do not speak like the vocabulary"
    assert any(row["weight"] == "3" for row in mine)


@pytest.mark.parametrize("need", needs_of_this_part())
def test_each_need_has_a_sensible_second_answer(need: str) -> None:
    assert [row for row in rows("related_b.csv") if row["need"] == need]


def test_every_need_named_is_a_term_of_the_vocabulary() -> None:
    named = {row["need"] for row in rows("expressions_b.csv")}
    named |= {row[column] for row in rows("related_b.csv") for column in ("need", "related")}
    assert named <= set(vocabulary())


def test_kinds_and_weights_are_those_of_the_matcher() -> None:
    for row in rows("expressions_b.csv"):
        assert row["kind"] in KINDS, row
        assert row["weight"] in {"1", "2", "3"}, row


def test_related_needs_weigh_less_than_the_need_itself_and_are_no_parent() -> None:
    for row in rows("related_b.csv"):
        assert 0.1 <= float(row["weight"]) <= 0.6, row
        assert row["related"] != row["need"], row
        assert row["related"] != vocabulary()[row["need"]], row


def test_a_class_that_is_used_exists_and_no_class_is_unused() -> None:
    used = {name for row in rows("expressions_b.csv") for name in re.findall(r"\{([^}]+)\}", row["expression"])}
    assert used <= class_names()
    assert {row["class"] for row in rows("classes_b.csv")} <= used


def test_no_row_is_written_twice() -> None:
    said = Counter((row["need"], row["expression"].casefold()) for row in rows("expressions_b.csv"))
    members = Counter((row["class"], row["word"].casefold()) for row in rows("classes_b.csv"))
    related = Counter((row["need"], row["related"]) for row in rows("related_b.csv"))
    assert [key for counter in (said, members, related) for key, count in counter.items() if count > 1] == []


def test_an_expression_keeps_something_to_match_once_stop_words_are_dropped() -> None:
    for row in rows("expressions_b.csv"):
        terms = row["expression"].split()
        kept = [
            term
            for term in terms
            if term.startswith("{") or "_" in term or any(not token.stop for token in Reading(term).tokens)
        ]
        assert kept, row


def test_an_expression_stays_short_and_well_formed() -> None:
    for row in rows("expressions_b.csv"):
        terms = row["expression"].split()
        assert 1 <= len(terms) <= 5, row
        assert all(re.fullmatch(r"\{[^\W\d]\w*\}|[^{}\s,;]+", term) for term in terms), row


def test_one_expression_is_not_enough_for_more_than_three_needs() -> None:
    sure = defaultdict(set)
    for row in rows("expressions_b.csv"):
        if row["weight"] == "3":
            sure[row["expression"].casefold()].add(row["need"])
    assert {expression: needs for expression, needs in sure.items() if len(needs) > 3} == {}
