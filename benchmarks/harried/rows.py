"""The rows of a harried workbook, before they are laid out: what each says, and what an import must make of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from openpyxl import load_workbook

from . import spelling

REFERENCE = Path(__file__).resolve().parents[2] / "fixtures" / "reseau.xlsx"


@dataclass
class Row:
    """A row: cells by canonical column; why it must be rejected, or what must be said of it."""

    cells: dict[str, Any]
    # The code that other sheets know it by, even where its own cell has lost it.
    code: str = ""
    rejection: str = ""
    # (canonical column, code of the warning).
    warnings: set[tuple[str, str]] = field(default_factory=set)
    # Columns that were spoiled on purpose: nothing else is done to them.
    touched: set[str] = field(default_factory=set)

    def set(self, column: str, value: Any, warning: str = "") -> None:
        self.cells[column] = value
        self.touched.add(column)
        if warning:
            self.warnings.add((column, warning))


Network = dict[str, list[Row]]


@lru_cache(maxsize=1)
def _reference() -> dict[str, list[dict[str, Any]]]:
    book = load_workbook(REFERENCE, read_only=True)
    sheets = {}
    for sheet in book.worksheets:
        names, *rows = sheet.iter_rows(values_only=True)
        sheets[sheet.title] = [
            dict(zip(names, ("" if one is None else one for one in row), strict=True)) for row in rows
        ]
    return sheets


def columns_of(target: str) -> list[str]:
    return list(_reference()[target][0])


def _share(chance: Random, rows: Sequence[Row], number: int, column: str = "", filled: bool = False) -> list[Row]:
    """So many rows that are still whole, `column` of them too (and not blank, for `filled`)."""
    whole = [
        row for row in rows
        if not row.rejection and column not in row.touched and (not filled or row.cells.get(column) not in ("", None))
    ]  # fmt: skip
    return chance.sample(whole, min(number, len(whole)))


def _spoil(chance: Random, rows: Sequence[Row], column: str, values: Sequence[Any], warning: str, number: int) -> None:
    for row in _share(chance, rows, number, column):
        row.set(column, chance.choice(values), warning)


def _into_list(
    chance: Random, rows: Sequence[Row], column: str, values: Sequence[str], warning: str, number: int
) -> None:
    """An unknown item in a list, alone or among known ones."""
    for row in _share(chance, rows, number, column, filled=True):
        known, unknown = str(row.cells[column]), chance.choice(values)
        row.set(column, chance.choice([unknown, f"{known} ; {unknown}"]), warning)


def _texts(chance: Random, rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Injections, markup, formulas and endless cells in free text."""
    for values, warning, number in (
        (spelling.INJECTIONS, "injection_formule", 4), (spelling.MARKUP, "html", 3), (spelling.FORMULAS, "formule", 3),
    ):  # fmt: skip
        for _ in range(chance.randint(1, number)):
            column = chance.choice(columns)
            for row in _share(chance, rows, 1, column):
                value = chance.choice(values)
                # A text that begins with = is kept as text by an apostrophe style; see `workbook`.
                row.set(column, Formula(value) if warning == "formule" else Text(value), warning)
    for row in _share(chance, rows, 1, columns[0]):
        row.set(columns[0], "Très long texte. " * 1800, "texte_trop_long")


class Formula(str):
    """Written as a formula."""


class Text(str):
    """Written as text, whatever it begins with."""


def network(chance: Random) -> Network:
    """The reference network with one mess of each kind."""
    net = {
        name: [Row(dict(cells), code=str(cells.get("Code") or cells.get("Numéro") or "")) for cells in rows]
        for name, rows in _reference().items()
    }
    for step in (_organizations, _places, _services, _contacts, _agreements, _corridors, _obligations):
        step(chance, net)
    return net


# --- What refers to what ----------------------------------------------------------------------------------------------


def _owner(chance: Random, net: Network, code: str) -> str:
    """An organization by its code or its name; by its name where its code is lost."""
    row = next(row for row in net["Organismes"] if row.code == code)
    name = str(row.cells["Nom"])
    lost = row.cells["Code"] != code
    ways: list[str] = [name, name, name.upper(), spelling.spaced(chance, name)]
    ways += [] if lost else [code, code, code, code.lower(), f" {code}", f"{code} - {name}", f"{name} ({code})"]
    return chance.choice(ways)


def _owners(chance: Random, net: Network, rows: Sequence[Row], column: str) -> None:
    for row in rows:
        code = str(row.cells.get(column) or "")
        if code.startswith("ORG") and column not in row.touched:
            row.cells[column] = _owner(chance, net, code)


def _lost(net: Network, target: str) -> set[str]:
    """Codes that nothing in the file bears any more."""
    return {
        row.code for row in net[target]
        if row.code and (row.rejection or "code_manquant" in {code for _column, code in row.warnings})
    }  # fmt: skip


def _organizations(chance: Random, net: Network) -> None:
    rows = net["Organismes"]
    parents = {str(row.cells["Organisme parent"]) for row in rows}
    free = [row for row in rows if row.code not in parents]
    for row in chance.sample(free, chance.randint(8, 20)):
        row.set("Code", "", "code_manquant")
    for row in _share(chance, rows, chance.randint(3, 7), "Type de partenaire"):
        if row.cells["Code"]:
            row.set("Type de partenaire", chance.choice(spelling.BAD_TYPES), "type_inconnu")
    _spoil(chance, rows, "Téléphone", spelling.BAD_PHONES, "telephone_invalide", 6)
    _spoil(chance, rows, "Courriel", spelling.BAD_EMAILS, "courriel_invalide", 5)
    _texts(chance, rows, ["Description", "Autres noms"])
    for row in _share(chance, rows, 2, "Téléphone"):
        row.set("Téléphone", Formula("=1+1"), "formule")
    for row in _share(chance, rows, 1, "Site web"):
        row.set("Site web", Formula('=HYPERLINK("http://piege.example.org","site")'), "formule")
    originals = [row for row in rows if row.cells["Code"] and len(str(row.cells["Nom"])) > 9]
    for row in chance.sample(originals, chance.randint(6, 12)):
        near = Row({**row.cells, "Code": "", "Nom": spelling.near_name(chance, str(row.cells["Nom"])),
                    "Autres noms": "", "NEQ": "", "Site web": "", "Téléphone": "", "Courriel": "", "Description": "",
                    "Type de partenaire": _reference()["Organismes"][int(row.code[3:]) - 1]["Type de partenaire"]})  # fmt: skip
        near.warnings = {("Code", "code_manquant"), ("Nom", "doublon_probable")}
        near.touched = {"Nom", "Code"}
        rows.insert(chance.randrange(rows.index(row) + 1, len(rows) + 1), near)
    _owners(chance, net, rows, "Organisme parent")
    for number in range(2):
        rows.insert(chance.randrange(len(rows)), Row(
            {"Code": f"ORG{960 + number}", "Type de partenaire": "CLSC", "Téléphone": "418-555-0155"},
            rejection="nom_manquant"))  # fmt: skip
    taken = chance.choice([row for row in rows if row.cells["Code"] and row.code and not row.rejection][:100])
    rows.insert(rows.index(taken) + chance.randint(1, 60), Row(
        {"Code": taken.code, "Nom": "Halte Imaginaire du Rang 4", "Type de partenaire": "Organisme communautaire"},
        rejection="code_en_double", touched={"Nom", "Code"}))  # fmt: skip


def _places(chance: Random, net: Network) -> None:
    rows = net["Lieux"]
    public = [row for row in rows if row.cells["Adresse confidentielle"] != "Oui"]
    for row in chance.sample(public, 3):
        row.set("Organisme", chance.choice(spelling.BAD_OWNERS))
        row.rejection = "organisme_introuvable"
    for row in _share(chance, public, 2):
        row.set("Nom du lieu", "")
        row.rejection = "nom_manquant"
    _owners(chance, net, rows, "Organisme")
    _spoil(chance, public, "Code postal", spelling.BAD_POSTAL_CODES, "code_postal_invalide", 4)
    for row in _share(chance, public, 5, "Latitude", filled=True):
        low, high = row.cells["Latitude"], row.cells["Longitude"]
        for column, value in zip(("Latitude", "Longitude"), chance.choice([
            (high, low), (0, 0), (low, -high), (48.85, 2.35), ("voir carte", high), (low * 10, high),
        ]), strict=True):  # fmt: skip
            row.set(column, value, "coordonnees_invalides" if column == "Latitude" else "")
    _spoil(chance, public, "Adresse confidentielle", spelling.BAD_BOOLEANS, "booleen_ambigu", 2)
    _spoil(
        chance,
        public,
        "Accessible en fauteuil roulant",
        [one for one in spelling.BAD_BOOLEANS if "rifier" not in one],
        "booleen_ambigu",
        1,
    )
    _spoil(chance, rows, "Heures d'ouverture", spelling.BAD_HOURS, "horaire_illisible", 4)


def _services(chance: Random, net: Network) -> None:
    rows = net["Services"]
    for row in chance.sample(rows, 4):
        row.set("Organisme", chance.choice(spelling.BAD_OWNERS))
        row.rejection = "organisme_introuvable"
    for row in _share(chance, rows, 3):
        row.set("Nom du service", "")
        row.rejection = "nom_manquant"
    for row in _share(chance, rows, 6, "Code"):
        row.set("Code", "", "code_manquant")
    _owners(chance, net, rows, "Organisme")
    lost = {row.code for row in net["Lieux"] if row.rejection}
    for row in rows:
        if lost & set(str(row.cells["Lieux"]).split(" ; ")):
            row.warnings.add(("Lieux", "lieu_introuvable"))
            row.touched.add("Lieux")
    _into_list(chance, rows, "Lieux", spelling.BAD_PLACES, "lieu_introuvable", 4)
    _into_list(chance, rows, "Besoins", spelling.BAD_NEEDS, "besoin_inconnu", 5)
    _into_list(chance, rows, "Territoires desservis", spelling.BAD_TERRITORIES, "territoire_inconnu", 4)
    _spoil(chance, rows, "Âge min", spelling.BAD_AGES, "age_invalide", 2)
    for row in _share(chance, rows, 1, "Âge min"):
        row.set("Âge min", 65, "age_invalide")
        row.set("Âge max", 12)
    _spoil(chance, rows, "Délai d'accès (jours)", spelling.BAD_NUMBERS, "nombre_invalide", 3)
    _spoil(chance, rows, "Heures", spelling.BAD_HOURS, "horaire_illisible", 5)
    _spoil(chance, rows, "Téléphone", spelling.BAD_PHONES, "telephone_invalide", 3)
    _spoil(chance, rows, "Dernière vérification", spelling.BAD_DATES, "date_invalide", 6)
    _spoil(chance, rows, "Dernière vérification", spelling.PARTIAL_DATES, "date_imprecise", 4)
    _spoil(chance, rows, "Dernière vérification", spelling.AMBIGUOUS_DATES, "date_ambigue", 3)
    _texts(chance, rows, ["Description", "Procédure de référence", "Documents requis"])
    for row in _share(chance, rows, 1, "Frais"):
        row.set("Frais", Formula("=5*2"), "formule")
    taken = chance.choice([row for row in rows if row.cells["Code"] and not row.rejection][:300])
    double = Row({**taken.cells, "Nom du service": "Atelier inventé du mardi"}, rejection="code_en_double",
                 touched={"Nom du service"})  # fmt: skip
    rows.insert(rows.index(taken) + chance.randint(1, 90), double)
    for words in chance.sample(["=== QUÉBEC ===", "*** À VALIDER ***", "--- SHERBROOKE ---", "TOTAL", "Total : 457",
                                "Nombre de services : 457", "##### à revoir #####", "Sous-total", "— fin —",
                                "Secteur nord"], 3):  # fmt: skip
        column = "Code" if words[0] in "=*-#" or "ota" in words else chance.choice(["Code", "Organisme"])
        rows.insert(chance.randrange(20, len(rows)), Row({column: Text(words)}, rejection="ligne_total",
                                                         touched={column}))  # fmt: skip


def _contacts(chance: Random, net: Network) -> None:
    rows = net["Contacts"]
    for row in chance.sample(rows, 3):
        row.set("Organisme", chance.choice(spelling.BAD_OWNERS))
        row.rejection = "organisme_introuvable"
    for row in _share(chance, rows, 2):
        row.set("Nom", "")
        row.rejection = "nom_manquant"
    _owners(chance, net, rows, "Organisme")
    lost = _lost(net, "Services")
    for row in rows:
        if row.cells["Service"] in lost:
            row.set("Service", row.cells["Service"], "service_introuvable_contact")
    _spoil(chance, rows, "Service", spelling.BAD_SERVICES, "service_introuvable_contact", 3)
    _spoil(chance, rows, "Courriel", spelling.BAD_EMAILS, "courriel_invalide", 3)
    _spoil(chance, rows, "Téléphone", spelling.BAD_PHONES, "telephone_invalide", 2)
    for row in _share(chance, rows, 1, "Fonction"):
        row.set("Fonction", Formula('=CONCATENATE("a","b")'), "formule")


def _agreements(chance: Random, net: Network) -> None:
    rows = net["Ententes"]
    for row in chance.sample(rows, 2):
        row.set("Titre", "")
        row.rejection = "nom_manquant"
    for row in _share(chance, rows, 2):
        row.set("Parties", chance.choice(["", "ORG997 ; ORG996", "à déterminer", "???"]))
        row.rejection = "parties_introuvables"
    for row in _share(chance, rows, 3, "Parties"):
        row.set("Parties", f"{row.cells['Parties']} ; {chance.choice(['ORG994 (partenaire)', 'ORG994', 'Chez Luc'])}",
                "partie_introuvable")  # fmt: skip
    for row in rows:
        parties = []
        for party in str(row.cells["Parties"]).split(" ; "):
            code, _space, role = party.partition(" ")
            held = next((one for one in net["Organismes"] if code and one.code == code), None)
            if held is not None:
                lost = held.cells["Code"] != code
                code = str(held.cells["Nom"]) if lost else chance.choice([code, code, held.cells["Nom"], code.lower()])
            parties.append(f"{code} {role}".strip())
        row.cells["Parties"] = " ; ".join(parties)
    for row in _share(chance, rows, 2, "Numéro"):
        row.set("Numéro", "", "code_manquant")
    _spoil(chance, rows, "Statut", spelling.BAD_STATUSES, "statut_inconnu", 3)
    _spoil(chance, rows, "Préavis (jours)", spelling.BAD_NUMBERS, "nombre_invalide", 2)
    _spoil(chance, rows, "Entrée en vigueur", spelling.PARTIAL_DATES, "date_imprecise", 2)
    _spoil(chance, rows, "Échéance", spelling.BAD_DATES, "date_invalide", 4)
    _spoil(chance, rows, "Date de signature", spelling.AMBIGUOUS_DATES, "date_ambigue", 1)
    for row in _share(chance, rows, 2, "Échéance"):
        if "Entrée en vigueur" not in row.touched:
            row.set("Entrée en vigueur", dt.date(2026, 6, 1))
            row.set("Échéance", dt.date(2025, 6, 1), "echeance_avant_debut")
    _texts(chance, rows, ["Objet", "Mécanisme de référence"])
    taken = chance.choice([row for row in rows if row.cells["Numéro"] and not row.rejection][:100])
    rows.insert(rows.index(taken) + chance.randint(1, 40), Row(
        {**taken.cells, "Titre": "Entente inventée du jeudi"}, rejection="code_en_double",
        touched={"Titre", *(columns_of("Ententes"))}))  # fmt: skip
    rows.append(Row({"Numéro": chance.choice(["TOTAL", "Total", "Total :", "Nb d'ententes"]),
                     "Parties": Formula("=COUNTA(A4:A150)")}, rejection="ligne_total", touched={"Numéro", "Parties"}))  # fmt: skip


def _corridors(chance: Random, net: Network) -> None:
    rows = net["Corridors"]
    for row in chance.sample(rows, 2):
        row.set("Entente", chance.choice(spelling.BAD_AGREEMENTS))
    for row in _share(chance, rows, 3, "Entente"):
        row.set(chance.choice(["Service d'origine", "Service de destination"]), chance.choice(spelling.BAD_SERVICES))
    agreements, services = _lost(net, "Ententes"), _lost(net, "Services")
    for row in rows:
        if row.cells["Entente"] in agreements or "Entente" in row.touched:
            row.rejection = "entente_introuvable"
        elif {"Service d'origine", "Service de destination"} & row.touched or services & {
            row.cells["Service d'origine"], row.cells["Service de destination"],
        }:  # fmt: skip
            row.rejection = "service_introuvable"
    _spoil(chance, rows, "Corridor de relève", ("COR777", "COR-1", "aucun", "à trouver"), "releve_introuvable", 3)
    lost = {row.code for row in rows if row.rejection}
    for row in rows:
        if row.cells["Corridor de relève"] in lost:
            row.set("Corridor de relève", row.cells["Corridor de relève"], "releve_introuvable")
    _spoil(chance, rows, "Délai urgent (heures)", spelling.BAD_NUMBERS, "nombre_invalide", 2)


def _obligations(chance: Random, net: Network) -> None:
    rows = net["Obligations"]
    for row in chance.sample(rows, 2):
        row.set("Entente", chance.choice(spelling.BAD_AGREEMENTS))
        row.rejection = "entente_introuvable"
    for row in _share(chance, rows, 2):
        row.set("Partie", chance.choice(spelling.BAD_OWNERS))
        row.rejection = "organisme_introuvable"
    _owners(chance, net, rows, "Partie")
    lost = _lost(net, "Ententes")
    for row in rows:
        if row.cells["Entente"] in lost:
            row.rejection = "entente_introuvable"
    _spoil(chance, rows, "Échéance", spelling.BAD_DATES, "date_invalide", 3)
    _spoil(chance, rows, "Échéance", spelling.PARTIAL_DATES, "date_imprecise", 1)


Rewrite = Callable[[Random, Any], Any]
