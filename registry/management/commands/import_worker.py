"""The process that reads and writes imported workbooks in production, one at a time."""

from __future__ import annotations

import signal
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections

from registry.imports import jobs, storage

# Seconds between two looks at the queue, and between two purges of old files.
_LOOK_EVERY, _PURGE_EVERY = 1.0, 900.0


class Command(BaseCommand):
    help = "Traite les importations reçues, l’une après l’autre. À garder en marche en production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Traite ce qui attend, puis s’arrête.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self._work()
            return
        self._stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self.stdout.write("En attente d’importations (Ctrl+C pour arrêter).")
        purged = 0.0
        while not self._stopping:
            close_old_connections()
            try:
                if time.monotonic() - purged > _PURGE_EVERY:
                    storage.purge()
                    purged = time.monotonic()
                worked = self._work()
            except OperationalError as error:
                # The database is away or busy: it comes back, and so does the worker.
                self.stderr.write(f"Base de données indisponible ({type(error).__name__}); nouvel essai.")
                worked = False
            if not worked and not self._stopping:
                time.sleep(_LOOK_EVERY)
        self.stdout.write("Arrêté.")

    def _work(self) -> bool:
        """One round: close what died, do all that waits. True when something was done."""
        jobs.recover()
        done = False
        while not getattr(self, "_stopping", False) and (waiting := jobs.next_waiting()) is not None:
            if not jobs.run(waiting):
                break
            done = True
        return done

    def _stop(self, *args: Any) -> None:
        """After the piece of work under way: it is never cut in two."""
        self._stopping = True
