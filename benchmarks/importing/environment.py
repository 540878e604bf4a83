"""Django in a folder of its own: nothing of the machine's real data is touched."""

from __future__ import annotations

import os

import django

SETTINGS = "config.settings.development"


def variables(folder: str) -> dict[str, str]:
    """The environment of a process that works in this folder."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, "PASSERELLES_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": SETTINGS}


def ready() -> None:
    """Django, without what development keeps of every statement."""
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    django.setup()
    settings.DEBUG = False


def tables() -> None:
    """The tables without the history of migrations: seconds instead of a minute."""
    ready()
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command

    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)
