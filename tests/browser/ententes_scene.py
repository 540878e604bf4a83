"""Ententes of the demo network brought to where people answer them: prints the addresses of the pages, as JSON.

A program of its own, run on a data folder: the server of the browser tests has its own database.
"""

from __future__ import annotations

import json
import sys
from datetime import date

import django

django.setup()

from django.urls import reverse  # noqa: E402

from corridors import actions as life  # noqa: E402
from corridors import negotiation, sending, signing  # noqa: E402
from corridors.actions import Actor  # noqa: E402
from corridors.dossier import open_dossier  # noqa: E402
from corridors.enums import ClauseKind, LinkPurpose, PartyRole, RenewalKind  # noqa: E402
from corridors.models import Agreement, AgreementParty, Clause, Obligation  # noqa: E402
from registry import actions  # noqa: E402
from registry.models import Organization, Territory, User  # noqa: E402

CLAUSES = (
    (ClauseKind.FREE, "Objet", "Les parties répondent ensemble, jour et nuit, aux personnes en crise chez elles."),
    (ClauseKind.FREE, "Délai de déplacement",
     "À la demande d’Info-Social, de l’AEOR ou des policiers, l’équipe rappelle dans les vingt-quatre heures et, si la "
     "situation l’exige, se rend dans le milieu le jour ouvrable suivant. Toute demande où la sécurité d’un tiers est "
     "en jeu est dirigée vers le 911."),
    (ClauseKind.REFERRAL, "Mécanisme de référence",
     "La référence se fait par télécopie au guichet d’accès. La personne est accompagnée au premier contact."),
    (ClauseKind.INFORMATION, "Échange d’information",
     "Les parties n’échangent que les renseignements nécessaires, avec le consentement de la personne."),
)  # fmt: skip
REWORDED = {
    1: "À la demande d’Info-Social, de l’AEOR ou des policiers, l’équipe rappelle sans délai et, si la situation "
    "l’exige, se rend dans le milieu dans les deux heures, les soirs et les fins de semaine. Toute demande où la "
    "sécurité d’un tiers est en jeu est dirigée vers le 911.",
    2: "La référence se fait par transfert téléphonique à chaud, suivi d’un formulaire dans les quarante-huit heures. "
    "La personne est accompagnée au premier contact.",
}


def who(name: str) -> Actor:
    return Actor(user=User.objects.get(username=name))


COORDINATOR, MANAGER, PARTNER = who("coordonnateur"), who("gestionnaire"), who("partenaire")


def negotiated(number: str) -> Agreement:
    """A text of two versions, at the partner's turn, with a comment."""
    theirs = Organization.objects.get(memberships__user__username="partenaire")
    agreement = Agreement(
        number=number, title=f"Intervention de crise dans le milieu, {theirs}",
        object="Assurer une réponse de crise en tout temps dans le milieu.", instrument_type="entente_service",
        modalities=["presence"], programs=["psychosociaux_generaux", "sante_mentale"], starts_on=date(2027, 1, 5),
        ends_on=date(2029, 1, 4), renewal=RenewalKind.TACIT, notice_days=60, declared_status="Brouillon",
        referral_mechanism="Transfert téléphonique à chaud.",
        dispute_mechanism="Les répondants se parlent dans les cinq jours ouvrables, puis les directions.",
    )  # fmt: skip
    centre = Organization.objects.filter(agreement_parties__role=PartyRole.CENTRE).order_by("pk").first()
    agreement.parties = [
        AgreementParty(organization=centre, role=PartyRole.CENTRE, negotiator="Brigitte Hébertois", sort_order=0),
        AgreementParty(organization=theirs, role=PartyRole.PARTNER, negotiator="Benoît Nguyenta", sort_order=1),
    ]
    agreement.clauses = [
        Clause(kind=kind, title=title, text=text, sort_order=place) for place, (kind, title, text) in enumerate(CLAUSES)
    ]
    agreement.territories = list(Territory.objects.filter(kind="rls").order_by("pk")[:2])
    actions.create(None, agreement, publish=False)
    for party, text in ((centre, "Désigner un répondant clinique et un substitut."), (theirs, "Rappeler le référent.")):
        duty = Obligation(agreement=agreement, party=party, text=text, due_on=date(2027, 6, 9), recurrence="annuelle")
        actions.create(None, duty, publish=False)
    life.perform(COORDINATOR, agreement, "submit")
    life.perform(MANAGER, agreement, "approve")
    key = agreement.clauses.get(sort_order=1).key
    negotiation.comment(PARTNER, agreement, "Deux heures, est-ce tenable la fin de semaine?", key, theirs)
    agreement = Agreement.all_objects.get(pk=agreement.pk)
    clauses = list(agreement.clauses.order_by("sort_order"))
    for place, text in REWORDED.items():
        clauses[place].text = text
    agreement.clauses = clauses
    agreement.notice_days = 90
    actions.save_draft(None, agreement)
    negotiation.propose_version(COORDINATOR, agreement, "Délai de déplacement, référence à chaud")
    return Agreement.all_objects.get(pk=agreement.pk)


def in_signing(number: str) -> Agreement:
    agreement = negotiated(number)
    version = open_dossier(agreement).version
    assert version is not None
    for actor, party in zip(
        (PARTNER, COORDINATOR), reversed(list(agreement.parties.order_by("sort_order"))), strict=True
    ):
        negotiation.accept(actor, agreement, version, party.organization)
    for place, party in enumerate(agreement.parties.order_by("sort_order")):
        signing.name_signatory(
            COORDINATOR, agreement,
            signing.Person(
                party.organization, ("Denise Roy", "Marc Côté")[place], ("Présidente-directrice", "Directeur")[place],
                ("denise@rive.example.ca", "marc@vigie.example.ca")[place],
            ),
        )  # fmt: skip
    life.perform(COORDINATOR, agreement, "open_signing")
    return agreement


def link(agreement: Agreement, purpose: LinkPurpose) -> str:
    version = open_dossier(agreement).version
    assert version is not None
    party = agreement.parties.get(role=PartyRole.PARTNER)
    person = (
        agreement.signatories.filter(organization=party.organization).first() if purpose == LinkPurpose.SIGN else None
    )
    _link, token = sending.issue(
        COORDINATOR, version, purpose, organization_id=party.organization_id,
        name=person.name if person else party.negotiator, email=person.email if person else "b@vigie.example.ca",
        signatory=person,
    )  # fmt: skip
    return reverse("corridors_link", args=[token])


def main() -> None:
    first, second, third = negotiated("ENT-2026-901"), in_signing("ENT-2026-902"), negotiated("ENT-2026-903")
    overtaken = link(third, LinkPurpose.ACCEPT)
    third.notice_days = 30
    actions.save_draft(None, third)
    negotiation.propose_version(COORDINATOR, third, "Préavis plus court")
    addresses = {
        "list": "/partenaire/ententes/",
        "negotiation": reverse("corridors_partner_agreement", args=[first.number]),
        "signing": reverse("corridors_partner_agreement", args=[second.number]),
        "accept": link(first, LinkPurpose.ACCEPT),
        "sign": link(second, LinkPurpose.SIGN),
        "overtaken": overtaken,
        "forged": "/ententes/lien/ceci-n-est-pas-un-lien/",
        "calendar": "/ententes/calendrier/",
    }
    running = Agreement.objects.filter(parties__organization__memberships__user__username="partenaire").first()
    assert running is not None
    addresses["in force"] = reverse("corridors_partner_agreement", args=[running.number])
    json.dump(addresses, sys.stdout)


main()
