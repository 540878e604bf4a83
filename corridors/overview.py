"""Every entente and where it stands on a day, in one SQL query: what lists, panels, the planner and exports count on.

The state is computed, never stored (see `corridors.state`), so these read the few columns that it needs, for all
ententes at once. An entente that was withdrawn from publication is followed by nobody: it is not here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from .enums import AgreementFlag, AgreementStatus, PartyRole
from .models import Agreement, AgreementParty
from .state import AgreementState, state_from

S = AgreementStatus
# The steps by which « à renouveler » is looked at: within a month, two months, three.
HORIZONS = (30, 60, 90)
NOTICE_SOON = 30
# Published, or not yet: a draft, and everything that is negotiated before it is signed.
FOLLOWED = Q(live=True) | Q(first_published_at__isnull=True)
RUNNING = frozenset({S.IN_FORCE, S.SUSPENDED, S.DISPUTED})
_MANY = 500
SIGNATORIES = "signataires"
COORDINATION = "coordination"
_WAITS_FOR = {
    S.REVIEW: PartyRole.CENTRE.value,
    S.AGREED: PartyRole.CENTRE.value,
    S.SIGNING: SIGNATORIES,
}
_COLUMNS = (
    "pk", "number", "title", "responsible", "declared_status", "declared_renewal", "renewal", "renewal_months",
    "notice_days", "starts_on", "ends_on", "signed_on", "said_status", "said_on", "turn", "turn_since",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """One entente on one day. `turn`: a PartyRole, blank outside a negotiation; `turn_since`: with it."""

    pk: int
    number: str
    title: str
    responsible: str
    renewal: str
    notice_days: int | None
    state: AgreementState
    said_on: date | None
    turn: str
    turn_since: date | None
    day: date

    @property
    def status(self) -> AgreementStatus:
        return self.state.status

    @property
    def term_end(self) -> date | None:
        return self.state.term_end

    @property
    def waits_for(self) -> str:
        """Who must make the next move before the entente holds: « centre », « partenaire », « signataires », or blank.
        A draft waits for nobody in particular."""
        if self.status == S.NEGOTIATION:
            return self.turn or PartyRole.CENTRE.value
        return _WAITS_FOR.get(self.status, "")

    @property
    def waits_since(self) -> date | None:
        return (self.turn_since if self.turn else self.said_on) if self.waits_for else None

    @property
    def days_left(self) -> int | None:
        """Days until the last day of the term (0: today); None when it is over, open-ended, or not running."""
        if self.status not in RUNNING or self.term_end is None:
            return None
        return (self.term_end - self.day).days

    @property
    def notice_on(self) -> date | None:
        """The day on which the notice period begins: a notice given by then ends the entente with its term."""
        if self.status not in RUNNING or self.term_end is None or self.notice_days is None:
            return None
        try:
            return self.term_end - timedelta(days=self.notice_days)
        except OverflowError:
            return None


def standings(day: date | None = None, rows: QuerySet | None = None) -> list[Standing]:
    """Where every followed entente (or every one of `rows`) stands on a day, by number. One SQL query."""
    asked = day or timezone.localdate()
    queryset: Any = Agreement.all_objects.filter(FOLLOWED) if rows is None else rows
    found = queryset.with_journal(asked).order_by("number").values_list(*_COLUMNS, named=True)
    return [_standing(row, asked) for row in found]


def _standing(row: Any, day: date) -> Standing:
    state = state_from(row, day, row.said_status)
    negotiated = state.status == S.NEGOTIATION
    return Standing(
        row.pk, row.number, row.title, row.responsible, row.renewal, row.notice_days, state, row.said_on,
        (row.turn or "") if negotiated else "", row.turn_since if negotiated else None, day,
    )  # fmt: skip


def standings_of(ids: Collection[int], day: date | None = None) -> dict[int, Standing]:
    """Primary key → where it stands, withdrawn ententes included. One SQL query."""
    rows = Agreement.all_objects.filter(pk__in=list(ids))
    return {row.pk: row for row in standings(day, rows)}


def attach(rows: Iterable[Any], day: date | None = None) -> Sequence[Any]:
    """The same agreements, each with `standing`. One SQL query, whatever their number."""
    listed = list(rows)
    if len(listed) > _MANY:  # cheaper than to name each one
        found = {row.pk: row for row in standings(day, Agreement.all_objects.all())}
    else:
        found = standings_of([row.pk for row in listed], day)
    for row in listed:
        row.standing = found[row.pk]
    return listed


# What the panels count and the lists filter on: one definition for both, so that a number and its list agree.
Wanted = Callable[[Standing], bool]


def _ends_within(days: int) -> Wanted:
    return lambda row: row.days_left is not None and 0 <= row.days_left <= days


TERMS: Mapping[str, tuple[str, Wanted]] = {
    **{str(days): (f"Fin du terme d’ici {days}\u00a0jours", _ends_within(days)) for days in HORIZONS},
    "preavis": (f"Préavis à donner d’ici {NOTICE_SOON}\u00a0jours", lambda row: _notice_soon(row)),
    "sans": ("Sans terme", lambda row: row.status in RUNNING and row.term_end is None),
    "passee": ("Passée, sans suite déclarée", lambda row: row.state.has(AgreementFlag.CONTRADICTED)),
}
TURNS: Mapping[str, tuple[str, Wanted]] = {
    PartyRole.CENTRE.value: ("Du centre", lambda row: row.waits_for == PartyRole.CENTRE),
    COORDINATION: (
        "Du centre, approbations à part",
        lambda row: row.waits_for == PartyRole.CENTRE and row.status != S.REVIEW,
    ),
    PartyRole.PARTNER.value: ("Du partenaire", lambda row: row.waits_for == PartyRole.PARTNER),
    SIGNATORIES: ("Des signataires", lambda row: row.waits_for == SIGNATORIES),
}
# Several statuses at once, before each of them.
GROUPS: Mapping[str, tuple[str, frozenset[AgreementStatus]]] = {
    "en_cours": ("En cours (en vigueur, suspendue ou en mésentente)", frozenset({S.IN_FORCE, S.SUSPENDED, S.DISPUTED})),
    "en_preparation": (
        "En préparation (du brouillon à la signature)",
        frozenset({S.DRAFT, S.REVIEW, S.NEGOTIATION, S.AGREED, S.SIGNING}),
    ),
}


def _notice_soon(row: Standing) -> bool:
    notice = row.notice_on
    return notice is not None and row.day <= notice <= row.day + timedelta(days=NOTICE_SOON)


def with_status(status: str) -> Wanted:
    """Those of a status, or of one of GROUPS."""
    statuses = GROUPS[status][1] if status in GROUPS else {AgreementStatus(status)}
    return lambda row: row.status in statuses


def with_flag(flag: str) -> Wanted:
    return lambda row: row.state.has(AgreementFlag(flag))


def keys(rows: Iterable[Standing], wanted: Wanted) -> list[int]:
    """The primary keys of those that answer."""
    return [row.pk for row in rows if wanted(row)]


def partners_of(ids: Collection[int]) -> dict[int, str]:
    """Primary key → the parties other than the centre, in the order of the text. One SQL query."""
    found: dict[int, list[str]] = {}
    parties = AgreementParty.objects.filter(agreement_id__in=list(ids), role=PartyRole.PARTNER)
    ordered = parties.order_by("agreement_id", "sort_order", "pk")
    for pk, name in ordered.values_list("agreement_id", "organization__name"):
        found.setdefault(pk, []).append(name)
    return {pk: ", ".join(names) for pk, names in found.items()}
