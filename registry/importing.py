"""One import writes at a time, and says so: whoever would write meanwhile is told, at once, instead of waiting.

An import is one transaction, minutes long for a large network. With SQLite nobody else can write until it ends; with
PostgreSQL, nobody can write the records that it touches. Readers never wait. Source: docs/decisions, « Une importation
à la fois ».
"""

from __future__ import annotations

import fcntl
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

IN_PROGRESS = "Une importation est en cours : attendez qu’elle finisse, puis recommencez. Rien n’est perdu."
OTHER_IMPORT = "Une autre importation est en cours d’écriture. Rien n’a été écrit : recommencez quand elle sera finie."

# How long an import waits for the one before it (seconds); how long a write waits while an import is at work.
_PATIENCE, IMPATIENCE_MS = 5.0, 250
RETRY_AFTER = 30  # seconds, told to whoever asks by program
# What PostgreSQL knows the announcement by, from any host.
_ADVISORY_KEY = 0x50415353_494D50
# Fields that a page must not hold again.
_NEVER_REPEATED = ("password", "csrfmiddlewaretoken")


class InProgress(Exception):
    """Another import is being written."""

    def __init__(self) -> None:
        super().__init__(OTHER_IMPORT)


class _Announcement:
    """The lock, held until `release`, or until the transaction that was to release it is forgotten. The system lets it
    go with the process, however it dies."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file

    def release(self) -> None:
        self.file.close()

    __del__ = release


_held = threading.local()


def _path() -> Path:
    return Path(settings.PASSERELLES_DATA_DIR) / "import.lock"


@contextmanager
def announced() -> Iterator[None]:
    """A transaction around an import, announced until it is committed or rolled back, outer ones included.

    Raises InProgress when another process is at it.
    """
    outer = getattr(_held, "announcement", None)
    known = outer() if outer is not None else None
    if known is not None and not known.file.closed:
        with transaction.atomic():
            yield
        return
    announcement = _Announcement(_locked())
    _held.announcement = weakref.ref(announcement)
    nested = connection.in_atomic_block
    try:
        with transaction.atomic():
            _tell_other_hosts()
            # First of what is done once committed: the index is brought up to date after, and others may write then.
            transaction.on_commit(announcement.release)
            yield
    except BaseException:
        announcement.release()
        raise
    if not nested:
        announcement.release()


def _locked() -> IO[str]:
    _path().parent.mkdir(parents=True, exist_ok=True)
    file = _path().open("a")
    limit = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() > limit:
                file.close()
                raise InProgress from None
            time.sleep(0.05)


def _tell_other_hosts() -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ADVISORY_KEY])
        if not cursor.fetchone()[0]:
            raise InProgress


def in_progress(writes: bool = False) -> bool:
    """Is an import being written? On this host: no SQL. `writes`: somebody is about to write, ask PostgreSQL too."""
    try:
        with _path().open("a") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    if not writes or connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted "
            "AND (classid::bigint << 32 | objid::bigint) = %s AND objsubid = 1)",
            [_ADVISORY_KEY],
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def impatient() -> Iterator[None]:
    """Inside, a write that must wait for somebody else's gives up after a quarter of a second (OperationalError)."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA busy_timeout = {IMPATIENCE_MS}")
        elif connection.vendor == "postgresql":
            cursor.execute(f"SET lock_timeout = {IMPATIENCE_MS}")
    try:
        yield
    finally:
        if connection.connection is not None:
            patience = int(float(connection.settings_dict.get("OPTIONS", {}).get("timeout", 5)) * 1000)
            with suppress(OperationalError), connection.cursor() as cursor:
                if connection.vendor == "sqlite":
                    cursor.execute(f"PRAGMA busy_timeout = {patience}")
                elif connection.vendor == "postgresql":
                    cursor.execute("SET lock_timeout = DEFAULT")


def is_busy(error: BaseException) -> bool:
    """Did this write fail because somebody else was writing?"""
    if not isinstance(error, OperationalError):
        return False
    text = str(error)
    return "database is locked" in text or "database table is locked" in text or "lock timeout" in text


class ImportNotice:
    """Middleware: while an import is written, a page that must write answers « importation en cours » (503), with what
    was typed ready to be sent again. Pages that only read see nothing of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not in_progress(writes=request.method not in ("GET", "HEAD", "OPTIONS")):
            return self.get_response(request)
        with impatient():
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return busy(request) if is_busy(exception) else None


def busy(request: HttpRequest) -> HttpResponse:
    """The page that says it, and sends the same form again at the press of a button."""
    response = render(request, "registry/busy.html", {"message": IN_PROGRESS, "fields": _typed(request)}, status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "private, no-store"
    return response


def _typed(request: HttpRequest) -> list[tuple[str, Any]] | None:
    """What was sent, field by field; None where it cannot be held in a page (a file, a password)."""
    if request.method != "POST" or request.FILES:
        return None
    if any("password" in name for name in request.POST):
        return None
    return [(name, value) for name, values in request.POST.lists() for value in values if name not in _NEVER_REPEATED]
