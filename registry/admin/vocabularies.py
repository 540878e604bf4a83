"""« Vocabulaires »: territories and needs."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from .. import enums
from ..models import Need, Territory
from . import filters
from .listing import StatusColumn
from .panels import tabs
from .viewsets import RecordViewSet


class TerritoryFilterSet(filters.RecordFilterSet):
    kind = filters.select(enums.TerritoryKind.choices, "Type")

    class Meta:
        model = Territory
        fields: list[str] = []


class TerritoryViewSet(RecordViewSet):
    model = Territory
    icon = "globe"
    menu_label = "Territoires"
    menu_order = 100
    ordering = "code"
    search_fields = ("name", "code", "postal_prefixes")
    filterset_class = TerritoryFilterSet
    list_related = ("parent",)
    list_display = (
        "name",
        Column("code", label="Code", sort_key="code"),
        Column("kind", label="Type", accessor="get_kind_display", sort_key="kind"),
        Column("parent", label="Territoire parent", accessor=lambda row: row.parent or "", sort_key="parent__name"),
        Column("postal_prefixes", label="Codes postaux", accessor=lambda row: ", ".join(row.postal_prefixes)),
        Column("services", label="Services publiés", accessor="_services", sort_key="_services"),
        StatusColumn(),
    )
    export_filename = "territoires"
    export_columns = {
        "Code": "code",
        "Nom": "name",
        "Type": "kind",
        "Parent": lambda row: row.parent.code if row.parent else "",
        "Codes postaux": "postal_prefixes",
    }
    edit_handler = tabs(
        (
            "Territoire",
            [
                FieldRowPanel([FieldPanel("code"), FieldPanel("kind")]),
                FieldPanel("name"),
                FieldPanel("parent"),
                FieldPanel("postal_prefixes"),
            ],
        ),
    )

    def get_queryset(self, request: Any) -> QuerySet:
        live = Count("services", filter=Q(services__live=True))
        return super().get_queryset(request).annotate(_services=live)


class NeedFilterSet(filters.RecordFilterSet):
    parent = filters.related(
        lambda request: Need.all_objects.filter(children__isnull=False).distinct().order_by("term"), "Terme parent"
    )

    class Meta:
        model = Need
        fields: list[str] = []


class NeedViewSet(RecordViewSet):
    model = Need
    icon = "tag"
    menu_label = "Besoins"
    menu_order = 110
    ordering = "term"
    search_fields = ("term", "synonyms__text")
    filterset_class = NeedFilterSet
    list_related = ("parent",)
    list_prefetch = ("synonyms",)
    list_display = (
        "term",
        Column("parent", label="Terme parent", accessor=lambda row: row.parent or "", sort_key="parent__term"),
        Column(
            "synonyms", label="Se dit aussi", accessor=lambda row: " ; ".join(str(item) for item in row.synonyms.all())
        ),
        StatusColumn(),
    )
    export_filename = "besoins"
    export_columns = {
        "Terme": "term",
        "Terme parent": lambda row: row.parent or "",
        "Synonymes": lambda row: [str(item) for item in row.synonyms.all()],
    }
    edit_handler = tabs(
        (
            "Besoin",
            [
                FieldPanel("term"),
                FieldPanel("parent"),
                InlinePanel(
                    "synonyms",
                    [FieldRowPanel([FieldPanel("text"), FieldPanel("kind")])],
                    label="Expression",
                    heading="Se dit aussi",
                    help_text="Synonymes, sigles, mots de tous les jours, anciens termes : l’orientation les comprend.",
                ),
            ],
        ),
    )


class VocabularyGroup(SnippetViewSetGroup):
    items = (TerritoryViewSet, NeedViewSet)
    menu_label = "Vocabulaires"
    menu_name = "vocabulaires"
    menu_icon = "list-ul"
    menu_order = 120
