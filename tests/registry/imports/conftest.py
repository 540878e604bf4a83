"""An office where somebody sends workbooks, and the worker that reads and writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client, TestCase
from django.urls import reverse

from registry.enums import Role
from registry.models import WorkbookImport
from tests.registry.admin import building
from tests.registry.workbook_tools import Sheets, small_network, write


@pytest.fixture(autouse=True)
def _private_folder(settings: Any, tmp_path: Path) -> None:
    """Each test has its own folder of files, and a worker that works when it is told to."""
    settings.PASSERELLES_DATA_DIR = tmp_path / "donnees"
    settings.PASSERELLES_IMPORT_WORKER = True
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "televersements"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()


@pytest.fixture
def network(db: None) -> None:
    small_network()


class Office:
    """One person at the keyboard, by the same forms as everybody."""

    def __init__(self, folder: Path, role: Role = Role.COORDINATOR) -> None:
        self.folder = folder
        self.user = building.account(role)
        self.client = Client()
        self.client.force_login(self.user)

    def send(self, content: Sheets | Path, *, name: str = "classeur.xlsx", **data: Any) -> WorkbookImport:
        """Upload a workbook; the import as it stands before anything is read."""
        path = content if isinstance(content, Path) else write(self.folder / name, content)
        with path.open("rb") as file:
            answer = self.client.post(reverse("importations:index"), {"file": file, **data})
        assert answer.status_code == 302, answer.content.decode()
        return WorkbookImport.objects.latest("pk")

    def read(self, content: Sheets | Path, **data: Any) -> WorkbookImport:
        """Upload, and let the worker read it."""
        return work(self.send(content, **data))

    def page(self, item: WorkbookImport, query: str = "", status: int = 200) -> str:
        answer = self.client.get(reverse("importations:detail", args=[item.pk]) + query)
        assert answer.status_code == status
        return ours(answer.content.decode())

    def do(self, what: str, item: WorkbookImport, **data: Any) -> Any:
        """Press one of the buttons: answers, leave_out, apply, abandon, retry, review."""
        return self.client.post(reverse(f"importations:{what}", args=[item.pk]), data)

    def apply(self, item: WorkbookImport, **data: Any) -> WorkbookImport:
        self.do("apply", item, **data)
        return work(item)


def work(item: WorkbookImport) -> WorkbookImport:
    """The worker does what waits, and what follows once that is committed; the import as it left it."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        call_command("import_worker", once=True)
    item.refresh_from_db()
    return item


def ours(page: str) -> str:
    """Our part of a page of the admin: held to our rules, undefined variables included."""
    part = page[page.index('<div class="admin imports">') : page.index("</main>")]
    assert "UNDEFINED TEMPLATE VARIABLE" not in part
    return part


@pytest.fixture
def office(network: None, tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def another(network: None, tmp_path: Path) -> Callable[[Role], Office]:
    return lambda role: Office(tmp_path, role)
