"""The private calendar: what it holds, for whom, and how its address is kept."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from config.privacy import WithoutQueryStrings
from corridors import calendar_feed
from corridors.enums import DeclaredStatus, DisputeStatus, PartyRole
from corridors.models import Agreement, CalendarFeed, Dispute, DisputeStep, Obligation
from registry import actions
from registry.enums import Role
from registry.models import User
from tests.corridors.building import declared, draft, house, person

pytestmark = pytest.mark.django_db

TODAY = "2026-11-23 12:00:00+00:00"
END = date(2027, 1, 4)


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


def running(number: str = "ENT-2020-001", **values: Any) -> Agreement:
    return declared(number=number, **{"starts_on": date(2020, 1, 1), "ends_on": END, "signed_on": date(2019, 12, 1),
                                      "responsible": "Anne Roy", **values})  # fmt: skip


def read(client: Client, user: User) -> dict[str, Any]:
    """What the address of this account gives: identifier (without the host) → event."""
    answer = client.get(reverse("corridors_calendar", args=[calendar_feed.feed_for(user).secret]))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    return {str(event["uid"]).partition("@")[0]: event for event in events}


def partner_of(agreement: Agreement) -> Any:
    return agreement.parties.get(role=PartyRole.PARTNER).organization


def test_the_dates_of_an_entente_are_whole_days_with_a_link(client: Client) -> None:
    agreement = running()
    found = read(client, person("brigitte", Role.COORDINATOR))
    assert {uid: event.decoded("dtstart") for uid, event in found.items()} == {
        f"terme-{agreement.pk}": END, f"preavis-{agreement.pk}": date(2026, 11, 5),
    }  # fmt: skip
    term = found[f"terme-{agreement.pk}"]
    assert term.decoded("dtend") == END + timedelta(days=1)
    assert str(term["summary"]) == "Fin du terme\u00a0: ENT-2020-001"
    assert f"/admin/snippets/corridors/agreement/{agreement.pk}/" in str(term["url"])


def test_what_must_be_signed_next_stands_ten_business_days_before(client: Client) -> None:
    agreement = running(renewal="expresse")
    found = read(client, person("brigitte", Role.COORDINATOR))
    assert found[f"signature-{agreement.pk}"].decoded("dtstart") == date(2026, 12, 18)


def test_contributions_and_steps_of_a_dispute_are_there_until_done(client: Client) -> None:
    agreement = running()
    partner = partner_of(agreement)
    for due, status in ((date(2026, 12, 17), ""), (date(2026, 12, 18), "respectee"), (date(2026, 1, 1), "")):
        actions.create(
            None, Obligation(agreement=agreement, party=partner, text=f"Rapport {due}", due_on=due, status=status)
        )
    dispute = Dispute(agreement=agreement, opened_by=partner, opened_on=date(2026, 11, 20), subject="Délais",
                      mechanism="Rencontre", status=DisputeStatus.OPEN)  # fmt: skip
    dispute.steps = [
        DisputeStep(text="Rencontre", due_on=date(2026, 11, 30)),
        DisputeStep(text="Lettre", due_on=date(2026, 11, 22), done_on=date(2026, 11, 22)),
    ]
    actions.create(None, dispute)
    found = read(client, person("brigitte", Role.COORDINATOR))
    said = {str(event["summary"]): event.decoded("dtstart") for event in found.values()}
    assert said["Contribution attendue\u00a0: ENT-2020-001"] == date(2026, 12, 17)
    assert said["Mésentente, étape\u00a0: ENT-2020-001"] == date(2026, 11, 30)
    assert len(found) == 4


def test_an_identifier_stays_when_its_date_moves(client: Client) -> None:
    agreement, brigitte = running(), person("brigitte", Role.COORDINATOR)
    before = read(client, brigitte)
    Agreement.all_objects.filter(pk=agreement.pk).update(ends_on=date(2027, 6, 30))
    after = read(client, brigitte)
    assert set(before) == set(after)
    assert after[f"terme-{agreement.pk}"].decoded("dtstart") == date(2027, 6, 30)


def test_drafts_and_ended_ententes_are_nobodys_dates(client: Client) -> None:
    parties = house()
    draft("ENT-1", parties=parties, starts_on=date(2020, 1, 1), ends_on=END)
    for number, status in (("ENT-2", DeclaredStatus.TERMINATED), ("ENT-3", DeclaredStatus.LAPSED)):
        running(number, status=status.value, parties=parties)
    assert read(client, person("brigitte", Role.COORDINATOR)) == {}


def test_a_partner_reads_its_own_ententes_and_no_one_is_named(client: Client) -> None:
    centre, vigie = house()
    mine = running("ENT-1", parties=(centre, vigie))
    other = running("ENT-2", parties=(centre, house()[1]))
    benoit = person("benoit", Role.PARTNER, vigie)
    found = read(client, benoit)
    assert set(found) == {f"terme-{mine.pk}", f"preavis-{mine.pk}"}
    assert "/partenaire/ententes/ENT-1/" in str(found[f"terme-{mine.pk}"]["url"])
    text = calendar_feed.calendar_of(benoit).decode()
    assert other.number not in text
    for name in ("Anne Roy", "Brigitte", "Benoît", benoit.email):
        assert name not in text


def test_strangers_read_nothing(client: Client) -> None:
    running()
    for user in (person("irene", Role.INTERVENANT), User.objects.create_user("personne")):
        assert read(client, user) == {}
        client.force_login(user)
        assert client.get(reverse("corridors_calendar_page")).status_code == 404


def test_rights_are_looked_at_each_time(client: Client) -> None:
    agreement = running()
    benoit = person("benoit", Role.PARTNER, partner_of(agreement))
    assert read(client, benoit)
    benoit.memberships.all().delete()
    assert read(client, User.objects.get(pk=benoit.pk)) == {}
    User.objects.update(is_active=False)
    secret = CalendarFeed.objects.get().secret
    assert client.get(reverse("corridors_calendar", args=[secret])).status_code == 404


def test_a_renewed_address_closes_the_old_one(client: Client) -> None:
    running()
    brigitte = person("brigitte", Role.COORDINATOR)
    client.force_login(brigitte)
    page = reverse("corridors_calendar_page")
    shown = client.get(page)
    old = calendar_feed.feed_for(brigitte).secret
    assert f"/ententes/calendrier/{old}.ics" in shown.content.decode()
    assert calendar_feed.feed_for(brigitte).secret == old
    assert client.post(page).status_code == 302
    assert client.get(reverse("corridors_calendar", args=[old])).status_code == 404
    assert read(client, brigitte)


def test_a_wrong_secret_is_not_found_and_nothing_is_kept_by_anybody(client: Client) -> None:
    assert client.get(reverse("corridors_calendar", args=["faux"])).status_code == 404
    answer = client.get(reverse("corridors_calendar", args=[calendar_feed.feed_for(person("b", Role.MANAGER)).secret]))
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "no-referrer"


def test_the_page_asks_who_is_there(client: Client) -> None:
    answer = client.get(reverse("corridors_calendar_page"))
    assert answer.status_code == 302
    assert reverse("sign_in") in answer["Location"]


def test_the_secret_reaches_no_log() -> None:
    record = logging.LogRecord(
        "django.request", logging.WARNING, "", 0, "Not Found: %s", ("/ententes/calendrier/tres-secret.ics",), None
    )
    WithoutQueryStrings().filter(record)
    assert "tres-secret" not in record.getMessage()


@pytest.mark.parametrize("ententes", [1, 12])
def test_reading_it_costs_the_same_whatever_the_number(ententes: int, django_assert_max_num_queries: Any) -> None:
    parties = house()
    for number in range(ententes):
        running(f"ENT-{number}", parties=parties)
    brigitte = person("brigitte", Role.COORDINATOR)
    with django_assert_max_num_queries(9):
        calendar_feed.calendar_of(User.objects.get(pk=brigitte.pk))
