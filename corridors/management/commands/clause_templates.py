from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from corridors import clause_templates


class Command(BaseCommand):
    help = "Ajoute les clauses types qui manquent; celles qui existent déjà ne changent pas."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fichier", nargs="?", type=Path, default=settings.BASE_DIR / "fixtures/clauses-types.json")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = clause_templates.load(options["fichier"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"Le fichier des clauses types ne se lit pas : {error}") from error
        words = {0: "Aucune clause type à ajouter.", 1: "Une clause type ajoutée."}
        self.stdout.write(words.get(count, f"{count} clauses types ajoutées."))
