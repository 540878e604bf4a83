"""Real processes read and write an import: killed in the middle, started again, stopped properly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from registry.models import ImportStatus

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("bureau")
    environment = {
        **os.environ, "PASSERELLES_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings.development",
        "PASSERELLES_IMPORT_WORKER": "true",
    }  # fmt: skip
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.registry.imports.worker_process", str(folder)],
        cwd=settings.BASE_DIR, env=environment, text=True, capture_output=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


class TestKilledWhileItWrites:
    def test_it_was_killed_inside_its_transaction(self, seen: dict[str, Any]) -> None:
        assert seen["read"] == ImportStatus.PREVIEW
        assert seen["while it writes"]["announced"]
        assert seen["while it writes"]["records"] == 0  # what is not committed is seen by nobody
        assert "Écriture dans le réseau" in seen["while it writes"]["page"]
        assert seen["killed"] == -signal.SIGKILL

    def test_nothing_of_it_is_there_and_others_may_write(self, seen: dict[str, Any]) -> None:
        assert seen["records after"] == 0
        assert not seen["announced after"]

    def test_the_page_says_so_and_what_to_do(self, seen: dict[str, Any]) -> None:
        assert seen["status after"] == ImportStatus.FAILED
        assert seen["page after"].startswith("200 ")
        assert "Le travail s’est arrêté en route" in seen["page after"]
        assert "Rien n’a été écrit" in seen["page after"]
        assert "Relancer" in seen["page after"]
        assert seen["file kept"]


class TestTheWorkerOfProduction:
    def test_it_reads_then_writes_what_waits(self, seen: dict[str, Any]) -> None:
        assert seen["applied"]["added"] > 1500
        assert seen["applied"]["records"] > 3 * 900
        assert not seen["applied"]["file kept"]

    def test_it_stops_properly_when_told(self, seen: dict[str, Any]) -> None:
        assert seen["loop"]["code"] == 0
        assert seen["loop"]["said"].splitlines()[-1] == "Arrêté."
