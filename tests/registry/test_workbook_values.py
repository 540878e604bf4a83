"""Cells as typed → values: dates, numbers, yes or no, lists, hours."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.enums import PartnerType, Program
from registry.workbook.choices import find_choice, resolve_list, split_list
from registry.workbook.dates import parse_date
from registry.workbook.lookup import Lookup, Table
from registry.workbook.reader import ErrorCell, FormulaCell
from registry.workbook.values import (
    UNREADABLE,
    Reading,
    boolean,
    clean_text,
    degrees,
    integer,
    neutralise,
    read_cell,
    read_phone,
    read_text,
    restore,
    says_it_varies,
)


def reading() -> Reading:
    return Reading(7, Lookup(), heading="Colonne")


class TestDates:
    @pytest.mark.parametrize(
        "written",
        [
            dt.date(2026, 3, 17), dt.datetime(2026, 3, 17, 8, 30), 46098.0, 46098, "46098", "2026-03-17",
            " 2026/03/17 ", "2026-03-17\xa0", "17/03/2026", "17-03-2026", "17.03.2026", "03/17/2026", "17 mars 2026",
            "mardi 17 mars 2026", "le 17 mars 2026", "March 17, 2026", "20260317", "2026-03-17T08:30", "17/03/26",
        ],
    )  # fmt: skip
    def test_every_usual_way_of_writing_a_day(self, written):
        assert parse_date(written) == dt.date(2026, 3, 17)

    def test_the_first_of_the_month(self):
        assert parse_date("1er avril 2026") == dt.date(2026, 4, 1)

    def test_a_day_equal_to_its_month_is_not_ambiguous(self):
        assert parse_date("05/05/2026") == dt.date(2026, 5, 5)

    def test_numbers_count_from_1904_on_some_files(self):
        assert parse_date(44636, dt.date(1904, 1, 1)) == dt.date(2026, 3, 17)

    @pytest.mark.parametrize(
        ("written", "code"),
        [
            ("03/04/2026", "date_ambigue"), ("05-06-2025", "date_ambigue"),
            ("mars 2025", "date_imprecise"), ("nov. 2025", "date_imprecise"), ("2025", "date_imprecise"),
            (2025.0, "date_imprecise"), ("automne 2024", "date_imprecise"), ("15 mars", "date_imprecise"),
            ("2025-03", "date_imprecise"),
            ("31/02/2026", "date_invalide"), ("2026-13-45", "date_invalide"), ("0000-00-00", "date_invalide"),
            ("hier", "date_invalide"), ("??", "date_invalide"), ("32 décembre", "date_invalide"),
            ("1er trimestre", "date_invalide"), ("à signer", "date_invalide"), (12.0, "date_invalide"),
            ("2026/99/01", "date_invalide"), (-5, "date_invalide"), (1e12, "date_invalide"),
        ],
    )  # fmt: skip
    def test_a_date_is_never_guessed(self, written, code):
        assert parse_date(written) == code

    @given(st.dates(dt.date(1950, 1, 1), dt.date(2100, 12, 31)))
    def test_a_serial_number_and_its_iso_text_are_the_same_day(self, day):
        assert parse_date((day - dt.date(1899, 12, 30)).days) == parse_date(day.isoformat()) == day

    @given(st.one_of(st.text(max_size=40), st.floats(), st.integers()))
    def test_anything_gives_a_date_or_a_warning(self, written):
        found = parse_date(written)
        assert isinstance(found, dt.date) or found in {"date_invalide", "date_imprecise", "date_ambigue"}


class TestNumbers:
    @pytest.mark.parametrize(("written", "number"), [(0.0, 0), ("12", 12), (" 1 200", 1200), ("45,0", 45), (7, 7)])
    def test_a_whole_number(self, written, number):
        assert integer(written) == number

    @pytest.mark.parametrize("written", ["2-3 sem", "long", "?", -1, 2.5, True, "nan", "inf", 1e12, "2 mois"])
    def test_anything_else_is_refused(self, written):
        assert integer(written) is None

    @pytest.mark.parametrize("written", ["46,8129", "46.8129", 46.8129, " 46,812900°", "46.8129000"])
    def test_degrees(self, written):
        assert degrees(written) == Decimal("46.812900")

    def test_minus_signs_of_every_kind(self):
        assert degrees("−71,5") == degrees("–71.5") == degrees(-71.5) == Decimal("-71.5")

    @pytest.mark.parametrize("written", ["nord", "", 500, "46° 48' 46\""])
    def test_degrees_refused(self, written):
        assert degrees(written) is None


class TestYesOrNo:
    @pytest.mark.parametrize("written", ["Oui", "OUI ", "x", "X", "O", 1.0, "1", "Vrai", True, "yes", "✓"])
    def test_yes(self, written):
        assert boolean(written) is True

    @pytest.mark.parametrize("written", ["Non", "NON ", "n", 0.0, "0", "Faux", False, "No"])
    def test_no(self, written):
        assert boolean(written) is False

    @pytest.mark.parametrize("written", ["peut-être", "?? demander", "2", "oui et non"])
    def test_neither(self, written):
        assert boolean(written) is None


class TestFormulas:
    @given(st.text(max_size=30))
    def test_what_the_export_neutralises_the_import_restores(self, text):
        assert restore(neutralise(text)) == text

    @given(st.text(max_size=30))
    def test_nothing_exported_starts_like_a_formula(self, text):
        assert neutralise(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"} or not neutralise(text)

    def test_formula_looking_text_is_kept_as_text(self):
        row = reading()
        assert read_cell("=cmd|' /C calc'!A0", row, read_text, "", limit=None, plain=False) == "=cmd|' /C calc'!A0"
        assert [item.code for item in row.warnings] == ["injection_formule"]

    def test_a_phone_with_a_plus_is_no_formula(self):
        row = reading()
        assert read_cell("+1 418 555 0107", row, read_phone, "", limit=None, plain=True) == "418-555-0107"
        assert row.warnings == []

    def test_a_formula_without_a_value_leaves_the_record_as_it_is(self):
        row = reading()
        assert read_cell(FormulaCell("=1+1", ""), row, read_text, "", limit=None, plain=False) is UNREADABLE
        assert [(item.code, item.value) for item in row.warnings] == [("formule", "=1+1")]

    def test_the_value_left_by_excel_is_taken_when_it_can_be_read(self):
        row = reading()
        assert read_cell(FormulaCell("=A1", "Le Refuge"), row, read_text, "", limit=None, plain=False) == "Le Refuge"
        assert read_cell(FormulaCell("=A1", "zut"), row, read_phone, "", limit=None, plain=True) is UNREADABLE
        assert [item.code for item in row.warnings] == ["formule", "formule"]

    def test_an_error_leaves_the_record_as_it_is(self):
        row = reading()
        assert read_cell(ErrorCell("#REF!"), row, read_text, "", limit=None, plain=False) is UNREADABLE
        assert read_cell(ErrorCell("#N/A"), row, read_phone, "", limit=None, plain=True) is UNREADABLE
        assert [item.code for item in row.warnings] == ["formule", "telephone_invalide"]


class TestTexts:
    def test_spaces_of_every_kind(self):
        assert clean_text("  Le\xa0Refuge   du\u202fParvis \n\n  étage 2 ") == "Le Refuge du Parvis\nétage 2"

    def test_a_number_in_a_text_column(self):
        assert clean_text(811.0) == "811"

    def test_a_text_too_long_is_cut(self):
        row = reading()
        assert len(read_cell("a" * 40_000, row, read_text, "", limit=255, plain=False)) == 255
        assert [(item.code, item.value) for item in row.warnings] == [("texte_trop_long", "40000 caractères")]

    @pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a <br/> b", "<b>gras</b>", "Accueil &amp; soutien"])
    def test_tags_are_noticed_and_kept(self, text):
        row = reading()
        assert read_cell(text, row, read_text, "", limit=None, plain=False) == text
        assert [item.code for item in row.warnings] == ["html"]

    @pytest.mark.parametrize("text", ["2 < 3 et 5 > 4", "R&D", "moins de 3 < ans"])
    def test_signs_are_not_tags(self, text):
        row = reading()
        read_cell(text, row, read_text, "", limit=None, plain=False)
        assert row.warnings == []

    def test_a_secret_is_never_repeated(self):
        row = reading()
        row.secret = True
        read_cell("=cmd 99, rue Cachée", row, read_text, "", limit=None, plain=False)
        assert "Cachée" not in repr(row.warnings)


class TestLists:
    def test_separators(self):
        assert split_list("a ; b;c\nd ; a") == ["a", "b", "c", "d"]

    def test_labels_by_accents_capitals_and_number(self):
        assert find_choice(PartnerType, "ORGANISME  COMMUNAUTAIRE") == PartnerType.COMMUNITY
        assert find_choice(PartnerType, "organismes communautaires") == PartnerType.COMMUNITY
        assert find_choice(Program, "santé mentale") == Program.MENTAL_HEALTH
        assert find_choice(PartnerType, "machin jeunesse") is None

    def test_a_comma_separates_only_what_is_known(self):
        row, known = reading(), {"Accueil, évaluation": "A", "Deuil": "D", "Crise": "C"}
        found = resolve_list("Accueil, évaluation ; Deuil, Crise", row, known.get, "besoin_inconnu")
        assert found == ("A", "D", "C")
        assert row.warnings == []

    def test_the_unknown_is_left_out_and_told(self):
        row, known = reading(), {"Deuil": "D"}
        assert resolve_list("Deuil ; Hockey", row, known.get, "besoin_inconnu") == ("D",)
        assert [(item.code, item.value) for item in row.warnings] == [("besoin_inconnu", "Hockey")]

    def test_nothing_known_leaves_the_record_as_it_is(self):
        assert resolve_list("Hockey", reading(), {}.get, "besoin_inconnu") is UNREADABLE


class TestHours:
    @pytest.mark.parametrize(
        "text", ["En ligne", "Sur activation", "Variable", "Lun-Ven 8h-16h (calendrier scolaire)", "Été seulement"]
    )
    def test_an_answer_that_no_schedule_can_hold(self, text):
        assert says_it_varies(text)

    @pytest.mark.parametrize("text", ["souvent", "voir affiche", "24 sur 24 je pense", "ça dépend", "l'été, je crois"])
    def test_somebody_who_does_not_know(self, text):
        assert not says_it_varies(text)


class TestReferences:
    def table(self) -> Table:
        table = Table()
        table.add("ORG001", "CLSC de la Rive", ("CLSC-R",))
        table.add("ORG002", "Le Refuge", ("Refuge",))
        table.add("ORG003", "LE REFUGE")
        return table

    @pytest.mark.parametrize("text", ["ORG001", "org001 ", "clsc de la rive", "CLSC  de la\xa0Rive", "clsc-r"])
    def test_by_code_by_name_by_other_name(self, text):
        assert self.table().find(text) == "ORG001"

    def test_the_first_of_two_namesakes_keeps_the_name(self):
        assert self.table().find("Le refuge") == "ORG002"

    @pytest.mark.parametrize("text", ["ORG-1", "ORG999", "Refuge du Nord", "", "N/A"])
    def test_nothing_is_guessed(self, text):
        assert self.table().find(text) is None

    def test_a_common_name_belongs_to_its_owner(self):
        table = Table()
        table.add("LIE001", "Bureau principal", owner="ORG001")
        table.add("LIE002", "Bureau principal", owner="ORG002")
        assert table.find("bureau principal", "ORG002") == "LIE002"
        assert table.find("bureau principal", "ORG003") is None
