"""An entente taken to a given point of its life, with the people on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from corridors import amendments, negotiation
from corridors.dossier import Dossier, open_dossier
from corridors.enums import AgreementStatus, AmendmentKind, PartyRole
from corridors.models import Agreement, AgreementVersion, Amendment
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


def amended(**values: Any) -> tuple[Table, Amendment]:
    """An entente in force, and an amendment of its notice that waits for the partner's answer."""
    agreement = building.declared(
        starts_on=date(2020, 1, 1), ends_on=date(2090, 1, 1), renewal="aucun", notice_days=60, **values
    )
    parties = [party.organization for party in agreement.parties.order_by("sort_order")]
    table = Table(
        agreement, parties[0], parties[1],
        coordinator=building.person("brigitte", Role.COORDINATOR),
        manager=building.person("gilles", Role.MANAGER),
        negotiator=building.person("benoit", Role.PARTNER, parties[1]),
    )  # fmt: skip
    actor = building.by(table.coordinator)
    amendment = amendments.open_amendment(actor, agreement, AmendmentKind.DURATION, "Préavis plus long")
    amendments.edit(actor, amendment, terms={**amendment.terms, "notice_days": 90})
    amendments.step(actor, amendment, "submit")
    amendments.step(building.by(table.manager), amendment, "approve")
    return table, Amendment.all_objects.get(pk=amendment.pk)
