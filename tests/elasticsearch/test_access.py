"""How the program is let in by a cluster: what it sends, and whom it believes."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from search.engines.elasticsearch_client import Client, Connection, OutOfReach, Refused


class _Door(BaseHTTPRequestHandler):
    """Answers like a cluster to who shows the right header, and refuses the others."""

    protocol_version = "HTTP/1.1"
    wanted = ""

    def do_GET(self) -> None:
        welcome = self.headers.get("authorization") == self.wanted
        body = json.dumps({"tagline": "You Know, for Search"} if welcome else {"error": {"type": "security_exception"}})
        self.send_response(200 if welcome else 401)
        self.send_header("x-elastic-product", "Elasticsearch")
        self.send_header("content-type", "application/vnd.elasticsearch+json;compatible-with=8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: Any) -> None:
        return


@contextmanager
def door(wanted: str, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server on loopback that wants this header; gives its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (_Door,), {"wanted": wanted}))
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asks(connection: Connection) -> Any:
    client = Client(connection)
    try:
        return client.call("GET", "/")
    finally:
        client.close()


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_an_api_key_opens_and_comes_before_a_password() -> None:
    with door("ApiKey Y2xlOnNlY3JldA==") as port:
        host = f"http://127.0.0.1:{port}"
        assert asks(Connection((host,), api_key="Y2xlOnNlY3JldA==", user="u", password="p"))["tagline"]
        with pytest.raises(Refused, match="401 security_exception"):
            asks(Connection((host,)))


def test_a_user_and_a_password_open() -> None:
    with door(basic("passerelles", "mot de passe é")) as port:
        assert asks(Connection((f"http://127.0.0.1:{port}",), user="passerelles", password="mot de passe é"))["tagline"]


def test_a_certificate_is_believed_from_its_authority_only(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with door(basic("u", "p"), context) as port:
        host = f"https://localhost:{port}"
        assert asks(Connection((host,), user="u", password="p", ca_certs=str(certificate)))["tagline"]
        with pytest.raises(OutOfReach):
            asks(Connection((host,), user="u", password="p"))
