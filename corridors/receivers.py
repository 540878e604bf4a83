"""What a change of a record means for the ententes: whoever had accepted or signed another text must be told, and a
signed text does not move."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from registry.signals import draft_saved, draft_saving, record_changed, record_changing

from . import actions, sealed
from .models import Agreement, Obligation, ServiceCorridor

# Records that hang on an entente, and the term of it that they are.
_OF_AN_ENTENTE: dict[type, str] = {Obligation: "obligations", ServiceCorridor: "corridors"}


def _concerned(model: type, ids: list[int]) -> set[int]:
    if model is Agreement:
        return set(ids)
    if model in _OF_AN_ENTENTE:
        return set(model.all_objects.filter(pk__in=ids).values_list("agreement_id", flat=True))  # type: ignore[attr-defined]
    return set()


@receiver(record_changing, dispatch_uid="corridors_record_changing")
@receiver(draft_saving, dispatch_uid="corridors_draft_saving")
def before(sender: type, ids: list[int], carry: dict[str, Any], **kwargs: Any) -> None:
    """The ententes as the records named them before the change (a corridor may move from one to another), and the
    terms that are signed."""
    concerned = _concerned(sender, ids)
    carry["corridors_agreements"] = concerned
    carry["corridors_sealed"] = sealed.terms_before(concerned)
    carry["corridors_published"] = sealed.published(concerned) if sender is Agreement else set()


@receiver(record_changed, dispatch_uid="corridors_record_changed")
@receiver(draft_saved, dispatch_uid="corridors_draft_saved")
def after(sender: type, ids: list[int], carry: dict[str, Any], **kwargs: Any) -> None:
    """Raises `sealed.TextSealed`, and nothing is written, when a signed text would move."""
    concerned = carry.get("corridors_agreements", set()) | _concerned(sender, ids)
    if not concerned:
        return
    sealed.check_unchanged(concerned, carry.get("corridors_sealed", {}), part=_OF_AN_ENTENTE.get(sender, ""))
    sealed.check_published(carry.get("corridors_published", set()))
    _compare(concerned)


def _compare(agreements: set[int]) -> None:
    """Only ententes of which a version was proposed can lose a mark: one SQL query finds them."""
    open_ones = Agreement.all_objects.filter(pk__in=agreements, versions__isnull=False).distinct().order_by("pk")
    for agreement in open_ones:
        actions.text_changed(agreement)
