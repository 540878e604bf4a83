"""Every write: one function, one change — check the right, change, log once, tell once.

Admin, portal, import and API all come through here, so that they behave alike. The bulk forms of the same actions
are in `registry.bulk`. A `user` of None is the system itself (command line).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models, transaction
from wagtail.log_actions import log
from wagtail.models import Revision

from . import policies
from .models import AddressDisclosure, ConfidentialAddress, Location, Record
from .signals import record_changed, record_changing

_depth: ContextVar[int] = ContextVar("passerelles_action_depth", default=0)


def inside_action() -> bool:
    """True while one of these functions is at work: Wagtail's own signals need not be answered then."""
    return _depth.get() > 0


@contextmanager
def announced(model: type[models.Model], ids: Sequence[int] | None = None) -> Iterator[list[int]]:
    """A transaction around one change, told once to the apps above, before (to follow old relations) and after.

    Yields the list of primary keys: append to it the ones that the block creates.
    """
    keys = list(ids or [])
    carry: dict[str, Any] = {}
    token = _depth.set(_depth.get() + 1)
    try:
        with transaction.atomic():
            if keys:
                record_changing.send(sender=model, ids=keys, carry=carry)
            yield keys
            if keys:
                record_changed.send(sender=model, ids=keys, carry=carry)
    finally:
        _depth.reset(token)


@contextmanager
def _quiet() -> Iterator[None]:
    """A write that changes nothing that anybody else sees (a draft): a transaction, nothing announced."""
    token = _depth.set(_depth.get() + 1)
    try:
        with transaction.atomic():
            yield
    finally:
        _depth.reset(token)


def create(user: Any, instance: Record, *, publish: bool = True, clean: bool = True) -> Record:
    """Add a record, published or as a draft. One log entry (« wagtail.create »)."""
    policies.require(user, policies.CREATE, instance)
    if publish:
        policies.require(user, policies.PUBLISH, instance)
    if clean:
        instance.full_clean()
    with announced(type(instance)) if publish else _quiet() as keys:
        instance.live = False
        instance.save()
        revision = instance.save_revision(user=user, log_action=False, clean=False)
        if publish:
            revision.publish(user=user, log_action=False, skip_permission_checks=True)
            instance.refresh_from_db()
            keys.append(instance.pk)
        log(instance=instance, action="wagtail.create", user=user, revision=revision, content_changed=True)
    return instance


def save_draft(user: Any, instance: Record, *, changed: bool = True, previous_revision: Revision | None = None,
               overwrite_revision: Revision | None = None, clean: bool = True) -> Revision:
    """Keep an edit as a draft: the published record does not move. One log entry."""
    policies.require(user, policies.CHANGE, instance)
    with _quiet():
        return instance.save_revision(
            user=user, changed=changed, log_action=True, previous_revision=previous_revision,
            overwrite_revision=overwrite_revision, clean=clean,
        )


def edit(user: Any, instance: Record, *, changed: bool = True, previous_revision: Revision | None = None,
         clean: bool = True) -> Record:
    """Publish the record as it now stands in memory (children included). One log entry (« wagtail.publish »)."""
    policies.require(user, policies.CHANGE, instance)
    policies.require(user, policies.PUBLISH, instance)
    with announced(type(instance), [instance.pk]):
        revision = instance.save_revision(
            user=user, changed=changed, log_action=False, previous_revision=previous_revision, clean=clean
        )
        _publish(user, revision, changed=changed, previous_revision=previous_revision)
    return instance


def publish_revision(user: Any, revision: Revision, *, check: bool = True) -> None:
    """Publish a revision that exists already (a draft, or an older state)."""
    instance = revision.as_object()
    if check:
        policies.require(user, policies.PUBLISH, instance)
    with announced(type(instance), [instance.pk]):
        _publish(user, revision)


def _publish(user: Any, revision: Revision, *, changed: bool = True, previous_revision: Revision | None = None) -> None:
    revision.publish(user=user, changed=changed, log_action=False, previous_revision=previous_revision,
                     skip_permission_checks=True)
    revision.refresh_from_db()
    instance = revision.as_object()
    scheduled = revision.approved_go_live_at is not None
    action = "wagtail.publish.schedule" if scheduled else "wagtail.revert" if previous_revision else "wagtail.publish"
    data = None
    if scheduled:
        data = {"revision": {"id": revision.pk, "created": revision.created_at.isoformat(),
                             "go_live_at": revision.approved_go_live_at.isoformat(), "has_live_version": instance.live}}
    elif previous_revision:
        data = {"revision": {"id": previous_revision.pk, "created": previous_revision.created_at.isoformat()}}
    log(instance=instance, action=action, user=user, revision=revision, content_changed=changed, data=data)


def unpublish(user: Any, instance: Record) -> None:
    """Withdraw a published record: it stays in the admin, nobody else sees it. One log entry."""
    policies.require(user, policies.PUBLISH, instance)
    with announced(type(instance), [instance.pk]):
        instance.unpublish(user=user, log_action=False)
        log(instance=instance, action="wagtail.unpublish", user=user, revision=instance.latest_revision)


def delete(user: Any, instance: Record) -> None:
    """Remove a record for good. Raises ProtectedError while another record uses it. One log entry."""
    policies.require(user, policies.DELETE, instance)
    with announced(type(instance), [instance.pk]):
        log(instance=instance, action="wagtail.delete", user=user, deleted=True)
        instance.delete()


# --- Confidential addresses -------------------------------------------------------------------------------------

ADDRESS_FIELDS = ("address", "postal_code", "latitude", "longitude")


def set_confidential_address(user: Any, location: Location, **values: Any) -> None:
    """Store, or replace, the address of a confidential place. Blank values leave what is there. The log entry says
    that it changed, never what."""
    policies.require(user, policies.CHANGE, location)
    with announced(Location, [location.pk]):
        kept, _created = ConfidentialAddress.objects.get_or_create(location=location)
        for name in ADDRESS_FIELDS:
            if values.get(name) not in (None, ""):
                setattr(kept, name, values[name])
        kept.full_clean(exclude=["location"])
        kept.save()
        log(instance=location, action="registry.confidential_address", user=user)


def hide_address(user: Any, location: Location) -> None:
    """Make a place confidential: its address moves out of the record, of every revision of it, and of its drafts."""
    policies.require(user, policies.CHANGE, location)
    with announced(Location, [location.pk]):
        values = {name: getattr(location, name) for name in ADDRESS_FIELDS}
        kept, _created = ConfidentialAddress.objects.get_or_create(location=location)
        for name, value in values.items():
            if value not in (None, ""):
                setattr(kept, name, value)
        kept.save()
        Location.all_objects.filter(pk=location.pk).update(
            is_confidential=True, address="", postal_code="", latitude=None, longitude=None
        )
        scrub_revisions([location.pk])
        location.refresh_from_db()
        log(instance=location, action="registry.confidential_address", user=user)


def scrub_revisions(location_ids: Sequence[int]) -> None:
    """Take the address out of every revision of these places: history must not keep what the record hides."""
    for revision in Revision.objects.filter(
        object_id__in=[str(pk) for pk in location_ids], content_type__app_label="registry",
        content_type__model="location",
    ).iterator():
        content = revision.content
        content.update({"address": "", "postal_code": "", "latitude": None, "longitude": None, "is_confidential": True})
        Revision.objects.filter(pk=revision.pk).update(content=content)


def reveal_address(user: Any, location: Location, justification: str) -> ConfidentialAddress:
    """Open a confidential address, once, for a stated reason; each opening is kept.

    Raises PermissionDenied for any other role, ValueError without a reason.
    """
    policies.require(user, policies.REVEAL, location)
    if len(justification.strip()) < 10:
        raise ValueError("Écrivez en une phrase pourquoi l’adresse doit être ouverte (au moins dix caractères).")
    with _quiet():
        kept, _created = ConfidentialAddress.objects.get_or_create(location=location)
        AddressDisclosure.objects.create(location=location, user=user, justification=justification.strip())
        log(instance=location, action="registry.reveal_address", user=user)
    return kept
