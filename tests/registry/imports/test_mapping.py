"""What is asked, to whom, and how many times: once."""

from __future__ import annotations

from typing import Any

import pytest

from registry.models import ImportStatus, Organization, SheetLayout
from registry.workbook.headings import SURE

from .conftest import Office, work

HEADINGS = ["Code", "Nom", "Type de partenaire", "Zzyx"]
ROWS = [
    ["ORG001", "CLSC de la Rive", "CLSC", "info@rive.example.org"],
    ["ORG002", "Le Refuge", "Maison d'hébergement", ""],
]
DOUBTFUL = {"Organismes": [HEADINGS, *ROWS]}
UNKNOWN = {
    **DOUBTFUL,
    "Bzz": [["Kcode", "Kwnom", "Kwtype"], ["ORG050", "Halte du Port", "CLSC"], ["ORG051", "Halte du Quai", "CLSC"]],
}


def questions(item: Any) -> list[tuple[str, str]]:
    return [(doubt["sheet"], doubt["heading"]) for doubt in item.doubts]


class TestQuestions:
    def test_only_what_is_doubtful_is_asked(self, office: Office) -> None:
        item = office.read(DOUBTFUL)
        assert item.status == ImportStatus.ASKING
        assert questions(item) == [("Organismes", "Zzyx")]
        page = office.page(item)
        assert "Zzyx" in page and "info@rive.example.org" in page
        assert "Ignorer cette colonne" in page and ">Courriel</option>" in page
        assert ">Nom</option>" not in page  # taken, without a doubt

    def test_a_file_that_is_all_recognised_asks_nothing(self, office: Office) -> None:
        item = office.read({"Organismes": [HEADINGS[:3], *[row[:3] for row in ROWS]]})
        assert (item.status, item.doubts) == (ImportStatus.PREVIEW, [])

    def test_the_answer_is_how_the_column_is_read(self, office: Office) -> None:
        item = office.read(DOUBTFUL)
        office.do("answers", item, **{"reponse-0": "Courriel"})
        item = work(item)
        assert item.status == ImportStatus.PREVIEW
        assert "info@rive.example.org</ins>" in office.page(item)
        office.apply(item)
        assert Organization.objects.get(code="ORG001").email == "info@rive.example.org"
        assert Organization.objects.get(code="ORG002").email == ""  # a blank cell clears

    def test_a_column_may_be_left_out(self, office: Office) -> None:
        item = office.read(DOUBTFUL)
        office.do("answers", item, **{"reponse-0": ""})
        item = work(item)
        assert (item.status, item.counts["changed"]) == (ImportStatus.PREVIEW, 0)

    @pytest.mark.parametrize("answer", ["Nom", "N’importe quoi", "Adresse"])
    def test_an_answer_outside_the_list_is_refused(self, office: Office, answer: str) -> None:
        item = office.read(DOUBTFUL)
        refused = office.do("answers", item, **{"reponse-0": answer})
        assert refused.status_code == 422
        assert "Choisissez dans la liste" in refused.content.decode()
        item.refresh_from_db()
        assert item.status == ImportStatus.ASKING

    def test_one_column_cannot_be_two(self, office: Office) -> None:
        rows = [[*row, "autre"] for row in ROWS]
        item = office.read({"Organismes": [[*HEADINGS, "Qqwx"], *rows]})
        refused = office.do("answers", item, **{"reponse-0": "Courriel", "reponse-1": "Courriel"})
        assert refused.status_code == 422
        assert "est déjà cette colonne" in refused.content.decode()

    def test_a_column_guessed_without_certainty_is_confirmed(self, office: Office, monkeypatch: Any) -> None:
        from registry.workbook import headings

        real = headings.assign

        def unsure(*args: Any, **kwargs: Any) -> Any:
            return [
                headings.Heading(item.position, item.written, item.canonical, SURE - 0.1)
                if item.canonical == "Type de partenaire"
                else item
                for item in real(*args, **kwargs)
            ]

        monkeypatch.setattr(headings, "assign", unsure)
        item = office.read({"Organismes": [["Code", "NOM", "Type de partenaire"], *[row[:3] for row in ROWS]]})
        assert [(doubt["heading"], doubt["guess"]) for doubt in item.doubts] == [("Type de partenaire",) * 2]
        assert '<option value="Type de partenaire" selected>' in office.page(item)

    def test_a_sheet_that_is_not_recognised(self, office: Office) -> None:
        item = office.read(UNKNOWN)
        assert questions(item) == [("Organismes", "Zzyx"), ("Bzz", "")]
        assert "Kwnom" in office.page(item)
        office.do("answers", item, **{"reponse-0": "", "reponse-1": "Organismes"})
        item = work(item)
        assert item.status == ImportStatus.ASKING  # now that the sheet is known, its columns are asked
        asked = [doubt for doubt in item.doubts if not doubt["answered"]]
        assert {doubt["sheet"] for doubt in asked} == {"Bzz"}
        known = {"Kcode": "Code", "Kwnom": "Nom", "Kwtype": "Type de partenaire"}
        answers = [known.get(doubt["heading"], doubt["guess"]) for doubt in item.doubts]
        office.do("answers", item, **{f"reponse-{number}": answer for number, answer in enumerate(answers)})
        item = work(item)
        assert (item.status, item.counts["added"]) == (ImportStatus.PREVIEW, 2)

    def test_a_sheet_may_be_left_aside(self, office: Office) -> None:
        item = office.read(UNKNOWN)
        office.do("answers", item, **{"reponse-0": "", "reponse-1": ""})
        item = work(item)
        assert item.status == ImportStatus.PREVIEW
        assert [ignored["sheet"] for ignored in item.report["ignored_sheets"]] == ["Bzz"]

    def test_a_page_of_notes_is_no_table(self, office: Office) -> None:
        item = office.read({**DOUBTFUL, "Lisez-moi": [["Mis à jour par Annie le 3 novembre"], ["Merci!"]]})
        assert questions(item) == [("Organismes", "Zzyx")]


class TestMemory:
    def answered(self, office: Office) -> None:
        item = office.read(UNKNOWN)
        office.do("answers", item, **{"reponse-0": "Courriel", "reponse-1": ""})
        work(item)

    def test_the_same_layout_asks_nothing(self, office: Office) -> None:
        self.answered(office)
        item = office.read(
            {**UNKNOWN, "Organismes": [HEADINGS, ["ORG001", "CLSC de la Rive", "CLSC", "neuf@rive.example.org"]]}
        )
        assert item.status == ImportStatus.PREVIEW
        assert "neuf@rive.example.org</ins>" in office.page(item)

    def test_one_of_its_sheets_alone_asks_nothing(self, office: Office) -> None:
        self.answered(office)
        assert office.read(DOUBTFUL).status == ImportStatus.PREVIEW

    def test_another_layout_asks_again(self, office: Office) -> None:
        self.answered(office)
        assert office.read({"Organismes": [[*HEADINGS[:3], "Zzyw"], *ROWS]}).status == ImportStatus.ASKING

    def test_a_wrong_answer_can_be_corrected(self, office: Office) -> None:
        self.answered(office)
        item = office.read(DOUBTFUL)
        office.do("review", item)
        item.refresh_from_db()
        assert item.status == ImportStatus.ASKING
        assert '<option value="Courriel" selected>' in office.page(item)
        office.do("answers", item, **{"reponse-0": ""})
        assert work(item).counts["changed"] == 0
        again = office.read(DOUBTFUL)
        assert (again.status, again.counts["changed"]) == (ImportStatus.PREVIEW, 0)

    def test_one_row_per_layout(self, office: Office) -> None:
        self.answered(office)
        before = SheetLayout.objects.count()
        office.read(UNKNOWN)
        assert SheetLayout.objects.count() == before == 2
