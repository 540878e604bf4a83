"""Compare the indexes with the database, service by service, and repair what differs."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search.engines.base import Engine, EngineError
from search.management.engines import add_engine_option, chosen_engines
from search.upkeep.checking import Comparison, compare, repair
from search.upkeep.worker import LABELS


class Command(BaseCommand):
    help = "Compare l’index de recherche avec la base de données; --repair remet en accord ce qui diffère."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_engine_option(parser)
        parser.add_argument("--repair", action="store_true", help="indexer de nouveau ce qui diffère")

    def handle(self, *args: Any, **options: Any) -> None:
        failures = []
        for engine in chosen_engines(options["engine"]):
            try:
                if problem := self._one(engine, options["repair"]):
                    failures.append(f"{LABELS[engine.name]}\u00a0: {problem}")
            except EngineError as error:
                failures.append(f"{LABELS[engine.name]}\u00a0: {error}")
        if failures:
            raise CommandError("\n".join(failures))

    def _one(self, engine: Engine, repairing: bool) -> str:
        """Compare one index; what is left to do, in French, or « »."""
        found = compare(engine)
        self._show(engine, found)
        if not found.drifted:
            return ""
        if not repairing:
            return "l’index s’écarte de la base, relancez avec --repair."
        left = repair(engine, found)
        if left.drifted:
            return f"{len(left.drifted)} services diffèrent encore, lancez « manage.py rebuild_index »."
        self.stdout.write(f"{LABELS[engine.name]}\u00a0: {len(found.drifted)} services indexés de nouveau.")
        return ""

    def _show(self, engine: Engine, found: Comparison) -> None:
        self.stdout.write(
            f"{LABELS[engine.name]}\u00a0: {found.wanted} services dans la base, {found.held} dans l’index; "
            f"{len(found.missing)} absents, {len(found.extra)} de trop, {len(found.stale)} différents."
        )
