"""Opening hours: French text ↔ OSM ``opening_hours``, « joignable maintenant », and back into French."""

from .description import Reach, describe_state, reach_class
from .evaluation import (
    TIMEZONE,
    Closure,
    State,
    is_open,
    open_patterns,
    state_at,
)
from .model import Holidays, Hours, Status
from .parser import parse_hours
from .rendering import render_canonical, render_hours

__all__ = [
    "TIMEZONE",
    "Closure",
    "Holidays",
    "Hours",
    "Reach",
    "State",
    "Status",
    "describe_state",
    "is_open",
    "open_patterns",
    "parse_hours",
    "reach_class",
    "render_canonical",
    "render_hours",
    "state_at",
]
