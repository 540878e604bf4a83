"""The short way to the server, for questions: one connection kept open, the bytes of the answer, and nothing around.

The client's own way spends on each call as much as the rest of the engine. It stays the one that knows better: whatever
is not a plain answer (a connection lost, a refusal, a server that rests) is left to it, for it knows when to try again,
where else, and what an error means. While the server computes, the page may prepare what does not depend on its answer.
"""

from __future__ import annotations

import os
import ssl
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import count
from urllib.parse import urlsplit

PRODUCT = ("x-elastic-product", "Elasticsearch")
REST = 30.0  # seconds during which a host that failed is left to the client
KEPT = 16  # idle connections to one host


class _Host:
    """One host, and the connections to it that nobody uses."""

    def __init__(self, address: str, context: ssl.SSLContext | None) -> None:
        parts = urlsplit(address)
        self.prefix = parts.path.rstrip("/")
        self.resting_until = 0.0
        self.idle: deque[HTTPConnection] = deque()
        # A client that is dropped without a word leaves no socket open.
        weakref.finalize(self, _let_go, self.idle)
        self._name = parts.hostname or ""
        self._port = parts.port or 9200
        self._context = context

    def connection(self, seconds: float) -> HTTPConnection:
        """An open one if there is, for this long a wait."""
        try:
            found = self.idle.pop()
        except IndexError:
            if self._context is not None:
                return HTTPSConnection(self._name, self._port, timeout=seconds, context=self._context)
            return HTTPConnection(self._name, self._port, timeout=seconds)
        if found.sock is not None:
            found.sock.settimeout(seconds)
        return found


class Wire:
    """Connections to the hosts of one cluster, in turn. Safe for threads; a process that was forked opens its own.

    `headers`: what lets in. `ca_certs`: who signed the certificates (a file); without one, an « https » host is left to
    the client, and so is an address that holds a password.
    """

    def __init__(self, hosts: Sequence[str], headers: Mapping[str, str], ca_certs: str = "") -> None:
        self._addresses = [address for address in hosts if _is_plain(address, ca_certs)]
        self._ca_certs = ca_certs
        self._headers = {"accept": "application/json", "content-type": "application/json", **headers}
        self._turn = count()
        self._pid = 0
        self._hosts: list[_Host] = []

    def ask(self, path: str, body: bytes, seconds: float, meanwhile: Callable[[], object] | None) -> bytes | None:
        """The answer to one search, as it came; None when the client must ask instead. `meanwhile` is called once the
        question has left. Raises TimeoutError when the server takes more than these seconds."""
        host = self._next()
        if host is None:
            return None
        connection = host.connection(seconds)
        try:
            connection.request("POST", host.prefix + path, body, self._headers)
        except (OSError, HTTPException) as error:
            _failed(host, connection, error)
            return None
        if meanwhile is not None:
            try:
                meanwhile()
            except BaseException:
                connection.close()
                raise
        try:
            response = connection.getresponse()
            found = response.read()
        except (OSError, HTTPException) as error:
            _failed(host, connection, error)
            return None
        if response.will_close or len(host.idle) >= KEPT:
            connection.close()
        else:
            host.idle.append(connection)
        plain = response.status == 200 and response.getheader(PRODUCT[0]) == PRODUCT[1]
        return found if plain else None

    def close(self) -> None:
        """Let go of the connections; the next question opens others."""
        hosts, self._hosts = self._hosts, []
        if self._pid == os.getpid():
            for host in hosts:
                _let_go(host.idle)
        self._pid = 0

    def _next(self) -> _Host | None:
        if self._pid != os.getpid():
            context = ssl.create_default_context(cafile=self._ca_certs) if self._ca_certs else None
            self._hosts = [_Host(one, context if one.startswith("https") else None) for one in self._addresses]
            self._pid = os.getpid()
        hosts = self._hosts
        if not hosts:
            return None
        start, now = next(self._turn), time.monotonic()
        around = (hosts[(start + step) % len(hosts)] for step in range(len(hosts)))
        return next((host for host in around if host.resting_until <= now), None)


def _let_go(idle: deque[HTTPConnection]) -> None:
    while idle:
        idle.pop().close()


def _is_plain(address: str, ca_certs: str) -> bool:
    parts = urlsplit(address)
    secure = parts.scheme == "https" and os.path.isfile(ca_certs)
    return bool(parts.hostname) and not parts.username and (parts.scheme == "http" or secure)


def _failed(host: _Host, connection: HTTPConnection, error: Exception) -> None:
    """A connection that was kept may have been closed at the other end: the client tries another. A host that does not
    answer, or not in time, rests."""
    connection.close()
    if isinstance(error, TimeoutError):
        host.resting_until = time.monotonic() + REST
        raise error
    if isinstance(error, ConnectionRefusedError):
        host.resting_until = time.monotonic() + REST
