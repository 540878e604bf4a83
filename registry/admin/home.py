"""The admin's first page: « À faire », and none of Wagtail's pages, images and documents, which this house has not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.ui.components import Component

from .. import policies
from ..models import Record, Service
from . import filters
from .records import DirectoryGroup
from .vocabularies import VocabularyGroup

# Menu entries of Wagtail's that lead nowhere here.
_USELESS_MENUS = frozenset({"explorer", "images", "documents", "snippets", "help"})
_USELESS_SETTINGS = frozenset({"groups", "sites", "collections", "locales", "redirects"})
_USELESS_REPORTS = frozenset({"locked-pages", "aging-pages", "page-types-usage"})
_KEPT_PANELS = frozenset({"user_objects_in_workflow_moderation", "workflow_objects_to_moderate"})


@dataclass(frozen=True, slots=True)
class Todo:
    """One line of the panel: how many, what, and the list that shows exactly these."""

    count: int
    label: str
    url: str


def list_url(model: type[Record], query: str) -> str:
    return f"{reverse(model.snippet_viewset.get_url_name('list'))}?{query}"


def drafts(models: Iterable[type[Record]]) -> list[Todo]:
    """« 3 services », « 1 entente »… whose newest version is not published. One SQL query per kind of record."""
    lines = []
    for model in models:
        count = model.all_objects.filter(filters.TO_PUBLISH).count()
        if count:
            names = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            lines.append(Todo(count, f"{names} : brouillon à publier", list_url(model, "etat=a_publier")))
    return lines


def directory_todos() -> list[Todo]:
    models = [item.model for group in (DirectoryGroup, VocabularyGroup) for item in group.items]
    old = Service.objects.filter(verified_on__isnull=False, verified_on__lt=filters.stale_before()).count()
    never = Service.objects.filter(verified_on__isnull=True).count()
    hours = Service.objects.filter(filters.HOURS_TO_CHECK).count()
    return [
        *drafts(models),
        Todo(
            old,
            f"services vérifiés il y a plus de {filters.STALE_MONTHS} mois",
            list_url(Service, "etat=publie&verification=vieille"),
        ),
        Todo(never, "services jamais vérifiés", list_url(Service, "etat=publie&verification=jamais")),
        Todo(hours, "services dont les heures sont à vérifier", list_url(Service, "etat=publie&heures=a_verifier")),
    ]


# Apps above add theirs: functions without argument that return lines.
providers: list[Callable[[], list[Todo]]] = [directory_todos]


class TodoPanel(Component):
    name = "a_faire"
    template_name = "registry/admin/todo_panel.html"
    order = 50

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {"todos": [line for provider in providers for line in provider() if line.count]}


def arrange_home(request: Any, panels: list[Any]) -> None:
    """Ours first; of Wagtail's, only what concerns approvals."""
    panels[:] = [panel for panel in panels if getattr(panel, "name", "") in _KEPT_PANELS]
    if policies.can(request.user, policies.ACCESS_ADMIN):
        panels.append(TodoPanel())


def keep_useful(useless: frozenset[str]) -> Callable[[Any, list[Any]], None]:
    """A hook that takes menu entries out by their name."""

    def arrange(request: Any, items: list[Any]) -> None:
        items[:] = [item for item in items if item.name not in useless]

    return arrange


arrange_menu = keep_useful(_USELESS_MENUS)
arrange_settings = keep_useful(_USELESS_SETTINGS)
arrange_reports = keep_useful(_USELESS_REPORTS)


def stylesheet() -> SafeString:
    from django.templatetags.static import static

    return format_html('<link rel="stylesheet" href="{}">', static("css/registry-admin.css"))
