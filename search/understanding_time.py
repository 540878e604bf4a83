"""When the person needs it: « ce soir », « demain 9 h », « lundi matin », « en fin de semaine »."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .reading import Reading, phrase

TORONTO = ZoneInfo("America/Toronto")
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
SHORT_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin",
    "juillet", "aout", "septembre", "octobre", "novembre", "decembre",
)  # fmt: skip
MONTH_LABELS = (
    "janv.", "févr.", "mars", "avril", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
# The hour that stands for a part of the day: when one would call.
PARTS = {
    "matin": 9, "matinee": 9, "avant midi": 10, "midi": 12, "apres midi": 14, "pm": 14, "soir": 20, "soiree": 20,
    "nuit": 23, "minuit": 0,
}  # fmt: skip
_PART = "(?P<part>avant midi|apres midi|matinee|matin|midi|soiree|soir|nuit|minuit|pm)"
_CLOCK = r"(?P<hour>[01]?\d|2[0-4]) ?(?:h|heures?|hrs?) ?(?P<minute>[0-5]\d)?(?!\d)"
_DAY = f"(?P<day>{'|'.join(DAYS)})"
# Elided articles are no tokens: « d'ici », « à l'heure » read « ici », « a heure ».
_BEFORE = "(?:a |vers |autour de |ici |pour |des |dans la |de la |en |au |le |la )*"

_PART_AFTER = f"(?: {_BEFORE}{_PART})?"
_CLOCK_AFTER = f"(?: {_BEFORE}{_CLOCK})?"
_MONTH = f"(?P<month>{'|'.join(MONTHS)})"
_DATE = rf"(?: (?P<date>[0-3]?\d)(?: {_MONTH})?(?! ?(?:h|ans|an|mois)\b))?"

_PATTERNS = (
    phrase(f"(?:apres demain|(?P<tomorrow>demain)|aujourd'?hui){_PART_AFTER}{_CLOCK_AFTER}"),
    phrase(f"(?:ce |le |la |les )?{_DAY}(?: prochaine?)?{_DATE}{_PART_AFTER}{_CLOCK_AFTER}"),
    phrase(rf"le (?P<date>[0-3]?\d|1er) {_MONTH}{_PART_AFTER}{_CLOCK_AFTER}"),
    phrase("(?:cette|la|durant la|pendant la|en pleine|pour la) (?P<part>nuit)"),
    phrase(f"(?:ce|cet|cette) {_PART}{_CLOCK_AFTER}"),
    phrase(f"(?:a soir|tonight)(?: {_CLOCK})?"),
    phrase(
        "(?:en |la |cette |pour la |ce |durant la )?(?P<weekend>fins? de semaine|week ?ends?)(?P<next> prochaine?)?"
    ),
    phrase("(?P<now>maintenant|en ce moment|a instant|right now)"),
    phrase(f"(?:a|vers|des|avant|apres) {_CLOCK}"),
    phrase(r"dans (?P<in>\d{1,2}|une|deux|trois) (?:heures?|h)"),
)
# What looks like a time and is not one: something that already happened, or the schedule of a service.
_NOT_A_TIME = re.compile(
    r"(?:fait|faite|ete|passe|depuis|avait|hier|etait|eu|tous les|toutes les|chaque|passee|derniere?) (?:\S+ ){0,3}$"
)
# « a fait une fugue hier, ce soir … »: a moment that is named as coming stays one.
_THIS = ("ce soir", "cette nuit", "demain", "apres demain", "maintenant", "aujourd'hui", "tonight", "a soir")
_PAST_AFTER = re.compile(r"^ (?:passee?|derniere?|d avant)(?= |$)")
_SERVICE_BEFORE = re.compile(
    r"(?:repits?|cours|camp|halte|groupe|clinique|ecoute|hebergement|centre|ouverte?s?|ligne|refuge|popote|ateliers?|"
    r"passer?|dort|dormir|sort|sortir|crie|pleure|reveille|travaille|joue|bois|boit) (?:\S+ ){0,2}$"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment understood. `said` is how it was said, folded: the value of its chip, the same whatever the day."""

    moment: datetime
    said: str
    label: str
    tokens: tuple[int, ...]


def as_toronto(moment: datetime) -> datetime:
    """An aware moment in America/Toronto; a naive one is taken as Toronto time."""
    return moment.replace(tzinfo=TORONTO) if moment.tzinfo is None else moment.astimezone(TORONTO)


def describe(moment: datetime, now: datetime) -> str:
    """« sam. 21 nov. », « sam. 21 nov., 14 h 30 » — the day alone when only the day was asked."""
    day = f"{SHORT_DAYS[moment.weekday()]} {moment.day} {MONTH_LABELS[moment.month - 1]}"
    return day if moment.year == now.year else f"{day} {moment.year}"


def clock(moment: datetime) -> str:
    """« 14 h », « 8 h 30 »."""
    return f"{moment.hour}\u00a0h" + (f"\u00a0{moment.minute:02d}" if moment.minute else "")


def _at(day: datetime, hour: int, minute: int = 0) -> datetime:
    day += timedelta(days=hour // 24)
    return day.replace(hour=hour % 24, minute=minute, second=0, microsecond=0)


def _resolve(match: re.Match[str], now: datetime) -> datetime | None:
    """The moment that a match means. None where it cannot be (31 February)."""
    said = {name: value for name, value in match.groupdict().items() if value}
    words = said["it"]
    if "now" in said:
        return now
    if "in" in said:
        return now + timedelta(hours={"une": 1, "deux": 2, "trois": 3}.get(said["in"]) or int(said["in"]))
    day, moved = now, False
    if words.startswith("apres demain"):
        day, moved = now + timedelta(days=2), True
    elif "tomorrow" in said:
        day, moved = now + timedelta(days=1), True
    elif "month" in said:
        number = 1 if said["date"] == "1er" else int(said["date"])
        try:
            day = now.replace(day=number, month=MONTHS.index(said["month"]) + 1)
            if day.date() < now.date():
                day = day.replace(year=day.year + 1)
        except ValueError:
            return None
        moved = day.date() != now.date()
    elif "day" in said:
        ahead = (DAYS.index(said["day"]) - now.weekday()) % 7
        if ahead == 0 and (" prochain" in words or words.startswith("les ")):
            ahead = 7
        day, moved = now + timedelta(days=ahead), ahead > 0
    elif "weekend" in said:
        ahead = (5 - now.weekday()) % 7 if now.weekday() < 5 else 0
        ahead += 7 if "next" in said and now.weekday() >= 5 else 0
        if ahead == 0:
            return now
        return _at(now + timedelta(days=ahead), 10)
    part = said.get("part", "soir" if words.startswith(("a soir", "tonight")) else "")
    if "hour" in said:
        hour = int(said["hour"])
        if (
            part in {"soir", "soiree", "apres midi", "pm", "nuit"}
            and 1 <= hour <= 11
            and not (part == "nuit" and hour < 8)
        ):
            hour += 12
        if part == "nuit" and hour < 8:
            day += timedelta(days=1)
        moment = _at(day, hour, int(said.get("minute") or 0))
        if not moved and moment < now - timedelta(minutes=5) and "day" not in said:
            moment += timedelta(days=1)
        return moment
    if part:
        moment = _at(day, PARTS[part])
        if part == "minuit":
            moment += timedelta(days=1)
        if not moved and moment < now:
            # « ce soir » said at 22 h is now; « ce matin » said at 14 h is over: taken as now too.
            within_night = part == "nuit" and now.hour < 6
            moment = now if part in {"soir", "soiree", "nuit"} or within_night else moment
            moment = now if moment < now else moment
        elif part == "nuit" and not moved and now.hour < 6:
            moment = now
        return moment
    if moved:
        return _at(day, 9)
    return now


def find_moments(reading: Reading, now: datetime) -> Iterator[Moment]:
    """Moments said in the unclaimed part of a question, in order of trust. `now` is aware, America/Toronto."""
    for pattern in _PATTERNS:
        for match, tokens in reading.find(pattern):
            start, end = match.span("it")
            before, after = match.string[:start], match.string[end:]
            if _PAST_AFTER.search(after) or (_NOT_A_TIME.search(before) and not match["it"].startswith(_THIS)):
                continue
            fuzzy_part = ("weekend" in match.groupdict() and match["weekend"]) or match["it"].startswith(
                ("la nuit", "les ")
            )
            if fuzzy_part and _SERVICE_BEFORE.search(before):
                continue
            moment = _resolve(match, now)
            if moment is None:
                continue
            yield Moment(moment, match["it"], _label(reading.written(tokens), moment, now), tokens)


def _label(written: str, moment: datetime, now: datetime) -> str:
    text = written.strip().lower()
    return f"{text}, {describe(moment, now)}" if describe(moment, now) not in text else text


def parse_moment(text: str, now: datetime) -> datetime | None:
    """A moment typed in a field or an option: ISO (« 2026-11-21T20:00 ») or words (« ce soir »); None if unreadable."""
    text = text.strip()
    try:
        return as_toronto(datetime.fromisoformat(text.replace(" ", "T", 1) if re.match(r"\d{4}-", text) else text))
    except (ValueError, OverflowError):
        pass
    found = next(find_moments(Reading(text[:80]), now), None)
    return found.moment if found else None
