"""An entente taken to a given point of its life, with the people on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from corridors import negotiation
from corridors.dossier import Dossier, open_dossier
from corridors.enums import AgreementStatus, PartyRole
from corridors.models import Agreement, AgreementVersion
from registry import actions
from registry.enums import Role
from registry.models import Organization, User

from . import building


@dataclass
class Table:
    """The entente, its two parties and who speaks for them."""

    agreement: Agreement
    centre: Organization
    partner: Organization
    coordinator: User
    manager: User
    negotiator: User

    @property
    def dossier(self) -> Dossier:
        return open_dossier(Agreement.all_objects.get(pk=self.agreement.pk))

    @property
    def status(self) -> AgreementStatus:
        return self.dossier.status

    @property
    def version(self) -> AgreementVersion:
        version = self.dossier.version
        assert version is not None
        return version

    def edit(self, **values: Any) -> None:
        """Somebody changes the text, as the admin does."""
        agreement = Agreement.all_objects.get(pk=self.agreement.pk)
        for name, value in values.items():
            setattr(agreement, name, value)
        actions.save_draft(self.coordinator, agreement)

    def accept(self, side: PartyRole) -> negotiation.Accepted:
        user = self.coordinator if side == PartyRole.CENTRE else self.negotiator
        party = self.centre if side == PartyRole.CENTRE else self.partner
        return negotiation.accept(building.by(user), self.agreement, self.version, party)


def in_negotiation(**values: Any) -> Table:
    agreement = building.draft(**values)
    parties = list(agreement.parties.select_related("organization").order_by("sort_order"))
    centre, partner = parties[0].organization, parties[1].organization
    table = Table(
        agreement, centre, partner,
        coordinator=building.person("brigitte", Role.COORDINATOR),
        manager=building.person("gilles", Role.MANAGER),
        negotiator=building.person("benoit", Role.PARTNER, partner),
    )  # fmt: skip
    building.do(table.coordinator, agreement, "submit")
    building.do(table.manager, agreement, "approve")
    return table


def agreed(**values: Any) -> Table:
    table = in_negotiation(**values)
    table.accept(PartyRole.PARTNER)
    assert table.accept(PartyRole.CENTRE).agreed
    return table
