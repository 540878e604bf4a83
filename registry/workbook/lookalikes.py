"""Names so near that two rows may be one organization: proposed, never merged.

Near: the same words once articles, legal forms and remarks in brackets are gone; or those plus the name of a place; or
a letter or two apart.
"""

from __future__ import annotations

import re
from collections import defaultdict

from rapidfuzz.distance import DamerauLevenshtein

from registry.text import fold, key

_ARTICLES = {"le", "la", "les", "l", "de", "du", "des", "d", "et", "a", "au", "aux", "the"}
_FORMS = {"inc", "ltee", "enr", "senc", "sencrl", "obnl", "osbl", "ltd", "corp", "cie", "coop", "quebec", "qc"}
_SAINTS = {"st": "saint", "ste": "sainte"}
_REMARK = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
# A trailing place: « GMF Bourg-Royal – Québec ».
_TAIL = re.compile(r"\s+[-–—]\s+[^-–—]+$")
# Below this length, one letter makes another name.
_MIN_LENGTH_FOR_TYPOS = 10


def core(name: str) -> str:
    """What is left of a name once articles, legal forms, remarks and « Québec » are gone."""
    spelled = (_SAINTS.get(word, word) for word in key(_REMARK.sub(" ", name)).split())
    words = [word for word in spelled if word not in _ARTICLES and word not in _FORMS]
    return " ".join(words) or key(name)


class Lookalikes:
    """The names known so far. Looking one up costs a few comparisons, whatever their number."""

    def __init__(self) -> None:
        self._by_core: dict[str, str] = {}
        self._by_piece: dict[str, set[str]] = defaultdict(set)
        self._exact: dict[str, str] = {}

    def add(self, name: str) -> None:
        self._exact.setdefault(key(name), name)
        whole = core(name)
        self._by_core.setdefault(whole, name)
        for piece in _pieces(whole):
            self._by_piece[piece].add(whole)

    def of(self, name: str, exact_only: bool = False) -> str:
        """« this name ≈ the other », or an empty string."""
        other = self._exact.get(key(name))
        if other is None and not exact_only:
            other = self._near(name)
        return f"{name} ≈ {other}" if other is not None else ""

    def _near(self, name: str) -> str | None:
        for variant in dict.fromkeys((core(name), core(_TAIL.sub("", name)))):
            if variant in self._by_core:
                return self._by_core[variant]
        whole = core(name)
        for piece in _pieces(whole):
            for candidate in self._by_piece[piece]:
                if _TAIL.search(self._by_core[candidate]) and core(_TAIL.sub("", self._by_core[candidate])) == whole:
                    return self._by_core[candidate]
                if len(whole) >= _MIN_LENGTH_FOR_TYPOS and _a_typo_apart(whole, candidate):
                    return self._by_core[candidate]
        return None


def _pieces(whole: str) -> set[str]:
    """Both halves of a name: a typo leaves one of them whole."""
    flat = whole.replace(" ", "")
    half = len(flat) // 2
    return {f"<{flat[: min(half, 6)]}", f">{flat[-min(half, 6) :]}"} if half >= 2 else {flat}


def _a_typo_apart(one: str, other: str) -> bool:
    digits_one, digits_other = re.sub(r"\D", "", one), re.sub(r"\D", "", other)
    if digits_one != digits_other:  # « École 12 » is not « École 13 »
        return False
    flat_one, flat_other = fold(one).replace(" ", ""), fold(other).replace(" ", "")
    allowed = 2 if min(len(flat_one), len(flat_other)) >= 20 else 1
    return DamerauLevenshtein.distance(flat_one, flat_other, score_cutoff=allowed) <= allowed
