"""`python -m benchmarks.indexing`: a rebuild of the index against the bare bulk of the same ready documents.

The steps take turns on one server, round after round; what counts is the ratio of their medians.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.latency import machine
from benchmarks.latency.__main__ import chosen_server
from benchmarks.latency.network import LARGEST_IMPORT, Network
from benchmarks.latency.raw import Server

LABELS = {
    "raw": "Bulk brut, documents prêts",
    "ready": "Reconstruction, mêmes documents",
    "rebuild": "Reconstruction, depuis la base",
}
LEAST = 0.7  # of the pace of the bare bulk
FLAT = 1.25  # what memory may grow to between the first quarter of the work and its end

Found = dict[str, Any]


class Indexing:
    """The steps of one network, under names of their own on the server."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.folder = network.folder / f"pret-{network.size}-{network.distinct}"
        self.place = f"{network.prefix}-indexation"
        # A database holds no more than what was imported: beyond, only ready documents are compared.
        self.steps = [name for name in LABELS if name != "rebuild" or network.size == network.distinct]

    def run(self, step: str) -> Found:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.indexing.steps", step, str(self.network.size), str(self.folder)],
            env=self.network.variables() | {"ELASTICSEARCH_INDEX": self.place}, stdout=subprocess.PIPE, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"{LABELS.get(step, 'Préparation')}\u00a0: échec (voir plus haut).")
        found: Found = json.loads(done.stdout.splitlines()[-1])
        return found

    def rounds(self, count: int) -> dict[str, list[Found]]:
        """What each step found, round by round; every other one begins at the end."""
        found: dict[str, list[Found]] = {step: [] for step in self.steps}
        for number in range(count):
            for step in self.steps[:: 1 if number % 2 == 0 else -1]:
                found[step].append(self.run(step))
        return found

    def forget(self) -> None:
        """Remove from the server what the steps left."""
        server = Server(self.network.url)
        for name in server.indexes(self.place + "-"):
            server.delete(name)


def is_flat(held: list[float]) -> bool:
    """Does memory stay where it was at the first quarter (all in megabytes)?"""
    return max(held) <= FLAT * held[0]


def report(size: int, found: dict[str, list[Found]]) -> list[str]:
    """Print a table; what is not as promised, in French."""
    columns = ("durée", "calcul", "doc/s", "× brut", "mémoire max.", "quart à fin")
    print(f"\n{size} services, {len(found['raw'])} tours (médianes)")
    print(f"{'':32s} " + " ".join(f"{column:>13s}" for column in columns))
    base = median(result["seconds"] for result in found["raw"])
    problems = []
    for step, results in found.items():
        seconds = median(result["seconds"] for result in results)
        used, peak = median(result["cpu"] for result in results), max(result["peak_mb"] for result in results)
        held = max((result["held_mb"] for result in results), key=max)
        cells = (
            f"{seconds:.1f} s", f"{used:.1f} s", f"{size / seconds:.0f}", f"{base / seconds:.2f}", f"{peak:.0f} Mo",
            f"{held[0]:.0f}–{held[-1]:.0f} Mo",
        )  # fmt: skip
        print(f"{LABELS[step]:32s} " + " ".join(f"{cell:>13s}" for cell in cells))
        # The promise compares like with like: the very documents that the bare bulk was given, ready to send. What comes
        # from the database is also made, one listing after the other: told for information.
        if step == "ready" and base / seconds < LEAST:
            problems.append(f"{LABELS[step].lower()}\u00a0: {base / seconds:.2f} fois le brut (promis\u00a0: {LEAST})")
        if not is_flat(held):
            problems.append(f"{LABELS[step].lower()}\u00a0: la mémoire passe de {held[0]:.0f} à {max(held):.0f} Mo")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.indexing", description="Mesure une reconstruction.")
    parser.add_argument("--services", type=int, nargs="+", default=[100_000], metavar="N")
    parser.add_argument("--server", default="", metavar="URL", help="par défaut, celui de « make elasticsearch »")
    parser.add_argument("--folder", type=Path, help="garde les réseaux, et les retrouve la fois suivante")
    parser.add_argument(
        "--distinct", type=int, default=LARGEST_IMPORT, help="services distincts au plus; au-delà, répétés"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ.pop("SEARCH_ENGINE", None)  # the import of a network indexes it in its own folder
    url, problems = chosen_server(options.server), []
    with tempfile.TemporaryDirectory(prefix="passerelles-indexation-") as temporary:
        folder = options.folder or Path(temporary)
        print(f"Elasticsearch {Server(url).version()} ({url})\n{machine.described()}", flush=True)
        for size in options.services:
            network = Network.of(size, folder, url, options.distinct)
            network.imported(options.seed)
            indexing = Indexing(network)
            try:
                indexing.run("prepare")
                problems += report(size, indexing.rounds(options.rounds))
            finally:
                indexing.forget()
    print("; ".join(problems) if problems else "Promesses tenues.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
