"""Workbooks that nobody laid out for us: which sheet is which, where the headings are, what each column holds."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from registry.workbook import apply, diff
from registry.workbook.headings import SURE, SheetPlan, phrase_score, plan_sheets
from registry.workbook.reader import open_workbook

from .workbook_tools import FIXTURE, sheet, write

pytestmark = pytest.mark.django_db

ROWS = 40
# Title of each sheet, and of its columns in the canonical order, as three different people keep them.
GINETTE = {
    "Ressources": "No org. | Raison sociale | Abrév. | Autres appellations | Sorte de partenaire | Ce qu’on y fait | No"
    " d’entreprise | No de tél. | @ | URL | Parlent | Chapeauté par",
    "Points de service": "No lieu | Appartient à | Point de service | Rue | Localité | Code post. | Y | X"
    " | Secret? | Mobilité"
    " réduite | Ouvert",
    "Offre": "ID | Ressource | Service | En bref | Prog.-services | Niveau | Problématiques | Clientèle visée |"
    " Âge mini | Âge maxi | Parle | Territoire | Point de service | Comment y aller | Marche à suivre | À"
    " apporter | Coût | Délai | Places | Hres | Appeler au | Mail | MAJ | Qui peut voir",
    "Répondants": "Milieu | Équipe | Personne | Rôle | Numéro | Ext. | Adresse électronique | Diffusion",
    "Ent.": "No | Nom | Sorte d’entente | Avec qui | Programmes | Où | Forme | Où on en est | Signature | Du | Au"
    " | Reconduction | Avis (jrs) | Porteur | Référence | Conflits | Renseignements | Pourquoi",
    "Trajectoires": "No | No entente | Origine | Destination | Aller-retour | Conditions | Moyen | Urgent"
    " | Prioritaire |"
    " Régulier | Qui appeler | Horaire | Retour | Plan B",
    "Engagements": "No | Qui | Quoi | Quand | Aux combien | Fait?",
}
MARCEL = {
    "LISTE ORG": "CODE ORG | NOM ORGANISME | ACRO | AUTRE NOM | TYPE PART. | MANDAT | NO NEQ | TÉLÉPHONE | COURRIEL |"
    " SITE WEB | LANGUES | ORGANISME PARENT",
    "Installations": "CODE LIE | ORGANISME | DÉSIGNATION | ADRESSE | MUNICIPALITE | CODE POST | GPS lat"
    " | GPS long | CONF."
    " | ACC. FAUTEUIL | OUVERTURE",
    "SERV.": "NO SERVICE | NOM ORGANISME | NOM SERVICE | DESCR. | PROG-SERV | LIGNE | BESOIN(S) | CLIENT. | AGE"
    " MIN. | AGE MAX. | LANGUE | TERRITOIRES | LIEU(X) | MOD. ACCES | PROC. REF. | DOCUMENTS | FRAIS |"
    " DELAI JRS | DISPONIBLE? | HEURES | TELEPHONE | COURRIEL | VERIF. | VISIBILITE",
    "Bottin": "ORG. | SERV. | NOM PRENOM | FCT | TEL. | PST | COURR. | VISIB.",
    "Accords": "NO ENT. | TITRE | TYPE | PARTIES | PROG-SERV | TERR. | MODAL. | STATUT | SIGN. | ENTRÉE VIG. | ECH."
    " | RENOUV. | PREAVIS J | RESP. | MEC. REF. | MEC. MESENT. | ECH. INFO | OBJ.",
    "Corr.": "CODE COR | ENT. | ORIG. | DEST. | DIR. | CRIT. | MECAN. | URG. | PRIO. | REG. | CONT. LIAISON |"
    " DISP. | RETOUR | RELEVE",
    "Suivis": "NO ENT. | PARTIE | CONTRIB. | ECH. | FREQ. | ETAT",
}
TARGETS = ("Organismes", "Lieux", "Services", "Contacts", "Ententes", "Corridors", "Obligations")
WORKING = ("Notes internes", "calcul", "Téléc.", "Date d’ajout", "Priorité", "Ancien code", "Fait par")


@lru_cache(maxsize=1)
def canonical() -> Mapping[str, Sequence[Sequence[Any]]]:
    book = load_workbook(FIXTURE, read_only=True)
    return {name: [list(row) for row in book[name].iter_rows(max_row=ROWS + 1, values_only=True)] for name in TARGETS}


@pytest.fixture
def vocabularies():
    apply.apply(diff.compute(FIXTURE, ["Territoires", "Vocabulaire"]))


def laid_out(path: Path, titles: Mapping[str, str], seed: int) -> tuple[Path, dict[str, tuple[str, int, dict]]]:
    """The reference network under other titles, columns shuffled, headings anywhere near the top, working columns
    beside. The file, and for each sheet its canonical name, the row of its headings, and heading → canonical."""
    chance = random.Random(seed)
    book, expected = Workbook(), {}
    book.remove(book.active)
    for (name, headings), target in zip(titles.items(), TARGETS, strict=True):
        names, rows = canonical()[target][0], canonical()[target][1:]
        written = [heading.strip() for heading in headings.split(" | ")]
        order = list(range(len(names)))
        chance.shuffle(order)
        page, top = book.create_sheet(name), chance.choice([1, 2, 3, 6])
        for number in range(top - 1):
            page.append([["Fichier de travail"], ["Ne pas trier", "svp"], []][number % 3])
        page.append([written[place] for place in order] + list(WORKING))
        for number, row in enumerate(rows):
            page.append([row[place] for place in order] + [
                chance.choice(["rappeler lundi", "voir Luc", "", None]), f"=LEN(A{number})", f"418-555-{number:04d}",
                f"2025-{number % 12 + 1:02d}-15", number % 3 + 1, f"A-{number}",
                chance.choice(["Ginette Roy", "Luc Roy"]),
            ])  # fmt: skip
        columns = {written[place]: names[place] for place in order} | dict.fromkeys(WORKING)
        expected[name] = (target, top, columns)
    book.save(path)
    return path, expected


def planned(path: Path) -> dict[str, SheetPlan]:
    with open_workbook(path) as workbook:
        return {plan.sheet.name: plan for plan in plan_sheets(workbook)[0]}


@pytest.mark.parametrize(("titles", "seed"), [(GINETTE, 1), (GINETTE, 2), (MARCEL, 3)])
def test_sheets_headings_and_columns_are_found(vocabularies, tmp_path, titles, seed):
    path, expected = laid_out(tmp_path / "travail.xlsx", titles, seed)
    plans = planned(path)
    for name, (target, top, columns) in expected.items():
        assert plans[name].handler.name == target, name
        assert plans[name].header_row == top, name
        found = {heading.written: heading.canonical for heading in plans[name].headings}
        assert found == columns, name


class TestContent:
    """A column is what it holds, whatever its title."""

    @staticmethod
    def columns(path: Path, heading: str, values: Sequence[Any], others: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        names = [*others, heading]
        rows = zip(*others.values(), values, strict=True)
        found = planned(write(path / "c.xlsx", {"Feuille": [names, *map(list, rows)]}))
        return {item.written: item.canonical for item in found["Feuille"].headings}

    PLACES = {
        "Code": [f"LIE{number:03d}" for number in range(8)], "Organisme": ["ORG001"] * 8,
        "Nom du lieu": ["Bureau principal"] * 8, "Municipalité": ["Québec"] * 8,
    }  # fmt: skip

    @pytest.mark.parametrize(
        ("values", "column"),
        [
            (["G1K 0G9", "g1k9b3", "J1H-5T3", "00000"] * 2, "Code postal"),
            ([46.8, "46,81", "46.8", 45.4] * 2, "Latitude"),
            ([-71.2, "-71,23", "−71.9", -71.9] * 2, "Longitude"),
            (["12, rue du Pont", "3e Avenue, 40", "240 boul. Laurier", "9, chemin Royal"] * 2, "Adresse"),
            (["Lun-Ven 8h-16h", "24/7", "lundi au jeudi 9 h à 17 h", "Mar 13h-15h"] * 2, "Heures d'ouverture"),
        ],
    )
    def test_of_places(self, tmp_path, values, column):
        assert self.columns(tmp_path, "zzz", values, self.PLACES)["zzz"] == column

    PEOPLE = {
        "Organisme": ["ORG001"] * 8, "Nom": [f"Luc Roy-{letter}" for letter in "ABCDEFGH"],
        "Visibilité": ["Publique", "Interne"] * 4,
    }  # fmt: skip

    @pytest.mark.parametrize(
        ("values", "column"),
        [
            (["418-555-0101", "(418) 555 0102", "811", "819.555.0103 p. 4"] * 2, "Téléphone"),
            ([f"luc{number}@example.org" for number in range(8)], "Courriel"),
            (["Directrice générale", "Intervenante pivot", "Agent de liaison", "Chef de programme"] * 2, "Fonction"),
        ],
    )
    def test_of_people(self, tmp_path, values, column):
        assert self.columns(tmp_path, "zzz", values, self.PEOPLE)["zzz"] == column

    def test_one_word_two_meanings(self, tmp_path):
        """« Poste » is an extension here, an occupation there."""
        digits = self.columns(tmp_path, "Poste", ["221", 340, "12", 5] * 2, self.PEOPLE)
        words = self.columns(tmp_path, "Poste", ["Directrice", "Infirmier", "Agente", "Chef"] * 2, self.PEOPLE)
        assert (digits["Poste"], words["Poste"]) == ("Poste", "Fonction")

    def test_a_fax_is_not_a_phone(self, tmp_path):
        numbers = [f"418-555-01{number:02d}" for number in range(8)]
        assert self.columns(tmp_path, "Télécopieur", numbers, self.PEOPLE)["Télécopieur"] is None

    def test_ages_taken_one_for_the_other_are_put_back(self, tmp_path):
        services = {"Code": [f"SRV000{number}" for number in range(8)], "Organisme": ["ORG001"] * 8,
                    "Nom du service": [f"Groupe {letter}" for letter in "ABCDEFGH"],
                    "Âge (1)": [18, 65, 12, 5] * 2}  # fmt: skip
        found = self.columns(tmp_path, "Âge (2)", [30, 99, 17, 12] * 2, services)
        assert (found["Âge (1)"], found["Âge (2)"]) == ("Âge min", "Âge max")

    def test_a_name_column_under_an_unknown_title_is_a_guess_to_confirm(self, tmp_path):
        rows = [["Code", "Machin", "Type de partenaire", "Courriel"]]
        rows += [[f"ORG00{number}", f"Organisme {letter}", "CLSC", f"{letter}@example.org"] for number, letter in
                 enumerate("abcdefg")]  # fmt: skip
        heading = planned(write(tmp_path / "c.xlsx", {"Feuil1": rows}))["Feuil1"].headings[1]
        assert heading.canonical == "Nom"
        assert heading.score < SURE


class TestHidden:
    def test_hidden_and_empty_sheets_are_left_out_with_a_reason(self, tmp_path):
        book = Workbook()
        book.active.title = "Feuil3"
        old = book.create_sheet("vieux contacts")
        old.append(["Organisme", "Nom", "Courriel"])
        old.sheet_state = "hidden"
        other = book.create_sheet("Recettes")
        other.append(["Ingrédient", "Quantité"])
        other.append(["Farine", 3])
        book.save(tmp_path / "c.xlsx")
        report = diff.compute(tmp_path / "c.xlsx").as_report()
        assert report["sheets"] == []
        reasons = {item["sheet"]: item["reason"] for item in report["ignored_sheets"]}
        assert "vide" in reasons["Feuil3"]
        assert "masquée" in reasons["vieux contacts"]
        assert "en-têtes" in reasons["Recettes"]

    def test_a_hidden_column_is_read_when_it_says_what_it_is(self, tmp_path):
        book = Workbook()
        page = book.active
        page.title = "Contacts"
        page.append(["Organisme", "Nom", "Visibilité", "suivi"])
        for letter in "abcdef":
            page.append(["ORG001", f"Luc {letter}", "Publique", "418-555-0101"])
        for hidden in "CD":
            page.column_dimensions[hidden].hidden = True
        book.save(tmp_path / "c.xlsx")
        found = {item.written: item.canonical for item in planned(tmp_path / "c.xlsx")["Contacts"].headings}
        assert found == {"Organisme": "Organisme", "Nom": "Nom", "Visibilité": "Visibilité", "suivi": None}

    def test_two_columns_with_one_title_both_show(self, tmp_path):
        rows = [["Code", "Nom", "Tél.", "Tél."], *([f"ORG00{number}", f"Organisme {number}", "811", "911"] for number in
                                                   range(6))]  # fmt: skip
        columns = sheet(diff.compute(write(tmp_path / "c.xlsx", {"Organismes": rows})), "Organismes")["columns"]
        assert columns == {"Code": "Code", "Nom": "Nom", "Tél.": "Téléphone", "Tél. (colonne 4)": None}


class TestNames:
    @pytest.mark.parametrize(
        ("heading", "name"),
        [
            ("N.E.Q.", "NEQ"), ("Langue(s)", "Langues"), ("# entente", "No entente"),
            ("PRÉAVIS (j)", "Préavis (jours)"), ("L’organisme", "organisme"),
            ("prog.", "Programme"), ("Desciption", "Description"), ("fct", "fonction"),
        ],
    )  # fmt: skip
    def test_the_same_thing(self, heading, name):
        assert phrase_score(heading, name) >= 0.7

    @pytest.mark.parametrize(("heading", "name"), [("Téléc.", "tél"), ("Notes", "Nom"), ("Ancien code", "Code")])
    def test_something_else(self, heading, name):
        assert phrase_score(heading, name) < 0.5
