"""The admin's doors: Wagtail's own views, whose every write goes through `registry.actions`."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.log_actions import registry as log_registry
from wagtail.snippets.views import snippets as wagtail_views

from .. import actions, policies
from ..models import Record
from .reading import rows
from .usage import Usage, references_to

_SHOWN = 5


class ThroughActions:
    """Create and edit: one call of one action for each button. Publishing is part of it, not a second step."""

    # What Wagtail's views bring.
    request: Any
    form: Any
    action: str
    view_name: str
    object: Any
    model: Any
    produced_error_code: str
    produced_error_message: str

    def save_instance(self) -> Record:
        instance = self.form.save(commit=False)
        publish = self.action == "publish"
        if instance.pk is None:
            self.create(instance, publish)
            self.new_revision = instance.latest_revision
            return instance
        previous = getattr(self, "revision", None)
        options: dict[str, Any] = {
            # Going back is a change, even though the form comes back as it was shown.
            "changed": previous is not None or self.form.has_changed(),
            "previous_revision": previous,
            # The form has just validated these very values (a draft may still wait for some of them).
            "clean": False,
        }
        if publish:
            actions.edit(self.request.user, instance, **options)
        else:
            actions.save_draft(self.request.user, instance, **options)
        self.new_revision = instance.latest_revision
        return instance

    def create(self, instance: Record, publish: bool) -> None:
        actions.create(self.request.user, instance, publish=publish, clean=False)

    def publish_action(self) -> None:
        """Done already, in the same transaction as the save."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)  # type: ignore[misc]
        except IntegrityError:
            # Somebody else took the code between the form's own check and the write. The database's words may hold
            # values that this person must not see: they are not repeated.
            self.produced_error_code = "conflict"
            self.produced_error_message = (
                "La fiche n’a pas été enregistrée : une autre fiche porte déjà ce code ou ces valeurs. "
                "Changez-les, puis recommencez."
            )
            return self.form_invalid(form)  # type: ignore[attr-defined]
        except ValidationError as error:
            # An action refused, and says why.
            self.produced_error_code = "refused"
            self.produced_error_message = " ".join(error.messages)
            return self.form_invalid(form)  # type: ignore[attr-defined]


class RevertThroughActions(ThroughActions, generic.RevisionsRevertMixin):
    """Going back to an older version. Our save comes first: Wagtail's own would go past the actions."""


class ForThisRecord:
    """Of many of its views, Wagtail asks whether the account may do this to some record of the kind. Ours ask about the
    very one: a role held for one organization does nothing to another's ententes."""

    request: Any
    object: Any
    permission_required: str | None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.permission_required and not self.may(self.permission_required):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def may(self, action: str) -> bool:
        return policies.can(self.request.user, action, self.object)


class RecordLockView(ForThisRecord, wagtail_views.LockView):
    pass


class RecordUnlockView(ForThisRecord, wagtail_views.UnlockView):
    def may(self, action: str) -> bool:
        # Whoever locked a record lets go of it.
        return self.object.locked_by_id == self.request.user.pk or super().may(action)


class RecordUnscheduleView(ForThisRecord, wagtail_views.RevisionsUnscheduleView):
    pass


class RecordCreateView(ThroughActions, wagtail_views.CreateView):
    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        code = self.model.snippet_viewset.next_code()
        return {**initial, "code": code} if code else initial


class RecordCopyView(ThroughActions, wagtail_views.CopyView):
    """Shows the form of a new record filled from another one. The form itself is sent to the « add » address."""

    http_method_names = ["get", "head", "options"]

    def get_initial_form_instance(self) -> Any:
        instance = super().get_initial_form_instance()
        for name in ("code", "number"):
            if hasattr(instance, name):
                setattr(instance, name, self.model.snippet_viewset.next_code())
        return instance


class RecordEditView(ForThisRecord, ThroughActions, wagtail_views.EditView):
    def get_usage_url(self) -> str | None:
        return reverse(self.usage_url_name, args=[quote(self.object.pk)])


class RecordDeleteView(ForThisRecord, wagtail_views.DeleteView):
    def get_usage(self) -> Usage:
        return Usage(self.object)

    def delete_action(self) -> None:
        actions.delete(self.request.user, self.object)

    def form_valid(self, form: Any) -> HttpResponse:
        if self.usage.is_protected:
            return self.refuse()
        address = reverse(self.edit_url_name, args=[quote(self.object.pk)])
        try:
            return super().form_valid(form)
        except ProtectedError:
            return self.refuse()
        except ValidationError as error:
            return refused(self.request, error, address)

    def refuse(self) -> HttpResponse:
        messages.error(self.request, why_kept(self.object))
        return HttpResponseRedirect(reverse(self.edit_url_name, args=[quote(self.object.pk)]))


def refused(request: Any, error: ValidationError, address: str) -> HttpResponse:
    """Back to the record, with what the action answered."""
    messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(address)


def why_kept(record: Record) -> str:
    """« … n’est pas supprimé : … s’en servent. » — names a few of the records that use it."""
    users = [f"{reference.kind} « {reference} »" for reference in references_to(record) if reference.protects]
    more = f" et {len(users) - _SHOWN} autres" if len(users) > _SHOWN else ""
    return (
        f"{capfirst(record._meta.verbose_name)} « {record} » n’est pas supprimé : d’autres fiches s’en servent "
        f"({', '.join(users[:_SHOWN])}{more}). Changez-les d’abord, ou retirez la fiche de la publication."
    )


class RecordUnpublishView(ForThisRecord, wagtail_views.UnpublishView):
    def get_usage(self) -> Usage:
        return Usage(self.object)

    def unpublish(self) -> None:
        actions.unpublish(self.request.user, self.object)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except ValidationError as error:
            return refused(request, error, reverse(self.edit_url_name, args=[quote(self.object.pk)]))


class RecordPreviewOnEditView(wagtail_views.PreviewOnEditView):
    def get_object(self) -> Any:
        # Wagtail looks among `Model.objects`: a draft is not there.
        instance = get_object_or_404(
            self.model.all_objects.select_related("latest_revision"), pk=unquote(str(self.kwargs["pk"]))
        )
        return instance.get_latest_revision_as_object()


class RecordHistoryView(wagtail_views.HistoryView):
    def get_base_queryset(self) -> QuerySet:
        # Wagtail keeps one entry of those that share an operation, whatever their record: an import or a bulk action
        # would vanish from every history but one. (It does so for automatic saves, which are off here.)
        return self._annotate_queryset(log_registry.get_logs_for_instance(self.object))


class RecordInspectView(wagtail_views.InspectView):
    def get_fields_context(self) -> list[dict[str, Any]]:
        return [{"label": label, "value": value, "component": None} for label, value in rows(self.object)]
