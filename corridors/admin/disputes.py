"""« Mésentente » in the admin: raising one, following its steps, closing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms as django_forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from wagtail.admin import messages

from registry.dates import long_date

from .. import disputes, policies
from ..deadlines import at_the_latest
from ..disputes import Step
from ..enums import DayCount, DisputeStatus
from ..lifecycle import Refused
from ..models import Agreement, Dispute, ServiceCorridor
from ..policies import Action
from . import forms
from .ending import _StoppingView
from .gestures import EntenteView, actor_of
from .journey import page_url

Values = Mapping[str, Any]
_STEPS = 3  # asked when it is raised; others are added as it goes


def _days(label: str = "Délai (jours)", required: bool = False) -> django_forms.IntegerField:
    return django_forms.IntegerField(label=label, required=required, min_value=0, max_value=disputes.LONGEST)


def _count() -> django_forms.ChoiceField:
    return django_forms.ChoiceField(label="Comptés en", choices=DayCount.choices, initial=DayCount.BUSINESS)


class DisputeForm(forms.GestureForm):
    organization = django_forms.ChoiceField(label="Soulevée par")
    subject = django_forms.CharField(label="Objet", max_length=255)
    corridor = django_forms.ChoiceField(label="Corridor concerné", required=False)
    mechanism = forms.long_text("Mécanisme appliqué", help_text="Tel que l’entente l’écrit; précisez-le au besoin.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parties = self.agreement.parties.select_related("organization").order_by("sort_order")
        self.fields["organization"].choices = [  # type: ignore[attr-defined]
            (party.organization_id, str(party.organization)) for party in parties
        ]
        ways = ServiceCorridor.all_objects.filter(agreement=self.agreement).select_related("from_service", "to_service")
        self.fields["corridor"].choices = [  # type: ignore[attr-defined]
            ("", "Toute l’entente"), *((row.pk, str(row)) for row in ways.order_by("code"))
        ]  # fmt: skip
        for rank in range(1, _STEPS + 1):
            self.fields[f"step_{rank}"] = django_forms.CharField(
                label=f"Étape {rank}", max_length=255, required=rank == 1,
                help_text="Par exemple : rencontre des répondants." if rank == 1 else "",
            )  # fmt: skip
            self.fields[f"days_{rank}"] = _days(required=rank == 1)
            self.fields[f"count_{rank}"] = _count()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for rank in range(2, _STEPS + 1):
            if values.get(f"step_{rank}") and values.get(f"days_{rank}") is None:
                self.add_error(f"days_{rank}", "Indiquez le délai de cette étape.")
        return values

    def steps(self) -> list[Step]:
        values = self.cleaned_data
        return [
            Step(values[f"step_{rank}"], values[f"days_{rank}"], DayCount(values[f"count_{rank}"]))
            for rank in range(1, _STEPS + 1)
            if values[f"step_{rank}"]
        ]


class OpenDisputeView(_StoppingView):
    """« Ouvrir une mésentente »."""

    template_name = "corridors/admin/disputes/open.html"
    name, form_class = "dispute", DisputeForm
    words = (
        "Le mécanisme s’applique étape par étape, chacune à son délai. Les corridors restent offerts à l’orientation "
        "pendant ce temps."
    )

    def form(self, **kwargs: Any) -> forms.GestureForm:
        kwargs["initial"] = {"mechanism": disputes.mechanism_of(self.agreement), **kwargs.get("initial", {})}
        self.shown_form = super().form(**kwargs)
        return self.shown_form

    def perform(self, values: Values) -> str:
        party = next(item for item in self.dossier.parties if str(item.organization_id) == values["organization"])
        corridor = None
        if values["corridor"]:
            corridor = ServiceCorridor.all_objects.filter(pk=values["corridor"], agreement=self.agreement).first()
        assert isinstance(self.shown_form, DisputeForm)
        dispute = disputes.open_dispute(
            actor_of(self.request), self.agreement, organization=party.organization, subject=values["subject"],
            mechanism=values["mechanism"], steps=self.shown_form.steps(), corridor=corridor,
        )  # fmt: skip
        first = dispute.steps.all()[0]
        return f"La mésentente est ouverte. Première étape : {first.text}, {at_the_latest(first.due_on)}."


class StepDoneForm(django_forms.Form):
    done_on = forms.day_field("Faite le", required=True)
    outcome = django_forms.CharField(label="Ce qui en est sorti", max_length=255)


class AddStepForm(django_forms.Form):
    text = django_forms.CharField(label="Étape", max_length=255)
    days = _days(required=True)
    day_count = _count()


class CloseForm(django_forms.Form):
    settled = django_forms.ChoiceField(
        label="Issue", choices=[("oui", "Réglée"), ("non", "Close sans règlement")], widget=django_forms.RadioSelect
    )
    outcome = forms.long_text("Ce qui est convenu, ou pourquoi on s’arrête", help_text="Lu par toutes les parties.")


_FORMS: Mapping[str, type[django_forms.Form]] = {"etape": StepDoneForm, "ajouter": AddStepForm, "clore": CloseForm}


class DisputeView(EntenteView):
    """One dispute: its steps, their deadlines, what came out of them; while it is open, what may be written."""

    template_name = "corridors/admin/disputes/page.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = Dispute.all_objects.select_related("opened_by", "corridor", "agreement")
        self.dispute = get_object_or_404(rows, pk=kwargs["dispute"], agreement=self.agreement)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name = request.POST.get("do", "")
        if name not in _FORMS:
            return self.page(422)
        form = _FORMS[name](request.POST, prefix=name)
        if not form.is_valid():
            return self.page(422, **{name: form})
        try:
            said = self.perform(name, form.cleaned_data)
        except (Refused, PermissionDenied) as error:
            form.add_error(None, str(error))
            return self.page(422, **{name: form})
        messages.success(request, said)
        return redirect(request.path)

    def perform(self, name: str, values: Values) -> str:
        actor = actor_of(self.request)
        if name == "clore":
            settled = values["settled"] == "oui"
            disputes.close(actor, self.dispute, settled=settled, outcome=values["outcome"])
            return "La mésentente est réglée." if settled else "La mésentente est close sans règlement."
        if name == "ajouter":
            step = Step(values["text"], values["days"], DayCount(values["day_count"]))
            added = disputes.add_step(actor, self.dispute, step)
            return f"L’étape est ajoutée, {at_the_latest(added.due_on)}." if added.due_on else "L’étape est ajoutée."
        waiting = next((step for step in self.dispute.steps.all() if step.done_on is None), None)
        if waiting is None:
            raise Refused("Toutes les étapes sont faites : ajoutez-en une, ou closez la mésentente.")
        disputes.record_step(actor, self.dispute, waiting, outcome=values["outcome"], done_on=values["done_on"])
        return f"L’étape « {waiting.text} » est inscrite."

    def page(self, status: int = 200, **bound: django_forms.Form) -> HttpResponse:
        may = self.dispute.status == DisputeStatus.OPEN and policies.may(
            self.request.user, Action.REPORT_STEP, self.agreement, self.dossier.status
        )
        shown: dict[str, Any] = {
            "agreement": self.agreement, "dispute": self.dispute, "page_url": page_url(self.agreement),
            "page_title": f"Mésentente : {self.dispute.subject}", "steps": described(self.dispute), "may": may,
            "is_open": self.dispute.status == DisputeStatus.OPEN,
        }  # fmt: skip
        if may:
            step = bound.get("etape") or StepDoneForm(prefix="etape", initial={"done_on": timezone.localdate()})
            added = bound.get("ajouter") or AddStepForm(prefix="ajouter")
            closed = bound.get("clore") or CloseForm(prefix="clore")
            waits = any(item["next"] for item in shown["steps"])
            shown["gestures"] = [
                *([("etape", "Inscrire l’étape en cours", "Inscrire", step)] if waits else []),
                ("clore", "Clore la mésentente", "Clore", closed),
                ("ajouter", "Ajouter une étape", "Ajouter", added),
            ]
        return TemplateResponse(self.request, self.template_name, shown, status=status)


def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """« Clore la mésentente »: on the page of the dispute, where its outcome is written."""
    agreement = get_object_or_404(Agreement.all_objects, pk=pk)
    dispute = disputes.open_dispute_of(agreement)
    if dispute is None:
        return redirect(reverse(Agreement.snippet_viewset.get_url_name("transition"), args=[pk, "settle"]))
    return redirect(reverse("corridors_dispute", args=[pk, dispute.pk]) + "#clore")


def described(dispute: Dispute) -> list[dict[str, Any]]:
    """The steps, as the pages show them: what, by when, late or not, which one comes now."""
    today = timezone.localdate()
    found: list[dict[str, Any]] = []
    for step in dispute.steps.all():
        waiting = step.done_on is None
        found.append({
            "step": step,
            "deadline": at_the_latest(step.due_on) if step.due_on else "",
            "late": step.due_on is not None and (step.done_on or today) > step.due_on,
            "next": waiting and dispute.status == DisputeStatus.OPEN
            and not any(item["next"] for item in found),
            "done": "" if waiting else f"faite le {long_date(step.done_on)}",
        })  # fmt: skip
    return found


# --- On the entente's page --------------------------------------------------------------------------------------


class DisputesPanel:
    template = "corridors/admin/disputes/_panel.html"

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        self.lines = lines


def disputes_panel(request: HttpRequest, context: dict[str, Any]) -> DisputesPanel | None:
    """Two SQL queries; None for an entente that never had a dispute."""
    agreement = context["agreement"]
    rows = list(Dispute.all_objects.filter(agreement=agreement).select_related("opened_by").prefetch_related("steps"))
    lines = [
        {
            "dispute": row, "url": reverse("corridors_dispute", args=[agreement.pk, row.pk]),
            "next": next((item for item in described(row) if item["next"]), None),
        }
        for row in rows
    ]  # fmt: skip
    return DisputesPanel(lines) if lines else None
