"""Wagtail's own doors that do not pass by `registry.actions` (scheduled publishing, expiry): announced all the same."""

from typing import Any

from django.dispatch import receiver
from wagtail.signals import published, unpublished

from .actions import inside_action
from .models import Record
from .signals import record_changed


@receiver(published, dispatch_uid="registry_published")
@receiver(unpublished, dispatch_uid="registry_unpublished")
def announce(sender: type, instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, Record) and not inside_action():
        record_changed.send(sender=sender, ids=[instance.pk], carry={})
