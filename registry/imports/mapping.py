"""What the recognition of a workbook leaves in doubt, what somebody answered, and how that changes the reading.

Answers, as kept and as a terminal may give them (sheet and heading as written in the file; null = leave it out):

    {"sheets": {"Ress. 2026": {"target": "Organismes", "columns": {"Tél. 2": null, "Courr.": "Courriel"}}}}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.utils import timezone
from openpyxl.utils import get_column_letter

from registry.models import SheetLayout
from registry.text import key, squash
from registry.workbook.headings import (
    ACCEPTED,
    SAMPLED_ROWS,
    SEARCHED_ROWS,
    Heading,
    Ignored,
    SheetPlan,
    heading_score,
)
from registry.workbook.reader import Sheet, Workbook
from registry.workbook.shapes import is_calculated
from registry.workbook.sheets import SheetHandler, handler_named, handlers
from registry.workbook.values import is_blank

from .privacy import Privacy
from .report import OUR_HEADINGS, is_ours

Answers = Mapping[str, Any]
SET_ASIDE = "Feuille laissée de côté par la personne qui importe."
_SAMPLES = 3


@dataclass(frozen=True)
class Doubt:
    """One question: what a sheet is (`heading` blank), or what a column is."""

    sheet: str
    heading: str = ""
    letter: str = ""
    # Canonical sheet that the column belongs to.
    target: str = ""
    # What it is taken for, as far as can be told; blank = nothing.
    guess: str = ""
    # Canonical names to choose from.
    choices: list[str] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)
    # True: there are values, and they must not be shown (an address may be among them).
    withheld: bool = False
    answered: bool = False


class Asked(Exception):
    """The workbook cannot be read before somebody answers."""

    def __init__(self, doubts: list[Doubt]) -> None:
        super().__init__("Des feuilles ou des colonnes restent à préciser.")
        self.doubts = doubts


@dataclass
class Settled:
    """What each sheet is once the answers are taken into account, and every doubt, answered or not."""

    plans: list[SheetPlan]
    ignored: list[Ignored]
    doubts: list[Doubt]

    @property
    def unanswered(self) -> bool:
        return any(not doubt.answered for doubt in self.doubts)

    def doubts_as_json(self) -> list[dict[str, Any]]:
        return [asdict(doubt) for doubt in self.doubts]


@dataclass
class Memory:
    """What sheets of the same name and headings were taken for before. Read in one query."""

    fingerprints: dict[str, str]
    known: dict[str, SheetLayout]

    @classmethod
    def of(cls, workbook: Workbook, plans: Sequence[SheetPlan]) -> Memory:
        planned = {plan.sheet.name: [heading.written for heading in plan.headings] for plan in plans}
        fingerprints = {}
        for sheet in workbook.sheets:
            if not sheet.hidden and not is_ours(sheet.name):
                headings = planned.get(sheet.name)
                if headings is None:
                    table = _Table.of(sheet)
                    headings = [heading.written for heading in _headings(table.headings)] if table else []
                fingerprints[sheet.name] = _fingerprint(sheet.name, headings)
        found = SheetLayout.objects.filter(fingerprint__in=fingerprints.values())
        return cls(fingerprints, {layout.fingerprint: layout for layout in found})

    def of_sheet(self, name: str) -> SheetLayout | None:
        return self.known.get(self.fingerprints.get(name, ""))

    @property
    def layout(self) -> str:
        """The fingerprint of the whole file: the same for next month's, whatever its rows."""
        return hashlib.sha256("".join(self.fingerprints.values()).encode()).hexdigest()

    def keep(self, settled: Settled) -> None:
        """Remember what each sheet turned out to be, once nothing is in doubt."""
        taken = {plan.sheet.name: plan for plan in settled.plans}
        aside = {item.sheet for item in settled.ignored if item.reason == SET_ASIDE}
        layouts = []
        for name, fingerprint in self.fingerprints.items():
            if name in taken:
                columns = {heading.written: heading.canonical for heading in taken[name].headings}
                layouts.append(SheetLayout(fingerprint=fingerprint, target=taken[name].handler.name, columns=columns))
            elif name in aside:
                layouts.append(SheetLayout(fingerprint=fingerprint))
        now = timezone.now()
        for layout in layouts:
            layout.updated_at = now
        unique = {layout.fingerprint: layout for layout in layouts}
        SheetLayout.objects.bulk_create(
            unique.values(), update_conflicts=True, unique_fields=["fingerprint"],
            update_fields=["target", "columns", "updated_at"],
        )  # fmt: skip


def _fingerprint(name: str, headings: Iterable[str]) -> str:
    folded = [squash(heading).casefold() for heading in headings if key(heading) not in OUR_HEADINGS]
    return hashlib.sha256(json.dumps([key(name), folded], ensure_ascii=False).encode()).hexdigest()


def settle(
    workbook: Workbook, plans: Sequence[SheetPlan], ignored: Sequence[Ignored], answers: Answers, memory: Memory
) -> Settled:
    """Set what was recognised against what somebody says, and against what was said of the same layout before."""
    told = answers.get("sheets", {})
    privacy = Privacy()
    settled = Settled([], list(ignored), [])
    by_name = {plan.sheet.name: plan for plan in plans}
    for sheet in workbook.sheets:
        said, before = told.get(sheet.name, {}), memory.of_sheet(sheet.name)
        plan = by_name.get(sheet.name)
        if is_ours(sheet.name):
            settled.ignored = [item for item in settled.ignored if item.sheet != sheet.name]
            settled.ignored.append(Ignored(sheet.name, "Feuille d’un rapport d’importation."))
            continue
        if "target" not in said and before is not None and not sheet.hidden:
            known_otherwise = plan is None or plan.handler.name != before.target
            said = {**said, "target": before.target or None} if known_otherwise else said
        if not sheet.hidden and ("target" in said or not _is_sure(plan)):
            table = _Table.of(sheet)
            if table is None and plan is None:
                continue
            settled.doubts.append(_sheet_doubt(sheet, plan, table, said))
            if "target" in said:
                plan = _taken_for(plan, table, said["target"])
                settled.ignored = [item for item in settled.ignored if item.sheet != sheet.name]
                if plan is None:
                    settled.ignored.append(Ignored(sheet.name, SET_ASIDE))
        if plan is not None:
            remembered = before.columns if before is not None and before.target == plan.handler.name else {}
            told_here = said.get("columns", {})
            doubts = _column_doubts(plan, {**remembered, **told_here}, told_here, privacy)
            settled.doubts += doubts
            columns = {doubt.heading: doubt.guess or None for doubt in doubts if doubt.answered}
            settled.plans.append(_with_columns(plan, columns))
    return settled


# --- Sheets ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Table:
    """What looks like headings over rows, in a sheet that was not recognised."""

    sheet: Sheet
    header_row: int
    headings: list[Any]
    below: list[list[Any]]

    @classmethod
    def of(cls, sheet: Sheet) -> _Table | None:
        top = list(_first_rows(sheet, SEARCHED_ROWS + SAMPLED_ROWS))
        for number, row in enumerate(top[:SEARCHED_ROWS], start=1):
            filled = [cell for cell in row if not is_blank(cell)]
            below = top[number:]
            named = len(filled) >= 2 and all(isinstance(cell, str) and len(cell) <= 80 for cell in filled)
            if named and any(sum(not is_blank(cell) for cell in line) >= 2 for line in below):
                return cls(sheet, number, row, below)
        return None


def _first_rows(sheet: Sheet, count: int) -> Iterator[list[Any]]:
    for number, row in sheet.rows():
        if number > count:
            return
        yield row


def _is_sure(plan: SheetPlan | None) -> bool:
    """True for a sheet that two of its headings at least name without a doubt."""
    return plan is not None and sum(bool(heading.canonical) and heading.is_sure for heading in plan.headings) >= 2


def _sheet_doubt(sheet: Sheet, plan: SheetPlan | None, table: _Table | None, said: Mapping[str, Any]) -> Doubt:
    headings = plan.headings if plan is not None else _headings(table.headings) if table is not None else []
    guess = said.get("target", plan.handler.name if plan is not None else "")
    return Doubt(
        sheet=sheet.name,
        guess=guess or "",
        choices=[handler.name for handler in handlers()],
        samples=[heading.written[:60] for heading in headings[:12]],
        answered="target" in said,
    )


def _taken_for(plan: SheetPlan | None, table: _Table | None, target: str | None) -> SheetPlan | None:
    """The sheet taken for what somebody said, its columns recognised by their names alone; None when left aside."""
    handler = handler_named(target) if target else None
    if handler is None or (plan is not None and plan.handler is handler):
        return plan if handler is not None else None
    if plan is not None:
        return SheetPlan(plan.sheet, handler, plan.header_row, _by_name(handler, plan.headings))
    if table is None:
        return None
    return SheetPlan(table.sheet, handler, table.header_row, _by_name(handler, _headings(table.headings)))


def _headings(row: Sequence[Any]) -> list[Heading]:
    """The headings of a row, each under a name of its own."""
    seen: set[str] = set()
    headings = []
    for place, cell in enumerate(row):
        if is_blank(cell):
            continue
        text = str(cell)
        unique = f"{text} (colonne {place + 1})" if squash(text).casefold() in seen else text
        seen.add(squash(text).casefold())
        headings.append(Heading(place + 1, unique, None))
    return headings


def _by_name(handler: SheetHandler, headings: Sequence[Heading]) -> list[Heading]:
    """The best pairs of a heading and a column first, each once."""
    pairs = [
        (heading_score(column, heading.written), -rank, place)
        for place, heading in enumerate(headings)
        for rank, column in enumerate(handler.columns)
    ]
    chosen: dict[int, tuple[str, float]] = {}
    taken: set[int] = set()
    for score, rank, place in sorted(pairs, reverse=True):
        if score >= ACCEPTED and place not in chosen and rank not in taken:
            taken.add(rank)
            chosen[place] = handler.columns[-rank].name, score
    return [
        replace(heading, canonical=chosen[place][0], score=chosen[place][1])
        if place in chosen
        else replace(heading, canonical=None, score=0.0)
        for place, heading in enumerate(headings)
    ]


# --- Columns --------------------------------------------------------------------------------------------------------


def _column_doubts(
    plan: SheetPlan, columns: Mapping[str, Any], told: Mapping[str, Any], privacy: Privacy
) -> list[Doubt]:
    """The columns that are not sure, and those that somebody speaks of although they are (`told`). `columns`: every
    answer, those remembered included."""
    below = [row for number, row in _numbered(plan.sheet) if number > plan.header_row]
    sure = {
        heading.canonical
        for heading in plan.headings
        if heading.canonical and heading.is_sure and heading.written not in told
    }
    free = [column.name for column in plan.handler.columns if column.name not in sure]
    if not free:
        return []
    doubts = []
    for heading in plan.headings:
        cells = [row[heading.position - 1] if heading.position <= len(row) else "" for row in below]
        if heading.canonical and heading.is_sure and heading.written not in told:
            continue
        if heading.written not in told and (_says_nothing(plan, heading, cells) or _is_the_last(heading, free)):
            continue
        samples, withheld = privacy.samples(plan, heading, below, _SAMPLES)
        answered = heading.written in columns and columns[heading.written] in (None, *free)
        guess = columns[heading.written] if answered else heading.canonical
        doubts.append(
            Doubt(
                plan.sheet.name, heading.written, get_column_letter(heading.position), plan.handler.name, guess or "",
                free, samples, withheld, answered,
            )
        )  # fmt: skip
    return doubts


def _says_nothing(plan: SheetPlan, heading: Heading, cells: Sequence[Any]) -> bool:
    """True for a column that nobody needs to be asked about."""
    if all(is_blank(cell) for cell in cells) or is_calculated(cells) or key(heading.written) in OUR_HEADINGS:
        return True
    return not heading.canonical and heading.position in plan.sheet.hidden_columns


def _is_the_last(heading: Heading, free: Sequence[str]) -> bool:
    """True where every other column is taken without a doubt, and this heading resembles the one that is left."""
    return free == [heading.canonical] and heading.score > ACCEPTED


def _numbered(sheet: Sheet) -> Iterator[tuple[int, list[Any]]]:
    for number, row in sheet.rows():
        if number > SEARCHED_ROWS + SAMPLED_ROWS:
            return
        yield number, row


def _with_columns(plan: SheetPlan, columns: Mapping[str, Any]) -> SheetPlan:
    """The plan with the columns that somebody chose; a column chosen for one heading leaves any other."""
    if not columns:
        return plan
    known = plan.handler.by_name
    chosen = {written: name for written, name in columns.items() if name is None or name in known}
    taken = {name for name in chosen.values() if name}
    headings = []
    for heading in plan.headings:
        if heading.written in chosen:
            headings.append(replace(heading, canonical=chosen[heading.written], score=1.0))
        elif heading.canonical in taken:
            headings.append(replace(heading, canonical=None, score=0.0))
        else:
            headings.append(heading)
    return replace(plan, headings=headings)


# --- Answers --------------------------------------------------------------------------------------------------------


def merged(answers: Answers, doubts: Iterable[Mapping[str, Any]], said: Sequence[str]) -> dict[str, Any]:
    """Answers with those just given added: one per doubt, in order, blank = leave it out."""
    sheets = {
        name: {**kept, "columns": dict(kept.get("columns", {}))} for name, kept in answers.get("sheets", {}).items()
    }
    for doubt, answer in zip(doubts, said, strict=True):
        kept = sheets.setdefault(doubt["sheet"], {"columns": {}})
        if doubt["heading"]:
            kept["columns"][doubt["heading"]] = answer or None
        else:
            kept["target"] = answer or None
    return {"sheets": sheets}
