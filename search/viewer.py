"""Who is asking: their scope, their preferences and the head of the change log, in one SQL query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Max, Subquery
from django.http import HttpRequest

from registry.policies import NOTHING, PUBLIC, Scope, scope_from_rows, scope_rows

from .models import OutboxEntry

# Visitors without an account keep the choice in this cookie; accounts keep it in their profile.
SHORTCUTS_COOKIE = "raccourcis"


@dataclass(frozen=True, slots=True)
class Viewer:
    """`head` is the highest sequence of the change log: what memories and indexes compare their mark with."""

    scope: Scope
    head: int
    name: str = ""
    signed_in: bool = False
    shortcuts: bool = True


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer of this request, remembered on it: session and user cost one query each, this one a third."""
    known: Viewer | None = getattr(request, "_passerelles_viewer", None)
    if known is None:
        known = _read(request)
        request._passerelles_viewer = known  # type: ignore[attr-defined]
    return known


def _read(request: HttpRequest) -> Viewer:
    user: Any = request.user
    if not user.is_authenticated:
        scope = PUBLIC if settings.PASSERELLES_PUBLIC_SEARCH else NOTHING
        head = 0 if scope.is_empty else OutboxEntry.objects.aggregate(head=Max("seq"))["head"] or 0
        return Viewer(scope, head, shortcuts=request.COOKIES.get(SHORTCUTS_COOKIE) != "non")
    newest = OutboxEntry.objects.order_by("-seq").values("seq")[:1]
    rows = list(scope_rows(user).annotate(head=Subquery(newest)))
    return Viewer(
        scope_from_rows(rows),
        next((row["head"] or 0 for row in rows), 0),
        user.get_full_name() or user.get_username(),
        signed_in=True,
        shortcuts=bool(user.shortcuts_enabled),
    )
