"""How text becomes terms: ONE specification, that every engine and the understanding of questions follow.

    unify apostrophes → tokens → elision → lowercase → ascii folding → stop words → Snowball French

Beside the stemmed stream there is an unstemmed folded one (typos, prefixes, names: fuzziness on stems fails, since
« hebergment » and « hébergement » do not share a stem), and acronyms are keywords of their own.

The constants below are the specification: an engine translates them into its own filters. The Snowball stemmer is
run on folded text; the stemmer must be « french » (Snowball), not a light variant: those cut a third of the words
elsewhere. Golden tests pin both streams.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import chain
from typing import TypeVar

import tantivy

from registry.text import fold, key

# --- The specification ---------------------------------------------------------------------------------------------

# Letters and digits, with the apostrophes inside them (« aujourd'hui » is one token).
WORD_PATTERN = r"[\p{L}\p{N}]+(?:'[\p{L}\p{N}]+)*"
LONGEST_WORD = 64  # bytes; a longer token is noise
ELISIONS = (
    "l", "d", "j", "m", "t", "s", "c", "n", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "quelqu", "presqu",
)  # fmt: skip
STEMMER = "French"
# Folded. Kept on purpose, because they carry meaning here: ne, pas, plus, rien, jamais, sans, contre, trop, sous
# (« pas de sous »), été (« camp d'été »), and all that names a person (père, mère, fille…).
_STOP_LIST = """
    a ai aie aient ait and apres as au aucun aucune aura aurai aurais aurait aussi autre autres aux avaient avais
    avait avant avec avez avoir avons ayant b c ca car ce ceci cela celle celles celui cent ces cet cette ceux
    chaque chez ci comme comment d dans de deja depuis des donc dont du e elle elles en encore ensuite entre es est
    et etaient etais etait etant etes etions etre eu eux f faire fais faisait fait faites faut font for g h i il ils
    is j je k l la le les leur leurs lorsque lui m ma mais me meme memes mes moi moins mon my n ni nos notre notres
    nous o of on ont or ou ouf p par parce parmi pendant peu peut peux pour pourquoi pourtant puis puisque q qu
    quand que quel quelle quelles quelque quelques quels qui quoi r s sa se selon sera serai serait seront ses si
    soi soient sois soit sommes son sont suis sur t ta tant te tel telle telles tels tes the to toi ton tous tout
    toute toutes tres tu u un une v va vais vas vers voici voila vont vos votre votres vous vu w x y z
"""
STOP_WORDS: frozenset[str] = frozenset(_STOP_LIST.split())

# --- The pre-pass that an engine without an elision filter needs ---------------------------------------------------

_APOSTROPHES = re.compile("[’‘ʼ´`′＇]")
_ELIDED = re.compile(rf"(?<![\w'])(?:{'|'.join(ELISIONS)})'(?=[^\W_])", re.IGNORECASE)


def prepare(text: str) -> str:
    """Compose accents, unify apostrophes and remove elided articles: « L’école d'été » → « école été »."""
    text = _APOSTROPHES.sub("'", unicodedata.normalize("NFC", text))
    return _ELIDED.sub("", text) if "'" in text else text


def _builder() -> tantivy.TextAnalyzerBuilder:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(WORD_PATTERN))
        .filter(tantivy.Filter.remove_long(LONGEST_WORD))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
    )


def stemmed_analyzer() -> tantivy.TextAnalyzer:
    """The stemmed stream, for text that went through `prepare`."""
    return (
        _builder()
        .filter(tantivy.Filter.custom_stopword(sorted(STOP_WORDS)))
        .filter(tantivy.Filter.stemmer(STEMMER.lower()))
        .build()
    )


def folded_analyzer(stop_words: bool = True) -> tantivy.TextAnalyzer:
    """The unstemmed folded stream, for text that went through `prepare`."""
    builder = _builder()
    if stop_words:
        builder = builder.filter(tantivy.Filter.custom_stopword(sorted(STOP_WORDS)))
    return builder.build()


_stemmed, _folded, _every = stemmed_analyzer(), folded_analyzer(), folded_analyzer(stop_words=False)
_stem_only = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(
    tantivy.Filter.stemmer(STEMMER.lower())
).build()  # fmt: skip

MOST_KEPT = 50_000  # pieces of text, in each memory of what they become

# --- What the rest of the program calls ----------------------------------------------------------------------------


def stems(text: str) -> list[str]:
    """The stemmed terms of a text, in order, stop words left out."""
    return _stemmed.analyze(prepare(text))


def words(text: str, *, stop_words: bool = False) -> list[str]:
    """The folded, unstemmed terms of a text, in order. With ``stop_words`` they are kept: [« mon », « pere »]."""
    if stop_words:
        return _every.analyze(prepare(text))
    return list(chain.from_iterable(map(_words.__getitem__, text.split())))


def terms(text: str) -> tuple[tuple[str, ...], ...]:
    """What an index holds of a text: its words, those of letters only, their stems; in order, once each."""
    found = dict(chain.from_iterable(map(_stemmed_words.__getitem__, text.split())))
    once = tuple(found)
    letters = once if "".join(once).isalpha() else tuple(filter(str.isalpha, once))
    return once, letters, tuple(dict.fromkeys(found.values()))


Value = TypeVar("Value")


class _Kept(dict[str, Value]):
    """What a function says of a text, kept: `kept[text]` costs a look in a dictionary. Emptied when it is full.

    Nothing in the specification looks past a space, and the same words come back in every listing: what lies between
    two spaces is cut once. Words, names (`name_key`) and acronyms go by such pieces.
    """

    def __init__(self, compute: Callable[[str], Value]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, text: str) -> Value:
        value = self._compute(text)
        if len(self) >= MOST_KEPT:
            self.clear()
        self[text] = value
        return value


def _words_of_piece(text: str) -> tuple[str, ...]:
    if text.isascii() and text.isalpha():  # most pieces, and all that the specification does to them
        word = text.lower()
        return (word,) if len(word) < LONGEST_WORD and word not in STOP_WORDS else ()
    return tuple(_folded.analyze(prepare(text)))


def _stemmed_words_of_piece(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((word, stem(word)) for word in _words_of_piece(text))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of one folded word (no tokenisation, no stop words)."""
    found = _stem_only.analyze(word)
    return found[0] if found else ""


def name_key(text: str) -> str:
    """The exact form of a name: folded letters and digits, elisions gone, single spaces."""
    if text.isascii() and text.isalnum():  # a code
        return text.lower()
    return " ".join(filter(None, map(_name_pieces.__getitem__, text.split())))


def _name_piece(text: str) -> str:
    return text.lower() if text.isascii() and text.isalnum() else key(prepare(text))


_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?")
_ACRONYM = re.compile(r"\b[^\W_]+(?:[-/][^\W_]+)*\b")


# What an acronym cannot do without: most texts have none, and are spared the rest.
_HINT = re.compile(r"[A-ZÀ-ÖØ-Þ][-./]?[A-ZÀ-ÖØ-Þ0-9]|[0-9][-./]?[A-ZÀ-ÖØ-Þ]")


def acronym_key(text: str) -> str:
    """An acronym as a keyword: folded, letters and digits only (« P-38 » → « p38 », « R.A.M.Q. » → « ramq »)."""
    return text.lower() if text.isascii() and text.isalnum() else key(text).replace(" ", "")


def acronyms(text: str) -> list[str]:
    """The acronyms written in a text, as keywords, in order, once each.

    Capitals are what tells an acronym in a listing (« ÉPS », « DI-TSA », « P-38 », « R.A.M.Q. »); a compound gives its
    parts too. An all-capitals text has none.
    """
    if text.isupper():
        letters = [char for char in text if char.isalpha()]
        if len(letters) > 12 and all(char.isupper() for char in letters):
            return []
    if "." in text:  # those with points come first
        return list(_acronyms_of_piece(text))
    found = list(chain.from_iterable(map(_acronyms.__getitem__, text.split())))
    return list(dict.fromkeys(found)) if len(found) > 1 else found


def _acronyms_of_piece(text: str) -> tuple[str, ...]:
    text = unicodedata.normalize("NFC", text)
    if _HINT.search(text) is None:
        return ()
    found: dict[str, None] = {}
    if "." in text:
        for match in _DOTTED.finditer(text):
            found.setdefault(acronym_key(match.group()))
    for whole in _ACRONYM.findall(text):
        parts = re.split(r"[-/]", whole) if "-" in whole or "/" in whole else ()
        for candidate in (whole, *parts):
            # No small letter at all: most words stop here.
            if not candidate.isupper():
                continue
            capitals = sum(char.isupper() for char in candidate)
            if capitals >= 2 or any(char.isdigit() for char in candidate):
                found.setdefault(acronym_key(candidate))
    return tuple(item for item in found if 2 <= len(item) <= 12)


_words, _stemmed_words = _Kept(_words_of_piece), _Kept(_stemmed_words_of_piece)
_name_pieces, _acronyms = _Kept(_name_piece), _Kept(_acronyms_of_piece)


def prefixes(word: str, shortest: int = 2, longest: int = 15) -> list[str]:
    """The beginnings of a folded word, for engines that index them."""
    return [word[:size] for size in range(shortest, min(len(word), longest) + 1)]


def distinct(items: Iterable[str]) -> tuple[str, ...]:
    """In order, once each."""
    return tuple(dict.fromkeys(items))


__all__ = [
    "ELISIONS",
    "LONGEST_WORD",
    "STEMMER",
    "STOP_WORDS",
    "WORD_PATTERN",
    "acronym_key",
    "acronyms",
    "distinct",
    "fold",
    "folded_analyzer",
    "name_key",
    "prefixes",
    "prepare",
    "stem",
    "stemmed_analyzer",
    "stems",
    "terms",
    "words",
]
