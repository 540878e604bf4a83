"""One pass over the XML of a workbook's part before anything is allocated for it: how far its cells go, how much text
they would take once copied, what it hides.

The reading library makes room for every cell between the first and the last: one value forgotten in XFD1048576 is
seventeen billion of them, and the process dies without a word. Nearly every program writes cells in one same form,
which a regular expression counts quickly; anything else goes through a real parser, which keeps nothing.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

# What a sheet of Excel can hold at most.
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
# Bytes between two « > »: the longest text of a cell (Excel stops at 32,767 characters; other programs do not).
MAX_RUN = 4_000_000
# Elements that a real parser hears in one sheet: three per cell, a microsecond or two each.
MAX_ELEMENTS = 30_000_000
# Formulas and errors are shown shortened; they are kept so.
_KEPT_FORMULA = 500

_ANY_CELL = re.compile(rb"<(?:[^\s<>/:]*:)?c[\s/>]")
_USUAL_CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})([0-9]{1,7})"([^<>]*)>')
_USUAL_REST = re.compile(rb'(?: [A-Za-z:]+="[^"<>]*")* ?/?')
_SHARED = re.compile(rb't="s"[^<>]*><(?:\w+:)?v>([0-9]{1,8})<')
_FORMULA = re.compile(rb"<(?:[^\s<>/:]*:)?f[\s/>]")
_ERROR = re.compile(rb"\bt\s*=\s*[\"']e[\"']")
_COLUMN = re.compile(rb"<(?:[^\s<>/:]*:)?col\s([^<>]{0,500})>")
_HIDDEN = re.compile(rb"\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_BOUND = re.compile(rb"\b(min|max)\s*=\s*[\"'](\d{1,7})[\"']")
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_END_OF_STRING = re.compile(rb"</(?:[^\s<>/:]*:)?si\s*>|<(?:[^\s<>/:]*:)?si\s*/>")


class Malformed(Exception):
    """The part is not what a spreadsheet writes."""


class HasEntities(Malformed):
    """The part defines entities or points to a DTD: no spreadsheet does."""


class TooMuchMarkup(Malformed):
    """More elements than `MAX_ELEMENTS`."""


class TextTooLong(Malformed):
    """A cell holds more than `MAX_RUN` bytes."""


@dataclass(slots=True)
class Extent:
    """The smallest rectangle that holds every filled cell."""

    first_row: int = 0
    last_row: int = 0
    first_column: int = 0
    last_column: int = 0

    def include(self, row: int, column: int) -> None:
        if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN) or row < self.last_row:
            raise Malformed
        self.first_row = self.first_row or row
        self.last_row = row
        self.first_column = min(self.first_column or column, column)
        self.last_column = max(self.last_column, column)

    @property
    def cells(self) -> int:
        """Number of cells of the rectangle, filled or not."""
        if not self.last_row:
            return 0
        return (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)

    @property
    def corner(self) -> str:
        """Its last cell, as Excel names it."""
        letters, number = "", self.last_column
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        return f"{letters}{self.last_row}"


@dataclass
class Scan:
    """What a part of the archive holds; `feed` it block by block, then `close` it."""

    extent: Extent = field(default_factory=Extent)
    # Cells that point to a shared string.
    shared: int = 0
    # Formulas or errors: they must be parsed to be told apart from values.
    special: bool = False
    hidden: set[int] = field(default_factory=set)
    # Bytes of the longest shared string, and how many there are.
    longest: int = 0
    strings: int = 0
    # False: some cell is written in an unusual way, and only a parser can tell where it is.
    usual: bool = True
    _rest: bytes = b""
    _columns: int = 0
    _run: int = 0

    def feed(self, block: bytes) -> None:
        """Raises `Malformed`."""
        if b"\0" in block:
            raise Malformed
        text = self._rest + block
        end = text.rfind(b">") + 1
        self._rest = text[end:]
        if len(self._rest) > MAX_RUN:
            raise TextTooLong
        if end:
            self._look(text[:end])

    def close(self) -> None:
        if b"<" in self._rest:
            raise Malformed

    def _look(self, text: bytes) -> None:
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise HasEntities
        self._look_at_cells(text)
        self.special = self.special or _is_special(text)
        for match in _COLUMN.finditer(text) if b"hidden" in text else ():
            self._columns += 1
            if self._columns > LAST_COLUMN:
                raise Malformed
            if _HIDDEN.search(match[1]):
                bounds = {name: int(number) for name, number in _BOUND.findall(match[1])}
                first, last = bounds.get(b"min", 0), min(bounds.get(b"max", 0), LAST_COLUMN)
                if len(self.hidden) < LAST_COLUMN:
                    self.hidden.update(range(max(first, 1), last + 1))
        self._look_at_strings(text)

    def _look_at_cells(self, text: bytes) -> None:
        written = len(_ANY_CELL.findall(text))
        if not written or not self.usual:
            return
        cells = _USUAL_CELL.findall(text)
        endings = set(map(itemgetter(2), cells))
        if len(cells) != written or not all(map(_USUAL_REST.fullmatch, endings)):
            self.usual = False
            return
        empty = {ending for ending in endings if ending.endswith(b"/")}
        filled = [cell for cell in cells if cell[2] not in empty] if empty else cells
        if not filled:
            return
        rows = [int(row) for row, _cells in groupby(filled, itemgetter(1))]
        if any(later < earlier for earlier, later in pairwise(rows)):
            raise Malformed
        columns = [_number(letters.decode()) for letters in set(map(itemgetter(0), filled))]
        self.extent.include(rows[0], min(columns))
        self.extent.include(rows[-1], max(columns))
        self.shared += text.count(b't="s"')

    def _look_at_strings(self, text: bytes) -> None:
        place = 0
        for match in _END_OF_STRING.finditer(text) if b"<si" in text or b"</si" in text or b":si" in text else ():
            self.longest = max(self.longest, self._run + match.end() - place)
            self.strings += 1
            self._run, place = 0, match.end()
        self._run += len(text) - place


def _is_special(text: bytes) -> bool:
    """Looks for the letters first: most sheets have no formula at all."""
    formula = (b"<f" in text or b":f" in text) and _FORMULA.search(text)
    return bool(formula or ((b'"e"' in text or b"'e'" in text) and _ERROR.search(text)))


def weights(blocks: Iterable[bytes]) -> array[int]:
    """Bytes that each shared string takes in its part, in order (markup included: a little too much)."""
    found, carried = array("L"), 0
    for text in _whole_tags(blocks):
        place = 0
        for match in _END_OF_STRING.finditer(text):
            found.append(carried + match.end() - place)
            carried, place = 0, match.end()
        carried += len(text) - place
    return found


def copied(blocks: Iterable[bytes], heavy: array[int], longest: int) -> int:
    """Bytes of text that the cells of a sheet take once each has its own copy of its shared string."""
    total = 0
    for text in _whole_tags(blocks):
        spoken = [int(index) for index in _SHARED.findall(text + b"<")]
        total += sum(heavy[index] if index < len(heavy) else longest for index in spoken)
        # A value that stands in the next block, or is written in some other way, is counted for the most.
        total += max(text.count(b't="s"') - len(spoken), 0) * longest
    return total


def _whole_tags(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        text = rest + block
        end = text.rfind(b">") + 1
        rest = text[end:]
        if end:
            yield text[:end]


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


# --- By a real parser -----------------------------------------------------------------------------------------------

# Row → [(column, « f » formula or « e » error, its text)].
Special = dict[int, list[tuple[int, str, str]]]


class _Cells:
    """Hears the elements of a sheet one after the other, and keeps where the cells are; formulas and errors as well."""

    def __init__(self, limit: int) -> None:
        self.extent = Extent()
        self.shared = 0
        self.special: Special = {}
        self._limit, self._found, self._heard = limit, 0, 0
        self._row = self._column = 0
        self._cell: tuple[int, int, str] | None = None
        self._filled = False
        self._reading = ""
        self._formula: list[str] | None = None
        self._value: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._heard += 1
        if self._heard > MAX_ELEMENTS:
            raise TooMuchMarkup
        name = tag.rpartition("}")[2]
        if name == "row":
            self._row, self._column = _rank(attributes.get("r")) or self._row + 1, 0
        elif name == "c":
            row, column = _place(attributes.get("r")) or (self._row, self._column + 1)
            self._column, self._filled = column, False
            self._cell, self._formula, self._value = (row, column, attributes.get("t", "")), None, []
        elif self._cell is not None:
            self._filled = True
            if name == "f":
                self._formula, self._reading = [], "f"
            elif name == "v":
                self._reading = "v"

    def data(self, text: str) -> None:
        if self._reading == "f" and self._formula is not None:
            _keep(self._formula, text)
        elif self._reading == "v" and self._cell is not None and self._cell[2] == "e":
            _keep(self._value, text)

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        if name in ("f", "v"):
            self._reading = ""
        elif name == "c" and self._cell is not None:
            row, column, kind = self._cell
            self._cell = None
            if not self._filled:
                return
            self.extent.include(row, column)
            self.shared += kind == "s"
            if self._formula is not None:
                self._note(row, column, "f", f"={''.join(self._formula)}")
            elif kind == "e":
                self._note(row, column, "e", "".join(self._value))

    def _note(self, row: int, column: int, kind: str, text: str) -> None:
        self._found += 1
        if self._found > self._limit:
            raise TooManyFormulas
        self.special.setdefault(row, []).append((column, kind, text))

    def close(self) -> None:
        """Nothing was built."""


class TooManyFormulas(Malformed):
    """More formulas and errors than the limit given."""


def parse(blocks: Iterable[bytes], limit: int) -> tuple[Extent, int, Special]:
    """(extent, cells that point to a shared string, formulas and errors) of a sheet, by a parser that builds nothing.

    Raises `Malformed`; entities and DTDs are refused.
    """
    cells = _Cells(limit)
    parser: Any = XMLParser(target=cells, forbid_dtd=True)
    try:
        for block in blocks:
            parser.feed(block)
        parser.close()
    except DefusedXmlException as error:
        raise HasEntities from error
    except (ParseError, ValueError, LookupError) as error:
        raise Malformed from error
    return cells.extent, cells.shared, cells.special


def _keep(parts: list[str], text: str) -> None:
    room = _KEPT_FORMULA - sum(map(len, parts))
    if room > 0:
        parts.append(text[:room])


def _rank(text: str | None) -> int | None:
    """The number that a row gives itself, if it does."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= LAST_ROW):
        raise Malformed
    return int(text)


def _place(reference: str | None) -> tuple[int, int] | None:
    match = _REFERENCE.fullmatch(reference or "")
    if match is None:
        if reference:
            raise Malformed
        return None
    return int(match[2]), _number(match[1])
