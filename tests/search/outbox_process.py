"""A second process, for the tests of the change log: `python -m tests.search.outbox_process COMMAND …`.

It works on the database and the index of its environment (DATABASE_URL, PASSERELLES_DATA_DIR).
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")


def tables() -> None:
    """The tables without the history of migrations: seconds instead of half a minute."""
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command

    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)


def prepare() -> None:
    tables()
    from django.core.management import call_command

    from tests.factories import records

    records.organization("Maison", code="ORG1")
    call_command("rebuild_index")


def write(prefix: str, count: str, pause: str = "0") -> None:
    """Save services one by one, each found by the search that follows its own commit."""
    from registry.models import Organization
    from tests.factories import records

    owner = Organization.objects.get(code="ORG1")
    for number in range(int(count)):
        records.service(owner, f"Service {prefix}", code=f"{prefix}{number:03d}")
        assert f"{prefix}{number:03d}" in found(), f"{prefix}{number} was saved and is not found"
        time.sleep(float(pause))


def drain(seconds: str) -> None:
    """Drain again and again, as a search page would."""
    from search import outbox
    from search.engines import get_engine

    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        outbox.freshen(get_engine())
        found()


def found() -> list[str]:
    from django.utils import timezone

    from registry.policies import INTERVENANT
    from search import outbox
    from search.engines import get_engine
    from search.request import OrientationRequest

    engine = get_engine()
    outbox.freshen(engine)
    result = engine.search(OrientationRequest(timezone.localtime(), limit=1_000), INTERVENANT)
    return [hit.code for hit in result.hits]


def crash(code: str) -> None:
    """Save a service, commit, and die before the index has read anything."""
    from registry.models import Organization
    from search import outbox
    from tests.factories import records

    outbox.drain = lambda *args, **kwargs: os._exit(9)  # type: ignore[assignment]
    records.service(Organization.objects.get(code="ORG1"), code=code)


def crash_inside(code: str) -> None:
    """Die in the middle of the transaction."""
    from django.db import transaction

    from registry.models import Organization
    from tests.factories import records

    with transaction.atomic():
        records.service(Organization.objects.get(code="ORG1"), code=code)
        os._exit(9)


def show() -> None:
    """What a search finds, after the index was compared with the database."""
    from django.core.management import call_command

    print("\n".join(found()))  # noqa: T201
    call_command("check_index", stdout=sys.stderr)


def interleaved() -> None:
    """Two transactions that number their entries in one order and commit in the other (PostgreSQL)."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection, connections, transaction

    from search import outbox
    from search.models import HoursPattern, OutboxEntry, RegisteredIndex

    with connection.schema_editor() as editor:
        for model in (OutboxEntry, RegisteredIndex, HoursPattern):
            editor.create_model(model)

    # Each worker is one thread, hence one connection.
    first, second = ThreadPoolExecutor(1), ThreadPoolExecutor(1)

    def do(worker: ThreadPoolExecutor, function: Any, *arguments: Any) -> Any:
        return worker.submit(function, *arguments).result(timeout=30)

    def begin() -> None:
        transaction.set_autocommit(False)

    def end(keep: bool) -> None:
        transaction.commit() if keep else transaction.rollback()
        transaction.set_autocommit(True)

    def append(service: int) -> None:
        outbox.append("test", [service])

    def positions() -> tuple[int, int]:
        return outbox.settled(), outbox.head()

    assert positions() == (0, 0)
    do(second, begin)
    do(second, HoursPattern.objects.create)  # the second transaction is the older one in the server's eyes
    do(first, begin)
    do(first, append, 1)
    do(second, append, 2)
    do(second, end, True)
    assert positions() == (0, 2), "the mark passed an entry that may still appear"
    do(first, end, True)
    assert positions() == (2, 2)

    do(first, begin)
    do(first, append, 3)
    append(4)
    assert positions() == (2, 4)
    do(first, end, False)
    assert positions() == (4, 4), "an entry that was rolled back must not hold the log back for ever"

    do(first, begin)
    do(first, append, 5)
    do(second, begin)
    do(second, append, 6)
    do(first, end, True)
    assert positions() == (5, 5)
    append(7)
    assert positions() == (5, 7)
    do(second, end, True)
    assert positions() == (7, 7)
    for worker in (first, second):
        do(worker, connections.close_all)
        worker.shutdown()


COMMANDS: dict[str, Any] = {
    function.__name__: function for function in (tables, prepare, write, drain, crash, crash_inside, show, interleaved)
}

if __name__ == "__main__":
    django.setup()
    COMMANDS[sys.argv[1]](*sys.argv[2:])
