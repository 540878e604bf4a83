"""`python -m benchmarks.latency`: what the orientation page costs above the bare search, on one server, in one run.

Every question is asked in turn of all the ways, round after round: the page through WSGI; the very searches that it
sent, by a bare HTTP client; Wagtail's own search on the same server and on the database; PostgreSQL's French full text.
The first round is dropped. The bare searches go first in one round and after the page in the next.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.page.questions import ADDRESSES
from tests import postgresql_server
from tools import elasticsearch_server

from . import figures, machine
from .network import LARGEST_IMPORT, LARGEST_STOCK, Network
from .raw import Server

PAGE, RAW = "Page de Passerelles", "_search brut, même corps"

Search = tuple[str, dict[str, Any], bytes]


class Process:
    """A worker that answers each line with a line of JSON."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", *words], env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("Un des processus mesurés s’est arrêté (voir plus haut).")
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self.read()

    def close(self) -> None:
        self._process.communicate()


class Page:
    """The page of one network, and the searches that it sent last for each address."""

    def __init__(self, network: Network) -> None:
        self.process = Process(["benchmarks.latency.page_worker"], network.variables())
        self.sent: dict[str, list[Search]] = {}
        self.computed: list[float] = []  # milliseconds of processor, page by page

    def ask(self, address: str) -> float:
        """Milliseconds that the page took. Exits when it failed, or asked the server nothing."""
        answer = self.process.ask(address)
        if answer["status"] != 200 or not answer["searches"]:
            raise SystemExit(f"La page a répondu {answer['status']} sans le serveur à {address}")
        self.sent[address] = [(path, params, body.encode()) for path, params, body in answer["searches"]]
        self.computed.append(answer["cpu"])
        return float(answer["ms"])


def questions() -> dict[str, str]:
    """Address of the page → what is typed there, for the questions of the log that ask something."""
    typed = {address: parse_qs(urlsplit(address).query).get("q", [""])[0] for address in ADDRESSES}
    return {address: text for address, text in typed.items() if text}


@contextmanager
def stock(network: Network, version: str) -> Iterator[tuple[list[str], Process]]:
    """The searches that come with Wagtail and PostgreSQL, over the same services; their names, and who answers."""
    with ExitStack() as stack:
        if postgresql_server.programs() is None:
            print(
                "PostgreSQL n’est pas installé (paquet « postgresql »)\u00a0: la base mesurée est SQLite, sans texte français."
            )
            where = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="passerelles-stock-")))
            database = f"sqlite:///{where / 'stock.sqlite3'}"
        else:
            database = stack.enter_context(postgresql_server.running())
        process = Process(
            ["benchmarks.latency.stock.worker", str(network.texts)],
            os.environ | {
                "STOCK_DATABASE": database, "STOCK_MAJOR": version.partition(".")[0], "ELASTICSEARCH_URL": network.url,
                "STOCK_PREFIX": f"{network.prefix}-wagtail-",
            },
        )  # fmt: skip
        stack.callback(process.close)
        yield list(process.read()["searches"]), process


def other(process: Process, name: str, typed: dict[str, str], empty: set[str]) -> Callable[[str], float]:
    """What asks one of the stock searches what is typed at an address, and returns milliseconds; a question to which
    nothing was found is noted, for nothing is soon found."""

    def ask(address: str) -> float:
        answer = process.ask(f"{name}\t{typed[address]}")
        if not answer["found"]:
            empty.add(address)
        return float(answer["ms"])

    return ask


def measure(network: Network, rounds: int) -> dict[str, list[float]]:
    """Every way of asking → the milliseconds of each question of each round, the first round left out."""
    server = Server(network.url)
    with ExitStack() as stack:
        page = Page(network)
        stack.callback(page.process.close)
        ways: dict[str, Callable[[str], float]] = {
            PAGE: page.ask,
            RAW: lambda address: server.time(page.sent[address]),
        }
        typed, empty = questions(), dict[str, set[str]]()
        if network.size <= LARGEST_STOCK:
            names, process = stack.enter_context(stock(network, server.version()))
            for name in names:
                ways[name] = other(process, name, typed, empty.setdefault(name, set()))
        durations: dict[str, list[float]] = {name: [] for name in (RAW, PAGE, *ways)}
        for number in range(rounds + 1):
            for address in typed:
                # The page comes first where its searches are not known yet: then every other round.
                for name in list(ways)[:: 1 if number % 2 == 0 else -1]:
                    took = ways[name](address)
                    if number:
                        durations[name].append(took)
        more = sum(len(sent) > 1 for sent in page.sent.values())
        computed = figures.percentile(page.computed[len(typed) :], 50)
        print(
            f"\n{network.size} services\u00a0: la page calcule {computed:.1f} ms (médiane), attente du serveur non comprise."
        )
        for name, texts in empty.items():
            if texts:
                print(f"{name}\u00a0: rien trouvé à {len(texts)} des {len(typed)} questions.")
        if more:
            print(
                f"{more} questions demandent une deuxième recherche (rien au premier essai)\u00a0: le brut l’envoie aussi."
            )
    return durations


def report(network: Network, durations: dict[str, list[float]]) -> bool:
    """Print the table of one size; whether the page keeps its promise."""
    repeated = f" ({network.distinct} distincts, répétés ailleurs)" if network.distinct < network.size else ""
    print(f"\n{network.size} services{repeated}, {len(durations[PAGE])} mesures de chaque façon")
    print(*figures.table(durations, RAW), sep="\n")
    broken = figures.kept(durations[RAW], durations[PAGE])
    gap = figures.percentile(durations[PAGE], 50) - figures.percentile(durations[RAW], 50)
    print(
        f"Page moins brut, médianes\u00a0: {gap:+.1f} ms. "
        + ("Dépassé\u00a0: " + "; ".join(broken) if broken else "Promesse tenue.")
    )
    return not broken


def chosen_server(url: str) -> str:
    """The server to measure: the one given, else the newest of those that `make elasticsearch` started. Exits without one."""
    if url:
        if elasticsearch_server.version_at(url) is None:
            sys.exit(f"Aucun serveur Elasticsearch ne répond à {url}.")
        return url.rstrip("/")
    found = elasticsearch_server.running()
    if not found:
        sys.exit("Aucun serveur Elasticsearch ne répond\u00a0: lancez « make elasticsearch », ou donnez --server URL.")
    return found[max(found, key=lambda version: [int(part) for part in version.split(".")])].rstrip("/")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.latency", description="Mesure la page sur Elasticsearch."
    )
    parser.add_argument("--services", type=int, nargs="+", default=[1000, 100_000, 1_000_000], metavar="N")
    parser.add_argument("--server", default="", metavar="URL", help="par défaut, celui de « make elasticsearch »")
    parser.add_argument("--folder", type=Path, help="garde réseaux et index, et les retrouve la fois suivante")
    parser.add_argument(
        "--distinct", type=int, default=LARGEST_IMPORT, help="services distincts au plus; au-delà, répétés"
    )
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--prepare", action="store_true", help="prépare seulement, ne mesure pas")
    options = parser.parse_args()
    os.environ.pop("SEARCH_ENGINE", None)  # the import of a network indexes it in its own folder
    url, kept = chosen_server(options.server), True
    with tempfile.TemporaryDirectory(prefix="passerelles-latence-") as temporary:
        folder = options.folder or Path(temporary)
        networks = [Network.of(size, folder, url, options.distinct) for size in options.services]
        print(f"Elasticsearch {Server(url).version()} ({url})\n{machine.described()}", flush=True)
        try:
            for network in networks:
                network.prepare(options.seed)
                if not options.prepare:
                    kept = report(network, measure(network, options.rounds)) and kept
        finally:
            if options.folder is None:
                for network in networks:
                    network.forget()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
