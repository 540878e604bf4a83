"""Ententes for the tests of their life, built through the same doors as everybody's."""

from __future__ import annotations

from datetime import date
from typing import Any

from corridors import actions as life
from corridors.actions import Actor
from corridors.enums import DeclaredStatus, InstrumentType, Modality, PartyRole, RenewalKind
from corridors.models import Agreement, AgreementParty
from registry import actions
from registry.enums import Role
from registry.models import Membership, Organization, Territory, User
from tests.factories import records


def person(name: str, role: Role, organization: Organization | None = None) -> User:
    user = User.objects.create_user(name, email=f"{name}@exemple.qc.ca", first_name=name.title(), last_name="Tremblay")
    Membership.objects.create(user=user, role=role, organization=organization)
    return user


def house(**values: Any) -> tuple[Organization, Organization]:
    """The centre and a partner."""
    centre = records.organization("CIUSSS de la Rive", **values)
    return centre, records.organization("Maison La Vigie")


def draft(number: str = "ENT-2026-101", **values: Any) -> Agreement:
    """An entente in draft between a centre and a partner, complete enough to be submitted."""
    centre, partner = values.pop("parties", None) or house()
    agreement = Agreement(
        number=number, title="Intervention de crise dans le milieu",
        **{
            "object": "Répondre ensemble aux crises.", "instrument_type": InstrumentType.SERVICE,
            "modalities": [Modality.PRESENCE.value], "programs": ["psychosociaux_generaux"],
            "declared_status": DeclaredStatus.DRAFT.value, "starts_on": date(2027, 1, 5),
            "ends_on": date(2029, 1, 4), "renewal": RenewalKind.TACIT, "notice_days": 60,
            "referral_mechanism": "Transfert téléphonique à chaud.", **values,
        },
    )  # fmt: skip
    agreement.parties = [
        AgreementParty(organization=centre, role=PartyRole.CENTRE, negotiator="Brigitte Hébertois", sort_order=0),
        AgreementParty(organization=partner, role=PartyRole.PARTNER, negotiator="Benoît Nguyenta", sort_order=1),
    ]
    there = Territory.all_objects.filter(code="T-LIM").first()
    agreement.territories = [there or records.territory("T-LIM", "Limoilou")]
    actions.create(None, agreement, publish=False)
    return Agreement.all_objects.get(pk=agreement.pk)


def declared(status: str = "En vigueur", number: str = "ENT-2020-001", **values: Any) -> Agreement:
    """An entente older than the system, as the workbook brings it: published, without any journal."""
    agreement = draft(number, declared_status=status, **values)
    actions.edit(None, agreement)
    return Agreement.all_objects.get(pk=agreement.pk)


def by(user: User | None) -> Actor:
    return Actor(user=user)


def do(user: User | None, agreement: Agreement, *names: str, **request: Any) -> None:
    """Several transitions in a row, each with the same request."""
    for name in names:
        life.perform(by(user), agreement, name, life.Request(**request))
