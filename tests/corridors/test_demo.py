"""The demonstration network has something to show in every panel, on whatever day it is loaded."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date

import pytest
import time_machine
from django.core.management import CommandError, call_command

from corridors import demo
from corridors.dossier import open_dossier
from corridors.enums import AgreementStatus as S
from corridors.enums import PartyRole
from corridors.models import Agreement, AgreementEvent, Amendment
from registry.enums import Role
from registry.models import Organization

from . import building, living

pytestmark = pytest.mark.django_db


@pytest.fixture
def network(settings) -> tuple[Organization, Organization]:
    settings.DEBUG = True
    centre, partner = building.house(code="ORG001")
    for number in (1, 2, 3):
        agreement = building.declared(
            number=f"ENT-2020-00{number}", parties=(centre, partner), starts_on=date(2020, 1, 1),
            ends_on=date(2031, 1, 1), renewal="aucun",
        )  # fmt: skip
        living.with_corridor(agreement, publish=True)
    for name, role in (("coordonnateur", Role.COORDINATOR), ("gestionnaire", Role.MANAGER)):
        building.person(name, role)
    building.person("partenaire", Role.PARTNER, partner)
    return centre, partner


def run() -> str:
    out = io.StringIO()
    call_command("demo_ententes", stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("day", ["2026-11-22", "2028-02-29", "2026-12-31"])
def test_every_situation_is_there_and_only_once(network, day: str) -> None:
    with time_machine.travel(f"{day}T12:00:00-05:00", tick=False):
        said = run()
        dossiers = [open_dossier(agreement) for agreement in Agreement.all_objects.order_by("number")]
        assert Counter(dossier.status for dossier in dossiers) == {
            S.NEGOTIATION: 2, S.SIGNING: 1, S.SIGNED: 1, S.REVIEW: 1, S.DISPUTED: 1, S.IN_FORCE: 2,
        }  # fmt: skip
        turns = {dossier.turn for dossier in dossiers if dossier.status == S.NEGOTIATION}
        assert turns == {PartyRole.CENTRE, PartyRole.PARTNER}
        amendment = Amendment.all_objects.get()
        assert open_dossier(amendment.agreement, amendment=amendment).status == S.NEGOTIATION
        assert all(dossier.agreement.number in said for dossier in dossiers if dossier.events)
        before = AgreementEvent.objects.count()
        assert "rien n’est ajouté" in run()
        assert AgreementEvent.objects.count() == before


def test_it_is_refused_where_people_work(network, settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="fictives"):
        run()
    assert not AgreementEvent.objects.exists()


def test_nothing_is_half_written_without_the_accounts(settings) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError, match="coordonnateur"):
        run()
    with pytest.raises(LookupError):
        demo.load()
    assert not Agreement.all_objects.exists()
