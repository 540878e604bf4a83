"""The engines: which one this installation uses (`get_engine`), which answers a page (`answering`), and which indexes
this host keeps up to date (`kept_engines`)."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .base import Answering, Engine
from .resilient import Main, ResilientEngine

NAMES = ("embedded", "elasticsearch")

_engines: dict[tuple[object, ...], Engine] = {}
_resilient: dict[tuple[Engine, Engine, float], ResilientEngine] = {}


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


def kept_names() -> tuple[str, ...]:
    """The engines whose indexes this host keeps up to date, the main one first. Behind Elasticsearch, each host has a
    local copy of its own."""
    return ("elasticsearch", "embedded") if settings.SEARCH_ENGINE == "elasticsearch" else (settings.SEARCH_ENGINE,)


def kept_engines() -> tuple[Engine, ...]:
    """See `kept_names`."""
    return tuple(get_engine(name) for name in kept_names())


def resilient_engine() -> ResilientEngine:
    """Elasticsearch with the local copy behind it: one per process and place, for it remembers how the server is."""
    main, standby = cast(Main, get_engine("elasticsearch")), get_engine("embedded")
    budget = settings.SEARCH_BUDGET_MS / 1000
    key = (main, standby, budget)
    if key not in _resilient:
        _resilient[key] = ResilientEngine(main, standby, budget, settings.ELASTICSEARCH_TIMEOUT)
    return _resilient[key]


def answering() -> Answering:
    """What answers the questions of one page. Ask for another one at the next page: it has a budget."""
    return resilient_engine().question() if settings.SEARCH_ENGINE == "elasticsearch" else get_engine()


def _embedded() -> Engine:
    from .embedded import EmbeddedEngine

    return EmbeddedEngine(Path(settings.SEARCH_INDEX_DIR))


def _elasticsearch() -> Engine:
    if not settings.ELASTICSEARCH_URL:
        raise ImproperlyConfigured(
            "SEARCH_ENGINE vaut « elasticsearch », mais ELASTICSEARCH_URL est vide : donnez l’adresse de la grappe, "
            "par exemple https://recherche.exemple.ca:9200 (voir docs/exploitation.md)."
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
    return ElasticsearchEngine(connection, settings.ELASTICSEARCH_INDEX, settings.ELASTICSEARCH_SHARDS)
