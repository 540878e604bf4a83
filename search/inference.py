"""Needs that a listing's own words say, beside those it is indexed under.

In a real directory about one primary need in five is indexed one level up or missing, and some are wrong; the name and
the description seldom lie. The shipped lexicon reads them like a question, one sentence at a time. Nothing here depends
on the database or on the moment: the same text gives the same needs until the files of the lexicon change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from .lexicon import Lexicon, build_lexicon, shipped
from .reading import Reading
from .understanding_needs import weigh

# What evidence is worth where it stands: a name says what a service is, a description also what surrounds it.
NAME, SENTENCE, ORGANIZATION = 1.5, 1.0, 0.6
FURTHER = 0.5  # of a second and a third piece of evidence
STRONG, WEAK = 1.1, 0.4  # strength from which a need is inferred
SHARE = 0.62  # of the strongest need of the listing: below, a strong one is only weak
MOST_STRONG, MOST_WEAK = 3, 6
_SENTENCE = re.compile(r"[.!?;]+\s+|\s[–—]\s|\s?:\s")


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return build_lexicon((), {entry.need: True for entry in shipped().entries})


@lru_cache(maxsize=20_000)
def _said(text: str) -> Mapping[str, float]:
    """Need → strength of what one name or sentence says of it."""
    return {need.term: need.strength for need in weigh(_lexicon().match(Reading(text), None))}


def infer(name: str, description: str, organization: str) -> dict[str, list[str]]:
    """{"strong": needs, "weak": needs}: what the words of a listing say that it answers, surest first."""
    pieces = [(name, NAME), (organization, ORGANIZATION)]
    pieces += [(sentence, SENTENCE) for sentence in _SENTENCE.split(description) if sentence.strip()]
    evidence: dict[str, list[float]] = {}
    for text, worth in pieces:
        for term, strength in _said(text).items():
            evidence.setdefault(term, []).append(strength * worth)
    totals = {}
    for term, values in evidence.items():
        values.sort(reverse=True)
        totals[term] = values[0] + FURTHER * sum(values[1:3])
    ranked = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    top = ranked[0][1] if ranked else 0.0
    strong = [term for term, total in ranked if total >= STRONG and total >= SHARE * top][:MOST_STRONG]
    weak = [term for term, total in ranked if total >= WEAK and term not in strong][:MOST_WEAK]
    return {"strong": strong, "weak": weak}
