"""The canonical terms of an entente: what the parties agree to, in one form, with one fingerprint.

Only what binds is there: not the person who follows the file, not a phone number, not the state of a contribution.
People and places are named by their codes, so that correcting the name of an organism clears nobody's signature; the
names as they stand are kept beside (`labels`), for reading.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from registry.models import Organization, Service, Territory

from .models import Agreement, AgreementParty, Clause, Obligation, ServiceCorridor

Terms = dict[str, Any]

# Terms that are one value of the entente's own row; the rest are lists.
SIMPLE = (
    "number", "title", "object", "instrument_type", "starts_on", "ends_on", "renewal", "renewal_months", "notice_days",
    "referral_mechanism", "dispute_mechanism", "information_exchange",
)  # fmt: skip
CHOICES = ("modalities", "programs")
LISTS = ("territories", "parties", "clauses", "obligations", "corridors")
KEYS = (*SIMPLE, *CHOICES, *LISTS)
CLAUSE = ("kind", "title", "text", "frequency")
CORRIDOR = (
    "code", "direction", "criteria", "urgent_delay", "urgent_unit", "priority_delay", "priority_unit", "regular_delay",
    "regular_unit", "return_path", "follow_through", "registration_procedure",
)  # fmt: skip


def canonical(value: Any) -> Any:
    """Text in one Unicode form, without the blanks and line ends that nobody sees; dates in ISO; the rest as it is."""
    if isinstance(value, str):
        lines = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return "\n".join(line.rstrip() for line in lines).strip()
    if isinstance(value, Mapping):
        return {str(name): canonical(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def canonical_text(terms: Mapping[str, Any]) -> str:
    """The canonical terms written as JSON with sorted names: in UTF-8, the very bytes that are hashed."""
    return json.dumps(canonical(terms), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def content_hash(terms: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of `canonical_text`."""
    return hashlib.sha256(canonical_text(terms).encode()).hexdigest()


def short_hash(value: str) -> str:
    """« 7f3a…c21e », enough for two people to see that they read the same text."""
    return f"{value[:4]}…{value[-4:]}" if value else ""


def terms_of(agreement: Agreement) -> Terms:
    """The terms as the entente's row and what hangs on it say them now (drafts of published records apart)."""
    return terms_of_many([agreement.pk])[agreement.pk]


def terms_of_many(ids: Collection[int]) -> dict[int, Terms]:
    """Primary key → terms. Six SQL queries, however many ententes. An unknown key is absent."""
    keys = list(ids)
    found: dict[int, Terms] = {}
    for row in Agreement.all_objects.filter(pk__in=keys).order_by("pk").values("pk", *SIMPLE, *CHOICES):
        pk = row.pop("pk")
        found[pk] = {
            **{name: canonical(row[name]) for name in SIMPLE},
            **{name: sorted(row[name]) for name in CHOICES},
            **{name: [] for name in LISTS},
        }
    through = Agreement.territories.through.objects
    for pk, code in through.filter(agreement_id__in=keys).values_list("agreement_id", "territory__code"):
        found[pk]["territories"].append(code)
    parties = AgreementParty.objects.filter(agreement_id__in=keys).order_by("sort_order", "pk")
    for pk, code, role, mandate in parties.values_list("agreement_id", "organization__code", "role", "mandate"):
        found[pk]["parties"].append({"organization": code, "role": role, "mandate": canonical(mandate)})
    clauses = Clause.objects.filter(agreement_id__in=keys).order_by("sort_order", "pk")
    for row in clauses.values("agreement_id", "key", *CLAUSE):
        terms = found[row["agreement_id"]]["clauses"]
        terms.append({"key": str(row["key"]), **{name: canonical(row[name]) for name in CLAUSE}})
    duties = Obligation.all_objects.filter(agreement_id__in=keys).order_by("pk")
    for row in duties.values("agreement_id", "party__code", "text", "due_on", "recurrence"):
        found[row["agreement_id"]]["obligations"].append(
            canonical({
                "party": row["party__code"], "text": row["text"], "due_on": row["due_on"],
                "recurrence": row["recurrence"],
            })
        )  # fmt: skip
    ways = ServiceCorridor.all_objects.filter(agreement_id__in=keys).order_by("code")
    ends = ("from_service__code", "to_service__code", "fallback__code")
    for row in ways.values("agreement_id", *CORRIDOR, *ends):
        corridor = {name: canonical(row[name]) for name in CORRIDOR}
        corridor |= {
            "from_service": row["from_service__code"], "to_service": row["to_service__code"],
            "fallback": row["fallback__code"] or "",
        }  # fmt: skip
        found[row["agreement_id"]]["corridors"].append(corridor)
    for terms in found.values():
        terms["territories"].sort()
        # Contributions have no code: their own words put them in order.
        terms["obligations"].sort(key=lambda item: json.dumps(item, sort_keys=True))
    return found


def labels_of(terms: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The names, today, of what the terms call by code: `{"organizations": {code: name}, "services": …,
    "territories": …}`. Three SQL queries."""
    codes: dict[str, set[str]] = defaultdict(set)
    codes["organizations"] = {party["organization"] for party in terms["parties"]}
    codes["organizations"] |= {item["party"] for item in terms["obligations"]}
    codes["services"] = {corridor[end] for corridor in terms["corridors"] for end in ("from_service", "to_service")}
    codes["territories"] = set(terms["territories"])
    models: dict[str, Any] = {"organizations": Organization, "services": Service, "territories": Territory}
    return {
        name: dict(model.all_objects.filter(code__in=codes[name]).order_by("code").values_list("code", "name"))
        for name, model in models.items()
    }
