"""The form of an entente: its text is edited here; its life moves on its page."""

from __future__ import annotations

from typing import Any

from django import forms
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
from ..enums import DeclaredStatus
from ..models import Agreement
from .journey import page_url
from .sealed import AgreementForm

# Where an edit clears what people have accepted or signed.
_ACCEPTED = frozenset({S.NEGOTIATION, S.AGREED, S.SIGNING})


_DECLARED = [("", "Non : une entente nouvelle"),
             *((word.value, word.label) for word in DeclaredStatus if word != DeclaredStatus.DRAFT)]  # fmt: skip


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
            context |= {"status": status, "url": page_url(row), "clears": status in _ACCEPTED, "live": row.live}
            return context


class EntenteForm(AgreementForm):
    """On a new entente, one may say that it is older than Passerelles, and where it stood."""

    older_status = forms.ChoiceField(
        label="Entente plus ancienne que Passerelles", required=False, choices=_DECLARED,
        help_text="Une entente déjà signée ailleurs s’inscrit telle qu’elle est et se publie; le papier signé se verse "
        "ensuite depuis sa page. Sinon, elle commence ici, en brouillon.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            # The declared word is kept as it was declared; from here on, the journal tells.
            self.fields.pop("older_status", None)

    def save(self, commit: bool = True) -> Agreement:
        if word := self.cleaned_data.get("older_status"):
            self.instance.declared_status = word
        elif "older_status" in self.fields:
            self.instance.declared_status = DeclaredStatus.DRAFT.value
        saved: Agreement = super().save(commit)
        return saved


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
    """No « Publier » on an entente that its signature will publish, nor « Soumettre » past the draft. On a new one they
    stay: it may be an older one."""
    agreement = context.get("instance")
    if context.get("model") is not Agreement or agreement is None or agreement.pk is None:
        return
    row = Agreement.all_objects.get(pk=agreement.pk)
    if review.publication_refusal(row, request.user):
        hidden = {"action-publish"}
        if open_dossier(row).status != S.DRAFT:
            hidden |= {"action-submit", "action-restart-workflow"}
        items[:] = [item for item in items if item.name not in hidden]
