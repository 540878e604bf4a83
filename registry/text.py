"""Folding text to compare it: the one normalisation behind every identity key."""

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'"})
_DASHES = re.compile(r"[‐‑‒–—−]")
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def squash(text: object) -> str:
    """Unify apostrophes, turn every kind of space (no-break included) into one plain space, and trim."""
    return " ".join(str(text if text is not None else "").translate(_APOSTROPHES).split())


def fold(text: object) -> str:
    """Lowercase without accents, dashes unified, spaces squashed: « Été  à Québec » → « ete a quebec »."""
    return _fold(str(text if text is not None else ""))


# Names, headings and vocabulary words come back thousands of times in one import.
@lru_cache(maxsize=65_536)
def _fold(text: str) -> str:
    unified = _DASHES.sub("-", squash(text)).replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae")
    decomposed = unicodedata.normalize("NFKD", unified.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def key(text: object) -> str:
    """The identity form of a name: folded, letters and digits only, single spaces."""
    return _key(str(text if text is not None else ""))


@lru_cache(maxsize=65_536)
def _key(text: str) -> str:
    return _NOT_WORD.sub(" ", _fold(text)).strip()
