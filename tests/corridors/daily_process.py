"""What the tests of the daily run do in processes of their own: `python -m tests.corridors.daily_process STEP`."""

from __future__ import annotations

import os
import sys
from datetime import date, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")
ENTENTES = 12


def prepare() -> None:
    """Ententes followed for forty days, during which nobody ran anything: one ends in 25 days, one has lapsed, one
    has gone on by itself, and so on."""
    from tests.search.outbox_process import tables

    tables()
    from django.utils import timezone

    from corridors.models import Agreement
    from registry.enums import Role
    from tests.corridors.building import declared, house, person

    today = timezone.localdate()
    parties = house()
    person("brigitte", Role.COORDINATOR)
    for number in range(ENTENTES):
        kind = number % 3
        end = today + timedelta(days=25) if kind == 0 else today - timedelta(days=10)
        declared(
            number=f"ENT-{number}", parties=parties, starts_on=date(2020, 1, 1), ends_on=end, notice_days=None,
            renewal="tacite" if kind == 2 else "aucun",
        )  # fmt: skip
    Agreement.all_objects.update(first_published_at=timezone.now() - timedelta(days=40))


def run() -> None:
    """Two of these start together: each says that it is ready, and goes when told."""
    from django.core.management import call_command

    _wait()
    call_command("agreements_daily")


def work() -> None:
    from django.core.management import call_command

    _wait()
    call_command("db_worker", batch=True, interval=0, startup_delay=False, reload=False, verbosity=0)


def _wait() -> None:
    sys.stdout.write("READY\n")
    sys.stdout.flush()
    sys.stdin.readline()


def show() -> None:
    """What the journal, the log of reminders and the messages hold."""
    from corridors.models import AgreementEvent, OutgoingMail, Reminder

    for name, rows in (
        ("lapse", AgreementEvent.objects.filter(transition="lapse")),
        ("renewal", AgreementEvent.objects.filter(kind="reconduction")),
        ("reminder", Reminder.objects.all()),
        ("told", AgreementEvent.objects.filter(kind="rappel")),
        ("mail", OutgoingMail.objects.all()),
        ("sent", OutgoingMail.objects.filter(sent_at__isnull=False)),
    ):
        sys.stdout.write(f"{name} {rows.count()}\n")


if __name__ == "__main__":
    django.setup()
    {"prepare": prepare, "run": run, "work": work, "show": show}[sys.argv[1]]()
