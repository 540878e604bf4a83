"""What every record of the directory and of the ententes shares."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from modelcluster.models import ClusterableModel
from wagtail.models import DraftStateMixin, LockableMixin, PreviewableMixin, RevisionMixin, WorkflowMixin


class RecordQuerySet(models.QuerySet):
    def live(self) -> RecordQuerySet:
        """Published records only: a draft occupies a row and a code, but nobody outside the admin sees it."""
        return self.filter(live=True)


class LiveManager(models.Manager.from_queryset(RecordQuerySet)):  # type: ignore[misc]
    """The manager for everything outside the admin: drafts do not exist for it."""

    def get_queryset(self) -> RecordQuerySet:
        return super().get_queryset().live()


class Record(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, PreviewableMixin, ClusterableModel):
    """A clusterable snippet with drafts, revisions, workflow, locking and preview.

    `all_objects` (the default manager: Wagtail's admin and foreign keys use it) holds drafts too;
    `objects` holds published records only.
    """

    # The reference index would add dozens of queries to each save; protected foreign keys already forbid
    # deleting what others use.
    wagtail_reference_index_ignore = True
    preview_template: ClassVar[str] = "registry/preview.html"

    _revisions = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        for_concrete_model=False,
    )
    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        for_concrete_model=False,
    )

    all_objects = models.Manager.from_queryset(RecordQuerySet)()
    objects = LiveManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.prepare()
        super().save(*args, **kwargs)

    @property
    def revisions(self) -> Any:
        return self._revisions

    def publish(self, revision: Any, *args: Any, **kwargs: Any) -> Any:
        """Wagtail's own way to publish (scheduled publishing uses it): through the actions like every other change."""
        from .. import actions

        if actions.inside_action():
            return super().publish(revision, *args, **kwargs)
        return actions.publish_for_wagtail(revision, *args, **kwargs)

    def unpublish(self, *args: Any, **kwargs: Any) -> Any:
        """Wagtail's own way to withdraw (expiry uses it): announced like every other change."""
        from ..actions import announced_once

        with announced_once(self):
            return super().unpublish(*args, **kwargs)

    def approved(self, user: Any) -> None:
        """What the end of an approval means for this kind of record: its newest version is published. The step of the
        workflow checked the right: its approver need not be an editor."""
        from ..actions import publish_revision

        publish_revision(user, self.get_latest_revision(), check=False)

    def prepare(self) -> None:
        """Put values in their stored form (phones, postal codes, hours pattern). Called by every save, and by the
        bulk writes, which do not call save. Never raises: what cannot be read stays as written."""

    def get_preview_template(self, request: Any, mode_name: str) -> str:
        return self.preview_template
