"""Who needs it: age, sex, language, and whether it is urgent.

A known age or sex excludes services, so each is known only when it was said outright of the person concerned; what is
merely likely (« ado », « ma mère ») is a guess, which ranks and never excludes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry import languages
from registry.text import fold

from .reading import Reading, light, phrase

OLDEST = 120
_NUMBERS = {
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9,
    "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20,
    "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
}  # fmt: skip
_NUMBER = rf"(?P<number>\d{{1,3}}|{'|'.join(_NUMBERS)})"
_SECOND_NUMBER = _NUMBER.replace("number", "other_number")
KIN = "|".join((
    "fille", "fils", "gars", "garcon", "enfants?", "bebe", "ado", "adolescente?", "jeune", "grand mere", "grand pere",
    "pere", "mere", "papa", "maman", "papi", "mamie", "mari", "femme", "conjointe?", "chum", "blonde", "frere", "soeur",
    "oncle", "tante", "neveu", "niece", "voisine?", "petite?", "cousine?", "amie?", "cliente?", "usagere?", "patiente?",
    "madame", "monsieur", "dame", "homme", "personne", "eleve", "etudiante?", "son", "daughter", "mother", "father",
    "boy", "girl", "kid", "child",
))  # fmt: skip
_UNIT = r"(?P<unit>ans?|mois|semaines?|years? old|yo|years?)"
_AGE = phrase(rf"(?:(?:agee?s? )?de |age |agee? |aged? )?{_NUMBER} ?{_UNIT}")
_BARE_AGE = re.compile(
    rf"(?:(?<=^)|(?<= ))(?:{KIN}) (?P<it>(?:agee?s? )?de (?P<number>\d{{1,2}}))(?= |$)"
    r"(?! (?:et|ou|a|mois|semaines?|jours?|heures?|h)\b)"
)
# « depuis 3 ans », « ça fait 3 mois », « il y a 2 ans », « enceinte de 5 mois », « 12 à 17 ans » tell no age.
_NO_AGE_BEFORE = re.compile(
    r"(?:^| )(?:depuis(?: \S+)?|fait(?: \S+)?|y a(?: \S+)?|ya|pendant|durant|apres|dans|voila|enceinte|grossesse|avant|"
    r"plus de|moins de|sur|pour|ici|aux|tous les|chaque|dernie?re?s?|\d+ (?:a|et|ou)|\d+|partiel|avec|entre \d+ et|"
    r"for|since) $"
)
_NO_AGE_AFTER = re.compile(
    r"^ (?:que|plus tard|passes?|ensemble|avant|environ que|durant|ago|en arriere|de (?:mariage|vie|service|prison|"
    r"experience|retard|loyers?|sobriete|relation|couple|grossesse|vie commune|preavis|attente))(?= |$)"
)


@dataclass(frozen=True, slots=True)
class Age:
    """Years. `low` = `high` when the age was said; a wider span is a guess."""

    low: int
    high: int
    label: str
    tokens: tuple[int, ...]
    guess: bool


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS[text]


def find_ages(reading: Reading) -> list[Age]:
    """Ages said in the unclaimed part of a question. Several different ones cannot be told apart: all are guesses."""
    found: list[Age] = []
    for match, tokens in reading.find(_AGE):
        start, end = match.span("it")
        before, after = match.string[:start], match.string[end:]
        explicit = bool(re.match(r"(?:agee?s? |age |aged )", match["it"]))
        if (_NO_AGE_BEFORE.search(before) and not explicit) or _NO_AGE_AFTER.search(after):
            continue
        unit, number = match["unit"], _number(match["number"])
        if unit.startswith(("mois", "semaine")):
            of_somebody = re.search(rf"(?:^| )(?:{KIN})(?: \S+)? $", before) or match["it"].startswith("de ")
            if number > (36 if unit == "mois" else 20) or not (of_somebody or explicit or not before.strip()):
                continue
            years, label = (number // 12 if unit == "mois" else 0), f"{number} {unit}"
        else:
            years, label = number, f"{number} an{'s' if number > 1 else ''}"
        if years <= OLDEST:
            found.append(Age(years, years, label, tokens, guess=False))
    for match, tokens in reading.find(_BARE_AGE):
        if not any(set(tokens) & set(age.tokens) for age in found):
            years = _number(match["number"])
            found.append(Age(years, years, f"{years} ans", tokens, guess=False))
    if len({age.low for age in found}) > 1:
        found = [Age(age.low, age.high, age.label, age.tokens, guess=True) for age in found]
    return found


# Words that tell roughly how old the person concerned is. Ordered: the first that is found wins.
_SPANS: tuple[tuple[re.Pattern[str], int, int, str], ...] = (
    (phrase("nouveau nes?", "nouveaux nes", "nourrissons?", "poupons?", "bebes?", "newborn", "baby"), 0, 2, "bébé"),
    (
        phrase("tout petits?", "bambins?", "petite enfance", "trottineurs?", "prematernelle", "garderie", "cpe"),
        0, 5, "tout-petit",
    ),
    (
        phrase(
            "ados?", "adolescente?s?", "adolescence", "teenagers?", "teens?", "polyvalente",
            "secondaire (?:un|deux|trois|quatre|cinq|[1-5])",
        ),
        12, 17, "adolescent",
    ),
    (phrase("jeunes? adultes?", "cegepiens?", "cegepiennes?", "etudiante?s?", "cegep"), 17, 30, "jeune adulte"),
    (
        phrase(
            "aine(?:e|s|es)?", "personnes? agees?", "vieillards?", "vieux", "vieille", "seniors?", "retraitee?s?",
            "octogenaires?", "nonagenaires?", "centenaires?", "grand meres?", "grand peres?", "mamie", "papi", "meme",
            "pepe", "elderly", "gerontologique", "geriatrique",
        ),
        65, 110, "personne aînée",
    ),
    (
        phrase(
            "enfants?", "ecoliere?s?", "fillettes?", "kids?", "child", "children", "primaire", "maternelle", "flos?",
            "gamine?s?",
        ),
        4, 12, "enfant",
    ),
    (phrase("adultes?", "adults?"), 18, 64, "adulte"),
)  # fmt: skip
# « mes enfants », « avec trois enfants »: the caller has children, the child is not the person concerned.
_POSSESSED = re.compile(
    r"(?:^| )(?:mes|ses|nos|leurs|vos|avec (?:mes|ses|nos|des|les|\S+)|et (?:mes|ses)|garde (?:de|des|partagee des)) $"
)


def guess_span(reading: Reading) -> Age | None:
    """The span of ages that a word suggests (« ado » 12-17), without claiming the word: needs read it too."""
    for pattern, low, high, label in _SPANS:
        for match, tokens in reading.find(pattern):
            if label != "enfant" or not _POSSESSED.search(match.string[: match.start("it")]):
                return Age(low, high, label, tokens, guess=True)
    return None


@dataclass(frozen=True, slots=True)
class Sex:
    value: str  # f or m
    tokens: tuple[int, ...]
    guess: bool


_SEX_SAID: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("m", phrase(
        "pour (?:un |les |des |mon )?(?:hommes?|gars|garcons?|monsieur|messieurs)",
        "je suis un (?:homme|gars|garcon|papa|pere)",
        "usager masculin", "sexe masculin", "for men", "for a man",
    )),
    ("f", phrase(
        "pour (?:une |les |des |ma )?(?:femmes?|filles?|dames?|madame)",
        "je suis une (?:femme|fille|maman|mere)",
        "usagere feminine", "sexe feminin", "for women", "for a woman",
    )),
    ("m", phrase(rf"(?:homme|gars|garcon|monsieur)(?: age)?(?: de)? {_NUMBER} ans")),
    ("f", phrase(rf"(?:femme|fille|dame|madame|fillette)(?: agee)?(?: de)? {_SECOND_NUMBER} ans")),
)  # fmt: skip
# What a partner does is done to the other one, most often a woman calling about a man.
_SEX_OF_CALLER: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("f", phrase(
        "my (?:husband|boyfriend)", "mon (?:ex )?(?:chum|mari|conjoint|copain|homme|fiance)",
        r"mon ex (?:\S+ ){0,2}(?:homme|gars|bonhomme)", "enceinte", "accouchee?", "allaite", "allaitement",
        "mere monoparentale", "future maman", "jeunes? meres?", "meres? adolescentes?", "violee",
    )),
    ("m", phrase(
        "my (?:wife|girlfriend)", "ma (?:blonde|femme|conjointe|copine|fiancee)", "pere monoparental", "prostate",
    )),
)  # fmt: skip
_SEX_OF_KIN: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("f", phrase(
        "femmes?", "filles?", "meres?", "maman", "madame", "dames?", "grand meres?", "soeur", "tante", "niece",
        "fillettes?", "voisine", "itinerantes", "refugiees", "women", "woman", "girl", "mother", "daughter",
    )),
    ("m", phrase(
        "hommes?", "gars", "garcons?", "fils", "peres?", "papas?", "monsieur", "grand peres?", "frere", "oncle",
        "neveu", "men", "man", "boy", "father",
    )),
)  # fmt: skip


def find_sex(reading: Reading) -> Sex | None:
    """The sex that was said of the person concerned, else the one that kinship suggests (a guess); tokens stay free."""
    for sex, pattern in _SEX_SAID:
        for _, tokens in reading.find(pattern):
            return Sex(sex, tokens, guess=False)
    for table in (_SEX_OF_CALLER, _SEX_OF_KIN):
        guesses = {sex: tokens for sex, pattern in table for _, tokens in reading.find(pattern)}
        if len(guesses) == 1:
            ((sex, tokens),) = guesses.items()
            return Sex(sex, tokens, guess=True)
        if guesses:
            break  # both: a couple, a mother and her son
    return None


@dataclass(frozen=True, slots=True)
class Language:
    code: str  # ISO 639
    tokens: tuple[int, ...]
    alone: bool = False  # a bare name: « deuil, 8 ans, espagnol »


_LANGUAGE_NAME = (
    "(?P<name>langue des signes quebecoise|langue des signes|langage des signes|creole haitien|innu aimun|[a-z]{3,})"
)
_SPEAKING = (
    "(?:ne |pas |juste |seulement |que |uniquement |only )?(?:parle|parlent|parlant|speaks?|speaking)"
    "(?: pas)?(?: que| juste| seulement| uniquement| only)?(?: le| la| un peu)?"
)
_IN_LANGUAGE = "en langue|en|in|de langue|langue maternelle|langue|service en|intervenante? (?:qui parle|parlant)"
_SPOKEN = phrase(rf"(?:{_SPEAKING}|{_IN_LANGUAGE}) {_LANGUAGE_NAME}(?: seulement| only| uniquement)?")
_SPEAKERS = {
    "anglophone": "en", "anglophones": "en", "hispanophone": "es", "hispanophones": "es", "arabophone": "ar",
    "arabophones": "ar", "lusophone": "pt", "sinophone": "zh", "russophone": "ru", "francophone": "fr",
    "francophones": "fr", "english": "en", "espanol": "es", "unilingue anglais": "en", "unilingue anglaise": "en",
}  # fmt: skip
_SPEAKER = phrase(rf"(?P<name>{'|'.join(_SPEAKERS)})(?: speaking| only)?")
_SIGNED = phrase("(?:en )?(?P<name>lsq|asl|langue des signes(?: quebecoise)?|langage des signes)")
# Learning a language, or asking for an interpreter, is a need and not the language of the conversation.
_TAUGHT = phrase(
    "cours", "apprend(?:re|s)?", "francisation", "ateliers?", "conversation", "classes?", "traduire", "traduction",
    "traduit", r"interprete\w*", "interpretation", "interpretariat", "interpreter", r"translat\w+", "learn", "lessons?",
)  # fmt: skip
_NOT_SPOKEN = re.compile(r"(?:parle|parlent|speaks?) pas (?!que )")


def find_language(reading: Reading) -> Language | None:
    """The language that the person speaks, when it was said; never that of a course or of an interpreter."""
    if next(reading.find(_TAUGHT), None) is not None:
        return None
    for pattern in (_SIGNED, _SPOKEN, _SPEAKER):
        for match, tokens in reading.find(pattern):
            name = match["name"]
            # « en urgence », « en bas »: only a language's own name, never a two- or three-letter word.
            if pattern is _SIGNED:
                code: str | None = "ase" if name == "asl" else "fcs"
            else:
                code = _SPEAKERS.get(name) or (languages.to_code(name) if len(name) > 3 else None)
            if code and not _NOT_SPOKEN.search(match["it"]):
                return Language(code, tokens)
    return _alone(reading)


# Names of peoples of Québec first: alone, they say who the person is.
_PEOPLES = frozenset(("innu", "atikamekw", "mohawk", "naskapi", "abenakis", "micmac", "wendat"))
_APART = re.compile(r"[^\w\s'-]")


def _alone(reading: Reading) -> Language | None:
    """A language's name set apart by punctuation, or alone: « deuil, 8 ans, espagnol ». Beside another word it may say
    where somebody comes from (« son mari arabe »), and is left to the words."""
    last = len(reading.tokens) - 1
    for i, token in enumerate(reading.tokens):
        if len(token.folded) <= 3 or token.folded in _PEOPLES or not reading.free((i,)):
            continue
        before = reading.text[reading.tokens[i - 1].end : token.start] if i else ","
        after = reading.text[token.end : reading.tokens[i + 1].start] if i < last else ","
        if not (_APART.search(before) and _APART.search(after)):
            continue
        code = languages.to_code(token.folded)
        if code and fold(languages.label(code)) == token.folded:
            return Language(code, (i,), alone=True)
    return None


_ENGLISH = frozenset((
    "my", "i", "he", "she", "her", "his", "need", "needs", "with", "is", "am", "are", "the", "who", "looking", "where",
    "can", "husband", "wife", "help", "for",
))  # fmt: skip
_FRENCH = frozenset((
    "je", "mon", "ma", "mes", "il", "elle", "le", "la", "les", "de", "des", "du", "et", "pour", "avec", "un", "une",
    "dans", "est", "qui", "que", "pas", "en", "aux", "au", "sa", "son",
))  # fmt: skip


def reads_as_english(reading: Reading) -> bool:
    """True when the question itself is in English."""
    folded = [token.folded for token in reading.tokens]
    return sum(word in _ENGLISH for word in folded) >= 2 and not any(word in _FRENCH for word in folded)


_URGENT = phrase(
    "(?:est |tres |super |vraiment )*urgente?s?", "urgent care", "en urgence", "tout de suite", "immediatement",
    "drette la", "au plus (?:vite|sacrant|tot)", "le plus vite possible", "asap", "as soon as possible",
    "danger immediat", "en danger", "right away", "ca presse", "presse",
)  # fmt: skip
_NOT_URGENT = re.compile(r"(?:^| )(?:pas|non|plus|rien d|aucune) (?:\S+ )?$")


def find_urgency(reading: Reading) -> tuple[int, ...] | None:
    """The words that say that it is urgent; « hébergement d'urgence », « l'urgence » (a place) do not."""
    for match, tokens in reading.find(_URGENT):
        if not _NOT_URGENT.search(match.string[: match.start("it")]):
            return tokens
    return None


@dataclass(frozen=True, slots=True)
class Audience:
    """What a word of the lexicon's audience files reveals: « enceinte » a woman, « fugueur » a boy of 17 at most."""

    low: int | None = None
    high: int | None = None
    sex: str | None = None


def read_audience(rows: Iterable[tuple[str, str, str]]) -> dict[str, Audience]:
    """(word, field, value) rows → word without inflection → what it reveals. Fields: age_min, age_max, gender."""
    fields: dict[str, dict[str, str]] = {}
    for word, name, value in rows:
        fields.setdefault(light(fold(word)), {})[name] = value
    return {
        word: Audience(
            int(known["age_min"]) if "age_min" in known else None,
            int(known["age_max"]) if "age_max" in known else None,
            known.get("gender"),
        )
        for word, known in fields.items()
    }


def guess_audience(reading: Reading, audience: Mapping[str, Audience]) -> tuple[Age | None, Sex | None]:
    """The span of ages and the sex that the first telling word suggests, where nothing else told them."""
    age: Age | None = None
    sex: Sex | None = None
    for position, token in enumerate(reading.tokens):
        found = None if reading.owner[position] else audience.get(token.light)
        if found is None:
            continue
        if age is None and (found.low is not None or found.high is not None):
            age = Age(
                found.low or 0, OLDEST if found.high is None else found.high, token.folded, (position,), guess=True
            )
        if sex is None and found.sex:
            sex = Sex(found.sex, (position,), guess=True)
    return age, sex
