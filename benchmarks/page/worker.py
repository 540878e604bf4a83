"""A process that serves one network: `python -m benchmarks.page.worker`. Reads addresses, answers what each page took.

The page is asked of the WSGI application itself, signed in as an intervenant: no network, no test client.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from benchmarks.importing import environment


def session_of_intervenant() -> str:
    """The cookie of an intervenant's session."""
    from django.test import Client

    from registry.enums import Role
    from registry.models import Membership, User

    user, made = User.objects.get_or_create(username="mesure")
    if made:
        Membership.objects.create(user=user, role=Role.INTERVENANT)
    client = Client()
    client.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def ask(application: Callable[..., Any], cookie: str, address: str) -> tuple[float, int, int]:
    """(milliseconds, status, bytes) of one page."""
    path, _mark, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1:8000", "HTTP_COOKIE": cookie,
        "wsgi.url_scheme": "http", "wsgi.input": BytesIO(), "wsgi.errors": sys.stderr, "wsgi.version": (1, 0),
        "wsgi.multithread": False, "wsgi.multiprocess": True, "wsgi.run_once": False, "REMOTE_ADDR": "127.0.0.1",
    }  # fmt: skip
    said: list[str] = []
    started = time.perf_counter()
    answer = application(environ, lambda status, headers, *_: said.append(status))
    size = sum(len(part) for part in answer)
    answer.close()
    return (time.perf_counter() - started) * 1000, int(said[0].split()[0]), size


def main() -> None:
    environment.ready()
    from django.core.wsgi import get_wsgi_application

    application, cookie = get_wsgi_application(), session_of_intervenant()
    for line in sys.stdin:
        milliseconds, status, size = ask(application, cookie, line.strip())
        print(json.dumps([milliseconds, status, size]), flush=True)


if __name__ == "__main__":
    main()
