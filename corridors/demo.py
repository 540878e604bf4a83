"""A few ententes that live, for the demonstration network: one in each situation that somebody must look at.

Everything goes through the same doors as everybody's, with the demonstration accounts; dates are counted from the day
on which they are loaded. The ententes of the workbook stay as they are, but for two: an amendment, and a dispute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from registry import actions
from registry.models import Organization, Territory, User

from . import actions as life
from . import amendments, canonical, disputes, negotiation, signing
from .actions import Actor
from .dossier import open_dossier
from .enums import (
    AgreementStatus,
    AmendmentKind,
    ClauseKind,
    DeclaredStatus,
    InstrumentType,
    Modality,
    PartyRole,
    RenewalKind,
)
from .lifecycle import Request, Who
from .models import Agreement, AgreementEvent, AgreementParty, Clause

_CLAUSES = (
    (ClauseKind.REFERRAL, "Référence", "La référence se fait par transfert téléphonique à chaud; quand la ligne est "
     "occupée, le partenaire rappelle dans les deux heures.", ""),
    (ClauseKind.INFORMATION, "Échange d’information", "Seuls les renseignements nécessaires sont transmis, avec le "
     "consentement de la personne, sauf danger imminent.", ""),
    (ClauseKind.CONCERTATION, "Concertation", "Les répondants se rencontrent pour revoir les références et ce qui a "
     "accroché.", "Deux fois par année"),
    (ClauseKind.DISPUTE, "Mésentente", "Les répondants s’en parlent dans les dix jours; sans issue, les directions se "
     "rencontrent dans les trente jours.", ""),
)  # fmt: skip


@dataclass(frozen=True)
class _Cast:
    """Who acts, and for whom."""

    coordinator: Actor
    manager: Actor
    partner: Actor
    centre: Organization
    organization: Organization
    territory: Territory
    today: date


def load() -> list[str]:
    """Write the scenes, once: nothing is done when an entente already lives here. A line of French for each one.
    Raises LookupError when the demonstration accounts or network are not there."""
    if AgreementEvent.objects.exists():
        return []
    with transaction.atomic():
        cast = _cast()
        return [scene(cast) for scene in (_our_turn, _their_turn, _signing, _to_come, _in_review, _amended, _disputed)]


def _cast() -> _Cast:
    people = {user.username: user for user in User.objects.filter(username__in=_ACCOUNTS)}
    missing = [name for name in _ACCOUNTS if name not in people]
    if missing:
        raise LookupError(f"Comptes de démonstration absents : {', '.join(missing)}.")
    membership = people["partenaire"].memberships.select_related("organization").first()
    party = AgreementParty.objects.filter(role=PartyRole.CENTRE).select_related("organization").first()
    territory = Territory.objects.filter(agreements__isnull=False).order_by("code").first()
    if membership is None or membership.organization is None or party is None or territory is None:
        raise LookupError("Le réseau de démonstration n’est pas là.")
    coordinator, manager, partner = (Actor(user=people[name]) for name in _ACCOUNTS)
    return _Cast(
        coordinator, manager, partner, party.organization, membership.organization, territory, timezone.localdate()
    )


_ACCOUNTS = ("coordonnateur", "gestionnaire", "partenaire")


def _draft(cast: _Cast, title: str, purpose: str, starts: int = 30, **values: Any) -> Agreement:
    """An entente between the centre and the partner, in draft; `starts`: in so many days."""
    start = cast.today + timedelta(days=starts)
    agreement = Agreement(
        number=_number(cast.today.year), title=title,
        **{
            "object": purpose, "responsible": "Colin Ordonnateur", "instrument_type": InstrumentType.SERVICE,
            "modalities": [Modality.PRESENCE.value],
            "programs": ["psychosociaux_generaux"], "declared_status": DeclaredStatus.DRAFT.value, "starts_on": start,
            "ends_on": start + timedelta(days=3 * 365), "renewal": RenewalKind.TACIT, "notice_days": 60,
            "referral_mechanism": "Transfert téléphonique à chaud.", **values,
        },
    )  # fmt: skip
    agreement.parties = [
        AgreementParty(organization=cast.centre, role=PartyRole.CENTRE, negotiator="Colin Ordonnateur", sort_order=0),
        AgreementParty(
            organization=cast.organization, role=PartyRole.PARTNER, negotiator="Pascale Artenaire", sort_order=1
        ),
    ]
    agreement.clauses = [
        Clause(kind=kind, title=name, text=text, frequency=frequency, sort_order=place)
        for place, (kind, name, text, frequency) in enumerate(_CLAUSES)
    ]
    agreement.territories = [cast.territory]
    actions.create(cast.coordinator.user, agreement, publish=False)
    return Agreement.all_objects.get(pk=agreement.pk)


def _number(year: int) -> str:
    taken = Agreement.all_objects.filter(number__startswith=f"ENT-{year}-").values_list("number", flat=True)
    numbers = [int(match[1]) for number in taken if (match := re.fullmatch(r"ENT-\d{4}-(\d+)", number))]
    return f"ENT-{year}-{max(numbers, default=0) + 1:03d}"


def _told(agreement: Agreement, what: str) -> str:
    return f"{agreement.number}, {agreement.title} : {what}"


def _negotiated(cast: _Cast, agreement: Agreement) -> None:
    life.perform(cast.coordinator, agreement, "submit")
    life.perform(cast.manager, agreement, "approve")


def _agreed(cast: _Cast, agreement: Agreement) -> None:
    _negotiated(cast, agreement)
    for actor, organization in ((cast.partner, cast.organization), (cast.coordinator, cast.centre)):
        version = open_dossier(agreement).version
        if version is not None:
            negotiation.accept(actor, agreement, version, organization)


def _in_signing(cast: _Cast, agreement: Agreement) -> None:
    _agreed(cast, agreement)
    for organization, name, title in (
        (cast.centre, "Geneviève Stionnaire", "Directrice des services multidisciplinaires"),
        (cast.organization, "Pascale Artenaire", "Directrice générale"),
    ):
        signing.name_signatory(cast.coordinator, agreement, signing.Person(organization, name, title))
    life.perform(cast.coordinator, agreement, "open_signing")


def _sign(agreement: Agreement, organization: Organization) -> None:
    dossier = open_dossier(agreement)
    person = next(one for one in dossier.signatories if one.organization_id == organization.pk)
    if dossier.version is not None:
        actor = Actor(name=person.name, organization_id=organization.pk, capacity=Who.SIGNATORY)
        signing.sign(actor, dossier.version, person, person.name)


# --- The scenes ---------------------------------------------------------------------------------------------------


def _our_turn(cast: _Cast) -> str:
    agreement = _draft(
        cast, "Suivi après une hospitalisation en santé mentale",
        "Rappeler dans les deux jours la personne qui sort de l’hôpital, et l’accompagner au premier rendez-vous.",
        programs=["sante_mentale"],
    )  # fmt: skip
    _negotiated(cast, agreement)
    version = open_dossier(agreement).version
    if version is not None:
        negotiation.ask_for_change(
            cast.partner, agreement, version, cast.organization,
            "Deux jours, c’est trop court la fin de semaine : nous proposons deux jours ouvrables.",
        )  # fmt: skip
    return _told(agreement, "en négociation, c’est au centre de répondre")


def _their_turn(cast: _Cast) -> str:
    agreement = _draft(
        cast, "Présence au local communautaire", "Une travailleuse sociale reçoit sur place, un après-midi par semaine."
    )
    _negotiated(cast, agreement)
    return _told(agreement, "en négociation, c’est au partenaire de répondre")


def _signing(cast: _Cast) -> str:
    agreement = _draft(
        cast, "Intervention de crise en soirée", "Répondre ensemble, le soir, aux personnes en crise du quartier.",
        dispute_mechanism="Les répondants s’en parlent dans les dix jours, puis les directions dans les trente jours.",
    )  # fmt: skip
    _in_signing(cast, agreement)
    _sign(agreement, cast.centre)
    return _told(agreement, "en signature, le partenaire n’a pas encore signé")


def _to_come(cast: _Cast) -> str:
    agreement = _draft(
        cast, "Ateliers pour les proches", "Six rencontres par saison pour les proches aidants.", starts=45
    )
    _in_signing(cast, agreement)
    for organization in (cast.centre, cast.organization):
        _sign(agreement, organization)
    return _told(agreement, "signée, à venir")


def _in_review(cast: _Cast) -> str:
    agreement = _draft(cast, "Accès rapide pour les jeunes", "Une place par semaine réservée aux moins de 18 ans.")
    life.perform(cast.coordinator, agreement, "submit")
    return _told(agreement, "en révision interne")


def _older(cast: _Cast, besides: int = 0) -> Agreement:
    """An entente of the workbook that is in force for a good while yet."""
    rows = Agreement.objects.filter(
        declared_status=DeclaredStatus.IN_FORCE.value, ends_on__gt=cast.today + timedelta(days=200),
        starts_on__lt=cast.today, corridors__isnull=False,
    ).exclude(pk=besides)  # fmt: skip
    for row in rows.distinct().order_by("number"):
        if open_dossier(row, cast.today).status == AgreementStatus.IN_FORCE:
            return row
    raise LookupError("Aucune entente en vigueur dans le réseau de démonstration.")


def _amended(cast: _Cast) -> str:
    agreement = _older(cast)
    amendment = amendments.open_amendment(
        cast.coordinator, agreement, AmendmentKind.DURATION, "Un préavis plus long",
        reason="Le partenaire a besoin de trois mois pour se retourner.",
    )  # fmt: skip
    terms = {**canonical.terms_of(agreement), "notice_days": 90}
    amendments.edit(cast.coordinator, amendment, terms=terms)
    amendments.step(cast.coordinator, amendment, "submit")
    amendments.step(cast.manager, amendment, "approve", Request())
    return _told(agreement, "un avenant en négociation")


def _disputed(cast: _Cast) -> str:
    amended = AgreementEvent.objects.exclude(amendment=None).values_list("agreement_id", flat=True).first() or 0
    agreement = _older(cast, besides=amended)
    partner = agreement.parties.filter(role=PartyRole.PARTNER).select_related("organization").first()
    if partner is None:
        raise LookupError(f"{agreement.number} n’a pas de partenaire.")
    disputes.open_dispute(
        cast.coordinator, agreement, organization=partner.organization, subject="Délais de rappel non respectés",
        mechanism=disputes.mechanism_of(agreement) or "Les répondants s’en parlent, puis les directions.",
        steps=[disputes.Step("Rencontre des répondants", 10), disputes.Step("Rencontre des directions", 30)],
    )  # fmt: skip
    return _told(agreement, "en mésentente, son corridor reste utilisable")
