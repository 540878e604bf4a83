"""A coordinator's messy workbook, for the import journey and its pictures."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook


def messy_workbook(folder: Path) -> Path:
    """Headings on the third row, names of somebody's own, a formula, a total, a row without a name."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Ress. 2026"
    sheet.append(["Mise à jour – automne 2026"])
    sheet.append([])
    sheet.append(["Nom de la ressource", "Catégorie", "Tél.", "Qqwx"])
    sheet.append(["Halte Zébulon", "Organisme communautaire", "(418) 555.0177", "bonjour@zebulon.example.org"])
    sheet.append(["Entraide Zéphyrine", "Organisme communautaire", "418 555 0178 p. 12", "=1+1"])
    sheet.append(["", "Organisme communautaire", "418-555-0179", "x"])
    sheet.append(["TOTAL", None, None, None])
    notes = book.create_sheet("Notes")
    notes.append(["Demander à Annie pour le reste"])
    path = folder / "Ressources automne 2026.xlsx"
    book.save(path)
    return path
