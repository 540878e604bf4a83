"""From an uploaded workbook to the lines of its preview; and, when it is applied, whether it still is what was seen."""

from __future__ import annotations

import datetime as dt
import hashlib
import heapq
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac

from registry import policies
from registry.models import ImportLine, LineKind, WorkbookImport
from registry.text import key
from registry.workbook import diff
from registry.workbook.headings import Ignored, SheetPlan
from registry.workbook.reader import ErrorCell, FormulaCell, Sheet, Workbook, open_workbook
from registry.workbook.sheets import Secret, SheetHandler, as_shown
from registry.workbook.values import CONFIDENTIAL, is_blank

from . import mapping, storage
from .privacy import Privacy
from .progress import Reporter

# Lines written at a time: short transactions, so that nobody waits.
BATCH = 1000
NOT_CHOSEN = "Feuille non demandée."
_UNKNOWN = "#N/A"


# A row that would be written: a number made of where it is, and of everything that it would change. A large network
# has hundreds of thousands.
Digest = int


class _Trimmed:
    """A sheet without the rows that somebody left out: for the reading they are blank."""

    def __init__(self, sheet: Sheet, left_out: frozenset[int]) -> None:
        self._sheet, self._left_out = sheet, left_out

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sheet, name)

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        for number, row in self._sheet.rows():
            yield number, [] if number in self._left_out else row


def compare(item: WorkbookImport, user: Any, reporter: Reporter) -> diff.Diff:
    """Read the file of an import and set it against the network: answers applied, rows left out, sheets chosen, and
    only what this user may write.

    Fills `layout` and `doubts` of the import (unsaved). Raises `mapping.Asked` while a question has no
    answer, FileNotFoundError, and the errors of `registry.workbook.diff.compute`.
    """
    path = storage.path_of(item)
    reporter.start("Ouverture du classeur")
    left_out = _left_out(item)
    heights: dict[str, int] = {}

    def adjust(
        workbook: Workbook, plans: list[SheetPlan], ignored: list[Ignored]
    ) -> tuple[list[SheetPlan], list[Ignored]]:
        memory = mapping.Memory.of(workbook, plans)
        item.layout = memory.layout
        settled = mapping.settle(workbook, plans, ignored, item.mapping, memory)
        item.doubts = settled.doubts_as_json()
        if settled.unanswered:
            raise mapping.Asked(settled.doubts)
        memory.keep(settled)
        kept = []
        for plan in settled.plans:
            refusal = _refusal(item, user, plan.handler)
            if refusal:
                settled.ignored.append(Ignored(plan.sheet.name, refusal))
                continue
            heights[plan.sheet.name] = plan.sheet.height
            rows = left_out.get(plan.sheet.name)
            kept.append(replace(plan, sheet=_Trimmed(plan.sheet, rows)) if rows else plan)  # type: ignore[arg-type]
        reporter.start("Lecture", sum(heights.values()))
        return kept, settled.ignored

    finished: dict[str, int] = {}

    def tell(sheet: str, done: int, total: int) -> None:
        finished[sheet] = done
        reporter.tell(sum(finished.values()))

    found = diff.compute(path, progress=tell, adjust=adjust)
    # The stored name means nothing to anybody.
    return replace(found, file=item.file_name)


def _left_out(item: WorkbookImport) -> dict[str, frozenset[int]]:
    rows: dict[str, set[int]] = {}
    for sheet, row in item.lines.filter(left_out=True).order_by().values_list("sheet", "row").distinct():
        rows.setdefault(sheet, set()).add(row)
    return {sheet: frozenset(numbers) for sheet, numbers in rows.items()}


def _refusal(item: WorkbookImport, user: Any, handler: SheetHandler) -> str:
    """Why a sheet is not read; empty when it is."""
    if item.sheets and key(handler.name) not in {key(name) for name in item.sheets}:
        return NOT_CHOSEN
    needed = (policies.IMPORT, policies.CREATE, policies.CHANGE, policies.PUBLISH)
    if not all(policies.can(user, action, handler.model) for action in needed):
        return f"Votre rôle ne permet pas de modifier ces fiches ({handler.model._meta.verbose_name_plural})."
    return ""


# --- Lines ----------------------------------------------------------------------------------------------------------


def store(item: WorkbookImport, found: diff.Diff, moved_from: set[Digest] | None = None) -> None:
    """Replace the lines of the preview by those of this diff; rows left out keep theirs.

    `moved_from`: the rows as they were seen; those that differ are marked.
    """
    item.lines.filter(left_out=False).delete()
    batch: list[ImportLine] = []
    for line in lines(item, found, storage.path_of(item), moved_from):
        batch.append(line)
        if len(batch) == BATCH:
            _insert(batch)
            batch = []
    _insert(batch)
    item.report = summary(found)


def _insert(batch: list[ImportLine]) -> None:
    with transaction.atomic():
        ImportLine.objects.bulk_create(batch)


def lines(
    item: WorkbookImport, found: diff.Diff, path: Path, moved_from: set[Digest] | None = None
) -> Iterator[ImportLine]:
    """Every line of a diff, sheet by sheet, in the order of the rows. `path`: the file, for its rejected rows."""
    privacy = Privacy()
    with ExitStack() as stack:
        any_rejected = any(sheet.rejected for sheet in found.sheets)
        book = stack.enter_context(open_workbook(path)) if any_rejected else None
        in_file = {sheet.name: sheet for sheet in book.sheets} if book is not None else {}
        for rank, sheet in enumerate(found.sheets):
            rejected = _rejected(sheet, in_file[sheet.plan.sheet.name], privacy) if sheet.rejected else ()
            titles = _titles(sheet)
            # Each in the order of the rows: never a whole sheet of lines at once.
            kinds = (rejected, _added(sheet, moved_from), _changed(sheet, moved_from), _warnings(sheet))
            for line in heapq.merge(*kinds, key=lambda line: (line.row, _ORDER[line.kind])):
                line.workbook_import, line.sheet, line.target = item, sheet.plan.sheet.name, sheet.handler.name
                line.title = titles.get(line.row, "")[:255]
                line.position = ImportLine.position_of(rank, line.row, _ORDER[line.kind])
                yield line


_ORDER: dict[str, int] = {
    kind: rank for rank, kind in enumerate((LineKind.REJECTED, LineKind.ADDED, LineKind.CHANGED, LineKind.WARNING))
}


def _titles(sheet: diff.SheetDiff) -> dict[int, str]:
    """Row → name of the record: « ORG009 » says little to whoever reads the preview. One query."""
    known = list(sheet.handler.known()) if sheet.changed or sheet.warnings else []
    names = {record.pk: record.name for record in known}
    titles = {item.row: names.get(item.pk, "") for item in sheet.changed}
    by_code = {record.code: record.name for record in known if record.code}
    warned = {item.row for item in sheet.warnings}
    titles.update({row: by_code.get(label, "") for row, label in sheet.unchanged if row in warned})
    columns = _naming(sheet.handler)[1:]
    for added in sheet.added:
        values = added.values
        titles[added.row] = next((str(values[name]) for name in columns if values.get(name)), "")
    return {row: title for row, title in titles.items() if title}


def _added(sheet: diff.SheetDiff, moved_from: set[Digest] | None) -> Iterator[ImportLine]:
    for added in sheet.added:
        fields = {name: ["", _shown(sheet.handler, name, value)] for name, value in added.values.items()}
        yield _line(
            sheet, added, LineKind.ADDED, {name: pair for name, pair in fields.items() if pair[1] != ""}, moved_from
        )


def _changed(sheet: diff.SheetDiff, moved_from: set[Digest] | None) -> Iterator[ImportLine]:
    for changed in sheet.changed:
        yield _line(sheet, changed, LineKind.CHANGED, changed.fields(sheet.handler), moved_from)


def _line(
    sheet: diff.SheetDiff, item: diff.Added | diff.Changed, kind: LineKind, fields: dict[str, list[Any]],
    moved_from: set[Digest] | None,
) -> ImportLine:  # fmt: skip
    seal = _seal(item)
    moved = moved_from is not None and _digest(sheet.plan.sheet.name, item.row, seal) not in moved_from
    return ImportLine(
        row=item.row, kind=kind, label=item.label[:255], fields=fields, field_names=f"|{'|'.join(fields)}|",
        writes=True, digest=seal, moved=moved,
    )  # fmt: skip


def _shown(handler: SheetHandler, name: str, value: Any) -> Any:
    return CONFIDENTIAL if isinstance(value, Secret) else as_shown(handler.by_name[name].show(value))


def _rejected(sheet: diff.SheetDiff, in_file: Sheet, privacy: Privacy) -> Iterator[ImportLine]:
    wanted = {item.row: item for item in sheet.rejected}
    plan = sheet.plan
    for number, row in in_file.rows():
        item = wanted.get(number)
        if item is None:
            continue
        named = {name: row[place] if place < len(row) else "" for name, place in plan.positions.items()}
        label = next(
            (str(_cell(named[name])) for name in _naming(sheet.handler) if not is_blank(named.get(name, ""))), ""
        )
        yield ImportLine(
            row=number, kind=LineKind.REJECTED, label=label[:255], code=item.reason, message=item.message,
            cells=[_cell(cell) for cell in privacy.masked(plan, row)],
        )  # fmt: skip


def _naming(handler: SheetHandler) -> list[str]:
    """The columns that say which record a row is, most telling first."""
    return [name for name in (handler.code_column, handler.name_column, *reversed(handler.identity_columns)) if name]


def _cell(cell: Any) -> Any:
    """A cell as it is kept, and written again in the report: a formula by its last value, a date as 2026-11-21."""
    if isinstance(cell, FormulaCell):
        return _UNKNOWN if is_blank(cell.cached) else _cell(cell.cached)
    if isinstance(cell, ErrorCell):
        return cell.error or _UNKNOWN
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    if isinstance(cell, (dt.date, dt.time)):
        return cell.isoformat()
    if cell is None or isinstance(cell, (str, bool, int)):
        return cell or ("" if cell is None else cell)
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    return str(cell)


def _warnings(sheet: diff.SheetDiff) -> Iterator[ImportLine]:
    labels = {added.row: added.label for added in sheet.added}
    labels.update({changed.row: changed.label for changed in sheet.changed})
    warned = {item.row for item in sheet.warnings}
    labels.update({row: label for row, label in sheet.unchanged if row in warned})
    for item in sorted(sheet.warnings, key=lambda item: item.row):
        yield ImportLine(
            row=item.row, kind=LineKind.WARNING, label=labels.get(item.row, "")[:255], code=item.code,
            message=item.message, column=item.column, value=item.value,
            field_names=f"|{_canonical(sheet.plan, item.column)}|",
        )  # fmt: skip


def _canonical(plan: SheetPlan, written: str) -> str:
    return next((name for name, heading in plan.as_written.items() if heading == written), written)


def summary(found: diff.Diff) -> dict[str, Any]:
    """Everything of the report but its lines: sheets, columns, counts, what the filters offer."""
    sheets = []
    total: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for sheet in found.sheets:
        counts = {
            "added": len(sheet.added), "changed": len(sheet.changed), "unchanged": len(sheet.unchanged),
            "rejected": len(sheet.rejected), "warnings": len(sheet.warnings), "absent": sheet.absent,
        }  # fmt: skip
        total.update(counts)
        codes.update(item.reason for item in sheet.rejected)
        codes.update(item.code for item in sheet.warnings)
        touched = {name for item in sheet.changed for name in item.new}
        touched |= {_canonical(sheet.plan, item.column) for item in sheet.warnings}
        sheets.append(
            {
                "sheet": sheet.plan.sheet.name, "target": sheet.handler.name, "header_row": sheet.plan.header_row,
                "headings": [heading.written for heading in sheet.plan.headings],
                "columns": {heading.written: heading.canonical for heading in sheet.plan.headings},
                "fields": [column.name for column in sheet.handler.columns if column.name in touched],
                "counts": counts,
            }
        )  # fmt: skip
    ignored = [{"sheet": item.sheet, "reason": item.reason} for item in found.ignored]
    return {"sheets": sheets, "ignored_sheets": ignored, "counts": dict(total), "codes": dict(codes)}


# --- Is it still what was seen? -------------------------------------------------------------------------------------


def seen(item: WorkbookImport) -> set[Digest]:
    """The rows of the preview that would be written, as they were shown."""
    rows = item.lines.filter(writes=True, left_out=False).order_by().values_list("sheet", "row", "digest")
    return {_digest(sheet, row, seal) for sheet, row, seal in rows.iterator(chunk_size=5000)}


def digests(found: diff.Diff) -> set[Digest]:
    """The rows that applying this diff would write."""
    return {
        _digest(sheet.plan.sheet.name, item.row, _seal(item))
        for sheet in found.sheets
        for items in (sheet.added, sheet.changed)
        for item in items
    }


def _digest(sheet: str, row: int, seal: str) -> Digest:
    return int.from_bytes(hashlib.blake2b(f"{row} {seal} {sheet}".encode(), digest_size=16).digest(), "big")


def _seal(item: diff.Added | diff.Changed) -> str:
    if isinstance(item, diff.Added):
        content: list[Any] = ["+", item.label, _opened(item.values)]
    else:
        content = ["~", item.pk, _opened(item.old), _opened(item.new)]
    return salted_hmac("registry.imports.reading", repr(content), algorithm="sha256").hexdigest()[:32]


def _opened(values: dict[str, Any]) -> list[tuple[str, Any]]:
    """Values in a stable order, secrets included: the seal tells that one moved, and nothing of it."""
    return sorted((name, value.content if isinstance(value, Secret) else value) for name, value in values.items())
