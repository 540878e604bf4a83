"""Registrations only: see `registry.admin`."""

from typing import Any

from django.urls import reverse
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from .admin import bulk, home
from .admin.accounts import MembershipViewSet
from .admin.disclosures import DisclosureMenuItem, DisclosureViewSet
from .admin.imports.viewset import ImportMenuItem, ImportViewSet, import_todos
from .admin.records import DirectoryGroup
from .admin.vocabularies import VocabularyGroup

register_snippet(DirectoryGroup)
register_snippet(VocabularyGroup)

for _action in (bulk.BulkPublish, bulk.BulkUnpublish, bulk.BulkDelete):
    # After Wagtail's own, whose « delete » would go past our actions.
    hooks.register("register_bulk_action", _action, order=100)

hooks.register("construct_homepage_panels", home.arrange_home, order=100)
hooks.register("construct_main_menu", home.arrange_menu, order=100)
hooks.register("construct_settings_menu", home.arrange_settings, order=100)
hooks.register("construct_reports_menu", home.arrange_reports, order=100)
hooks.register("insert_global_admin_css", home.stylesheet)


@hooks.register("construct_homepage_summary_items", order=100)
def no_page_counts(request: Any, items: list[Any]) -> None:
    items.clear()


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[Any]:
    return [MembershipViewSet(), DisclosureViewSet(), ImportViewSet()]


@hooks.register("register_reports_menu_item")
def register_disclosures() -> DisclosureMenuItem:
    return DisclosureMenuItem(
        "Adresses consultées",
        reverse("consultations-adresses:index"),
        name="consultations-adresses",
        icon_name="lock",
        order=1000,
    )


@hooks.register("register_admin_menu_item")
def register_imports() -> ImportMenuItem:
    return ImportMenuItem("Importer", reverse("importations:index"), name="importations", icon_name="upload", order=350)


home.providers.append(import_todos)


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    for name, label, message in (
        ("confidential_address", "Adresse confidentielle remplacée", "Adresse confidentielle remplacée"),
        ("hide_address", "Adresse rendue confidentielle", "Adresse rendue confidentielle, historique nettoyé"),
        ("show_address", "Confidentialité levée", "Confidentialité de l’adresse levée"),
        ("reveal_address", "Adresse confidentielle consultée", "Adresse confidentielle consultée"),
    ):
        actions.register_action(f"registry.{name}", label, message)
