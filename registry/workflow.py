"""What happens when a Wagtail workflow ends (WAGTAIL_FINISH_WORKFLOW_ACTION).

Apart from `registry.actions`, because Wagtail imports this while its own models are still loading.
"""

from typing import Any


def publish_workflow_state(workflow_state: Any, user: Any = None) -> None:
    """Tell the record (see `Record.approved`): publishing it, unless its kind has a life of its own."""
    workflow_state.content_object.approved(user)
