"""The real Elasticsearch servers that the tests run on: those that `make elasticsearch` started, or ELASTICSEARCH_URL.

Nothing but indexes under a prefix of this run's own is touched there; the prefix goes with the run.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from functools import cache

from search.engines.base import EngineError
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.elasticsearch_client import Client, Connection
from tools import elasticsearch_server
from tools.elasticsearch_access import access, bare

PREFIX = "passerelles-test"
OLD = 6 * 3600  # seconds: what a run that was killed left behind
# Version → address, looked for once per process.
SERVERS: dict[str, str] = elasticsearch_server.running()


@cache
def run_prefix() -> str:
    """Names of this process's indexes begin with this."""
    return f"{PREFIX}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def connection(url: str) -> Connection:
    """How this server is reached: one that was given may want a key or an account."""
    let_in = access(url)
    return Connection((bare(url),), let_in.api_key, let_in.user, let_in.password, let_in.ca_certs)


@cache
def client(url: str) -> Client:
    return Client(connection(url))


def engine(url: str, prefix: str = "") -> ElasticsearchEngine:
    """An engine with an empty place of its own on this server."""
    made = ElasticsearchEngine(connection(url), prefix or f"{run_prefix()}-{uuid.uuid4().hex[:8]}")
    made.client = made.indexes.client = client(url)
    return made


def clean(prefix: str, url: str) -> None:
    """Remove the indexes whose names begin with this."""
    found = client(url).call("GET", f"/{prefix}-*/_alias")
    if found:
        client(url).call("DELETE", "/" + ",".join(found), params={"ignore_unavailable": True})


def clean_all() -> None:
    """At the end of a run: its own indexes, and what runs that were killed left long ago."""
    for url in SERVERS.values():
        with contextlib.suppress(EngineError):
            clean(run_prefix(), url)
            found = client(url).call("GET", f"/{PREFIX}-*/_settings/index.creation_date")
            for name, held in found.items():
                if float(held["settings"]["index"]["creation_date"]) / 1000 < time.time() - OLD:
                    client(url).call("DELETE", f"/{name}", params={"ignore_unavailable": True})
