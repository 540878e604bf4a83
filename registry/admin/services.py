"""« Répertoire »: services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.admin.ui.tables import Column

from .. import enums, languages
from ..models import Need, Organization, Service, Territory
from . import filters
from .forms import KeywordInput, ServiceForm
from .listing import DateCell, PhoneColumn, StatusColumn
from .panels import tabs
from .viewsets import RecordViewSet


def _names(rows: Any) -> list[str]:
    return [str(row) for row in rows.all()]


def _labels(vocabulary: Any, values: list[str]) -> list[str]:
    return [str(vocabulary(value).label) if value in vocabulary.values else value for value in values]


_FRESHNESS: dict[str, tuple[str, Callable[[], Q]]] = {
    "jamais": ("Jamais", lambda: Q(verified_on__isnull=True)),
    "vieille": (f"Il y a plus de {filters.STALE_MONTHS} mois", lambda: Q(verified_on__lt=filters.stale_before())),
    "recente": ("Récente", lambda: Q(verified_on__gte=filters.stale_before())),
}


def _freshness(queryset: QuerySet, name: str, value: str) -> QuerySet:
    return queryset.filter(_FRESHNESS[value][1]())


class ServiceFilterSet(filters.RecordFilterSet):
    territoire = filters.related(
        lambda request: Territory.all_objects.order_by("name"), "Territoire desservi", field_name="territories"
    )
    besoin = filters.related(lambda request: Need.all_objects.order_by("term"), "Besoin", field_name="need_links__need")
    organisme = filters.related(
        lambda request: Organization.all_objects.order_by("name"), "Organisme", field_name="organization"
    )
    visibility = filters.select(enums.Visibility.choices, "Visibilité")
    verification = filters.select(
        [(key, label) for key, (label, _) in _FRESHNESS.items()],
        "Dernière vérification",
        _freshness,
    )
    heures = filters.select(filters.HOURS_CHOICES, "Heures", filters.by_hours)
    programs = filters.holding(enums.Program, "Programme-services")
    line = filters.select(enums.Line.choices, "Ligne")
    availability = filters.select(enums.Availability.choices, "Disponibilité")

    class Meta:
        model = Service
        fields: list[str] = []


class ServiceViewSet(RecordViewSet):
    model = Service
    icon = "help"
    menu_label = "Services"
    menu_order = 110
    code_pattern = ("SRV", 4)
    ordering = "name"
    search_fields = ("name", "code", "organization__name", "organization__acronym", "phone")
    filterset_class = ServiceFilterSet
    list_related = ("organization",)
    list_display = (
        "name",
        Column("code", label="Code", sort_key="code"),
        Column("organization", label="Organisme", accessor="organization", sort_key="organization__name"),
        PhoneColumn("phone", label="Téléphone"),
        Column("visibility", label="Visibilité", accessor="get_visibility_display", sort_key="visibility"),
        Column("availability", label="Disponibilité", accessor="get_availability_display", sort_key="availability"),
        DateCell("verified_on", label="Vérifié", sort_key="verified_on", missing="jamais"),
        StatusColumn(),
    )
    export_filename = "services"
    export_prefetch = ("need_links__need", "territories", "locations", "tagged_items__tag")
    export_columns = {
        "Code": "code",
        "Organisme": lambda row: row.organization,
        "Nom du service": "name",
        "Description": "description",
        "Programme-services": lambda row: _labels(enums.Program, row.programs),
        "Ligne": "line",
        "Besoins": lambda row: [str(link.need) for link in row.need_links.all()],
        "Clientèle": "clientele",
        "Âge min": "age_min",
        "Âge max": "age_max",
        "Langues": lambda row: [languages.label(code) for code in row.languages],
        "Territoires desservis": lambda row: _names(row.territories),
        "Lieux": lambda row: [place.code for place in row.locations.all()],
        "Modalité d’accès": lambda row: _labels(enums.AccessMode, row.access_modes),
        "Procédure de référence": "referral_procedure",
        "Documents requis": "required_documents",
        "Frais": "fees",
        "Délai d’accès (jours)": "delay_days",
        "Disponibilité": "availability",
        "Heures": "hours",
        "Téléphone": "phone",
        "Courriel": "email",
        "Dernière vérification": "verified_on",
        "Visibilité": "visibility",
        "Mots-clés": lambda row: [item.tag.name for item in row.tagged_items.all()],
    }
    edit_handler = tabs(
        (
            "Identification",
            [
                FieldPanel(
                    "code", help_text="Proposé par le système. Un code ne change plus une fois utilisé ailleurs."
                ),
                FieldPanel("name"),
                FieldPanel("organization"),
                FieldPanel(
                    "visibility",
                    help_text="Publique : tout le monde. Partenaires : toute personne qui a un compte. "
                    "Interne : le personnel du centre.",
                ),
                FieldPanel("description", help_text="En mots simples : ce qui se passe quand on y appelle."),
                FieldRowPanel([FieldPanel("framework_service"), FieldPanel("line")]),
                FieldPanel("programs"),
                FieldPanel(
                    "keywords",
                    help_text="Les mots que les gens emploient et qui ne sont pas déjà dans la fiche.",
                    widget=KeywordInput,
                ),
                FieldPanel("protocols"),
            ],
        ),
        (
            "Pour qui",
            [
                InlinePanel(
                    "need_links",
                    [FieldPanel("need")],
                    label="Besoin",
                    heading="Besoins",
                    help_text="Le premier est le besoin principal : il compte davantage dans l’orientation.",
                ),
                FieldPanel("clientele"),
                FieldRowPanel([FieldPanel("age_min"), FieldPanel("age_max")], heading="Âges"),
                FieldPanel("sexes"),
                FieldPanel("languages"),
                FieldPanel("territories"),
            ],
        ),
        (
            "Joindre et référer",
            [
                FieldRowPanel([FieldPanel("phone"), FieldPanel("email")]),
                FieldPanel(
                    "hours",
                    help_text="Quand quelqu’un répond : « Lun-Ven 8h30-16h30; Sam 10h-15h », « 24/7 ». "
                    "Un texte qui ne se lit pas est gardé, et marqué « à vérifier ».",
                ),
                FieldPanel("access_modes"),
                FieldPanel("referral_procedure", help_text="Une étape par ligne."),
                FieldPanel("required_documents"),
                FieldRowPanel([FieldPanel("availability"), FieldPanel("delay_days"), FieldPanel("fees")]),
                InlinePanel(
                    "service_levels",
                    [FieldRowPanel([FieldPanel("kind"), FieldPanel("value"), FieldPanel("unit")])],
                    label="Délai",
                    heading="Délais auxquels le service s’engage",
                ),
                InlinePanel(
                    "closures",
                    [FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]), FieldPanel("reason")],
                    label="Fermeture",
                    heading="Fermetures temporaires",
                    help_text="Sans date de fin : jusqu’à nouvel ordre.",
                ),
            ],
        ),
        ("Lieux", [FieldPanel("locations")]),
        ("Suivi", [FieldPanel("verified_on", help_text="Le jour où l’organisme a confirmé la fiche.")]),
        form=ServiceForm,
    )
