"""What was typed in the fields, in the address or on the command line → a `Question`: typed values, checked once.

Nothing raises here. What cannot be read is left out, and a message in French says so and what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from registry import languages
from registry.enums import AccessMode, Availability, PartnerType, Program, Sex
from registry.text import fold, key

from .links import FACET_PARAMS
from .request import MAX_LIMIT, MAX_QUESTION
from .understanding_person import OLDEST
from .understanding_time import as_toronto, parse_moment

MAX_REMOVED = 40
# Years around now in which a moment makes sense; beyond, the calendar itself stops being reliable.
YEARS = 2
_CHOICES: dict[str, Iterable[str]] = {
    "reachable": ("1",),
    "corridor": ("1",),
    "availability": Availability.values,
    "access_mode": AccessMode.values,
    "program": Program.values,
    "partner_type": PartnerType.values,
}
_FACET_LABELS = {
    "reachable": "joignable", "corridor": "corridor", "availability": "disponibilité", "access_mode": "accès",
    "program": "programme-services", "partner_type": "type de partenaire", "need": "besoin", "territory": "territoire",
    "language": "langue",
}  # fmt: skip
_YES = frozenset({"1", "on", "oui", "true", "vrai", "yes"})


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, before its words are understood. `now` is the moment at which it is asked; both are aware."""

    now: datetime
    q: str = ""
    place: str = ""  # as typed in its field: a postal code, a name, a territory code
    age: int | None = None
    sex: str | None = None
    language: str | None = None
    moment: datetime | None = None
    moment_phrase: str = ""  # as typed or chosen, for its chip
    urgent: bool = False
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    removed: frozenset[tuple[str, str]] = frozenset()  # (kind, value) of the chips that were taken away
    limit: int = 20
    offset: int = 0
    messages: tuple[str, ...] = ()

    def but(self, **changes: Any) -> Question:
        return replace(self, **changes)


def parse_query(query: QueryDict | Mapping[str, Sequence[str]], now: datetime | None = None) -> Question:
    """The question of an address: q, lieu, age, sexe, moment (or le), langue, urgent, sans, and the facets."""
    lists = (
        dict(query.lists()) if isinstance(query, QueryDict) else {key: list(values) for key, values in query.items()}
    )

    def last(name: str) -> str:
        values = lists.get(name) or [""]
        return _clean(values[-1])

    now = as_toronto(now or timezone.now())
    messages: list[str] = []
    moment, phrase = _moment(last("le") or last("moment"), now, messages)
    shown = last("suite") or "20"
    filters = {}
    for facet, name in FACET_PARAMS.items():
        values = _facet(facet, [_clean(value) for value in lists.get(name, ())], messages)
        if values:
            filters[facet] = values
    return Question(
        now=now,
        q=_question(lists.get("q") or [""], messages),
        place=last("lieu")[:200],
        age=_age(last("age"), messages),
        sex=_sex(last("sexe"), messages),
        language=_language(last("langue"), messages),
        moment=moment,
        moment_phrase=phrase,
        urgent=fold(last("urgent")) in _YES,
        filters=filters,
        removed=_removed(lists.get("sans", ())),
        limit=min(max(int(shown), 20), MAX_LIMIT) if shown.isascii() and shown.isdigit() and len(shown) < 5 else 20,
        messages=tuple(messages),
    )


def make_question(
    q: str,
    *,
    now: datetime,
    place: str = "",
    age: int | str | None = None,
    sex: str | None = None,
    language: str | None = None,
    moment: datetime | None = None,
    urgent: bool = False,
    limit: int = 20,
) -> Question:
    """A question from typed options (the command line, judged queries). `moment` None: it is asked for `now`."""
    messages: list[str] = []
    return Question(
        now=as_toronto(now),
        q=_question([q], messages),
        place=_clean(place),
        age=_age("" if age is None else str(age), messages),
        sex=_sex(sex or "", messages),
        language=_language(language or "", messages),
        moment=as_toronto(moment) if moment else None,
        moment_phrase=moment.isoformat(timespec="minutes") if moment else "",
        urgent=urgent,
        limit=max(1, min(limit, MAX_LIMIT)),
        messages=tuple(messages),
    )


def _clean(value: object) -> str:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", str(value)).strip()


def _question(values: Sequence[str], messages: list[str]) -> str:
    text = " ".join(_clean(values[-1]).split())
    if len(text) > MAX_QUESTION:
        messages.append(f"Question coupée à {MAX_QUESTION} caractères : gardez l’essentiel de ce que dit la personne.")
        text = text[:MAX_QUESTION]
    return text


def _age(text: str, messages: list[str]) -> int | None:
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,4})\s*(ans?|mois)?", fold(text))
    years = None
    if match:
        years = int(match[1]) // 12 if match[2] == "mois" else int(match[1])
    if years is None or years > OLDEST:
        messages.append(
            f"Âge illisible : écrivez un nombre d’années, de 0 à {OLDEST}. La recherche n’en a pas tenu compte."
        )
        return None
    return years


def _sex(text: str, messages: list[str]) -> str | None:
    if not text:
        return None
    value = fold(text)[:1]
    known = {"f": Sex.FEMALE.value, "m": Sex.MALE.value, "h": Sex.MALE.value}.get(value)
    if known is None:
        messages.append("Sexe inconnu : écrivez « f » ou « m ». La recherche n’en a pas tenu compte.")
    return known


def _language(text: str, messages: list[str]) -> str | None:
    if not text:
        return None
    code = languages.to_code(text[:60])
    if code is None:
        messages.append(f"Langue inconnue (« {text[:40]} ») : la recherche n’en a pas tenu compte.")
    return code


def _moment(text: str, now: datetime, messages: list[str]) -> tuple[datetime | None, str]:
    """(moment, how it was said). « maintenant » and blank are the moment of asking: none was given."""
    if key(text) in {"", "maintenant", "autre", "autre moment"}:
        return None, ""
    moment = parse_moment(text, now)
    if moment is None:
        messages.append("Moment illisible : écrivez par exemple « ce soir », « demain 9 h » ou 2026-11-21T20:00.")
        return None, ""
    if abs(moment - now) > timedelta(days=366 * YEARS):
        messages.append(f"Moment trop éloigné (plus de {YEARS} ans) : la recherche porte sur maintenant.")
        return None, ""
    return moment, text


def _facet(facet: str, values: Iterable[str], messages: list[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for value in values:
        if not value:
            continue
        choices = _CHOICES.get(facet)
        if facet == "language":
            value = languages.to_code(value[:60]) or ""
        if (choices is not None and value not in choices) or not value or len(value) > 200:
            messages.append(f"Filtre inconnu ({_FACET_LABELS[facet]}) : il a été laissé de côté.")
        elif value not in kept:
            kept.append(value)
    return tuple(kept)


def _removed(values: Iterable[str]) -> frozenset[tuple[str, str]]:
    pairs = (value.partition(":") for value in list(values)[:MAX_REMOVED])
    return frozenset((kind, rest) for kind, colon, rest in pairs if colon and kind)
