"""Opening hours as people write them, cut into tokens: French of Québec first, English as well.

Words that change nothing (« ouvert », « de », « le ») are dropped; a word that is not known becomes an UNKNOWN token,
since it may be what matters most (« calendrier scolaire », « sur appel »).
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from registry.text import fold

from .model import ALL_DAYS, DAY, Season

WEEKDAYS, WEEKEND = (0, 1, 2, 3, 4), (5, 6)


class Kind(Enum):
    DAY = auto()  # value: one weekday
    DAYS = auto()  # value: several weekdays
    HOLIDAY = auto()
    RANK = auto()  # value: rank in the month, -1 for the last
    TIME = auto()  # value: minutes from midnight
    NUMBER = auto()  # value: an hour without « h », as in « 9-17h »
    ALL_DAY = auto()
    SEASON = auto()  # value: a Season
    SEASON_WORD = auto()  # « été »: says nothing without dates
    MONTHLY = auto()  # « du mois »: says nothing without a rank
    RANGE = auto()
    BETWEEN = auto()
    AND = auto()
    COMMA = auto()
    SEPARATOR = auto()
    CLOSED = auto()
    EXCEPT = auto()
    INCLUDED = auto()
    PERIOD = auto()  # « le soir »: says nothing without a time
    UNKNOWN = auto()


@dataclass(frozen=True)
class Token:
    kind: Kind
    value: int = 0
    days: tuple[int, ...] = ()
    season: Season | None = None
    suffix: str = ""  # of a TIME: « am » or « pm » as written


_DAY_NAMES = (
    ("lundis?", "lun", "lu", "l", "mondays?", "mon", "mo"),
    ("mardis?", "mar", "ma", "tuesdays?", "tues?", "tu"),
    ("mercredis?", "mercr", "mer", "me", "wednesdays?", "weds?", "we"),
    ("jeudis?", "jeu", "je(?! pense| crois)", "j", "thursdays?", "thurs?", "thu", "th"),
    ("vendredis?", "vendr", "vend", "ven", "ve", "v", "fridays?", "fri", "fr"),
    ("samedis?", "sam", "sa", "s", "saturdays?", "sat"),
    ("dimanches?", "dim", "di", "d", "sundays?", "sun", "su"),
)
_MONTH_NAMES = (
    "janvier|janv|january|jan", "fevrier|fevr|fev|february|feb", "mars|march", "avril|avr|april|apr", "mai|may",
    "juin|june|jun", "juillet|juil|july|jul", "aout|august|aug", "septembre|september|sept|sep",
    "octobre|october|oct", "novembre|november|nov", "decembre|december|dec",
)  # fmt: skip
_RANK_NAMES = {
    1: r"1(?:er|ere|re|st)s?|premi(?:er|ere)s?|first", 2: r"2(?:e|es|eme|nd)|deuxiemes?|seconde?s?|second",
    3: r"3(?:e|es|eme|rd)|troisiemes?|third", 4: r"4(?:e|es|eme|th)|quatriemes?|fourth",
    5: r"5(?:e|es|eme|th)|cinquiemes?|fifth", -1: r"derni(?:er|ere)s?|last",
}  # fmt: skip

_MONTH = rf"(?:{'|'.join(_MONTH_NAMES)})\b\.?"
_MONTH_DAY = rf"(?:(?P<d{{n}}>\d{{{{1,2}}}})(?:er)?\s+)?(?P<mo{{n}}>{_MONTH})"
_TO = r"\s*(?:-|au|a|to|jusqu'au|jusqu'a)\s*(?:le\s+)?"
_SEASON = (
    rf"(?:(?:du|de|d'|from)\s*(?:le\s+)?)?(?:(?P<d0>\d{{1,2}})(?:er)?{_TO}(?=\d)|{_MONTH_DAY.format(n=1)}{_TO})"
    rf"{_MONTH_DAY.format(n=2)}"
)
_ONE_MONTH = rf"(?:en|au mois (?:de |d')|durant|pendant|in)\s*(?P<month>{_MONTH})"
_SUFFIX = r"(?P<{0}>\s*(?:[ap]\.?\s?m\b\.?|du matin\b|de l'apres-midi\b|du soir\b))?"
_CLOCK = (
    r"(?P<h1>\d{1,2})\s*(?:h|hrs?|heures?)(?![a-z])\.?\s*(?P<m1>\d{2}(?!\s*[h:\d]))?(?:\s*min(?:utes)?\b)?"
    + _SUFFIX.format("s1")
)
_COLON = r"(?P<h2>\d{1,2})\s?:\s?(?P<m2>\d{2})(?:\s*h\b)?(?!\d)" + _SUFFIX.format("s2")
_BARE = r"(?P<h3>\d{1,2})\s*(?P<s3>[ap]\.?m\b\.?|du matin\b|du soir\b)"
_NOON = r"midi\b|noon\b"

_DIGITS_7 = r"(?:7|sept)"
_NOISE = "|".join(
    (
        r"ouvert(?:e|s|es)?", r"ouverture", r"horaires?", r"heures? d'ouverture",
        r"heures? (?:normale )?de l'est", r"heures? locale", r"hne|hae",
        r"d'", r"l'", r"de", r"du", r"des", r"le", r"la", r"les", r"chaque", r"tous",
        r"toutes", r"from", r"open", r"hours", r"on", r"every", r"the", r"en", r"durant", r"pendant", r"lors",
        r"aussi", r"egalement", r"seulement", r"uniquement", r"only",
        r"inclusivement", r"inclusive", r"sans interruption", r"sans rendez-vous",
        r"en continu", r"toute l'annee", r"a longueur d'annee", r"a l'annee", r"heures?", r"jours?", r"quebec",
    )
)  # fmt: skip


def _word(pattern: str) -> str:
    return rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])"


# In order: the first that matches wins, so that what contains another comes before it.
_RULES: tuple[tuple[str, str], ...] = (
    ("separator", r"[;|•]|(?<=\s)/(?=\s)"),
    (
        "always",
        _word(r"24\s*(?:h|hrs?|heures?)?\s*[/-]\s*7(?:\s*(?:j|jours?))?|en tout temps|jour et nuit|24 hours?,? 7 days"),
    ),
    ("all_year", _word(r"(?:/\s*)?365(?:\s*(?:j|jours?|days))?(?:\s*(?:par annee|par an|sur 365|/\s*365|a year))?")),
    (
        "all_day",
        _word(r"24\s*(?:h|hrs?|heures?)?\s*(?:/|sur|par)\s*(?:24|jour)\s*(?:h|hrs?|heures?)?|24 hours?(?: a day)?"),
    ),
    (
        "all_days",
        _word(
            rf"{_DIGITS_7}\s*(?:j|jrs?|jours?|days?)?\s*(?:/|sur)\s*{_DIGITS_7}(?:\s*(?:j|jrs?|jours?))?"
            rf"|{_DIGITS_7}\s*(?:jours|jrs|j|days)(?:\s*(?:par|/|a)?\s*(?:semaine|sem|week))?"
            r"|tous les (?:jours|soirs|matins|apres-midis?)|toutes les nuits|chaque (?:jour|soir|matin|nuit)"
            r"|quotidien(?:nement)?|every ?day|daily|toute la semaine"
        ),
    ),
    (
        "holiday",
        _word(
            r"(?:(?:les|des|aux|du|on|lors des|durant les|pendant les)\s+)?"
            r"(?:(?:jours?\s+)?(?:de\s+)?(?:conges?\s+)?feries?"
            r"|jours? de conge|conges? statutaires?|(?:public |statutory |stat )?holidays?)(?:\s+du quebec)?"
        ),
    ),
    ("weekend", _word(r"fins? de (?:la )?semaines?|week-?\s?ends?|fds")),
    (
        "weekdays",
        _word(r"(?:en |sur |la |les )?(?:jours? de )?semaine|jours? ouvrables?|weekdays?|l,? ?m,? ?m,? ?j,? ?v"),
    ),
    ("season", _word(_SEASON)),
    ("one_month", _word(_ONE_MONTH)),
    (
        "season_word",
        _word(r"(?:l'|d'|en |saison )?(?:ete|hiver|printemps|automne)|saison(?: estivale| hivernale)?|summer|winter"),
    ),
    ("monthly", _word(r"du mois|de chaque mois|par mois|of (?:the|each|every) month")),
    *((f"rank_{'last' if rank < 0 else rank}", _word(names)) for rank, names in _RANK_NAMES.items()),
    ("clock", rf"(?<![\d:]){_CLOCK}"),
    ("colon", rf"(?<![\d:]){_COLON}"),
    ("bare", rf"(?<![\d:]){_BARE}"),
    ("noon", _word(_NOON)),
    ("midnight", _word(r"minuit|midnight")),
    ("military", r"(?<!\d)(?P<h4>0\d)(?P<m4>[0-5]\d)\s*(?:-|a)\s*(?P<h5>[012]\d)(?P<m5>[0-5]\d)(?!\d)"),
    ("number", r"(?<![\d:])\d{1,2}(?![\d:a-z])"),
    *((f"day_{day}", _word("|".join(names)) + r"(?!')\.?") for day, names in enumerate(_DAY_NAMES)),
    ("closed", _word(r"ferme(?:e|s|es)?|fermeture|closed|relache")),
    (
        "except",
        _word(r"sauf|excepte(?:e|s|es)?|excluant|exclu(?:s|e|es)?|a l'exception|a l'exclusion|hormis|except|hors"),
    ),
    ("included", _word(r"inclu(?:s|se|ses|ant)|incl|y compris|compris|meme|including|included")),
    ("between", _word(r"entre|between")),
    ("period", _word(r"soirs?|soirees?|matins?|matinees?|avant-midis?|apres-midis?|am|pm|nuits?|journees?")),
    ("noise", _word(_NOISE)),
    ("range", r"->|→|-|" + _word(r"jusqu'au?|a|au|to|until|till?|thru|through")),
    ("and", r"[&+/]|" + _word(r"et|and|puis|ainsi que")),
    ("comma", r","),
    ("blank", r"[\s:()\[\].'=]+"),
    ("unknown", r"[a-z][a-z'-]*|\d+|."),
)
_MASTER = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _RULES))
_MONTHS = tuple(re.compile(names) for names in _MONTH_NAMES)


def _month(text: str) -> int:
    return next(n for n, names in enumerate(_MONTHS, 1) if names.fullmatch(text.rstrip(".")))


def _season(match: re.Match[str]) -> Token:
    last_month, last_day = _month(match["mo2"]), int(match["d2"] or 0)
    if match["d0"]:
        first_month, first_day = last_month, int(match["d0"])
    else:
        first_month, first_day = _month(match["mo1"]), int(match["d1"] or 0)
    if bool(first_day) != bool(last_day):  # « 24 juin à août » is until the end of August
        first_day, last_day = first_day or 1, last_day or (29 if last_month == 2 else 30 + (last_month in _LONG))
    if max(first_day, last_day) > 31 or (first_day > 30 and first_month not in _LONG):
        return Token(Kind.UNKNOWN)
    return Token(Kind.SEASON, season=((first_month, first_day), (last_month, last_day)))


_LONG = (1, 3, 5, 7, 8, 10, 12)


def _time(hour: str, minute: str | None, suffix: str | None) -> Token:
    """A clock time; UNKNOWN for one that no clock shows (« 25h », « 8h75 », « 13 pm »)."""
    hours, minutes = int(hour), int(minute or 0)
    written = re.sub(r"[.\s]", "", suffix or "")
    half = "am" if written in ("am", "dumatin") else "pm" if written else ""
    if half and not (half == "pm" and 12 <= hours <= 23):  # « 16 h 30 p.m. » is said, and clear
        if not 1 <= hours <= 12:
            return Token(Kind.UNKNOWN)
        hours = hours % 12 + (12 if half == "pm" else 0)
    if hours > 24 or minutes > 59 or (hours == 24 and minutes):
        return Token(Kind.UNKNOWN)
    return Token(Kind.TIME, hours * 60 + minutes, suffix=half)


def _range_of_military(match: re.Match[str]) -> list[Token]:
    return [_time(match["h4"], match["m4"], None), Token(Kind.RANGE), _time(match["h5"], match["m5"], None)]


_FIXED: dict[str, list[Token]] = {
    "separator": [Token(Kind.SEPARATOR)],
    "always": [Token(Kind.DAYS, days=ALL_DAYS), Token(Kind.ALL_DAY)],
    "all_year": [Token(Kind.HOLIDAY), Token(Kind.INCLUDED)],
    "all_day": [Token(Kind.ALL_DAY)],
    "all_days": [Token(Kind.DAYS, days=ALL_DAYS)],
    "holiday": [Token(Kind.HOLIDAY)],
    "weekend": [Token(Kind.DAYS, days=WEEKEND)],
    "weekdays": [Token(Kind.DAYS, days=WEEKDAYS)],
    "season_word": [Token(Kind.SEASON_WORD)],
    "monthly": [Token(Kind.MONTHLY)],
    "noon": [Token(Kind.TIME, 12 * 60)],
    "midnight": [Token(Kind.TIME, DAY, suffix="midnight")],
    "closed": [Token(Kind.CLOSED)],
    "except": [Token(Kind.EXCEPT)],
    "included": [Token(Kind.INCLUDED)],
    "between": [Token(Kind.BETWEEN)],
    "range": [Token(Kind.RANGE)],
    "and": [Token(Kind.AND)],
    "comma": [Token(Kind.COMMA)],
    "period": [Token(Kind.PERIOD)],
    "noise": [],
    "blank": [],
    "unknown": [Token(Kind.UNKNOWN)],
}
_COMPUTED: dict[str, Callable[[re.Match[str]], list[Token]]] = {
    "season": lambda m: [_season(m)],
    "one_month": lambda m: [Token(Kind.SEASON, season=((_month(m["month"]), 0), (_month(m["month"]), 0)))],
    "clock": lambda m: [_time(m["h1"], m["m1"], m["s1"])],
    "colon": lambda m: [_time(m["h2"], m["m2"], m["s2"])],
    "bare": lambda m: [_time(m["h3"], None, m["s3"])],
    "number": lambda m: [Token(Kind.NUMBER, int(m[0]))],
    "military": _range_of_military,
}


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, in order. Every character is accounted for: nothing unread is silently skipped."""
    folded = fold(unicodedata.normalize("NFKC", text).replace("\n", ", "))
    for match in _MASTER.finditer(folded):
        name = match.lastgroup or ""
        if name.startswith("day_"):
            yield Token(Kind.DAY, int(name[4:]))
        elif name.startswith("rank_"):
            yield Token(Kind.RANK, -1 if name == "rank_last" else int(name[5:]))
        elif name in _COMPUTED:
            yield from _COMPUTED[name](match)
        else:
            yield from _FIXED[name]
