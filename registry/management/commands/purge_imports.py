"""Delete uploaded workbooks that were applied, or are more than a day old."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from registry.imports import jobs, storage


class Command(BaseCommand):
    help = "Supprime les classeurs importés depuis plus de 24 heures, ou déjà appliqués. À lancer chaque heure."

    def handle(self, *args: Any, **options: Any) -> None:
        jobs.recover()
        deleted = storage.purge()
        self.stdout.write(f"{deleted} fichier{'s' if deleted > 1 else ''} supprimé{'s' if deleted > 1 else ''}.")
