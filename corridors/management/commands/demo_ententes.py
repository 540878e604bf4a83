"""A few ententes in the course of their life, to try the program: `manage.py demo_ententes`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from corridors import demo


class Command(BaseCommand):
    help = "Ajoute au réseau de démonstration, une fois, des ententes en négociation, en signature, en mésentente…"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Ces ententes sont fictives : elles ne s’ajoutent qu’en développement.")
        try:
            lines = demo.load()
        except LookupError as error:
            raise CommandError(f"{error} Lancez d’abord « manage.py demo ».") from error
        self.stdout.write("\n".join(lines) or "Des ententes vivent déjà ici : rien n’est ajouté.")
