"""Hours back into French: a sentence for a screen, the workbook's own style for an export. Both can be read back."""

import itertools
from collections.abc import Sequence
from functools import lru_cache

from .description import MONTHS, WEEKDAYS, clock
from .model import ALL_DAYS, DAY, Block, Hours, Rule, Season, Span, day_runs

SHORT_DAYS = ("Lun", "Mar", "Mer", "Jeu", "Ven", "Sam", "Dim")
Stay = tuple[int, int, int, int]
"""First weekday, minute it opens, last weekday, minute it closes."""


@lru_cache(maxsize=8192)
def render_hours(pattern: str) -> str:
    """« du lundi au vendredi, de 8 h 30 à 16 h 30, fermé les jours fériés »; « à vérifier » for hours not known.

    Raises ValueError for a text that is no pattern."""
    hours = Hours.from_pattern(pattern)
    schedule = hours.schedule
    if schedule is None:
        return "à vérifier"
    text = "24 h sur 24" if schedule.is_always else "; ".join(_block(block) for block in schedule.blocks)
    if hours.holiday_spans:
        return f"{text}; jours fériés, {_spans(hours.holiday_spans)}"
    stated = {"closed": ", fermé les jours fériés", "open": ", y compris les jours fériés", "unknown": ""}
    return text + stated[hours.holidays]


@lru_cache(maxsize=8192)
def render_canonical(pattern: str) -> str:
    """The workbook's style: « Lun-Ven 8h30-16h30; Sam 10h-15h », « 24/7 »; empty for hours not known.

    Raises ValueError for a text that is no pattern."""
    hours = Hours.from_pattern(pattern)
    schedule = hours.schedule
    if schedule is None:
        return ""
    text = "24/7" if schedule.is_always else "; ".join(_short_block(block) for block in schedule.blocks)
    if hours.holiday_spans:
        return f"{text}; jours fériés {_short_spans(hours.holiday_spans)}"
    stated = {"closed": "; fermé les jours fériés", "open": "; jours fériés inclus", "unknown": ""}
    return text + stated[hours.holidays]


def _stay(rules: Sequence[Rule]) -> Stay | None:
    """The stretch that these rules make when they are one stretch of whole days, its two ends apart."""
    slots = sorted((day, span) for rule in rules for day in rule.days for span in rule.spans)
    if any(rule.nth for rule in rules) or not any(span == (0, DAY) for _, span in slots) or len(slots) < 2:
        return None
    for turn in range(len(slots)):  # it may pass from Sunday to Monday
        chain = slots[turn:] + slots[:turn]
        steps = itertools.pairwise(chain)
        if all((b[0] - a[0]) % 7 == 1 and a[1][1] == DAY and b[1][0] == 0 for a, b in steps):
            (first, (opens, _)), (last, (_, closes)) = chain[0], chain[-1]
            return (first, opens, last, closes) if first != last and closes <= DAY else None
    return None


def _block(block: Block) -> str:
    head = _season(block.season) if block.season else ""
    if not block.rules:
        return f"fermé {head}"
    stay = _stay(block.rules)
    if stay:
        first, opens, last, closes = stay
        body = f"du {WEEKDAYS[first]} {_clock(opens)} au {WEEKDAYS[last]} {_clock(closes)}"
    else:
        body = "; ".join(f"{_days(rule)}, {_spans(rule.spans)}" for rule in block.rules)
    return f"{head}\u00a0: {body}" if head else body


def _short_block(block: Block) -> str:
    head = _season(block.season) if block.season else ""
    if not block.rules:
        return f"fermé {head}"
    stay = _stay(block.rules)
    if stay:
        first, opens, last, closes = stay
        body = f"Du {WEEKDAYS[first]} {_short_clock(opens)} au {WEEKDAYS[last]} {_short_clock(closes)}"
    else:
        body = "; ".join(f"{_short_days(rule)} {_short_spans(rule.spans)}" for rule in block.rules)
    return f"{head[0].upper()}{head[1:]}: {body}" if head else body


def _ranks(rule: Rule) -> str:
    """« 1er et 3e », « dernier »."""
    names = ["dernier" if rank < 0 else "1er" if rank == 1 else f"{rank}e" for rank in rule.nth]
    return _listed(names)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} et {words[-1]}"


def _days(rule: Rule) -> str:
    if rule.nth:
        return _listed([f"le {_ranks(rule)} {WEEKDAYS[day]}" for day in rule.days]) + " du mois"
    if rule.days == ALL_DAYS:
        return "tous les jours"
    if len(rule.days) == 1:
        return f"le {WEEKDAYS[rule.days[0]]}"
    parts: list[str] = []
    runs = day_runs(rule.days)
    article = "le " if any(last - first >= 2 for first, last in runs) else ""
    for first, last in runs:
        if last - first >= 2:
            parts.append(f"du {WEEKDAYS[first]} au {WEEKDAYS[last]}")
        else:
            parts += [article + WEEKDAYS[day] for day in range(first, last + 1)]
    return _listed(parts)


def _short_days(rule: Rule) -> str:
    if rule.nth:
        return _listed([f"{_ranks(rule)} {WEEKDAYS[day]}" for day in rule.days]) + " du mois"
    runs = day_runs(rule.days)
    return ", ".join(SHORT_DAYS[a] if a == b else f"{SHORT_DAYS[a]}-{SHORT_DAYS[b]}" for a, b in runs)


def _clock(minutes: int) -> str:
    return clock(minutes // 60, minutes % 60)


def _short_clock(minutes: int) -> str:
    hour = minutes // 60 if minutes <= DAY else minutes // 60 - 24
    return f"{hour}h{minutes % 60:02}" if minutes % 60 else f"{hour}h"


def _spans(spans: Sequence[Span]) -> str:
    if tuple(spans) == ((0, DAY),):
        return "24 h sur 24"
    return _listed([f"de {_clock(start)} à {_clock(end % DAY)}" for start, end in spans])


def _short_spans(spans: Sequence[Span]) -> str:
    return ", ".join(f"{_short_clock(start)}-{_short_clock(end)}" for start, end in spans)


def _season(season: Season) -> str:
    (first_month, first_day), (last_month, last_day) = season
    if season[0] == season[1] and not first_day:
        return f"en {MONTHS[first_month - 1]}"
    if not first_day:
        elided = "d’" if MONTHS[first_month - 1][0] in "ao" else "de "
        return f"{elided}{MONTHS[first_month - 1]} à {MONTHS[last_month - 1]}"
    first, last = ("1er" if day == 1 else str(day) for day in (first_day, last_day))
    return f"du {first} {MONTHS[first_month - 1]} au {last} {MONTHS[last_month - 1]}"
