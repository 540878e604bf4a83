"""What happens when a Wagtail workflow ends (WAGTAIL_FINISH_WORKFLOW_ACTION).

Apart from `registry.actions`, because Wagtail imports this while its own models are still loading.
"""

from typing import Any


def publish_workflow_state(workflow_state: Any, user: Any = None) -> None:
    """Publish through the action. The workflow's task checked the right: its approver need not be an editor."""
    from .actions import publish_revision

    publish_revision(user, workflow_state.content_object.get_latest_revision(), check=False)
