"""« Mésententes »: the mechanism written in the entente applies step by step, each with its deadline. The corridors
stay usable meanwhile; either party may raise one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.utils import timezone

from registry import actions as registry_actions
from registry.actions import announced
from registry.dates import long_date
from registry.models import Organization

from . import actions as life
from . import policies
from .actions import Actor, journal_written, record
from .deadlines import due_day
from .dossier import Dossier, open_dossier
from .enums import ClauseKind, DayCount, DisputeStatus, EventKind
from .lifecycle import REASON_LENGTH, Refused, Request, Who
from .models import Agreement, AgreementEvent, Dispute, DisputeStep, ServiceCorridor
from .policies import Action

LONGEST = 365  # days of one step


@dataclass(frozen=True, slots=True)
class Step:
    """A step to take: what, and within how many days (calendar or business) of the one before it."""

    text: str
    days: int
    day_count: DayCount = DayCount.CALENDAR


def mechanism_of(agreement: Agreement) -> str:
    """The mechanism as the entente words it: its own field, else its clauses on the matter. Blank when it has none.
    One SQL query."""
    if agreement.dispute_mechanism:
        return agreement.dispute_mechanism
    clauses = agreement.clauses.filter(kind=ClauseKind.DISPUTE).order_by("sort_order", "pk")
    return "\n\n".join(clauses.values_list("text", flat=True))


def open_dispute_of(agreement: Agreement) -> Dispute | None:
    """The dispute that runs, if any (one at a time). One SQL query."""
    rows = Dispute.all_objects.filter(agreement=agreement, status=DisputeStatus.OPEN)
    return rows.select_related("opened_by", "corridor").order_by("-pk").first()


def open_dispute(
    actor: Actor, agreement: Agreement, *, organization: Organization, subject: str, mechanism: str,
    steps: Iterable[Step], corridor: ServiceCorridor | None = None,
) -> Dispute:  # fmt: skip
    """Raise a dispute on behalf of a party. The deadline of the first step counts from today; each following one, from
    the deadline of the one before, then from the day on which it was really done. Raises Refused, PermissionDenied."""
    today = timezone.localdate()
    planned = [step for step in steps if step.text.strip()]
    if not subject.strip():
        raise Refused("Écrivez en quelques mots l’objet de la mésentente.")
    if not planned:
        raise Refused("Indiquez la première étape et son délai.")
    _check_days(planned)
    if corridor is not None and corridor.agreement_id != agreement.pk:
        raise Refused("Ce corridor est celui d’une autre entente.")
    with announced(Agreement, [agreement.pk]):
        agreement = life.locked(agreement)
        _speaks_for(actor, agreement, organization)
        person = Actor(actor.user, actor.name, organization.pk, actor.address, actor.capacity)
        dispute = Dispute(
            agreement=agreement, corridor=corridor, opened_by=organization, opened_on=today, subject=subject.strip(),
            mechanism=mechanism.strip(), status=DisputeStatus.OPEN,
        )  # fmt: skip
        rows, start = [], today
        for place, step in enumerate(planned):
            start = due_day(start, step.days, step.day_count)
            rows.append(
                DisputeStep(
                    text=step.text.strip(), days=step.days, day_count=step.day_count, due_on=start, sort_order=place
                )
            )
        dispute.steps = rows
        request = Request(mechanism=dispute.mechanism, step=rows[0].text, deadline=rows[0].due_on)
        registry_actions.create(None, dispute, clean=False)
        life.perform(person, agreement, "dispute", request, data={"dispute": dispute.pk, "subject": dispute.subject})
        return dispute


def _check_days(steps: Iterable[Step]) -> None:
    if any(not 0 <= step.days <= LONGEST for step in steps):
        raise Refused(f"Le délai d’une étape compte de 0 à {LONGEST} jours.")


def _speaks_for(actor: Actor, agreement: Agreement, organization: Organization) -> None:
    """A coordinator may also write down what a partner raised by telephone; a partner speaks for itself."""
    parties = {party.organization_id for party in agreement.parties.all()}
    if organization.pk not in parties:
        raise Refused("Seule une partie à l’entente soulève une mésentente.")
    if actor.is_system or actor.capacity is not None:
        return
    if policies.capacities(actor.user, agreement) & {Who.COORDINATOR, Who.MANAGER}:
        return
    if not policies.answers_for(actor.user, organization.pk, agreement):
        raise PermissionDenied("Vous ne pouvez pas parler au nom de cette partie.")


def _running(actor: Actor, dispute: Dispute) -> tuple[Dossier, Dispute]:
    """The dossier with its entente locked, and the dispute as it now stands. Raises Refused, PermissionDenied."""
    agreement = life.locked(dispute.agreement)
    dossier = open_dossier(agreement)
    if not actor.is_system and actor.capacity is None:
        policies.require(actor.user, Action.REPORT_STEP, agreement, dossier.status)
    current = Dispute.all_objects.get(pk=dispute.pk)
    if current.status != DisputeStatus.OPEN:
        raise Refused("Cette mésentente est close.")
    return dossier, current


def record_step(
    actor: Actor, dispute: Dispute, step: DisputeStep, *, outcome: str, done_on: date | None = None
) -> DisputeStep:
    """Write that a step was taken, when and with what result. The deadline of the next one is counted again from that
    day. Raises Refused, PermissionDenied."""
    day = done_on or timezone.localdate()
    if day > timezone.localdate():
        raise Refused("Une étape faite ne peut pas être dans l’avenir.")
    if not outcome.strip():
        raise Refused("Écrivez ce qui est sorti de cette étape.")
    with announced(Agreement, [dispute.agreement_id]):
        dossier, current = _running(actor, dispute)
        if day < current.opened_on:
            raise Refused(f"La mésentente a été ouverte le {long_date(current.opened_on)}.")
        steps = list(current.steps.all())
        place = next((place for place, item in enumerate(steps) if item.pk == step.pk), None)
        if place is None:
            raise Refused("Cette étape n’existe plus.")
        taken = steps[place]
        if taken.done_on is not None:
            raise Refused("Cette étape est déjà inscrite.")
        late = taken.due_on is not None and day > taken.due_on
        taken.done_on, taken.outcome = day, outcome.strip()[:255]
        _count_again(steps)
        _keep(current, steps)
        record(
            dossier.agreement, EventKind.DISPUTE, actor, reason=taken.outcome,
            data={"dispute": current.pk, "step": taken.text, "done_on": day.isoformat(), "late": late,
                  **_next_of(steps)},
        )  # fmt: skip
        return taken


def add_step(actor: Actor, dispute: Dispute, step: Step) -> DisputeStep:
    """Agree on one more step, due so many days after the last one (done, or planned). Raises Refused,
    PermissionDenied."""
    if not step.text.strip():
        raise Refused("Écrivez l’étape.")
    _check_days([step])
    with announced(Agreement, [dispute.agreement_id]):
        dossier, current = _running(actor, dispute)
        steps = list(current.steps.all())
        added = DisputeStep(text=step.text.strip(), days=step.days, day_count=step.day_count, sort_order=len(steps))
        steps.append(added)
        _count_again(steps)
        _keep(current, steps)
        record(
            dossier.agreement, EventKind.DISPUTE, actor, reason=f"Étape ajoutée : {added.text}",
            data={"dispute": current.pk, **_next_of(steps)},
        )  # fmt: skip
        return added


def _count_again(steps: list[DisputeStep]) -> None:
    """Deadlines of the steps to come: each from the day on which the one before was done, or else is due. What was
    settled keeps its own, and the first one keeps what was agreed when the dispute was raised."""
    today = timezone.localdate()
    for before, step in zip([None, *steps], steps, strict=False):
        if step.done_on is not None or (before is None and step.due_on is not None):
            continue
        start = (before.done_on or before.due_on) if before is not None else None
        step.due_on = due_day(start or today, step.days or 0, step.day_count)


def _keep(dispute: Dispute, steps: list[DisputeStep]) -> None:
    dispute.steps = steps
    registry_actions.edit(None, dispute, clean=False)


def _next_of(steps: Iterable[DisputeStep]) -> dict[str, str]:
    step = next((step for step in steps if step.done_on is None), None)
    if step is None or step.due_on is None:
        return {}
    return {"next": step.text, "deadline": step.due_on.isoformat()}


def close(actor: Actor, dispute: Dispute, *, settled: bool, outcome: str) -> AgreementEvent:
    """End a dispute, settled or not: the entente is in force again, as it was. What cannot be settled may be terminated
    instead (`corridors.ending.terminate`), which closes the dispute too. Raises Refused."""
    if len(outcome.strip()) < REASON_LENGTH:
        raise Refused("Écrivez l’issue de la mésentente en quelques mots.")
    with announced(Agreement, [dispute.agreement_id]):
        dossier, current = _running(actor, dispute)
        current.status = DisputeStatus.SETTLED if settled else DisputeStatus.ENDED
        current.outcome, current.closed_on = outcome.strip(), dossier.day
        registry_actions.edit(None, current, clean=False)
        request = Request(reason=current.outcome, outcome="reglee" if settled else "close")
        return life.perform(actor, dossier.agreement, "settle", request, data={"dispute": current.pk})


@receiver(journal_written, dispatch_uid="corridors_settled_dispute")
def _when_settled(event: AgreementEvent, **kwargs: Any) -> None:
    """Settled by another door than `close`: the dispute does not stay open behind."""
    if event.transition != "settle":
        return
    for dispute in Dispute.all_objects.filter(agreement=event.agreement, status=DisputeStatus.OPEN).order_by("pk"):
        dispute.status, dispute.closed_on = DisputeStatus.SETTLED, event.effective_on
        dispute.outcome = event.reason
        registry_actions.edit(None, dispute, clean=False)
