"""What a change of a record means for the ententes: whoever had accepted or signed another text must be told."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from registry.signals import draft_saved, record_changed, record_changing

from . import actions
from .models import Agreement, Obligation, ServiceCorridor

_OF_AN_ENTENTE = (Obligation, ServiceCorridor)


def _concerned(model: type, ids: list[int]) -> set[int]:
    if model is Agreement:
        return set(ids)
    if model in _OF_AN_ENTENTE:
        return set(model.all_objects.filter(pk__in=ids).values_list("agreement_id", flat=True))  # type: ignore[attr-defined]
    return set()


@receiver(record_changing, dispatch_uid="corridors_record_changing")
def before(sender: type, ids: list[int], carry: dict[str, Any], **kwargs: Any) -> None:
    """The ententes as the records named them before the change: a corridor may move from one to another."""
    carry["corridors_agreements"] = _concerned(sender, ids)


@receiver(record_changed, dispatch_uid="corridors_record_changed")
def after(sender: type, ids: list[int], carry: dict[str, Any], **kwargs: Any) -> None:
    _compare(carry.get("corridors_agreements", set()) | _concerned(sender, ids))


@receiver(draft_saved, dispatch_uid="corridors_draft_saved")
def after_draft(sender: type, ids: list[int], **kwargs: Any) -> None:
    _compare(_concerned(sender, ids))


def _compare(agreements: set[int]) -> None:
    """Only ententes of which a version was proposed can lose a mark: one SQL query finds them."""
    if not agreements:
        return
    open_ones = Agreement.all_objects.filter(pk__in=agreements, versions__isnull=False).distinct().order_by("pk")
    for agreement in open_ones:
        actions.text_changed(agreement)
