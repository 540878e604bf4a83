"""The uploaded file: where it is, what is refused, when it is gone."""

from __future__ import annotations

import os
import stat
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from registry.imports import progress, storage
from registry.models import ImportStatus, WorkbookImport

from .conftest import Office
from .test_journey import ORGANIZATIONS


def stored(item: WorkbookImport) -> Path:
    return storage.folder() / item.stored_name


def age(item: WorkbookImport, hours: float) -> None:
    WorkbookImport.objects.filter(pk=item.pk).update(created_at=timezone.now() - timedelta(hours=hours))


class TestUpload:
    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("reseau.xls", b"x", "vieux format .xls"),
            ("reseau.csv", b"x", "CSV"),
            ("reseau.ods", b"x", "LibreOffice"),
            ("reseau.pdf", b"x", "choisissez un fichier .xlsx"),
            ("reseau.xlsx", b"", "Le fichier est vide"),
            ("reseau.xlsx", b"x" * 2_000_001, "la limite est de"),
        ],
    )
    def test_refusals_say_what_to_do(
        self, office: Office, settings: Any, name: str, content: bytes, words: str
    ) -> None:
        settings.PASSERELLES_IMPORT_MAX_MB = 2
        answer = office.client.post(reverse("importations:index"), {"file": SimpleUploadedFile(name, content)})
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not WorkbookImport.objects.exists()
        assert not list(storage.folder().iterdir())

    def test_no_file_at_all(self, office: Office) -> None:
        answer = office.client.post(reverse("importations:index"), {})
        assert answer.status_code == 422 and "Choisissez un fichier" in answer.content.decode()

    def test_the_file_is_kept_in_a_private_folder_under_a_name_that_says_nothing(
        self, office: Office, settings: Any
    ) -> None:
        item = office.send(ORGANIZATIONS)
        path = stored(item)
        assert path.parent == settings.PASSERELLES_DATA_DIR / "imports"
        assert Path(settings.MEDIA_ROOT) not in path.parents
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert "classeur" not in item.stored_name
        assert len(item.sha256) == 64 and item.size == path.stat().st_size

    def test_a_name_that_climbs_goes_nowhere(self, office: Office) -> None:
        item = storage.keep([b"x"], "..\\..\\etc\\mon classeur\n.xlsx", office.user)
        assert item.file_name == "mon classeur.xlsx"

    def test_a_write_that_fails_leaves_no_file(self, office: Office) -> None:
        def broken() -> Any:
            yield b"debut"
            raise OSError("disque plein")

        with pytest.raises(OSError, match="plein"):
            storage.keep(broken(), "a.xlsx", office.user)
        assert not list(storage.folder().iterdir())


class TestPurge:
    def test_after_a_day_the_file_is_gone_and_the_import_closed(self, office: Office) -> None:
        item = office.read(ORGANIZATIONS)
        path = stored(item)
        age(item, 23.9)
        call_command("purge_imports")
        assert path.exists()
        age(item, 24.1)
        call_command("purge_imports")
        assert not path.exists()
        item.refresh_from_db()
        assert (item.status, item.stored_name) == (ImportStatus.ABANDONED, "")
        assert "24 heures" in office.page(item)
        assert office.apply(item).status == ImportStatus.ABANDONED

    def test_each_upload_purges(self, office: Office) -> None:
        old = office.read(ORGANIZATIONS)
        path = stored(old)
        age(old, 25)
        office.send(ORGANIZATIONS)
        assert not path.exists()

    def test_a_failed_import_keeps_its_error(self, office: Office) -> None:
        item = office.read(ORGANIZATIONS)
        WorkbookImport.objects.filter(pk=item.pk).update(status=ImportStatus.FAILED, error="Illisible.")
        age(item, 25)
        storage.purge()
        page = office.page(item)
        assert "Illisible." in page and "Relancer</button>" not in page

    def test_a_file_being_read_is_left_until_that_is_over(self, office: Office) -> None:
        item = office.send(ORGANIZATIONS)
        WorkbookImport.objects.filter(pk=item.pk).update(status=ImportStatus.READING, worker="au travail")
        age(item, 30)
        with progress.Reporter(item.pk):
            storage.purge()
            assert stored(item).exists()
        storage.purge()
        assert not stored(item).exists()

    def test_files_that_no_import_claims(self, office: Office, settings: Any) -> None:
        item = office.send(ORGANIZATIONS)
        orphans = [storage.folder() / "oublie.xlsx", Path(settings.FILE_UPLOAD_TEMP_DIR) / "tmp123.upload.xlsx"]
        fresh = storage.folder() / "recent.xlsx"
        for path in (*orphans, fresh):
            path.write_bytes(b"x")
        for path in (*orphans, stored(item)):
            os.utime(path, (time.time() - 90_000,) * 2)
        assert storage.purge() == 2
        assert not any(path.exists() for path in orphans)
        assert fresh.exists() and stored(item).exists()
