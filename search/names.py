"""Names of organisations and services, recognised in a question whole, in part, by acronym or misspelt.

A name is recognised by a word that is its own (« Embellie », « Shipu »), or by being said in full (« atelier des
femmes »). Words that many names share (centre, service) or that say a need prove nothing alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from . import analysis
from .lexicon.spelling import Speller
from .reading import Reading, Token, light

SEGMENT = re.compile(r"\s+[–—-]\s+|\s*[:;()/]\s*")
COVERAGE = 0.34  # share of the weight of a name that must be said, one of its own words included
COMMON = 0.3  # what a word of the lexicon or of a place weighs, beside a word that only names hold
RARE = 4  # a word of its own: held by at most so many organisations…
RARE_SHARE = 0.03  # … or by this share of them
SHORT = 5  # letters: below, an own word in small letters may be anything (« chu pas capable »)
LONGEST = 5  # names kept for one question
SHARED_ACRONYM = 4  # an acronym that more organisations share (CLSC, GMF) is a kind of place and nobody's name


@dataclass(frozen=True, slots=True)
class Name:
    """A name that a viewer with one of `visibilities` may see. `kind`: organization or service."""

    kind: str
    code: str
    label: str
    acronym: str
    others: tuple[str, ...]
    visibilities: frozenset[str]
    owner: str  # who it belongs to: a word shared by one organisation's names is still its own


@dataclass(frozen=True, slots=True)
class NameFound:
    name: Name
    positions: frozenset[int]
    coverage: float
    full: bool  # every word of the name, or of one of its parts, was said
    own: bool  # one of the words said belongs to hardly any other name
    certainty: float


@dataclass(frozen=True, slots=True)
class _Variant:
    name: Name
    words: tuple[str, ...]  # without inflection, stop words left out
    weight: float
    whole: bool  # the whole name, not a part of it


class NameIndex:
    """All names in memory, indexed by their words. Immutable."""

    def __init__(
        self, names: Iterable[Name], common_words: Collection[str], everyday_words: Collection[str] = ()
    ) -> None:
        """`common_words`: folded words of the lexicon and of places, which are nobody's own. `everyday_words`: folded
        words that name somebody only beside another word of the name (« cap diamant »)."""
        self.names = tuple(names)
        common = {light(word) for word in common_words}
        proper: set[str] = set()
        owners: dict[str, set[str]] = {}
        drafts: list[tuple[Name, tuple[str, ...], bool]] = []
        folded: set[str] = set()
        for name in self.names:
            for text, whole in self._texts(name):
                tokens = [token for token in Reading(text).tokens if not token.stop]
                words = analysis.distinct(token.light for token in tokens)
                if not words:
                    continue
                folded.update(token.folded for token in tokens)
                proper.update(_proper_words(name, text, tokens))
                drafts.append((name, words, whole))
                for word in words:
                    owners.setdefault(word, set()).add(name.owner)
        total = max(1, len({name.owner for name in self.names}))
        self._idf: Mapping[str, float] = {
            word: math.log(1 + total / len(who)) * (COMMON if word in common else 1.0) for word, who in owners.items()
        }
        rare = max(RARE, RARE_SHARE * total)
        rarely = {word for word in proper if len(owners[word]) <= rare and word not in common and len(word) >= 3}
        everyday = {light(word) for word in everyday_words}
        self._own = rarely - everyday
        self._half = rarely & everyday
        self._variants: list[_Variant] = []
        self._by_word: dict[str, list[int]] = {}
        self._by_rarest: dict[str, list[int]] = {}
        for name, words, whole in drafts:
            number = len(self._variants)
            self._variants.append(_Variant(name, words, sum(self._idf[word] for word in words), whole))
            for word in words:
                self._by_word.setdefault(word, []).append(number)
            self._by_rarest.setdefault(max(words, key=self._idf.__getitem__), []).append(number)
        self.words = frozenset(folded)
        self._common = frozenset(common_words)
        right = {*common_words, *everyday_words, *folded}
        self._speller = Speller((word for word in folded if light(word) in self._own), right)
        self._wide_speller = Speller(folded, right)
        self._acronyms: dict[str, list[Name]] = {}
        for name in self.names:
            for acronym in self._short_forms(name):
                self._acronyms.setdefault(acronym, []).append(name)

    @staticmethod
    def _texts(name: Name) -> list[tuple[str, bool]]:
        texts = [(name.label, True), *((other, True) for other in name.others)]
        parts = [part for part in SEGMENT.split(name.label) if part and part != name.label]
        return [*texts, *((part, False) for part in parts)]

    @staticmethod
    def _short_forms(name: Name) -> set[str]:
        if not name.acronym:
            return set()
        whole = analysis.acronym_key(name.acronym)
        first = analysis.acronym_key(re.split(r"[-/ ]", name.acronym)[0])
        return {form for form in (whole, first) if len(form) >= 3}

    def correct(self, word: str) -> list[tuple[str, float]]:
        """Words of names that an unknown word may misspell: those that are somebody's own before the others."""
        return self._speller.correct(word) or self._wide_speller.correct(word, limit=1)

    def find(self, reading: Reading, visibilities: Collection[str], needs_words: Collection[str]) -> list[NameFound]:
        """Names said in the unclaimed part of a question, best first; only those that this viewer may see.

        `needs_words`: folded words that say a need; a misspelt name never wins over them.
        """
        said: dict[str, tuple[int, float]] = {}
        for position, token in enumerate(reading.tokens):
            if reading.owner[position] or token.stop:
                continue
            if token.light in self._by_word:
                capital = reading.text[token.start : token.start + 1].isupper()
                if len(token.folded) >= SHORT or capital or token.light not in self._own:
                    said.setdefault(token.light, (position, 1.0))
            elif token.folded not in needs_words:
                for word, sure in self.correct(token.folded):
                    said.setdefault(light(word), (position, sure))
        found: dict[tuple[str, str], NameFound] = {}
        for number in sorted(self._candidates(said)):
            variant = self._variants[number]
            if variant.name.visibilities.isdisjoint(visibilities):
                continue
            hit = self._judge(variant, said, reading)
            key = (variant.name.kind, variant.name.code)
            if hit is not None and (key not in found or _better(hit, found[key])):
                found[key] = hit
        ranked = sorted(found.values(), key=lambda hit: (-_worth(hit), hit.name.kind, hit.name.code))
        return self._without_shadows(ranked)

    def _candidates(self, said: Collection[str]) -> set[int]:
        """The variants that may be meant: one of their own words is said, or else all of their words are, the rarest
        among them (half of the names of a large network hold « centre »)."""
        found: set[int] = set()
        for word in said:
            alone = word in self._own or word in self._half
            found.update((self._by_word if alone else self._by_rarest).get(word, ()))
        return found

    def _judge(self, variant: _Variant, said: Mapping[str, tuple[int, float]], reading: Reading) -> NameFound | None:
        matched = [word for word in variant.words if word in said]
        positions = frozenset(said[word][0] for word in matched)
        if len(positions) < len(matched):
            return None  # one misspelt word cannot be two words of a name
        coverage = sum(self._idf[word] for word in matched) / variant.weight
        own = any(word in self._own for word in matched)
        if not own and len(matched) >= 2 and any(word in self._half for word in matched):
            own = self._together(positions, reading)
        full = len(matched) == len(variant.words)
        certainty = min(said[word][1] for word in matched)
        if not own and not (full and self._said_whole(variant, positions, reading)):
            return None
        if not full and coverage < COVERAGE:
            return None
        if not own and variant.name.kind == "service" and not variant.whole:
            return None
        return NameFound(variant.name, positions, coverage, full, own, certainty)

    def _said_whole(self, variant: _Variant, positions: Collection[int], reading: Reading) -> bool:
        """A name of common words, said in full: several of them in a row, or one that is all that was said."""
        if len(positions) >= 2:
            return self._together(positions, reading)
        content = [i for i, token in enumerate(reading.tokens) if not token.stop]
        return variant.whole and list(positions) == content and variant.name.kind == "organization"

    @staticmethod
    def _together(positions: Collection[int], reading: Reading) -> bool:
        ranks = [reading.tokens[position].rank for position in positions]
        return max(ranks) - min(ranks) < len(ranks)

    @staticmethod
    def _without_shadows(ranked: list[NameFound]) -> list[NameFound]:
        """Names whose words a better one does not already explain; equals (two CAVAC) stay together."""
        kept: list[NameFound] = []
        for hit in ranked:
            better = [other for other in kept if other.positions & hit.positions]
            if all(_level(other, hit) for other in better):
                kept.append(hit)
        return kept[:LONGEST]

    def by_acronym(self, reading: Reading, visibilities: Collection[str]) -> list[NameFound]:
        """Names whose acronym, or the first part of it (CAVAC of « CAVAC-VP »), is one of the unclaimed words.

        In small letters, an acronym that reads as an ordinary word (« sac », « papa ») is that word.
        """
        found = []
        for position, token in enumerate(reading.tokens):
            if reading.owner[position] or token.folded not in self._acronyms:
                continue
            written = reading.text[token.start : token.end]
            if not written.isupper() and (len(token.folded) < 4 or token.folded in self._common):
                continue
            names = [n for n in self._acronyms[token.folded] if not n.visibilities.isdisjoint(visibilities)]
            if len(names) <= SHARED_ACRONYM:
                for name in names:
                    whole = token.folded == analysis.acronym_key(name.acronym)
                    found.append(NameFound(name, frozenset({position}), 1.0, whole, False, 1.0))
        return found


def _proper_words(name: Name, text: str, tokens: Sequence[Token]) -> Iterator[str]:
    """Words that can be a name's own. A service is described by its name (« Refuge mixte »): only what it writes with a
    capital inside counts (« Programme Virage »)."""
    for number, token in enumerate(tokens):
        capital = text[token.start : token.start + 1].isupper()
        if name.kind == "organization" or (capital and number > 0):
            yield token.light


def _worth(hit: NameFound) -> float:
    return (
        hit.coverage * hit.certainty
        + 0.5 * hit.full
        + 0.35 * len(hit.positions)
        + 0.05 * (hit.name.kind == "organization")
    )


def _level(one: NameFound, other: NameFound) -> bool:
    """Is nothing said that would choose between the two: « Relais » of « Relais du Port » and « Relais des Monts »?"""
    same_words = one.positions == other.positions and one.name.kind == other.name.kind
    return (same_words and one.full == other.full) or abs(_worth(one) - _worth(other)) < 0.05


def _better(hit: NameFound, other: NameFound) -> bool:
    return _worth(hit) > _worth(other)
