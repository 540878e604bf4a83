"""What the registry itself does when Django or Wagtail speaks."""

from __future__ import annotations

import logging
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from wagtail.signals import published, unpublished

from . import importing
from .actions import inside_action
from .models import Need, Record, RoleApprovalTask, Territory
from .signals import record_changed
from .text import fold

logger = logging.getLogger(__name__)

WORKFLOW = "Approbation du gestionnaire"


@receiver(published, dispatch_uid="registry_published")
@receiver(unpublished, dispatch_uid="registry_unpublished")
def announce(sender: type, instance: Any, **kwargs: Any) -> None:
    """The net under `registry.actions`: a door of Wagtail's that passes by it is announced all the same."""
    if isinstance(instance, Record) and not inside_action():
        record_changed.send(sender=sender, ids=[instance.pk], carry={})


@receiver(connection_created, dispatch_uid="registry_fold")
def teach_sqlite_to_fold(sender: type, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """SQLite compares capital accented letters as different: « ecole » must find « École » in the admin's lists."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("passerelles_fold", 1, fold, deterministic=True)


# Under the name of Django's own receiver, whose place it takes: this app is made ready first.
@receiver(user_logged_in, dispatch_uid="update_last_login")
def remember_sign_in(sender: type, user: Any, **kwargs: Any) -> None:
    """The date of the last sign-in is a comfort: while an import holds the database, one signs in without it."""
    try:
        update_last_login(sender, user, **kwargs)
    except OperationalError as error:
        if not importing.is_busy(error):
            raise
        logger.info("A sign-in was not dated: the database was being written")


def prepare_approval(sender: AppConfig, **kwargs: Any) -> None:
    """After `migrate`: one workflow, approved by the manager, on every record but the vocabularies.

    Done once, when no step « approbation par un rôle » exists: what an administrator changes or stops stays so.
    """
    from django.contrib.contenttypes.models import ContentType
    from wagtail.models import Workflow, WorkflowContentType, WorkflowTask

    if RoleApprovalTask.objects.exists():
        return
    workflow = Workflow.objects.create(name=WORKFLOW)
    WorkflowTask.objects.create(workflow=workflow, task=RoleApprovalTask.objects.create(name=WORKFLOW), sort_order=0)
    for model in apps.get_models():
        if issubclass(model, Record) and model not in (Territory, Need):
            WorkflowContentType.objects.create(workflow=workflow, content_type=ContentType.objects.get_for_model(model))
