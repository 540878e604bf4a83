"""« Contributions »: what the parties owe, late first, and how to say that one was met."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from registry import policies
from registry.admin.home import list_url
from registry.dates import short_date

from ..actions import Actor
from ..contributions import Contribution, When, contributions, declare_met
from ..enums import Recurrence
from ..lifecycle import Refused
from ..models import Agreement, Obligation
from .home import page_url
from .standing import since_word, tag

_SHOWN = 50  # of a section; the list has them all
_HEADINGS = {
    When.LATE: "En retard",
    When.THIS_MONTH: "Ce mois-ci",
    When.LATER: "Plus tard",
    When.UNDATED: "En continu ou sans date",
    When.MET: "Respectées",
}
_OPEN = frozenset({When.LATE, When.THIS_MONTH, When.LATER, When.UNDATED})


@dataclass(frozen=True, slots=True)
class Row:
    pk: int
    text: str
    evidence: str
    number: str
    title: str
    url: str
    party: str
    due: str
    wait: SafeString | str
    recurrence: str


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    heading: str
    count: int
    rows: list[Row]
    url: str
    open: bool

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def sections(found: list[Contribution], day: date, party: int | None = None) -> list[Section]:
    """The board, late first; the longest delay at the top, the last ones met first."""
    mine = [row for row in found if party is None or row.party_id == party]
    suffix = f"&partie={party}" if party is not None else ""
    made = []
    for when, heading in _HEADINGS.items():
        rows = [row for row in mine if row.when == when]
        if when == When.MET:
            rows.reverse()
        url = list_url(Obligation, f"quand={when.value}{suffix}")
        shown = [_row(row, day) for row in rows[:_SHOWN]]
        made.append(Section(when.value, heading, len(rows), shown, url, when in _OPEN))
    return made


def _row(row: Contribution, day: date) -> Row:
    late = row.when == When.LATE and row.due_on is not None
    wait = tag(since_word((day - row.due_on).days), "stop") if late and row.due_on else ""
    recurrence = Recurrence(row.recurrence).label.lower() if row.recurrence in Recurrence.values else row.recurrence
    return Row(
        row.pk, row.text, row.evidence, row.number, row.title, page_url(row.agreement_id), row.party,
        short_date(row.due_on, day) if row.due_on else "", wait, recurrence,
    )  # fmt: skip


def _party(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 12 else None


class BoardView(WagtailAdminTemplateMixin, TemplateView):
    template_name = "corridors/admin/board.html"
    page_title = "Contributions attendues"
    header_icon = "list-ul"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        listing = reverse(Agreement.snippet_viewset.get_url_name("list"))
        return [
            *self.breadcrumbs_items,
            {"url": listing, "label": "Ententes"},
            {"url": "", "label": "Contributions"},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not policies.can(self.request.user, policies.READ, Obligation):
            raise PermissionDenied("Votre rôle ne permet pas de voir les contributions attendues.")
        day, party = timezone.localdate(), _party(self.request.GET.get("partie"))
        found = contributions(day)
        parties = sorted({(row.party, row.party_id) for row in found})
        return super().get_context_data(
            sections=sections(found, day, party),
            parties=[(pk, name) for name, pk in parties],
            party=party,
            may_declare=policies.can(self.request.user, policies.CHANGE, Obligation),
            url=reverse("corridors_board"),
            **kwargs,
        )


class DeclareView(View):
    """« Déclarer respectée », with what shows it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        obligation = get_object_or_404(Obligation.all_objects.select_related("agreement"), pk=pk)
        party = _party(request.POST.get("partie"))
        back = reverse("corridors_board") + (f"?partie={party}" if party is not None else "")
        try:
            declare_met(Actor(user=request.user), obligation, request.POST.get("preuve", ""))
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"« {obligation.text} » est déclarée respectée. Le journal de l’entente le dit.")
        return redirect(back)
