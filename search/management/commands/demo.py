"""Prepare the demo network: import it into an empty directory, open the accounts, build the index. Repeatable."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from registry.models import Organization

WORKBOOK = Path(settings.BASE_DIR) / "fixtures" / "reseau.xlsx"


class Command(BaseCommand):
    help = "Prépare le réseau de démonstration : ne touche à rien si des organismes existent déjà."

    def handle(self, *args: Any, **options: Any) -> None:
        empty = not Organization.all_objects.exists()
        if not empty:
            self.stdout.write("Le répertoire contient déjà des organismes : rien n’est importé.")
        else:
            self.stdout.write("Importation du réseau de démonstration (fictif)…")
            call_command("import_workbook", str(WORKBOOK), apply=True, stdout=self.stdout, stderr=self.stderr)
        call_command("clause_templates", stdout=self.stdout, stderr=self.stderr)
        call_command("rebuild_index", if_needed=True, stdout=self.stdout, stderr=self.stderr)
        call_command("demo_accounts", stdout=self.stdout, stderr=self.stderr)
        if empty:
            call_command("demo_ententes", stdout=self.stdout, stderr=self.stderr)
