"""Documents ready for an index, without a database: what importing a network and projecting it would give.

A test imports a small network for good and compares, document by document.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property, lru_cache
from types import SimpleNamespace
from typing import Any

from django.db.models import TextChoices

from corridors.enums import Channel, DeclaredStatus, Direction
from corridors.terms import in_force_periods
from corridors.workbook.agreements import renewal_of
from corridors.workbook.corridors import channel_of
from registry.enums import (
    AccessMode,
    Availability,
    Clientele,
    Line,
    PartnerType,
    Program,
    Sex,
    TerritoryKind,
    Visibility,
    Wheelchair,
)
from registry.languages import to_code
from registry.opening_hours import parse_hours
from registry.phones import canonical_or_same
from registry.workbook.choices import find_choice
from registry.workbook.organizations import read_visibility
from registry.workbook.values import Reading
from search.documents import CONFIDENTIAL_ADDRESS, digest
from search.inference import infer
from search.projection import _SERVICE

from .learned import Row, split
from .network import Network, Org, Pact

Document = dict[str, Any]


@lru_cache(maxsize=4096)
def _choices(vocabulary: type[TextChoices], cell: str) -> tuple[str, ...]:
    found = (find_choice(vocabulary, item) for item in split(cell))
    return tuple(value for value in found if value is not None)


def _choice(vocabulary: type[TextChoices], cell: Any) -> str:
    return next(iter(_choices(vocabulary, str(cell or ""))), "")


@lru_cache(maxsize=64)
def _visibility(cell: str) -> str:
    return str(read_visibility(cell, Reading(0, None)) if cell else Visibility.INTERNAL.value)  # type: ignore[arg-type]


@lru_cache(maxsize=4096)
def _pattern(hours: str) -> str:
    return str(parse_hours(hours).pattern)


@lru_cache(maxsize=4096)
def _languages(cell: str) -> tuple[str, ...]:
    return tuple(code for item in split(cell) if (code := to_code(item)))


def _number(cell: Any) -> int | None:
    return int(cell) if cell not in ("", None) else None


def _iso(cell: Any) -> str | None:
    return cell.isoformat() if isinstance(cell, date) else None


class Documents:
    """The documents of a network, in order. `patterns` fills as they are made: schedule → its number."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.patterns: dict[str, int] = {}

    def __iter__(self) -> Iterator[Document]:
        for org in self.network.orgs:
            organization = self._organization(org)
            places = {row["Code"]: self._location(row) for row in (self.network.location(org, n) for n in org.places)}
            people = [self.network.contact(org, number) for number in org.contacts]
            for number in org.services:
                yield self.document(org, number, organization, places, people)

    def document(
        self, org: Org, number: int, organization: Document, places: dict[str, Document], people: list[Row]
    ) -> Document:
        row = self.network.service(org, number)
        pattern = _pattern(row["Heures"])
        clientele = split(row["Clientèle"])
        document: Document = dict.fromkeys(_SERVICE, "") | {
            "id": number + 1, "code": row["Code"], "name": row["Nom du service"], "description": row["Description"],
            "protocols": [], "programs": list(_choices(Program, row["Programme-services"])),
            "line": _choice(Line, row["Ligne"]), "clientele": clientele, "age_min": _number(row["Âge min"]),
            "age_max": _number(row["Âge max"]), "sexes": _sexes(clientele), "languages": list(_languages(row["Langues"])),
            "access_modes": list(_choices(AccessMode, row["Modalité d'accès"])),
            "referral_procedure": row["Procédure de référence"], "required_documents": row["Documents requis"],
            "fees": row["Frais"], "delay_days": _number(row["Délai d'accès (jours)"]),
            "availability": _choice(Availability, row["Disponibilité"]), "hours": row["Heures"], "hours_pattern": pattern,
            "phone": canonical_or_same(row["Téléphone"]) or organization["phone"], "email": row["Courriel"],
            "verified_on": _iso(row["Dernière vérification"]), "visibility": _visibility(row["Visibilité"]),
        }  # fmt: skip
        incoming, outgoing = self._corridors(number)
        document |= {
            "organization": organization, "website": organization["website"],
            "hours_id": self.patterns.setdefault(pattern, len(self.patterns) + 1) if pattern else None,
            "needs": [{"term": term, "parent": self._need_parents.get(term, "")} for term in split(row["Besoins"])],
            "inferred": infer(row["Nom du service"], row["Description"], organization["name"]), "keywords": [],
            "territories": [self._territory(code) for code in sorted(split(row["Territoires desservis"]))],
            "locations": [places[code] for code in sorted(split(row["Lieux"]))], "closures": [], "service_levels": [],
            "contacts": self._contacts(row["Code"], people), "liaisons": [],
            "corridors_in": incoming, "corridors_out": outgoing,
        }  # fmt: skip
        document["version"] = digest(document)
        return document

    # --- Parts

    @cached_property
    def _need_parents(self) -> dict[str, str]:
        return {row["Terme"]: row["Terme parent"] for row in self.network.learned.rows["Vocabulaire"]}

    @cached_property
    def _territories(self) -> dict[str, Row]:
        return {row["Code"]: row for row in self.network.places.territories}

    def _territory(self, code: str) -> Document:
        row = self._territories[code]
        kind = _choice(TerritoryKind, row["Type"])
        return {
            "code": code, "name": row["Nom"], "kind": kind, "above": self.network.places.above[code],
            "province": kind == TerritoryKind.PROVINCE,
        }  # fmt: skip

    def _organization(self, org: Org) -> Document:
        row = self.network.organization(org)
        kind = _choice(PartnerType, row["Type de partenaire"])
        return {
            "id": org.number + 1, "code": org.code, "name": row["Nom"], "acronym": row["Acronyme"],
            "other_names": split(row["Autres noms"]), "partner_type": kind, "partner_label": str(PartnerType(kind).label),
            "description": row["Description"], "phone": canonical_or_same(row["Téléphone"]), "email": row["Courriel"],
            "website": row["Site web"],
        }  # fmt: skip

    def _location(self, row: Row) -> Document:
        hidden = row["Adresse confidentielle"] == "Oui"
        place = {
            "code": row["Code"], "name": row["Nom du lieu"], "municipality": row["Municipalité"],
            "address": row["Adresse"], "postal_code": row["Code postal"], "latitude": row["Latitude"],
            "longitude": row["Longitude"], "wheelchair": _choice(Wheelchair, row["Accessible en fauteuil roulant"]),
            "hours": row["Heures d'ouverture"], "hours_pattern": _pattern(row["Heures d'ouverture"]),
            "confidential": hidden,
        }  # fmt: skip
        blank = {"address": CONFIDENTIAL_ADDRESS, "postal_code": "", "latitude": None, "longitude": None}
        return place | blank if hidden else place

    def _contacts(self, code: str, people: list[Row]) -> list[Document]:
        ordered = sorted(people, key=lambda row: row["Nom"])
        found = [row for row in ordered if row["Service"] == code] + [row for row in ordered if not row["Service"]]
        return [
            {
                "name": row["Nom"], "role": row["Fonction"], "phone": canonical_or_same(row["Téléphone"]),
                "extension": row["Poste"], "email": row["Courriel"], "visibility": _visibility(row["Visibilité"]),
                "of_service": bool(row["Service"]),
            }
            for row in found
        ]  # fmt: skip

    def _end(self, number: int) -> Document:
        org = self.network.orgs[self.network.owner_of_service[number]]
        row = self.network.service(org, number)
        phone = row["Téléphone"] or self.network.organization(org)["Téléphone"]
        return {
            "id": number + 1, "code": row["Code"], "name": row["Nom du service"], "phone": canonical_or_same(phone),
            "visibility": _visibility(row["Visibilité"]), "organization": org.name,
        }  # fmt: skip

    def _corridors(self, number: int) -> tuple[list[Document], list[Document]]:
        incoming, outgoing = [], []
        held = self.network.pacts_of.get(number, ())
        for pact, rank in sorted(held, key=lambda pair: f"COR{pair[0].first_corridor + pair[1] + 1:03d}"):
            origin, destination = pact.corridors[rank]
            row = self.network.corridor(pact, rank)
            corridor = self._corridor(pact, row)
            both = corridor["direction"] == Direction.BOTH_WAYS
            here = {**corridor, "service": self._end(origin if number == destination else destination)}
            if number == destination or both:
                incoming.append(here)
            if number == origin or both:
                outgoing.append(here)
        return incoming, outgoing

    def _corridor(self, pact: Pact, row: Row) -> Document:
        terms = self.network.agreement(pact)
        status = _choice(DeclaredStatus, terms["Statut"])
        dates = {
            name: terms[heading] or None
            for name, heading in (
                ("starts_on", "Entrée en vigueur"), ("ends_on", "Échéance"), ("signed_on", "Date de signature"),
            )
        }  # fmt: skip
        declared = terms["Renouvellement"]
        asked = SimpleNamespace(
            declared_status=status, declared_renewal=declared, renewal=renewal_of(declared), **dates
        )
        return {
            "code": row["Code"], "direction": _choice(Direction, row["Direction"]), "criteria": row["Critères"],
            "liaison_contact": row["Contact de liaison"], "hours": row["Disponibilité"],
            "hours_pattern": _pattern(row["Disponibilité"]), "return_path": row["Retour en première ligne"],
            "follow_through": "", "registration_procedure": "",
            **{
                name: None if row[heading] in ("", None) else {"value": int(row[heading]), "unit": unit}
                for name, heading, unit in (
                    ("urgent", "Délai urgent (heures)", "heures"), ("priority", "Délai prioritaire (jours)", "jours"),
                    ("regular", "Délai régulier (jours)", "jours"),
                )
            },
            "agreement": {
                "number": pact.code, "title": terms["Titre"], "declared_status": status,
                "starts_on": _iso(dates["starts_on"]), "ends_on": _iso(dates["ends_on"]),
            },
            "periods": [[_iso(start), _iso(end)] for start, end in in_force_periods(asked)],
            "mechanisms": self._mechanisms(row["Mécanisme"]), "fallback": self._fallback(row["Corridor de relève"]),
        }  # fmt: skip

    @staticmethod
    def _mechanisms(label: str) -> list[Document]:
        blank = dict.fromkeys(("phone", "form_url", "hours", "to_have", "consent"), "")
        channel = channel_of(label) if label else Channel.OTHER.value
        return [{"label": label, "channel": channel, **blank, "confirmed_on": None}] if label else []

    @cached_property
    def _by_corridor(self) -> list[int]:
        """Number of a corridor, from 0 → the service that it leads to."""
        return [destination for pact in self.network.pacts for _origin, destination in pact.corridors]

    def _fallback(self, code: str) -> Document | None:
        if not code:
            return None
        end = self._end(self._by_corridor[int(code[3:]) - 1])
        own = self.network.service(self.network.orgs[self.network.owner_of_service[end["id"] - 1]], end["id"] - 1)
        return {
            "code": code, "service_code": end["code"], "service": end["name"], "organization": end["organization"],
            "phone": canonical_or_same(own["Téléphone"]), "visibility": end["visibility"],
        }  # fmt: skip


def _sexes(clientele: list[str]) -> list[str]:
    women, men = Clientele.WOMEN.label in clientele, Clientele.MEN.label in clientele
    return [Sex.FEMALE.value if women else Sex.MALE.value] if women != men else []
