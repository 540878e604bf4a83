"""The partners' pages: their own ententes, whose turn it is, and every gesture that is theirs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from corridors import amendments, negotiation, signing
from corridors.enums import AgreementStatus as S
from corridors.enums import EventKind, PartyRole
from corridors.models import Acceptance, AgreementEvent, Clause, ClauseComment, Obligation, OutgoingMail, Signatory
from registry.enums import Role
from tests.factories import records

from . import building
from .negotiating import Table, agreed, amended, in_negotiation

pytestmark = pytest.mark.django_db

LIST = "/partenaire/ententes/"


def url(table: Table) -> str:
    return reverse("corridors_partner_agreement", args=[table.agreement.number])


def signed_in(table: Table) -> Client:
    client = Client()
    client.force_login(table.negotiator)
    return client


def post(client: Client, table: Table, action: str, **values: Any) -> Any:
    return client.post(url(table), {"action": action, **values})


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


# --- Who comes in ----------------------------------------------------------------------------------------------------


def test_strangers_find_nothing() -> None:
    table = in_negotiation()
    assert Client().get(url(table)).status_code == 302  # to the sign-in page
    assert Client().get(LIST).status_code == 302
    other = building.person("paul", Role.PARTNER, records.organization("École du Port"))
    for user in (other, building.person("ines", Role.INTERVENANT), table.coordinator, table.manager):
        client = Client()
        client.force_login(user)
        assert client.get(url(table)).status_code == 404
        assert post(client, table, "accepter", consent="oui", version=1).status_code == 404
        if user != other:
            assert client.get(LIST).status_code == 404
    stranger = Client()
    stranger.force_login(other)
    assert table.agreement.number not in shown(stranger, LIST)
    assert not Acceptance.objects.exists()


def test_nothing_is_shown_before_the_text_leaves_the_house() -> None:
    agreement = building.draft()
    partner = agreement.parties.get(role=PartyRole.PARTNER).organization
    user = building.person("benoit", Role.PARTNER, partner)
    client = Client()
    client.force_login(user)
    address = reverse("corridors_partner_agreement", args=[agreement.number])
    assert client.get(address).status_code == 404 and agreement.number not in shown(client, LIST)
    building.do(building.person("brigitte", Role.COORDINATOR), agreement, "submit")
    assert client.get(address).status_code == 404
    building.do(building.person("gilles", Role.MANAGER), agreement, "approve")
    assert client.get(address).status_code == 200 and agreement.number in shown(client, LIST)


def test_the_journal_and_the_work_in_progress_stay_inside() -> None:
    table = in_negotiation()
    table.edit(object="Nouveau texte encore à revoir.")
    page = shown(signed_in(table), url(table))
    assert "encore à revoir" not in page and "Le centre modifie le texte" in page
    assert "Accepter la version" not in page


def test_the_way_there_is_on_every_page_of_a_partners_and_on_nobody_elses() -> None:
    table = in_negotiation()
    client = signed_in(table)
    for name in ("orientation", "shortcuts"):  # a phone shows no menu: the account's page has the way too
        assert f'href="{LIST}"' in shown(client, reverse(name))
    inside = Client()
    inside.force_login(table.coordinator)
    assert LIST not in shown(inside, reverse("shortcuts"))


# --- Answering -------------------------------------------------------------------------------------------------------


def test_the_list_says_whose_turn_it_is_and_what_comes_next() -> None:
    table = in_negotiation()
    client = signed_in(table)
    assert "Une entente vous attend" in shown(client, LIST) and "Lire et répondre" in shown(client, LIST)
    assert post(client, table, "accepter", consent="oui", version=1).status_code == 302
    page = shown(client, LIST)
    assert "Vous avez accepté le texte. Au tour du centre" in page and "Rien ne vous attend" in page
    table.accept(PartyRole.CENTRE)
    assert "Nommer la personne qui signera pour vous" in shown(client, LIST)


def test_a_partner_accepts_the_version_that_was_read() -> None:
    table = in_negotiation()
    client = signed_in(table)
    refused = post(client, table, "accepter", version=1)
    assert refused.status_code == 400 and "Cochez la case" in refused.content.decode()
    table.edit(notice_days=90)
    negotiation.propose_version(building.by(table.coordinator), table.agreement)
    stale = post(client, table, "accepter", consent="oui", version=1)  # a page that stayed open
    assert stale.status_code == 409 and "version 2 l’a remplacée" in stale.content.decode().replace("\u00a0", " ")
    assert not Acceptance.objects.exists()
    done = client.post(url(table), {"action": "accepter", "consent": "oui", "version": 2}, follow=True)
    assert "Votre acceptation est enregistrée" in done.content.decode()
    mark = Acceptance.objects.get()
    assert (mark.organization, mark.user, mark.address) == (table.partner, table.negotiator, "127.0.0.1")


def test_versions_are_compared_in_words() -> None:
    table = in_negotiation()
    for days in (90, 120):
        table.edit(notice_days=days)
        negotiation.propose_version(building.by(table.coordinator), table.agreement)
    client = signed_in(table)
    page = shown(client, url(table))
    assert "90</del>" in page.replace("\u00a0", "") and "120</ins>" in page.replace("\u00a0", "")
    far = shown(client, url(table) + "?de=1&a=3")
    assert "60</del>" in far
    assert client.get(url(table) + "?de=x&a=99").status_code == 200


def test_a_change_is_asked_for_and_a_refusal_ends_it() -> None:
    table = in_negotiation()
    client = signed_in(table)
    assert post(client, table, "changement", reason="non").status_code == 409
    assert post(client, table, "changement", reason="Deux heures, c’est trop court.").status_code == 302
    assert table.dossier.turn == PartyRole.CENTRE
    assert post(client, table, "refuser", reason="Nous fermons en mars.").status_code == 302
    assert table.status == S.REFUSED
    assert "Refusée" in shown(client, LIST)


def test_clauses_are_commented_by_each_side() -> None:
    table = in_negotiation()
    clause = Clause.objects.create(agreement=table.agreement, title="Délais", text="Rappeler.", sort_order=0)
    negotiation.propose_version(building.by(table.coordinator), table.agreement)
    client = signed_in(table)
    post(client, table, "commenter", clause=str(clause.key), text="Le soir <b>aussi</b>?")
    page = shown(client, url(table))
    assert "Le soir &lt;b&gt;aussi&lt;/b&gt;?" in page
    written = ClauseComment.objects.get()
    assert post(client, table, "regler", commentaire=str(written.pk)).status_code == 302
    assert "Réglé par Benoit Tremblay" in shown(client, url(table))
    assert post(client, table, "commenter", clause="pas-une-clause", text="Où?").status_code == 409
    assert post(client, table, "regler", commentaire="99999999").status_code == 409
    assert post(client, table, "inconnu").status_code == 400


def test_a_comment_of_another_entente_is_out_of_reach() -> None:
    table = in_negotiation()
    other = building.draft("ENT-2026-102", parties=(table.centre, records.organization("Autre")))
    written = ClauseComment.objects.create(
        agreement=other, author_name="X", text="Privé", written_at="2026-01-01T00:00:00Z"
    )
    assert post(signed_in(table), table, "regler", commentaire=str(written.pk)).status_code == 409
    written.refresh_from_db()
    assert written.resolved_at is None


# --- Signatories -----------------------------------------------------------------------------------------------------


def test_a_partner_names_its_signatory_who_gets_the_link() -> None:
    table = agreed()
    client = signed_in(table)
    wrong = post(client, table, "nommer", name="Marc Côté", email="marc@")
    assert wrong.status_code == 400 and "nom@organisme.ca" in wrong.content.decode()
    assert 'value="Marc Côté"' in wrong.content.decode()  # what was written is kept
    assert post(client, table, "nommer", name="Marc Côté", email="marc@vigie.example.ca").status_code == 302
    person = Signatory.objects.get()
    assert (person.organization, person.order) == (table.partner, 1)
    signing.name_signatory(building.by(table.coordinator), table.agreement, signing.Person(table.centre, "Denise Roy"))
    building.do(table.coordinator, table.agreement, "open_signing")
    page = shown(client, url(table))
    assert "Lien envoyé le" in page and "Renvoyer le lien" in page
    assert post(client, table, "lien", signataire=str(person.pk)).status_code == 302
    assert OutgoingMail.objects.filter(kind="lien_signer", recipient="marc@vigie.example.ca").count() == 2
    assert AgreementEvent.objects.filter(kind=EventKind.LINK_ASKED).exists()
    other = Signatory.objects.get(name="Denise Roy")
    for action in ("lien", "retirer"):
        assert post(client, table, action, signataire=str(other.pk)).status_code == 409
    assert post(client, table, "retirer", signataire=str(person.pk)).status_code == 302
    person.refresh_from_db()
    assert person.removed_at is not None


# --- Amendments ------------------------------------------------------------------------------------------------------


def test_an_amendment_is_answered_on_a_page_of_its_own() -> None:
    table, amendment = amended()
    client = signed_in(table)
    address = reverse("corridors_partner_amendment", args=[table.agreement.number, amendment.number])
    assert "Préavis plus long" in shown(client, LIST) and "lire l’avenant et répondre" in shown(client, LIST)
    assert address in shown(client, url(table))
    page = shown(client, address)
    assert "Ce que l’avenant change" in page and "90</ins>" in page.replace("\u00a0", "")
    done = client.post(address, {"action": "accepter", "consent": "oui", "version": 1}, follow=True)
    assert "Votre acceptation est enregistrée" in done.content.decode()
    assert Acceptance.objects.get().version.amendment == amendment
    assert post(client, table, "accepter", consent="oui", version=1).status_code in (403, 409)  # not of the entente
    stranger = Client()
    stranger.force_login(building.person("paul", Role.PARTNER, records.organization("École du Port")))
    assert stranger.get(address).status_code == 404


def test_an_amendment_still_inside_the_house_is_not_shown() -> None:
    table, _amendment = amended()
    inside = amendments.open_amendment(building.by(table.coordinator), table.agreement, "portee", "Encore secret")
    client = signed_in(table)
    assert "Encore secret" not in shown(client, url(table)) + shown(client, LIST)
    address = reverse("corridors_partner_amendment", args=[table.agreement.number, inside.number])
    assert client.get(address).status_code == 404


# --- Afterwards ------------------------------------------------------------------------------------------------------


def test_an_entente_older_than_the_system_is_read_without_a_version() -> None:
    agreement = building.declared(starts_on=date(2020, 1, 1), ends_on=date(2090, 1, 1))
    partner = agreement.parties.get(role=PartyRole.PARTNER).organization
    client = Client()
    client.force_login(building.person("benoit", Role.PARTNER, partner))
    page = shown(client, reverse("corridors_partner_agreement", args=[agreement.number]))
    assert "En vigueur" in page and "Texte inscrit au répertoire" in page and "Répondre ensemble aux crises." in page
    assert "Étapes de l’entente" not in page  # it did not come that way
    assert "Rien à faire de votre côté" in shown(client, LIST)


def test_a_late_contribution_is_asked_for_first() -> None:
    agreement = building.declared(starts_on=date(2020, 1, 1), ends_on=date(2090, 1, 1))
    partner = agreement.parties.get(role=PartyRole.PARTNER).organization
    Obligation(agreement=agreement, party=partner, text="Fournir un local.", due_on=date(2021, 1, 1), live=True).save()
    client = Client()
    client.force_login(building.person("benoit", Role.PARTNER, partner))
    page = shown(client, LIST)
    assert "Votre contribution était attendue le 1er\u00a0janvier\u00a02021" in page
    assert "Fournir un local." in shown(client, reverse("corridors_partner_agreement", args=[agreement.number]))


def test_the_list_asks_the_database_the_same_whatever_its_length() -> None:
    table = in_negotiation()
    client = signed_in(table)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(LIST).status_code == 200
        return len(asked)

    few = cost()
    for number in range(4):
        building.declared(number=f"ENT-2020-{number}", parties=(table.centre, table.partner))
    assert cost() == few <= 12
