"""The bulk form of the actions: the same change, log and announcement as `registry.actions`, for many records at once.

A batch leaves each record as an ordinary edit does: published, with a revision that Wagtail's history and compare views
can read, and one log entry. Bulk writes do not call `save()`: `prepare()` is called here. Nothing else is checked: the
caller has validated the values.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.functions import Cast
from django.utils import timezone
from modelcluster.models import get_all_child_m2m_relations, get_all_child_relations
from wagtail.models import ModelLogEntry, Revision

from . import policies
from .actions import announced, scrub_revisions
from .models import ConfidentialAddress, Record

# Records written per round of statements: enough to be quick, few enough to hold in memory.
BATCH = 400

R = TypeVar("R", bound=Record)


class Batch:
    """Every change that one operation makes to one model, announced once. Use with `with`, inside a transaction or not.

    `existing` are the primary keys of the records that will be edited; `log_data` goes into each log entry.
    """

    def __init__(
        self, user: Any, model: type[Record], existing: Sequence[int] = (), log_data: Mapping[str, Any] | None = None,
        operation: uuid.UUID | None = None,
    ) -> None:  # fmt: skip
        self.user, self.model = user, model
        self._existing = list(existing)
        self._log_data = dict(log_data or {})
        # Wagtail shows entries with one uuid as one operation.
        self._operation = operation or uuid.uuid4()
        self._content_type = ContentType.objects.get_for_model(model, for_concrete_model=False)

    def __enter__(self) -> Batch:
        self._announced = announced(self.model, self._existing)
        self._keys = self._announced.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self._announced.__exit__(*exc)

    def create(self, instances: Sequence[Record], link: Callable[[], Iterable[str]] | None = None) -> None:
        """Add and publish new records with their children. `link` runs once all have a key: it sets fields that point
        to records of the same model and returns their names."""
        policies.require(self.user, policies.CREATE, self.model)
        policies.require(self.user, policies.PUBLISH, self.model)
        now = timezone.now()
        for batch in _batches(instances):
            for instance in batch:
                _fill_children(instance)
                instance.prepare()
                instance.live, instance.has_unpublished_changes = True, False
                instance.first_published_at = instance.last_published_at = now
            self.model.all_objects.bulk_create(batch)
        self._keys.extend(instance.pk for instance in instances)
        linked = sorted(set(link())) if link else []
        for batch in _batches(instances):
            if linked:
                self.model.all_objects.bulk_update(batch, linked)
            for relation in get_all_child_relations(self.model):
                children = [
                    child for instance in batch for child in _children(instance, relation, owned_by=instance.pk)
                ]
                if children:
                    relation.related_model._default_manager.bulk_create(children)
            for field in get_all_child_m2m_relations(self.model):
                self._add_links(field, {instance.pk: _linked_pks(instance, field) for instance in batch})
            self._record(batch, "wagtail.create", now)

    def edit(self, instances: Sequence[Record], relations: Iterable[str] = ()) -> None:
        """Publish records as they stand in memory (`load` brought them), `relations` naming the child relations and
        many-to-many fields that may have moved."""
        policies.require(self.user, policies.CHANGE, self.model)
        policies.require(self.user, policies.PUBLISH, self.model)
        now, moved = timezone.now(), set(relations)
        fields = [field.name for field in self.model._meta.concrete_fields if not field.primary_key]
        for batch in _batches(instances):
            for instance in batch:
                instance.prepare()
                instance.live, instance.has_unpublished_changes = True, False
                instance.last_published_at = now
                instance.first_published_at = instance.first_published_at or now
            # An upsert on the key: one statement for many rows, where bulk_update would write one CASE per value.
            self.model.all_objects.bulk_create(batch, update_conflicts=True, unique_fields=["pk"], update_fields=fields)
            for relation in get_all_child_relations(self.model):
                if relation.get_accessor_name() in moved:
                    self._replace_children(relation, batch)
            for field in get_all_child_m2m_relations(self.model):
                if field.name in moved:
                    self._replace_links(field, batch)
            self._record(batch, "wagtail.publish", now)

    def note(self, instances: Sequence[Record], action: str) -> None:
        """Log a change that lies outside of the records themselves (a confidential address)."""
        policies.require(self.user, policies.CHANGE, self.model)
        for batch in _batches(instances):
            _warm(batch)
            self._log(batch, action, timezone.now(), {})

    # --- Inside ---

    def _record(self, batch: Sequence[Record], action: str, now: Any) -> None:
        """A revision and a log entry for each, and the links between them."""
        _warm(batch)
        Revision.objects.bulk_create(
            Revision(
                content_type=self._content_type, base_content_type=self._content_type, object_id=str(instance.pk),
                created_at=now, user=self.user, object_str=str(instance), content=instance.serializable_data(),
            )
            for instance in batch
        )  # fmt: skip
        keys = [instance.pk for instance in batch]
        newest = (
            Revision.objects.filter(
                base_content_type=self._content_type, object_id=Cast(models.OuterRef("pk"), models.CharField())
            )
            .order_by("-created_at", "-pk")
            .values("pk")[:1]
        )
        self.model.all_objects.filter(pk__in=keys).update(latest_revision_id=models.Subquery(newest))
        self.model.all_objects.filter(pk__in=keys).update(live_revision_id=models.F("latest_revision_id"))
        revisions = dict(self.model.all_objects.filter(pk__in=keys).values_list("pk", "latest_revision_id"))
        self._log(batch, action, now, revisions)

    def _log(self, batch: Sequence[Record], action: str, now: Any, revisions: Mapping[int, Any]) -> None:
        ModelLogEntry.objects.bulk_create(
            ModelLogEntry(
                content_type=self._content_type, label=str(instance), action=action, timestamp=now,
                data=self._log_data, uuid=self._operation, user=self.user, object_id=str(instance.pk),
                revision_id=revisions.get(instance.pk), content_changed=True,
            )
            for instance in batch
        )  # fmt: skip

    def _replace_children(self, relation: Any, batch: Sequence[Record]) -> None:
        manager = relation.related_model._default_manager
        children = [child for instance in batch for child in _children(instance, relation, owned_by=instance.pk)]
        kept = [child for child in children if child.pk is not None]
        gone = manager.filter(**{f"{relation.field.name}__in": [instance.pk for instance in batch]})
        held = set(gone.values_list("pk", flat=True)) - {child.pk for child in kept}
        if held:
            manager.filter(pk__in=held).delete()
        if kept:
            fields = [field.name for field in relation.related_model._meta.concrete_fields if not field.primary_key]
            manager.bulk_create(kept, update_conflicts=True, unique_fields=["pk"], update_fields=fields)
        added = [child for child in children if child.pk is None]
        if added:
            manager.bulk_create(added)

    def _replace_links(self, field: Any, batch: Sequence[Record]) -> None:
        through, source, target = _through(field)
        stored: dict[int, list[int]] = defaultdict(list)
        rows = through.objects.filter(**{f"{source}__in": [instance.pk for instance in batch]}).order_by("pk")
        for owner, linked in rows.values_list(source, target):
            stored[owner].append(linked)
        wanted = {instance.pk: _linked_pks(instance, field) for instance in batch}
        moved = {pk: links for pk, links in wanted.items() if links != stored[pk]}
        if moved:
            through.objects.filter(**{f"{source}__in": list(moved)}).delete()
            self._add_links(field, moved)

    def _add_links(self, field: Any, links: Mapping[int, Sequence[int]]) -> None:
        through, source, target = _through(field)
        rows = [through(**{source: owner, target: linked}) for owner, linkeds in links.items() for linked in linkeds]
        if rows:
            through.objects.bulk_create(rows)


def load(model: type[R], pks: Sequence[int]) -> dict[int, R]:
    """Records by primary key with all their children and links in memory: 1 query, plus 1 for each relation."""
    instances: dict[int, R] = {}
    for some in _batches(pks):
        instances.update(model.all_objects.in_bulk(list(some)))
    for instance in instances.values():
        _fill_children(instance)
    for relation in get_all_child_relations(model):
        name, owner = relation.get_accessor_name(), relation.field.attname
        held: dict[int, list[Any]] = defaultdict(list)
        for some in _batches(pks):
            for child in relation.related_model._default_manager.filter(**{f"{owner}__in": list(some)}):
                held[getattr(child, owner)].append(child)
        for pk, instance in instances.items():
            setattr(instance, name, held[pk])
    for field in get_all_child_m2m_relations(model):
        through, source, target = _through(field)
        remote: dict[int, Any] = {}
        linked: dict[int, list[Any]] = defaultdict(list)
        for some in _batches(pks):
            rows = through.objects.filter(**{f"{source}__in": list(some)}).order_by("pk").values_list(source, target)
            for owner_pk, remote_pk in rows:
                linked[owner_pk].append(remote.setdefault(remote_pk, field.related_model(pk=remote_pk)))
        for pk, instance in instances.items():
            setattr(instance, field.name, linked[pk])
    return instances


def set_confidential_addresses(addresses: Mapping[int, Mapping[str, Any]]) -> None:
    """Store address fields of confidential places, by primary key of the place. Fields not given stay as they are."""
    existing = {kept.location_id: kept for kept in ConfidentialAddress.objects.filter(location_id__in=list(addresses))}
    new = []
    for location_id, values in addresses.items():
        kept = existing.get(location_id) or ConfidentialAddress(location_id=location_id)
        for name, value in values.items():
            setattr(kept, name, value)
        if location_id not in existing:
            new.append(kept)
    ConfidentialAddress.objects.bulk_create(new)
    if existing:
        fields = ["address", "postal_code", "latitude", "longitude"]
        ConfidentialAddress.objects.bulk_update(existing.values(), fields, batch_size=BATCH)


def scrub_addresses(location_ids: Sequence[int]) -> None:
    """Take the address out of every earlier revision of places that have just become confidential."""
    if location_ids:
        scrub_revisions(location_ids)


T = TypeVar("T")


def _batches(items: Sequence[T]) -> Iterable[list[T]]:
    items = items if isinstance(items, (list, tuple)) else list(items)
    for start in range(0, len(items), BATCH):
        yield list(items[start : start + BATCH])


def _fill_children(instance: Any) -> None:
    """Hold every relation in memory, so that nothing is asked of the database record by record."""
    held = instance.__dict__.setdefault("_cluster_related_objects", {})
    for relation in get_all_child_relations(instance):
        held.setdefault(relation.get_accessor_name(), [])
    for field in get_all_child_m2m_relations(instance):
        held.setdefault(field.name, [])


def _children(instance: Any, relation: Any, owned_by: int) -> list[Any]:
    children = list(getattr(instance, relation.get_accessor_name()).all())
    for place, child in enumerate(children):
        setattr(child, relation.field.attname, owned_by)
        if hasattr(child, "sort_order"):
            child.sort_order = place
    return children


def _linked_pks(instance: Any, field: Any) -> list[int]:
    return [linked.pk for linked in getattr(instance, field.name).all()]


def _through(field: Any) -> tuple[Any, str, str]:
    return field.remote_field.through, f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"


def _warm(batch: Sequence[Record]) -> None:
    """Put the records that these point to in memory (their titles are made of them): one query per foreign key."""
    if not batch:
        return
    for field in type(batch[0])._meta.concrete_fields:
        related = field.related_model
        if not (isinstance(field, models.ForeignKey) and isinstance(related, type) and issubclass(related, Record)):
            continue
        wanted = {getattr(instance, field.attname) for instance in batch} - {None}
        if not wanted:
            continue
        remote = related.all_objects.in_bulk(list(wanted))
        for instance in batch:
            key = getattr(instance, field.attname)
            if key in remote and not field.is_cached(instance):
                setattr(instance, field.name, remote[key])
