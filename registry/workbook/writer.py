"""The network as the canonical workbook: the same sheets and headings that the import reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from .sheets import SheetHandler, handlers
from .values import neutralise

# (sheet, rows written)
Progress = Callable[[str, int], None]
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Excel's own limit for a cell.
_LONGEST = 32_767


def export(path: str | Path, only: Sequence[SheetHandler] | None = None, progress: Progress | None = None) -> int:
    """Write every published record; the number of rows. Confidential addresses show as « (confidentiel) »."""
    book = Workbook(write_only=True)
    total = 0
    for handler in only if only is not None else handlers():
        total += _write_sheet(book, handler, progress or (lambda sheet, rows: None))
    book.save(path)
    return total


def _write_sheet(book: Any, handler: SheetHandler, progress: Progress) -> int:
    sheet = book.create_sheet(handler.name)
    sheet.freeze_panes = "A2"
    for position, column in enumerate(handler.columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = max(column.width, len(column.name) + 3)
    sheet.append([_heading(sheet, column.name) for column in handler.columns])
    rows = 0
    for record in handler.stored():
        sheet.append([to_cell(column.show(record.values[column.name])) for column in handler.columns])
        rows += 1
    if rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(handler.columns))}{rows + 1}"
    progress(handler.name, rows)
    return rows


def _heading(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def to_cell(value: Any) -> Any:
    """A value as openpyxl writes it: text that would be taken for a formula is neutralised."""
    if isinstance(value, str):
        return neutralise(_ILLEGAL.sub("", value))[:_LONGEST] or None
    return value
