"""« Contributions attendues »: when each is due, which are late, and how a party shows that one was met.

The date written in the entente is a term of it and does not move. A contribution that comes back is due again after
somebody declared it met in the system: that covers every date up to the day of the declaration, and the journal keeps
which. What the workbook declares counts for the date that is written, until then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from registry import actions as registry_actions
from registry import policies as registry_policies

from . import policies
from .actions import Actor, locked, record
from .dossier import status_of
from .enums import AgreementStatus as S
from .enums import EventKind, ObligationStatus, Recurrence
from .lifecycle import REASON_LENGTH, Refused
from .models import AgreementEvent, Obligation
from .overview import RUNNING, Standing, standings
from .policies import Action
from .state import add_months

_MONTHS = {Recurrence.MONTHLY.value: 1, Recurrence.QUARTERLY.value: 3, Recurrence.YEARLY.value: 12}
_SETTLED = frozenset({ObligationStatus.MET.value, ObligationStatus.CLOSED.value})


class When(StrEnum):
    """Where a contribution stands on a day: the sections of the board."""

    LATE = "en_retard"
    THIS_MONTH = "ce_mois"
    LATER = "plus_tard"
    UNDATED = "sans_date"
    MET = "respectees"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a party owes, as it stands on a day. `due_on`: the date to come (or missed); None for one without a date.
    `met_on`: the last date for which it was declared met in the system."""

    pk: int
    agreement_id: int
    number: str
    title: str
    text: str
    party_id: int
    party: str
    recurrence: str
    status: str
    evidence: str
    due_on: date | None
    met_on: date | None
    when: When


def next_due(first: date | None, recurrence: str, met_on: date | None = None) -> date | None:
    """When a contribution is due: the date written, or for one that comes back, the first date after the last one
    declared met. None: no date, or beyond the calendar."""
    months = _MONTHS.get(recurrence)
    if first is None or met_on is None or met_on < first or months is None:
        return first
    periods = ((met_on.year - first.year) * 12 + met_on.month - first.month) // months
    try:
        while add_months(first, periods * months) <= met_on:
            periods += 1
        return add_months(first, periods * months)
    except OverflowError:
        return None


def covered(first: date | None, recurrence: str, met_on: date | None, day: date) -> date | None:
    """The last date that a declaration made on a day covers: the last one reached, or the next one when it comes
    early. None: no date."""
    due = next_due(first, recurrence, met_on)
    while due is not None:
        after = next_due(first, recurrence, due)
        if after is None or after == due or after > day:
            break
        due = after
    return due


def stands(due_on: date | None, settled: bool, day: date) -> When:
    if settled:
        return When.MET
    if due_on is None:
        return When.UNDATED
    if due_on < day:
        return When.LATE
    return When.THIS_MONTH if (due_on.year, due_on.month) == (day.year, day.month) else When.LATER


def declarations(obligations: Collection[int] | None = None) -> dict[int, date]:
    """Obligation → the last date for which somebody declared it met. One SQL query."""
    events = AgreementEvent.objects.filter(kind=EventKind.CONTRIBUTION).order_by("pk")
    found: dict[int, date] = {}
    for data in events.values_list("data", flat=True):
        pk, due = data.get("obligation"), data.get("due_on")
        if pk is None or not due or (obligations is not None and pk not in obligations):
            continue
        found[pk] = max(date.fromisoformat(due), found.get(pk, date.min))
    return found


def contributions(day: date | None = None, rows: Iterable[Standing] | None = None) -> list[Contribution]:
    """Every contribution of the ententes that run on a day, by date. Three SQL queries (two when the standings are
    known)."""
    asked = day or timezone.localdate()
    running = {row.pk for row in (standings(asked) if rows is None else rows) if row.status in RUNNING}
    met = declarations()
    owed = Obligation.objects.exclude(status=ObligationStatus.CLOSED).order_by("due_on", "pk")
    columns = (
        "pk", "agreement_id", "agreement__number", "agreement__title", "text", "party_id", "party__name", "recurrence",
        "status", "evidence", "due_on",
    )  # fmt: skip
    found = []
    for row in owed.values_list(*columns, named=True):
        if row.agreement_id not in running:
            continue
        met_on = met.get(row.pk)
        due = next_due(row.due_on, row.recurrence, met_on)
        # One that comes back, declared met in the system, is due again; one that does not is done with.
        again = met_on is not None and row.due_on is not None and row.recurrence in _MONTHS
        settled = row.status in _SETTLED and not again
        found.append(
            Contribution(
                row.pk, row.agreement_id, row.agreement__number, row.agreement__title, row.text, row.party_id,
                row.party__name, row.recurrence, row.status, row.evidence, due, met_on, stands(due, settled, asked),
            )
        )  # fmt: skip
    return sorted(found, key=lambda item: (item.due_on or date.max, item.number, item.pk))


def late(rows: Iterable[Contribution]) -> list[Contribution]:
    return [row for row in rows if row.when == When.LATE]


def may_declare(user: Any, obligation: Obligation, status: S) -> bool:
    """A party for what it owes itself; the people who follow the entente for anyone."""
    agreement = obligation.agreement
    return policies.may(user, Action.MEET_OBLIGATION, agreement, status) and (
        user is None
        or registry_policies.can(user, registry_policies.CHANGE, agreement)
        or policies.answers_for(user, obligation.party_id, agreement)
    )


def declare_met(actor: Actor, obligation: Obligation, evidence: str) -> AgreementEvent:
    """Declare a contribution met for the date that is due, with what shows it. Its row, the journal and the log are
    written together. Raises PermissionDenied; `lifecycle.Refused`, in French, when nothing shows it or nothing is
    due."""
    if len(evidence.strip()) < REASON_LENGTH:
        raise Refused("Dites en quelques mots ce qui montre que c’est fait : compte rendu, lettre, date de rencontre.")
    with transaction.atomic():
        agreement = locked(obligation.agreement)
        obligation = Obligation.all_objects.select_for_update(of=("self",)).get(pk=obligation.pk)
        obligation.agreement = agreement
        if not may_declare(actor.user, obligation, status_of(agreement)):
            raise PermissionDenied("Votre rôle ne permet pas de déclarer cette contribution.")
        met_on = declarations({obligation.pk}).get(obligation.pk)
        again = met_on is not None and obligation.recurrence in _MONTHS
        if obligation.status in _SETTLED and not again:
            raise Refused("Cette contribution est déjà déclarée respectée.")
        due = covered(obligation.due_on, obligation.recurrence, met_on, timezone.localdate())
        obligation.status, obligation.evidence = ObligationStatus.MET, evidence.strip()
        # The right was checked above, for people who may not edit records too.
        if obligation.live:
            registry_actions.edit(None, obligation, clean=False)
        else:
            registry_actions.save_draft(None, obligation, clean=False)
        log(instance=obligation, action="corridors.contribution", user=actor.user, data={"evidence": evidence.strip()})
        return record(
            agreement, EventKind.CONTRIBUTION, actor, reason=f"{obligation.text} : {evidence.strip()}",
            data={"obligation": obligation.pk, "due_on": due.isoformat() if due else "", "party": obligation.party_id},
        )  # fmt: skip
