"""The ranking, as one declarative list: which predicates a question asks, what each weighs, how to say it in French.

No engine lives here. `plan` turns a request and a scope into predicates (search.predicates); an engine translates them.
The score of a service is the sum of the weights (search.weights) of the clauses that it matches: whole numbers, no word
statistics, so that the same question on the same data gives the same score on every host and every engine, and can be
explained.
Order: (tier, score, code). A tier is a set of wishes given up; what is known to be impossible (age, sex, visibility)
is left out altogether, and what is unknown never excludes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.enums import AccessMode, Availability, Line
from registry.policies import Scope

from . import analysis, explanation
from .documents import UNKNOWN, cells_within, minutes
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
from .weights import (
    CLIENTELE_AGES,
    COSTS,
    DOORS,
    EXPANSION_FIELDS,
    FIELDS,
    FRESH_DAYS,
    GENERAL_CLIENTELE,
    GENERIC_FACTOR,
    GENERIC_WORDS,
    GROUPS,
    MAX_EXPANSION,
    MAX_NEEDS,
    MAX_WORDS,
    OPEN_CLIENTELE,
    OWN_PUBLIC,
    RINGS_KM,
    SCHOOL_AGE,
    STALE_DAYS,
    TERRITORY_STEP,
    TIER_STEP,
    WEIGHTS,
)

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
    telling: tuple[Clause, ...] = ()  # those among them that say why
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
    kept = tuple(clause for clause in clauses if clause.weight > 0)
    return Plan(
        required=all_of(required),
        base=DOORS if rescue else _base(request, words),
        filters=_filters(request, scope, reachable, corridor),
        wishes=tuple(_wishes(request, words, rescue)),
        clauses=kept,
        telling=tuple(clause for clause in kept if clause.why is not None),
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
    """Who is a candidate at all: any need, any word, any name; with nothing said, everybody. The professional words of
    a need add points, no candidates: half a network says « jeunes » or « services »."""
    needs = tuple(wanted.term for wanted in request.needs[:MAX_NEEDS])
    asked = tuple(wanted.term for wanted in request.needs if wanted.kind == "asked")
    parts: list[Predicate] = list(words)
    if needs:
        parts.append(Terms("need", needs))
    if asked:
        parts += [Terms("parent_need", asked), Terms("inferred_need", asked), Terms("hinted_need", asked)]
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
            yield Clause(
                f"within {radius} km", Terms(*cells_within(place.latitude, place.longitude, radius)), WEIGHTS["ring"]
            )


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
