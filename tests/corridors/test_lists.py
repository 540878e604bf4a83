"""The lists of ententes and of contributions, and the first page: what they show, count, filter, sort and export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.template import engines
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from corridors import overview
from corridors.contributions import contributions, late
from corridors.enums import AgreementFlag, AgreementStatus
from corridors.models import Agreement, Obligation, ServiceCorridor, Signatory
from registry import actions
from registry.enums import Role
from tests.factories import records

from .building import declared, do, draft, person
from .following import TODAY, many, organizations

pytestmark = pytest.mark.django_db
LIST = "/admin/snippets/corridors/agreement/"
OBLIGATIONS = "/admin/snippets/corridors/obligation/"
HOME = "/admin/"
PLANNER = "/admin/ententes/planificateur/"
BOARD = "/admin/ententes/contributions/"


@pytest.fixture(autouse=True)
def _wagtails_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wagtail's own templates lean on undefined variables."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")


@pytest.fixture(autouse=True)
def _day() -> Iterator[None]:
    with time_machine.travel("2026-11-21 10:00-05:00", tick=False):
        yield


@pytest.fixture
def client() -> Client:
    return signed_in(Role.COORDINATOR)


def signed_in(role: Role, name: str = "brigitte") -> Client:
    client = Client()
    client.force_login(person(name, role))
    return client


def found(response: Any) -> list[str]:
    """The numbers of the ententes on the page, in order."""
    assert response.status_code == 200
    return [row.number for row in response.context["object_list"]]


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


class TestTheList:
    def test_the_status_is_computed_and_the_flags_are_beside_it(self, client: Client) -> None:
        declared(ends_on=TODAY + timedelta(days=20), starts_on=date(2020, 1, 1), notice_days=60)
        page = text_of(client.get(LIST))
        for words in ("En vigueur", "À renouveler", "Préavis ouvert", "Signature manquante", "dans 20 jours"):
            assert words in page.replace("\u00a0", " ")
        assert "Maison La Vigie" in page

    def test_a_negotiation_says_whom_it_waits_for(self, client: Client) -> None:
        agreement = draft()
        do(person("carole", Role.COORDINATOR), agreement, "submit")
        assert "attend le centre depuis aujourd’hui" in text_of(client.get(LIST))

    @pytest.mark.parametrize("status", [*overview.GROUPS, *AgreementStatus.values])
    def test_a_status_filter_keeps_exactly_its_own(self, client: Client, status: str) -> None:
        many(90)
        wanted = overview.with_status(status)
        expected = sorted((row.number for row in overview.standings(TODAY) if wanted(row)), reverse=True)
        page = client.get(LIST, {"statut": status})
        assert found(page) == expected[:50]
        assert page.context["paginator"].count == len(expected)

    @pytest.mark.parametrize("flag", AgreementFlag.values)
    def test_a_flag_filter(self, client: Client, flag: str) -> None:
        many(60)
        expected = {row.number for row in overview.standings(TODAY) if flag in row.state.flags}
        assert set(found(client.get(LIST, {"drapeau": flag}))) == expected

    def test_by_partner_type_a_school_is_any_school(self, client: Client) -> None:
        for place, kind in enumerate(["ecole_primaire", "formation_adultes", "corps_policier"]):
            centre, partner = organizations()
            partner.partner_type = kind
            actions.edit(None, partner)
            many(1, first=place, parties=(centre, partner))
        assert len(found(client.get(LIST, {"type_partenaire": "ecole"}))) == 2
        assert len(found(client.get(LIST, {"type_partenaire": "corps_policier"}))) == 1
        # The centre's own type is not a partner's.
        centre.partner_type = "gmf"
        actions.edit(None, centre)
        assert found(client.get(LIST, {"type_partenaire": "gmf"})) == []

    def test_by_responsible_programme_and_territory(self, client: Client) -> None:
        first = draft(responsible="Lucie Ouellet", programs=["sante_mentale"])
        territory = first.territories.first()
        many(5)
        assert found(client.get(LIST, {"responsable": "Lucie Ouellet"})) == [first.number]
        assert found(client.get(LIST, {"programs": "sante_mentale"})) == [first.number]
        assert found(client.get(LIST, {"territoire": territory.pk})) == [first.number]
        assert len(found(client.get(LIST, {"responsable": "Personne 2"}))) == 1

    def test_sorted_by_the_term_that_runs(self, client: Client) -> None:
        """Not by the date that is written: an old one renews itself every year."""
        rows = many(120)
        ends = {row.number: row.term_end for row in overview.standings(TODAY)}
        numbers = found(client.get(LIST, {"ordering": "terme"})) + found(
            client.get(LIST, {"ordering": "terme", "p": 2})
        )
        numbers += found(client.get(LIST, {"ordering": "terme", "p": 3}))
        assert len(numbers) == len(rows) == len(set(numbers))
        dated = [ends[number] for number in numbers if ends[number]]
        assert dated == sorted(dated)
        assert all(ends[number] is None for number in numbers[len(dated) :])
        last = found(client.get(LIST, {"ordering": "-terme"}))
        assert [ends[number] for number in last] == sorted(dated, reverse=True)[:50]

    def test_the_export_has_the_filtered_rows_and_no_formula(self, client: Client) -> None:
        agreement = declared(ends_on=TODAY + timedelta(days=20), starts_on=date(2020, 1, 1), notice_days=60)
        Agreement.all_objects.update(title="=HYPERLINK(1)", responsible="+cmd|' /C calc'!A0")
        draft("ENT-2026-102", parties=_same(agreement))
        answer = client.get(LIST, {"export": "xlsx", "statut": "en_vigueur"})
        sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
        assert sheet is not None
        heads, *rows = sheet.iter_rows(values_only=True)
        (row,) = (dict(zip(heads, values, strict=True)) for values in rows)
        assert (row["Numéro"], row["Statut"]) == (agreement.number, "En vigueur")
        assert row["Drapeaux"] == "À renouveler ; Préavis ouvert ; Signature manquante"
        assert row["Fin du terme"] == TODAY + timedelta(days=20)
        assert row["Titre"] == "'=HYPERLINK(1)" and row["Responsable"].startswith("'+")

    @pytest.mark.parametrize(
        "address",
        [
            LIST, f"{LIST}?statut=en_vigueur&drapeau=a_renouveler&terme=90", f"{LIST}?ordering=terme",
            f"{LIST}?type_partenaire=organisme_communautaire&responsable=Personne+1", f"{LIST}?export=xlsx",
            OBLIGATIONS, f"{OBLIGATIONS}?quand=en_retard", f"{OBLIGATIONS}?export=xlsx", HOME, PLANNER,
            f"{PLANNER}?depuis=2027-11", BOARD,
        ],
    )  # fmt: skip
    def test_as_many_queries_at_five_hundred_as_at_fifty(self, client: Client, address: str) -> None:
        parties = organizations()
        many(90, parties=parties)
        few = queries(client, address)
        many(410, first=90, parties=parties)
        assert queries(client, address) == few


def _same(agreement: Agreement) -> Any:
    return tuple(party.organization for party in agreement.parties.order_by("sort_order"))


def queries(client: Client, address: str) -> int:
    client.get(address)  # what is remembered for the process is read once
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(address)
        if answer.streaming:
            b"".join(answer.streaming_content)
    assert answer.status_code == 200
    if not answer.streaming and "object_list" in answer.context:
        assert answer.context["object_list"], "an empty list asks less"
    return len(caught)


class TestTheFirstPage:
    @pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MANAGER])
    def test_each_number_leads_to_the_list_of_exactly_these(self, role: Role) -> None:
        many(180)
        client = signed_in(role)
        tiles = re.findall(r'class="suivi-tile[^"]*" href="([^"]+)"><b>(\d+)</b>', client.get(HOME).content.decode())
        assert len(tiles) == 5 and all(int(count) for _, count in tiles)
        for url, count in tiles:
            page = client.get(url.replace("&amp;", "&"))
            assert page.context["paginator"].count == int(count), url

    def test_what_is_to_be_approved_waits_for_whoever_approves(self) -> None:
        agreement = draft()
        do(person("carole", Role.COORDINATOR), agreement, "submit")
        assert "À faire : approuver" in words(signed_in(Role.MANAGER, "gaston").get(HOME))
        assert "approuver" not in words(signed_in(Role.COORDINATOR).get(HOME))

    def test_the_signatures_that_are_expected(self, client: Client) -> None:
        agreement = declared()
        party = agreement.parties.last()
        Signatory.objects.create(agreement=agreement, organization=party.organization, name="Omar Diallo")
        agreement.events.create(
            number=1, kind="transition", to_status="en_signature", effective_on=TODAY - timedelta(days=3),
            recorded_at="2026-11-18T12:00:00Z",
        )  # fmt: skip
        page = words(client.get(HOME))
        assert "attend Omar Diallo" in page and "3 jours" in page

    def test_nothing_waits(self, client: Client) -> None:
        page = words(client.get(HOME))
        assert "Aucune entente n’attend le centre." in page and "Aucune contribution n’est en retard." in page

    def test_late_contributions_are_those_of_the_board(self, client: Client) -> None:
        many(60)
        expected = len(late(contributions(TODAY)))
        url = urlsplit(re.search(r'href="([^"]*quand=en_retard)"', client.get(HOME).content.decode())[1])  # type: ignore[index]
        assert parse_qs(url.query) == {"quand": ["en_retard"]}
        assert client.get(OBLIGATIONS, {"quand": "en_retard"}).context["paginator"].count == expected > 0


def words(response: Any) -> str:
    return text_of(response).replace("\u00a0", " ").replace("&nbsp;", " ").replace("&#x27;", "'")


class TestContributionsList:
    def test_the_date_that_is_due_not_the_one_that_is_written(self, client: Client) -> None:
        agreement = declared(starts_on=date(2020, 1, 1))
        partner = agreement.parties.last().organization
        duty = actions.create(
            None, Obligation(agreement=agreement, party=partner, text="Rendre compte", due_on=date(2026, 11, 1),
                             recurrence="mensuelle"),
        )  # fmt: skip
        assert "En retard" in text_of(client.get(OBLIGATIONS, {"quand": "en_retard"}))
        client.post(reverse("corridors_declare", args=[duty.pk]), {"preuve": "Compte rendu du 3 novembre"})
        page = text_of(client.get(OBLIGATIONS))
        assert "2026-12-01" in page and "2026-11-01" not in page
        assert client.get(OBLIGATIONS, {"quand": "en_retard"}).context["paginator"].count == 0


class TestRights:
    @pytest.mark.parametrize("address", [PLANNER, BOARD])
    def test_only_those_who_enter_the_coordination(self, address: str) -> None:
        for role in (Role.COORDINATOR, Role.MANAGER, Role.ADMINISTRATOR):
            assert signed_in(role, f"compte-{role}").get(address).status_code == 200
        assert signed_in(Role.INTERVENANT, "ines").get(address).status_code in (302, 403)
        partner = Client()
        partner.force_login(person("benoit", Role.PARTNER, organizations()[1]))
        assert partner.get(address).status_code in (302, 403)
        assert Client().get(address).status_code == 302

    def test_the_menu_leads_there(self, client: Client) -> None:
        page = client.get(HOME).content.decode()
        assert PLANNER in page and BOARD in page


class TestCorridorsList:
    ADDRESS = "/admin/snippets/corridors/servicecorridor/"

    def test_a_corridor_says_where_its_entente_stands_today(self, client: Client) -> None:
        agreement = declared(starts_on=date(2020, 1, 1), ends_on=TODAY - timedelta(days=1), renewal="aucun")
        centre = agreement.parties.get(role="centre").organization
        start, end = records.service(centre, "Accueil"), records.service(centre, "Crise")
        actions.create(
            None, ServiceCorridor(code="COR001", agreement=agreement, from_service=start, to_service=end)
        )  # fmt: skip
        page = client.get(self.ADDRESS)
        assert "Échue" in text_of(page) and "En vigueur" not in text_of(page).split("Statut de l’entente")[-1]
        for status, count in {"echue": 1, "en_vigueur": 0, "en_cours": 0}.items():
            assert client.get(self.ADDRESS, {"entente": status}).context["paginator"].count == count
