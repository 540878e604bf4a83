"""Dates as coordinators write them: serial numbers, ISO, « 17/03/2026 », « 12 mars 2025 ».

A date that is partial, or that can be read two ways, is never guessed.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

from registry.text import key

from .values import UNREADABLE, Reading, clean_text

# Serial day numbers of 1950 to 2100: what a date column may hold as plain numbers.
_SERIALS = range(18_264, 73_416)
_YEARS = range(1900, 2101)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january", "fevrier fevr fev feb february", "mars mar march", "avril avr apr april",
            "mai may", "juin jun june", "juillet juill juil jul july", "aout aou aug august",
            "septembre sept sep september",
            "octobre oct october", "novembre nov november", "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_SEASONS = {"printemps", "ete", "automne", "hiver", "debut", "fin", "mi", "spring", "summer", "fall", "winter"}
# « T2 2025 », « 2e trimestre 2025 », « semaine 12 2025 »: partial as long as the year is there.
_SPANS = re.compile(r"(?:\b[tq][1-4]|\b(?:\d(?:er|re|e|ieme)? )?(?:trimestre|semestre|quarter)|\bsemaine \d{1,2})\b")
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})")
# « 12-déc-24 », as spreadsheets show dates.
_SHORT_YEAR = re.compile(r"(\d{1,2})[-/. ]([^\W\d]{3,9})\.?[-/. ]'?(\d{2})")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_TIME = re.compile(r"[T ]\d{1,2}[:h]\d{2}(?::\d{2}(?:\.\d+)?)?Z?$")
_YEAR_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{4})")


def read_date(raw: Any, reading: Reading) -> Any:
    """A date, or UNREADABLE after `date_invalide`, `date_imprecise` or `date_ambigue`."""
    found = parse_date(raw, reading.epoch)
    if isinstance(found, dt.date):
        return found
    reading.warn(found, raw)
    return UNREADABLE


def parse_date(raw: Any, epoch: dt.date = dt.date(1899, 12, 30)) -> dt.date | str:
    """The date, or the code of the warning that says why there is none."""
    if isinstance(raw, dt.datetime):
        raw = raw.date()
    if isinstance(raw, dt.date):
        return raw if raw.year in _YEARS else "date_invalide"
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return _from_number(float(raw), epoch)
    text = _TIME.sub("", clean_text(raw)).strip(" .,;'")
    if re.fullmatch(r"\d+(?:[.,]0+)?", text):
        compact = _COMPACT.fullmatch(text)
        return _date(*compact.groups()) if compact else _from_number(float(text.replace(",", ".")), epoch)
    if match := _YEAR_FIRST.fullmatch(text):
        return _date(*match.groups())
    if match := _YEAR_LAST.fullmatch(text):
        return _day_and_month(int(match[1]), int(match[2]), match[3])
    if match := _YEAR_MONTH.fullmatch(text):
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        return "date_imprecise" if int(year) in _YEARS and 1 <= int(month) <= 12 else "date_invalide"
    return _from_words(text)


def _from_number(number: float, epoch: dt.date) -> dt.date | str:
    if not math.isfinite(number):
        return "date_invalide"
    if number in _YEARS:
        return "date_imprecise"
    if int(number) in _SERIALS:
        return epoch + dt.timedelta(days=int(number))
    return "date_invalide"


def _date(year: int | str, month: int | str, day: int | str) -> dt.date | str:
    try:
        found = dt.date(int(year), int(month), int(day))
    except ValueError:
        return "date_invalide"
    return found if found.year in _YEARS else "date_invalide"


def _year(text: str) -> int:
    """« 24 » is 2024, « 98 » is 1998: no entente ends after 2069."""
    return int(text) if len(text) == 4 else int(text) + (2000 if int(text) < 70 else 1900)


def _day_and_month(first: int, second: int, year_text: str) -> dt.date | str:
    year = _year(year_text)
    day_first, month_first = _date(year, second, first), _date(year, first, second)
    readable = {found for found in (day_first, month_first) if isinstance(found, dt.date)}
    if len(readable) == 2:
        return "date_ambigue"
    return readable.pop() if readable else "date_invalide"


def _from_words(text: str) -> dt.date | str:
    """« 12 mars 2025 », « 1er avril 2025 », « March 12, 2025 »; « mars 2025 » and « automne 2024 » are partial."""
    if (short := _SHORT_YEAR.fullmatch(text)) and (month := _MONTHS.get(key(short[2]))):
        return _date(_year(short[3]), month, short[1])
    if _SPANS.search(key(text)) and re.search(r"\b(?:19|20)\d\d\b", text):
        return "date_imprecise"
    words = [re.sub(r"^1er$|^1re$", "1", word) for word in key(text).split() if word not in {"le", "du", "de", "vers"}]
    if words and re.match(r"lun|mar|mer|jeu|ven|sam|dim", words[0]):
        words = words[1:] if words[0] not in _MONTHS or any(word in _MONTHS for word in words[1:]) else words
    months = [_MONTHS[word] for word in words if word in _MONTHS]
    numbers = [int(word) for word in words if word.isdigit()]
    years = [number for number in numbers if number in _YEARS]
    days = [number for number in numbers if number not in _YEARS]
    others = [word for word in words if word not in _MONTHS and not word.isdigit()]
    if len(months) == 1 and len(years) == 1 and len(days) == 1 and not others:
        return _date(years[0], months[0], days[0]) if "?" not in text else "date_invalide"  # who asks is not sure
    if len(months) == 1 and len(days) == 1 and not years and not others:
        # A day without its year: partial, unless no year has that day.
        return "date_imprecise" if isinstance(_date(2024, months[0], days[0]), dt.date) else "date_invalide"
    named = months or any(word in _SEASONS for word in others)
    if named and not days and len(years) <= 2 and all(word in _SEASONS for word in others):
        return "date_imprecise"
    return "date_invalide"
