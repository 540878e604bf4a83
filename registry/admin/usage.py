"""What uses a record, read from the database's own relations (Wagtail's reference index is not kept for records)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.text import capfirst
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.snippets.views import snippets as wagtail_views

from ..models import Record


@dataclass(frozen=True, slots=True)
class Reference:
    """One record that uses another: by which field, and whether that forbids deleting."""

    record: Record
    field: str
    protects: bool

    @property
    def kind(self) -> str:
        return str(capfirst(self.record._meta.verbose_name))

    @property
    def edit_url(self) -> str:
        return reverse(self.record.snippet_viewset.get_url_name("edit"), args=[self.record.pk])

    def __str__(self) -> str:
        return str(self.record)


def references_to(record: Record) -> Iterator[Reference]:
    """Every record that points at this one; a row inside another record (a need of a service) counts as that record."""
    for relation in record._meta.related_objects:
        field = relation.field
        if isinstance(field, ParentalKey) or not record.pk:
            continue  # a part of this very record
        rows = field.model._base_manager.filter(**{field.name: record.pk})
        owner = next((part for part in field.model._meta.fields if isinstance(part, ParentalKey)), None)
        if owner is not None:
            rows = rows.select_related(owner.name)
        for row in rows.order_by("pk"):
            user = getattr(row, owner.name) if owner is not None else row
            if isinstance(user, Record):
                yield Reference(user, str(capfirst(field.verbose_name)), _protects(field))


def _protects(field: Any) -> bool:
    return not isinstance(field, ParentalManyToManyField) and field.remote_field.on_delete is models.PROTECT


class Usage:
    """What Wagtail's confirmation pages ask: how many, and do they forbid it."""

    def __init__(self, record: Record) -> None:
        self.references = list(references_to(record))

    def count(self) -> int:
        return len(self.references)

    @property
    def is_protected(self) -> bool:
        return any(reference.protects for reference in self.references)


class RecordUsageView(wagtail_views.UsageView):
    """« Utilisation »: which records use this one."""

    permission_required = "view"

    def get_queryset(self) -> list[Reference]:
        return list(references_to(self.object))

    @property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("name", label="Nom", accessor=str, get_url=lambda reference: reference.edit_url),
            Column("kind", label="Fiche", accessor="kind"),
            Column("field", label="Champ", accessor="field"),
            Column("protects", label="Suppression", accessor=lambda row: "empêchée" if row.protects else "permise"),
        ]

    def get_table(self, object_list: Any, **kwargs: Any) -> Any:
        # Past Wagtail's own rows, which it builds from the reference index.
        return BaseListingView.get_table(self, object_list, **kwargs)
