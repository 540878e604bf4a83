"""An office, and real processes that work for it: `python -m tests.registry.imports.worker_process FOLDER`.

Somebody sends the reference workbook and applies it; the process that writes it is killed; the import is started again
and the worker of production does it. Prints what was seen as JSON. The folder is that of PASSERELLES_DATA_DIR.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import django

PATIENCE = 200  # seconds, on a busy machine
WRITING = "Écriture dans le réseau"


def main(folder: Path) -> dict[str, Any]:
    from django.test import Client
    from django.urls import reverse

    from registry import importing
    from registry.enums import Role
    from registry.imports import progress
    from registry.models import WorkbookImport
    from tests.registry.admin import building
    from tests.registry.workbook_tools import FIXTURE

    tables()
    client = Client()
    client.force_login(building.account(Role.ADMINISTRATOR))
    seen: dict[str, Any] = {}
    with FIXTURE.open("rb") as file:
        client.post(reverse("importations:index"), {"file": file})
    item = WorkbookImport.objects.get()

    def press(name: str) -> None:
        client.post(reverse(f"importations:{name}", args=[item.pk]))
        item.refresh_from_db()

    def page() -> str:
        answer = client.get(reverse("importations:detail", args=[item.pk]))
        item.refresh_from_db()
        return f"{answer.status_code} " + " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())

    start("run_import", str(item.pk)).wait(PATIENCE)
    item.refresh_from_db()
    seen["read"] = item.status
    press("apply")
    process = start("run_import", str(item.pk))
    until(lambda: progress.read(item.pk).phase == WRITING and progress.read(item.pk).done > 0)
    seen["while it writes"] = {"announced": importing.in_progress(), "page": page(), "records": records()}
    os.kill(process.pid, signal.SIGKILL)
    seen["killed"] = process.wait(PATIENCE)
    seen["announced after"] = importing.in_progress()
    seen["records after"] = records()
    silence(item)
    seen["page after"] = page()
    seen["status after"] = item.status
    seen["file kept"] = bool(item.stored_name)
    press("retry")

    loop = start("import_worker", output=subprocess.PIPE)
    try:
        until(lambda: status_of(item) == "apercu")
        press("apply")
        until(lambda: status_of(item) == "applique")
        loop.send_signal(signal.SIGTERM)
        said, _errors = loop.communicate(timeout=PATIENCE)
    finally:
        loop.kill()
    seen["loop"] = {"code": loop.returncode, "said": said}
    item.refresh_from_db()
    seen["applied"] = {"added": item.added, "records": records(), "file kept": bool(item.stored_name)}
    return seen


def tables() -> None:
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command

    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)
    call_command("rebuild_index", verbosity=0)


def start(command: str, *arguments: str, output: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "manage.py", command, *arguments], stdout=output, text=True)


def until(true: Any) -> None:
    limit = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > limit:
            sys.exit("it never came")
        time.sleep(0.01)


def status_of(item: Any) -> str:
    return str(type(item).objects.values_list("status", flat=True).get(pk=item.pk))


def records() -> int:
    """Everything that an import writes, its history and its log of changes included."""
    from wagtail.models import ModelLogEntry, Revision

    from registry.models import Location, Organization, Service, Territory
    from search.models import OutboxEntry

    kinds = (Organization.all_objects, Location.all_objects, Service.all_objects, Territory.all_objects)
    return sum(manager.count() for manager in (*kinds, Revision.objects, ModelLogEntry.objects, OutboxEntry.objects))


def silence(item: Any) -> None:
    """As after a minute without a sign of life."""
    from datetime import timedelta

    from registry.imports import progress

    long_ago = time.time() - progress.DEAD_AFTER - 1
    os.utime(progress._path(item.pk), (long_ago, long_ago))
    item.refresh_from_db()
    moment = item.phase_started_at - timedelta(seconds=progress.DEAD_AFTER + 1)
    type(item).objects.filter(pk=item.pk).update(phase_started_at=moment)


if __name__ == "__main__":
    os.environ["PASSERELLES_DATA_DIR"] = sys.argv[1]
    django.setup()
    print(json.dumps(main(Path(sys.argv[1]))))  # noqa: T201
