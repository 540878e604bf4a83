"""Standard clauses: the ones an entente of a kind begins with, and those that come with the product."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from registry import actions

from .models import Agreement, Clause, ClauseTemplate


def load(path: Path) -> int:
    """Add the standard clauses of a JSON file (a list of objects with the model's own field names) whose code is not
    taken yet, published; returns how many. What an establishment rewrote or withdrew stays as it is."""
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    known = set(ClauseTemplate.all_objects.values_list("code", flat=True))
    missing = [row for row in rows if row["code"] not in known]
    with transaction.atomic():
        for row in missing:
            actions.create(None, ClauseTemplate(**row))
    return len(missing)


def for_agreement(agreement: Agreement) -> list[ClauseTemplate]:
    """The published standard clauses for this kind of entente, in the order of a text; those for no kind in
    particular are for all. An entente whose kind is not chosen yet is offered all of them. One SQL query."""
    kind = agreement.instrument_type
    return [
        template
        for template in ClauseTemplate.objects.order_by("position", "code")
        if not template.instrument_types or not kind or kind in template.instrument_types
    ]


def missing_from(agreement: Agreement, templates: list[ClauseTemplate]) -> list[ClauseTemplate]:
    """Those of which the entente has no clause yet, by their title (a clause may be reworded: it is still there)."""
    titles = {clause.title.casefold() for clause in agreement.clauses.all()}
    return [template for template in templates if template.title.casefold() not in titles]


def add(user: Any, agreement: Agreement, templates: list[ClauseTemplate]) -> int:
    """Append these clauses to the newest state of an entente and keep it as a draft; returns how many were added.
    The text then belongs to the entente: the template may change without it."""
    draft = agreement.get_latest_revision_as_object()
    present = list(draft.clauses.all())
    last = max((clause.sort_order or 0 for clause in present), default=-1)
    added = [
        Clause(
            kind=template.kind, title=template.title, text=template.text, frequency=template.frequency,
            sort_order=last + 1 + position,
        )
        for position, template in enumerate(templates)
    ]  # fmt: skip
    if added:
        draft.clauses = [*present, *added]
        actions.save_draft(user, draft)
    return len(added)
