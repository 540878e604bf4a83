"""A small network in which every secret is a word that no page may hold for whoever must not see it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.management import call_command
from django.test import Client

from registry import actions
from registry.enums import Role
from registry.models import Membership, Organization, User
from tests.factories import records as made

# Each word is in exactly one field of one record.
ADDRESS = "Zzruelle"  # the confidential address: for nobody
POSTAL = "G1K 9Z9"
NETWORK_SERVICE, INTERNAL_SERVICE = "Yyrefuge", "Xxcellule"
NETWORK_CONTACT, INTERNAL_CONTACT = "Wwpartenaire", "Vvinterne"
CORRIDOR_CRITERIA, CORRIDOR_CODE, AGREEMENT = "Uucritere", "COR-SECRET", "ENT-SECRET"
INTERNAL_NEED = "Ttbesoin"
INTERNAL_ORGANIZATION = "Ssorganisme"

SEEN_BY = {
    "stranger": frozenset({ADDRESS, POSTAL, NETWORK_SERVICE, INTERNAL_SERVICE, NETWORK_CONTACT, INTERNAL_CONTACT,
                           CORRIDOR_CRITERIA, CORRIDOR_CODE, AGREEMENT, INTERNAL_ORGANIZATION}),
    "partner": frozenset({ADDRESS, POSTAL, INTERNAL_SERVICE, INTERNAL_CONTACT, CORRIDOR_CRITERIA, CORRIDOR_CODE,
                          AGREEMENT, INTERNAL_ORGANIZATION}),
    "intervenant": frozenset({ADDRESS, POSTAL}),
}  # fmt: skip
"""Viewer → words that must appear nowhere in what they are sent."""


@dataclass
class Network:
    public: str = "SRV-PUBLIC"
    network: str = "SRV-RESEAU"
    internal: str = "SRV-INTERNE"
    organization: Organization | None = None
    codes: list[str] = field(default_factory=list)


def build(extra: int = 0) -> Network:
    """Publish the network (and `extra` more public services), and index it."""
    network = Network()
    province = made.territory("QC", "Ensemble du Québec", kind="province")
    quarter = made.territory("LIM", "Limoilou", parent=province)
    grief, hidden = made.need("Deuil et pertes"), made.need(INTERNAL_NEED)
    owner = made.organization("Solidarité Deuil", code="ORG-A", acronym="SOD")
    secret_owner = made.organization(INTERNAL_ORGANIZATION, code="ORG-B")
    shelter = made.location(owner, "Maison", code="LIE-A", municipality="Québec", is_confidential=True)
    actions.set_confidential_address(None, shelter, address=f"12, {ADDRESS}", postal_code=POSTAL)
    shared = {"needs": (grief,), "territories": (quarter,), "hours": "24/7", "phone": "418-555-0111"}
    public = made.service(owner, "Écoute deuil", code=network.public, locations=(shelter,), **shared)
    made.service(owner, f"Deuil {NETWORK_SERVICE}", code=network.network, visibility="reseau", **shared)
    internal = made.service(
        secret_owner, f"Deuil {INTERNAL_SERVICE}", code=network.internal, visibility="interne",
        **(shared | {"needs": (grief, hidden)}),
    )  # fmt: skip
    made.contact(owner, "Accueil public", service=public, visibility="publique")
    made.contact(owner, NETWORK_CONTACT, service=public, visibility="reseau")
    made.contact(owner, INTERNAL_CONTACT, service=public, visibility="interne")
    made.corridor(
        made.agreement(AGREEMENT), internal, public, code=CORRIDOR_CODE, criteria=CORRIDOR_CRITERIA, urgent_delay=24
    )
    for number in range(extra):
        made.service(owner, f"Groupe de deuil {number}", code=f"SRV-G{number:03}", **shared)
    network.organization = owner
    call_command("rebuild_index", verbosity=0)
    return network


def account(role: Role | None, organization: Organization | None = None, **values: object) -> User:
    user = User.objects.create_user(
        f"{role or 'sans-role'}-{User.objects.count()}", password="mot de passe long", **values
    )
    if role:
        Membership.objects.create(user=user, role=role, organization=organization if role == Role.PARTNER else None)
    return user


def client_of(role: Role | None, organization: Organization | None = None, **values: object) -> Client:
    client = Client()
    client.force_login(account(role, organization, **values))
    return client
