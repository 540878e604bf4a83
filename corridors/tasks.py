"""What the task queue runs (`manage.py db_worker`)."""

from __future__ import annotations

from django_tasks import task

from . import mails


@task()
def send_mail(mail_id: int) -> bool:
    """Send one message of the log. True: it left just now; False: it had left already, or did not leave yet."""
    return mails.deliver(mail_id)
