"""Files as people send them: what is read, what is refused, and what the refusal says."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from registry.workbook import guard
from registry.workbook.reader import ErrorCell, FormulaCell, UnreadableWorkbook, open_workbook

from .workbook_tools import FIXTURE, write


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableWorkbook) as caught:
        open_workbook(path)
    return str(caught.value)


def rewritten(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """A copy of a workbook where a pattern of one part is replaced."""
    changed = path.with_name("modifie.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            content = source.read(item)
            target.writestr(item, re.sub(old, new, content) if item.filename == part else content)
    return changed


class TestRefusals:
    def test_a_file_that_is_not_there(self, tmp_path):
        assert "introuvable" in refusal(tmp_path / "absent.xlsx")

    def test_a_folder(self, tmp_path):
        assert "dossier" in refusal(tmp_path)

    def test_an_empty_file(self, tmp_path):
        (tmp_path / "vide.xlsx").write_bytes(b"")
        assert "vide" in refusal(tmp_path / "vide.xlsx")

    @pytest.mark.parametrize(
        ("content", "word"),
        [("Code;Nom\nORG001;CLSC\n", "texte"), ("<html><table></table></html>", "page Web")],
    )
    def test_text_renamed_as_a_workbook(self, tmp_path, content, word):
        (tmp_path / "faux.xlsx").write_text(content)
        message = refusal(tmp_path / "faux.xlsx")
        assert word in message
        assert ".xlsx" in message

    def test_an_old_xls(self, tmp_path):
        (tmp_path / "vieux.xls").write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 2000)
        assert ".xls" in refusal(tmp_path / "vieux.xls")

    def test_a_password(self, tmp_path):
        content = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 2000 + "EncryptedPackage".encode("utf-16-le")
        (tmp_path / "secret.xlsx").write_bytes(content)
        assert "mot de passe" in refusal(tmp_path / "secret.xlsx")

    @pytest.mark.parametrize("kept", [100, 5_000, 200_000])
    def test_a_truncated_file(self, tmp_path, kept):
        (tmp_path / "coupe.xlsx").write_bytes(FIXTURE.read_bytes()[:kept])
        assert "endommagé" in refusal(tmp_path / "coupe.xlsx")

    def test_another_kind_of_archive(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "lettre.docx", "w") as archive:
            archive.writestr("word/document.xml", "<w/>")
        assert "n’est pas un classeur" in refusal(tmp_path / "lettre.docx")

    def test_a_workbook_that_would_fill_the_memory(self, tmp_path, monkeypatch):
        path = write(tmp_path / "bombe.xlsx", {"A": [["x" * 1000] * 50 for _ in range(50)]})
        monkeypatch.setattr(guard, "MAX_UNPACKED_BYTES", 10_000)
        assert "trop gros" in refusal(path)

    def test_a_workbook_packed_beyond_reason(self, tmp_path, monkeypatch):
        with zipfile.ZipFile(tmp_path / "bombe.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
        monkeypatch.setattr(guard, "RATIO_APPLIES_ABOVE", 1_000_000)
        assert "démesuré" in refusal(tmp_path / "bombe.xlsx")

    def test_too_many_sheets(self, tmp_path):
        path = write(tmp_path / "nombreux.xlsx", {f"F{number}": [["a"]] for number in range(guard.MAX_SHEETS + 1)})
        assert str(guard.MAX_SHEETS) in refusal(path)

    def test_entities_are_never_expanded(self, tmp_path):
        path = write(tmp_path / "entites.xlsx", {"A": [["a", "b"]]})
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook '
        changed = rewritten(path, "xl/workbook.xml", b"<workbook ", bomb)
        assert "entités" in refusal(changed)


class TestCells:
    def test_a_formula_is_shown_never_evaluated(self, tmp_path):
        path = write(
            tmp_path / "formules.xlsx", {"A": [["Nom"], ['=HYPERLINK("http://piege.example.org","x")'], ["=1+1"]]}
        )
        with open_workbook(path) as workbook:
            rows = dict(workbook.sheets[0].rows())
        assert rows[2] == [FormulaCell('=HYPERLINK("http://piege.example.org","x")', "")]
        assert rows[3] == [FormulaCell("=1+1", "")]

    def test_the_value_left_by_excel_goes_with_its_formula(self, tmp_path):
        path = write(tmp_path / "formules.xlsx", {"A": [["Nom"], ["=1+1"]]})
        changed = rewritten(path, "xl/worksheets/sheet1.xml", rb"<v\s*/>|<v></v>", b"<v>2</v>")
        with open_workbook(changed) as workbook:
            assert dict(workbook.sheets[0].rows())[2] == [FormulaCell("=1+1", 2.0)]

    def test_an_error_is_not_a_blank(self, tmp_path):
        book = Workbook()
        book.active.append(["Nom"])
        book.active["A2"] = "#REF!"
        book.active["A2"].data_type = "e"
        book.save(tmp_path / "erreur.xlsx")
        with open_workbook(tmp_path / "erreur.xlsx") as workbook:
            assert dict(workbook.sheets[0].rows())[2] == [ErrorCell("#REF!")]

    def test_rows_are_numbered_as_in_excel(self, tmp_path):
        book = Workbook()
        book.active["C4"] = "ici"
        book.save(tmp_path / "decale.xlsx")
        with open_workbook(tmp_path / "decale.xlsx") as workbook:
            rows = dict(workbook.sheets[0].rows())
        assert rows[4][2] == "ici"

    def test_hidden_sheets_and_columns(self, tmp_path):
        book = Workbook()
        book.active.append(["a", "b", "c", "d"])
        for letter in "BD":
            book.active.column_dimensions[letter].hidden = True
        book.create_sheet("cachee").sheet_state = "hidden"
        book.save(tmp_path / "cache.xlsx")
        with open_workbook(tmp_path / "cache.xlsx") as workbook:
            assert [sheet.hidden for sheet in workbook.sheets] == [False, True]
            assert workbook.sheets[0].hidden_columns == {2, 4}

    def test_the_calendar_of_1904(self, tmp_path):
        book = Workbook()
        book.epoch = dt.datetime(1904, 1, 1)
        book.save(tmp_path / "mac.xlsx")
        with open_workbook(tmp_path / "mac.xlsx") as workbook:
            assert workbook.epoch == dt.date(1904, 1, 1)
