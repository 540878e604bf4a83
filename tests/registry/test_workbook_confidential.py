"""The address of a shelter goes in by the workbook, and never comes out by it: no report, log, revision or export."""

from __future__ import annotations

import io
import json
from decimal import Decimal

import pytest
from django.core.management import call_command
from wagtail.models import ModelLogEntry, Revision

from registry import actions
from registry.models import ConfidentialAddress, Location
from registry.workbook import apply, summary, writer
from registry.workbook.apply import ApplyConflict

from .workbook_tools import bring_in, compute, counts, rows_of, sheet, small_network, warned, write

pytestmark = pytest.mark.django_db

HEADINGS = [
    "Code", "Organisme", "Nom du lieu", "Adresse", "Municipalité", "Code postal", "Latitude", "Longitude",
    "Adresse confidentielle",
]  # fmt: skip
STREET, POSTAL = "777, rue de la Sentinelle", "G1R 7Z7"
SENTINELS = ("Sentinelle", "G1R 7Z7", "G1R7Z7", "46.777", "71.777")
HIDDEN = ["LIE777", "ORG002", "Maison", STREET, "Québec", POSTAL, 46.7777, -71.7777, "Oui"]


def lines(*rows: list) -> dict[str, list[list]]:
    return {"Lieux": [HEADINGS, *rows]}


def changed(row: list, **values) -> list:
    places = {"address": 3, "municipality": 4, "postal": 5, "latitude": 6, "longitude": 7, "flag": 8}
    row = list(row)
    for name, value in values.items():
        row[places[name]] = value
    return row


def assert_nowhere(*texts: object) -> None:
    kept = [
        *(json.dumps(revision.content) + revision.object_str for revision in Revision.objects.all()),
        *(json.dumps(entry.data) + entry.label for entry in ModelLogEntry.objects.all()),
        *map(repr, Location.all_objects.values()),
        *map(str, texts),
    ]
    for text in kept:
        assert not [sentinel for sentinel in SENTINELS if sentinel in text]


@pytest.fixture
def network():
    small_network()


@pytest.fixture
def shelter(network, tmp_path):
    bring_in(tmp_path, lines(HIDDEN))
    return Location.objects.get(code="LIE777")


class TestComingIn:
    def test_the_address_goes_to_its_own_table_alone(self, network, tmp_path):
        found = bring_in(tmp_path, lines(HIDDEN))
        location = Location.objects.get(code="LIE777")
        assert (location.is_confidential, location.address, location.municipality) == (True, "", "Québec")
        kept = location.confidential_address
        assert (kept.address, kept.postal_code, kept.latitude) == (STREET, POSTAL, Decimal("46.777700"))
        assert_nowhere(json.dumps(found.as_report()), summary.of(found), repr(found))

    def test_a_second_import_changes_nothing(self, shelter, tmp_path):
        assert counts(compute(tmp_path, lines(HIDDEN))) == {"added": 0, "changed": 0, "unchanged": 1, "rejected": 0}

    def test_a_new_value_shows_as_changed_without_old_or_new(self, shelter, tmp_path):
        found = bring_in(tmp_path, lines(changed(HIDDEN, address="778, rue de la Sentinelle")))
        assert sheet(found, "Lieux")["changed"] == [
            {"row": 2, "code": "LIE777", "fields": {"Adresse": ["(confidentiel)", "modifié"]}}
        ]
        assert ConfidentialAddress.objects.get().address == "778, rue de la Sentinelle"
        entries = ModelLogEntry.objects.for_instance(shelter).order_by("pk").values_list("action", flat=True)
        assert list(entries) == ["wagtail.create", "registry.confidential_address"]
        assert_nowhere(json.dumps(found.as_report()), summary.of(found), repr(found))

    @pytest.mark.parametrize("marker", ["(confidentiel)", "(Confidentiel) ", "", "   ", None])
    def test_the_marker_or_a_blank_means_unchanged(self, shelter, tmp_path, marker):
        row = changed(HIDDEN, address=marker, postal=marker, latitude=marker, longitude=marker)
        assert counts(compute(tmp_path, lines(row)))["unchanged"] == 1

    def test_what_cannot_be_read_is_told_without_being_repeated(self, shelter, tmp_path):
        row = changed(HIDDEN, postal="G1R777 Sentinelle", latitude="46.777 nord", address="@cmd Sentinelle <b>x</b>")
        found = bring_in(tmp_path, lines(row))
        report = sheet(found, "Lieux")
        assert set(warned(report)) == {
            (2, "code_postal_invalide"), (2, "coordonnees_invalides"), (2, "injection_formule"), (2, "html"),
        }  # fmt: skip
        assert {item["value"] for item in report["warnings"]} == {"(confidentiel)"}
        assert_nowhere(json.dumps(report), summary.of(found))

    def test_a_new_place_with_the_same_warnings(self, network, tmp_path):
        found = bring_in(tmp_path, lines(changed(HIDDEN, postal="G1R777 Sentinelle", latitude=46.777, longitude="")))
        assert_nowhere(json.dumps(found.as_report()), summary.of(found))

    def test_yes_or_no_unreadable_is_confidential_by_prudence(self, network, tmp_path):
        found = bring_in(tmp_path, lines(changed(HIDDEN, flag="?? demander")))
        assert warned(sheet(found, "Lieux")) == [(2, "booleen_ambigu")]
        assert Location.objects.get(code="LIE777").is_confidential
        assert_nowhere(json.dumps(found.as_report()))


class TestFromPublicToConfidential:
    @pytest.fixture
    def public(self, network):
        location = Location(code="LIE777", organization_id=Location.objects.get().organization_id, name="Maison",
                            address=STREET, postal_code=POSTAL, municipality="Québec", latitude=Decimal("46.7777"),
                            longitude=Decimal("-71.7777"))  # fmt: skip
        actions.create(None, location)
        actions.edit(None, Location.objects.get(code="LIE777"))
        return location

    ROW = changed(HIDDEN, address="")

    def test_the_address_leaves_the_record_and_all_its_history(self, public, tmp_path):
        assert any("Sentinelle" in json.dumps(revision.content) for revision in Revision.objects.all())
        row = ["LIE777", "ORG001", "Maison", "", "Québec", "", "", "", "Oui"]
        found = bring_in(tmp_path, lines(row))
        assert sheet(found, "Lieux")["changed"][0]["fields"] == {"Adresse confidentielle": ["Non", "Oui"]}
        location = Location.objects.get(code="LIE777")
        assert (location.is_confidential, location.address, location.latitude) == (True, "", None)
        assert location.confidential_address.address == STREET
        assert location.confidential_address.latitude == Decimal("46.777700")
        assert location.revisions.count() == 3
        assert_nowhere(json.dumps(found.as_report()), summary.of(found))

    def test_with_a_new_address_neither_is_shown(self, public, tmp_path):
        row = ["LIE777", "ORG001", "Maison", "9, rue de la Sentinelle", "Québec", POSTAL, 46.7777, -71.7777, "x"]
        found = bring_in(tmp_path, lines(row))
        assert sheet(found, "Lieux")["changed"][0]["fields"] == {
            "Adresse": ["(confidentiel)", "modifié"], "Adresse confidentielle": ["Non", "Oui"],
        }  # fmt: skip
        assert Location.objects.get(code="LIE777").confidential_address.address == "9, rue de la Sentinelle"
        assert_nowhere(json.dumps(found.as_report()), summary.of(found))


class TestFromConfidentialToPublic:
    @pytest.mark.parametrize("answer", ["Non", "0", "n"])
    def test_a_workbook_never_makes_a_place_public(self, shelter, tmp_path, answer):
        found = bring_in(tmp_path, lines(changed(HIDDEN, flag=answer)))
        assert warned(sheet(found, "Lieux")) == [(2, "confidentialite_conservee")]
        assert Location.objects.get(code="LIE777").is_confidential
        assert_nowhere(json.dumps(found.as_report()))

    def test_a_blank_says_nothing(self, shelter, tmp_path):
        assert warned(sheet(bring_in(tmp_path, lines(changed(HIDDEN, flag=""))), "Lieux")) == []
        assert Location.objects.get(code="LIE777").is_confidential

    def test_nor_does_a_workbook_without_the_column(self, shelter, tmp_path):
        row = HIDDEN[:-1]
        found = bring_in(
            tmp_path, {"Lieux": [HEADINGS[:-1], changed([*row, ""], address="8, rue de la Sentinelle")[:-1]]}
        )
        assert sheet(found, "Lieux")["changed"][0]["fields"] == {"Adresse": ["(confidentiel)", "modifié"]}
        assert_nowhere(json.dumps(found.as_report()))


class TestGoingOut:
    def test_the_export_says_confidential_in_the_four_columns(self, shelter, tmp_path):
        writer.export(tmp_path / "export.xlsx")
        headings, *rows = rows_of(tmp_path / "export.xlsx", "Lieux")
        row = dict(zip(headings, next(row for row in rows if row[0] == "LIE777"), strict=True))
        assert [row[name] for name in ("Adresse", "Code postal", "Latitude", "Longitude")] == ["(confidentiel)"] * 4
        assert row["Municipalité"] == "Québec"
        everything = io.StringIO()
        for name in ("Organismes", "Lieux", "Services", "Contacts"):
            everything.write(repr(rows_of(tmp_path / "export.xlsx", name)))
        assert_nowhere(everything.getvalue())

    def test_our_export_imported_again_changes_nothing(self, shelter, tmp_path):
        writer.export(tmp_path / "export.xlsx")
        call_command("import_workbook", str(tmp_path / "export.xlsx"), apply=True, stdout=io.StringIO())
        assert Location.objects.get(code="LIE777").confidential_address.address == STREET

    def test_the_terminal_shows_nothing(self, network, tmp_path):
        path = write(tmp_path / "c.xlsx", lines(HIDDEN, changed(HIDDEN, flag="?")))
        out, err = io.StringIO(), io.StringIO()
        call_command("import_workbook", str(path), apply=True, report=str(tmp_path / "r.json"), stdout=out, stderr=err)
        assert_nowhere(out.getvalue(), err.getvalue(), (tmp_path / "r.json").read_text())

    def test_a_conflict_names_the_field_alone(self, shelter, tmp_path):
        found = compute(tmp_path, lines(changed(HIDDEN, address="9, rue de la Sentinelle")))
        ConfidentialAddress.objects.update(address="10, rue de la Sentinelle")
        with pytest.raises(ApplyConflict, match="« Adresse »") as caught:
            apply.apply(found)
        assert_nowhere(str(caught.value), repr(caught.value))
