"""Every write: one function, one change — check the right, change, log once, tell once.

Admin, portal, import and API all come through here, so that they behave alike. The bulk forms of the same actions
are in `registry.bulk`. A `user` of None is the system itself (command line).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from wagtail.admin.models import FormState
from wagtail.log_actions import log
from wagtail.models import Revision

from . import policies
from .models import AddressDisclosure, ConfidentialAddress, Location, Record
from .signals import draft_saved, draft_saving, record_changed, record_changing

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
def announced_once(instance: Record) -> Iterator[None]:
    """`announced`, unless one of these functions is at work already and announces the change itself."""
    if inside_action():
        yield
        return
    with announced(type(instance), [instance.pk]):
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    """A write that changes nothing that anybody else sees (a draft): a transaction, nothing announced."""
    token = _depth.set(_depth.get() + 1)
    try:
        with transaction.atomic():
            yield
    finally:
        _depth.reset(token)


def _require_unlocked(user: Any, instance: Record) -> None:
    """Raise PermissionDenied, in French, while somebody else, a workflow or a planned publication holds the record."""
    lock = instance.get_lock() if user is not None else None
    if lock is not None and lock.for_user(user):
        raise PermissionDenied(f"« {instance} » est verrouillé : attendez qu’il soit libéré, puis recommencez.")


def create(
    user: Any,
    instance: Record,
    *,
    publish: bool = True,
    clean: bool = True,
    hidden_address: Mapping[str, Any] | None = None,
) -> Record:
    """Add a record, published or as a draft. One log entry (« wagtail.create »).

    `hidden_address`: the address of a place that is confidential from the start (keys: `ADDRESS_FIELDS`).
    """
    policies.require(user, policies.CREATE, instance)
    if publish:
        policies.require(user, policies.PUBLISH, instance)
    if clean:
        instance.full_clean()
    with announced(type(instance)) if publish else _quiet() as keys:
        instance.live = False
        instance.save()
        if hidden_address is not None:
            _keep_address(cast(Location, instance), hidden_address)
        revision = instance.save_revision(user=user, log_action=False, clean=False)
        if publish and keys is not None:
            revision.publish(user=user, log_action=False, skip_permission_checks=True)
            instance.refresh_from_db()
            keys.append(instance.pk)
        log(instance=instance, action="wagtail.create", user=user, revision=revision, content_changed=True)
        if not publish:
            draft_saved.send(sender=type(instance), ids=[instance.pk], carry={})
    return instance


def save_draft(
    user: Any,
    instance: Record,
    *,
    changed: bool = True,
    previous_revision: Revision | None = None,
    overwrite_revision: Revision | None = None,
    clean: bool = True,
) -> Revision:
    """Keep an edit as a draft: the published record does not move. One log entry."""
    policies.require(user, policies.CHANGE, instance)
    with _quiet():
        instance.prepare()
        carry: dict[str, Any] = {}
        if not instance.live:
            draft_saving.send(sender=type(instance), ids=[instance.pk], carry=carry)
            # A record that was never published, or was withdrawn, has no other state to protect: its row follows.
            instance.save()
        revision = instance.save_revision(
            user=user,
            changed=changed,
            log_action=True,
            previous_revision=previous_revision,
            overwrite_revision=overwrite_revision,
            clean=clean,
        )
        if not instance.live:
            draft_saved.send(sender=type(instance), ids=[instance.pk], carry=carry)
        return revision


def edit(
    user: Any, instance: Record, *, changed: bool = True, previous_revision: Revision | None = None, clean: bool = True
) -> Record:
    """Publish the record as it now stands in memory (children included). One log entry (« wagtail.publish »)."""
    policies.require(user, policies.CHANGE, instance)
    policies.require(user, policies.PUBLISH, instance)
    with announced(type(instance), [instance.pk]):
        instance.prepare()
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
        _require_unlocked(user, instance)
    with announced(type(instance), [instance.pk]):
        _publish(user, revision)


def publish_for_wagtail(
    revision: Revision,
    user: Any = None,
    changed: bool = True,
    log_action: bool | str = True,
    previous_revision: Revision | None = None,
    skip_permission_checks: bool = False,
) -> None:
    """What `Record.publish` does for a door of Wagtail's own; a `log_action` in words names the entry, and there is one
    (Wagtail would add « renamed »)."""
    instance = revision.as_object()
    if not skip_permission_checks:
        policies.require(user, policies.PUBLISH, instance)
    with announced(type(instance), [instance.pk]):
        _publish(user, revision, changed=changed, previous_revision=previous_revision, log_action=log_action)


def _publish(
    user: Any,
    revision: Revision,
    *,
    changed: bool = True,
    previous_revision: Revision | None = None,
    log_action: bool | str = True,
) -> None:
    revision.publish(
        user=user, changed=changed, log_action=False, previous_revision=previous_revision, skip_permission_checks=True
    )
    if not log_action:
        return
    revision.refresh_from_db()
    instance = revision.as_object()
    scheduled = revision.approved_go_live_at is not None
    action = "wagtail.publish.schedule" if scheduled else "wagtail.revert" if previous_revision else "wagtail.publish"
    data = None
    if scheduled:
        data = {
            "revision": {
                "id": revision.pk,
                "created": revision.created_at.isoformat(),
                "go_live_at": revision.approved_go_live_at.isoformat(),
                "has_live_version": instance.live,
            }
        }
    elif previous_revision:
        data = {"revision": {"id": previous_revision.pk, "created": previous_revision.created_at.isoformat()}}
    if isinstance(log_action, str):
        action = log_action
    log(instance=instance, action=action, user=user, revision=revision, content_changed=changed, data=data)


def unpublish(user: Any, instance: Record) -> None:
    """Withdraw a published record: it stays in the admin, nobody else sees it. One log entry; none for a draft."""
    policies.require(user, policies.PUBLISH, instance)
    _require_unlocked(user, instance)
    if not instance.live:
        return
    with announced(type(instance), [instance.pk]):
        instance.unpublish(user=user, log_action=False)
        log(instance=instance, action="wagtail.unpublish", user=user, revision=instance.latest_revision)


def delete(user: Any, instance: Record) -> None:
    """Remove a record for good. Raises ProtectedError while another record uses it. One log entry."""
    policies.require(user, policies.DELETE, instance)
    _require_unlocked(user, instance)
    with announced(type(instance), [instance.pk]):
        log(instance=instance, action="wagtail.delete", user=user, deleted=True)
        instance.delete()


# --- Confidential addresses -------------------------------------------------------------------------------------

ADDRESS_FIELDS = ("address", "postal_code", "latitude", "longitude")
_HIDDEN = {"address": "", "postal_code": "", "latitude": None, "longitude": None}
_REASON_LENGTH = 10


def _keep_address(location: Location, values: Mapping[str, Any]) -> ConfidentialAddress:
    """Store the values that are not blank. Raises ValidationError, which names the fields and never the values."""
    kept, _created = ConfidentialAddress.objects.get_or_create(location=location)
    for name in ADDRESS_FIELDS:
        if values.get(name) not in (None, ""):
            setattr(kept, name, values[name])
    try:
        kept.full_clean(exclude=["location"])
    except ValidationError as error:
        raise ValidationError(
            dict.fromkeys(error.message_dict, "Valeur non reconnue : corrigez-la."), code="confidential"
        ) from None
    kept.save()
    return kept


def _stated_reason(justification: str) -> str:
    """Raises ValueError without a reason worth keeping."""
    reason = justification.strip()
    if len(reason) < _REASON_LENGTH:
        raise ValueError("Écrivez en une phrase pourquoi l’adresse doit être ouverte (au moins dix caractères).")
    return reason


def set_confidential_address(user: Any, location: Location, **values: Any) -> None:
    """Store, or replace, the address of a confidential place. Blank values leave what is there. The log entry says
    that it changed, never what. Raises ValueError when the place is not confidential."""
    policies.require(user, policies.CHANGE, location)
    if not location.is_confidential:
        raise ValueError("Ce lieu n’est pas confidentiel : son adresse se modifie dans sa fiche.")
    with announced(Location, [location.pk]):
        _keep_address(location, values)
        log(instance=location, action="registry.confidential_address", user=user)


def hide_address(user: Any, location: Location) -> None:
    """Make a place confidential: its address moves out of the record, of every revision of it, and of its drafts.

    The row's values are kept; where the row has none, those of the newest draft.
    """
    policies.require(user, policies.CHANGE, location)
    with announced(Location, [location.pk]):
        row = Location.all_objects.select_related("latest_revision").get(pk=location.pk)
        draft = row.latest_revision.content if row.latest_revision else {}
        values = {name: getattr(row, name) or draft.get(name) for name in ADDRESS_FIELDS}
        _keep_address(row, values)
        Location.all_objects.filter(pk=row.pk).update(is_confidential=True, **_HIDDEN)
        scrub_revisions([row.pk])
        location.refresh_from_db()
        log(instance=location, action="registry.hide_address", user=user)


def show_address(user: Any, location: Location, justification: str) -> None:
    """Make a confidential place ordinary again, for a stated reason: everyone who sees the place sees its address.

    Counts as an opening. Raises PermissionDenied for roles that may not open it, ValueError without a reason.
    """
    policies.require(user, policies.REVEAL, location)
    reason = _stated_reason(justification)
    with announced(Location, [location.pk]):
        kept, _created = ConfidentialAddress.objects.get_or_create(location=location)
        values = {name: getattr(kept, name) for name in ADDRESS_FIELDS}
        Location.all_objects.filter(pk=location.pk).update(is_confidential=False, **values)
        kept.delete()
        if location.latest_revision_id:
            # Publishing the newest version must not empty the address again.
            revision = Revision.objects.get(pk=location.latest_revision_id)
            revision.content.update(values, is_confidential=False)
            Revision.objects.filter(pk=revision.pk).update(content=revision.content)
        AddressDisclosure.objects.create(location=location, user=user, justification=reason)
        location.refresh_from_db()
        log(instance=location, action="registry.show_address", user=user)


def scrub_revisions(location_ids: Sequence[int]) -> None:
    """Take the address out of every revision of these places, and of what their open forms keep for the preview:
    history must not hold what the record hides."""
    ids = [str(pk) for pk in location_ids]
    place = ContentType.objects.get_for_model(Location)
    for revision in Revision.objects.filter(object_id__in=ids, content_type=place).iterator():
        revision.content.update(_HIDDEN, is_confidential=True)
        Revision.objects.filter(pk=revision.pk).update(content=revision.content)
    FormState.objects.filter(object_id__in=ids, content_type=place).delete()


def reveal_address(user: Any, location: Location, justification: str) -> ConfidentialAddress:
    """Open a confidential address, once, for a stated reason; each opening is kept.

    Raises PermissionDenied for any other role, ValueError without a reason.
    """
    policies.require(user, policies.REVEAL, location)
    reason = _stated_reason(justification)
    with _quiet():
        kept, _created = ConfidentialAddress.objects.get_or_create(location=location)
        AddressDisclosure.objects.create(location=location, user=user, justification=reason)
        log(instance=location, action="registry.reveal_address", user=user)
    return kept
