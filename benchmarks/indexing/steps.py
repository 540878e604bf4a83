"""One step of the measure, in a process of its own: `python -m benchmarks.indexing.steps STEP SIZE FOLDER`.

It works on the network of PASSERELLES_DATA_DIR and on ELASTICSEARCH_URL, under names of its own there (ELASTICSEARCH_INDEX), and
prints one line of JSON: a process measures its own time and memory, and nothing of another's.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import orjson

from benchmarks.importing import environment
from benchmarks.latency.raw import Server

MARK = 1  # version of what is written
QUARTERS = 4

Found = dict[str, Any]


class Memory:
    """What this process holds, in megabytes, at each quarter of the work."""

    def __init__(self, total: int) -> None:
        self._total = total
        self.held: list[float] = []

    def __call__(self, done: int, _total: int = 0) -> None:
        while len(self.held) < QUARTERS and done * QUARTERS >= self._total * (len(self.held) + 1):
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
            self.held.append(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)


def _engine() -> Any:
    from search.engines import get_engine

    return get_engine("elasticsearch")


def _files(folder: Path) -> tuple[Path, Path]:
    """Where the ready lines are, and the documents: their names change with what a rebuild would write."""
    from search.documents import recipe
    from search.engines.elasticsearch_mapping import FORMAT

    made = f"{FORMAT}-{recipe()[:8]}"
    return folder / f"lignes-{made}.ndjson", folder / f"documents-{made}.jsonl"


def prepare(size: int, folder: Path) -> Found:
    """Write the documents of this network, and the very lines that a rebuild sends of them. Done once for a folder."""
    from benchmarks.synthetic.variants import varied
    from search import projection
    from search.engines.elasticsearch_writing import index_line

    lines, documents = _files(folder)
    if lines.exists():
        return {}
    folder.mkdir(parents=True, exist_ok=True)
    ids = projection.live_ids()
    if not ids or size < len(ids):
        sys.exit(f"{os.environ['PASSERELLES_DATA_DIR']}\u00a0: réseau incomplet. Supprimez ce dossier, puis relancez.")
    unfinished = lines.with_suffix(".part")
    with unfinished.open("wb") as ready_lines, documents.open("wb") as ready_documents:
        for document in varied(projection.documents(ids), len(ids), size, max(ids)):
            ready_documents.write(orjson.dumps(document) + b"\n")
            ready_lines.write(index_line(document["id"], MARK, document))
    unfinished.rename(lines)
    return {}


def raw(size: int, folder: Path) -> Found:
    """The bare bulk: the ready lines, in requests as large and as many at once as those of a rebuild, by the standard
    library's client; then the refresh that makes them searchable. Nothing is checked, nothing put in service."""
    from search.engines.elasticsearch_writing import BULK_SENDERS
    from search.upkeep import rebuilding  # noqa: F401 - what the other steps load: memory compares

    engine, memory = _engine(), Memory(size)
    name = engine.indexes.create("")
    connections: SimpleQueue[Server] = SimpleQueue()
    for _ in range(BULK_SENDERS):
        connections.put(Server(os.environ["ELASTICSEARCH_URL"]))

    def send(body: bytes) -> None:
        server = connections.get()
        try:
            answer = server.call("POST", f"/{name}/_bulk", body, "application/x-ndjson")
        finally:
            connections.put(server)
        if b'"errors":false' not in answer[:200]:
            raise ValueError("Le serveur n’a pas tout écrit.")

    started, used = time.perf_counter(), time.process_time()
    try:
        with ThreadPoolExecutor(BULK_SENDERS) as senders:
            under_way: list[Future[None]] = []
            for done, body in _bodies(_files(folder)[0]):
                if len(under_way) >= BULK_SENDERS:
                    under_way.pop(0).result()
                under_way.append(senders.submit(send, body))
                memory(done)
            for sent in under_way:
                sent.result()
        engine.indexes.refresh(name)
        return _timed(started, used, memory)
    finally:
        engine.indexes.remove(name)


def _bodies(path: Path) -> Iterator[tuple[int, bytes]]:
    """(documents so far, body of one request): whole documents, of two lines each."""
    from search.engines.elasticsearch_writing import BULK_BYTES

    with path.open("rb") as lines:
        held: list[bytes] = []
        size = done = 0
        for action in lines:
            document = next(lines)
            held += (action, document)
            size += len(action) + len(document)
            done += 1
            if size >= BULK_BYTES:
                yield done, b"".join(held)
                held, size = [], 0
        if held:
            yield done, b"".join(held)


def ready(size: int, folder: Path) -> Found:
    """A rebuild of the same documents, ready: analysis, bulk, comparison of what was written, putting in service."""
    engine, memory = _engine(), Memory(size)
    started, used = time.perf_counter(), time.process_time()
    with _files(folder)[1].open("rb") as lines:
        engine.rebuild(map(orjson.loads, lines), MARK, size, memory)
    return _timed(started, used, memory)


def rebuild(size: int, folder: Path) -> Found:
    """What `manage.py rebuild_index` does, from the database on."""
    from search.upkeep import rebuilding

    memory = Memory(size)
    started, used = time.perf_counter(), time.process_time()
    written = rebuilding.rebuild(_engine(), memory)
    if written != size:
        sys.exit(f"{written} services au lieu de {size}\u00a0: ce dossier tient un autre réseau.")
    return _timed(started, used, memory)


def _timed(started: float, used: float, memory: Memory) -> Found:
    return {"seconds": time.perf_counter() - started, "cpu": time.process_time() - used, "held_mb": memory.held}


STEPS = {function.__name__: function for function in (prepare, raw, ready, rebuild)}


def main(step: str, size: str, folder: str) -> None:
    environment.ready()
    found = STEPS[step](int(size), Path(folder))
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
