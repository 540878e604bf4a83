"""Forms of the admin: what the models' own form fields do not say well enough."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, QuerySet, Value, When
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.widgets import AdminTagWidget

from .. import languages
from ..actions import ADDRESS_FIELDS
from ..enums import Clientele
from ..fields import LinesInput
from ..models import Location

# Past this many places, a service's form offers those of its own organization only.
_PLACES_SHOWN = 1_000


class KeywordInput(AdminTagWidget):
    """Wagtail's tags, whose field to type in has no name of its own: it says what it takes."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        given = context["widget"]["attrs"]
        options = json.loads(given["data-w-tag-options-value"]) | {"placeholderText": "Ajouter un mot-clé"}
        given["data-w-tag-options-value"] = json.dumps(options)
        return context


class LanguagesField(forms.Field):
    """Languages as people write them, one per line; kept as ISO codes. An unknown name is refused."""

    widget = LinesInput

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(languages.label(code) for code in value) if isinstance(value, (list, tuple)) else value

    def to_python(self, value: Any) -> list[str]:
        if isinstance(value, (list, tuple)):
            return list(value)
        names = [name.strip() for name in (value or "").replace(";", "\n").replace(",", "\n").splitlines()]
        codes = {name: languages.to_code(name) for name in names if name}
        unknown = [name for name, code in codes.items() if code is None]
        if unknown:
            raise ValidationError(
                f"Langue inconnue : {', '.join(unknown)}. Écrivez son nom en français, une langue par ligne.",
                code="language",
            )
        return list(dict.fromkeys(code for code in codes.values() if code))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


_LANGUAGES_HELP = "Une langue par ligne : français, anglais, innu, LSQ…"


class PlacesField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        where = f", {obj.municipality}" if obj.municipality else ""
        return f"{obj.name}{where} ({obj.code})"


class OrganizationForm(WagtailAdminModelForm):
    languages = LanguagesField(label="Langues", required=False, help_text=_LANGUAGES_HELP)


class ServiceForm(WagtailAdminModelForm):
    languages = LanguagesField(label="Langues", required=False, help_text=_LANGUAGES_HELP)
    clientele = forms.MultipleChoiceField(
        label="Clientèle", required=False, widget=forms.CheckboxSelectMultiple, help_text="Rien de coché : à vérifier."
    )
    locations = PlacesField(
        label="Lieux",
        required=False,
        queryset=Location.all_objects.none(),
        help_text="Les lieux de l’organisme d’abord. Aucun : le service se donne à distance ou partout.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "clientele" in self.fields:
            # Words of an imported file that are not in the vocabulary stay, unless somebody unticks them.
            words = dict.fromkeys([*Clientele.labels, *(self.instance.clientele or [])])
            self.fields["clientele"].choices = [(word, word) for word in words]  # type: ignore[attr-defined]
        if "locations" in self.fields:
            self.fields["locations"].queryset = self._places()  # type: ignore[attr-defined]

    def _places(self) -> QuerySet:
        organization = (self.data.get("organization") if self.is_bound else None) or self.instance.organization_id
        places = Location.all_objects.order_by("name", "code")
        if not str(organization or "").isdigit():
            return places[:0] if places.count() > _PLACES_SHOWN else places
        own = When(organization_id=organization, then=Value(0))
        if Location.all_objects.count() > _PLACES_SHOWN:
            chosen = [place.pk for place in self.instance.locations.all()]
            places = Location.all_objects.filter(organization_id=organization) | Location.all_objects.filter(
                pk__in=chosen
            )
        return places.order_by(Case(own, default=Value(1)), "name", "code")


class LocationForm(WagtailAdminModelForm):
    """The address of a confidential place is not in this form: it has a page of its own, where each opening is kept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hidden_address: dict[str, Any] | None = None
        if self.instance.pk is not None:
            # Becoming confidential, or ceasing to be, is an act of its own (page « Adresse confidentielle »).
            self.fields.pop("is_confidential", None)
            if self.instance.is_confidential:
                for name in ADDRESS_FIELDS:
                    self.fields.pop(name, None)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("is_confidential"):
            # Before the model blanks them: the create view hands them over to the confidential address.
            self.hidden_address = {name: values.get(name) for name in ADDRESS_FIELDS}
        if (values.get("latitude") is None) != (values.get("longitude") is None):
            self.add_error("longitude", "Donnez la latitude et la longitude, ou aucune des deux.")
        for name, limit in (("latitude", 90), ("longitude", 180)):
            if values.get(name) is not None and abs(values[name]) > limit:
                self.add_error(name, f"Degrés attendus, entre −{limit} et {limit}.")
        return values


class RevealForm(forms.Form):
    justification = forms.CharField(
        label="Pourquoi l’adresse doit être ouverte",
        min_length=10,
        max_length=1_000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        help_text="Votre nom, la date et ce motif sont conservés et visibles des gestionnaires. "
        "N’y écrivez pas l’adresse ni rien qui identifie la personne aidée.",
        error_messages={"min_length": "Écrivez une phrase complète (au moins dix caractères)."},
    )


class Unechoed(forms.TextInput):
    """A text box that never shows again what was typed in it, not even beside an error."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", "spellcheck": "false", **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class HiddenAddressForm(forms.Form):
    """A new confidential address, written without seeing the old one. A blank field leaves what is there."""

    address = forms.CharField(label="Adresse", max_length=255, required=False, widget=Unechoed)
    postal_code = forms.CharField(
        label="Code postal", max_length=7, required=False, widget=Unechoed, help_text="Par exemple G1K 0G9."
    )
    latitude = forms.DecimalField(
        label="Latitude", min_value=-90, max_value=90, max_digits=9, decimal_places=6, required=False, widget=Unechoed
    )
    longitude = forms.DecimalField(
        label="Longitude",
        min_value=-180,
        max_value=180,
        max_digits=9,
        decimal_places=6,
        required=False,
        widget=Unechoed,
    )

    def clean_postal_code(self) -> str:
        from .. import postal_codes

        value = self.cleaned_data["postal_code"]
        if value and not postal_codes.is_valid(value):
            raise ValidationError("Ce n’est pas un code postal canadien : écrivez-le comme G1K 0G9.")
        return value

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not any(value not in (None, "") for value in values.values()):
            raise ValidationError("Remplissez au moins un champ : un champ vide laisse la valeur actuelle.")
        return values
