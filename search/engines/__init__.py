"""The engines that answer questions. `get_engine` gives the one that this installation uses."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .base import Engine

NAMES = ("embedded", "elasticsearch")

_engines: dict[tuple[object, ...], Engine] = {}


def get_engine(name: str = "") -> Engine:
    """The engine of this name (one of NAMES), by default that of `settings.SEARCH_ENGINE`: one per process and place.

    Raises ImproperlyConfigured when there is no such engine, or when it lacks a setting.
    """
    name = name or settings.SEARCH_ENGINE
    if name == "embedded":
        key: tuple[object, ...] = (name, str(settings.SEARCH_INDEX_DIR))
    elif name == "elasticsearch":
        key = (name, tuple(settings.ELASTICSEARCH_URL), settings.ELASTICSEARCH_INDEX)
    else:
        known = " ou ".join(f"« {other} »" for other in NAMES)
        raise ImproperlyConfigured(f"SEARCH_ENGINE vaut « {name} », qui n’existe pas : écrivez {known}.")
    if key not in _engines:
        _engines[key] = _embedded() if name == "embedded" else _elasticsearch()
    return _engines[key]


def _embedded() -> Engine:
    from .embedded import EmbeddedEngine

    return EmbeddedEngine(Path(settings.SEARCH_INDEX_DIR))


def _elasticsearch() -> Engine:
    if not settings.ELASTICSEARCH_URL:
        raise ImproperlyConfigured(
            "SEARCH_ENGINE vaut « elasticsearch », mais ELASTICSEARCH_URL est vide : donnez l’adresse de la grappe, par "
            "exemple https://recherche.exemple.ca:9200 (voir docs/exploitation.md)."
        )
    from .elasticsearch import ElasticsearchEngine
    from .elasticsearch_client import Connection

    connection = Connection(
        hosts=tuple(settings.ELASTICSEARCH_URL),
        api_key=settings.ELASTICSEARCH_API_KEY,
        user=settings.ELASTICSEARCH_USER,
        password=settings.ELASTICSEARCH_PASSWORD,
        ca_certs=settings.ELASTICSEARCH_CA_CERTS,
        search_seconds=settings.ELASTICSEARCH_TIMEOUT,
    )
    return ElasticsearchEngine(connection, settings.ELASTICSEARCH_INDEX)
