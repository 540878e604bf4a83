"""A data folder with the demo network, and a real server process on it: for the browser tests and the screenshots."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
READY_WITHIN = 60  # seconds


class ServerError(RuntimeError):
    """The server, or a command before it, did not do what it had to; the message holds what it wrote."""


def chromium_path() -> str:
    """Where Chromium is ($CHROMIUM, or Debian's), whether it is there or not."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SEARCH_ENGINE")}
    return kept | {
        "PASSERELLES_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings.development",
    }


def manage(folder: Path, *arguments: str) -> None:
    """Run a command of manage.py on this folder; raises ServerError when it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment(folder), capture_output=True, text=True
    )
    if done.returncode:
        raise ServerError(f"manage.py {' '.join(arguments)}\n{done.stdout}\n{done.stderr}")


def prepare(folder: Path) -> None:
    """The demo network, its index and one account for each role."""
    folder.mkdir(parents=True, exist_ok=True)
    manage(folder, "migrate", "--verbosity", "0")
    manage(folder, "demo")


@contextmanager
def serving(folder: Path, **variables: str) -> Iterator[str]:
    """The address of a server process on this folder, while the block runs. `variables`: more of its environment.

    Without debugging: errors show the pages that people see.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, log = f"http://127.0.0.1:{port}", folder / f"server-{port}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}", "--noreload"],
            cwd=ROOT, env=environment(folder) | {"PASSERELLES_DEBUG": "false"} | variables, stdout=out,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _wait(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=10)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + READY_WITHIN
    while time.monotonic() < limit and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/connexion/", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise ServerError(f"Le serveur ne répond pas :\n{log.read_text()}")
