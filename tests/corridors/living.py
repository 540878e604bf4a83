"""Ententes brought to any state of their life, step by step, through the same transitions as everybody's."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from corridors import actions as life
from corridors import canonical
from corridors.actions import Actor
from corridors.dossier import open_dossier
from corridors.enums import AgreementStatus as S
from corridors.enums import DeclaredStatus, SignatureMethod
from corridors.lifecycle import Request, Who
from corridors.models import Acceptance, Agreement, AgreementVersion, ServiceCorridor, Signatory, Signature
from registry import actions
from registry.models import Organization
from tests.factories import records

from . import building

COORDINATOR, MANAGER = (
    Actor(name="Brigitte Hébertois", capacity=Who.COORDINATOR),
    Actor(name="Gilles Aubut", capacity=Who.MANAGER),
)
PARTNER = Actor(name="Benoît Nguyenta", capacity=Who.PARTNER)
SIGNATORY = Actor(name="Une signataire", capacity=Who.SIGNATORY)


def fresh(agreement: Agreement) -> Agreement:
    return Agreement.all_objects.get(pk=agreement.pk)


def status(agreement: Agreement, day: date | None = None) -> S:
    return open_dossier(fresh(agreement), day).status


def step(actor: Actor, agreement: Agreement, name: str, **request: Any) -> None:
    life.perform(actor, fresh(agreement), name, Request(**{"reason": "Comme convenu.", **request}))


def propose(agreement: Agreement) -> AgreementVersion:
    """The terms as they are now, as a version that the parties may accept."""
    terms = canonical.terms_of(agreement)
    return AgreementVersion.objects.create(
        agreement=agreement, number=agreement.versions.count() + 1, terms=terms,
        labels=canonical.labels_of(terms), content_hash=canonical.content_hash(terms), created_at=timezone.now(),
    )  # fmt: skip


def accept(agreement: Agreement, *organizations: Organization) -> None:
    """These parties, or all of them, accept the current version."""
    dossier = open_dossier(fresh(agreement))
    assert dossier.version is not None
    for party in dossier.parties:
        if not organizations or party.organization in organizations:
            Acceptance.objects.create(
                version=dossier.version, organization=party.organization, name=party.negotiator,
                accepted_at=timezone.now(),
            )  # fmt: skip


def name_signatories(agreement: Agreement) -> None:
    for party in open_dossier(fresh(agreement)).parties:
        Signatory.objects.create(
            agreement=agreement, organization=party.organization, name=f"Pour {party.organization}"
        )


def sign(agreement: Agreement, on: date | None = None, people: int | None = None) -> None:
    """These many signatories, or all of them, sign the current version."""
    dossier = open_dossier(fresh(agreement))
    assert dossier.version is not None
    for person in dossier.signatories[:people]:
        Signature.objects.create(
            version=dossier.version, signatory=person, name=person.name, content_hash=dossier.version.content_hash,
            method=SignatureMethod.LINK, signed_on=on or timezone.localdate(), recorded_at=timezone.now(),
        )  # fmt: skip


def with_corridor(agreement: Agreement, publish: bool = False) -> ServiceCorridor:
    """The entente with a corridor between its two parties; a draft, like the entente."""
    centre, partner = [party.organization for party in agreement.parties.order_by("sort_order")]
    corridor = ServiceCorridor(
        code=f"COR-{agreement.number}", agreement=agreement, from_service=records.service(centre, "Accueil"),
        to_service=records.service(partner, "Intervention de crise"), urgent_delay=24,
    )  # fmt: skip
    return actions.create(None, corridor, publish=publish)


def to_negotiation(agreement: Agreement) -> None:
    step(COORDINATOR, agreement, "submit")
    step(MANAGER, agreement, "approve")


def to_agreed(agreement: Agreement) -> None:
    to_negotiation(agreement)
    propose(agreement)
    accept(agreement)
    step(life.SYSTEM, agreement, "agree")


def to_signing(agreement: Agreement) -> None:
    to_agreed(agreement)
    name_signatories(agreement)
    step(COORDINATOR, agreement, "open_signing")


def to_signed(agreement: Agreement) -> None:
    to_signing(agreement)
    sign(agreement)
    step(SIGNATORY, agreement, "sign")


def entente(number: str = "ENT-2026-101", **values: Any) -> Agreement:
    """A draft that the required rules let through."""
    return building.draft(number, **values)


def signed(number: str = "ENT-2026-101", **values: Any) -> Agreement:
    """Signed in the system, and in force unless it starts later."""
    today = timezone.localdate()
    agreement = entente(
        number, **{"starts_on": today, "ends_on": today + timedelta(days=700), "renewal": "aucun", **values}
    )
    to_signed(agreement)
    return fresh(agreement)


def in_state(state: S, number: str = "ENT-2026-101", **values: Any) -> Agreement:
    """An entente in this state today."""
    today = timezone.localdate()
    running = {"starts_on": today, "ends_on": today + timedelta(days=700), "renewal": "aucun", **values}
    if state in (S.DRAFT, S.REVIEW, S.NEGOTIATION, S.AGREED, S.SIGNING, S.CANCELLED, S.REFUSED):
        agreement = entente(number, **values)
        {
            S.DRAFT: lambda one: None,
            S.REVIEW: lambda one: step(COORDINATOR, one, "submit"),
            S.NEGOTIATION: to_negotiation,
            S.AGREED: to_agreed,
            S.SIGNING: to_signing,
            S.CANCELLED: lambda one: step(COORDINATOR, one, "cancel"),
            S.REFUSED: lambda one: (to_negotiation(one), step(PARTNER, one, "refuse")),
        }[state](agreement)
    elif state == S.SIGNED:
        agreement = signed(number, **{**running, "starts_on": today + timedelta(days=30)})
    elif state == S.LAPSED:
        agreement = building.declared(
            DeclaredStatus.LAPSED.value, number, **{**running, "ends_on": today - timedelta(days=1), "starts_on": None}
        )
    else:
        agreement = signed(number, **running)
        if state == S.SUSPENDED:
            step(MANAGER, agreement, "suspend")
        elif state == S.DISPUTED:
            step(PARTNER, agreement, "dispute", mechanism="Table clinique", step="Rencontre", deadline=today)
        elif state == S.TERMINATED:
            given = today - timedelta(days=agreement.notice_days or 0)
            step(MANAGER, agreement, "terminate", has_document=True, notice_given_on=given)
    assert status(agreement) == state
    return fresh(agreement)
