"""The worker follows the change log, waits longer and longer for what is away, and says in French what happens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from django.utils import timezone

from search import outbox
from search.engines import get_engine
from search.engines.base import EngineError, IndexReplaced
from search.engines.store import IndexBusy
from search.models import RegisteredIndex
from search.upkeep import worker
from search.upkeep.rebuilding import Stopped, rebuild
from search.upkeep.worker import Keeper
from tests.factories import records as made

pytestmark = pytest.mark.django_db


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def keeper(said: list[str]) -> Keeper:
    call_command("rebuild_index", verbosity=0)
    return Keeper(get_engine(), said.append, threading.Event())


@contextmanager
def trouble(keeper: Keeper, error: BaseException) -> Iterator[None]:
    """Whatever is written to this index fails."""

    def fail(*args: Any, **kwargs: Any) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(keeper.engine), "apply", fail)
        yield


def a_change() -> None:
    made.service(made.organization(), "Répit")


def test_a_round_reads_what_there_is(keeper: Keeper, said: list[str]) -> None:
    a_change()
    assert keeper.round() == worker.PAUSE
    assert keeper.engine.mark() == outbox.head()
    assert said == []


def test_an_idle_round_asks_the_log_and_nothing_else(keeper: Keeper, django_assert_num_queries: Any) -> None:
    a_change()
    keeper.round()
    with django_assert_num_queries(1):
        keeper.round()


def test_what_fails_is_tried_again_less_and_less_often(keeper: Keeper, said: list[str]) -> None:
    keeper.round()
    a_change()
    with trouble(keeper, EngineError("Elasticsearch est hors d’atteinte.")):
        waits = [keeper.round() for _ in range(8)]
    assert waits == [0.5, 1, 2, 4, 8, 15, 15, 15]
    assert said[1] == "Copie locale\u00a0: Elasticsearch est hors d’atteinte. Nouvel essai dans 1 s."
    index = RegisteredIndex.objects.get(name=keeper.engine.registered_name())
    assert (index.failure, bool(index.failing_since)) == ("Elasticsearch est hors d’atteinte.", True)
    assert keeper.round() == worker.PAUSE
    assert "de retour" in said[-1]
    assert keeper.engine.mark() == outbox.head()
    index.refresh_from_db()
    assert (index.failure, index.failing_since) == ("", None)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OperationalError("secret"), "la base de données ne répond pas"),
        (ValueError("secret"), "erreur imprévue (ValueError)"),
    ],
)
def test_whatever_happens_it_goes_on_and_quotes_nobody(
    keeper: Keeper, said: list[str], error: Exception, words: str
) -> None:
    a_change()
    with trouble(keeper, error):
        assert keeper.round() == worker.FIRST_WAIT
    assert words in said[0]
    assert "secret" not in said[0]
    keeper.round()
    assert keeper.engine.mark() == outbox.head()


@pytest.mark.parametrize(("error", "wait"), [(IndexReplaced("remplacé"), 0.0), (IndexBusy("occupé"), 1.0)])
def test_another_index_or_another_writer_is_no_failure(
    keeper: Keeper, said: list[str], error: Exception, wait: float
) -> None:
    a_change()
    with trouble(keeper, error):
        assert keeper.round() == wait
    assert said == []
    assert not keeper.is_failing
    keeper.round()
    assert keeper.engine.mark() == outbox.head()


def test_a_local_copy_that_is_missing_is_built(said: list[str]) -> None:
    a_change()
    keeper = Keeper(get_engine(), said.append, threading.Event())
    keeper.round()
    assert "reconstruction, parce que" in said[0]
    assert "1 services indexés" in said[1]
    assert keeper.engine.mark() == outbox.head()


def test_an_index_that_another_version_may_be_using_is_not_replaced_by_itself(
    said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = Keeper(get_engine(), said.append, threading.Event())
    monkeypatch.setattr(type(keeper.engine), "may_be_rebuilt", lambda self: False)
    keeper.round()
    assert "Il faut lancer « manage.py rebuild_index »" in said[0]
    assert not keeper.engine.ready()


def test_a_rebuild_that_is_asked_to_stop_leaves_the_index_as_it_was(keeper: Keeper) -> None:
    a_change()
    keeper.round()
    engine: Any = keeper.engine
    before = engine.store.live_name()
    with pytest.raises(Stopped):
        rebuild(engine, stopping=lambda: True)
    assert engine.store.live_name() == before
    assert [folder.name for folder in (engine.store.root / "builds").iterdir()] == [before]
    assert not RegisteredIndex.objects.filter(name__contains=":build:").exists()


def test_once_reads_all_and_says_when_it_could_not(keeper: Keeper) -> None:
    a_change()
    with trouble(keeper, EngineError("cassé")), pytest.raises(CommandError):
        call_command("index_worker", once=True)
    call_command("index_worker", once=True)
    assert keeper.engine.mark() == outbox.head()


def test_a_rebuild_holds_the_log_from_before_it_reads_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a purge removes between the two would be missing from the new index for ever."""
    call_command("rebuild_index", verbosity=0)
    a_change()
    a_change()
    read, first = outbox.settled, [True]

    def settled() -> int:
        """As soon as the first mark is read, another process drains and purges."""
        found = read()
        if first.pop() if first else False:
            a_change()
            outbox.drain()
            assert outbox.purge() > 0
        return found

    monkeypatch.setattr(outbox, "settled", settled)
    rebuild(get_engine())
    assert outbox.is_behind(get_engine()) == ""
    assert get_engine().mark() == outbox.head()


def test_two_rebuilds_at_once_hold_the_log_each_for_itself() -> None:
    call_command("rebuild_index", verbosity=0)
    engine = get_engine()
    with outbox.held(engine, 0):
        with outbox.held(engine, 0):
            pass
        assert RegisteredIndex.objects.filter(name__contains=":build:").count() == 1


def test_what_a_killed_builder_held_is_let_go() -> None:
    call_command("rebuild_index", verbosity=0)
    for _ in range(3):
        a_change()
    outbox.drain()
    left = RegisteredIndex.objects.create(name="embedded@x:build:dead", mark=0)
    assert outbox.purge() == 0
    RegisteredIndex.objects.filter(pk=left.pk).update(seen_at=timezone.now() - timedelta(hours=1))
    assert outbox.purge() > 0
