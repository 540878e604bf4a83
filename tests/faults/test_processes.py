"""Processes and a real server that are cut off, started again, doubled: nothing is lost, nothing is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgresql_server, programs
from tests.faults.conftest import Installation, says
from tests.faults.servers import FaultServer

pytestmark = pytest.mark.slow

SAME = "0 absents, 0 de trop, 0 différents"


def check(installation: Installation) -> None:
    """Both indexes hold what the database holds."""
    said = installation.command("check_index")
    assert said.count(SAME) == 2, said


def test_a_server_cut_off_and_started_again_during_a_thousand_changes_misses_none(
    server: FaultServer, installation: Installation, tmp_path: Path
) -> None:
    installation.run(installation.act("prepare", "60"))
    worker = installation.worker()
    changing = installation.act("change", "1000", "300", str(tmp_path / "dead"))
    says(changing, "HALF")
    installation.wait_for(lambda: installation.has_read(installation.head()), "what was changed before the cut")
    server.cut_off()
    starting = server.begin()
    (tmp_path / "dead").touch()
    server.await_start(starting)
    assert "DONE" in installation.run(changing)
    installation.wait_for(
        lambda: installation.has_read(installation.head()), "what was changed while the server was away"
    )
    said = installation.stop(worker)
    assert "Nouvel essai" in said
    assert "de retour" in said
    assert "Arrêté." in said
    check(installation)


def test_two_workers_at_once_do_no_harm(installation: Installation) -> None:
    installation.run(installation.act("prepare", "45"))
    workers = [installation.worker() for _ in range(2)]
    installation.run(installation.act("change", "120"))
    installation.wait_for(lambda: installation.has_read(installation.head()), "the changes")
    for worker in workers:
        said = installation.stop(worker)
        assert "Nouvel essai" not in said
    check(installation)


def test_a_rebuild_killed_half_way_leaves_the_alias_on_the_index_that_serves(installation: Installation) -> None:
    installation.run(installation.act("prepare", "30"))
    indexes = installation.engine.indexes
    before = indexes.position()
    rebuilding = installation.act("rebuild_and_wait")
    says(rebuilding, "HALF")
    left = indexes.building_name()
    assert left not in (None, before[0])
    rebuilding.kill()
    rebuilding.communicate()
    assert indexes.position() == before
    assert len(installation.engine.digests()) == 30
    # What it left goes with the next one, which waits for nobody.
    installation.command("rebuild_index", "--engine", "elasticsearch")
    assert list(indexes.aliases()) == [indexes.position()[0]]
    assert indexes.position()[0] not in (left, before[0])
    check(installation)


def test_a_change_during_a_rebuild_is_in_the_new_index_before_it_serves(installation: Installation) -> None:
    installation.run(installation.act("prepare", "30"))
    assert "SAME 30" in installation.run(installation.act("change_while_rebuilding"))
    check(installation)


@pytest.fixture
def postgresql() -> Iterator[str]:
    programs.need(postgresql_server.programs(), "PostgreSQL introuvable (paquet « postgresql » de Debian)")
    with postgresql_server.running() as address:
        yield address


def test_transactions_that_commit_in_the_other_order_than_their_numbers_are_both_indexed(
    server: FaultServer, postgresql: str, tmp_path: Path
) -> None:
    installation = Installation(tmp_path, server.url, postgresql)
    try:
        installation.run(installation.act("prepare", "3"))
        worker = installation.worker()
        assert "CROSSED" in installation.run(installation.act("cross"))
        installation.wait_for(lambda: len(installation.engine.digests()) == 5, "both services")
        installation.stop(worker)
        check(installation)
    finally:
        installation.end()
