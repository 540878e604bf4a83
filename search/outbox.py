"""The change log of search: written in the transaction of the change itself, read by every index at its own pace.

Rolled back means never indexed; committed means indexed at least once, in order, by every registered index.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Max, Min, QuerySet
from django.utils import timezone
from filelock import FileLock, Timeout

from registry import importing

from . import projection
from .documents import recipe
from .engines import get_engine, resilient_engine
from .engines.base import Answering, Engine, EngineError, Writable
from .models import OutboxEntry, RegisteredIndex

logger = logging.getLogger(__name__)

SERVICES_PER_ENTRY = 2_000  # an entry is read whole: no more than is held in memory at once
SERVICES_PER_SEARCH = 1_000  # unread services that a search may wait for (a second or so)
SERVICES_PER_APPLY = 2_000  # documents held in memory at once while draining
ENTRIES_PER_READ = 1_000
PURGE_EVERY = 500  # entries
# An index further behind than this no longer holds the log back: it is rebuilt instead.
LONGEST_LAG = 200_000
LONGEST_SILENCE = timedelta(days=7)  # nor one that belongs to a host that is no more
SIGN_OF_LIFE = timedelta(minutes=1)  # how often whoever builds an index says that it is alive
ROUNDS = 20  # readings of the log before an index that was built takes its place, at most
MAX_FAILURE = 300  # characters
# Class of the advisory locks that say « the entries of this transaction come after number n » (PostgreSQL).
_LOCK_CLASS = 0x50415353


@dataclass(frozen=True, slots=True)
class Drained:
    """What one call of `drain` did: entries read, documents written, the mark reached."""

    entries: int = 0
    documents: int = 0
    mark: int = 0


# --- Writing --------------------------------------------------------------------------------------------------------


def append(source: str, services: Iterable[int], reference_data: bool = False) -> None:
    """Say, in the transaction of the change, which services it touches (primary keys). A very long list takes several
    rows. The embedded index reads the log as soon as the transaction is committed."""
    ids = sorted(set(services))
    chunks = [ids[start : start + SERVICES_PER_ENTRY] for start in range(0, len(ids), SERVICES_PER_ENTRY)] or [[]]
    with transaction.atomic():
        _announce_position()
        OutboxEntry.objects.bulk_create(
            OutboxEntry(source=source, services=chunk, reference_data=reference_data) for chunk in chunks
        )
        if settings.SEARCH_ENGINE == "embedded":
            # Once per entry: after the first of a transaction, the others find nothing left to read.
            transaction.on_commit(drain_quietly, robust=True)


def _announce_position() -> None:
    """PostgreSQL numbers entries before they are visible. Until this transaction ends, a lock says from which number on
    its entries may appear, so that no mark passes them (see `settled`). SQLite has one writer: nothing to say."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'seq')", [OutboxEntry._meta.db_table])
        sequence = cursor.fetchone()[0]
        number = "CASE WHEN is_called THEN last_value ELSE last_value - 1 END"
        cursor.execute(f"SELECT {number} FROM {sequence}")  # noqa: S608
        position = cursor.fetchone()[0]
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_LOCK_CLASS, position & 0x7FFFFFFF])


# --- Reading --------------------------------------------------------------------------------------------------------


def head() -> int:
    """The highest number visible in the log; 0 when it is empty (one SQL query)."""
    return int(OutboxEntry.objects.aggregate(head=Max("seq"))["head"] or _purged())


def settled() -> int:
    """Up to which number the log is complete: no transaction still running can add an entry at or below it.

    On PostgreSQL: entries are visible up to `seen`; whoever may still add one below took its lock before `seen` was
    numbered, and holds it until its own entries are visible. Order matters: first `seen`, then the locks.
    """
    seen = head()
    if connection.vendor != "postgresql":
        return seen
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(objid::bigint) FROM pg_locks "
            "WHERE locktype = 'advisory' AND classid::bigint = %s AND objsubid = 2 "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [_LOCK_CLASS],
        )
        first = cursor.fetchone()[0]
    return seen if first is None else min(seen, int(first))


def drain(
    engine: Engine | None = None, limit: int | None = None, stopping: Callable[[], bool] | None = None
) -> Drained:
    """Bring an index up to date with the log: read past its mark, each service once, in bulk, and write in order.

    `limit`: entries at most; `stopping` is asked between two batches. Raises EngineError when the index is missing,
    unreadable, or so late that the log no longer holds what it needs (it must be rebuilt); IndexBusy when another
    process holds it for long.
    """
    engine = engine or get_engine()
    mark, entries, written = engine.mark(), 0, 0
    end = settled()
    if mark >= end:
        return Drained(mark=mark)
    if not engine.ready():
        raise EngineError("L’index de recherche n’existe pas encore : lancez « manage.py rebuild_index ».")
    if mark < _purged():
        raise EngineError("L’index de recherche a trop de retard : lancez « manage.py rebuild_index ».")
    while mark < end and (limit is None or entries < limit) and not (stopping is not None and stopping()):
        size = ENTRIES_PER_READ if limit is None else min(ENTRIES_PER_READ, limit - entries)
        batch = _next_batch(mark, end, size)
        if batch is None:
            break
        written += batch.write_to(engine)
        mark, entries = batch.reached, entries + batch.entries
    # Another index may have taken the place of the one that was read: what counts is where the live one is.
    mark = engine.mark()
    _register(engine.registered_name(), mark)
    return Drained(entries, written, mark)


def follow(index: Writable) -> None:
    """Write to an index that is not in service yet what changed since its mark. What comes while this runs for the
    last time is read after the swap."""
    for _ in range(ROUNDS):
        end = settled()
        if index.mark() >= end:
            return
        while (batch := _next_batch(index.mark(), end, ENTRIES_PER_READ)) is not None:
            batch.write_to(index)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some entries in a row: the services that they touch, and the number of the last one."""

    services: list[int]
    entries: int
    reached: int

    def write_to(self, index: Writable) -> int:
        documents = list(projection.documents(self.services))
        present = {document["id"] for document in documents}
        return index.apply(documents, [pk for pk in self.services if pk not in present], self.reached)


def _next_batch(mark: int, end: int, size: int) -> _Batch | None:
    """The entries after `mark` and up to `end`, at most `size`, and not more than memory holds."""
    unread = OutboxEntry.objects.filter(seq__gt=mark, seq__lte=end).order_by("seq")
    rows = list(unread.values_list("seq", "services")[:size])
    batch: dict[int, None] = {}
    reached = entries = 0
    # A service that comes back further on is read there only: an import announces most of them several times.
    last = {pk: seq for seq, services in rows for pk in services}
    for seq, services in rows:
        due = [pk for pk in services if last[pk] == seq]
        if batch and len(batch) + len(due) > SERVICES_PER_APPLY:
            break
        batch.update(dict.fromkeys(due))
        reached, entries = seq, entries + 1
    return _Batch(list(batch), entries, reached) if rows else None


def answering(known_head: int) -> Answering:
    """What answers a page. The index of this host first reads what is new; Elasticsearch is written to by
    `index_worker` alone, and no page asks it where it stands."""
    if settings.SEARCH_ENGINE != "elasticsearch":
        engine = get_engine()
        freshen(engine, known_head)
        return engine
    resilient = resilient_engine()
    if resilient.breaker.is_open and resilient.standby.mark() < known_head:
        _drain_beside(resilient.standby)
    return resilient.question()


def drain_quietly(engine: Engine | None = None) -> None:
    """Drain on commit: a failure is logged and never breaks the request that made the change. The next search, or the
    next change, tries again."""
    try:
        engine = engine or get_engine()
        if not _is_long(engine):
            drain(engine)
            return
        with _alone() as alone:
            if alone:
                drain(engine)
    except EngineError as error:
        logger.warning("The index was not brought up to date: %s", error)
    except Exception:
        logger.exception("The index was not brought up to date")


def freshen(engine: Engine, known_head: int | None = None) -> None:
    """Before a search: drain when the log moved past the index (`known_head`: where the log is, if known). A search
    waits for a few services, never for an import: what that one wrote is read beside, and found when it is."""
    if (head() if known_head is None else known_head) <= engine.mark():
        return
    try:
        if _is_long(engine):
            _drain_beside(engine)
        else:
            drain(engine)
    except EngineError as error:
        logger.warning("The index was not brought up to date: %s", error)
    except OperationalError as error:
        # Somebody writes for long: what the index has is better than no answer.
        if not importing.is_busy(error):
            raise


def _is_long(engine: Engine) -> bool:
    """Is there more to read than a search can wait for?"""
    unread: set[int] = set()
    rows = OutboxEntry.objects.filter(seq__gt=engine.mark()).order_by("seq").values_list("services", flat=True)
    for services in rows.iterator(chunk_size=20):
        unread.update(services)
        if len(unread) > SERVICES_PER_SEARCH:
            return True
    return False


@contextmanager
def _alone() -> Iterator[bool]:
    """True for the one process of this host that reads a long log; the others leave it to that one."""
    lock = FileLock(settings.PASSERELLES_DATA_DIR / "drain.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


_beside: list[threading.Thread] = []


def _drain_beside(engine: Engine) -> None:
    """Drain in a thread of this process, one at a time."""
    if any(thread.is_alive() for thread in _beside):
        return

    def work() -> None:
        try:
            drain_quietly(engine)
        finally:
            connection.close()

    _beside[:] = [threading.Thread(target=work, name="drain", daemon=True)]
    _beside[0].start()


# --- Keeping the log short ------------------------------------------------------------------------------------------

_PURGED = ""  # the row that remembers how far the log was purged
_BUILD = ":build:"  # in the name of a row that holds the log for an index being built


def _purged() -> int:
    return RegisteredIndex.objects.filter(name=_PURGED).values_list("mark", flat=True).first() or 0


def _register(name: str, mark: int) -> None:
    before = RegisteredIndex.objects.filter(name=name).values_list("mark", flat=True).first() or 0
    RegisteredIndex.objects.update_or_create(name=name, defaults={"mark": mark, "failure": "", "failing_since": None})
    if mark // PURGE_EVERY != before // PURGE_EVERY:
        purge()


def register(engine: Engine) -> None:
    """Say that this index is kept up to date, and where it stands (also when it had nothing to read)."""
    _register(engine.registered_name(), engine.mark())


def note_failure(engine: Engine, failure: str) -> None:
    """Remember, for whoever looks after the house, why this index is not kept up to date, and since when."""
    index, _new = RegisteredIndex.objects.get_or_create(name=engine.registered_name())
    index.failure = failure[:MAX_FAILURE]
    index.failing_since = index.failing_since or timezone.now()
    index.save(update_fields=["failure", "failing_since"])


@contextmanager
def held(engine: Engine, mark: int) -> Iterator[Callable[[], None]]:
    """Keep the entries past this mark while an index is being rebuilt from it, whatever the live one has read. Yields
    what says, often, that the builder is alive: what a killed one held is let go."""
    name = f"{engine.registered_name()}{_BUILD}{uuid.uuid4().hex[:8]}"
    RegisteredIndex.objects.create(name=name, mark=mark)
    said = time.monotonic()

    def alive() -> None:
        nonlocal said
        if time.monotonic() - said > SIGN_OF_LIFE.total_seconds():
            said = time.monotonic()
            RegisteredIndex.objects.filter(name=name).update(seen_at=timezone.now())

    try:
        yield alive
    finally:
        RegisteredIndex.objects.filter(name=name).delete()


def indexes() -> QuerySet[RegisteredIndex]:
    """The indexes that read the log, those being built left out."""
    return RegisteredIndex.objects.exclude(name=_PURGED).exclude(name__contains=_BUILD)


def purge() -> int:
    """Remove the entries that every registered index has read; an index too far behind, or silent for too long, is
    let go. Returns the number of entries removed."""
    last = head()
    with transaction.atomic():
        readers = RegisteredIndex.objects.exclude(name=_PURGED)
        readers.filter(mark__lt=last - LONGEST_LAG).delete()
        readers.filter(name__contains=_BUILD, seen_at__lt=timezone.now() - 10 * SIGN_OF_LIFE).delete()
        readers.filter(seen_at__lt=timezone.now() - LONGEST_SILENCE).delete()
        slowest = readers.aggregate(mark=Min("mark"))["mark"]
        # The last entry stays, so that the head of the log never falls back.
        through = min(slowest or 0, last - 1)
        if through <= _purged():
            return 0
        removed, _details = OutboxEntry.objects.filter(seq__lte=through).delete()
        RegisteredIndex.objects.update_or_create(name=_PURGED, defaults={"mark": through})
    return removed


def is_behind(engine: Engine) -> str:
    """Why this index must be rebuilt, in French; « » when draining is enough. Raises EngineError when the server does
    not answer: that is no reason to rebuild."""
    mark = engine.mark()
    if not engine.ready():
        return "l’index n’existe pas, est illisible ou vient d’une autre version"
    if mark > head():
        return "l’index vient d’une autre base de données"
    if mark < _purged():
        return "l’index a trop de retard"
    if engine.recipe() != recipe():
        return "les fiches se lisent autrement dans cette version"
    return ""


def pending(engine: Engine) -> Sequence[int]:
    """The numbers of the entries that this index has not read."""
    return list(OutboxEntry.objects.filter(seq__gt=engine.mark()).values_list("seq", flat=True))
