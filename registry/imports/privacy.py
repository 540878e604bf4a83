"""What of a workbook must not be shown or kept: the addresses of confidential places, wherever they stand in it.

Source: domain.md, « Confidential address ». When it cannot be told, nothing is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.db.models import Q

from registry import postal_codes
from registry.models import ImportLine, LineKind, Location
from registry.text import fold, key
from registry.workbook.headings import ACCEPTED, Heading, SheetPlan, heading_score
from registry.workbook.places import FLAG, SECRET_FIELDS
from registry.workbook.reader import ErrorCell, FormulaCell
from registry.workbook.sheets import handler_named
from registry.workbook.values import CONFIDENTIAL, boolean, clean_text, degrees, is_blank, shorten

PLACES = "Lieux"
_STREET = re.compile(
    r"\d.*\b(?:rue|avenue|av|boulevard|boul|bd|chemin|ch|rang|route|rte|place|montee|cote|terrasse|street|road)\b"
)
_POSTAL = re.compile(r"[a-z]\d[a-z][ -]?\d[a-z]\d", re.IGNORECASE)
_SHOWN = 60


class Privacy:
    """Which cells may be shown, against the confidential places of the network (read once, two columns)."""

    @cached_property
    def _confidential(self) -> tuple[set[str], set[str]]:
        rows = Location.all_objects.filter(is_confidential=True).values_list("code", "name")
        known = list(rows)
        return {code.upper() for code, _name in known}, {key(name) for _code, name in known}

    def samples(
        self, plan: SheetPlan, heading: Heading, rows: Sequence[Sequence[Any]], count: int
    ) -> tuple[list[str], bool]:
        """(a few different values of a column, True where values exist and are withheld)."""
        place = heading.position - 1
        held = [row for row in rows if place < len(row) and not is_blank(row[place])]
        cells = [row[place] for row in held]
        if not held:
            return [], False
        if says_where(heading.written) or any(looks_like_an_address(cell) for cell in cells):
            return [], True
        if plan.handler.name == PLACES:
            held = [row for row in held if self.is_public(plan, row)]
        shown = list(dict.fromkeys(_shown(row[place]) for row in held))
        return shown[:count], not shown

    def is_public(self, plan: SheetPlan, row: Sequence[Any]) -> bool:
        """True where a row of places says that its address is public, and the network says nothing else."""
        flag = self._cell(plan, row, FLAG)
        return flag is not None and boolean(flag) is False and not is_blank(flag) and not self._is_known(plan, row)

    def masked(self, plan: SheetPlan, row: Sequence[Any]) -> list[Any]:
        """The cells of a row under its headings, as they may be kept: nothing of a confidential place but what its
        own columns say of it."""
        cells = [row[heading.position - 1] if heading.position <= len(row) else "" for heading in plan.headings]
        if plan.handler.name != PLACES or not self._may_be_confidential(plan, row):
            return cells
        return [
            CONFIDENTIAL
            if not is_blank(cell) and (heading.canonical is None or heading.canonical in SECRET_FIELDS)
            else cell
            for heading, cell in zip(plan.headings, cells, strict=True)
        ]

    def _may_be_confidential(self, plan: SheetPlan, row: Sequence[Any]) -> bool:
        if FLAG in plan.positions:
            return not self.is_public(plan, row) and not self._blank_flag_of_public(plan, row)
        return self._is_known(plan, row)

    def _blank_flag_of_public(self, plan: SheetPlan, row: Sequence[Any]) -> bool:
        """A blank flag means « no » to the import; not where the network says yes."""
        flag = self._cell(plan, row, FLAG)
        return (flag is None or is_blank(flag)) and not self._is_known(plan, row)

    def _is_known(self, plan: SheetPlan, row: Sequence[Any]) -> bool:
        codes, names = self._confidential
        code, name = self._cell(plan, row, "Code"), self._cell(plan, row, "Nom du lieu")
        return clean_text(code).upper() in codes or (name is not None and key(clean_text(name)) in names)

    @staticmethod
    def _cell(plan: SheetPlan, row: Sequence[Any], column: str) -> Any:
        position = plan.positions.get(column)
        cell = row[position] if position is not None and position < len(row) else None
        return cell.cached if isinstance(cell, FormulaCell) else cell


def says_where(heading: str) -> bool:
    """True for a heading that speaks of an address, a postal code or a point."""
    handler = handler_named(PLACES)
    assert handler is not None
    return any(heading_score(handler.by_name[name], heading) >= ACCEPTED for name in SECRET_FIELDS)


def looks_like_an_address(cell: Any) -> bool:
    cell = cell.cached if isinstance(cell, FormulaCell) else cell
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        number = degrees(cell)
        return number is not None and number != number.to_integral_value() and (44 < number < 63 or -80 < number < -57)
    text = clean_text(cell)
    if _POSTAL.search(text):
        return True
    try:
        postal_codes.normalise(text)
    except postal_codes.InvalidPostalCode:
        return _STREET.search(fold(text)) is not None
    return True


def _shown(cell: Any) -> str:
    if isinstance(cell, FormulaCell):
        return "(formule)"
    if isinstance(cell, ErrorCell):
        return cell.error
    return shorten(clean_text(cell))[:_SHOWN]


def scrub(places: Mapping[str, str]) -> None:
    """Take the address of these places (code → name) out of every line kept of earlier imports: they have become
    confidential."""
    names = {key(name) for name in places.values()}
    about = Q(label__in=list(places)) | Q(kind=LineKind.REJECTED)
    masked = []
    for line in ImportLine.objects.filter(about, target=PLACES):
        if line.label not in places and not names & {key(cell) for cell in line.cells if isinstance(cell, str)}:
            continue
        fields = {name: _masked_field(name, pair) for name, pair in line.fields.items()}
        if fields != line.fields or line.cells or line.value:
            line.fields, line.cells, line.value = fields, [], ""
            masked.append(line)
    ImportLine.objects.bulk_update(masked, ["fields", "cells", "value"], batch_size=400)


def _masked_field(name: str, pair: Sequence[Any]) -> list[Any]:
    return [CONFIDENTIAL if part not in ("", None) else part for part in pair] if name in SECRET_FIELDS else list(pair)
