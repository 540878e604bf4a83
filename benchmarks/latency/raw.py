"""The bare search: the standard library's HTTP client, one connection kept open, the answer read and not even decoded."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode, urlsplit

_PATIENCE = 120.0  # seconds


class Server:
    """One connection to one server. Raises OSError when it does not answer, ValueError when it refuses."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.username:
            raise ValueError("Mesurez un serveur sans TLS ni mot de passe, sur une machine d’essai.")
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 9200, timeout=_PATIENCE)

    def call(self, method: str, address: str, body: bytes | None = None, kind: str = "application/json") -> bytes:
        """The answer to one request, as it came."""
        headers = {"Accept": "application/json"} | ({"Content-Type": kind} if body is not None else {})
        self._connection.request(method, address, body, headers)
        answer = self._connection.getresponse()
        found = answer.read()
        if answer.status >= 300:
            raise ValueError(f"Elasticsearch a répondu {answer.status} à {method} {address.partition('?')[0]}")
        return found

    def time(self, searches: Iterable[tuple[str, dict[str, Any], bytes]]) -> float:
        """Milliseconds that these searches (path, parameters, body) take, one after the other."""
        started = time.perf_counter()
        for path, params, body in searches:
            self.call("POST", f"{path}?{query(params)}", body)
        return (time.perf_counter() - started) * 1000

    def version(self) -> str:
        """The version that the server says it is."""
        return str(json.loads(self.call("GET", "/"))["version"]["number"])

    def indexes(self, prefix: str) -> list[str]:
        """The indexes whose names begin with this."""
        return list(json.loads(self.call("GET", f"/{prefix}*/_alias")))

    def delete(self, index: str) -> None:
        self.call("DELETE", f"/{index}")

    def close(self) -> None:
        self._connection.close()


def query(params: dict[str, Any]) -> str:
    """These parameters as they stand in an address."""
    return urlencode({name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()})
