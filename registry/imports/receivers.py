"""A place that becomes confidential leaves nothing behind in the previews of earlier imports."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from registry.models import Location
from registry.signals import record_changed

from .privacy import scrub

_AT_A_TIME = 5000


@receiver(record_changed, sender=Location, dispatch_uid="registry_imports_scrub")
def forget_addresses(sender: type, ids: list[int], **kwargs: Any) -> None:
    """In the transaction of the change, whatever door it came by."""
    for start in range(0, len(ids), _AT_A_TIME):
        hidden = Location.all_objects.filter(pk__in=ids[start : start + _AT_A_TIME], is_confidential=True)
        places = dict(hidden.values_list("code", "name"))
        if places:
            scrub(places)
