"""The orientation page and what goes with it: autocomplete, the printed basket, keyboard help and preferences.

Read-only but for one preference. The question stays in the address: it reaches no log, no session, no cookie.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_safe

from registry.models import User
from registry.policies import Scope

from . import lines, outbox
from .dates import full_moment
from .engines.base import Answering, EngineError, Hit, SearchResult
from .links import State
from .parsing import parse_query
from .presentation import basket as baskets
from .presentation.map_view import map_view
from .presentation.page import Answer, Asked, asked, page
from .request import OrientationRequest
from .suggestions import suggest
from .understanding import understand
from .viewer import SHORTCUTS_COOKIE, Viewer, viewer_of
from .vocabulary import Vocabulary, get_vocabulary

log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]

UNAVAILABLE = (
    "La recherche ne répond pas pour l’instant. Les lignes en tout temps restent joignables; réessayer dans une minute "
    "ou aviser le soutien technique."
)
UNKNOWN_SHEET = "Cette ressource n’existe pas, ou n’est pas visible avec votre compte."
UNKNOWN_BASKET = (
    "Une ressource du panier n’existe plus, ou n’est pas visible avec votre compte : elle en a été retirée."
)


def viewers_only(view: View) -> View:
    """Sends whoever may see nothing to the sign-in page, without carrying the question there (it would be logged and
    kept in one more address)."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if viewer_of(request).scope.is_empty:
            if request.headers.get("HX-Request"):
                answer = HttpResponse(status=204)
                answer["HX-Redirect"] = reverse("sign_in")
                return answer
            return redirect_to_login(request.path)
        answer = view(request, *args, **kwargs)
        answer["Cache-Control"] = "private, no-store"
        # A page with a form to post keeps the site's own policy: see SECURE_REFERRER_POLICY.
        answer.headers.setdefault("Referrer-Policy", "no-referrer")
        return answer

    return wrapped


@require_safe
@viewers_only
def orientation(request: HttpRequest) -> HttpResponse:
    """The page that is open all day: the question, its answer, the open sheet, the basket. State is in the address."""
    viewer = viewer_of(request)
    state = State.of(request.GET)
    # To the minute, like hours: whoever asks in the same minute is told the same.
    answer = answer_to(state, viewer, timezone.localtime().replace(second=0, microsecond=0))
    context = {
        "page": page(
            answer,
            state,
            sees_corridors=viewer.scope.sees_corridors,
            shortcuts=viewer.shortcuts,
            establishment=settings.PASSERELLES_ESTABLISHMENT,
        )
    }
    partial = bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")
    response = render(request, "search/partial.html" if partial else "search/orientation.html", context)
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    if partial:
        # What is typed replaces the address; a gesture (chip, sheet, basket) adds one to go back to. The page's script
        # does it (static/js/address.js): htmx would keep the address, and the question in it, in the browser's storage.
        typed = request.headers.get("HX-Trigger") == "question"
        response["X-Address"] = state.url()
        response["X-Address-Kind"] = "typed" if typed else "gesture"
    return response


def answer_to(state: State, viewer: Viewer, now: datetime) -> Answer:
    """One call of `engine.search` at most; the open sheet and the basket come from the same documents."""
    vocabulary = get_vocabulary(viewer.head)
    request = understand(parse_query(dict(state.params), now), vocabulary, viewer.scope)
    needs = [need.term for need in request.needs if need.kind == "asked"]
    territory = request.place.territory if request.place else None

    @functools.cache
    def prepared() -> Asked:
        return asked(
            request,
            state,
            lines.lines(vocabulary, viewer.scope, needs, territory),
            lines.foot(vocabulary, viewer.scope),
            labels(vocabulary, viewer.scope, state),
        )

    def meanwhile() -> None:
        with suppress(Exception):  # an error of ours, not the server's: it comes up again below
            prepared()

    messages: list[str] = []
    result: SearchResult | None = None
    opened: Hit | None = None
    basket: list[Hit] = []
    fallback = False
    try:
        engine = ready_engine(viewer.head)
        if state.asks:
            result = engine.search(request, viewer.scope, meanwhile)
        wanted = list(dict.fromkeys([*([state.get("fiche")] if state.get("fiche") else []), *state.basket]))
        if wanted:
            found = {hit.code: hit for hit in engine.get(wanted, viewer.scope, request)}
            basket = [found[code] for code in state.basket if code in found]
            opened = found.get(state.get("fiche"))
            if state.get("fiche") and opened is None:
                messages.append(UNKNOWN_SHEET)
            if len(basket) < len(state.basket):
                messages.append(UNKNOWN_BASKET)
        fallback = engine.on_standby
    except EngineError as error:
        log.error("orientation: the engine does not answer (%s)", type(error).__name__)
        messages.append(UNAVAILABLE)
    return Answer(
        request=request,
        asked=prepared(),
        result=result,
        opened=opened,
        basket=tuple(basket),
        messages=tuple(messages),
        fallback_mode=fallback,
        map=map_view(
            result.hits,
            state,
            request.moment,
            request.place,
            vocabulary.tree,
            tiles=settings.PASSERELLES_MAP_TILES,
            attribution=settings.PASSERELLES_MAP_ATTRIBUTION,
        )
        if result and state.shows_map and opened is None
        else None,
    )


def labels(vocabulary: Vocabulary, scope: Scope, state: State) -> dict[str, str]:
    """Names of territories by code; and of the names set aside in this address, those that the viewer may see."""
    found = {code: row.name for code, row in vocabulary.tree.rows.items()}
    aside = {value.partition(":")[2] for value in state.all("sans") if value.startswith("name:")}
    if aside:
        found.update(
            (name.code, name.label)
            for name in vocabulary.names.names
            if name.code in aside and name.visibilities & scope.visibilities
        )
    return found


def ready_engine(head: int) -> Answering:
    """What answers this page, after the index of this host has read every change up to `head`."""
    return outbox.answering(head)


@require_safe
@viewers_only
def suggestions(request: HttpRequest) -> JsonResponse:
    """Autocomplete on names, needs and places that this viewer may see: kind, label, value. `lieux=1`: places only."""
    viewer = viewer_of(request)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:120]
    found: list[dict[str, str]] = []
    if len(text) >= 2:
        try:
            engine: Answering | None = ready_engine(viewer.head)
        except EngineError:
            engine = None
        found = [
            {"kind": item.kind, "label": item.label, "value": item.value}
            for item in suggest(text, get_vocabulary(viewer.head), engine, viewer.scope)
            if not request.GET.get("lieux") or item.kind == "place"
        ]
    return JsonResponse({"suggestions": found[:8]})


@require_safe
@viewers_only
def print_basket(request: HttpRequest) -> HttpResponse:
    """The basket as a sheet to print, to hand over or to slip into a file. Nothing of the question is on it."""
    viewer, now = viewer_of(request), timezone.localtime()
    state = State.of(request.GET)
    moment = now
    hits: list[Hit] = []
    messages: list[str] = []
    try:
        if state.basket:
            engine = ready_engine(viewer.head)
            hits = engine.get(list(state.basket), viewer.scope, OrientationRequest(moment=moment))
            if len(hits) < len(state.basket):
                messages.append(UNKNOWN_BASKET)
    except EngineError:
        messages.append(UNAVAILABLE)
    return render(
        request,
        "search/print.html",
        {
            "printed": [baskets.printed(hit, moment) for hit in hits],
            "messages_shown": messages,
            "moment": full_moment(moment),
            "lines": lines.PUBLIC_LINES,
            "back": state.url("panier"),
        },
    )


@require_safe
@viewers_only
def keyboard_help(request: HttpRequest) -> HttpResponse:
    """What each key does, on a page of its own for whoever has no script."""
    return render(request, "search/help.html", {"shortcuts": viewer_of(request).shortcuts})


@require_http_methods(["GET", "HEAD", "POST"])
@viewers_only
def shortcuts(request: HttpRequest) -> HttpResponse:
    """Single-key shortcuts on or off (WCAG 2.1.4): on the account, or in a cookie for a visitor without one."""
    viewer = viewer_of(request)
    if request.method != "POST":
        page_of_form = render(
            request, "search/account.html", {"shortcuts": viewer.shortcuts, "saved": "ok" in request.GET}
        )
        page_of_form["Referrer-Policy"] = settings.SECURE_REFERRER_POLICY
        return page_of_form
    wanted = request.POST.get("raccourcis") == "oui"
    response = HttpResponseRedirect(reverse("shortcuts") + "?ok")
    if viewer.signed_in:
        User.objects.filter(username=request.user.get_username()).update(shortcuts_enabled=wanted)
    elif wanted:
        response.delete_cookie(SHORTCUTS_COOKIE)
    else:
        response.set_cookie(SHORTCUTS_COOKIE, "non", max_age=365 * 24 * 3600, httponly=True, samesite="Lax")
    return response
