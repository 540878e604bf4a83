"""A listing saved anywhere is found by the next search; rolled back, never; two processes at once do no harm."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registry import actions
from registry.models import Service
from registry.policies import INTERVENANT
from registry.signals import record_changed
from search import analysis, outbox, projection
from search.engines import get_engine
from search.engines.base import EngineError
from search.models import OutboxEntry, RegisteredIndex
from search.request import OrientationRequest
from tests import postgresql_server, programs
from tests.factories import records as made

ROOT = Path(__file__).resolve().parent.parent.parent


def found(**wishes: Any) -> list[str]:
    engine = get_engine()
    outbox.freshen(engine)
    result = engine.search(OrientationRequest(timezone.localtime(), limit=1_000, **wishes), INTERVENANT)
    return [hit.code for hit in result.hits]


def searched(word: str) -> list[str]:
    """What a search finds as it is, without draining first."""
    request = OrientationRequest(timezone.localtime(), q=f"{word} ", words=tuple(analysis.words(word)))
    return [hit.code for hit in get_engine().search(request, INTERVENANT).hits]


@pytest.fixture
def index(db: None) -> None:
    call_command("rebuild_index")


def entries_of(change: Callable[[], Any]) -> list[set[int]]:
    before = outbox.head()
    change()
    return [set(entry.services) for entry in OutboxEntry.objects.filter(seq__gt=before)]


# --- One change, one entry -------------------------------------------------------------------------------------------


@pytest.mark.django_db
class TestWhatAChangeTouches:
    @pytest.fixture(autouse=True)
    def network(self) -> None:
        self.region = made.territory("R03", kind="region")
        self.quarter = made.territory("LIM", parent=self.region)
        self.broad = made.need("Violence")
        self.term = made.need("Victimes", self.broad)
        self.owner, self.other = made.organization("A"), made.organization("B")
        self.place = made.location(self.owner)
        self.near = made.service(self.owner, needs=(self.term,), territories=[self.quarter], locations=[self.place])
        self.plain = made.service(self.owner)
        self.far = made.service(self.other)
        self.alone = made.service(made.organization("C"))

    def edited(self, record: Any, **values: Any) -> list[set[int]]:
        for name, value in values.items():
            setattr(record, name, value)
        return entries_of(lambda: actions.edit(None, record))

    def test_a_service_touches_itself(self) -> None:
        assert self.edited(self.plain, name="Autre") == [{self.plain.pk}]

    def test_a_new_service_touches_itself(self) -> None:
        (touched,) = entries_of(lambda: made.service(self.owner, code="NEUF"))
        assert touched == {Service.objects.get(code="NEUF").pk}

    def test_a_draft_touches_nothing(self) -> None:
        self.plain.name = "Brouillon"
        assert entries_of(lambda: actions.save_draft(None, self.plain)) == []
        assert entries_of(lambda: made.service(self.owner, publish=False)) == []

    def test_withdrawing_and_deleting_touch_the_service(self) -> None:
        key = self.plain.pk
        assert entries_of(lambda: actions.unpublish(None, self.plain)) == [{key}]
        assert entries_of(lambda: actions.delete(None, self.plain)) == [{key}]

    def test_an_organization_touches_all_its_services(self) -> None:
        assert self.edited(self.owner, name="Nouveau nom") == [{self.near.pk, self.plain.pk}]

    def test_a_place_a_need_and_a_territory_touch_who_uses_them(self) -> None:
        assert self.edited(self.place, name="Ailleurs") == [{self.near.pk}]
        assert self.edited(self.term, term="Victimes de violence") == [{self.near.pk}]
        assert self.edited(self.broad, term="Violences") == [{self.near.pk}]
        assert self.edited(self.region, name="Capitale") == [{self.near.pk}]

    def test_a_confidential_address_touches_nothing_that_the_index_shows(self) -> None:
        actions.hide_address(None, self.place)
        before = {row["id"]: row["version"] for row in projection.project([self.near.pk])}
        actions.set_confidential_address(None, self.place, address="99, rue Sentinelle")
        assert {row["id"]: row["version"] for row in projection.project([self.near.pk])} == before

    def test_a_contact_touches_its_service_or_all_those_of_the_organization(self) -> None:
        desk = made.contact(self.owner)
        assert self.edited(desk, name="Accueil") == [{self.near.pk, self.plain.pk}]
        assert self.edited(desk, service=self.near) == [{self.near.pk, self.plain.pk}]
        assert self.edited(desk, name="Garde") == [{self.near.pk}]
        (touched,) = entries_of(lambda: made.liaison(self.other, desk))
        assert touched == {self.far.pk}
        assert self.edited(desk, name="Liaison") == [{self.near.pk, self.far.pk}]

    def test_a_corridor_touches_both_ends_old_and_new_and_whoever_falls_back_on_it(self) -> None:
        entente = made.agreement()
        first = made.corridor(entente, self.near, self.far)
        made.corridor(entente, self.alone, self.plain, fallback=first)
        assert self.edited(first, to_service=self.plain) == [{self.near.pk, self.far.pk, self.plain.pk, self.alone.pk}]
        assert self.edited(entente, declared_status="Suspendue") == [{self.near.pk, self.plain.pk, self.alone.pk}]
        assert self.edited(self.alone, name="Autre") == [{self.alone.pk, self.plain.pk}]

    def test_moving_a_service_tells_memories_and_a_new_fee_does_not(self) -> None:
        def moved(**values: Any) -> bool:
            self.edited(self.plain, **values)
            return OutboxEntry.objects.latest("seq").reference_data

        assert moved(name="Nouveau nom") is True
        assert moved(fees="10 $") is False
        assert moved(visibility="interne") is True

    def test_rolled_back_is_never_written(self) -> None:
        before = outbox.head()

        def change_then_fail() -> None:
            with transaction.atomic():
                made.service(self.owner)
                raise RuntimeError("changed my mind")

        with pytest.raises(RuntimeError, match="changed my mind"):
            change_then_fail()
        assert outbox.head() == before


@pytest.mark.django_db
def test_a_very_long_list_takes_several_rows() -> None:
    record_changed.send(sender=Service, ids=list(range(1, 12_001)), carry={})
    rows = list(OutboxEntry.objects.values_list("services", flat=True))
    assert len(rows) > 1
    assert max(len(row) for row in rows) == outbox.SERVICES_PER_ENTRY
    assert sorted(key for row in rows for key in row) == list(range(1, 12_001))


# --- Draining --------------------------------------------------------------------------------------------------------


Committed = Callable[..., Any]


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Committed:
    """Run a change as a transaction of its own, with what follows its commit."""

    def run(change: Callable[..., Any], *args: Any, **values: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return change(*args, **values)

    return run


@pytest.mark.django_db
def test_a_saved_listing_is_found_by_the_next_search_without_asking(index: None, committed: Committed) -> None:
    owner = committed(made.organization, "Maison")
    saved = committed(made.service, owner, "Répit du samedi", code="SRV1")
    assert get_engine().mark() == outbox.head()
    assert searched("répit") == ["SRV1"]
    saved.name = "Halte du samedi"
    committed(actions.edit, None, saved)
    assert searched("répit") == []
    assert searched("halte") == ["SRV1"]
    committed(actions.unpublish, None, saved)
    assert searched("halte") == []
    committed(actions.edit, None, saved)
    assert searched("halte") == ["SRV1"]
    committed(actions.delete, None, saved)
    assert searched("halte") == []


@pytest.mark.django_db
def test_rolled_back_is_never_found(index: None, committed: Committed) -> None:
    owner = committed(made.organization, "Maison")

    def change_then_fail() -> None:
        with transaction.atomic():
            made.service(owner, code="SRV1")
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        committed(change_then_fail)
    assert found() == []


@pytest.mark.django_db
@pytest.mark.parametrize("failure", [EngineError("busy"), RuntimeError("disk full")])
def test_an_index_in_trouble_never_breaks_the_change(
    failure: Exception, index: None, committed: Committed, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    owner = committed(made.organization, "Maison")

    def fail(*args: Any, **kwargs: Any) -> int:
        raise failure

    with monkeypatch.context() as trouble:
        trouble.setattr(type(get_engine()), "apply", fail)
        committed(made.service, owner, code="SRV1")
    assert Service.objects.filter(code="SRV1").exists()
    assert "not brought up to date" in caplog.text
    assert found() == ["SRV1"]


@pytest.mark.django_db
def test_a_burst_is_one_document(index: None) -> None:
    saved = made.service(made.organization("Maison"), code="SRV1")
    for number in range(30):
        saved.fees = f"{number} $"
        actions.edit(None, saved)
    done = outbox.drain()
    assert (done.entries, done.documents, done.mark) == (32, 1, outbox.head())
    assert (
        get_engine().get(["SRV1"], INTERVENANT, OrientationRequest(timezone.localtime()))[0].document["fees"] == "29 $"
    )
    assert outbox.drain() == outbox.Drained(mark=outbox.head())


@pytest.mark.django_db
def test_many_services_are_drained_in_batches(index: None, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = made.organization("Maison")
    Service.all_objects.bulk_create(
        Service(organization=owner, code=f"SRV{number:05d}", name="Service", visibility="publique", live=True)
        for number in range(4_500)
    )
    ids = list(Service.objects.values_list("pk", flat=True))
    outbox.append("test", ids[:2_500])
    outbox.append("test", ids[2_500:])
    commits = []
    apply = type(get_engine()).apply
    monkeypatch.setattr(
        type(get_engine()),
        "apply",
        lambda self, rows, gone, mark: commits.append(mark) or apply(self, rows, gone, mark),
    )
    with CaptureQueriesContext(connection) as queries:
        assert outbox.drain().documents == 4_500
    assert len(commits) == 3
    assert len(queries) < 200
    assert outbox.is_behind(get_engine()) == ""


@pytest.mark.django_db
def test_a_limit_leaves_the_rest_for_the_next_time(index: None) -> None:
    owner = made.organization("Maison")
    for number in range(5):
        made.service(owner, code=f"SRV{number}")
    assert outbox.drain(limit=3).entries == 3
    assert len(outbox.pending(get_engine())) == 3
    assert outbox.drain().entries == 3
    assert outbox.pending(get_engine()) == []


# --- Purging, missing, foreign ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_entries_are_purged_behind_the_slowest_index(index: None) -> None:
    made.service(made.organization("Maison"), code="SRV1")
    outbox.drain()
    head = outbox.head()
    RegisteredIndex.objects.create(name="elsewhere", mark=head - 1)
    outbox.purge()
    assert list(OutboxEntry.objects.values_list("seq", flat=True)) == [head]
    assert outbox.head() == head
    assert found() == ["SRV1"]


@pytest.mark.django_db
def test_a_rebuild_keeps_the_entries_that_it_will_need(index: None) -> None:
    engine = get_engine()
    before = outbox.head()
    owner = made.organization("Maison")
    with outbox.held(engine, before):
        made.service(owner, code="SRV1")
        made.service(owner, code="SRV2")
        outbox.drain(engine)
        outbox.purge()
        assert OutboxEntry.objects.filter(seq__gt=before).count() == 3
    outbox.purge()
    assert OutboxEntry.objects.filter(seq__gt=before).count() == 1


@pytest.mark.django_db
def test_an_index_that_lags_too_far_is_let_go_and_rebuilt(index: None, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = get_engine()
    owner = made.organization("Maison")
    for number in range(6):
        made.service(owner, code=f"SRV{number}")
    RegisteredIndex.objects.create(name="elsewhere", mark=outbox.head())
    monkeypatch.setattr(outbox, "LONGEST_LAG", 2)
    assert outbox.purge() > 0
    assert "retard" in outbox.is_behind(engine)
    with pytest.raises(EngineError, match="rebuild_index"):
        outbox.drain(engine)
    call_command("rebuild_index", if_needed=True)
    assert len(found()) == 6


@pytest.mark.django_db
def test_the_index_of_another_database_is_rebuilt(index: None) -> None:
    made.service(made.organization("Maison"), code="SRV1")
    outbox.drain()
    get_engine().apply([], [], outbox.head() + 50)
    assert "autre base" in outbox.is_behind(get_engine())
    call_command("rebuild_index", if_needed=True)
    assert outbox.is_behind(get_engine()) == ""
    assert found() == ["SRV1"]


@pytest.mark.django_db
@pytest.mark.parametrize("damage", ["missing", "truncated", "pointer", "format"])
def test_a_damaged_index_says_so_and_is_rebuilt_when_needed(index: None, damage: str) -> None:
    made.service(made.organization("Maison"), code="SRV1")
    engine: Any = get_engine()
    outbox.drain()
    folder = engine.store.path_of(engine.store.live_name())
    if damage == "missing":
        (folder / "meta.json").unlink()
    elif damage == "truncated":
        (folder / "meta.json").write_text("{")
    elif damage == "pointer":
        engine.store.pointer.write_text("../../etc")
    else:
        folder.rename(folder.with_name("0ld-format"))
        engine.store.pointer.write_text("0ld-format")
    assert not engine.ready()
    with pytest.raises(EngineError, match="rebuild_index"):
        engine.search(OrientationRequest(timezone.localtime()), INTERVENANT)
    call_command("rebuild_index", if_needed=True)
    assert found() == ["SRV1"]


@pytest.mark.django_db
def test_rebuilding_when_needed_only_drains_a_good_index(index: None, capsys: pytest.CaptureFixture[str]) -> None:
    name = get_engine().store.live_name()  # type: ignore[attr-defined]
    made.service(made.organization("Maison"), code="SRV1")
    call_command("rebuild_index", if_needed=True)
    assert "à jour" in capsys.readouterr().out
    assert get_engine().store.live_name() == name  # type: ignore[attr-defined]
    assert get_engine().mark() == outbox.head()


@pytest.mark.django_db
def test_another_lexicon_is_a_reason_to_rebuild_and_none_to_stop_answering(
    index: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.service(made.organization("Maison"), code="SRV1")
    monkeypatch.setattr(outbox, "recipe", lambda: "another")
    assert outbox.is_behind(get_engine()) != ""
    assert found() == ["SRV1"]


@pytest.mark.django_db
def test_what_changes_during_a_rebuild_is_not_lost(index: None, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = made.organization("Maison")
    saved = made.service(owner, "Avant", code="SRV1")
    read = projection.documents

    def documents(ids: Any) -> Iterator[dict[str, Any]]:
        monkeypatch.undo()
        yield from list(read(ids))
        saved.name = "Après"
        actions.edit(None, saved)
        made.service(owner, code="SRV2")

    monkeypatch.setattr("search.upkeep.rebuilding.projection.documents", documents)
    call_command("rebuild_index")
    assert sorted(found()) == ["SRV1", "SRV2"]
    hits = get_engine().get(["SRV1"], INTERVENANT, OrientationRequest(timezone.localtime()))
    assert hits[0].document["name"] == "Après"


@pytest.mark.django_db
def test_check_index_finds_and_repairs_drift(index: None, capsys: pytest.CaptureFixture[str]) -> None:
    owner = made.organization("Maison")
    for number in range(4):
        made.service(owner, code=f"SRV{number}")
    outbox.drain()
    call_command("check_index")
    Service.all_objects.filter(code="SRV0").update(name="En cachette")
    Service.all_objects.filter(code="SRV1").update(live=False)
    with pytest.raises(CommandError, match="--repair"):
        call_command("check_index")
    assert "0 absents, 1 de trop, 1 différents" in capsys.readouterr().out
    call_command("check_index", repair=True)
    call_command("check_index")
    assert sorted(found()) == ["SRV0", "SRV2", "SRV3"]


# --- Several processes ------------------------------------------------------------------------------------------------


class Elsewhere:
    """Real processes on a database and an index of their own."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.environment = {**os.environ, "PASSERELLES_DATA_DIR": str(folder)}
        self.environment["DJANGO_SETTINGS_MODULE"] = "config.settings.development"
        self.environment.pop("DATABASE_URL", None)
        if database:
            self.environment["DATABASE_URL"] = database

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.search.outbox_process", *arguments]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def run(self, *arguments: str, expected: int = 0) -> str:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        assert process.returncode == expected, err
        return out


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    processes = Elsewhere(tmp_path_factory.mktemp("elsewhere"))
    processes.run("prepare")
    return processes


@pytest.mark.slow
def test_processes_that_write_and_drain_at_once_lose_nothing(elsewhere: Elsewhere) -> None:
    running = [elsewhere.start("write", prefix, "10") for prefix in ("A", "B")]
    running += [elsewhere.start("drain", "5")]
    for process in running:
        _out, err = process.communicate(timeout=180)
        assert process.returncode == 0, err
        assert "Traceback" not in err
    codes = elsewhere.run("show").split()
    wanted = {f"{prefix}{number:03d}" for prefix in "AB" for number in range(10)}
    assert wanted <= set(codes)
    assert len(codes) == len(set(codes))


@pytest.mark.slow
def test_a_process_that_dies_after_its_commit_has_saved_and_the_next_search_finds(elsewhere: Elsewhere) -> None:
    elsewhere.run("crash", "DEAD1", expected=9)
    assert "DEAD1" in elsewhere.run("show").split()


@pytest.mark.slow
def test_a_process_that_dies_before_its_commit_has_saved_nothing(elsewhere: Elsewhere) -> None:
    elsewhere.run("crash_inside", "DEAD2", expected=9)
    assert "DEAD2" not in elsewhere.run("show").split()


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    programs.need(postgresql_server.programs(), "PostgreSQL introuvable (paquet « postgresql » de Debian)")
    with postgresql_server.running() as address:
        yield address


@pytest.mark.slow
def test_a_mark_never_passes_an_entry_that_may_still_appear(postgresql: str, tmp_path: Path) -> None:
    processes = Elsewhere(tmp_path, postgresql)
    processes.environment["SEARCH_ENGINE"] = "elsewhere"
    processes.run("interleaved")
