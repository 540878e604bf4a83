"""Messages: written with what causes them, sent once, tried again, and their words forgotten."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as project
from django.core import mail as outbox
from django.core.management import call_command
from django.db import OperationalError, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from corridors import mails
from corridors.mails import MailKind
from corridors.management.commands import db_worker
from corridors.models import OutgoingMail
from tests.corridors.building import draft

NOW = "2026-11-23 14:00:00+00:00"
SECRET = "https://exemple.qc.ca/ententes/lien/tres-secret/"
TEMPLATES = Path(project.BASE_DIR) / "templates" / "emails"


def link_to_sign(**values: Any) -> OutgoingMail:
    context = {"version": 1, "expires": "lundi", "sender": "Anne Roy", "organization": "La Vigie", "link": SECRET}
    return mails.queue(MailKind.SIGN_LINK, "benoit@exemple.qc.ca", values.pop("agreement", None) or draft(), context)


def work() -> None:
    """What the worker does with all that is due."""
    call_command("db_worker", batch=True, interval=0, startup_delay=False, reload=False, verbosity=0)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def send(self: Any) -> None:
        raise ConnectionRefusedError(f"[Errno 111] Connexion refusée : {SECRET}")

    monkeypatch.setattr(mails.EmailMultiAlternatives, "send", send)


@pytest.mark.parametrize("kind", MailKind.values)
def test_every_kind_of_message_has_its_words(kind: str) -> None:
    assert (TEMPLATES / f"{kind}.txt").is_file()


def test_no_template_waits_for_a_kind_that_is_gone() -> None:
    assert {path.stem for path in TEMPLATES.glob("*.txt")} == {*MailKind.values, "base"}


def test_both_forms_say_the_same_and_hold_the_whole_address(settings: Any) -> None:
    settings.WAGTAILADMIN_BASE_URL = "https://passerelles.exemple.ca"
    said = mails.render(
        MailKind.SENT_BACK,
        {"number": "ENT-1", "short": "entente ENT-1", "the": "l’entente ENT-1, « Crise »",
         "who": "Anne <Roy>", "reason": "Il manque\n\n- les délais",
         "link": "/admin/ententes/1/", "link_label": "Reprendre", "facts": [("Depuis", "lundi")], "name": "Luc"},
    )  # fmt: skip
    assert said.subject == "Renvoyée au brouillon\u00a0: entente ENT-1"
    for form in (said.text, said.html):
        assert "https://passerelles.exemple.ca/admin/ententes/1/" in form
        assert "Il manque - les délais" in form
        assert "Bonjour Luc," in form
        assert "ENT-1, «\u00a0Crise\u00a0»" in form
        assert "UNDEFINED" not in form
    assert "Anne <Roy>" in said.text
    assert "Anne &lt;Roy&gt;" in said.html


@pytest.mark.django_db
def test_a_message_leaves_once_with_both_forms_and_its_words_are_forgotten() -> None:
    written = link_to_sign()
    assert SECRET in written.text
    work()
    work()
    assert len(outbox.outbox) == 1
    sent = outbox.outbox[0]
    assert sent.to == ["benoit@exemple.qc.ca"]
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    assert SECRET in sent.body
    assert [kind for _html, kind in sent.alternatives] == ["text/html"]  # type: ignore[attr-defined]
    written.refresh_from_db()
    assert written.sent_at is not None
    assert (written.text, written.html, written.attempts) == ("", "", 1)


@pytest.mark.django_db
def test_what_is_rolled_back_sends_nothing() -> None:
    agreement = draft()
    with transaction.atomic():
        link_to_sign(agreement=agreement)
        transaction.set_rollback(True)
    assert not OutgoingMail.objects.exists()
    assert not DBTaskResult.objects.exists()


@pytest.mark.django_db
def test_two_workers_send_one_message() -> None:
    written = link_to_sign()
    # The other worker holds it: it has taken it, and is talking with the mail server.
    OutgoingMail.objects.update(next_attempt_at=timezone.now() + mails.LEASE)
    assert mails.deliver(written.pk) is False
    assert not outbox.outbox


@pytest.mark.django_db
def test_a_worker_that_died_gives_its_message_back() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        written = link_to_sign()
        OutgoingMail.objects.update(next_attempt_at=timezone.now() + mails.LEASE)
        DBTaskResult.objects.all().delete()
        clock.shift(mails.LEASE)
        assert mails.resend_waiting() == (1, 0)
        work()
    assert [sent.to for sent in outbox.outbox] == [[written.recipient]]


@pytest.mark.django_db
@pytest.mark.usefixtures("broken")
def test_a_failed_message_is_tried_again_later_and_later(caplog: pytest.LogCaptureFixture) -> None:
    with time_machine.travel(NOW, tick=False) as clock, caplog.at_level(logging.DEBUG):
        written = link_to_sign()
        tried = []
        for minute in range(60 * 5):
            work()
            written.refresh_from_db()
            if written.attempts > len(tried):
                tried.append(minute)
            clock.shift(timedelta(minutes=1))
    assert tried == [0, 1, 6, 36, 216]
    assert written.sent_at is None
    assert "ConnectionRefusedError" in written.last_error
    assert SECRET in written.text
    assert SECRET not in caplog.text + written.last_error
    assert "ConnectionRefusedError" in caplog.text


@pytest.mark.django_db
def test_the_daily_run_takes_up_what_the_mail_server_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        written = link_to_sign()
        OutgoingMail.objects.update(
            attempts=mails.MAX_ATTEMPTS, next_attempt_at=timezone.now() + mails.UNTIL_THE_DAILY_RUN
        )
        DBTaskResult.objects.all().delete()
        assert mails.resend_waiting() == (0, 0)
        clock.shift(timedelta(days=1))
        assert mails.resend_waiting() == (1, 0)
        work()
    written.refresh_from_db()
    assert written.sent_at is not None


@pytest.mark.django_db
@pytest.mark.usefixtures("broken")
def test_a_message_that_is_refused_for_a_week_is_given_up_and_forgets_its_links() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        written = link_to_sign()
        for _day in range(8):
            mails.resend_waiting()
            for _hour in range(24):
                work()
                clock.shift(timedelta(hours=1))
        assert mails.resend_waiting() == (0, 1)
        assert mails.resend_waiting() == (0, 0)
    written.refresh_from_db()
    assert (written.text, written.html, written.sent_at) == ("", "", None)
    assert written.attempts > mails.MAX_ATTEMPTS
    assert "ConnectionRefusedError" in written.last_error


@pytest.mark.django_db
def test_a_message_that_no_worker_took_for_weeks_still_leaves_but_not_after_two_months() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        agreement = draft()
        link_to_sign(agreement=agreement)
        clock.shift(timedelta(days=40))
        link_to_sign(agreement=agreement)
        assert mails.resend_waiting() == (0, 0)
        clock.shift(timedelta(days=30))
        assert mails.resend_waiting() == (0, 1)
        work()
    assert OutgoingMail.objects.filter(sent_at__isnull=False).count() == len(outbox.outbox) == 1


@pytest.mark.django_db
def test_a_task_lost_with_its_worker_is_written_again_and_one_that_waits_is_left_alone() -> None:
    written = link_to_sign()
    assert mails.resend_waiting() == (0, 0)
    DBTaskResult.objects.all().delete()
    assert mails.resend_waiting() == (1, 0)
    assert mails.resend_waiting() == (0, 0)
    work()
    written.refresh_from_db()
    assert written.sent_at is not None


def test_a_message_goes_to_somebody() -> None:
    with pytest.raises(ValueError, match="somebody"):
        mails.queue(MailKind.SIGNED, "", None, {})


@pytest.mark.django_db
def test_the_worker_outlives_a_database_that_is_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tries: list[int] = []

    def run(self: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("database is locked")

    monkeypatch.setattr(db_worker.db_worker.Worker, "run", run)
    monkeypatch.setattr(db_worker.db_worker.Worker, "configure_signals", lambda self: None)
    monkeypatch.setattr(db_worker, "_PAUSE", 0)
    monkeypatch.setattr(db_worker.connection, "close", lambda: None)
    call_command("db_worker", reload=False, verbosity=0)
    assert len(tries) == 3
    assert "nouvel essai" in capsys.readouterr().err
