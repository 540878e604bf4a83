"""Laying a messy network out in a file: titles, order, banners, blank rows, hidden columns; and what it must give."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from random import Random
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from . import spelling
from .rows import Formula, Network, Row, Text, columns_of, network
from .strangers import STRANGERS
from .titles import COORDINATORS, EXTRAS, TARGETS, Coordinator

Expected = dict[str, Any]

_DATES = {"Dernière vérification", "Date de signature", "Entrée en vigueur", "Échéance"}
_YES_NO = {"Adresse confidentielle", "Accessible en fauteuil roulant"}
_CHOICES = {
    "Type de partenaire", "Ligne", "Disponibilité", "Visibilité", "Statut", "Direction", "Fréquence", "État",
    "Programme-services",
}  # fmt: skip
_LISTS = {"Langues", "Besoins", "Clientèle", "Territoires desservis", "Lieux", "Modalité d'accès", "Programme-services"}
_NUMBERS = {"Âge min", "Âge max", "Délai d'accès (jours)", "Préavis (jours)", "Délai urgent (heures)"}
_BANNERS: tuple[list[str | None], ...] = (
    ["RÉPERTOIRE — copie de travail"], ["Ne rien effacer svp", None, None, "Luc, octobre"], ["rouge = à revoir"], [],
    ["Mis à jour par", "Ginette"], ["v2 FINAL (la bonne)"], ["CIUSSS", None, "Direction des services"],
)  # fmt: skip


EVERYBODY: dict[str, Coordinator] = {**COORDINATORS, **STRANGERS}


def build(path: Path, seed: int, coordinator: str = "") -> Expected:
    """Write a harried workbook; what an import of it, on a network that holds only the reference territories and
    vocabulary, must report. `coordinator`: whose titles (any, by `seed`, by default)."""
    chance = Random(f"{coordinator}{seed}")
    titles = EVERYBODY[coordinator or sorted(EVERYBODY)[seed % len(EVERYBODY)]]
    net = network(chance)
    book = Workbook()
    book.remove(book.active)
    places = list(zip(TARGETS, titles.items(), strict=True))
    if chance.random() < 0.5:
        chance.shuffle(places)
    expected = []
    for target, (title, headings) in places:
        written = [heading.strip(" ") for heading in headings.split(" | ")]
        if seed:
            written = _careless(chance, written)
        expected.append(_sheet(chance, book, target, title, written, net))
    _other_sheets(chance, book)
    book.save(path)
    return {"feuilles": expected}


def _careless(chance: Random, written: list[str]) -> list[str]:
    """The same titles typed in a hurry: capitals, accents, marks, swapped letters, cut words."""
    found: list[str] = []
    for heading in written:
        words = sorted(heading.split(), key=len)
        long = words[-1]
        typed = chance.choice([
            heading, heading, heading, heading.upper(), heading.lower(), spelling.plain(heading), f" {heading} ",
            f"{heading} :", f"{heading}*", heading.replace(" ", "\xa0"), heading.replace(" ", "  "),
            heading.replace(long, long[:3] + long[4] + long[3] + long[5:]) if len(long) > 6 else heading,
            heading.replace(long, f"{long[:5]}.") if len(long) > 9 and long.isalpha() else heading,
        ])  # fmt: skip
        plain = " ".join(typed.replace("\xa0", " ").split()).casefold()
        taken = {" ".join(one.replace("\xa0", " ").split()).casefold() for one in found}
        found.append(heading if plain in taken else typed)
    return found


def _other_sheets(chance: Random, book: Workbook) -> None:
    book.create_sheet("Feuil9")
    old = book.create_sheet("vieille liste")
    old.append(["Organisme", "Nom", "Téléphone"])
    old.append(["ORG001", "Luc", "418-555-0101"])
    old.sheet_state = "hidden"
    legend = book.create_sheet("Légende", chance.randrange(len(book.sheetnames)))
    for row in (["Couleur", "Ce que ça veut dire"], ["rouge", "à rappeler"], ["vert", "validé"], ["bleu", "parti"]):
        legend.append(row)


def _sheet(
    chance: Random, book: Workbook, target: str, title: str, written: list[str], net: Network
) -> dict[str, Any]:  # fmt: skip
    names = columns_of(target)
    page: Worksheet = book.create_sheet(title)
    layout: list[tuple[str, str]] = list(zip(written, names, strict=True))
    if chance.random() < 0.6:
        chance.shuffle(layout)
    extras = chance.sample(sorted(EXTRAS), chance.randint(0, 3))
    for extra in extras:
        layout.insert(chance.randrange(len(layout) + 1), (extra, f"_{extra}"))
    for number in range(chance.choice([0, 1, 2, 2, 3, 5])):
        page.append(_BANNERS[(number + len(title)) % len(_BANNERS)])
    top = page.max_row + 1 if page.max_row > 1 or page.cell(1, 1).value is not None else 1
    for place, (heading, _name) in enumerate(layout, start=1):
        page.cell(top, place, heading)
    rejections, warnings, filled, line = [], [], 0, top
    for row in net[target]:
        line += 1 + (chance.random() < 0.01)
        filled += 1
        _write(chance, page, line, row, layout)
        if row.rejection:
            rejections.append({"ligne": line, "raison": row.rejection})
        else:
            warnings += [
                {"ligne": line, "code": code, "valeur": str(row.cells.get(column, ""))[:60]}
                for column, code in sorted(row.warnings)
            ]
    for place, (heading, name) in enumerate(layout, start=1):
        if (heading in extras and chance.random() < 0.5) or name == "Visibilité":
            page.column_dimensions[get_column_letter(place)].hidden = True
    return {
        "feuille": title, "cible": target, "ligne_entetes": top, "lignes_donnees": filled, "colonnes": dict(layout),
        "doivent_importer": filled - len(rejections), "rejets": rejections, "avertissements": warnings,
    }  # fmt: skip


def _write(chance: Random, page: Worksheet, line: int, row: Row, layout: list[tuple[str, str]]) -> None:
    blank = row.rejection in ("ligne_total",)
    for place, (heading, name) in enumerate(layout, start=1):
        if name.startswith("_"):
            if not blank:
                _extra(chance, page, line, place, EXTRAS[heading])
            continue
        value = row.cells.get(name, "")
        cell = page.cell(line, place)
        if isinstance(value, Formula):
            cell.value = str(value)
            continue
        shown = str(value) if isinstance(value, Text) else value
        if name not in row.touched:
            shown = _messed(chance, name, value)
        cell.value = shown if shown != "" else None
        if isinstance(shown, str) and cell.data_type == "f":
            cell.data_type = "s"


def _extra(chance: Random, page: Worksheet, line: int, place: int, kind: str) -> None:
    value: Any = None
    if kind == "formula":
        value = f"=LEN(A{line})"
    elif chance.random() < 0.4:
        value = {
            "note": chance.choice(["rappeler lundi", "voir Luc", "urgent!", "plus de financement?"]),
            "date": dt.date(2026, chance.randint(1, 9), chance.randint(1, 28)),
            "phone": f"418-555-01{chance.randint(10, 99)}",
            "initials": chance.choice(["GR", "LB", "MT"]),
            "mark": chance.choice(["x", "vert", "oui"]),
            "number": chance.randint(1, 400),
        }[kind]
    page.cell(line, place, value)


def _messed(chance: Random, name: str, value: Any) -> Any:
    """A sound value in one of its many spellings."""
    if value in ("", None):
        return spelling.yes_or_no(chance, "") if name == "Adresse confidentielle" else value
    if name in _DATES:
        day = value.date() if isinstance(value, dt.datetime) else value
        day = dt.date.fromisoformat(day) if isinstance(day, str) else day
        return spelling.date(chance, day)
    if name in ("Latitude", "Longitude"):
        return spelling.grid(chance, value)
    if name in _YES_NO:
        return spelling.yes_or_no(chance, str(value))
    if name in _NUMBERS:
        return spelling.count(chance, value)
    if name == "Téléphone":
        return spelling.phone(chance, str(value))
    if name == "Code postal":
        return spelling.postal(chance, str(value))
    if not isinstance(value, str):
        return value
    if name in _LISTS:
        value = spelling.listed(chance, value)
    if name in _CHOICES:
        value = spelling.cased(chance, value)
    return spelling.spaced(chance, value) if "\n" not in value else value
