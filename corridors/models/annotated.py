"""Reading many ententes at once: each row brings what its journal said last, in the same SQL query."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from registry.models.base import RecordQuerySet

from ..terms import TAKES_BACK


class AgreementQuerySet(RecordQuerySet):
    def with_journal(self, day: date) -> QuerySet:
        """Each row with `said_status` and `said_on` (what people last decided, in effect on `day`; None before the
        first such event) and `turn` (whose turn it is to answer, blank outside a negotiation)."""
        from .journal import AgreementEvent

        def last(**wanted: Any) -> QuerySet:
            rows = AgreementEvent.objects.filter(agreement=OuterRef("pk"), amendment__isnull=True, **wanted)
            return rows.order_by("-effective_on", "-number")

        # As `terms.standing` does in Python: what was taken back, and what took it back, were never written.
        taken_back = AgreementEvent.objects.filter(
            agreement=OuterRef("agreement"), amendment__isnull=True, transition__in=TAKES_BACK,
            effective_on=OuterRef("effective_on"), number__gt=OuterRef("number"),
        )  # fmt: skip
        decided = (
            last(by_system=False, effective_on__lte=day)
            .exclude(to_status="")
            .exclude(transition__in=TAKES_BACK)
            .exclude(Exists(taken_back), transition="terminate")
        )
        turns = last(effective_on__lte=day).exclude(turn="")
        return self.annotate(
            said_status=Subquery(decided.values("to_status")[:1]),
            said_on=Subquery(decided.values("effective_on")[:1]),
            turn=Subquery(turns.values("turn")[:1]),
            turn_since=Subquery(turns.values("effective_on")[:1]),
        )
