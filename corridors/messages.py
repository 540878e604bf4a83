"""The words of the reminders: for each, who is written to and what the template of its kind asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from registry.dates import long_date, long_moment

from .audience import AddressBook, Reader, Text, link_of, once, waiting_signatories
from .deadlines import following_end, notice_window, sign_by
from .enums import AgreementStatus as S
from .enums import LinkPurpose, PartyRole, RenewalKind
from .mails import MailKind
from .models import ActionLink, Agreement, AgreementParty, Amendment, DisputeStep, Obligation, Signatory
from .reminders import Due
from .state import AgreementState, renews


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to one reader."""

    reader: Reader
    context: dict[str, Any]


def in_days(left: int) -> str:
    """« aujourd’hui », « demain », « dans 12 jours »."""
    return {0: "aujourd’hui", 1: "demain"}.get(left, f"dans {left}\u00a0jours")


def days_late(late: int) -> str:
    return "1\u00a0jour" if late == 1 else f"{late}\u00a0jours"


class Desk:
    """Writes the letters of a day. What they need is read once for all of them: a constant number of SQL queries."""

    def __init__(self, day: date, todo: Mapping[int, Iterable[Due]]) -> None:
        self.day = day
        self.book = AddressBook()
        self._subjects = [due.subject for dues in todo.values() for due in dues if due.subject]
        rows = Agreement.all_objects.filter(pk__in=list(todo)).prefetch_related("parties__organization")
        self.agreements: dict[int, Agreement] = {row.pk: row for row in rows.order_by("pk")}

    def letters(self, row: Any, state: AgreementState, due: Due) -> list[Letter]:
        """`row`: the entente as the run read it; `state`: on that day. Empty: nobody has an address."""
        agreement = self.agreements[row.pk]
        write = _WRITERS[due.mail]
        about = {"amendment": self.amendment_of(due)}
        found = {}
        for reader, context in write(self, agreement, row, state, due):
            values = {**about, **link_of(reader, agreement), "name": reader.name, "account": reader.account}
            # One letter an address; what somebody must do counts more than what they follow, and comes last.
            found[reader.email.casefold()] = Letter(reader, {**values, **context})
        return [letter for address, letter in found.items() if address]

    # --- Who ---

    def parties(self, agreement: Agreement) -> list[AgreementParty]:
        return sorted(agreement.parties.all(), key=lambda party: (party.sort_order or 0, party.pk))

    def coordinators(self, agreement: Agreement) -> list[Reader]:
        return self.book.coordinators(agreement, self.parties(agreement))

    def partners(self, agreement: Agreement) -> list[Reader]:
        return self.book.partners(self.parties(agreement))

    def of_organization(self, agreement: Agreement, organization_id: int) -> list[Reader]:
        """The partner's people for this party; none for the centre's, whose coordinators are told anyway."""
        for party in self.parties(agreement):
            if party.organization_id == organization_id and party.role == PartyRole.PARTNER:
                return self.book.of_party(party)
        return []

    # --- What, read once ---

    def _of(self, word: str, rows: QuerySet) -> dict[int, Any]:
        keys = [int(subject.split(":")[1]) for subject in self._subjects if subject.startswith(f"{word}:")]
        found: dict[int, Model] = rows.in_bulk(keys)
        return found

    @cached_property
    def obligations(self) -> dict[int, Obligation]:
        return self._of("contribution", Obligation.all_objects.select_related("party"))

    @cached_property
    def steps(self) -> dict[int, DisputeStep]:
        return self._of("etape", DisputeStep.objects.select_related("dispute"))

    @cached_property
    def links(self) -> dict[int, ActionLink]:
        return self._of("lien", ActionLink.objects.select_related("version__amendment"))

    @cached_property
    def amendments(self) -> dict[int, Amendment]:
        return self._of("avenant", Amendment.all_objects.all())

    def amendment_of(self, due: Due) -> Amendment | None:
        """The amendment that a reminder is about; None: the entente itself."""
        if due.subject.startswith("lien:"):
            return self.links[_key(due)].version.amendment
        return self.amendments[_key(due)] if due.subject.startswith("avenant:") else None

    @cached_property
    def signatories(self) -> dict[Text, list[Signatory]]:
        return waiting_signatories(self.agreements)

    @cached_property
    def successors(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        rows = Agreement.all_objects.filter(predecessor_id__in=self.agreements).order_by("number")
        for pk, number in rows.values_list("predecessor_id", "number"):
            found[pk].append(number)
        return found


_Written = Iterable[tuple[Reader, dict[str, Any]]]


def _key(due: Due) -> int:
    return int(due.subject.split(":")[1])


def _to(readers: Iterable[Reader], context: dict[str, Any]) -> list[tuple[Reader, dict[str, Any]]]:
    return [(reader, context) for reader in once(readers)]


def _term(desk: Desk, agreement: Agreement, row: Any, state: AgreementState, due: Due) -> _Written:
    end = due.target_on
    tacit = renews(row)
    following = following_end(row, end) if tacit else None
    facts = [("État", str(state.status.label))] if state.status != S.IN_FORCE else []
    if not tacit:
        facts.append(("Pour signer sans interruption", f"au plus tard le {long_date(sign_by(end))}"))
    if desk.successors.get(row.pk):
        facts.append(("Entente qui la remplace", ", ".join(desk.successors[row.pk])))
    renewal = RenewalKind.TACIT if tacit else row.renewal
    return _to(
        desk.coordinators(agreement),
        {"end": long_date(end), "left": in_days((end - desk.day).days), "renewal": renewal, "facts": facts,
         "next_end": long_date(following) if following else ""},
    )  # fmt: skip


def _notice(desk: Desk, agreement: Agreement, row: Any, state: AgreementState, due: Due) -> _Written:
    window = notice_window(row, state.term_end)
    if window is None:
        return []
    last = window.last_day
    return _to(
        desk.coordinators(agreement),
        {"last_day": long_date(last), "left": in_days((last - desk.day).days), "today": last == desk.day,
         "notice_days": row.notice_days, "end": long_date(window.closes),
         "next_end": long_date(window.next_end) if window.next_end else "",
         "facts": [("Fin du terme", long_date(window.closes))]},
    )  # fmt: skip


def _turn(desk: Desk, agreement: Agreement, row: Any, state: AgreementState, due: Due) -> _Written:
    centre = due.subject.split(":")[-1] == PartyRole.CENTRE
    context = {"centre": centre, **_waited(desk, due)}
    found = _to(desk.coordinators(agreement), {**context, "mine": centre})
    return found if centre else [*found, *_to(desk.partners(agreement), {**context, "mine": True})]


def _waited(desk: Desk, due: Due) -> dict[str, Any]:
    since = due.since or due.target_on
    return {"days": (desk.day - since).days, "facts": [("Depuis le", long_date(since))]}


def _signature(desk: Desk, agreement: Agreement, row: Any, state: AgreementState, due: Due) -> _Written:
    waiting = desk.signatories.get((row.pk, _key(due) if due.subject else None), [])
    if not waiting:
        return []
    context = _waited(desk, due)
    facts = [*context["facts"], *(("Signature attendue", f"{person}, {person.organization}") for person in waiting)]
    mine = [(Reader(person.email, person.name), {**context, "mine": True}) for person in waiting]
    return [*_to(desk.coordinators(agreement), {**context, "mine": False, "facts": facts}), *mine]


def _obligation(desk: Desk, agreement: Agreement, row: Any, state: AgreementState, due: Due) -> _Written:
    duty = desk.obligations[_key(due)]
    readers = [*desk.coordinators(agreement), *desk.of_organization(agreement, duty.party_id)]
    return _to(readers, {**_day(desk, due), "text": duty.text, "party": str(duty.party)})


def _step(desk: Desk, agreement: Agreement, row: Any, state: AgreementState, due: Due) -> _Written:
    step = desk.steps[_key(due)]
    readers = [*desk.coordinators(agreement), *desk.partners(agreement)]
    return _to(readers, {**_day(desk, due), "step": step.text, "dispute": step.dispute.subject})


def _day(desk: Desk, due: Due) -> dict[str, Any]:
    left = (due.target_on - desk.day).days
    return {"due": long_date(due.target_on), "left": in_days(left), "late": days_late(-left)}


def _link(desk: Desk, agreement: Agreement, row: Any, state: AgreementState, due: Due) -> _Written:
    link = desk.links[_key(due)]
    context = {
        "person": link.name, "signs": link.purpose == LinkPurpose.SIGN,
        "expires": long_moment(timezone.localtime(link.expires_at)),
    }  # fmt: skip
    staff = _to(desk.coordinators(agreement), {**context, "mine": False})
    return [*staff, (Reader(link.email, link.name), {**context, "mine": True})]


_WRITERS: dict[MailKind, Any] = {
    MailKind.TERM: _term,
    MailKind.NOTICE: _notice,
    MailKind.NOTICE_SOON: _notice,
    MailKind.TURN: _turn,
    MailKind.SIGNATURE_PENDING: _signature,
    MailKind.OBLIGATION: _obligation,
    MailKind.OBLIGATION_LATE: _obligation,
    MailKind.STEP: _step,
    MailKind.STEP_LATE: _step,
    MailKind.LINK_EXPIRING: _link,
}
