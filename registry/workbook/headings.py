"""Which sheet is which, where its headings are, and which column each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.text import key

from .reader import Sheet, Workbook
from .sheets import SheetHandler, handlers
from .values import clean_text, is_blank

# Headings are looked for in this many rows.
SEARCHED_ROWS = 20


@dataclass(frozen=True)
class Heading:
    """One column of a sheet: its position (from 1), its heading as written, the canonical column it is, if any."""

    position: int
    written: str
    canonical: str | None


@dataclass
class SheetPlan:
    """What a sheet of the file is taken for."""

    sheet: Sheet
    handler: SheetHandler
    header_row: int
    headings: list[Heading] = field(default_factory=list)

    @property
    def positions(self) -> dict[str, int]:
        """Canonical column → position from 0 in a row."""
        return {heading.canonical: heading.position - 1 for heading in self.headings if heading.canonical}

    @property
    def as_written(self) -> dict[str, str]:
        """Canonical column → heading as written in the file."""
        return {heading.canonical: heading.written for heading in self.headings if heading.canonical}


@dataclass(frozen=True)
class Ignored:
    sheet: str
    reason: str


def plan_sheets(workbook: Workbook, only: Iterable[str] | None = None) -> tuple[list[SheetPlan], list[Ignored]]:
    """What each sheet is. `only`: canonical names asked for (all of them by default)."""
    wanted = {key(name) for name in only} if only is not None else None
    plans: list[SheetPlan] = []
    ignored: list[Ignored] = []
    for sheet in workbook.sheets:
        if sheet.hidden:
            ignored.append(Ignored(sheet.name, "Feuille masquée : elle n’est pas lue."))
            continue
        top = _top(sheet)
        if not any(not is_blank(cell) for row in top for cell in row):
            ignored.append(Ignored(sheet.name, "Feuille vide."))
            continue
        plan = _recognise(sheet, top)
        if plan is None:
            ignored.append(Ignored(sheet.name, "Ses en-têtes ne correspondent à aucune feuille connue."))
        elif wanted is not None and key(plan.handler.name) not in wanted:
            ignored.append(Ignored(sheet.name, "Feuille non demandée."))
        else:
            plans.append(plan)
    return plans, ignored


def _top(sheet: Sheet) -> list[list[Any]]:
    rows = []
    for number, row in sheet.rows():
        if number > SEARCHED_ROWS:
            break
        rows.append(row)
    return rows


def _recognise(sheet: Sheet, top: list[list[Any]]) -> SheetPlan | None:
    best: tuple[float, SheetPlan] | None = None
    for handler in handlers():
        known = {key(column.name): column.name for column in handler.columns}
        for number, row in enumerate(top, start=1):
            names = [key(cell) for cell in row]
            hits = sum(name in known for name in names)
            written = sum(bool(name) for name in names)
            if hits < 2 or hits < written / 2:
                continue
            score = hits / len(known) + hits / written + (key(sheet.name) == key(handler.name))
            if best is None or score > best[0]:
                best = score, SheetPlan(sheet, handler, number, _headings(row, known))
    return best[1] if best else None


def _headings(row: list[Any], known: Mapping[str, str]) -> list[Heading]:
    taken: set[str] = set()
    found = []
    for position, cell in enumerate(row, start=1):
        if is_blank(cell):
            continue
        canonical = known.get(key(cell))
        if canonical in taken:
            canonical = None
        if canonical:
            taken.add(canonical)
        found.append(Heading(position, clean_text(cell), canonical))
    return found
