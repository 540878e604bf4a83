"""Where the person is: a postal code, the name of a quarter, a municipality, an RLS, a region, a well-known street."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from registry import postal_codes
from registry.geography import TerritoryTree
from registry.text import key

from .lexicon.spelling import Speller
from .reading import Reading
from .request import Place

LONGEST_NAME = 5  # words
# « à Québec », « dans l'est »: words before a name that belong to it, and which make a doubtful name a place.
_SAYS_PLACE = frozenset((
    "a", "au", "dans", "quartier", "secteur", "arrondissement", "ville", "rls", "region", "municipalite", "rue",
    "habite", "reste", "demeure", "pres",
))  # fmt: skip
_BEFORE = _SAYS_PLACE - {"rue"} | {"aux", "en", "sur", "vers", "du", "de", "des", "la", "le", "les"}
# Names that are also ordinary words: a place only where a word before says so.
_DOUBTFUL = frozenset((
    "est", "nord", "sud", "ouest", "vanier", "galt", "queen", "portland", "quebec", "centre ville",
    "capitale nationale",
))  # fmt: skip
_CERTAIN_ALONE = frozenset({"vanier", "quebec", "centre ville", "capitale nationale"})


@dataclass(frozen=True, slots=True)
class PlaceFound:
    place: Place
    value: str  # of the chip: a territory code, or a postal code
    tokens: tuple[int, ...]


class Gazetteer:
    """Names of places → territory codes: the tree's own names and the shipped ones."""

    def __init__(self, tree: TerritoryTree, shipped_places: Sequence[tuple[str, str]]) -> None:
        self.tree = tree
        names: dict[str, tuple[str, ...]] = dict(tree.names)
        for name, territory in shipped_places:
            codes = tree.find_by_name(territory)
            if codes:
                names.setdefault(_form(name), codes)
        # The whole province is no place to be: it would drop nothing and rank nothing.
        roots = {code for code in tree.rows if tree.depth(code) == 0}
        self.names: Mapping[str, tuple[str, ...]] = {
            form: codes for form, codes in names.items() if form and not set(codes) <= roots
        }
        single = {form for form in self.names if " " not in form and len(form) >= 6}
        self.words: frozenset[str] = frozenset(word for form in self.names for word in form.split())
        self._speller = Speller(single)
        self.spoken = tuple(self._spoken(shipped_places))

    def _spoken(self, shipped_places: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, ...], str, str]]:
        """(words, territory, label) of each name that stands for one territory; another name than its own is shown."""
        own = {code: key(row.name) for code, row in self.tree.rows.items()}
        written = {_form(name): name for name, _territory in shipped_places}
        for code, name in own.items():
            yield tuple(name.split()), code, self.tree.rows[code].name
        for form, codes in self.names.items():
            if len(codes) == 1 and codes[0] in own and form != own[codes[0]]:
                label = self.tree.rows[codes[0]].name
                yield tuple(form.split()), codes[0], f"{label} ({written[form]})" if form in written else label

    def place_of(self, codes: Sequence[str], label: str = "") -> Place:
        """The place that territory codes make: the territory itself, or what several have in common, and its middle."""
        known = tuple(code for code in codes if code in self.tree.rows)
        territory = known[0] if len(known) == 1 else self.tree.common_ancestor(known)
        point = self.tree.point(territory) if territory else None
        name = self.tree.rows[territory].name if territory else ""
        return Place(
            territory,
            point.lat if point else None,
            point.lon if point else None,
            label or name,
            known if len(known) > 1 else (),
            self.tree.ancestors(territory) if territory else (),
        )

    def place_of_postal_code(self, code: str) -> Place | None:
        """The place of a postal code or area; None if not of Québec. Outside every territory: a point only."""
        located = self.tree.locate(code)
        point = located.point
        if located.territory is None and point is None:
            return None
        territory = located.territory
        names = [self.tree.rows[candidate].name for candidate in located.candidates]
        label = code if not names else f"{code} ({', '.join(names)})"
        return Place(
            territory,
            point.lat if point else None,
            point.lon if point else None,
            label if territory else f"{code} ({point.place})" if point and point.place else code,
            located.candidates if len(located.candidates) > 1 else (),
            self.tree.ancestors(territory) if territory else (),
        )

    def corrected(self, word: str) -> str | None:
        """The one-word name that an unknown word misspells, when there is just one."""
        found = self._speller.correct(word, limit=2)
        return found[0][0] if found and (len(found) == 1 or found[0][1] > found[1][1]) else None

    def find(self, reading: Reading, known_words: frozenset[str]) -> PlaceFound | None:
        """The first, longest place named in the unclaimed part of a question. `known_words` are never corrected."""
        best: tuple[int, int, tuple[str, ...], tuple[int, ...], str] | None = None
        count = len(reading.tokens)
        for start in range(count):
            for size in range(min(LONGEST_NAME, count - start), 0, -1):
                positions = tuple(range(start, start + size))
                if not reading.free(positions):
                    continue
                words = [reading.tokens[i].folded for i in positions]
                form = _form(" ".join(words))
                codes = self.names.get(form)
                if codes is None and size == 1 and words[0] not in known_words:
                    corrected = self.corrected(words[0])
                    codes = self.names.get(corrected) if corrected else None
                if codes is None or not self._is_place(reading, start, form):
                    continue
                depth = max(self.tree.depth(code) for code in codes)
                if best is None or (depth, size) > (best[0], best[1]):
                    best = (depth, size, codes, positions, form)
                break
        if best is None:
            return None
        _, _, codes, positions, _ = best
        others = self._rest(reading, positions, codes)
        place = self.place_of(codes)
        value = place.territory or ",".join(place.candidates)
        return PlaceFound(place, value, (*positions, *others))

    def _is_place(self, reading: Reading, start: int, form: str) -> bool:
        before = reading.tokens[start - 1].folded if start else ""
        if form in _DOUBTFUL and form not in _CERTAIN_ALONE:
            return before in _SAYS_PLACE
        return True

    def _rest(self, reading: Reading, positions: tuple[int, ...], codes: Sequence[str]) -> tuple[int, ...]:
        """Words that only say the same place less precisely (« Saint-Roch, Québec ») or introduce it (« quartier »)."""
        extra: list[int] = []
        above = {ancestor for code in codes for ancestor in self.tree.ancestors(code)}
        start, end = positions[0], positions[-1] + 1
        while start > 0 and reading.tokens[start - 1].folded in _BEFORE and not reading.owner[start - 1]:
            start -= 1
            extra.append(start)
        for size in (3, 2, 1):
            after = range(end, min(end + size + 1, len(reading.tokens)))
            for skip in (0, 1):
                span = list(after)[skip : skip + size]
                form = _form(" ".join(reading.tokens[i].folded for i in span))
                named = set(self.names.get(form, ()))
                if span and named and named <= above | set(codes) and reading.free(span):
                    return (*extra, *range(end, span[-1] + 1))
        return tuple(extra)


def _form(text: str) -> str:
    return re.sub(r"\bste\b", "sainte", re.sub(r"\bst\b", "saint", key(text)))


def find_postal_code(reading: Reading, gazetteer: Gazetteer) -> PlaceFound | None:
    """A postal code, or its first three characters, anywhere in the text, however it is written."""
    found = postal_codes.find(reading.text)
    if found is None:
        return None
    code, start, end = found
    tokens = reading.at(start, end)
    place = gazetteer.place_of_postal_code(code)
    if place is None or not reading.free(tokens):
        return None
    return PlaceFound(place, code.replace(" ", ""), tokens)


def parse_place(text: str, gazetteer: Gazetteer) -> PlaceFound | None:
    """What was typed in the place field: a postal code, a territory code, a name, an address that holds one of them."""
    text = text.strip()[:200]
    if not text:
        return None
    if text in gazetteer.tree.rows:
        return PlaceFound(gazetteer.place_of((text,)), text, ())
    reading = Reading(text)
    by_code = find_postal_code(reading, gazetteer)
    if by_code is not None:
        return by_code
    return gazetteer.find(reading, frozenset())
