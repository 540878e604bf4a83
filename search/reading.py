"""A question as a row of tokens, each claimed by at most one part of the understanding.

Recognisers look at `line`, the folded tokens with single spaces, where what was already claimed shows as « § » and so
can never be understood twice. Offsets in the line lead back to tokens, and tokens to the text as typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from registry.text import fold

from . import analysis

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ´`′＇", "'"))
_ELIDED = re.compile(rf"(?:{'|'.join(analysis.ELISIONS)})'(?=.)", re.IGNORECASE)
# « ne » carries nothing that « pas », « plus », « jamais » do not say; people drop it when they speak.
NEGLIGIBLE = frozenset({"ne"})
CLAIMED = "§"
MAX_TOKENS = 120  # a caller's sentence; what follows is kept as typed but not understood


def phrase(*alternatives: str) -> re.Pattern[str]:
    """A pattern for `Reading.find`: any of these, as whole words of the line. What it claims is the group « it »."""
    return re.compile(rf"(?:(?<=^)|(?<= ))(?P<it>{'|'.join(alternatives)})(?= |$)")


_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1$")


@lru_cache(maxsize=50_000)
def light(word: str) -> str:
    """A folded word without its inflection: plural, feminine, and the commonest endings of verbs.

    Lighter than the stem of the index on purpose: « aide » and « aidant », « refuge » and « réfugié », « répit » and
    « repas » share a stem, and say different needs.
    """
    if len(word) <= 3:
        return word
    if word.endswith("eaux"):
        return word[:-1]
    if len(word) > 5 and word.endswith("aux"):
        return word[:-3] + "al"
    if len(word) > 5 and word.endswith(("eux", "eur", "eurs")):
        return word.removesuffix("s")[:-1] + "s"
    if word.endswith(("s", "x")):
        word = word[:-1]
    bare = word.rstrip("e")
    # Short words differ by little else: « gare » is not « gars », but « gaie » is « gai ».
    word = bare if len(bare) >= 4 or (len(bare) == 3 and bare[-1] in "aiou") else word
    if word.endswith(("er", "ez")) and len(word) >= 6:
        word = word[:-2]
    if word.endswith("if"):
        word = word[:-1] + "v"
    return _DOUBLED.sub(r"\1", word) if len(word) > 4 else word


@dataclass(frozen=True, slots=True)
class Token:
    """One word. `start` and `end` are offsets in the composed text; `rank` counts the words that are not stop words."""

    folded: str
    light: str
    stem: str
    stop: bool
    start: int
    end: int
    rank: int


class Reading:
    """The tokens of a text and who claimed them."""

    def __init__(self, text: str) -> None:
        self.text = unicodedata.normalize("NFC", text).translate(_APOSTROPHES)
        self.tokens: list[Token] = []
        rank = -1
        for match in _WORD.finditer(self.text):
            start, word = match.start(), match.group()
            while elided := _ELIDED.match(word):
                start, word = start + elided.end(), word[elided.end() :]
            folded = fold(word)
            if not folded or len(folded) > analysis.LONGEST_WORD:
                continue
            stop = folded in analysis.STOP_WORDS or folded in NEGLIGIBLE
            rank += not stop
            self.tokens.append(Token(folded, light(folded), analysis.stem(folded), stop, start, match.end(), rank))
            if len(self.tokens) >= MAX_TOKENS:
                break
        self.owner: list[str] = [""] * len(self.tokens)

    def free(self, positions: Iterable[int]) -> bool:
        """True where no token among these was claimed."""
        return all(not self.owner[position] for position in positions)

    def claim(self, positions: Iterable[int], owner: str) -> None:
        """Give tokens to a recogniser; a token that has an owner keeps it."""
        for position in positions:
            self.owner[position] = self.owner[position] or owner

    def at(self, start: int, end: int) -> tuple[int, ...]:
        """The tokens that touch these offsets of the text."""
        return tuple(i for i, token in enumerate(self.tokens) if token.start < end and token.end > start)

    def find(self, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], tuple[int, ...]]]:
        """Matches of a pattern in the line of unclaimed tokens, each with the tokens it covers."""
        pieces = [CLAIMED if self.owner[i] else token.folded for i, token in enumerate(self.tokens)]
        line = " ".join(pieces)
        starts: list[int] = []
        position = 0
        for piece in pieces:
            starts.append(position)
            position += len(piece) + 1
        for match in pattern.finditer(line):
            start, end = match.span("it") if "it" in pattern.groupindex else match.span()
            if end > start:
                covered = (i for i, at in enumerate(starts) if at < end and at + len(pieces[i]) > start)
                yield match, tuple(covered)

    def written(self, positions: Iterable[int]) -> str:
        """The text as typed from the first to the last of these tokens."""
        places = sorted(positions)
        return self.text[self.tokens[places[0]].start : self.tokens[places[-1]].end] if places else ""

    def left(self) -> tuple[str, ...]:
        """Folded words that nobody claimed, stop words left out, once each."""
        words = (token.folded for i, token in enumerate(self.tokens) if not self.owner[i] and not token.stop)
        return analysis.distinct(words)
