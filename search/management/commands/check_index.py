"""Compare the index with the database, service by service, and repair what differs."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search import outbox, projection
from search.engines import get_engine
from search.engines.base import EngineError


class Command(BaseCommand):
    help = "Compare l’index de recherche avec la base de données; --repair remet en accord ce qui diffère."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="indexer de nouveau ce qui diffère")

    def handle(self, *args: Any, **options: Any) -> None:
        engine = get_engine()
        try:
            outbox.drain(engine)
            held = engine.digests()
        except EngineError as error:
            raise CommandError(str(error)) from error
        wanted = {document["id"]: document["version"] for document in projection.documents(projection.live_ids())}
        missing = sorted(wanted.keys() - held.keys())
        extra = sorted(held.keys() - wanted.keys())
        stale = sorted(pk for pk in wanted.keys() & held.keys() if wanted[pk] != held[pk])
        self.stdout.write(
            f"{len(wanted)} services dans la base, {len(held)} dans l’index : {len(missing)} absents, "
            f"{len(extra)} de trop, {len(stale)} différents."
        )
        drifted = [*missing, *extra, *stale]
        if not drifted:
            return
        if not options["repair"]:
            raise CommandError("L’index s’écarte de la base : relancez avec --repair.")
        outbox.append("search.check_index", drifted)
        outbox.drain(engine)
        self.stdout.write(f"{len(drifted)} services indexés de nouveau.")
