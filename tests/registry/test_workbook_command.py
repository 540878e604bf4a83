"""The two commands as a coordinator's technician runs them: exit codes, messages, an import killed half-way."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from registry.models import Service

from .workbook_tools import FIXTURE, small_network, write

ROOT = FIXTURE.parents[1]
ROWS = [
    ["Code", "Organisme", "Nom du service", "Téléphone"],
    ["SRV0001", "ORG001", "Accueil psychosocial", "911"],
    ["SRV0020", "ORG999", "Perdu", ""],
]


def manage(data_dir: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)], cwd=ROOT, env=environment(data_dir),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def environment(data_dir: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DJANGO_SETTINGS_MODULE", "DATABASE_URL"}}
    return {**kept, "PASSERELLES_DATA_DIR": str(data_dir)}


@pytest.mark.django_db
class TestImport:
    def test_rejected_rows_do_not_fail_the_command(self, tmp_path, capsys):
        small_network()
        path = write(tmp_path / "classeur.xlsx", {"Services": ROWS})
        call_command("import_workbook", str(path), report=str(tmp_path / "rapport.json"))
        shown = capsys.readouterr().out
        assert "1 changement" in shown
        assert "1 rejet" in shown
        assert "418-555-0101 » → « 911" in shown
        assert "organisme_introuvable" in shown
        assert "1 fiche du réseau hors du fichier" in shown
        assert "Rien n’a été écrit" in shown
        report = json.loads((tmp_path / "rapport.json").read_text())
        assert report["file"] == "classeur.xlsx"
        (sheet,) = report["sheets"]
        assert set(sheet) >= {
            "sheet", "target", "header_row", "columns", "added", "changed", "unchanged", "rejected", "warnings",
        }  # fmt: skip
        assert sheet["columns"]["Nom du service"] == "Nom du service"
        assert Service.objects.get(code="SRV0001").phone == "418-555-0101"

    def test_apply_writes(self, tmp_path, capsys):
        small_network()
        path = write(tmp_path / "classeur.xlsx", {"Services": ROWS})
        call_command("import_workbook", str(path), apply=True)
        assert "0 fiches ajoutées, 1 modifiées" in capsys.readouterr().out
        assert Service.objects.get(code="SRV0001").phone == "911"

    @pytest.mark.parametrize("name", ["absent.xlsx", "faux.xlsx"])
    def test_a_file_that_cannot_be_read(self, tmp_path, name):
        (tmp_path / "faux.xlsx").write_text("Code;Nom")
        with pytest.raises(CommandError) as caught:
            call_command("import_workbook", str(tmp_path / name))
        assert caught.value.returncode == 2
        assert "Traceback" not in str(caught.value)

    def test_an_unknown_sheet(self):
        with pytest.raises(CommandError, match="Feuilles possibles"):
            call_command("import_workbook", str(FIXTURE), sheets="Bidons")


@pytest.mark.django_db
class TestExport:
    def test_the_name_of_the_file_is_checked_before_any_work(self, tmp_path):
        with pytest.raises(CommandError, match=r"\.xlsx"):
            call_command("export_workbook", str(tmp_path / "export.csv"))
        with pytest.raises(CommandError, match="dossier"):
            call_command("export_workbook", str(tmp_path / "nulle part" / "export.xlsx"))


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """A data folder of its own, migrated by a real process."""
    folder = tmp_path_factory.mktemp("donnees")
    done = manage(folder, "migrate", "--noinput")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
class TestARealProcess:
    def test_exit_codes(self, data_dir, tmp_path):
        (tmp_path / "faux.xlsx").write_text("Code;Nom")
        refused = manage(data_dir, "import_workbook", tmp_path / "faux.xlsx")
        assert refused.returncode == 2
        assert "Excel" in refused.stderr
        assert "Traceback" not in refused.stderr

    def test_killed_while_writing_it_leaves_nothing(self, data_dir):
        """SIGKILL once rows are being written: nothing of the import is there, and the next one works."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", "import_workbook", str(FIXTURE), "--apply"], cwd=ROOT,
            env=environment(data_dir), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if line.startswith("Écriture : Services"):
                    break
            assert process.poll() is None, "the import was over before it could be killed"
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process.stderr.close()
        assert process.returncode == -signal.SIGKILL
        assert self.rows(data_dir) == 0
        again = manage(data_dir, "import_workbook", FIXTURE, "--sheets", "Territoires,Vocabulaire", "--apply")
        assert again.returncode == 0, again.stderr
        assert self.rows(data_dir) > 0

    @staticmethod
    def rows(data_dir: Path) -> int:
        tables = [
            "registry_territory", "registry_need", "registry_organization", "registry_location", "registry_service",
            "wagtailcore_revision", "wagtailcore_modellogentry", "search_outboxentry",
        ]  # fmt: skip
        for _attempt in range(50):
            try:
                with sqlite3.connect(data_dir / "passerelles.sqlite3", timeout=5) as database:
                    return sum(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)
            except sqlite3.OperationalError:
                time.sleep(0.1)
        raise AssertionError("the database stayed locked")
