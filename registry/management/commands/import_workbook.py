"""Import a workbook: ask what is doubtful, show what it would change, and write it when told to."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from registry.imports import terminal
from registry.workbook import apply, diff, summary
from registry.workbook.reader import UnreadableWorkbook

# Exit code of a file that cannot be read.
UNREADABLE_FILE = 2
# … of answers that cannot be used; of questions without an answer, when told to write.
BAD_MAPPING, UNANSWERED = 2, 3


class Command(BaseCommand):
    help = "Importe un classeur Excel. Sans --apply, montre seulement ce qui changerait."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FICHIER.xlsx")
        parser.add_argument("--sheets", help="Feuilles à lire, séparées par des virgules (toutes par défaut).")
        parser.add_argument("--apply", action="store_true", help="Écrit les changements, tous ou aucun.")
        parser.add_argument("--report", metavar="RAPPORT.json", help="Enregistre le rapport complet.")
        parser.add_argument(
            "--mapping", metavar="REPONSES.json", help="Ce que sont les feuilles et les colonnes douteuses."
        )
        parser.add_argument(
            "--mapping-template",
            metavar="REPONSES.json",
            help="Écrit un fichier de réponses à corriger, puis s’arrête.",
        )
        parser.add_argument(
            "--accept-guesses", action="store_true", help="Prend ce qui est proposé là où il reste un doute."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        only = [name.strip() for name in options["sheets"].split(",") if name.strip()] if options["sheets"] else None
        console = Console(stderr=True, force_terminal=None if sys.stderr.isatty() else False)
        try:
            answers = terminal.load(options["mapping"]) if options["mapping"] else None
            questions = terminal.Questions(answers, only)
            with _progress(console, "Lecture") as tell:
                found = diff.compute(options["file"], progress=tell, adjust=questions.adjust)
        except (UnreadableWorkbook, diff.UnknownSheet) as error:
            raise CommandError(str(error), returncode=UNREADABLE_FILE) from error
        except terminal.BadMapping as error:
            raise CommandError(str(error), returncode=BAD_MAPPING) from error
        if options["mapping_template"]:
            self._write_template(questions, options["mapping_template"])
            return
        if options["report"]:
            report = json.dumps(_report(found, questions), ensure_ascii=False, indent=1)
            Path(options["report"]).write_text(report, encoding="utf-8")
        self.stdout.write(summary.of(found))
        doubts = questions.doubts
        refused = bool(options["apply"] and doubts and not options["accept_guesses"])
        if doubts:
            self.stdout.write(terminal.asked(doubts, refused))
        if refused:
            raise CommandError("Rien n’a été écrit : des questions attendent une réponse.", returncode=UNANSWERED)
        if not options["apply"]:
            self.stdout.write("Rien n’a été écrit. Ajoutez --apply pour appliquer ces changements.")
            return
        try:
            with _progress(console, "Écriture") as tell:
                done = apply.apply(found, progress=tell)
        except apply.ApplyConflict as error:
            raise CommandError(str(error)) from error
        if answers is not None:
            questions.remember()
        self.stdout.write(f"Import appliqué : {done.added} fiches ajoutées, {done.changed} modifiées.")

    def _write_template(self, questions: terminal.Questions, path: str) -> None:
        try:
            Path(path).write_text(questions.template(), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"« {path} » ne peut pas être écrit : vérifiez le dossier et vos droits.") from error
        count = len(questions.doubts)
        self.stdout.write(terminal.asked(questions.doubts, False) if count else "Ce classeur ne pose aucune question.")
        self.stdout.write(f"« {path} » est prêt à corriger. Rien d’autre n’a été écrit.")


def _report(found: diff.Diff, questions: terminal.Questions) -> dict[str, Any]:
    doubts = questions.as_report()
    return {**found.as_report(), **({"doubts": doubts} if doubts else {})}


class _progress:
    """A bar per sheet on a terminal, a line per sheet elsewhere."""

    def __init__(self, console: Console, verb: str) -> None:
        self._console, self._verb = console, verb
        self._bar = (
            Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                console=console, transient=True,
            )
            if console.is_terminal
            else None
        )  # fmt: skip
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Callable[[str, int, int], None]:
        if self._bar is not None:
            self._bar.start()
        return self._tell

    def __exit__(self, *exc: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _tell(self, sheet: str, done: int, total: int) -> None:
        if self._bar is None:
            if done == total:
                self._console.print(f"{self._verb} : {sheet.strip()} ({total})", markup=False, highlight=False)
            return
        if sheet not in self._tasks:
            self._tasks[sheet] = self._bar.add_task(f"{self._verb} : {sheet.strip()}", total=total)
        self._bar.update(self._tasks[sheet], completed=done, total=total)
