"""`python -m benchmarks.importing --services 100000`: time and peak memory of an import, and of merely reading."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.synthetic.network import LARGEST, SMALLEST, Network
from benchmarks.synthetic.workbook import write

from . import environment

LIMIT_MB = 1024  # what an import of 100,000 services may take
STEPS = (
    ("calamine", "Lecture par calamine seul"),
    ("openpyxl", "Lecture par openpyxl seul"),
    ("dry_run", "Comparaison, réseau vide"),
    ("apply", "Import appliqué, index compris"),
    ("dry_run", "Comparaison, rien ne change"),
)
MERELY_READ = ("calamine", "openpyxl")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description="Mesure un import.")
    parser.add_argument("--services", type=int, default=1000, help=f"de {SMALLEST} à {LARGEST} (1000 par défaut)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", type=Path, help="un classeur déjà fait, au lieu d’en inventer un")
    parser.add_argument("--folder", type=Path, help="où travailler, et laisser le réseau importé (vide au départ)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="passerelles-import-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "passerelles.sqlite3").exists():
            parser.error(f"{folder} contient déjà un réseau.")
        path = options.file or Path(temporary) / "reseau.xlsx"
        if options.file is None:
            print(f"Classeur de {options.services} services (graine {options.seed})…", flush=True)
            write(Network(options.services, options.seed), path)
        return measure(path.resolve(), folder.resolve())


def measure(path: Path, folder: Path) -> int:
    """Every step, each in its own process; a table. 1 when memory passes the limit, or when a count is wrong."""
    print(f"Fichier : {path.stat().st_size / 1e6:.1f} Mo")
    columns = ("durée", "calcul", "lignes/s", "mémoire", "× calamine", "× openpyxl")
    print(f"{'':34s} {' '.join(f'{column:>11s}' for column in columns)}", flush=True)
    _run("prepare", path, folder)
    times: dict[str, float] = {}
    found: list[dict[str, Any]] = []
    for step, label in STEPS:
        result = _run(step, path, folder)
        found.append(result)
        times.setdefault(step, result["cpu"])
        ratios = [f"{result['cpu'] / times[name]:11.1f}" if name in times else " " * 11 for name in MERELY_READ]
        pace = result["rows"] / result["seconds"]
        figures = f"{result['seconds']:9.1f} s {result['cpu']:9.1f} s {pace:11,.0f} {result['peak_mb']:8.0f} Mo"
        print(f"{label:34s} {figures.replace(',', ' ')} {' '.join(ratios)}", flush=True)
    _calamine, _openpyxl, empty, applied, again = found
    print(
        f"\nImport : {applied['added']} fiches ajoutées; lecture et comparaison {applied['read_s']:.1f} s, écriture "
        f"{applied['write_s']:.1f} s, index {applied['index_s']:.1f} s. La deuxième fois : {again['added']} ajoutées, "
        f"{again['changed']} modifiées."
    )
    problems = [f"{result['rejected']} lignes rejetées" for result in (empty, applied, again) if result["rejected"]]
    if again["added"] or again["changed"] or again["unchanged"] != empty["added"]:
        problems.append("importer de nouveau changerait quelque chose")
    peak = max(result["peak_mb"] for result in found[2:])
    if peak > LIMIT_MB:
        problems.append(f"mémoire : {peak:.0f} Mo, au-delà de {LIMIT_MB}")
    print(
        "Ratios sur le temps de calcul. " + ("; ".join(problems) if problems else f"Mémoire maximale : {peak:.0f} Mo.")
    )
    return 1 if problems else 0


def _run(step: str, path: Path, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.importing.steps", step, str(path)],
        env=environment.variables(str(folder)), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


if __name__ == "__main__":
    sys.exit(main())
