"""The same questions as in the admin, in a terminal: asked in French, answered by a file, remembered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.imports import terminal
from registry.models import Organization, SheetLayout
from tests.registry.workbook_tools import Sheets, write

HEADINGS = ["Code", "Nom", "Type de partenaire", "Zzyx"]
ROWS = [
    ["ORG001", "CLSC de la Rive", "CLSC", "info@rive.example.org"],
    ["ORG002", "Le Refuge", "Maison d'hébergement", "bonjour@refuge.example.org"],
]
DOUBTFUL: Sheets = {"Organismes": [HEADINGS, *ROWS]}
UNKNOWN: Sheets = {
    "Bzz": [["Kcode", "Kwnom", "Kwtype"], ["ORG050", "Halte du Port", "CLSC"], ["ORG051", "Halte du Quai", "CLSC"]]
}
EMAIL = {"sheets": {"Organismes": {"columns": {"Zzyx": "Courriel"}}}}


class Terminal:
    """Somebody who types the command."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys

    def runs(self, content: Sheets, answers: Any = None, **options: Any) -> str:
        """What the command says. `answers`: JSON, or the text of the file."""
        path = write(self.folder / "classeur.xlsx", content)
        if answers is not None:
            file = self.folder / "reponses.json"
            file.write_text(answers if isinstance(answers, str) else json.dumps(answers), encoding="utf-8")
            options["mapping"] = str(file)
        self._capsys.readouterr()
        call_command("import_workbook", str(path), **options)
        return self._capsys.readouterr().out

    def is_refused(self, content: Sheets, answers: Any = None, **options: Any) -> tuple[int, str]:
        """(exit code, everything said) of a command that fails."""
        with pytest.raises(CommandError) as caught:
            self.runs(content, answers, **options)
        return caught.value.returncode, f"{self._capsys.readouterr().out}{caught.value}"


@pytest.fixture
def typist(network: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(tmp_path, capsys)


def email(code: str = "ORG001") -> str:
    return Organization.objects.get(code=code).email


class TestAsking:
    def test_a_dry_run_asks_and_says_how_to_answer(self, typist: Terminal) -> None:
        said = typist.runs(DOUBTFUL, report=str(typist.folder / "rapport.json"))
        assert "1 question sur ce classeur" in said
        assert "colonne D « Zzyx » : de quoi s’agit-il?" in said and "info@rive.example.org" in said
        assert "--mapping-template" in said and "Courriel" in said
        (doubt,) = json.loads((typist.folder / "rapport.json").read_text())["doubts"]
        assert (doubt["sheet"], doubt["heading"], doubt["answered"]) == ("Organismes", "Zzyx", False)

    def test_nothing_is_written_while_a_question_waits(self, typist: Terminal) -> None:
        new = ["ORG060", "Halte neuve", "CLSC", "halte@example.org"]
        code, said = typist.is_refused({"Organismes": [HEADINGS, *ROWS, new]}, apply=True)
        assert code == 3
        assert "colonne D « Zzyx »" in said and "Rien n’a été écrit" in said and "--accept-guesses" in said
        assert not Organization.objects.filter(code="ORG060").exists()

    def test_what_is_proposed_may_be_accepted(self, typist: Terminal) -> None:
        new = ["ORG060", "Halte neuve", "CLSC", "halte@example.org"]
        typist.runs({"Organismes": [HEADINGS, *ROWS, new]}, apply=True, accept_guesses=True)
        assert email("ORG060") == ""  # proposed: leave it out

    def test_a_sheet_that_is_not_recognised(self, typist: Terminal) -> None:
        said = typist.runs(UNKNOWN)
        assert "Feuille « Bzz » : de quelle feuille s’agit-il?" in said
        assert "En-têtes : Kcode, Kwnom, Kwtype" in said and "Choix : Organismes, Lieux" in said

    def test_only_the_sheets_asked_for_are_asked_about(self, typist: Terminal) -> None:
        services = [["Code", "Organisme", "Nom du service"], ["SRV0001", "ORG001", "Accueil psychosocial"]]
        said = typist.runs({**DOUBTFUL, **UNKNOWN, "Services": services}, sheets="Services")
        assert "question" not in said
        assert said.count("Feuille non demandée") == 1

    def test_addresses_are_not_shown(self, typist: Terminal) -> None:
        headings = ["Code", "Organisme", "Nom du lieu", "Zzyx"]
        rows = [["LIE001", "ORG001", "Bureau principal", "12, rue du Pont"]]
        said = typist.runs({"Lieux": [headings, *rows]}, mapping_template=str(typist.folder / "modele.json"))
        assert "Valeurs non montrées" in said
        assert "rue du Pont" not in said + (typist.folder / "modele.json").read_text()


class TestAnswering:
    def test_the_answer_is_how_the_column_is_read(self, typist: Terminal) -> None:
        said = typist.runs(DOUBTFUL, EMAIL, apply=True)
        assert "question" not in said and "0 fiches ajoutées, 2 modifiées" in said
        assert email() == "info@rive.example.org"

    def test_a_column_left_out(self, typist: Terminal) -> None:
        said = typist.runs(DOUBTFUL, {"sheets": {"Organismes": {"columns": {"Zzyx": None}}}}, apply=True)
        assert "0 fiches ajoutées, 0 modifiées" in said

    def test_the_template_corrected_then_given_back(self, typist: Terminal) -> None:
        path = typist.folder / "modele.json"
        said = typist.runs({**DOUBTFUL, **UNKNOWN}, mapping_template=str(path))
        assert "2 questions" in said and "est prêt à corriger" in said
        answers = json.loads(path.read_text())
        assert answers["sheets"]["Organismes"]["columns"] == {"Zzyx": None}
        assert "Courriel" in answers["sheets"]["Organismes"]["choix"]
        answers["sheets"]["Organismes"]["columns"]["Zzyx"] = "Courriel"
        answers["sheets"]["Bzz"]["target"] = "Organismes"
        # Now that the sheet is known, its columns are asked: the first answers are in the next template.
        again = typist.runs({**DOUBTFUL, **UNKNOWN}, answers, mapping_template=str(path))
        assert "« Kwnom »" in again
        answers = json.loads(path.read_text())
        assert answers["sheets"]["Organismes"]["columns"] == {"Zzyx": "Courriel"}
        answers["sheets"]["Bzz"]["columns"] |= {"Kcode": "Code", "Kwnom": "Nom", "Kwtype": "Type de partenaire"}
        said = typist.runs({**DOUBTFUL, **UNKNOWN}, answers, apply=True)
        assert "2 fiches ajoutées, 2 modifiées" in said
        assert Organization.objects.get(code="ORG051").name == "Halte du Quai"

    def test_a_sheet_left_aside(self, typist: Terminal) -> None:
        said = typist.runs(UNKNOWN, {"sheets": {"Bzz": {"target": None}}}, apply=True)
        assert "laissée de côté" in said and "0 fiches ajoutées" in said

    def test_even_what_was_sure_can_be_corrected(self, typist: Terminal) -> None:
        sheets = {"Organismes": [["Code", "Nom", "Téléphone"], ["ORG001", "CLSC de la Rive", "418-555-0999"]]}
        typist.runs(sheets, {"sheets": {"Organismes": {"columns": {"Téléphone": None}}}}, apply=True)
        assert Organization.objects.get(code="ORG001").phone == "418-555-0101"

    def test_names_of_sheets_forgive_spaces_and_capitals(self, typist: Terminal) -> None:
        typist.runs(DOUBTFUL, {"sheets": {" organismes ": {"columns": {"Zzyx": "Courriel"}}}}, apply=True)
        assert email() == "info@rive.example.org"


class TestMemory:
    def test_the_next_file_of_this_layout_asks_nothing(self, typist: Terminal) -> None:
        typist.runs(DOUBTFUL, EMAIL, apply=True)
        row = ["ORG001", "CLSC de la Rive", "CLSC", "neuf@rive.example.org"]
        said = typist.runs({"Organismes": [HEADINGS, row]}, apply=True)
        assert "question" not in said
        assert email() == "neuf@rive.example.org"

    def test_a_dry_run_remembers_nothing(self, typist: Terminal) -> None:
        typist.runs(DOUBTFUL, EMAIL)
        assert not SheetLayout.objects.exists()
        assert "1 question" in typist.runs(DOUBTFUL)

    def test_answers_given_in_the_admin_serve_here(self, office: Any, typist: Terminal) -> None:
        item = office.read(DOUBTFUL)
        office.do("answers", item, **{"reponse-0": "Courriel"})
        from .conftest import work

        work(item)
        typist.runs(DOUBTFUL, apply=True)
        assert email() == "info@rive.example.org"


class TestRefusals:
    @pytest.mark.parametrize(("answers", "said"), [
        ("{", "n’est pas du JSON valide : ligne 1"),
        ('{"sheets": {"Organismes": {"columns": {"Zzyx": "Courriel",}}}}', "virgule"),
        ("[]", "doit avoir cette forme"),
        ({}, "doit avoir cette forme"),
        ({"sheets": {}, "autre": 1}, "doit avoir cette forme"),
        ({"sheets": {"Organismes": "Organismes"}}, "seules « target » et « columns »"),
        ({"sheets": {"Organismes": {"colonnes": {}}}}, "seules « target » et « columns »"),
        ({"sheets": {"Organismes": {"target": 3}}}, "« target » est un nom ou null"),
        ({"sheets": {"Organismes": {"columns": []}}}, "« columns » une liste d’en-têtes"),
        ({"sheets": {"Organismes": {"columns": {"Zzyx": 4}}}}, "entre guillemets, ou null"),
        ('{"sheets": {"Organismes": {}, "Organismes": {}}}', "revient deux fois"),
        ({"sheets": {"Organisme": {}}}, "pas de feuille « Organisme ». Voulez-vous dire « Organismes »?"),
        ({"sheets": {"Organismes": {"target": "Bidons"}}}, "n’est pas une feuille du répertoire. Choix : Organismes"),
        ({"sheets": {"Organismes": {"columns": {"Zzy": None}}}}, "pas d’en-tête « Zzy ». Voulez-vous dire « Zzyx »?"),
        ({"sheets": {"Organismes": {"columns": {"Zzyx": "Couriel"}}}}, "Voulez-vous dire « Courriel »?"),
        ({"sheets": {"Organismes": {"columns": {"Zzyx": "Nom"}}}}, "« Zzyx » et « Nom » ne peuvent pas être toutes"),
    ])  # fmt: skip
    def test_each_says_where_and_what_to_write(self, typist: Terminal, answers: Any, said: str) -> None:
        code, message = typist.is_refused(DOUBTFUL, answers, apply=True)
        assert code == 2
        assert said in message
        assert email() == ""

    def test_columns_of_a_sheet_that_nobody_knows(self, typist: Terminal) -> None:
        _code, message = typist.is_refused(UNKNOWN, {"sheets": {"Bzz": {"columns": {"Kwnom": "Nom"}}}})
        assert "Ajoutez sa « target »" in message

    def test_no_file(self, typist: Terminal) -> None:
        code, message = typist.is_refused(DOUBTFUL, mapping="/nulle/part.json")
        assert (code, "introuvable" in message) == (2, True)

    def test_a_file_of_something_else(self, tmp_path: Path) -> None:
        (tmp_path / "image.json").write_bytes(b"\x89PNG\xff\xfe\x00")
        with pytest.raises(terminal.BadMapping, match="UTF-8"):
            terminal.load(tmp_path / "image.json")
        (tmp_path / "gros.json").write_bytes(b" " * (terminal.MAX_BYTES + 1))
        with pytest.raises(terminal.BadMapping, match="trop gros"):
            terminal.load(tmp_path / "gros.json")

    def test_a_template_that_cannot_be_written(self, typist: Terminal) -> None:
        code, message = typist.is_refused(DOUBTFUL, mapping_template=str(typist.folder / "absent" / "m.json"))
        assert (code, "ne peut pas être écrit" in message) == (1, True)
