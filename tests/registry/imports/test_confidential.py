"""An address that protects somebody is nowhere in an import: page, line, sample, report, log or message."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core import serializers
from django.urls import reverse
from openpyxl import load_workbook

from registry import actions
from registry.models import (
    ConfidentialAddress,
    ImportLine,
    ImportStatus,
    LineKind,
    Location,
    Organization,
    SheetLayout,
    WorkbookImport,
)

from .conftest import Office, ours, work

SENTINEL = "9876, rue de la Sentinelle"
POSTAL, LATITUDE, LONGITUDE = "G5V 8Z9", 47.123456, -71.654321
SECRETS = (SENTINEL, "Sentinelle", POSTAL, "G5V8Z9", "47.123456", "47,123456", "71.654321", "71,654321")
HEADINGS = [
    "Code", "Organisme", "Nom du lieu", "Adresse", "Municipalité", "Code postal", "Latitude", "Longitude",
    "Adresse confidentielle",
]  # fmt: skip


def place(code: str, name: str, flag: str, organization: str = "ORG002") -> list[Any]:
    return [code, organization, name, SENTINEL, "Québec", POSTAL, LATITUDE, LONGITUDE, flag]


SHELTERS = {
    "Lieux": [
        HEADINGS,
        place("LIE050", "Maison A", "Oui"),
        place("LIE051", "Maison B", "je ne sais pas"),  # by prudence
        place("LIE052", "Maison C", "Oui", "ORG999"),  # rejected: no such organization
        place("LIE053", "", "x"),  # rejected: no name
        ["LIE060", "ORG001", "Clinique", "15, rue du Pont", "Québec", "G1K 0G9", None, None, "Non"],
    ]
}


def everything_kept() -> str:
    """All that the database holds of imports."""
    rows: list[Any] = [*WorkbookImport.objects.all(), *ImportLine.objects.all(), *SheetLayout.objects.all()]
    return serializers.serialize("json", rows)


def report_of(office: Office, item: WorkbookImport) -> str:
    book = load_workbook(BytesIO(office.client.get(reverse("importations:report", args=[item.pk])).content))
    return " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


def nothing_shows(office: Office, item: WorkbookImport, caplog: pytest.LogCaptureFixture, capsys: Any) -> None:
    seen = [
        everything_kept(),
        report_of(office, item),
        office.client.get(reverse("importations:index")).content.decode(),
    ]
    for kind in ("", "ajout", "changement", "rejet", "avertissement"):
        seen.append(office.page(item, f"?sorte={kind}"))
    seen.append(str(office.client.get(reverse("importations:progress", args=[item.pk])).json()))
    seen += [caplog.text, *capsys.readouterr()]
    for secret in SECRETS:
        assert not any(secret in text for text in seen), secret


@pytest.fixture
def shelter(network: None) -> Location:
    location = Location(code="LIE040", organization=Organization.objects.get(code="ORG002"), name="Refuge du Nord")
    location.is_confidential = True
    actions.create(
        None, location, hidden_address={"address": SENTINEL, "postal_code": POSTAL, "latitude": None, "longitude": None}
    )
    return location


class TestNowhere:
    def test_new_places(self, office: Office, caplog: pytest.LogCaptureFixture, capsys: Any) -> None:
        item = office.read(SHELTERS)
        assert item.status == ImportStatus.PREVIEW
        assert (item.counts["added"], item.counts["rejected"]) == (3, 2)
        nothing_shows(office, item, caplog, capsys)
        assert "(confidentiel)" in office.page(item)
        item = office.apply(item)
        assert item.status == ImportStatus.APPLIED
        nothing_shows(office, item, caplog, capsys)
        assert ConfidentialAddress.objects.get(location__code="LIE050").address == SENTINEL
        assert Location.objects.get(code="LIE060").address == "15, rue du Pont"

    def test_a_rejected_row_comes_back_without_it(self, office: Office) -> None:
        item = office.read(SHELTERS)
        rejected = item.lines.filter(kind=LineKind.REJECTED).order_by("row")
        assert [line.label for line in rejected] == ["LIE052", "LIE053"]
        for line in rejected:
            assert line.cells[3] == line.cells[5] == line.cells[6] == line.cells[7] == "(confidentiel)"
            assert line.cells[4] == "Québec"

    def test_a_public_rejected_row_keeps_its_address(self, office: Office) -> None:
        row = ["LIE070", "ORG999", "Clinique", "15, rue du Pont", "Québec", "G1K 0G9", None, None, "Non"]
        item = office.read({"Lieux": [HEADINGS, row]})
        assert item.lines.get().cells[3] == "15, rue du Pont"

    def test_a_new_address_for_a_confidential_place(
        self, office: Office, shelter: Location, caplog: pytest.LogCaptureFixture, capsys: Any
    ) -> None:
        ConfidentialAddress.objects.filter(location=shelter).update(address="ancienne Sentinelle")
        item = office.read({"Lieux": [HEADINGS, place("LIE040", "Refuge du Nord", "")]})
        line = item.lines.get(kind=LineKind.CHANGED)
        assert line.fields["Adresse"] == ["(confidentiel)", "modifié"]
        nothing_shows(office, item, caplog, capsys)
        item = office.apply(item)
        assert ConfidentialAddress.objects.get(location=shelter).address == SENTINEL

    def test_a_secret_that_moved_meanwhile_is_not_overwritten_unseen(self, office: Office, shelter: Location) -> None:
        item = office.read(
            {"Lieux": [HEADINGS, ["LIE040", "ORG002", "Refuge du Nord", "8, rue Neuve", "", "", "", "", "Oui"]]}
        )
        actions.set_confidential_address(None, shelter, address="1, rue du Collègue")
        item = office.apply(item)
        assert item.status == ImportStatus.PREVIEW
        assert item.notice
        assert ConfidentialAddress.objects.get(location=shelter).address == "1, rue du Collègue"

    @pytest.mark.parametrize("by", ["LIE040", ""], ids=["by its code", "by its name"])
    def test_a_known_shelter_without_the_flag_column(
        self, office: Office, shelter: Location, by: str, caplog: pytest.LogCaptureFixture, capsys: Any
    ) -> None:
        rows = [place(by, "Refuge du Nord", ""), place(by, "Refuge du Nord", "")]  # twice: the second is rejected
        item = office.read({"Lieux": [HEADINGS[:-1], *[row[:-1] for row in rows]]})
        assert item.counts["rejected"] == (1 if by else 0) or item.counts["added"]
        rejected = item.lines.filter(kind=LineKind.REJECTED)
        assert all("Sentinelle" not in str(line.cells) for line in rejected)

    def test_a_place_that_becomes_confidential_leaves_nothing_in_earlier_previews(
        self, office: Office, caplog: pytest.LogCaptureFixture, capsys: Any
    ) -> None:
        public = place("LIE080", "Maison Z", "Non")
        rejected = place("LIE081", "Maison Z", "Non", "ORG999")
        item = office.apply(office.read({"Lieux": [HEADINGS, public, rejected]}))
        moved = [*public[:3], SENTINEL + " bis", *public[4:]]
        later = office.read({"Lieux": [HEADINGS, moved]})
        assert "Sentinelle" in everything_kept()
        actions.hide_address(None, Location.objects.get(code="LIE080"))
        nothing_shows(office, item, caplog, capsys)
        nothing_shows(office, later, caplog, capsys)


class TestSamples:
    def ask(self, office: Office, sheets: Any) -> str:
        item = office.read(sheets)
        assert item.status == ImportStatus.ASKING
        assert "Sentinelle" not in everything_kept()
        assert POSTAL not in everything_kept()
        return office.page(item)

    def test_of_an_address_under_a_strange_heading(self, office: Office) -> None:
        headings = [*HEADINGS[:3], "Qqwx", "Zzyx", "Adresse confidentielle"]
        rows = [
            ["LIE050", "ORG002", "Maison A", SENTINEL, POSTAL, "Oui"],
            ["LIE051", "ORG002", "Maison B", "", "", "Non"],
        ]
        page = self.ask(office, {"Lieux": [headings, *rows]})
        assert "Exemples non montrés" in page

    def test_of_free_text_beside_a_confidential_place(self, office: Office) -> None:
        """« Derrière l’épicerie » is an address too: nothing of such a row is shown, save from public rows."""
        headings = [*HEADINGS[:3], "Qqwx", "Adresse confidentielle"]
        rows = [
            ["LIE050", "ORG002", "Maison A", "Derrière la Sentinelle", "Oui"],
            ["LIE051", "ORG002", "Maison B", "Au coin de la Sentinelle", ""],
            ["LIE052", "ORG001", "Clinique", "Entrée par le stationnement", "Non"],
        ]
        assert "Entrée par le stationnement" in self.ask(office, {"Lieux": [headings, *rows]})

    def test_of_an_address_column_of_another_sheet(self, office: Office) -> None:
        headings = ["Code", "Nom", "Type de partenaire", "Qqwx"]
        page = self.ask(office, {"Organismes": [headings, ["ORG002", "Le Refuge", "Maison d'hébergement", SENTINEL]]})
        assert "Exemples non montrés" in page

    def test_of_an_unknown_sheet_only_headings_are_shown(self, office: Office) -> None:
        sheet = [["Kwx", "Qqz"], ["Maison A", SENTINEL], ["Maison B", SENTINEL]]
        page = self.ask(office, {"Bzz": sheet, "Organismes": [["Code", "Nom", "Type de partenaire"]]})
        assert "Kwx" in page and "Maison A" not in page


def test_ours_holds_templates_to_the_rule() -> None:
    """The check that every page above goes through does see an undefined variable."""
    with pytest.raises(AssertionError):
        ours('<div class="admin imports">UNDEFINED TEMPLATE VARIABLE x</main>')


def test_work_does_nothing_where_nothing_waits(office: Office) -> None:
    item = office.read(SHELTERS)
    assert work(item).status == ImportStatus.PREVIEW
