"""The process that keeps the indexes of this host up to date with the change log."""

from __future__ import annotations

import argparse
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from search.management.engines import add_engine_option, chosen_engines
from search.upkeep.worker import STANDBY_PAUSE, Keeper, working

_ENDINGS = {signal.SIGTERM, signal.SIGINT}
GRACE = 8.0  # seconds to finish what is being written; Docker waits ten before it kills


class Command(BaseCommand):
    help = "Tient à jour les index de cette machine. À garder en marche avec Elasticsearch."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_engine_option(parser)
        parser.add_argument("--once", action="store_true", help="lit ce qui attend, puis s’arrête")

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        main, *copies = chosen_engines(options["engine"])
        keepers = [Keeper(main, self._say, stopping)]
        keepers += [Keeper(copy, self._say, stopping, STANDBY_PAUSE) for copy in copies]
        if options["once"]:
            for keeper in keepers:
                keeper.round()
            if any(keeper.is_failing for keeper in keepers):
                raise CommandError("Un index n’a pas pu être mis à jour.")
            return
        # No thread takes these signals, whoever the system gives them to: this one waits for them.
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
        self._say(f"En marche\u00a0: {', '.join(keeper.label for keeper in keepers)} (Ctrl+C pour arrêter).")
        with working(keepers, stopping, GRACE):
            signal.sigwait(_ENDINGS)
        self._say("Arrêté.")

    def _say(self, line: str) -> None:
        self.stdout.write(f"{timezone.localtime():%Y-%m-%d %H:%M:%S} {line}")
        self.stdout.flush()
