"""What a change of a record touches in search: one entry of the change log, in the transaction of the change."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from registry.models import Need, Organization, Record, Service, Territory
from registry.signals import record_changed, record_changing

from . import outbox
from .affected import affected_services, reference_state

# What processes keep in memory besides the index: vocabularies, places, names.
_REFERENCE = (Need, Territory, Organization, Service)


@receiver(record_changing, dispatch_uid="search_record_changing")
def before(sender: type, ids: list[int], carry: dict[str, Any], **kwargs: Any) -> None:
    """Follow the old relations while they still stand."""
    if issubclass(sender, Record):
        carry["search_services"] = affected_services(sender, ids)
        if sender in _REFERENCE:
            carry["search_reference"] = reference_state(sender, ids)


@receiver(record_changed, dispatch_uid="search_record_changed")
def after(sender: type, ids: list[int], carry: dict[str, Any], **kwargs: Any) -> None:
    """Append what the change touched, by its old relations and by its new ones."""
    if not issubclass(sender, Record):
        return
    services = carry.get("search_services", set()) | affected_services(sender, ids)
    moved = sender in _REFERENCE and (
        "search_reference" not in carry or carry["search_reference"] != reference_state(sender, ids)
    )
    outbox.append(sender._meta.label_lower, services, reference_data=moved)
