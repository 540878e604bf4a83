"""A vocabulary in memory for the tests of understanding: the demo network's needs and territories, invented names."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from python_calamine import CalamineWorkbook

from registry.geography import TerritoryRow
from registry.policies import INTERVENANT, Scope
from search.lexicon import Entry
from search.parsing import Question, make_question
from search.request import Chip, OrientationRequest
from search.understanding import understand
from search.vocabulary import Rows, Vocabulary, assemble

WORKBOOK = Path(__file__).resolve().parents[2] / "fixtures" / "reseau.xlsx"
# A Saturday afternoon.
NOW = datetime(2026, 11, 21, 14, 0, tzinfo=ZoneInfo("America/Toronto"))

# name, acronym, other names, and its services: (name, visibility)
ORGANIZATIONS: tuple[tuple[str, str, tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    ("Maison Tournesol-du-Port", "MTP", (), (("Hébergement de transition", "publique"),)),
    (
        "Centre jeunesse des Trois-Ruisseaux",
        "CJTR",
        (),
        (("Suivi externe", "publique"), ("Programme Boomerang", "interne")),
    ),
    ("Le Chaînon – Atelier des femmes", "", (), (("Café du jeudi", "publique"),)),
    ("Fraternité Saint-Roch-des-Neiges", "", ("La Frat",), (("Repas", "publique"),)),
    ("Refuge Opaline", "RO-QC", (), (("Adresse de repli", "interne"),)),
    ("ZEPHYR du Vieux-Quai", "ZEPHYR-VQ", (), (("Accueil", "publique"),)),
    ("ZEPHYR des Monts", "ZEPHYR-MO", (), (("Accueil", "publique"),)),
)


def _sheet(name: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(WORKBOOK)).get_sheet_by_name(name).to_python()[1:]


@lru_cache(maxsize=4)
def vocabulary(synonyms: tuple[Entry, ...] = ()) -> Vocabulary:
    """The snapshot that the tests question. `synonyms`: the coordinator's own rows."""
    needs = tuple(sorted((str(row[0]), str(row[1]) or None) for row in _sheet("Vocabulaire")))
    territories = tuple(
        TerritoryRow(number, row[0], row[1], row[2], row[3] or None, tuple(row[4].split(" ; ")) if row[4] else ())
        for number, row in enumerate(_sheet("Territoires"))
    )
    organizations: dict[int, dict[str, Any]] = {}
    services: dict[int, dict[str, Any]] = {}
    for number, (name, acronym, others, offered) in enumerate(ORGANIZATIONS, start=1):
        organizations[number] = {
            "id": number,
            "code": f"ORG{number}",
            "name": name,
            "acronym": acronym,
            "other_names": others,
        }
        for title, visibility in offered:
            key = len(services) + 1
            services[key] = {
                "id": key,
                "code": f"SRV{key}",
                "name": title,
                "visibility": visibility,
                "organization_id": number,
            }
    return assemble(1, Rows(needs, synonyms, territories, organizations, services))


def question(text: str, **fields: Any) -> Question:
    return make_question(text, now=fields.pop("now", NOW), **fields)


def ask(
    text: str, scope: Scope = INTERVENANT, *, removed: tuple[tuple[str, str], ...] = (), **fields: Any
) -> OrientationRequest:
    """What is understood of a question asked by an intervenant on Saturday, 21 November 2026, 14:00."""
    return understand(question(text, **fields).but(removed=frozenset(removed)), vocabulary(), scope)


def asked(request: OrientationRequest) -> list[str]:
    return [need.term for need in request.needs if need.kind == "asked"]


def chip(request: OrientationRequest, kind: str) -> Chip | None:
    return next((chip for chip in request.chips if chip.kind == kind), None)
