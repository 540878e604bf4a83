"""Elasticsearch slow, silent or gone: the question is answered all the same, in time, and the page says « secours »."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError

from registry.enums import Role
from registry.policies import INTERVENANT
from search import schedules as schedules_module
from search.engines import resilient
from search.engines.base import EngineError
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.elasticsearch_client import Connection, OutOfReach
from search.engines.embedded import EmbeddedEngine
from search.engines.resilient import ResilientEngine
from search.request import OrientationRequest
from search.schedules import schedules
from tests.factories.documents import known_patterns, service
from tests.search.page_network import build, client_of

REQUEST = OrientationRequest(datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("America/Toronto")))
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that accepts everybody and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def standby(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EmbeddedEngine:
    monkeypatch.setattr(schedules_module.Schedules, "_read", staticmethod(known_patterns))
    schedules.forget()
    engine = EmbeddedEngine(tmp_path / "copie")
    engine.rebuild([service(1, "Copie locale", code="SRV1")], 5, 1)
    return engine


class Main(EmbeddedEngine):
    """An engine in front whose health the test decides."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.trouble: BaseException | None = None
        self.asked = 0
        self.behind: int | None = None

    def search(self, *args: Any) -> Any:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        return super().search(*args)

    def within(self, seconds: float) -> Any:
        return ElasticsearchEngine(Connection((NOWHERE,))).within(seconds)

    def probe(self) -> int:
        if self.trouble is not None:
            raise self.trouble
        return self.mark() if self.behind is None else self.behind


@pytest.fixture
def main(tmp_path: Path, standby: EmbeddedEngine) -> Main:
    engine = Main(tmp_path / "principal")
    engine.rebuild([service(1, "Principal", code="SRV1")], 5, 1)
    return engine


@pytest.fixture(autouse=True)
def _short_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resilient, "FIRST_REST", 0.02)
    monkeypatch.setattr(resilient, "LONGEST_REST", 0.05)


def ask(engine: ResilientEngine) -> tuple[str, str]:
    """(name of the one service found, mode)."""
    result = engine.question().search(REQUEST, INTERVENANT)
    return result.hits[0].document["name"], result.mode


def comes(condition: Callable[[], bool], seconds: float = 20) -> bool:
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.01)
    return condition()


def test_the_main_engine_answers_when_it_is_well(main: Main, standby: EmbeddedEngine) -> None:
    assert ask(ResilientEngine(main, standby, 0.8, 5)) == ("Principal", "normal")


def test_a_silent_server_costs_one_budget_and_no_more(silent: str, standby: EmbeddedEngine) -> None:
    engine = ResilientEngine(ElasticsearchEngine(Connection((silent,))), standby, 0.3, 5)
    question = engine.question()
    started = time.monotonic()
    assert question.search(REQUEST, INTERVENANT).mode == "secours"
    first = time.monotonic() - started
    assert first >= 0.3
    # The open sheet and the basket of the same page do not wait again.
    started = time.monotonic()
    assert question.get(["SRV1"], INTERVENANT, REQUEST)[0].document["name"] == "Copie locale"
    assert question.suggest("copie", INTERVENANT)
    assert time.monotonic() - started < first
    assert not engine.breaker.is_open
    ask(engine)
    assert engine.breaker.is_open
    started = time.monotonic()
    assert ask(engine) == ("Copie locale", "secours")
    assert time.monotonic() - started < 0.3, "with the circuit open, nobody waits"


def test_the_budget_is_counted_over_all_calls_of_a_thread(silent: str) -> None:
    engine = ElasticsearchEngine(Connection((silent,)))
    started = time.monotonic()
    with engine.within(0.2):
        for _ in range(5):
            with pytest.raises(OutOfReach):
                engine.probe()
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("trouble", [OutOfReach("parti"), KeyError("hits"), TypeError("HTML d’un relais")])
def test_whatever_fails_the_copy_answers_and_questions_return_by_themselves(
    trouble: BaseException, main: Main, standby: EmbeddedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    engine = ResilientEngine(main, standby, 0.8, 5)
    main.trouble = trouble
    assert {ask(engine) for _ in range(4)} == {("Copie locale", "secours")}
    assert main.asked == resilient.FAILURES
    assert "Mode secours" in caplog.text
    main.trouble = None
    assert comes(lambda: not engine.breaker.is_open)
    assert ask(engine) == ("Principal", "normal")
    assert "Fin du mode secours" in caplog.text


def test_one_failure_alone_does_not_open_the_circuit(main: Main, standby: EmbeddedEngine) -> None:
    engine = ResilientEngine(main, standby, 0.8, 5)
    for _ in range(3):
        main.trouble = OutOfReach("lente")
        assert ask(engine)[1] == "secours"
        main.trouble = None
        assert ask(engine)[1] == "normal"


def test_questions_do_not_return_to_a_server_that_has_not_read_what_it_missed(
    main: Main, standby: EmbeddedEngine
) -> None:
    engine = ResilientEngine(main, standby, 0.8, 5)
    main.trouble, main.behind = OutOfReach("parti"), 3
    for _ in range(2):
        ask(engine)
    main.trouble = None
    time.sleep(0.3)
    assert ask(engine) == ("Copie locale", "secours")
    main.behind = 5
    assert comes(lambda: not engine.breaker.is_open)
    assert ask(engine) == ("Principal", "normal")


def test_it_does_not_wait_for_ever_for_a_server_that_reads_nothing(
    main: Main, standby: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resilient, "CATCH_UP_SECONDS", 0.2)
    engine = ResilientEngine(main, standby, 0.8, 5)
    main.trouble, main.behind = OutOfReach("parti"), 3
    for _ in range(2):
        ask(engine)
    main.trouble = None
    assert comes(lambda: not engine.breaker.is_open)


def test_without_a_copy_a_late_answer_is_better_than_none(main: Main, tmp_path: Path) -> None:
    engine = ResilientEngine(main, EmbeddedEngine(tmp_path / "jamais construite"), 0.8, 5)
    answers = [OutOfReach("lente"), None]
    search = main.search

    def slow(*args: Any) -> Any:
        main.trouble = answers.pop(0)
        return search(*args)

    main.search = slow  # type: ignore[method-assign]
    assert ask(engine) == ("Principal", "normal")
    answers[:] = [OutOfReach("partie"), OutOfReach("partie")]
    with pytest.raises(EngineError):
        ask(engine)


def test_a_database_that_is_away_is_not_the_server_s_fault(main: Main, standby: EmbeddedEngine) -> None:
    engine = ResilientEngine(main, standby, 0.8, 5)
    main.trouble = OperationalError("locked")
    for _ in range(3):
        with pytest.raises(OperationalError):
            ask(engine)
    assert not engine.breaker.is_open


def test_what_the_caller_says_reaches_no_log(
    main: Main, standby: EmbeddedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    engine = ResilientEngine(main, standby, 0.8, 5)
    main.trouble = ValueError("elle a tout perdu")
    for _ in range(3):
        ask(engine)
    assert "perdu" not in caplog.text


def test_many_threads_open_the_circuit_once(main: Main, standby: EmbeddedEngine, monkeypatch: Any) -> None:
    monkeypatch.setattr(resilient, "FIRST_REST", 5.0)
    engine = ResilientEngine(main, standby, 0.8, 5)
    main.trouble = OutOfReach("parti")
    answers: list[tuple[str, str]] = []
    before = threading.active_count()
    threads = [threading.Thread(target=lambda: answers.append(ask(engine))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [("Copie locale", "secours")] * 8
    assert threading.active_count() == before + 1, "one thread looks at the server"


@pytest.mark.django_db
def test_the_page_is_served_with_its_banner(settings: Any) -> None:
    network = build()
    settings.SEARCH_ENGINE, settings.ELASTICSEARCH_URL = "elasticsearch", [NOWHERE]
    client = client_of(Role.INTERVENANT)
    page = client.get("/", {"q": "deuil", "fiche": network.public, "panier": network.network})
    assert page.status_code == 200
    content = page.content.decode()
    assert "Mode secours." in content
    assert "La recherche ne répond pas" not in content
    assert "Écoute deuil" in content
    assert client.get("/suggestions", {"q": "écoute"}).json()["suggestions"]
