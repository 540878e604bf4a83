"""One of those who save listings, in a process of its own: `python -m benchmarks.freshness.writer RATE SECONDS SHARE OF HOW`.

It saves its SHARE of the listings (the one number SHARE in each OF), at this RATE or as fast as it can, and says of each
save, on a line: the primary key, the number in the change log, the moment of the commit (the machine's monotonic clock).
"""

from __future__ import annotations

import sys
import time
import uuid

from benchmarks.importing import environment

WHOLE = "whole"  # as the admin does, with its history and its log
LATEST = 200  # entries among which that of a save is looked for: others write at the same time


def save(pks: list[int], seconds: float, rate: float, whole: bool) -> None:
    """Save one listing after the other. Not `whole`: the row and the change log alone, which cost the machine less."""
    from django.db import transaction

    from registry import actions
    from registry.models import Service
    from search import outbox

    started, number = time.monotonic(), 0
    while (elapsed := time.monotonic() - started) < seconds:
        if number > elapsed * rate:
            time.sleep(number / rate - elapsed)
        service = Service.objects.get(pk=pks[number % len(pks)])
        service.fees = f"{number} $ {uuid.uuid4().hex[:8]}"  # a save that changes nothing is not written again
        if whole:
            actions.edit(None, service)
        else:
            with transaction.atomic():
                Service.objects.filter(pk=service.pk).update(fees=service.fees)
                outbox.append("freshness", [service.pk])
        committed = time.monotonic()
        print(service.pk, _number(service.pk), committed, flush=True)
        number += 1


def _number(pk: int) -> int:
    """Where the change log tells of the last save of this listing."""
    from search.models import OutboxEntry

    rows = OutboxEntry.objects.order_by("-seq").values_list("seq", "services")[:LATEST]
    return next(seq for seq, services in rows if pk in services)


def main(rate: str, seconds: str, share: str, of: str, how: str) -> None:
    environment.ready()
    from registry.models import Service

    pks = list(Service.objects.order_by("pk").values_list("pk", flat=True))[int(share) :: int(of)]
    save(pks, float(seconds), float(rate), how == WHOLE)


if __name__ == "__main__":
    main(*sys.argv[1:])
