"""Writing services to an Elasticsearch index, in bulk and with versions: an older one never replaces a newer one."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from .base import EngineError
from .elasticsearch_client import Client, IndexMissing, Refused
from .elasticsearch_mapping import indexed

BULK_BYTES = 4_000_000  # of one request, at least
BULK_SENDERS = 2  # requests under way while the next ones are prepared
BULK_READY = 2  # requests that wait for a sender: none is idle while there is something to send
PAGE = 10_000  # services read at once when all of them are
KEEP_ALIVE = "2m"
# While everything is written, values by the million come and go, none of them in a cycle: Python's collector would look
# for cycles every few documents. The first two numbers are objects made, then rounds, between two looks.
RARELY = (20_000, 50, 50)


def index_line(pk: int, version: int, document: Mapping[str, Any]) -> bytes:
    """Write this service, unless the index holds it with this version or a later one."""
    return b'{"index":{"_id":"%d","version":%d,"version_type":"external"}}\n' % (pk, version) + indexed(document)


def delete_line(pk: int, version: int) -> bytes:
    """Remove this service; the version outlives it for a while (`gc_deletes`), against old writes that come late."""
    return b'{"delete":{"_id":"%d","version":%d,"version_type":"external"}}\n' % (pk, version)


def send(client: Client, alias: str, body: bytes) -> int:
    """One bulk request through an alias; returns how many services were written or removed. What is newer already
    stays, silently. Raises EngineError when the server could not write something."""
    answer = client.call("POST", f"/{alias}/_bulk", body, params={"require_alias": True}, lines=True)
    done = 0
    for item in answer["items"]:
        (kind, result), *_ = item.items()
        status = result["status"]
        if status < 300:
            done += 1
        elif status == 409 or (status == 404 and kind == "delete" and "error" not in result):
            continue
        elif result.get("error", {}).get("type") == "index_not_found_exception":
            raise IndexMissing
        else:
            reason = result.get("error", {}).get("type", "")
            raise Refused(status, f"Elasticsearch n’a pas écrit le service {result['_id']} ({status} {reason}).")
    return done


def send_all(client: Client, alias: str, lines: Iterable[bytes], between: Any = None) -> None:
    """Bulk requests, a few under way at once, in memory that does not grow. `between` is called after each one.

    The order in which they arrive does not matter: versions decide."""
    with _rare_collections(), ThreadPoolExecutor(BULK_SENDERS, thread_name_prefix="bulk") as senders:
        under_way: set[Future[int]] = set()
        try:
            for body in _bodies(lines):
                under_way.add(senders.submit(send, client, alias, body))
                if len(under_way) >= BULK_SENDERS + BULK_READY:
                    done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    for sent in done:
                        sent.result()
                    if between is not None:
                        between()
            for sent in under_way:
                sent.result()
        finally:
            for sent in under_way:
                sent.cancel()


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Inside, Python's collector runs rarely: a tenth of the time that the lines take, in memory that stays flat."""
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _bodies(lines: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= BULK_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


# --- Reading everything --------------------------------------------------------------------------------------------


def versions(client: Client, alias: str, ids: Sequence[int]) -> dict[int, str]:
    """Primary key → digest of those of these services that the index holds, written a moment ago or not."""
    if not ids:
        return {}
    body = {"ids": [str(pk) for pk in ids]}
    answer = client.call("POST", f"/{alias}/_mget", body, params={"_source_includes": "version"})
    found = {}
    for item in answer["docs"]:
        if "error" in item:
            if item["error"].get("type") == "index_not_found_exception":
                raise IndexMissing
            raise EngineError("Elasticsearch n’a pas pu lire une partie de l’index.")
        if item["found"]:
            found[int(item["_id"])] = str(item["_source"]["version"])
    return found


def every(client: Client, index: str) -> Iterator[tuple[int, str, int]]:
    """(primary key, digest, version) of every service, as the index stood when this began; in no order."""
    with _rare_collections():
        yield from _pages(client, index)


def _pages(client: Client, index: str) -> Iterator[tuple[int, str, int]]:
    opened = client.call("POST", f"/{index}/_pit", params={"keep_alive": KEEP_ALIVE})["id"]
    after: list[Any] | None = None
    try:
        while True:
            body: dict[str, Any] = {
                "size": PAGE, "track_total_hits": False, "_source": False, "stored_fields": "_none_", "version": True,
                "docvalue_fields": ["id", "version"], "query": {"exists": {"field": "id"}}, "sort": ["_shard_doc"],
                "pit": {"id": opened, "keep_alive": KEEP_ALIVE},
            }  # fmt: skip
            if after is not None:
                body["search_after"] = after
            answer = client.call("POST", "/_search", body)
            opened = answer.get("pit_id", opened)
            hits = answer["hits"]["hits"]
            for hit in hits:
                yield int(hit["fields"]["id"][0]), str(hit["fields"]["version"][0]), int(hit["_version"])
            if len(hits) < PAGE:
                return
            after = hits[-1]["sort"]
    finally:
        client.call("DELETE", "/_pit", {"id": opened})


class Tally:
    """What a set of services adds up to, whatever their order, in memory that does not grow with them."""

    def __init__(self) -> None:
        self.count = 0
        self._sum = 0

    def add(self, pk: int, digest: str) -> None:
        self.count += 1
        # A hash of 64 bits, of this process alone: a tally is never kept.
        self._sum += hash((pk, digest))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and (self.count, self._sum) == (other.count, other._sum)

    __hash__ = None  # type: ignore[assignment]


def lines_of(documents: Iterable[Mapping[str, Any]], version: int, tally: Tally, progress: Any) -> Iterator[bytes]:
    """The bulk lines of these services, counted as they go."""
    for document in documents:
        yield index_line(document["id"], version, document)
        tally.add(document["id"], document["version"])
        if progress is not None:
            progress(tally.count)


__all__ = ["PAGE", "Tally", "delete_line", "every", "index_line", "lines_of", "send", "send_all", "versions"]
