"""Everything that the guards of the lifecycle look at, read from the database for one entente."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.utils import timezone

from . import amended, canonical
from .conformity import failing_rules
from .enums import AgreementStatus, PartyRole
from .lifecycle import Facts
from .models import (
    Acceptance,
    Agreement,
    AgreementEvent,
    AgreementParty,
    AgreementVersion,
    Amendment,
    Signatory,
    Signature,
)
from .state import AgreementState, renews, state_at, state_from
from .terms import standing

# From here on the text is signed.
SIGNED_ON = frozenset(AgreementStatus) - {
    AgreementStatus.DRAFT, AgreementStatus.REVIEW, AgreementStatus.NEGOTIATION, AgreementStatus.AGREED,
    AgreementStatus.SIGNING, AgreementStatus.CANCELLED, AgreementStatus.REFUSED,
}  # fmt: skip


@dataclass
class Dossier:
    """One entente with its journal, its current version, and who accepted and signed it. Read once, then asked.

    With `amendment`: the same questions, about that amendment of the entente.
    """

    agreement: Agreement
    day: date
    events: Sequence[AgreementEvent] = field(default=())
    amendment: Amendment | None = None

    @property
    def own_events(self) -> list[AgreementEvent]:
        """The journal of the entente itself, or of the amendment that this dossier is about."""
        key = self.amendment.pk if self.amendment is not None else None
        return [line for line in self.events if line.amendment_id == key]

    @cached_property
    def agreement_state(self) -> AgreementState:
        """The entente's own state, whatever the dossier is about."""
        return state_at(self.agreement, self.day, [line for line in self.events if line.amendment_id is None])

    @cached_property
    def state(self) -> AgreementState:
        if self.amendment is None:
            return self.agreement_state
        return AgreementState(amended.status_from(self.own_events, self.day), (), None)

    @property
    def status(self) -> AgreementStatus:
        return self.state.status

    @cached_property
    def turn(self) -> str:
        """Whose turn it is (a PartyRole), blank outside of a negotiation."""
        lines = [line for line in self.own_events if line.turn]
        return lines[-1].turn if lines and self.status == AgreementStatus.NEGOTIATION else ""

    @cached_property
    def parties(self) -> list[AgreementParty]:
        """Those of the text; an amendment is also accepted and signed by the party that joins."""
        rows = list(self.agreement.parties.select_related("organization").order_by("sort_order", "pk"))
        return rows if self.amendment is None else rows + amended.joining(self.amendment, rows)

    @cached_property
    def terms(self) -> canonical.Terms:
        return canonical.terms_of(self.agreement) if self.amendment is None else amended.sealed(self.amendment)

    @cached_property
    def hash(self) -> str:
        return canonical.content_hash(self.terms)

    @cached_property
    def version(self) -> AgreementVersion | None:
        """The last version proposed of the entente itself, or of the amendment (each has its own)."""
        return self.agreement.versions.filter(amendment=self.amendment).order_by("-number").first()

    @cached_property
    def acceptances(self) -> list[Acceptance]:
        """Those that stand, on the current version."""
        if self.version is None:
            return []
        return list(self.version.acceptances.filter(cleared_at__isnull=True).select_related("organization"))

    @cached_property
    def signatories(self) -> list[Signatory]:
        named = self.agreement.signatories.filter(amendment=self.amendment, removed_at__isnull=True)
        return list(named.select_related("organization"))

    @cached_property
    def signatures(self) -> list[Signature]:
        """Those that stand: on the current version, and once the text is signed, on the version that was (an amendment
        that is merged makes a version which nobody signs again)."""
        if self.version is None:
            return []
        of_text = {"version__agreement": self.agreement, "version__amendment": self.amendment}
        rows = list(
            Signature.objects.filter(**of_text, cleared_at__isnull=True)
            .select_related("signatory", "version")
            .order_by("recorded_at", "pk")
        )
        last = self.version.number
        if self.status in SIGNED_ON:
            last = max((row.version.number for row in rows), default=last)
        return [row for row in rows if row.version.number == last]

    @property
    def text_unchanged(self) -> bool:
        return self.version is not None and self.version.content_hash == self.hash

    def waiting(self) -> list[str]:
        """Parties that have not accepted the current version, in the order of the text."""
        accepted = {item.organization_id for item in self.acceptances} if self.text_unchanged else set()
        return [str(party.organization) for party in self.parties if party.organization_id not in accepted]

    def later(self) -> list[tuple[date, str]]:
        """Decisions already taken that take effect after the day: (day, name of the transition), in that order."""
        lines = [
            (line.effective_on, line.number, line.transition)
            for line in standing(self.own_events)
            if line.to_status and not line.by_system and line.effective_on > self.day
        ]
        return [(when, name) for when, _number, name in sorted(lines)]

    def facts(self) -> Facts:
        """For `lifecycle.check` and `lifecycle.offers`."""
        named = {person.organization_id for person in self.signatories}
        signed = {item.signatory_id for item in self.signatures} if self.text_unchanged else set()
        asked = self.status in (AgreementStatus.NEGOTIATION, AgreementStatus.AGREED, AgreementStatus.SIGNING)
        waiting = tuple(self.waiting()) if asked else ()
        return Facts(
            status=self.status,
            day=self.day,
            parties=len(self.parties),
            partners=sum(party.role == PartyRole.PARTNER for party in self.parties),
            programs=len(self.agreement.programs),
            territories=self.agreement.territories.count(),
            accepted=len(self.parties) - len(waiting),
            waiting=waiting,
            failing_rules=self._failing_rules() if asked else (),
            parties_without_signatory=tuple(
                str(party.organization) for party in self.parties if party.organization_id not in named
            ),
            unsigned=tuple(str(person) for person in self.signatories if person.pk not in signed),
            text_unchanged=not asked or self.text_unchanged,
            starts_on=self.agreement.starts_on if self.amendment is None else self.amendment.effective_on,
            term_end=self.state.term_end,
            last_day=None if self.amendment is not None or renews(self.agreement) else self.state.term_end,
            later=tuple(self.later()),
            notice_days=self.agreement.notice_days,
            agreement_status=None if self.amendment is None else self.agreement_state.status,
            changes=self.amendment is None or bool(amended.touched(self.amendment)),
        )

    def _failing_rules(self) -> tuple[str, ...]:
        """What holds back the text: for an amendment, only what it breaks itself."""
        found = failing_rules(self.agreement, self.terms)
        if self.amendment is not None and found:
            before = failing_rules(self.agreement, self.amendment.base_terms)
            found = [rule for rule in found if rule not in before]
        return tuple(found)


def open_dossier(agreement: Agreement, day: date | None = None, amendment: Amendment | None = None) -> Dossier:
    """The dossier of an entente, or of one of its amendments, on a day (today by default). One SQL query now; the rest
    as it is asked."""
    return Dossier(agreement, day or timezone.localdate(), list(agreement.events.order_by("number")), amendment)


def status_of(agreement: Agreement, day: date | None = None) -> AgreementStatus:
    """Where an entente is today. One SQL query, none when the row came `with_journal`."""
    day = day or timezone.localdate()
    if hasattr(agreement, "said_status"):
        return state_from(agreement, day, agreement.said_status).status
    return open_dossier(agreement, day).status


def states_of(rows: Iterable[Any], day: date) -> dict[int, AgreementState]:
    """Primary key → state, for rows that came `with_journal(day)`. No SQL query."""
    return {row.pk: state_from(row, day, row.said_status) for row in rows}
