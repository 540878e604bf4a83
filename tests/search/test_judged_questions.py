"""Judged questions are for measuring: none of them may have slipped into the lexicon, the code or the tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from registry.text import key
from search.lexicon import shipped
from tests.search.network import vocabulary

ROOT = Path(__file__).resolve().parents[2]
JUDGED = ROOT / "benchmarks" / "data" / "queries_dev.jsonl"
FOLDERS = ("search", "registry", "corridors", "config", "templates", "static", "tests", "docs")
SUFFIXES = {".py", ".csv", ".html", ".js", ".json", ".md", ".txt", ".toml"}
# A question of one or two words is often the very name of a programme, and some are the name of a need or a part of it:
# such words are everybody's.
SHORTEST = 3


def questions() -> list[str]:
    rows = [json.loads(line) for line in JUDGED.read_text(encoding="utf-8").splitlines() if line]
    return sorted({key(row["q"]) for row in rows})


TERMS = " | ".join(key(term) for term in vocabulary().terms)
LONG = [text for text in questions() if len(text.split()) >= SHORTEST and text not in TERMS]


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): key(path.read_text(encoding="utf-8").replace("_", " "))
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and path.suffix in SUFFIXES and "node_modules" not in path.parts
    }


def test_the_judged_questions_are_there() -> None:
    assert len(questions()) > 100
    assert len(LONG) > 50


def test_no_judged_question_is_an_expression_of_the_lexicon() -> None:
    expressions = {
        key(entry.expression.replace("_", " ").replace("{", "").replace("}", "")) for entry in shipped().entries
    }
    assert sorted(expressions.intersection(LONG)) == []


def test_no_judged_question_is_written_in_the_code_nor_in_the_tests(written: dict[str, str]) -> None:
    found = {
        text: [name for name, content in written.items() if f" {text} " in f" {content} "] for text in LONG
    }  # fmt: skip
    assert {text: names for text, names in found.items() if names} == {}
