"""`python -m benchmarks.synthetic --services 100000 --seed 1 OUT.xlsx`, or `--index FOLDER` for documents alone.

The workbook of 1,000,000 services can be written; importing it is refused (see registry.workbook.guard). The index has no
such limit: it is written from documents, without a database.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.importing import environment

from .network import LARGEST, SMALLEST, Network
from .workbook import write


def write_index(network: Network, folder: Path, size: int) -> int:
    """An index of this many services: those of this network, then repeated under other codes. Beside it, the numbers of
    its schedules (schedules.json)."""
    environment.ready()
    from search.engines.embedded import EmbeddedEngine

    from .documents import Documents
    from .variants import varied

    documents = Documents(network)
    written = EmbeddedEngine(folder).rebuild(varied(documents, network.size, size, network.size), 1, size)
    (folder / "schedules.json").write_text(json.dumps(documents.patterns, ensure_ascii=False), encoding="utf-8")
    return written


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synthetic", description="Invente un réseau.")
    parser.add_argument("--services", type=int, default=1000, help=f"de {SMALLEST} à {LARGEST} (1000 par défaut)")
    parser.add_argument("--seed", type=int, default=1, help="même graine, même réseau")
    parser.add_argument("--index", type=Path, metavar="DOSSIER", help="écrit plutôt un index prêt à interroger")
    parser.add_argument(
        "--distinct", type=int, metavar="N", help="de l’index\u00a0: N services, répétés sous d’autres codes"
    )
    parser.add_argument("out", metavar="SORTIE.xlsx", type=Path, nargs="?")
    options = parser.parse_args()
    if (options.index is None) == (options.out is None):
        parser.error("Indiquez SORTIE.xlsx, ou --index DOSSIER.")
    if options.distinct is not None and options.index is None:
        parser.error("--distinct va avec --index\u00a0: un classeur ne répète rien.")
    started = time.perf_counter()
    try:
        network = Network(min(options.services, options.distinct or LARGEST), options.seed)
    except ValueError as error:
        parser.error(str(error))
    if options.index is not None:
        print(
            f"{write_index(network, options.index, options.services)} documents en {time.perf_counter() - started:.1f} s"
        )
        return 0
    write(network, options.out, lambda sheet, rows: print(f"{sheet:12s} {rows:>9,d}".replace(",", " ")))
    size = options.out.stat().st_size / 1e6
    print(f"{options.out} : {size:.1f} Mo en {time.perf_counter() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
