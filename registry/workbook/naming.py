"""How much a heading resembles the name of a column: words renamed, shortened, misspelt, explained in brackets."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import OSA

from registry.text import key, squash

from .sheets import Column
from .values import clean_text

_STOPWORDS = {
    "le", "la", "les", "l", "de", "du", "des", "d", "en", "a", "au", "aux", "et", "ou", "un", "une", "par", "qu",
    "quel", "quelle", "quels", "quelles", "est", "son", "sa", "ses", "mon", "ma", "mes", "notre", "nos", "ce", "c", "s",
    "y", "on", "t", "il", "elle", "ils", "the", "of", "is", "this",
}  # fmt: skip
# A heading with one of these speaks of something that no canonical column holds, whatever its cells look like.
_FOREIGN = {
    "note", "notes", "remarque", "remarques", "commentaire", "commentaires", "ancien", "ancienne", "vieux", "telec",
    "telecopie", "telecopieur", "fax", "priorite", "couleur", "saisi", "saisie", "ajout", "ajoute", "rappel",
    "rappeler", "mdp", "brouillon", "interne", "internes", "todo",
}  # fmt: skip
_UNITS = {"j": "jours", "jr": "jours", "jrs": "jours", "jour": "jours", "h": "heures", "hr": "heures", "hrs": "heures"}
# « 4. Adresse », « 12) Notes »: how far along the form, nothing more.
_RANK = re.compile(r"^\s*\d{1,2}\s*[.)-]\s+|^\s*[a-z]\)\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
# « (publique, partenaires, interne) »: the values to choose from.
_CHOICES = re.compile(r"[(\[][^()\[\]]*[,;/|][^()\[\]]*[)\]]")
_NUMBER_SIGN = re.compile(r"#|\bn[o°º]s?(?=\W|$)", re.IGNORECASE)
_INITIALS = re.compile(r"\b(?:[a-z0-9] ){1,5}[a-z0-9]\b")


def is_foreign(heading: Any) -> bool:
    """True for a heading that speaks of something no column holds (notes, a fax number)."""
    return not _FOREIGN.isdisjoint(_plain(_CHOICES.sub(" ", str(heading))).split())


def heading_score(column: Column, heading: str) -> float:
    """How much a heading resembles the name of a column, or one of its synonyms: 0 to 1. What stands in brackets
    counts when it helps to tell (« Délai (h) »), and not when it only explains (« Sigle (s’il y a lieu) »)."""
    bare = _BRACKETS.sub(" ", heading)
    if bare == heading or not bare.strip() or is_foreign(heading):
        return _named_score(column, heading)
    return max(_named_score(column, heading), 0.97 * _named_score(column, bare))


def _named_score(column: Column, heading: str) -> float:
    own = phrase_score(heading, column.name)
    return max([own, *(0.95 * phrase_score(heading, alias) for alias in column.aliases)])


@lru_cache(maxsize=200_000)
def phrase_score(one: str, other: str) -> float:
    """How much a heading resembles a name: 1 for the same words; less for words shortened, missing, or a letter apart;
    0 for nothing in common."""
    plain_one, plain_other = _plain(one), _plain(other)
    if plain_one == plain_other:
        return 1.0
    words_one, words_other = _words(plain_one), _words(plain_other)
    if not words_one or not words_other:
        return 0.0
    left, common = list(words_other), 0.0
    for word in words_one:
        best = max(left, key=lambda candidate: _word_score(word, candidate), default="")
        score = _word_score(word, best) if best else 0.0
        if score:
            common += score
            left.remove(best)
    all_one, all_other = set(plain_one.split()), set(plain_other.split())
    small_words = 2 * len(all_one & all_other) / (len(all_one) + len(all_other))
    # Small words settle what the others leave open: « âge de » and « âge à ».
    score = 0.95 * 2 * common / (len(words_one) + len(words_other)) + 0.05 * small_words
    return round(score if all_one & _FOREIGN <= all_other else score / 2, 3)


@lru_cache(maxsize=5_000)
def _plain(text: str) -> str:
    """« N.E.Q. » → « neq », « Langue(s) » → « langues », « # entente » → « no entente », « $ » → « $ »."""
    text = _RANK.sub("", clean_text(text))
    numbered = _NUMBER_SIGN.sub(" no ", text.replace("(s)", "s").replace("(e)", "e"))
    folded = key(numbered)
    return _INITIALS.sub(lambda match: match[0].replace(" ", ""), folded) or squash(text)


@lru_cache(maxsize=20_000)
def _words(plain: str) -> tuple[str, ...]:
    return tuple(_UNITS.get(word, word) for word in plain.split() if word not in _STOPWORDS)


@lru_cache(maxsize=200_000)
def _word_score(one: str, other: str) -> float:
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if long.rstrip("sx") == short.rstrip("sx") and len(short) > 2:
        return 1.0
    # A heading may shorten a name (« prog. »); one that is longer says something else (« téléc. » is not « tél. »).
    if len(short) >= (3 if one == short else 6) and long.startswith(short.rstrip("s") if len(short) > 3 else short):
        return 0.9
    if one != short and len(short) < 5:
        return 0.0
    if len(short) >= 3 and len(long) >= 5 and short[0] == long[0] and len(short) <= len(long) / 1.5:
        return 0.75 if _is_skeleton(short, long) else 0.0
    return 0.85 if _is_misspelt(short, long) else 0.0


def _is_misspelt(short: str, long: str) -> bool:
    """A slip of the fingers apart: a letter, or two in a long word; in a short one, two letters swapped."""
    if len(short) < 4 or len(long) - len(short) > 2:
        return False
    allowed = 2 if len(short) >= 9 else 1
    near = OSA.distance(short, long, score_cutoff=allowed) <= allowed
    return near and (len(short) > 4 or sorted(short) == sorted(long))


def _is_skeleton(short: str, long: str) -> bool:
    """« jrs » for « jours », « fct » for « fonction »: its letters in order, the last one too where one is a vowel."""
    letters = iter(long)
    ends_alike = short[-1] == long[-1] or not set(short) & set("aeiouy")
    return ends_alike and all(letter in letters for letter in short)


def forget() -> None:
    """Let go of what comparing headings has remembered."""
    for remembered in (phrase_score, _plain, _words, _word_score):
        remembered.cache_clear()
