"""Which record each row is: by its code, else by the exact normalised key; what cannot be imported at all.

Source: the identity rules of the workbook (organisme: nom + type; lieu, service: organisme + nom; contact: organisme +
service + nom; obligation: entente + partie + texte + échéance).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.text import fold

from .headings import SheetPlan
from .lookalikes import Lookalikes
from .lookup import Lookup
from .sheets import ANY, Known, Rejection, SheetHandler, handlers
from .values import UNREADABLE, Reading, clean_text, is_blank

_TOTAL = re.compile(
    r"^\W*(?:(?:sous|grand)[- ]?)?tota(?:l|ux)\b|^\W*(?:nb|nbre|nombre|compte|somme|count|sum)\b"
    r"|^\W*fin(?: (?:de |du )?(?:la )?(?:liste|fichier|tableau))?\W*$"
)
# « *** À VALIDER *** », « --- SHERBROOKE --- », « ===== »
_SEPARATOR = re.compile(r"^\s*([*\-=_#~•·>—–]{2,})")


@dataclass(slots=True)
class MatchedRow:
    """A row that is a record: an existing one (`pk`), or a new one, with the code that it has or gets."""

    row: int
    identity: tuple[str, ...] | None
    code: str = ""
    label: str = ""
    pk: int | None = None
    untouchable: str = ""
    # « name ≈ other name » where the row may be a duplicate.
    lookalike: str = ""
    name: str = ""


@dataclass
class Match:
    """Everything that the rows of one kind are. Keyed by `id(plan)`: several sheets may hold one kind."""

    rows: dict[int, dict[int, MatchedRow]] = field(default_factory=lambda: defaultdict(dict))
    rejected: dict[int, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    absent: int = 0
    _identities: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def namesakes(self, identity: tuple[str, ...] | None) -> int:
        """How many records of the database have this identity."""
        return self._identities[identity] if identity is not None else 0


def reserve_codes(plans: Sequence[SheetPlan], lookup: Lookup) -> None:
    """Note every code that the file speaks of: a new code must not make a dangling reference point somewhere."""
    prefixes = [handler.code_prefix for handler in handlers() if handler.code_prefix]
    if not prefixes:
        return
    spoken = re.compile(rf"\b(?:{'|'.join(prefixes)})[-0-9]*\d\b", re.IGNORECASE)
    for plan in plans:
        for _number, cells in mapped_rows(plan):
            for cell in cells.values():
                if isinstance(cell, str):
                    lookup.reserved.update(code.upper() for code in spoken.findall(cell))


def mapped_rows(plan: SheetPlan) -> Iterator[tuple[int, dict[str, Any]]]:
    """(row number, cells by canonical column) of each row under the headings that holds something."""
    positions = plan.positions
    for number, row in plan.sheet.rows():
        if number <= plan.header_row:
            continue
        cells = {name: row[position] if position < len(row) else "" for name, position in positions.items()}
        if any(not is_blank(cell) for cell in cells.values()):
            yield number, cells


def match_rows(
    handler: SheetHandler, plans: Sequence[SheetPlan], known: Sequence[Known], lookup: Lookup, epoch: dt.date
) -> Match:
    """Match the rows of every sheet of one kind with the records of the database."""
    match = Match()
    match._identities = Counter(record.identity for record in known)
    by_code = {record.code.upper(): record for record in known if record.code}
    claimed: set[int] = set()
    seen: dict[str, tuple[str, ...] | None] = {}
    without_code: list[tuple[int, MatchedRow, tuple[str, tuple[str, ...], str]]] = []
    for plan in plans:
        for number, cells in mapped_rows(plan):
            reading = Reading(number, lookup, epoch=epoch, raw=cells)
            try:
                row, names = _identify(handler, plan, number, cells, reading, by_code)
                if row.code:
                    _claim_code(row, by_code, seen, claimed)
            except Rejection as rejection:
                match.rejected[id(plan)].append((number, rejection.reason))
                continue
            match.rows[id(plan)][number] = row
            if row.code:
                lookup[handler.name].add(row.code, *names)
            else:
                without_code.append((id(plan), row, names))
    _match_by_key(handler, match, without_code, known, by_code, claimed, lookup)
    if handler.detects_duplicates:
        _find_lookalikes(match, without_code, known)
    for rows in match.rows.values():
        for row in rows.values():
            row.label = handler.label(row.code, row.identity)
    touched = {row.pk for rows in match.rows.values() for row in rows.values() if row.pk is not None}
    match.absent = sum(record.pk not in touched and record.untouchable != "brouillon_non_publie" for record in known)
    return match


def _identify(
    handler: SheetHandler, plan: SheetPlan, number: int, cells: dict[str, Any], reading: Reading,
    by_code: dict[str, Known],
) -> tuple[MatchedRow, tuple[str, tuple[str, ...], str]]:  # fmt: skip
    code = ""
    if handler.code_column in cells:
        typed = handler.read(handler.by_name[handler.code_column], cells[handler.code_column], reading)
        code = "" if typed is UNREADABLE else typed
    typed_cells: dict[str, Any] = {}
    for name in handler.identity_columns:
        if name in cells:
            reading.heading = name
            typed_cells[name] = reading.values[name] = handler.read(handler.by_name[name], cells[name], reading)
    if _is_total(handler, cells):
        raise Rejection("ligne_total")
    identity = handler.identify(typed_cells, reading, code.upper() in by_code)
    readable = {name: value for name, value in typed_cells.items() if value is not UNREADABLE}
    names = handler.names(readable, identity)
    return MatchedRow(number, identity, code, name=names[0]), names


def _claim_code(
    row: MatchedRow, by_code: dict[str, Known], seen: dict[str, tuple[str, ...] | None], claimed: set[int]
) -> None:
    if row.code in seen:
        raise Rejection("ligne_en_double" if seen[row.code] == row.identity else "code_en_double")
    seen[row.code] = row.identity
    record = by_code.get(row.code.upper())
    if record is not None:
        row.code, row.pk, row.untouchable = record.code, record.pk, record.untouchable
        claimed.add(record.pk)


def _match_by_key(
    handler: SheetHandler, match: Match, without_code: list[tuple[int, MatchedRow, tuple[str, tuple[str, ...], str]]],
    known: Sequence[Known], by_code: dict[str, Known], claimed: set[int], lookup: Lookup,
) -> None:  # fmt: skip
    free = _Free(record for record in known if record.pk not in claimed)
    found = {id(row): free.take(row.identity) for _plan, row, _names in without_code if not _is_vague(row.identity)}
    found |= {id(row): free.take(row.identity) for _plan, row, _names in without_code if _is_vague(row.identity)}
    used = set(by_code) | {row.code.upper() for rows in match.rows.values() for row in rows.values() if row.code}
    new_codes = handler.new_codes(used, lookup.reserved) if handler.code_column else iter(())
    in_file: set[tuple[str, ...]] = set()
    rejected: set[tuple[int, int]] = set()
    for plan_id, row, names in without_code:
        record = found[id(row)]
        if record is not None:
            row.code, row.pk, row.untouchable = record.code, record.pk, record.untouchable
        elif not handler.code_column and not handler.repeats and row.identity in in_file:
            match.rejected[plan_id].append((row.row, "ligne_en_double"))
            rejected.add((plan_id, row.row))
            continue
        elif handler.code_column:
            row.code = next(new_codes)
        else:
            row.code = names[0]
        in_file.add(row.identity or ())
        if row.code:
            lookup[handler.name].add(row.code, *names)
    for plan_id, number in rejected:
        del match.rows[plan_id][number]


class _Free:
    """Records that no row has claimed yet. Each is given once, the oldest first."""

    def __init__(self, records: Iterable[Known]) -> None:
        self._by_identity: dict[tuple[str, ...], list[Known]] = defaultdict(list)
        self._by_first: dict[str, list[Known]] = defaultdict(list)
        self._given: set[int] = set()
        for record in records:
            self._by_identity[record.identity].append(record)
            self._by_first[record.identity[0]].append(record)

    def take(self, identity: tuple[str, ...] | None) -> Known | None:
        """The record that has this identity; where a part of it is unknown, the only one that it can be."""
        if identity is None:
            return None
        candidates = self._left(self._by_identity.get(identity, ()))
        if not candidates and _is_vague(identity):
            blank = tuple("" if part == ANY else part for part in identity)
            like = [record for record in self._by_first.get(identity[0], ()) if _may_be(identity, record.identity)]
            candidates = self._left(record for record in like if record.identity == blank) or self._left(like)
            candidates = candidates if len({record.identity for record in candidates}) == 1 else []
        if not candidates:
            return None
        self._given.add(candidates[0].pk)
        return candidates[0]

    def _left(self, records: Iterable[Known]) -> list[Known]:
        return [record for record in records if record.pk not in self._given]


def _is_vague(identity: tuple[str, ...] | None) -> bool:
    return identity is not None and ANY in identity


def _may_be(identity: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return len(identity) == len(other) and all(part in (ANY, held) for part, held in zip(identity, other, strict=True))


def _is_total(handler: SheetHandler, cells: dict[str, Any]) -> bool:
    """A line that holds no record: a total, or a separator (« --- SHERBROOKE --- ») with next to nothing around."""
    filled = [cell for cell in cells.values() if not is_blank(cell)]
    texts = [cell for cell in filled if isinstance(cell, str)]
    if len(texts) == 1 and _TOTAL.match(fold(clean_text(texts[0]))):
        return True
    if len(filled) == len(texts) == 1 and is_blank(cells.get(handler.title_column)) and not re.search(r"\d", texts[0]):
        return True  # a lone word where no name is: the title of a section
    return len(filled) == len(texts) <= 2 and bool(texts) and all(_SEPARATOR.match(clean_text(text)) for text in texts)


def _find_lookalikes(match: Match, without_code: Iterable[tuple[int, MatchedRow, Any]], known: Sequence[Known]) -> None:
    """Flag new rows whose name is nearly that of another record. A code of its own says that a row is itself."""
    new = {id(row) for _plan, row, _names in without_code if row.pk is None}
    if not new and not known:
        return
    pool = Lookalikes()
    for record in known:
        pool.add(record.name)
    everything = [row for rows in match.rows.values() for row in rows.values()]
    if known:
        for row in everything:
            if row.pk is None and id(row) not in new:
                row.lookalike = pool.of(row.name, exact_only=True)
    for row in everything:
        if id(row) not in new:
            pool.add(row.name)
    for row in sorted((row for row in everything if id(row) in new), key=lambda row: row.row):
        row.lookalike = pool.of(row.name)
        pool.add(row.name)
