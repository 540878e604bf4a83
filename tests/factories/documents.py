"""Service documents made by hand, complete, for tests that need no database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry.opening_hours import parse_hours
from search.documents import digest

# territory code → (name, kind, codes of the territories around it, nearest first)
TERRITORIES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "QC": ("Ensemble du Québec", "province", ()),
    "R03": ("Capitale-Nationale", "region", ("QC",)),
    "R05": ("Estrie", "region", ("QC",)),
    "RLS-QS": ("RLS de Québec-Sud", "rls", ("R03", "QC")),
    "RLS-SH": ("RLS de Sherbrooke", "rls", ("R05", "QC")),
    "LIM": ("Limoilou", "quarter", ("RLS-QS", "R03", "QC")),
    "VAN": ("Vanier", "quarter", ("RLS-QS", "R03", "QC")),
    "ASC": ("Ascot", "quarter", ("RLS-SH", "R05", "QC")),
}

_PATTERNS: dict[str, int] = {}


def pattern_number(pattern: str) -> int:
    """The number of a schedule in these documents, as the database would give it."""
    return _PATTERNS.setdefault(pattern, len(_PATTERNS) + 1)


def known_patterns() -> dict[str, int]:
    return dict(_PATTERNS)


def territory(code: str) -> dict[str, Any]:
    name, kind, above = TERRITORIES[code]
    return {"code": code, "name": name, "kind": kind, "above": list(above), "province": kind == "province"}


def location(name: str = "Bureau", *, latitude: float | None = None, longitude: float | None = None,
             confidential: bool = False) -> dict[str, Any]:  # fmt: skip
    return {
        "code": "LIE1", "name": name, "address": "adresse confidentielle" if confidential else "1, rue du Port",
        "municipality": "Québec", "postal_code": "", "latitude": latitude, "longitude": longitude, "wheelchair": "",
        "hours": "", "hours_pattern": "", "confidential": confidential,
    }  # fmt: skip


def organization(name: str = "Organisme", code: str = "ORG1", **changes: Any) -> dict[str, Any]:
    return {
        "id": 1, "code": code, "name": name, "acronym": "", "other_names": [],
        "partner_type": "organisme_communautaire", "partner_label": "Organisme communautaire", "description": "",
        "phone": "418-555-0100", "email": "", "website": "", **changes,
    }  # fmt: skip


def contact(name: str, visibility: str) -> dict[str, Any]:
    return {
        "name": name, "role": "", "phone": "", "extension": "", "email": "", "visibility": visibility,
        "of_service": True,
    }  # fmt: skip


def corridor(code: str = "COR1", periods: Sequence[tuple[str, str | None]] = (), **changes: Any) -> dict[str, Any]:
    return {
        "code": code, "direction": "uni", "criteria": "", "liaison_contact": "", "hours": "", "hours_pattern": "",
        "return_path": "", "follow_through": "", "registration_procedure": "",
        "urgent": {"value": 24, "unit": "heures"}, "priority": None, "regular": None,
        "agreement": {"number": "ENT-1", "title": "Entente", "declared_status": "En vigueur", "starts_on": None,
                      "ends_on": None},
        "periods": [list(period) for period in periods], "mechanisms": [], "fallback": None,
        "service": {"id": 999, "code": "SRV999", "name": "Origine", "phone": "", "visibility": "publique",
                    "organization": "Centre"},
        **changes,
    }  # fmt: skip


def service(number: int, name: str = "", *, needs: Sequence[str | tuple[str, str]] = (), serves: Sequence[str] = (),
            hours: str = "", **changes: Any) -> dict[str, Any]:  # fmt: skip
    """A document. `needs`: terms, or (term, parent term); `serves`: codes of TERRITORIES; `hours`: French text."""
    pattern = parse_hours(hours).pattern
    document: dict[str, Any] = {
        "id": number, "code": f"SRV{number:04d}", "name": name or f"Service {number}", "description": "",
        "framework_service": "", "protocols": [], "programs": [], "line": "", "clientele": [], "age_min": None,
        "age_max": None, "sexes": [], "languages": [], "access_modes": [], "referral_procedure": "",
        "required_documents": "", "fees": "", "delay_days": None, "availability": "", "hours": hours,
        "hours_pattern": pattern, "phone": "418-555-0100", "email": "", "verified_on": None, "visibility": "publique",
        "organization": organization(), "website": "", "hours_id": pattern_number(pattern) if pattern else None,
        "needs": [{"term": need, "parent": ""} if isinstance(need, str) else {"term": need[0], "parent": need[1]}
                  for need in needs],
        "keywords": [], "territories": [territory(code) for code in serves], "locations": [], "closures": [],
        "service_levels": [], "contacts": [], "liaisons": [], "corridors_in": [], "corridors_out": [],
    }  # fmt: skip
    document.update(changes)
    document["version"] = digest(document)
    return document
