"""Where uploaded workbooks wait: a private folder, never served, emptied after a day."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from registry.models import ImportStatus, WorkbookImport

from . import progress

EXPIRED = "Le fichier a été supprimé après 24 heures sans être appliqué. Envoyez-le de nouveau pour l’importer."


def folder() -> Path:
    """The private folder of imports (created at need, closed to other accounts of the machine)."""
    path = Path(settings.PASSERELLES_DATA_DIR) / "imports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(item: WorkbookImport) -> Path:
    """Where the file of this import is. Raises FileNotFoundError when it is no longer kept."""
    path = folder() / item.stored_name
    if not item.stored_name or not path.is_file():
        raise FileNotFoundError(item.stored_name or "fichier supprimé")
    return path


def keep(chunks: Iterable[bytes], file_name: str, user: Any, sheets: Iterable[str] = ()) -> WorkbookImport:
    """Store an uploaded file under a name that says nothing, and note who sent it."""
    name = f"{uuid.uuid4().hex}.xlsx"
    path, digest, size = folder() / name, hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        return WorkbookImport.objects.create(
            user=user, file_name=_shown_name(file_name), stored_name=name, size=size, sha256=digest.hexdigest(),
            sheets=list(sheets),
        )  # fmt: skip
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _shown_name(file_name: str) -> str:
    name = "".join(letter for letter in Path(file_name.replace("\\", "/")).name if letter.isprintable()).strip()
    return name[:255] or "classeur.xlsx"


def forget_file(item: WorkbookImport) -> None:
    """Delete the file of an import; the import itself stays in the history."""
    if item.stored_name:
        (folder() / item.stored_name).unlink(missing_ok=True)
        WorkbookImport.objects.filter(pk=item.pk).update(stored_name="")
        item.stored_name = ""
    progress.forget(item.pk)


def abandon(item: WorkbookImport) -> bool:
    """Close an import without writing anything; its file and its lines are deleted. False once it is being written."""
    closed = (
        WorkbookImport.objects.filter(pk=item.pk)
        .exclude(status__in=(ImportStatus.APPLYING, ImportStatus.APPLIED, ImportStatus.ABANDONED))
        .update(status=ImportStatus.ABANDONED, worker="", finished_at=timezone.now())
    )
    if closed:
        item.lines.all().delete()
        forget_file(item)
    return bool(closed)


def purge(now: Any = None) -> int:
    """Delete what is older than a day, and whatever no import claims; the number of files deleted.

    An import that was waiting for its file is closed. A file being read or written is left until that is over.
    """
    now = now or timezone.now()
    limit = now - WorkbookImport.KEPT_FOR
    waiting = WorkbookImport.objects.exclude(stored_name="")
    deleted = 0
    for item in waiting.filter(Q(created_at__lt=limit) | Q(status__in=(ImportStatus.APPLIED, ImportStatus.ABANDONED))):
        if item.worker and item.is_busy and progress.is_alive(item.pk):
            continue
        forget_file(item)
        deleted += 1
        WorkbookImport.objects.filter(pk=item.pk, status__in=WorkbookImport.OPEN).update(
            status=ImportStatus.ABANDONED, worker="", notice=EXPIRED, finished_at=now
        )
        WorkbookImport.objects.filter(pk=item.pk, status=ImportStatus.FAILED, notice="").update(notice=EXPIRED)
    return deleted + _purge_orphans(limit)


def _purge_orphans(limit: Any) -> int:
    """Files without an import: an upload cut short, a database put back from a copy, a process killed."""
    claimed = set(WorkbookImport.objects.exclude(stored_name="").values_list("stored_name", flat=True))
    deleted = 0
    for path in (*folder().iterdir(), *Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*")):
        try:
            if path.name not in claimed and path.is_file() and path.stat().st_mtime < limit.timestamp():
                path.unlink()
                deleted += 1
        except FileNotFoundError:
            continue
    return deleted
