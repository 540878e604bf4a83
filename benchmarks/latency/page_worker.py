"""A process that serves one network from Elasticsearch: `python -m benchmarks.latency.page_worker`.

Reads addresses; answers, for each, what the page took, what it computed, and every search that it sent to the server, to the letter, so
that the very same can be sent without the page.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from benchmarks.importing import environment
from benchmarks.page.worker import ask, session_of_intervenant

Search = tuple[str, dict[str, Any], bytes]  # path, parameters, body


def record(kept: list[Search]) -> None:
    """From now on, every search that a client of this process sends is kept in this list."""
    from search.engines.elasticsearch_client import Client

    sent = Client.search

    def search(self: Client, path: str, body: bytes, **options: Any) -> Any:
        kept.append((path, dict(options.get("params") or {}), body))
        return sent(self, path, body, **options)

    Client.search = search  # type: ignore[method-assign]


def main() -> None:
    environment.ready()
    from django.core.wsgi import get_wsgi_application

    application, cookie = get_wsgi_application(), session_of_intervenant()
    searches: list[Search] = []
    record(searches)
    for line in sys.stdin:
        searches.clear()
        used = time.process_time()
        milliseconds, status, _size = ask(application, cookie, line.strip())
        used = (time.process_time() - used) * 1000
        sent = [[path, params, body.decode()] for path, params, body in searches]
        print(json.dumps({"ms": milliseconds, "cpu": used, "status": status, "searches": sent}), flush=True)


if __name__ == "__main__":
    main()
