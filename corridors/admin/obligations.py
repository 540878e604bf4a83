"""« Obligations »: the list and the form of the contributions that parties owe."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import Column

from registry.admin import filters
from registry.admin.listing import ClippedColumn, DateCell, StatusColumn
from registry.admin.panels import tabs
from registry.admin.viewsets import RecordViewSet

from .. import enums
from ..models import Obligation
from .sealed import ObligationForm


def _late(queryset: QuerySet, name: str, value: str) -> QuerySet:
    return queryset.filter(late_obligations())


def late_obligations() -> Q:
    """Dated contributions whose day is over and that nobody declared met."""
    return Q(due_on__lt=timezone.localdate()) & ~Q(status=enums.ObligationStatus.MET)


class ObligationFilterSet(filters.RecordFilterSet):
    status = filters.select(enums.ObligationStatus.choices, "Respect")
    echeance = filters.select([("passee", "Passée, non respectée")], "Échéance", _late)
    recurrence = filters.select(enums.Recurrence.choices, "Fréquence")

    class Meta:
        model = Obligation
        fields: list[str] = []


class ObligationViewSet(RecordViewSet):
    model = Obligation
    icon = "tasks"
    menu_label = "Obligations"
    menu_order = 120
    ordering = "due_on"
    search_fields = ("text", "agreement__number", "agreement__title", "party__name")
    filterset_class = ObligationFilterSet
    list_related = ("agreement", "party")
    list_display = (
        ClippedColumn("text", label="Contribution attendue", length=70),
        Column("agreement", label="Entente", accessor="agreement.number", sort_key="agreement__number"),
        Column("party", label="Partie", accessor="party", sort_key="party__name"),
        DateCell("due_on", label="Échéance", sort_key="due_on", missing="sans date"),
        Column("recurrence", label="Fréquence", accessor="get_recurrence_display", sort_key="recurrence"),
        Column("status", label="Respect", accessor="get_status_display", sort_key="status"),
        StatusColumn(),
    )
    export_filename = "obligations"
    export_columns = {
        "Entente": lambda row: row.agreement.number,
        "Partie": lambda row: row.party,
        "Contribution attendue": "text",
        "Échéance": "due_on",
        "Fréquence": "recurrence",
        "État": "status",
        "Preuve": "evidence",
    }
    edit_handler = tabs(
        (
            "Obligation",
            [
                FieldPanel("agreement"),
                FieldPanel("party"),
                FieldPanel("text"),
                FieldRowPanel([FieldPanel("due_on"), FieldPanel("recurrence"), FieldPanel("status")]),
                FieldPanel(
                    "evidence", help_text="Ce qui montre que c’est fait : compte rendu, lettre, date de rencontre."
                ),
            ],
        ),
        form=ObligationForm,
    )
