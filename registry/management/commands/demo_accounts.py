"""One account for each role, to try the program: `manage.py demo_accounts`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from rich.console import Console
from rich.table import Table

from ...enums import PartnerType, Role
from ...models import Membership, Organization, User

_WIDTH = 140
_PARTNER_TYPES = (PartnerType.SHELTER, PartnerType.COMMUNITY, PartnerType.CRISIS_CENTRE)


@dataclass(frozen=True, slots=True)
class Demo:
    role: Role
    first_name: str
    last_name: str

    @property
    def username(self) -> str:
        return str(self.role.value)

    @property
    def password(self) -> str:
        return f"Passerelles-{self.username}-2026"


DEMOS = (
    Demo(Role.INTERVENANT, "Inès", "Tervenante"),
    Demo(Role.COORDINATOR, "Colin", "Ordonnateur"),
    Demo(Role.MANAGER, "Geneviève", "Stionnaire"),
    Demo(Role.PARTNER, "Pascale", "Artenaire"),
    Demo(Role.ADMINISTRATOR, "Adèle", "Ministratrice"),
)


class Command(BaseCommand):
    help = "Crée (ou remet en état) un compte de démonstration par rôle, et affiche les mots de passe."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--force",
            action="store_true",
            help="Hors développement : crée les comptes avec des mots de passe au hasard.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["force"]:
            raise CommandError(
                "Ces comptes ont des mots de passe connus de tous : ils ne se créent qu’en développement. "
                "Avec --force, ils se créent avec des mots de passe au hasard, affichés une seule fois."
            )
        partner = self._partner_organization()
        table = Table(title="Comptes de démonstration")
        for heading in ("Compte", "Mot de passe", "Rôle"):
            # A password cut to the width of the terminal would be of no use.
            table.add_column(heading, no_wrap=True)
        with transaction.atomic():
            for demo in DEMOS:
                password = demo.password if settings.DEBUG else secrets.token_urlsafe(15)
                organization = partner if demo.role == Role.PARTNER else None
                if demo.role == Role.PARTNER and organization is None:
                    self.stderr.write(
                        "Pas de compte partenaire : aucun organisme dans la base. Importez d’abord le réseau "
                        "(manage.py import_workbook fixtures/reseau.xlsx --apply), puis relancez."
                    )
                    continue
                self._account(demo, password, organization)
                where = f" ({organization.name})" if organization else ""
                table.add_row(demo.username, password, f"{demo.role.label}{where}")
        console = Console(width=_WIDTH)
        with console.capture() as drawn:
            console.print(table)
        self.stdout.write(drawn.get())

    def _partner_organization(self) -> Organization | None:
        """The same organism at each run: a community body of the network, else any published one."""
        known = Organization.objects.filter(memberships__user__username=Role.PARTNER.value).first()
        community = Organization.objects.filter(partner_type__in=_PARTNER_TYPES).order_by("code").first()
        return known or community or Organization.objects.order_by("code").first()

    def _account(self, demo: Demo, password: str, organization: Organization | None) -> None:
        """Create or put back the account: its password, its one role and nothing else."""
        superuser = demo.role == Role.ADMINISTRATOR
        user, _created = User.objects.update_or_create(
            username=demo.username,
            defaults={
                "first_name": demo.first_name,
                "last_name": demo.last_name,
                "email": f"{demo.username}@passerelles.example",
                "is_active": True,
                "is_superuser": superuser,
                "is_staff": superuser,
            },
        )
        if not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
        user.memberships.exclude(role=demo.role, organization=organization).delete()
        Membership.objects.get_or_create(user=user, role=demo.role, organization=organization)
