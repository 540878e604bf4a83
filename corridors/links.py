"""Personal links: an address sent to one person, for one gesture, on one version of the text, once, for some days.

The address holds a random secret, signed by the application; only the SHA-256 of the secret is kept. Opening a link
changes nothing (mail scanners open them all); each attempt is noted, and a bad one is told in the entente's journal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature
from django.db import transaction
from django.utils import timezone

from registry.dates import long_moment

from . import mails, negotiation, signing
from .actions import SYSTEM, Actor, locked, record
from .dossier import Dossier, open_dossier
from .enums import AgreementStatus as S
from .enums import EventKind, LinkOutcome, LinkPurpose
from .lifecycle import Refused, Who
from .models import ActionLink, LinkAttempt, Signatory
from .negotiation import opened
from .sending import SIGNER, digest, send_to_negotiators, send_to_signatories

T = TypeVar("T")
# Attempts kept in an hour: enough to see what happens, too few to fill the journal.
WINDOW = timedelta(hours=1)
KEPT_PER_LINK = 10
KEPT_FORGED_PER_ADDRESS = 10
KEPT_FORGED = 200
_OPEN = (S.NEGOTIATION, S.AGREED, S.SIGNING)
_WANTED = {LinkPurpose.ACCEPT: S.NEGOTIATION, LinkPurpose.SIGN: S.SIGNING}
_CAPACITY = {LinkPurpose.ACCEPT: Who.NEGOTIATOR, LinkPurpose.SIGN: Who.SIGNATORY}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is in front of the page: an account, if one is signed in, and a network address."""

    user: Any = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that was opened. `outcome` SHOWN: it may be used; any other says why not. `dossier` is None for a forged
    one, and `link` too, unless it is a known link that was tampered with."""

    outcome: LinkOutcome
    link: ActionLink | None = None
    dossier: Dossier | None = None

    @property
    def usable(self) -> bool:
        return self.outcome == LinkOutcome.SHOWN

    @property
    def withdrawn(self) -> bool:
        """Taken back by somebody, rather than overtaken by another text."""
        return self.link is not None and _withdrawn(self.link)


class LinkRefused(Exception):
    """The link may not be used; `opened` says why. Nothing was done."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(str(opened.outcome.label))
        self.opened = opened


# --- Opening ---------------------------------------------------------------------------------------------------------


def _withdrawn(link: ActionLink) -> bool:
    return link.revoked_at is not None and link.expires_at <= link.revoked_at


def find(token: str) -> ActionLink | None:
    """The link of this token; None when it was forged. One SQL query, none when the signature is not ours."""
    try:
        secret = SIGNER.unsign(token)
    except BadSignature:
        return None
    related = ("version__agreement", "version__amendment", "organization", "signatory")
    return ActionLink.objects.select_related(*related).filter(secret_digest=digest(secret)).first()


def open_link(token: str, visitor: Visitor) -> Opened:
    """What a link gives to this visitor. Writes nothing: see `note`."""
    link = find(token)
    return judge(link, visitor) if link is not None else Opened(LinkOutcome.FORGED, _tampered_with(token))


def _tampered_with(token: str) -> ActionLink | None:
    """The link whose secret this is, though the signature is not ours: its entente's journal tells of the attempt."""
    secret = token.partition(SIGNER.sep)[0]
    return ActionLink.objects.select_related("version__agreement").filter(secret_digest=digest(secret)).first()


def judge(link: ActionLink | None, visitor: Visitor) -> Opened:
    """May this link be used now by this visitor?"""
    if link is None:
        return Opened(LinkOutcome.FORGED)
    dossier = open_dossier(link.version.agreement, amendment=link.version.amendment)
    return Opened(_outcome(link, dossier, visitor), link, dossier)


def _outcome(link: ActionLink, dossier: Dossier, visitor: Visitor) -> LinkOutcome:
    if visitor.user is not None and visitor.user.email.casefold() != link.email.casefold():
        return LinkOutcome.SOMEBODY_ELSE
    if _withdrawn(link) or (link.signatory is not None and link.signatory.removed_at is not None):
        return LinkOutcome.REVOKED
    current = dossier.version
    same = current is not None and current.pk == link.version_id and current.content_hash == dossier.hash
    if link.used_at is not None and same:
        return LinkOutcome.USED
    if link.expires_at <= timezone.now():
        return LinkOutcome.EXPIRED
    if not same and dossier.status in _OPEN:
        return LinkOutcome.OUTDATED
    if _answered(link, dossier):
        return LinkOutcome.USED
    if link.revoked_at is not None or dossier.status != _WANTED[LinkPurpose(link.purpose)]:
        return LinkOutcome.REVOKED
    return LinkOutcome.SHOWN


def _answered(link: ActionLink, dossier: Dossier) -> bool:
    """Has the gesture been made already, by another way?"""
    if link.purpose == LinkPurpose.SIGN:
        return any(item.signatory_id == link.signatory_id for item in dossier.signatures)
    return any(item.organization_id == link.organization_id for item in dossier.acceptances)


def note(opened: Opened, outcome: LinkOutcome, visitor: Visitor) -> None:
    """Keep that a link was tried; tell a bad attempt in the journal of the entente, when there is one. What is repeated
    within the hour is kept some times and told once: nobody fills the journal by insisting."""
    recent = LinkAttempt.objects.filter(outcome=outcome, at__gt=timezone.now() - WINDOW)
    link = opened.link
    if link is None:
        from_there = recent.filter(address=visitor.address).count()
        if from_there >= KEPT_FORGED_PER_ADDRESS or recent.count() >= KEPT_FORGED:
            return
        _keep(None, outcome, visitor)
        return
    before = recent.filter(link=link).count()
    if before >= KEPT_PER_LINK:
        return
    with transaction.atomic():
        _keep(link, outcome, visitor)
        if before or outcome in (LinkOutcome.SHOWN, LinkOutcome.DONE, LinkOutcome.REFUSED):
            return
        agreement = locked(link.version.agreement)
        shown = Actor(visitor.user, "" if visitor.user is not None else "Porteur du lien", link.organization_id,
                      visitor.address, _CAPACITY[LinkPurpose(link.purpose)])  # fmt: skip
        record(
            agreement, EventKind.LINK_REFUSED, shown, amendment=link.version.amendment,
            content_hash=link.version.content_hash, reason=f"{outcome.label} : lien envoyé à {link.name}.",
            data={"link": link.pk, "outcome": str(outcome)},
        )  # fmt: skip


def _keep(link: ActionLink | None, outcome: LinkOutcome, visitor: Visitor) -> None:
    LinkAttempt.objects.create(
        link=link, outcome=outcome, at=timezone.now(), address=visitor.address, user=visitor.user
    )


# --- Using -----------------------------------------------------------------------------------------------------------


def use(token: str, visitor: Visitor, name: str, gesture: Callable[[Actor, ActionLink], T]) -> tuple[ActionLink, T]:
    """Do what a link is for, once: `gesture` in the same transaction as its end. `name`: as the person wrote it.

    Raises LinkRefused when the link may not be used (nothing done), and what the gesture raises (nothing done either:
    the link can still serve).
    """
    with transaction.atomic():
        found = find(token)
        if found is not None:
            locked(found.version.agreement)
            # Read again under the lock: two windows, or two people, hold the same link.
            found = ActionLink.objects.select_related("version__agreement", "version__amendment", "organization",
                                                      "signatory").get(pk=found.pk)  # fmt: skip
        state = judge(found, visitor)
        if not state.usable or found is None:
            raise LinkRefused(state)
        if not signing.same_name(name, found.name):
            raise LinkRefused(Opened(LinkOutcome.SOMEBODY_ELSE, state.link, state.dossier))
        actor = Actor(
            visitor.user, found.name, found.organization_id, visitor.address, _CAPACITY[LinkPurpose(found.purpose)]
        )
        result = gesture(actor, found)
        # The gesture may have cleared the links of the text, this one too: it has served nonetheless.
        ActionLink.objects.filter(pk=found.pk).update(used_at=timezone.now(), revoked_at=None)
        found.refresh_from_db(fields=["used_at", "revoked_at"])
        return found, result


def _receipt(link: ActionLink) -> None:
    """What was done in this person's name, to their own mailbox: they would know if it was somebody else."""
    mails.queue(
        mails.MailKind.RECEIPT, link.email, link.version.agreement,
        {
            "name": link.name, "signed": link.purpose == LinkPurpose.SIGN, "amendment": link.version.amendment,
            "facts": [("Version", str(link.version.number)), ("Empreinte du texte", link.version.content_hash),
                      ("Le", long_moment(timezone.now()))],
        },
    )  # fmt: skip


def accept(token: str, visitor: Visitor, name: str) -> tuple[ActionLink, negotiation.Accepted]:
    """Accept the version of a link. Raises LinkRefused, Refused, PermissionDenied."""

    def gesture(actor: Actor, link: ActionLink) -> negotiation.Accepted:
        done = negotiation.accept(actor, link.version.agreement, link.version, link.organization, link.name)
        _receipt(link)
        return done

    return use(token, visitor, name, gesture)


def sign(token: str, visitor: Visitor, name: str) -> tuple[ActionLink, signing.Signed]:
    """Sign the version of a link. Raises LinkRefused, Refused, PermissionDenied."""

    def gesture(actor: Actor, link: ActionLink) -> signing.Signed:
        done = signing.sign(actor, link.version, _signatory(link), name)
        _receipt(link)
        return done

    return use(token, visitor, name, gesture)


def decline(token: str, visitor: Visitor, name: str, reason: str) -> ActionLink:
    """Ask for a change (a negotiator), or refuse to sign (a signatory), with the reason. Raises as above."""

    def gesture(actor: Actor, link: ActionLink) -> Any:
        if link.purpose == LinkPurpose.SIGN:
            return signing.refuse_to_sign(actor, link.version, _signatory(link), reason)
        return negotiation.ask_for_change(
            actor, link.version.agreement, link.version, link.organization, reason, link.name
        )

    return use(token, visitor, name, gesture)[0]


def _signatory(link: ActionLink) -> Signatory:
    if link.signatory is None:
        raise PermissionDenied("Ce lien ne sert pas à signer.")
    return link.signatory


def ask_again(token: str, visitor: Visitor) -> bool:
    """Whoever holds an expired or overtaken link asks for another. It goes to the address on file, at once, when that
    person is still the one to answer (True); otherwise the coordinator is told (False). Raises LinkRefused for a link
    that gives nothing: forged, withdrawn, or opened from somebody else's account."""
    state = open_link(token, visitor)
    link, dossier = state.link, state.dossier
    allowed = state.outcome in (LinkOutcome.EXPIRED, LinkOutcome.OUTDATED, LinkOutcome.REVOKED)
    if link is None or dossier is None or not allowed or state.withdrawn:
        raise LinkRefused(state)
    with opened(dossier.agreement, link.version.amendment) as fresh:
        asked = fresh.agreement.events.filter(kind=EventKind.LINK_ASKED, data__link=link.pk)
        if asked.filter(recorded_at__gt=timezone.now() - WINDOW).exists():
            return True  # just done: the message is on its way
        actor = Actor(None, link.name, link.organization_id, visitor.address, _CAPACITY[LinkPurpose(link.purpose)])
        record(
            fresh.agreement, EventKind.LINK_ASKED, actor, amendment=link.version.amendment,
            reason=f"{link.get_purpose_display()} : {link.name}.", data={"link": link.pk},
        )  # fmt: skip
        return bool(_sent_again(link, fresh))


def _sent_again(link: ActionLink, dossier: Dossier) -> list[ActionLink]:
    """A new link for the same person, when nothing about them has changed since the first."""
    try:
        if link.purpose == LinkPurpose.SIGN:
            person = link.signatory
            same = person is not None and person.email.casefold() == link.email.casefold()
            if not same:
                return []
            return send_to_signatories(SYSTEM, dossier.agreement, person, amendment=dossier.amendment)
        party = next((item for item in dossier.parties if item.organization_id == link.organization_id), None)
        if party is None or party.negotiator_email.casefold() != link.email.casefold():
            return []
        return send_to_negotiators(SYSTEM, dossier.agreement, link.organization_id, amendment=dossier.amendment)
    except Refused:
        return []
