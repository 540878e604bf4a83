"""What the journal of an entente tells, and to whom: each line that somebody should learn of becomes messages, in the
transaction that wrote it. Whoever acted is not told what they just did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from registry.dates import long_date

from . import mails
from .actions import journal_written
from .audience import AddressBook, Reader, link_of, once
from .enums import AgreementStatus as S
from .enums import EventKind, PartyRole
from .mails import MailKind
from .models import AgreementEvent, AgreementParty

# Before a text leaves the house, the partner knows nothing of it.
_INSIDE = frozenset({S.DRAFT, S.REVIEW})
RECENT = 60  # days: what happened by itself before that is no news


@dataclass
class Telling:
    """One line of the journal, and the people around it."""

    event: AgreementEvent
    book: AddressBook = field(default_factory=AddressBook)

    @cached_property
    def parties(self) -> list[AgreementParty]:
        parties = self.event.agreement.parties.select_related("organization")
        return list(parties.order_by("sort_order", "pk"))

    def coordinators(self) -> list[Reader]:
        return self.book.coordinators(self.event.agreement, self.parties)

    def managers(self) -> list[Reader]:
        return self.book.managers(self.parties)

    def partners(self) -> list[Reader]:
        """Nobody while the entente is still inside the house."""
        return [] if self.event.from_status in _INSIDE else self.book.partners(self.parties)

    def everybody(self) -> list[Reader]:
        return [*self.coordinators(), *self.partners()]

    def signatories(self) -> list[Reader]:
        people = self.event.agreement.signatories.filter(amendment=self.event.amendment, removed_at__isnull=True)
        return [Reader(person.email, person.name) for person in people]

    def side(self, role: str) -> list[Reader]:
        return self.coordinators() if role == PartyRole.CENTRE else self.partners()

    def other_side(self) -> list[Reader]:
        """The parties other than the one for which whoever acted speaks."""
        mine = next((party for party in self.parties if party.organization_id == self.event.organization_id), None)
        found = [] if mine is None or mine.role == PartyRole.CENTRE else self.coordinators()
        return [*found, *self.book.partners(party for party in self.parties if party != mine)]

    def of_organization(self, organization_id: int | None) -> list[Reader]:
        for party in self.parties:
            if party.organization_id == organization_id:
                return self.coordinators() if party.role == PartyRole.CENTRE else self.book.of_party(party)
        return []

    def send(self, kind: MailKind, readers: Iterable[Reader], **context: Any) -> int:
        """Queue the message for each, once an address, except for whoever acted. Returns how many."""
        event = self.event
        mine = (event.actor.email or "").casefold() if event.actor is not None else ""
        organization = str(event.organization) if event.organization is not None else ""
        values = {"who": event.actor_name, "organization": organization, "reason": event.reason, **context}
        count = 0
        for reader in once(readers):
            if reader.email.casefold() == mine:
                continue
            mails.queue(
                kind, reader.email, event.agreement,
                {**values, **link_of(reader, event.agreement), "name": reader.name, "amendment": event.amendment},
            )  # fmt: skip
            count += 1
        return count


# --- Transitions ------------------------------------------------------------------------------------------------------


def _when(event: AgreementEvent) -> dict[str, Any]:
    return {"on": long_date(event.effective_on), "ahead": event.effective_on > timezone.localdate()}


def _signed(telling: Telling) -> None:
    starts = telling.event.agreement.starts_on
    facts = [("Entrée en vigueur", long_date(starts))] if starts and telling.event.amendment is None else []
    telling.send(MailKind.SIGNED, [*telling.everybody(), *telling.signatories()], facts=facts)


def _disputed(telling: Telling) -> None:
    data = telling.event.data
    facts = [("Étape", data.get("step", "")), ("Au plus tard le", _iso_day(data.get("deadline")))]
    telling.send(
        MailKind.DISPUTE, telling.everybody(), opened=True, facts=[(name, value) for name, value in facts if value]
    )


def _iso_day(value: Any) -> str:
    return long_date(date.fromisoformat(str(value))) if value else ""


def _lapsed(telling: Telling) -> None:
    """Told when it happens, not about the past of an entente whose dates were written down late."""
    agreement = telling.event.agreement
    if agreement.ends_on is not None and (timezone.localdate() - telling.event.effective_on).days <= RECENT:
        telling.send(MailKind.LAPSED, telling.coordinators(), end=long_date(agreement.ends_on))


def _kept(telling: Telling) -> None:
    telling.send(MailKind.KEPT, telling.everybody())


_Tell = Callable[[Telling], object]
_TRANSITIONS: dict[str, _Tell] = {
    "submit": lambda telling: telling.send(MailKind.TO_REVIEW, telling.managers()),
    "approve": lambda telling: telling.send(MailKind.APPROVED, telling.coordinators()),
    "send_back": lambda telling: telling.send(MailKind.SENT_BACK, telling.coordinators()),
    "agree": lambda telling: telling.send(MailKind.AGREED, telling.everybody()),
    "sign": _signed,
    "suspend": lambda telling: telling.send(MailKind.SUSPENDED, telling.everybody(), **_when(telling.event)),
    "resume": lambda telling: telling.send(MailKind.RESUMED, telling.everybody(), **_when(telling.event)),
    "dispute": _disputed,
    "settle": lambda telling: telling.send(MailKind.SETTLED, telling.everybody()),
    "lapse": _lapsed,
    "terminate": lambda telling: telling.send(MailKind.TERMINATED, telling.everybody(), **_when(telling.event)),
    **dict.fromkeys(("keep_in_force", "keep_suspended", "keep_disputed"), _kept),
    "cancel": lambda telling: telling.send(MailKind.CANCELLED, telling.everybody()),
    "cancel_signed": lambda telling: telling.send(MailKind.CANCELLED, telling.everybody()),
    "refuse": lambda telling: telling.send(MailKind.REFUSED, telling.everybody(), signature=False),
}


def _transition(telling: Telling) -> None:
    tell = _TRANSITIONS.get(telling.event.transition)
    if tell is not None:
        tell(telling)


# --- Other lines ------------------------------------------------------------------------------------------------------


def _version(telling: Telling) -> None:
    event = telling.event
    if not event.turn:
        return  # kept for the record: nobody is asked anything
    facts = [("Version", str(event.data.get("version", "")))] if event.data.get("version") else []
    if event.reason:
        facts.append(("Ce qui change", event.reason))
    # Without an account, the message is the one that brings the link (corridors.sending).
    readers = [reader for reader in telling.side(event.turn) if reader.staff or reader.account]
    telling.send(MailKind.YOUR_TURN, readers, facts=facts)


def _accepted(telling: Telling) -> None:
    telling.send(MailKind.ACCEPTED, telling.other_side())


def _refused(telling: Telling) -> None:
    if "signatory" in telling.event.data:
        telling.send(MailKind.REFUSED, telling.everybody(), signature=True)
    else:
        telling.send(MailKind.CHANGE_ASKED, telling.side(telling.event.turn) if telling.event.turn else [])


def _link_asked(telling: Telling) -> None:
    telling.send(MailKind.LINK_ASKED, telling.coordinators())


def _comment(telling: Telling) -> None:
    data = telling.event.data
    if not data.get("resolved"):
        telling.send(MailKind.COMMENT, telling.other_side(), clause=data.get("clause", ""))


def _dispute_step(telling: Telling) -> None:
    if not telling.event.by_system:
        telling.send(MailKind.DISPUTE, telling.everybody(), opened=False)


def _renewed(telling: Telling) -> None:
    """By itself: it is no news when the period began long ago."""
    event = telling.event
    if event.data.get("term_end") and (timezone.localdate() - event.effective_on).days <= RECENT:
        telling.send(MailKind.RENEWED, telling.coordinators(), end=_iso_day(event.data["term_end"]))


def _amendment(telling: Telling) -> None:
    event = telling.event
    if event.amendment is None:
        return
    step = event.data.get("step")
    if event.to_status == S.CANCELLED:
        telling.send(MailKind.CANCELLED, telling.everybody())
    elif step == "merged":
        telling.send(MailKind.AMENDMENT, telling.everybody(), on=long_date(event.effective_on))
    elif step == "rebased":
        telling.send(MailKind.AMENDMENT_CLASH, telling.coordinators())


_KINDS: dict[str, Callable[[Telling], object]] = {
    EventKind.TRANSITION: _transition,
    EventKind.VERSION: _version,
    EventKind.ACCEPTANCE: _accepted,
    EventKind.SIGNATURE: lambda telling: telling.send(MailKind.SIGNATURE, telling.coordinators()),
    EventKind.REFUSAL: _refused,
    EventKind.LINK_ASKED: _link_asked,
    EventKind.COMMENT: _comment,
    EventKind.DISPUTE: _dispute_step,
    EventKind.RENEWAL: _renewed,
    EventKind.AMENDMENT: _amendment,
}


# --- Those whose word no longer stands --------------------------------------------------------------------------------


def _cleared(telling: Telling, cleared: Sequence[dict[str, Any]]) -> None:
    """`cleared`: `{"kind", "name", "organization", "email"?}` of each acceptance or signature. Whoever signed is told
    of that alone."""
    again = telling.event.to_status not in (S.CANCELLED, S.REFUSED)
    told: set[str] = set()
    for mark in sorted(cleared, key=lambda mark: mark["kind"] != "signature"):
        readers = _who_gave(telling, mark)
        telling.send(
            MailKind.CLEARED, [reader for reader in readers if reader.email.casefold() not in told],
            signed=mark["kind"] == "signature", again=again,
        )  # fmt: skip
        told |= {reader.email.casefold() for reader in readers}


def _who_gave(telling: Telling, mark: dict[str, Any]) -> list[Reader]:
    """The person, by the address at which they signed or the account that bears their name; else their side."""
    side = telling.of_organization(mark.get("organization"))
    if mark.get("email"):
        known = [reader for reader in side if reader.email.casefold() == mark["email"].casefold()]
        return known or [Reader(mark["email"], mark["name"])]
    return [reader for reader in side if reader.name == mark["name"]] or side


@receiver(journal_written, dispatch_uid="corridors_notices")
def tell(event: AgreementEvent, **kwargs: Any) -> None:
    telling = Telling(event)
    if event.data.get("cleared"):
        _cleared(telling, event.data["cleared"])
    line = _KINDS.get(event.kind)
    if line is not None:
        line(telling)
