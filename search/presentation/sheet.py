"""The full sheet of a service, beside the list: how to reach and refer, corridors that lead to it, for whom, where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from registry import languages
from registry.enums import CrisisRole, FrameworkService, Line, Program, ServiceLevelKind, Sex, Wheelchair
from registry.opening_hours import render_hours

from ..dates import day as day_words
from ..dates import freshness
from ..engines.base import Hit
from ..links import State
from . import pieces
from .pieces import TO_CHECK, Badge, Document, Phone, Reach


@dataclass(frozen=True, slots=True)
class Fact:
    """A term and what is said of it. `doubt`: the listing says nothing, show « à vérifier » as a warning."""

    term: str
    text: str
    doubt: bool = False
    phone: Phone | None = None
    url: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    text: str
    phone: Phone | None = None
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class CorridorView:
    code: str
    badge: Badge
    origin: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    address: str
    confidential: bool
    wheelchair: str
    hours: str


@dataclass(frozen=True, slots=True)
class Equivalent:
    name: str
    detail: str
    phone: Phone
    url: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    code: str
    name: str
    organization: str
    subtitle: str
    description: str
    phone: Phone
    reach: Reach
    hours: str
    closure_note: str
    access: str
    access_note: str
    badges: tuple[Badge, ...]
    steps: tuple[Step, ...]
    corridors: tuple[CorridorView, ...]
    contacts: tuple[Fact, ...]
    audience: tuple[Fact, ...]
    places: tuple[Place, ...]
    upkeep: tuple[Fact, ...]
    equivalents: tuple[Equivalent, ...]
    note: str
    close_url: str
    basket_url: str
    in_basket: bool
    back_label: str


def hours_text(pattern: str, written: str) -> str:
    """Hours in French: from the pattern when it is readable, as written otherwise, « à vérifier » when blank."""
    if pattern:
        return render_hours(pattern)
    return f"{written.strip()} ({TO_CHECK})" if written.strip() else f"horaire {TO_CHECK}"


def steps(document: Document) -> tuple[Step, ...]:
    """How to refer, in the order in which one does it."""
    hours = hours_text(document["hours_pattern"], document["hours"])
    number = pieces.phone(document["phone"])
    reach = Step(
        "Joindre le service" if document["phone"] else "Trouver comment joindre le service",
        f", {hours}." if document["phone"] else f"Téléphone {TO_CHECK}; {hours}.",
        number if document["phone"] else None,
        doubt=not document["phone"],
    )
    procedure = document["referral_procedure"].strip()
    papers = document["required_documents"].strip()
    none_needed = papers.casefold() in ("aucun", "aucune", "aucun document")
    return (
        reach,
        Step(
            "Suivre la procédure de référence",
            pieces.sentence(procedure) if procedure else f"Procédure {TO_CHECK} au téléphone.",
            doubt=not procedure,
        ),
        Step(
            "Avoir en main",
            "Aucun document n’est demandé." if none_needed
            else pieces.sentence(papers.replace(" ; ", ", ")) if papers
            else f"Documents {TO_CHECK} au téléphone.",
            doubt=not papers,
        ),
    )  # fmt: skip


def access(document: Document) -> tuple[str, str]:
    """(« Par téléphone ou sans rendez-vous », « Délai habituel : 15 jours. Gratuit. »)."""
    words = [pieces.ACCESS_WORDS[mode] for mode in pieces.ACCESS_WORDS if mode in document["access_modes"]]
    how = pieces.joined(words, " ou ")
    how = how[:1].upper() + how[1:] if how else f"Accès {TO_CHECK}"
    delay = document["delay_days"]
    wait = f"Délai {TO_CHECK}." if delay is None else f"Délai habituel : {pieces.days_count(delay)}."
    levels = [
        f"{ServiceLevelKind(level['kind']).label} : {pieces.duration(level['value'], level['unit'])}."
        for level in document["service_levels"]
        if level["kind"] in ServiceLevelKind.values
    ]
    return how, " ".join([wait, *levels])


def audience(document: Document) -> tuple[Fact, ...]:
    """« Pour qui »: nothing known is never blank."""
    clientele = pieces.joined(document["clientele"])
    ages = pieces.ages(document)
    sexes = {Sex.FEMALE.value: "femmes", Sex.MALE.value: "hommes"}
    who = [clientele, *(sexes[sex] for sex in document["sexes"] if sexes[sex] not in clientele.casefold())]
    spoken = [languages.label_lower(code) for code in document["languages"]]
    served = [territory["name"] for territory in document["territories"]]
    needs = [need["term"] for need in document["needs"]]
    return (
        _fact("Besoins", "; ".join(needs)),
        _fact("Clientèle", pieces.joined([part for part in who if part])),
        Fact("Âges", ages or "Sans limite d’âge indiquée"),
        _fact("Territoires", pieces.joined(served)),
        _fact("Langues", pieces.joined(spoken)),
        _fact("Frais", document["fees"]),
    )


def _fact(term: str, text: str) -> Fact:
    trimmed = text.strip()
    return Fact(term, trimmed[:1].upper() + trimmed[1:] if trimmed else TO_CHECK, doubt=not trimmed)


def places(document: Document) -> tuple[Place, ...]:
    """Where the service is given. Of a confidential place, the municipality and nothing else."""
    found = []
    for place in document["locations"]:
        address = (
            pieces.joined([pieces.CONFIDENTIAL, place["municipality"]], ", ")
            if place["confidential"]
            else ", ".join(part for part in (place["address"], place["municipality"], place["postal_code"]) if part)
        )
        found.append(
            Place(
                name=place["name"],
                address=address or f"Adresse {TO_CHECK}",
                confidential=place["confidential"],
                wheelchair=_wheelchair(place["wheelchair"]),
                hours=hours_text(place["hours_pattern"], place["hours"]) if place["hours"] else "",
            )
        )
    return tuple(found)


def _wheelchair(value: str) -> str:
    return {
        Wheelchair.YES: "Accessible en fauteuil roulant",
        Wheelchair.PARTIAL: "Partiellement accessible en fauteuil roulant",
        Wheelchair.NO: "Non accessible en fauteuil roulant",
    }.get(
        Wheelchair(value) if value in Wheelchair.values else Wheelchair.UNKNOWN, f"Accès en fauteuil roulant {TO_CHECK}"
    )


def contacts(document: Document) -> tuple[Fact, ...]:
    """People and desks that the viewer may see: liaisons first, then the service's own, then the organization's."""
    found: dict[tuple[str, str], Fact] = {}
    for liaison in document["liaisons"]:
        person = liaison["contact"]
        roles = [
            str(Program(liaison["program"]).label) if liaison["program"] in Program.values else "",
            str(CrisisRole(liaison["crisis_role"]).label) if liaison["crisis_role"] in CrisisRole.values[1:] else "",
        ]
        term = "Liaison" + "".join(f", {role}" for role in roles if role)
        found.setdefault((person["name"], person["role"]), _contact(term, person))
    for person in document["contacts"]:
        found.setdefault((person["name"], person["role"]), _contact("Contact", person))
    return tuple(found.values())


def _contact(term: str, person: Mapping[str, Any]) -> Fact:
    number = person["phone"]
    if number and person["extension"] and "poste" not in number:
        number = f"{number} poste {person['extension']}"
    text = ", ".join(part for part in (person["name"], person["role"].lower() if person["role"] else "") if part)
    if not number and person["extension"]:
        text += f", poste {person['extension']}"
    return Fact(
        term,
        text,
        phone=pieces.phone(number) if number else None,
        url=f"mailto:{person['email']}" if person["email"] else "",
        link=person["email"],
    )


def corridors(document: Document, day: date) -> tuple[CorridorView, ...]:
    """Corridors that lead to this service: facts only; those in force first."""
    views = [_corridor(corridor, day) for corridor in document["corridors_in"]]
    return tuple(sorted(views, key=lambda view: (view.badge.css != "corr", view.code)))


def _corridor(corridor: Mapping[str, Any], day: date) -> CorridorView:
    agreement, running = corridor["agreement"], pieces.in_force(corridor, day)
    status = pieces.corridor_status(corridor, day)
    origin = corridor["service"]
    delays = [
        f"{label} : {pieces.duration(corridor[name]['value'], corridor[name]['unit'])}"
        for name, label in (("urgent", "urgent"), ("priority", "prioritaire"), ("regular", "régulier"))
        if corridor[name]
    ]
    facts = [
        Fact("Depuis", f"{origin['name']}, {origin['organization']}"),
        _fact("Délais", "; ".join(delays)),
        _fact("Critères", corridor["criteria"]),
        *(_mechanism(item) for item in corridor["mechanisms"]),
        _fact("Liaison", corridor["liaison_contact"]),
        Fact("Disponibilité", hours_text(corridor["hours_pattern"], corridor["hours"])),
        _fact("Retour en 1re ligne", corridor["return_path"]),
    ]
    if corridor["follow_through"]:
        facts.append(Fact("Suivi", corridor["follow_through"]))
    fallback = corridor["fallback"]
    if fallback:
        facts.append(
            Fact(
                "Corridor de relève",
                f"{fallback['code']}, {fallback['service']}, {fallback['organization']}",
                phone=pieces.phone(fallback["phone"]) if fallback["phone"] else None,
            )
        )
    facts.append(Fact("Entente", f"{agreement['number']}, {agreement['title']}{_term(corridor, day)}"))
    return CorridorView(
        code=corridor["code"],
        badge=Badge("corr" if running else "past", status, "corr" if running else ""),
        origin=origin["name"],
        facts=tuple(facts),
    )


def _term(corridor: Mapping[str, Any], day: date) -> str:
    """« , déclarée « En vigueur », jusqu’au 12 août 2027, puis reconduite d’elle-même »."""
    agreement = corridor["agreement"]
    parts = [f"déclarée « {agreement['declared_status']} »"] if agreement["declared_status"] else []
    if agreement["ends_on"]:
        end = date.fromisoformat(agreement["ends_on"])
        renewed = any(last is None for _, last in corridor["periods"])
        if renewed and end < day:
            parts.append(f"reconduite d’elle-même depuis le {day_words(end)}")
        else:
            parts.append(f"jusqu’au {day_words(end)}" + (", puis reconduite d’elle-même" if renewed else ""))
    return "".join(f", {part}" for part in parts)


def _mechanism(item: Mapping[str, Any]) -> Fact:
    parts = [item["label"]]
    if item["hours"]:
        parts.append(item["hours"])
    if item["to_have"]:
        parts.append(f"à avoir en main : {item['to_have']}")
    if item["consent"]:
        parts.append(f"consentement : {item['consent']}")
    if item["confirmed_on"]:
        parts.append(f"confirmé le {day_words(date.fromisoformat(item['confirmed_on']))}")
    return Fact(
        "Mécanisme",
        "; ".join(parts),
        phone=pieces.phone(item["phone"]) if item["phone"] else None,
        url=item["form_url"],
        link="ouvrir le formulaire" if item["form_url"] else "",
    )


def upkeep(document: Document, day: date) -> tuple[Fact, ...]:
    """How fresh the listing is, and where else to look."""
    verified = date.fromisoformat(document["verified_on"]) if document["verified_on"] else None
    fresh = freshness(verified, day)
    when = f" ({day_words(verified)})" if verified else ""
    found = [Fact("Fraîcheur", f"{fresh.text[:1].upper()}{fresh.text[1:]}{when}", doubt=fresh.stale)]
    if document["email"]:
        found.append(Fact("Courriel", "", url=f"mailto:{document['email']}", link=document["email"]))
    if document["website"]:
        found.append(Fact("Site web", "", url=document["website"], link=f"{document['website']} (site externe)"))
    found.append(Fact("Code", document["code"]))
    return tuple(found)


def subtitle(document: Document) -> str:
    """« Jeunes en difficulté, 1re ligne »."""
    programs = [str(Program(code).label) for code in document["programs"] if code in Program.values]
    line = str(Line(document["line"]).label) if document["line"] in Line.values else ""
    framework = (
        str(FrameworkService(document["framework_service"]).label)
        if document["framework_service"] in FrameworkService.values
        else ""
    )
    return ", ".join(part for part in (framework, pieces.joined(programs), line) if part)


def equivalents(
    hits: Sequence[Hit], code: str, state: State, moment: datetime, most: int = 3
) -> tuple[Equivalent, ...]:
    """The next best answers to the same question, those that can be reached first."""
    others = [hit for hit in hits if hit.code != code and hit.tier == 0 and hit.document["phone"]]
    ranked = sorted(others, key=lambda hit: not hit.reachable)[:most]
    return tuple(
        Equivalent(
            hit.document["name"],
            f"{hit.document['organization']['name']} · {pieces.reach(hit.document, moment).text}",
            pieces.phone(hit.document["phone"]),
            state.but(fiche=hit.code).url("fiche"),
        )
        for hit in ranked
    )


def closure_note(document: Document, moment: datetime) -> str:
    """The reason of a temporary closure that runs at the moment asked."""
    for closure in pieces.closures(document):
        if closure.start <= moment and (closure.end is None or moment < closure.end):
            return f"Fermeture temporaire : {closure.reason}" if closure.reason else "Fermeture temporaire"
    return ""


def sheet(hit: Hit, state: State, moment: datetime, others: Sequence[Hit], note: str, total: int) -> Sheet:
    """The whole sheet, from the document of one hit (already reduced to what the viewer may see)."""
    document, day = hit.document, pieces.day_of(moment)
    how, wait = access(document)
    closed = state.but(fiche=None)
    badges = [
        pieces.corridor_badge(document, day),
        pieces.availability_badge(document),
        pieces.freshness_parts(document, day)[1],
    ]
    return Sheet(
        code=hit.code,
        name=document["name"],
        organization=document["organization"]["name"],
        subtitle=subtitle(document),
        description=document["description"].strip(),
        phone=pieces.phone(document["phone"]),
        reach=pieces.reach(document, moment, with_next=True),
        hours=hours_text(document["hours_pattern"], document["hours"]),
        closure_note=closure_note(document, moment),
        access=how,
        access_note=wait,
        badges=tuple(badge for badge in badges if badge is not None),
        steps=steps(document),
        corridors=corridors(document, day),
        contacts=contacts(document),
        audience=audience(document),
        places=places(document),
        upkeep=upkeep(document, day),
        equivalents=equivalents(others, hit.code, state, moment),
        note=note,
        close_url=closed.url("ressources"),
        basket_url=state.toggled("panier", hit.code).url(),
        in_basket=hit.code in state.basket,
        back_label=f"Les {total} ressources" if total > 1 else "La liste",
    )
