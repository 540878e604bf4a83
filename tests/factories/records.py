"""Published records for tests, written through the same actions as everybody's."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from corridors.models import Agreement, ServiceCorridor
from registry import actions
from registry.models import (
    Contact,
    Liaison,
    Location,
    Need,
    Organization,
    Service,
    ServiceClosure,
    ServiceLevel,
    ServiceNeed,
    Territory,
)

_numbers = itertools.count(1)


def need(term: str, parent: Need | None = None) -> Need:
    return _published(Need(term=term, parent=parent))


def territory(code: str, name: str = "", parent: Territory | None = None, kind: str = "quarter") -> Territory:
    return _published(Territory(code=code, name=name or code, parent=parent, kind=kind))


def organization(name: str = "Organisme", **values: Any) -> Organization:
    values.setdefault("code", f"ORG{next(_numbers):05d}")
    values.setdefault("partner_type", "organisme_communautaire")
    return _published(Organization(name=name, **values))


def location(owner: Organization, name: str = "Bureau", **values: Any) -> Location:
    values.setdefault("code", f"LIE{next(_numbers):05d}")
    return _published(Location(organization=owner, name=name, **values))


def service(owner: Organization, name: str = "Service", *, needs: tuple[Need, ...] = (), territories: Any = (),
            locations: Any = (), closures: tuple[ServiceClosure, ...] = (), levels: tuple[ServiceLevel, ...] = (),
            keywords: tuple[str, ...] = (), publish: bool = True, **values: Any) -> Service:  # fmt: skip
    values.setdefault("code", f"SRV{next(_numbers):05d}")
    values.setdefault("visibility", "publique")
    instance = Service(organization=owner, name=name, **values)
    instance.need_links = [ServiceNeed(need=item, sort_order=order) for order, item in enumerate(needs)]
    instance.closures = list(closures)
    instance.service_levels = list(levels)
    instance.territories = list(territories)
    instance.locations = list(locations)
    if keywords:
        instance.keywords.add(*keywords)
    actions.create(None, instance, publish=publish)
    return instance


def contact(owner: Organization, name: str = "Réception", **values: Any) -> Contact:
    return _published(Contact(organization=owner, name=name, **values))


def liaison(owner: Organization, person: Contact, **values: Any) -> Liaison:
    return _published(Liaison(organization=owner, contact=person, **values))


def agreement(number: str = "", **values: Any) -> Agreement:
    values.setdefault("declared_status", "En vigueur")
    values.setdefault("starts_on", date(2026, 1, 1))
    values.setdefault("ends_on", date(2026, 12, 31))
    return _published(Agreement(number=number or f"ENT-{next(_numbers)}", title="Entente", **values))


def corridor(under: Agreement, start: Service, end: Service, **values: Any) -> ServiceCorridor:
    values.setdefault("code", f"COR{next(_numbers):05d}")
    return _published(ServiceCorridor(agreement=under, from_service=start, to_service=end, **values))


def _published(instance: Any) -> Any:
    actions.create(None, instance)
    return instance
