"""Fill a folder's network up to so many ententes, and time each page: `python -m benchmarks.agreements.pages SIZE ROUNDS`.

Prints one line of JSON: name of the page → `{"ms": median, "queries": SQL queries}`.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import timedelta
from itertools import count
from typing import Any

from benchmarks.importing import environment

PAGES = {
    "Première page": "/admin/",
    "Liste des ententes": "/admin/snippets/corridors/agreement/",
    "Liste, filtrée par statut, drapeau et terme": (
        "/admin/snippets/corridors/agreement/?statut=en_vigueur&drapeau=a_renouveler&terme=90"
    ),
    "Liste, triée par fin du terme": "/admin/snippets/corridors/agreement/?ordering=terme",
    "Liste, recherche": "/admin/snippets/corridors/agreement/?q=entente+12",
    "Exportation Excel de tout": "/admin/snippets/corridors/agreement/?export=xlsx",
    "Planificateur": "/admin/ententes/planificateur/",
    "Contributions": "/admin/ententes/contributions/",
    "Liste des contributions en retard": "/admin/snippets/corridors/obligation/?quand=en_retard",
}


def fill(size: int) -> None:
    """Ententes of every sort, two parties, a contribution each, a journal for one in four."""
    from django.utils import timezone

    from corridors.enums import DeclaredStatus, PartyRole, Recurrence, RenewalKind
    from corridors.models import Agreement, AgreementEvent, AgreementParty, Obligation
    from registry.models import Organization

    today, now = timezone.localdate(), timezone.now()
    partners = [
        Organization.all_objects.get_or_create(code=f"B{place:03d}", defaults={"name": f"Organisme {place}", "live": True})[0]
        for place in range(200)
    ]  # fmt: skip
    words = [status.value for status in DeclaredStatus]
    first = Agreement.all_objects.count()
    rows = Agreement.all_objects.bulk_create(
        Agreement(
            number=f"BANC-{place:06d}", title=f"Entente {place} sur l’intervention de crise dans le milieu", live=True,
            declared_status=words[place % len(words)], renewal=RenewalKind.values[place % 3],
            notice_days=60 if place % 5 else None, modalities=[], programs=["psychosociaux_generaux"],
            starts_on=today - timedelta(days=1000),
            ends_on=None if place % 7 == 0 else today + timedelta(days=place % 900 - 100),
            responsible=f"Personne {place % 40}",
        )
        for place in range(first, size)
    )  # fmt: skip
    AgreementParty.objects.bulk_create(
        AgreementParty(agreement=row, organization=who, role=role, sort_order=order)
        for place, row in enumerate(rows)
        for order, (who, role) in enumerate(
            ((partners[0], PartyRole.CENTRE), (partners[1 + place % 199], PartyRole.PARTNER))
        )
    )
    Obligation.all_objects.bulk_create(
        Obligation(
            agreement=row, party=partners[1 + place % 199], text="Transmettre le rapport d’activités", live=True,
            recurrence=Recurrence.YEARLY, due_on=today + timedelta(days=place % 300 - 60),
        )
        for place, row in enumerate(rows)
    )  # fmt: skip
    numbers = count(1)
    AgreementEvent.objects.bulk_create(
        AgreementEvent(
            agreement=row, number=next(numbers), kind="transition", to_status=status, turn=turn, recorded_at=now,
            effective_on=today - timedelta(days=place % 60),
        )
        for place, row in enumerate(rows)
        if place % 4 == 0
        for status, turn in (("revision", ""), (("negociation", "centre") if place % 8 else ("en_signature", "")))
    )  # fmt: skip


class _Statements:
    """Counts what goes to the database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


def measure(rounds: int) -> dict[str, dict[str, float]]:
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from registry.enums import Role
    from registry.models import Membership, User

    settings.ALLOWED_HOSTS = ["*"]
    user, made = User.objects.get_or_create(username="mesure", defaults={"is_active": True})
    if made:
        Membership.objects.create(user=user, role=Role.COORDINATOR)
    client = Client()
    client.force_login(user)

    def get(address: str) -> Any:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        if answer.streaming:
            b"".join(answer.streaming_content)
        return answer

    found = {}
    for name, address in PAGES.items():
        get(address)
        statements = _Statements()
        with connection.execute_wrapper(statements):
            get(address)
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            get(address)
            times.append((time.perf_counter() - start) * 1000)
        found[name] = {"ms": statistics.median(times), "queries": statements.count}
    return found


def main() -> None:
    size, rounds = int(sys.argv[1]), int(sys.argv[2])
    environment.ready()
    from django.db import connection

    if "corridors_agreement" not in connection.introspection.table_names():
        environment.tables()
    fill(size)
    print(json.dumps(measure(rounds)))


if __name__ == "__main__":
    main()
