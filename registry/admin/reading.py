"""A record as pairs (label, value) in French: the preview, the consultation page."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.text import capfirst
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import get_all_child_relations

from .. import languages
from ..actions import ADDRESS_FIELDS
from ..fields import ChoiceListField, ListField
from ..models import Location, Record
from .listing import HIDDEN

# What Wagtail keeps for itself, and what is derived from another field.
_INTERNAL = frozenset(
    {
        "id", "live", "has_unpublished_changes", "first_published_at", "last_published_at", "live_revision",
        "go_live_at", "expire_at", "expired", "latest_revision", "locked", "locked_at", "locked_by", "hours_pattern",
    }
)  # fmt: skip
BLANK = "—"


def rows(record: Record) -> list[tuple[str, str]]:
    """Every field of the record, in the model's order; a blank one shows « — », a confidential address never shows."""
    hidden = ADDRESS_FIELDS if isinstance(record, Location) and record.is_confidential else ()
    pairs = [
        (str(capfirst(field.verbose_name)), HIDDEN if field.name in hidden else _text(record, field) or BLANK)
        for field in [*record._meta.fields, *record._meta.many_to_many]
        if field.name not in _INTERNAL
    ]
    for relation in get_all_child_relations(record):
        if relation.related_model._meta.model_name == "servicekeyword":
            continue
        children = [str(child) for child in getattr(record, relation.get_accessor_name()).all()]
        pairs.append((str(capfirst(relation.related_model._meta.verbose_name_plural)), " ; ".join(children) or BLANK))
    return pairs


def _text(record: Record, field: Any) -> str:
    if field.choices:
        return str(getattr(record, f"get_{field.name}_display")())
    if isinstance(field, ParentalManyToManyField):
        return " ; ".join(str(item) for item in getattr(record, field.name).all())
    if isinstance(field, models.ForeignKey):
        return str(getattr(record, field.name) or "")
    value = getattr(record, field.name)
    if isinstance(field, ListField):
        return " ; ".join(list_labels(field, value))
    if isinstance(field, models.BooleanField):
        return "Oui" if value else "Non"
    if hasattr(value, "all"):
        return " ; ".join(str(item) for item in value.all())
    return "" if value is None else str(value)


def list_labels(field: ListField, values: list[str]) -> list[str]:
    """The words that people read for a list's stored values: labels of a vocabulary, names of languages."""
    if isinstance(field, ChoiceListField) and field.vocabulary is not None:
        labels = dict(field.vocabulary.choices)
        return [str(labels.get(value, value)) for value in values]
    if field.name == "languages":
        return [languages.label(value) for value in values]
    return values
