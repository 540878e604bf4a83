"""The engines that answer questions. `get_engine` gives the one that this installation uses."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .base import Engine

_engines: dict[tuple[str, str], Engine] = {}


def get_engine() -> Engine:
    """The engine of `settings.SEARCH_ENGINE`, one per process and index folder."""
    key = (settings.SEARCH_ENGINE, str(settings.SEARCH_INDEX_DIR))
    if key not in _engines:
        if settings.SEARCH_ENGINE != "embedded":
            raise ImproperlyConfigured(
                f"SEARCH_ENGINE vaut « {settings.SEARCH_ENGINE} », qui n’existe pas : « embedded »."
            )
        from .embedded import EmbeddedEngine

        _engines[key] = EmbeddedEngine(Path(settings.SEARCH_INDEX_DIR))
    return _engines[key]
