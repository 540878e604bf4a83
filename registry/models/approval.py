from __future__ import annotations

from typing import Any

from django.db import models
from wagtail.models import LockableMixin, Task, TaskState

from .. import policies
from ..enums import Role


class RoleApprovalTask(Task):
    """A step of a Wagtail workflow that anyone holding a role may approve. Wagtail's own step asks for a group of
    accounts; here rights come from roles only."""

    role = models.CharField(
        "rôle qui approuve",
        max_length=20,
        choices=[(role.value, role.label) for role in (Role.COORDINATOR, Role.MANAGER)],
        default=Role.MANAGER,
    )

    wagtail_reference_index_ignore = True
    admin_form_fields = [*Task.admin_form_fields, "role"]

    class Meta:
        verbose_name = "approbation par un rôle"
        verbose_name_plural = "approbations par un rôle"

    def may_approve(self, user: Any) -> bool:
        return bool(policies.roles_of(user) & {self.role, Role.ADMINISTRATOR})

    def start(self, workflow_state: Any, user: Any = None) -> Any:
        instance = workflow_state.content_object
        if isinstance(instance, LockableMixin) and instance.locked_by and not self.may_approve(instance.locked_by):
            # Whoever approves must be able to: a lock held by anybody else is let go, as Wagtail's own step does.
            instance.locked, instance.locked_by, instance.locked_at = False, None, None
            instance.save(update_fields=["locked", "locked_by", "locked_at"])
        return super().start(workflow_state, user=user)

    def user_can_access_editor(self, obj: Any, user: Any) -> bool:
        return self.may_approve(user)

    def locked_for_user(self, obj: Any, user: Any) -> bool:
        return not self.may_approve(user)

    def user_can_lock(self, obj: Any, user: Any) -> bool:
        return self.may_approve(user)

    def user_can_unlock(self, obj: Any, user: Any) -> bool:
        return False

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, str, bool]]:
        if not self.may_approve(user):
            return []
        return [
            ("reject", "Demander des changements", True),
            ("approve", "Approuver", False),
            ("approve", "Approuver avec un commentaire", True),
        ]

    def get_task_states_user_can_moderate(self, user: Any, **kwargs: Any) -> Any:
        if self.may_approve(user):
            return self.task_states.filter(status=TaskState.STATUS_IN_PROGRESS)
        return TaskState.objects.none()

    @classmethod
    def get_description(cls) -> str:
        return "Une personne qui tient le rôle choisi approuve cette étape."
