"""Reference data in memory: read once, read again when the log of changes moved, never shown beyond its visibility."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry import actions
from registry.enums import SynonymKind
from registry.models import NeedSynonym
from registry.policies import INTERVENANT, PUBLIC
from search import vocabulary
from search.models import OutboxEntry
from search.understanding import understand
from search.vocabulary import get_vocabulary, outbox_head, reset_vocabulary
from tests.factories import records as made
from tests.search.network import asked, question

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    reset_vocabulary()
    yield
    reset_vocabulary()


@pytest.fixture
def owner() -> Any:
    return made.organization("Maison Tournesol", acronym="MTN")


def names(text: str, scope: Any = INTERVENANT) -> tuple[str, ...]:
    return understand(question(text), get_vocabulary(), scope).names


def test_it_is_read_once_and_costs_no_query_while_nothing_changes(owner: Any) -> None:
    made.service(owner, "Accueil")
    head = outbox_head()
    get_vocabulary(head)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for _ in range(3):
            understand(question("tournesol répit"), get_vocabulary(head), INTERVENANT)
    assert len(queries) == 0


def test_a_new_name_is_known_at_once(owner: Any) -> None:
    made.service(owner, "Accueil")
    assert names("girouette") == ()
    other = made.organization("La Girouette bleue")
    made.service(other, "Accueil")
    assert names("girouette") == ("la girouette bleue",)


def test_reading_a_change_takes_a_few_queries_whatever_the_network(owner: Any) -> None:
    made.service(owner, "Accueil")
    get_vocabulary()
    service = made.service(owner, "Boomerang")
    head = outbox_head()
    with CaptureQueriesContext(connection) as queries:
        get_vocabulary(head)
    assert len(queries) <= 8
    assert service.code in {name.code for name in get_vocabulary(head).names.names}


def test_an_organization_is_known_to_those_who_may_see_one_of_its_services(owner: Any) -> None:
    made.service(owner, "Repli", visibility="interne")
    assert names("tournesol", PUBLIC) == ()
    assert names("tournesol") == ("maison tournesol",)
    made.service(owner, "Accueil", visibility="publique")
    assert names("tournesol", PUBLIC) == ("maison tournesol",)


def test_an_unpublished_listing_is_forgotten(owner: Any) -> None:
    service = made.service(owner, "Accueil")
    assert names("tournesol", PUBLIC) == ("maison tournesol",)
    actions.unpublish(None, service)
    assert names("tournesol", PUBLIC) == ()


@pytest.mark.parametrize("kind", list(SynonymKind))
def test_a_synonym_of_any_kind_that_a_coordinator_adds_is_understood(kind: SynonymKind) -> None:
    need = made.need("Halte-répit nautique")
    assert asked(understand(question("zouk"), get_vocabulary(), INTERVENANT)) == []
    need.synonyms.add(NeedSynonym(text="zouk", kind=kind))
    actions.edit(None, need)
    assert asked(understand(question("zouk"), get_vocabulary(), INTERVENANT)) == ["Halte-répit nautique"]


class _Later:
    """A thread that works when the test says so."""

    def __init__(self, target: Callable[..., None], args: tuple[Any, ...], **kwargs: Any) -> None:
        self.work = partial(target, *args)

    def start(self) -> None:
        later.append(self)


later: list[_Later] = []


@pytest.fixture
def _beside(monkeypatch: pytest.MonkeyPatch) -> None:
    later.clear()
    monkeypatch.setattr(vocabulary.threading, "Thread", _Later)
    # The thread closes its own connection; here it is the test's.
    monkeypatch.setattr(vocabulary, "connection", SimpleNamespace(close=lambda: None))


@pytest.mark.usefixtures("_beside")
class TestNobodyWaits:
    """After an import, or in a large network, the snapshot before answers while a newer one is put together."""

    @pytest.mark.parametrize(("limit", "value"), [("LARGE", 1), ("READ_WHOLE", 0)])
    def test_the_one_before_answers_meanwhile(
        self, owner: Any, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
    ) -> None:
        made.service(owner, "Accueil")
        get_vocabulary()
        monkeypatch.setattr(vocabulary, limit, value)
        other = made.organization("La Girouette bleue")
        made.service(other, "Accueil")
        assert names("girouette") == ()
        assert names("tournesol") == ("maison tournesol",)
        assert len(later) == 1  # one thread, however many ask
        later[0].work()
        assert names("girouette") == ("la girouette bleue",)
        assert len(later) == 1

    def test_the_first_question_of_all_waits(self, owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(vocabulary, "LARGE", 0)
        made.service(owner, "Accueil")
        assert names("tournesol") == ("maison tournesol",)
        assert later == []

    def test_a_failure_is_tried_again(
        self, owner: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        made.service(owner, "Accueil")
        get_vocabulary()
        monkeypatch.setattr(vocabulary, "LARGE", 0)
        made.service(made.organization("La Girouette bleue"), "Accueil")
        names("girouette")
        with monkeypatch.context() as broken:
            broken.setattr(vocabulary, "assemble", None)
            later[0].work()
        assert "not read again" in caplog.text
        assert names("girouette") == ()
        later[1].work()
        assert names("girouette") == ("la girouette bleue",)

    def test_a_question_that_began_before_takes_the_newer_one(self, owner: Any) -> None:
        made.service(owner, "Accueil")
        before = outbox_head()
        made.service(owner, "Boomerang")
        newest = get_vocabulary()
        assert get_vocabulary(before) is newest

    def test_a_database_put_back_from_a_copy_is_read_again(self, owner: Any) -> None:
        made.service(owner, "Accueil")
        get_vocabulary()
        head = outbox_head()
        OutboxEntry.objects.filter(seq__gte=head).delete()
        assert get_vocabulary().version == outbox_head() < head


def test_the_lines_that_always_answer(owner: Any) -> None:
    quebec = made.territory("QC", "Ensemble du Québec", kind="province")
    region = made.territory("R03", "Capitale-Nationale", quebec, "region")
    other = made.territory("R05", "Estrie", quebec, "region")
    crisis, listening = made.need("Crise"), made.need("Écoute")
    phone = {"access_modes": ["telephone"], "hours": "24/7", "phone": "418-555-0100"}
    made.service(owner, "Crise Capitale", needs=(crisis,), territories=[region], **phone)
    made.service(owner, "Crise Estrie", needs=(crisis,), territories=[other], **phone)
    made.service(owner, "Écoute partout", needs=(listening, crisis), territories=[quebec], **phone)
    made.service(owner, "Ligne du personnel", needs=(crisis,), territories=[quebec], visibility="interne", **phone)
    made.service(owner, "De jour", needs=(crisis,), territories=[region], **{**phone, "hours": "Lun-Ven 9h-17h"})
    vocabulary = get_vocabulary()
    found = [line.name for line in vocabulary.lines_for(PUBLIC, ("Crise",), "R03")]
    assert found == ["Crise Capitale", "Écoute partout"]
    assert "Ligne du personnel" in [line.name for line in vocabulary.lines_for(INTERVENANT, ("Crise",), "R03")]
