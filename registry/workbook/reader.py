"""Reading an Excel workbook as people really keep it: values, formulas (never evaluated), what is hidden.

Values come from calamine. It shows only what a formula last gave, and turns an error such as #REF! into nothing: a
streaming pass over the sheet's XML finds both, so that the rest of the import can tell « blank » from « unreadable ».
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from python_calamine import CalamineError, CalamineWorkbook

from . import guard, scan
from .guard import UnreadableWorkbook

_REL_ID = re.compile(r"\}id$")
# Cells of sheets read before and kept, about 70 bytes each; beyond, they are read again from the file.
MAX_CELLS_KEPT = 500_000


@dataclass(frozen=True, slots=True)
class FormulaCell:
    """A cell that holds a formula: its text, and the value that the last program to save the file left there."""

    formula: str
    cached: Any = ""


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A cell that shows #REF!, #N/A…: nobody knows its value, which is not the same as blank."""

    error: str


@dataclass
class Sheet:
    """One sheet. Rows and columns are numbered from 1, as in Excel."""

    name: str
    hidden: bool
    _workbook: Workbook = field(repr=False)

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """(row number, values from column A) for every row, the blank ones included. Can be called again."""
        special = self.special_cells
        start = self._data.start
        empty = [""] * (start[1] if start else 0)  # calamine leaves out the empty columns on the left
        number = 0
        with _legible():
            for number, row in enumerate(self._data.iter_rows(), start=1):
                yield number, _with_special([*empty, *row], special.get(number, ()))
        # calamine stops at the last value; a formula that never gave one may lie further down.
        for further in sorted(row for row in special if row > number):
            yield further, _with_special([], special[further])

    @property
    def _data(self) -> Any:
        return self._workbook.load(self.name)

    @property
    def height(self) -> int:
        """Number of rows down to the last one used."""
        return int(self._data.total_height)

    @cached_property
    def hidden_columns(self) -> frozenset[int]:
        return frozenset(self._workbook.inspection.scans[self._part].hidden)

    @cached_property
    def special_cells(self) -> scan.Special:
        """Row → [(column, « f » formula or « e » error, its text)]."""
        if not self._workbook.inspection.scans[self._part].special:
            return {}
        try:
            return scan.parse(guard.blocks(self._workbook.archive, self._part), guard.MAX_FORMULAS)[2]
        except scan.Malformed as error:
            raise UnreadableWorkbook(guard.refusal(error)) from error

    @property
    def _part(self) -> str:
        return self._workbook.parts[self.name]


def _with_special(values: list[Any], special: Iterable[tuple[int, str, str]]) -> list[Any]:
    for column, kind, text in special:
        values.extend("" for _ in range(column - len(values)))
        values[column - 1] = FormulaCell(text, values[column - 1]) if kind == "f" else ErrorCell(text)
    return values


@dataclass
class Workbook:
    """An open workbook; close it, or use it with `with`."""

    path: Path
    calamine: CalamineWorkbook
    archive: zipfile.ZipFile
    parts: dict[str, str]
    # Day zero of dates written as numbers: 1904 for files born on old Macintoshes.
    epoch: dt.date
    inspection: guard.Inspection
    sheets: list[Sheet] = field(default_factory=list)
    # Names of sheets that hold no cells (charts, dialogs, macros).
    others: list[str] = field(default_factory=list)
    _loaded: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.path.name

    def load(self, sheet: str) -> Any:
        """The cells of a sheet. Those of the last ones asked for are kept, as far as memory allows."""
        data = self._loaded.pop(sheet, None)
        if data is None:
            kept = sum(map(_cells, self._loaded.values()))
            while self._loaded and kept > MAX_CELLS_KEPT:
                kept -= _cells(self._loaded.pop(next(iter(self._loaded))))
            with _legible():
                data = self.calamine.get_sheet_by_name(sheet)
        self._loaded[sheet] = data
        return data

    def close(self) -> None:
        self._loaded.clear()
        self.archive.close()
        self.calamine.close()

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _cells(data: Any) -> int:
    return int(data.height) * int(data.width)


def open_workbook(path: str | Path) -> Workbook:
    """Open an .xlsx or .xlsm file. Macros, links and formulas are never run. Raises `UnreadableWorkbook`."""
    path = Path(path)
    archive = guard.open_archive(path)
    try:
        parts, states, epoch = _contents(archive)
        if len(states) > guard.MAX_SHEETS:
            raise UnreadableWorkbook(
                f"Le classeur compte {len(states)} feuilles; la limite est de {guard.MAX_SHEETS}. "
                "Gardez seulement les feuilles du répertoire et renvoyez le fichier."
            )
        inspection = guard.inspect(archive, parts)
        with _legible():
            calamine = CalamineWorkbook.from_path(str(path))
            names = calamine.sheet_names
    except BaseException:
        archive.close()
        raise
    workbook = Workbook(path, calamine, archive, parts, epoch, inspection)
    workbook.sheets = [Sheet(name, states.get(name, False), workbook) for name in names if name in parts]
    workbook.others = [name for name in names if name not in parts]
    return workbook


@contextmanager
def _legible() -> Iterator[None]:
    """Whatever the reading library stumbles on, its panics included (they are not ordinary exceptions), is a damaged
    file. Raises `UnreadableWorkbook`."""
    try:
        yield
    except (CalamineError, OSError, zipfile.BadZipFile, KeyError, ValueError, EOFError, OverflowError) as error:
        raise UnreadableWorkbook(guard.DAMAGED) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise UnreadableWorkbook(guard.DAMAGED) from error
        raise


def _contents(archive: zipfile.ZipFile) -> tuple[dict[str, str], dict[str, bool], dt.date]:
    """Worksheet name → part of the archive, name of any sheet → hidden?, day zero."""
    names = set(archive.namelist())
    book, targets = _tree(archive, "xl/workbook.xml"), _targets(archive)
    parts: dict[str, str] = {}
    hidden: dict[str, bool] = {}
    epoch = dt.date(1899, 12, 30)
    for element in book.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "workbookPr" and element.get("date1904") in {"1", "true"}:
            epoch = dt.date(1904, 1, 1)
        if tag != "sheet":
            continue
        name = element.get("name", "")
        relation = next((value for key, value in element.attrib.items() if _REL_ID.search(key)), "")
        target = targets.get(relation, "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        # Two sheets of one name, or one that is nowhere: no program writes that.
        if name in hidden or part not in names or not part.casefold().endswith(".xml"):
            raise UnreadableWorkbook(guard.DAMAGED)
        hidden[name] = element.get("state", "visible") != "visible"
        if "/worksheets/" in part:
            parts[name] = part
    if not hidden:
        raise UnreadableWorkbook(guard.DAMAGED)
    return parts, hidden, epoch


def _targets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Relation → part that it points to. Only parts that were measured may be read as sheets, strings or styles."""
    targets: dict[str, str] = {}
    for link in _tree(archive, "xl/_rels/workbook.xml.rels"):
        name, target, kind = (link.get(wanted, "") for wanted in ("Id", "Target", "Type"))
        read = kind.rpartition("/")[2] in ("worksheet", "sharedStrings", "styles")
        if name in targets or (read and not target.casefold().endswith(".xml")):
            raise UnreadableWorkbook(guard.DAMAGED)
        targets[name] = target
    return targets


def _tree(archive: zipfile.ZipFile, part: str) -> Any:
    try:
        return ElementTree.fromstring(guard.read_tree(archive, part), forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnreadableWorkbook(guard.ENTITIES) from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise UnreadableWorkbook(guard.DAMAGED) from error
