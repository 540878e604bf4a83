"""The suites on a server that was given, behind TLS and a lock: a real server, and a door in front of it."""

from __future__ import annotations

import base64
import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from registry.policies import INTERVENANT
from search.engines.elasticsearch import ElasticsearchEngine
from search.request import OrientationRequest
from tests import elasticsearch_servers
from tests.factories.documents import service
from tools import elasticsearch_server
from tools.elasticsearch_access import access, bare

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("America/Toronto"))
KEY = "Y2xlOnNlY3JldA=="
PASSWORD = "mot/de:passe é"
BASIC = "Basic " + base64.b64encode(f"centre:{PASSWORD}".encode()).decode()
IN_ADDRESS = "centre:mot%2Fde%3Apasse%20%C3%A9"


class _Door(BaseHTTPRequestHandler):
    """Hands on to the server behind what shows the right header; refuses the rest."""

    protocol_version = "HTTP/1.1"
    behind = ""
    opens = frozenset({f"ApiKey {KEY}", BASIC})

    def hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("authorization") not in self.opens:
            self._answer(401, {"content-type": "application/json"}, b'{"error":{"type":"security_exception"}}')
            return
        connection = http.client.HTTPConnection(urlsplit(self.behind).netloc, timeout=60)
        kept = {name: self.headers[name] for name in ("accept", "content-type") if self.headers[name]}
        connection.request(self.command, self.path, body or None, kept)
        answer = connection.getresponse()
        headers = {name: value for name, value in answer.getheaders() if name.lower().startswith(("x-", "content-ty"))}
        self._answer(answer.status, headers, answer.read())
        connection.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = hand_on

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        return


@contextmanager
def locked(behind: str, certificate: Path) -> Iterator[int]:
    """A door with TLS on loopback, in front of this server; gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (_Door,), {"behind": behind}))
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def door(engine: ElasticsearchEngine, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The server of this test behind a lock; nobody has shown anything yet."""
    for name in ("ELASTICSEARCH_API_KEY", "ELASTICSEARCH_USER", "ELASTICSEARCH_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ELASTICSEARCH_CA_CERTS", str(certificate))
    with locked(engine.client.connection.hosts[0], certificate) as port:
        yield port
    elasticsearch_servers.client.cache_clear()


@pytest.mark.parametrize(
    ("account", "variables"),
    [
        ("", {"ELASTICSEARCH_API_KEY": KEY}),
        ("", {"ELASTICSEARCH_USER": "centre", "ELASTICSEARCH_PASSWORD": PASSWORD}),
        (f"{IN_ADDRESS}@", {}),
    ],
)
def test_a_given_server_lets_the_suites_in(
    account: str, variables: dict[str, str], door: int, engine: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"https://{account}localhost:{door}"
    monkeypatch.setenv("ELASTICSEARCH_URL", address)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    ((version, found),) = elasticsearch_server.running().items()
    assert version.startswith(("8.", "9."))
    inside = elasticsearch_servers.engine(found, engine.indexes.prefix)
    inside.rebuild([service(1, "Écoute")], 1, 1)
    inside.apply([service(2, "Accueil")], [], 2)
    hits = inside.search(OrientationRequest(MONDAY), INTERVENANT).hits
    assert sorted(hit.document["name"] for hit in hits) == ["Accueil", "Écoute"]
    assert engine.digests() == inside.digests()
    inside.client.close()


def test_without_the_key_or_the_authority_nobody_enters(door: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELASTICSEARCH_URL", f"https://localhost:{door}")
    assert elasticsearch_server.running() == {}
    monkeypatch.setenv("ELASTICSEARCH_API_KEY", KEY)
    assert elasticsearch_server.running()
    monkeypatch.delenv("ELASTICSEARCH_CA_CERTS")
    assert elasticsearch_server.running() == {}


def test_a_secret_is_neither_printed_nor_sent_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ELASTICSEARCH_URL", f"http://{IN_ADDRESS}@127.0.0.1:9")
    monkeypatch.setenv("ELASTICSEARCH_API_KEY", KEY)
    with pytest.raises(elasticsearch_server.ServerError) as refusal:
        elasticsearch_server.start(9)
    told = str(refusal.value) + capsys.readouterr().out + repr(access("http://127.0.0.1:9"))
    assert "127.0.0.1:9" in told
    assert not any(secret in told for secret in ("mot", KEY, PASSWORD))
    assert access("http://127.0.0.1:9208").headers() == {}
    assert bare(f"https://{IN_ADDRESS}@exemple.ca:9200/es") == "https://exemple.ca:9200/es"
