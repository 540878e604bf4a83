"""The form of an entente: its text is edited here; its life moves on its page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from wagtail.admin import messages
from wagtail.admin.panels import Panel
from wagtail.snippets.views import snippets as wagtail_views

from registry.admin.views import RecordCreateView, RecordEditView

from .. import review
from ..dossier import open_dossier
from ..enums import AgreementStatus as S
from ..models import Agreement
from .journey import page_url

# Where an edit clears what people have accepted or signed.
_ACCEPTED = frozenset({S.NEGOTIATION, S.AGREED, S.SIGNING})


class LifeNotice(Panel):
    """At the top of the form: where the entente is, its page, and what an edit would undo."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "corridors/admin/life_notice.html"

        def is_shown(self) -> bool:
            return self.instance.pk is not None

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            row = Agreement.all_objects.get(pk=self.instance.pk)
            status = open_dossier(row).status
            context |= {"status": status, "url": page_url(row), "clears": status in _ACCEPTED}
            return context


class _ThroughLife:
    """The buttons of a form that move the entente: a refusal of its life is said in words, and nothing has moved."""

    request: Any
    object: Any

    def run_action_method(self) -> HttpResponse | None:
        try:
            with transaction.atomic():
                response: HttpResponse | None = super().run_action_method()  # type: ignore[misc]
        except ValidationError as error:
            messages.error(self.request, f"Le texte est enregistré, mais : {' '.join(error.messages)}")
            return HttpResponseRedirect(reverse(Agreement.snippet_viewset.get_url_name("edit"), args=[self.object.pk]))
        return response

    def get_success_url(self) -> str:
        """Once submitted or approved, the page of the entente says what comes next."""
        if self.action in ("submit", "restart-workflow", "workflow-action"):  # type: ignore[attr-defined]
            return page_url(self.object)
        return super().get_success_url()  # type: ignore[misc,no-any-return]


class EntenteCreateView(_ThroughLife, RecordCreateView):
    pass


class EntenteEditView(_ThroughLife, RecordEditView):
    pass


class EntenteWorkflowActionView(wagtail_views.WorkflowActionView):
    """Approving, or asking for changes, from Wagtail's own lists of what waits."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().post(request, *args, **kwargs)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(self.redirect_url)
        return response


def arrange_action_menu(items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    """No « Publier » on an entente that its signature will publish."""
    if context.get("model") is not Agreement:
        return
    agreement = context.get("instance")
    row = Agreement.all_objects.filter(pk=agreement.pk).first() if agreement is not None else None
    if row is None or review.publication_refusal(row, request.user):
        items[:] = [item for item in items if item.name != "action-publish"]
