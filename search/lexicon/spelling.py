"""Misspelt words: a French sound key first (« violance », « popotte »), then a slip of the finger (« hébergmeent »).

Only a word that nobody knows is corrected, never a short one: on the phone a wrong guess costs more than a miss.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz.distance import OSA

SHORTEST = 5  # letters; four or fewer are never corrected

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), into)
    for pattern, into in (
        (r"[^a-z]", ""),
        (r"(.)\1+", r"\1"),  # doubled letters do not sound
        (r"sch|sh", "ch"),
        (r"ph", "f"),
        (r"ch(?=[lrnt])", "k"),  # chr, chl: « chronique »
        (r"qu|q", "k"),
        (r"cqu|ck", "k"),
        (r"gu(?=[eiy])", "G"),
        (r"ge(?=[ao])", "j"),
        (r"g(?=[eiy])", "j"),
        (r"gn", "N"),
        (r"sc(?=[eiy])|c(?=[eiy])", "s"),
        (r"(?<=[aeiouy])ti(?=on|el|eu|al|en)|ssi(?=on)|si(?=on)|sci(?=on)|xi(?=on)", "si"),
        (r"(?<=[cp])ti(?=on|el|eu|al)", "si"),
        (r"c(?!h)", "k"),
        (r"z", "s"),
        (r"x(?=$)", ""),
        (r"x", "ks"),
        (r"(?<=..)(?:er|ez)$", ""),
        (r"h(?<!ch)", ""),
        (r"(?<!c)h", ""),
        (r"eaux?|aux?|au", "o"),
        (r"oeu|eu|oe", "E"),
        (r"ou", "U"),
        (r"ill|il(?=l?e?s?$)|y", "i"),
        (r"[ae]?i[nm](?![aeiouynm])|yn(?![aeiouy])", "I"),
        (r"an(?![aeiouyn])|en(?![aeiouyn])|am(?=[bp])|em(?=[bp])", "A"),
        (r"ai|ei|ay|ey", "e"),
        (r"oi", "W"),
        (r"(?<=.)(?:ent|es|e)$", ""),
        (r"(?<=.)[dtspxz]+$", ""),
        (r"(?<=.)e", ""),  # a mute e drops first, in speech as in haste
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """How a folded French word sounds, roughly: equal keys are the same word to the ear."""
    for pattern, into in _RULES:
        word = pattern.sub(into, word)
    return word


def closeness(word: str, known: str) -> float:
    """How sure it is that `word` is a misspelling of `known`: 0 = it is not; 1 = certain."""
    longest = max(len(word), len(known))
    if min(len(word), len(known)) < SHORTEST:
        return 0.0
    distance = OSA.distance(word, known, score_cutoff=3)
    if distance > 3:
        return 0.0
    same_sound = sound(word) == sound(known)
    if same_sound and distance <= max(1, longest // 3):
        return 1.0 - 0.03 * distance
    if word[0] != known[0] and sound(word)[:1] != sound(known)[:1]:
        return 0.0
    if distance == 1 and longest >= 7:
        return 0.85
    if distance == 1 and longest == 6 and OSA.distance(sound(word), sound(known)) <= 1:
        return 0.75
    if distance == 2 and longest >= 10:
        return 0.75
    return 0.0


class Speller:
    """Known folded words, and the nearest of them to an unknown one."""

    def __init__(self, correctable: Iterable[str], known: Iterable[str] = ()) -> None:
        self.correctable = frozenset(word for word in correctable if len(word) >= SHORTEST and word.isalpha())
        self.known = self.correctable | frozenset(known)
        self._by_sound: dict[str, list[str]] = {}
        self._by_shape: dict[tuple[str, int], list[str]] = {}
        for word in sorted(self.correctable):
            self._by_sound.setdefault(sound(word), []).append(word)
            self._by_shape.setdefault((word[0], len(word)), []).append(word)

    def correct(self, word: str, limit: int = 3) -> list[tuple[str, float]]:
        """Known words that an unknown one may stand for, surest first; none when it is known, short or a number."""
        if len(word) < SHORTEST or not word.isalpha() or word in self.known:
            return []
        candidates = set(self._by_sound.get(sound(word), ()))
        if not candidates:
            for size in range(len(word) - 2, len(word) + 3):
                candidates.update(self._by_shape.get((word[0], size), ()))
        scored = [(known, closeness(word, known)) for known in candidates]
        return sorted(((k, c) for k, c in scored if c > 0), key=lambda pair: (-pair[1], pair[0]))[:limit]
