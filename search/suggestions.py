"""Autocomplete over names (the engine's), needs with their synonyms, and places. Names are seen through the scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from registry.policies import Scope

from . import analysis
from .engines.base import Answering, EngineError, Suggestion
from .vocabulary import Vocabulary

SHORTEST = 2  # characters
SHARE = {"need": 3, "place": 2}  # of a list of eight; names take what is left


def suggest(
    text: str, vocabulary: Vocabulary, engine: Answering | None, scope: Scope, limit: int = 8
) -> list[Suggestion]:
    """At most `limit` proposals for what is being typed: needs, then places, then names. None for who may see nothing.

    `engine` None, or one that cannot answer, leaves the names out.
    """
    typed = analysis.words(text, stop_words=True)
    if scope.is_empty or not typed or len("".join(typed)) < SHORTEST:
        return []
    needs = _needs(typed, vocabulary)
    places = _places(typed, vocabulary)
    names: list[Suggestion] = []
    if engine is not None:
        try:
            names = engine.suggest(text, scope, limit)
        except EngineError:
            names = []
    kept = [*needs[: SHARE["need"]], *places[: SHARE["place"]]]
    kept += names[: max(0, limit - len(kept))]
    spare = [*needs[SHARE["need"] :], *places[SHARE["place"] :]]
    return [*kept, *spare][:limit]


def _begins(typed: Sequence[str], words: Sequence[str]) -> int | None:
    """0 when the words begin as typed, 1 when they hold it in order from a later word, None when they do not. Both of
    one type, lists or tuples."""
    size = len(typed)
    for start in range(len(words) - size + 1):
        span = words[start : start + size]
        if span[:-1] == typed[:-1] and span[-1].startswith(typed[-1]):
            return 0 if start == 0 else 1
    return None


def _ranked(found: Iterable[tuple[int, int, str, Suggestion]]) -> list[Suggestion]:
    once: dict[str, Suggestion] = {}
    for _, _, _, suggestion in sorted(found, key=lambda row: row[:3]):
        once.setdefault(suggestion.value, suggestion)
    return list(once.values())


def _needs(typed: list[str], vocabulary: Vocabulary) -> list[Suggestion]:
    """Needs by their own name, then by a synonym, which the label shows."""
    found = []
    for term in vocabulary.terms:
        rank = _begins(typed, analysis.words(term, stop_words=True))
        if rank is not None:
            found.append((rank, len(term), term, Suggestion("need", term, term)))
    for entry in vocabulary.synonyms:
        rank = _begins(typed, analysis.words(entry.expression, stop_words=True))
        if rank is not None:
            label = f"{entry.need} ({entry.expression})"
            found.append((2 + rank, len(entry.expression), entry.need, Suggestion("need", label, entry.need)))
    return _ranked(found)


def _places(typed: list[str], vocabulary: Vocabulary) -> list[Suggestion]:
    found = []
    for words, code, label in vocabulary.gazetteer.spoken:
        rank = _begins(tuple(typed), words)
        if rank is not None:
            name = vocabulary.tree.rows[code].name
            found.append((rank, sum(map(len, words)), name, Suggestion("place", label, name, code)))
    return _ranked(found)
