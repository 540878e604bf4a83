"""« Planificateur »: twelve months of terms that end and of notices to give, with what is prepared to follow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from babel.dates import format_date
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from registry import policies
from registry.dates import short_date

from .. import overview
from ..enums import AgreementStatus as S
from ..enums import RenewalKind
from ..models import Agreement
from ..overview import Standing
from .home import page_url
from .standing import flag_tags, renewal_word, status_tag, tag

MONTHS = 12
_FURTHEST = 10  # years
# A term that ends is planned for while it runs, and looked at once it is over.
_PLANNED = frozenset({S.IN_FORCE, S.SUSPENDED, S.DISPUTED, S.SIGNED, S.LAPSED})
_LIVE = _PLANNED - {S.LAPSED}
_NOT_STARTED = frozenset({S.CANCELLED, S.REFUSED})


@dataclass(frozen=True, slots=True)
class Successor:
    url: str
    number: str
    status: SafeString


@dataclass(frozen=True, slots=True)
class Entry:
    """One entente in one month."""

    url: str
    number: str
    title: str
    partner: str
    responsible: str
    status: SafeString | str
    flags: SafeString | str
    term: str
    renewal: str
    notice: str
    notice_over: bool
    over: bool
    successors: list[Successor]


@dataclass(frozen=True, slots=True)
class Month:
    """`key`: « 2026-12 »; `ending`: whose term ends in it; `notices`: whose last day to give notice is in it."""

    key: str
    name: str
    short: str
    ending: list[Entry]
    notices: list[Entry]


def first_month(text: str | None, today: date) -> date:
    """The first day of the month asked for (« 2026-12 »), or of the present one when that is no month near us."""
    found = re.fullmatch(r"(\d{4})-(\d{2})", text or "")
    if found and 1 <= int(found[2]) <= 12 and abs(int(found[1]) - today.year) <= _FURTHEST:
        return date(int(found[1]), int(found[2]), 1)
    return today.replace(day=1)


def shifted(month: date, count: int) -> date:
    years, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(years, index + 1, 1)


def plan(start: date, today: date, responsible: str = "", renewal: str = "") -> list[Month]:
    """Twelve months from `start`, the first day of one. Months to come are seen from their first day, so that an
    entente that renews itself is there again at each of its terms. Three SQL queries."""
    rows = overview.standings(max(start, today))
    by_pk = {row.pk: row for row in rows}
    kept = [
        row for row in rows
        if row.status in _PLANNED and (not responsible or row.responsible == responsible)
        and (not renewal or row.renewal == renewal)
    ]  # fmt: skip
    starts = [shifted(start, place) for place in range(MONTHS + 1)]
    end = starts[-1]
    ending = [row for row in kept if row.term_end is not None and start <= row.term_end < end]
    notices = [
        row for row in kept if row.status in _LIVE and row.notice_on is not None and start <= row.notice_on < end
    ]
    ids = {row.pk for row in (*ending, *notices)}
    partners, following = overview.partners_of(ids), _successors(by_pk)
    made = {pk: _entry(by_pk[pk], partners, following, today) for pk in ids}
    months = []
    for first, after in pairwise(starts):
        inside = sorted((row for row in ending if row.term_end and first <= row.term_end < after), key=_by_term)
        told = sorted((row for row in notices if row.notice_on and first <= row.notice_on < after), key=_by_notice)
        name, short = (format_date(first, form, locale="fr_CA") for form in ("LLLL y", "LLL"))
        listed, notified = [made[row.pk] for row in inside], [made[row.pk] for row in told]
        months.append(Month(f"{first:%Y-%m}", name, short, listed, notified))
    return months


def _by_term(row: Standing) -> tuple[Any, str]:
    return row.term_end, row.number


def _by_notice(row: Standing) -> tuple[Any, str]:
    return row.notice_on, row.number


def _entry(row: Standing, partners: dict[int, str], following: dict[int, list[Successor]], today: date) -> Entry:
    notice = row.notice_on
    live = row.status in _LIVE
    return Entry(
        url=page_url(row.pk),
        number=row.number,
        title=row.title,
        partner=partners.get(row.pk, ""),
        responsible=row.responsible,
        status=status_tag(row.status) if row.status != S.IN_FORCE else "",
        flags=flag_tags(row) if row.day == today else "",
        term=short_date(row.term_end) if row.term_end else "",
        renewal=renewal_word(row) if live else "",
        notice=short_date(notice) if notice else "",
        notice_over=notice is not None and notice < today,
        over=not live,
        successors=following.get(row.pk, []),
    )


def _successors(rows: dict[int, Standing]) -> dict[int, list[Successor]]:
    """Entente → those that are to follow it, given up ones apart. One SQL query."""
    found: dict[int, list[Successor]] = {}
    pairs = Agreement.all_objects.filter(predecessor__isnull=False).order_by("number")
    for pk, before in pairs.values_list("pk", "predecessor_id"):
        row = rows.get(pk)
        if row is not None and row.status not in _NOT_STARTED:
            found.setdefault(before, []).append(Successor(page_url(pk), row.number, status_tag(row.status)))
    return found


class PlannerView(WagtailAdminTemplateMixin, TemplateView):
    template_name = "corridors/admin/planner.html"
    page_title = "Planificateur des renouvellements"
    header_icon = "calendar"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        listing = reverse(Agreement.snippet_viewset.get_url_name("list"))
        return [
            *self.breadcrumbs_items,
            {"url": listing, "label": "Ententes"},
            {"url": "", "label": "Planificateur"},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not policies.can(self.request.user, policies.READ, Agreement):
            raise PermissionDenied("Votre rôle ne permet pas de voir les ententes.")
        today, asked = timezone.localdate(), self.request.GET
        start = first_month(asked.get("depuis"), today)
        responsible, renewal = asked.get("responsable", ""), asked.get("renouvellement", "")
        people = Agreement.all_objects.exclude(responsible="").order_by("responsible")
        months = plan(start, today, responsible, renewal)
        return super().get_context_data(
            months=months,
            total=sum(len(month.ending) for month in months),
            people=list(people.values_list("responsible", flat=True).distinct()),
            renewals=RenewalKind.choices,
            responsible=responsible,
            renewal=renewal,
            start=f"{start:%Y-%m}",
            before=f"{shifted(start, -MONTHS):%Y-%m}",
            after=f"{shifted(start, MONTHS):%Y-%m}",
            span=f"{_month(start)} à {_month(shifted(start, MONTHS - 1))}",
            url=reverse("corridors_planner"),
            none=tag("rien de préparé", "warn"),
            **kwargs,
        )


def _month(day: date) -> str:
    return format_date(day, "LLLL y", locale="fr_CA")
