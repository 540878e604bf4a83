"""An entente as it was: its text on a past day, read from the revisions that were in effect; its state, from the
journal and the dates (`corridors.state`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.models import ModelLogEntry, Revision

from registry.fields import ListField
from registry.models import Organization, Service, Territory

from .canonical import CHOICES, CLAUSE, CORRIDOR, LISTS, SIMPLE, Terms, canonical
from .models import Agreement, Obligation, ServiceCorridor
from .state import AgreementState, state_at

# What the log calls a version that everybody sees from then on; a draft kept beside a published record is not one.
_DRAFT_ONLY = "wagtail.edit"
_PUBLISHED = frozenset({"wagtail.publish", "wagtail.revert"})


@dataclass(frozen=True, slots=True)
class Past:
    """`terms`: None before the entente entered the system. `known_since`: the day of its first revision."""

    day: date
    state: AgreementState
    terms: Terms | None
    negotiators: dict[str, str]
    known_since: date | None
    responsible: str = ""


def as_of(agreement: Agreement, day: date) -> Past:
    """The entente at the end of a day. A constant number of SQL queries, however many corridors and contributions."""
    moment = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    first = agreement.revisions.order_by("created_at").values_list("created_at", flat=True).first()
    known = timezone.localdate(first) if first is not None else None
    contents = _contents(Agreement, [agreement.pk], moment)
    content = contents.get(agreement.pk)
    journal = list(agreement.events.filter(amendment__isnull=True))
    if content is None:
        return Past(day, state_at(agreement, day, journal), None, {}, known)
    row = _as_row(agreement, content)
    parts = ServiceCorridor.all_objects.filter(agreement=agreement).values_list("pk", flat=True)
    duties = Obligation.all_objects.filter(agreement=agreement).values_list("pk", flat=True)
    terms = _terms(
        content,
        list(_contents(ServiceCorridor, parts, moment).values()),
        list(_contents(Obligation, duties, moment).values()),
        agreement.pk,
    )
    names = _codes(Organization, [party["organization"] for party in content.get("parties", [])])
    negotiators = {
        names.get(party["organization"], ""): party.get("negotiator", "") for party in content.get("parties", [])
    }
    return Past(day, state_at(row, day, journal), terms, negotiators, known, content.get("responsible", ""))


def _contents(model: Any, ids: Iterable[int], moment: datetime) -> dict[int, dict[str, Any]]:
    """Primary key → the content of the revision in effect just before `moment`: the last one that was not a draft kept
    beside a published record. Four SQL queries."""
    keys = [str(pk) for pk in ids]
    base = ContentType.objects.get_for_model(model, for_concrete_model=False)
    rows = list(
        Revision.objects.filter(base_content_type=base, object_id__in=keys, created_at__lt=moment)
        .order_by("created_at", "pk")
        .values_list("pk", "object_id")
    )
    entries = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id__in=keys, timestamp__lt=moment
    )
    first: dict[str, datetime | None] = {}
    live: dict[str, int] = {}
    for pk, at, current in model.all_objects.filter(pk__in=keys).values_list(
        "pk", "first_published_at", "live_revision"
    ):
        first[str(pk)] = at
        live[str(pk)] = current or 0
    withdrawn: set[str] = set()
    drafts: set[int] = set()
    logged: set[int] = set()
    steps = entries.order_by("timestamp", "pk").values_list("revision_id", "object_id", "action", "timestamp")
    for revision, key, action, at in steps:
        logged.add(revision)
        published_on = first.get(key)
        if action == "wagtail.unpublish":
            withdrawn.add(key)
        elif action in _PUBLISHED:
            withdrawn.discard(key)
            drafts.discard(revision)
        elif action == _DRAFT_ONLY and published_on is not None and at > published_on and key not in withdrawn:
            drafts.add(revision)
    chosen: dict[str, int] = {}
    for pk, key in rows:
        # A draft that was put back beside a corrected row is in no log either.
        put_back = pk not in logged and 0 < live[key] < pk
        if pk not in drafts and not put_back:
            chosen[key] = pk
    contents = Revision.objects.filter(pk__in=chosen.values()).values_list("object_id", "content")
    return {int(key): content for key, content in contents}


def _as_row(agreement: Agreement, content: Mapping[str, Any]) -> Agreement:
    """The dates and words that the state is read from, as they stood."""
    row = Agreement(pk=agreement.pk)
    for name in ("declared_status", "declared_renewal", "renewal", "renewal_months", "notice_days", "starts_on",
                 "ends_on", "signed_on"):  # fmt: skip
        value = content.get(name, getattr(agreement, name))
        if name.endswith("_on") and isinstance(value, str):
            value = date.fromisoformat(value)
        setattr(row, name, value)
    return row


def _codes(model: Any, ids: Iterable[Any]) -> dict[Any, str]:
    return dict(model.all_objects.filter(pk__in={pk for pk in ids if pk}).values_list("pk", "code"))


def _terms(
    content: Mapping[str, Any], corridors: list[dict[str, Any]], duties: list[dict[str, Any]], agreement: int
) -> Terms:
    """The terms in the form of `canonical.terms_of`. Four SQL queries for the codes."""
    corridors = [item for item in corridors if item.get("agreement") == agreement]
    duties = [item for item in duties if item.get("agreement") == agreement]
    organizations = _codes(
        Organization,
        [*(item["organization"] for item in content.get("parties", [])), *(item["party"] for item in duties)],
    )
    services = _codes(
        Service, [item[end] for item in corridors for end in ("from_service", "to_service") if item.get(end)]
    )
    territories = _codes(Territory, content.get("territories", []))
    fallbacks = dict(
        ServiceCorridor.all_objects.filter(pk__in=[item.get("fallback") for item in corridors]).values_list(
            "pk", "code"
        )
    )
    terms: Terms = {
        **{name: canonical(content.get(name)) for name in SIMPLE},
        **{name: sorted(ListField.unpack(content.get(name) or "")) for name in CHOICES},
        **{name: [] for name in LISTS},
    }
    terms["territories"] = sorted(territories.values())
    for item in _ordered(content.get("parties", [])):
        terms["parties"].append({
            "organization": organizations.get(item["organization"], ""), "role": item["role"],
            "mandate": canonical(item.get("mandate", "")),
        })  # fmt: skip
    for item in _ordered(content.get("clauses", [])):
        terms["clauses"].append({"key": str(item["key"]), **{name: canonical(item.get(name, "")) for name in CLAUSE}})
    for item in duties:
        terms["obligations"].append({
            "party": organizations.get(item["party"], ""), "text": canonical(item["text"]),
            "due_on": item.get("due_on"), "recurrence": item.get("recurrence", ""),
        })  # fmt: skip
    for item in sorted(corridors, key=lambda item: str(item["code"])):
        terms["corridors"].append({
            **{name: canonical(item.get(name)) for name in CORRIDOR},
            "from_service": services.get(item["from_service"], ""),
            "to_service": services.get(item["to_service"], ""),
            "fallback": fallbacks.get(item.get("fallback"), ""),
        })  # fmt: skip
    return terms


def _ordered(items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(items, key=lambda item: (item.get("sort_order") or 0, item.get("pk") or 0))
