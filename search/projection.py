"""From the database to ServiceDocuments, in bulk: as many SQL queries for one service as for hundreds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from django.db.models import Q

from corridors.enums import Direction
from corridors.models import AgreementEvent, ReferralMechanism, ServiceCorridor
from corridors.terms import in_force_periods
from registry.enums import PartnerType, TerritoryKind
from registry.geography import point_for
from registry.models import (
    Contact,
    Liaison,
    Service,
    ServiceClosure,
    ServiceKeyword,
    ServiceLevel,
    ServiceNeed,
    Territory,
)

from .documents import CONFIDENTIAL_ADDRESS, digest
from .inference import infer
from .models import HoursPattern

BATCH = 500  # services projected at a time; below every database's limit on parameters

_SERVICE = (
    "id", "code", "name", "description", "framework_service", "protocols", "programs", "line", "clientele", "age_min",
    "age_max", "sexes", "languages", "access_modes", "referral_procedure", "required_documents", "fees", "delay_days",
    "availability", "hours", "hours_pattern", "phone", "email", "verified_on", "visibility",
)  # fmt: skip
_ORGANIZATION = (
    "id", "code", "name", "acronym", "other_names", "partner_type", "description", "phone", "email", "website",
)  # fmt: skip
_LOCATION = (
    "code", "name", "is_confidential", "address", "municipality", "postal_code", "latitude", "longitude", "wheelchair",
    "hours", "hours_pattern",
)  # fmt: skip
_CONTACT = ("name", "role", "phone", "extension", "email", "visibility")
_MECHANISM = ("label", "channel", "phone", "form_url", "hours", "to_have", "consent", "confirmed_on")
_END = ("id", "code", "name", "phone", "visibility", "organization__name", "organization__phone")
_CORRIDOR = (
    "id", "agreement_id", "code", "direction", "criteria", "urgent_delay", "urgent_unit", "priority_delay",
    "priority_unit",
    "regular_delay", "regular_unit", "liaison_contact", "hours", "hours_pattern", "return_path", "follow_through",
    "registration_procedure", "agreement__number", "agreement__title", "agreement__declared_status",
    "agreement__declared_renewal", "agreement__renewal", "agreement__starts_on", "agreement__ends_on",
    "agreement__signed_on", "fallback__code", "fallback__live", "fallback__to_service__code",
    "fallback__to_service__name", "fallback__to_service__phone", "fallback__to_service__visibility",
    "fallback__to_service__live", "fallback__to_service__organization__name",
    *(f"from_service__{name}" for name in _END), *(f"to_service__{name}" for name in _END),
)  # fmt: skip


def live_ids() -> list[int]:
    """The primary keys of every service that belongs in an index, in order."""
    return list(_live().order_by("id").values_list("id", flat=True))


def _live() -> Any:
    # A service of an organization that is not published has nobody to name: it stays out.
    return Service.objects.filter(organization__live=True)


def documents(ids: Sequence[int], batch: int = BATCH) -> Iterator[dict[str, Any]]:
    """The documents of these services, by primary key; those that are not published, or do not exist, are left out."""
    for start in range(0, len(ids), batch):
        yield from project(ids[start : start + batch])


def project(ids: Sequence[int]) -> list[dict[str, Any]]:
    """One batch of documents, in a constant number of SQL queries."""
    services = list(
        _live()
        .filter(pk__in=ids)
        .order_by("id")
        .values(*_SERVICE, *(f"organization__{name}" for name in _ORGANIZATION))
    )
    if not services:
        return []
    ids = [row["id"] for row in services]
    patterns = pattern_ids(row["hours_pattern"] for row in services)
    needs, tags, territories, locations = _needs(ids), _keywords(ids), _territories(ids), _locations(ids)
    closures, levels = _closures(ids), _levels(ids)
    contacts, liaisons = _contacts(services), _liaisons(services)
    incoming, outgoing = _corridors(set(ids))
    result = []
    for row in services:
        pk = row["id"]
        document = {name: row[name] for name in _SERVICE}
        document["organization"] = {name: row[f"organization__{name}"] for name in _ORGANIZATION}
        document["organization"]["partner_label"] = _partner_label(row["organization__partner_type"])
        document["phone"] = row["phone"] or row["organization__phone"]
        document["website"] = row["organization__website"]
        document["sexes"] = _sexes(row)
        document["verified_on"] = _iso(row["verified_on"])
        document["hours_id"] = patterns.get(row["hours_pattern"])
        document["needs"] = needs[pk]
        document["inferred"] = infer(row["name"], row["description"], row["organization__name"])
        document["keywords"] = tags[pk]
        document["territories"] = territories[pk]
        document["locations"] = locations[pk]
        document["closures"] = closures[pk]
        document["service_levels"] = levels[pk]
        document["contacts"] = contacts[pk]
        document["liaisons"] = liaisons[row["organization__id"]]
        document["corridors_in"], document["corridors_out"] = incoming[pk], outgoing[pk]
        document["version"] = digest(document)
        result.append(document)
    return result


def pattern_ids(patterns: Iterable[str]) -> dict[str, int]:
    """The number of each distinct weekly schedule; new ones are written. Safe when two processes meet a new one."""
    wanted = {pattern for pattern in patterns if pattern}
    known = dict(HoursPattern.objects.filter(pattern__in=wanted).values_list("pattern", "id"))
    missing = sorted(wanted - known.keys())
    if missing:
        HoursPattern.objects.bulk_create([HoursPattern(pattern=item) for item in missing], ignore_conflicts=True)
        known.update(HoursPattern.objects.filter(pattern__in=missing).values_list("pattern", "id"))
    return known


def _sexes(row: dict[str, Any]) -> list[str]:
    """The model's own rule (Service.accepted_sexes), without the cost of building a record."""
    rule: Any = Service.__dict__["accepted_sexes"]
    return sorted(rule.fget(SimpleNamespace(sexes=row["sexes"], clientele=row["clientele"])))


@cache
def _partner_labels() -> dict[str, str]:
    return {str(code): str(label) for code, label in PartnerType.choices}


def _partner_label(code: str) -> str:
    return _partner_labels().get(code, code)


def _iso(value: date | datetime | None) -> str | None:
    return value.isoformat() if value else None


def _needs(ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    result: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = ServiceNeed.objects.filter(service_id__in=ids, need__live=True).order_by("service_id", "sort_order", "id")
    for pk, term, parent in rows.values_list("service_id", "need__term", "need__parent__term"):
        result[pk].append({"term": term, "parent": parent or ""})
    return result


def _keywords(ids: Sequence[int]) -> dict[int, list[str]]:
    result: dict[int, list[str]] = defaultdict(list)
    rows = ServiceKeyword.objects.filter(content_object_id__in=ids).order_by("content_object_id", "tag__name")
    for pk, name in rows.values_list("content_object_id", "tag__name"):
        result[pk].append(name)
    return result


def _territories(ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    tree = list(Territory.objects.values_list("id", "parent_id", "code"))
    parents = {pk: parent for pk, parent, _code in tree}
    codes = {pk: code for pk, _parent, code in tree}
    link = Service.territories.through
    rows = link.objects.filter(service_id__in=ids, territory__live=True).order_by("service_id", "territory__code")
    result: dict[int, list[dict[str, Any]]] = defaultdict(list)
    closure: dict[int, list[str]] = {}
    for pk, territory, code, name, kind in rows.values_list(
        "service_id", "territory_id", "territory__code", "territory__name", "territory__kind"
    ):
        if territory not in closure:
            closure[territory] = _above(territory, parents, codes)
        result[pk].append({
            "code": code, "name": name, "kind": kind, "above": closure[territory],
            "province": kind == TerritoryKind.PROVINCE,
        })  # fmt: skip
    return result


def _above(territory: int, parents: dict[int, int | None], codes: dict[int, str]) -> list[str]:
    """The codes of the ancestors, nearest first; a loop in the data ends it."""
    found: dict[int, None] = {}
    parent = parents.get(territory)
    while parent is not None and parent in codes and parent not in found and parent != territory:
        found[parent] = None
        parent = parents.get(parent)
    return [codes[item] for item in found]


def _locations(ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    link = Service.locations.through
    rows = link.objects.filter(service_id__in=ids, location__live=True).order_by("service_id", "location__code")
    result: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.values("service_id", *(f"location__{name}" for name in _LOCATION)):
        place: dict[str, Any] = {name: row[f"location__{name}"] for name in _LOCATION}
        confidential = place.pop("is_confidential")
        latitude, longitude = place["latitude"], place["longitude"]
        place["confidential"] = confidential
        if confidential:
            place |= {"address": CONFIDENTIAL_ADDRESS, "postal_code": "", "latitude": None, "longitude": None}
        elif latitude is not None and longitude is not None:
            place |= {"latitude": float(latitude), "longitude": float(longitude)}
        else:
            point = point_for(place["postal_code"]) if place["postal_code"] else None
            place |= {"latitude": point.lat if point else None, "longitude": point.lon if point else None}
        result[row["service_id"]].append(place)
    return result


def _closures(ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    result: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = ServiceClosure.objects.filter(service_id__in=ids).order_by("service_id", "starts_at", "id")
    for pk, start, end, reason in rows.values_list("service_id", "starts_at", "ends_at", "reason"):
        result[pk].append({"start": _iso(start), "end": _iso(end), "reason": reason})
    return result


def _levels(ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    result: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = ServiceLevel.objects.filter(service_id__in=ids).order_by("service_id", "sort_order", "id")
    for pk, kind, value, unit in rows.values_list("service_id", "kind", "value", "unit"):
        result[pk].append({"kind": kind, "value": value, "unit": unit})
    return result


def _contacts(services: Sequence[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """Those of the service itself, then those of its organization as a whole."""
    own: dict[int, list[dict[str, Any]]] = defaultdict(list)
    general: dict[int, list[dict[str, Any]]] = defaultdict(list)
    organizations = {row["organization__id"] for row in services}
    rows = Contact.objects.filter(
        Q(service_id__in=[row["id"] for row in services]) | Q(service__isnull=True, organization_id__in=organizations)
    ).order_by("name", "id")
    for row in rows.values("service_id", "organization_id", *_CONTACT):
        contact = {name: row[name] for name in _CONTACT}
        if row["service_id"]:
            own[row["service_id"]].append({**contact, "of_service": True})
        else:
            general[row["organization_id"]].append({**contact, "of_service": False})
    return {row["id"]: own[row["id"]] + general[row["organization__id"]] for row in services}


def _liaisons(services: Sequence[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    result: dict[int, list[dict[str, Any]]] = defaultdict(list)
    organizations = {row["organization__id"] for row in services}
    rows = Liaison.objects.filter(organization_id__in=organizations, contact__live=True).order_by("contact__name", "id")
    for row in rows.values("organization_id", "program", "crisis_role", *(f"contact__{name}" for name in _CONTACT)):
        result[row["organization_id"]].append({
            "program": row["program"], "crisis_role": row["crisis_role"],
            "contact": {name: row[f"contact__{name}"] for name in _CONTACT},
        })  # fmt: skip
    return result


class _Agreement:
    """The terms of an agreement, from a row of values."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.declared_status: str = row["agreement__declared_status"]
        self.declared_renewal: str = row["agreement__declared_renewal"]
        self.renewal: str = row["agreement__renewal"]
        self.starts_on: date | None = row["agreement__starts_on"]
        self.ends_on: date | None = row["agreement__ends_on"]
        self.signed_on: date | None = row["agreement__signed_on"]


def _corridors(ids: set[int]) -> tuple[dict[int, list[dict[str, Any]]], dict[int, list[dict[str, Any]]]]:
    """Corridors that lead to each service, and that leave from it; one in both directions is in both lists."""
    incoming: dict[int, list[dict[str, Any]]] = defaultdict(list)
    outgoing: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = list(
        ServiceCorridor.objects.filter(
            Q(from_service_id__in=ids) | Q(to_service_id__in=ids),
            agreement__live=True,
            from_service__live=True,
            to_service__live=True,
        )
        .order_by("code")
        .values(*_CORRIDOR)
    )
    mechanisms: dict[int, list[dict[str, Any]]] = defaultdict(list)
    found = ReferralMechanism.objects.filter(
        Q(corridor__from_service_id__in=ids) | Q(corridor__to_service_id__in=ids)
    ).order_by("corridor_id", "sort_order", "id")
    for item in found.values("corridor_id", *_MECHANISM):
        mechanisms[item["corridor_id"]].append(
            {name: item[name] for name in _MECHANISM} | {"confirmed_on": _iso(item["confirmed_on"])}
        )
    decisions = _decisions({row["agreement_id"] for row in rows})
    for row in rows:
        common = _corridor(row, mechanisms[row["id"]], decisions[row["agreement_id"]])
        both = row["direction"] == Direction.BOTH_WAYS
        for here, there in (("to_service", "from_service"), ("from_service", "to_service")):
            pk = row[f"{here}__id"]
            if pk not in ids:
                continue
            corridor = {**common, "service": _end(row, there)}
            if here == "to_service" or both:
                incoming[pk].append(corridor)
            if here == "from_service" or both:
                outgoing[pk].append(corridor)
    return incoming, outgoing


def _decisions(agreements: set[int]) -> dict[int, list[AgreementEvent]]:
    """What people decided of each entente since it lives in the system."""
    found: dict[int, list[AgreementEvent]] = defaultdict(list)
    lines = AgreementEvent.objects.filter(agreement_id__in=agreements, amendment=None, by_system=False)
    for line in lines.exclude(to_status="").order_by("agreement_id", "number"):
        found[line.agreement_id].append(line)
    return found


def _corridor(row: dict[str, Any], mechanisms: list[dict[str, Any]], decisions: list[AgreementEvent]) -> dict[str, Any]:
    fallback = None
    if row["fallback__code"] and row["fallback__live"] and row["fallback__to_service__live"]:
        fallback = {
            "code": row["fallback__code"],
            "service_code": row["fallback__to_service__code"],
            "service": row["fallback__to_service__name"],
            "organization": row["fallback__to_service__organization__name"],
            "phone": row["fallback__to_service__phone"],
            "visibility": row["fallback__to_service__visibility"],
        }
    delays = {
        name: None if row[f"{name}_delay"] is None else {"value": row[f"{name}_delay"], "unit": row[f"{name}_unit"]}
        for name in ("urgent", "priority", "regular")
    }
    plain = (
        "code", "direction", "criteria", "liaison_contact", "hours", "hours_pattern", "return_path", "follow_through",
        "registration_procedure",
    )  # fmt: skip
    return {
        **{name: row[name] for name in plain},
        **delays,
        "agreement": {
            "number": row["agreement__number"],
            "title": row["agreement__title"],
            "declared_status": row["agreement__declared_status"],
            "starts_on": _iso(row["agreement__starts_on"]),
            "ends_on": _iso(row["agreement__ends_on"]),
        },
        "periods": [[_iso(start), _iso(end)] for start, end in in_force_periods(_Agreement(row), decisions)],
        "mechanisms": mechanisms,
        "fallback": fallback,
    }


def _end(row: dict[str, Any], side: str) -> dict[str, Any]:
    return {
        "id": row[f"{side}__id"],
        "code": row[f"{side}__code"],
        "name": row[f"{side}__name"],
        "phone": row[f"{side}__phone"] or row[f"{side}__organization__phone"],
        "visibility": row[f"{side}__visibility"],
        "organization": row[f"{side}__organization__name"],
    }
