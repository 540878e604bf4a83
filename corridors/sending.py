"""Sending personal links: whom to, for which gesture, by e-mail; on request, or by itself when somebody's turn comes.

Of the random secret in a link's address, only the SHA-256 is kept (see `corridors.links` for what a link gives).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.db import transaction
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from registry.dates import long_moment

from . import mails, policies, signing
from .actions import SYSTEM, Actor, journal_written, locked, record
from .canonical import short_hash
from .enums import AgreementStatus as S
from .enums import EventKind, LinkPurpose, PartyRole
from .lifecycle import Refused, Who
from .models import ActionLink, Agreement, AgreementEvent, AgreementParty, AgreementVersion, Amendment, Signatory
from .negotiation import opened, require
from .policies import Action
from .signing import withdraw_links

SIGNER = Signer(salt="corridors.link", sep=".")
SECRET_BYTES = 32


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def lifetime() -> timedelta:
    return timedelta(days=settings.PASSERELLES_LINK_DAYS)


def issue(
    actor: Actor, version: AgreementVersion, purpose: LinkPurpose, *, organization_id: int, name: str, email: str,
    signatory: Signatory | None = None,
) -> tuple[ActionLink, str]:  # fmt: skip
    """A new link and its token (shown once, here). The links that the same person had for this are withdrawn."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    now = timezone.now()
    with transaction.atomic():
        locked(version.agreement)
        # Those on an older text stay: they show what changed since, and give nothing else.
        earlier = ActionLink.objects.filter(
            version=version, purpose=purpose, organization_id=organization_id, signatory=signatory
        )
        withdraw_links(earlier if signatory is not None else earlier.filter(email__iexact=email))
        link = ActionLink.objects.create(
            version=version, purpose=purpose, organization_id=organization_id, signatory=signatory, name=name[:200],
            email=email, secret_digest=digest(secret), created_by=actor.user, created_at=now,
            expires_at=now + lifetime(),
        )  # fmt: skip
        record(
            version.agreement, EventKind.LINK_SENT, actor, amendment=version.amendment,
            content_hash=version.content_hash, reason=f"{link.get_purpose_display()} : {link.name}.",
            data={"link": link.pk, "purpose": str(purpose), "version": version.number, "person": link.name},
        )  # fmt: skip
    return link, SIGNER.sign(secret)


def send(
    actor: Actor, version: AgreementVersion, purpose: LinkPurpose, *, organization_id: int, name: str, email: str,
    signatory: Signatory | None = None,
) -> ActionLink:  # fmt: skip
    """Issue a link and send it by e-mail."""
    with transaction.atomic():
        link, token = issue(
            actor, version, purpose, organization_id=organization_id, name=name, email=email, signatory=signatory
        )
        signs = purpose == LinkPurpose.SIGN
        mails.queue(
            mails.MailKind.SIGN_LINK if signs else mails.MailKind.ACCEPT_LINK, email, version.agreement,
            {
                "name": name, "version": version.number, "expires": long_moment(link.expires_at),
                "sender": settings.PASSERELLES_ESTABLISHMENT if actor.is_system else actor.shown_name,
                "organization": str(link.organization), "link": reverse("corridors_link", args=[token]),
                "link_label": "Lire le texte et signer" if signs else "Lire le texte et répondre",
                "amendment": version.amendment,
                "facts": [
                    ("Version", str(version.number)), ("Empreinte du texte", short_hash(version.content_hash)),
                    ("Le lien expire", long_moment(link.expires_at)),
                ],
            },
        )  # fmt: skip
    return link


def send_to_negotiators(
    actor: Actor, agreement: Agreement, organization_id: int | None = None, *, only_missing: bool = False,
    amendment: Amendment | None = None,
) -> list[ActionLink]:  # fmt: skip
    """To the negotiators of the partners that have not accepted the version (or of one party), a link to accept it.
    `only_missing`: not to those whose link can still serve, nor to those who have an account to answer with. Parties
    without an e-mail are left out. Raises Refused, PermissionDenied."""
    with opened(agreement, amendment) as dossier:
        require(actor, Action.SEND_LINK, dossier)
        version = dossier.version
        if dossier.status != S.NEGOTIATION or version is None or not dossier.text_unchanged:
            raise Refused("Aucune version n’attend de réponse : proposez d’abord le texte.")
        accepted = {item.organization_id for item in dossier.acceptances}
        pending = _pending(version, LinkPurpose.ACCEPT).values_list("organization_id", flat=True)
        skipped = set(pending) | _answer_with_an_account(dossier.parties) if only_missing else set()
        return [
            send(
                actor, version, LinkPurpose.ACCEPT, organization_id=party.organization_id,
                name=party.negotiator or str(party.organization), email=party.negotiator_email,
            )
            for party in dossier.parties
            if _reached(party, organization_id) and party.organization_id not in accepted | skipped
        ]  # fmt: skip


def _answer_with_an_account(parties: Iterable[AgreementParty]) -> set[int]:
    """The parties whose negotiator, by their e-mail, has an account of that party's."""
    accounts = {(user.email.casefold(), where) for user, where in policies.people(Who.PARTNER)}
    return {
        party.organization_id
        for party in parties
        if (party.negotiator_email.casefold(), party.organization_id) in accounts
    }


def _reached(party: AgreementParty, organization_id: int | None) -> bool:
    """The centre answers in its own admin, unless its own link is asked for."""
    if not party.negotiator_email:
        return False
    return party.role == PartyRole.PARTNER if organization_id is None else party.organization_id == organization_id


def send_to_signatories(
    actor: Actor, agreement: Agreement, signatory: Signatory | None = None, *, only_missing: bool = False,
    amendment: Amendment | None = None,
) -> list[ActionLink]:  # fmt: skip
    """To those whose rank has come (or to one of them), a link to sign. Those without an e-mail are left out. Raises
    Refused, PermissionDenied."""
    with opened(agreement, amendment) as dossier:
        require(actor, Action.SEND_LINK, dossier)
        version = dossier.version
        if dossier.status != S.SIGNING or version is None or not dossier.text_unchanged:
            raise Refused("L’entente n’est pas en signature.")
        due = [person for person in signing.due(dossier) if signatory is None or person.pk == signatory.pk]
        if signatory is not None and not due:
            raise Refused(f"Ce n’est pas encore au tour de {signatory.name}, ou sa signature est déjà là.")
        pending = _pending(version, LinkPurpose.SIGN).values_list("signatory_id", flat=True)
        skipped = set(pending) if only_missing else set()
        return [
            send(
                actor, version, LinkPurpose.SIGN, organization_id=person.organization_id, name=person.name,
                email=person.email, signatory=person,
            )
            for person in due
            if person.email and person.pk not in skipped
        ]  # fmt: skip


def ask_for_own(actor: Actor, agreement: Agreement, signatory: Signatory) -> list[ActionLink]:
    """A party asks that its own signatory be sent a new link; it goes to the address on file. Raises Refused,
    PermissionDenied."""
    with opened(agreement, signatory.amendment) as dossier:
        require(actor, Action.NAME_SIGNATORY, dossier, signatory.organization_id)
        if not signatory.email:
            raise Refused(f"Aucun courriel n’est inscrit pour {signatory.name}.")
        record(
            dossier.agreement, EventKind.LINK_ASKED, actor, reason=f"Lien pour signer : {signatory.name}.",
            data={"signatory": signatory.pk}, amendment=signatory.amendment,
        )  # fmt: skip
        return send_to_signatories(SYSTEM, dossier.agreement, signatory, amendment=signatory.amendment)


def _pending(version: AgreementVersion, purpose: LinkPurpose) -> Any:
    """Links on this version that can still serve."""
    return ActionLink.objects.filter(
        version=version, purpose=purpose, used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now()
    )


def revoke(actor: Actor, link: ActionLink) -> None:
    """Take a link back (sent to the wrong person…). Raises Refused once it has served or ended, PermissionDenied."""
    with opened(link.version.agreement, link.version.amendment) as dossier:
        require(actor, Action.SEND_LINK, dossier)
        if not withdraw_links(ActionLink.objects.filter(pk=link.pk, revoked_at__isnull=True)):
            raise Refused("Ce lien ne sert déjà plus.")
        record(
            dossier.agreement, EventKind.LINK_WITHDRAWN, actor, amendment=link.version.amendment,
            reason=f"{link.get_purpose_display()} : {link.name}.", data={"link": link.pk},
        )  # fmt: skip


# --- By itself --------------------------------------------------------------------------------------------------------


@receiver(journal_written, dispatch_uid="corridors_links_due")
def send_what_is_due(event: AgreementEvent, **kwargs: Any) -> None:
    """Whoever must now answer gets their link: partners without an account when a version comes, signatories when their
    rank comes. A partner who has an account answers on its own pages, and is told there."""
    answers = event.kind in (EventKind.VERSION, EventKind.ACCEPTANCE) and event.turn == PartyRole.PARTNER
    signs = event.kind in (EventKind.SIGNATURE, EventKind.SIGNATORY) or event.transition == "open_signing"
    try:
        if answers:
            send_to_negotiators(SYSTEM, event.agreement, only_missing=True, amendment=event.amendment)
        elif signs:
            send_to_signatories(SYSTEM, event.agreement, only_missing=True, amendment=event.amendment)
    except Refused:
        return  # the text has moved meanwhile, or nobody signs yet
