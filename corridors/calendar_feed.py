"""The private calendar of an account: what comes for the ententes that it may read, as every agenda reads it (ICS).

The address is the key: whoever knows it reads the calendar. It never reaches a log, and renewing it closes the old one.
Rights are looked at again each time that it is read. No person is named in it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from icalendar import Calendar, Event

from registry import policies as registry_policies

from . import contributions, policies
from .audience import Reader, page_of
from .deadlines import notice_window, sign_by
from .enums import AgreementStatus as S
from .enums import DisputeStatus
from .mails import absolute
from .models import Agreement, CalendarFeed, DisputeStep
from .overview import FOLLOWED
from .policies import Action
from .reminders import RUNNING
from .state import renews, state_from
from .views import discreet, identified

SECRET_BYTES = 32
PAST_DAYS = 60  # what is over stays this long in the calendar


@dataclass(frozen=True, slots=True)
class Entry:
    """One whole day of the calendar. `uid`: the same from one reading to the next, so that a date that moves moves."""

    uid: str
    day: date
    summary: str
    description: str
    agreement_id: int


def feed_for(user: Any) -> CalendarFeed:
    """The feed of an account, made the first time that it is asked for."""
    feed, _new = CalendarFeed.objects.get_or_create(
        user=user, defaults={"secret": secrets.token_urlsafe(SECRET_BYTES), "created_at": timezone.now()}
    )
    return feed


def renew(user: Any) -> CalendarFeed:
    """Another secret: the address that was known no longer gives anything."""
    with transaction.atomic():
        feed = CalendarFeed.objects.select_for_update().get(pk=feed_for(user).pk)
        feed.secret, feed.created_at = secrets.token_urlsafe(SECRET_BYTES), timezone.now()
        feed.save(update_fields=["secret", "created_at"])
    return feed


def address_of(feed: CalendarFeed) -> str:
    """The whole address, to be copied into an agenda."""
    return absolute(reverse("corridors_calendar", args=[feed.secret]))


# --- What is in it ----------------------------------------------------------------------------------------------------


def readable(user: Any, day: date) -> dict[int, tuple[Agreement, Any]]:
    """Primary key → (entente, its state that day) of those that run and that this account may read. A constant number
    of SQL queries."""
    rows: Any = Agreement.all_objects.filter(FOLLOWED)
    if not registry_policies.can(user, registry_policies.READ, Agreement):
        rows = rows.filter(policies.agreements_of_partner(user)).distinct()
    found = {}
    for row in rows.with_journal(day).prefetch_related("parties").order_by("pk"):
        state = state_from(row, day, row.said_status)
        if state.status in RUNNING | {S.SIGNED} and policies.may(user, Action.READ, row, state.status):
            found[row.pk] = (row, state)
    return found


def entries(known: dict[int, tuple[Agreement, Any]], day: date) -> list[Entry]:
    """What comes for these ententes, and what is over since a short while, by date. Four SQL queries."""
    found = [
        *(entry for row, state in known.values() for entry in _of_dates(row, state)),
        *_of_contributions(known, day),
        *_of_disputes(known),
    ]
    since = day - timedelta(days=PAST_DAYS)
    return sorted((entry for entry in found if entry.day >= since), key=lambda entry: (entry.day, entry.uid))


def _of_dates(row: Agreement, state: Any) -> Iterator[Entry]:
    end = state.term_end
    if state.status == S.SIGNED and row.starts_on is not None:
        yield Entry(f"debut-{row.pk}", row.starts_on, f"Entrée en vigueur : {row.number}", row.title, row.pk)
    if end is None:
        return
    goes_on = "Se reconduit d’elle-même, sauf avis contraire." if renews(row) else "Ne se reconduit pas d’elle-même."
    yield Entry(f"terme-{row.pk}", end, f"Fin du terme : {row.number}", f"{row.title}\n{goes_on}", row.pk)
    window = notice_window(row, end)
    if window is not None:
        yield Entry(
            f"preavis-{row.pk}", window.last_day, f"Dernier jour de préavis : {row.number}",
            f"{row.title}\nPréavis de {row.notice_days} jours avant la fin du terme.", row.pk,
        )  # fmt: skip
    elif not renews(row):
        yield Entry(
            f"signature-{row.pk}", sign_by(end), f"Signer la suite : {row.number}",
            f"{row.title}\nAu plus tard ce jour-là pour que la suite soit signée sans interruption.", row.pk,
        )  # fmt: skip


def _of_contributions(known: dict[int, tuple[Agreement, Any]], day: date) -> Iterator[Entry]:
    for item in contributions.contributions(day):
        if item.agreement_id in known and item.due_on is not None and item.when != contributions.When.MET:
            yield Entry(
                f"contribution-{item.pk}", item.due_on, f"Contribution attendue : {item.number}",
                f"{item.party} : {item.text}", item.agreement_id,
            )  # fmt: skip


def _of_disputes(known: dict[int, tuple[Agreement, Any]]) -> Iterator[Entry]:
    steps = DisputeStep.objects.filter(
        dispute__status=DisputeStatus.OPEN, dispute__agreement_id__in=list(known), done_on__isnull=True,
        due_on__isnull=False,
    )  # fmt: skip
    for step in steps.select_related("dispute").order_by("pk"):
        row = known[step.dispute.agreement_id][0]
        assert step.due_on is not None
        yield Entry(f"mesentente-{step.pk}", step.due_on, f"Mésentente, étape : {row.number}", step.text, row.pk)


# --- The file ---------------------------------------------------------------------------------------------------------


def calendar_of(user: Any, day: date | None = None) -> bytes:
    """The calendar of an account as an ICS file, in UTF-8."""
    today = day or timezone.localdate()
    calendar = Calendar()
    calendar.add("prodid", "-//Passerelles//Ententes//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Ententes – Passerelles")
    calendar.add("x-published-ttl", "PT6H")
    host = urlsplit(settings.WAGTAILADMIN_BASE_URL).hostname or "passerelles"
    staff = registry_policies.can(user, registry_policies.READ, Agreement)
    reader = Reader(user.email, staff=staff, user_id=user.pk)
    stamp = timezone.now()
    known = readable(user, today)
    for entry in entries(known, today):
        page = absolute(page_of(reader, known[entry.agreement_id][0]))
        event = Event()
        event.add("uid", f"{entry.uid}@{host}")
        event.add("dtstamp", stamp)
        event.add("dtstart", entry.day)
        event.add("dtend", entry.day + timedelta(days=1))
        event.add("summary", entry.summary.replace(" : ", "\u00a0: "))
        event.add("description", f"{entry.description}\n{page}")
        event.add("url", page)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return calendar.to_ical()


def may_follow(user: Any) -> bool:
    """Has this account ententes to follow: the centre's people who read them all, and the partners?"""
    return registry_policies.can(user, registry_policies.READ, Agreement) or bool(policies.partner_organizations(user))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@discreet
def page(request: HttpRequest) -> HttpResponse:
    """Where an account finds its address; the form gives it another one."""
    identified(request)
    if not may_follow(request.user):
        raise Http404("Cette page est celle des personnes qui suivent des ententes.")
    if request.method == "POST":
        renew(request.user)
        return redirect(reverse("corridors_calendar_page") + "?renouvelee=1")
    return render(
        request, "corridors/calendar.html",
        {"address": address_of(feed_for(request.user)), "renewed": "renouvelee" in request.GET},
    )  # fmt: skip


@require_safe
@discreet
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The file at the private address. Raises Http404 for a secret that is nobody's, or of an account closed since."""
    found = CalendarFeed.objects.select_related("user").filter(secret=secret, user__is_active=True).first()
    if found is None:
        raise Http404("Ce calendrier n’existe pas ou son adresse a changé.")
    response = HttpResponse(calendar_of(found.user), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="ententes.ics"'
    return response
