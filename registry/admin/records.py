"""« Répertoire »: organisms, places, contacts, liaisons (services: see `services`)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import path
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from .. import enums, languages
from ..models import Contact, Liaison, Location, Organization
from . import filters
from .confidential import (
    AddressNotice,
    ConfidentialAddressView,
    LocationCreateView,
    LocationPreviewOnCreateView,
    LocationPreviewOnEditView,
)
from .forms import LocationForm, OrganizationForm
from .listing import HIDDEN, DateCell, PhoneColumn, StatusColumn
from .panels import tabs
from .services import ServiceViewSet
from .viewsets import RecordViewSet


class OrganizationFilterSet(filters.RecordFilterSet):
    partner_type = filters.select(enums.PartnerType.choices, "Type de partenaire")

    class Meta:
        model = Organization
        fields: list[str] = []


class OrganizationViewSet(RecordViewSet):
    model = Organization
    icon = "group"
    menu_label = "Organismes"
    menu_order = 100
    code_pattern = ("ORG", 3)
    ordering = "name"
    search_fields = ("name", "acronym", "other_names", "code", "phone")
    filterset_class = OrganizationFilterSet
    list_related = ("parent",)
    list_display = (
        "name",
        Column("code", label="Code", sort_key="code"),
        Column(
            "partner_type", label="Type de partenaire", accessor="get_partner_type_display", sort_key="partner_type"
        ),
        PhoneColumn("phone", label="Téléphone"),
        Column("services", label="Services publiés", accessor="_services", sort_key="_services"),
        StatusColumn(),
        DateCell("_updated_at", label="Modifié", sort_key="_updated_at"),
    )
    export_filename = "organismes"
    export_columns = {
        "Code": "code",
        "Nom": "name",
        "Acronyme": "acronym",
        "Autres noms": "other_names",
        "Type de partenaire": "partner_type",
        "Description": "description",
        "NEQ": "neq",
        "Numéro de bienfaisance": "charity_number",
        "Téléphone": "phone",
        "Courriel": "email",
        "Site web": "website",
        "Langues": lambda row: [languages.label(code) for code in row.languages],
        "Organisme parent": lambda row: row.parent or "",
    }
    edit_handler = tabs(
        (
            "Identification",
            [
                FieldPanel(
                    "code", help_text="Proposé par le système. Un code ne change plus une fois utilisé ailleurs."
                ),
                FieldPanel("name"),
                FieldRowPanel([FieldPanel("acronym"), FieldPanel("partner_type")]),
                FieldPanel("other_names"),
                FieldPanel("parent"),
                FieldPanel("description"),
                FieldRowPanel([FieldPanel("neq"), FieldPanel("charity_number")]),
            ],
        ),
        (
            "Coordonnées",
            [
                FieldPanel(
                    "phone", help_text="Toutes les écritures usuelles : 418 555-0111, poste 222; 811, option 2."
                ),
                FieldRowPanel([FieldPanel("email"), FieldPanel("website")]),
                FieldPanel("languages"),
            ],
        ),
        form=OrganizationForm,
    )

    def get_queryset(self, request: Any) -> QuerySet:
        live = Count("services", filter=Q(services__live=True))
        return super().get_queryset(request).annotate(_services=live)


class LocationFilterSet(filters.RecordFilterSet):
    wheelchair = filters.select(
        [(value, label) for value, label in enums.Wheelchair.choices if value], "Fauteuil roulant"
    )
    heures = filters.select(filters.HOURS_CHOICES, "Heures", filters.by_hours)
    confidentiel = filters.select(
        [("true", "Confidentielle"), ("false", "Ordinaire")],
        "Adresse",
        lambda queryset, name, value: queryset.filter(is_confidential=value == "true"),
    )

    class Meta:
        model = Location
        fields: list[str] = []


def _shown(name: str) -> Any:
    return lambda row: HIDDEN if row.is_confidential else getattr(row, name)


class LocationViewSet(RecordViewSet):
    model = Location
    icon = "site"
    menu_label = "Lieux"
    menu_order = 120
    code_pattern = ("LIE", 3)
    ordering = "code"
    add_view_class = LocationCreateView
    preview_on_add_view_class = LocationPreviewOnCreateView
    preview_on_edit_view_class = LocationPreviewOnEditView
    search_fields = ("name", "code", "organization__name", "municipality", "address", "postal_code")
    filterset_class = LocationFilterSet
    list_related = ("organization",)
    list_display = (
        "name",
        Column("code", label="Code", sort_key="code"),
        Column("organization", label="Organisme", accessor="organization", sort_key="organization__name"),
        Column(
            "address",
            label="Adresse",
            accessor=lambda row: "adresse confidentielle" if row.is_confidential else row.address,
        ),
        Column("municipality", label="Municipalité", sort_key="municipality"),
        Column("wheelchair", label="Fauteuil roulant", accessor="get_wheelchair_display"),
        StatusColumn(),
    )
    export_filename = "lieux"
    export_columns = {
        "Code": "code",
        "Organisme": lambda row: row.organization,
        "Nom du lieu": "name",
        "Adresse": _shown("address"),
        "Municipalité": "municipality",
        "Code postal": _shown("postal_code"),
        "Latitude": _shown("latitude"),
        "Longitude": _shown("longitude"),
        "Adresse confidentielle": "is_confidential",
        "Accessible en fauteuil roulant": "wheelchair",
        "Heures d’ouverture": "hours",
    }
    edit_handler = tabs(
        (
            "Lieu",
            [
                FieldPanel(
                    "code", help_text="Proposé par le système. Un code ne change plus une fois utilisé ailleurs."
                ),
                FieldPanel("name"),
                FieldPanel("organization"),
                FieldPanel(
                    "is_confidential",
                    help_text="À cocher pour une maison d’hébergement : l’adresse est alors gardée à part, hors des "
                    "fiches, des historiques et des exports. Seule la municipalité se voit.",
                ),
                AddressNotice(),
                FieldPanel("address"),
                FieldRowPanel([FieldPanel("municipality"), FieldPanel("postal_code")]),
                FieldRowPanel([FieldPanel("latitude"), FieldPanel("longitude")], heading="Point sur la carte"),
            ],
        ),
        (
            "Accès",
            [
                FieldPanel("wheelchair"),
                FieldPanel("hours", help_text="Heures du bâtiment; celles où un service répond sont dans sa fiche."),
            ],
        ),
        form=LocationForm,
    )

    def get_urlpatterns(self) -> list[Any]:
        address = self.construct_view(ConfidentialAddressView, edit_url_name=self.get_url_name("edit"))
        return [*super().get_urlpatterns(), path("adresse/<int:pk>/", address, name="confidential_address")]


class ContactFilterSet(filters.RecordFilterSet):
    visibility = filters.select(enums.Visibility.choices, "Visibilité")

    class Meta:
        model = Contact
        fields: list[str] = []


class ContactViewSet(RecordViewSet):
    model = Contact
    icon = "mail"
    menu_label = "Contacts"
    menu_order = 130
    ordering = "name"
    search_fields = ("name", "role", "organization__name", "service__name", "phone", "email")
    filterset_class = ContactFilterSet
    list_related = ("organization", "service")
    list_display = (
        "name",
        Column("role", label="Fonction", sort_key="role"),
        Column("organization", label="Organisme", accessor="organization", sort_key="organization__name"),
        Column("service", label="Service", accessor=lambda row: row.service or "tous"),
        PhoneColumn("phone", label="Téléphone"),
        Column("extension", label="Poste"),
        Column("visibility", label="Visibilité", accessor="get_visibility_display", sort_key="visibility"),
        StatusColumn(),
    )
    export_filename = "contacts"
    export_columns = {
        "Organisme": lambda row: row.organization,
        "Service": lambda row: row.service or "",
        "Nom": "name",
        "Fonction": "role",
        "Téléphone": "phone",
        "Poste": "extension",
        "Courriel": "email",
        "Visibilité": "visibility",
    }
    edit_handler = tabs(
        (
            "Contact",
            [
                FieldPanel("name", help_text="Une personne, ou un guichet : « Accueil », « Intervenante de garde »."),
                FieldPanel("role"),
                FieldPanel("organization"),
                FieldPanel("service", help_text="Vide : pour tous les services de l’organisme."),
                MultiFieldPanel(
                    [FieldRowPanel([FieldPanel("phone"), FieldPanel("extension")]), FieldPanel("email")],
                    heading="Comment joindre",
                ),
                FieldPanel("visibility"),
            ],
        ),
    )


class LiaisonFilterSet(filters.RecordFilterSet):
    program = filters.select(enums.Program.choices, "Programme-services")
    crisis_role = filters.select(
        [(value, label) for value, label in enums.CrisisRole.choices if value], "Rôle en crise"
    )

    class Meta:
        model = Liaison
        fields: list[str] = []


class LiaisonViewSet(RecordViewSet):
    model = Liaison
    icon = "link"
    menu_label = "Liaisons"
    menu_order = 140
    ordering = "organization__name"
    search_fields = ("organization__name", "contact__name")
    filterset_class = LiaisonFilterSet
    list_related = ("organization", "contact")
    list_display = (
        Column("organization", label="Organisme", accessor="organization", sort_key="organization__name"),
        Column("contact", label="Contact", accessor="contact", sort_key="contact__name"),
        Column("program", label="Programme-services", accessor="get_program_display", sort_key="program"),
        Column("crisis_role", label="Rôle en crise", accessor="get_crisis_role_display", sort_key="crisis_role"),
        StatusColumn(),
    )
    export_filename = "liaisons"
    export_columns = {
        "Organisme": lambda row: row.organization,
        "Contact": lambda row: row.contact,
        "Programme-services": "program",
        "Rôle en crise": "crisis_role",
    }
    edit_handler = tabs(
        (
            "Liaison",
            [
                FieldPanel("organization"),
                FieldPanel("contact"),
                FieldPanel("program", help_text="Vide : tous les programmes."),
                FieldPanel("crisis_role"),
            ],
        ),
    )


class DirectoryGroup(SnippetViewSetGroup):
    items = (OrganizationViewSet, ServiceViewSet, LocationViewSet, ContactViewSet, LiaisonViewSet)
    menu_label = "Répertoire"
    menu_name = "repertoire"
    menu_icon = "folder-open-inverse"
    menu_order = 100
