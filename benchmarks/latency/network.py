"""The networks that are measured: imported once in a folder, indexed once on a server, both found again the next time.

`python -m benchmarks.latency.network SIZE TEXTS` is one step, in a process of its own: it indexes the network of
PASSERELLES_DATA_DIR on ELASTICSEARCH_URL, and writes to TEXTS what the other searches are given.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.importing import environment
from benchmarks.page.__main__ import build

from .raw import Server

LARGEST_IMPORT = 100_000  # services of one workbook; a larger index repeats them (benchmarks.synthetic.variants)
LARGEST_STOCK = 100_000  # services beyond which only the page and the bare search are measured
PREFIX = "passerelles-mesure"
PATIENCE_MS = 120_000  # what a question may take: the local copy must never answer for the server that is measured


@dataclass(frozen=True, slots=True)
class Network:
    """`size` services in an index of `url`, made of the `distinct` ones imported under `folder`."""

    size: int
    distinct: int
    folder: Path
    url: str

    @classmethod
    def of(cls, size: int, folder: Path, url: str, distinct: int = LARGEST_IMPORT) -> Network:
        """The network of this size under a folder that holds several."""
        return cls(size, min(size, distinct), folder.resolve(), url)

    @property
    def data(self) -> Path:
        """Where its database is."""
        return self.folder / str(self.distinct)

    @property
    def texts(self) -> Path:
        """What the other searches are given of each service, one per line."""
        return self.folder / f"textes-{self.size}-{self.distinct}.jsonl"

    @property
    def prefix(self) -> str:
        """Names of its indexes begin with this. A folder is in them: two measures on one server do not meet."""
        return f"{PREFIX}-{hash_of(str(self.folder)):08x}-{self.size}-{self.distinct}"

    def variables(self) -> dict[str, str]:
        """The environment of a process that serves it."""
        return environment.variables(str(self.data)) | {
            "SEARCH_ENGINE": "elasticsearch", "ELASTICSEARCH_URL": self.url, "ELASTICSEARCH_INDEX": self.prefix,
            "SEARCH_BUDGET_MS": str(PATIENCE_MS), "ELASTICSEARCH_TIMEOUT": str(PATIENCE_MS / 1000),
        }  # fmt: skip

    def imported(self, seed: int) -> None:
        """Invent it and import it, unless that is done already."""
        if not (self.data / "passerelles.sqlite3").exists():
            build(self.distinct, seed, self.data)

    def prepare(self, seed: int) -> None:
        """Import it and index it, unless that is done already. Exits, in French, when the folder holds half of it."""
        self.imported(seed)
        words = ["benchmarks.latency.network", str(self.size), str(self.texts)]
        if subprocess.run([sys.executable, "-m", *words], env=self.variables(), check=False).returncode:
            sys.exit(f"Le réseau de {self.size} services n’a pas pu être préparé (voir plus haut).")

    def forget(self) -> None:
        """Remove its indexes from the server, those of the other searches too."""
        server = Server(self.url)
        for name in server.indexes(self.prefix + "-"):
            server.delete(name)


def hash_of(text: str) -> int:
    """A number that is the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big")


def index(size: int, texts: Path) -> None:
    """Write the index of this many services, and their texts, unless both are there and whole."""
    from benchmarks.synthetic.variants import varied
    from search import outbox, projection
    from search.documents import recipe
    from search.engines import get_engine

    engine: Any = get_engine("elasticsearch")
    wants_texts = size <= LARGEST_STOCK
    whole = engine.ready() and engine.recipe() == recipe() and held(engine) == size
    if whole and (texts.exists() or not wants_texts):
        print(f"Index de {size} services\u00a0: déjà là.", flush=True)
        return
    ids = projection.live_ids()
    if not ids or size < len(ids):
        sys.exit(f"{os.environ['PASSERELLES_DATA_DIR']}\u00a0: réseau incomplet. Supprimez ce dossier, puis relancez.")

    def told(done: int) -> None:
        if done % 50_000 == 0:
            print(f"{done} services indexés sur {size}", flush=True)

    documents = varied(projection.documents(ids), len(ids), size, max(ids))
    if not wants_texts:
        engine.rebuild(documents, outbox.head(), size, told)
    else:
        unfinished = texts.with_suffix(".part")
        with unfinished.open("w", encoding="utf-8") as out:
            engine.rebuild(_noted(documents, out), outbox.head(), size, told)
        unfinished.rename(texts)
    print(f"Index de {size} services\u00a0: écrit.", flush=True)


def held(engine: Any) -> int:
    """How many services the live index holds."""
    body = {"query": {"exists": {"field": "id"}}}
    return int(engine.client.call("POST", f"/{engine.indexes.live}/_count", body)["count"])


def _noted(documents: Iterable[dict[str, Any]], out: Any) -> Iterator[dict[str, Any]]:
    """The same documents; their texts are written down as they pass."""
    from search.documents import texts

    for document in documents:
        found = texts(document)
        row = {"code": document["code"], "visibility": document["visibility"], **found}
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
        yield document


if __name__ == "__main__":
    environment.ready()
    index(int(sys.argv[1]), Path(sys.argv[2]))
