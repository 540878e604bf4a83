"""A personal link: one person, one gesture, one text, once. Every stranger is refused, and it is written down."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from config.privacy import without_query
from corridors import links, negotiation, sending, signing
from corridors.enums import AgreementStatus as S
from corridors.enums import EventKind, LinkOutcome, LinkPurpose, PartyRole
from corridors.lifecycle import Refused
from corridors.models import (
    Acceptance,
    ActionLink,
    Agreement,
    AgreementEvent,
    AgreementParty,
    LinkAttempt,
    OutgoingMail,
    Signature,
)
from registry.enums import Role

from . import building
from .negotiating import Table, agreed, amended, in_negotiation

pytestmark = pytest.mark.django_db

NEGOTIATOR, EMAIL = "Benoît Nguyenta", "negociation@vigie.example.ca"


def to_accept(**values: Any) -> tuple[Table, str]:
    """A version that waits for the partner, and the token of its link."""
    table = in_negotiation(**values)
    _version, token = issued(table, LinkPurpose.ACCEPT)
    return table, token


def issued(table: Table, purpose: LinkPurpose, signatory: Any = None) -> tuple[ActionLink, str]:
    return sending.issue(
        building.by(table.coordinator), table.version, purpose, organization_id=table.partner.pk,
        name=signatory.name if signatory else NEGOTIATOR, email=signatory.email if signatory else EMAIL,
        signatory=signatory,
    )  # fmt: skip


def to_sign() -> tuple[Table, Any, str]:
    table = agreed()
    people = [
        signing.name_signatory(building.by(table.coordinator), table.agreement, person)
        for person in (
            signing.Person(table.partner, "Marc Côté", email="marc@vigie.example.ca"),
            signing.Person(table.centre, "Denise Roy", email="denise@rive.example.ca", order=2),
        )
    ]
    building.do(table.coordinator, table.agreement, "open_signing")
    return table, people, token_in_mail("marc@vigie.example.ca")


def token_in_mail(recipient: str) -> str:
    text = OutgoingMail.objects.filter(recipient=recipient).latest("pk").text
    found = re.search(r"/ententes/lien/([^/\s]+)/", text)
    assert found, text
    return found[1]


def address(token: str) -> str:
    return reverse("corridors_link", args=[token])


def confirm(client: Client, token: str, name: str = NEGOTIATOR, **values: str) -> Any:
    return client.post(address(token), {"action": "confirmer", "consent": "oui", "name": name, **values})


def outcomes() -> list[str]:
    return list(LinkAttempt.objects.order_by("pk").values_list("outcome", flat=True))


def refusals() -> list[str]:
    return [line.data["outcome"] for line in AgreementEvent.objects.filter(kind=EventKind.LINK_REFUSED)]


# --- The way it goes -------------------------------------------------------------------------------------------------


def test_a_negotiator_accepts_by_the_link(client: Client) -> None:
    table, token = to_accept()
    page = client.get(address(token))
    assert page.status_code == 200
    text = page.content.decode()
    assert NEGOTIATOR in text and "Maison La Vigie" in text and table.version.content_hash in text
    done = confirm(client, token, "benoit nguyenta")
    assert done.status_code == 200 and "Vous avez accepté" in done.content.decode()
    assert "quand auront aussi accepté" in done.content.decode() and "CIUSSS de la Rive" in done.content.decode()
    mark = Acceptance.objects.get()
    assert (mark.name, mark.organization, mark.address) == (NEGOTIATOR, table.partner, "127.0.0.1")
    assert table.dossier.turn == PartyRole.CENTRE
    assert outcomes() == [LinkOutcome.SHOWN, LinkOutcome.DONE]
    assert ActionLink.objects.get().used_at is not None
    receipt = OutgoingMail.objects.filter(kind="recu").get()
    assert receipt.recipient == EMAIL


def test_signatories_get_their_links_when_their_rank_comes(client: Client) -> None:
    table, _people, token = to_sign()
    assert not OutgoingMail.objects.filter(recipient="denise@rive.example.ca", kind="lien_signer").exists()
    assert "Signer" in client.get(address(token)).content.decode()
    assert "Denise Roy" in confirm(client, token, "Marc Côté").content.decode()
    done = confirm(client, token_in_mail("denise@rive.example.ca"), "Denise Roy")
    assert "l’entente est signée" in done.content.decode()
    assert table.status == S.SIGNED
    assert set(Signature.objects.values_list("content_hash", flat=True)) == {table.version.content_hash}


def test_a_partner_without_an_account_gets_the_link_with_the_version() -> None:
    table = in_negotiation()
    assert not ActionLink.objects.exists()  # nobody to write to
    AgreementParty.objects.filter(organization=table.partner).update(negotiator_email=EMAIL)
    table.edit(notice_days=90)
    negotiation.propose_version(building.by(table.coordinator), table.agreement)
    assert ActionLink.objects.get().version == table.version
    kinds = list(OutgoingMail.objects.filter(recipient=EMAIL).values_list("kind", flat=True))
    assert kinds == ["lien_accepter"]  # one message, not two


def test_a_negotiator_with_an_account_is_told_of_their_page() -> None:
    table = in_negotiation()
    AgreementParty.objects.filter(organization=table.partner).update(negotiator_email=table.negotiator.email)
    table.edit(notice_days=90)
    negotiation.propose_version(building.by(table.coordinator), table.agreement)
    assert not ActionLink.objects.exists()


def test_a_change_is_asked_for_by_the_link(client: Client) -> None:
    table, token = to_accept()
    answer = client.post(address(token), {"action": "refuser", "name": NEGOTIATOR, "reason": "Deux heures, c’est peu."})
    assert answer.status_code == 200 and "transmise" in answer.content.decode()
    assert table.dossier.turn == PartyRole.CENTRE and not Acceptance.objects.exists()
    assert outcomes() == [LinkOutcome.REFUSED]
    assert confirm(client, token).status_code == 410


def test_a_signatory_refuses_by_the_link(client: Client) -> None:
    table, _people, token = to_sign()
    answer = client.post(address(token), {"action": "refuser", "name": "Marc Côté", "reason": "Délai intenable."})
    assert "Vous n’avez pas signé" in answer.content.decode()
    assert table.status == S.NEGOTIATION


def test_an_amendment_is_accepted_by_its_own_link(client: Client) -> None:
    table, amendment = amended()
    AgreementParty.objects.filter(organization=table.partner).update(negotiator_email=EMAIL)
    assert len(sending.send_to_negotiators(building.by(table.coordinator), table.agreement, amendment=amendment)) == 1
    token = token_in_mail(EMAIL)
    page = client.get(address(token)).content.decode()
    assert "Accepter le texte de l’avenant" in page and "Ce que l’avenant change" in page
    assert confirm(client, token).status_code == 200
    assert Acceptance.objects.get().version.amendment == amendment
    # An overtaken link of the amendment gives nothing either, and its new one goes out again.
    _link, late = sending.issue(
        building.by(table.coordinator), Acceptance.objects.get().version, LinkPurpose.ACCEPT,
        organization_id=table.partner.pk, name=NEGOTIATOR, email=EMAIL,
    )  # fmt: skip
    assert confirm(client, late).status_code == 410
    assert AgreementEvent.objects.filter(kind=EventKind.LINK_REFUSED, amendment=amendment).exists()


# --- Looking changes nothing -----------------------------------------------------------------------------------------


def test_opening_a_link_ten_times_changes_nothing(client: Client) -> None:
    table, token = to_accept()
    before = AgreementEvent.objects.count()
    for _time in range(15):
        assert client.get(address(token)).status_code == 200
        assert client.head(address(token)).status_code == 200
    assert AgreementEvent.objects.count() == before
    assert not Acceptance.objects.exists() and ActionLink.objects.get().used_at is None
    assert LinkAttempt.objects.count() == links.KEPT_PER_LINK
    assert confirm(client, token).status_code == 200 and table.dossier.acceptances


def test_without_the_box_or_the_name_nothing_is_done(client: Client) -> None:
    _table, token = to_accept()
    for values, words in (
        ({"name": NEGOTIATOR}, "Cochez la case"), ({"consent": "oui"}, "Écrivez votre nom"),
        ({"consent": "oui", "name": "  "}, "Écrivez votre nom"),
    ):  # fmt: skip
        answer = client.post(address(token), {"action": "confirmer", **values})
        assert answer.status_code == 400 and words in answer.content.decode()
    assert not Acceptance.objects.exists()
    assert confirm(client, token).status_code == 200


def test_pages_are_kept_by_nobody(client: Client) -> None:
    _table, token = to_accept()
    for page in (client.get(address(token)), client.get(address("faux")), confirm(client, token)):
        assert page["Referrer-Policy"] == "no-referrer"
        assert page["Cache-Control"] == "private, no-store"
        assert "noindex" in page["X-Robots-Tag"]


def test_a_browser_that_hides_where_it_comes_from_may_answer() -> None:
    _table, token = to_accept()
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(
        address(token), {"action": "confirmer", "consent": "oui", "name": NEGOTIATOR}, headers={"Origin": "null"}
    )
    assert answer.status_code == 200


def test_the_secret_is_neither_in_the_database_nor_in_a_log(client: Client, caplog: Any) -> None:
    _table, token = to_accept()
    secret = token.partition(".")[0]
    link = ActionLink.objects.get()
    assert secret not in str([getattr(link, field.name) for field in ActionLink._meta.concrete_fields])
    assert link.secret_digest == sending.digest(secret)
    for line in AgreementEvent.objects.all():
        assert secret not in str(line.data) + line.reason
    shown = without_query(f"Gone: {address(token)} at http://x.ca{address(token)}?a=1")
    assert secret not in shown and shown.count("/ententes/lien/…/") == 2


# --- Links that give nothing -----------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="/?#\\%", categories=["L", "N", "P"]),
               min_size=1, max_size=80))  # fmt: skip
def test_no_invented_token_opens_anything(token: str) -> None:
    assert links.find(token) is None


def test_an_invented_link_is_not_found_and_does_not_flood(client: Client) -> None:
    table, token = to_accept()
    forged = "x" * 20 + token[20:]
    before = AgreementEvent.objects.count()
    for _time in range(30):
        page = client.get(address(forged))
        assert page.status_code == 404 and "n’est pas valide" in page.content.decode()
        assert table.agreement.number not in page.content.decode()
    assert confirm(client, forged).status_code == 404
    assert outcomes() == [LinkOutcome.FORGED] * links.KEPT_FORGED_PER_ADDRESS
    assert AgreementEvent.objects.count() == before and not Acceptance.objects.exists()


def test_a_link_that_was_tampered_with_is_told_in_the_journal_once(client: Client) -> None:
    table, token = to_accept()
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    for _time in range(15):
        page = confirm(client, forged)
        assert page.status_code == 404 and table.agreement.number not in page.content.decode()
    assert refusals() == [LinkOutcome.FORGED] and not Acceptance.objects.exists()
    assert LinkAttempt.objects.count() == links.KEPT_PER_LINK
    assert client.post(address(forged), {"action": "redemander"}).status_code == 404
    assert confirm(client, token).status_code == 200


def test_an_answer_given_on_the_partners_page_ends_the_link(client: Client) -> None:
    table, token = to_accept()
    table.accept(PartyRole.PARTNER)
    page = confirm(client, token)
    assert page.status_code == 410 and "a déjà été donnée autrement" in page.content.decode()
    assert Acceptance.objects.count() == 1


def test_a_token_signed_by_another_installation_is_forged(client: Client, settings: Any) -> None:
    _table, token = to_accept()
    settings.SECRET_KEY = "another one"
    from django.core.signing import Signer

    other = Signer(salt="corridors.link", sep=".", key="another one").sign(token.partition(".")[0])
    assert confirm(client, other).status_code == 404


def test_an_expired_link(client: Client) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=15)):
        table, token = to_accept()
    page = client.get(address(token))
    assert page.status_code == 410 and "a expiré" in page.content.decode()
    assert confirm(client, token).status_code == 410
    assert not Acceptance.objects.exists() and refusals() == [LinkOutcome.EXPIRED]
    # A new one goes to the address on file, and to no other.
    AgreementParty.objects.filter(organization=table.partner).update(negotiator_email=EMAIL)
    asked = client.post(address(token), {"action": "redemander"})
    assert asked.status_code == 200 and "part à l’instant" in asked.content.decode()
    assert confirm(client, token_in_mail(EMAIL)).status_code == 200
    assert table.dossier.acceptances


def test_whoever_is_no_longer_the_negotiator_gets_no_new_link(client: Client) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=15)):
        table, token = to_accept()
    AgreementParty.objects.filter(organization=table.partner).update(negotiator_email="autre@vigie.example.ca")
    for _time in range(3):
        client.post(address(token), {"action": "redemander"})
    assert ActionLink.objects.count() == 1
    assert AgreementEvent.objects.filter(kind=EventKind.LINK_ASKED).count() == 1


def test_a_used_link_serves_no_more(client: Client) -> None:
    _table, token = to_accept()
    confirm(client, token)
    again = confirm(client, token)
    assert again.status_code == 410 and "a déjà servi" in again.content.decode()
    assert Acceptance.objects.count() == 1 and refusals() == [LinkOutcome.USED]


def test_a_link_to_an_older_version_shows_the_new_text_and_accepts_nothing(client: Client) -> None:
    table, token = to_accept()
    table.edit(notice_days=90, object="Répondre ensemble, jour et nuit.")
    moving = client.get(address(token))
    assert moving.status_code == 410 and "en cours de modification" in moving.content.decode()
    assert "jour et nuit" not in moving.content.decode()  # nobody has proposed it yet
    negotiation.propose_version(building.by(table.coordinator), table.agreement)
    page = client.get(address(token)).content.decode()
    assert "version 1 à version 2".replace(" ", "\u00a0") in page.replace(" ", "\u00a0")
    assert "jour et nuit" in page and "<ins>" in page
    assert confirm(client, token).status_code == 410
    assert not Acceptance.objects.exists() and refusals() == [LinkOutcome.OUTDATED]


def test_an_old_link_cannot_sign_new_terms(client: Client) -> None:
    table, _people, token = to_sign()
    table.edit(notice_days=90)
    negotiation.propose_version(building.by(table.coordinator), table.agreement)
    table.accept(PartyRole.PARTNER)
    table.accept(PartyRole.CENTRE)
    building.do(table.coordinator, table.agreement, "open_signing")
    answer = confirm(client, token, "Marc Côté")
    assert answer.status_code == 410 and "Le texte a changé" in answer.content.decode()
    assert not Signature.objects.exists()


def test_a_withdrawn_link_shows_nothing_even_of_a_later_text(client: Client) -> None:
    table, token = to_accept()
    sending.revoke(building.by(table.coordinator), ActionLink.objects.get())
    with pytest.raises(Refused):
        sending.revoke(building.by(table.coordinator), ActionLink.objects.get())
    table.edit(object="Répondre ensemble, jour et nuit.")
    negotiation.propose_version(building.by(table.coordinator), table.agreement)
    page = client.get(address(token))
    assert page.status_code == 410
    assert table.agreement.number not in page.content.decode() and "jour et nuit" not in page.content.decode()
    assert client.post(address(token), {"action": "redemander"}).status_code == 410
    assert ActionLink.objects.count() == 1


def test_a_newer_link_replaces_the_older_one(client: Client) -> None:
    table, token = to_accept()
    _link, newer = issued(table, LinkPurpose.ACCEPT)
    assert confirm(client, token).status_code == 410
    assert confirm(client, newer).status_code == 200


def test_the_name_of_somebody_else_signs_nothing(client: Client) -> None:
    _table, _people, token = to_sign()
    answer = confirm(client, token, "Marie Côté")
    assert answer.status_code == 403 and "n’est pas celui de la personne" in answer.content.decode()
    assert not Signature.objects.exists() and refusals() == [LinkOutcome.SOMEBODY_ELSE]
    assert confirm(client, token, "Marc Côté").status_code == 200  # the person themselves still can


def test_an_account_opens_only_its_own_links(client: Client) -> None:
    table, token = to_accept()
    for user in (table.coordinator, table.negotiator, building.person("ines", Role.INTERVENANT)):
        client.force_login(user)
        page = client.get(address(token))
        assert page.status_code == 403 and "une autre personne" in page.content.decode()
        assert table.agreement.number not in page.content.decode()
        assert confirm(client, token).status_code == 403
    assert not Acceptance.objects.exists()
    told = AgreementEvent.objects.get(kind=EventKind.LINK_REFUSED)
    assert told.actor == table.coordinator and told.data["outcome"] == LinkOutcome.SOMEBODY_ELSE
    table.negotiator.email = EMAIL.upper()
    table.negotiator.save()
    client.force_login(table.negotiator)
    assert confirm(client, token).status_code == 200


def test_the_link_of_a_signatory_who_was_replaced(client: Client) -> None:
    table, people, token = to_sign()
    signing.replace_signatory(
        building.by(table.negotiator), people[0],
        signing.Person(table.partner, "Anne Dubé", email="anne@vigie.example.ca"),
    )  # fmt: skip
    assert confirm(client, token, "Marc Côté").status_code == 410
    assert confirm(client, token_in_mail("anne@vigie.example.ca"), "Anne Dubé").status_code == 200
    assert Signature.objects.get().name == "Anne Dubé"


def test_a_link_to_accept_does_not_sign_and_ends_with_the_entente(client: Client) -> None:
    table, token = to_accept()
    building.do(table.coordinator, table.agreement, "cancel", reason="Projet abandonné.")
    page = confirm(client, token)
    assert page.status_code == 410 and "ne sert plus" in page.content.decode()
    assert not Acceptance.objects.exists()


def test_what_the_lifecycle_refuses_leaves_the_link_as_it_was(client: Client) -> None:
    table, _people, _token = to_sign()
    second = table.agreement.signatories.get(name="Denise Roy")
    _link, token = sending.issue(
        building.by(table.coordinator), table.version, LinkPurpose.SIGN, organization_id=table.centre.pk,
        name=second.name, email=second.email, signatory=second,
    )  # fmt: skip
    answer = confirm(client, token, "Denise Roy")
    assert answer.status_code == 409 and "signent d’abord" in answer.content.decode()
    assert ActionLink.objects.get(signatory=second).used_at is None and not Signature.objects.exists()


# --- Sending ---------------------------------------------------------------------------------------------------------


def test_only_the_coordinator_sends_links() -> None:
    table = in_negotiation()
    from django.core.exceptions import PermissionDenied

    for user in (table.negotiator, table.manager, building.person("ines", Role.INTERVENANT)):
        with pytest.raises(PermissionDenied):
            sending.send_to_negotiators(building.by(user), table.agreement)
    assert not ActionLink.objects.exists()


def test_links_are_sent_for_the_text_that_stands() -> None:
    table = in_negotiation()
    AgreementParty.objects.filter(organization=table.partner).update(negotiator_email=EMAIL)
    table.edit(notice_days=90)
    with pytest.raises(Refused, match="proposez"):
        sending.send_to_negotiators(building.by(table.coordinator), table.agreement)
    with pytest.raises(Refused, match="pas en signature"):
        sending.send_to_signatories(building.by(table.coordinator), table.agreement)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "kept"),
    [(0, "203.0.113.9", "127.0.0.1"), (1, "203.0.113.9", "203.0.113.9"),
     (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
     (2, "203.0.113.9", "127.0.0.1"), (1, "pas une adresse", None)],
)  # fmt: skip
def test_the_network_address_is_believed_as_far_as_settings_say(
    client: Client, settings: Any, proxies: int, forwarded: str, kept: str | None
) -> None:
    settings.PASSERELLES_PROXIES = proxies
    _table, token = to_accept()
    client.post(
        address(token), {"action": "confirmer", "consent": "oui", "name": NEGOTIATOR},
        headers={"X-Forwarded-For": forwarded},
    )  # fmt: skip
    assert Acceptance.objects.get().address == kept
    assert Agreement.all_objects.count() == 1
