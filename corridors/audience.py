"""Whom a message about an entente is for, and which page its link opens for them. Rights: `corridors.policies`.

Read once for many ententes: a daily run asks about hundreds of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse

from registry.text import fold

from . import policies
from .enums import PartyRole
from .lifecycle import Who
from .models import Agreement, AgreementParty, Signatory, Signature

# A text that people negotiate and sign: an entente, or (with the second key) one of its amendments.
Text = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to whom a message goes. `staff`: reads in the coordination; otherwise on the partners' pages, with an
    account, or without (a negotiator or signatory known by an address only)."""

    email: str
    name: str = ""
    staff: bool = False
    user_id: int | None = None

    @property
    def account(self) -> bool:
        return self.user_id is not None


def page_of(reader: Reader, agreement: Agreement) -> str:
    """The page of this entente that this reader may open."""
    if reader.staff:
        return staff_page(agreement)
    return reverse("corridors_partner_agreement", args=[agreement.number])


def link_of(reader: Reader, agreement: Agreement) -> dict[str, str]:
    """What a message to this reader says of its link. Whoever has no account answers by a personal link, which came in
    a message of its own."""
    label = "Ouvrir l’entente" if reader.account or reader.staff else "Avec un compte, ouvrir l’entente"
    return {"link": page_of(reader, agreement), "link_label": label}


def staff_page(agreement: Agreement) -> str:
    """The page of an entente in the coordination. By name: a command has not met the admin's classes yet."""
    return reverse("wagtailsnippets_corridors_agreement:entente", args=[agreement.pk])


def once(readers: Iterable[Reader]) -> list[Reader]:
    """One message an address, whatever the number of reasons to write there; the first reason counts."""
    found: dict[str, Reader] = {}
    for reader in readers:
        if reader.email:
            found.setdefault(reader.email.casefold(), reader)
    return list(found.values())


class AddressBook:
    """The accounts to which messages go. Three SQL queries at most, whatever the number of ententes."""

    def coordinators(self, agreement: Agreement, parties: Sequence[AgreementParty]) -> list[Reader]:
        """Who follows this entente: the person named responsible, when an account bears this name; otherwise all its
        coordinators; its managers when it has none."""
        found = self._concerned(self._coordinators, parties)
        responsible = fold(agreement.responsible)
        named = [reader for reader in found if responsible and fold(reader.name) == responsible]
        return named or found or self.managers(parties)

    def managers(self, parties: Sequence[AgreementParty]) -> list[Reader]:
        return self._concerned(self._managers, parties)

    def partners(self, parties: Iterable[AgreementParty]) -> list[Reader]:
        """The other side: its accounts, and its negotiators who have none."""
        found = []
        for party in parties:
            if party.role == PartyRole.PARTNER:
                found += self.of_party(party)
        return once(found)

    def of_party(self, party: AgreementParty) -> list[Reader]:
        """A partner's people for this party; its negotiator too."""
        found = list(self._partners.get(party.organization_id, ()))
        return once([*found, Reader(party.negotiator_email, party.negotiator)])

    @staticmethod
    def _concerned(people: list[tuple[Reader, int | None]], parties: Sequence[AgreementParty]) -> list[Reader]:
        concerned = {party.organization_id for party in parties}
        return once(reader for reader, where in people if where is None or where in concerned)

    @cached_property
    def _coordinators(self) -> list[tuple[Reader, int | None]]:
        return [(_reader(user, staff=True), where) for user, where in policies.people(Who.COORDINATOR)]

    @cached_property
    def _managers(self) -> list[tuple[Reader, int | None]]:
        return [(_reader(user, staff=True), where) for user, where in policies.people(Who.MANAGER)]

    @cached_property
    def _partners(self) -> dict[int, list[Reader]]:
        found: dict[int, list[Reader]] = defaultdict(list)
        for user, where in policies.people(Who.PARTNER):
            if where is not None:
                found[where].append(_reader(user, staff=False))
        return found


def _reader(user: Any, *, staff: bool) -> Reader:
    return Reader(user.email, user.get_full_name(), staff, user.pk)


def waiting_signatories(ids: Iterable[int]) -> dict[Text, list[Signatory]]:
    """Text → who may sign it now and has not, for these ententes and their amendments. Two SQL queries."""
    keys = list(ids)
    if not keys:
        return {}
    people = Signatory.objects.filter(agreement_id__in=keys, removed_at__isnull=True)
    standing = Signature.objects.filter(signatory__in=people, cleared_at__isnull=True)
    signed = set(standing.values_list("signatory_id", flat=True))
    found: dict[Text, list[Signatory]] = defaultdict(list)
    for person in people.select_related("organization").order_by("order", "pk"):
        if person.pk not in signed:
            found[person.agreement_id, person.amendment_id].append(person)
    return {text: [person for person in named if person.order == named[0].order] for text, named in found.items()}
