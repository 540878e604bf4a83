"""From the expressions found in a question to the needs that it asks for.

Several expressions may compete for the same words (« déficience », « déficience auditive »): the one that explains more
of them wins. What is asked on other words is a second need, asked as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .lexicon import Concerned, Match
from .reading import light
from .request import WantedNeed

# What an expression of each weight is worth on its own, and what each further term that it explains adds.
STRENGTH = {3: 1.0, 2: 0.66, 1: 0.3}
PER_TERM = 0.12
CLASS_LOSS = 0.06  # when every term of an expression is a class
SECOND_EVIDENCE = 0.15  # another expression of the same need, on other words
ENOUGH = 0.55  # a need is asked from this strength on, when stronger ones leave it words of its own
ALONE = 0.28  # … and from this one when nothing stronger was said
SHARED = 0.8  # of the strongest on the same words: both are asked
LEAST = 0.35  # weight below which no asked need falls, whatever the strength of the first
SECOND = 0.6  # of a rival that shares some of its words, when it has others
MOST = 4  # needs asked in one question; people do not say more
OTHER_AGE, OTHER_SEX = 0.55, 0.5  # what is left of a need that concerns people of another age, of the other sex
HINTS = 3  # needs asked together when there are only hints…
NEAR = 0.75  # … as strong as this share of the strongest
PARENT, CHILD, SHADOW = 0.3, 0.6, 0.45
BRANCH = 0.5  # of a whole branch of needs, beside one need or narrowed to one


@dataclass(frozen=True, slots=True)
class Recognised:
    """A need with the strength of the evidence and the words that said it."""

    term: str
    strength: float
    positions: frozenset[int]
    kind: str  # of the best evidence: synonym, acronym, lay, former
    guess: bool


def strength(match: Match) -> float:
    """What one expression found is worth, about 0.2 to 1.5."""
    # A class of words is wider than a word: at equal weight the word says more.
    precision = 1 - CLASS_LOSS * match.text.count("{") / match.terms
    return (STRENGTH[match.weight] + PER_TERM * (match.terms - 1)) * match.certainty**2 * precision


@dataclass(frozen=True, slots=True)
class Person:
    """What is known or guessed of the person concerned. Ages in years; `sure` where they were said outright."""

    low: int | None = None
    high: int | None = None
    sex: str | None = None
    sure_sex: bool = False


NOBODY = Person()


def likelihood(term: str, person: Person, concerned: Mapping[str, Concerned]) -> float:
    """How well a need suits the person concerned: 1 = as far as one knows; never 0, callers speak for others."""
    whom = concerned.get(term)
    if whom is None:
        return 1.0
    factor = 1.0
    if person.low is not None and person.high is not None:
        shared = min(person.high, whom.high) - max(person.low, whom.low) + 1
        share = max(0, shared) / (person.high - person.low + 1)
        factor *= OTHER_AGE + (1 - OTHER_AGE) * share
    if whom.sex and person.sex and whom.sex != person.sex:
        factor *= OTHER_SEX if person.sure_sex else (1 + OTHER_SEX) / 2
    return factor


def _offer_variants(by_need: dict[str, list[Match]], person: Person, concerned: Mapping[str, Concerned]) -> None:
    """Some needs have a variant by age (« … – adulte », « … – jeunesse »): what says one of them to somebody of another
    age says the variant for that age."""
    for term in sorted(by_need):
        head, dash, _ = term.partition(" – ")
        if not dash or likelihood(term, person, concerned) > OTHER_AGE:
            continue
        for other in sorted(concerned):
            if other.startswith(head + dash) and other != term and likelihood(other, person, concerned) == 1.0:
                by_need.setdefault(other, []).extend(replace(match, need=other) for match in by_need[term])


def weigh(
    matches: Iterable[Match], person: Person = NOBODY, concerned: Mapping[str, Concerned] | None = None
) -> list[Recognised]:
    """Needs with some evidence, strongest first (ties by name), those that suit the person before the others."""
    by_need: dict[str, list[Match]] = {}
    for match in matches:
        by_need.setdefault(match.need, []).append(match)
    _offer_variants(by_need, person, concerned or {})
    found = []
    for term, evidence in by_need.items():
        evidence.sort(key=lambda m: (-strength(m), -len(m.positions), sorted(m.positions), m.text))
        best = evidence[0]
        total, covered = strength(best), set(best.positions)
        for other in evidence[1:]:
            if other.weight >= 2 and not other.positions <= covered:
                total += SECOND_EVIDENCE * other.certainty
                covered |= other.positions
            elif other.weight == 1 and not other.positions & covered:
                total += SECOND_EVIDENCE / 2
                covered |= other.positions
        total *= likelihood(term, person, concerned or {})
        found.append(Recognised(term, total, frozenset(covered), best.kind, best.weight < 3 or best.certainty < 1))
    return sorted(found, key=lambda need: (-need.strength, need.term))


# Words for people: they tell who is concerned, and ask for a need of their own only where nothing else is said.
PEOPLE = frozenset(light(word) for word in (
    "aine", "ainee", "aines", "ado", "ados", "adolescent", "adolescente", "adulte", "bebe", "conjoint", "conjointe",
    "enfant", "famille", "femme", "fille", "fils", "garcon", "gars", "grand", "homme", "jeune", "mari", "mere", "pere",
    "papa", "maman", "parent", "personne", "agee", "age", "proche", "vieux", "vieille", "voisin", "voisine", "eleve",
    "etudiant", "etudiante", "frere", "soeur", "oncle", "tante", "neveu", "niece", "cousin", "cousine", "monsieur",
    "madame", "dame", "chum", "blonde", "copain", "copine", "belle", "beau", "petit", "petite", "ami", "amie",
))  # fmt: skip


def _core(need: Recognised, content: frozenset[int], people: frozenset[int]) -> frozenset[int]:
    """The words that tell a need from another: those for people tell nothing, unless there are no others."""
    words = need.positions & content or need.positions
    return words - people or words


def choose(
    weighed: Sequence[Recognised], content: frozenset[int], people: frozenset[int] = frozenset()
) -> tuple[list[Recognised], list[Recognised]]:
    """(asked, hinted): which needs are asked, and which stay in the shadow of stronger ones on the same words.

    `content`: positions that are not stop words; `people`: positions of words for people (PEOPLE).
    """
    asked: list[Recognised] = []
    hinted: list[Recognised] = []
    for need in weighed:
        words = _core(need, content, people)
        rivals = [other for other in asked if _core(other, content, people) & words]
        own = words.difference(*(other.positions for other in asked))
        if not asked:
            # « mon frère … »: who it is about says no need, unless nothing else was said.
            told = bool(words - people) or content <= people or need.strength >= ENOUGH
            accepted = need.strength >= ALONE and told
        elif asked[0].strength < ENOUGH:
            # Only hints: none of them is sure enough to leave the others out.
            accepted = len(asked) < HINTS and need.strength >= NEAR * asked[0].strength
        elif len(asked) >= MOST or need.strength < ENOUGH:
            accepted = False
        elif not rivals:
            accepted = bool(words - people)
        elif own - people:
            accepted = need.strength >= SECOND * rivals[0].strength
        else:
            # Nothing of its own: as strong as the other on the very same words, or explained by it.
            accepted = all(
                need.strength >= SHARED * other.strength and words >= _core(other, content, people) for other in rivals
            )
        (asked if accepted else hinted).append(need)
    return asked, hinted


def wanted(
    asked: Sequence[Recognised],
    hinted: Sequence[Recognised],
    parent_of: Mapping[str, str | None],
    children_of: Mapping[str, Sequence[str]],
    related_to: Callable[[str], Sequence[tuple[str, float]]],
) -> tuple[WantedNeed, ...]:
    """The needs of the request: asked ones, their parents, and those whose services are a sensible second answer."""
    weights: dict[str, tuple[float, str]] = {}

    def offer(term: str, weight: float, kind: str) -> None:
        known = weights.get(term)
        if known is None or weight > known[0]:
            weights[term] = (round(min(1.0, weight), 3), kind)

    if not asked:
        for need in hinted[:3]:
            offer(need.term, need.strength * SHADOW, "related")
    top = max((need.strength for need in asked), default=1.0)
    for need in asked:
        offer(need.term, LEAST + (1 - LEAST) * min(1.0, need.strength / top), "asked")
    # A whole branch was asked (« perte d'autonomie ») and something hinted at one of its needs: that need is asked too.
    branches = {need.term: weights[need.term][0] for need in asked if children_of.get(need.term)}
    narrowed: set[str] = set()
    for need in hinted:
        branch = parent_of.get(need.term) or ""
        if branch in branches and need.strength >= ALONE:
            offer(need.term, branches[branch], "asked")
            narrowed.add(branch)
    # A branch says less than a need: beside one it weighs less.
    precise = any(need.term not in branches for need in asked)
    for term, share in branches.items():
        if precise or term in narrowed:
            weights[term] = (round(share * BRANCH, 3), "asked")
            for child in children_of.get(term, ()):
                if (
                    precise
                    and weights.get(child, (0.0, ""))[1] == "asked"
                    and all(need.term != child for need in asked)
                ):
                    weights[child] = (round(share * BRANCH, 3), "asked")
    chosen = set(weights)
    for need in asked:
        share = weights[need.term][0]
        parent = parent_of.get(need.term)
        if parent and parent not in chosen:
            offer(parent, PARENT * share, "parent")
        for child in children_of.get(need.term, ()):
            if child not in chosen:
                offer(child, CHILD * share, "related")
        for other, weight in related_to(need.term):
            if other not in chosen:
                offer(other, weight * share * 0.8, "related")
    for need in hinted:
        if asked and need.strength >= 0.25 and need.term not in chosen:
            offer(need.term, SHADOW * min(1.0, need.strength / top), "related")
    order = {"asked": 0, "parent": 1, "related": 2}
    ranked = sorted(weights.items(), key=lambda item: (order[item[1][1]], -item[1][0], item[0]))
    return tuple(WantedNeed(term, weight, kind) for term, (weight, kind) in ranked)
