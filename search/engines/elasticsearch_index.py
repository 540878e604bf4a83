"""The indexes of an installation on the server: which is live, how another is built beside it and takes its place.

<prefix>-<format>                    alias: the index that answers. The format is part of it, so that a program never
                                     reads an index that another version wrote.
<prefix>-building                    alias: the index being built, while it is
<prefix>-<format>-<time>-<random>    an index
<index>-writes                       alias, one per index: what is written goes there, so that nothing lands in an index
                                     that took the place of another meanwhile, or that the server would make up
<prefix>-lock                        an index of one document: who is building
"""

from __future__ import annotations

import os
import re
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .base import EngineError
from .elasticsearch_client import Client, Conflict, IndexMissing, Refused
from .elasticsearch_mapping import BODY, FORMAT, META
from .store import IndexBusy

LOCK_SECONDS = 120.0  # a builder that gives no sign of life for so long is gone
_LOCK = "rebuild"
_LOCK_BODY = {
    "mappings": {
        "dynamic": "strict",
        "properties": {"holder": {"type": "keyword"}, "until": {"type": "double", "index": False}},
    },
    "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"},
}
# While it is built, an index serves nobody: no copy, no refresh. Then one copy where there is a second node.
_BUILDING = {"number_of_replicas": 0, "refresh_interval": "-1"}
_SERVING = {"auto_expand_replicas": "0-1", "refresh_interval": "1s"}


class Indexes:
    """The indexes whose names begin with `prefix`, each cut into `shards` parts that are searched at the same time:
    scores count no words, so that the answers do not depend on it. Raises what Client.call raises."""

    def __init__(self, client: Client, prefix: str, shards: int = 1) -> None:
        self.client = client
        self.prefix = prefix
        self.shards = shards
        self.live = f"{prefix}-{FORMAT}"
        self.building = f"{prefix}-building"
        self._ours = re.compile(rf"{re.escape(prefix)}-[0-9a-f]{{12}}-[0-9]{{14}}-[0-9a-f]{{8}}")
        self._serving = re.compile(rf"{re.escape(prefix)}-[0-9a-f]{{12}}")

    # --- what there is

    def aliases(self) -> dict[str, set[str]]:
        """Every index of this installation, and the aliases that lead to it."""
        found = self.client.call("GET", f"/{self.prefix}-*/_alias", params={"expand_wildcards": "all"})
        return {name: set(held["aliases"]) for name, held in found.items() if self._ours.fullmatch(name)}

    def serving(self) -> set[str]:
        """The aliases through which an index answers, one per format."""
        return {alias for held in self.aliases().values() for alias in held if self._serving.fullmatch(alias)}

    def position(self) -> tuple[str, int]:
        """The name of the index that answers, and how far in the change log it has read: the version of the one
        document that is no service. Raises IndexMissing."""
        try:
            found = self.client.call("GET", f"/{self.live}/_doc/{META}", params={"_source": False})
        except Refused as error:
            if error.status == 404:
                raise IndexMissing from None
            raise
        return str(found["_index"]), int(found["_version"])

    def building_name(self) -> str | None:
        """The index being built, if there is one: where a change must go too, to be there after the swap."""
        return next((name for name, held in self.aliases().items() if self.building in held), None)

    def notes(self) -> dict[str, Any]:
        """What the live index knows of itself since it was built: `recipe`, `built_at`. Raises IndexMissing."""
        found = self.client.call("GET", f"/{self.live}/_mapping", params={"filter_path": "*.mappings._meta"})
        for held in found.values():
            notes: dict[str, Any] = held["mappings"]["_meta"]
            return notes
        raise IndexMissing

    # --- one replaces another

    def create(self, recipe: str) -> str:
        """A new, empty index beside the live one, under the alias « building »."""
        name = f"{self.live}-{time.strftime('%Y%m%d%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:8]}"
        notes = {"recipe": recipe, "built_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        body = {
            "mappings": {**BODY["mappings"], "_meta": notes},
            "settings": {**BODY["settings"], **_BUILDING, "number_of_shards": self.shards},
            "aliases": {self.building: {}, self.writes(name): {}},
        }
        self.client.call("PUT", f"/{name}", body)
        return name

    def publish(self, name: str) -> None:
        """Give the new index its copy, then put it in the place of the others, all at once."""
        self.client.call("PUT", f"/{name}/_settings", {"index": _SERVING})
        actions: list[dict[str, Any]] = [
            {"add": {"index": name, "alias": self.live}},
            {"remove": {"index": name, "alias": self.building}},
        ]
        actions += [{"remove_index": {"index": other}} for other in self.aliases() if other != name]
        self.client.call("POST", "/_aliases", {"actions": actions})

    def remove(self, name: str) -> None:
        self.client.call("DELETE", f"/{name}", params={"ignore_unavailable": True})

    def remove_orphans(self) -> None:
        """Indexes that nobody finished. Call with the lock held."""
        for name, held in self.aliases().items():
            if not any(self._serving.fullmatch(alias) for alias in held):
                self.remove(name)

    def writes(self, name: str) -> str:
        """The alias through which this index, and no other, is written."""
        return f"{name}-writes"

    def refresh(self, name: str) -> None:
        """What was written is found from now on."""
        self.client.call("POST", f"/{name}/_refresh")

    def set_mark(self, name: str, mark: int) -> None:
        """Move the mark of this index forward; one that is further already stays."""
        try:
            self.client.call(
                "PUT", f"/{self.writes(name)}/_doc/{META}", {},
                params={"version": mark, "version_type": "external_gte", "require_alias": True},
            )  # fmt: skip
        except Conflict:
            return

    # --- one builder at a time, on all hosts

    @contextmanager
    def only_builder(self) -> Iterator[_Lock]:
        """Hold the right to build. Raises IndexBusy when somebody else has it."""
        lock = _Lock(self.client, f"{self.prefix}-lock")
        lock.take()
        try:
            yield lock
        finally:
            lock.release()


class _Lock:
    """A document that says who builds, and until when. It outlives its holder by LOCK_SECONDS at most; on the same
    host, not at all."""

    def __init__(self, client: Client, index: str) -> None:
        self.client = client
        self.index = index
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex}"
        self._renewed = 0.0
        self._place: dict[str, int] = {}

    def take(self) -> None:
        try:
            self._write({"op_type": "create"})
        except Conflict:
            held = self._read()
            if held is not None and not self._is_gone(held["_source"]):
                raise IndexBusy(
                    "Une autre reconstruction de l’index est en cours : attendez qu’elle finisse."
                ) from None
            place = {"if_seq_no": held["_seq_no"], "if_primary_term": held["_primary_term"]} if held else {}
            try:
                self._write(place or {"op_type": "create"})
            except Conflict:
                raise IndexBusy("Une autre reconstruction de l’index vient de commencer.") from None

    def renew(self) -> None:
        """Say that the builder is alive; cheap to call often. Raises IndexBusy when the right was lost."""
        if time.monotonic() - self._renewed < LOCK_SECONDS / 6:
            return
        try:
            self._write(self._place)
        except Conflict:
            raise IndexBusy("Une autre reconstruction de l’index a pris la place de celle-ci.") from None

    def release(self) -> None:
        try:
            self.client.call("DELETE", f"/{self.index}/_doc/{_LOCK}", params=self._place)
        except EngineError:
            # Out of reach, or taken over: it ends by itself.
            return

    def _write(self, condition: dict[str, Any]) -> None:
        body = {"holder": self.holder, "until": time.time() + LOCK_SECONDS}
        path, params = f"/{self.index}/_doc/{_LOCK}", {**condition, "refresh": False}
        if not self._place and not self.client.call("HEAD", f"/{self.index}"):
            try:
                self.client.call("PUT", f"/{self.index}", _LOCK_BODY)
            except Refused as error:
                if error.status != 400:  # somebody else has just made it
                    raise
        written = self.client.call("PUT", path, body, params=params)
        self._place = {"if_seq_no": written["_seq_no"], "if_primary_term": written["_primary_term"]}
        self._renewed = time.monotonic()

    def _read(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.client.call("GET", f"/{self.index}/_doc/{_LOCK}")
        except Refused as error:
            if error.status == 404:
                return None
            raise
        return found

    def _is_gone(self, held: dict[str, Any]) -> bool:
        if float(held["until"]) < time.time():
            return True
        host, pid, _rest = str(held["holder"]).rsplit(":", 2)
        if host != socket.gethostname():
            return False
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
        except (OSError, ValueError):
            return False
        return False
