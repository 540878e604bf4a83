"""From a record that changed to the services whose documents show something of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Q

from corridors.models import Agreement, Obligation, ServiceCorridor
from registry.models import Contact, Liaison, Location, Need, Organization, Service, ServiceNeed, Territory

CHUNK = 5_000  # keys per SQL statement


def affected_services(model: type, ids: Sequence[int]) -> set[int]:
    """Primary keys of the services to project again when these records change. Call it before and after the change:
    relations may have moved."""
    find = _FINDERS.get(model)
    found: set[int] = set()
    if find is not None:
        for start in range(0, len(ids), CHUNK):
            found.update(find(ids[start : start + CHUNK]))
    return found


def reference_state(model: type, ids: Sequence[int]) -> Any:
    """What memories outside the index hold of these records: when it differs, they must be read again."""
    fields = _REFERENCE_FIELDS.get(model)
    if fields is None:
        return None
    if len(ids) > CHUNK or model in (Need, Territory):
        return object()  # many at once, or a vocabulary: not worth comparing, read it again
    return list(model._default_manager.filter(pk__in=ids).order_by("pk").values_list(*fields))  # type: ignore[attr-defined]


_REFERENCE_FIELDS: dict[type, tuple[str, ...]] = {
    Need: ("pk",),
    Territory: ("pk",),
    Organization: ("pk", "name", "acronym", "other_names", "live"),
    Service: ("pk", "name", "code", "organization", "visibility", "hours_pattern", "live"),
}


def _pairs(corridors: Any) -> set[int]:
    return {pk for pair in corridors.values_list("from_service_id", "to_service_id") for pk in pair}


def _of_services(ids: Iterable[int]) -> set[int]:
    """The services themselves, and those whose corridors name them (at the other end, or as a fallback)."""
    keys = list(ids)
    found = set(keys)
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        found |= _pairs(
            ServiceCorridor.all_objects.filter(
                Q(from_service_id__in=some) | Q(to_service_id__in=some) | Q(fallback__to_service_id__in=some)
            )
        )
    return found


def _of_organizations(ids: Sequence[int]) -> set[int]:
    return _of_services(Service.all_objects.filter(organization_id__in=ids).values_list("pk", flat=True))


def _of_locations(ids: Sequence[int]) -> set[int]:
    return set(Service.locations.through.objects.filter(location_id__in=ids).values_list("service_id", flat=True))


def _of_contacts(ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    general: set[int] = set()
    for service, organization in Contact.all_objects.filter(pk__in=ids).values_list("service_id", "organization_id"):
        if service:
            found.add(service)
        else:
            general.add(organization)
    general |= set(Liaison.all_objects.filter(contact_id__in=ids).values_list("organization_id", flat=True))
    return found | set(Service.all_objects.filter(organization_id__in=general).values_list("pk", flat=True))


def _of_liaisons(ids: Sequence[int]) -> set[int]:
    organizations = Liaison.all_objects.filter(pk__in=ids).values("organization_id")
    return set(Service.all_objects.filter(organization_id__in=organizations).values_list("pk", flat=True))


def _of_needs(ids: Sequence[int]) -> set[int]:
    """Documents hold the term and its parent."""
    links = ServiceNeed.objects.filter(Q(need_id__in=ids) | Q(need__parent_id__in=ids))
    return set(links.values_list("service_id", flat=True))


def _of_territories(ids: Sequence[int]) -> set[int]:
    """Documents hold the territories served and all those around them."""
    below: dict[int, list[int]] = {}
    for pk, parent in Territory.all_objects.values_list("pk", "parent_id"):
        below.setdefault(parent or 0, []).append(pk)
    reached, pending = set(ids), list(ids)
    while pending:
        for child in below.get(pending.pop(), ()):
            if child not in reached:
                reached.add(child)
                pending.append(child)
    link = Service.territories.through
    return set(link.objects.filter(territory_id__in=reached).values_list("service_id", flat=True))


def _of_agreements(ids: Sequence[int]) -> set[int]:
    return _pairs(ServiceCorridor.all_objects.filter(agreement_id__in=ids))


def _of_corridors(ids: Sequence[int]) -> set[int]:
    return _pairs(ServiceCorridor.all_objects.filter(Q(pk__in=ids) | Q(fallback_id__in=ids)))


_FINDERS: dict[type, Callable[[Sequence[int]], set[int]]] = {
    Service: _of_services,
    Organization: _of_organizations,
    Location: _of_locations,
    Contact: _of_contacts,
    Liaison: _of_liaisons,
    Need: _of_needs,
    Territory: _of_territories,
    Agreement: _of_agreements,
    ServiceCorridor: _of_corridors,
    Obligation: lambda ids: set(),
}
