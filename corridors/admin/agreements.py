"""« Ententes »: the list and the form of agreements."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.admin.ui.tables import Column

from registry.admin import filters
from registry.admin.listing import ClippedColumn, DateCell, StatusColumn
from registry.admin.panels import tabs
from registry.admin.viewsets import RecordViewSet
from registry.enums import Program
from registry.models import Organization, Territory

from .. import enums
from ..models import Agreement

# Declared statuses under which an entente past its end still waits for somebody.
_RUNNING = (enums.DeclaredStatus.IN_FORCE, enums.DeclaredStatus.RENEWING, enums.DeclaredStatus.SUSPENDED)


def past_term() -> Q:
    """Ententes whose last day (included) is over, that nobody declared lapsed or terminated and that do not renew
    themselves."""
    return Q(ends_on__lt=timezone.localdate(), declared_status__in=[status.value for status in _RUNNING]) & ~Q(
        renewal=enums.RenewalKind.TACIT
    )


def _by_term(queryset: QuerySet, name: str, value: str) -> QuerySet:
    return queryset.filter(past_term())


def _partners(agreement: Agreement) -> str:
    """The parties other than the centre, in the order of the text."""
    names = [str(party.organization) for party in agreement.parties.all() if party.role == enums.PartyRole.PARTNER]
    return ", ".join(names)


class AgreementFilterSet(filters.RecordFilterSet):
    declared_status = filters.select(enums.DeclaredStatus.choices, "Statut déclaré")
    echeance = filters.select([("passee", "Passée, sans suite déclarée")], "Échéance", _by_term)
    ends_on = django_filters.DateFromToRangeFilter(label="Échéance entre", widget=DateRangePickerWidget)
    instrument_type = filters.select(enums.InstrumentType.choices, "Type")
    modalities = filters.holding(enums.Modality, "Modalité")
    programs = filters.holding(Program, "Programme-services")
    renewal = filters.select(enums.RenewalKind.choices, "Renouvellement")
    territoire = filters.related(
        lambda request: Territory.all_objects.order_by("name"), "Territoire", field_name="territories"
    )
    partie = filters.related(
        lambda request: Organization.all_objects.order_by("name"), "Partie", field_name="parties__organization"
    )

    class Meta:
        model = Agreement
        fields: list[str] = []


class AgreementViewSet(RecordViewSet):
    model = Agreement
    icon = "doc-full"
    menu_label = "Ententes"
    menu_order = 100
    ordering = "-number"
    search_fields = ("number", "title", "responsible", "parties__organization__name")
    filterset_class = AgreementFilterSet
    list_prefetch = ("parties__organization",)
    list_display = (
        "number",
        ClippedColumn("title", label="Titre", sort_key="title"),
        ClippedColumn("parties", label="Avec", accessor=_partners, length=40),
        Column("declared_status", label="Statut déclaré", sort_key="declared_status"),
        DateCell("ends_on", label="Échéance", sort_key="ends_on", missing="sans terme"),
        Column("renewal", label="Renouvellement", accessor="get_renewal_display", sort_key="renewal"),
        Column("responsible", label="Responsable", sort_key="responsible"),
        StatusColumn(),
    )
    export_filename = "ententes"
    export_prefetch = ("territories",)
    export_columns = {
        "Numéro": "number",
        "Titre": "title",
        "Type": "instrument_type",
        "Parties": lambda row: [str(party) for party in row.parties.all()],
        "Programme-services": lambda row: [str(Program(value).label) for value in row.programs],
        "Territoires": lambda row: [str(territory) for territory in row.territories.all()],
        "Modalités": lambda row: [str(enums.Modality(value).label) for value in row.modalities],
        "Statut déclaré": "declared_status",
        "Date de signature": "signed_on",
        "Entrée en vigueur": "starts_on",
        "Échéance": "ends_on",
        "Renouvellement": "renewal",
        "Préavis (jours)": "notice_days",
        "Responsable": "responsible",
        "Objet": "object",
        "Mécanisme de référence": "referral_mechanism",
        "Mécanisme de mésentente": "dispute_mechanism",
        "Échange d’information": "information_exchange",
    }
    edit_handler = tabs(
        (
            "Entente",
            [
                FieldRowPanel([FieldPanel("number"), FieldPanel("instrument_type")]),
                FieldPanel("title"),
                FieldPanel(
                    "object", help_text="En une ou deux phrases : ce que les parties conviennent de faire ensemble."
                ),
                FieldPanel("responsible", help_text="La personne du centre qui suit cette entente."),
                FieldPanel("modalities"),
                FieldPanel("programs"),
                FieldPanel("territories"),
                FieldPanel("predecessor", help_text="Celle que cette entente remplace."),
            ],
        ),
        (
            "Parties",
            [
                InlinePanel(
                    "parties",
                    [
                        FieldPanel("organization"),
                        FieldRowPanel([FieldPanel("role"), FieldPanel("negotiator")]),
                        FieldPanel("mandate"),
                    ],
                    label="Partie",
                    heading="Parties",
                    help_text="Dans l’ordre où le texte les nomme.",
                ),
            ],
        ),
        (
            "Durée",
            [
                FieldRowPanel([FieldPanel("signed_on"), FieldPanel("starts_on"), FieldPanel("ends_on")]),
                FieldRowPanel([FieldPanel("renewal"), FieldPanel("renewal_months"), FieldPanel("notice_days")]),
            ],
        ),
        (
            "Mécanismes",
            [
                FieldPanel("referral_mechanism"),
                FieldPanel("dispute_mechanism"),
                FieldPanel("information_exchange"),
            ],
        ),
    )
