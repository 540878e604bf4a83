"""Build an index anew beside the live one, check it, put it in its place."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from search import outbox
from search.engines.base import Engine, EngineError
from search.management.engines import add_engine_option, chosen_engines, ended_properly
from search.upkeep.rebuilding import rebuild
from search.upkeep.worker import LABELS

LINE_EVERY = 10.0  # seconds between two lines where there is no terminal to draw a bar on


class Command(BaseCommand):
    help = "Reconstruit l’index de recherche à côté de celui qui sert, le vérifie, puis le met en service."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_engine_option(parser)
        parser.add_argument(
            "--if-needed", action="store_true", help="seulement si l’index manque, est illisible ou a trop de retard"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        failures = []
        for engine in chosen_engines(options["engine"]):
            try:
                self._one(engine, options["if_needed"])
            except KeyboardInterrupt:
                raise CommandError("Reconstruction interrompue\u00a0: l’index en service n’a pas changé.") from None
            except EngineError as error:
                failures.append(f"{LABELS[engine.name]}\u00a0: {error}")
        if failures:
            raise CommandError("\n".join(failures))

    def _one(self, engine: Engine, if_needed: bool) -> None:
        label = LABELS[engine.name]
        reason = outbox.is_behind(engine)
        if if_needed and not reason:
            outbox.drain(engine)
            self.stdout.write(f"{label}\u00a0: l’index de recherche est à jour.")
            return
        if reason:
            self.stdout.write(f"{label}\u00a0: reconstruction, parce que {reason}.")
        with self._shown() as told, ended_properly():
            written = rebuild(engine, told)
        self.stdout.write(f"{label}\u00a0: index de recherche reconstruit, {written} services.")

    @contextmanager
    def _shown(self) -> Iterator[Callable[[int, int], None]]:
        """A bar on a terminal; elsewhere a line from time to time. Both say how many and how long still."""
        console = Console(stderr=True)
        started = said = time.monotonic()
        columns = (
            TextColumn("Indexation"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("reste"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task("", total=None)

            def told(done: int, total: int) -> None:
                nonlocal said
                bar.update(task, completed=done, total=total)
                now = time.monotonic()
                if not console.is_terminal and now - said >= LINE_EVERY:
                    said = now
                    left = (now - started) / done * (total - done)
                    self.stdout.write(f"{done} services sur {total}, reste {left:.0f} s")
                    self.stdout.flush()

            yield told
