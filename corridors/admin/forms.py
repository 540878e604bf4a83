"""What people fill in to do something to an entente, outside the form of its text."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from .. import clause_templates, conformity, files, policies
from ..enums import CheckKind, DocumentKind
from ..lifecycle import REASON_LENGTH, Transition
from ..models import Agreement, Clause, ClauseTemplate


def day_field(label: str, required: bool = False, help_text: str = "") -> forms.DateField:
    """A date, with the browser's own calendar; typed as 2026-11-21."""
    return forms.DateField(
        label=label, required=required, help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


def long_text(label: str, required: bool = True, help_text: str = "", **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, help_text=help_text, max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4}), **kwargs,
    )  # fmt: skip


def file_field(label: str, required: bool = True) -> forms.FileField:
    return forms.FileField(
        label=label, required=required, validators=[files.check_upload],
        help_text=f"{files.ACCEPTED_WORDS}, {files.MAX_MB}\u00a0Mo au plus.",
        widget=forms.ClearableFileInput(attrs={"accept": files.ACCEPTED}),
        error_messages={"empty": "Ce fichier est vide : choisissez-en un autre."},
    )  # fmt: skip


class GestureForm(forms.Form):
    """`agreement` is the entente that it is about."""

    required_css_class = "required"

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agreement = agreement


class TransitionForm(GestureForm):
    """What one transition of the life asks of whoever does it."""

    def __init__(self, *args: Any, transition: Transition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = _ASKED.get(transition.name, {})
        if transition.needs_reason and "reason" not in fields:
            self.fields["reason"] = long_text(
                "Motif", help_text="Inscrit au journal et lu par toutes les parties.", min_length=REASON_LENGTH,
                error_messages={"min_length": "Écrivez le motif en quelques mots."},
            )  # fmt: skip
        for name, make in fields.items():
            self.fields[name] = make()


_ASKED: dict[str, dict[str, Any]] = {
    "suspend": {"effective_on": lambda: day_field("À compter du", help_text="Vide : dès aujourd’hui.")},
    "resume": {"effective_on": lambda: day_field("À compter du", help_text="Vide : dès aujourd’hui.")},
    "terminate": {
        "notice_given_on": lambda: day_field("Avis donné le", required=True),
        "effective_on": lambda: day_field("Prend fin le", required=True),
        "document": lambda: file_field("Avis de résiliation"),
    },
    "dispute": {
        "mechanism": lambda: long_text("Mécanisme appliqué"),
        "step": lambda: forms.CharField(label="Première étape", max_length=255),
        "deadline": lambda: day_field("Au plus tard le", required=True),
    },
    "settle": {"outcome": lambda: long_text("Issue", required=False)},
}


class DocumentForm(GestureForm):
    kind = forms.ChoiceField(label="Nature", choices=DocumentKind.choices, initial=DocumentKind.ANNEX)
    label = forms.CharField(
        label="Intitulé", max_length=200, required=False, help_text="Comme il doit se lire dans la liste."
    )
    file = file_field("Fichier")


class WaiverForm(GestureForm):
    rule = forms.ChoiceField(label="Règle")
    justification = long_text(
        "Pourquoi cette règle ne s’applique pas ici",
        help_text="Votre nom, la date et cette justification restent au dossier.", min_length=20,
        error_messages={"min_length": "Justifiez en une phrase complète (au moins vingt caractères)."},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        granted = set(self.agreement.waivers.values_list("rule", flat=True))
        self.fields["rule"].choices = [  # type: ignore[attr-defined]
            (rule, f"{rule}, {name}") for rule, name in conformity.RULE_NAMES.items() if rule not in granted
        ]


class CheckForm(GestureForm):
    kind = forms.ChoiceField(label="Objet", choices=CheckKind.choices)
    checked_on = day_field("Vérifié le", required=True)
    checked_by = forms.CharField(label="Par", max_length=200)
    note = long_text("Constat", required=False)

    def clean_checked_on(self) -> Any:
        day = self.cleaned_data["checked_on"]
        if day > timezone.localdate():
            raise ValidationError("Une vérification ne peut pas être datée de l’avenir.")
        return day


class CommentForm(GestureForm):
    clause = forms.ChoiceField(label="Clause", required=False)
    text = long_text("Commentaire", help_text="Partagé avec toutes les parties. N’y nommez aucune personne aidée.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clauses = [
            (str(clause.key), f"{number}. {clause.title}")
            for number, clause in enumerate(Clause.objects.filter(agreement=self.agreement).order_by("sort_order"), 1)
        ]
        self.fields["clause"].choices = [("", "Toute l’entente"), *clauses]  # type: ignore[attr-defined]


class ProposalForm(GestureForm):
    summary = forms.CharField(
        label="Ce qui change, en quelques mots", max_length=300, required=False,
        help_text="Lu par l’autre partie en tête de la version. La comparaison mot à mot se fait d’elle-même.",
    )  # fmt: skip


class SignatoryForm(GestureForm):
    organization = forms.ChoiceField(label="Partie")
    name = forms.CharField(label="Nom", max_length=200)
    title = forms.CharField(label="Titre ou fonction", max_length=200, required=False)
    email = forms.EmailField(
        label="Courriel", required=False, help_text="Où son lien personnel sera envoyé. Vide : signature sur papier."
    )
    order = forms.IntegerField(
        label="Rang", min_value=1, max_value=20, initial=1,
        help_text="Les signataires d’un même rang signent en même temps; les suivants attendent.",
    )  # fmt: skip
    on_behalf_of = forms.CharField(label="Signe au nom de", max_length=200, required=False)
    mandate = long_text("En vertu de quel mandat", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].choices = [  # type: ignore[attr-defined]
            (party.organization_id, str(party.organization)) for party in self.agreement.parties.all()
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("on_behalf_of") and not values.get("mandate"):
            self.add_error("mandate", "Écrivez le mandat : résolution, délégation, date.")
        return values


def signatory_choices(agreement: Agreement) -> list[tuple[int, str]]:
    """Those who sign the entente itself, as choices of a form."""
    people = agreement.signatories.filter(amendment__isnull=True, removed_at__isnull=True)
    return [(person.pk, f"{person} ({person.organization})") for person in people.select_related("organization")]


class PaperForm(GestureForm):
    signatory = forms.ChoiceField(label="Signataire")
    signed_on = day_field("Signée le", required=True)
    file = file_field("Papier numérisé")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signatory"].choices = signatory_choices(self.agreement)  # type: ignore[attr-defined]


class ClauseTemplatesForm(GestureForm):
    templates = forms.ModelMultipleChoiceField(
        label="Clauses à ajouter", queryset=ClauseTemplate.objects.none(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une clause."},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = clause_templates.for_agreement(self.agreement)
        missing = clause_templates.missing_from(self.agreement, offered)
        field = self.fields["templates"]
        keys = [template.pk for template in offered]
        field.queryset = ClauseTemplate.objects.filter(pk__in=keys)  # type: ignore[attr-defined]
        field.choices = [(template.pk, f"{template.title} : {template.text}") for template in offered]  # type: ignore[attr-defined]
        field.initial = [template.pk for template in missing]


class AcceptForm(GestureForm):
    """`version` travels with the page: what is accepted is what was read."""

    organization = forms.ChoiceField(label="Au nom de")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, version: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = version.pk if version is not None else None
        self.fields["organization"].choices = [  # type: ignore[attr-defined]
            (party.organization_id, str(party.organization))
            for party in self.agreement.parties.all()
            if policies.answers_for(user, party.organization_id, self.agreement)
        ]


class ResolveForm(GestureForm):
    comment = forms.IntegerField(widget=forms.HiddenInput)
