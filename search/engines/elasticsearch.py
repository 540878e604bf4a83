"""The production engine: Elasticsearch 8 or 9, one index for all hosts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import orjson

from registry.policies import Scope

from .. import analysis, hits
from ..documents import DocumentEntry, recipe
from ..predicates import all_of
from ..ranking import Plan, plan
from ..request import OrientationRequest
from ..schedules import OpenHours, schedules
from . import elasticsearch_query as queries
from . import elasticsearch_writing as writing
from .base import EngineError, Follow, Hit, IndexReplaced, Meanwhile, Progress, SearchResult, Suggestion
from .elasticsearch_client import Client, Connection, IndexMissing
from .elasticsearch_index import Indexes

PROPOSALS = 200  # services whose names autocomplete looks at

# An answer in which some part of the index is missing is none.
_SEARCH = {"allow_partial_search_results": "false"}


class ElasticsearchEngine:
    """See `base.Engine`. Safe for several threads, processes and hosts."""

    name = "elasticsearch"
    on_standby = False

    def __init__(self, connection: Connection, prefix: str = "passerelles", shards: int = 1) -> None:
        self.client = Client(connection)
        self.indexes = Indexes(self.client, prefix, shards)
        self._followed = threading.local()

    # --- reading

    def search(self, request: OrientationRequest, scope: Scope, meanwhile: Meanwhile = None) -> SearchResult:
        started = time.perf_counter()
        if scope.is_empty:
            return SearchResult(hits=(), total=0)
        asked, open_hours, answer = self._asked(request, scope, meanwhile=meanwhile)
        if not answer["hits"]["total"]["value"] and not request.is_empty:
            asked, open_hours, answer = self._asked(request, scope, rescue=True)
        found = tuple(self._hit(asked, request, scope, open_hours, hit) for hit in answer["hits"]["hits"])
        counted, ranks = queries.counted(asked, answer)
        facets = {name: hits.facet(name, values, request.filters.get(name, ())) for name, values in counted.items()}
        took = (time.perf_counter() - started) * 1000
        return SearchResult(found, answer["hits"]["total"]["value"], hits.tiers(asked, ranks, request), facets, took)

    def body(self, request: OrientationRequest, scope: Scope) -> bytes:
        """What `search` sends for this question, in JSON: measures send it too, and nothing else."""
        asked = plan(request, scope, schedules.at(request.moment).numbers)
        return queries.search_body(asked, request.limit, request.offset, schedules.newest())

    def _asked(
        self, request: OrientationRequest, scope: Scope, *, rescue: bool = False, meanwhile: Meanwhile = None
    ) -> tuple[Plan, OpenHours, dict[str, Any]]:
        """The plan of a question, the schedules it was made with, and the server's answer. When the index holds
        schedules that are new to this process, they are read, and the question is asked again."""
        for again in (False, True):
            open_hours = schedules.at(request.moment)
            asked = plan(request, scope, open_hours.numbers, rescue=rescue)
            body = queries.search_body(asked, request.limit, request.offset, schedules.newest())
            answer = self._search(body, None if again else meanwhile)
            if again or not queries.has_newer(answer):
                break
            schedules.forget()
        return asked, open_hours, answer

    def _search(self, body: bytes, meanwhile: Meanwhile = None) -> dict[str, Any]:
        path, seconds = f"/{self.indexes.live}/_search", self.client.connection.search_seconds
        answer: dict[str, Any] = self.client.search(path, body, params=_SEARCH, seconds=seconds, meanwhile=meanwhile)
        return answer

    def get(self, codes: Sequence[str], scope: Scope, request: OrientationRequest) -> list[Hit]:
        if scope.is_empty or not codes:
            return []
        open_hours = schedules.at(request.moment)
        asked = plan(request, scope, open_hours.numbers)
        wanted = list(analysis.distinct(codes))
        answer = self._search(
            queries.chosen_body(asked, all_of([hits.visible(scope), hits.coded(wanted)]), len(wanted))
        )
        found = {}
        for row in answer["hits"]["hits"]:
            hit = self._hit(asked, request, scope, open_hours, row)
            found[hit.code] = hit
        return [found[code] for code in wanted if code in found]

    def suggest(self, prefix: str, scope: Scope, limit: int = 8) -> list[Suggestion]:
        words = analysis.words(prefix, stop_words=True)
        if scope.is_empty or not words:
            return []
        lines = []
        for asked in hits.begins_with(words):
            lines += [b"{}", queries.begins_body(hits.visible(scope), asked, PROPOSALS)]
        answer = self.client.call(
            "POST", f"/{self.indexes.live}/_msearch", b"\n".join(lines) + b"\n", lines=True,
            params={"filter_path": "responses.error.type,responses.hits.hits.fields.label"},
            seconds=self.client.connection.search_seconds,
        )  # fmt: skip
        names: dict[tuple[str, str], Suggestion] = {}
        for response in answer.get("responses", ()):
            if "error" in response:
                raise EngineError("Elasticsearch n’a pas pu proposer de noms.")
            rows = [orjson.loads(hit["fields"]["label"][0]) for hit in response.get("hits", {}).get("hits", ())]
            for suggestion in hits.suggestions(rows, words):
                names.setdefault((suggestion.kind, suggestion.value), suggestion)
        return sorted(names.values(), key=lambda item: hits.suggestion_order(item, words))[:limit]

    def _hit(
        self, asked: Plan, request: OrientationRequest, scope: Scope, open_hours: OpenHours, row: dict[str, Any]
    ) -> Hit:
        payload = row["_source"]["payload"]
        entry = DocumentEntry(payload["document"], payload["keywords"], payload["intervals"])
        return hits.hit(asked, entry, request, scope, open_hours, row["_score"])

    # --- what the index says of itself

    def ready(self) -> bool:
        try:
            self.indexes.position()
        except EngineError:
            return False
        return True

    def recipe(self) -> str:
        try:
            return str(self.indexes.notes()["recipe"])
        except EngineError:
            return ""

    def registered_name(self) -> str:
        """One name for all hosts: they read the change log once, together."""
        return f"{self.name}:{self.indexes.prefix}"

    def mark(self) -> int:
        """Besides, this thread follows the index that was read: `apply` then writes to no other."""
        self._followed.name = ""
        try:
            self._followed.name, mark = self.indexes.position()
        except IndexMissing:
            return 0
        return mark

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """See `resilient.Main`."""
        return self.client.within(seconds)

    def probe(self) -> int:
        """See `resilient.Main`: one search of nothing, then the mark."""
        self._search(b'{"size":0,"track_total_hits":false,"query":{"match_none":{}}}')
        return self.indexes.position()[1]

    def digests(self, ids: Sequence[int] | None = None) -> dict[int, str]:
        name, _mark = self.indexes.position()
        if ids is not None:
            chunks = (ids[start : start + writing.PAGE] for start in range(0, len(ids), writing.PAGE))
            return {pk: digest for chunk in chunks for pk, digest in writing.versions(self.client, name, chunk).items()}
        self.indexes.refresh(name)
        return {pk: digest for pk, digest, _version in writing.every(self.client, name)}

    # --- writing

    def apply(self, documents: Iterable[dict[str, Any]], deletions: Iterable[int], mark: int) -> int:
        """As base.Engine says. The services first, then the mark: who stops half-way begins again from the old mark,
        and versions leave in place what is there already. Several workers at once do no harm.

        Raises IndexReplaced when another index took the place of the one whose mark this thread read.
        """
        name, present = self.indexes.position()
        followed, self._followed.name = getattr(self._followed, "name", ""), name
        if followed not in ("", name):
            raise IndexReplaced(
                "L’index de recherche vient d’être remplacé : la suite se lit depuis son propre repère."
            )
        if mark <= present:
            return 0
        changed, sent = self._write(name, documents, deletions, mark)
        if sent:
            self.indexes.refresh(name)
        return changed

    def _write(
        self, name: str, documents: Iterable[dict[str, Any]], deletions: Iterable[int], mark: int
    ) -> tuple[int, int]:
        """Into this very index; returns how many services were written, and how many written or removed."""
        fresh = {document["id"]: document for document in documents}
        gone = set(deletions) - fresh.keys()
        held = writing.versions(self.client, name, list(fresh))
        changed = [document for pk, document in fresh.items() if held.get(pk) != document["version"]]
        lines = [writing.index_line(document["id"], mark, document) for document in changed]
        lines += [writing.delete_line(pk, mark) for pk in gone]
        writing.send_all(self.client, self.indexes.writes(name), lines)
        self.indexes.set_mark(name, mark)
        return len(changed), len(lines)

    def rebuild(
        self,
        documents: Iterable[dict[str, Any]],
        mark: int,
        total: int,
        progress: Progress | None = None,
        follow: Follow | None = None,
    ) -> int:
        with self.indexes.only_builder() as lock:
            self.indexes.remove_orphans()
            name = self.indexes.create(recipe())
            try:
                written = writing.Tally()
                lines = writing.lines_of(documents, mark, written, progress)
                writing.send_all(self.client, self.indexes.writes(name), lines, lock.renew)
                self._verify(name, written, total)
                self.indexes.set_mark(name, mark)
                if follow is not None:
                    follow(_Building(self, name, mark, lock.renew))
                self.indexes.refresh(name)
                lock.renew()
                self.indexes.publish(name)
                self._followed.name = ""
            except BaseException:
                self._give_up(name)
                raise
        return written.count

    def may_be_rebuilt(self) -> bool:
        """Not where another version of the program has its index, which ours would replace; nor where hosts do not read
        listings in the same way yet. Somebody decides, at the end of an update."""
        serving = self.indexes.serving()
        return not serving or (self.indexes.live in serving and self.recipe() == recipe())

    def _verify(self, name: str, written: writing.Tally, total: int) -> None:
        """The new index holds what was sent, all of it; raises EngineError otherwise."""
        self.indexes.refresh(name)
        found = writing.Tally()
        for pk, digest, _version in writing.every(self.client, name):
            found.add(pk, digest)
        if written.count != total or found != written:
            raise EngineError(
                f"La reconstruction est incomplète ({found.count} fiches sur {total}) : "
                "l’index en service n’a pas changé. Relancez « manage.py rebuild_index »."
            )

    def _give_up(self, name: str) -> None:
        try:
            self.indexes.remove(name)
        except EngineError:
            # Out of reach: the next rebuild removes it.
            return


class _Building:
    """The index being built, as `base.Writable`: what changed since the building began is written to it too."""

    def __init__(self, engine: ElasticsearchEngine, name: str, mark: int, renew: Callable[[], None]) -> None:
        self._engine = engine
        self._name = name
        self._mark = mark
        self._renew = renew

    def mark(self) -> int:
        return self._mark

    def apply(self, documents: Iterable[dict[str, Any]], deletions: Iterable[int], mark: int) -> int:
        if mark <= self._mark:
            return 0
        changed, _sent = self._engine._write(self._name, documents, deletions, mark)
        self._mark = mark
        self._renew()
        return changed
