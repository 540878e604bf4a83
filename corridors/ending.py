"""How an entente stops, for a while or for good: what it takes with it, shown before; what follows, written after.

The corridors of a suspended or terminated entente follow by themselves (`corridors.terms.in_force_periods`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.dispatch import receiver
from django.utils import timezone

from registry import actions as registry_actions
from registry.dates import long_date
from registry.enums import Program
from registry.models import Territory

from . import actions as life
from . import lifecycle
from .actions import Actor, journal_written, record
from .dossier import Dossier, open_dossier, states_of
from .enums import AgreementStatus as S
from .enums import Direction, DisputeStatus, EventKind, ObligationStatus
from .lifecycle import Refused, Request
from .models import (
    ActionLink,
    Agreement,
    AgreementDocument,
    AgreementEvent,
    Amendment,
    Dispute,
    Obligation,
    ServiceCorridor,
)
from .terms import TAKES_BACK

ALWAYS = "24/7"
# Statuses in which the corridors of an entente can be followed.
_USABLE = frozenset({S.IN_FORCE, S.DISPUTED})


# --- What would be lost -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LostCorridor:
    """A corridor that could no longer be followed. `instead`: other corridors in force that leave from the same service
    (codes); `relied_on`: corridors of other ententes that name it as their fallback (codes)."""

    corridor: ServiceCorridor
    all_day: bool
    instead: tuple[str, ...]
    relied_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LostScope:
    """A programme on a territory. `others`: numbers of the ententes in force that still cover it."""

    program: str
    territory: Territory
    others: tuple[str, ...]
    loses_all_day: bool = False

    @property
    def program_name(self) -> str:
        return str(Program(self.program).label) if self.program in Program.values else self.program


@dataclass(frozen=True, slots=True)
class Impact:
    """What suspending or ending an entente takes away on a day."""

    day: date
    corridors: tuple[LostCorridor, ...]
    scopes: tuple[LostScope, ...]
    # Territories left without any corridor that answers around the clock, for a programme of this entente.
    without_all_day: tuple[Territory, ...]
    # Services that no longer reach anything around the clock.
    services_without_all_day: tuple[str, ...]

    @property
    def uncovered(self) -> tuple[LostScope, ...]:
        """Programmes on territories that no other entente in force covers."""
        return tuple(scope for scope in self.scopes if not scope.others)


def impact(agreement: Agreement, day: date | None = None) -> Impact:
    """Which corridors, programmes and territories depend on this entente, and who would lose cover around the clock.

    Compared with the other published ententes whose corridors can be followed that day. A wider territory covers those
    inside it. A constant number of SQL queries.
    """
    asked = day or timezone.localdate()
    others = _usable(asked, agreement)
    mine = list(
        ServiceCorridor.objects.filter(agreement=agreement)
        .select_related("from_service__organization", "to_service__organization")
        .order_by("code")
    )
    rest = list(ServiceCorridor.objects.filter(agreement_id__in=others).select_related("agreement").order_by("code"))
    relied: dict[int, list[str]] = defaultdict(list)
    for code, target in (
        ServiceCorridor.objects.filter(fallback__in=mine)
        .exclude(agreement=agreement)
        .order_by("code")
        .values_list("code", "fallback_id")
    ):
        relied[target].append(code)
    lost = tuple(
        LostCorridor(
            corridor, corridor.hours_pattern == ALWAYS,
            tuple(other.code for other in rest if _origins(corridor) & _origins(other)), tuple(relied[corridor.pk]),
        )
        for corridor in mine
    )  # fmt: skip
    around = [item.corridor for item in lost if item.all_day]
    scopes = _scopes(agreement, others, bool(around), [item for item in rest if item.hours_pattern == ALWAYS])
    bare = {scope.territory.pk: scope.territory for scope in scopes if scope.loses_all_day}
    still = {pk for item in rest if item.hours_pattern == ALWAYS for pk in _origins(item)}
    services = {
        service.pk: f"{service.name} ({service.organization})"
        for corridor in around
        for service in _ends(corridor)
        if service.pk not in still
    }
    return Impact(asked, lost, scopes, tuple(bare.values()), tuple(services.values()))


def _ends(corridor: ServiceCorridor) -> list[Any]:
    """The services from which one refers through it."""
    both = corridor.direction == Direction.BOTH_WAYS
    return [corridor.from_service, corridor.to_service] if both else [corridor.from_service]


def _origins(corridor: ServiceCorridor) -> set[int]:
    both = corridor.direction == Direction.BOTH_WAYS
    return {corridor.from_service_id, corridor.to_service_id} if both else {corridor.from_service_id}


def _usable(day: date, but: Agreement) -> dict[int, Agreement]:
    """The other published ententes whose corridors can be followed that day."""
    rows = list(Agreement.objects.exclude(pk=but.pk).with_journal(day).prefetch_related("territories"))
    states = states_of(rows, day)
    return {row.pk: row for row in rows if states[row.pk].status in _USABLE}


def _scopes(
    agreement: Agreement, others: dict[int, Agreement], had_all_day: bool, around: Iterable[ServiceCorridor]
) -> tuple[LostScope, ...]:
    parents = dict(Territory.all_objects.order_by("pk").values_list("pk", "parent_id"))
    covered = {pk: {place.pk for place in other.territories.all()} for pk, other in others.items()}
    with_all_day = {corridor.agreement_id for corridor in around}
    found = []
    for program in agreement.programs:
        for territory in agreement.territories.order_by("code"):
            above = _and_above(territory.pk, parents)
            same = [other for pk, other in others.items() if program in other.programs and covered[pk] & above]
            found.append(
                LostScope(
                    program, territory, tuple(sorted(other.number for other in same)),
                    had_all_day and not any(other.pk in with_all_day for other in same),
                )
            )  # fmt: skip
    return tuple(found)


def _and_above(territory: int, parents: dict[int, int | None]) -> set[int]:
    """A territory and those that contain it; a loop in the data ends it."""
    found: set[int] = set()
    place: int | None = territory
    while place is not None and place not in found:
        found.add(place)
        place = parents.get(place)
    return found


# --- Suspending, ending, taking it back -------------------------------------------------------------------------


def suspend(
    actor: Actor, agreement: Agreement, reason: str, *, effective_on: date | None = None, until: date | None = None
) -> AgreementEvent:
    """Suspend an entente, from today or from a later day. `until`: when it is expected to resume, for people to know;
    resuming remains somebody's decision. Raises Refused."""
    first = effective_on or timezone.localdate()
    if until is not None and until < first:
        raise Refused("La fin prévue de la suspension précède son début.")
    data = {"until": until.isoformat()} if until is not None else None
    return life.perform(actor, agreement, "suspend", Request(reason=reason, effective_on=effective_on), data=data)


def resume(actor: Actor, agreement: Agreement, reason: str, *, effective_on: date | None = None) -> AgreementEvent:
    """Lift the suspension: the corridors can be followed again. Raises Refused."""
    return life.perform(actor, agreement, "resume", Request(reason=reason, effective_on=effective_on))


def earliest_termination(agreement: Agreement, notice_given_on: date | None = None) -> date:
    """The first day on which a termination may take effect, the notice counted in calendar days from the day it was
    given (today by default)."""
    facts = open_dossier(agreement).facts()
    return lifecycle.earliest_end(facts, Request(notice_given_on=notice_given_on))


def terminate(
    actor: Actor, agreement: Agreement, reason: str, *, document: AgreementDocument | None,
    notice_given_on: date | None = None, effective_on: date | None = None,
) -> AgreementEvent:  # fmt: skip
    """End an entente before its term: the first day on which it no longer holds is `effective_on`, the earliest that
    the notice allows by default. What hangs on it is closed on that day (`close_what_remains`). Raises Refused."""
    if document is not None and document.agreement_id != agreement.pk:
        raise Refused("Ce document est celui d’une autre entente.")
    first = effective_on or earliest_termination(agreement, notice_given_on)
    request = Request(
        reason=reason, effective_on=first, notice_given_on=notice_given_on, has_document=document is not None
    )
    data = {"document": document.pk, "title": str(document)} if document is not None else None
    return life.perform(actor, agreement, "terminate", request, data=data)


def planned_termination(agreement: Agreement, day: date | None = None) -> date | None:
    """The first day of a termination decided for later; None when none is planned."""
    return lifecycle.planned_end(open_dossier(agreement, day).facts())


def withdraw_termination(actor: Actor, agreement: Agreement, reason: str) -> AgreementEvent:
    """Take back a termination decided for later: the entente goes on as if it had not been. Raises Refused."""
    dossier = open_dossier(agreement)
    planned = lifecycle.planned_end(dossier.facts())
    name = next((step.name for step in lifecycle.TRANSITIONS if step.name in TAKES_BACK
                 and dossier.status in step.origins), None)  # fmt: skip
    if planned is None or name is None:
        raise Refused("Aucune résiliation n’est prévue.")
    return life.perform(actor, agreement, name, Request(reason=reason, effective_on=planned))


# --- What follows -----------------------------------------------------------------------------------------------


@receiver(journal_written, dispatch_uid="corridors_what_a_termination_takes_along")
def _after(event: AgreementEvent, **kwargs: Any) -> None:
    if event.transition == "terminate" and event.amendment_id is None and event.effective_on <= timezone.localdate():
        close_what_remains(event.agreement)


def close_what_remains(agreement: Agreement) -> dict[str, int]:
    """Once an entente is terminated: its open amendments are cancelled, its links withdrawn, its disputes closed, and
    the contributions that nobody owes any more are closed. Done again, it does nothing. How many of each."""
    with transaction.atomic():
        agreement = life.locked(agreement)
        dossier = open_dossier(agreement)
        if dossier.status != S.TERMINATED:
            return {}
        done = {
            "amendments": _cancel_amendments(dossier),
            "links": _withdraw_links(agreement),
            "disputes": _close_disputes(dossier),
            "obligations": _close_obligations(agreement, _ended_on(dossier)),
        }
        return {name: count for name, count in done.items() if count}


def settle_terminations(today: date | None = None) -> list[str]:
    """For the daily run: close what remains of the ententes whose termination took effect. Their numbers. Catches up,
    and does nothing twice. A constant number of SQL queries to find them."""
    day = today or timezone.localdate()
    done = []
    for agreement in _with_leftovers(day):
        if close_what_remains(agreement):
            done.append(agreement.number)
    return done


def _with_leftovers(day: date) -> list[Agreement]:
    rows: Any = Agreement.all_objects.order_by("pk")
    ended = dict(rows.with_journal(day).filter(said_status=S.TERMINATED.value).values_list("pk", "said_on"))
    if not ended:
        return []
    links = ActionLink.objects.filter(version__agreement_id__in=ended, used_at__isnull=True, revoked_at__isnull=True)
    disputes = Dispute.all_objects.filter(agreement_id__in=ended, status=DisputeStatus.OPEN)
    amendments = open_amendments(Amendment.all_objects.filter(agreement_id__in=ended))
    keys = {
        *amendments.values_list("agreement_id", flat=True),
        *links.values_list("version__agreement_id", flat=True),
        *disputes.values_list("agreement_id", flat=True),
        *(duty.agreement_id for duty in _owed(ended) if not _was_due(duty, ended[duty.agreement_id])),
    }
    return list(Agreement.all_objects.filter(pk__in=keys).order_by("number"))


def open_amendments(rows: QuerySet) -> QuerySet:
    """Those of these amendments that may still change their entente: neither merged, nor cancelled, nor refused."""
    last = AgreementEvent.objects.filter(amendment=OuterRef("pk")).exclude(to_status="").order_by("-number")
    closed = [S.IN_FORCE.value, S.CANCELLED.value, S.REFUSED.value]
    return rows.annotate(said=Subquery(last.values("to_status")[:1])).exclude(said__in=closed, said__isnull=False)


def _ended_on(dossier: Dossier) -> date:
    lines = [line for line in dossier.own_events if line.transition == "terminate"]
    return min((line.effective_on for line in lines if line.effective_on <= dossier.day), default=dossier.day)


def _why(dossier: Dossier) -> str:
    return f"L’entente est résiliée depuis le {long_date(_ended_on(dossier))}."


def _cancel_amendments(dossier: Dossier) -> int:
    count = 0
    for amendment in open_amendments(Amendment.all_objects.filter(agreement=dossier.agreement)).order_by("number"):
        own = open_dossier(dossier.agreement, amendment=amendment)
        told = life.clear_marks(dossier.agreement, amendment)
        record(
            dossier.agreement, EventKind.AMENDMENT, life.SYSTEM, amendment=amendment, from_status=own.status,
            to_status=S.CANCELLED, reason=_why(dossier), by_system=True,
            data={"cascade": "terminate", **({"cleared": told} if told else {})},
        )  # fmt: skip
        count += 1
    return count


def _withdraw_links(agreement: Agreement) -> int:
    links = ActionLink.objects.filter(version__agreement=agreement, used_at__isnull=True, revoked_at__isnull=True)
    return links.update(revoked_at=timezone.now())


def _close_disputes(dossier: Dossier) -> int:
    disputes = list(Dispute.all_objects.filter(agreement=dossier.agreement, status=DisputeStatus.OPEN).order_by("pk"))
    for dispute in disputes:
        dispute.status, dispute.closed_on = DisputeStatus.ENDED, dossier.day
        dispute.outcome = dispute.outcome or _why(dossier)
        registry_actions.edit(None, dispute, clean=False)
        record(
            dossier.agreement, EventKind.DISPUTE, life.SYSTEM, reason=_why(dossier), by_system=True,
            data={"dispute": dispute.pk, "step": "close", "cascade": "terminate"},
        )  # fmt: skip
    return len(disputes)


def _owed(agreements: Iterable[int]) -> QuerySet:
    """Contributions that nobody declared met, nor closed."""
    settled = [ObligationStatus.MET.value, ObligationStatus.CLOSED.value]
    return Obligation.all_objects.filter(agreement_id__in=list(agreements)).exclude(status__in=settled).order_by("pk")


def _was_due(duty: Obligation, ended_on: date) -> bool:
    """Due while the entente still held: what was owed then remains owed."""
    return duty.due_on is not None and duty.due_on < ended_on


def _close_obligations(agreement: Agreement, ended_on: date) -> int:
    duties = [duty for duty in _owed([agreement.pk]) if not _was_due(duty, ended_on)]
    for duty in duties:
        duty.status = ObligationStatus.CLOSED
        if duty.live:
            registry_actions.edit(None, duty, clean=False)
        else:
            registry_actions.save_draft(None, duty, clean=False)
    return len(duties)
