"""Free text and fields → an `OrientationRequest`, with chips that say what was understood. No engine is asked.

Each part of the understanding claims the words that it explains, so that none is understood twice: first names (never
eaten by a need or a place), then what has a form of its own (postal code, age, moment…), then places, then needs. What
nobody claimed stays as words to be found in the text of the listings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from registry import languages
from registry.policies import Scope

from . import analysis
from .lexicon import shipped
from .names import NameFound
from .parsing import Question
from .reading import Reading
from .request import Chip, OrientationRequest, Place, WantedNeed
from .understanding_needs import PEOPLE, Person, Recognised, choose, wanted, weigh
from .understanding_person import (
    Age,
    Audience,
    find_ages,
    find_language,
    find_sex,
    find_urgency,
    guess_audience,
    guess_span,
    read_audience,
    reads_as_english,
)
from .understanding_place import PlaceFound, find_postal_code, parse_place
from .understanding_time import clock, describe, find_moments
from .vocabulary import Vocabulary

# In the order of the page.
CHIP_ORDER = ("need", "name", "age", "sex", "place", "language", "moment", "urgent")
# Words that carry no need and are in half of the listings: searched only when nothing else was said.
FILLERS = frozenset((
    "aide", "aider", "besoin", "besoins", "service", "services", "ressource", "ressources", "centre", "organisme",
    "cherche", "chercher", "trouver", "quelqu'un", "quelqu", "personne", "personnes", "veut", "veux", "vouloir",
    "voudrait", "voudrais", "quoi", "faire", "pouvez", "bonjour", "allo", "svp", "merci", "appel", "appelle", "appeler",
    "madame", "monsieur", "dit", "dire", "sait", "sais", "help", "need", "with", "someone", "please",
))  # fmt: skip
SIGNED = frozenset({"fcs", "ase"})  # a sign language is also what an interpreter is asked for: needs read it too
COMMON_LANGUAGES = ("fr", "en")
INTERPRETING = "Interprétariat"
SEX_LABELS = {"f": "femme", "m": "homme"}


@dataclass(slots=True)
class _State:
    """What is being understood; parts fill it one after the other."""

    reading: Reading
    chips: list[Chip] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    names: list[NameFound] = field(default_factory=list)


def understand(question: Question, vocabulary: Vocabulary, scope: Scope) -> OrientationRequest:
    """The request that engines read. Never raises: what is not understood stays as words."""
    state = _State(Reading(question.q), messages=list(question.messages))
    removed = question.removed
    _claim_names(state, question, vocabulary, scope)
    sex, sex_guess = _sex(state, question)
    age, span = _age(state, question)
    place = _place(state, question, vocabulary)
    language = _language(state, question)
    moment, given = _moment(state, question)
    urgent = _urgent(state, question)
    person = Person(
        age if age is not None else span[0] if span else None,
        age if age is not None else span[1] if span else None,
        sex or sex_guess,
        sure_sex=sex is not None,
    )
    asked, needs = _needs(state, vocabulary, removed, person)
    needs = _with_interpreter(needs, language, vocabulary)
    _keep_names(state, asked, removed)
    words, soft = _words(state, asked, needs, vocabulary)
    return OrientationRequest(
        moment=moment,
        q=question.q,
        words=words,
        soft=soft,
        expansion=_expansion(asked, vocabulary),
        names=analysis.distinct(analysis.name_key(hit.name.label) for hit in state.names),
        needs=needs,
        place=place,
        age=age,
        age_range=span,
        sex=sex,
        sex_guess=sex_guess,
        language=language,
        urgent=urgent,
        moment_given=given,
        filters=_filters(state, question, vocabulary),
        limit=question.limit,
        offset=question.offset,
        chips=tuple(sorted(state.chips, key=lambda chip: CHIP_ORDER.index(chip.kind))),
        messages=tuple(state.messages),
    )


# --- names ---


def _claim_names(state: _State, question: Question, vocabulary: Vocabulary, scope: Scope) -> None:
    """Names with a word of their own take their words; names made of common words only propose themselves."""
    index = vocabulary.names
    found = index.find(state.reading, scope.visibilities, vocabulary.lexicon.words)
    taken = frozenset(position for hit in found for position in hit.positions)
    found += [hit for hit in index.by_acronym(state.reading, scope.visibilities) if not hit.positions & taken]
    found = [hit for hit in found if ("name", hit.name.code) not in question.removed]
    state.names = found
    for hit in found:
        if hit.own:
            state.reading.claim(hit.positions, "name")


def _keep_names(state: _State, asked: Iterable[Recognised], removed: frozenset[tuple[str, str]]) -> None:
    """Of the names made of common words, a service's is dropped where its words say a need as well: « aide au bain »
    asks for any. An organisation's stays: « Atelier des femmes » is somebody."""
    said = [need.positions for need in asked]
    kept = []
    for hit in state.names:
        covered = any(hit.positions <= positions for positions in said)
        if hit.own or hit.name.kind == "organization" or not covered:
            kept.append(hit)
    state.names = kept
    for hit in kept:
        guess = hit.certainty < 1 or not hit.full
        state.chips.append(Chip("name", hit.name.code, hit.name.label, guess=guess))


# --- the person ---


@lru_cache(maxsize=1)
def _audience() -> dict[str, Audience]:
    return read_audience(shipped().audience)


def _sex(state: _State, question: Question) -> tuple[str | None, str | None]:
    if question.sex:
        state.chips.append(Chip("sex", question.sex, SEX_LABELS[question.sex], "field"))
        return question.sex, None
    found = find_sex(state.reading) or guess_audience(state.reading, _audience())[1]
    if found is None or ("sex", found.value) in question.removed:
        return None, None
    state.chips.append(Chip("sex", found.value, SEX_LABELS[found.value], guess=found.guess))
    return (None, found.value) if found.guess else (found.value, None)


def _age(state: _State, question: Question) -> tuple[int | None, tuple[int, int] | None]:
    guessed = guess_span(state.reading) or guess_audience(state.reading, _audience())[0]
    said = find_ages(state.reading)
    said = [age for age in said if ("age", str(age.low)) not in question.removed]
    for age in said:
        state.reading.claim(age.tokens, "age")
    if question.age is not None:
        label = f"{question.age} an{'s' if question.age > 1 else ''}"
        state.chips.append(Chip("age", str(question.age), label, "field"))
        return question.age, None
    if said:
        age = said[0]
        state.chips.extend(Chip("age", str(each.low), each.label, guess=each.guess) for each in _distinct_ages(said))
        if age.guess:
            return None, (min(each.low for each in said), max(each.high for each in said))
        return age.low, None
    if guessed is not None:
        value = f"{guessed.low}-{guessed.high}"
        if ("age", value) not in question.removed:
            state.chips.append(Chip("age", value, guessed.label, guess=True))
            return None, (guessed.low, guessed.high)
    return None, None


def _distinct_ages(ages: Iterable[Age]) -> list[Age]:
    return list({age.low: age for age in ages}.values())


def _language(state: _State, question: Question) -> str | None:
    found = find_language(state.reading)
    if found is not None and ("language", found.code) in question.removed:
        found = None
    if found is not None and (len(found.tokens) > 1 or found.alone) and found.code not in SIGNED:
        state.reading.claim(found.tokens, "language")
    if question.language:
        state.chips.append(Chip("language", question.language, languages.label_lower(question.language), "field"))
        return question.language
    code = found.code if found else None
    guess = code is None and reads_as_english(state.reading) and ("language", "en") not in question.removed
    if guess:
        code = "en"
    if code:
        state.chips.append(Chip("language", code, languages.label_lower(code), guess=guess))
    return code


def _urgent(state: _State, question: Question) -> bool:
    if question.urgent:
        state.chips.append(Chip("urgent", "1", "urgent", "field"))
    tokens = find_urgency(state.reading)
    if tokens is None or ("urgent", "1") in question.removed:
        return question.urgent
    state.reading.claim(tokens, "urgent")
    if not question.urgent:
        state.chips.append(Chip("urgent", "1", "urgent"))
    return True


# --- where and when ---


def _place(state: _State, question: Question, vocabulary: Vocabulary) -> Place | None:
    gazetteer, removed = vocabulary.gazetteer, question.removed
    typed = parse_place(question.place, gazetteer) if question.place else None
    if question.place and typed is None:
        state.messages.append(
            f"Lieu inconnu (« {question.place[:40]} ») : écrivez un code postal, un quartier ou une municipalité."
        )
    said: list[PlaceFound] = []
    for found in (find_postal_code(state.reading, gazetteer), gazetteer.find(state.reading, vocabulary.every_word)):
        if found is not None and ("place", found.value) not in removed:
            state.reading.claim(found.tokens, "place")
            said.append(found)
    best = typed
    if said:
        # What is said narrows the field down (the field: an RLS; said: a quarter of it); elsewhere the field wins.
        inside = typed is not None and typed.place.territory in vocabulary.tree.ancestors(said[0].place.territory or "")
        if typed is None or inside:
            best = said[0]
    if best is None:
        return None
    state.chips.append(Chip("place", best.value, best.place.label, "field" if best is typed else "text"))
    return best.place


def _moment(state: _State, question: Question) -> tuple[datetime, bool]:
    said = None
    for found in find_moments(state.reading, question.now):
        if ("moment", found.said) not in question.removed:
            said = found
            state.reading.claim(found.tokens, "moment")
            break
    if question.moment is not None:
        label = f"{describe(question.moment, question.now)}, {clock(question.moment)}"
        state.chips.append(Chip("moment", question.moment_phrase, label, "field"))
        return question.moment, True
    if said is None:
        return question.now, False
    state.chips.append(Chip("moment", said.said, said.label))
    return said.moment, True


# --- needs and words ---


def _needs(
    state: _State, vocabulary: Vocabulary, removed: frozenset[tuple[str, str]], person: Person
) -> tuple[list[Recognised], tuple[WantedNeed, ...]]:
    matches = vocabulary.lexicon.match(state.reading, vocabulary.known_words)
    matches = [match for match in matches if ("need", match.need) not in removed]
    content = frozenset(i for i, token in enumerate(state.reading.tokens) if not token.stop)
    people = frozenset(i for i, token in enumerate(state.reading.tokens) if token.light in PEOPLE)
    asked, hinted = choose(weigh(matches, person, shipped().concerned), content, people)
    for need in asked:
        state.chips.append(Chip("need", need.term, need.term, guess=need.guess))
    needs = wanted(asked, hinted, vocabulary.parent_of, vocabulary.children_of, vocabulary.related_to)
    return asked, tuple(need for need in needs if ("need", need.term) not in removed)


def _with_interpreter(
    needs: tuple[WantedNeed, ...], language: str | None, vocabulary: Vocabulary
) -> tuple[WantedNeed, ...]:
    """Where few services speak the person's language, those that interpret are a second answer."""
    if language in (None, *COMMON_LANGUAGES) or INTERPRETING not in vocabulary.parent_of:
        return needs
    if any(need.term == INTERPRETING for need in needs):
        return needs
    return (*needs, WantedNeed(INTERPRETING, 0.3, "related"))


def _words(
    state: _State, asked: list[Recognised], needs: tuple[WantedNeed, ...], vocabulary: Vocabulary
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(required, soft). Where a need or a name was recognised, the other words only raise what they match."""
    reading = state.reading
    free = [i for i, token in enumerate(reading.tokens) if not token.stop and not reading.owner[i]]
    written = [_corrected(state, vocabulary, i) for i in free]
    if asked or state.names:
        return (), analysis.distinct(word for word in written if word not in FILLERS)
    telling = [word for word in written if word not in FILLERS]
    return analysis.distinct(telling or written), ()


def _corrected(state: _State, vocabulary: Vocabulary, position: int) -> str:
    """The word at a position, its spelling put right where the lexicon is sure of it."""
    token = state.reading.tokens[position]
    options = vocabulary.lexicon.readings_of(token, vocabulary.known_words)
    best = max(options, key=lambda option: option[2])
    return best[0] if best[0] != token.folded and best[2] >= 0.85 else token.folded


def _expansion(asked: Iterable[Recognised], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Words of the recognised needs' own names: professional words that listings use."""
    return analysis.distinct(word for need in asked for word in analysis.words(need.term))


def _filters(state: _State, question: Question, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    known = {"need": set(vocabulary.terms), "territory": set(vocabulary.tree.rows)}
    filters = {}
    for facet, values in question.filters.items():
        kept = tuple(value for value in values if facet not in known or value in known[facet])
        if len(kept) < len(values):
            label = "besoin" if facet == "need" else "territoire"
            state.messages.append(f"Filtre inconnu ({label}) : il a été laissé de côté.")
        if kept:
            filters[facet] = kept
    return filters
