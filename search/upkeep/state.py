"""Where each index stands: how far behind the log, since when, and how far from the database. For the admin and for
whoever watches the machines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.utils import timezone

from .. import outbox
from ..engines.base import Engine
from ..models import OutboxEntry, RegisteredIndex

SILENCE = timedelta(minutes=2)  # an index of which nobody has heard for so long, and that is late, has no worker
LATE = timedelta(seconds=10)  # a wait that is worth saying


@dataclass(frozen=True, slots=True)
class IndexState:
    """One index. `unread`: entries of the change log that it has not read; `waiting`: age of the oldest of them."""

    name: str
    mark: int
    unread: int
    waiting: timedelta
    seen_at: datetime
    failure: str
    failing_since: datetime | None
    documents: int | None
    drift: int | None
    checked_at: datetime | None

    @property
    def engine(self) -> str:
        return self.name.split("@")[0].split(":")[0]

    @property
    def label(self) -> str:
        """« Elasticsearch (passerelles) », « Copie locale de serveur-1 »."""
        if self.engine == "elasticsearch":
            return f"Elasticsearch ({self.name.partition(':')[2]})"
        return f"Index intégré de {self.name.partition('@')[2].partition(':')[0] or 'cette machine'}"

    @property
    def status(self) -> str:
        """One word for programs: ok, late, failing, silent."""
        if self.failing_since is not None:
            return "failing"
        if self.unread and timezone.now() - self.seen_at > SILENCE:
            return "silent"
        return "late" if self.waiting > LATE else "ok"


def states() -> list[IndexState]:
    """Every registered index, by name. Two SQL queries and one per index that has something to read."""
    head = outbox.head()
    found = []
    for row in outbox.indexes().order_by("name"):
        unread, oldest = 0, None
        if row.mark < head:
            waiting = OutboxEntry.objects.filter(seq__gt=row.mark).aggregate(n=Count("seq"), oldest=Min("created_at"))
            unread, oldest = waiting["n"], waiting["oldest"]
        age = timezone.now() - oldest if oldest else timedelta()
        found.append(
            IndexState(
                row.name, row.mark, unread, max(age, timedelta()), row.seen_at, row.failure, row.failing_since,
                row.documents, row.drift, row.checked_at,
            )
        )  # fmt: skip
    return found


def remember_comparison(engine: Engine, documents: int, drift: int) -> None:
    """What a comparison, or a rebuild that was checked, found of this index."""
    RegisteredIndex.objects.update_or_create(
        name=engine.registered_name(),
        defaults={"documents": documents, "drift": drift, "checked_at": timezone.now()},
        create_defaults={
            "documents": documents, "drift": drift, "checked_at": timezone.now(), "mark": engine.mark(),
        },
    )  # fmt: skip


# --- Metrics --------------------------------------------------------------------------------------------------------

_HELP = {
    "passerelles_log_head": ("Highest number of the change log.", "counter"),
    "passerelles_index_mark": ("Number up to which the index has read the change log.", "counter"),
    "passerelles_index_unread_entries": ("Entries of the change log that the index has not read.", "gauge"),
    "passerelles_index_lag_seconds": ("Age of the oldest entry that the index has not read.", "gauge"),
    "passerelles_index_seen_seconds": ("Seconds since the index was last seen being kept up to date.", "gauge"),
    "passerelles_index_failing": ("1 when the index cannot be brought up to date.", "gauge"),
    "passerelles_index_documents": ("Services held, at the last comparison.", "gauge"),
    "passerelles_index_drift": ("Services that differ from the database, at the last comparison.", "gauge"),
    "passerelles_index_checked_seconds": ("Seconds since the last comparison with the database.", "gauge"),
}


def metrics() -> str:
    """The state of every index in the text format of Prometheus (version 0.0.4)."""
    now = timezone.now()
    rows: dict[str, list[tuple[str, float]]] = {name: [] for name in _HELP}
    rows["passerelles_log_head"].append(("", outbox.head()))
    for item in states():
        label = '{index="%s",engine="%s"}' % (_escaped(item.name), _escaped(item.engine))  # noqa: UP031
        rows["passerelles_index_mark"].append((label, item.mark))
        rows["passerelles_index_unread_entries"].append((label, item.unread))
        rows["passerelles_index_lag_seconds"].append((label, item.waiting.total_seconds()))
        rows["passerelles_index_seen_seconds"].append((label, (now - item.seen_at).total_seconds()))
        rows["passerelles_index_failing"].append((label, int(item.failing_since is not None)))
        if item.checked_at is not None:
            rows["passerelles_index_documents"].append((label, item.documents or 0))
            rows["passerelles_index_drift"].append((label, item.drift or 0))
            rows["passerelles_index_checked_seconds"].append((label, (now - item.checked_at).total_seconds()))
    lines = []
    for name, (text, kind) in _HELP.items():
        lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
        lines += [f"{name}{label} {value:g}" if value < 1e6 else f"{name}{label} {value:.0f}"
                  for label, value in rows[name]]  # fmt: skip
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
