"""The daily run: note what followed from the dates, close what ended, remind of what comes.

It tells, it decides nothing: an entente is in the same state whether the run took place or not. Each thing is done
once, whatever the number of runs: what is due is looked for up to the day, never on one exact day; each entente is held
while it is dealt with, and what another process just did is not done again.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from registry.dates import long_date

from . import actions as life
from . import amendments, contributions, ending, mails, messages, reminders
from .audience import Text, waiting_signatories
from .enums import AgreementStatus as S
from .enums import DisputeStatus, EventKind, LinkPurpose
from .models import ActionLink, Agreement, AgreementEvent, Amendment, DisputeStep, Reminder
from .overview import FOLLOWED
from .reminders import Due
from .state import AgreementState, state_from

logger = logging.getLogger(__name__)

_COLUMNS = (
    "pk", "number", "declared_status", "declared_renewal", "renewal", "renewal_months", "notice_days", "starts_on",
    "ends_on", "signed_on", "said_status", "said_on", "turn", "turn_since", "noted", "noted_on", "first_published_at",
)  # fmt: skip
Progress = Callable[[str, int, int], None]  # what is being done, how much is, out of how much


@dataclass
class Summary:
    """What a run did. `failed`: numbers of the ententes that could not be dealt with; the next run takes them up."""

    looked_at: int = 0
    noted: Counter[str] = field(default_factory=Counter)
    renewed: int = 0
    merged: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    reminders: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    # Reminders that concern nobody with an e-mail address.
    unheard: int = 0
    sent_again: int = 0
    given_up: int = 0
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Followed:
    """One entente as the run reads it: its row, and its state that day."""

    row: Any
    state: AgreementState

    @property
    def pk(self) -> int:
        return self.row.pk  # type: ignore[no-any-return]


def run(day: date | None = None, progress: Progress = lambda what, done, total: None) -> Summary:
    """The run of a day (today by default). Reads with a constant number of SQL queries; writes what is due."""
    today = day or timezone.localdate()
    summary = Summary()
    # Before the dates are looked at: what people signed may have moved them.
    summary.merged = _aside(summary, "avenants", amendments.merge_due, today)
    rows = read(today)
    summary.looked_at = len(rows)
    _each(summary, "Dates", _moved(rows, today), progress, lambda item: _settle(summary, item, today))
    summary.closed = _aside(summary, "résiliations", ending.settle_terminations, today)
    # What just moved or ended is read again: a lapsed entente has nothing more to be reminded of.
    rows = read(today)
    todo = _unsent(rows, due(rows, today))
    desk = messages.Desk(today, todo)
    _each(summary, "Rappels", [item for item in rows if item.pk in todo], progress,
          lambda item: _remind(summary, desk, item, todo[item.pk]))  # fmt: skip
    summary.sent_again, summary.given_up = mails.resend_waiting()
    return summary


def _aside(summary: Summary, what: str, step: Callable[[date], list[str]], day: date) -> list[str]:
    """A step that finds by itself what it deals with. That it fails does not hold back the reminders."""
    try:
        return step(day)
    except Exception:
        logger.exception("The daily run could not finish: %s", what)
        summary.failed.append(what)
        return []


def read(day: date) -> list[Followed]:
    """Every followed entente and its state that day. One SQL query."""
    lines = AgreementEvent.objects.filter(
        agreement=OuterRef("pk"), amendment__isnull=True, effective_on__lte=day
    ).exclude(to_status="")
    last = lines.order_by("-effective_on", "-number")
    found: Any = Agreement.all_objects.filter(FOLLOWED)
    rows = (
        found.with_journal(day)
        .order_by("pk")
        .annotate(noted=Subquery(last.values("to_status")[:1]), noted_on=Subquery(last.values("effective_on")[:1]))
        .values_list(*_COLUMNS, named=True)
    )
    return [Followed(row, state_from(row, day, row.said_status)) for row in rows]


def _each(
    summary: Summary, what: str, items: list[Followed], progress: Progress, deal: Callable[[Followed], None]
) -> None:
    """One entente after the other, each in its own transaction: one that fails does not hold back the others."""
    for position, item in enumerate(items, 1):
        try:
            with transaction.atomic():
                deal(item)
        except Exception:
            logger.exception("The daily run could not deal with %s", item.row.number)
            summary.failed.append(item.row.number)
        progress(what, position, len(items))


# --- What followed from the dates -------------------------------------------------------------------------------------


def _watched_since(row: Any) -> date | None:
    """Since when the system follows this entente: what happened before is not news."""
    return timezone.localdate(row.first_published_at) if row.first_published_at is not None else None


def _moved(rows: Iterable[Followed], day: date) -> list[Followed]:
    """Ententes whose dates have said, since they are followed, something that the journal may not have noted yet."""
    found = [item for item in rows if _status_moved(item, day) or list(_renewals(item, day))]
    noted = _renewals_noted(item.pk for item in found)
    return [
        item
        for item in found
        if _status_moved(item, day) or any(end not in noted[item.pk] for _past, end in _renewals(item, day))
    ]


def _status_moved(item: Followed, day: date) -> bool:
    row = item.row
    if row.noted:
        return bool(row.noted != item.state.status)
    since = _watched_since(row)
    return since is not None and since < day and state_from(row, since, None).status != item.state.status


def _renewals(item: Followed, day: date) -> Iterator[tuple[date, date]]:
    since = _watched_since(item.row)
    return reminders.renewals(item.row, item.state.status, since, day) if since is not None else iter(())


def _renewals_noted(ids: Iterable[int]) -> dict[int, set[date]]:
    """Primary key → the ends of the periods whose beginning the journal tells. One SQL query."""
    found: dict[int, set[date]] = defaultdict(set)
    lines = AgreementEvent.objects.filter(agreement_id__in=list(ids), kind=EventKind.RENEWAL, by_system=True)
    for pk, data in lines.order_by("pk").values_list("agreement_id", "data"):
        if data.get("term_end"):
            found[pk].add(date.fromisoformat(data["term_end"]))
    return found


def _settle(summary: Summary, item: Followed, day: date) -> None:
    agreement = life.locked(Agreement.all_objects.get(pk=item.pk))
    for event in life.settle_dates(agreement, day):
        summary.noted[event.transition] += 1
    noted = _renewals_noted([item.pk])[item.pk]
    for past, end in _renewals(item, day):
        if end not in noted:
            life.record(
                agreement, EventKind.RENEWAL, life.SYSTEM, by_system=True, effective_on=past + timedelta(days=1),
                reason=f"Reconduite jusqu’au {long_date(end)}.", data={"term_end": end.isoformat()},
            )  # fmt: skip
            summary.renewed += 1


# --- Reminders --------------------------------------------------------------------------------------------------------


def due(rows: Iterable[Followed], day: date) -> dict[int, list[Due]]:
    """Primary key → what this day asks to remind of, sent already or not. Eight SQL queries at most."""
    followed = {item.pk: item for item in rows}
    found: dict[int, list[Due]] = defaultdict(list)
    for item in followed.values():
        found[item.pk] += reminders.of_term(item.state, day)
        found[item.pk] += reminders.of_notice(item.row, item.state, day)
        if item.state.status == S.NEGOTIATION and item.row.turn:
            found[item.pk] += reminders.of_waiting(mails.MailKind.TURN, item.row.turn_since, day, item.row.turn)
    running = {pk for pk, item in followed.items() if item.state.status in reminders.RUNNING}
    _add_obligations(found, running, day)
    _add_steps(found, running, day)
    moving = [row for row in _moving_amendments(day) if row.agreement_id in followed]
    _add_amendments(found, moving, day)
    signing = [(item.pk, None, item.row.said_on) for item in followed.values() if item.state.status == S.SIGNING]
    signing += [(row.agreement_id, row.pk, row.said_on) for row in moving if row.said_status == S.SIGNING]
    _add_signatures(found, signing, day)
    statuses: dict[Text, str] = {(pk, None): item.state.status for pk, item in followed.items()}
    statuses |= {(row.agreement_id, row.pk): row.said_status for row in moving}
    _add_links(found, statuses, day)
    return {pk: wanted for pk, wanted in found.items() if wanted}


def _add_obligations(found: dict[int, list[Due]], running: set[int], day: date) -> None:
    for item in contributions.contributions(day):
        if item.agreement_id in running and item.when != contributions.When.MET and item.due_on is not None:
            found[item.agreement_id] += reminders.of_obligation(item.due_on, day, f"contribution:{item.pk}")


def _add_steps(found: dict[int, list[Due]], running: set[int], day: date) -> None:
    open_ones = DisputeStep.objects.filter(
        dispute__status=DisputeStatus.OPEN, done_on__isnull=True,
        due_on__gte=day - timedelta(days=reminders.LATE_WITHIN),
        due_on__lte=day + timedelta(days=max(reminders.STEP_STAGES)),
    )  # fmt: skip
    for pk, agreement_id, due_on in open_ones.order_by("pk").values_list("pk", "dispute__agreement_id", "due_on"):
        if agreement_id in running:
            found[agreement_id] += reminders.of_step(due_on, day, f"etape:{pk}")


def _moving_amendments(day: date) -> list[Any]:
    """Amendments in negotiation or in signature, each with `said_on`, `turn` and `turn_since`. One SQL query."""
    lines = AgreementEvent.objects.filter(amendment=OuterRef("pk"), effective_on__lte=day)
    said = lines.exclude(to_status="").order_by("-effective_on", "-number")
    turns = lines.exclude(turn="").order_by("-effective_on", "-number")
    rows = Amendment.all_objects.annotate(
        said_status=Subquery(said.values("to_status")[:1]), said_on=Subquery(said.values("effective_on")[:1]),
        turn=Subquery(turns.values("turn")[:1]), turn_since=Subquery(turns.values("effective_on")[:1]),
    ).filter(said_status__in=(S.NEGOTIATION, S.SIGNING))  # fmt: skip
    columns = ("pk", "agreement_id", "said_status", "said_on", "turn", "turn_since")
    return list(rows.order_by("pk").values_list(*columns, named=True))


def _add_amendments(found: dict[int, list[Due]], moving: Iterable[Any], day: date) -> None:
    for row in moving:
        if row.said_status == S.NEGOTIATION and row.turn:
            subject = f"avenant:{row.pk}:{row.turn}"
            found[row.agreement_id] += reminders.of_waiting(mails.MailKind.TURN, row.turn_since, day, subject)


def _add_signatures(found: dict[int, list[Due]], signing: Iterable[tuple[int, int | None, date]], day: date) -> None:
    """Those whose rank has come and who have not signed: one reminder a text, which names them."""
    texts = list(signing)
    waiting = waiting_signatories({pk for pk, _amendment, _since in texts})
    for pk, amendment, since in texts:
        if waiting.get((pk, amendment)):
            subject = f"avenant:{amendment}" if amendment else ""
            found[pk] += reminders.of_waiting(mails.MailKind.SIGNATURE_PENDING, since, day, subject)


_LINK_STATUS = {LinkPurpose.ACCEPT.value: S.NEGOTIATION, LinkPurpose.SIGN.value: S.SIGNING}


def _add_links(found: dict[int, list[Due]], statuses: dict[Text, str], day: date) -> None:
    open_ones = ActionLink.objects.filter(
        used_at__isnull=True, revoked_at__isnull=True,
        expires_at__date__gte=day, expires_at__date__lte=day + timedelta(days=reminders.LINK_AHEAD),
    ).order_by("pk")  # fmt: skip
    columns = ("pk", "version__agreement_id", "version__amendment_id", "expires_at", "purpose")
    for pk, agreement_id, amendment_id, expires_at, purpose in open_ones.values_list(*columns):
        if statuses.get((agreement_id, amendment_id)) == _LINK_STATUS[purpose]:
            found[agreement_id] += reminders.of_link(timezone.localdate(expires_at), day, f"lien:{pk}")


def _sent(ids: Iterable[int]) -> dict[int, set[tuple[str, str, date]]]:
    found: dict[int, set[tuple[str, str, date]]] = defaultdict(set)
    rows = Reminder.objects.filter(agreement_id__in=list(ids)).order_by("pk")
    for pk, key, subject, target_on in rows.values_list("agreement_id", "kind", "subject", "target_on"):
        found[pk].add((key, subject, target_on))
    return found


def _unsent(rows: Iterable[Followed], wanted: dict[int, list[Due]]) -> dict[int, list[Due]]:
    """What the log does not hold yet. One SQL query."""
    sent = _sent(wanted)
    found = {pk: [item for item in items if item.identity not in sent[pk]] for pk, items in wanted.items()}
    return {pk: items for pk, items in found.items() if items}


def _remind(summary: Summary, desk: messages.Desk, item: Followed, todo: list[Due]) -> None:
    """Under the entente's lock, so that two runs at once cannot both find that nothing was sent."""
    agreement = life.locked(desk.agreements[item.pk])
    sent = _sent([item.pk])[item.pk]
    for wanted in todo:
        if wanted.identity in sent:
            continue
        letters = desk.letters(item.row, item.state, wanted)
        if not letters:
            # Nobody to write to yet: not written down as sent, so that the next run looks again.
            summary.unheard += 1
            continue
        reminder = Reminder.objects.create(
            agreement=agreement, kind=wanted.key, subject=wanted.subject, target_on=wanted.target_on,
            created_at=timezone.now(),
        )  # fmt: skip
        for letter in letters:
            mails.queue(wanted.mail, letter.reader.email, agreement, letter.context, reminder)
        life.record(
            agreement, EventKind.REMINDER, life.SYSTEM, by_system=True, effective_on=desk.day,
            reason=f"{wanted.mail.label} ({long_date(wanted.target_on)}).",
            data={"reminder": wanted.key, "target_on": wanted.target_on.isoformat(), "messages": len(letters)},
        )  # fmt: skip
        summary.reminders[wanted.mail.label] += 1
        summary.messages += len(letters)
