"""Which sheet is which, where its headings are, and which column each of them is.

Nothing is known of a file beforehand: headings are compared with the canonical ones and their usual synonyms (renamed,
abbreviated, with or without accents), and the content of each column speaks too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.text import key, squash

from .lookup import Lookup
from .naming import heading_score, is_foreign, phrase_score
from .reader import FormulaCell, Sheet, Workbook
from .shapes import Clues, Sample, content_score, is_calculated, looks_like_names, rank_of, strength_of
from .sheets import Column, SheetHandler, handler_named, handlers
from .values import is_blank

# Headings are looked for in this many rows; this many more are looked at for what columns hold.
SEARCHED_ROWS, SAMPLED_ROWS = 25, 120
_LONGEST_HEADING = 60
# Pairs of a row and a kind of sheet that are compared with the content below.
_LOOKED_INTO = 6
# A heading is taken for a column from this score on; below `SURE`, somebody should confirm.
ACCEPTED, SURE = 0.5, 0.7
# From this resemblance on, a heading is the name itself.
_NAMED = 0.9
# From this on, what a column holds nearly says by itself which one it is.
_TELLING = 0.33
# What is held against a column that no record can do without, where most cells are blank.
_MOSTLY_BLANK = 0.35
# A hidden column must say clearly what it is.
ACCEPTED_HIDDEN = 0.75


@dataclass(frozen=True)
class Heading:
    """One column of a sheet: its position (from 1), its heading as written, the canonical column it is, if any."""

    position: int
    written: str
    canonical: str | None
    score: float = 0.0

    @property
    def is_sure(self) -> bool:
        return self.score >= SURE


@dataclass
class SheetPlan:
    """What a sheet of the file is taken for."""

    sheet: Sheet
    handler: SheetHandler
    header_row: int
    headings: list[Heading] = field(default_factory=list)
    score: float = 0.0

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
    tops: list[tuple[Sheet, list[list[Any]]]] = []
    ignored: list[Ignored] = []
    for sheet in workbook.sheets:
        if sheet.hidden:
            ignored.append(Ignored(sheet.name, "Feuille masquée : elle n’est pas lue."))
            continue
        top = _top(sheet)
        if not any(not is_blank(cell) for row in top for cell in row):
            ignored.append(Ignored(sheet.name, "Feuille vide."))
        else:
            tops.append((sheet, top))
    plans: list[SheetPlan] = []
    for plan, (sheet, _top_rows) in zip(_recognise_all(tops), tops, strict=True):
        if plan is None:
            ignored.append(Ignored(sheet.name, "Ses en-têtes ne correspondent à aucune feuille connue."))
        elif wanted is not None and key(plan.handler.name) not in wanted:
            ignored.append(Ignored(sheet.name, "Feuille non demandée."))
        else:
            plans.append(plan)
    return plans, ignored


def _recognise_all(tops: Sequence[tuple[Sheet, list[list[Any]]]]) -> list[SheetPlan | None]:
    """What each sheet is taken for. Our own headings in a sheet of our own need no look at what is below: a large
    network is exported, corrected and sent back more often than it is harried."""
    found = [_exactly_ours(sheet, top) for sheet, top in tops]
    if all(found):
        return found
    clues = _network_clues()
    looks = [None if plan else _Look(sheet, top) for plan, (sheet, top) in zip(found, tops, strict=True)]
    found = [look.recognise(clues) if look else plan for look, plan in zip(looks, found, strict=True)]
    for plan in found:
        _learn_names(plan, clues)
    # A second look, now that the names of the file's own organizations, services and places are known.
    return [look.recognise(clues) if look else plan for look, plan in zip(looks, found, strict=True)]


def _exactly_ours(sheet: Sheet, top: Sequence[Sequence[Any]]) -> SheetPlan | None:
    handler = handler_named(sheet.name)
    row = top[0]
    names = [cell for cell in row if not is_blank(cell)]
    if handler is None or sheet.name != handler.name or any(not isinstance(name, str) for name in names):
        return None
    missing = {name for name in handler.identity_columns if _identifies(handler, name)} - set(names)
    if missing or len(set(names)) != len(names) or len(names) < 2 or not set(names) <= handler.by_name.keys():
        return None
    below = top[1 : SAMPLED_ROWS + 1]
    headings = []
    for place, cell in enumerate(row):
        if not is_blank(cell):
            ours = not is_calculated([line[place] if place < len(line) else "" for line in below])
            headings.append(Heading(place + 1, cell, cell if ours else None, 1.0 if ours else 0.0))
    held = {heading.canonical for heading in headings}
    kept = all(name in held for name in handler.identity_columns if _identifies(handler, name))
    return SheetPlan(sheet, handler, 1, headings, _sheet_score(handler, sheet.name, headings)) if kept else None


def _top(sheet: Sheet) -> list[list[Any]]:
    rows = []
    for number, row in sheet.rows():
        if number > SEARCHED_ROWS + SAMPLED_ROWS:
            break
        rows.append(row)
    return rows


def _network_clues() -> Clues:
    """The vocabularies of the network, which tell a column of needs or of territories."""
    lookup = Lookup()
    for name in ("Territoires", "Vocabulaire"):
        handler = handler_named(name)
        for known in handler.known() if handler is not None else ():
            lookup[name].add(known.code, known.name, known.others)
    return Clues(lookup)


def _learn_names(plan: SheetPlan | None, clues: Clues) -> None:
    held = {
        "Organismes": ("Nom", clues.organizations),
        "Services": ("Nom du service", clues.services),
        "Lieux": ("Nom du lieu", clues.places),
    }
    if plan is None or plan.handler.name not in held:
        return
    column, names = held[plan.handler.name]
    position = plan.positions.get(column)
    if position is None:
        return
    for number, row in plan.sheet.rows():
        if number > plan.header_row and position < len(row) and isinstance(row[position], str):
            names.add(key(row[position]))
    names.discard("")


# --- One sheet ------------------------------------------------------------------------------------------------------


class _Look:
    """One sheet, looked at twice: what can be told by its headings alone, and its columns, are kept in between."""

    def __init__(self, sheet: Sheet, top: Sequence[Sequence[Any]]) -> None:
        self._sheet, self._top = sheet, top
        self._candidates = _candidates(sheet, top)
        self._samples: dict[int, list[Sample]] = {}

    def recognise(self, clues: Clues) -> SheetPlan | None:
        best: SheetPlan | None = None
        for number, handler in self._candidates:
            row = self._top[number - 1]
            headings = assign(handler, row, self._below(number), self._sheet.hidden_columns, clues)
            score = _sheet_score(handler, self._sheet.name, headings)
            if score > 0 and (best is None or score > best.score):
                best = SheetPlan(self._sheet, handler, number, headings, score)
        return best

    def _below(self, number: int) -> list[Sample]:
        if number not in self._samples:
            below = self._top[number : number + SAMPLED_ROWS]
            self._samples[number] = [
                Sample([line[place] if place < len(line) else "" for line in below])
                for place in range(len(self._top[number - 1]))
            ]
        return self._samples[number]


def _candidates(sheet: Sheet, top: Sequence[Sequence[Any]]) -> list[tuple[int, SheetHandler]]:
    """The few (row, handler) pairs worth looking into, by the names of the headings and of the sheet alone."""
    found: list[tuple[float, int, int, SheetHandler]] = []
    for number, row in enumerate(top[:SEARCHED_ROWS], start=1):
        if not _may_be_headings(row):
            continue
        texts = [cell for cell in row if not is_blank(cell)]
        for rank, handler in enumerate(handlers()):
            named = sum(max(heading_score(column, text) for column in handler.columns) >= ACCEPTED for text in texts)
            sheet_named = max(phrase_score(sheet.name, name) for name in (handler.name, *handler.sheet_aliases))
            found.append((named + 2 * sheet_named, -number, -rank, handler))
    found.sort(key=lambda item: item[:3], reverse=True)
    return [(-number, handler) for _score, number, _rank, handler in found[:_LOOKED_INTO]]


def _may_be_headings(row: Sequence[Any]) -> bool:
    """At least two short texts, and nothing that is plainly data (numbers, dates)."""
    filled = [cell for cell in row if isinstance(cell, FormulaCell) or not is_blank(cell)]
    texts = [cell for cell in filled if isinstance(cell, str)]
    return len(texts) >= 2 and len(texts) == len(filled) and all(len(text) <= _LONGEST_HEADING for text in texts)


def _sheet_score(handler: SheetHandler, sheet_name: str, headings: Sequence[Heading]) -> float:
    """How well a sheet is explained by a handler; 0 when it is not."""
    held = {heading.canonical: heading.score for heading in headings if heading.canonical}
    missing = [name for name in handler.identity_columns if name not in held and _identifies(handler, name)]
    if len(held) < 2 or (missing and handler.code_column not in held):
        return 0.0
    named = max(phrase_score(sheet_name, name) for name in (handler.name, *handler.sheet_aliases))
    share = sum(held.values()) / len(headings) + sum(held.values()) / len(handler.columns)
    enough = len(held) >= max(2, len(headings) / 3) or named > 0.5
    if len(held) < 3 and named <= 0.5 and (missing or min(held.values()) < _NAMED):
        return 0.0  # two words that happen to look like headings: a legend, a note
    return share + 0.5 * named - 0.25 * len(missing) if enough else 0.0


def _identifies(handler: SheetHandler, name: str) -> bool:
    """True for a column without which rows of this kind cannot be told apart."""
    return name in handler.identity_columns[: max(1, len(handler.identity_columns) - handler.optional_identity)]


def _identifies_alone(handler: SheetHandler, name: str) -> bool:
    return not any(other != name and _identifies(handler, other) for other in handler.identity_columns)


def assign(
    handler: SheetHandler, row: Sequence[Any], samples: Sequence[Sample], hidden: frozenset[int], clues: Clues
) -> list[Heading]:
    """Which canonical column each heading is: the best pairs first, each column once."""
    written = [(place, cell) for place, cell in enumerate(row) if not is_blank(cell)]
    pairs: list[tuple[float, int, int]] = []
    fullest = max((len(sample.filled) for sample in samples), default=0)
    for place, cell in written:
        if is_calculated(samples[place].cells):
            continue
        floor = ACCEPTED_HIDDEN if place + 1 in hidden else ACCEPTED
        for rank, column in enumerate(handler.columns):
            score = heading_score(column, str(cell))
            if score + strength_of(column) < floor:  # whatever it holds
                continue
            content = content_score(column, handler, samples[place], clues)
            if score >= _NAMED:  # what says plainly what it is may hold a mess, and still be it
                content = max(content, ACCEPTED_HIDDEN - 1)
            if _identifies(handler, column.name) and len(samples[place].filled) < fullest / 2:
                content -= _MOSTLY_BLANK  # no record can do without it
            score += min(content, 0.0) if score < ACCEPTED and is_foreign(cell) else content
            if score >= floor:
                pairs.append((-score, rank, place))
    chosen: dict[int, tuple[Column, float]] = {}
    taken: set[int] = set()
    for score, rank, place in sorted(pairs):
        if place not in chosen and rank not in taken:
            taken.add(rank)
            chosen[place] = handler.columns[rank], -score
    sound = [place for place, cell in written if not is_foreign(cell)]
    seen_places = [place for place in sound if place + 1 not in hidden and not is_calculated(samples[place].cells)]
    _take_what_is_left(handler, chosen, seen_places, samples, clues)
    _find_the_name(handler, chosen, sound, samples)
    _put_in_order(handler, chosen, samples)
    headings, seen = [], set()
    for place, cell in written:
        text = str(cell)
        if squash(text).casefold() in seen:  # two columns with one heading must both show in the report
            text = f"{text} (colonne {place + 1})"
        seen.add(squash(text).casefold())
        found = chosen.get(place)
        headings.append(
            Heading(place + 1, text, found[0].name if found else None, min(found[1], 1.0) if found else 0.0)
        )
    return headings


def _take_what_is_left(
    handler: SheetHandler, chosen: dict[int, tuple[Column, float]], written: Sequence[int], samples: Sequence[Sample],
    clues: Clues,
) -> None:  # fmt: skip
    """Where a single column is left whose cells could be those of a single column not found (the only dates, the only
    phone numbers), it is taken for it. Never sure: somebody should confirm."""
    taken = {column.name for column, _score in chosen.values()}
    missing = [one for one in handler.columns if one.name not in taken and strength_of(one) >= _TELLING]
    pairs = [
        (column, place)
        for place in written if place not in chosen
        for column in missing if content_score(column, handler, samples[place], clues) >= _TELLING
    ]  # fmt: skip
    columns, places = Counter(column.name for column, _place in pairs), Counter(place for _column, place in pairs)
    for column, place in pairs:
        if columns[column.name] == places[place] == 1:
            chosen[place] = column, ACCEPTED


def _find_the_name(
    handler: SheetHandler, chosen: dict[int, tuple[Column, float]], written: Sequence[int],
    samples: Sequence[Sample],
) -> None:  # fmt: skip
    """Where no heading is that of the name, without which no row can be imported: the first column left that holds
    short texts, each different (fewer where a name is its owner's: « Bureau principal »). Never sure: somebody should
    confirm."""
    column = next((column for column in handler.columns if column.name == handler.title_column), None)
    if column is None or any(taken is column for taken, _score in chosen.values()):
        return
    different = 0.7 if _identifies_alone(handler, column.name) else 0.1
    free = (place for place in written if place not in chosen)
    place = next((place for place in free if looks_like_names(samples[place].cells, different)), None)
    if place is not None:
        chosen[place] = column, ACCEPTED


def _put_in_order(handler: SheetHandler, chosen: dict[int, tuple[Column, float]], samples: Sequence[Sample]) -> None:
    """Swap two columns whose contents say that they were taken one for the other (an age « from » above its « to »)."""
    places = {column.name: place for place, (column, _score) in chosen.items()}
    for low, high in handler.in_order:
        if low not in places or high not in places:
            continue
        one, other = places[low], places[high]
        pairs = [(rank_of(a), rank_of(b)) for a, b in zip(samples[one].cells, samples[other].cells, strict=True)]
        known = [(a, b) for a, b in pairs if a is not None and b is not None and a != b]
        if len(known) >= 4 and sum(a > b for a, b in known) > 0.8 * len(known):
            chosen[one], chosen[other] = chosen[other], chosen[one]
