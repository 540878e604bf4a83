"""Questions go on being answered while the server is cut off, and return to it when it is back."""

from __future__ import annotations

import contextlib
import subprocess
import time
import uuid
from typing import Any

import pytest

from registry.enums import Role
from search import outbox
from search.engines import get_engine, resilient_engine
from search.engines.base import EngineError
from tests.factories import records as made
from tests.faults.servers import PATIENCE, FaultServer
from tests.search.page_network import build, client_of

pytestmark = pytest.mark.slow

QUESTIONS = 500
CUT_AT = 150
ASKED = ("deuil", "écoute deuil limoilou", "groupe", "écoute", "perte")


@pytest.mark.django_db
def test_a_server_cut_off_during_five_hundred_questions_makes_none_fail(server: FaultServer, settings: Any) -> None:
    settings.SEARCH_ENGINE, settings.ELASTICSEARCH_URL = "elasticsearch", [server.url]
    settings.ELASTICSEARCH_INDEX = f"pannes-{uuid.uuid4().hex[:8]}"
    network = build(extra=20)
    client = client_of(Role.INTERVENANT)
    breaker = resilient_engine().breaker
    modes: list[bool] = []
    starting: subprocess.Popen[str] | None = None
    for number in range(QUESTIONS):
        if number == CUT_AT:
            server.cut_off()
        if number == CUT_AT + 50:
            starting = server.begin()
        asked = {"q": ASKED[number % len(ASKED)], "panier": network.public}
        page = client.get("/", asked, headers={"HX-Request": "true"})
        content = page.content.decode()
        assert page.status_code == 200
        assert "La recherche ne répond pas" not in content
        assert "Écoute deuil" in content
        modes.append("Mode secours." in content)
    assert not any(modes[:CUT_AT]), "the server answered while it was there"
    assert all(modes[CUT_AT : CUT_AT + 50]), "nobody else than the copy could answer"
    assert starting is not None
    server.await_start(starting)
    # What was saved meanwhile is found there as soon as it is read, and questions return by themselves.
    made.service(made.organization("Maison", code="ORG-N"), "Deuil tout neuf", code="SRV-NEUF")
    limit = time.monotonic() + PATIENCE
    while breaker.is_open or get_engine().mark() < outbox.head():
        assert time.monotonic() < limit, "questions never returned to the server"
        with contextlib.suppress(EngineError):
            outbox.drain(get_engine())
        outbox.drain(get_engine("embedded"))
        time.sleep(0.2)
    content = client.get("/", {"q": "deuil tout neuf"}).content.decode()
    assert "Mode secours." not in content
    assert "Deuil tout neuf" in content
    assert get_engine().mark() == outbox.head()
