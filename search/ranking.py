"""The ranking, as one declarative list: which predicates a question asks, what each weighs, how to say it in French.

No engine lives here. `plan` turns a request and a scope into predicates (search.predicates); an engine translates them.
The score of a service is the sum of the weights of the clauses that it matches: whole numbers, no word statistics, so
that the same question on the same data gives the same score on every host and every engine, and can be explained.
Order: (tier, score, code). A tier is a set of wishes given up; what is known to be impossible (age, sex, visibility)
is left out altogether, and what is unknown never excludes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from registry.enums import SCHOOLS, AccessMode, Availability, Clientele, FrameworkService, Line, PartnerType
from registry.geography import Point, distance_km
from registry.policies import Scope

from . import analysis, explanation
from .documents import GRIDS, UNKNOWN, cell, minutes
from .predicates import (
    EXACT,
    LOOSE,
    NOTHING,
    STEM,
    TEXTS,
    Between,
    During,
    Everything,
    Not,
    Predicate,
    Terms,
    Word,
    all_of,
    any_of,
)
from .request import OrientationRequest

# --- The table -----------------------------------------------------------------------------------------------------
# Everything that can be tuned. Whole numbers; the sum of all that one service can match stays far below TIER_STEP.

WEIGHTS: dict[str, int] = {
    # names
    "service_name": 6000,  # the question holds the exact name of the service, or its code
    "organization_name": 4000,
    "acronym": 3000,
    # needs (× the weight of the need in the request)
    "need": 400,  # among the service's needs
    "primary_need": 200,  # besides, when it is the first
    "inferred_need": 380,  # besides or instead, the name and the description say it
    "hinted_need": 120,  # … or let it be thought
    "one_level_up": 500,  # indexed under the parent of the need, and its words say the need
    "perhaps_one_level_up": 350,  # … or let it be thought
    "narrower_need": 150,  # indexed under the need asked
    "parent_need": 250,  # indexed one level up
    "related_need": 240,  # × the relation's own weight
    # words: per word, per field, × FIELDS
    "loose": 5,
    "stem": 4,
    "exact": 1,
    "soft": 6,  # per word said beside a recognised need or name, × FIELDS
    "all_words": 150,
    "expansion": 1,  # per professional word, × EXPANSION_FIELDS
    # place
    "territory": 120,  # the territory asked is served by name
    "territory_above": 100,  # … through the one around it; each level further takes away TERRITORY_STEP
    "territory_unknown": 20,
    "neighbour": 60,  # not served, but a territory under the same parent is
    "ring": 10,  # per ring of distance that holds one of its places
    # corridor and reachability
    "corridor": 15,
    "reachable": 10,
    "reachable_asked": 90,  # besides, when a moment was asked
    "urgent_reachable": 200,
    "urgent_always": 120,  # 24 hours a day
    "urgent_phone": 60,
    "urgent_no_delay": 60,
    # quality of the listing
    "available": 60,
    "availability_unknown": 30,
    "periodic": 25,
    "waiting_list": 20,
    "fresh": 8,
    "not_stale": 12,
    # people
    "age_specialised": 60,
    "age_narrow": 40,
    "clientele": 60,
    "clientele_open": 20,
    "sex": 220,
    "sex_open": 80,  # nothing said of the sex, and it takes everyone
    "age_open": 90,  # nothing said of the age, and it takes adults or everyone
    "group_open": 80,  # not kept for a group that nobody mentioned
    "public": 60,  # not kept for the pupils, students or patients of an institution
    "age_guess": 120,  # the ages served overlap those that a word suggests
    "sex_guess": 30,
    "language_spoken": 60,
}
FIELDS: dict[str, int] = {"name": 12, "needs": 8, "organization": 6, "keywords": 4, "description": 3, "about": 1}
EXPANSION_FIELDS: dict[str, int] = {"name": 40, "keywords": 12, "description": 12}
TERRITORY_STEP = 20
RINGS_KM = (2, 5, 15, 50)
FRESH_DAYS, STALE_DAYS = 183, 548
# What giving up a wish costs: a tier's rank is the sum of the costs of what it gave up.
COSTS = {"match": 1, "language": 2, "territory": 4}
TIER_STEP = 1 << 18  # scores are exact in single precision: (8 tiers × this) < 2**24
_GENERIC = (
    "aide service services soutien centre besoin ressource ressources personne personnes quelque chose "
    "cherche trouver veut voudrait question info information informations appel groupe programme problème "
    "problèmes québec sherbrooke"
)
GENERIC_WORDS = frozenset(analysis.stems(_GENERIC))
GENERIC_FACTOR = 0.4
MAX_WORDS, MAX_EXPANSION, MAX_NEEDS = 16, 24, 12

# Who receives any request and finds the right door: the last rescue, when nothing answers any word.
DOORS: Predicate = any_of([
    Terms("framework", (FrameworkService.AEOR.value, FrameworkService.INFO_SOCIAL.value)),
    Terms("need", ("Accueil, évaluation, orientation et référence",)),
])  # fmt: skip

# Which clientele labels name people of an age (years, both included).
CLIENTELE_AGES: tuple[tuple[str, int, int], ...] = (
    (Clientele.CHILDREN.label, 0, 12),
    (Clientele.TEENAGERS.label, 11, 18),
    (Clientele.YOUNG_ADULTS.label, 16, 35),
    (Clientele.ADULTS.label, 18, 64),
    (Clientele.ELDERS.label, 60, 150),
)
OPEN_CLIENTELE = (Clientele.EVERYONE.label,)
GENERAL_CLIENTELE = (Clientele.EVERYONE.label, Clientele.ADULTS.label)
# Groups that a service may be kept for → the needs that ask for it in so many words.
GROUPS: dict[str, tuple[str, ...]] = {
    Clientele.HOMELESS.label: ("Itinérance et hébergement d'urgence", "Jeunes de la rue", "Exclusion sociale"),
    Clientele.IMMIGRANTS.label: ("Personnes immigrantes et réfugiées", "Francisation", "Interprétariat"),
    Clientele.LGBTQ.label: ("Diversité sexuelle et de genre",),
    Clientele.PHYSICAL_DISABILITY.label: ("Déficience physique", "Transport adapté et accompagnement bénévole"),
    Clientele.INTELLECTUAL_DISABILITY.label: ("Déficience intellectuelle", "Parrainage civique"),
    Clientele.CAREGIVERS.label: ("Soutien aux proches aidants", "Répit"),
    Clientele.INDIGENOUS.label: ("Premiers Peuples – services culturellement sécurisants",),
}
# Partners that serve their own pupils, students or registered patients first.
OWN_PUBLIC: tuple[str, ...] = (
    *(str(kind.value) for kind in SCHOOLS), PartnerType.CEGEP.value, PartnerType.GMF.value,
)  # fmt: skip
SCHOOL_AGE = (5, 17)  # years: at these, the school is the right door

# --- The plan ------------------------------------------------------------------------------------------------------

Why = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Clause:
    """A predicate that adds its weight. `why` says it in French of one document (« » = nothing to say)."""

    name: str
    predicate: Predicate
    weight: int
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Something asked that a service may fail: it then goes to a lower, labelled tier. `dropped` names it there."""

    name: str
    predicate: Predicate
    cost: int
    dropped: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A question in predicates. A service is a candidate when `required` and `base` hold, and every filter."""

    required: Predicate
    base: Predicate
    filters: dict[str, Predicate] = field(default_factory=dict)
    wishes: tuple[Wish, ...] = ()
    clauses: tuple[Clause, ...] = ()
    # Facets that this viewer may count, with the field each counts; « » for the two that are yes or no.
    facets: dict[str, str] = field(default_factory=dict)
    reachable: Predicate = field(default_factory=Everything)
    corridor: Predicate = field(default_factory=Everything)

    @property
    def highest_rank(self) -> int:
        return sum(wish.cost for wish in self.wishes)

    def dropped(self, rank: int) -> tuple[str, ...]:
        return tuple(wish.dropped for wish in self.wishes if rank & wish.cost)

    def split(self, total: float) -> tuple[int, int]:
        """(tier rank, score) of the sum that an engine computed."""
        kept, score = divmod(round(total), TIER_STEP)
        return self.highest_rank - kept, score


FACET_FIELDS: dict[str, str] = {
    "reachable": "", "corridor": "", "availability": "availability", "access_mode": "access_mode", "program": "program",
    "partner_type": "partner_type", "need": "need", "territory": "served", "language": "language",
}  # fmt: skip


def plan(request: OrientationRequest, scope: Scope, open_hours: Iterable[int] = (), *, rescue: bool = False) -> Plan:
    """The question as predicates. `open_hours`: numbers of the schedules that are open at the moment asked.

    `rescue`: nothing answered any part of it; ask for the services that receive every request (DOORS) instead.
    """
    asked = request.moment
    reachable = all_of([
        Terms("hours", tuple(sorted(open_hours))), Not(During("closed", minutes(asked))),
    ])  # fmt: skip
    corridor = During("corridor", asked.date().toordinal())
    required: list[Predicate] = [Terms("visibility", tuple(sorted(scope.visibilities)))]
    if request.age is not None:
        required += [Between("age_low", high=request.age), Between("age_high", low=request.age)]
    if request.sex:
        required.append(Terms("sex", (request.sex, UNKNOWN)))
    facets = {name: of for name, of in FACET_FIELDS.items() if name != "corridor" or scope.sees_corridors}
    words = _words(request)
    clauses = [
        *_name_clauses(request),
        *_need_clauses(request),
        *_word_clauses(request, words),
        *_place_clauses(request),
        *_reach_clauses(request, reachable),
        *_quality_clauses(request),
        *_people_clauses(request),
    ]
    if scope.sees_corridors:
        clauses.append(Clause("corridor", corridor, WEIGHTS["corridor"], lambda document: "corridor en vigueur"))
    return Plan(
        required=all_of(required),
        base=DOORS if rescue else _base(request, words),
        filters=_filters(request, scope, reachable, corridor),
        wishes=tuple(_wishes(request, words, rescue)),
        clauses=tuple(clause for clause in clauses if clause.weight > 0),
        facets=facets,
        reachable=reachable,
        corridor=corridor,
    )


def _filters(
    request: OrientationRequest, scope: Scope, reachable: Predicate, corridor: Predicate
) -> dict[str, Predicate]:
    chosen: dict[str, Predicate] = {}
    for name, values in request.filters.items():
        if not values or name not in FACET_FIELDS:
            continue
        if name == "reachable":
            chosen[name] = reachable
        elif name == "corridor":
            # Who may not see corridors cannot learn of them by filtering: the wish is not heard.
            if scope.sees_corridors:
                chosen[name] = corridor
        else:
            chosen[name] = Terms(FACET_FIELDS[name], tuple(values))
    return chosen


# --- Words ---------------------------------------------------------------------------------------------------------


def _words(request: OrientationRequest) -> list[Word]:
    """The words of the question, widest mode; the one still being typed may be the beginning of another."""
    typed = analysis.words(request.q[-80:]) if request.q and not request.q[-1:].isspace() else []
    last = typed[-1] if typed else ""
    kept = [word for word in analysis.distinct(request.words) if word not in analysis.STOP_WORDS]
    return [Word(TEXTS, word, LOOSE, prefix=word == last and len(word) >= 3) for word in kept[:MAX_WORDS]]


def _word_clauses(request: OrientationRequest, words: list[Word]) -> Iterable[Clause]:
    for asked in words:
        factor = GENERIC_FACTOR if analysis.stem(asked.word) in GENERIC_WORDS else 1.0
        for name, weight in FIELDS.items():
            for mode in (LOOSE, STEM, EXACT):
                if mode == EXACT and name not in ("name", "organization"):
                    continue
                points = round(WEIGHTS[mode] * weight * factor)
                why = explanation.word(asked.word) if mode == LOOSE and name == "name" else None
                yield Clause(f"{mode} {name}", Word((name,), asked.word, mode, asked.prefix), points, why)
    for word in analysis.distinct(request.soft)[:MAX_WORDS]:
        factor = GENERIC_FACTOR if analysis.stem(word) in GENERIC_WORDS else 1.0
        for name, weight in FIELDS.items():
            points = round(WEIGHTS["soft"] * weight * factor)
            yield Clause(f"soft {name}", Word((name,), word, STEM), points)
    if len(words) > 1:
        yield Clause("all words", all_of(words), WEIGHTS["all_words"])
    for term in analysis.distinct(request.expansion)[:MAX_EXPANSION]:
        for name, weight in EXPANSION_FIELDS.items():
            yield Clause(f"expansion {name}", Word((name,), term, STEM), WEIGHTS["expansion"] * weight)


# --- Names and needs -----------------------------------------------------------------------------------------------


def _name_clauses(request: OrientationRequest) -> Iterable[Clause]:
    for name in request.names:
        exact, short = analysis.name_key(name), analysis.acronym_key(name)
        yield Clause("service name", Terms("service_name", (exact,)), WEIGHTS["service_name"], explanation.named)
        yield Clause("organization name", Terms("organization_name", (exact,)), WEIGHTS["organization_name"])
        yield Clause("acronym", Terms("acronym", (short,)), WEIGHTS["acronym"], explanation.acronym(short))
    whole = analysis.name_key(request.q) if len(request.q) <= 255 else ""
    if whole and whole not in {analysis.name_key(name) for name in request.names}:
        yield Clause("service name", Terms("service_name", (whole,)), WEIGHTS["service_name"], explanation.named)
        yield Clause("organization name", Terms("organization_name", (whole,)), WEIGHTS["organization_name"])
        yield Clause("acronym", Terms("acronym", (analysis.acronym_key(whole),)), WEIGHTS["acronym"])


def _need_clauses(request: OrientationRequest) -> Iterable[Clause]:
    above = tuple(wanted.term for wanted in request.needs if wanted.kind == "parent")
    for wanted in request.needs[:MAX_NEEDS]:
        held = Terms("need", (wanted.term,))
        if wanted.kind == "asked":
            why = explanation.need(wanted.term)
            yield Clause("need", held, round(WEIGHTS["need"] * wanted.weight), why)
            first = Terms("primary_need", (wanted.term,))
            yield Clause("primary need", first, round(WEIGHTS["primary_need"] * wanted.weight))
            said = Terms("inferred_need", (wanted.term,))
            yield Clause("inferred need", said, round(WEIGHTS["inferred_need"] * wanted.weight), why)
            hinted = Terms("hinted_need", (wanted.term,))
            yield Clause("hinted need", hinted, round(WEIGHTS["hinted_need"] * wanted.weight))
            if above:
                upper = all_of([Terms("need", above), said, Not(held)])
                yield Clause("one level up", upper, round(WEIGHTS["one_level_up"] * wanted.weight))
                perhaps = all_of([Terms("need", above), hinted, Not(held)])
                yield Clause(
                    "perhaps one level up", perhaps, round(WEIGHTS["perhaps_one_level_up"] * wanted.weight), why
                )
            under = all_of([Terms("parent_need", (wanted.term,)), Not(held)])
            points = round(WEIGHTS["narrower_need"] * wanted.weight)
            yield Clause("narrower need", under, points, explanation.narrower_need(wanted.term))
        elif wanted.kind == "parent":
            points = round(WEIGHTS["parent_need"] * wanted.weight)
            yield Clause("parent need", held, points, explanation.need(wanted.term))
        else:
            points = round(WEIGHTS["related_need"] * wanted.weight)
            yield Clause("related need", held, points, explanation.related_need(wanted.term))


def _named(request: OrientationRequest) -> list[Predicate]:
    return [clause.predicate for clause in _name_clauses(request)]


def _answered(request: OrientationRequest, words: list[Word]) -> Predicate | None:
    """What a service must hold to answer what was said; None when nothing was said."""
    asked = tuple(wanted.term for wanted in request.needs if wanted.kind == "asked")
    if asked:
        above = tuple(wanted.term for wanted in request.needs if wanted.kind == "parent")
        thought: list[Predicate] = [
            Word(("name", "keywords", "description"), term, STEM)
            for term in analysis.distinct(request.expansion)[:MAX_EXPANSION]
        ]
        thought.append(Terms("hinted_need", asked))
        upper = [all_of([Terms("need", above), any_of(thought)])] if above else []
        said = Terms("inferred_need", asked)
        return any_of([Terms("need", asked), said, Terms("parent_need", asked), *upper, *_named(request)])
    if words:
        return any_of([all_of(words), *_named(request)])
    if request.names:
        return any_of(_named(request))
    return None


def _base(request: OrientationRequest, words: list[Word]) -> Predicate:
    """Who is a candidate at all: any need, any word, any name; with nothing said, everybody."""
    needs = tuple(wanted.term for wanted in request.needs[:MAX_NEEDS])
    asked = tuple(wanted.term for wanted in request.needs if wanted.kind == "asked")
    parts: list[Predicate] = list(words)
    if needs:
        parts.append(Terms("need", needs))
    if asked:
        parts += [Terms("parent_need", asked), Terms("inferred_need", asked), Terms("hinted_need", asked)]
    parts += [
        Word(("name", "keywords", "description"), term, STEM)
        for term in analysis.distinct(request.expansion)[:MAX_EXPANSION]
    ]
    if parts or request.names:
        return any_of([*parts, *_named(request)])
    return Everything()


# --- Place ---------------------------------------------------------------------------------------------------------


def _wishes(request: OrientationRequest, words: list[Word], rescue: bool) -> Iterable[Wish]:
    answered = _answered(request, words)
    if rescue:
        yield Wish("match", NOTHING, COSTS["match"], "question")
    elif answered is not None:
        what = "need" if any(wanted.kind == "asked" for wanted in request.needs) else "words"
        yield Wish("match", answered, COSTS["match"], what)
    if request.language:
        yield Wish("language", Terms("language", (request.language, UNKNOWN)), COSTS["language"], "language")
    place = request.place
    if place is not None and place.territory:
        around = (place.territory, *place.candidates, *place.ancestors, UNKNOWN)
        served = any_of([Terms("served", around), Terms("served_above", (place.territory, *place.candidates))])
        yield Wish("territory", served, COSTS["territory"], "territory")


def _place_clauses(request: OrientationRequest) -> Iterable[Clause]:
    place = request.place
    if place is None:
        return
    if place.territory:
        serves = explanation.territory((place.territory, *place.candidates), place.ancestors)
        exact = Terms("served", (place.territory, *place.candidates))
        yield Clause("territory", exact, WEIGHTS["territory"], serves)
        nearer: list[Predicate] = [exact]
        for step, code in enumerate(place.ancestors):
            points = max(WEIGHTS["territory_above"] - step * TERRITORY_STEP, 10)
            only = all_of([Terms("served", (code,)), *(Not(other) for other in nearer)])
            yield Clause("territory above", only, points, serves)
            nearer.append(Terms("served", (code,)))
        within = all_of([Terms("served_above", (place.territory, *place.candidates)), *(Not(one) for one in nearer)])
        yield Clause("territory within", within, WEIGHTS["territory_above"], serves)
        yield Clause("territory unknown", Terms("served", (UNKNOWN,)), WEIGHTS["territory_unknown"])
        if place.ancestors:
            beside = Terms("served_above", place.ancestors[:1])
            yield Clause("neighbour", beside, WEIGHTS["neighbour"], None)
    if place.latitude is not None and place.longitude is not None:
        for radius in RINGS_KM:
            yield Clause(f"within {radius} km", _ring(place.latitude, place.longitude, radius), WEIGHTS["ring"])


@lru_cache(maxsize=1_000)
def _ring(latitude: float, longitude: float, radius: int) -> Predicate:
    """The grid cells whose centre lies within a radius (km) of a point; the cell of the point always does."""
    grid = "cell_fine" if radius <= 5 else "cell_coarse"
    height, width = GRIDS[grid]
    here = Point(latitude, longitude)
    rows = math.ceil(radius / (111.0 * height)) + 1
    columns = math.ceil(radius / (111.0 * width * max(math.cos(math.radians(latitude)), 0.1))) + 1
    found = {cell(latitude, longitude, grid): None}
    for row in range(-rows, rows + 1):
        for column in range(-columns, columns + 1):
            north = (latitude // height + row + 0.5) * height
            east = (longitude // width + column + 0.5) * width
            if distance_km(here, Point(north, east)) <= radius:
                found[cell(north, east, grid)] = None
    return Terms(grid, tuple(found))


# --- Reachability, quality, people ---------------------------------------------------------------------------------


def _reach_clauses(request: OrientationRequest, reachable: Predicate) -> Iterable[Clause]:
    yield Clause("reachable", reachable, WEIGHTS["reachable"])
    if request.moment_given or request.urgent:
        yield Clause("reachable when asked", reachable, WEIGHTS["reachable_asked"])
    if request.urgent:
        yield Clause("urgent: reachable", reachable, WEIGHTS["urgent_reachable"])
        by_phone = Terms("access_mode", (AccessMode.PHONE.value, AccessMode.WALK_IN.value, AccessMode.OUTREACH.value))
        yield Clause("urgent: direct access", by_phone, WEIGHTS["urgent_phone"])
        yield Clause("urgent: no delay", Between("delay", high=1), WEIGHTS["urgent_no_delay"])
        first = Terms("line", (Line.FIRST.value,))
        yield Clause("urgent: first line", all_of([first, reachable]), WEIGHTS["urgent_always"])


def _quality_clauses(request: OrientationRequest) -> Iterable[Clause]:
    known = Terms("availability", tuple(str(value) for value in Availability.values))
    for value, name in (
        (Availability.AVAILABLE, "available"),
        (Availability.PERIODIC, "periodic"),
        (Availability.WAITING_LIST, "waiting_list"),
    ):
        yield Clause(name, Terms("availability", (value.value,)), WEIGHTS[name])
    yield Clause("availability unknown", Not(known), WEIGHTS["availability_unknown"])
    today = request.moment.date().toordinal()
    yield Clause("fresh", Between("verified", today - FRESH_DAYS), WEIGHTS["fresh"])
    yield Clause("not stale", Between("verified", today - STALE_DAYS), WEIGHTS["not_stale"])


def _people_clauses(request: OrientationRequest) -> Iterable[Clause]:
    if request.age is not None:
        known = Terms("age_known", (1,))
        narrow = all_of([known, Between("age_span", high=30)])
        yield Clause("age specialised", narrow, WEIGHTS["age_specialised"], explanation.ages)
        yield Clause("age narrow", all_of([known, Between("age_span", high=12)]), WEIGHTS["age_narrow"])
        labels = tuple(label for label, low, high in CLIENTELE_AGES if low <= request.age <= high)
        yield Clause("clientele", Terms("clientele", labels), WEIGHTS["clientele"], explanation.clientele(labels))
        yield Clause("clientele open", Terms("clientele", OPEN_CLIENTELE), WEIGHTS["clientele_open"])
    elif request.age_range is not None:
        low, high = request.age_range
        overlap = all_of([Terms("age_known", (1,)), Between("age_low", high=high), Between("age_high", low=low)])
        yield Clause("age guess", overlap, WEIGHTS["age_guess"], explanation.ages)
        yield Clause("age unlimited", Terms("age_known", (0,)), round(WEIGHTS["age_guess"] * 0.4))
    if request.age is None and request.age_range is None:
        yield Clause("age open", Terms("clientele", GENERAL_CLIENTELE), WEIGHTS["age_open"])
    if not request.sex and not request.sex_guess:
        yield Clause("sex open", Terms("sex", (UNKNOWN,)), WEIGHTS["sex_open"])
    asked = {wanted.term for wanted in request.needs if wanted.kind == "asked"}
    others = tuple(label for label, needs in GROUPS.items() if asked.isdisjoint(needs))
    yield Clause("group open", Not(Terms("clientele", others)), WEIGHTS["group_open"])
    if request.age is None or not SCHOOL_AGE[0] <= request.age <= SCHOOL_AGE[1]:
        yield Clause("public", Not(Terms("partner_type", OWN_PUBLIC)), WEIGHTS["public"])
    if request.sex_guess:
        fits = Terms("sex", (request.sex_guess, UNKNOWN))
        yield Clause("sex guess", fits, WEIGHTS["sex_guess"])
    if request.sex:
        yield Clause("sex", Terms("sex", (request.sex,)), WEIGHTS["sex"], explanation.sex(request.sex))
    if request.language:
        spoken = Terms("language", (request.language,))
        yield Clause("language", spoken, WEIGHTS["language_spoken"], explanation.language(request.language))
