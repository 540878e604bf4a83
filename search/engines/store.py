"""The folder of an embedded index: which build is live, who may write, and how one build replaces another.

<root>/current          name of the live build, replaced atomically
<root>/builds/<name>/   a tantivy index
<root>/write.lock       held while writing the live build or swapping
<root>/build.lock       held while building another
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tantivy
from filelock import FileLock, Timeout

from .base import EngineError
from .translation import FORMAT, SCHEMA


class IndexBusy(EngineError):
    """Another process writes: the next drain will do it."""


class Store:
    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def pointer(self) -> Path:
        return self.root / "current"

    def path_of(self, name: str) -> Path:
        return self.root / "builds" / name

    def live_name(self) -> str:
        """The name of the live build; raises EngineError when there is none."""
        try:
            name = self.pointer.read_text().strip()
        except OSError:
            name = ""
        if not name or not self.path_of(name).is_dir():
            raise EngineError("L’index de recherche n’existe pas encore : lancez « manage.py rebuild_index ».")
        if not name.startswith(FORMAT):
            raise EngineError("L’index de recherche vient d’une autre version : lancez « manage.py rebuild_index ».")
        return name

    def signature(self) -> tuple[int, ...]:
        """Changes whenever the live build, or what it holds, changes. Raises OSError when there is no index."""
        pointer = os.stat(self.pointer)
        meta = os.stat(self.path_of(self.pointer.read_text().strip()) / "meta.json")
        return (pointer.st_mtime_ns, pointer.st_ino, meta.st_mtime_ns, meta.st_ino, meta.st_size)

    def open(self, name: str) -> tantivy.Index:
        """Open a build for reading; raises EngineError when it cannot be read."""
        try:
            index = tantivy.Index.open(str(self.path_of(name)))
            index.config_reader("manual", 0)
            index.reload()
        except Exception as error:
            raise EngineError(
                "L’index de recherche est illisible : lancez « manage.py rebuild_index » pour le refaire."
            ) from error
        return index

    def create(self) -> tuple[str, tantivy.Index]:
        """A new, empty build beside the live one."""
        name = f"{FORMAT}-{uuid.uuid4().hex}"
        path = self.path_of(name)
        path.mkdir(parents=True)
        return name, tantivy.Index(SCHEMA, str(path))

    def publish(self, name: str) -> None:
        """Make this build the live one, in one step."""
        fresh = self.root / f"current.{uuid.uuid4().hex}"
        with fresh.open("w") as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self.pointer)

    def remove(self, name: str) -> None:
        shutil.rmtree(self.path_of(name), ignore_errors=True)

    def remove_orphans(self, keep: set[str]) -> None:
        """Builds that nobody finished. Call with the build lock held."""
        builds = self.root / "builds"
        for folder in builds.iterdir() if builds.is_dir() else ():
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)
        for leftover in self.root.glob("current.*"):
            leftover.unlink(missing_ok=True)

    @contextmanager
    def writing(self, timeout: float = 10.0) -> Iterator[None]:
        with self._held("write.lock", timeout):
            yield

    @contextmanager
    def building(self, timeout: float = 0.0) -> Iterator[None]:
        with self._held("build.lock", timeout):
            yield

    @contextmanager
    def _held(self, name: str, timeout: float) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / name)
        try:
            lock.acquire(timeout=timeout)
        except Timeout as error:
            raise IndexBusy("Un autre processus écrit dans l’index de recherche.") from error
        try:
            yield
        finally:
            lock.release()
