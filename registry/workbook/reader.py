"""Reading an Excel workbook as people really keep it: values, formulas (never evaluated), what is hidden.

Values come from calamine. It shows only what a formula last gave, and turns an error such as #REF! into nothing: a
streaming pass over the sheet's XML finds both, so that the rest of the import can tell « blank » from « unreadable ».
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from python_calamine import CalamineError, CalamineWorkbook

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_REL_ID = re.compile(r"\}id$")
_NEEDS_PARSING = re.compile(rb"<(?:\w+:)?f[\s/>]|\bt=[\"']e[\"']")
_HIDDEN_COLUMNS = re.compile(rb"<(?:\w+:)?col\s[^>]*\bhidden=[\"'](?:1|true)[\"'][^>]*>")
_ATTRIBUTE = re.compile(rb"\b(min|max)=[\"'](\d+)[\"']")
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d+)")
_CHUNK = 1 << 20

# Far above any real directory (100,000 services weigh about 160 MB once unpacked), far below what fills a memory.
MAX_UNPACKED_BYTES = 1_000_000_000
MAX_RATIO, RATIO_APPLIES_ABOVE = 250, 50_000_000
MAX_SHEETS = 60
# Cells of sheets read before and kept, about 70 bytes each; beyond, they are read again from the file.
MAX_CELLS_KEPT = 1_000_000


class UnreadableWorkbook(Exception):
    """The file cannot be read at all. The message, in French, says what to do."""


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
        return frozenset(self._scan[0])

    @cached_property
    def special_cells(self) -> dict[int, list[tuple[int, str, str]]]:
        """Row → [(column, « f » formula or « e » error, its text)]."""
        return self._scan[1]

    @cached_property
    def _scan(self) -> tuple[set[int], dict[int, list[tuple[int, str, str]]]]:
        part = self._workbook.parts.get(self.name)
        if part is None:
            return set(), {}
        hidden, must_parse = _glance(self._workbook.archive, part)
        return hidden, _special_cells(self._workbook.archive, part) if must_parse else {}


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
    sheets: list[Sheet] = field(default_factory=list)
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
    archive = _open_archive(path)
    try:
        _check_size(archive)
        parts, states, epoch = _contents(archive)
        if len(parts) > MAX_SHEETS:
            raise UnreadableWorkbook(
                f"Le classeur compte {len(parts)} feuilles; la limite est de {MAX_SHEETS}. "
                "Gardez seulement les feuilles du répertoire et renvoyez le fichier."
            )
        calamine = CalamineWorkbook.from_path(str(path))
    except UnreadableWorkbook:
        archive.close()
        raise
    except (CalamineError, OSError, zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        archive.close()
        raise UnreadableWorkbook(_DAMAGED) from error
    workbook = Workbook(path, calamine, archive, parts, epoch)
    workbook.sheets = [Sheet(name, states.get(name, False), workbook) for name in calamine.sheet_names]
    return workbook


_DAMAGED = (
    "Le fichier est endommagé ou incomplet. Ouvrez-le dans Excel, enregistrez-le de nouveau au format "
    "« Classeur Excel (.xlsx) » et recommencez."
)


def _open_archive(path: Path) -> zipfile.ZipFile:
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise UnreadableWorkbook(f"Le fichier « {path.name} » est introuvable. Vérifiez le chemin.") from None
    except IsADirectoryError:
        raise UnreadableWorkbook(f"« {path.name} » est un dossier : indiquez un fichier .xlsx.") from None
    except OSError:
        raise UnreadableWorkbook(f"Le fichier « {path.name} » ne peut pas être lu : vérifiez vos droits.") from None
    if not head:
        raise UnreadableWorkbook("Le fichier est vide.")
    if head.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in path.read_bytes()[: 1 << 24]:
            raise UnreadableWorkbook(
                "Le classeur est protégé par un mot de passe. Retirez le mot de passe dans Excel "
                "(Fichier, Informations, Protéger le classeur) et recommencez."
            )
        raise UnreadableWorkbook(
            "Ce fichier est au vieux format .xls. Ouvrez-le dans Excel et enregistrez-le au format "
            "« Classeur Excel (.xlsx) »."
        )
    if not head.startswith(b"PK"):
        kind = "une page Web" if re.match(rb"\s*<(?:!doctype|html|\?xml|table)", head, re.IGNORECASE) else "du texte"
        raise UnreadableWorkbook(
            f"Ce fichier n’est pas un classeur Excel : il contient {kind} (CSV, page enregistrée…). "
            "Ouvrez-le dans Excel et enregistrez-le au format « Classeur Excel (.xlsx) »."
        )
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableWorkbook(_DAMAGED) from error


def _check_size(archive: zipfile.ZipFile) -> None:
    unpacked = sum(info.file_size for info in archive.infolist())
    packed = sum(info.compress_size for info in archive.infolist())
    too_dense = unpacked > RATIO_APPLIES_ABOVE and unpacked > MAX_RATIO * max(packed, 1)
    if unpacked > MAX_UNPACKED_BYTES or too_dense:
        raise UnreadableWorkbook(
            "Une fois décompressé, ce fichier est démesuré : il n’a pas été lu. Copiez les feuilles utiles dans un "
            "classeur neuf et recommencez."
        )


def _contents(archive: zipfile.ZipFile) -> tuple[dict[str, str], dict[str, bool], dt.date]:
    """Sheet name → part of the archive, sheet name → hidden?, day zero."""
    names = set(archive.namelist())
    if "xl/workbook.xml" not in names:
        if "xl/workbook.bin" in names:
            raise UnreadableWorkbook("Le format .xlsb n’est pas lu. Enregistrez au format « Classeur Excel (.xlsx) ».")
        raise UnreadableWorkbook(
            "Ce fichier n’est pas un classeur Excel. Enregistrez-le au format « Classeur Excel (.xlsx) »."
        )
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise UnreadableWorkbook(_DAMAGED) from error
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    parts, hidden, epoch = {}, {}, dt.date(1899, 12, 30)
    for element in book.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "workbookPr" and element.get("date1904") in {"1", "true"}:
            epoch = dt.date(1904, 1, 1)
        if tag != "sheet":
            continue
        name = element.get("name", "")
        relation = next((value for key, value in element.attrib.items() if _REL_ID.search(key)), None)
        target = targets.get(relation, "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        hidden[name] = element.get("state", "visible") != "visible"
        if part in names and "/worksheets/" in part:
            parts[name] = part
    return parts, hidden, epoch


def _glance(archive: zipfile.ZipFile, part: str) -> tuple[set[int], bool]:
    """Hidden columns of a sheet, and whether it holds formulas or errors at all (most do not: no XML parsing then)."""
    hidden: set[int] = set()
    tail, must_parse, in_columns = b"", False, True
    with archive.open(part) as stream:
        while block := stream.read(_CHUNK):
            text = tail + block
            if in_columns:
                for match in _HIDDEN_COLUMNS.finditer(text):
                    bounds = {name: int(number) for name, number in _ATTRIBUTE.findall(match[0])}
                    first, last = bounds.get(b"min", 0), bounds.get(b"max", 0)
                    hidden.update(range(first, min(last, 16_384) + 1))
                in_columns = b"sheetData" not in text
            must_parse = must_parse or _NEEDS_PARSING.search(text) is not None
            if must_parse and not in_columns:
                break
            tail = text[-400:]
    return hidden, must_parse


def _special_cells(archive: zipfile.ZipFile, part: str) -> dict[int, list[tuple[int, str, str]]]:
    found: dict[int, list[tuple[int, str, str]]] = {}
    row_number = 0
    try:
        with archive.open(part) as stream:
            root = None
            for event, element in ElementTree.iterparse(stream, events=("start", "end")):
                tag = element.tag.rpartition("}")[2]
                if event == "start":
                    root = element if root is None else root
                    if tag == "row":
                        row_number = int(element.get("r") or row_number + 1)
                    continue
                if tag != "row":
                    continue
                column = 0
                for cell in element:
                    column = _column_of(cell.get("r")) or column + 1
                    special = _special(cell)
                    if special:
                        found.setdefault(row_number, []).append((column, *special))
                element.clear()
                if root is not None:  # rows already read must not pile up in memory
                    for child in root:
                        if child.tag.endswith("sheetData"):
                            child.clear()
    except (ElementTree.ParseError, DefusedXmlException, zipfile.BadZipFile, ValueError, EOFError) as error:
        raise UnreadableWorkbook(_DAMAGED) from error
    return found


def _special(cell: Any) -> tuple[str, str] | None:
    formula = next((child for child in cell if child.tag.rpartition("}")[2] == "f"), None)
    if formula is not None:
        return "f", f"={formula.text or ''}"
    if cell.get("t") == "e":
        value = next((child.text for child in cell if child.tag.rpartition("}")[2] == "v"), "")
        return "e", value or ""
    return None


def _column_of(reference: str | None) -> int:
    match = _REFERENCE.fullmatch(reference or "")
    if match is None:
        return 0
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - 64
    return number
