"""The basket: a few services as a note to paste into the file, a sheet to print, a text to send. Only their codes are
kept, and only in the address of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from ..dates import full_moment
from ..engines.base import Hit
from ..links import State
from . import pieces, sheet
from .pieces import TO_CHECK, Badge, Phone, Reach


@dataclass(frozen=True, slots=True)
class Item:
    code: str
    name: str
    url: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class Basket:
    items: tuple[Item, ...]
    count: int
    title: str
    note: str
    url: str
    clear_url: str
    print_url: str
    mail_url: str


@dataclass(frozen=True, slots=True)
class Printed:
    """One service on the printed sheet."""

    code: str
    name: str
    organization: str
    phone: Phone
    reach: Reach
    hours: str
    badges: tuple[Badge, ...]
    how: tuple[sheet.Fact, ...]
    facts: tuple[sheet.Fact, ...]
    places: tuple[sheet.Place, ...]


def entry(hit: Hit, moment: datetime, number: int = 0) -> str:
    """The lines of one service in a note: name, phone and hours, corridor, place."""
    document, day = hit.document, pieces.day_of(moment)
    head = f"{document['name']}, {document['organization']['name']}"
    number_text = pieces.phone(document["phone"]).text if document["phone"] else f"téléphone {TO_CHECK}"
    lines = [
        f"{number}. {head}" if number else head,
        f"{number_text}, {sheet.hours_text(document['hours_pattern'], document['hours'])}",
    ]
    corridor = pieces.best_corridor(document, day)
    if corridor is not None:
        urgent = corridor["urgent"]
        delay = f", urgent {pieces.duration(urgent['value'], urgent['unit'])}" if urgent else ""
        lines.append(f"Corridor {corridor['code']} ({corridor['agreement']['number']}), en vigueur{delay}")
    if document["referral_procedure"].strip():
        lines.append(f"Référence : {document['referral_procedure'].strip()}")
    badge = pieces.availability_badge(document)
    if badge:
        lines.append(f"Disponibilité : {badge.text.lower()}")
    return "\n".join(lines)


def note(hits: Sequence[Hit], moment: datetime, establishment: str) -> str:
    """The note to paste into the file. It says nothing of the person."""
    head = f"Orientation du {full_moment(moment)}, {establishment}"
    entries = [entry(hit, moment, number if len(hits) > 1 else 0) for number, hit in enumerate(hits, start=1)]
    return "\n\n".join([head, *entries])


def mail(text: str) -> str:
    """A mail without a recipient, filled with the text."""
    return f"mailto:?subject=Ressources&body={quote(text.replace(chr(10), chr(13) + chr(10)), safe='')}"


def basket(hits: Sequence[Hit], state: State, moment: datetime, establishment: str) -> Basket:
    """The basket of the address: services that the viewer may see; other codes were left out by the engine."""
    count = len(hits)
    text = note(hits, moment, establishment) if hits else ""
    return Basket(
        items=tuple(
            Item(
                hit.code,
                hit.document["name"],
                state.but(fiche=hit.code).url("fiche"),
                state.without_value("panier", hit.code).url("panier"),
            )
            for hit in hits
        ),
        count=count,
        title=f"Panier : {count} ressource{'s' if count > 1 else ''}" if count else "Panier : aucune ressource",
        note=text,
        url=state.but(fiche=None, vue=None).url("panier"),
        clear_url=state.but(panier=None).url(),
        print_url=State(()).but(panier=[hit.code for hit in hits]).url(name="print"),
        mail_url=mail(text) if text else "",
    )


def printed(hit: Hit, moment: datetime) -> Printed:
    document, day = hit.document, pieces.day_of(moment)
    badges = (
        pieces.corridor_badge(document, day),
        pieces.availability_badge(document),
        pieces.freshness_parts(document, day)[1],
    )
    kept = ("Territoires", "Langues", "Frais", "Âges")
    return Printed(
        code=hit.code,
        name=document["name"],
        organization=document["organization"]["name"],
        phone=pieces.phone(document["phone"]),
        reach=pieces.reach(document, moment),
        hours=sheet.hours_text(document["hours_pattern"], document["hours"]),
        badges=tuple(badge for badge in badges if badge is not None),
        how=tuple(
            sheet.Fact(term, step.text)
            for term, step in zip(("Référence", "Avoir en main"), sheet.steps(document)[1:], strict=True)
        ),
        facts=tuple(fact for fact in sheet.audience(document) if fact.term in kept),
        places=sheet.places(document),
    )
