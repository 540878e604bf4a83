"""Many ententes at once, straight in the database, for the tests of what shows them together."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from corridors.enums import DeclaredStatus, PartyRole, Recurrence, RenewalKind
from corridors.models import Agreement, AgreementEvent, AgreementParty, Obligation
from registry.models import Organization
from tests.factories import records

TODAY = date(2026, 11, 21)


def organizations() -> tuple[Organization, Organization]:
    return records.organization("CIUSSS de la Rive"), records.organization("Maison La Vigie")


def many(number: int, first: int = 0, parties: tuple[Organization, Organization] | None = None) -> list[Agreement]:
    """Ententes of every sort, with what they owe and, for some, a journal."""
    centre, partner = parties or organizations()
    words = [status.value for status in DeclaredStatus]
    rows = Agreement.all_objects.bulk_create(
        Agreement(
            number=f"ENT-{place:05d}", title=f"Entente {place}", live=True, declared_status=words[place % len(words)],
            renewal=RenewalKind.values[place % 3], notice_days=60 if place % 5 else None, modalities=[], programs=[],
            starts_on=date(2020, 1, 1), ends_on=None if place % 7 == 0 else TODAY + timedelta(days=place % 200 - 60),
            responsible=f"Personne {place % 5}",
        )
        for place in range(first, first + number)
    )  # fmt: skip
    AgreementParty.objects.bulk_create(
        AgreementParty(agreement=row, organization=who, role=role, sort_order=place)
        for row in rows
        for place, (who, role) in enumerate(((centre, PartyRole.CENTRE), (partner, PartyRole.PARTNER)))
    )
    Obligation.all_objects.bulk_create(
        Obligation(
            agreement=row, party=partner, text="Rendre compte", live=True, recurrence=Recurrence.MONTHLY,
            due_on=TODAY + timedelta(days=place % 80 - 40),
        )
        for place, row in enumerate(rows)
    )  # fmt: skip
    moves = count(1)
    AgreementEvent.objects.bulk_create(
        AgreementEvent(
            agreement=row, number=next(moves), kind="transition", to_status=status, turn=turn,
            effective_on=TODAY - timedelta(days=place % 20), recorded_at="2026-11-21T12:00:00Z",
        )
        for place, row in enumerate(rows)
        for status, turn in [(("negociation", "centre"), ("en_signature", ""), ("revision", ""))[place // 4 % 3]]
        if place % 4 == 0
    )  # fmt: skip
    return rows
