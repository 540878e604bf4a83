"""The embedded engine: tantivy, in process, an index folder beside the database. One host."""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import tantivy
from tantivy import Occur, Query

from registry.policies import Scope

from .. import analysis, hits
from ..documents import DocumentEntry, recipe
from ..predicates import Predicate, all_of
from ..ranking import Plan, plan
from ..request import OrientationRequest
from ..schedules import schedules
from ..weights import TIER_STEP
from . import counting
from .base import EngineError, Follow, Hit, Meanwhile, Progress, SearchResult, Suggestion
from .store import Store
from .translation import KIND, META, SCHEMA, SERVICE, Translator, meta_document, service_document

logger = logging.getLogger(__name__)

FETCH = 200  # hits looked at first: enough to put most ties in order at once
ENTRIES_KEPT = 2_000  # documents kept read, per state of the index
WRITER_HEAP, BUILD_HEAP = 20_000_000, 120_000_000  # bytes


@dataclass
class _Snapshot:
    """One state of the live build, and what was learnt of it."""

    signature: tuple[int, ...]
    name: str
    index: tantivy.Index
    searcher: tantivy.Searcher
    translator: Translator
    mark: int
    recipe: str
    entries: dict[tuple[int, int], DocumentEntry] = field(default_factory=dict)

    def entry(self, address: tantivy.DocAddress) -> DocumentEntry:
        key = (address.segment_ord, address.doc)
        found = self.entries.get(key)
        if found is None:
            if len(self.entries) >= ENTRIES_KEPT:
                self.entries.clear()
            found = self.entries[key] = DocumentEntry(*_payload(self.searcher, address))
        return found


class EmbeddedEngine:
    """See `base.Engine`. Safe for several threads and processes: readers never wait, one writer at a time."""

    name = "embedded"
    on_standby = False

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self._snapshot: _Snapshot | None = None
        self._lock = threading.Lock()
        self._pid = os.getpid()

    # --- reading

    def search(self, request: OrientationRequest, scope: Scope, meanwhile: Meanwhile = None) -> SearchResult:
        started = time.perf_counter()
        if scope.is_empty:
            return SearchResult(hits=(), total=0)
        now = self._now()
        open_hours = schedules.at(request.moment)
        asked = plan(request, scope, open_hours.numbers)
        wanted = request.offset + request.limit
        ordered, total = self._top(now, self._scoring(now, asked), wanted)
        if not total and not request.is_empty:
            asked = plan(request, scope, open_hours.numbers, rescue=True)
            ordered, total = self._top(now, self._scoring(now, asked), wanted)
        page = ordered[request.offset : wanted]
        found = tuple(
            hits.hit(asked, now.entry(address), request, scope, open_hours, total_score)
            for total_score, address in page
        )
        counted = now.searcher.aggregate(
            now.translator.query(all_of([asked.required, asked.base])), counting.body(asked, now.translator)
        )
        facets, tiers = counting.read(counted, asked, request, total)
        return SearchResult(found, total, tiers, facets, (time.perf_counter() - started) * 1000)

    def get(self, codes: Sequence[str], scope: Scope, request: OrientationRequest) -> list[Hit]:
        if scope.is_empty or not codes:
            return []
        now = self._now()
        open_hours = schedules.at(request.moment)
        asked = plan(request, scope, open_hours.numbers)
        wanted = list(analysis.distinct(codes))
        visible = self._scoring(now, asked, all_of([hits.visible(scope), hits.coded(wanted)]))
        found = {}
        for score, address in now.searcher.search(visible, max(len(wanted), 1), count=False).hits:
            hit = hits.hit(asked, now.entry(address), request, scope, open_hours, score)
            found[hit.code] = hit
        return [found[code] for code in wanted if code in found]

    def suggest(self, prefix: str, scope: Scope, limit: int = 8) -> list[Suggestion]:
        words = analysis.words(prefix, stop_words=True)
        if scope.is_empty or not words:
            return []
        now = self._now()
        names: dict[tuple[str, str], Suggestion] = {}
        for predicate in hits.begins_with(words):
            query = Query.boolean_query([
                (Occur.Must, now.translator.query(hits.visible(scope))),
                (Occur.Must, now.translator.begins(predicate)),
            ])  # fmt: skip
            found = now.searcher.search(query, FETCH, count=False, order_by_field="order", order=tantivy.Order.Asc).hits
            rows = sorted((now.entry(address).document for _score, address in found), key=lambda row: row["code"])
            for suggestion in hits.suggestions(rows, words):
                names.setdefault((suggestion.kind, suggestion.value), suggestion)
        return sorted(names.values(), key=lambda item: hits.suggestion_order(item, words))[:limit]

    def ready(self) -> bool:
        try:
            self._now()
        except EngineError:
            return False
        return True

    def recipe(self) -> str:
        try:
            return self._now().recipe
        except EngineError:
            return ""

    def registered_name(self) -> str:
        folder = hashlib.blake2b(str(self.store.root).encode(), digest_size=8).hexdigest()
        return f"{self.name}@{socket.gethostname()[:50]}:{folder}"

    def mark(self) -> int:
        try:
            return self._now().mark
        except EngineError:
            return 0

    def digests(self, ids: Sequence[int] | None = None) -> dict[int, str]:
        now = self._now()
        if ids is not None:
            return self._versions(now, list(ids))
        return {document["id"]: document["version"] for document in self._every(now.searcher, now)}

    # --- writing

    def apply(self, documents: Iterable[dict[str, Any]], deletions: Iterable[int], mark: int) -> int:
        with self.store.writing():
            now = self._now()
            if mark <= now.mark:
                return 0
            fresh = {document["id"]: document for document in documents}
            gone = set(deletions) - fresh.keys()
            held = self._versions(now, list(fresh))
            changed = {pk: item for pk, item in fresh.items() if held.get(pk) != item["version"]}
            self._write(now.name, list(changed.values()), (*changed, *gone), meta_document(mark, now.recipe))
            return len(changed)

    def _write(
        self, name: str, documents: Iterable[dict[str, Any]], gone: Iterable[int], meta: tantivy.Document
    ) -> None:
        """Into this very build: first out, then in, in one commit."""
        with tantivy.Index.open(str(self.store.path_of(name))).writer(WRITER_HEAP, 1) as writer:
            for pk in gone:
                writer.delete_documents_by_term("id", pk)
            for document in documents:
                writer.add_document(service_document(document))
            writer.delete_documents_by_term(KIND, META)
            writer.add_document(meta)
            writer.commit()

    def may_be_rebuilt(self) -> bool:
        return True

    def rebuild(
        self,
        documents: Iterable[dict[str, Any]],
        mark: int,
        total: int,
        progress: Progress | None = None,
        follow: Follow | None = None,
    ) -> int:
        with self.store.building():
            self.store.remove_orphans(self._kept())
            name, index = self.store.create()
            try:
                written: dict[int, str] = {}
                with index.writer(BUILD_HEAP, 1) as writer:
                    for document in documents:
                        writer.add_document(service_document(document))
                        written[document["id"]] = document["version"]
                        if progress is not None:
                            progress(len(written))
                    writer.add_document(meta_document(mark, recipe()))
                    writer.commit()
                self._verify(name, written, total)
                building = _Building(self, name, mark)
                if follow is not None:
                    follow(building)
                with self.store.writing():
                    # Nobody writes to the live build now: the new one is never behind it.
                    if follow is not None:
                        follow(building)
                    self.store.publish(name)
            except BaseException:
                self.store.remove(name)
                raise
            self.store.remove_orphans({name})
        return len(written)

    def _verify(self, name: str, written: dict[int, str], total: int) -> None:
        """The new build holds what was sent, all of it; raises EngineError otherwise."""
        searcher = self.store.open(name).searcher()
        found = {document["id"]: document["version"] for document in self._every(searcher)}
        if len(written) != total or found != written:
            raise EngineError(
                f"La reconstruction est incomplète ({len(found)} fiches sur {total}) : "
                "l’index en service n’a pas changé. Relancez « manage.py rebuild_index »."
            )

    def _kept(self) -> set[str]:
        try:
            return {self.store.live_name()}
        except EngineError:
            return set()

    # --- the live build

    def _now(self) -> _Snapshot:
        """The live build as it stands; raises EngineError when there is none."""
        held = self._snapshot
        try:
            signature = self.store.signature()
        except OSError:
            signature = ()
        if held is not None and held.signature == signature and self._pid == os.getpid():
            return held
        with self._lock:
            name = self.store.live_name()
            same = self._snapshot is not None and self._snapshot.name == name and self._pid == os.getpid()
            index = self._snapshot.index if same and self._snapshot is not None else self.store.open(name)
            try:
                index.reload()
                searcher = index.searcher()
                mark, made_with = self._read_meta(searcher)
            except EngineError:
                raise
            except Exception as error:
                raise EngineError(
                    "L’index de recherche est illisible : lancez « manage.py rebuild_index » pour le refaire."
                ) from error
            self._pid = os.getpid()
            # A schedule that is new to the index is new to this process too.
            schedules.forget()
            self._snapshot = _Snapshot(signature, name, index, searcher, Translator(searcher), mark, made_with)
            return self._snapshot

    def _read_meta(self, searcher: tantivy.Searcher) -> tuple[int, str]:
        found = searcher.search(Query.term_query(SCHEMA, KIND, META, "basic"), 1, count=False).hits
        if not found:
            raise EngineError("L’index de recherche n’a pas de repère : lancez « manage.py rebuild_index ».")
        meta = searcher.doc(found[0][1])
        return int(meta["mark"][0]), str(meta["recipe"][0])

    def _every(self, searcher: tantivy.Searcher, now: _Snapshot | None = None) -> Iterator[dict[str, Any]]:
        query = Query.term_query(SCHEMA, KIND, SERVICE, "basic")
        for _score, address in searcher.search(query, max(searcher.num_docs, 1), count=False).hits:
            yield _payload(searcher, address)[0]

    def _versions(self, now: _Snapshot, ids: list[int]) -> dict[int, str]:
        if not ids:
            return {}
        query = Query.term_set_query(SCHEMA, "id", ids)
        found = now.searcher.search(query, len(ids), count=False).hits
        rows = (_payload(now.searcher, address)[0] for _score, address in found)
        return {row["id"]: row["version"] for row in rows}

    # --- ranking

    def _scoring(self, now: _Snapshot, asked: Plan, kept: Predicate | None = None) -> Query:
        """What is kept (what the question keeps, unless told), scored."""
        points: dict[Predicate, int] = {}
        for wish in asked.wishes:
            points[wish.predicate] = points.get(wish.predicate, 0) + wish.cost * TIER_STEP
        for clause in asked.clauses:
            points[clause.predicate] = points.get(clause.predicate, 0) + clause.weight
        common, clauses, others = now.translator.families.fold(points)
        if kept is None:
            kept = all_of([asked.required, asked.base, *asked.filters.values()])
        return Query.boolean_query([
            (Occur.Must, now.translator.scored(kept, common)),
            *clauses,
            *((Occur.Should, now.translator.scored(predicate, weight)) for predicate, weight in others.items()),
        ])  # fmt: skip

    def _top(self, now: _Snapshot, query: Query, wanted: int) -> tuple[list[tuple[float, tantivy.DocAddress]], int]:
        """The first hits by (score, code), and how many there are. Ties that reach beyond what was fetched are fetched
        too: which of them come first is for the code to decide, not for the place of a document in the index."""
        size = max(FETCH, wanted + 1)
        result: Any = now.searcher.search(query, size)
        found, total = result.hits, int(result.count or 0)
        while len(found) == size and wanted < size < total and found[wanted - 1][0] == found[-1][0]:
            size *= 8
            found = now.searcher.search(query, size, count=False).hits
        cut = found[wanted - 1][0] if len(found) >= wanted > 0 else float("-inf")
        kept = [pair for pair in found if pair[0] >= cut]
        orders = now.searcher.fast_field_values("order", [address for _score, address in kept])
        ranked = sorted(zip(kept, orders, strict=True), key=lambda item: (-item[0][0], item[1]))
        return self._by_code(now, [(pair, int(order or 0)) for pair, order in ranked], wanted), total

    def _by_code(
        self, now: _Snapshot, ranked: list[tuple[tuple[float, tantivy.DocAddress], int]], wanted: int
    ) -> list[tuple[float, tantivy.DocAddress]]:
        """Codes that share their first eight bytes are compared whole."""
        result: list[tuple[float, tantivy.DocAddress]] = []
        position = 0
        while position < len(ranked) and len(result) < wanted:
            (score, _address), order = ranked[position]
            end = position + 1
            while end < len(ranked) and ranked[end][0][0] == score and ranked[end][1] == order:
                end += 1
            group = [pair for pair, _order in ranked[position:end]]
            if len(group) > 1:
                group.sort(key=lambda pair: now.entry(pair[1]).document["code"])
            result.extend(group)
            position = end
        return result[:wanted]


class _Building:
    """The build under way, as `base.Writable`: what changed since it began is written to it too."""

    def __init__(self, engine: EmbeddedEngine, name: str, mark: int) -> None:
        self._engine = engine
        self._name = name
        self._mark = mark

    def mark(self) -> int:
        return self._mark

    def apply(self, documents: Iterable[dict[str, Any]], deletions: Iterable[int], mark: int) -> int:
        if mark <= self._mark:
            return 0
        fresh = {document["id"]: document for document in documents}
        self._engine._write(self._name, fresh.values(), {*fresh, *deletions}, meta_document(mark, recipe()))
        self._mark = mark
        return len(fresh)


def _payload(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> list[Any]:
    """[document, its keywords, its intervals], as stored."""
    stored: list[Any] = orjson.loads(bytes(searcher.doc(address)["payload"][0]))
    return stored
