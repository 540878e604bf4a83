"""An index on the server, from its building to its replacement, whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from registry.policies import INTERVENANT
from search import schedules as schedules_module
from search.engines import elasticsearch_index
from search.engines.base import EngineError
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.elasticsearch_client import Connection, IndexMissing, OutOfReach, Refused
from search.engines.elasticsearch_index import Indexes
from search.engines.elasticsearch_mapping import indexed
from search.engines.store import IndexBusy
from search.request import OrientationRequest
from tests import elasticsearch_servers
from tests.factories.documents import service

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("America/Toronto"))


def names(engine: ElasticsearchEngine) -> list[str]:
    return sorted(hit.document["name"] for hit in engine.search(OrientationRequest(MONDAY), INTERVENANT).hits)


def other_host(engine: ElasticsearchEngine) -> ElasticsearchEngine:
    """The same installation, as another process sees it."""
    return elasticsearch_servers.engine(engine.client.connection.hosts[0], engine.indexes.prefix)


# --- Versions -------------------------------------------------------------------------------------------------------


def test_a_late_worker_never_replaces_what_is_newer(
    engine: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers: the first read « Ancien » at 5 and stops for a while; the second writes « Nouveau » at 9."""
    engine.rebuild([service(1, "Premier"), service(2, "Autre")], 1, 2)
    late = other_host(engine)
    monkeypatch.setattr(late.indexes, "position", lambda: (engine.indexes.position()[0], 1))
    assert engine.apply([service(1, "Nouveau")], [2], 9) == 1
    late.apply([service(1, "Ancien"), service(2, "Revenu")], [], 5)
    engine.indexes.refresh(engine.indexes.position()[0])
    assert names(engine) == ["Nouveau"]
    assert engine.mark() == 9


def test_who_stopped_between_the_services_and_the_mark_begins_again(
    engine: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.rebuild([service(1, "Avant"), service(2, "Parti")], 1, 2)
    with monkeypatch.context() as trouble:
        trouble.setattr(engine.indexes, "set_mark", lambda name, mark: (_ for _ in ()).throw(OutOfReach("panne")))
        with pytest.raises(OutOfReach):
            engine.apply([service(1, "Après")], [2], 4)
    assert engine.mark() == 1
    engine.apply([service(1, "Après")], [2], 4)
    assert names(engine) == ["Après"]
    assert engine.mark() == 4


# --- One index replaces another -------------------------------------------------------------------------------------


def test_one_alias_leads_to_one_index_after_each_rebuild(engine: ElasticsearchEngine) -> None:
    for number in (1, 2):
        engine.rebuild([service(number)], number, 1)
        held = engine.indexes.aliases()
        ((name, aliases),) = held.items()
        assert aliases == {engine.indexes.live, engine.indexes.writes(name)}
        assert engine.indexes.building_name() is None
    assert engine.recipe()


def test_what_a_killed_rebuild_left_answers_nobody_and_goes_with_the_next(engine: ElasticsearchEngine) -> None:
    engine.rebuild([service(1, "Vivant")], 1, 1)
    live, _mark = engine.indexes.position()
    left = engine.indexes.create("")
    assert engine.indexes.building_name() == left
    assert engine.indexes.position() == (live, 1)
    assert names(engine) == ["Vivant"]
    engine.rebuild([service(2, "Suivant")], 2, 1)
    assert left not in engine.indexes.aliases()
    assert names(engine) == ["Suivant"]


def test_somebody_else_s_indexes_are_left_alone(engine: ElasticsearchEngine) -> None:
    other = elasticsearch_servers.engine(engine.client.connection.hosts[0], f"{engine.indexes.prefix}-bis")
    other.rebuild([service(1, "Voisin")], 1, 1)
    foreign = f"{engine.indexes.prefix}-rapports"
    engine.client.call("PUT", f"/{foreign}")
    engine.rebuild([service(2)], 1, 1)
    engine.rebuild([service(2)], 2, 1)
    assert names(other) == ["Voisin"]
    assert engine.client.call("HEAD", f"/{foreign}")


def test_an_index_of_another_format_is_never_read_and_goes_when_ours_is_there(engine: ElasticsearchEngine) -> None:
    older = other_host(engine)
    older.indexes.live = f"{engine.indexes.prefix}-{'0' * 12}"
    older.rebuild([service(1, "Ancien format")], 7, 1)
    assert not engine.ready()
    assert engine.mark() == 0
    with pytest.raises(EngineError, match="rebuild_index"):
        names(engine)
    engine.rebuild([service(1, "Format courant")], 8, 1)
    assert names(engine) == ["Format courant"]
    assert not older.ready()


def test_the_server_never_makes_up_an_index(engine: ElasticsearchEngine) -> None:
    """A write to an index that is gone is refused: a server creates what is missing, with a mapping that it guesses."""
    with pytest.raises(EngineError, match="rebuild_index"):
        engine.apply([service(1)], [], 1)
    engine.rebuild([service(1)], 1, 1)
    name, _mark = engine.indexes.position()
    engine.indexes.remove(name)
    with pytest.raises(IndexMissing):
        engine.indexes.set_mark(name, 5)
    assert not engine.indexes.aliases()


def test_a_worker_that_followed_the_old_index_starts_again_from_the_new_one(engine: ElasticsearchEngine) -> None:
    """The worker read mark 20; the new index was built from 10: what lies between must be read again for it."""
    worker = other_host(engine)
    engine.rebuild([service(1, "Un")], 20, 1)
    assert worker.mark() == 20
    engine.rebuild([service(1, "Un")], 10, 1)
    with pytest.raises(EngineError, match="remplacé"):
        worker.apply([service(2, "Deux")], [], 21)
    assert engine.mark() == worker.mark() == 10
    worker.apply([service(2, "Deux")], [], 21)
    assert names(engine) == ["Deux", "Un"]


# --- One builder at a time ------------------------------------------------------------------------------------------


def test_two_rebuilds_at_once_are_one_too_many(engine: ElasticsearchEngine) -> None:
    def documents() -> Iterator[dict[str, Any]]:
        with pytest.raises(IndexBusy):
            other_host(engine).rebuild([service(9)], 1, 1)
        yield service(1, "Le premier")

    engine.rebuild(documents(), 1, 1)
    assert names(engine) == ["Le premier"]


def test_a_builder_that_died_on_this_host_holds_nobody_back(
    engine: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.indexes.only_builder() as lock:
        host, _pid, rest = lock.holder.rsplit(":", 2)
        lock.holder = f"{host}:{2**22 + 1}:{rest}"  # above the highest process number of Linux
        lock._renewed = float("-inf")
        lock.renew()
        assert other_host(engine).rebuild([service(1)], 1, 1) == 1


def test_a_builder_that_gives_no_sign_of_life_loses_its_place(
    engine: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elasticsearch_index, "LOCK_SECONDS", -1.0)
    with engine.indexes.only_builder() as lock, other_host(engine).indexes.only_builder(), pytest.raises(IndexBusy):
        lock.renew()
    monkeypatch.setattr(elasticsearch_index, "LOCK_SECONDS", 60.0)
    with engine.indexes.only_builder(), pytest.raises(IndexBusy), other_host(engine).indexes.only_builder():
        pass


# --- The mapping ----------------------------------------------------------------------------------------------------


def test_the_mapping_is_strict(engine: ElasticsearchEngine) -> None:
    engine.rebuild([service(1)], 1, 1)
    name, _mark = engine.indexes.position()
    with pytest.raises(Refused) as refusal:
        engine.client.call("PUT", f"/{engine.indexes.writes(name)}/_doc/5", {"inconnu": 1})
    assert refusal.value.status == 400


def test_only_the_payload_is_stored(engine: ElasticsearchEngine) -> None:
    """What is searched is not kept a second time: an index is smaller, an answer shorter."""
    document = service(1, "Écoute", needs=["Deuil et pertes"])
    engine.rebuild([document], 1, 1)
    name, _mark = engine.indexes.position()
    stored = engine.client.call("GET", f"/{name}/_doc/1")["_source"]
    assert set(stored) == {"payload", "version"}
    assert stored["payload"]["document"] == document
    assert b'"word_name"' in indexed(document)


def test_one_shard_and_no_copy_are_enough_on_one_node(engine: ElasticsearchEngine) -> None:
    engine.rebuild([service(1)], 1, 1)
    name, _mark = engine.indexes.position()
    health = engine.client.call("GET", f"/_cluster/health/{name}")
    assert (health["status"], health["active_shards"]) == ("green", 1)
    settings = engine.client.call("GET", f"/{name}/_settings")[name]["settings"]["index"]
    assert settings["auto_expand_replicas"] == "0-1"
    assert settings["refresh_interval"] == "1s"


def test_an_index_in_several_parts_answers_the_same(engine: ElasticsearchEngine) -> None:
    rows = [
        service(number, f"Écoute {number % 7}", languages=["fr", "en", "es"][: number % 4], visibility="publique")
        for number in range(1, 121)
    ]
    request = OrientationRequest(MONDAY, q="ecoute 3", words=("ecoute", "3"), limit=60, offset=5)
    engine.rebuild(rows, 1, len(rows))
    whole = engine.search(request, INTERVENANT)
    cut = other_host(engine)
    cut.indexes.shards = 3
    cut.rebuild(rows, 2, len(rows))
    name, _mark = cut.indexes.position()
    assert cut.client.call("GET", f"/_cluster/health/{name}")["active_shards"] == 3
    parts = cut.search(request, INTERVENANT)
    assert [(hit.code, hit.score, hit.tier) for hit in parts.hits] == [(h.code, h.score, h.tier) for h in whole.hits]
    assert (parts.total, parts.tiers, parts.facets) == (whole.total, whole.tiers, whole.facets)
    assert cut.digests() == {row["id"]: row["version"] for row in rows}
    assert cut.apply([service(500, "Écoute 3")], [1], 3) == 1
    assert cut.mark() == 3


# --- Schedules learnt from the index --------------------------------------------------------------------------------


def test_a_schedule_that_is_new_to_this_process_is_learnt_from_the_answer(
    engine: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another host indexed a schedule that this process has never read: « joignable maintenant » is right at once."""
    known: dict[str, int] = {}
    monkeypatch.setattr(schedules_module.Schedules, "_read", staticmethod(lambda: dict(known)))
    schedules_module.schedules.forget()
    open_now = {"hours": "Lun-Ven 8h30-16h30", "hours_pattern": "Mo-Fr 08:30-16:30", "hours_id": 4}
    engine.rebuild([service(1, "Fermé"), service(2, "Ouvert", **open_now)], 1, 2)
    request = OrientationRequest(MONDAY, filters={"reachable": ("1",)})
    assert engine.search(request, INTERVENANT).total == 0
    known["Mo-Fr 08:30-16:30"] = 4
    found = engine.search(request, INTERVENANT)
    assert [(hit.document["name"], hit.reachable) for hit in found.hits] == [("Ouvert", True)]


# --- The way to the server ------------------------------------------------------------------------------------------


def test_a_server_that_does_not_answer_says_so_in_french() -> None:
    engine = ElasticsearchEngine(Connection(("http://127.0.0.1:9",)), "passerelles-test-absent")
    assert not engine.ready()
    for call in (lambda: names(engine), engine.mark, engine.digests, lambda: engine.apply([], [], 1)):
        with pytest.raises(EngineError, match="hors d’atteinte"):
            call()


def test_a_refusal_never_repeats_the_question(engine: ElasticsearchEngine) -> None:
    engine.rebuild([], 0, 0)
    body = {"query": {"range": {"age_low": {"gte": "elle a tout perdu"}}}}
    with pytest.raises(Refused) as refusal:
        engine.client.call("POST", f"/{engine.indexes.live}/_search", body)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
    assert "perdu" not in str(refusal.value)


def test_secrets_do_not_show() -> None:
    connection = Connection(("https://exemple.ca:9200",), api_key="cle-tres-secrete", user="u", password="mot-secret")
    assert "secret" not in repr(connection)


def test_several_threads_ask_and_write_at_once(engine: ElasticsearchEngine) -> None:
    engine.rebuild([service(number) for number in range(1, 21)], 1, 20)
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(20):
                assert engine.search(OrientationRequest(MONDAY), INTERVENANT).total >= 20
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(21, 31):
        engine.apply([service(number)], [], number)
    for thread in threads:
        thread.join()
    assert not failures
    assert engine.search(OrientationRequest(MONDAY), INTERVENANT).total == 30


def test_indexes_of_two_prefixes_are_told_apart() -> None:
    indexes = Indexes(elasticsearch_servers.client("http://127.0.0.1:9"), "passerelles")
    assert indexes._ours.fullmatch(f"{indexes.live}-20261122101112-0123abcd")
    assert not indexes._ours.fullmatch(f"passerelles-bis-{indexes.live[-12:]}-20261122101112-0123abcd")
