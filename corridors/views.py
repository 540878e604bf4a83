"""The pages that a personal link opens: the text, what changed, and one gesture.

Opening a page changes nothing; only a form that was filled does. The address is the key: whoever knows it could as well
post the form from elsewhere, so that the form needs no other proof (and these pages send no referrer, which a check of
the origin would refuse). Nothing of them is kept by browsers, shown by search engines, or written in a log.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from registry.dates import long_moment

from . import links, presenting, signing
from .dossier import open_dossier
from .enums import LinkOutcome, LinkPurpose
from .forms import Confirmation, Declined, Written, words_of
from .lifecycle import Refused
from .links import LinkRefused, Opened, Visitor
from .models import ActionLink

View = Callable[..., HttpResponse]

_STATUS = {
    LinkOutcome.FORGED: 404,
    LinkOutcome.SOMEBODY_ELSE: 403,
    LinkOutcome.EXPIRED: 410,
    LinkOutcome.USED: 410,
    LinkOutcome.REVOKED: 410,
    LinkOutcome.OUTDATED: 410,
}


def discreet(view: View) -> View:
    """Kept by nobody, found by nobody, and followed by no referrer."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return wrapped


def identified(request: HttpRequest) -> None:
    """The frame of this page names who is signed in (see `search.frame`)."""
    request._passerelles_identified = True  # type: ignore[attr-defined]


def address_of(request: HttpRequest) -> str | None:
    """The network address of whoever asks, as the front-end servers that settings count tell it; None when unknown."""
    told = request.META.get("REMOTE_ADDR", "")
    if settings.PASSERELLES_PROXIES:
        hops = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        told = hops[-settings.PASSERELLES_PROXIES] if len(hops) >= settings.PASSERELLES_PROXIES else told
    try:
        return str(ipaddress.ip_address(told))
    except ValueError:
        return None


def visitor_of(request: HttpRequest) -> Visitor:
    user = request.user if request.user.is_authenticated else None
    return Visitor(user, address_of(request))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@discreet
def personal_link(request: HttpRequest, token: str) -> HttpResponse:
    """Accept a text or sign it, by the link that one person received."""
    visitor = visitor_of(request)
    state = links.open_link(token, visitor)
    if request.method == "POST" and request.POST.get("action") == "redemander":
        return _ask_again(request, token, visitor)
    if not state.usable:
        return _closed(request, state, visitor)
    if request.method != "POST":
        links.note(state, LinkOutcome.SHOWN, visitor)
        return _page(request, state)
    declines = request.POST.get("action") == "refuser"
    form: Written = Declined(request.POST) if declines else Confirmation(request.POST)
    if not form.is_valid():
        return _page(request, state, form, form.first_error(), status=400)
    try:
        return _done(request, state, token, visitor, form.cleaned_data)
    except LinkRefused as refusal:
        if refusal.opened.outcome != LinkOutcome.SOMEBODY_ELSE:
            return _closed(request, refusal.opened, visitor)
        links.note(refusal.opened, LinkOutcome.SOMEBODY_ELSE, visitor)
        form.add_error("name", "Ce nom n’est pas celui de la personne à qui ce lien a été envoyé.")
        return _page(request, state, form, form.first_error(), status=403)
    except (Refused, PermissionDenied) as refusal:
        return _page(request, state, form, str(refusal), status=409)


def _done(request: HttpRequest, state: Opened, token: str, visitor: Visitor, written: dict[str, Any]) -> HttpResponse:
    """Do what the form asks, and show the receipt. Raises LinkRefused, Refused, PermissionDenied."""
    complete, waiting, declined = False, "", "reason" in written
    if declined:
        link = links.decline(token, visitor, written["name"], written["reason"])
    elif state.link is not None and state.link.purpose == LinkPurpose.SIGN:
        link, signed = links.sign(token, visitor, written["name"])
        complete, waiting = signed.complete, ", ".join(signed.waiting)
    else:
        link, accepted = links.accept(token, visitor, written["name"])
        complete = accepted.agreed
        waiting = ", ".join(open_dossier(link.version.agreement, amendment=link.version.amendment).waiting())
    links.note(Opened(LinkOutcome.SHOWN, link), LinkOutcome.REFUSED if declined else LinkOutcome.DONE, visitor)
    return render(
        request, "corridors/link_done.html",
        {
            "link": link, "text": presenting.shown_text(link.version), "subject": presenting.subject_of(link.version),
            "words": _words(link),
            "signs": link.purpose == LinkPurpose.SIGN, "declined": declined, "reason": written.get("reason", ""),
            "complete": complete, "waiting": waiting, "moment": long_moment(timezone.now()),
            "address": visitor.address or "inconnue",
        },
    )  # fmt: skip


def _page(
    request: HttpRequest, state: Opened, form: Written | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    """The text to be answered, whole, with what changed since the version before it."""
    link, dossier = state.link, state.dossier
    assert link is not None
    assert dossier is not None
    person = link.signatory
    before = [item.name for item in signing.unsigned(dossier) if person is not None and item.order < person.order]
    return render(
        request, "corridors/link.html",
        {
            "link": link, "words": _words(link), "signs": link.purpose == LinkPurpose.SIGN,
            "text": presenting.shown_text(link.version), "remarks": {}, "comments": None,
            "changes": presenting.changes_of(link.version), "subject": presenting.subject_of(link.version),
            "answers": presenting.answers(dossier), "signatures": presenting.signatures(dossier),
            "confirmation": form if isinstance(form, Confirmation) else Confirmation(),
            "declined": form if isinstance(form, Declined) else Declined(),
            "declining": isinstance(form, Declined), "error": error, "before": before,
            "expires": long_moment(link.expires_at), "signed_in": request.user.is_authenticated,
        },
        status=status,
    )  # fmt: skip


def _closed(request: HttpRequest, state: Opened, visitor: Visitor) -> HttpResponse:
    """A link that gives nothing: why, and what to do. An overtaken one shows the new text and what changed."""
    links.note(state, state.outcome, visitor)
    link, dossier = state.link, state.dossier
    overtaken = link is not None and dossier is not None and state.outcome == LinkOutcome.OUTDATED
    current = dossier.version if overtaken and dossier is not None else None
    return render(
        request, "corridors/link_closed.html",
        {
            "outcome": str(state.outcome), "withdrawn": state.withdrawn, "link": link,
            "agreement": _named(state), "used": long_moment(link.used_at) if link and link.used_at else "",
            "expired": long_moment(link.expires_at) if link else "", "signed_in": visitor.user is not None,
            "text": presenting.shown_text(current) if current is not None else None,
            "moving": current is not None and dossier is not None and not dossier.text_unchanged,
            "changes": presenting.changes(link.version, current) if link and current is not None else None,
            "may_ask": not state.withdrawn
            and state.outcome in (LinkOutcome.EXPIRED, LinkOutcome.OUTDATED, LinkOutcome.REVOKED),
            "remarks": {}, "comments": None,
        },
        status=_STATUS[state.outcome],
    )  # fmt: skip


def _named(state: Opened) -> str:
    """The entente, for whoever the link was sent to: a stranger is told nothing of it."""
    hidden = state.outcome in (LinkOutcome.FORGED, LinkOutcome.SOMEBODY_ELSE) or state.withdrawn
    link: ActionLink | None = None if hidden else state.link
    return presenting.subject_of(link.version) if link is not None else ""


def _words(link: ActionLink) -> dict[str, str]:
    return words_of(link.purpose, amendment=link.version.amendment_id is not None)


def _ask_again(request: HttpRequest, token: str, visitor: Visitor) -> HttpResponse:
    try:
        sent = links.ask_again(token, visitor)
    except LinkRefused as refusal:
        if refusal.opened.usable:
            return _page(request, refusal.opened)
        return _closed(request, refusal.opened, visitor)
    return render(request, "corridors/link_asked.html", {"sent": sent})
