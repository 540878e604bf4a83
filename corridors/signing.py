"""Who signs, in what order, and what a signature binds to: the fingerprint of one version, and nothing else.

On line, by a personal link (`corridors.links`); or on paper, scanned, with somebody who attests it. Signatories of the
same rank sign in any order; the next rank waits. The last signature signs the entente.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from registry.actions import announced
from registry.dates import long_date
from registry.models import Organization
from registry.text import key

from . import actions as life
from .actions import Actor, record
from .dossier import Dossier, open_dossier
from .enums import AgreementStatus as S
from .enums import EventKind, SignatureMethod
from .lifecycle import REASON_LENGTH, Refused, Request, Who
from .models import (
    ActionLink,
    Agreement,
    AgreementDocument,
    AgreementEvent,
    AgreementVersion,
    Amendment,
    Signatory,
    Signature,
)
from .negotiation import opened, require, require_current, snapshot
from .policies import Action

HIGHEST_RANK = 20
AS_RECORDED = "Texte tel qu’inscrit au répertoire"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs for a party. `on_behalf_of` (somebody else of that party) goes with the `mandate`."""

    organization: Organization
    name: str
    title: str = ""
    email: str = ""
    order: int = 1
    on_behalf_of: str = ""
    mandate: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature led to. `complete`: the entente is signed; otherwise `waiting` names who has still to sign."""

    signature: Signature
    complete: bool
    waiting: tuple[str, ...] = ()


# --- Naming ----------------------------------------------------------------------------------------------------------


def name_signatory(actor: Actor, agreement: Agreement, person: Person, amendment: Amendment | None = None) -> Signatory:
    """Name somebody who signs for a party: the party itself, or the coordinator for any of them. Clears nothing: who
    signs is no term of the entente. Raises Refused, PermissionDenied."""
    with opened(agreement, amendment) as dossier:
        _require_naming(actor, dossier, person.organization.pk)
        _check_person(dossier, person)
        signatory = Signatory.objects.create(agreement=dossier.agreement, amendment=amendment, **_values(person))
        _tell_naming(actor, dossier, signatory, "nommé")
        return signatory


def replace_signatory(actor: Actor, signatory: Signatory, person: Person) -> Signatory:
    """Somebody else signs instead, or the same person under a corrected name, rank or mandate: the links sent so far
    are withdrawn. Refused to whoever has signed the text that stands."""
    with opened(signatory.agreement, signatory.amendment) as dossier:
        _require_naming(actor, dossier, signatory.organization_id)
        if person.organization.pk != signatory.organization_id:
            raise Refused("Un signataire reste celui de sa partie : nommez-en un autre pour l’autre partie.")
        _require_unsigned(dossier, signatory)
        _check_person(dossier, person, besides=signatory.pk)
        withdraw_links(ActionLink.objects.filter(signatory=signatory))
        for field, value in _values(person).items():
            setattr(signatory, field, value)
        signatory.save()
        _tell_naming(actor, dossier, signatory, "corrigé")
        return signatory


def remove_signatory(actor: Actor, signatory: Signatory) -> None:
    """This person no longer signs; their links are withdrawn. Refused once they have signed the text that stands."""
    with opened(signatory.agreement, signatory.amendment) as dossier:
        _require_naming(actor, dossier, signatory.organization_id)
        _require_unsigned(dossier, signatory)
        withdraw_links(ActionLink.objects.filter(signatory=signatory))
        Signatory.objects.filter(pk=signatory.pk, removed_at__isnull=True).update(removed_at=timezone.now())
        _tell_naming(actor, dossier, signatory, "retiré")
        if dossier.status == S.SIGNING:
            _complete(actor, dossier)


def _require_naming(actor: Actor, dossier: Dossier, organization_id: int) -> None:
    if Who.COORDINATOR in actor.capacities(dossier.agreement):
        require(actor, Action.NAME_SIGNATORY, dossier)
    else:
        require(actor, Action.NAME_SIGNATORY, dossier, organization_id)


def _check_person(dossier: Dossier, person: Person, besides: int | None = None) -> None:
    if all(party.organization_id != person.organization.pk for party in dossier.parties):
        raise Refused(f"{person.organization} n’est pas une partie à l’entente.")
    if not person.name.strip():
        raise Refused("Écrivez le nom de la personne qui signe.")
    if not 1 <= person.order <= HIGHEST_RANK:
        raise Refused(f"Le rang va de 1 à {HIGHEST_RANK}.")
    if person.on_behalf_of.strip() and not person.mandate.strip():
        raise Refused(f"Dites en vertu de quel mandat cette personne signe au nom de {person.on_behalf_of.strip()}.")
    named = (item for item in dossier.signatories if item.pk != besides)
    if any(item.organization_id == person.organization.pk and key(item.name) == key(person.name) for item in named):
        raise Refused(f"{person.name.strip()} signe déjà pour {person.organization}.")


def _values(person: Person) -> dict[str, object]:
    return {
        "organization": person.organization, "name": person.name.strip()[:200], "title": person.title.strip()[:200],
        "email": person.email.strip(), "order": person.order, "on_behalf_of": person.on_behalf_of.strip()[:200],
        "mandate": person.mandate.strip(),
    }  # fmt: skip


def _require_unsigned(dossier: Dossier, signatory: Signatory) -> None:
    if any(item.signatory_id == signatory.pk for item in dossier.signatures):
        raise Refused(f"{signatory.name} a déjà signé ce texte.")


def withdraw_links(links: QuerySet) -> int:
    """Take back the links of a queryset that could still serve: they stop now, and show no later text either."""
    now = timezone.now()
    return links.filter(used_at__isnull=True, expires_at__gt=now).update(revoked_at=now, expires_at=now)


def _tell_naming(actor: Actor, dossier: Dossier, signatory: Signatory, done: str) -> None:
    person = Actor(actor.user, actor.name, signatory.organization_id, actor.address, actor.capacity)
    record(
        dossier.agreement, EventKind.SIGNATORY, person, reason=f"{signatory}, {signatory.organization} : {done}.",
        amendment=signatory.amendment, data={"signatory": signatory.pk, "rank": signatory.order},
    )  # fmt: skip


# --- Whose rank it is ------------------------------------------------------------------------------------------------


def unsigned(dossier: Dossier) -> list[Signatory]:
    """Those who have still to sign the text that stands, in order."""
    signed = {item.signatory_id for item in dossier.signatures} if dossier.text_unchanged else set()
    return [person for person in dossier.signatories if person.pk not in signed]


def due(dossier: Dossier) -> list[Signatory]:
    """Those who may sign now: of the lowest rank that is not complete. Empty outside of the signing."""
    waiting = unsigned(dossier) if dossier.status == S.SIGNING else []
    rank = min((person.order for person in waiting), default=0)
    return [person for person in waiting if person.order == rank]


def _require_turn(dossier: Dossier, signatory: Signatory) -> None:
    before = [str(person.name) for person in unsigned(dossier) if person.order < signatory.order]
    if before:
        raise Refused(
            f"D’autres signent d’abord : {', '.join(before)}. Vous recevrez un lien quand ce sera votre tour."
        )


# --- Signing ---------------------------------------------------------------------------------------------------------


def same_name(written: str, expected: str) -> bool:
    """Is it the same name, accents, case, hyphens and spaces aside?"""
    return bool(key(written)) and key(written) == key(expected)


def sign(actor: Actor, version: AgreementVersion, signatory: Signatory, name: str) -> Signed:
    """Sign a version on line. Only whoever holds that signatory's link does (`actor.capacity`), by writing their own
    name. Raises Refused, PermissionDenied."""
    with opened(version.agreement, version.amendment) as dossier:
        _require_signatory(actor, signatory)
        _require_signing(dossier, version)
        if not same_name(name, signatory.name):
            raise PermissionDenied("Le nom écrit n’est pas celui de la personne qui doit signer.")
        _require_unsigned(dossier, signatory)
        _require_turn(dossier, signatory)
        signature = _write(actor, dossier, version, signatory, SignatureMethod.LINK, timezone.localdate())
        return _outcome(actor, dossier, signature)


def _require_signatory(actor: Actor, signatory: Signatory) -> None:
    if actor.capacity != Who.SIGNATORY or actor.organization_id != signatory.organization_id:
        raise PermissionDenied("On signe avec le lien personnel reçu par courriel.")
    if signatory.removed_at is not None:
        raise Refused("Une autre personne signe désormais à votre place.")


def _require_signing(dossier: Dossier, version: AgreementVersion) -> None:
    if dossier.status != S.SIGNING:
        raise Refused(f"L’entente n’est pas en signature : elle est à l’état « {dossier.status.label} ».")
    require_current(dossier, version)


def refuse_to_sign(actor: Actor, version: AgreementVersion, signatory: Signatory, reason: str) -> AgreementEvent:
    """A signatory does not sign, and says why: the text is under negotiation again, the signatures and acceptances
    given so far are cleared, and those who gave them are told. Raises Refused, PermissionDenied."""
    if len(reason.strip()) < REASON_LENGTH:
        raise Refused("Écrivez le motif en quelques mots.")
    with opened(version.agreement, version.amendment) as dossier:
        _require_signatory(actor, signatory)
        _require_signing(dossier, version)
        _require_unsigned(dossier, signatory)
        person = Actor(actor.user, signatory.name, signatory.organization_id, actor.address, Who.SIGNATORY)
        record(
            dossier.agreement, EventKind.REFUSAL, person, reason=reason, content_hash=version.content_hash,
            data={"signatory": signatory.pk, "version": version.number}, amendment=version.amendment,
        )  # fmt: skip
        request = Request(reason=f"{signatory.name} : {reason.strip()}")
        return life.perform(person, dossier.agreement, "reopen", request, amendment=version.amendment)


def sign_on_paper(actor: Actor, signatory: Signatory, signed_on: date, document: AgreementDocument) -> Signed:
    """Write down a signature given on paper, with its scan; `actor` attests it. `signed_on`: as written on the paper,
    never in the future. Ranks do not hold a paper back. Raises Refused, PermissionDenied."""
    with opened(signatory.agreement, signatory.amendment) as dossier:
        require(actor, Action.RECORD_PAPER, dossier)
        _check_paper(actor, dossier, signed_on, document)
        version = dossier.version
        if version is None:
            raise Refused("Aucun texte n’est proposé à la signature.")
        _require_signing(dossier, version)
        _require_unsigned(dossier, signatory)
        signature = _write(actor, dossier, version, signatory, SignatureMethod.PAPER, signed_on, document)
        withdraw_links(ActionLink.objects.filter(signatory=signatory))
        return _outcome(actor, dossier, signature)


def record_older_paper(
    actor: Actor, agreement: Agreement, signed_on: date, document: AgreementDocument, people: Sequence[Person]
) -> AgreementVersion:
    """Write down the paper of an entente that was signed outside of the system: its scan, its date, who signed for each
    party. The text as it is recorded becomes a version; the date of signature is written on the entente when it had
    none. Raises Refused, PermissionDenied."""
    with announced(Agreement, [agreement.pk]):
        dossier = open_dossier(life.locked(agreement))
        require(actor, Action.RECORD_PAPER, dossier)
        _check_paper(actor, dossier, signed_on, document)
        if dossier.status == S.SIGNING:
            raise Refused("L’entente est en signature : inscrivez le papier au nom de chaque signataire.")
        if dossier.signatures:
            raise Refused("Les signatures de cette entente sont déjà inscrites.")
        declared = dossier.agreement.signed_on
        if declared is not None and declared != signed_on:
            raise Refused(f"L’entente dit avoir été signée le {long_date(declared)} : corrigez l’une des deux dates.")
        signing = {person.organization.pk for person in people}
        missing = [str(party.organization) for party in dossier.parties if party.organization_id not in signing]
        if missing:
            raise Refused(f"Nommez qui a signé pour : {', '.join(missing)}.")
        last = dossier.version
        if last is None or not dossier.text_unchanged:
            number = last.number + 1 if last is not None else 1
            last = snapshot(actor, dossier.agreement, dossier.terms, number=number, summary=AS_RECORDED)
        for person in people:
            _check_person(dossier, person)
            signatory = Signatory.objects.create(agreement=dossier.agreement, **_values(person))
            dossier.signatories.append(signatory)
            _write(actor, dossier, last, signatory, SignatureMethod.PAPER, signed_on, document)
        if declared is None:
            _date(dossier.agreement, signed_on)
        return last


def _check_paper(actor: Actor, dossier: Dossier, signed_on: date, document: AgreementDocument) -> None:
    if actor.user is None:
        raise PermissionDenied("Un papier est attesté par une personne connue du système.")
    if signed_on > dossier.day:
        raise Refused("La date de signature ne peut pas être dans l’avenir.")
    if document.agreement_id != dossier.agreement.pk:
        raise Refused("Ce document n’est pas celui de cette entente.")


def _write(
    actor: Actor, dossier: Dossier, version: AgreementVersion, signatory: Signatory, method: SignatureMethod,
    signed_on: date, scan: AgreementDocument | None = None,
) -> Signature:  # fmt: skip
    paper = method == SignatureMethod.PAPER
    signature = Signature.objects.create(
        version=version, signatory=signatory, name=signatory.name, title=signatory.title,
        content_hash=version.content_hash, method=method, signed_on=signed_on, recorded_at=timezone.now(), scan=scan,
        attested_by=actor.user if paper else None, address=None if paper else actor.address,
    )  # fmt: skip
    dossier.signatures.append(signature)
    # On paper, the journal names whoever attests; the person who signed stands in the data.
    person = Actor(
        actor.user, actor.name if paper else signatory.name, signatory.organization_id, actor.address, actor.capacity
    )
    data = {
        "signatory": signatory.pk, "name": signatory.name, "title": signatory.title, "method": str(method),
        "signed_on": signed_on.isoformat(), "version": version.number, "rank": signatory.order,
    }  # fmt: skip
    if signatory.on_behalf_of:
        data |= {"on_behalf_of": signatory.on_behalf_of, "mandate": signatory.mandate}
    record(
        dossier.agreement, EventKind.SIGNATURE, person, content_hash=version.content_hash, data=data,
        reason=f"Papier numérisé, signé le {long_date(signed_on)}." if paper else "", amendment=dossier.amendment,
    )  # fmt: skip
    return signature


def _outcome(actor: Actor, dossier: Dossier, signature: Signature) -> Signed:
    waiting = tuple(str(person.name) for person in unsigned(dossier))
    complete = not waiting and _complete(actor, dossier)
    return Signed(signature, complete, waiting)


def _complete(actor: Actor, dossier: Dossier) -> bool:
    """The entente is signed once everybody has. False: something still stands in the way."""
    # Whoever attests the last paper is no signatory: that everyone signed is then noted by the system's own capacity.
    person = actor if actor.capacity == Who.SIGNATORY else Actor(actor.user, actor.name, capacity=Who.SYSTEM)
    try:
        with transaction.atomic():
            life.perform(person, dossier.agreement, "sign", amendment=dossier.amendment)
    except Refused:
        return False
    return True


def _date(agreement: Agreement, signed_on: date) -> None:
    """Write the date of signature on the row and in its revisions; a draft that somebody prepares keeps its changes."""
    draft = agreement.get_latest_revision_as_object() if agreement.has_unpublished_changes else None
    agreement.signed_on = signed_on
    agreement.save()
    revision = agreement.save_revision(log_action=False, clean=False)
    if agreement.live:
        agreement.live_revision = revision
        agreement.has_unpublished_changes = False
        agreement.save()
    if draft is not None:
        draft.signed_on = signed_on
        draft.save_revision(log_action=False, clean=False)
