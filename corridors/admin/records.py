"""« Ententes »: agreements, corridors, obligations."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from registry.admin import filters
from registry.admin.home import Todo, drafts, list_url
from registry.admin.listing import ClippedColumn, DateCell, StatusColumn
from registry.admin.panels import tabs
from registry.admin.viewsets import RecordViewSet
from registry.enums import Program
from registry.models import Organization, Territory

from .. import enums
from ..models import Agreement, Obligation, ServiceCorridor

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


class CorridorFilterSet(filters.RecordFilterSet):
    direction = filters.select(enums.Direction.choices, "Direction")
    heures = filters.select(filters.HOURS_CHOICES, "Disponibilité", filters.by_hours)
    releve = filters.select(
        [("sans", "Sans corridor de relève"), ("avec", "Avec")],
        "Relève",
        lambda queryset, name, value: queryset.filter(fallback__isnull=value == "sans"),
    )
    entente = filters.select(
        [(status.value, status.label) for status in enums.DeclaredStatus], "Statut de l’entente",
        lambda queryset, name, value: queryset.filter(agreement__declared_status=value),
    )  # fmt: skip

    class Meta:
        model = ServiceCorridor
        fields: list[str] = []


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
    list_related = ("agreement", "from_service", "to_service")
    list_display = (
        "code",
        ClippedColumn("from_service", label="De", sort_key="from_service__name", length=40),
        ClippedColumn("to_service", label="Vers", sort_key="to_service__name", length=40),
        Column("direction", label="Direction", accessor="get_direction_display"),
        Column("agreement", label="Entente", accessor="agreement.number", sort_key="agreement__number"),
        Column("agreement_status", label="Statut de l’entente", accessor="agreement.declared_status"),
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
    )


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
    )


class AgreementGroup(SnippetViewSetGroup):
    items = (AgreementViewSet, CorridorViewSet, ObligationViewSet)
    menu_label = "Ententes"
    menu_name = "ententes"
    menu_icon = "doc-full"
    menu_order = 110


def agreement_todos() -> list[Todo]:
    """What the ententes ask of the coordinator today."""
    return [
        *drafts([Agreement, ServiceCorridor, Obligation]),
        Todo(
            Agreement.objects.filter(past_term()).count(),
            "ententes dont l’échéance est passée",
            list_url(Agreement, "etat=publie&echeance=passee"),
        ),
        Todo(
            Obligation.objects.filter(late_obligations()).count(),
            "contributions attendues en retard",
            list_url(Obligation, "etat=publie&echeance=passee"),
        ),
        Todo(
            ServiceCorridor.objects.filter(filters.HOURS_TO_CHECK).count(),
            "corridors dont la disponibilité est à vérifier",
            list_url(ServiceCorridor, "etat=publie&heures=a_verifier"),
        ),
    ]
