"""What the other processes do in the tests of failures: `python -m tests.faults.processes COMMAND …`.

They work on the database and the indexes of their environment.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import models

from tests.search.outbox_process import tables

PATIENCE = 120  # seconds


def prepare(count: str) -> None:
    """A network of this many services, indexed."""
    tables()
    from django.core.management import call_command

    from tests.factories import records

    owner = records.organization("Maison", code="ORG1")
    for number in range(int(count)):
        records.service(owner, f"Service {number}", code=f"S{number:04d}")
    call_command("rebuild_index")


def change(count: str, pause_at: str = "0", sign: str = "") -> None:
    """Make this many changes, each in a transaction of its own: new services, new names, withdrawals, returns. At
    `pause_at`, say so, and go on when the file `sign` is there."""
    from django.db import transaction

    from registry.models import Organization, Service
    from search import outbox

    owner = Organization.objects.get(code="ORG1")
    known = list(Service.all_objects.order_by("pk"))
    for number in range(int(count)):
        if number and number == int(pause_at):
            print("HALF", flush=True)  # noqa: T201
            limit = time.monotonic() + PATIENCE
            while not Path(sign).exists():
                assert time.monotonic() < limit, "nobody gave the sign"
                time.sleep(0.05)
        with transaction.atomic():
            if number % 10 == 0:
                changed = Service(organization=owner, code=f"N{os.getpid()}-{number:04d}", visibility="publique")
            else:
                changed = known[number % len(known)]
                changed.live = number % 10 != 7
            changed.name = f"Nom {number}"
            models.Model.save(changed)
            outbox.append("test", [changed.pk])
    print("DONE", flush=True)  # noqa: T201


def rebuild_and_wait() -> None:
    """Rebuild, and stop half-way, for ever: somebody ends this process."""

    def half(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
        for number, document in enumerate(projection.documents(ids)):
            if number == len(ids) // 2:
                print("HALF", flush=True)  # noqa: T201
                time.sleep(PATIENCE)
            yield document

    from search import projection
    from search.engines import elasticsearch_writing, get_engine

    # Each service goes to the server at once: half of them are really there when it stops.
    elasticsearch_writing.BULK_BYTES = 1
    ids = projection.live_ids()
    get_engine().rebuild(half(ids), 1, len(ids))


def change_while_rebuilding() -> None:
    """Rebuild; in the middle, one service changes its name, one goes, one is new. Says what the index being built holds
    just before it takes the place of the other."""
    from registry import actions
    from registry.models import Organization, Service
    from search import projection
    from search.engines import elasticsearch_index, get_engine
    from search.engines.elasticsearch_writing import every
    from search.upkeep.rebuilding import rebuild
    from tests.factories import records

    read, publish = projection.documents, elasticsearch_index.Indexes.publish

    def documents(ids: Sequence[int], *rest: Any) -> Iterator[dict[str, Any]]:
        projection.documents = read
        yield from list(read(ids, *rest))
        kept, gone = Service.objects.order_by("pk")[:2]
        kept.name = "Changé pendant la reconstruction"
        actions.edit(None, kept)
        actions.unpublish(None, gone)
        records.service(Organization.objects.get(code="ORG1"), "Né pendant la reconstruction", code="PENDANT")

    def publish_and_say(self: Any, name: str) -> None:
        self.refresh(name)
        held = {pk: digest for pk, digest, _version in every(self.client, name)}
        wanted = {item["id"]: item["version"] for item in read(projection.live_ids())}
        print("SAME" if held == wanted else "DIFFERENT", len(wanted), flush=True)  # noqa: T201
        publish(self, name)

    projection.documents = documents  # type: ignore[assignment]
    elasticsearch_index.Indexes.publish = publish_and_say  # type: ignore[method-assign]
    rebuild(get_engine())


def cross() -> None:
    """Two transactions of PostgreSQL: the one that numbers its entry first commits last, long after the other."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections, transaction

    from registry.models import Organization
    from search.models import OutboxEntry
    from tests.factories import records

    owner = Organization.objects.get(code="ORG1")
    slow = ThreadPoolExecutor(1)  # one thread, hence one connection

    def begin() -> int:
        transaction.set_autocommit(False)
        records.service(owner, "Numéroté le premier", code="PREMIER")
        return OutboxEntry.objects.order_by("-seq").values_list("seq", flat=True)[0]

    def end() -> None:
        transaction.commit()
        connections.close_all()

    first = slow.submit(begin).result(timeout=60)
    records.service(owner, "Numéroté le second", code="SECOND")
    second = OutboxEntry.objects.order_by("-seq").values_list("seq", flat=True)[0]
    assert first < second, "the numbers are not in the order that this test is about"
    assert not OutboxEntry.objects.filter(seq=first).exists()
    time.sleep(2)  # the worker looks several times
    slow.submit(end).result(timeout=60)
    slow.shutdown()
    print("CROSSED", flush=True)  # noqa: T201


COMMANDS: dict[str, Any] = {
    function.__name__: function for function in (prepare, change, rebuild_and_wait, change_while_rebuilding, cross)
}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")
    django.setup()
    assert settings.SEARCH_ENGINE == "elasticsearch"
    COMMANDS[sys.argv[1]](*sys.argv[2:])
