"""The terms of an entente in words: what the pages, the comparisons and the printed dossier show of a text.

Pure: terms (see `corridors.canonical`) and the names of what they call by code, in; French, out. No HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.dates import long_date
from registry.enums import DelayUnit, Program

from .canonical import CHOICES, SIMPLE
from .enums import ClauseKind, Direction, InstrumentType, Modality, PartyRole, Recurrence, RenewalKind

Labels = Mapping[str, Mapping[str, str]]

FIELDS = {
    "number": "Numéro",
    "title": "Titre",
    "object": "Objet",
    "instrument_type": "Type d’entente",
    "modalities": "Modalités",
    "programs": "Programmes-services",
    "territories": "Territoires",
    "starts_on": "Entrée en vigueur",
    "ends_on": "Échéance",
    "renewal": "Renouvellement",
    "renewal_months": "Période de renouvellement",
    "notice_days": "Préavis",
    "referral_mechanism": "Mécanisme de référence",
    "dispute_mechanism": "Règlement des mésententes",
    "information_exchange": "Échange d’information",
    "parties": "Parties",
    "clauses": "Clauses",
    "obligations": "Contributions attendues",
    "corridors": "Corridors de services",
}
PARTY_FIELDS = {"organization": "Organisme", "role": "Rôle", "mandate": "Mandat"}
CLAUSE_FIELDS = {"title": "Titre", "kind": "Genre", "frequency": "Fréquence des rencontres", "text": "Texte"}
OBLIGATION_FIELDS = {"party": "Par", "text": "Contribution", "due_on": "Échéance", "recurrence": "Fréquence"}
CORRIDOR_FIELDS = {
    "from_service": "De",
    "to_service": "Vers",
    "direction": "Direction",
    "criteria": "Critères",
    "urgent": "Délai urgent",
    "priority": "Délai prioritaire",
    "regular": "Délai régulier",
    "return_path": "Retour en première ligne",
    "follow_through": "Suivi de la référence",
    "registration_procedure": "Enregistrement des clientèles vulnérables",
    "fallback": "Corridor de relève",
}
URGENCIES = ("urgent", "priority", "regular")

_ROLES = {PartyRole.CENTRE.value: "Centre", PartyRole.PARTNER.value: "Partenaire"}
_CHOICES: dict[str, Any] = {
    "instrument_type": InstrumentType,
    "modalities": Modality,
    "programs": Program,
    "renewal": RenewalKind,
    "kind": ClauseKind,
    "frequency": Recurrence,
    "recurrence": Recurrence,
    "direction": Direction,
}
_NAMED = {
    "organization": "organizations", "party": "organizations", "territories": "territories",
    "from_service": "services", "to_service": "services",
}  # fmt: skip
_DATES = frozenset({"starts_on", "ends_on", "due_on"})


def merged(*labels: Labels) -> dict[str, dict[str, str]]:
    """The names of several texts together; the last one has the last word."""
    found: dict[str, dict[str, str]] = {}
    for one in labels:
        for group, names in one.items():
            found.setdefault(group, {}).update(names)
    return found


def name_of(group: str, code: str, labels: Labels) -> str:
    """The name behind a code (`organizations`, `services`, `territories`); the code itself when nobody knows it."""
    return labels.get(group, {}).get(code) or code


def shown(field: str, value: Any, labels: Labels) -> str:
    """One value of the terms as people read it; blank when the terms say nothing."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, list):
        return ", ".join(shown(field, item, labels) for item in value)
    if field in _NAMED:
        return name_of(_NAMED[field], str(value), labels)
    if field in _CHOICES:
        return dict(_CHOICES[field].choices).get(value, str(value))
    if field == "role":
        return _ROLES.get(value, str(value))
    if field in _DATES:
        return long_date(date.fromisoformat(value))
    if field == "renewal_months":
        return f"{value}\u00a0mois"
    if field == "notice_days":
        return _counted(int(value), "jour", "jours")
    return str(value)


def delay(value: int | None, unit: str) -> str:
    """« 24 heures », « 5 jours ouvrables », « immédiat » for none to wait; blank when the corridor states nothing."""
    if value is None:
        return ""
    if value == 0:
        return "immédiat"
    plural = str(dict(DelayUnit.choices).get(unit, unit))
    singular = " ".join(word.removesuffix("s").replace("ouvrables", "ouvrable") for word in plural.split())
    return _counted(value, singular, plural)


def _counted(value: int, one: str, several: str) -> str:
    return f"{value}\u00a0{one if value < 2 else several}"


def corridor_values(corridor: Mapping[str, Any], labels: Labels) -> dict[str, str]:
    """The fields of a corridor in words, in the order of CORRIDOR_FIELDS; a delay and its unit are one."""
    values = {}
    for field in CORRIDOR_FIELDS:
        if field in URGENCIES:
            values[field] = delay(corridor.get(f"{field}_delay"), corridor.get(f"{field}_unit") or "")
        else:
            values[field] = shown(field, corridor.get(field), labels)
    return values


def corridor_name(corridor: Mapping[str, Any], labels: Labels) -> str:
    """« COR022, Crise dans le milieu vers Hébergement de crise »."""
    start, end = (name_of("services", corridor[side], labels) for side in ("from_service", "to_service"))
    return f"{corridor['code']}, {start} vers {end}"


@dataclass(frozen=True, slots=True)
class Line:
    """A label and what stands beside it; `text` is never blank."""

    key: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadParty:
    code: str
    name: str
    role: str
    mandate: str


@dataclass(frozen=True, slots=True)
class ReadClause:
    """`number` counts from 1, in the order of the text."""

    key: str
    number: int
    title: str
    kind: str
    frequency: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadObligation:
    party: str
    text: str
    due: str
    recurrence: str


@dataclass(frozen=True, slots=True)
class ReadCorridor:
    code: str
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole text, ready to be laid out."""

    title: str
    number: str
    lines: tuple[Line, ...]
    parties: tuple[ReadParty, ...]
    clauses: tuple[ReadClause, ...]
    obligations: tuple[ReadObligation, ...]
    corridors: tuple[ReadCorridor, ...]


def read(terms: Mapping[str, Any], labels: Labels) -> Reading:
    """The whole of a text in words. What the terms leave blank has no line."""
    order = ("object", "instrument_type", *CHOICES, "territories", *SIMPLE)
    fields = [field for field in dict.fromkeys(order) if field not in ("title", "number")]
    if not terms.get("renewal") or terms["renewal"] == RenewalKind.NONE:
        fields.remove("renewal_months")
    return Reading(
        title=str(terms.get("title") or ""),
        number=str(terms.get("number") or ""),
        lines=_lines({field: shown(field, terms.get(field), labels) for field in fields}, FIELDS),
        parties=tuple(
            ReadParty(
                item["organization"], shown("organization", item["organization"], labels),
                shown("role", item["role"], labels), item.get("mandate") or "",
            )
            for item in terms["parties"]
        ),
        clauses=tuple(
            ReadClause(
                item["key"], number, item["title"], shown("kind", item["kind"], labels),
                shown("frequency", item.get("frequency"), labels), item["text"],
            )
            for number, item in enumerate(terms["clauses"], 1)
        ),
        obligations=tuple(
            ReadObligation(*(shown(field, item.get(field), labels) for field in OBLIGATION_FIELDS))
            for item in terms["obligations"]
        ),
        corridors=tuple(
            ReadCorridor(
                item["code"], corridor_name(item, labels), _lines(corridor_values(item, labels), CORRIDOR_FIELDS)
            )
            for item in terms["corridors"]
        ),
    )  # fmt: skip


def _lines(values: Mapping[str, str], names: Mapping[str, str]) -> tuple[Line, ...]:
    return tuple(Line(key, names[key], text) for key, text in values.items() if text)
