"""The work of an import, outside of any request: claimed, done, and taken up again after a crash.

The database is the queue. With `PASSERELLES_IMPORT_WORKER`, a process of its own (`manage.py import_worker`) takes what
waits; without, each piece of work starts a detached `manage.py run_import`. Either way a piece of work that gives no
sign of life is closed as failed, to be started again: what it was writing was in one transaction, and is not there.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import traceback
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from registry import importing
from registry.models import ImportStatus, WorkbookImport
from registry.workbook import apply as workbook_apply
from registry.workbook.diff import UnknownSheet
from registry.workbook.reader import UnreadableWorkbook

from . import mapping, progress, reading, storage
from .progress import Reporter

logger = logging.getLogger(__name__)

INTERRUPTED = "Le travail s’est arrêté en route (serveur redémarré?). Rien n’a été écrit : vous pouvez le relancer."
GONE = "Le fichier n’est plus là : il est gardé 24 heures au plus. Envoyez-le de nouveau."
NOBODY = "Le compte qui a demandé cette importation n’existe plus. Envoyez le fichier de nouveau."
LOCKED = "La base de données était occupée par une autre écriture. Rien n’a été écrit : relancez dans un instant."
TOO_HEAVY = "Ce classeur est trop lourd pour être lu ici. Coupez-le en plusieurs fichiers, puis recommencez."
UNEXPECTED = (
    "Une erreur inattendue a arrêté le travail. Rien n’a été écrit. Relancez; si elle revient, signalez-la à "
    "l’administrateur, avec l’heure."
)
MOVED = (
    "L’aperçu a changé depuis que vous l’avez vu : le réseau a bougé, ou des lignes dépendaient de celles que vous "
    "avez écartées. Rien n’a été écrit. Les lignes différentes sont marquées : vérifiez-les, puis appliquez."
)
_WAITING = Q(status=ImportStatus.RECEIVED) | Q(status=ImportStatus.APPLYING, worker="")
_started: list[subprocess.Popen[bytes]] = []


class Superseded(Exception):
    """Somebody closed this import while it was being written: the transaction must not be kept."""


# --- Asking ---------------------------------------------------------------------------------------------------------


def applying() -> WorkbookImport | None:
    """The import being written right now, if any."""
    return WorkbookImport.objects.filter(status=ImportStatus.APPLYING).first()


def ask_reading(item: WorkbookImport) -> None:
    """Put an import (back) in the queue to be read."""
    WorkbookImport.objects.filter(pk=item.pk).exclude(status__in=(ImportStatus.APPLYING, ImportStatus.APPLIED)).update(
        status=ImportStatus.RECEIVED, worker="", error="", notice="", finished_at=None, phase_started_at=timezone.now()
    )
    transaction.on_commit(lambda: launch(item.pk))


def ask_applying(item: WorkbookImport, user: Any) -> bool:
    """Ask that a preview be written, in the name of this user. False while another import is being written."""
    try:
        with transaction.atomic():
            asked = WorkbookImport.objects.filter(pk=item.pk, status=ImportStatus.PREVIEW).update(
                status=ImportStatus.APPLYING, worker="", applied_by=user, error="", notice="",
                phase_started_at=timezone.now(),
            )  # fmt: skip
    except IntegrityError:
        return False
    if asked:
        transaction.on_commit(lambda: launch(item.pk))
    return bool(asked)


def launch(pk: int) -> None:
    """Start the work, in a process that outlives the request, and the server; nothing where a worker runs."""
    if settings.PASSERELLES_IMPORT_WORKER:
        return
    _started[:] = [process for process in _started if process.poll() is None]
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_import", str(pk)]
    _started.append(
        subprocess.Popen(  # noqa: S603 - our own command, a number for argument
            command,
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    )


def next_waiting() -> int | None:
    """The import that has waited longest."""
    return WorkbookImport.objects.filter(_WAITING).order_by("created_at", "pk").values_list("pk", flat=True).first()


def recover() -> int:
    """Close as failed what died on the way; the number of imports closed."""
    silent_since = timezone.now() - timedelta(seconds=progress.DEAD_AFTER)
    old = Q(phase_started_at__lt=silent_since) | Q(phase_started_at=None, created_at__lt=silent_since)
    busy = WorkbookImport.objects.filter(old, status__in=WorkbookImport.BUSY)
    if settings.PASSERELLES_IMPORT_WORKER:
        busy = busy.exclude(_WAITING)  # they wait for the worker, however long
    closed = 0
    for item in busy:
        if not progress.is_alive(item.pk):
            closed += _close(item, ImportStatus.FAILED, INTERRUPTED)
    return closed


def _close(item: WorkbookImport, status: ImportStatus, error: str) -> int:
    return WorkbookImport.objects.filter(pk=item.pk, status=item.status, worker=item.worker).update(
        status=status, worker="", error=error, finished_at=timezone.now()
    )


# --- Working --------------------------------------------------------------------------------------------------------


def run(pk: int) -> bool:
    """Do what waits for this import: read it, or write it. False when there is nothing to do, or somebody else does."""
    item = _claim(pk)
    if item is None:
        return False
    with Reporter(pk) as reporter:
        try:
            if item.status == ImportStatus.READING:
                _read(item, reporter)
            else:
                _apply(item, reporter)
        except importing.InProgress as error:
            # Somebody else's, from a terminal perhaps: the preview still stands.
            item.notice = str(error)
            _settle(item, ImportStatus.PREVIEW)
        except Exception as error:
            _close(item, ImportStatus.FAILED, _explained(error))
    return True


def _claim(pk: int) -> WorkbookImport | None:
    worker = f"{socket.gethostname()[:40]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    mine = WorkbookImport.objects.filter(pk=pk)
    now = timezone.now()
    claimed = mine.filter(status=ImportStatus.RECEIVED).update(
        status=ImportStatus.READING, worker=worker, phase_started_at=now
    ) or mine.filter(status=ImportStatus.APPLYING, worker="").update(worker=worker, phase_started_at=now)
    return mine.select_related("user", "applied_by").get() if claimed else None


def _read(item: WorkbookImport, reporter: Reporter) -> None:
    if item.user is None:
        raise PermissionDenied(NOBODY)
    item.lines.all().delete()
    try:
        found = reading.compare(item, item.user, reporter)
    except mapping.Asked:
        _settle(item, ImportStatus.ASKING)
        return
    reporter.start("Préparation de l’aperçu")
    reading.store(item, found)
    _settle(item, ImportStatus.PREVIEW)


def _apply(item: WorkbookImport, reporter: Reporter) -> None:
    if item.applied_by is None:
        # The system itself may do anything: an account deleted meanwhile must not become it.
        raise PermissionDenied(NOBODY)
    try:
        found = reading.compare(item, item.applied_by, reporter)
    except mapping.Asked:
        _settle(item, ImportStatus.ASKING)
        return
    seen = reading.seen(item)
    if reading.digests(found) != seen:
        reporter.start("Préparation du nouvel aperçu")
        reading.store(item, found, moved_from=seen)
        item.notice = MOVED
        _settle(item, ImportStatus.PREVIEW)
        return
    reporter.start("Écriture dans le réseau", found.writes)
    written: dict[str, int] = {}

    def tell(sheet: str, done: int, total: int) -> None:
        written[sheet] = done
        reporter.tell(sum(written.values()))

    with importing.announced():
        done = workbook_apply.apply(found, item.applied_by, tell)
        kept = WorkbookImport.objects.filter(pk=item.pk, status=ImportStatus.APPLYING, worker=item.worker).update(
            status=ImportStatus.APPLIED, worker="", added=done.added, changed=done.changed, finished_at=timezone.now()
        )
        if not kept:
            raise Superseded
    storage.forget_file(item)


def _settle(item: WorkbookImport, status: ImportStatus) -> None:
    """Keep what the reading found, unless somebody closed the import meanwhile."""
    kept = WorkbookImport.objects.filter(pk=item.pk, status=item.status, worker=item.worker).update(
        status=status, worker="", layout=item.layout, doubts=item.doubts, report=item.report, notice=item.notice
    )
    if not kept and WorkbookImport.objects.filter(pk=item.pk, status=ImportStatus.ABANDONED).exists():
        item.lines.all().delete()


def _explained(error: Exception) -> str:
    """What the person reads. What is unexpected goes to the log, without its message: it may hold a value."""
    if isinstance(error, UnreadableWorkbook | UnknownSheet | workbook_apply.ApplyConflict):
        return str(error)
    if isinstance(error, PermissionDenied):
        return str(error) or "Votre rôle ne permet pas cette importation."
    if isinstance(error, FileNotFoundError):
        return GONE
    if isinstance(error, MemoryError):
        return TOO_HEAVY
    if importing.is_busy(error):
        return LOCKED
    if not isinstance(error, Superseded):
        trace = "".join(traceback.format_tb(error.__traceback__))
        logger.error("An import stopped on %s\n%s", type(error).__name__, trace)
    return UNEXPECTED
