"""The queue's own worker, which outlives a database that is away or held for minutes by an import (SQLite)."""

from __future__ import annotations

import time
from typing import Any

from django.db import OperationalError, connection
from django_tasks_db.management.commands import db_worker

_PAUSE = 2.0  # seconds


class Command(db_worker.Command):
    help = "Envoie les courriels et fait ce qui attend dans la file. À garder en marche."

    def handle(self, **options: Any) -> None:  # type: ignore[override]
        while True:
            try:
                super().handle(**options)
                return
            except OperationalError as error:
                if options["batch"]:
                    raise
                self.stderr.write(f"Base de données indisponible ({type(error).__name__}); nouvel essai.")
                connection.close()
                time.sleep(_PAUSE)
