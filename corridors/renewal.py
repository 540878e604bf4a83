"""Renewing an entente: its successor is another entente, in draft, that begins where it ends.

A corridor belongs to one entente: the successor gets copies of its own (docs/decisions/0015), which can be negotiated
while those in force are still followed; they are published when it is signed. A successor changes nothing in the state
of its predecessor.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from registry import actions as registry_actions
from registry.actions import announced

from . import actions as life
from . import policies
from .actions import Actor, record
from .dossier import open_dossier
from .enums import DeclaredStatus, EventKind
from .lifecycle import Refused
from .models import Agreement, AgreementParty, Clause, Obligation, ReferralMechanism, ServiceCorridor
from .policies import Action
from .state import add_months, term_end

_COPIED = (
    "title", "object", "responsible", "instrument_type", "declared_type", "modalities", "declared_modality", "programs",
    "renewal", "declared_renewal", "renewal_months", "notice_days", "referral_mechanism", "dispute_mechanism",
    "information_exchange",
)  # fmt: skip
_CORRIDOR = (
    "from_service", "to_service", "direction", "criteria", "urgent_delay", "urgent_unit", "priority_delay",
    "priority_unit", "regular_delay", "regular_unit", "liaison_contact", "hours", "return_path", "follow_through",
    "registration_procedure",
)  # fmt: skip
_MECHANISM = ("label", "channel", "phone", "form_url", "hours", "to_have", "consent", "confirmed_on", "sort_order")
_NUMBER = re.compile(r"^(?P<stem>.*?)(?P<year>\d{4})-(?P<rank>\d+)$")
_CODE = re.compile(r"^COR(\d+)$")
_LONGEST_CHAIN = 50


def proposed_number(agreement: Agreement, year: int) -> str:
    """The next free number of that year, written like this entente's (« ENT-2026-014 »); « … R2 » for a number that
    does not follow the pattern. One SQL query."""
    found = _NUMBER.match(agreement.number)
    if found is None:
        taken = set(Agreement.all_objects.filter(number__startswith=agreement.number).values_list("number", flat=True))
        return next(name for rank in range(2, 1000) if (name := f"{agreement.number} R{rank}") not in taken)
    stem = f"{found['stem']}{year}-"
    numbers = Agreement.all_objects.filter(number__startswith=stem).values_list("number", flat=True)
    ranks = [int(rank) for number in numbers if (rank := number.removeprefix(stem)).isdigit()]
    return f"{stem}{max(ranks, default=0) + 1:0{len(found['rank'])}d}"


def next_term(agreement: Agreement, day: date | None = None) -> tuple[date | None, date | None]:
    """The dates proposed for the successor: from the day after the term that runs, for as many months as the original
    term (or the renewal period when nothing says how long it was). None: nothing to follow."""
    today = day or timezone.localdate()
    end = term_end(agreement, today, open_dossier(agreement, today).status)
    if end is None:
        return None, None
    starts = end + timedelta(days=1)
    months = agreement.renewal_months
    if agreement.starts_on is not None and agreement.ends_on is not None:
        after = agreement.ends_on + timedelta(days=1)
        # To the nearest month: terms are often written a day short, or a day long.
        whole = (after.year - agreement.starts_on.year) * 12 + after.month - agreement.starts_on.month
        beyond = after.day - agreement.starts_on.day
        months = max(whole + (beyond > 15) - (beyond < -15), 0) or months
    try:
        return starts, add_months(starts, months) - timedelta(days=1)
    except OverflowError:
        return starts, None


def renew(
    actor: Actor, agreement: Agreement, *, number: str = "", starts_on: date | None = None, ends_on: date | None = None
) -> Agreement:
    """The successor of an entente, in draft, linked to it: its parties, clauses, territories, contributions and
    corridors, and dates that continue it. Raises Refused, PermissionDenied; ValidationError for a number that is
    taken or dates the wrong way round."""
    with announced(Agreement, [agreement.pk]):
        agreement = life.locked(agreement)
        dossier = open_dossier(agreement)
        policies.require(actor.user, Action.RENEW, agreement, dossier.status)
        waiting = [row for row in successors(agreement) if not row.live and not _is_over(row)]
        if waiting:
            raise Refused(f"Le renouvellement est déjà en préparation : {waiting[0].number}.")
        first, last = next_term(agreement)
        first, last = starts_on or first, ends_on or last
        year = (first or timezone.localdate()).year
        successor = _copy(agreement, number.strip() or proposed_number(agreement, year), first, last)
        successor.full_clean()
        registry_actions.create(actor.user, successor, publish=False, clean=False)
        months = _months_between(agreement.ends_on, last)
        codes = _copy_corridors(actor.user, agreement, successor)
        _copy_obligations(actor.user, agreement, successor, months)
        told = {"predecessor": agreement.number, "corridors": codes}
        record(successor, EventKind.RENEWAL, actor, reason=f"Renouvellement de {agreement.number}.", data=told)
        record(
            agreement, EventKind.RENEWAL, actor, reason=f"Renouvellement préparé : {successor.number}.",
            data={"successor": successor.number},
        )  # fmt: skip
        return Agreement.all_objects.get(pk=successor.pk)


def _is_over(agreement: Agreement) -> bool:
    from .enums import AgreementStatus as S

    return open_dossier(agreement).status in (S.CANCELLED, S.REFUSED)


def _copy(agreement: Agreement, number: str, first: date | None, last: date | None) -> Agreement:
    successor = Agreement(
        number=number, declared_status=DeclaredStatus.DRAFT.value, predecessor=agreement, starts_on=first,
        ends_on=last, **{name: getattr(agreement, name) for name in _COPIED},
    )  # fmt: skip
    successor.parties = [
        AgreementParty(
            organization=party.organization, role=party.role, negotiator=party.negotiator,
            negotiator_email=party.negotiator_email, mandate=party.mandate, sort_order=place,
        )
        for place, party in enumerate(agreement.parties.select_related("organization").order_by("sort_order", "pk"))
    ]  # fmt: skip
    # The same keys: the text of the successor compares with its predecessor's, clause by clause.
    successor.clauses = [
        Clause(
            key=clause.key, kind=clause.kind, title=clause.title, text=clause.text, frequency=clause.frequency,
            sort_order=place,
        )
        for place, clause in enumerate(agreement.clauses.order_by("sort_order", "pk"))
    ]  # fmt: skip
    successor.territories = list(agreement.territories.order_by("code"))
    return successor


def _copy_corridors(user: Any, agreement: Agreement, successor: Agreement) -> dict[str, str]:
    """Old code → new code. A fallback among the copied corridors is their copy; another one stays as it is."""
    rows = list(ServiceCorridor.all_objects.filter(agreement=agreement).order_by("code"))
    numbers = next_corridor_numbers()
    copies: dict[int, ServiceCorridor] = {}
    for row in rows:
        copy = ServiceCorridor(
            code=f"COR{next(numbers):03d}", agreement=successor, **{name: getattr(row, name) for name in _CORRIDOR}
        )
        copy.mechanisms = [
            ReferralMechanism(**{name: getattr(item, name) for name in _MECHANISM})
            for item in row.mechanisms.order_by("sort_order", "pk")
        ]
        registry_actions.create(user, copy, publish=False, clean=False)
        copies[row.pk] = copy
    for row in rows:
        if row.fallback_id is not None:
            copies[row.pk].fallback = copies.get(row.fallback_id) or row.fallback
            registry_actions.save_draft(user, copies[row.pk], clean=False)
    return {row.code: copies[row.pk].code for row in rows}


def next_corridor_numbers() -> Any:
    """The free numbers of corridor codes, from the first one past all those taken. One SQL query."""
    codes = ServiceCorridor.all_objects.filter(code__startswith="COR").values_list("code", flat=True)
    taken = [int(found[1]) for code in codes if (found := _CODE.match(code))]
    number = max(taken, default=0)
    while True:
        number += 1
        yield number


def _copy_obligations(user: Any, agreement: Agreement, successor: Agreement, months: int | None) -> None:
    """The same contributions, to come; what had a date is due as many months later as the term moved."""
    for duty in Obligation.all_objects.filter(agreement=agreement).select_related("party").order_by("pk"):
        due = duty.due_on
        if due is not None and months:
            due = add_months(due, months)
        copy = Obligation(agreement=successor, party=duty.party, text=duty.text, due_on=due, recurrence=duty.recurrence)
        registry_actions.create(user, copy, publish=False, clean=False)


def _months_between(old: date | None, new: date | None) -> int | None:
    if old is None or new is None:
        return None
    return (new.year - old.year) * 12 + new.month - old.month


# --- The chain --------------------------------------------------------------------------------------------------


def successors(agreement: Agreement) -> list[Agreement]:
    """The ententes that were drafted to follow this one, oldest first. One SQL query."""
    return list(Agreement.all_objects.filter(predecessor=agreement).order_by("pk"))


def chain(agreement: Agreement) -> list[Agreement]:
    """From the first entente of the line to the last ones, this one included. One SQL query per link of the chain; a
    loop in the data ends it."""
    before: list[Agreement] = []
    seen = {agreement.pk}
    row = agreement
    while row.predecessor_id is not None and row.predecessor_id not in seen and len(seen) < _LONGEST_CHAIN:
        row = Agreement.all_objects.get(pk=row.predecessor_id)
        seen.add(row.pk)
        before.insert(0, row)
    after: list[Agreement] = []
    level = [agreement]
    while level and len(seen) < _LONGEST_CHAIN:
        found = Agreement.all_objects.filter(predecessor__in=level).exclude(pk__in=seen).order_by("pk")
        level = list(found)
        seen |= {item.pk for item in level}
        after += level
    return [*before, agreement, *after]
