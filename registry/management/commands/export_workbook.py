"""Export the network as the canonical workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.workbook import writer


class Command(BaseCommand):
    help = "Exporte le réseau publié dans un classeur Excel que l’import sait relire."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FICHIER.xlsx")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        if path.suffix.lower() != ".xlsx":
            raise CommandError("Le nom du fichier doit se terminer par .xlsx.")
        if not path.parent.is_dir():
            raise CommandError(f"Le dossier « {path.parent} » n’existe pas : créez-le, ou choisissez-en un autre.")
        rows = writer.export(path, progress=lambda sheet, count: self.stderr.write(f"{sheet} : {count} lignes"))
        self.stdout.write(f"{rows} lignes écrites dans {path}.")
