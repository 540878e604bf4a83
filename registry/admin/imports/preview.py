"""The lines of a preview as the page shows them: filters, pages, before and after. A constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from registry.models import ImportLine, ImportStatus, LineKind, WorkbookImport
from registry.workbook.messages import message_for

LINES_PER_PAGE = 50
# Longest value shown whole, and fields of an added record shown without a click.
_LONGEST, _SHOWN_FIELDS = 240, 3

LEFT_OUT, MOVED = "ecartees", "differentes"
KINDS = (
    ("", "Tout"),
    (LineKind.ADDED.value, "Ajouts"),
    (LineKind.CHANGED.value, "Changements"),
    (LineKind.REJECTED.value, "Rejets"),
    (LineKind.WARNING.value, "Avertissements"),
    (LEFT_OUT, "Lignes écartées"),
    (MOVED, "Différentes du dernier aperçu"),
)


@dataclass(frozen=True)
class Filters:
    kind: str = ""
    sheet: str = ""
    field: str = ""
    code: str = ""

    NAMES = {"kind": "sorte", "sheet": "feuille", "field": "champ", "code": "motif"}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Filters:
        """From a query string or a form: anything odd filters nothing out, or everything, and breaks nothing."""
        return cls(**{name: str(data.get(sent, ""))[:255].replace("\x00", "") for name, sent in cls.NAMES.items()})

    @property
    def query(self) -> str:
        return urlencode({sent: value for name, sent in self.NAMES.items() if (value := getattr(self, name))})

    @property
    def any(self) -> bool:
        return bool(self.query)

    def apply(self, lines: QuerySet[ImportLine]) -> QuerySet[ImportLine]:
        if self.kind == LEFT_OUT:
            lines = lines.filter(left_out=True)
        elif self.kind == MOVED:
            lines = lines.filter(moved=True)
        elif self.kind:
            lines = lines.filter(kind=self.kind)
        if self.sheet:
            lines = lines.filter(sheet=self.sheet)
        if self.field:
            lines = lines.filter(field_names__contains=f"|{self.field}|")
        return lines.filter(code=self.code) if self.code else lines


@dataclass(frozen=True)
class Part:
    """One field of a line: before, after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class ShownLine:
    line: ImportLine
    key: str
    may_leave_out: bool
    parts: list[Part] = field(default_factory=list)
    more: list[Part] = field(default_factory=list)

    @property
    def tone(self) -> str:
        return {"ajout": "ok", "changement": "corr", "rejet": "stop", "avertissement": "warn"}[self.line.kind]


@dataclass(frozen=True)
class Totals:
    """What applying would write, and what was left out of it."""

    added: int
    changed: int
    left_out: int
    moved: int

    @property
    def writes(self) -> int:
        return self.added + self.changed


def totals(item: WorkbookImport) -> Totals:
    """One query."""
    kept = Q(writes=True, left_out=False)
    return Totals(
        **item.lines.aggregate(
            added=Count("pk", filter=kept & Q(kind=LineKind.ADDED)),
            changed=Count("pk", filter=kept & Q(kind=LineKind.CHANGED)),
            left_out=Count("pk", filter=Q(writes=True, left_out=True)),
            moved=Count("pk", filter=Q(moved=True)),
        )
    )


def page_of(item: WorkbookImport, filters: Filters, number: Any) -> Page:
    """The lines of one page. Two queries."""
    written = ImportLine.objects.filter(
        workbook_import=OuterRef("workbook_import"), sheet=OuterRef("sheet"), row=OuterRef("row"), writes=True
    )
    lines = filters.apply(item.lines.all()).order_by("position", "pk").annotate(row_writes=Exists(written))
    return Paginator(lines, LINES_PER_PAGE).get_page(number)


def shown(item: WorkbookImport, lines: Iterable[ImportLine]) -> list[ShownLine]:
    """The lines ready for the page. No query."""
    ranks = {described["sheet"]: rank for rank, described in enumerate(item.report.get("sheets", []))}
    headings = {described["sheet"]: described["headings"] for described in item.report.get("sheets", [])}
    ready = []
    for line in lines:
        parts = [Part(name, _text(pair[0]), _text(pair[1])) for name, pair in line.fields.items()]
        if line.kind == LineKind.REJECTED:
            cells = zip(headings.get(line.sheet, []), line.cells, strict=False)
            parts = [Part(heading, "", _text(cell)) for heading, cell in cells if cell != ""]
        visible = {LineKind.ADDED: _SHOWN_FIELDS, LineKind.REJECTED: 0}.get(LineKind(line.kind), len(parts))
        may = item.status == ImportStatus.PREVIEW and bool(getattr(line, "row_writes", False))
        key = f"{ranks.get(line.sheet, 0)}:{line.row}"
        ready.append(ShownLine(line, key, may, parts[:visible], parts[visible:]))
    return ready


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def leave_out(item: WorkbookImport, shown_keys: Sequence[str], ticked: Sequence[str]) -> None:
    """Rows ticked are left out; those shown and not ticked come back. All the lines of a row follow."""
    sheets = [described["sheet"] for described in item.report.get("sheets", [])]
    out, back = _rows(sheets, ticked), _rows(sheets, set(shown_keys) - set(ticked))
    for rows_by_sheet, left_out in ((out, True), (back, False)):
        for sheet, rows in rows_by_sheet.items():
            lines = item.lines.filter(sheet=sheet, row__in=rows).exclude(left_out=left_out)
            lines.exclude(kind=LineKind.REJECTED).update(left_out=left_out)


def _rows(sheets: Sequence[str], keys: Iterable[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for key in keys:
        rank, _, row = key.partition(":")
        if rank.isdigit() and row.isdigit() and int(rank) < len(sheets) and int(row) <= 1_048_576:
            rows.setdefault(sheets[int(rank)], []).append(int(row))
    return rows


def field_choices(item: WorkbookImport, filters: Filters) -> list[str]:
    """Fields that changed, or that a warning speaks of, in the sheet chosen (in all of them by default)."""
    described = [sheet for sheet in item.report.get("sheets", []) if filters.sheet in ("", sheet["sheet"])]
    return list(dict.fromkeys(name for sheet in described for name in sheet["fields"]))


def code_choices(item: WorkbookImport) -> list[tuple[str, str]]:
    """Reasons and warnings found, most frequent first, with how many of each."""
    counts = sorted(item.report.get("codes", {}).items(), key=lambda pair: (-pair[1], pair[0]))
    return [(code, f"{_short(code)} ({count})") for code, count in counts]


def _short(code: str) -> str:
    """« Nom très semblable à celui d’un autre organisme » : the first clause of what the warning says."""
    try:
        sentence = message_for(code)
    except KeyError:
        return code
    ends = [sentence.find(sign) for sign in (" :", "\xa0:", ".", ",") if sentence.find(sign) > 0]
    return sentence[: min(ends, default=len(sentence))]
