"""Who is asking: their account, their scope and the head of the change log, in one SQL query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Max, Subquery
from django.http import HttpRequest

from registry.policies import NOTHING, PUBLIC, Scope, remembered_scope, scope_from_rows, scope_rows

from .models import OutboxEntry

HEAD = "_change_log_head"  # the attribute of a request's account that holds the head of the change log
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


def newest() -> Subquery:
    """The head of the change log, to be read along with something else."""
    return Subquery(OutboxEntry.objects.order_by("-seq").values("seq")[:1])


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer of this request, remembered on it. Everything comes with the account (`registry.auth`)."""
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
    remembered = remembered_scope(user)
    if remembered is not None:
        scope, head = remembered, getattr(user, HEAD)
    else:
        rows = list(scope_rows(user).annotate(head=newest()))
        scope, head = scope_from_rows(rows), next((row["head"] for row in rows), 0)
    return Viewer(
        scope,
        head or 0,
        user.get_full_name() or user.get_username(),
        signed_in=True,
        shortcuts=bool(user.shortcuts_enabled),
    )
