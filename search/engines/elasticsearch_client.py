"""The way to the server: one raw client per process, JSON by orjson, failures as EngineError in French."""

from __future__ import annotations

import base64
import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson
from elastic_transport import ConnectionTimeout, NdjsonSerializer, TransportError
from elasticsearch import ApiError, Elasticsearch, OrjsonSerializer

from .base import EngineError
from .elasticsearch_wire import Wire

SEARCH_SECONDS = 10.0  # longest wait for an answer to a question
WRITE_SECONDS = 120.0  # … for a batch of writes, or the life of an index
RETRIES = 2
STEP = 0.05  # seconds

_JSON = {"accept": "application/json", "content-type": "application/json"}
_LINES = {"accept": "application/json", "content-type": "application/x-ndjson"}


class IndexMissing(EngineError):
    """There is no index of this format on the server."""

    def __init__(self) -> None:
        super().__init__("L’index de recherche n’existe pas encore : lancez « manage.py rebuild_index ».")


class Refused(EngineError):
    """The server understood and said no. `status`: HTTP."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Conflict(Refused):
    """Somebody was there before (HTTP 409)."""


class OutOfReach(EngineError):
    """The server does not answer, or not in time."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach the server. `hosts`: addresses of the same cluster. A secret never shows in a message."""

    hosts: tuple[str, ...]
    api_key: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    ca_certs: str = ""
    search_seconds: float = SEARCH_SECONDS

    def basic(self) -> str:
        """The user and the password, encoded: the client would take ASCII alone, and a password may have accents."""
        return base64.b64encode(f"{self.user}:{self.password}".encode()).decode()

    def headers(self) -> dict[str, str]:
        """What lets in; a key comes before a password."""
        if self.api_key:
            return {"authorization": f"ApiKey {self.api_key}"}
        return {"authorization": f"Basic {self.basic()}"} if self.user else {}


class _ReadyLines(NdjsonSerializer):
    """Lines in bytes are ready: the client would take megabytes apart to put them together again."""

    def dumps(self, data: Any) -> bytes:
        return data if isinstance(data, bytes) else super().dumps(data)


class Client:
    """Raw calls. Safe for threads; a process that was forked opens connections of its own."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._clients: dict[float, Elasticsearch] = {}
        self._pid = 0
        self._limit = threading.local()
        self._wire = Wire(connection.hosts, connection.headers(), connection.ca_certs)

    def _elasticsearch(self, seconds: float) -> Elasticsearch:
        """The client that waits this long; all of them share their connections."""
        if self._pid != os.getpid():
            self._clients = {}
            self._pid = os.getpid()
        if seconds not in self._clients:
            first = next(iter(self._clients.values()), None) or self._connect()
            self._clients[seconds] = first.options(request_timeout=seconds)
        return self._clients[seconds]

    def _connect(self) -> Elasticsearch:
        options: dict[str, Any] = {}
        if self.connection.api_key:
            options["api_key"] = self.connection.api_key
        elif self.connection.user:
            options["basic_auth"] = self.connection.basic()
        if self.connection.ca_certs:
            options["ca_certs"] = self.connection.ca_certs
        return Elasticsearch(
            list(self.connection.hosts),
            serializers={OrjsonSerializer.mimetype: OrjsonSerializer(), _ReadyLines.mimetype: _ReadyLines()},
            max_retries=RETRIES,
            retry_on_status=(429, 502, 503),
            retry_on_timeout=False,
            connections_per_node=16,
            **options,
        )

    def close(self) -> None:
        """Let go of the connections; the next call opens others."""
        clients, self._clients = self._clients, {}
        if self._pid == os.getpid():
            for client in clients.values():
                client.close()
        self._wire.close()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """All that this thread asks inside is over when these seconds are: OutOfReach otherwise."""
        before = getattr(self._limit, "end", math.inf)
        self._limit.end = min(before, time.monotonic() + seconds)
        try:
            yield
        finally:
            self._limit.end = before

    def _left(self) -> float:
        """Seconds that this thread may still wait. Raises OutOfReach when there are none."""
        left: float = getattr(self._limit, "end", math.inf) - time.monotonic()
        if left <= 0:
            raise OutOfReach("Elasticsearch n’a pas répondu à temps.")
        return left

    def _seconds(self, wanted: float) -> float:
        """What is left to wait, by steps: each wait of its own is a client of its own."""
        left = self._left()
        return wanted if left >= wanted else math.ceil(left / STEP) * STEP

    def search(
        self,
        path: str,
        body: bytes,
        *,
        params: Mapping[str, Any] | None = None,
        seconds: float,
        meanwhile: Callable[[], object] | None = None,
    ) -> Any:
        """One search, the short way (elasticsearch_wire); the decoded answer. `meanwhile` may be called while the
        server computes, once. Raises what `call` raises."""
        address = f"{path}?{urlencode(params)}" if params else path
        try:
            found = self._wire.ask(address, body, min(seconds, self._left()), meanwhile)
            if found is not None:
                return orjson.loads(found)
        except TimeoutError:
            raise OutOfReach(f"Elasticsearch n’a pas répondu en {seconds:g} s.") from None
        except orjson.JSONDecodeError:
            pass  # cut short: the client asks again
        return self.call("POST", path, body, params=params, seconds=seconds)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        lines: bool = False,
        seconds: float = WRITE_SECONDS,
    ) -> Any:
        """One call; the decoded answer. `body`: a plain value, or JSON in bytes (`lines`: one value per line).

        Raises IndexMissing (there is no such index or alias), Conflict, Refused, OutOfReach.
        """
        if body is not None and not isinstance(body, bytes):
            body = orjson.dumps(body)
        headers = _LINES if lines else _JSON
        if body is None:
            headers = {"accept": headers["accept"]}
        seconds = self._seconds(seconds)
        client = self._elasticsearch(seconds)
        # Causes are left out: a server's refusal quotes the question, which no log may hold.
        try:
            return client.perform_request(method, path, params=params, headers=headers, body=body).body
        except ApiError as error:
            raise _refusal(error) from None
        except ConnectionTimeout:
            raise OutOfReach(f"Elasticsearch n’a pas répondu en {seconds:g} s.") from None
        except TransportError as error:
            raise OutOfReach(f"Elasticsearch est hors d’atteinte ({type(error).__name__}).") from None


def _refusal(error: ApiError) -> EngineError:
    status = error.meta.status
    body: Any = error.body
    what = body.get("error") if isinstance(body, dict) else None
    kind = str(what.get("type", "")) if isinstance(what, dict) else str(what or "")
    if status == 404 and (kind in ("index_not_found_exception", "aliases_not_found_exception") or "alias" in kind):
        return IndexMissing()
    if status == 409:
        return Conflict(status, "Elasticsearch : une version plus récente est déjà là.")
    # The server's own words may quote the question: only their kind is told.
    return Refused(status, f"Elasticsearch a refusé la demande ({status} {kind}).")
