"""Working on the copy of an amendment: one form per kind, limited to the fields of that kind.

The form only proposes: `corridors.amendments.edit` compares the terms it gives with the entente's, and refuses others.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.forms.formsets import BaseFormSet

from registry.enums import DelayUnit, Program
from registry.models import Organization, Service, Territory

from ..canonical import Terms, canonical
from ..enums import AmendmentKind, ClauseKind, Direction, Modality, PartyRole, Recurrence, RenewalKind
from ..models import Amendment, ServiceCorridor
from ..renewal import next_corridor_numbers
from .forms import day_field

_BLANK = [("", "—")]


def _text(label: str, rows: int = 4, required: bool = False, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, help_text=help_text, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": rows}),
    )  # fmt: skip


class HeadForm(forms.Form):
    """What an amendment says of itself."""

    title = forms.CharField(label="Titre", max_length=255, help_text="Ce que l’avenant change, en quelques mots.")
    reason = _text("Motif", 2)
    effective_on = day_field("En vigueur le", help_text="Vide : dès que tout le monde a signé.")


class OpeningForm(HeadForm):
    kind = forms.ChoiceField(
        label="Objet de l’avenant", choices=AmendmentKind.choices, widget=forms.RadioSelect,
        help_text="Un avenant ne touche qu’à un objet : le reste de l’entente ne bouge pas.",
    )  # fmt: skip

    field_order = ("kind", "title", "reason", "effective_on")


# --- One value per field ----------------------------------------------------------------------------------------


class TermsForm(forms.Form):
    """A form whose fields are terms of the entente."""

    template = "corridors/admin/amendments/_fields.html"

    def __init__(self, amendment: Amendment, data: Any = None) -> None:
        super().__init__(data, initial={name: amendment.terms.get(name) for name in self.base_fields}, prefix="terms")
        self.amendment = amendment

    def terms(self) -> Terms:
        """The terms as filled in. Call it once the form is valid."""
        return {name: canonical(value) for name, value in self.cleaned_data.items()}


class DurationForm(TermsForm):
    ends_on = day_field("Échéance", help_text="Jour inclus. Vide : sans terme.")
    renewal = forms.ChoiceField(label="Renouvellement", required=False, choices=[*_BLANK, *RenewalKind.choices])
    renewal_months = forms.IntegerField(label="Période de renouvellement (mois)", min_value=1, max_value=240)
    notice_days = forms.IntegerField(label="Préavis (jours)", required=False, min_value=0, max_value=3650)


class MechanismsForm(TermsForm):
    referral_mechanism = _text("Mécanisme de référence")
    dispute_mechanism = _text("Règlement des mésententes")
    information_exchange = _text("Échange d’information")


class ScopeForm(TermsForm):
    object = _text("Objet")
    modalities = forms.MultipleChoiceField(
        label="Modalités", required=False, choices=Modality.choices, widget=forms.CheckboxSelectMultiple
    )
    programs = forms.MultipleChoiceField(
        label="Programmes-services", choices=Program.choices, widget=forms.CheckboxSelectMultiple
    )
    territories = forms.MultipleChoiceField(label="Territoires", widget=forms.CheckboxSelectMultiple)

    def __init__(self, amendment: Amendment, data: Any = None) -> None:
        super().__init__(amendment, data)
        places = Territory.all_objects.order_by("name").values_list("code", "name")
        self.fields["territories"].choices = list(places)  # type: ignore[attr-defined]

    def terms(self) -> Terms:
        found = super().terms()
        return {**found, **{name: sorted(found[name]) for name in ("modalities", "programs", "territories")}}


# --- Lists ------------------------------------------------------------------------------------------------------


class RowForm(forms.Form):
    """One element of a list of the terms. `options`: choices that depend on the entente."""

    use_required_attribute = False

    def __init__(self, *args: Any, options: Mapping[str, list[tuple[str, str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in options.items():
            if name in self.fields:
                self.fields[name].choices = choices  # type: ignore[attr-defined]


class PartyRow(RowForm):
    organization = forms.ChoiceField(label="Organisme")
    role = forms.ChoiceField(label="Rôle", choices=PartyRole.choices, initial=PartyRole.PARTNER)
    mandate = _text("Mandat", 2)


class ClauseRow(RowForm):
    key = forms.CharField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(label="Titre", max_length=200)
    kind = forms.ChoiceField(label="Genre", choices=ClauseKind.choices, initial=ClauseKind.FREE)
    text = _text("Texte", 6, required=True)
    frequency = forms.ChoiceField(
        label="Fréquence des rencontres", required=False, choices=[*_BLANK, *Recurrence.choices]
    )


class ContributionRow(RowForm):
    party = forms.ChoiceField(label="Partie")
    text = _text("Contribution attendue", 2, required=True)
    due_on = day_field("Échéance")
    recurrence = forms.ChoiceField(label="Fréquence", required=False, choices=[*_BLANK, *Recurrence.choices])


class CorridorRow(RowForm):
    code = forms.CharField(required=False, widget=forms.HiddenInput)
    from_service = forms.ChoiceField(label="De")
    to_service = forms.ChoiceField(label="Vers")
    direction = forms.ChoiceField(label="Direction", choices=Direction.choices)
    criteria = _text("Critères", 3)
    urgent_delay = forms.IntegerField(label="Délai urgent", required=False, min_value=0)
    urgent_unit = forms.ChoiceField(label="Unité", choices=DelayUnit.choices, initial=DelayUnit.HOURS)
    priority_delay = forms.IntegerField(label="Délai prioritaire", required=False, min_value=0)
    priority_unit = forms.ChoiceField(label="Unité", choices=DelayUnit.choices, initial=DelayUnit.CALENDAR_DAYS)
    regular_delay = forms.IntegerField(label="Délai régulier", required=False, min_value=0)
    regular_unit = forms.ChoiceField(label="Unité", choices=DelayUnit.choices, initial=DelayUnit.CALENDAR_DAYS)
    return_path = _text("Retour en première ligne", 2)
    follow_through = _text("Suivi de la référence", 2)
    registration_procedure = _text("Enregistrement des clientèles vulnérables", 2)
    fallback = forms.ChoiceField(label="Corridor de relève", required=False)


class ListForm:
    """The rows of one list, with some blank ones to add to it; a box takes a row away. Works without JavaScript."""

    template = "corridors/admin/amendments/_rows.html"
    row: type[RowForm]
    term = ""
    heading = ""
    ordered = False
    blank = 2

    def __init__(self, amendment: Amendment, data: Any = None) -> None:
        self.amendment = amendment
        factory = forms.formset_factory(
            self.row, formset=BaseFormSet, extra=self.blank, can_delete=True, can_order=self.ordered, max_num=200,
            absolute_max=210,
        )  # fmt: skip
        self.formset = factory(
            data, initial=list(amendment.terms[self.term]), prefix="terms", form_kwargs={"options": self.options()},
            error_messages={"missing_management_form": "La page a expiré : rechargez-la, puis recommencez."},
        )  # fmt: skip
        for form in self.formset.forms:
            form.fields["DELETE"].label = "Retirer"
            if self.ordered:
                form.fields["ORDER"].label = "Place"

    def options(self) -> dict[str, list[tuple[str, str]]]:
        return {}

    def is_valid(self) -> bool:
        return bool(self.formset.is_valid())

    def rows(self) -> Iterator[dict[str, Any]]:
        """What was filled in, without the rows taken away, in the order asked."""
        forms_ = self.formset.ordered_forms if self.ordered else self.formset.forms
        for form in forms_:
            values = dict(form.cleaned_data) if form.has_changed() or form.initial else {}
            if values and not values.pop("DELETE", False):
                values.pop("ORDER", None)
                yield canonical(values)

    def terms(self) -> Terms:
        return {self.term: list(self.rows())}


class PartiesForm(ListForm):
    row, term, heading, ordered, blank = PartyRow, "parties", "Partie", True, 1

    def options(self) -> dict[str, list[tuple[str, str]]]:
        names = Organization.all_objects.order_by("name").values_list("code", "name")
        return {"organization": [*_BLANK, *names]}


class ClausesForm(ListForm):
    row, term, heading, ordered = ClauseRow, "clauses", "Clause", True

    def terms(self) -> Terms:
        return {self.term: [{**item, "key": item["key"] or str(uuid.uuid4())} for item in self.rows()]}


class ContributionsForm(ListForm):
    row, term, heading = ContributionRow, "obligations", "Contribution"

    def options(self) -> dict[str, list[tuple[str, str]]]:
        codes = [party["organization"] for party in self.amendment.terms["parties"]]
        names = Organization.all_objects.filter(code__in=codes).order_by("name").values_list("code", "name")
        return {"party": [*_BLANK, *names]}


class CorridorsForm(ListForm):
    row, term, heading, blank = CorridorRow, "corridors", "Corridor", 1

    def options(self) -> dict[str, list[tuple[str, str]]]:
        terms = self.amendment.terms
        parties = [party["organization"] for party in terms["parties"]]
        ends = [corridor[end] for corridor in terms["corridors"] for end in ("from_service", "to_service")]
        services = Service.all_objects.filter(Q(organization__code__in=parties) | Q(code__in=ends))
        named = [
            (code, f"{name} ({owner})")
            for code, name, owner in services.order_by("name", "code").values_list("code", "name", "organization__name")
        ]
        ways = ServiceCorridor.all_objects.order_by("code").values_list(
            "code", "from_service__name", "to_service__name"
        )
        known = [(code, f"{code}, {start} → {end}") for code, start, end in ways]
        new = [(item["code"], item["code"]) for item in terms["corridors"] if item["code"] not in dict(known)]
        service_choices = [*_BLANK, *named]
        return {"from_service": service_choices, "to_service": service_choices, "fallback": [*_BLANK, *known, *new]}

    def terms(self) -> Terms:
        """A new corridor takes the next code that neither a corridor nor another amendment of this entente holds."""
        numbers = next_corridor_numbers()
        others = Amendment.all_objects.filter(agreement=self.amendment.agreement).values_list("terms", flat=True)
        taken = {item["code"] for terms in others for item in terms.get("corridors", ())}
        free = (code for number in numbers if (code := f"COR{number:03d}") not in taken)
        found = [{**item, "code": item["code"] or next(free)} for item in self.rows()]
        return {self.term: sorted(found, key=lambda item: item["code"])}


FORMS: Mapping[AmendmentKind, type[TermsForm] | type[ListForm]] = {
    AmendmentKind.DURATION: DurationForm,
    AmendmentKind.CORRIDORS: CorridorsForm,
    AmendmentKind.MECHANISMS: MechanismsForm,
    AmendmentKind.PARTIES: PartiesForm,
    AmendmentKind.SCOPE: ScopeForm,
    AmendmentKind.CLAUSES: ClausesForm,
    AmendmentKind.CONTRIBUTIONS: ContributionsForm,
}


def form_for(amendment: Amendment, data: Any = None) -> TermsForm | ListForm:
    """The form of this amendment's kind, filled with its copy."""
    return FORMS[AmendmentKind(amendment.kind)](amendment, data)
