"""« Obligations »: the list and the form of the contributions that parties owe."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import F, QuerySet
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import Column

from registry.admin import filters
from registry.admin.listing import DateCell, RecordIndexView, StatusColumn
from registry.admin.panels import tabs
from registry.admin.viewsets import RecordViewSet
from registry.models import Organization

from .. import enums
from ..contributions import When, contributions
from ..models import Obligation
from .agreement_list import Exported
from .sealed import ObligationForm
from .standing import tag

WHEN = {
    When.LATE: "En retard",
    When.THIS_MONTH: "Ce mois-ci",
    When.LATER: "Plus tard",
    When.UNDATED: "En continu ou sans date",
    When.MET: "Respectée",
}


class ObligationFilterSet(filters.RecordFilterSet):
    quand = django_filters.ChoiceFilter(
        choices=[(when.value, label) for when, label in WHEN.items()], label="Échéance", method="by_when",
        empty_label="Toutes",
    )  # fmt: skip
    status = filters.select(enums.ObligationStatus.choices, "Respect déclaré")
    recurrence = filters.select(enums.Recurrence.choices, "Fréquence")
    partie = filters.related(
        lambda request: Organization.all_objects.filter(obligations__isnull=False).distinct().order_by("name"),
        "Partie", field_name="party",
    )  # fmt: skip

    class Meta:
        model = Obligation
        fields: list[str] = []

    def by_when(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Those of the ententes that run: nobody is late under an entente that is over."""
        return queryset.filter(pk__in=[row.pk for row in contributions() if row.when == value])


class ObligationIndexView(RecordIndexView):
    """Rows that carry the date that is due, which moves on when one that comes back is met."""

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        if self.ordering == "due_on":  # the dated ones first
            return queryset.order_by(F("due_on").asc(nulls_last=True), "pk")
        return super().order_queryset(queryset)

    def paginate_queryset(self, queryset: QuerySet, page_size: int) -> Any:
        paginator, page, rows, others = super().paginate_queryset(queryset, page_size)
        return paginator, page, _with_dates(rows), others

    def write_xlsx(self, queryset: QuerySet, output: Any) -> None:
        super().write_xlsx(Exported(_with_dates(queryset), queryset.model), output)


def _with_dates(rows: Iterable[Any]) -> list[Any]:
    """Each with `due` and `when` (blank under an entente that does not run). Three SQL queries."""
    found = {row.pk: row for row in contributions()}
    listed = list(rows)
    for row in listed:
        known = found.get(row.pk)
        row.due = known.due_on if known is not None else row.due_on
        row.when = WHEN[known.when] if known is not None else ""
    return listed


def _when_tag(row: Any) -> Any:
    tones = {WHEN[When.LATE]: "stop", WHEN[When.THIS_MONTH]: "warn", WHEN[When.MET]: "ok"}
    return tag(row.when, tones.get(row.when, "")) if row.when else row.get_status_display()


class ObligationViewSet(RecordViewSet):
    model = Obligation
    icon = "tasks"
    menu_label = "Obligations"
    menu_order = 120
    ordering = "due_on"
    search_fields = ("text", "agreement__number", "agreement__title", "party__name")
    filterset_class = ObligationFilterSet
    index_view_class = ObligationIndexView
    list_related = ("agreement", "party")
    list_display = (
        "text",
        Column(
            "agreement",
            label="Entente",
            accessor="agreement.number",
            sort_key="agreement__number",
            classname="registry-nowrap",
        ),
        Column("party", label="Partie", accessor="party", sort_key="party__name"),
        DateCell("due", label="Échéance", accessor="due", sort_key="due_on", missing="sans date"),
        Column("recurrence", label="Fréquence", accessor="get_recurrence_display", sort_key="recurrence"),
        Column("respect", label="Respect", accessor=_when_tag, sort_key="status"),
        StatusColumn(),
    )
    export_filename = "obligations"
    export_columns = {
        "Entente": lambda row: row.agreement.number,
        "Partie": lambda row: row.party,
        "Contribution attendue": "text",
        "Échéance": "due",
        "Où elle en est": "when",
        "Fréquence": "recurrence",
        "Respect déclaré": "status",
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
