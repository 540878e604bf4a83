"""« Clauses types »: the list and the form of standard clauses, and the way to them from the form of an entente."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from wagtail.admin.panels import FieldPanel, FieldRowPanel, Panel
from wagtail.admin.ui.tables import Column

from registry.admin import filters
from registry.admin.listing import ClippedColumn, StatusColumn
from registry.admin.panels import tabs
from registry.admin.viewsets import RecordViewSet

from .. import enums
from ..models import Agreement, ClauseTemplate


def _types(template: ClauseTemplate) -> str:
    """The kinds of ententes that begin with it, in words."""
    labels = dict(enums.InstrumentType.choices)
    return ", ".join(str(labels.get(value, value)) for value in template.instrument_types) or "tous les types"


class ClauseTemplateFilterSet(filters.RecordFilterSet):
    kind = filters.select(enums.ClauseKind.choices, "Genre")
    instrument_types = filters.holding(enums.InstrumentType, "Type d’entente")

    class Meta:
        model = ClauseTemplate
        fields: list[str] = []


class ClauseTemplateViewSet(RecordViewSet):
    model = ClauseTemplate
    icon = "list-ol"
    menu_label = "Clauses types"
    menu_order = 130
    ordering = "position"
    search_fields = ("code", "title", "text")
    filterset_class = ClauseTemplateFilterSet
    list_display = (
        "title",
        Column("position", label="Place", sort_key="position"),
        Column("kind", label="Genre", accessor="get_kind_display", sort_key="kind"),
        ClippedColumn("types", label="Types d’entente", accessor=_types, length=60),
        Column("code", label="Code", sort_key="code"),
        StatusColumn(),
    )
    export_filename = "clauses-types"
    export_columns = {
        "Code": "code",
        "Titre": "title",
        "Genre": "kind",
        "Texte": "text",
        "Fréquence": "frequency",
        "Types d’entente": _types,
        "Place": "position",
    }
    edit_handler = tabs(
        (
            "Clause type",
            [
                FieldRowPanel([FieldPanel("code"), FieldPanel("position")]),
                FieldPanel("title"),
                FieldPanel("kind", help_text="Les règles de conformité cherchent les clauses par leur genre."),
                FieldPanel("text"),
                FieldPanel("frequency"),
                FieldPanel("instrument_types"),
            ],
        ),
    )


class StandardClausesNotice(Panel):
    """In the form of an entente: the page where its text begins with the standard clauses."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "corridors/admin/standard_clauses_notice.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            context["url"] = ""
            if self.instance.pk is not None:
                name = Agreement.snippet_viewset.get_url_name("gesture")
                context["url"] = reverse(name, args=[self.instance.pk, "clauses-types"])
            return context
