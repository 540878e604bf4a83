"""Reference data in memory: read once, read again when the log of changes moved, never shown beyond its visibility."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry import actions
from registry.enums import SynonymKind
from registry.models import NeedSynonym
from registry.policies import INTERVENANT, PUBLIC
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
