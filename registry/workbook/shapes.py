"""What a column holds, whatever its heading: a column of postal codes is one.

Each shape answers, for one cell, « could this be one of those? ». Where the column's own reader can refuse a value, it
is the judge; the shapes below are for the rest.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from registry import phones, postal_codes
from registry.opening_hours import parse_hours
from registry.text import fold, key

from .choices import split_list
from .dates import parse_date
from .lookup import Lookup
from .reader import ErrorCell, FormulaCell
from .sheets import Column, SheetHandler
from .values import UNREADABLE, Reading, boolean, clean_text, degrees, integer, is_blank

# What texts of a kind speak of. A share of half of the cells is enough.
WORDS: dict[str, re.Pattern[str]] = {
    name: re.compile(words)
    for name, words in {
        "fees": r"gratuit|\$|\bdons?\b|contribution|\bfrais\b|tarif|sans frais|selon le revenu",
        "documents": r"\baucun|preuve|\bcarte\b|piece|rapport|releve|consentement|ordonnance|avis de|certificat",
        "procedure": r"\bappel|telephon|rendez vous|referen|presenter|inscri|demarche|demande|formulaire|courriel",
        "dispute": r"rencontre|comite|mediat|escalade|commissaire|desaccord|repondant|gestionnaire|arbitr|differend",
        "information": r"consentement|nominati|renseignement|messagerie|registre|anonym|information|confidenti|accuse",
        "referral": r"formulaire|numero|referen|appel|transfert|table de cas|liaison|telecopie|courriel",
        "purpose": r"^(?:\w+(?:er|ir|oir|dre|tre|ire)\b|offrir|l objet)",
        "role": (
            r"direct|intervenant|responsable|agente?\b|infirm|chef|coordonn|repondant|travaill|adjoint|secretaire|psych"
            r"|conseill|gestionnaire|president|medecin|educat|reception"
        ),
        "return": r"retour|lettre|relais|rendez vous|suivi|resume|referent|reouverture",
        "place": r"bureau|point de service|pavillon|siege|clsc|centre|succursale|installation|local|site|ecole|maison",
    }.items()
}  # fmt: skip

# How much a content of this shape says about which column it is. The rest says nothing.
STRENGTH: dict[str, float] = {
    **dict.fromkeys(("postal", "phone", "email", "url", "neq", "latitude", "longitude", "postal_list"), 0.7),
    **dict.fromkeys(("languages", "needs", "territories", "parties", "choice"), 0.6),
    **dict.fromkeys(("code", "same_code", "agreement", "organization", "parent", "service", "locations"), 0.55),
    **dict.fromkeys(("hours", "street"), 0.55),
    "acronym": 0.3,
    "date": 0.4,
    **dict.fromkeys(WORDS, 0.3),
    "fees": 0.55,
    "role": 0.55,
    **dict.fromkeys(("extension", "visibility", "municipality"), 0.3),
    **dict.fromkeys(("number", "boolean", "prose", "person", "title"), 0.12),
}
# How much a content that is not of this shape says against it.
CONTRADICTION: dict[str, float] = {
    **dict.fromkeys(STRENGTH, 0.7),
    **dict.fromkeys(("prose", "person", "street", "municipality", "needs", "territories", "hours", "parent"), 0.25),
    **dict.fromkeys(("choice", "visibility", "title"), 0.45),
    "acronym": 0.3,
    **dict.fromkeys(WORDS, 0.15),
}
_ENOUGH = 4
_ENOUGH_TO_REPEAT = 10
# Different cells of a column that are looked at.
_LOOKED_AT = 30

_CODE = re.compile(r"[A-Za-z]{1,5}[-_ ]?\d{1,6}")
_AGREEMENT = re.compile(r"[A-Za-z]{2,6}-(?:\d{2,4}-)?\d{1,5}")
_STREET = re.compile(
    r"\b(?:rue|avenue|av|boulevard|boul|bd|chemin|ch|rang|route|rte|place|montee|cote|terrasse|autoroute|street|road)\b"
)
_PERSON = re.compile(r"[A-ZÀ-Ý][\w'’.-]+(?: [A-ZÀ-Ýdl][\w'’.-]*){1,4}(?:,.*)?")
_ROLE = re.compile(r"\((?:csss|ciusss|cisss|centre|partenaire|part\.?|etablissement|organisme)\)")
_ACRONYM = re.compile(r"[A-ZÀ-Ý0-9][A-ZÀ-Ýa-z0-9&.'’/+-]{0,13}(?: [A-Z0-9]{1,4})?")
_DOMAIN = re.compile(r"(?:https?://)?(?:www\.)?[\w-]+(?:\.[\w-]+)+(?:/\S*)?", re.IGNORECASE)


@dataclass
class Clues:
    """What is known before the rows are read: vocabularies of the network, names found in the file itself."""

    lookup: Lookup
    # Folded names of organizations, services and places that the file lists.
    organizations: set[str] = field(default_factory=set)
    services: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)


@dataclass
class Sample:
    """The first cells of a column, and what was found of them."""

    cells: Sequence[Any]
    _scores: dict[tuple[str, str], float] = field(default_factory=dict, repr=False)

    @cached_property
    def filled(self) -> list[Any]:
        return [cell for cell in self.cells if not isinstance(cell, (FormulaCell, ErrorCell)) and not is_blank(cell)]

    @cached_property
    def distinct(self) -> list[Any]:
        return list(dict.fromkeys(self.filled))


# Shapes that are judged by the names found in the file: what was said before they were known may change.
_BY_NAMES = {"organization", "parent", "service", "locations", "parties"}


def strength_of(column: Column) -> float:
    """The most that `content_score` can say for this column."""
    return STRENGTH.get(shape_of(column), 0.0)


def content_score(column: Column, handler: SheetHandler, sample: Sample, clues: Clues) -> float:
    """How much the cells of a column speak for (up to +0.7) or against (down to −0.7) its being `column`."""
    asked = handler.name, column.name
    if column.shape in _BY_NAMES or asked not in sample._scores:
        sample._scores[asked] = _content_score(column, handler, sample, clues)
    return sample._scores[asked]


def _content_score(column: Column, handler: SheetHandler, sample: Sample, clues: Clues) -> float:
    shape = shape_of(column)
    if shape not in STRENGTH or len(sample.filled) < _ENOUGH:
        return 0.0
    own_code = column.name == handler.code_column
    if _repeats("code" if own_code else shape, len(sample.distinct), len(sample.filled)):
        return -CONTRADICTION[shape]
    values = sample.distinct[:_LOOKED_AT]
    judge = _words_judge if column.shape in WORDS else _JUDGES.get(column.shape, _reader_judge)
    share = sum(judge(cell, column, handler, clues) for cell in values) / len(values)
    if share >= 0.5:
        return STRENGTH[shape] * share
    return -CONTRADICTION[shape] * (1 - share / 0.5)


def _repeats(shape: str, distinct: int, filled: int) -> bool:
    """True where the values come back more, or less, than this shape allows: codes never, parents often."""
    if shape == "code":
        return filled >= _ENOUGH_TO_REPEAT and distinct < 0.9 * filled
    if shape == "title":
        return filled >= _ENOUGH_TO_REPEAT and distinct < 0.5 * filled
    return shape == "parent" and distinct > 0.8 * filled


def shape_of(column: Column) -> str:
    """The shape of a column: its own, « choice » for every closed vocabulary."""
    return "choice" if column.shape in _CHOICES else column.shape


_CHOICES = {
    "partner_type", "kind", "program", "line", "clientele", "access", "availability", "instrument", "modality",
    "renewal", "status", "recurrence", "obligation_status", "direction", "wheelchair",
}  # fmt: skip


def is_calculated(sample: Sequence[Any]) -> bool:
    """True for a column where nearly everything is a formula: a working column, not data."""
    filled = [cell for cell in sample if isinstance(cell, (FormulaCell, ErrorCell)) or not is_blank(cell)]
    return len(filled) >= _ENOUGH and sum(isinstance(cell, FormulaCell) for cell in filled) > 0.8 * len(filled)


def rank_of(cell: Any) -> int | None:
    """A number or a date as something to compare; None for anything else."""
    number = integer(cell)
    if number is not None:
        return number
    found = parse_date(cell)
    return found.toordinal() if isinstance(found, dt.date) else None


def _reader_judge(cell: Any, column: Column, handler: SheetHandler, clues: Clues) -> bool:
    reading = Reading(0, clues.lookup)
    return column.read(cell, reading) is not UNREADABLE and not reading.warnings


def _words_judge(cell: Any, column: Column, handler: SheetHandler, clues: Clues) -> bool:
    text = key(cell) + (" $" if "$" in clean_text(cell) else "")
    return WORDS[column.shape].search(text) is not None


def looks_like_names(sample: Sequence[Any], different: float = 0.7) -> bool:
    """Short texts, `different` of them at least, without the signs of an address, a number or a date."""
    texts = [clean_text(cell) for cell in sample if isinstance(cell, str) and not is_blank(cell)]
    if len(texts) < _ENOUGH or len(texts) < 0.8 * sum(not is_blank(cell) for cell in sample):
        return False
    sound = [text for text in texts if 3 <= len(text) <= 90 and re.search(r"[^\W\d]{3}", text) and "@" not in text]
    return len(sound) > 0.9 * len(texts) and len(set(texts)) > different * len(texts)


def _clientele(cell: Any, column: Column, handler: SheetHandler, clues: Clues) -> bool:
    from registry.enums import Clientele

    labels = {key(label) for label in Clientele.labels}
    return any(key(item) in labels for item in split_list(cell))


def _code(cell: Any, column: Column, handler: SheetHandler, clues: Clues) -> float:
    text = clean_text(cell).upper()
    prefix = handler.code_prefix
    if prefix and _CODE.fullmatch(text):
        # A code of another style may be somebody's own numbering; not enough to tell without the heading.
        return 1.0 if text.startswith(prefix) else 0.0 if re.match(r"(ORG|LIE|SRV|COR)\d", text) else 0.6
    return handler.name == "Territoires" and re.fullmatch(r"[A-Z0-9-]{2,8}", text) is not None


def _acronym(cell: Any, *_: Any) -> bool:
    text = clean_text(cell)
    if text.isdigit() or _ACRONYM.fullmatch(text) is None or _CODE.fullmatch(text):
        return False
    return sum(map(str.islower, text)) < 3


def _title(cell: Any, column: Column, handler: SheetHandler, clues: Clues) -> bool:
    text = clean_text(cell)
    return 3 <= len(text) <= 120 and "@" not in text and " " in text and not _acronym(cell)


def _agreement(cell: Any, *_: Any) -> bool:
    return _AGREEMENT.fullmatch(clean_text(cell)) is not None


def _reference(prefix: str, names: Callable[[Clues], set[str]]) -> Callable[..., bool]:
    # « ORG001 », « ORG001 - CLSC de la Rive », « CLSC de la Rive (ORG001) »
    pattern = re.compile(rf"{prefix}[-_ ]?\d+|{prefix}\d+\W+\w.*|.+\W{prefix}\d+\W?", re.IGNORECASE | re.DOTALL)

    def judge(cell: Any, column: Column, handler: SheetHandler, clues: Clues) -> bool:
        items = split_list(cell) or [""]
        return all(pattern.fullmatch(item) or key(item) in names(clues) for item in items)

    return judge


def _parties(cell: Any, column: Column, handler: SheetHandler, clues: Clues) -> bool:
    text = fold(cell)
    if _ROLE.search(text):
        return True
    items = split_list(cell)
    return len(items) > 1 and all(re.match(r"org\d", fold(item)) or key(item) in clues.organizations for item in items)


def _from_table(sheet: str) -> Callable[..., bool]:
    def judge(cell: Any, column: Column, handler: SheetHandler, clues: Clues) -> bool:
        return any(clues.lookup[sheet].find(item) is not None for item in split_list(cell))

    return judge


def _phone(cell: Any, *_: Any) -> bool:
    if isinstance(cell, float) and cell < 1e9:
        return False
    try:
        phones.parse_phone(clean_text(cell))
    except phones.InvalidPhone:
        return False
    return True


def _between(low: float, high: float) -> Callable[..., bool]:
    def judge(cell: Any, *_: Any) -> bool:
        number = degrees(cell)
        return number is not None and Decimal(low) <= number <= Decimal(high)

    return judge


def _date(cell: Any, column: Column, handler: SheetHandler, clues: Clues) -> bool:
    if isinstance(cell, float) and cell < 20_000:
        return False
    return _reader_judge(cell, column, handler, clues)


def _prefixes(cell: Any, *_: Any) -> bool:
    return all(postal_codes.fsa(item) for item in split_list(cell))


_JUDGES: dict[str, Callable[..., float]] = {
    "clientele": _clientele,
    "wheelchair": lambda cell, *_: boolean(cell) is not None or key(cell).startswith("part"),
    "code": _code,
    "acronym": _acronym,
    "title": _title,
    "same_code": _code,
    "agreement": _agreement,
    "organization": _reference("ORG", lambda clues: clues.organizations),
    "parent": _reference("ORG", lambda clues: clues.organizations),
    "service": _reference("SRV", lambda clues: clues.services),
    "locations": _reference("LIE", lambda clues: clues.places),
    "parties": _parties,
    "needs": _from_table("Vocabulaire"),
    "territories": _from_table("Territoires"),
    "phone": _phone,
    "url": lambda cell, *_: _DOMAIN.fullmatch(clean_text(cell)) is not None,
    "neq": lambda cell, *_: re.fullmatch(r"\d{10}", re.sub(r"[\s.-]", "", clean_text(cell))) is not None,
    "latitude": _between(40, 63),
    "longitude": _between(-80, -57),
    "postal_list": _prefixes,
    "number": lambda cell, *_: integer(cell) is not None,
    "boolean": lambda cell, *_: boolean(cell) is not None or key(cell).startswith("part"),
    "extension": lambda cell, *_: re.fullmatch(r"\d{1,6}", clean_text(cell)) is not None,
    "date": _date,
    "hours": lambda cell, *_: parse_hours(clean_text(cell)).status == "known",
    "street": lambda cell, *_: bool(re.search(r"\d", clean_text(cell))) and _STREET.search(key(cell)) is not None,
    "prose": lambda cell, *_: len(clean_text(cell)) > 45,
    "person": lambda cell, *_: _PERSON.fullmatch(clean_text(cell)) is not None,
    "municipality": lambda cell, *_: re.fullmatch(r"[^\d@;]{3,40}", clean_text(cell)) is not None,
}
