"""« Ententes »: what stands under this heading of the menu, and what it asks of the coordinator today."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from wagtail.admin.menu import MenuItem
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from registry.admin import filters
from registry.admin.home import Todo, drafts, list_url

from .. import overview
from ..models import Agreement, Obligation, ServiceCorridor
from .agreements import AgreementViewSet
from .clauses import ClauseTemplateViewSet
from .corridor import CorridorViewSet
from .obligations import ObligationViewSet


class AgreementGroup(SnippetViewSetGroup):
    items = (AgreementViewSet, CorridorViewSet, ObligationViewSet, ClauseTemplateViewSet)
    menu_label = "Ententes"
    menu_name = "ententes"
    menu_icon = "doc-full"
    menu_order = 110

    def get_submenu_items(self) -> list[Any]:
        """The kinds of records, then what shows them together."""
        return [
            *super().get_submenu_items(),
            MenuItem(
                "Planificateur", reverse("corridors_planner"), name="planificateur", icon_name="calendar", order=200
            ),
            MenuItem("Contributions", reverse("corridors_board"), name="contributions", icon_name="list-ul", order=210),
        ]


def agreement_todos() -> list[Todo]:
    """What the ententes ask of the coordinator today."""
    return [
        *drafts([Agreement, ServiceCorridor, Obligation]),
        Todo(
            len(overview.keys(overview.standings(), overview.TERMS["passee"][1])),
            "ententes dont l’échéance est passée",
            list_url(Agreement, "terme=passee"),
        ),
        Todo(
            ServiceCorridor.objects.filter(filters.HOURS_TO_CHECK).count(),
            "corridors dont la disponibilité est à vérifier",
            list_url(ServiceCorridor, "etat=publie&heures=a_verifier"),
        ),
    ]
