"""Build the index anew beside the live one, check it, put it in its place."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from search import outbox, projection
from search.engines import get_engine
from search.engines.base import Engine, EngineError


class Command(BaseCommand):
    help = "Reconstruit l’index de recherche à côté de celui qui sert, le vérifie, puis le met en service."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--if-needed", action="store_true", help="seulement si l’index manque, est illisible ou a trop de retard"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        engine = get_engine()
        reason = outbox.is_behind(engine)
        if options["if_needed"] and not reason:
            try:
                outbox.drain(engine)
            except EngineError as error:
                raise CommandError(str(error)) from error
            self.stdout.write("L’index de recherche est à jour.")
            return
        if reason:
            self.stdout.write(f"Reconstruction : {reason}.")
        try:
            written = self._rebuild(engine)
        except EngineError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Index de recherche reconstruit : {written} services.")

    def _rebuild(self, engine: Engine) -> int:
        # The mark first: what changes while we read is written again by the drain that follows.
        mark = outbox.settled()
        with outbox.held(engine, mark):
            ids = projection.live_ids()
            console = Console(stderr=True)
            columns = (TextColumn("Indexation"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
                task = bar.add_task("", total=len(ids))
                written = engine.rebuild(
                    projection.documents(ids), mark, len(ids), lambda done: bar.update(task, completed=done)
                )
            outbox.drain(engine)
        return written
