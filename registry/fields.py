"""List-valued columns that both databases can filter: stored as « |a|b| », handled as a Python list."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models


class ListField(models.TextField):
    """An ordered list of short strings. Filter with ``__contains="|value|"`` (see `holds`)."""

    description = "Liste de valeurs"
    separator = "|"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    @classmethod
    def pack(cls, values: Iterable[str]) -> str:
        parts = [str(value).replace(cls.separator, "/") for value in values if str(value).strip()]
        return f"{cls.separator}{cls.separator.join(parts)}{cls.separator}" if parts else ""

    @classmethod
    def unpack(cls, packed: str) -> list[str]:
        return [part for part in packed.split(cls.separator) if part]

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> list[str]:
        return self.unpack(value or "")

    def to_python(self, value: Any) -> list[str]:
        if value is None:
            return []
        if isinstance(value, str):
            return self.unpack(value) if value.startswith(self.separator) else [value] if value.strip() else []
        return list(value)

    def get_prep_value(self, value: Any) -> str:
        return value if isinstance(value, str) else self.pack(value or [])

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> Any:
        return super(models.TextField, self).formfield(**{"form_class": LinesFormField, "widget": LinesInput, **kwargs})


def holds(value: str) -> str:
    """The `contains` operand that finds a list holding ``value``."""
    return f"|{value}|"


class ChoiceListField(ListField):
    """A list drawn from a closed vocabulary (`vocabulary`, a TextChoices)."""

    def __init__(self, *args: Any, vocabulary: type[models.TextChoices] | None = None, **kwargs: Any) -> None:
        self.vocabulary = vocabulary
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        # The vocabulary is not part of the column: a new term needs no migration.
        return name, path, args, kwargs

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if self.vocabulary is None:
            return
        unknown = [item for item in value if item not in self.vocabulary.values]
        if unknown:
            raise ValidationError(f"Valeur hors vocabulaire : {', '.join(unknown)}.", code="vocabulary")

    def formfield(self, **kwargs: Any) -> Any:
        if self.vocabulary is None:
            return super().formfield(**kwargs)
        options = {
            "form_class": forms.MultipleChoiceField,
            "choices": self.vocabulary.choices,
            "widget": forms.CheckboxSelectMultiple,
        }
        options.update(kwargs)
        return models.Field.formfield(self, **options)  # type: ignore[arg-type]


class LinesInput(forms.Textarea):
    """One value per line."""

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__({"rows": 3, **(attrs or {})})

    def format_value(self, value: Any) -> str:
        return "\n".join(value) if isinstance(value, (list, tuple)) else (value or "")


class LinesFormField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return list(value)
        return [line.strip() for line in (value or "").replace(";", "\n").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)
