"""The measures on a real server: the bare search gets what the page got."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from benchmarks.latency import page_worker
from benchmarks.latency.raw import Server
from benchmarks.synthetic.variants import varied
from registry.policies import INTERVENANT
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.elasticsearch_client import Client
from search.request import OrientationRequest
from tests.factories import documents as factories

MOMENT = datetime(2026, 11, 21, 14, tzinfo=ZoneInfo("America/Toronto"))


def test_the_bare_search_is_the_one_that_was_sent_and_finds_the_same(
    engine: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Client, "call", Client.call)  # put back after the test
    engine.rebuild(varied([factories.service(1), factories.service(2)], 2, 30, 2), 1, 30)
    sent: list[page_worker.Search] = []
    page_worker.record(sent)
    found = engine.search(OrientationRequest(moment=MOMENT, limit=30), INTERVENANT)
    ((path, params, body),) = sent
    assert params == {"allow_partial_search_results": "false"}
    server = Server(engine.client.connection.hosts[0])
    answer = json.loads(server.call("POST", f"{path}?allow_partial_search_results=false", body))
    codes = [hit["_source"]["payload"]["document"]["code"] for hit in answer["hits"]["hits"]]
    assert codes == [hit.code for hit in found.hits]
    assert len(codes) == found.total == 30
    assert server.time(sent) > 0
    assert server.version().startswith(("8.", "9."))
    server.close()


def test_what_the_server_refuses_is_no_measure(engine: ElasticsearchEngine) -> None:
    server = Server(engine.client.connection.hosts[0])
    with pytest.raises(ValueError, match="404"):
        server.time([(f"/{engine.indexes.prefix}-rien/_search", {}, b"{}")])
    server.close()
