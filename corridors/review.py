"""The internal review of an entente is Wagtail's own workflow, when one is assigned: both tell the same story.

Submitting starts the workflow, the end of the workflow approves, a refusal sends back with its comment — and the other
way round: what is done from the page of the entente moves the workflow along. Without a workflow, the page alone does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from wagtail.models import TaskState, WorkflowState
from wagtail.signals import task_submitted, workflow_cancelled, workflow_rejected

from . import actions
from .actions import Actor, journal_written
from .dossier import open_dossier
from .enums import AgreementStatus as S
from .enums import EventKind
from .lifecycle import Refused, Request
from .models import Agreement, AgreementEvent

# True while one of the two tells the other: it must not be told back.
_telling: ContextVar[bool] = ContextVar("corridors_review_telling", default=False)

# Before this, an entente that was never published is not anybody's business outside the centre and its parties.
_UNSIGNED = frozenset({S.DRAFT, S.REVIEW, S.NEGOTIATION, S.AGREED, S.SIGNING, S.CANCELLED, S.REFUSED})


@contextmanager
def _told() -> Iterator[None]:
    token = _telling.set(True)
    try:
        yield
    finally:
        _telling.reset(token)


def publication_refusal(agreement: Agreement, user: Any) -> str:
    """Why this entente is not published by hand, in French; blank when it may be. One that was never published is, by
    its signature; one that was (older than the system) may be corrected, withdrawn, published again; the system may."""
    if user is None or agreement.first_published_at is not None:
        return ""
    status = open_dossier(agreement).status
    if status not in _UNSIGNED:
        return ""
    if status in (S.CANCELLED, S.REFUSED):
        return f"Cette entente est {str(status.label).lower()} : elle ne se publie plus."
    return (
        f"Une entente à l’état « {status.label} » ne se publie pas à la main : elle l’est d’elle-même à la signature. "
        "Enregistrez le brouillon, puis faites-la avancer depuis sa page."
    )


def approved(agreement: Agreement, user: Any) -> None:
    """The workflow is over: an entente under review is approved; one that is published already gets its new text."""
    with _told():
        if open_dossier(agreement).status == S.REVIEW:
            _perform(Actor(user=user), agreement, "approve", "")


def running(agreement: Agreement) -> WorkflowState | None:
    """The workflow that is under way on this entente, or None. One SQL query."""
    state: WorkflowState | None = (
        agreement.workflow_states.filter(status=WorkflowState.STATUS_IN_PROGRESS)
        .select_related("current_task_state__task")
        .first()
    )
    return state


def answer(agreement: Agreement, user: Any, name: str, comment: str) -> bool:
    """Approve or send back through the workflow that is under way. False when there is none. Raises Refused when the
    present step is not this person's."""
    state = running(agreement)
    if state is None or state.current_task_state is None:
        return False
    task_state = state.current_task_state.specific
    gesture = "approve" if name == "approve" else "reject"
    if gesture not in {action for action, _label, _asks in task_state.task.specific.get_actions(agreement, user)}:
        raise Refused("L’étape en cours de la révision revient à quelqu’un d’autre.")
    try:
        with transaction.atomic():
            task_state.task.specific.on_action(task_state, user, gesture, comment=comment)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    return True


def _perform(actor: Actor, agreement: Agreement, name: str, reason: str) -> None:
    """Raises ValidationError (which Wagtail's doors show) where the life says no."""
    try:
        actions.perform(actor, agreement, name, Request(reason=reason))
    except Refused as error:
        raise ValidationError(str(error), code="refused") from error


@receiver(task_submitted, dispatch_uid="corridors_review_submitted")
def on_submission(instance: TaskState, user: Any = None, **kwargs: Any) -> None:
    """Somebody submits from the form (again, after a refusal): the entente goes under review. One that is published
    already may also be submitted for the sake of its correction alone."""
    agreement = instance.workflow_state.content_object
    if not isinstance(agreement, Agreement) or _telling.get():
        return
    status = open_dossier(agreement).status
    if status != S.DRAFT:
        # Under review, the next step of a longer workflow begins; later on, there is nothing left to review.
        if agreement.first_published_at is None and status != S.REVIEW:
            raise ValidationError(
                f"La révision interne porte sur un brouillon; l’entente est à l’état « {status.label} ».",
                code="refused",
            )
        return
    with _told():
        try:
            _perform(Actor(user=user), agreement, "submit", "")
        except ValidationError:
            if agreement.first_published_at is None:
                raise


@receiver(workflow_rejected, dispatch_uid="corridors_review_rejected")
def on_refusal(instance: WorkflowState, user: Any = None, **kwargs: Any) -> None:
    agreement = instance.content_object
    if isinstance(agreement, Agreement) and not _telling.get() and open_dossier(agreement).status == S.REVIEW:
        comment = instance.current_task_state.comment if instance.current_task_state else ""
        with _told():
            _perform(Actor(user=user), agreement, "send_back", comment)


@receiver(workflow_cancelled, dispatch_uid="corridors_review_cancelled")
def on_cancellation(instance: WorkflowState, user: Any = None, **kwargs: Any) -> None:
    """Taking a submission back is sending the entente back: it takes the same person."""
    agreement = instance.content_object
    if isinstance(agreement, Agreement) and not _telling.get() and open_dossier(agreement).status == S.REVIEW:
        with _told():
            _perform(Actor(user=user), agreement, "send_back", "La soumission est retirée.")


@receiver(journal_written, dispatch_uid="corridors_review_journal")
def on_transition(event: AgreementEvent, **kwargs: Any) -> None:
    """The life moved from elsewhere than the workflow: the workflow follows."""
    if event.kind != EventKind.TRANSITION or event.amendment_id is not None or _telling.get():
        return
    agreement = event.agreement
    with _told():
        if event.transition == "submit":
            _start(agreement, event.actor)
        elif event.from_status in (S.DRAFT, S.REVIEW):
            state = agreement.workflow_states.filter(
                status__in=(WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES)
            ).first()
            if state is not None and (event.transition != "send_back" or state.status == "in_progress"):
                state.cancel(user=event.actor)


def _start(agreement: Agreement, user: Any) -> None:
    workflow = agreement.get_workflow()
    if workflow is None or not workflow.active or agreement.latest_revision is None:
        return
    waiting = agreement.workflow_states.filter(
        status__in=(WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES)
    ).first()
    if waiting is None:
        workflow.start(agreement, user)
    elif waiting.status == WorkflowState.STATUS_NEEDS_CHANGES:
        waiting.resume(user)
