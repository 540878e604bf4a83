"""`manage.py agreements_daily`: once a day, note what followed from the dates and remind of what comes."""

from __future__ import annotations

import time as clock
from argparse import ArgumentTypeError
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, close_old_connections
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from corridors import daily
from corridors.lifecycle import BY_NAME
from registry.dates import long_date

from .agreements import _day as read_day

# Finished tasks of the queue are kept this long, to look into what happened.
TASKS_KEPT_DAYS = 14
# Waiting for an hour is done by short naps: a machine that slept meanwhile wakes up late, not a day late.
_NAP = 60.0  # seconds


def _hour(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"« {text} » n’est pas une heure : écrire par exemple 06:00.") from error


def next_run(now: datetime, at: time) -> datetime:
    """The next moment, by the centre's clock, at which it is that hour."""
    today = timezone.localtime(now)
    day = today.date() if today.time() < at else today.date() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, at))


class Command(BaseCommand):
    help = (
        "Constate ce qui découle des dates (entrées en vigueur, échéances, reconductions), intègre les avenants "
        "signés, ferme ce que laissent les résiliations et envoie les rappels. À lancer une fois par jour; relancer ne "
        "refait rien, et les jours manqués se rattrapent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--date", type=read_day, metavar="DATE", help="faire le passage de ce jour-là (AAAA-MM-JJ)")
        which.add_argument(
            "--every-day-at", type=_hour, metavar="HEURE", dest="hour",
            help="rester en marche : un passage tout de suite, puis un par jour à cette heure (06:00)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if options["hour"] is None:
            self._run(options["date"] or timezone.localdate(), options["verbosity"])
            return
        while True:
            try:
                self._run(timezone.localdate(), options["verbosity"])
            except (CommandError, OperationalError) as error:
                self.stderr.write(str(error))
            wake = next_run(timezone.now(), options["hour"])
            while timezone.now() < wake:
                close_old_connections()
                clock.sleep(_NAP)

    def _run(self, day: date, verbosity: int) -> None:
        console = Console(file=self.stderr)  # type: ignore[arg-type]
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
            tasks: dict[str, Any] = {}

            def progress(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = shown.add_task(what, total=total)
                shown.update(tasks[what], completed=done)

            summary = daily.run(day, progress)
        call_command("prune_db_task_results", min_age_days=TASKS_KEPT_DAYS, verbosity=0)
        if verbosity > 0:
            self._tell(summary, day)
        if summary.failed:
            raise CommandError(
                f"N’ont pas pu être traités : {', '.join(summary.failed[:10])} ({len(summary.failed)} en tout); "
                "le détail est au journal; le prochain passage les reprend."
            )

    def _tell(self, summary: daily.Summary, day: date) -> None:
        self.stdout.write(f"Passage du {long_date(day)} : {_count(summary.looked_at)} au dossier.")
        lines = [f"{BY_NAME[name].label} : {count}" for name, count in sorted(summary.noted.items())]
        if summary.renewed:
            lines.append(f"Reconductions constatées : {summary.renewed}")
        if summary.merged:
            lines.append(f"Avenants intégrés : {', '.join(summary.merged)}")
        if summary.merged:
            lines.append(f"Avenants intégrés : {', '.join(summary.merged)}")
        if summary.closed:
            lines.append(f"Résiliations menées à terme : {', '.join(summary.closed)}")
        lines += [f"Rappel « {label} » : {count}" for label, count in sorted(summary.reminders.items())]
        if summary.unheard:
            lines.append(f"Rappels sans destinataire (aucune adresse de courriel) : {summary.unheard}")
        if summary.messages:
            lines.append(f"Courriels mis dans la file : {summary.messages}")
        if summary.sent_again:
            lines.append(f"Courriels remis dans la file : {summary.sent_again}")
        if summary.given_up:
            lines.append(f"Courriels abandonnés après une semaine d’échecs : {summary.given_up}")
        for line in lines or ["Rien à faire."]:
            self.stdout.write(f"  {line}")


def _count(number: int) -> str:
    return f"{number} entente{'s' if number > 1 else ''}"
