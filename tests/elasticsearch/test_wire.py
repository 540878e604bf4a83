"""The short way of a question to the server: what it sends, what happens meanwhile, what it leaves to the client."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from search.engines.base import EngineError
from search.engines.elasticsearch_client import Client, Connection, IndexMissing, OutOfReach, Refused
from search.engines.elasticsearch_wire import Wire

FOUND = {"hits": {"hits": []}}
PATIENCE = 5.0  # seconds


@dataclass
class Server:
    """A server on loopback that plays one. `statuses`: those of the next answers, then 200."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    body: Any = field(default_factory=lambda: FOUND)
    closes: bool = False  # without a word, after each answer
    product: str = "Elasticsearch"
    may_answer: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)  # path, authorization, body
    connections: set[Any] = field(default_factory=set)

    def client(self, **options: Any) -> Client:
        return Client(Connection((f"http://127.0.0.1:{self.port}",), **options))


@contextmanager
def playing() -> Iterator[Server]:
    played = Server()
    played.may_answer.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            played.asked.append((self.path, self.headers.get("authorization", ""), body))
            played.connections.add(self.client_address)
            played.may_answer.wait(PATIENCE)
            answer = played.body if isinstance(played.body, bytes) else json.dumps(played.body).encode()
            self.send_response(played.statuses.pop(0) if played.statuses else 200)
            self.send_header("x-elastic-product", played.product)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            self.close_connection = played.closes

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    played.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield played
    finally:
        played.may_answer.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    with playing() as played:
        yield played


@contextmanager
def asking(server: Server, **options: Any) -> Iterator[Any]:
    client = server.client(**options)
    try:
        yield lambda meanwhile=None, seconds=PATIENCE: client.search(
            "/fiches/_search", b"{}", params={"allow": "false"}, seconds=seconds, meanwhile=meanwhile
        )
    finally:
        client.close()


def test_the_page_works_while_the_server_does(server: Server) -> None:
    server.may_answer.clear()  # it answers only once the page has prepared what it had to
    with asking(server) as ask:
        assert ask(server.may_answer.set) == FOUND
    assert server.asked == [("/fiches/_search?allow=false", "", b"{}")]


def test_an_error_of_the_page_is_not_the_servers(server: Server) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with asking(server) as ask:
        with pytest.raises(ZeroDivisionError):
            ask(broken)
        assert ask() == FOUND


def test_one_connection_serves_many_questions(server: Server) -> None:
    with asking(server) as ask:
        for _ in range(5):
            ask()
    assert len(server.connections) == 1


def test_a_connection_that_was_closed_is_not_a_failure(server: Server) -> None:
    server.closes = True
    with asking(server) as ask:
        assert [ask() for _ in range(4)] == [FOUND] * 4


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({"api_key": "Y2xl", "user": "u", "password": "p"}, "ApiKey Y2xl"),
        ({"user": "é", "password": "p"}, "Basic w6k6cA=="),
    ],
)
def test_what_lets_in_is_sent(server: Server, options: dict[str, str], sent: str) -> None:
    with asking(server, **options) as ask:
        ask()
    assert [authorization for _path, authorization, _body in server.asked] == [sent]


def test_a_server_that_is_slow_is_out_of_reach(server: Server) -> None:
    server.may_answer.clear()
    with asking(server) as ask, pytest.raises(OutOfReach):
        ask(seconds=0.2)
    assert len(server.asked) == 1  # nobody asks again a server that is slow


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_is_busy_for_a_moment_is_asked_again(server: Server, status: int) -> None:
    server.statuses = [status]
    with asking(server) as ask:
        assert ask() == FOUND
    assert len(server.asked) == 2


def test_a_refusal_is_told_as_the_client_tells_it(server: Server) -> None:
    with asking(server) as ask:
        server.statuses, server.body = [404] * 2, {"error": {"type": "index_not_found_exception"}}
        with pytest.raises(IndexMissing):
            ask()
        server.statuses, server.body = [400] * 2, {"error": {"type": "parsing_exception", "reason": "ce qui est dit"}}
        with pytest.raises(Refused, match="400 parsing_exception") as refusal:
            ask()
    assert "ce qui est dit" not in str(refusal.value)


def test_what_is_not_an_answer_is_no_answer(server: Server) -> None:
    server.body = b'{"hits": '
    with asking(server) as ask, pytest.raises(EngineError):
        ask()


def test_another_product_is_left_to_the_client(server: Server) -> None:
    server.product = "Autre"
    wire = Wire((f"http://127.0.0.1:{server.port}",), {})
    assert wire.ask("/", b"{}", PATIENCE, None) is None
    wire.close()


def test_hosts_take_turns_and_one_that_is_gone_is_forgotten_for_a_while() -> None:
    with playing() as first, playing() as second:
        with playing() as gone:
            hosts = [f"http://127.0.0.1:{one.port}" for one in (first, gone, second)]
        wire = Wire(hosts, {})
        answers = [wire.ask("/", b"{}", PATIENCE, None) for _ in range(9)]
        wire.close()
    assert answers.count(None) == 1  # the first time that its turn came
    assert min(len(first.asked), len(second.asked)) >= 3


def test_what_the_short_way_does_not_know_is_left_to_the_client() -> None:
    for address in ("https://exemple.ca:9200", "http://u:p@exemple.ca:9200"):
        assert Wire((address,), {}).ask("/", b"{}", PATIENCE, None) is None
