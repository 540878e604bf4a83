"""From a cell as typed to a value of its kind, with a warning for each thing that could not be read.

A reader takes a raw cell (never blank, formula or error: `read_cell` sees to these) and returns the typed value, or
UNREADABLE after having warned: the record then keeps what it has, and a new record gets a blank. Typed values are plain
and comparable: str, int, Decimal, date, bool, None, tuples.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from registry import phones, postal_codes
from registry.opening_hours import parse_hours
from registry.text import fold, key

from .messages import message_for
from .reader import ErrorCell, FormulaCell

if TYPE_CHECKING:
    from .lookup import Lookup
    from .sheets import Stored


class _Unreadable:
    """The cell says something that could not be read: not the same as blank."""

    def __repr__(self) -> str:
        return "UNREADABLE"


UNREADABLE: Any = _Unreadable()
CONFIDENTIAL = "(confidentiel)"
# Longest text kept in a field without a limit of its own.
TEXT_LIMIT = 10_000
_SHOWN = 200

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_INJECTION = re.compile(r"[=+\-@]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")
_HTML = re.compile(r"<\s*/?\s*[a-z!][^<>]*>|<\s*script|&(?:amp|lt|gt|quot|nbsp|#\d+|#x[0-9a-f]+);", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing to look at in a row that is imported all the same."""

    row: int
    column: str
    code: str
    value: str
    message: str


@dataclass
class Reading:
    """The row being read: where warnings go, and what its references can point to."""

    row: int
    lookup: Lookup
    warnings: list[Warned] = field(default_factory=list)
    # Heading of the cell being read, as written in the file.
    heading: str = ""
    # True: the cell's content must not be repeated anywhere (confidential address).
    secret: bool = False
    epoch: dt.date = dt.date(1899, 12, 30)
    # Cells of the row as they are, typed values of the columns already read, by canonical heading.
    raw: Mapping[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    # The record that the row is about, where there is one.
    stored: Stored | None = None

    def warn(self, code: str, value: object = "", column: str | None = None) -> None:
        """Add a warning about the current cell. `value` is shown as written, shortened; never when secret."""
        shown = CONFIDENTIAL if self.secret and value not in ("", None) else shorten(value)
        self.warnings.append(
            Warned(self.row, self.heading if column is None else column, code, shown, message_for(code))
        )

    @contextmanager
    def quietly(self) -> Iterator[list[Warned]]:
        """Warnings of the block go to the list that it yields."""
        kept, self.warnings = self.warnings, []
        try:
            yield self.warnings
        finally:
            self.warnings = kept


def readable(value: Any) -> Any:
    """The value, or None where the cell could not be read."""
    return None if value is UNREADABLE else value


Reader = Callable[[Any, Reading], Any]


def shorten(value: object) -> str:
    text = " ".join(str(value if value is not None else "").split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


# --- Any cell ---------------------------------------------------------------------------------------------------


def is_blank(raw: object) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip(" \t\r\n\xa0\u2007\u202f\u200b\ufeff"))


def clean_text(raw: object) -> str:
    """One line per line: every kind of space becomes a plain one, control characters go, ends are trimmed."""
    if isinstance(raw, bool):
        return "Oui" if raw else "Non"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    if isinstance(raw, dt.datetime) and raw.time() == dt.time():
        raw = raw.date()
    whole = str(raw if raw is not None else "")
    if whole.isprintable() and unicodedata.is_normalized("NFC", whole):  # nearly every cell: nothing to take out
        return " ".join(whole.split())
    text = unicodedata.normalize("NFC", _CONTROL.sub("", whole))
    lines = (" ".join(line.replace("\u200b", "").replace("\ufeff", "").split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def neutralise(text: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe; `restore` takes it back."""
    bare = text.lstrip("'")
    return f"'{text}" if bare[:1] in {"=", "+", "-", "@", "\t", "\r"} and bare else text


def restore(text: str) -> str:
    return text[1:] if _NEUTRALISED.match(text) else text


def read_cell(raw: object, reading: Reading, read: Reader, blank: Any, *, limit: int | None, plain: bool) -> Any:
    """The typed value of any cell. `plain`: a leading + or - is ordinary there (phones, numbers, dates)."""
    if isinstance(raw, FormulaCell):
        reading.warn("formule", raw.formula)
        if is_blank(raw.cached):
            return UNREADABLE
        with reading.quietly() as doubts:
            value = read_cell(raw.cached, reading, read, blank, limit=limit, plain=plain)
        return UNREADABLE if doubts else value
    if isinstance(raw, ErrorCell):
        # The column's own kind of doubt where it has one (a date that cannot be read); else what is left of a formula.
        with reading.quietly() as doubts:
            read(raw.error, reading)
        reading.warn(doubts[0].code if doubts else "formule", raw.error)
        return UNREADABLE
    if is_blank(raw):
        return blank
    if isinstance(raw, str):
        text = clean_text(raw)
        restored = restore(text)
        if not plain:
            if restored == text and _INJECTION.match(text):
                reading.warn("injection_formule", text)
            if _HTML.search(text):
                reading.warn("html", text)
        raw = _cut(restored, TEXT_LIMIT, reading)
        if not raw:
            return blank
    value = read(raw, reading)
    return _cut(value, limit, reading) if isinstance(value, str) and limit is not None else value


def _cut(text: str, limit: int, reading: Reading) -> str:
    if len(text) <= limit:
        return text
    if not text.endswith("…"):  # already told
        reading.warn("texte_trop_long", f"{len(text)} caractères")
    return text[: limit - 1].rstrip() + "…"


# --- Readers ----------------------------------------------------------------------------------------------------


def read_text(raw: Any, reading: Reading) -> str:
    return clean_text(raw)


def read_code(raw: Any, reading: Reading) -> str:
    """« org009 » → « ORG009 »: codes are compared in capitals, without spaces around."""
    return " ".join(clean_text(raw).upper().split())


def read_phone(raw: Any, reading: Reading) -> Any:
    try:
        return phones.parse_phone(clean_text(raw)).canonical
    except phones.InvalidPhone:
        reading.warn("telephone_invalide", raw)
        return UNREADABLE


def read_email(raw: Any, reading: Reading) -> Any:
    text = clean_text(raw).removeprefix("mailto:")
    try:
        validate_email(text)
    except ValidationError:
        reading.warn("courriel_invalide", raw)
        return UNREADABLE
    return text


_validate_url = URLValidator(schemes=["http", "https"])


def read_url(raw: Any, reading: Reading) -> Any:
    text = clean_text(raw)
    candidate = text if re.match(r"https?://", text, re.IGNORECASE) else f"https://{text}"
    try:
        _validate_url(candidate)
    except ValidationError:
        reading.warn("site_invalide", raw)
        return UNREADABLE
    return candidate


def read_postal_code(raw: Any, reading: Reading) -> Any:
    try:
        return postal_codes.normalise(clean_text(raw))
    except postal_codes.InvalidPostalCode:
        reading.warn("code_postal_invalide", raw)
        return UNREADABLE


def read_hours(raw: Any, reading: Reading) -> str:
    """Kept as written in every case; what cannot be evaluated shows as « à vérifier »."""
    text = clean_text(raw)
    if parse_hours(text).status == "unknown" and not says_it_varies(text):
        reading.warn("horaire_illisible", raw)
    return text


# Regimes that no weekly schedule can hold, and that are an answer all the same.
_REGIME = re.compile(
    r"\bvariables?\b|\ben ligne\b|\bsur (?:activation|rendez vous|rdv|demande|reservation|appel|inscription|place)\b"
    r"|\b(?:calendrier|annee|horaire) (?:scolaire|universitaire|des activites)\b"
    r"|\bpar (?:an|annee|mois|saison|session)\b"
    r"|\bselon (?:l |la |le |les )?(?:saison|horaire|calendrier|activite|programmation|disponibilite|groupe|evenement)"
    r"|\b(?:ete|hiver|printemps|automne|saisonnier|temps des fetes|relache)\b"
    r"|\b(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)\b"
)
# What somebody writes who does not know.
_DOUBT = re.compile(
    r"\b(?:je (?:pense|crois)|des fois|parfois|souvent|ca depend|depend de|peut etre|pas sur|a peu pres|environ|genre"
    r"|normalement|d habitude|voir|demander|appeler|verifier|confirmer|valider|a venir|a completer|bof)\b"
)


def says_it_varies(text: str) -> bool:
    """True for a legitimate answer that no weekly schedule can hold (« en ligne », « calendrier scolaire »)."""
    folded = key(text)
    return _REGIME.search(folded) is not None and _DOUBT.search(folded) is None and "?" not in text


_YES = {"oui", "o", "x", "1", "vrai", "true", "yes", "y", "v", "coche", "ok", "✓", "✔", "☑", "🗸"}
_NO = {"non", "n", "0", "faux", "false", "no", "f", "", "☐", "✗", "✘"}


def boolean(raw: Any) -> bool | None:
    """True, False, or None when it cannot be told."""
    if isinstance(raw, bool):
        return raw
    text = clean_text(raw).strip(" .!*").casefold() if isinstance(raw, str) else clean_text(raw)
    for words, answer in ((_YES, True), (_NO, False)):
        if text in words or fold(text) in words:
            return answer
    return None


def integer(raw: Any) -> int | None:
    """A whole number, zero or more; None when the cell is anything else."""
    if isinstance(raw, bool):
        return None
    try:
        number = Decimal(clean_text(raw).replace(",", ".").replace(" ", ""))
    except InvalidOperation:
        return None
    if not number.is_finite() or number < 0 or number != number.to_integral_value() or number > 100_000:
        return None
    return int(number)


def read_integer(raw: Any, reading: Reading) -> Any:
    number = integer(raw)
    if number is None:
        reading.warn("nombre_invalide", raw)
        return UNREADABLE
    return number


def read_age(raw: Any, reading: Reading) -> Any:
    number = integer(raw)
    if number is None or number > 130:
        reading.warn("age_invalide", raw)
        return UNREADABLE
    return number


def degrees(raw: Any) -> Decimal | None:
    """A latitude or longitude in decimal degrees, to six places (what the database keeps)."""
    if isinstance(raw, bool):
        return None
    text = clean_text(raw).replace("−", "-").replace("–", "-").replace(",", ".").replace("°", "").replace(" ", "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number.quantize(Decimal("0.000001")) if number.is_finite() and abs(number) <= 180 else None
