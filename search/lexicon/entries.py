"""Reading the shipped lexicon: CSV files written by people, checked as they are read.

expressions_*.csv  need, expression, kind (synonym, acronym, lay, former), weight 3 (enough alone) … 1 (a hint)
classes_*.csv      class, word: what `{class}` stands for in an expression; files with the same class are united
related_*.csv      need, related, weight ]0, 1[: whose services are a sensible second answer
audience_*.csv     expression, field (age_min, age_max, gender), value: what a word reveals of the person concerned
concerned_*.csv    need, age_min, age_max, sex: whom the need concerns; outside of it, it is less likely
places_*.csv       place, territory: names of places that the tree of territories does not hold
everyday_*.csv     word: said every day, so that alone it names nobody although an organisation bears it
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from registry.text import fold

FOLDER = Path(__file__).resolve().parent
KINDS = frozenset({"synonym", "acronym", "lay", "former"})


class LexiconError(ValueError):
    """A line of a lexicon file cannot be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One way of saying a need. `weight`: 3 says it alone, 2 probably, 1 is only a hint."""

    need: str
    expression: str
    kind: str
    weight: int


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom a need concerns: years, both included, and a sex (blank = either)."""

    low: int
    high: int
    sex: str


@dataclass(frozen=True, slots=True)
class Shipped:
    """All the files, read once per process. `digest` changes when any of them does."""

    entries: tuple[Entry, ...]
    classes: dict[str, tuple[str, ...]]
    related: dict[str, tuple[tuple[str, float], ...]]
    audience: tuple[tuple[str, str, str], ...]
    concerned: dict[str, Concerned]
    places: tuple[tuple[str, str], ...]
    everyday: frozenset[str]
    digest: str


def _rows(prefix: str) -> Iterator[tuple[str, list[str]]]:
    """The data rows of every file with this prefix, each with « file:line »."""
    for path in sorted(FOLDER.glob(f"{prefix}_*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream)
            next(reader, None)
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield f"{path.name}:{reader.line_num}", [cell.strip() for cell in row]


def _entry(where: str, row: list[str]) -> Entry:
    if len(row) != 4 or row[2] not in KINDS or row[3] not in {"1", "2", "3"} or not row[0] or not row[1]:
        raise LexiconError(f"{where}: expected need, expression, kind, weight; found {row!r}")
    return Entry(row[0], row[1], row[2], int(row[3]))


def _concerned(where: str, row: list[str]) -> Concerned:
    try:
        return Concerned(int(row[1]), int(row[2]), row[3])
    except (IndexError, ValueError) as error:
        raise LexiconError(f"{where}: expected need, age_min, age_max, sex; found {row!r}") from error


@lru_cache(maxsize=1)
def shipped() -> Shipped:
    """The lexicon as shipped. Raises LexiconError where a line cannot be read."""
    classes: dict[str, list[str]] = {}
    for where, row in _rows("classes"):
        if len(row) != 2:
            raise LexiconError(f"{where}: expected class, word; found {row!r}")
        classes.setdefault(row[0], []).append(row[1])
    related: dict[str, dict[str, float]] = {}
    for where, row in _rows("related"):
        try:
            need, other, weight = row[0], row[1], float(row[2])
        except (IndexError, ValueError) as error:
            raise LexiconError(f"{where}: expected need, related, weight; found {row!r}") from error
        known = related.setdefault(need, {})
        known[other] = max(weight, known.get(other, 0.0))
    digest = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.csv")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return Shipped(
        entries=tuple(dict.fromkeys(_entry(where, row) for where, row in _rows("expressions"))),
        classes={name: tuple(dict.fromkeys(words)) for name, words in classes.items()},
        related={need: tuple(sorted(others.items(), key=lambda x: (-x[1], x[0]))) for need, others in related.items()},
        audience=tuple((row[0], row[1], row[2]) for _, row in _rows("audience") if len(row) == 3),
        concerned={row[0]: _concerned(where, row) for where, row in _rows("concerned")},
        places=tuple((row[0], row[1]) for _, row in _rows("places") if len(row) == 2),
        everyday=frozenset(fold(row[0]) for _, row in _rows("everyday")),
        digest=digest.hexdigest()[:16],
    )
