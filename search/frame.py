"""What surrounds every page of ours: the establishment, the clock, who is signed in, the lines that always answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from registry.policies import ADMIN_ROLES

from .dates import clock, long_day
from .viewer import Viewer


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
    def signed_in(self) -> bool:
        return self.viewer is not None and self.viewer.signed_in

    @property
    def searches(self) -> bool:
        return self.viewer is not None and not self.viewer.scope.is_empty


def frame_of(request: Any) -> Frame:
    """The frame of a request. Never asks the database: it shows the viewer only where the view identified one."""
    now = timezone.localtime()
    return Frame(
        settings.PASSERELLES_ESTABLISHMENT,
        now,
        long_day(now),
        clock(now),
        getattr(request, "_passerelles_viewer", None),
    )
