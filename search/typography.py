"""French typography of Québec: spaces that a line must not break (OQLF: « 8 h 30 », « 12 ans », « 21 novembre »)."""

from __future__ import annotations

import re
from collections.abc import Callable

NBSP = "\u00a0"
NB_HYPHEN = "\u2011"

_MONTHS = (
    "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|janv\\.|févr\\.|avr\\.|juill\\.|sept\\.|oct\\.|nov\\.|déc\\."
)
_UNITS = "h|min|s|km|m|ans?|mois|jours?|semaines?|heures?|minutes?|%|\\$|kg|ressources?|services?|lignes?"
_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    # A time: « 8 h 30 », « 24 h sur 24 ».
    (re.compile(r"(?<![\w,.])(\d{1,2}) h (\d{2})(?!\d)"), rf"\1{NBSP}h{NBSP}\2"),
    (re.compile(r"(\d) h sur 24\b"), rf"\1{NBSP}h sur{NBSP}24"),
    # A phone: « 418 555-0111 », « 1 800 555-0102 », « poste 222 », « option 2 ».
    (
        re.compile(r"(?<!\d)(?:(1)[ -])?(\d{3})[ -](\d{3})-(\d{4})(?!\d)"),
        lambda match: NBSP.join(part for part in match.groups()[:3] if part) + NB_HYPHEN + match[4],
    ),
    (re.compile(r"\b([Pp]oste|[Oo]ption) (\d)"), rf"\1{NBSP}\2"),
    # A number and what it counts; a day and its month; a month and its year.
    (re.compile(rf"(\d) ({_UNITS})(?![\wÀ-ÿ])"), rf"\1{NBSP}\2"),
    (re.compile(rf"(\d|1er) ({_MONTHS})(?![\wÀ-ÿ])"), rf"\1{NBSP}\2"),
    (re.compile(rf"({_MONTHS}) (\d{{4}})(?!\d)"), rf"\1{NBSP}\2"),
    (re.compile(r"(\d) (000|\d{3})(?![\d-])(?=\D|$)"), rf"\1{NBSP}\2"),
    # A postal code.
    (re.compile(r"\b([A-Z]\d[A-Z]) (\d[A-Z]\d)\b"), rf"\1{NBSP}\2"),
    # The apostrophe of elision: « l’heure ».
    (re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])"), "’"),
    # Punctuation: inside « », before a colon; never before ? ! ;
    (re.compile(r"« ?(?=\S)"), f"«{NBSP}"),
    (re.compile(r"(?<=\S) ?»"), f"{NBSP}»"),
    (re.compile(r"(?<=[\w»)]) :(?=\s|$)"), f"{NBSP}:"),
)
# What every rule needs at least one of.
_CONCERNED = re.compile("[0-9«»':]")


def no_break(text: object) -> str:
    """`text` with no-break spaces and hyphens where French wants them, and curly apostrophes. Idempotent; changes
    nothing but spaces, straight apostrophes and the hyphen of a phone number."""
    out = str(text if text is not None else "")
    if _CONCERNED.search(out) is None:  # most names and labels: a page has hundreds of them
        return out
    for pattern, replacement in _RULES:
        out = pattern.sub(replacement, out)
    return out
