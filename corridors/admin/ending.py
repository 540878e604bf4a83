"""Suspending, resuming, terminating, taking a termination back, renewing: each page shows first what it takes along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms as django_forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from registry.dates import long_date

from .. import ending, files, lifecycle, policies, renewal
from ..dossier import open_dossier
from ..enums import AgreementStatus as S
from ..enums import DocumentKind
from ..lifecycle import REASON_LENGTH, Refused, Request
from ..models import Agreement
from ..policies import Action
from ..terms import TAKES_BACK
from . import forms
from .gestures import EntenteView, TransitionView, actor_of
from .journey import page_url
from .signing_gestures import _or_forget

Values = Mapping[str, Any]
_STOPS = frozenset({S.IN_FORCE, S.DISPUTED})


def _reason(help_text: str = "Inscrit au journal et lu par toutes les parties.") -> django_forms.CharField:
    return forms.long_text(
        "Motif", help_text=help_text, min_length=REASON_LENGTH,
        error_messages={"min_length": "Écrivez le motif en quelques mots."},
    )  # fmt: skip


class SuspendForm(forms.GestureForm):
    reason = _reason()
    effective_on = forms.day_field("À compter du", help_text="Vide : dès aujourd’hui.")
    until = forms.day_field(
        "Jusqu’au, prévu",
        help_text="Pour que chacun le sache. La suspension ne se lève que par une décision; vide : sans date prévue.",
    )


class ResumeForm(forms.GestureForm):
    reason = _reason()
    effective_on = forms.day_field("À compter du", help_text="Vide : dès aujourd’hui.")


class TerminateForm(forms.GestureForm):
    reason = _reason()
    notice_given_on = forms.day_field("Avis donné le", required=True)
    effective_on = forms.day_field("Ne tient plus à compter du", help_text="Vide : dès que le préavis le permet.")
    document = forms.file_field("Avis de résiliation")


class WithdrawForm(forms.GestureForm):
    reason = _reason()


class RenewForm(forms.GestureForm):
    number = django_forms.CharField(label="Numéro", max_length=40)
    starts_on = forms.day_field("Entrée en vigueur")
    ends_on = forms.day_field("Échéance", help_text="Jour inclus. Vide : sans terme.")


class _StoppingView(TransitionView):
    """A transition that asks for more than the table, with what it takes along beside the form."""

    template_name = "corridors/admin/ending/stop.html"
    name = ""
    form_class: type[forms.GestureForm]
    words = ""
    with_impact = False

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, transition=self.name_for(kwargs["pk"]), **kwargs)
        self.intro = self.words

    def name_for(self, pk: int) -> str:
        return self.name

    def form(self, **kwargs: Any) -> forms.GestureForm:
        return self.form_class(agreement=self.agreement, **kwargs)

    def more(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"notice_days": self.agreement.notice_days}
        if self.with_impact:
            shown["impact"] = ending.impact(self.agreement)
        return shown


class SuspendView(_StoppingView):
    name, form_class, with_impact = "suspend", SuspendForm, True
    words = "Ses corridors cessent d’être offerts à l’orientation tant que la suspension dure. L’entente demeure."

    def perform(self, values: Values) -> str:
        event = ending.suspend(
            actor_of(self.request), self.agreement, values["reason"], effective_on=values["effective_on"],
            until=values["until"],
        )  # fmt: skip
        return f"L’entente est suspendue à compter du {long_date(event.effective_on)}."


class ResumeView(_StoppingView):
    name, form_class = "resume", ResumeForm
    words = "Ses corridors sont offerts de nouveau à l’orientation."

    def perform(self, values: Values) -> str:
        event = ending.resume(
            actor_of(self.request), self.agreement, values["reason"], effective_on=values["effective_on"]
        )
        return f"La suspension est levée à compter du {long_date(event.effective_on)}."


class TerminateView(_StoppingView):
    name, form_class, with_impact = "terminate", TerminateForm, True
    words = (
        "Ce jour-là, ses corridors ne sont plus offerts, ses avenants ouverts sont annulés, ses liens retirés, sa "
        "mésentente close et ses contributions à venir fermées."
    )

    def more(self) -> dict[str, Any]:
        earliest, last_day = ending.earliest_termination(self.agreement), self.dossier.facts().last_day
        too_late = last_day if last_day is not None and earliest > last_day else None
        return {**super().more(), "earliest": earliest, "too_late": too_late}

    def perform(self, values: Values) -> str:
        actor, upload = actor_of(self.request), values["document"]
        given, wanted = values["notice_given_on"], values["effective_on"]
        first = wanted or max(ending.earliest_termination(self.agreement, given), self.dossier.day)
        # Before the file is kept: a refusal must not leave it behind on the disk.
        asked = Request(reason=values["reason"], effective_on=first, notice_given_on=given, has_document=True)
        lifecycle.check("terminate", self.dossier.facts(), asked, actor.capacities(self.agreement))
        with transaction.atomic():
            kept = files.attach(actor, self.agreement, upload, DocumentKind.NOTICE)
            _or_forget(
                kept,
                lambda: ending.terminate(
                    actor, self.agreement, values["reason"], document=kept, notice_given_on=given, effective_on=first
                ),
            )
        if first > self.dossier.day:
            return f"La résiliation est prévue le {long_date(first)}. D’ici là, l’entente tient."
        return "L’entente est résiliée."


class WithdrawView(_StoppingView):
    form_class = WithdrawForm
    words = "L’entente continue comme si la résiliation n’avait pas été décidée; le journal garde les deux décisions."

    def name_for(self, pk: int) -> str:
        """The line of the table that leaves from where the entente is."""
        status = open_dossier(Agreement.all_objects.get(pk=pk)).status if _exists(pk) else S.IN_FORCE
        names = [name for name in sorted(TAKES_BACK) if status in lifecycle.BY_NAME[name].origins]
        return names[0] if names else "keep_in_force"

    def perform(self, values: Values) -> str:
        ending.withdraw_termination(actor_of(self.request), self.agreement, values["reason"])
        return "La résiliation prévue est retirée."


def _exists(pk: int) -> bool:
    return Agreement.all_objects.filter(pk=pk).exists()


class ImpactView(EntenteView):
    """What suspending or ending this entente would take away, without doing anything."""

    template_name = "corridors/admin/ending/impact.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        shown = {
            "agreement": self.agreement, "page_url": page_url(self.agreement), "page_title": "Ce qui en dépend",
            "impact": ending.impact(self.agreement),
        }  # fmt: skip
        return TemplateResponse(request, self.template_name, shown)


class RenewView(_StoppingView):
    """« Préparer le renouvellement »: no transition, the entente itself does not move."""

    template_name = "corridors/admin/ending/renew.html"
    name, form_class = "terminate", RenewForm
    words = (
        "Une nouvelle entente, en brouillon, reprend les parties, le texte, les territoires, les contributions et des "
        "copies des corridors. Celle-ci continue sans changement."
    )

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.title = self.button = "Préparer le renouvellement"

    def refusal(self) -> str:
        try:
            policies.require(self.request.user, Action.RENEW, self.agreement, self.dossier.status)
        except PermissionDenied as error:
            return str(error)
        return ""

    def form(self, **kwargs: Any) -> forms.GestureForm:
        first, last = renewal.next_term(self.agreement)
        year = (first or self.dossier.day).year
        proposed = {"number": renewal.proposed_number(self.agreement, year), "starts_on": first, "ends_on": last}
        kwargs["initial"] = {**proposed, **kwargs.get("initial", {})}
        return super().form(**kwargs)

    def more(self) -> dict[str, Any]:
        return {"chain": [row for row in renewal.chain(self.agreement) if row.pk != self.agreement.pk]}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from wagtail.admin import messages

        if self.refusal():
            return self.get(request)
        form = self.form(data=request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            successor = renewal.renew(actor_of(request), self.agreement, **form.cleaned_data)
        except (Refused, PermissionDenied) as error:
            form.add_error(None, str(error))
            return self.page(form, 422)
        except ValidationError as error:
            form.add_error(None, [line for lines in error.message_dict.values() for line in lines])  # type: ignore[arg-type]
            return self.page(form, 422)
        messages.success(request, f"Le renouvellement est en préparation : {successor.number}.")
        return redirect(page_url(successor))


# --- On the entente's page --------------------------------------------------------------------------------------


class EndingPanel:
    """What comes after: a planned termination, the renewal, what depends on the entente."""

    template = "corridors/admin/ending/_panel.html"

    def __init__(self, planned: Any, links: list[tuple[str, str]]) -> None:
        self.planned, self.links = planned, links


def ending_panel(request: HttpRequest, context: dict[str, Any]) -> EndingPanel | None:
    """No SQL query."""
    agreement, dossier = context["agreement"], context["dossier"]
    planned = next((day for day, name in dossier.later() if name == "terminate"), None)
    links = []
    if context["may"]["RENEW"] and not context["successors"]:
        links.append(("Préparer le renouvellement", reverse("corridors_renew", args=[agreement.pk])))
    if dossier.status in _STOPS:
        links.append(("Ce qui en dépend", reverse("corridors_impact", args=[agreement.pk])))
    return EndingPanel(planned, links) if planned is not None or links else None
