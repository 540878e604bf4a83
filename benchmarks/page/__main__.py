"""`python -m benchmarks.page`: the orientation page on two networks, asked the same questions in turn.

Each network is a data folder (`benchmarks.importing --folder` leaves one); without, both are invented and imported.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

from benchmarks.importing import environment
from benchmarks.synthetic.network import Network
from benchmarks.synthetic.workbook import write

from .questions import ADDRESSES

ALLOWED_MS = 15.0  # how far the median of the large network may be above that of the small one


class Server:
    """One network, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.page.worker"], env=environment.variables(str(folder)), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.times: dict[str, list[float]] = {}

    def ask(self, address: str, keep: bool = True) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(address + "\n")
        self._process.stdin.flush()
        milliseconds, status, _size = json.loads(self._process.stdout.readline())
        if status != 200:
            raise SystemExit(f"La page a répondu {status} à {address}")
        if keep:
            self.times.setdefault(address, []).append(milliseconds)

    def close(self) -> None:
        self._process.communicate()

    @property
    def every(self) -> list[float]:
        return [value for values in self.times.values() for value in values]


def build(services: int, seed: int, folder: Path) -> None:
    """Invent a network and import it there."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "reseau.xlsx"
    print(f"Réseau de {services} services…", flush=True)
    write(Network(services, seed), path)
    for step in ("prepare", "apply"):
        subprocess.run(
            [sys.executable, "-m", "benchmarks.importing.steps", step, str(path)], check=True,
            env=environment.variables(str(folder)), stdout=subprocess.DEVNULL,
        )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description="Mesure la page d’orientation.")
    parser.add_argument("--services", type=int, nargs=2, default=(1000, 100_000), metavar=("PETIT", "GRAND"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folders", type=Path, nargs=2, metavar=("PETIT", "GRAND"), help="réseaux déjà importés")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--each", action="store_true", help="montre aussi chaque question")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="passerelles-page-") as temporary:
        folders = options.folders or [Path(temporary) / str(size) for size in options.services]
        if not options.folders:
            for size, folder in zip(options.services, folders, strict=True):
                build(size, options.seed, folder)
        return measure([folder.resolve() for folder in folders], options.rounds, options.each)


def measure(folders: list[Path], rounds: int, each: bool) -> int:
    """Ask everything `rounds` times of both, in turn; 1 when the large network is too far above."""
    servers = [Server(folder) for folder in folders]
    for number in range(rounds + 1):  # the first time, each process reads its vocabulary
        for address in ADDRESSES:
            for server in servers[:: 1 if number % 2 else -1]:
                server.ask(address, keep=number > 0)
    for server in servers:
        server.close()
    small, large = servers
    if each:
        for address in ADDRESSES:
            one, other = median(small.times[address]), median(large.times[address])
            print(f"{one:8.1f} {other:8.1f} {other - one:+8.1f}  {address}")
    print(f"{len(ADDRESSES)} questions × {rounds}   {'médiane':>10s} {'p95':>10s}")
    for name, server in (("petit réseau", small), ("grand réseau", large)):
        print(f"{name:20s} {median(server.every):7.1f} ms {quantiles(server.every, n=20)[-1]:7.1f} ms")
    difference = median(large.every) - median(small.every)
    print(f"Écart des médianes : {difference:+.1f} ms (permis : {ALLOWED_MS:.0f} ms)")
    return 0 if difference <= ALLOWED_MS else 1


if __name__ == "__main__":
    sys.exit(main())
