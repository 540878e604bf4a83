"""The smallest parts of a card: a phone, a state, a badge. Colour is never alone: each has its word and its shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from corridors.enums import DeclaredStatus
from registry import holidays, phones
from registry.enums import AccessMode, Availability, DelayUnit
from registry.opening_hours import Closure, describe_state, reach_class, state_at

from ..dates import TORONTO, clock, freshness, long_day

Document = Mapping[str, Any]
TO_CHECK = "à vérifier"
CONFIDENTIAL = "adresse confidentielle"


@dataclass(frozen=True, slots=True)
class Phone:
    """`number` to read aloud, `rest` its extension or option, `uri` empty when the text is not a number."""

    number: str
    rest: str = ""
    uri: str = ""

    @property
    def text(self) -> str:
        return f"{self.number}, {self.rest}" if self.rest else self.number


@dataclass(frozen=True, slots=True)
class Reach:
    """`css`: on, soon, off or unknown; `text` says it; `then` what comes after (« Rouvre dimanche à 8 h »)."""

    css: str
    text: str
    then: str = ""


@dataclass(frozen=True, slots=True)
class Badge:
    """A deviation, or a corridor. `css`: warn, stop, corr, past, off; `icon`: a name of components/icons.html."""

    css: str
    text: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that answers day and night. `word` and `short` are for the footer, `title` and `detail` for a list."""

    title: str
    detail: str
    phone: Phone
    short: str = ""
    word: str = ""
    wide: bool = False


NO_PHONE = Phone("Téléphone à vérifier")


@lru_cache(maxsize=4096)
def phone(text: str) -> Phone:
    """A stored phone, readable aloud; what is not a number is shown as written, without a link."""
    if not text.strip():
        return NO_PHONE
    try:
        read = phones.parse_phone(text)
    except phones.InvalidPhone:
        return Phone(text.strip())
    number, _, rest = read.display.partition(", ")
    return Phone(number, rest, read.tel_uri)


def closures(document: Document) -> list[Closure]:
    return [
        Closure(
            datetime.fromisoformat(item["start"]),
            datetime.fromisoformat(item["end"]) if item["end"] else None,
            item.get("reason", ""),
        )
        for item in document["closures"]
    ]


def reach(document: Document, moment: datetime, *, with_next: bool = False) -> Reach:
    """« Joignable jusqu’à 22 h », « Fermé, ouvre lundi à 8 h 30 », « Horaire à vérifier »; temporary closures included.

    `with_next`: and when it opens again after closing.
    """
    if not document["closures"] and not with_next:
        # In UTC: when clocks go back, two moments an hour apart are written alike in Québec.
        return _usual_reach(document["hours_pattern"], moment.astimezone(UTC), holidays.closed_days())
    pattern, shut = document["hours_pattern"], closures(document)
    now = state_at(pattern, moment, shut)
    then = ""
    if with_next and now.open and now.until is not None:
        after = state_at(pattern, now.until, shut)
        if after.open is False and after.opens is not None:
            then = f"Rouvre {opening(after.opens, moment)}"
    return Reach(reach_class(now, moment), describe_state(now, moment), then)


# Half of the services of a page keep the same hours, and what is asked in the same minute has the same answer.
@lru_cache(maxsize=4096)
def _usual_reach(pattern: str, moment: datetime, own_days: frozenset[date]) -> Reach:
    """`own_days`: the centre's closed days, which the state of the hours depends on."""
    now = state_at(pattern, moment)
    return Reach(reach_class(now, moment), describe_state(now, moment))


def opening(opens: datetime, moment: datetime) -> str:
    """« à 13 h », « demain à 8 h », « lundi à 8 h 30 », « le samedi 28 novembre à 10 h »."""
    days = (opens.astimezone(TORONTO).date() - moment.astimezone(TORONTO).date()).days
    if days == 0:
        return f"à {clock(opens)}"
    if days == 1:
        return f"demain à {clock(opens)}"
    return f"{long_day(opens).split()[0]} à {clock(opens)}" if days < 7 else f"le {long_day(opens)} à {clock(opens)}"


def days_count(days: int) -> str:
    return "le jour même" if days == 0 else "1 jour" if days == 1 else f"{days} jours"


def duration(value: int, unit: str) -> str:
    """A delay of a corridor: « 24 h », « 5 jours », « 3 jours ouvrables »."""
    if unit == DelayUnit.HOURS:
        return f"{value} h"
    if unit == DelayUnit.BUSINESS_DAYS:
        return "1 jour ouvrable" if value == 1 else f"{value} jours ouvrables"
    return "1 jour" if value == 1 else f"{value} jours"


def availability_badge(document: Document) -> Badge | None:
    """What deviates from « Disponible ». A waiting list and a rhythm say how long; nothing known is no badge."""
    value, delay = document["availability"], document["delay_days"]
    after = f", {days_count(delay)}" if delay else ""
    if value == Availability.WAITING_LIST:
        return Badge("warn", f"Liste d’attente{after}", "warn")
    if value == Availability.PERIODIC:
        return Badge("warn", f"Périodique{after}", "warn")
    if value == Availability.FULL:
        return Badge("stop", "Complet", "stop")
    if value == Availability.SUSPENDED:
        return Badge("off", "Suspendu temporairement")
    return None


def in_force(corridor: Mapping[str, Any], day: date) -> bool:
    """Is the entente of this corridor running that day (first and last day included)?"""
    return any(
        date.fromisoformat(start) <= day and (end is None or day <= date.fromisoformat(end))
        for start, end in corridor["periods"]
    )


def corridor_badge(document: Document, day: date) -> Badge | None:
    """« Corridor en vigueur · urgent 24 h », else « Corridor échu » and the like. Corridors that the viewer may not see
    are not in the document."""
    corridors = document["corridors_in"]
    if not corridors:
        return None
    best = best_corridor(document, day)
    if best is None:
        return Badge("past", corridor_status(corridors[0], day))
    urgent = best["urgent"]
    delay = f" · urgent {duration(urgent['value'], urgent['unit'])}" if urgent else ""
    return Badge("corr", f"Corridor en vigueur{delay}", "corr")


def best_corridor(document: Document, day: date) -> Mapping[str, Any] | None:
    """Of the corridors in force that day, the one with the shortest urgent delay; None when none is in force."""
    running = [corridor for corridor in document["corridors_in"] if in_force(corridor, day)]
    return min(running, key=lambda corridor: (_hours(corridor["urgent"]), corridor["code"]), default=None)


def _hours(delay: Mapping[str, Any] | None) -> float:
    if delay is None:
        return float("inf")
    return delay["value"] * (1 if delay["unit"] == DelayUnit.HOURS else 24)


_CORRIDOR_STATUS = {
    DeclaredStatus.SUSPENDED.value: "Corridor suspendu",
    DeclaredStatus.DRAFT.value: "Corridor en préparation",
    DeclaredStatus.TERMINATED.value: "Corridor résilié",
}


def corridor_status(corridor: Mapping[str, Any], day: date) -> str:
    """The state of one corridor that day, in words."""
    if in_force(corridor, day):
        return "Corridor en vigueur"
    starts = [date.fromisoformat(start) for start, _ in corridor["periods"]]
    if starts and min(starts) > day:
        return "Corridor à venir"
    return _CORRIDOR_STATUS.get(corridor["agreement"]["declared_status"], "Corridor échu")


def freshness_parts(document: Document, day: date) -> tuple[str, Badge | None]:
    """(text for the last line of the card, badge when the listing is stale)."""
    return _freshness_parts(document["verified_on"], day)


@lru_cache(maxsize=4096)
def _freshness_parts(verified_on: str | None, day: date) -> tuple[str, Badge | None]:
    fresh = freshness(date.fromisoformat(verified_on) if verified_on else None, day)
    return ("", Badge("warn", fresh.text, "warn")) if fresh.stale else (fresh.text, None)


def ages(document: Document) -> str:
    """« 12-17 ans », « 18 ans et plus », « jusqu’à 5 ans »; empty when there is no limit."""
    low, high = document["age_min"], document["age_max"]
    if low is None and high is None:
        return ""
    if high is None:
        return f"{low} ans et plus"
    return f"jusqu’à {high} ans" if not low else f"{low}-{high} ans"


ACCESS_WORDS = {
    AccessMode.PHONE: "par téléphone",
    AccessMode.WALK_IN: "sans rendez-vous",
    AccessMode.APPOINTMENT: "sur rendez-vous",
    AccessMode.REFERRAL: "sur référence",
    AccessMode.OUTREACH: "à domicile ou dans le milieu",
    AccessMode.ONLINE: "en ligne",
}
# What one must know before calling comes first; « par téléphone » is the rule and says nothing.
_TELLING = (AccessMode.REFERRAL, AccessMode.OUTREACH, AccessMode.WALK_IN, AccessMode.ONLINE, AccessMode.APPOINTMENT)


def telling_access(modes: Sequence[str]) -> str:
    """The access mode worth a place on a card; empty when there is none."""
    found = next((mode for mode in _TELLING if mode in modes), None)
    return "à domicile" if found == AccessMode.OUTREACH else ACCESS_WORDS[found] if found else ""


def joined(parts: Sequence[str], last: str = " et ") -> str:
    """« a, b et c »."""
    words = [part for part in parts if part]
    return last.join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def sentence(text: str) -> str:
    """The text with a capital and a full stop, so that any listing reads the same."""
    trimmed = text.strip()
    if not trimmed:
        return ""
    return trimmed[0].upper() + trimmed[1:] + ("" if trimmed[-1] in ".!?…" else ".")


def day_of(moment: datetime) -> date:
    """The day of the question, in Québec: what dates are compared with."""
    return moment.astimezone(TORONTO).date()
