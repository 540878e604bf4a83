"""Two sides, one text: a version is proposed, commented, accepted by each party, or sent back for a change.

An acceptance binds to the fingerprint of a version. When the last party has accepted, the text is agreed by itself if
the rules allow it; otherwise the outcome says what still stands in the way.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from registry.models import Organization

from . import actions as life
from . import canonical, policies
from .actions import Actor, journal_written, record
from .dossier import Dossier, open_dossier
from .enums import AgreementStatus as S
from .enums import EventKind, PartyRole
from .lifecycle import REASON_LENGTH, Refused, Request
from .models import Acceptance, Agreement, AgreementEvent, AgreementVersion, Amendment, ClauseComment
from .policies import Action

COMMENT_LENGTH = 4000  # characters
SUMMARY_LENGTH = 300
FIRST_VERSION = "Texte soumis à la négociation"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an acceptance led to. `agreed`: the text is agreed; otherwise `why_not` says what is missing (French)."""

    acceptance: Acceptance
    agreed: bool
    why_not: str = ""


@contextmanager
def opened(agreement: Agreement, amendment: Amendment | None = None) -> Iterator[Dossier]:
    """The dossier of an entente, or of one of its amendments, the entente's row locked until the end of the block."""
    with transaction.atomic():
        locked = life.locked(agreement)
        # Read again under the lock: the copy at hand may be older.
        current = Amendment.all_objects.get(pk=amendment.pk) if amendment is not None else None
        yield open_dossier(locked, amendment=current)


def require(actor: Actor, action: Action, dossier: Dossier, organization_id: int | None = None) -> None:
    """Raise PermissionDenied unless whoever acts may do this now, and for this party when one is named. A personal
    link speaks for its own party only."""
    if actor.is_system:
        return
    if actor.capacity is not None:
        right = policies.holder_may(actor.capacity, action, dossier.status)
        right = right and (organization_id is None or organization_id == actor.organization_id)
    else:
        policies.require(actor.user, action, dossier.agreement, dossier.status)
        right = organization_id is None or policies.answers_for(actor.user, organization_id, dossier.agreement)
    if not right:
        raise PermissionDenied("Vous ne pouvez pas répondre au nom de cette partie.")


def other_side(role: str) -> PartyRole:
    return PartyRole.PARTNER if role == PartyRole.CENTRE else PartyRole.CENTRE


def role_of(dossier: Dossier, organization_id: int | None) -> PartyRole:
    """The side of a party; the centre's for whoever is no party."""
    found = next((party.role for party in dossier.parties if party.organization_id == organization_id), None)
    return PartyRole(found) if found else PartyRole.CENTRE


def snapshot(
    actor: Actor, agreement: Agreement, terms: canonical.Terms, *, number: int, summary: str = "",
    organization_id: int | None = None, amendment: Amendment | None = None,
) -> AgreementVersion:  # fmt: skip
    """Keep these terms as a version, with the names as they stand today."""
    version = AgreementVersion(
        agreement=agreement, amendment=amendment, number=number, terms=terms, labels=canonical.labels_of(terms),
        content_hash=canonical.content_hash(terms), summary=summary.strip()[:SUMMARY_LENGTH],
        proposed_by_id=organization_id, author=actor.user, author_name=actor.shown_name, created_at=timezone.now(),
    )  # fmt: skip
    version.save()
    return version


def propose_version(
    actor: Actor, agreement: Agreement, summary: str = "", organization: Organization | None = None,
    amendment: Amendment | None = None,
) -> AgreementVersion:  # fmt: skip
    """The terms as they stand become the next version, proposed by `organization` (the centre's own party by default;
    a coordinator writes down what a partner proposes). Acceptances of the previous one are cleared and told; the turn
    passes to the other side. Raises Refused when nothing changed, PermissionDenied."""
    with opened(agreement, amendment) as dossier:
        require(actor, Action.PROPOSE, dossier)
        if dossier.status != S.NEGOTIATION:
            raise Refused(f"Une version se propose en négociation; l’entente est à l’état « {dossier.status.label} ».")
        party = organization.pk if organization is not None else _centre_of(dossier)
        if all(party != item.organization_id for item in dossier.parties):
            raise Refused("Seule une partie à l’entente propose une version.")
        last = dossier.version
        if last is not None and dossier.text_unchanged:
            raise Refused(f"Rien n’a changé depuis la version {last.number}.")
        told = life.clear_marks(dossier.agreement, amendment)
        version = snapshot(
            actor, dossier.agreement, dossier.terms, number=last.number + 1 if last else 1, summary=summary,
            organization_id=party, amendment=amendment,
        )  # fmt: skip
        if told:
            reason = f"La version {version.number} remplace le texte accepté."
            record(
                dossier.agreement, EventKind.CLEARING, actor, reason=reason, data={"cleared": told}, amendment=amendment
            )
        record(
            dossier.agreement, EventKind.VERSION, _for_party(actor, party), reason=version.summary,
            content_hash=version.content_hash, turn=other_side(role_of(dossier, party)),
            data={"version": version.number}, amendment=amendment,
        )  # fmt: skip
        return version


def _centre_of(dossier: Dossier) -> int | None:
    parties = sorted(dossier.parties, key=lambda party: party.role != PartyRole.CENTRE)
    return parties[0].organization_id if parties else None


def _for_party(actor: Actor, organization_id: int | None) -> Actor:
    """The same person, on behalf of this party: the journal says whom for."""
    return Actor(actor.user, actor.name, organization_id, actor.address, actor.capacity)


@receiver(journal_written, dispatch_uid="corridors_first_version")
def first_version(event: AgreementEvent, **kwargs: Any) -> None:
    """Once the centre has approved its text, that text is the first version, and the partner's turn comes."""
    if event.kind != EventKind.TRANSITION or event.transition != "approve":
        return
    dossier = open_dossier(event.agreement, amendment=event.amendment)
    if not dossier.text_unchanged:
        author = Actor(user=event.actor, name=event.actor_name)
        version = snapshot(
            author, event.agreement, dossier.terms, number=dossier.version.number + 1 if dossier.version else 1,
            summary=FIRST_VERSION, organization_id=_centre_of(dossier), amendment=event.amendment,
        )  # fmt: skip
        record(
            event.agreement, EventKind.VERSION, _for_party(author, _centre_of(dossier)), reason=version.summary,
            content_hash=version.content_hash, turn=PartyRole.PARTNER, data={"version": version.number},
            amendment=event.amendment,
        )  # fmt: skip


def require_current(dossier: Dossier, version: AgreementVersion) -> None:
    """Raise Refused unless this version is the last one and says what the entente says now."""
    current = dossier.version
    if current is None or current.pk != version.pk:
        last = f" La version {current.number} l’a remplacée." if current is not None else ""
        raise Refused(f"La version {version.number} n’est plus proposée.{last}")
    if version.content_hash != dossier.hash:
        raise Refused("Le texte a été modifié depuis cette version : une nouvelle version doit être proposée.")


def accept(
    actor: Actor, agreement: Agreement, version: AgreementVersion, organization: Organization, name: str = ""
) -> Accepted:
    """A party accepts exactly this version. `name`: of whoever accepts, as written that day (by default, the
    account's). The last acceptance leads to the agreed text when the rules hold. Raises Refused, PermissionDenied."""
    with opened(agreement, version.amendment) as dossier:
        require(actor, Action.ACCEPT, dossier, organization.pk)
        require_current(dossier, version)
        if any(item.organization_id == organization.pk for item in dossier.acceptances):
            raise Refused(f"{organization} a déjà accepté la version {version.number}.")
        acceptance = Acceptance.objects.create(
            version=version, organization=organization, name=name.strip() or actor.shown_name, user=actor.user,
            accepted_at=timezone.now(), address=actor.address,
        )  # fmt: skip
        dossier.acceptances.append(acceptance)
        person = Actor(actor.user, acceptance.name, organization.pk, actor.address, actor.capacity)
        record(
            dossier.agreement, EventKind.ACCEPTANCE, person, content_hash=version.content_hash,
            turn=_next_turn(dossier, organization.pk), data={"version": version.number}, amendment=version.amendment,
        )  # fmt: skip
        why_not = "" if _agrees(person, dossier) else _what_is_missing(dossier)
        return Accepted(acceptance, agreed=not why_not, why_not=why_not)


def _next_turn(dossier: Dossier, organization_id: int) -> str:
    """Whoever has not answered: first on the same side (several partners answer in any order), then on the other."""
    accepted = {item.organization_id for item in dossier.acceptances}
    waiting = {party.role for party in dossier.parties if party.organization_id not in accepted}
    mine = role_of(dossier, organization_id)
    if mine in waiting:
        return mine
    return other_side(mine) if waiting else PartyRole.CENTRE


def _agrees(actor: Actor, dossier: Dossier) -> bool:
    """Try to agree the text. False: somebody has still to accept, or a rule stands in the way."""
    if dossier.waiting():
        return False
    try:
        life.perform(actor, dossier.agreement, "agree", amendment=dossier.amendment)
    except Refused:
        return False
    return True


def _what_is_missing(dossier: Dossier) -> str:
    from . import lifecycle

    facts = open_dossier(dossier.agreement, amendment=dossier.amendment).facts()
    step = lifecycle.BY_NAME["agree"]
    return next((refusal for guard in step.guards if (refusal := guard(facts, Request()))), "")


def ask_for_change(
    actor: Actor, agreement: Agreement, version: AgreementVersion, organization: Organization, reason: str,
    name: str = "",
) -> AgreementEvent:  # fmt: skip
    """A party does not accept this version and says why: the turn passes to the other side. Nothing is cleared: the
    text is the same until somebody changes it. Raises Refused, PermissionDenied."""
    if len(reason.strip()) < REASON_LENGTH:
        raise Refused("Écrivez en quelques mots ce qui devrait changer.")
    with opened(agreement, version.amendment) as dossier:
        require(actor, Action.ACCEPT, dossier, organization.pk)
        require_current(dossier, version)
        person = Actor(actor.user, name.strip() or actor.shown_name, organization.pk, actor.address, actor.capacity)
        return record(
            dossier.agreement, EventKind.REFUSAL, person, reason=reason[:COMMENT_LENGTH],
            content_hash=version.content_hash, turn=other_side(role_of(dossier, organization.pk)),
            data={"version": version.number}, amendment=version.amendment,
        )  # fmt: skip


def refuse(actor: Actor, agreement: Agreement, reason: str, amendment: Amendment | None = None) -> AgreementEvent:
    """The partner gives up the entente (or the amendment) for good, with its reason. Raises Refused."""
    return life.perform(actor, agreement, "refuse", Request(reason=reason), amendment=amendment)


def comment(
    actor: Actor, agreement: Agreement, text: str, clause_key: uuid.UUID | str | None = None,
    organization: Organization | None = None,
) -> ClauseComment:  # fmt: skip
    """Say something of a clause (by its key), or of the whole text; every party reads it. Raises Refused,
    PermissionDenied."""
    words = text.strip()
    if not words:
        raise Refused("Écrivez votre commentaire.")
    if len(words) > COMMENT_LENGTH:
        raise Refused(f"Un commentaire compte au plus {COMMENT_LENGTH} caractères.")
    with opened(agreement) as dossier:
        require(actor, Action.COMMENT, dossier, organization.pk if organization is not None else None)
        title = ""
        if clause_key:
            clauses = {item["key"]: item["title"] for item in _clauses_of(dossier)}
            if str(clause_key) not in clauses:
                raise Refused("Cette clause n’est plus dans le texte.")
            title = clauses[str(clause_key)]
        written = ClauseComment.objects.create(
            agreement=dossier.agreement, clause_key=str(clause_key) if clause_key else None, clause_title=title[:200],
            version=dossier.version, author=actor.user, author_name=actor.shown_name, organization=organization,
            text=words, written_at=timezone.now(),
        )  # fmt: skip
        person = _for_party(actor, organization.pk if organization is not None else actor.organization_id)
        record(
            dossier.agreement, EventKind.COMMENT, person, reason=words,
            data={"comment": written.pk, "clause": title},
        )  # fmt: skip
        return written


def _clauses_of(dossier: Dossier) -> list[dict[str, str]]:
    """Those of the text as it stands, and of the version that the parties read."""
    return [*dossier.terms["clauses"], *(dossier.version.terms["clauses"] if dossier.version is not None else [])]


def resolve_comment(actor: Actor, written: ClauseComment) -> None:
    """A comment is settled: it stays, folded away. Whoever may comment may settle. Raises Refused, PermissionDenied."""
    with opened(written.agreement) as dossier:
        require(actor, Action.COMMENT, dossier)
        waiting = ClauseComment.objects.filter(pk=written.pk, resolved_at__isnull=True)
        if not waiting.update(resolved_at=timezone.now(), resolved_by=actor.shown_name[:200]):
            raise Refused("Ce commentaire est déjà réglé.")
        record(
            dossier.agreement, EventKind.COMMENT, actor, reason="Commentaire réglé.",
            data={"comment": written.pk, "resolved": True},
        )  # fmt: skip
