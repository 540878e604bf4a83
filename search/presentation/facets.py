"""Facets in words: every value with its count, the most frequent first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry import languages
from registry.enums import AccessMode, Availability, PartnerType, Program

from ..engines.base import FacetValue, SearchResult
from ..links import FACET_PARAMS, State

FACET_LEGENDS = {
    "availability": "Disponibilité", "access_mode": "Accès", "program": "Programme-services",
    "partner_type": "Type de partenaire", "need": "Besoin", "territory": "Territoire", "language": "Langue",
}  # fmt: skip
FACET_SHOWN = 6  # values shown before « voir les autres »
FACET_MOST = 24  # values offered at all: a longer list is not read, the question narrows better
SHORT_LABELS = {
    Program.SAPA: "SAPA", Program.GENERAL_PSYCHOSOCIAL: "Psychosociaux généraux",
    PartnerType.PROVINCIAL_LINE: "Ligne provinciale", PartnerType.CENTRE_PROGRAM: "Programme du centre",
    PartnerType.MUNICIPALITY: "Municipalité", PartnerType.COMMUNITY: "Communautaire",
    PartnerType.SHELTER: "Hébergement", PartnerType.POLICE: "Police", PartnerType.REHABILITATION: "Réadaptation",
    PartnerType.ADULT_EDUCATION: "Formation aux adultes", AccessMode.OUTREACH: "À domicile",
    Availability.SUSPENDED: "Suspendu",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    selected: bool = False
    count: int = 0
    param: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    legend: str
    options: tuple[Option, ...]
    rest: tuple[Option, ...] = ()


def facet_views(
    result: SearchResult, state: State, sees_corridors: bool, labels: Mapping[str, str], moment_label: str
) -> tuple[Facet, ...]:
    """Facets in the order of the page. Reach and corridor are one box each, under the moment asked."""
    first = []
    for name, label in (("reachable", "Joignable"), ("corridor", "Avec corridor")):
        if name == "corridor" and not sees_corridors:
            continue
        found = {value.value: value.count for value in result.facets.get(name, ())}
        param = FACET_PARAMS[name]
        first.append(Option("1", label, "1" in state.all(param), found.get("1", 0), param))
    facets = [Facet("moment", moment_label, tuple(first))]
    for name, legend in FACET_LEGENDS.items():
        every = _options(result.facets.get(name, ()), state.all(FACET_PARAMS[name]), name, labels)
        options = [option for index, option in enumerate(every) if option.selected or index < FACET_MOST]
        if not options:
            continue
        shown = [option for index, option in enumerate(options) if option.selected or index < FACET_SHOWN]
        rest = [option for index, option in enumerate(options) if not (option.selected or index < FACET_SHOWN)]
        if len(rest) < 3:
            shown, rest = options, []
        facets.append(Facet(name, legend, tuple(shown), tuple(rest)))
    return tuple(facets)


def _options(values: Sequence[FacetValue], chosen: Sequence[str], name: str, labels: Mapping[str, str]) -> list[Option]:
    # Those that cannot be among the first are not put in words: a large network serves hundreds of territories.
    least = sorted((value.count for value in values), reverse=True)[:FACET_MOST][-1:] or [0]
    counts = {
        value.value: value.count
        for value in values
        if value.value != "?" and (value.count >= least[0] or value.selected)
    }
    for value in chosen:  # a chosen value stays, even with nothing under it: it must be possible to untick it
        counts.setdefault(value[:80], 0)
    options = [
        Option(value, facet_label(name, value, labels), value in chosen, count, FACET_PARAMS[name])
        for value, count in counts.items()
        if count or value in chosen
    ]
    return sorted(options, key=lambda option: (-option.count, option.label))


# Read once: a page puts a hundred values in words.
_WORDS: dict[str, dict[str, str]] = {
    name: {member.value: SHORT_LABELS.get(member, str(member.label)) for member in vocabulary}
    for name, vocabulary in (
        ("availability", Availability),
        ("access_mode", AccessMode),
        ("program", Program),
        ("partner_type", PartnerType),
    )
}


def facet_label(name: str, value: str, labels: Mapping[str, str]) -> str:
    """The word of a value; the value itself where nothing names it."""
    known = _WORDS.get(name)
    if known is not None:
        return known.get(value, value)
    if name == "language":
        return languages.label(value)
    return labels.get(value, value)
