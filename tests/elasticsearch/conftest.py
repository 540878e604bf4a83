"""An engine with an empty place of its own on each real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from search import schedules as schedules_module
from search.engines.elasticsearch import ElasticsearchEngine
from search.schedules import schedules
from tests import elasticsearch_servers
from tests.elasticsearch_servers import SERVERS
from tests.factories.documents import known_patterns


@pytest.fixture(params=list(SERVERS.items()), ids=[f"elasticsearch-{version}" for version in SERVERS])
def engine(request: pytest.FixtureRequest) -> Iterator[ElasticsearchEngine]:
    _version, url = request.param
    made = elasticsearch_servers.engine(url)
    yield made
    elasticsearch_servers.clean(made.indexes.prefix, url)


@pytest.fixture(autouse=True)
def _known_schedules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The numbers that the factories gave to schedules, as the database would."""
    monkeypatch.setattr(schedules_module.Schedules, "_read", staticmethod(known_patterns))
    schedules.forget()
    yield
    schedules.forget()
