"""The production engine: Elasticsearch 8 or 9, one index for all hosts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from registry.policies import Scope

from .. import analysis, hits
from ..documents import DocumentEntry, recipe, reduced
from ..predicates import all_of
from ..ranking import Plan, plan
from ..request import OrientationRequest
from ..schedules import OpenHours, schedules
from . import elasticsearch_query as queries
from . import elasticsearch_writing as writing
from .base import EngineError, Hit, SearchResult, Suggestion
from .elasticsearch_client import Client, Connection, IndexMissing
from .elasticsearch_index import Indexes

PROPOSALS = 200  # services whose names autocomplete looks at

# What a question does not pay for: an answer in which some part of the index is missing, names of indexes, …
_SEARCH = {
    "allow_partial_search_results": False,
    "filter_path": "hits.total.value,hits.hits._score,hits.hits._source.payload,aggregations",
}


class ElasticsearchEngine:
    """See `base.Engine`. Safe for several threads, processes and hosts."""

    name = "elasticsearch"

    def __init__(self, connection: Connection, prefix: str = "passerelles") -> None:
        self.client = Client(connection)
        self.indexes = Indexes(self.client, prefix)
        self._followed = threading.local()

    # --- reading

    def search(self, request: OrientationRequest, scope: Scope) -> SearchResult:
        started = time.perf_counter()
        if scope.is_empty:
            return SearchResult(hits=(), total=0)
        asked, open_hours, answer = self._asked(request, scope)
        if not answer["hits"]["total"]["value"] and not request.is_empty:
            asked, open_hours, answer = self._asked(request, scope, rescue=True)
        found = tuple(self._hit(asked, request, scope, open_hours, hit) for hit in answer["hits"].get("hits", ()))
        counted, ranks = queries.counted(asked, answer)
        facets = {name: hits.facet(name, values, request.filters.get(name, ())) for name, values in counted.items()}
        took = (time.perf_counter() - started) * 1000
        return SearchResult(found, answer["hits"]["total"]["value"], hits.tiers(asked, ranks, request), facets, took)

    def body(self, request: OrientationRequest, scope: Scope) -> bytes:
        """What `search` sends for this question, in JSON: measures send it too, and nothing else."""
        asked = plan(request, scope, schedules.at(request.moment).numbers)
        return queries.search_body(asked, request.limit, request.offset, schedules.newest())

    def _asked(
        self, request: OrientationRequest, scope: Scope, *, rescue: bool = False
    ) -> tuple[Plan, OpenHours, dict[str, Any]]:
        """The plan of a question, the schedules it was made with, and the server's answer. When the index holds
        schedules that are new to this process, they are read, and the question is asked again."""
        for again in (False, True):
            open_hours = schedules.at(request.moment)
            asked = plan(request, scope, open_hours.numbers, rescue=rescue)
            body = queries.search_body(asked, request.limit, request.offset, schedules.newest())
            answer = self._search(body)
            if again or not queries.has_newer(answer):
                break
            schedules.forget()
        return asked, open_hours, answer

    def _search(self, body: bytes) -> dict[str, Any]:
        path, seconds = f"/{self.indexes.live}/_search", self.client.connection.search_seconds
        answer: dict[str, Any] = self.client.call("POST", path, body, params=_SEARCH, seconds=seconds)
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
        for row in answer.get("hits", {}).get("hits", ()):
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
        self, asked: Plan, request: OrientationRequest, scope: Scope, open_hours: OpenHours, hit: dict[str, Any]
    ) -> Hit:
        payload = hit["_source"]["payload"]
        entry = DocumentEntry(payload["document"], payload["keywords"], payload["intervals"])
        document = payload["document"]
        tier, score = asked.split(hit["_score"])
        kilometres = hits.distance(document, request.place)
        return Hit(
            code=document["code"],
            document=reduced(document, scope),
            score=float(score),
            tier=tier,
            reachable=hits.reachable(entry, request.moment, open_hours),
            distance_km=kilometres,
            why=hits.why(asked, entry, kilometres),
        )

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

    def digests(self) -> dict[int, str]:
        name, _mark = self.indexes.position()
        self.indexes.refresh(name)
        return {pk: digest for pk, digest, _version in writing.every(self.client, name)}

    # --- writing

    def apply(self, documents: Iterable[dict[str, Any]], deletions: Iterable[int], mark: int) -> int:
        """As base.Engine says. The services first, then the mark: who stops half-way begins again from the old mark,
        and versions leave in place what is there already. Several workers at once do no harm.

        Raises EngineError when another index took the place of the one whose mark this thread read: the log must be
        read again from the mark of the new one.
        """
        name, present = self.indexes.position()
        followed, self._followed.name = getattr(self._followed, "name", ""), name
        if followed not in ("", name):
            raise EngineError("L’index de recherche vient d’être remplacé : la suite se lit depuis son propre repère.")
        if mark <= present:
            return 0
        fresh = {document["id"]: document for document in documents}
        gone = set(deletions) - fresh.keys()
        held = writing.versions(self.client, name, list(fresh))
        changed = [document for pk, document in fresh.items() if held.get(pk) != document["version"]]
        lines = [writing.index_line(document["id"], mark, document) for document in changed]
        lines += [writing.delete_line(pk, mark) for pk in gone]
        writing.send_all(self.client, self.indexes.writes(name), lines)
        self.indexes.set_mark(name, mark)
        if lines:
            self.indexes.refresh(name)
        return len(changed)

    def rebuild(self, documents: Iterable[dict[str, Any]], mark: int, total: int, progress: Any = None) -> int:
        with self.indexes.only_builder() as lock:
            self.indexes.remove_orphans()
            name = self.indexes.create(recipe())
            try:
                written = writing.Tally()
                lines = writing.lines_of(documents, mark, written, progress)
                writing.send_all(self.client, self.indexes.writes(name), lines, lock.renew)
                self._verify(name, written, total)
                self.indexes.set_mark(name, mark)
                self.indexes.refresh(name)
                lock.renew()
                self.indexes.publish(name)
                self._followed.name = ""
            except BaseException:
                self._give_up(name)
                raise
        return written.count

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
