"""`manage.py agreements [--at DATE] [--json]`: the state of every entente on a day, by its journal and its dates."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from collections import Counter
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from corridors.enums import AgreementFlag
from corridors.overview import standings


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"« {text} » n’est pas une date : écrire par exemple 2026-11-21.") from error


class Command(BaseCommand):
    help = "Dit où en est chaque entente à une date : statut, drapeaux, fin du terme."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", type=_day, metavar="DATE", help="AAAA-MM-JJ; aujourd’hui si rien n’est dit")
        parser.add_argument("--json", action="store_true", help="une ligne JSON par entente")

    def handle(self, *args: Any, **options: Any) -> None:
        day = options["at"] or timezone.localdate()
        totals: Counter[str] = Counter()
        for row in standings(day):
            state = row.state
            end = state.term_end.isoformat() if state.term_end else None
            totals[state.status.label] += 1
            if options["json"]:
                line = {"number": row.number, "status": state.status.value, "flags": sorted(state.flags)}
                self.stdout.write(json.dumps({**line, "term_end": end}, ensure_ascii=False))
            else:
                flags = ", ".join(AgreementFlag(flag).label.lower() for flag in state.flags)
                self.stdout.write(f"{row.number:<16} {state.status.label:<18} {end or 'sans terme':<12} {flags}")
        if not options["json"]:
            counts = ", ".join(f"{label.lower()} : {count}" for label, count in totals.most_common())
            self.stdout.write(f"{sum(totals.values())} ententes au {day.isoformat()} ({counts or 'aucune'})")
