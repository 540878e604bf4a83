"""Every step in the life of an entente: check the table, write the journal, log, tell — in one transaction.

The rows of an entente are locked while it moves: two people, or two daily runs, cannot both do the same step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from wagtail.log_actions import log

from registry.actions import announced
from registry.actions import edit as publish

from . import lifecycle
from .dossier import Dossier, open_dossier
from .enums import AgreementStatus as S
from .enums import EventKind, PartyRole
from .lifecycle import Request, Who
from .models import (
    Acceptance,
    ActionLink,
    Agreement,
    AgreementEvent,
    Amendment,
    Obligation,
    ServiceCorridor,
    Signature,
)
from .policies import capacities
from .state import state_at
from .terms import standing

# Sent after each line of the journal, in its transaction: `event`. Notifications hang on it.
journal_written = Signal()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, or somebody who holds a personal link (then: a name, an organization, a network address,
    and the capacity that the link gives). Neither: the system."""

    user: Any = None
    name: str = ""
    organization_id: int | None = None
    address: str | None = None
    capacity: Who | None = None

    def capacities(self, agreement: Agreement) -> frozenset[Who]:
        if self.capacity is not None:
            return frozenset({self.capacity})
        return capacities(self.user, agreement)

    @property
    def shown_name(self) -> str:
        if self.name:
            return self.name
        return (self.user.get_full_name() or self.user.get_username()) if self.user is not None else "Passerelles"

    @property
    def is_system(self) -> bool:
        return self.user is None and self.capacity is None


SYSTEM = Actor()
_EDITED = "Le texte a été modifié."


def locked(agreement: Agreement) -> Agreement:
    """The same entente, its row held until the end of the transaction (a transaction must be open)."""
    return Agreement.all_objects.select_for_update(of=("self",)).get(pk=agreement.pk)


def _as_it_is(amendment: Amendment | None) -> Amendment | None:
    """The amendment read again, now that its entente is locked: the copy at hand may be older."""
    return Amendment.all_objects.get(pk=amendment.pk) if amendment is not None else None


def record(
    agreement: Agreement, kind: EventKind, actor: Actor, *, effective_on: date | None = None, reason: str = "",
    content_hash: str = "", data: dict[str, Any] | None = None, amendment: Amendment | None = None,
    transition: str = "", from_status: str = "", to_status: str = "", turn: str = "", by_system: bool = False,
) -> AgreementEvent:  # fmt: skip
    """Add a line to the journal, and tell it (`journal_written`). Call it with the entente locked."""
    last = (
        AgreementEvent.objects.filter(agreement=agreement).order_by("-number").values_list("number", flat=True).first()
    )
    event = AgreementEvent(
        agreement=agreement, amendment=amendment, number=(last or 0) + 1, kind=kind, transition=transition,
        from_status=from_status, to_status=to_status, turn=turn, effective_on=effective_on or timezone.localdate(),
        recorded_at=timezone.now(), by_system=by_system, actor=actor.user, actor_name=actor.shown_name,
        organization_id=actor.organization_id, reason=reason.strip(), content_hash=content_hash,
        address=actor.address, data=data or {},
    )  # fmt: skip
    event.save()
    journal_written.send(sender=AgreementEvent, event=event)
    return event


def perform(
    actor: Actor, agreement: Agreement, name: str, request: Request | None = None, *, content_hash: str = "",
    data: dict[str, Any] | None = None, amendment: Amendment | None = None, day: date | None = None,
) -> AgreementEvent:  # fmt: skip
    """Do one transition of the table, of the entente or of one of its amendments. Raises `lifecycle.Refused`, in
    French, when it may not be done now. `day`: for what was due on an earlier day and is looked at as on that day."""
    request = request or Request()
    with announced(Agreement, [agreement.pk]):
        agreement = locked(agreement)
        if day is None:
            settle_dates(agreement)
        dossier = open_dossier(agreement, day, _as_it_is(amendment))
        step = lifecycle.check(name, dossier.facts(), request, actor.capacities(agreement))
        return _write(actor, dossier, step, request, content_hash or _hash_for(dossier, step), data)


def _hash_for(dossier: Dossier, step: lifecycle.Transition) -> str:
    version = dossier.version
    return version.content_hash if version is not None and step.target in (S.AGREED, S.SIGNING, S.SIGNED) else ""


def _write(
    actor: Actor, dossier: Dossier, step: lifecycle.Transition, request: Request, content_hash: str,
    data: dict[str, Any] | None,
) -> AgreementEvent:  # fmt: skip
    agreement, amendment = dossier.agreement, dossier.amendment
    told = clear_marks(agreement, amendment) if step.clears else []
    event = record(
        agreement, EventKind.TRANSITION, actor, transition=step.name, from_status=dossier.status,
        to_status=step.target, reason=request.reason, effective_on=_counts_from(dossier, request),
        content_hash=content_hash,
        turn=PartyRole.CENTRE if step.target == S.NEGOTIATION else "", by_system=step.by_system,
        data={**(data or {}), **_brought(request), **({"cleared": told} if told else {})}, amendment=amendment,
    )  # fmt: skip
    if step.target == S.SIGNED and amendment is None:
        _date_signature(agreement, event)
    log(
        instance=amendment or agreement, action="corridors.transition", user=actor.user,
        data={"transition": step.name, "from": str(dossier.status.label), "to": str(step.target.label)},
    )  # fmt: skip
    return event


def _counts_from(dossier: Dossier, request: Request) -> date | None:
    """The day asked for, but never before the step that it follows: paper may be dated before it was agreed to here,
    and the journal is read by date."""
    if request.effective_on is None:
        return None
    days = [line.effective_on for line in dossier.own_events if line.to_status and line.effective_on <= dossier.day]
    return max([request.effective_on, *days])


def _brought(request: Request) -> dict[str, Any]:
    values = {
        "notice_given_on": request.notice_given_on and request.notice_given_on.isoformat(),
        "mechanism": request.mechanism,
        "step": request.step,
        "deadline": request.deadline and request.deadline.isoformat(),
        "outcome": request.outcome,
    }
    return {name: value for name, value in values.items() if value}


def _date_signature(agreement: Agreement, event: AgreementEvent) -> None:
    """A signed entente carries its date, and is published: its corridors can be followed once it starts."""
    days = Signature.objects.filter(
        version__agreement=agreement, version__amendment__isnull=True, cleared_at__isnull=True
    ).values_list("signed_on", flat=True)
    agreement.signed_on = max(days, default=event.effective_on)
    agreement.live = True
    now = timezone.now()
    agreement.first_published_at = agreement.first_published_at or now
    agreement.last_published_at = now
    # The row, not a draft of somebody's: the signed text is the row's (see `canonical.terms_of`).
    agreement.live_revision = agreement.save_revision(log_action=False, clean=False)
    agreement.has_unpublished_changes = False  # a new revision had just said otherwise
    agreement.save()
    # What was drafted with it is part of the signed text: it is published with it.
    for model in (ServiceCorridor, Obligation):
        for part in model.all_objects.filter(agreement=agreement, live=False).order_by("pk"):
            publish(None, part, clean=False)


def clear_marks(agreement: Agreement, amendment: Amendment | None = None) -> list[dict[str, Any]]:
    """Acceptances and signatures on the text (of the entente, or of its amendment) no longer stand; its links are
    withdrawn. Returns who had accepted or signed (`{"name", "organization", "kind"}`), to tell them."""
    now = timezone.now()
    of_text = {"version__agreement": agreement, "version__amendment": amendment, "cleared_at__isnull": True}
    told: list[dict[str, Any]] = []
    acceptances = Acceptance.objects.filter(**of_text)
    signatures = Signature.objects.filter(**of_text)
    for item in acceptances.order_by("pk"):
        told.append({"kind": "acceptation", "name": item.name, "organization": item.organization_id})
    for mark in signatures.select_related("signatory").order_by("pk"):
        person = mark.signatory
        told.append(
            {"kind": "signature", "name": mark.name, "organization": person.organization_id, "email": person.email}
        )
    acceptances.update(cleared_at=now)
    signatures.update(cleared_at=now)
    ActionLink.objects.filter(
        version__agreement=agreement, version__amendment=amendment, used_at__isnull=True, revoked_at__isnull=True
    ).update(revoked_at=now)
    return told


def text_changed(
    agreement: Agreement, actor: Actor = SYSTEM, amendment: Amendment | None = None, why: str = _EDITED
) -> bool:
    """After an edit: when the terms are no longer those that somebody accepted or signed, these marks are cleared, a
    text that was agreed is under negotiation again, and everyone is told. False: nothing had to be done."""
    with transaction.atomic():
        agreement = locked(agreement)
        dossier = open_dossier(agreement, amendment=_as_it_is(amendment))
        status = dossier.status
        if status not in (S.NEGOTIATION, S.AGREED, S.SIGNING) or dossier.version is None or dossier.text_unchanged:
            return False
        if status == S.NEGOTIATION:
            told = clear_marks(agreement, amendment)
            if told:
                record(agreement, EventKind.CLEARING, actor, reason=why, data={"cleared": told}, amendment=amendment)
            return bool(told)
        step = lifecycle.BY_NAME["reopen"]
        _write(actor, dossier, step, Request(reason=why), dossier.hash, None)
        return True


def settle_dates(agreement: Agreement, today: date | None = None) -> list[AgreementEvent]:
    """Write what followed from the dates since the journal last said so: entry into force, lapse, corrected dates.
    Each counts from its own day, and is written once. The system notes what happens on its watch: an entente that had
    lapsed before it entered the system gets no line. Call it with the entente locked."""
    today = today or timezone.localdate()
    events = list(agreement.events.filter(amendment__isnull=True).order_by("number"))
    said = [line for line in standing(events) if line.to_status and line.effective_on <= today]
    last = max(said, key=lambda line: (line.effective_on, line.number)) if said else None
    if last is not None:
        since, known = last.effective_on, S(last.to_status)
    elif agreement.first_published_at is not None:
        since = min(timezone.localdate(agreement.first_published_at), today)
        known = state_at(agreement, since, events).status
    else:
        return []
    # The only days on which dates alone change a status; the day of the last word, when it came late; today, for what a
    # correction moved.
    end = agreement.ends_on
    milestones = {agreement.starts_on, end + timedelta(days=1) if end is not None else None, since, today}
    written = []
    for day in sorted(day for day in milestones if day is not None and since <= day <= today):
        now = state_at(agreement, day, events).status
        # Signed once its term was over already: it began and ended that day, and the journal skips nothing.
        passed = (S.IN_FORCE, S.LAPSED) if (known, now) == (S.SIGNED, S.LAPSED) else (now,)
        for target in passed:
            name = _SYSTEM_STEPS.get((known, target), "")
            if name:
                written.append(
                    record(
                        agreement, EventKind.TRANSITION, SYSTEM, transition=name, from_status=known,
                        to_status=target, effective_on=day, by_system=True,
                    )
                )  # fmt: skip
                known = target
    return written


_SYSTEM_STEPS: dict[tuple[S, S], str] = {
    (S.SIGNED, S.IN_FORCE): "start",
    **{(origin, S.LAPSED): "lapse" for origin in (S.IN_FORCE, S.SUSPENDED, S.DISPUTED)},
    (S.IN_FORCE, S.SIGNED): "restore_signed",
    (S.LAPSED, S.SIGNED): "restore_signed",
    (S.LAPSED, S.IN_FORCE): "restore_in_force",
    (S.LAPSED, S.SUSPENDED): "restore_suspended",
    (S.LAPSED, S.DISPUTED): "restore_disputed",
}
