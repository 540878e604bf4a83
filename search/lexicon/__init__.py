"""How people say the needs of the vocabulary: shipped files and the coordinator's own synonyms, ready to match.

A `Lexicon` is immutable. Matching one question costs well under 3 ms: an inverted index leads from a word without its
inflection to the terms that it may be, and from a term to the expressions that need it. A word that the lexicon does
not know in that form is read by its stem, and failing that as a misspelling.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from registry.text import key

from .. import analysis
from ..reading import Reading, Token, light
from .entries import Concerned, Entry, LexiconError, Shipped, shipped
from .spelling import Speller

__all__ = ["Concerned", "Entry", "Lexicon", "LexiconError", "Match", "Shipped", "build_lexicon", "shipped"]

SHORTEST_STEM = 4  # letters; a shorter stem holds words that have nothing to do with each other
SAME_SOUND = 0.9  # certainty of a correction that changes nothing to the ear
BY_STEM = 0.85  # certainty of a word that was only recognised by its stem
SLACK = 5  # words that may stand between the terms of an expression
# Stop words that a fixed term can do without: « maison de retraite » is also typed « maison retraite ».
LINKS = frozenset((
    "a", "au", "aux", "avec", "d", "dans", "de", "des", "du", "en", "et", "l", "la", "le", "les", "leur", "ma",
    "mes", "mon", "notre", "nos", "par", "pour", "sa", "ses", "son", "sur", "un", "une",
))  # fmt: skip
# What was understood of these is no evidence of a need; an age or a moment may be (« où dormir ce soir »).
OPAQUE = frozenset({"name", "place", "language"})
_CLASS = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way of writing a term: forms that follow one another. `exact`: compare written forms, inflection included."""

    forms: tuple[str, ...]
    exact: bool
    adjacent_all: bool  # stop words count between the forms


@dataclass(frozen=True, slots=True)
class Expression:
    need: str
    terms: tuple[int, ...]
    weight: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """An expression found in a question. `certainty` < 1 where a word had to be corrected."""

    need: str
    weight: int
    kind: str
    positions: frozenset[int]
    terms: int
    certainty: float
    text: str


def _tokens(text: str) -> list[Token]:
    return Reading(text).tokens


def _patterns(word: str, *, exact: bool, keep_stops: bool) -> list[Pattern]:
    """The patterns of one literal term (« aide_médicale_à_mourir », « P-38 », « logement »), none for a stop word."""
    tokens = _tokens(word.replace("_", " "))
    content = [token for token in tokens if not token.stop]
    if not tokens or (not content and not keep_stops and len(tokens) == 1):
        return []

    def form(token: Token) -> str:
        return token.folded if exact else token.light

    lean = all(token.folded in LINKS for token in tokens if token.stop)
    if (len(content) >= 2 and lean) or len(tokens) == 1:
        chosen, adjacent_all = (content or tokens), False
    else:
        chosen, adjacent_all = tokens, True
    found = [Pattern(tuple(form(token) for token in chosen), exact, adjacent_all)]
    joined = "".join(token.folded for token in tokens)
    if len(tokens) > 1 and len(joined) <= 8 and ("-" in word or "." in word):
        found.append(Pattern((joined,), True, False))  # « P-38 » is also typed « p38 »
    return found


class Lexicon:
    """Expressions indexed for matching; build it with `build_lexicon`."""

    def __init__(self, entries: Iterable[Entry], classes: dict[str, tuple[str, ...]]) -> None:
        self._by_light: dict[str, list[tuple[int, Pattern]]] = {}
        self._by_form: dict[str, list[tuple[int, Pattern]]] = {}
        self._term_ids: dict[str, int] = {}
        self._classes = classes
        self.words: set[str] = set()  # every folded word that some term may be
        expressions: list[Expression] = []
        for entry in entries:
            terms = self._terms_of(entry)
            if terms:
                expressions.append(Expression(entry.need, terms, entry.weight, entry.kind, entry.expression))
        self.expressions = tuple(expressions)
        uses: dict[int, int] = {}
        for expression in self.expressions:
            for term in expression.terms:
                uses[term] = uses.get(term, 0) + 1
        # An expression is looked for where its rarest term was seen.
        self._by_key: dict[int, list[Expression]] = {}
        for expression in self.expressions:
            rarest = min(expression.terms, key=lambda term: (uses[term], term))
            self._by_key.setdefault(rarest, []).append(expression)
        self.lights = frozenset(light(word) for word in self.words)
        self._same_stem: dict[str, set[str]] = {}
        for word in self.words:
            stem = analysis.stem(word)
            if len(stem) >= SHORTEST_STEM:
                self._same_stem.setdefault(stem, set()).add(light(word))
        self.speller = Speller(self.words)

    # --- building ---

    def _terms_of(self, entry: Entry) -> tuple[int, ...]:
        terms: list[int] = []
        for piece in entry.expression.split():
            matched = _CLASS.fullmatch(piece)
            if matched:
                term = self._term(piece, self._classes.get(matched[1], ()), exact=False, keep_stops=True)
            else:
                exact = entry.kind == "acronym" and piece.isupper() and len(piece) <= 8
                term = self._term(f"={piece}" if exact else piece, (piece,), exact=exact, keep_stops=exact)
            if term is not None and term not in terms:
                terms.append(term)
            elif matched and term is None:
                return ()  # a class without members: nothing can match
        return tuple(terms)

    def _term(self, spec: str, words: Sequence[str], *, exact: bool, keep_stops: bool) -> int | None:
        if spec in self._term_ids:
            return self._term_ids[spec]
        patterns = [p for word in words for p in _patterns(word, exact=exact, keep_stops=keep_stops)]
        if not patterns:
            return None
        number = self._term_ids[spec] = len(self._term_ids)
        for word in words:
            self.words.update(token.folded for token in _tokens(word.replace("_", " ")))
        for pattern in dict.fromkeys(patterns):
            index = self._by_form if pattern.exact else self._by_light
            index.setdefault(pattern.forms[0], []).append((number, pattern))
        return number

    # --- matching ---

    def readings_of(self, token: Token, known: Collection[str] | None = ()) -> list[tuple[str, str, float]]:
        """(folded, light, certainty) of a token: itself, a word of its stem, or what it may be a misspelling of.

        `known`: folded words that are right as they are, and must never be « corrected »; None: all of them are.
        """
        if token.stop or token.folded in self.words or token.light in self.lights:
            return [(token.folded, token.light, 1.0)]
        corrected = [] if known is None or token.folded in known else self.speller.correct(token.folded)
        sure = corrected[0][1] if corrected else 0.0
        options: list[tuple[str, str, float]] = []
        right = known is not None and token.folded in known  # a word of a name is no form of another word
        if not right and len(token.stem) >= SHORTEST_STEM and token.stem in self._same_stem and sure < SAME_SOUND:
            # Once more the same word in another form, unless it sounds exactly like another one.
            options = [(token.folded, form, BY_STEM) for form in sorted(self._same_stem[token.stem])]
        elif corrected:
            options = [(word, light(word), closeness) for word, closeness in corrected if closeness >= sure - 0.1]
        return options or [(token.folded, token.light, 1.0)]

    def match(self, reading: Reading, known: Collection[str] | None = ()) -> list[Match]:
        """Every expression that the tokens of a question hold, those of names and places left out. `known` as in
        `readings_of`."""
        tokens = reading.tokens
        readings = [
            [] if reading.owner[i] in OPAQUE else self.readings_of(token, known) for i, token in enumerate(tokens)
        ]
        content = [i for i, token in enumerate(tokens) if not token.stop]
        after = {position: content[n + 1 :] for n, position in enumerate(content)}
        found: dict[int, dict[tuple[int, ...], float]] = {}
        for i, options in enumerate(readings):
            for folded, form, sure in options:
                for term, pattern in (*self._by_light.get(form, ()), *self._by_form.get(folded, ())):
                    if (
                        pattern.exact
                        and len(pattern.forms) == 1
                        and tokens[i].stop
                        and not reading.text[tokens[i].start : tokens[i].end].isupper()
                    ):
                        continue  # « des », « ces » are acronyms in capitals only
                    following = range(i + 1, len(tokens)) if pattern.adjacent_all else after.get(i, ())
                    placed = self._place(pattern, i, following, readings, sure)
                    if placed is not None:
                        positions, certainty = placed
                        seen = found.setdefault(term, {})
                        seen[positions] = max(certainty, seen.get(positions, 0.0))
        matches = []
        for term in found:
            for expression in self._by_key.get(term, ()):
                if all(other in found for other in expression.terms):
                    match = self._assemble(expression, found, tokens)
                    if match is not None:
                        matches.append(match)
        return matches

    @staticmethod
    def _place(
        pattern: Pattern,
        first: int,
        following: Sequence[int],
        readings: list[list[tuple[str, str, float]]],
        sure: float,
    ) -> tuple[tuple[int, ...], float] | None:
        positions = [first]
        for n, form in enumerate(pattern.forms[1:]):
            if n >= len(following):
                return None
            position = following[n]
            options = [s for folded, bare, s in readings[position] if (folded if pattern.exact else bare) == form]
            if not options:
                return None
            sure = min(sure, max(options))
            positions.append(position)
        return tuple(positions), sure

    @staticmethod
    def _assemble(
        expression: Expression, found: dict[int, dict[tuple[int, ...], float]], tokens: list[Token]
    ) -> Match | None:
        """The tightest placing of all the terms of an expression within its window, or None."""
        window = len(expression.terms) + SLACK
        key_term = min(expression.terms, key=lambda term: len(found[term]))
        best: Match | None = None
        best_span = window + 1
        for anchor, sure in found[key_term].items():
            taken = set(anchor)
            certainty, complete = sure, True
            for term in expression.terms:
                if term == key_term:
                    continue
                options = [(p, s) for p, s in found[term].items() if not taken.intersection(p)]
                if not options:
                    complete = False
                    break
                position, s = min(options, key=lambda o: (abs(tokens[o[0][0]].rank - tokens[anchor[0]].rank), -o[1]))
                taken.update(position)
                certainty = min(certainty, s)
            if not complete:
                continue
            ranks = [tokens[p].rank for p in taken]
            span = max(ranks) - min(ranks) + 1
            if span <= window and span < best_span:
                best_span = span
                best = Match(
                    expression.need, expression.weight, expression.kind, frozenset(taken),
                    len(expression.terms), certainty, expression.text,
                )  # fmt: skip
        return best


def build_lexicon(synonyms: Iterable[Entry], terms: Mapping[str, bool]) -> Lexicon:
    """The shipped entries together with the coordinator's (`synonyms`) and the names of the needs.

    `terms`: name of each need → whether it has a parent. Where both say the same need by the same expression, the
    coordinator's row wins. Entries of needs that the vocabulary does not hold are left out.
    """
    own = [entry for entry in synonyms if entry.need in terms]
    settled = {(entry.need, key(entry.expression)) for entry in own}
    others = (*shipped().entries, *_own_names(terms))
    entries = [
        *own,
        *(entry for entry in others if entry.need in terms and (entry.need, key(entry.expression)) not in settled),
    ]
    return Lexicon(dict.fromkeys(entries), shipped().classes)


def _own_names(terms: Mapping[str, bool]) -> Iterator[Entry]:
    """Each need by its own name. « Famille », « Violence »: a whole branch named by one common word is a hint only."""
    for term, has_parent in terms.items():
        expression = " ".join(term.replace("–", " ").split())
        yield Entry(term, expression, "synonym", 3 if has_parent or " " in expression else 2)
