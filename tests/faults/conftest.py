"""One Elasticsearch to break, and processes on a database and indexes of their own."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search.engines.base import EngineError
from search.engines.elasticsearch import ElasticsearchEngine
from tests import elasticsearch_servers
from tests.faults.servers import PATIENCE, ROOT, FaultServer


@pytest.fixture(scope="session")
def broken_server() -> Iterator[FaultServer]:
    made = FaultServer()
    try:
        made.start()
        yield made
    finally:
        made.end()


@pytest.fixture
def server(broken_server: FaultServer) -> FaultServer:
    """The server, up, whatever the test before did to it."""
    if not broken_server.is_up():
        broken_server.start()
    return broken_server


class Installation:
    """A database and indexes of their own, and the processes that work on them."""

    def __init__(self, folder: Path, url: str, database: str = "") -> None:
        self.folder = folder
        self.prefix = f"pannes-{uuid.uuid4().hex[:8]}"
        self.environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.development", "PASSERELLES_DATA_DIR": str(folder),
            "SEARCH_ENGINE": "elasticsearch", "ELASTICSEARCH_URL": url, "ELASTICSEARCH_INDEX": self.prefix,
        }  # fmt: skip
        if database:
            self.environment["DATABASE_URL"] = database
        self.engine: ElasticsearchEngine = elasticsearch_servers.engine(url, self.prefix)
        self.running: list[subprocess.Popen[str]] = []

    def start(self, *words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-u", *words], cwd=ROOT, env=self.environment, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.running.append(process)
        return process

    def act(self, *words: str) -> subprocess.Popen[str]:
        return self.start("-m", "tests.faults.processes", *words)

    def worker(self) -> subprocess.Popen[str]:
        return self.start("manage.py", "index_worker")

    def run(self, process: subprocess.Popen[str], expected: int = 0) -> str:
        out, _err = process.communicate(timeout=PATIENCE)
        assert process.returncode == expected, out
        assert "Traceback" not in out, out
        return out

    def stop(self, process: subprocess.Popen[str]) -> str:
        """End it properly; returns what it said."""
        process.send_signal(signal.SIGTERM)
        return self.run(process)

    def command(self, *words: str) -> str:
        return self.run(self.start("manage.py", *words))

    def head(self) -> int:
        with sqlite3.connect(self.folder / "passerelles.sqlite3") as database:
            return int(database.execute("SELECT max(seq) FROM search_outboxentry").fetchone()[0])

    def has_read(self, mark: int) -> bool:
        try:
            return self.engine.mark() >= mark
        except EngineError:
            return False

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        limit = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < limit, f"never came: {what}\n{self.end()}"
            time.sleep(0.1)

    def end(self) -> str:
        """Nothing of it runs any more; returns what its processes were saying."""
        said = []
        for process in self.running:
            if process.poll() is None:
                process.kill()
                said.append(process.communicate()[0])
        return "\n".join(said)


def says(process: subprocess.Popen[str], word: str) -> None:
    """Wait until this process says this on a line of its own."""
    assert process.stdout is not None
    heard = []
    for line in process.stdout:
        heard.append(line)
        if line.strip() == word:
            return
    raise AssertionError("".join(heard))


@pytest.fixture
def installation(server: FaultServer, tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path, server.url)
    yield made
    made.end()
