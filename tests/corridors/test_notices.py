"""Who learns what, when a line is written in the journal of an entente."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.utils import timezone

from corridors import actions as life
from corridors import negotiation
from corridors.actions import Actor
from corridors.enums import EventKind, PartyRole
from corridors.mails import MailKind
from corridors.models import Agreement, AgreementParty, OutgoingMail
from registry.enums import Role
from registry.models import Membership
from tests.corridors import test_amendments as following
from tests.corridors.building import by, declared, do, draft, house, person
from tests.corridors.negotiating import Table, agreed, in_negotiation

pytestmark = pytest.mark.django_db

Sent = set[tuple[str, str]]


@contextmanager
def told() -> Iterator[Sent]:
    """The messages (kind, recipient) that the block writes."""
    before = set(OutgoingMail.objects.values_list("pk", flat=True))
    found: Sent = set()
    yield found
    for mail in OutgoingMail.objects.exclude(pk__in=before).order_by("pk"):
        assert "UNDEFINED" not in mail.text + mail.html + mail.subject
        assert (mail.kind, mail.recipient) not in found, "told twice"
        found.add((mail.kind, mail.recipient))


BRIGITTE, GILLES, BENOIT = (f"{name}@exemple.qc.ca" for name in ("brigitte", "gilles", "benoit"))


def stranger(table: Table) -> None:
    """People of other houses, and of the same with other roles: they learn nothing."""
    other = house()[1]
    person("paule", Role.PARTNER, other)
    person("colin", Role.COORDINATOR, other)
    person("irene", Role.INTERVENANT)
    person("ancien", Role.PARTNER, table.partner).__class__.objects.filter(username="ancien").update(is_active=False)


def test_the_managers_learn_that_a_draft_is_to_be_reviewed_and_the_partner_nothing() -> None:
    agreement = draft()
    partner = agreement.parties.get(role=PartyRole.PARTNER).organization
    brigitte, gilles = person("brigitte", Role.COORDINATOR), person("gilles", Role.MANAGER)
    person("benoit", Role.PARTNER, partner)
    with told() as sent:
        do(brigitte, agreement, "submit")
    assert sent == {(MailKind.TO_REVIEW, GILLES)}
    with told() as sent:
        do(gilles, agreement, "send_back", reason="Il manque les délais.")
    assert sent == {(MailKind.SENT_BACK, BRIGITTE)}
    with told() as sent:
        do(brigitte, agreement, "cancel", reason="Le projet est abandonné.")
    assert sent == set()


def test_an_approved_text_is_the_partners_turn() -> None:
    agreement = draft()
    partner = agreement.parties.get(role=PartyRole.PARTNER).organization
    AgreementParty.objects.filter(organization=partner).update(negotiator_email="direction@vigie.example")
    brigitte, gilles = person("brigitte", Role.COORDINATOR), person("gilles", Role.MANAGER)
    person("benoit", Role.PARTNER, partner)
    do(brigitte, agreement, "submit")
    with told() as sent:
        do(gilles, agreement, "approve")
    assert sent == {
        (MailKind.APPROVED, BRIGITTE), (MailKind.YOUR_TURN, BENOIT), (MailKind.ACCEPT_LINK, "direction@vigie.example"),
    }  # fmt: skip
    mine = OutgoingMail.objects.get(kind=MailKind.YOUR_TURN, recipient=BENOIT)
    assert "/partenaire/ententes/" in mine.text


def test_the_centre_learns_of_an_acceptance_and_both_sides_of_the_agreed_text() -> None:
    table = in_negotiation()
    stranger(table)
    with told() as sent:
        table.accept(PartyRole.PARTNER)
    assert sent == {(MailKind.ACCEPTED, BRIGITTE)}
    with told() as sent:
        table.accept(PartyRole.CENTRE)
    assert sent == {(MailKind.ACCEPTED, BENOIT), (MailKind.AGREED, BENOIT)}


def test_whoever_had_accepted_learns_that_the_text_changed() -> None:
    table = agreed()
    stranger(table)
    with told() as sent:
        table.edit(object="Répondre autrement aux crises.")
    assert sent == {(MailKind.CLEARED, BRIGITTE), (MailKind.CLEARED, BENOIT)}
    said = OutgoingMail.objects.get(kind=MailKind.CLEARED, recipient=BENOIT)
    assert "votre acceptation ne tient plus" in said.text
    assert "Le nouveau texte vous sera soumis" in said.text


def test_a_signatory_without_account_learns_that_a_signature_no_longer_stands() -> None:
    table = agreed()
    marks = [{"kind": "signature", "name": "Luc Roy", "organization": table.partner.pk, "email": "luc@vigie.example"}]
    with told() as sent:
        life.record(table.agreement, EventKind.CLEARING, by(table.coordinator), reason="Coquille.",
                    data={"cleared": marks})  # fmt: skip
    assert sent == {(MailKind.CLEARED, "luc@vigie.example")}
    assert "votre signature ne tient plus" in OutgoingMail.objects.get(recipient="luc@vigie.example").text


def test_a_change_asked_for_is_the_other_sides_turn() -> None:
    table = in_negotiation()
    with told() as sent:
        negotiation.ask_for_change(
            by(table.negotiator), table.agreement, table.version, table.partner, "Le délai est trop court."
        )
    assert sent == {(MailKind.CHANGE_ASKED, BRIGITTE)}
    assert "Le délai est trop court." in OutgoingMail.objects.get(kind=MailKind.CHANGE_ASKED).text


def test_a_comment_goes_to_the_other_side() -> None:
    table = in_negotiation()
    with told() as sent:
        negotiation.comment(by(table.negotiator), table.agreement, "Et la nuit?", organization=table.partner)
    assert sent == {(MailKind.COMMENT, BRIGITTE)}


def test_a_refused_entente_is_told_to_the_centre_and_to_whoever_had_accepted() -> None:
    table = in_negotiation()
    table.accept(PartyRole.CENTRE)
    with told() as sent:
        negotiation.refuse(by(table.negotiator), table.agreement, "Nous fermons nos portes.")
    assert sent == {(MailKind.REFUSED, BRIGITTE), (MailKind.CLEARED, BRIGITTE)}
    assert "Le nouveau texte" not in OutgoingMail.objects.get(kind=MailKind.CLEARED).text


def in_force(**values: object) -> Agreement:
    """An older entente that runs, with somebody on each side."""
    agreement = declared(starts_on=date(2020, 1, 1), ends_on=None, **values)
    partner = agreement.parties.get(role=PartyRole.PARTNER).organization
    person("brigitte", Role.COORDINATOR)
    person("gilles", Role.MANAGER)
    person("benoit", Role.PARTNER, partner)
    return agreement


def test_suspension_and_termination_are_told_to_both_sides() -> None:
    agreement = in_force(notice_days=None)
    gilles = Membership.objects.get(user__username="gilles").user
    with told() as sent:
        do(gilles, agreement, "suspend", reason="Locaux fermés.")
    assert sent == {(MailKind.SUSPENDED, BRIGITTE), (MailKind.SUSPENDED, BENOIT)}
    with told() as sent:
        do(gilles, agreement, "resume", reason="Locaux rouverts.")
    assert sent == {(MailKind.RESUMED, BRIGITTE), (MailKind.RESUMED, BENOIT)}
    with told() as sent:
        do(
            gilles, agreement, "terminate", reason="Fin du service.", has_document=True,
            effective_on=timezone.localdate() + timedelta(days=30),
        )  # fmt: skip
    assert sent == {(MailKind.TERMINATED, BRIGITTE), (MailKind.TERMINATED, BENOIT)}
    assert "d’ici là" in OutgoingMail.objects.get(kind=MailKind.TERMINATED, recipient=BENOIT).text


def test_a_dispute_is_told_with_its_deadline() -> None:
    agreement = in_force()
    benoit = Membership.objects.get(user__username="benoit").user
    due = timezone.localdate() + timedelta(days=10)
    with told() as sent:
        do(benoit, agreement, "dispute", mechanism="Rencontre", step="Rencontre des directions", deadline=due)
    assert sent == {(MailKind.DISPUTE, BRIGITTE)}
    said = OutgoingMail.objects.get(kind=MailKind.DISPUTE)
    assert "Rencontre des directions" in said.text
    assert "restent utilisables" in said.text


def test_a_lapse_is_told_when_it_happens_not_years_after() -> None:
    agreement = in_force()
    today = timezone.localdate()
    Agreement.all_objects.filter(pk=agreement.pk).update(ends_on=today - timedelta(days=1), renewal="aucun")
    agreement.refresh_from_db()
    with told() as sent:
        life.record(
            agreement, EventKind.TRANSITION, life.SYSTEM, transition="lapse", by_system=True, effective_on=today
        )
    assert sent == {(MailKind.LAPSED, BRIGITTE)}
    with told() as sent:
        life.record(
            agreement, EventKind.TRANSITION, life.SYSTEM, transition="lapse", by_system=True,
            effective_on=today - timedelta(days=400),
        )  # fmt: skip
    assert sent == set()


def test_the_person_responsible_is_told_alone_when_an_account_bears_the_name() -> None:
    agreement = in_force(responsible="brigitte TREMBLAY")
    person("carole", Role.COORDINATOR)
    with told() as sent:
        life.record(agreement, EventKind.SIGNATURE, Actor(name="Luc Roy"))
    assert sent == {(MailKind.SIGNATURE, BRIGITTE)}
    Agreement.all_objects.update(responsible="Quelqu’un d’autre")
    agreement.refresh_from_db()
    with told() as sent:
        life.record(agreement, EventKind.SIGNATURE, Actor(name="Luc Roy"))
    assert sent == {(MailKind.SIGNATURE, BRIGITTE), (MailKind.SIGNATURE, "carole@exemple.qc.ca")}


def test_a_request_for_a_new_link_reaches_the_centre() -> None:
    agreement = in_force()
    with told() as sent:
        life.record(agreement, EventKind.LINK_ASKED, Actor(name="Luc Roy"))
    assert sent == {(MailKind.LINK_ASKED, BRIGITTE)}


def test_an_amendment_is_told_by_its_own_name_up_to_its_merge() -> None:
    agreement = following.running()
    partner = agreement.parties.get(role=PartyRole.PARTNER).organization
    brigitte, gilles = person("brigitte", Role.COORDINATOR), person("gilles", Role.MANAGER)
    person("benoit", Role.PARTNER, partner)
    with told() as sent:
        amendment = following.extension(by(brigitte), agreement)
    assert sent == set()
    with told() as sent:
        following.negotiate(amendment, by(brigitte), by(gilles))
    assert sent == {(MailKind.TO_REVIEW, GILLES), (MailKind.APPROVED, BRIGITTE), (MailKind.YOUR_TURN, BENOIT)}
    said = OutgoingMail.objects.get(kind=MailKind.YOUR_TURN)
    assert said.subject == f"À votre tour\u00a0: avenant 1, entente {agreement.number}"
    following.accept_by_all(amendment)
    with told() as sent:
        following.sign_by_all(amendment, by(brigitte))
    assert {(MailKind.AMENDMENT, BENOIT), (MailKind.AMENDMENT, BRIGITTE), (MailKind.SIGNED, BENOIT)} <= sent
    assert "fait partie du texte" in OutgoingMail.objects.get(kind=MailKind.AMENDMENT, recipient=BENOIT).text
