"""Bulk actions of the lists: the same actions as one by one, so the same log entries and announcements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils.functional import classproperty
from wagtail.admin import messages
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction
from wagtail.snippets.models import get_snippet_models

from .. import actions, policies
from ..models import Record
from .views import why_kept

_SHOWN = 3


class RecordBulkAction(SnippetBulkAction):
    """One action on each chosen record that the account may touch and that nobody else holds locked."""

    template_name = "registry/admin/confirm_bulk.html"
    permission: ClassVar[str]
    # « Supprimer 3 services? », « Oui, supprimer », « 3 fiches supprimées. »
    question: ClassVar[str]
    done_one: ClassVar[str]
    done_many: ClassVar[str]

    @classproperty
    def models(cls) -> list[type[Record]]:
        return [model for model in get_snippet_models() if issubclass(model, Record)]

    def get_all_objects_in_listing_query(self, parent_id: Any) -> Iterable[int]:
        """« Tout sélectionner » means everything in the list as it stands, with its search and filters."""
        address = urlsplit(self.next_url)
        request = self.request
        try:
            match = resolve(address.path)
        except Resolver404:
            return []
        listing = self.model.snippet_viewset.index_view
        if match.view_name != self.model.snippet_viewset.get_url_name("list"):
            return []
        view = listing.view_class(**listing.view_initkwargs)
        original, request.GET = request.GET, QueryDict(address.query)
        try:
            view.setup(request)
            return list(view.get_queryset().values_list("pk", flat=True))
        finally:
            request.GET = original

    def check_perm(self, record: Any) -> bool:
        if not policies.can(self.request.user, self.permission, record):
            return False
        lock = record.get_lock()
        return lock is None or not lock.for_user(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(question=self.question, verb=self.display_name, danger=self.classes, **kwargs)

    @classmethod
    def execute_action(cls, objects: Iterable[Any], **kwargs: Any) -> tuple[int, int]:
        view, done, kept = kwargs["self"], 0, []
        refused: list[str] = []
        for record in objects:
            try:
                with transaction.atomic():
                    cls.act(view.request.user, record)
            except ProtectedError:
                kept.append(record)
            except ValidationError as error:
                refused.append(f"{record} : {' '.join(error.messages)}")
            else:
                done += 1
        for reason in refused[:_SHOWN]:
            messages.warning(view.request, reason)
        if len(refused) > _SHOWN:
            messages.warning(view.request, f"{len(refused) - _SHOWN} autres fiches sont gardées telles quelles.")
        for record in kept[:_SHOWN]:
            messages.warning(view.request, why_kept(record))
        if len(kept) > _SHOWN:
            messages.warning(view.request, f"{len(kept) - _SHOWN} autres fiches sont gardées pour la même raison.")
        return done, 0

    @classmethod
    def act(cls, user: Any, record: Record) -> None:
        raise NotImplementedError

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str | None:
        if not num_parent_objects:
            return None
        return self.done_one if num_parent_objects == 1 else self.done_many.format(num_parent_objects)


class BulkPublish(RecordBulkAction):
    display_name = "Publier"
    action_type = "publish"
    aria_label = "Publier les fiches sélectionnées"
    action_priority = 10
    permission = policies.PUBLISH
    question = "Publier la version la plus récente de ces fiches?"
    done_one = "Une fiche publiée."
    done_many = "{} fiches publiées."

    @classmethod
    def act(cls, user: Any, record: Record) -> None:
        if record.live and not record.has_unpublished_changes:
            return
        if record.latest_revision is None:
            actions.edit(user, record)
        else:
            actions.publish_revision(user, record.latest_revision)


class BulkUnpublish(RecordBulkAction):
    display_name = "Retirer de la publication"
    action_type = "unpublish"
    aria_label = "Retirer les fiches sélectionnées de la publication"
    action_priority = 20
    permission = policies.PUBLISH
    question = "Retirer ces fiches de la publication? Elles restent ici, et plus personne ne les trouve en orientation."
    done_one = "Une fiche retirée de la publication."
    done_many = "{} fiches retirées de la publication."

    @classmethod
    def act(cls, user: Any, record: Record) -> None:
        actions.unpublish(user, record)


class BulkDelete(RecordBulkAction):
    display_name = "Supprimer"
    # The name of Wagtail's own, which deletes past our actions: this one takes its place.
    action_type = "delete"
    aria_label = "Supprimer les fiches sélectionnées"
    action_priority = 30
    classes: ClassVar[set[str]] = {"serious"}
    permission = policies.DELETE
    question = "Supprimer ces fiches pour de bon? Celles dont d’autres fiches se servent seront gardées."
    done_one = "Une fiche supprimée."
    done_many = "{} fiches supprimées."

    @classmethod
    def act(cls, user: Any, record: Record) -> None:
        actions.delete(user, record)
