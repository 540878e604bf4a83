"""The report: rejected rows in their own columns, corrected, and sent again."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from registry.models import ImportStatus, Organization, WorkbookImport

from .conftest import Office, work

HEADINGS = ["Remarque", "Code", "Nom", "Type de partenaire", "Téléphone", "Date de mise à jour"]
ROWS = [
    ["ok", "ORG010", "Entraide du Fleuve", "CLSC", "418-555-0110", dt.date(2026, 3, 1)],
    ["=1+1", "ORG011", "", "CLSC", "+1 418 555-0111", dt.datetime(2026, 3, 2, 8, 30)],
    ["@salut", "ORG010", "Autre chose", "CLSC", "418-555-0112", 46000],
    ["", "", "TOTAL", "", "", ""],
]


def report(office: Office, item: WorkbookImport) -> Any:
    answer = office.client.get(reverse("importations:report", args=[item.pk]))
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="rapport-classeur.xlsx"'
    return load_workbook(BytesIO(answer.content))


@pytest.fixture
def item(office: Office) -> WorkbookImport:
    path = office.folder / "classeur.xlsx"
    book = Workbook()
    sheet = book.active
    sheet.title = "MAJ 2026"
    sheet.append(["Mise à jour du printemps"])
    sheet.append([])
    for row in (HEADINGS, *ROWS):
        sheet.append(row)
    sheet["A4"].data_type = "s"
    book.save(path)
    asked = office.read(path)
    if asked.status == ImportStatus.ASKING:
        office.do("answers", asked, **{f"reponse-{number}": "" for number in range(len(asked.doubts))})
        asked = work(asked)
    assert asked.status == ImportStatus.PREVIEW
    return asked


def test_rejected_rows_are_in_their_own_columns_with_the_reason(office: Office, item: WorkbookImport) -> None:
    sheet = report(office, item)["MAJ 2026"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == [*HEADINGS, "Motif du rejet", "Ligne du fichier d’origine"]
    assert [row[1] for row in rows[1:]] == ["ORG011", "ORG010"]  # neither the good row nor the total
    assert rows[1][5] == "2026-03-02 08:30:00" and "vide" in rows[1][6] and rows[1][7] == 5


def test_nothing_in_it_acts_as_a_formula(office: Office, item: WorkbookImport) -> None:
    book = report(office, item)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert not [cell.value for cell in cells if str(cell.value or "").startswith(("=", "@"))]
    assert "'@salut" in [cell.value for cell in cells]


def test_what_else_was_found_follows(office: Office, item: WorkbookImport) -> None:
    office.do("leave_out", item, montree=["0:4"], ecarter=["0:4"])
    book = report(office, item)
    assert book.sheetnames == [
        "MAJ 2026", "Importation – résumé", "Importation – ajouts", "Importation – changements",
        "Importation – avertissements", "Importation – lignes écartées",
    ]  # fmt: skip
    assert [cell.value for cell in book["Importation – lignes écartées"][2]] == ["MAJ 2026", 4, "ORG010"]
    summary = {row[0].value: row[1].value for row in book["Importation – résumé"].iter_rows()}
    assert summary["Lignes rejetées"] == 3 and summary["Fichier"] == "classeur.xlsx"


def test_corrected_and_sent_again(office: Office, item: WorkbookImport) -> None:
    office.apply(item)
    book = report(office, item)
    sheet = book["MAJ 2026"]
    sheet["C2"], sheet["B3"] = "Halte du Port", "ORG012"
    path = Path(office.folder) / "corrige.xlsx"
    book.save(path)
    again = office.read(path)
    assert again.status == ImportStatus.PREVIEW, again.doubts or again.error  # nothing is asked a second time
    assert [described["sheet"] for described in again.report["sheets"]] == ["MAJ 2026"]
    assert (again.counts["added"], again.counts["rejected"]) == (2, 0)
    office.apply(again)
    assert Organization.objects.get(code="ORG011").name == "Halte du Port"
    assert Organization.objects.get(code="ORG012").name == "Autre chose"


def test_a_sheet_name_that_excel_refuses(office: Office) -> None:
    from registry.imports.report import _sheet_name

    taken: set[str] = set()
    names = [_sheet_name(name, taken) for name in ("a/b:c", "A B C", "x" * 40, "x" * 31, "'", "")]
    assert all(0 < len(name) <= 31 and not set(name) & set("/\\*?:[]") for name in names)
    assert len({name.casefold() for name in names}) == len(names)
