"""`python -m benchmarks.freshness`: 50 listings are saved each second, a worker follows, and each save is timed until a
search of the server shows it. Needs a server: ELASTICSEARCH_URL, or `make elasticsearch`.

Works in a folder and under a prefix of its own. DATABASE_URL, when given, must be an empty database.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.freshness.writer import WHOLE
from benchmarks.importing import environment
from search.engines.elasticsearch_mapping import META
from tests import postgresql_server

ROOT = Path(__file__).resolve().parent.parent.parent
ALLOWED = 2.0  # seconds, for 95 saves in 100
LOOK_EVERY = 0.02  # seconds between two searches for what was saved
PATIENCE = 60.0
WARM_UP = 2.0
REACHED = 0.95  # of the load asked for: below, the machine is what was measured
DATABASES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


@dataclass
class Watch:
    """Saves that no search has shown yet: primary key → (number in the change log, moment of the commit)."""

    expected: dict[int, tuple[int, float]] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def saved(self, pk: int, seq: int, moment: float) -> None:
        with self.lock:
            # A listing saved again before it was seen: what counts is the first save, and the latest number.
            since = self.expected.get(pk, (0, moment))[1]
            self.expected[pk] = (seq, since)

    def look(self, engine: Any) -> None:
        """One search for all that is awaited."""
        with self.lock:
            awaited = dict(self.expected)
        if not awaited:
            return
        body = {
            "size": len(awaited) + 1, "version": True, "_source": False, "track_total_hits": False,
            "query": {"bool": {"should": [{"terms": {"id": list(awaited)}}, {"ids": {"values": [META]}}]}},
        }  # fmt: skip
        hits = engine.client.call("POST", f"/{engine.indexes.live}/_search", body)["hits"]["hits"]
        now = time.monotonic()
        found = {hit["_id"]: int(hit["_version"]) for hit in hits}
        # The mark is written after the listings: a search that shows it shows them too. A listing saved twice in a row
        # may have been written once, for the first of the two numbers.
        mark = found.pop(META, 0)
        with self.lock:
            for pk, (seq, since) in awaited.items():
                seen = max(found.get(str(pk), 0), mark) >= seq
                if seen and self.expected.get(pk) == (seq, since):
                    self.delays.append(now - since)
                    del self.expected[pk]


def written(seconds: float, rate: float, whole: bool, writers: int, watch: Watch | None) -> int:
    """Let `writers` processes save listings at this rate in all; returns how many saves. Exits when one fails."""
    line = [sys.executable, "-m", "benchmarks.freshness.writer", str(rate / writers), str(seconds)]
    started = [
        subprocess.Popen(
            [*line, str(share), str(writers), WHOLE if whole else "row"], stdout=subprocess.PIPE, text=True
        )
        for share in range(writers)
    ]

    def read(process: subprocess.Popen[str]) -> int:
        assert process.stdout is not None
        rows = 0
        for told in process.stdout:
            rows += 1
            pk, seq, moment = told.split()
            if watch is not None:
                watch.saved(int(pk), int(seq), float(moment))
        return rows

    with ThreadPoolExecutor(writers) as readers:
        saves = sum(readers.map(read, started))
    codes = {process.wait() for process in started}
    if codes != {0}:
        sys.exit("Un des processus qui enregistrent a échoué (voir plus haut).")
    return saves


def measure(seconds: float, rate: float, whole: bool, writers: int) -> int:
    """Print the delays; 1 when 95 in 100 are not within ALLOWED. Says so when the load asked for was not reached."""
    environment.ready()
    from registry.models import Service
    from search.engines import get_engine

    engine, watch, over = get_engine(), Watch(), threading.Event()

    def look() -> None:
        while not over.is_set():
            watch.look(engine)
            time.sleep(LOOK_EVERY)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    # A worker is there for weeks: what it learns at its first write is not counted.
    written(WARM_UP, rate, whole, writers, None)
    time.sleep(WARM_UP)
    saves = written(seconds, rate, whole, writers, watch)
    limit = time.monotonic() + PATIENCE
    while watch.expected and time.monotonic() < limit:
        time.sleep(LOOK_EVERY)
    over.set()
    looking.join()
    if watch.expected or len(watch.delays) < 2:
        print(f"{len(watch.expected)} fiches enregistrées ne se trouvent toujours pas après {PATIENCE:.0f} s.")
        return 1
    p95, reached = quantiles(watch.delays, n=20)[-1], saves / seconds
    print(
        f"{saves} enregistrements{' complets' if whole else ''} en {seconds:.0f} s ({reached:.1f} par seconde), "
        f"{writers} à la fois, {Service.objects.count()} services, {DATABASES[connection_vendor()]}\n"
        f"trouvés après\u00a0: médiane {median(watch.delays):.2f} s, p95 {p95:.2f} s, "
        f"p99 {quantiles(watch.delays, n=100)[-1]:.2f} s, le plus long {max(watch.delays):.2f} s "
        f"(permis\u00a0: p95 de {ALLOWED:.0f} s)"
    )
    if reached < REACHED * rate:
        print(
            f"La machine n’arrive pas à {rate:.0f} enregistrements par seconde\u00a0: le délai vaut pour {reached:.1f}."
        )
    return 0 if p95 <= ALLOWED else 1


def connection_vendor() -> str:
    from django.db import connection

    return connection.vendor


@contextmanager
def database(wanted: bool) -> Iterator[dict[str, str]]:
    """Where the network is: an empty PostgreSQL of the measure's own when it is `wanted`, else DATABASE_URL, else a
    SQLite file."""
    if wanted:
        if postgresql_server.programs() is None:
            sys.exit("PostgreSQL introuvable (paquet « postgresql » de Debian).")
        with postgresql_server.running() as address:
            yield {"DATABASE_URL": address}
        return
    yield {name: os.environ[name] for name in ("DATABASE_URL",) if name in os.environ}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.freshness", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="durée des enregistrements")
    parser.add_argument("--rate", type=float, default=50.0, help="enregistrements par seconde")
    parser.add_argument("--whole", action="store_true", help="enregistrer comme l’administration, historique compris")
    parser.add_argument("--writers", type=int, default=1, help="processus qui enregistrent à la fois")
    parser.add_argument("--postgresql", action="store_true", help="sur un PostgreSQL démarré pour la mesure")
    parser.add_argument("--url", default=os.environ.get("ELASTICSEARCH_URL", "http://127.0.0.1:9209"))
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="passerelles-freshness-") as folder,
        database(options.postgresql) as variables,
    ):
        os.environ |= environment.variables(folder) | variables | {
            "SEARCH_ENGINE": "elasticsearch", "ELASTICSEARCH_URL": options.url,
            "ELASTICSEARCH_INDEX": f"freshness-{uuid.uuid4().hex[:8]}",
        }  # fmt: skip
        print("Réseau de démonstration…", flush=True)
        environment.tables()
        from django.core.management import call_command

        from search.engines import get_engine

        engine: Any = get_engine()
        try:
            with open(os.devnull, "w") as nowhere:
                call_command("import_workbook", str(ROOT / "fixtures" / "reseau.xlsx"), apply=True, stdout=nowhere)
                call_command("rebuild_index", stdout=nowhere)
            worker = subprocess.Popen([sys.executable, "manage.py", "index_worker"], cwd=ROOT, stdout=subprocess.PIPE)
            try:
                assert worker.stdout is not None
                worker.stdout.readline()
                return measure(options.seconds, options.rate, options.whole, options.writers)
            finally:
                worker.send_signal(signal.SIGTERM)
                said, _err = worker.communicate(timeout=30)
                print(said.decode(), end="")
        finally:
            for name in engine.indexes.aliases():
                engine.indexes.remove(name)
            engine.indexes.remove(f"{engine.indexes.prefix}-lock")


if __name__ == "__main__":
    sys.exit(main())
