"""Two ways to see how the indexes are: « État de la recherche » in the admin, and /mesures for who watches machines."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from registry import policies

from . import state

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Lag, failures and drift of every index, in the text format of Prometheus. For whoever sends the token of
    PASSERELLES_METRICS_TOKEN, or has the right to watch; to others this address does not exist."""
    if not (_has_token(request) or policies.can(request.user, policies.WATCH)):
        raise Http404
    answer = HttpResponse(state.metrics(), content_type=_PROMETHEUS)
    answer["Cache-Control"] = "no-store"
    return answer


def _has_token(request: HttpRequest) -> bool:
    wanted = settings.PASSERELLES_METRICS_TOKEN
    kind, _space, given = request.headers.get("Authorization", "").partition(" ")
    return bool(wanted) and kind == "Bearer" and secrets.compare_digest(given.encode(), wanted.encode())


@dataclass(frozen=True, slots=True)
class Line:
    """One index, in words. `tone`: how the status shows (good, warn, bad)."""

    label: str
    tone: str
    status: str
    detail: str
    compared: str
    checked_at: datetime | None
    seen_at: datetime


def line(item: state.IndexState) -> Line:
    """What the page says of an index."""
    changes = f"{item.unread} changements" if item.unread > 1 else "un changement"
    waiting = f"{changes} à lire, le plus ancien depuis {duration(item.waiting.total_seconds())}"
    tone, status, detail = "good", "À jour", f"{changes} à lire" if item.unread else ""
    if item.status == "failing":
        tone, status = "bad", "En panne"
        detail = f"{item.failure} {waiting.capitalize()}." if item.unread else item.failure
    elif item.status == "silent":
        tone, status = "bad", "Sans nouvelles"
        detail = f"{waiting.capitalize()}. Le processus « index_worker » ne semble pas en marche."
    elif item.status == "late":
        tone, status, detail = "warn", "En retard", f"{waiting.capitalize()}."
    compared = "Jamais comparé"
    if item.checked_at is not None:
        many = f"{item.drift} services diffèrent" if (item.drift or 0) > 1 else "un service diffère"
        compared = f"{item.documents} services, {many if item.drift else 'aucun écart'}"
    return Line(item.label, tone, status, detail, compared, item.checked_at, item.seen_at)


def duration(seconds: float) -> str:
    """« 12 s », « 4 min », « 3 h », « 2 jours »."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} jours"


class StateView(WagtailAdminTemplateMixin, TemplateView):
    """Every registered index: is it up to date, since when not, what the last comparison found."""

    page_title = "État de la recherche"
    header_icon = "search"
    template_name = "search/admin/index_state.html"

    def get_breadcrumbs_items(self) -> list[Any]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        policies.require(request.user, policies.WATCH)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(lines=[line(item) for item in state.states()], **kwargs)


class StateViewSet(ViewSet):
    name = "etat-recherche"
    icon = "search"

    def get_urlpatterns(self) -> list[URLPattern]:
        return [path("", StateView.as_view(), name="index")]


class StateMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return policies.can(request.user, policies.WATCH)
