"""The board of contributions: what is late first, and declaring one met from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.template import engines
from django.test import Client
from django.urls import reverse

from corridors.admin.board import sections
from corridors.contributions import When, contributions
from corridors.models import Agreement, AgreementEvent, Obligation
from registry import actions
from registry.enums import Role
from registry.models import Membership

from .building import declared, person
from .following import TODAY, many

pytestmark = pytest.mark.django_db
BOARD = "/admin/ententes/contributions/"


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")
    with time_machine.travel("2026-11-21 10:00-05:00", tick=False):
        yield


@pytest.fixture
def agreement() -> Agreement:
    return declared(starts_on=date(2020, 1, 1))


def owes(agreement: Agreement, text: str, due_on: date | None, **values: Any) -> Obligation:
    party = values.pop("party", None) or agreement.parties.last().organization
    return actions.create(None, Obligation(agreement=agreement, party=party, text=text, due_on=due_on, **values))


def board(party: int | None = None) -> dict[str, list[str]]:
    made = sections(contributions(TODAY), TODAY, party)
    return {section.key: [row.text for row in section.rows] for section in made}


def test_each_is_in_its_place(agreement: Agreement) -> None:
    owes(agreement, "hier", TODAY - timedelta(days=1))
    owes(agreement, "l’an passé", date(2025, 3, 1))
    owes(agreement, "aujourd’hui", TODAY)
    owes(agreement, "à la fin du mois", date(2026, 11, 30))
    owes(agreement, "le mois prochain", date(2026, 12, 1))
    owes(agreement, "dans un an", date(2027, 11, 21))
    owes(agreement, "toujours", None, recurrence="continu")
    owes(agreement, "fait", date(2026, 1, 1), status="respectee")
    owes(agreement, "close", date(2026, 1, 1), status="close")
    assert board() == {
        When.LATE: ["l’an passé", "hier"],
        When.THIS_MONTH: ["aujourd’hui", "à la fin du mois"],
        When.LATER: ["le mois prochain", "dans un an"],
        When.UNDATED: ["toujours"],
        When.MET: ["fait"],
    }


def test_by_party(agreement: Agreement) -> None:
    centre = agreement.parties.first().organization
    owes(agreement, "du centre", date(2026, 1, 1), party=centre)
    owes(agreement, "du partenaire", date(2026, 1, 1))
    assert board(centre.pk)[When.LATE] == ["du centre"]
    client = signed_in(Role.COORDINATOR)
    page = client.get(BOARD, {"partie": centre.pk}).content.decode()
    assert "du centre" in page and "du partenaire" not in page
    assert client.get(BOARD, {"partie": "n’importe quoi"}).status_code == 200


def test_a_long_section_says_how_many_more(agreement: Agreement) -> None:
    many(400)
    (late,) = [section for section in sections(contributions(TODAY), TODAY) if section.key == When.LATE]
    assert len(late.rows) == 50 and late.more == late.count - 50 > 0
    page = signed_in(Role.COORDINATOR).get(BOARD).content.decode()
    assert f"{late.more} autres dans la liste" in page


def signed_in(role: Role, name: str = "brigitte") -> Client:
    client = Client()
    client.force_login(person(name, role))
    return client


class TestDeclaring:
    def declare(self, client: Client, duty: Obligation, evidence: str) -> Any:
        return client.post(reverse("corridors_declare", args=[duty.pk]), {"preuve": evidence}, follow=True)

    def test_from_the_board(self, agreement: Agreement) -> None:
        duty = owes(agreement, "Rendre compte", date(2026, 10, 1))
        page = self.declare(signed_in(Role.COORDINATOR), duty, "Rapport reçu le 28 septembre").content.decode()
        assert "est déclarée respectée" in page
        assert board()[When.LATE] == [] and board()[When.MET] == ["Rendre compte"]
        assert "Rapport reçu le 28 septembre" in page
        line = AgreementEvent.objects.get(kind="contribution")
        assert (line.actor_name, line.data["due_on"]) == ("Brigitte Tremblay", "2026-10-01")

    def test_without_evidence_the_page_says_what_is_missing(self, agreement: Agreement) -> None:
        duty = owes(agreement, "Rendre compte", date(2026, 10, 1))
        page = self.declare(signed_in(Role.COORDINATOR), duty, "  ").content.decode()
        assert "ce qui montre que c’est fait" in re.sub(r"&#x27;", "’", page)
        assert board()[When.LATE] == ["Rendre compte"]

    def test_not_by_a_coordinator_of_another_organization(self, agreement: Agreement) -> None:
        duty = owes(agreement, "Rendre compte", date(2026, 10, 1))
        stranger = person("sonia", Role.COORDINATOR, type(duty.party).objects.create(code="AUTRE", name="Autre centre"))
        assert Membership.objects.filter(user=stranger).count() == 1
        client = Client()
        client.force_login(stranger)
        self.declare(client, duty, "Rapport reçu le 28 septembre")
        assert board()[When.LATE] == ["Rendre compte"]
        assert not AgreementEvent.objects.filter(kind="contribution").exists()

    def test_not_by_a_look(self, agreement: Agreement) -> None:
        duty = owes(agreement, "Rendre compte", date(2026, 10, 1))
        assert signed_in(Role.COORDINATOR).get(reverse("corridors_declare", args=[duty.pk])).status_code == 405

    def test_a_field_of_another_site_cannot_declare(self, agreement: Agreement) -> None:
        duty = owes(agreement, "Rendre compte", date(2026, 10, 1))
        client = Client(enforce_csrf_checks=True)
        client.force_login(person("brigitte", Role.COORDINATOR))
        answer = client.post(reverse("corridors_declare", args=[duty.pk]), {"preuve": "Rapport reçu"})
        assert answer.status_code == 403 and board()[When.LATE] == ["Rendre compte"]
