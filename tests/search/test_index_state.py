"""Where each index stands: for who may see it in the admin, and for the watch over machines."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.template import engines
from django.test import Client
from django.utils import timezone

from registry.enums import Role
from registry.models import Service
from search import outbox
from search.engines import get_engine
from search.models import OutboxEntry, RegisteredIndex
from search.upkeep import state
from search.upkeep.monitoring import duration
from tests.factories import records as made
from tests.search.page_network import client_of

PAGE, METRICS = "/admin/etat-recherche/", "/mesures"


@pytest.fixture(autouse=True)
def _wagtails_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wagtail's own templates lean on undefined variables."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")


@pytest.fixture
def index(db: None) -> RegisteredIndex:
    call_command("rebuild_index")
    made.service(made.organization("Maison"), code="SRV1")
    outbox.drain()
    return outbox.indexes().get()


def the_state() -> state.IndexState:
    (found,) = state.states()
    return found


@pytest.mark.django_db
class TestWhereAnIndexStands:
    def test_up_to_date(self, index: RegisteredIndex) -> None:
        found = the_state()
        assert (found.status, found.unread, found.waiting) == ("ok", 0, timedelta())
        assert (found.documents, found.drift) == (0, 0)  # as the rebuild left it

    def test_late_by_the_age_of_the_oldest_change_unread(self, index: RegisteredIndex) -> None:
        outbox.append("test", [1])
        outbox.append("test", [2])
        assert (the_state().status, the_state().unread) == ("ok", 2)
        since = timezone.now() - timedelta(minutes=5)
        OutboxEntry.objects.filter(seq=index.mark + 1).update(created_at=since)
        assert the_state().status == "late"
        assert timedelta(minutes=5) <= the_state().waiting < timedelta(minutes=6)

    def test_silent_when_it_is_late_and_nobody_reads(self, index: RegisteredIndex) -> None:
        RegisteredIndex.objects.update(seen_at=timezone.now() - timedelta(hours=1))
        assert the_state().status == "ok"  # nothing to read
        outbox.append("test", [1])
        assert the_state().status == "silent"

    def test_failing_until_it_is_read_again(self, index: RegisteredIndex) -> None:
        outbox.note_failure(get_engine(), "Elasticsearch est hors d’atteinte.")
        first = the_state().failing_since
        outbox.note_failure(get_engine(), "Elasticsearch n’a pas répondu.")
        assert (the_state().status, the_state().failing_since) == ("failing", first)
        outbox.register(get_engine())
        assert (the_state().status, the_state().failure) == ("ok", "")

    def test_drift_is_what_the_last_comparison_found(self, index: RegisteredIndex) -> None:
        Service.all_objects.update(name="En cachette")
        with pytest.raises(CommandError, match="--repair"):
            call_command("check_index")
        assert (the_state().documents, the_state().drift) == (1, 1)
        call_command("check_index", repair=True)
        assert the_state().drift == 0

    def test_an_index_being_built_is_not_one_of_them(self, index: RegisteredIndex) -> None:
        with outbox.held(get_engine(), 0):
            assert len(state.states()) == 1


@pytest.mark.django_db
class TestWhoSees:
    @pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MANAGER, Role.ADMINISTRATOR])
    def test_those_who_look_after_the_directory(self, role: Role, index: RegisteredIndex) -> None:
        client = client_of(role)
        page = client.get(PAGE)
        assert page.status_code == 200
        content = page.content.decode()
        assert "À jour" in content
        assert "État de la recherche" in content.split("<h1")[1][:600]
        assert client.get(METRICS).status_code == 200

    @pytest.mark.parametrize("role", [Role.INTERVENANT, Role.PARTNER, None])
    def test_nobody_else(self, role: Role | None, index: RegisteredIndex) -> None:
        client = client_of(role, made.organization("B") if role == Role.PARTNER else None)
        assert client.get(PAGE).status_code in (302, 403)
        assert client.get(METRICS).status_code == 404

    def test_a_stranger_has_no_metrics_even_when_no_token_is_set(self, index: RegisteredIndex) -> None:
        assert Client().get(METRICS).status_code == 404
        assert Client(headers={"Authorization": "Bearer "}).get(METRICS).status_code == 404

    def test_a_token_opens_metrics_and_nothing_else(self, index: RegisteredIndex, settings: Any) -> None:
        settings.PASSERELLES_METRICS_TOKEN = "un-jeton-assez-long"
        client = Client(headers={"Authorization": "Bearer un-jeton-assez-long"})
        assert client.get(METRICS).status_code == 200
        assert client.get(PAGE).status_code == 302
        assert Client(headers={"Authorization": "Bearer un-jeton"}).get(METRICS).status_code == 404
        assert Client(headers={"Authorization": "Basic un-jeton-assez-long"}).get(METRICS).status_code == 404


@pytest.mark.django_db
def test_metrics_follow_the_text_format(index: RegisteredIndex) -> None:
    outbox.append("test", [1])
    lines = state.metrics().splitlines()
    sample = re.compile(r'[a-z_]+(\{index="[^"]+",engine="embedded"\})? -?\d+(\.\d+)?(e-?\d+)?')
    assert all(line.startswith("#") or sample.fullmatch(line) for line in lines), lines
    values = {line.split("{")[0].split(" ")[0]: line.rsplit(" ", 1)[1] for line in lines if line[0] != "#"}
    assert values["passerelles_index_unread_entries"] == "1"
    assert int(values["passerelles_log_head"]) == outbox.head() == int(values["passerelles_index_mark"]) + 1
    assert values["passerelles_index_drift"] == values["passerelles_index_failing"] == "0"


@pytest.mark.django_db
def test_the_page_says_what_is_wrong_in_words(index: RegisteredIndex) -> None:
    client = client_of(Role.ADMINISTRATOR)
    outbox.append("test", [1])
    outbox.note_failure(get_engine(), "Elasticsearch est hors d’atteinte.")
    content = client.get(PAGE).content.decode()
    assert "En panne" in content
    assert "Elasticsearch est hors d’atteinte. Un changement à lire, le plus ancien depuis 0 s." in content
    RegisteredIndex.objects.update(failure="", failing_since=None, seen_at=timezone.now() - timedelta(hours=3))
    assert "index_worker" in client.get(PAGE).content.decode()
    RegisteredIndex.objects.all().delete()
    assert "rebuild_index" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("seconds", "words"), [(12, "12 s"), (240, "4 min"), (3 * 3600, "3 h"), (2 * 86400, "2 jours")]
)
def test_durations_are_said_in_one_unit(seconds: int, words: str) -> None:
    assert duration(seconds) == words
