"""The report of an import as a workbook: rejected rows in their own columns, ready to correct and send again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import IO, Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from registry.models import ImportLine, LineKind, WorkbookImport
from registry.text import key
from registry.workbook.writer import to_cell

REASON, ORIGIN = "Motif du rejet", "Ligne du fichier d’origine"
# Columns of ours in a workbook that comes back: nobody is asked about them.
OUR_HEADINGS = frozenset({key(REASON), key(ORIGIN)})
_OURS = "Importation – "
_FORBIDDEN = re.compile(r"[\\/*?:\[\]]")
# A total or a separator is rejected, and there is nothing to correct in it.
NOTHING_TO_CORRECT = frozenset({"ligne_total"})


def is_ours(sheet_name: str) -> bool:
    """True for a sheet of this report that comes back with the corrected rows."""
    return key(sheet_name).startswith(key(_OURS))


def write(item: WorkbookImport, file: str | IO[bytes]) -> None:
    """Write the report: first the rejected rows, sheet by sheet; then what was done and what to look at."""
    book = Workbook(write_only=True)
    _rejected(book, item)
    _summary(book, item)
    everything = item.lines.order_by("position", "pk")
    kinds = {
        "ajouts": (LineKind.ADDED, ("Feuille", "Ligne", "Fiche", "Champ", "Valeur"), _added_rows),
        "changements": (LineKind.CHANGED, ("Feuille", "Ligne", "Fiche", "Champ", "Avant", "Après"), _changed_rows),
        "avertissements": (
            LineKind.WARNING, ("Feuille", "Ligne", "Fiche", "Colonne", "Valeur", "Avertissement"), _warning_rows,
        ),
    }  # fmt: skip
    for name, (kind, headings, rows) in kinds.items():
        lines = everything.filter(kind=kind, left_out=False)
        _table(book, f"{_OURS}{name}", headings, (row for line in lines.iterator(2000) for row in rows(line)))
    left_out = everything.filter(writes=True, left_out=True)
    _table(
        book, f"{_OURS}lignes écartées", ("Feuille", "Ligne", "Fiche"),
        ((line.sheet, line.row, line.label) for line in left_out.iterator(2000)),
    )  # fmt: skip
    book.save(file)


def _rejected(book: Any, item: WorkbookImport) -> None:
    taken: set[str] = set()
    for described in item.report.get("sheets", []):
        lines = item.lines.filter(kind=LineKind.REJECTED, sheet=described["sheet"]).exclude(code__in=NOTHING_TO_CORRECT)
        rows = lines.order_by("position", "pk")
        if not rows.exists():
            continue
        headings = described["headings"]
        blank = [""] * len(headings)
        _table(
            book,
            _sheet_name(described["sheet"], taken),
            (*headings, REASON, ORIGIN),
            ([*(line.cells or blank), line.message, line.row] for line in rows.iterator(2000)),
        )


def _summary(book: Any, item: WorkbookImport) -> None:
    counts = item.counts
    who = item.user.get_full_name() or item.user.get_username() if item.user else "compte supprimé"
    facts = [
        ("Fichier", item.file_name),
        ("Envoyé par", who),
        ("Reçu le", f"{timezone.localtime(item.created_at):%Y-%m-%d %H:%M}"),
        ("État", item.get_status_display()),
        ("Fiches ajoutées", item.added if item.added is not None else "rien n’a été écrit"),
        ("Fiches modifiées", item.changed if item.changed is not None else "rien n’a été écrit"),
        ("Lignes sans changement", counts.get("unchanged", 0)),
        ("Lignes rejetées", counts.get("rejected", 0)),
        ("Avertissements", counts.get("warnings", 0)),
        ("Lignes écartées", item.lines.filter(writes=True, left_out=True).count()),
        *((f"Feuille « {skipped['sheet']} »", skipped["reason"]) for skipped in item.report.get("ignored_sheets", [])),
    ]
    _table(book, f"{_OURS}résumé", ("Quoi", "Valeur"), facts)


def _added_rows(line: ImportLine) -> Iterator[tuple[Any, ...]]:
    for name, (_before, after) in line.fields.items():
        yield line.sheet, line.row, line.label, name, after


def _changed_rows(line: ImportLine) -> Iterator[tuple[Any, ...]]:
    for name, (before, after) in line.fields.items():
        yield line.sheet, line.row, line.label, name, before, after


def _warning_rows(line: ImportLine) -> Iterator[tuple[Any, ...]]:
    yield line.sheet, line.row, line.label, line.column, line.value, line.message


def _table(book: Any, name: str, headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    written = list(headings)
    for position, heading in enumerate(written, start=1):
        wide = 60 if heading in (REASON, "Avertissement", "Avant", "Après", "Valeur") else max(14, len(heading) + 3)
        sheet.column_dimensions[get_column_letter(position)].width = min(wide, 60)
    sheet.append([_bold(sheet, heading) for heading in written])
    for row in rows:
        sheet.append([to_cell(cell) for cell in row])


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=to_cell(text))
    cell.font = Font(bold=True)
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def _sheet_name(written: str, taken: set[str]) -> str:
    """A name that Excel takes: 31 characters, none of its forbidden ones, each once."""
    plain = (_FORBIDDEN.sub(" ", written)[:31].strip(" '")) or "Feuille"
    name, number = plain, 2
    while name.casefold() in taken:
        name, number = f"{plain[:27]} ({number})", number + 1
    taken.add(name.casefold())
    return name
