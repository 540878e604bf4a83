"""Registrations only: see `corridors.admin`."""

from typing import Any

from wagtail import hooks
from wagtail.snippets.models import register_snippet

from registry.admin import home

from .admin.documents import refuse_wagtail_door
from .admin.editing import arrange_action_menu
from .admin.records import AgreementGroup, agreement_todos

register_snippet(AgreementGroup)
hooks.register("construct_snippet_action_menu", arrange_action_menu)
hooks.register("before_serve_document", refuse_wagtail_door)
home.providers.append(agreement_todos)


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    def transition(data: dict[str, Any]) -> str:
        return f"Passage de « {data.get('from', '')} » à « {data.get('to', '')} »"

    actions.register_action("corridors.transition", "Changement d’état", lambda log: transition(log.data))
