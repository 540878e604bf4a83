"""What surrounds every page of ours: the establishment, the clock, who is signed in, the lines that always answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from registry.policies import ADMIN_ROLES

from .dates import clock, long_day
from .viewer import Viewer, viewer_of


@dataclass(frozen=True, slots=True)
class Frame:
    """`viewer` is None on an error page, where nobody was identified."""

    establishment: str
    now: datetime
    day: str
    time: str
    viewer: Viewer | None

    @property
    def administers(self) -> bool:
        return self.viewer is not None and bool(self.viewer.scope.roles & ADMIN_ROLES)

    @property
    def partners(self) -> bool:
        """Has pages of its own: it speaks for an organization."""
        return self.viewer is not None and bool(self.viewer.scope.organization_ids)

    @property
    def signed_in(self) -> bool:
        return self.viewer is not None and self.viewer.signed_in

    @property
    def searches(self) -> bool:
        return self.viewer is not None and not self.viewer.scope.is_empty


def frame_of(request: Any) -> Frame:
    """The frame of a request. It shows the viewer only where the view identified one, or said that it had: an error
    page asks the database nothing."""
    now = timezone.localtime()
    viewer = getattr(request, "_passerelles_viewer", None)
    if viewer is None and getattr(request, "_passerelles_identified", False):
        viewer = viewer_of(request)
    return Frame(
        settings.PASSERELLES_ESTABLISHMENT,
        now,
        long_day(now),
        clock(now),
        viewer,
    )
