"""`python -m benchmarks.agreements [--small 500] [--large 5000]`: each page that shows ententes together, at two sizes.

Prints, for each, its SQL queries and its median time at both sizes, and the ratio. Fails when a page asks more queries
at the larger size. Works in a folder of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks.importing import environment

ROUNDS = 7


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.agreements", description="Mesure les listes d’ententes."
    )
    parser.add_argument("--small", type=int, default=500)
    parser.add_argument("--large", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"mesures par page ({ROUNDS} par défaut)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="passerelles-ententes-") as folder:
        few, many = (_measure(folder, size, options.rounds) for size in (options.small, options.large))
    print(f"{'':44s} {options.small:>7d} ententes {options.large:>11d} ententes   ratio")
    grown = []
    for name, small in few.items():
        large = many[name]
        ratio = large["ms"] / small["ms"]
        print(
            f"{name:44s} {small['ms']:7.0f} ms {small['queries']:3d} req. {large['ms']:8.0f} ms {large['queries']:3d} req."
            f" {ratio:8.1f}"
        )
        if large["queries"] != small["queries"]:
            grown.append(name)
    print(f"Ententes : × {options.large / options.small:.0f}. Temps du serveur seul, médiane de {options.rounds}.")
    if grown:
        print(f"Plus de requêtes quand il y a plus d’ententes : {', '.join(grown)}")
    return 1 if grown else 0


def _measure(folder: str, size: int, rounds: int) -> dict[str, Any]:
    """Each size in a process of its own; the second one adds to what the first one left."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.agreements.pages", str(size), str(rounds)],
        env=environment.variables(folder), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
