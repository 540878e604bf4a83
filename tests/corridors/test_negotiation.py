"""Two sides, one text: who may answer, to which version, and what an edit undoes."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from corridors import negotiation
from corridors.actions import Actor
from corridors.enums import AgreementStatus as S
from corridors.enums import EventKind, PartyRole
from corridors.lifecycle import Refused, Who
from corridors.models import Acceptance, AgreementEvent, AgreementParty, Clause, ClauseComment, Waiver
from registry.enums import Role
from tests.factories import records

from . import building
from .negotiating import Table, agreed, in_negotiation

pytestmark = pytest.mark.django_db


def journal(table: Table) -> list[str]:
    return list(AgreementEvent.objects.filter(agreement=table.agreement).values_list("kind", flat=True))


def test_an_approved_text_is_the_first_version_and_the_partners_turn_comes() -> None:
    table = in_negotiation()
    assert (table.version.number, table.version.content_hash) == (1, table.dossier.hash)
    assert table.version.proposed_by == table.centre
    assert table.dossier.turn == PartyRole.PARTNER


def test_each_side_accepts_in_turn_and_the_text_is_agreed_by_itself() -> None:
    table = in_negotiation()
    first = table.accept(PartyRole.PARTNER)
    assert not first.agreed and "CIUSSS de la Rive" in first.why_not
    assert (table.status, table.dossier.turn) == (S.NEGOTIATION, PartyRole.CENTRE)
    assert first.acceptance.name == "Benoit Tremblay"
    second = table.accept(PartyRole.CENTRE)
    assert second.agreed and second.why_not == ""
    assert table.status == S.AGREED
    event = AgreementEvent.objects.get(transition="agree")
    assert event.content_hash == table.version.content_hash


def test_a_required_rule_holds_the_text_back_and_says_so() -> None:
    table = in_negotiation(referral_mechanism="")
    table.accept(PartyRole.PARTNER)
    held = table.accept(PartyRole.CENTRE)
    assert not held.agreed and "K01" in held.why_not
    assert table.status == S.NEGOTIATION
    Waiver.objects.create(
        agreement=table.agreement, rule="K01", justification="Voir l’entente-cadre.", granted_by=table.manager,
        granted_at=held.acceptance.accepted_at,
    )  # fmt: skip
    building.do(table.coordinator, table.agreement, "agree")
    assert table.status == S.AGREED


def test_an_edit_clears_what_was_accepted_and_needs_a_new_version() -> None:
    table = in_negotiation()
    table.accept(PartyRole.PARTNER)
    old = table.version
    table.edit(notice_days=90)
    assert not Acceptance.objects.filter(cleared_at__isnull=True).exists()
    told = AgreementEvent.objects.get(kind=EventKind.CLEARING).data["cleared"]
    assert [item["name"] for item in told] == ["Benoit Tremblay"]
    with pytest.raises(Refused, match="modifié"):
        negotiation.accept(building.by(table.negotiator), table.agreement, old, table.partner)
    new = negotiation.propose_version(building.by(table.coordinator), table.agreement, "Préavis plus long")
    assert new.number == 2 and table.dossier.turn == PartyRole.PARTNER
    with pytest.raises(Refused, match="version 2 l’a remplacée"):
        negotiation.accept(building.by(table.negotiator), table.agreement, old, table.partner)
    assert new.terms["notice_days"] == 90 and old.terms["notice_days"] == 60


def test_an_agreed_text_that_is_edited_is_under_negotiation_again() -> None:
    table = agreed()
    table.edit(object="Répondre ensemble, jour et nuit.")
    assert table.status == S.NEGOTIATION and table.dossier.turn == PartyRole.CENTRE
    assert table.dossier.acceptances == []


def test_nothing_new_is_no_version() -> None:
    table = in_negotiation()
    with pytest.raises(Refused, match="Rien n’a changé depuis la version 1"):
        negotiation.propose_version(building.by(table.coordinator), table.agreement)
    assert table.version.number == 1


def test_what_a_partner_proposes_is_written_by_the_coordinator_and_comes_back_to_the_centre() -> None:
    table = in_negotiation()
    table.edit(notice_days=30)
    version = negotiation.propose_version(building.by(table.coordinator), table.agreement, organization=table.partner)
    assert version.proposed_by == table.partner and table.dossier.turn == PartyRole.CENTRE
    table.edit(notice_days=31)
    with pytest.raises(Refused, match="Seule une partie"):
        negotiation.propose_version(
            building.by(table.coordinator), table.agreement, organization=records.organization("Autre")
        )


def test_a_party_accepts_once() -> None:
    table = in_negotiation()
    table.accept(PartyRole.PARTNER)
    with pytest.raises(Refused, match="a déjà accepté"):
        table.accept(PartyRole.PARTNER)
    assert Acceptance.objects.count() == 1


def test_nobody_accepts_for_another_party() -> None:
    table = in_negotiation()
    other = records.organization("École du Port")
    stranger = building.person("paul", Role.PARTNER, other)
    intervenant = building.person("ines", Role.INTERVENANT)
    for user, party in (
        (table.coordinator, table.partner), (table.negotiator, table.centre), (stranger, table.partner),
        (stranger, other), (intervenant, table.centre),
    ):  # fmt: skip
        with pytest.raises(PermissionDenied):
            negotiation.accept(building.by(user), table.agreement, table.version, party)
    signs = Actor(name="Benoît Nguyenta", organization_id=table.partner.pk, capacity=Who.SIGNATORY)
    with pytest.raises(PermissionDenied):
        negotiation.accept(signs, table.agreement, table.version, table.partner)
    holder = Actor(name="Benoît Nguyenta", organization_id=table.partner.pk, capacity=Who.NEGOTIATOR)
    with pytest.raises(PermissionDenied):
        negotiation.accept(holder, table.agreement, table.version, table.centre)
    assert not Acceptance.objects.exists()


def test_with_several_partners_the_centre_waits_for_all_of_them() -> None:
    table = in_negotiation()
    third = records.organization("Auberge du Cœur")
    AgreementParty.objects.create(agreement=table.agreement, organization=third, sort_order=2)
    negotiation.propose_version(building.by(table.coordinator), table.agreement)
    table.accept(PartyRole.PARTNER)
    assert table.dossier.turn == PartyRole.PARTNER
    other = building.person("coralie", Role.PARTNER, third)
    negotiation.accept(building.by(other), table.agreement, table.version, third)
    assert table.dossier.turn == PartyRole.CENTRE
    assert table.accept(PartyRole.CENTRE).agreed


def test_a_change_is_asked_for_with_its_reason_and_the_turn_passes() -> None:
    table = in_negotiation()
    with pytest.raises(Refused, match="quelques mots"):
        negotiation.ask_for_change(building.by(table.negotiator), table.agreement, table.version, table.partner, " ")
    negotiation.ask_for_change(
        building.by(table.negotiator), table.agreement, table.version, table.partner, "Trente jours ne suffisent pas."
    )
    assert table.dossier.turn == PartyRole.CENTRE and table.status == S.NEGOTIATION
    line = AgreementEvent.objects.get(kind=EventKind.REFUSAL)
    assert line.organization == table.partner and line.reason == "Trente jours ne suffisent pas."


def test_a_partner_may_refuse_for_good() -> None:
    table = in_negotiation()
    table.accept(PartyRole.PARTNER)
    negotiation.refuse(building.by(table.negotiator), table.agreement, "Nous fermons en mars.")
    assert table.status == S.REFUSED
    assert not Acceptance.objects.filter(cleared_at__isnull=True).exists()


def test_comments_follow_a_clause_and_are_settled_once() -> None:
    table = in_negotiation()
    clause = Clause.objects.create(
        agreement=table.agreement, title="Délais", text="Rappeler le jour même.", sort_order=0
    )
    negotiation.propose_version(building.by(table.coordinator), table.agreement)
    written = negotiation.comment(
        building.by(table.negotiator), table.agreement, "Le soir aussi?", clause.key, table.partner
    )
    assert (written.clause_title, written.organization) == ("Délais", table.partner)
    negotiation.resolve_comment(building.by(table.coordinator), written)
    with pytest.raises(Refused, match="déjà réglé"):
        negotiation.resolve_comment(building.by(table.coordinator), written)
    with pytest.raises(Refused, match="Écrivez"):
        negotiation.comment(building.by(table.negotiator), table.agreement, "   ")
    with pytest.raises(Refused, match="plus dans le texte"):
        negotiation.comment(
            building.by(table.negotiator), table.agreement, "Où?", "00000000-0000-0000-0000-000000000000"
        )
    with pytest.raises(PermissionDenied):
        negotiation.comment(building.by(building.person("ines", Role.INTERVENANT)), table.agreement, "Non.")
    with pytest.raises(PermissionDenied):  # in the name of the other side
        negotiation.comment(building.by(table.negotiator), table.agreement, "Non.", None, table.centre)
    assert ClauseComment.objects.count() == 1
    assert journal(table)[-2:] == [EventKind.COMMENT, EventKind.COMMENT]
