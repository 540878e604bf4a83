"""What an amendment changes: its fields, its text, what it shares with another one, and how it follows its entente.

Pure, but for the names of the parties. The copy of the terms lives in `Amendment.terms`, the terms it started from in
`Amendment.base_terms` (both as in `corridors.canonical`). Writing is in `corridors.amendments`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import date
from typing import Any

from registry.models import Organization

from .canonical import CHOICES, LISTS, SIMPLE, Terms, canonical
from .enums import AgreementStatus, AmendmentKind
from .models import AgreementEvent, AgreementParty, Amendment

# The terms that each kind of amendment may change, and no other (table of docs/ententes.md). Two kinds share none.
FIELDS: Mapping[AmendmentKind, tuple[str, ...]] = {
    AmendmentKind.DURATION: ("ends_on", "renewal", "renewal_months", "notice_days"),
    AmendmentKind.CORRIDORS: ("corridors",),
    AmendmentKind.MECHANISMS: ("referral_mechanism", "dispute_mechanism", "information_exchange"),
    AmendmentKind.PARTIES: ("parties",),
    AmendmentKind.SCOPE: ("object", "modalities", "programs", "territories"),
    AmendmentKind.CLAUSES: ("clauses",),
    AmendmentKind.CONTRIBUTIONS: ("obligations",),
}
# Whose order in the text is part of it.
_ORDERED = ("parties", "clauses")
# The block that says of which amendment a sealed text is.
BLOCK = "amendment"

Fields = dict[str, Any]


def fields_of(amendment: Amendment) -> tuple[str, ...]:
    return FIELDS[AmendmentKind(amendment.kind)]


def status_from(events: Iterable[AgreementEvent], day: date) -> AgreementStatus:
    """Where an amendment stands on a day, by the lines of the journal that name it. Nothing is derived from its dates:
    it changes the entente when it is merged, and the journal says so."""
    lines = [line for line in events if line.to_status and line.effective_on <= day]
    if not lines:
        return AgreementStatus.DRAFT
    return AgreementStatus(max(lines, key=lambda line: (line.effective_on, line.number)).to_status)


def sealed(amendment: Amendment) -> Terms:
    """The text that is accepted and signed: the entente as amended, which amendment does it, from when, and what its
    fields said before: agreeing to go from one to the other is not agreeing to it whatever stood there."""
    return {
        **amendment.terms,
        BLOCK: canonical({
            "number": amendment.number,
            "kind": amendment.kind,
            "title": amendment.title,
            "effective_on": amendment.effective_on or "",
            "before": {name: amendment.base_terms[name] for name in fields_of(amendment)},
        }),
    }  # fmt: skip


def joining(amendment: Amendment, rows: Sequence[AgreementParty]) -> list[AgreementParty]:
    """The parties that the amendment adds, as rows that are not saved. One SQL query when there are some."""
    known = {row.organization.code for row in rows}
    added = {item["organization"]: item for item in amendment.terms["parties"] if item["organization"] not in known}
    if not added:
        return []
    found = Organization.all_objects.filter(code__in=added).order_by("code")
    return [
        AgreementParty(
            agreement=amendment.agreement, organization=organization, role=added[organization.code]["role"],
            mandate=added[organization.code]["mandate"],
        )
        for organization in found
    ]  # fmt: skip


# --- Field by field ---------------------------------------------------------------------------------------------


def key_of(field: str, item: Any) -> str:
    """What names one element of a list of the terms."""
    if field == "obligations":
        return f"{item['party']} {item['text']}"
    names = {"parties": "organization", "clauses": "key", "corridors": "code"}
    return str(item[names[field]]) if field in names else str(item)


def elements(terms: Mapping[str, Any]) -> Fields:
    """The terms element by element: `{"ends_on": …, "clauses:<key>": {…}, "programs:sante_mentale": …}`."""
    found: Fields = {name: terms.get(name) for name in SIMPLE}
    for name in (*CHOICES, *LISTS):
        for item in terms.get(name) or ():
            found[f"{name}:{key_of(name, item)}"] = item
    return found


def changed_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """The elements that differ; « clauses: » alone when only the order does."""
    before, after = elements(old), elements(new)
    missing = object()
    found = {name for name in before.keys() | after.keys() if before.get(name, missing) != after.get(name, missing)}
    for field in _ORDERED:
        lists = ([key_of(field, item) for item in terms.get(field) or ()] for terms in (old, new))
        was, now = lists
        if [key for key in was if key in now] != [key for key in now if key in was]:
            found.add(f"{field}:")
    return found


def touched(amendment: Amendment) -> set[str]:
    """The elements that the amendment changes."""
    return changed_between(amendment.base_terms, amendment.terms)


def outside(amendment: Amendment, terms: Mapping[str, Any]) -> list[str]:
    """The terms that would change and that this kind of amendment may not change."""
    allowed = fields_of(amendment)
    base = amendment.base_terms
    names = [*SIMPLE, *CHOICES, *LISTS, *(name for name in terms if name not in base)]
    return [name for name in dict.fromkeys(names) if name not in allowed and terms.get(name) != base.get(name)]


def conflicts(one: Amendment, other: Amendment) -> set[str]:
    """The elements that both amendments change."""
    return touched(one) & touched(other)


def element_names(names: Iterable[str], terms: Sequence[Mapping[str, Any]], labels: Mapping[str, Any]) -> list[str]:
    """Elements in words, in the order of the text: « Échéance », « Corridor COR022 », « Territoire : Limoilou ».
    `terms`: where to look for titles."""
    from .reading import FIELDS as words

    titles = {item["key"]: item["title"] for text in terms for item in text.get("clauses") or ()}
    organizations, territories = labels.get("organizations", {}), labels.get("territories", {})
    order = [*words]
    found: dict[str, None] = {}
    for name in sorted(names, key=lambda name: (order.index(name.split(":")[0]), name)):
        field, _colon, key = name.partition(":")
        if field in SIMPLE or not key:
            found[f"{words[field]} (ordre)" if _colon else words[field]] = None
        elif field == "clauses":
            found[f"Clause « {titles.get(key, '')} »"] = None
        elif field == "corridors":
            found[f"Corridor {key}"] = None
        elif field == "parties":
            found[f"Partie : {organizations.get(key, key)}"] = None
        elif field == "territories":
            found[f"Territoire : {territories.get(key, key)}"] = None
        elif field == "obligations":
            code, _space, text = key.partition(" ")
            found[f"Contribution de {organizations.get(code, code)} : {text}"] = None
        else:
            found[words[field]] = None
    return list(found)


# --- Following the entente --------------------------------------------------------------------------------------


def rebased(base: Mapping[str, Any], copy: Mapping[str, Any], current: Mapping[str, Any]) -> tuple[Terms, set[str]]:
    """The copy made again from the terms as they are now. What it did not touch follows; what it changed stays changed.
    Second: the elements that both changed, differently (the copy's words stay, for people to settle)."""
    ours, theirs = changed_between(base, copy), changed_between(base, current)
    mine, now = elements(copy), elements(current)
    missing = object()
    clashes = {name for name in ours & theirs if mine.get(name, missing) != now.get(name, missing)}
    found: Terms = {name: deepcopy(copy[name] if name in ours else current[name]) for name in SIMPLE}
    for field in (*CHOICES, *LISTS):
        found[field] = _merged_list(field, ours, copy.get(field) or [], current.get(field) or [])
    return found, clashes


def _merged_list(field: str, ours: set[str], copy: Sequence[Any], current: Sequence[Any]) -> list[Any]:
    """The current list with the elements that the copy changed, added or took away."""
    mine = {key_of(field, item): item for item in copy}
    now = {key_of(field, item): item for item in current}
    kept = {key: mine[key] if f"{field}:{key}" in ours else item for key, item in now.items()
            if f"{field}:{key}" not in ours or key in mine}  # fmt: skip
    for key, item in mine.items():
        if key not in now and f"{field}:{key}" in ours:
            kept[key] = item
    if field not in _ORDERED:
        items = list(kept.values())
        sort = str if field in (*CHOICES, "territories") else _as_text if field == "obligations" else _code
        return deepcopy(sorted(items, key=sort))
    # The copy's own order when it moved something; else the entente's, what the copy adds after what precedes it there.
    if f"{field}:" in ours:
        keys = [key for key in mine if key in kept] + [key for key in kept if key not in mine]
    else:
        keys = [key for key in now if key in kept]
        for place, key in enumerate(mine):
            if key in kept and key not in keys:
                before = [other for other in list(mine)[:place] if other in keys]
                keys.insert(keys.index(before[-1]) + 1 if before else 0, key)
    return [deepcopy(kept[key]) for key in keys]


def _as_text(item: Mapping[str, Any]) -> str:
    return json.dumps(item, sort_keys=True)


def _code(item: Mapping[str, Any]) -> str:
    return str(item["code"])
