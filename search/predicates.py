"""What can be asked of an indexed service, in a form that no engine owns.

`search.ranking` writes questions with these; each engine translates them; `matches` is their meaning in plain Python,
used to explain hits and, in the tests, to check that an engine computes what it should.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from . import analysis

# Text fields of a document (see documents.texts).
TEXTS = ("name", "needs", "organization", "keywords", "description", "about")

# How a word meets a field. Each mode is wider than the one before: exact ⊂ stem ⊂ loose.
EXACT, STEM, LOOSE = "exact", "stem", "loose"


@dataclass(frozen=True, slots=True)
class Terms:
    """One of the values of a keyword or integer field is one of these."""

    field: str
    values: tuple[str, ...] | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word in one of several text fields.

    `exact`: unstemmed and whole. `stem`: the same stem, or exact. `loose`: besides, a typo (see `edits`) or, where
    ``prefix``, a word that begins with it.
    """

    fields: tuple[str, ...]
    word: str
    mode: str = STEM
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """An integer field within bounds, both included; None is no bound."""

    field: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class During:
    """One of the intervals of a field (disjoint, both ends included) holds this point."""

    field: str
    point: int


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Predicate


@dataclass(frozen=True, slots=True)
class Everything:
    pass


Predicate = Terms | Word | Between | During | AnyOf | AllOf | Not | Everything
NOTHING = AnyOf(())


def any_of(parts: Iterable[Predicate]) -> Predicate:
    kept = tuple(dict.fromkeys(parts))
    return kept[0] if len(kept) == 1 else AnyOf(kept)


def all_of(parts: Iterable[Predicate]) -> Predicate:
    kept = tuple(part for part in dict.fromkeys(parts) if not isinstance(part, Everything))
    return kept[0] if len(kept) == 1 else AllOf(kept) if kept else Everything()


def edits(word: str) -> int:
    """How many letters a typo may change (insertion, deletion, substitution, swap); the first letter must be right."""
    return 0 if len(word) < 5 or not word.isalpha() else 1 if len(word) < 9 else 2


class Entry(Protocol):
    """An indexed service, as `matches` reads it."""

    def values(self, field: str) -> Collection[Any]: ...

    def words(self, field: str) -> Iterable[str]: ...

    def stems(self, field: str) -> Iterable[str]: ...

    def intervals(self, field: str) -> Iterable[Sequence[int]]: ...


def matches(predicate: Predicate, entry: Entry) -> bool:
    """Does this service answer? The reference that engines are tested against."""
    match predicate:
        case Terms(field, values):
            held = entry.values(field)
            return values[0] in held if len(values) == 1 else not set(values).isdisjoint(held)
        case Word():
            return any(_meets(predicate, entry, field) for field in predicate.fields)
        case Between(field, low, high):
            return any(
                (low is None or value >= low) and (high is None or value <= high) for value in entry.values(field)
            )
        case During(field, point):
            return any(start <= point <= end for start, end in entry.intervals(field))
        case AnyOf(parts):
            return any(matches(part, entry) for part in parts)
        case AllOf(parts):
            return all(matches(part, entry) for part in parts)
        case Not(part):
            return not matches(part, entry)
        case _:
            return True


def _meets(asked: Word, entry: Entry, field: str) -> bool:
    found = set(entry.words(field))
    if asked.word in found:
        return True
    if asked.mode == EXACT:
        return False
    if analysis.stem(asked.word) in set(entry.stems(field)):
        return True
    return asked.mode == LOOSE and not found.isdisjoint(near_words(asked, found))


def near_words(asked: Word, vocabulary: Iterable[str]) -> list[str]:
    """The words of a vocabulary (of one index) that a loose word stands for, itself left out."""
    from rapidfuzz.distance import OSA

    limit, word = edits(asked.word), asked.word
    return [
        other
        for other in vocabulary
        if other != word
        and other[:1] == word[:1]
        and (
            (asked.prefix and len(word) >= 2 and other.startswith(word))
            or (limit and other.isalpha() and OSA.distance(word, other, score_cutoff=limit) <= limit)
        )
    ]
