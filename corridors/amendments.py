"""Amendments: a typed copy of the terms of an entente that binds, negotiated and signed like it, merged on its day.

Every step goes through the table of `corridors.lifecycle` and `corridors.actions.perform(…, amendment=…)`; versions,
acceptances and signatures through `corridors.negotiation` and `corridors.signing`. Applying to the rows is in
`corridors.merging`. What each kind may change: `corridors.amended.FIELDS` (table of docs/ententes.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.dispatch import receiver
from django.utils import timezone

from registry import actions as registry_actions
from registry.actions import announced

from . import actions as life
from . import amended, canonical, merging, policies, reading
from .actions import SYSTEM, Actor, journal_written, record
from .dossier import Dossier, open_dossier
from .enums import AgreementStatus as S
from .enums import AmendmentKind, EventKind
from .lifecycle import AMENDABLE, Refused, Request, check
from .models import Agreement, AgreementEvent, Amendment, Signatory
from .negotiation import snapshot
from .policies import Action
from .sealed import amending
from .signing import AS_RECORDED

# Statuses of an amendment in which its text is still worked on.
OPEN_TEXT = frozenset({S.DRAFT, S.REVIEW, S.NEGOTIATION, S.AGREED, S.SIGNING})
# Its life is over: merged, cancelled, refused.
_CLOSED = (S.IN_FORCE.value, S.CANCELLED.value, S.REFUSED.value)
_SAME: Any = object()


@dataclass(frozen=True, slots=True)
class Clash:
    """Another open amendment that changes the same things; `names` in words."""

    other: Amendment
    names: tuple[str, ...]


# --- Reading ----------------------------------------------------------------------------------------------------


def with_status(rows: QuerySet) -> QuerySet:
    """Each amendment with `said_status`: where it stands (None: a draft that nobody submitted)."""
    last = AgreementEvent.objects.filter(amendment=OuterRef("pk")).exclude(to_status="")
    return rows.annotate(said_status=Subquery(last.order_by("-effective_on", "-number").values("to_status")[:1]))


def open_ones(agreement: Agreement) -> QuerySet:
    """The amendments of an entente that may still change it, signed ones that wait for their day included."""
    rows = with_status(Amendment.all_objects.filter(agreement=agreement)).order_by("number")
    return rows.exclude(said_status__in=_CLOSED, said_status__isnull=False)


def status_of(amendment: Amendment) -> S:
    """Where an amendment stands today. No SQL query when the row came `with_status`."""
    if hasattr(amendment, "said_status"):
        return S(amendment.said_status) if amendment.said_status else S.DRAFT
    return open_dossier(amendment.agreement, amendment=amendment).status


def clashes_of(amendment: Amendment) -> list[Clash]:
    """The other open amendments of the same entente that touch the same fields. Four SQL queries, whatever their
    number."""
    if status_of(amendment).value in _CLOSED:
        return []
    found = []
    labels = None
    for other in open_ones(amendment.agreement).exclude(pk=amendment.pk):
        if shared := amended.conflicts(amendment, other):
            labels = labels or canonical.labels_of(amendment.base_terms)
            texts = (amendment.base_terms, amendment.terms, other.terms)
            found.append(Clash(other, tuple(amended.element_names(shared, texts, labels))))
    return found


def labels_for(amendment: Amendment) -> dict[str, dict[str, str]]:
    """The names of both texts, before and after. Six SQL queries."""
    return reading.merged(canonical.labels_of(amendment.base_terms), canonical.labels_of(amendment.terms))


# --- Opening and working on the copy ----------------------------------------------------------------------------


def open_amendment(
    actor: Actor, agreement: Agreement, kind: AmendmentKind | str, title: str, *, reason: str = "",
    effective_on: date | None = None,
) -> Amendment:  # fmt: skip
    """A draft amendment of an entente that binds, its copy equal to the terms as they stand. The text of an entente
    older than the system is first kept as a version. `effective_on` None: as soon as it is signed. Raises Refused,
    PermissionDenied."""
    kind = AmendmentKind(kind)
    if not title.strip():
        raise Refused("Donnez un titre à l’avenant : ce qu’il change, en quelques mots.")
    with announced(Agreement, [agreement.pk]):
        agreement = life.locked(agreement)
        dossier = open_dossier(agreement)
        policies.require(actor.user, Action.AMEND, agreement, dossier.status)
        _check_effect(effective_on)
        _keep_as_recorded(actor, dossier)
        last = Amendment.all_objects.filter(agreement=agreement).aggregate(last=Max("number"))["last"]
        amendment = Amendment(
            agreement=agreement, number=(last or 0) + 1, kind=kind, title=title.strip(), reason=reason.strip(),
            effective_on=effective_on, base_terms=dossier.terms, base_hash=dossier.hash, terms=dossier.terms,
        )  # fmt: skip
        registry_actions.create(actor.user, amendment, clean=False)
        for person in dossier.signatories:
            Signatory.objects.create(
                agreement=agreement, amendment=amendment, organization=person.organization, name=person.name,
                title=person.title, email=person.email, order=person.order, on_behalf_of=person.on_behalf_of,
                mandate=person.mandate,
            )  # fmt: skip
        record(
            agreement, EventKind.AMENDMENT, actor, amendment=amendment, reason=amendment.reason,
            data={"step": "opened", "kind": str(kind), "title": amendment.title},
        )  # fmt: skip
        return amendment


def _check_effect(effective_on: date | None) -> None:
    if effective_on is not None and effective_on < timezone.localdate():
        raise Refused("Un avenant n’entre pas en vigueur dans le passé.")


def _keep_as_recorded(actor: Actor, dossier: Dossier) -> None:
    """The text that is about to be amended, as a version: an older entente has none yet."""
    if dossier.text_unchanged:
        return
    number = dossier.version.number + 1 if dossier.version is not None else 1
    version = snapshot(actor, dossier.agreement, dossier.terms, number=number, summary=AS_RECORDED)
    record(
        dossier.agreement, EventKind.VERSION, actor, reason=AS_RECORDED, content_hash=version.content_hash,
        data={"version": number},
    )  # fmt: skip


def edit(
    actor: Actor, amendment: Amendment, *, terms: Mapping[str, Any] | None = None, title: str | None = None,
    reason: str | None = None, effective_on: date | None = _SAME,
) -> Amendment:  # fmt: skip
    """Change the copy. `terms`: only the fields of its kind may differ from the entente, whatever the form says. When
    the text had been accepted or signed, this is cleared and told. Raises Refused, PermissionDenied."""
    with announced(Agreement, [amendment.agreement_id]):
        agreement = life.locked(amendment.agreement)
        current = Amendment.all_objects.get(pk=amendment.pk)
        dossier = open_dossier(agreement, amendment=current)
        _require_editing(actor, dossier)
        if terms is not None:
            wanted = canonical.canonical({**current.terms, **terms})
            if forbidden := amended.outside(current, wanted):
                names = ", ".join(reading.FIELDS.get(name, name) for name in forbidden)
                raise Refused(f"Un avenant « {current.get_kind_display()} » ne change pas : {names}.")
            merging.check_terms(current, wanted)
            current.terms = wanted
        if title is not None and title.strip():
            current.title = title.strip()
        if reason is not None:
            current.reason = reason.strip()
        if effective_on is not _SAME and effective_on != current.effective_on:
            _check_effect(effective_on)
            current.effective_on = effective_on
        registry_actions.edit(actor.user, current, clean=False)
        life.text_changed(agreement, actor, current, why="Le texte de l’avenant a été modifié.")
        return current


def _require_editing(actor: Actor, dossier: Dossier) -> None:
    policies.require(actor.user, Action.AMEND, dossier.agreement, dossier.agreement_state.status)
    if dossier.status not in OPEN_TEXT:
        raise Refused(f"L’avenant est à l’état « {dossier.status.label} » : son texte ne change plus.")


def may_edit(user: Any, dossier: Dossier) -> bool:
    """May this user work on the copy now? For showing the form, or not."""
    try:
        _require_editing(Actor(user=user), dossier)
    except (PermissionDenied, Refused):
        return False
    return True


def step(actor: Actor, amendment: Amendment, name: str, request: Request | None = None) -> AgreementEvent:
    """One transition of the table, for this amendment (submit, approve, cancel…). Raises Refused."""
    return life.perform(actor, amendment.agreement, name, request, amendment=amendment)


# --- Merging ----------------------------------------------------------------------------------------------------


@receiver(journal_written, dispatch_uid="corridors_signed_amendment")
def _when_signed(event: AgreementEvent, **kwargs: Any) -> None:
    """Signed, and due: merged at once. What stands in the way leaves it signed; the daily run tries again."""
    amendment = event.amendment
    if amendment is None or event.transition != "sign":
        return
    if amendment.effective_on is None or amendment.effective_on <= timezone.localdate():
        try:
            with transaction.atomic():
                merge(amendment)
        except Refused:
            return


def merge_due(today: date | None = None) -> list[str]:
    """For the daily run, before it settles the dates: merge the signed amendments whose day has come, in the order of
    their days. Catches up; does nothing twice. Returns what was merged (« ENT-2020-001, avenant 1 »). One SQL query to
    find them."""
    day = today or timezone.localdate()
    rows = with_status(Amendment.all_objects.select_related("agreement")).filter(said_status=S.SIGNED.value)
    due = rows.filter(Q(effective_on__isnull=True) | Q(effective_on__lte=day)).order_by("effective_on", "pk")
    done = []
    for amendment in due:
        try:
            with transaction.atomic():
                merge(amendment, day)
        except Refused:
            continue
        done.append(f"{amendment.agreement.number}, avenant {amendment.number}")
    return done


def merge(amendment: Amendment, today: date | None = None) -> AgreementEvent:
    """Apply a signed amendment to its entente: row, clauses, contributions, corridors, a new version, the journal — in
    one transaction; then the other open amendments follow. Raises Refused."""
    with announced(Agreement, [amendment.agreement_id]), amending(amendment.agreement):
        agreement = life.locked(amendment.agreement)
        current = Amendment.all_objects.get(pk=amendment.pk)
        # As on its day: the entente may have lapsed since, were it not for what the amendment changes.
        now = today or timezone.localdate()
        day = min(current.effective_on or now, now)
        dossier = open_dossier(agreement, amendment=current)
        signed = [line.effective_on for line in dossier.own_events if line.transition == "sign"]
        day = max([day, *signed])
        event = life.perform(SYSTEM, agreement, "start", Request(effective_on=day), amendment=current, day=day)
        terms, clashes = amended.rebased(current.base_terms, current.terms, canonical.terms_of(agreement))
        touched = amended.touched(current)
        aside = agreement.has_unpublished_changes
        merging.apply(agreement, current, terms)
        agreement = life.locked(agreement)
        version = _merged_version(agreement, current)
        labels = labels_for(current)
        texts = (current.base_terms, current.terms)
        names = amended.element_names(touched, texts, labels)
        data = {
            "step": "merged", "version": version.number, "fields": names,
            "overrode": amended.element_names(clashes, texts, labels), "draft_set_aside": aside,
        }  # fmt: skip
        record(
            agreement, EventKind.AMENDMENT, SYSTEM, amendment=current, effective_on=day,
            content_hash=version.content_hash, reason=f"Avenant {current.number} intégré à l’entente.",
            data={name: value for name, value in data.items() if value},
        )  # fmt: skip
        for other in open_ones(agreement).exclude(pk=current.pk):
            rebase(other, current)
        life.settle_dates(agreement)
        return event


def obstacle(amendment: Amendment) -> str:
    """Why a signed amendment whose day has come is not merged, in French; blank when nothing is in the way."""
    dossier = open_dossier(amendment.agreement, amendment=amendment)
    if dossier.status != S.SIGNED or (amendment.effective_on or dossier.day) > dossier.day:
        return ""
    terms, _clashes = amended.rebased(amendment.base_terms, amendment.terms, canonical.terms_of(amendment.agreement))
    try:
        check("start", dossier.facts(), Request(), SYSTEM.capacities(amendment.agreement))
        merging.check_terms(amendment, terms)
    except Refused as refusal:
        return str(refusal)
    return ""


def _merged_version(agreement: Agreement, amendment: Amendment) -> Any:
    dossier = open_dossier(agreement)
    number = dossier.version.number + 1 if dossier.version is not None else 1
    summary = f"Avenant {amendment.number} : {amendment.title}"
    return snapshot(SYSTEM, agreement, dossier.terms, number=number, summary=summary)


def rebase(amendment: Amendment, merged: Amendment) -> set[str]:
    """Another amendment was merged: this one starts again from the terms as they are now. What it does not touch
    follows silently; what both change is told, and its own words stay for people to settle. Acceptances and signatures
    are cleared, the text being another; an amendment that everyone signed stays signed. The elements that clash."""
    agreement = amendment.agreement
    now = canonical.terms_of(agreement)
    if now == amendment.base_terms:
        return set()
    terms, clashes = amended.rebased(amendment.base_terms, amendment.terms, now)
    names = amended.element_names(clashes, (now, amendment.terms), canonical.labels_of(now)) if clashes else []
    amendment.base_terms, amendment.base_hash, amendment.terms = now, canonical.content_hash(now), terms
    registry_actions.edit(None, amendment, clean=False)
    why = f"L’avenant {merged.number} a été intégré à l’entente"
    if names:
        why += f" et change aussi : {', '.join(names)}"
        record(
            agreement, EventKind.AMENDMENT, SYSTEM, amendment=amendment, reason=f"{why}.",
            data={"step": "rebased", "conflict_with": merged.number, "fields": names},
        )  # fmt: skip
    life.text_changed(agreement, SYSTEM, amendment, why=f"{why}.")
    return clashes


__all__ = [
    "AMENDABLE", "OPEN_TEXT", "Clash", "clashes_of", "edit", "labels_for", "may_edit", "merge", "merge_due",
    "obstacle", "open_amendment", "open_ones", "rebase", "status_of", "step", "with_status",
]  # fmt: skip
