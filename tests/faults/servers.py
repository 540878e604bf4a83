"""An Elasticsearch that the tests of failures start, cut off and start again: never the one that others use."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from unittest import mock

from tests import elasticsearch_servers
from tools import elasticsearch_server

ROOT = Path(__file__).resolve().parent.parent.parent
MAJOR = 9
HEAP = "512m"
PATIENCE = 120  # seconds, for a busy machine


def free_port() -> int:
    """A port whose hundredth follower (the one between nodes) is free too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 100))
            except (OSError, OverflowError):
                continue
            return port


class FaultServer:
    """One server, with its own port and data."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {name: value for name, value in os.environ.items() if name != "ELASTICSEARCH_URL"}
        self.environment |= {"ES_INSTANCE": f"pannes-{os.getpid()}", f"ES_PORT_{MAJOR}": str(self.port)}

    def begin(self) -> subprocess.Popen[str]:
        """Start it, without waiting."""
        words = ("start", "--major", str(MAJOR), "--heap", HEAP)
        return subprocess.Popen(
            self._command(*words), env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )

    def await_start(self, starting: subprocess.Popen[str]) -> None:
        out, _err = starting.communicate(timeout=PATIENCE)
        assert starting.returncode == 0, out

    def start(self) -> None:
        self.await_start(self.begin())

    def is_up(self) -> bool:
        return elasticsearch_server.version_at(self.url, 1) is not None

    def cut_off(self) -> None:
        """As a power cut would."""
        subprocess.run(
            self._command("kill", "--major", str(MAJOR)), env=self.environment, cwd=ROOT, check=True, timeout=60
        )
        assert not self.is_up()

    def end(self) -> None:
        """Stop it and remove all that it kept."""
        if self.is_up():
            subprocess.run(
                self._command("kill", "--major", str(MAJOR)), env=self.environment, cwd=ROOT, check=False, timeout=60
            )
        subprocess.run(
            self._command("stop", "--major", str(MAJOR)), env=self.environment, cwd=ROOT, check=False, timeout=120,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        with mock.patch.dict(os.environ, self.environment):
            shutil.rmtree(elasticsearch_server.run_folder(MAJOR), ignore_errors=True)
        elasticsearch_servers.client.cache_clear()

    @staticmethod
    def _command(*words: str) -> list[str]:
        return [sys.executable, "-u", "-m", "tools.elasticsearch_server", *words]
