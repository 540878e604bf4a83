"""`python -m benchmarks.synthetic --services 100000 --seed 1 OUT.xlsx`"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from .network import LARGEST, SMALLEST, Network
from .workbook import write


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synthetic", description="Invente un réseau.")
    parser.add_argument("--services", type=int, default=1000, help=f"de {SMALLEST} à {LARGEST} (1000 par défaut)")
    parser.add_argument("--seed", type=int, default=1, help="même graine, même réseau")
    parser.add_argument("out", metavar="SORTIE.xlsx", type=Path)
    options = parser.parse_args()
    started = time.perf_counter()
    try:
        network = Network(options.services, options.seed)
    except ValueError as error:
        parser.error(str(error))
    write(network, options.out, lambda sheet, rows: print(f"{sheet:12s} {rows:>9,d}".replace(",", " ")))
    size = options.out.stat().st_size / 1e6
    print(f"{options.out} : {size:.1f} Mo en {time.perf_counter() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
