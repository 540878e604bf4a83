"""What the demo network teaches: its rows by sheet, the pieces of its names, who goes with what."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from python_calamine import CalamineWorkbook

DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "reseau.xlsx"

Row = dict[str, Any]
PROVINCIAL = "Ligne téléphonique provinciale"
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_VOWELS = "aeiouyàâéèêëîïôöû"


@dataclass
class Learned:
    """The rows of each sheet of the demo network, by heading; headings in order."""

    headings: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)

    @classmethod
    def from_demo(cls, path: Path = DEMO) -> Learned:
        found = cls()
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            first, *rest = book.get_sheet_by_name(name).to_python()
            headings = [str(cell) for cell in first]
            found.headings[name] = headings
            found.rows[name] = [dict(zip(headings, row, strict=True)) for row in rest]
        return found

    def share(self, sheet: str, column: str) -> float:
        """How often a column is filled."""
        rows = self.rows[sheet]
        return sum(row[column] not in ("", None) for row in rows) / len(rows)

    def per_service(self, sheet: str) -> float:
        """Rows of this sheet for one service."""
        return len(self.rows[sheet]) / len(self.rows["Services"])

    def draw(self, rng: Random, sheet: str, column: str) -> Any:
        """A value of this column, as often as the demo network has it (blanks included)."""
        return rng.choice(self.rows[sheet])[column]

    # --- Organizations and services

    @cached_property
    def organizations(self) -> dict[str, list[Row]]:
        """By type of partner, those that are met everywhere (a provincial line is one of a kind)."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows["Organismes"]:
            found[row["Type de partenaire"]].append(row)
        return dict(found)

    @cached_property
    def services_of(self) -> dict[str, list[Row]]:
        """Services by code of the organization."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows["Services"]:
            found[row["Organisme"]].append(row)
        return dict(found)

    @cached_property
    def services_by_type(self) -> dict[str, list[Row]]:
        kinds = {row["Code"]: row["Type de partenaire"] for row in self.rows["Organismes"]}
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows["Services"]:
            found[kinds[row["Organisme"]]].append(row)
        return dict(found)

    @cached_property
    def sentences(self) -> dict[str, list[str]]:
        """Sentences of the descriptions that follow the first, by first need of the service."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in self.rows["Services"]:
            found[first_need(row)].extend(_SENTENCE.split(row["Description"])[1:])
        return dict(found)

    # --- Names

    @cached_property
    def heads(self) -> dict[str, list[str]]:
        """How names begin, by type of partner: « Maison », « École primaire des », « Centre d'action bénévole »."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in self.rows["Organismes"]:
            head, _space, _own = row["Nom"].rpartition(" ")
            if head and row["Type de partenaire"] != PROVINCIAL:
                found[row["Type de partenaire"]].append(head)
        return dict(found)

    @cached_property
    def own_parts(self) -> list[str]:
        """Pieces of proper names: « Basse », « Rive », « Deuxième », « Souffle »."""
        words = (row["Nom"].rpartition(" ")[2] for row in self.rows["Organismes"])
        parts = {part for word in words for part in word.split("-") if len(part) > 3 and part[0].isupper()}
        return sorted(parts)

    @cached_property
    def first_names(self) -> list[str]:
        return sorted({row["Nom"].split(" ")[0] for row in self.rows["Contacts"]})

    @cached_property
    def _name_halves(self) -> tuple[list[str], list[str]]:
        begins, ends = set(), set()
        for row in self.rows["Contacts"]:
            for name in row["Nom"].partition(" ")[2].split("-"):
                cuts = [
                    at for at in range(3, len(name) - 2) if name[at].lower() not in _VOWELS and name[at - 1] in _VOWELS
                ]
                for at in cuts:
                    begins.add(name[:at])
                    ends.add(name[at:].lower())
        return sorted(begins), sorted(ends)

    def surname(self, rng: Random) -> str:
        """An invented surname: the beginning of one and the end of another."""
        begins, ends = self._name_halves
        return rng.choice(begins) + rng.choice(ends)

    def own_name(self, rng: Random) -> str:
        """What is proper to an organization: « Rive-Soleil », « Pelletrinelle », « Rive-Caronade »."""
        one = rng.choice(self.own_parts)
        kind = rng.random()
        if kind < 0.4:
            return f"{one}-{rng.choice(self.own_parts)}"
        return self.surname(rng) if kind < 0.7 else f"{one}-{self.surname(rng)}"


def first_need(row: Row) -> str:
    return str(row["Besoins"]).split(" ; ")[0]


def split(cell: Any) -> list[str]:
    """Several values in one cell."""
    return [item for item in str(cell or "").split(" ; ") if item]


def counts(rng: Random, total: int, choices: list[int]) -> Iterator[int]:
    """Numbers drawn from `choices` until their sum is `total` exactly."""
    left = total
    while left > 0:
        number = min(rng.choice(choices), left)
        left -= number
        yield number
