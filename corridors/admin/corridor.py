"""« Corridors de services »: the list and the form."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column

from registry.admin import filters
from registry.admin.listing import ClippedColumn, RecordIndexView, StatusColumn
from registry.admin.panels import tabs
from registry.admin.viewsets import RecordViewSet

from .. import enums, overview
from ..models import ServiceCorridor
from .sealed import CorridorForm
from .standing import status_tag


class CorridorFilterSet(filters.RecordFilterSet):
    direction = filters.select(enums.Direction.choices, "Direction")
    heures = filters.select(filters.HOURS_CHOICES, "Disponibilité", filters.by_hours)
    releve = filters.select(
        [("sans", "Sans corridor de relève"), ("avec", "Avec")],
        "Relève",
        lambda queryset, name, value: queryset.filter(fallback__isnull=value == "sans"),
    )
    entente = filters.select(
        [*((key, label) for key, (label, _) in overview.GROUPS.items()), *enums.AgreementStatus.choices],
        "Statut de l’entente",
        lambda queryset, name, value: queryset.filter(
            agreement_id__in=overview.keys(overview.standings(), overview.with_status(value))
        ),
    )  # fmt: skip

    class Meta:
        model = ServiceCorridor
        fields: list[str] = []


class CorridorIndexView(RecordIndexView):
    """Rows that carry where their entente stands today. One SQL query for a page."""

    def paginate_queryset(self, queryset: QuerySet, page_size: int) -> Any:
        paginator, page, rows, others = super().paginate_queryset(queryset, page_size)
        listed = list(rows)
        found = overview.standings_of({row.agreement_id for row in listed})
        for row in listed:
            row.standing = found[row.agreement_id]
        return paginator, page, listed, others


def _delay(name: str) -> Any:
    def text(row: ServiceCorridor) -> str:
        value = getattr(row, f"{name}_delay")
        return "" if value is None else f"{value} {getattr(row, f'get_{name}_unit_display')()}"

    return text


class CorridorViewSet(RecordViewSet):
    model = ServiceCorridor
    icon = "redirect"
    menu_label = "Corridors de services"
    menu_order = 110
    code_pattern = ("COR", 3)
    ordering = "code"
    search_fields = (
        "code", "agreement__number", "agreement__title", "from_service__name", "from_service__organization__name",
        "to_service__name", "to_service__organization__name",
    )  # fmt: skip
    filterset_class = CorridorFilterSet
    index_view_class = CorridorIndexView
    list_related = ("agreement", "from_service", "to_service")
    list_display = (
        "code",
        ClippedColumn("from_service", label="De", sort_key="from_service__name", length=40),
        ClippedColumn("to_service", label="Vers", sort_key="to_service__name", length=40),
        Column("direction", label="Direction", accessor="get_direction_display"),
        Column("agreement", label="Entente", accessor="agreement.number", sort_key="agreement__number"),
        Column("agreement_status", label="Statut de l’entente", accessor=lambda row: status_tag(row.standing.status)),
        Column("urgent", label="Urgent", accessor=_delay("urgent")),
        StatusColumn(),
    )
    export_filename = "corridors"
    export_prefetch = ("mechanisms", "fallback")
    export_columns = {
        "Code": "code",
        "Entente": lambda row: row.agreement.number,
        "Service d’origine": lambda row: row.from_service,
        "Service de destination": lambda row: row.to_service,
        "Direction": "direction",
        "Critères": "criteria",
        "Mécanismes": lambda row: [str(item) for item in row.mechanisms.all()],
        "Délai urgent": _delay("urgent"),
        "Délai prioritaire": _delay("priority"),
        "Délai régulier": _delay("regular"),
        "Contact de liaison": "liaison_contact",
        "Disponibilité": "hours",
        "Retour en première ligne": "return_path",
        "Suivi de la référence": "follow_through",
        "Corridor de relève": lambda row: row.fallback.code if row.fallback else "",
    }
    edit_handler = tabs(
        (
            "Corridor",
            [
                FieldPanel("code"),
                FieldPanel("agreement"),
                FieldPanel("from_service"),
                FieldPanel("to_service"),
                FieldPanel("direction"),
                FieldPanel("criteria", help_text="Qui peut être référé par ce corridor, et qui ne le peut pas."),
                MultiFieldPanel(
                    [
                        FieldRowPanel([FieldPanel("urgent_delay"), FieldPanel("urgent_unit")]),
                        FieldRowPanel([FieldPanel("priority_delay"), FieldPanel("priority_unit")]),
                        FieldRowPanel([FieldPanel("regular_delay"), FieldPanel("regular_unit")]),
                    ],
                    heading="Délais convenus",
                ),
            ],
        ),
        (
            "Comment référer",
            [
                InlinePanel(
                    "mechanisms",
                    [
                        FieldPanel("label"),
                        FieldRowPanel([FieldPanel("channel"), FieldPanel("phone")]),
                        FieldRowPanel([FieldPanel("form_url"), FieldPanel("hours")]),
                        FieldPanel("to_have"),
                        FieldPanel("consent"),
                        FieldPanel("confirmed_on"),
                    ],
                    label="Mécanisme",
                    heading="Mécanismes de référence",
                ),
                FieldPanel("liaison_contact"),
                FieldPanel("hours", help_text="Quand le corridor répond : « Lun-Ven 8h30-16h30 », « 24/7 »."),
            ],
        ),
        (
            "Ensuite",
            [
                FieldPanel("return_path"),
                FieldPanel("follow_through"),
                FieldPanel("registration_procedure"),
                FieldPanel("fallback", help_text="Où référer quand ce corridor est plein, fermé ou suspendu."),
            ],
        ),
        form=CorridorForm,
    )
