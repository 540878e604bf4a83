"""Whole workbooks as harried coordinators keep them: read with the bar of acceptance, by people of every kind."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from benchmarks.harried import spelling
from benchmarks.harried.score import score
from benchmarks.harried.strangers import STRANGERS
from benchmarks.harried.titles import COORDINATORS, TARGETS, Coordinator
from benchmarks.harried.workbook import EVERYBODY, build
from registry.workbook import apply, diff
from registry.workbook.dates import parse_date
from registry.workbook.headings import ACCEPTED, SURE, plan_sheets
from registry.workbook.lookup import Table
from registry.workbook.reader import open_workbook

from .workbook_tools import FIXTURE, write


@pytest.fixture
def vocabularies(db):
    apply.apply(diff.compute(FIXTURE, ["Territoires", "Vocabulaire"]))


@pytest.mark.slow
@pytest.mark.parametrize(("coordinator", "seed"), [("Ginette", 3), ("bilingue", 4)])
def test_a_harried_workbook_is_read_as_its_keeper_means_it(vocabularies, tmp_path, coordinator, seed):
    expected = build(tmp_path / "travail.xlsx", seed, coordinator)
    found = score(diff.compute(tmp_path / "travail.xlsx").as_report(), expected)
    assert found.holds, "\n".join(found.remarks)


@pytest.mark.slow
def test_a_harried_workbook_applied_twice_changes_nothing_the_second_time(vocabularies, tmp_path):
    build(tmp_path / "travail.xlsx", 2, "numéroté")
    first = diff.compute(tmp_path / "travail.xlsx")
    apply.apply(first)
    again = diff.compute(tmp_path / "travail.xlsx")
    assert first.writes > 1500
    left = {
        item.plan.sheet.name: ([one.row for one in item.added], [one.row for one in item.changed])
        for item in again.sheets
    }
    assert all(rows == ([], []) for rows in left.values()), left


class TestTheWorkbooksThemselves:
    @pytest.mark.parametrize("name", EVERYBODY)
    def test_everybody_titles_every_column_once(self, name):
        from benchmarks.harried.rows import columns_of

        coordinator: Coordinator = EVERYBODY[name]
        for target, headings in zip(TARGETS, coordinator.values(), strict=True):
            titles = [" ".join(heading.split()).casefold() for heading in headings.split(" | ")]
            assert len(set(titles)) == len(titles) == len(columns_of(target)), target

    def test_the_same_seed_is_the_same_workbook(self, tmp_path):
        first, second = build(tmp_path / "a.xlsx", 7), build(tmp_path / "b.xlsx", 7)
        assert first == second
        pages = [
            [[[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in load_workbook(path).worksheets]
            for path in (tmp_path / "a.xlsx", tmp_path / "b.xlsx")
        ]
        assert pages[0] == pages[1]
        assert len(COORDINATORS) + len(STRANGERS) == len(EVERYBODY)

    def test_a_report_that_says_nothing_scores_nothing(self, tmp_path):
        expected = build(tmp_path / "a.xlsx", 1)
        found = score({"sheets": []}, expected)
        assert (found.columns, found.recall, found.holds) == (0, 0, False)
        assert found.rows_wrong == sum(sheet["lignes_donnees"] for sheet in expected["feuilles"])


DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2049, 12, 31))


class TestDates:
    @given(day=DAYS, seed=st.integers(0, 10_000))
    def test_every_usual_way_of_writing_a_day_is_that_day(self, day, seed):
        assert parse_date(spelling.date(Random(seed), day)) == day

    @pytest.mark.parametrize("text", [*spelling.BAD_DATES, "12 mars 2025?", "99-déc-24"])
    def test_what_is_no_day(self, text):
        assert parse_date(text) == "date_invalide"

    @pytest.mark.parametrize("text", [*spelling.PARTIAL_DATES, "hiver 2024-2025", "3e trimestre 2026"])
    def test_a_part_of_a_date(self, text):
        assert parse_date(text) == "date_imprecise"

    @pytest.mark.parametrize("text", spelling.AMBIGUOUS_DATES)
    def test_a_day_that_may_be_a_month(self, text):
        assert parse_date(text) == "date_ambigue"


class TestReferences:
    TABLE = Table()
    TABLE.add("ORG001", "CLSC de la Rive", ["CLSC-R"])
    TABLE.add("ORG002", "CLSC de la Baie")
    TABLE.add("RLS-QS", "RLS de Québec-Sud")
    TABLE.add("RLS-QN", "RLS de Québec-Nord")

    @pytest.mark.parametrize(
        "text",
        [
            "ORG001 - CLSC de la Rive", "org001 – clsc de la rive", "CLSC de la Rive (ORG001)", "ORG001 : CLSC Rive",
            "CLSC de la Rive (CLSC-R)", "ORG001 (CLSC-R)", "CLSC de la Rivve – ORG001", "ORG001\nCLSC de la Rive",
        ],
    )  # fmt: skip
    def test_a_code_and_a_name_that_agree(self, text):
        assert self.TABLE.find(text) == "ORG001"

    @pytest.mark.parametrize(
        "text",
        [
            "ORG001 - CLSC de la Baie", "ORG001 ORG002", "RLS-QS, RLS-QN", "ORG001 ou l'autre", "CLSC (ORG001?)",
            "CLSC de la Rive (CLSC de la Baie)", "ORG-1 CLSC de la Rive", "",
        ],
    )  # fmt: skip
    def test_a_code_and_a_name_that_do_not_are_no_answer(self, text):
        assert self.TABLE.find(text) is None


class TestByElimination:
    """A title that says nothing, over cells that could be only one thing."""

    ROWS = [
        ["ENT-2026-001", "ORG001", "Fournir un local", "Mensuelle", "En cours", f"2026-05-{day}"]
        for day in range(13, 21)
    ]  # fmt: skip

    def found(self, path, titles):
        with open_workbook(write(path / "c.xlsx", {"Obligations": [titles, *self.ROWS]})) as workbook:
            return {item.written: item for item in plan_sheets(workbook)[0][0].headings}

    def test_the_only_dates_are_taken_for_the_only_date_missing_and_asked_about(self, db, tmp_path):
        heading = self.found(tmp_path, ["Entente", "Partie", "Contribution", "Fréquence", "État", "zzz"])["zzz"]
        assert (heading.canonical, ACCEPTED <= heading.score < SURE) == ("Échéance", True)

    def test_a_working_column_of_dates_is_not(self, db, tmp_path):
        found = self.found(tmp_path, ["Entente", "Partie", "Contribution", "Fréquence", "État", "Rappel"])
        assert found["Rappel"].canonical is None


@pytest.mark.parametrize(
    ("one", "other"), [("Maison Sainte-Anne", "Maison Ste-Anne"), ("Centre Saint-Roch", "Le Centre St Roch inc.")]
)
def test_saints_are_spelled_both_ways(one, other):
    from registry.workbook.lookalikes import core

    assert core(one) == core(other)
