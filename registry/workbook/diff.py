"""What a workbook would change: computed outside of any transaction, then shown, then applied or forgotten."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from . import naming
from .headings import Ignored, SheetPlan, plan_sheets
from .lookup import Lookup
from .matching import Match, match_rows, reserve_codes
from .messages import MESSAGES, REASONS
from .reader import Workbook, open_workbook
from .sheets import Secret, SheetHandler, Stored, Values, as_shown, handler_named, handlers, in_dependency_order
from .values import CONFIDENTIAL, UNREADABLE, Reading, Warned

# Rows compared with the database at a time.
BATCH = 400
# (sheet, rows done, rows in all) while reading.
Progress = Callable[[str, int, int], None]
# What somebody decides on top of what was recognised: other targets, other columns, rows left out.
Adjust = Callable[[Workbook, list[SheetPlan], list[Ignored]], tuple[list[SheetPlan], list[Ignored]]]


@dataclass(slots=True)
class Added:
    """A record to add. What it holds is kept packed: a diff may hold a whole network."""

    row: int
    code: str
    label: str
    # Records that already had this identity when the diff was made.
    namesakes: int
    _names: tuple[str, ...]
    # Empty once it is let go of.
    _packed: bytes = field(repr=False)

    @classmethod
    def of(
        cls, row: int, code: str, label: str, values: Values, identity: tuple[str, ...] | None, namesakes: int
    ) -> Added:
        names = _shared(tuple(values))
        return cls(row, code, label, namesakes, names, pickle.dumps((identity, tuple(values.values())), 5))

    def let_go(self) -> None:
        """Forget what the record holds, once it is written; the row and the code stay, for the report."""
        self._packed = b""

    @property
    def is_gone(self) -> bool:
        return not self._packed

    @property
    def values(self) -> Values:
        return dict(zip(self._names, self._unpacked[1], strict=True))

    @property
    def identity(self) -> tuple[str, ...] | None:
        return self._unpacked[0]

    @property
    def _unpacked(self) -> tuple[tuple[str, ...] | None, tuple[Any, ...]]:
        content: tuple[tuple[str, ...] | None, tuple[Any, ...]] = pickle.loads(self._packed)  # noqa: S301 - our own
        return content


@lru_cache(maxsize=4096)
def _shared(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same columns come back row after row: one tuple serves them all."""
    return names


@dataclass(frozen=True, slots=True)
class Changed:
    row: int
    pk: int
    label: str
    old: Values
    new: Values

    def fields(self, handler: SheetHandler) -> dict[str, list[Any]]:
        """Canonical column → [before, after] as they show; a confidential value never does."""
        shown = {}
        for name, new in self.new.items():
            if isinstance(new, Secret):
                shown[name] = [CONFIDENTIAL, "modifié"]
            else:
                show = handler.by_name[name].show
                shown[name] = [as_shown(show(self.old[name])), as_shown(show(new))]
        return shown


@dataclass(frozen=True, slots=True)
class Rejected:
    row: int
    reason: str

    @property
    def message(self) -> str:
        return REASONS[self.reason]


@dataclass
class SheetDiff:
    """What one sheet would change. `absent`: published records of its kind that the sheet does not mention."""

    plan: SheetPlan
    added: list[Added] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: list[tuple[int, str]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    absent: int = 0

    @property
    def handler(self) -> SheetHandler:
        return self.plan.handler

    def as_report(self) -> dict[str, Any]:
        return {
            "sheet": self.plan.sheet.name,
            "target": self.handler.name,
            "header_row": self.plan.header_row,
            "columns": {heading.written: heading.canonical for heading in self.plan.headings},
            "added": [{"row": item.row, "code": item.label} for item in self.added],
            "changed": [
                {"row": item.row, "code": item.label, "fields": item.fields(self.handler)} for item in self.changed
            ],
            "unchanged": [{"row": row, "code": code} for row, code in self.unchanged],
            "rejected": [{"row": item.row, "reason": item.reason, "message": item.message} for item in self.rejected],
            "warnings": [
                {
                    "row": item.row,
                    "column": item.column,
                    "code": item.code,
                    "value": item.value,
                    "message": item.message,
                }
                for item in self.warnings
            ],
            "absent": self.absent,
        }


@dataclass
class Diff:
    """What a whole file would change."""

    file: str
    sheets: list[SheetDiff]
    ignored: list[Ignored]
    # What of the file is left aside whatever its sheets say (macros, links…), in French.
    notices: list[str] = field(default_factory=list)

    def as_report(self) -> dict[str, Any]:
        """The report as JSON keeps it (the format is stable: other programs read it)."""
        return {
            "file": self.file,
            "sheets": [sheet.as_report() for sheet in self.sheets],
            "ignored_sheets": [{"sheet": item.sheet, "reason": item.reason} for item in self.ignored],
            **({"notices": self.notices} if self.notices else {}),
        }

    @property
    def writes(self) -> int:
        """Number of records that applying would touch."""
        return sum(len(sheet.added) + len(sheet.changed) for sheet in self.sheets)


class UnknownSheet(ValueError):
    """A sheet asked for that does not exist; the message, in French, lists those that do."""


def check_names(names: Iterable[str]) -> list[str]:
    """The same names, all of them canonical sheets. Raises `UnknownSheet`."""
    found = list(names)
    for name in found:
        if handler_named(name) is None:
            known = ", ".join(handler.name for handler in handlers())
            raise UnknownSheet(f"La feuille « {name} » n’existe pas. Feuilles possibles : {known}.")
    return found


def compute(
    path: str | Path, only: Iterable[str] | None = None, progress: Progress | None = None, adjust: Adjust | None = None
) -> Diff:
    """Compare a workbook with the network. Writes nothing.

    `only`: canonical names of the sheets to read. `adjust`: corrects what was recognised, before any row is read.
    Raises `reader.UnreadableWorkbook` and `UnknownSheet`.
    """
    names = check_names(only) if only is not None else None
    with open_workbook(path) as workbook:
        return _compute(workbook, names, progress or (lambda sheet, done, total: None), adjust)


def _compute(workbook: Workbook, only: list[str] | None, progress: Progress, adjust: Adjust | None) -> Diff:
    plans, ignored = plan_sheets(workbook, only)
    ignored += [
        Ignored(name, "Feuille sans cellules (graphique, macro) : elle n’est pas lue.") for name in workbook.others
    ]
    if adjust is not None:
        plans, ignored = adjust(workbook, plans, ignored)
    # What comparing headings has remembered: tens of megabytes, of no more use.
    naming.forget()
    chosen = in_dependency_order(list({plan.handler.name: plan.handler for plan in plans}.values()))
    lookup = Lookup()
    reserve_codes(plans, lookup)
    for handler in handlers():
        if handler not in chosen and any(handler.name in other.after for other in chosen):
            for known in handler.known():
                lookup[handler.name].add(known.code, known.name, known.others, known.owner)
    diffs: dict[int, SheetDiff] = {}
    for handler in chosen:
        known_records = list(handler.known())
        for known in known_records:
            if known.code:
                lookup[handler.name].add(known.code, known.name, known.others, known.owner)
        own = [plan for plan in plans if plan.handler is handler]
        match = match_rows(handler, own, known_records, lookup, workbook.epoch)
        for plan in own:
            diffs[id(plan)] = _compare(plan, match, lookup, workbook, progress)
        if own:
            diffs[id(own[0])].absent = match.absent
    return Diff(workbook.name, [diffs[id(plan)] for plan in plans], ignored, workbook.inspection.notices)


def _compare(plan: SheetPlan, match: Match, lookup: Lookup, workbook: Workbook, progress: Progress) -> SheetDiff:
    """Read every matched row whole, and set it against its record."""
    result = SheetDiff(plan)
    result.rejected = [Rejected(row, reason) for row, reason in match.rejected[id(plan)]]
    planned = match.rows[id(plan)]
    total, height = len(planned), plan.sheet.height
    batch: list[tuple[int, dict[str, Any]]] = []
    positions = plan.positions
    for number, row in plan.sheet.rows():
        if number in planned:
            cells = {name: row[position] if position < len(row) else "" for name, position in positions.items()}
            batch.append((number, cells))
        if len(batch) == BATCH:
            _compare_batch(batch, match, result, lookup, workbook)
            progress(plan.sheet.name, number, height)
            batch = []
    _compare_batch(batch, match, result, lookup, workbook)
    progress(plan.sheet.name, height if total else 0, height if total else 0)
    result.rejected.sort(key=lambda item: item.row)
    return result


def _compare_batch(
    batch: list[tuple[int, dict[str, Any]]], match: Match, result: SheetDiff, lookup: Lookup, workbook: Workbook
) -> None:
    plan, handler = result.plan, result.handler
    planned, headings = match.rows[id(plan)], plan.as_written
    pks = [pk for number, _cells in batch if (pk := planned[number].pk) is not None]
    stored = {record.pk: record for record in handler.stored(pks)} if pks else {}
    order = _reading_order(handler, plan)
    for number, cells in batch:
        row = planned[number]
        record = stored.get(row.pk) if row.pk is not None else None
        reading = Reading(number, lookup, epoch=workbook.epoch, raw=cells, stored=record)
        for name in order:
            reading.heading = headings[name]
            reading.values[name] = handler.read(handler.by_name[name], cells[name], reading)
        handler.check(reading.values, reading, headings)
        values = {name: value for name, value in reading.values.items() if name != handler.code_column}
        if record is None:
            _add(row.code, row.lookalike, match.namesakes(row.identity), values, row.identity, reading, result)
            continue
        handler.conflicts(values, record, reading, headings)
        new = _changes(handler, record, values)
        if not new:
            result.unchanged.append((number, row.label))
        elif row.untouchable:
            result.rejected.append(Rejected(number, row.untouchable))
            continue
        else:
            old = {name: record.values[name] for name in new}
            result.changed.append(Changed(number, record.pk, row.label, old, new))
        result.warnings.extend(reading.warnings)


def _add(
    code: str, lookalike: str, namesakes: int, values: Values, identity: tuple[str, ...] | None, reading: Reading,
    result: SheetDiff,
) -> None:  # fmt: skip
    handler, headings = result.handler, result.plan.as_written
    if reason := handler.refuse_addition(values, reading):
        result.rejected.append(Rejected(reading.row, reason))
        return
    if handler.code_column and not _says_code(handler, reading):
        column = headings.get(handler.code_column, handler.code_column)
        reading.warnings.insert(0, Warned(reading.row, column, "code_manquant", "", MESSAGES["code_manquant"]))
    if lookalike:
        reading.warn("doublon_probable", lookalike, column=headings.get(handler.name_column, handler.name_column))
    readable = {name: value for name, value in values.items() if value is not UNREADABLE}
    label = handler.label(code, identity)
    result.added.append(Added.of(reading.row, code, label, readable, identity, namesakes))
    result.warnings.extend(reading.warnings)


def _says_code(handler: SheetHandler, reading: Reading) -> bool:
    return reading.values.get(handler.code_column, "") not in ("", UNREADABLE)


def _changes(handler: SheetHandler, record: Stored, values: Values) -> Values:
    return {
        name: value
        for name, value in values.items()
        if value is not UNREADABLE and not handler.by_name[name].same(record.values[name], value)
    }


def _reading_order(handler: SheetHandler, plan: SheetPlan) -> list[str]:
    """Columns that others depend on first; then those that say whose record it is; then the rest."""
    present = plan.positions
    first = [*handler.read_first, *handler.identity_columns]
    rest = [column.name for column in handler.columns if column.name not in first]
    return [name for name in dict.fromkeys([*first, *rest]) if name in present]
