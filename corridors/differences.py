"""What changes between two texts of an entente, in words: term by term, clause by clause, corridor by corridor.

Pure: terms in (see `corridors.canonical`), structures out; a page draws them with <del> and <ins>.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from .canonical import CHOICES, SIMPLE
from .reading import (
    CLAUSE_FIELDS,
    CORRIDOR_FIELDS,
    FIELDS,
    OBLIGATION_FIELDS,
    PARTY_FIELDS,
    Labels,
    corridor_name,
    corridor_values,
    shown,
)


class Change(StrEnum):
    ADDED = "ajout"
    REMOVED = "retrait"
    CHANGED = "modification"
    MOVED = "déplacement"


class Word(StrEnum):
    """What becomes of some words."""

    KEPT = "kept"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words in a row. KEPT and OUT make the old text; KEPT and IN make the new one."""

    word: Word
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changes. `term`: the key of the terms that it belongs to (`corridors.canonical.KEYS`); `key`: of
    the clause, the corridor or the party in it. `old` and `new` in words, blank when there was, or is, nothing.

    `pieces` compares the main text word by word; `parts` holds the fields that change inside a party, a clause, a
    contribution or a corridor (each a Difference whose `key` is the field's). `number`: of a clause, from 1.
    """

    term: str
    key: str
    label: str
    change: Change
    old: str = ""
    new: str = ""
    pieces: tuple[Piece, ...] = ()
    parts: tuple[Difference, ...] = ()
    number: int | None = None

    @property
    def heading(self) -> str:
        """« 4. Délai de déplacement » for a clause, the label for the rest."""
        return f"{self.number}. {self.label}" if self.number else self.label


# A word, hyphens and apostrophes included; blanks; or one sign of punctuation.
_TOKEN = re.compile(r"\s+|\w+(?:[-\u2011'’]\w+)*[-'’]?|[^\w\s]")
_LONG = 3000  # words and signs beyond which sentences are compared first: comparing words costs their product
_SENTENCE = re.compile(r"[^.!?;\n]*(?:[.!?;]+\s*|\n+|$)")
_ISLAND = 2  # words left alone between two changes, fewer than what changes around: read better as changed too
_ALIKE = 0.5  # of two contributions of the same party: a reworded one, rather than one gone and another come


def words(old: str, new: str) -> tuple[Piece, ...]:
    """The pieces that turn `old` into `new`, whole words at a time. Equal texts: one piece, or none when blank."""
    long = len(_TOKEN.findall(old)) + len(_TOKEN.findall(new)) > _LONG
    found = _by_sentences(old, new) if long else _by_words(old, new)
    return tuple(_blanks_kept(_joined(_without_islands(_joined(found)))))


@dataclass(frozen=True, slots=True)
class _Unit:
    """A word, or a sign, and the blanks before it: two units are the same word whatever these."""

    blank: str
    word: str

    @property
    def text(self) -> str:
        return self.blank + self.word


def _units(text: str) -> list[_Unit]:
    """The last one holds the blanks at the end of the text, and no word."""
    found, blank = [], ""
    for token in _TOKEN.findall(text):
        if token.isspace():
            blank = token
        else:
            found.append(_Unit(blank, token))
            blank = ""
    return [*found, _Unit(blank, "")]


def _matcher(before: Sequence[_Unit], after: Sequence[_Unit]) -> SequenceMatcher[str]:
    return SequenceMatcher(None, [unit.word for unit in before], [unit.word for unit in after], autojunk=False)


def _by_words(old: str, new: str) -> list[Piece]:
    before, after = _units(old), _units(new)
    found: list[Piece] = []
    for tag, a1, a2, b1, b2 in _matcher(before, after).get_opcodes():
        if tag != "equal":
            found.append(Piece(Word.OUT, "".join(unit.text for unit in before[a1:a2])))
            found.append(Piece(Word.IN, "".join(unit.text for unit in after[b1:b2])))
            continue
        for one, other in zip(before[a1:a2], after[b1:b2], strict=True):
            if one.blank != other.blank:
                found += [Piece(Word.OUT, one.blank), Piece(Word.IN, other.blank), Piece(Word.KEPT, one.word)]
            else:
                found.append(Piece(Word.KEPT, one.text))
    return found


def _by_sentences(old: str, new: str) -> list[Piece]:
    before, after = ([part for part in _SENTENCE.findall(text) if part] for text in (old, new))
    found: list[Piece] = []
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = "".join(before[a1:a2]), "".join(after[b1:b2])
        if tag == "equal":
            found.append(Piece(Word.KEPT, gone))
        elif len(gone) + len(come) > _LONG * 6:  # no two sentences alike: one replaces the other
            found += [Piece(Word.OUT, gone), Piece(Word.IN, come)]
        else:
            found += _by_words(gone, come)
    return found


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Blank pieces dropped; between two kept pieces, what goes out is one piece, and what comes in is one after it."""
    found: list[Piece] = []
    out, come = "", ""
    for piece in [*pieces, None]:
        if piece is not None and piece.word == Word.OUT:
            out += piece.text
        elif piece is not None and piece.word == Word.IN:
            come += piece.text
        elif piece is None or piece.text:
            found += [item for item in (Piece(Word.OUT, out), Piece(Word.IN, come)) if item.text]
            out, come = "", ""
            if piece is None:
                continue
            if found and found[-1].word == Word.KEPT:
                found[-1] = Piece(Word.KEPT, found[-1].text + piece.text)
            else:
                found.append(piece)
    return found


def _blanks_kept(pieces: Sequence[Piece]) -> list[Piece]:
    """The blanks with which both an outgoing piece and the one that replaces it begin are nobody's change."""
    found: list[Piece] = []
    for place, piece in enumerate(pieces):
        follower = pieces[place + 1] if place + 1 < len(pieces) else None
        if piece.word == Word.OUT and follower is not None and follower.word == Word.IN:
            common = _common_blank(piece.text, follower.text)
            kept = [Piece(Word.KEPT, common)] if common else []
            found += [*kept, Piece(Word.OUT, piece.text[len(common) :])]
        elif piece.word == Word.IN and place and pieces[place - 1].word == Word.OUT:
            found.append(Piece(Word.IN, piece.text[len(_common_blank(pieces[place - 1].text, piece.text)) :]))
        else:
            found.append(piece)
    return _joined(found)


def _common_blank(one: str, other: str) -> str:
    size = 0
    while size < min(len(one), len(other)) and one[size] == other[size] and one[size].isspace():
        size += 1
    return one[:size]


def _weight(pieces: Iterable[Piece]) -> int:
    return max((_count(piece.text) for piece in pieces), default=0)


def _count(text: str) -> int:
    return sum(token[0].isalnum() for token in _TOKEN.findall(text) if token.strip())


def _without_islands(pieces: Sequence[Piece]) -> list[Piece]:
    """« <del>a</del> de <del>b</del> » is harder to read than « <del>a de b</del> »."""
    found: list[Piece] = []
    for place, piece in enumerate(pieces):
        if piece.word == Word.KEPT and 0 < place < len(pieces) - 1 and "\n" not in piece.text:
            size = _count(piece.text)
            around = [_weight(_run(pieces, place, -1)), _weight(_run(pieces, place, 1))]
            if size == 0 or (size <= _ISLAND and size < min(around)):
                found += [Piece(Word.OUT, piece.text), Piece(Word.IN, piece.text)]
                continue
        found.append(piece)
    return found


def _run(pieces: Sequence[Piece], place: int, step: int) -> list[Piece]:
    """The changed pieces next to a kept one, on one side."""
    found = []
    place += step
    while 0 <= place < len(pieces) and pieces[place].word != Word.KEPT:
        found.append(pieces[place])
        place += step
    return found


def compare(old: Mapping[str, Any], new: Mapping[str, Any], labels: Labels) -> list[Difference]:
    """What changes from one text to the other, in the order in which the text is read. `labels`: names by code (see
    `canonical.labels_of`), of both texts (`reading.merged`). Empty when the texts are the same."""
    found = []
    for field in dict.fromkeys(("title", "object", "instrument_type", *CHOICES, "territories", *SIMPLE)):
        if old.get(field) != new.get(field):
            found.append(_value(field, field, FIELDS[field], *(shown(field, x.get(field), labels) for x in (old, new))))
    found += _parties(old["parties"], new["parties"], labels)
    found += _clauses(old["clauses"], new["clauses"], labels)
    found += _obligations(old["obligations"], new["obligations"], labels)
    found += _corridors(old["corridors"], new["corridors"], labels)
    return found


def _value(term: str, key: str, label: str, old: str, new: str) -> Difference:
    change = Change.CHANGED if old and new else Change.ADDED if new else Change.REMOVED
    return Difference(term, key, label, change, old, new, words(old, new))


def _parts(term: str, names: Mapping[str, str], old: Mapping[str, str], new: Mapping[str, str]) -> list[Difference]:
    """The fields that differ, each with its words."""
    return [_value(term, key, label, old[key], new[key]) for key, label in names.items() if old[key] != new[key]]


def _read(names: Iterable[str], item: Mapping[str, Any], labels: Labels) -> dict[str, str]:
    return {field: shown(field, item.get(field), labels) for field in names}


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Keys that both lists hold and that changed places relative to the others."""
    common = set(old) & set(new)
    before, after = ([key for key in keys if key in common] for keys in (old, new))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    kept = {key for block in matcher.get_matching_blocks() for key in before[block.a : block.a + block.size]}
    return common - kept


def _parties(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], labels: Labels) -> list[Difference]:
    found = []
    before, after = ({item["organization"]: item for item in items} for items in (old, new))
    moved = _moved(list(before), list(after))
    for code in [*after, *(code for code in before if code not in after)]:
        name = shown("organization", code, labels)
        if code not in before:
            found.append(_value("parties", code, f"Partie : {name}", "", name))
        elif code not in after:
            found.append(_value("parties", code, f"Partie : {name}", name, ""))
        else:
            fields = (_read(PARTY_FIELDS, items[code], labels) for items in (before, after))
            parts = _parts("parties", PARTY_FIELDS, *fields)
            if parts or code in moved:
                change = Change.CHANGED if parts else Change.MOVED
                found.append(Difference("parties", code, f"Partie : {name}", change, parts=tuple(parts)))
    return found


def _clauses(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], labels: Labels) -> list[Difference]:
    before = {item["key"]: item for item in old}
    after = {item["key"]: item for item in new}
    numbers = {key: number for number, key in enumerate(before, 1)} | {key: n for n, key in enumerate(after, 1)}
    moved = _moved(list(before), list(after))
    found = []
    for key in sorted(numbers, key=lambda key: (numbers[key], key not in after)):
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            item = now or was or {}
            change = Change.ADDED if was is None else Change.REMOVED
            gone, come = (side["text"] if side else "" for side in (was, now))
            found.append(
                Difference("clauses", key, item["title"], change, gone, come, words(gone, come), (), numbers[key])
            )
            continue
        small = {name: label for name, label in CLAUSE_FIELDS.items() if name != "text"}
        parts = _parts("clauses", small, *(_read(small, side, labels) for side in (was, now)))
        pieces = words(was["text"], now["text"]) if was["text"] != now["text"] else ()
        if parts or pieces or key in moved:
            change = Change.CHANGED if parts or pieces else Change.MOVED
            found.append(
                Difference(
                    "clauses", key, now["title"], change, was["text"], now["text"], pieces, tuple(parts), numbers[key]
                )
            )
    return found


def _obligations(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], labels: Labels
) -> list[Difference]:
    """Contributions have no code: those that are not the same are paired by party and by likeness of their words."""
    gone, come = _left(old, new), _left(new, old)
    found = []
    for item in come:
        alike = [(_likeness(other["text"], item["text"]), place) for place, other in enumerate(gone)
                 if other["party"] == item["party"]]  # fmt: skip
        best, place = max(alike, default=(0.0, -1))
        was = gone.pop(place) if best >= _ALIKE else None
        found.append(_obligation(was, item, labels))
    return found + [_obligation(item, None, labels) for item in gone]


def _left(items: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The items that the other text does not hold; one that stands twice must be there twice."""
    rest, found = list(others), []
    for item in items:
        if item in rest:
            rest.remove(item)
        else:
            found.append(item)
    return found


def _likeness(one: str, other: str) -> float:
    return _matcher(_units(one)[:-1], _units(other)[:-1]).ratio()


def _obligation(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None, labels: Labels) -> Difference:
    item = now or was or {}
    label = f"Contribution de {shown('party', item['party'], labels)}"
    if was is None or now is None:
        whole = _in_one_line(item, labels)
        return _value("obligations", item["party"], label, "" if was is None else whole, whole if was is None else "")
    small = {name: title for name, title in OBLIGATION_FIELDS.items() if name not in ("text", "party")}
    parts = _parts("obligations", small, *(_read(small, side, labels) for side in (was, now)))
    pieces = words(was["text"], now["text"])
    return Difference(
        "obligations", item["party"], label, Change.CHANGED, was["text"], now["text"], pieces, tuple(parts)
    )


def _in_one_line(item: Mapping[str, Any], labels: Labels) -> str:
    details = [shown(field, item.get(field), labels) for field in ("due_on", "recurrence")]
    return ", ".join([item["text"].rstrip(". "), *(text[0].lower() + text[1:] for text in details if text)])


def _corridors(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], labels: Labels) -> list[Difference]:
    before, after = ({item["code"]: item for item in items} for items in (old, new))
    blank = dict.fromkeys(CORRIDOR_FIELDS, "")
    found = []
    for code in sorted(before.keys() | after.keys()):
        was, now = before.get(code), after.get(code)
        if was == now:
            continue
        label = f"Corridor {corridor_name(now or was or {}, labels)}"
        sides = (corridor_values(side, labels) if side else blank for side in (was, now))
        change = Change.CHANGED if was and now else Change.ADDED if now else Change.REMOVED
        parts = _parts("corridors", CORRIDOR_FIELDS, *sides)
        found.append(Difference("corridors", code, label, change, parts=tuple(parts)))
    return found
