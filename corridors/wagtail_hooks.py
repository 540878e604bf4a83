"""Registrations only: see `corridors.admin`."""

from typing import Any

from django.templatetags.static import static
from django.urls import path, re_path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from registry.admin import home

from .admin.board import BoardView, DeclareView
from .admin.documents import closed, refuse_wagtail_door
from .admin.editing import arrange_action_menu
from .admin.home import add_panel
from .admin.life_urls import urlpatterns as life_urls
from .admin.planner import PlannerView
from .admin.records import AgreementGroup, agreement_todos

register_snippet(AgreementGroup)
hooks.register("construct_snippet_action_menu", arrange_action_menu)
hooks.register("before_serve_document", refuse_wagtail_door)


@hooks.register("register_admin_urls", order=-1)
def close_document_library() -> list[Any]:
    """Before Wagtail's own library of documents: there, the scan of a signed entente could be replaced."""
    return [re_path(r"^documents/", closed)]


home.providers.append(agreement_todos)
# After the registry's, which arranges what Wagtail brings.
hooks.register("construct_homepage_panels", add_panel, order=110)


@hooks.register("insert_global_admin_css")
def stylesheet() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("css/ententes-suivi.css"))


@hooks.register("register_admin_urls")
def follow_up_urls() -> list[Any]:
    return [
        path("ententes/planificateur/", PlannerView.as_view(), name="corridors_planner"),
        path("ententes/contributions/", BoardView.as_view(), name="corridors_board"),
        path("ententes/contributions/<int:pk>/", DeclareView.as_view(), name="corridors_declare"),
    ]


@hooks.register("register_admin_urls")
def urls_of_life() -> list[Any]:
    """Amendments, disputes, endings, renewals."""
    return life_urls


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    def transition(data: dict[str, Any]) -> str:
        return f"Passage de « {data.get('from', '')} » à « {data.get('to', '')} »"

    actions.register_action(
        "corridors.contribution", "Contribution déclarée respectée", "Contribution déclarée respectée"
    )
    actions.register_action("corridors.transition", "Changement d’état", lambda log: transition(log.data))
