"""A result, readable in two seconds: name, organization, phone and reach; what deviates; why it is here, how fresh."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from registry.enums import Availability, TerritoryKind

from .. import explanation
from ..engines.base import Hit
from . import pieces
from .pieces import Badge, Phone, Reach

MOST_REASONS = 3
_SAYS_TERRITORY = ("sert ", "partout ")
_SHOWN = re.compile(r"corridor en vigueur|à \d")


@dataclass(frozen=True, slots=True)
class Card:
    code: str
    name: str
    organization: str
    phone: Phone
    reach: Reach
    badges: tuple[Badge, ...]
    facts: tuple[str, ...]
    why: str
    url: str
    is_open: bool = False


def card(hit: Hit, opening: str, moment: datetime, opened: str = "") -> Card:
    """The card of a hit at the moment asked. `opening`: see `State.opening`; `opened`: the code of the open sheet."""
    document, day = hit.document, pieces.day_of(moment)
    fresh, stale = pieces.freshness_parts(document, day)
    badges = [
        badge
        for badge in (pieces.corridor_badge(document, day), pieces.availability_badge(document), stale)
        if badge is not None
    ]
    return Card(
        code=hit.code,
        name=document["name"],
        organization=document["organization"]["name"],
        phone=pieces.phone(document["phone"]),
        reach=pieces.reach(document, moment),
        badges=tuple(badges),
        facts=facts(hit),
        why=why(hit, fresh),
        url=f"{opening}{quote(hit.code)}#fiche",
        is_open=opened == hit.code,
    )


def facts(hit: Hit) -> tuple[str, ...]:
    """« Disponible · à domicile · à 2,8 km »: plain text for what is normal. What is not known says « à vérifier »."""
    document = hit.document
    found = []
    if document["availability"] == Availability.AVAILABLE:
        found.append("Disponible")
    elif not document["availability"]:
        found.append("Disponibilité à vérifier")
    access = pieces.telling_access(document["access_modes"])
    if access:
        found.append(access)
    found.append(where(hit))
    return tuple(fact for fact in found if fact)


def where(hit: Hit) -> str:
    """How far it is; else which territory it serves, unless the reasons say it already."""
    document = hit.document
    if hit.distance_km is not None:
        return explanation.distance(hit.distance_km)
    if any(reason.startswith(_SAYS_TERRITORY) for reason in hit.why):
        return ""
    served = document["territories"]
    if any(territory["kind"] == TerritoryKind.PROVINCE for territory in served):
        return "partout au Québec"
    if not served:
        return "territoire à vérifier"
    others = len(served) - 1
    return served[0]["name"] + (f" et {others} autre{'s' if others > 1 else ''}" if others else "")


def why(hit: Hit, fresh: str) -> str:
    """« Fugue et crise familiale, sert Limoilou, 6-17 ans · vérifié il y a 4 jours ». What the card already shows (the
    corridor, the distance) is not said again."""
    reasons = [reason for reason in hit.why if reason and not _SHOWN.match(reason)][:MOST_REASONS]
    if not reasons:
        document = hit.document
        reasons = [need["term"] for need in document["needs"][:1]] + [pieces.ages(document)]
    text = ", ".join(reason for reason in reasons if reason)
    text = text[:1].upper() + text[1:]
    return " · ".join(part for part in (text, fresh) if part) or f"Besoins {pieces.TO_CHECK}"
