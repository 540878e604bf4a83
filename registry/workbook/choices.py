"""Readers of closed vocabularies and of lists: labels as people write them, several values in one cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.db import models

from registry import languages
from registry.text import key

from .values import UNREADABLE, Reader, Reading, clean_text

_LIST_SEPARATORS = re.compile(r"\s*[;\n]\s*")


@lru_cache(maxsize=64)
def _labels(vocabulary: type[models.TextChoices]) -> dict[str, str]:
    known = {key(value): str(value) for value in vocabulary.values}
    known.update({key(label): str(value) for value, label in vocabulary.choices})
    return known


@lru_cache(maxsize=64)
def _singular_labels(vocabulary: type[models.TextChoices]) -> dict[str, str]:
    return {_singular(name): value for name, value in _labels(vocabulary).items() if name}


def find_choice(
    vocabulary: type[models.TextChoices], text: object, aliases: Mapping[str, str] | None = None
) -> str | None:
    """The value whose label, code or alias (folded) is `text`; None when there is none. Plurals do not matter."""
    folded = key(text)
    known = _labels(vocabulary)
    if aliases and folded in aliases:
        return aliases[folded]
    if folded in known:
        return known[folded]
    return _singular_labels(vocabulary).get(_singular(folded))


def _singular(folded: str) -> str:
    return " ".join(word[:-1] if len(word) > 3 and word[-1] in "sx" else word for word in folded.split())


def read_choice(
    vocabulary: type[models.TextChoices],
    *,
    unknown: str = "valeur_inconnue",
    aliases: Mapping[str, str] | None = None,
) -> Reader:
    """A reader of one label of a closed vocabulary. Outside of it: the warning `unknown`, and UNREADABLE."""

    def read(raw: Any, reading: Reading) -> Any:
        text = clean_text(raw)
        found = None if "?" in text else find_choice(vocabulary, text, aliases)  # who asks is not sure
        if found is None:
            reading.warn(unknown, raw)
            return UNREADABLE
        return found

    return read


def split_list(raw: Any) -> list[str]:
    """« a ; b » → [« a », « b »], once each, in order."""
    parts = [part.strip() for part in _LIST_SEPARATORS.split(clean_text(raw))]
    return list(dict.fromkeys(part for part in parts if part))


def read_list(raw: Any, reading: Reading) -> tuple[str, ...]:
    """Texts as written; « | » is what separates them in the database, and cannot be kept."""
    return tuple(item.replace("|", "/") for item in split_list(raw))


def resolve_list(
    raw: Any, reading: Reading, find: Callable[[str], str | None], unknown: str, *, known_part: str = r"\s*[,/]\s*"
) -> Any:
    """Each item through `find`; an item that is unknown as a whole is tried cut at commas. The rest is warned about.

    UNREADABLE when nothing at all could be read.
    """
    found: list[str] = []
    missing: list[str] = []
    for item in split_list(raw):
        whole = find(item)
        pieces = [whole] if whole is not None else [find(piece) for piece in re.split(known_part, item)]
        if all(piece is not None for piece in pieces):
            found.extend(piece for piece in pieces if piece is not None)
        else:
            missing.append(item)
    for item in missing:
        reading.warn(unknown, item)
    if missing and not found:
        return UNREADABLE
    return tuple(dict.fromkeys(found))


def read_choices(
    vocabulary: type[models.TextChoices],
    *,
    unknown: str = "valeur_inconnue",
    aliases: Mapping[str, str] | None = None,
) -> Reader:
    def read(raw: Any, reading: Reading) -> Any:
        return resolve_list(raw, reading, lambda item: find_choice(vocabulary, item, aliases), unknown)

    return read


def read_languages(raw: Any, reading: Reading) -> Any:
    return resolve_list(raw, reading, languages.to_code, "langue_inconnue", known_part=r"\s*(?:[,/+]|\bet\b)\s*")


def read_labels(vocabulary: type[models.TextChoices]) -> Reader:
    """A list kept as written, except that a known label takes its usual spelling."""

    def read(raw: Any, reading: Reading) -> tuple[str, ...]:
        found = (find_choice(vocabulary, item) for item in split_list(raw))
        return tuple(
            dict.fromkeys(
                str(vocabulary(value).label) if value is not None else item.replace("|", "/")
                for item, value in zip(split_list(raw), found, strict=True)
            )
        )

    return read


def join_list(values: Iterable[object]) -> str:
    return " ; ".join(str(value) for value in values)
