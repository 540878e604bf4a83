"""While an import is written: searches and sign-ins go on, whoever writes is told, nobody sees a 500."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from registry import importing
from registry.workbook.apply import BATCH, _by_reference
from registry.workbook.diff import Added

from .workbook_tools import write

ORGANIZATIONS = ["Code", "Nom", "Type de partenaire"]
SERVICES = ["Code", "Organisme", "Nom du service", "Visibilité"]
# A write refused at once, on a machine that is busy; without the refusal it waits 20 seconds.
AT_ONCE = 15  # seconds


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What somebody saw before, during and after an import by another process."""
    folder: Path = tmp_path_factory.mktemp("import")
    write(folder / "classeur.xlsx", {
        "Organismes": [ORGANIZATIONS, ["ORG2", "Entraide", "Organisme communautaire"]],
        "Services": [SERVICES, ["SRV2", "ORG2", "Service importé", "Publique"]],
    })  # fmt: skip
    environment = {
        **os.environ, "PASSERELLES_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings.development",
    }  # fmt: skip
    environment.pop("DATABASE_URL", None)

    def start(command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.registry.import_process", command, str(folder)],
            cwd=settings.BASE_DIR, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def finish(process: subprocess.Popen[str]) -> str:
        out, err = process.communicate(timeout=400)
        assert process.returncode == 0, err
        return out

    finish(start("prepare"))
    visitor, importer = start("visit"), start("bring_in")
    try:
        while not (folder / "commence").exists():
            assert importer.poll() is None, importer.communicate()[1]
        second = finish(start("bring_in_too"))
        finish(importer)
        (folder / "fini").touch()
        found = json.loads(finish(visitor).splitlines()[-1])
        found["announced"] = json.loads(finish(start("announce")).splitlines()[-1])
    finally:
        for process in (visitor, importer):
            process.kill()
    return {**found, "second": second}


@pytest.mark.slow
class TestMeanwhile:
    def test_a_search_answers_as_fast_as_ever_and_sees_nothing_of_it(self, seen: dict[str, Any]) -> None:
        assert seen["before"]["status"] == seen["search"]["status"] == 200
        assert seen["search"]["seconds"] < AT_ONCE
        assert not seen["search"]["imported"]

    def test_one_signs_in_works_and_signs_out(self, seen: dict[str, Any]) -> None:
        assert seen["sign_in"]["status"] == 302
        assert seen["sign_in"]["seconds"] < AT_ONCE
        assert seen["sign_in"]["then"] == 200
        assert seen["sign_out"] == 302

    def test_a_wrong_password_stays_wrong(self, seen: dict[str, Any]) -> None:
        assert seen["wrong_password"] == 200

    @pytest.mark.parametrize("what", ["preference", "record"])
    def test_whoever_saves_is_told_at_once(self, seen: dict[str, Any], what: str) -> None:
        assert seen[what]["status"] == 503
        assert seen[what]["said"]
        assert seen[what]["retry"]
        assert seen[what]["seconds"] < AT_ONCE

    def test_what_was_typed_is_kept_and_cannot_become_markup(self, seen: dict[str, Any]) -> None:
        assert seen["record"]["kept"]

    def test_a_second_import_waits_for_the_first(self, seen: dict[str, Any]) -> None:
        assert "Une autre importation est en cours" in seen["second"]

    def test_afterwards_everything_is_found_and_saved(self, seen: dict[str, Any]) -> None:
        assert seen["after"]["imported"]
        assert seen["preference_after"] == 302
        assert seen["record_after"]["status"] == 302

    def test_the_announcement_ends_with_the_transaction_however_it_ends(self, seen: dict[str, Any]) -> None:
        assert seen["announced"] == {
            "failed": False, "outer still open": True, "outer undone": False, "on commit": False,
        }  # fmt: skip


class TestAnnouncement:
    def test_it_lasts_as_long_as_the_outer_transaction(self, db: Any) -> None:
        with transaction.atomic():
            with importing.announced():
                assert importing.in_progress()
            with importing.announced():  # the same one: an import of several parts does not wait for itself
                assert importing.in_progress()
            assert importing.in_progress()

    def test_impatience_lasts_one_request(self, db: Any) -> None:
        def patience() -> int:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout")
                return int(cursor.fetchone()[0])

        with importing.impatient():
            assert patience() == importing.IMPATIENCE_MS
        assert patience() == 20_000

    @pytest.mark.parametrize(("error", "busy"), [
        (OperationalError("database is locked"), True),
        (OperationalError("canceling statement due to lock timeout"), True),
        (OperationalError("no such table: x"), False),
        (ValueError("database is locked"), False),
    ])  # fmt: skip
    def test_only_a_lock_is_an_import_at_work(self, error: Exception, busy: bool) -> None:
        assert importing.is_busy(error) is busy


class TestOrder:
    """A record that points further down the sheet waits for its turn; memory never holds the whole sheet."""

    def test_every_reference_is_in_the_same_batch_or_before(self) -> None:
        size = 3 * BATCH
        rows = [(f"C{number}", f"C{number + BATCH}" if number + BATCH < size else "") for number in range(size)]
        rows += [("X", "Y"), ("Y", "X"), ("Z", "X"), ("W", "ALREADY-THERE")]
        added = [
            Added.of(number, code, code, {"Parent": up}, None, 0) for number, (code, up) in enumerate(rows, start=2)
        ]
        codes = {code for code, _up in rows}
        batches = list(_by_reference(added, ["Parent"]))
        done: set[str] = set()
        for batch in batches:
            done |= {item.code for item in batch}
            assert all(item.values["Parent"] in done or item.values["Parent"] not in codes for item in batch)
        assert sorted(item.code for batch in batches for item in batch) == sorted(codes)
        assert max(map(len, batches)) <= BATCH

    def test_those_that_wait_for_each_other_come_last_together(self) -> None:
        ring = [
            Added.of(number, f"R{number}", "", {"Parent": f"R{(number + BATCH) % (2 * BATCH)}"}, None, 0)
            for number in range(2 * BATCH)
        ]
        assert [len(batch) for batch in _by_reference(ring, ["Parent"])] == [2 * BATCH]
