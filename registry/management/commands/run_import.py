"""Read or write one import that waits, then stop: what the server starts when no worker runs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.imports import jobs
from registry.models import WorkbookImport


class Command(BaseCommand):
    help = "Fait le travail qu’attend une importation (lecture ou application), puis s’arrête."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=int, metavar="NUMÉRO")

    def handle(self, *args: Any, **options: Any) -> None:
        if not jobs.run(options["number"]):
            raise CommandError("Cette importation n’existe pas, n’attend rien, ou un autre processus s’en occupe déjà.")
        item = WorkbookImport.objects.get(pk=options["number"])
        self.stdout.write(f"{item.file_name} : {item.get_status_display()}{f' – {item.error}' if item.error else ''}")
