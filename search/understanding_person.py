"""Who needs it: age, sex, language, and whether it is urgent.

A known age or sex excludes services, so each is known only when it was said outright of the person concerned; what is
merely likely (« ado », « ma mère ») is a guess, which ranks and never excludes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from registry import languages

from .reading import Reading

OLDEST = 120
_NUMBERS = {
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
    "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "trente": 30,
    "quarante": 40, "cinquante": 50, "soixante": 60,
}  # fmt: skip
_NUMBER = rf"(?P<number>\d{{1,3}}|{'|'.join(_NUMBERS)})"
KIN = (
    "fille|fils|gars|garcon|enfant|enfants|bebe|ado|adolescente?|jeune|pere|mere|grand mere|grand pere|mari|femme|conjointe?|"
    "chum|blonde|frere|soeur|oncle|tante|neveu|niece|voisine?|papa|maman|papi|mamie|petit|petite|cousine?|amie?|client|cliente|"
    "usager|usagere|patiente?|madame|monsieur|dame|homme|personne|eleve|etudiante?|son|daughter|mother|father|boy|girl|kid|child"
)
_AGE = re.compile(
    rf"(?:(?<=^)|(?<= ))(?P<it>(?:(?:agee?s? )?de |age |agee? |aged? )?{_NUMBER} ?(?P<unit>ans?|mois|semaines?|years? old|yo|years?))(?= |$)"
)
_BARE_AGE = re.compile(
    rf"(?:(?<=^)|(?<= ))(?:{KIN}) (?P<it>(?:agee?s? )?de (?P<number>\d{{1,2}}))(?= |$)(?! (?:et|ou|a|mois|semaines?|jours?|heures?|h)\b)"
)
# « depuis 3 ans », « ça fait 3 mois », « il y a 2 ans », « enceinte de 5 mois », « 12 à 17 ans » tell no age.
_NO_AGE_BEFORE = re.compile(
    r"(?:^| )(?:depuis(?: \S+)?|fait(?: \S+)?|y a(?: \S+)?|ya|pendant|durant|apres|dans|voila|enceinte|grossesse|"
    r"avant|il y a|plus de|moins de|sur|pour|d ici|ici|aux|tous les|chaque|dernie?re?s?|\d+ (?:a|et|ou)|\d+|partiel|avec|entre \d+ et|for|since) $"
)
_NO_AGE_AFTER = re.compile(
    r"^ (?:que|qu|plus tard|passes?|de (?:mariage|vie|service|prison|experience|retard|loyer|sobriete|relation|couple|grossesse|"
    r"vie commune|preavis|attente|loyers)|ensemble|avant|environ que|d |durant|ago|en arriere)(?= |$)"
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
        kin = re.search(rf"(?:^| )(?:{KIN})(?: \S+)? $", before)
        explicit = bool(re.match(r"(?:agee?s? |age |aged )", match["it"]))
        if (_NO_AGE_BEFORE.search(before) and not explicit) or _NO_AGE_AFTER.search(after):
            continue
        unit, number = match["unit"], _number(match["number"])
        if unit.startswith(("mois", "semaine")):
            limit = 36 if unit == "mois" else 20
            if number > limit or not (kin or explicit or before.strip() in {"", "de"} or match["it"].startswith("de ")):
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
_SPANS: tuple[tuple[re.Pattern[str], int, int, str], ...] = tuple(
    (re.compile(rf"(?:(?<=^)|(?<= ))(?P<it>{words})(?= |$)"), low, high, label)
    for words, low, high, label in (
        (r"nouveau nes?|nouveaux nes|nourrissons?|poupons?|bebes?|newborn|baby", 0, 2, "bébé"),
        (r"tout petits?|tout petit|bambins?|petite enfance|trottineurs?|prematernelle|garderie|cpe", 0, 5, "tout-petit"),
        (r"ados?|adolescente?s?|adolescence|teenagers?|teens?|secondaire (?:un|deux|trois|quatre|cinq|[1-5])|polyvalente", 12, 17, "adolescent"),
        (r"jeunes? adultes?|cegepiene?|cegepienne|etudiante?s?|cegep", 17, 30, "jeune adulte"),
        (r"aine(?:e|s|es)?|personnes? agees?|vieillards?|vieux|vieille|seniors?|retraitee?s?|octogenaires?|nonagenaires?|centenaires?|"
         r"grand meres?|grand peres?|mamie|papi|meme|pepe|elderly|gerontologique|geriatrique", 65, 110, "personne aînée"),
        (r"enfants?|ecoliere?s?|fillettes?|kids?|child|children|primaire|maternelle|flos?|gamine?s?", 4, 12, "enfant"),
        (r"adultes?|adults?", 18, 64, "adulte"),
    )
)  # fmt: skip
# « mes enfants », « avec trois enfants »: the caller has children, the child is not the person concerned.
_POSSESSED = re.compile(
    r"(?:^| )(?:mes|ses|nos|leurs|vos|avec (?:mes|ses|nos|des|les|\S+)|et (?:mes|ses)|garde (?:de|des|partagee des)) $"
)


def guess_span(reading: Reading) -> Age | None:
    """The span of ages that a word suggests (« ado » 12-17), without claiming the word: needs read it too."""
    for pattern, low, high, label in _SPANS:
        for match, tokens in reading.find(pattern):
            before = match.string[: match.start("it")]
            if label == "enfant" and _POSSESSED.search(before):
                continue
            return Age(low, high, label, tokens, guess=True)
    return None


@dataclass(frozen=True, slots=True)
class Sex:
    value: str  # f or m
    tokens: tuple[int, ...]
    guess: bool


_SEX_SAID = tuple(
    (sex, re.compile(rf"(?:(?<=^)|(?<= ))(?P<it>{words})(?= |$)"))
    for sex, words in (
        ("m", r"pour (?:un |les |des |mon )?(?:hommes?|gars|garcons?|monsieur|messieurs)|je suis un (?:homme|gars|papa|pere)|usager masculin|sexe masculin|c est un (?:homme|gars|garcon|monsieur)|for men|for a man"),
        ("f", r"pour (?:une |les |des |ma )?(?:femmes?|filles?|dames?|madame)|je suis une (?:femme|fille|maman|mere)|usagere feminine|sexe feminin|c est une (?:femme|fille|dame|madame)|for women|for a woman"),
        ("m", rf"(?:homme|gars|garcon|monsieur)(?: agee?)?(?: de)? {_NUMBER} ans"),
        ("f", rf"(?:femme|fille|dame|madame|fillette)(?: agee?)?(?: de)? {_NUMBER.replace('number', 'number_f')} ans"),
    )
)  # fmt: skip
_SEX_GUESS = tuple(
    (sex, re.compile(rf"(?:(?<=^)|(?<= ))(?P<it>{words})(?= |$)"))
    for sex, words in (
        # What a partner does is done to the other one, most often a woman calling about a man.
        ("f", r"my (?:husband|boyfriend)|(?:mon |mon ex )(?:chum|mari|conjoint|copain|homme|fiance)|enceinte|accouchee?|allaite|allaitement|mere monoparentale|future maman|jeunes? meres?|meres? adolescentes?|violee"),
        ("m", r"my (?:wife|girlfriend)|ma (?:blonde|femme|conjointe|copine|fiancee)|pere monoparental|prostate"),
        ("f", r"femmes?|filles?|meres?|maman|madame|dames?|grand meres?|soeur|tante|niece|fillettes?|voisine|itinerantes|refugiees|women|woman|girl|mother|daughter"),
        ("m", r"hommes?|gars|garcons?|fils|peres?|papas?|monsieur|grand peres?|frere|oncle|neveu|men|man|boy|father|son of"),
    )
)  # fmt: skip


def find_sex(reading: Reading) -> Sex | None:
    """The sex that was said of the person concerned, else the one that kinship suggests (a guess); tokens stay free."""
    for sex, pattern in _SEX_SAID:
        for _, tokens in reading.find(pattern):
            return Sex(sex, tokens, guess=False)
    guesses = {sex: tokens for sex, pattern in _SEX_GUESS[:2] for _, tokens in reading.find(pattern)}
    if not guesses:
        for sex, pattern in _SEX_GUESS[2:]:
            for _, tokens in reading.find(pattern):
                guesses.setdefault(sex, tokens)
    if len(guesses) != 1:
        return None  # none, or both: a couple, a mother and her son
    ((sex, tokens),) = guesses.items()
    return Sex(sex, tokens, guess=True)


@dataclass(frozen=True, slots=True)
class Language:
    code: str  # ISO 639
    tokens: tuple[int, ...]


_LANGUAGE_WORD = (
    r"(?P<name>langue des signes quebecoise|langue des signes|langage des signes|creole haitien|innu aimun|[a-z]{3,})"
)
_SPOKEN = re.compile(
    rf"(?:(?<=^)|(?<= ))(?P<it>(?:(?:ne |pas |juste |seulement |que |uniquement |only )?(?:parle|parlent|parlant|speaks?|speaking)(?: pas)?(?: que| juste| seulement| uniquement| only)?(?: le | l | la | un peu)?|"
    rf"en langue|en|in|de langue|langue maternelle|langue|service en|intervenante? (?:qui parle|parlant))\s+{_LANGUAGE_WORD}(?: seulement| only| uniquement)?)(?= |$)"
)
_SPEAKERS = {
    "anglophone": "en", "anglophones": "en", "hispanophone": "es", "hispanophones": "es", "arabophone": "ar", "arabophones": "ar",
    "lusophone": "pt", "sinophone": "zh", "russophone": "ru", "allophone": "", "francophone": "fr", "francophones": "fr",
    "english": "en", "espanol": "es", "unilingue anglais": "en", "unilingue anglaise": "en",
}  # fmt: skip
_SPEAKER = re.compile(rf"(?:(?<=^)|(?<= ))(?P<it>(?P<name>{'|'.join(_SPEAKERS)})(?: speaking| only)?)(?= |$)")
_SIGNED = re.compile(r"(?:(?<=^)|(?<= ))(?P<it>(?:en )?(?P<name>lsq|asl|langue des signes(?: quebecoise)?))(?= |$)")
# Learning a language, or asking for an interpreter, is a need and not the language of the conversation.
_TAUGHT = re.compile(
    r"(?:^| )(?:cours|apprendre|apprends|apprend|francisation|ateliers?|conversation|classes?|traduire|traduction|traduit|interprete\w*|"
    r"interpretation|interpretariat|interpreter|translat\w+|learn|lessons?)(?= |$)"
)
_ENGLISH = frozenset(
    "my i he she her his need needs with is am are the who looking where can husband wife help for".split()
)
_FRENCH = frozenset(
    "je mon ma mes il elle le la les de des du et pour avec un une dans est qui que pas en au aux sa son".split()
)


def find_language(reading: Reading) -> Language | None:
    """The language that the person speaks, when it was said; never that of a course or of an interpreter."""
    line = " ".join(token.folded for token in reading.tokens)
    if _TAUGHT.search(line):
        return None
    for pattern in (_SIGNED, _SPOKEN, _SPEAKER):
        for match, tokens in reading.find(pattern):
            name = match["name"]
            # « en urgence », « en bas »: only a language's own name, never a two-letter word.
            code = _SPEAKERS.get(name) if name in _SPEAKERS else languages.to_code(name) if len(name) > 2 else None
            if name in {"langue des signes", "langage des signes"}:
                code = "fcs"
            negated = (
                re.search(r"(?:ne |n )?(?:parle|parlent|speaks?) pas ", match["it"]) and " que " not in match["it"]
            )
            if code and not negated and (len(name) > 3 or pattern is _SIGNED):
                return Language(code, tokens)
    return None


def reads_as_english(reading: Reading) -> bool:
    """True when the question itself is in English."""
    folded = [token.folded for token in reading.tokens]
    return sum(word in _ENGLISH for word in folded) >= 2 and not any(word in _FRENCH for word in folded)


_URGENT = re.compile(
    r"(?:(?<=^)|(?<= ))(?P<it>(?:est |tres |super |vraiment )*(?:urgente?s?|urgent care)|en urgence|d urgence(?= ?$)|tout de suite|immediatement|"
    r"drette la|au plus (?:vite|sacrant|tot)|le plus vite possible|asap|as soon as possible|danger immediat|en danger|right away|ca presse|presse)(?= |$)"
)
_NOT_URGENT = re.compile(r"(?:^| )(?:pas|non|plus|rien d|aucune) (?:\S+ )?$")


def find_urgency(reading: Reading) -> tuple[int, ...] | None:
    """The words that say that it is urgent; « hébergement d'urgence », « l'urgence » (a place) do not."""
    for match, tokens in reading.find(_URGENT):
        if not _NOT_URGENT.search(match.string[: match.start("it")]):
            return tokens
    return None
