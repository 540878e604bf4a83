"""Other processes, for the tests of an import at work: `python -m tests.registry.import_process COMMAND FOLDER`.

They share the database, the index and the lock of their environment (PASSERELLES_DATA_DIR), and meet through files in
FOLDER: « pret » once the visitor has been there before it, « commence » once the import is inside its transaction,
« continue » when it may go on.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")
PASSWORD = "une phrase assez longue"
PATIENCE = 300  # seconds: two other processes start meanwhile, perhaps on a busy machine
MARKER = "Marqueur"


def prepare(folder: Path) -> None:
    """A database, an index, a coordinator whose password is kept in an old form, a service."""
    from django.apps import apps
    from django.conf import settings
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command

    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)
    from registry.enums import Role
    from registry.models import Membership, User
    from tests.factories import records

    user = User.objects.create(username="coordo", password=make_password(PASSWORD, hasher="md5"))
    Membership.objects.create(user=user, role=Role.COORDINATOR)
    owner = records.organization("Maison", code="ORG1")
    records.service(owner, "Service déjà là", code="SRV1")
    call_command("rebuild_index")


def bring_in(folder: Path) -> None:
    """Apply the workbook of the folder, and stop inside the transaction until told to go on."""
    from registry.workbook import apply, diff

    def tell(sheet: str, done: int, total: int) -> None:
        (folder / "commence").touch()
        wait_for(folder / "continue")

    found = diff.compute(folder / "classeur.xlsx")
    wait_for(folder / "pret")
    apply.apply(found, progress=tell)


def bring_in_too(folder: Path) -> None:
    """A second import while the first one is written: the message that it gets."""
    from registry import importing
    from registry.workbook import apply, diff

    importing._PATIENCE = 0.5
    try:
        apply.apply(diff.compute(folder / "classeur.xlsx"))
    except apply.ApplyConflict as error:
        print(str(error))  # noqa: T201
    finally:
        (folder / "essai").touch()


def announce(folder: Path) -> None:
    """When an announcement ends: is an import in progress after each of these? Prints JSON."""
    from contextlib import suppress

    from django.db import transaction

    from registry import importing

    seen = {}
    with suppress(RuntimeError), importing.announced():
        raise RuntimeError
    seen["failed"] = importing.in_progress()
    with suppress(RuntimeError), transaction.atomic():
        with importing.announced():
            pass
        seen["outer still open"] = importing.in_progress()
        raise RuntimeError
    seen["outer undone"] = importing.in_progress()
    with importing.announced():
        transaction.on_commit(lambda: seen.update({"on commit": importing.in_progress()}))
    print(json.dumps(seen))  # noqa: T201


def visit(folder: Path) -> None:
    """Somebody at work: search, sign in, save; before, during and after. Prints what happened as JSON."""
    from django.test import Client
    from django.urls import reverse

    from registry.models import User

    user = User.objects.get(username="coordo")
    client = Client()
    client.force_login(user)
    User.objects.update(last_login=None)
    seen: dict[str, Any] = {"before": search(client)}
    (folder / "pret").touch()
    wait_for(folder / "commence")
    seen["search"] = search(client)
    newcomer = Client()
    signed = timed(lambda: newcomer.post("/connexion/", {"username": "coordo", "password": PASSWORD}))
    then = newcomer.get("/?q=maison").status_code
    seen["sign_in"] = {"status": signed[0].status_code, "seconds": signed[1], "then": then}
    wrong = Client().post("/connexion/", {"username": "coordo", "password": "autre chose"})
    seen["wrong_password"] = wrong.status_code
    seen["preference"] = page(lambda: client.post(reverse("shortcuts"), {"raccourcis": "non"}))
    term = {"term": f"Besoin <{MARKER}>", "synonyms-TOTAL_FORMS": "0", "synonyms-INITIAL_FORMS": "0"}
    seen["record"] = page(
        lambda: client.post(reverse("wagtailsnippets_registry_need:add"), {**term, "action-publish": "1"})
    )
    seen["sign_out"] = newcomer.post("/deconnexion/").status_code
    wait_for(folder / "essai")
    (folder / "continue").touch()
    wait_for(folder / "fini")
    seen["after"] = search(client)
    seen["preference_after"] = client.post(reverse("shortcuts"), {"raccourcis": "non"}).status_code
    seen["record_after"] = page(
        lambda: client.post(reverse("wagtailsnippets_registry_need:add"), {**term, "action-publish": "1"})
    )
    seen["dated"] = User.objects.get(username="coordo").last_login is not None
    print(json.dumps(seen))  # noqa: T201


def search(client: Any) -> dict[str, Any]:
    answer, seconds = timed(lambda: client.get("/?q=service&suite=50"))
    text = answer.content.decode()
    return {"status": answer.status_code, "seconds": seconds, "imported": "Service importé" in text}


def page(ask: Any) -> dict[str, Any]:
    answer, seconds = timed(ask)
    text = answer.content.decode() if not answer.streaming else ""
    return {
        "status": answer.status_code, "seconds": seconds, "said": "Une importation est en cours" in text,
        "kept": f"&lt;{MARKER}&gt;" in text, "retry": answer.headers.get("Retry-After", ""),
    }  # fmt: skip


def timed(ask: Any) -> tuple[Any, float]:
    started = time.perf_counter()
    answer = ask()
    return answer, time.perf_counter() - started


def wait_for(path: Path) -> None:
    limit = time.monotonic() + PATIENCE
    while not path.exists():
        if time.monotonic() > limit:
            sys.exit(f"{path.name} never came")
        time.sleep(0.02)


COMMANDS: dict[str, Any] = {
    function.__name__: function for function in (prepare, bring_in, bring_in_too, announce, visit)
}

if __name__ == "__main__":
    django.setup()
    from django.conf import settings

    # The first is what passwords are kept with, the second what an older version used.
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher", "django.contrib.auth.hashers.MD5PasswordHasher",
    ]  # fmt: skip
    COMMANDS[sys.argv[1]](Path(sys.argv[2]))
