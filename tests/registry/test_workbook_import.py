"""A workbook against the network: what it would change, what it changes, what it must leave alone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from wagtail.models import ModelLogEntry

from registry.enums import SynonymKind
from registry.models import Contact, Location, Need, NeedSynonym, Organization, Service, ServiceNeed, Territory
from registry.workbook import apply, diff, writer
from registry.workbook.apply import ApplyConflict

from .workbook_tools import FIXTURE, bring_in, compute, counts, rejected, rows_of, sheet, small_network, warned

pytestmark = pytest.mark.django_db

SERVICES = ["Code", "Organisme", "Nom du service", "Téléphone"]


@pytest.fixture
def network():
    small_network()


class TestReferenceNetwork:
    @pytest.fixture
    def imported(self):
        found = diff.compute(FIXTURE)
        apply.apply(found)
        return found

    def test_everything_comes_in_and_a_second_time_changes_nothing(self, imported, tmp_path):
        assert counts(imported) == {"added": 1888, "changed": 0, "unchanged": 0, "rejected": 0}
        assert {warning.code for item in imported.sheets for warning in item.warnings} <= {"horaire_illisible"}
        assert counts(diff.compute(FIXTURE)) == {"added": 0, "changed": 0, "unchanged": 1888, "rejected": 0}
        # Our own export says the same as the file that the network came from.
        writer.export(tmp_path / "export.xlsx")
        ours = diff.compute(tmp_path / "export.xlsx")
        assert counts(ours) == {"added": 0, "changed": 0, "unchanged": 1888, "rejected": 0}
        assert not {warning.code for item in ours.sheets for warning in item.warnings} - {"horaire_illisible"}
        for name in ("Organismes", "Services", "Ententes", "Vocabulaire"):
            assert rows_of(tmp_path / "export.xlsx", name)[0] == rows_of(FIXTURE, name)[0]
        self.check_records()

    def check_records(self):
        service = Service.objects.get(code="SRV0001")
        assert service.organization.code == "ORG001"
        assert service.verified_on == dt.date(2024, 12, 23)
        assert [link.need.term for link in service.need_links.all()][:2] == [
            "Accueil, évaluation, orientation et référence", "Crise psychosociale",
        ]  # fmt: skip
        assert service.languages == ["fr", "en"]
        assert service.hours_pattern
        territory = Territory.objects.get(code="LIM")
        assert territory.parent.code == "RLS-QS"
        assert territory.postal_prefixes == ["G1J", "G1L"]
        assert Need.objects.get(term="Crise psychosociale").parent.term == "Détresse et crise"
        assert set(NeedSynonym.objects.filter(text__in=["AEOR", "psychose"]).values_list("text", "kind")) == {
            ("AEOR", SynonymKind.ACRONYM.value), ("psychose", SynonymKind.SYNONYM.value),
        }  # fmt: skip

    def test_sheets_asked_for_only(self):
        found = diff.compute(FIXTURE, ["territoires", "Vocabulaire"])
        assert {item.handler.name for item in found.sheets} == {"Territoires", "Vocabulaire"}
        assert len(found.ignored) == 7

    def test_a_sheet_that_does_not_exist(self):
        with pytest.raises(diff.UnknownSheet, match="Organismes"):
            diff.compute(FIXTURE, ["Organisme et tutti quanti"])


class TestDiff:
    def test_a_change_shows_field_by_field(self, network, tmp_path):
        found = compute(
            tmp_path, {"Services": [SERVICES, ["SRV0001", "ORG001", "Accueil psychosocial", "(418) 555-0199"]]}
        )
        assert sheet(found, "Services")["changed"] == [
            {"row": 2, "code": "SRV0001", "fields": {"Téléphone": ["418-555-0101", "418-555-0199"]}}
        ]

    def test_a_dry_run_writes_nothing(self, network, tmp_path):
        compute(tmp_path, {"Services": [SERVICES, ["SRV0001", "ORG001", "Accueil psychosocial", "(418) 555-0199"]]})
        assert Service.objects.get(code="SRV0001").phone == "418-555-0101"
        assert not ModelLogEntry.objects.exists()

    def test_a_missing_column_leaves_the_field_and_a_blank_cell_clears_it(self, network, tmp_path):
        found = bring_in(tmp_path, {"Services": [SERVICES, ["SRV0001", "ORG001", "Accueil psychosocial", ""]]})
        assert sheet(found, "Services")["changed"][0]["fields"] == {"Téléphone": ["418-555-0101", ""]}
        service = Service.objects.get(code="SRV0001")
        assert (service.phone, service.age_min, service.visibility) == ("", 18, "publique")

    def test_absent_records_are_counted_and_left_alone(self, network, tmp_path):
        found = bring_in(tmp_path, {"Services": [SERVICES, ["SRV0001", "ORG001", "Accueil psychosocial", ""]]})
        assert sheet(found, "Services")["absent"] == 1
        assert Service.objects.filter(code="SRV0002").exists()

    def test_typography_is_not_a_change(self, network, tmp_path):
        Service.objects.filter(code="SRV0001").update(name="Accueil d’urgence")
        found = compute(
            tmp_path, {"Services": [SERVICES, ["srv0001 ", "ORG001", " Accueil\xa0 d'urgence", "418.555.0101"]]}
        )
        assert counts(found)["unchanged"] == 1

    def test_what_cannot_be_read_never_erases_what_is_known(self, network, tmp_path):
        found = bring_in(
            tmp_path, {"Services": [SERVICES, ["SRV0001", "ORG001", "Accueil psychosocial", "voir Josée"]]}
        )
        assert warned(sheet(found, "Services")) == [(2, "telephone_invalide")]
        assert Service.objects.get(code="SRV0001").phone == "418-555-0101"

    def test_records_are_matched_by_name_where_there_is_no_code(self, network, tmp_path):
        rows = [["Organisme", "Nom du service", "Téléphone"], ["CLSC de la Rive", "ACCUEIL PSYCHOSOCIAL", "811"]]
        found = bring_in(tmp_path, {"Services": rows})
        assert [item["code"] for item in sheet(found, "Services")["changed"]] == ["SRV0001"]
        assert Service.objects.get(code="SRV0001").phone == "811"

    def test_a_row_without_a_code_gets_one_that_nothing_refers_to(self, network, tmp_path):
        found = bring_in(tmp_path, {
            "Services": [SERVICES, ["", "ORG001", "Groupe du jeudi", ""]],
            "Contacts": [["Organisme", "Service", "Nom"], ["ORG001", "SRV0003", "Luc Roy"]],
        })  # fmt: skip
        assert sheet(found, "Services")["added"] == [{"row": 2, "code": "SRV0004"}]
        assert warned(sheet(found, "Services")) == [(2, "code_manquant")]
        # The contact's dangling reference stays dangling.
        assert warned(sheet(found, "Contacts")) == [(2, "service_introuvable_contact")]
        assert Contact.objects.get().service is None

    def test_a_sheet_may_refer_to_what_another_sheet_of_the_file_adds(self, tmp_path):
        found = bring_in(tmp_path, {
            "Services": [["Code", "Organisme", "Nom du service", "Besoins", "Territoires desservis", "Lieux"],
                         ["SRV0001", "Le Phare", "Écoute", "Écoute ; Crise", "Limoilou", "LIE001"]],
            "Lieux": [["Code", "Organisme", "Nom du lieu"], ["LIE001", "ORG001", "Siège"]],
            "Organismes": [["Code", "Nom", "Type de partenaire", "Organisme parent"],
                           ["ORG001", "Le Phare", "CLSC", "ORG002"], ["ORG002", "La Côte", "CLSC", ""]],
            "Vocabulaire": [["Terme", "Terme parent", "Synonymes"], ["Écoute", "Crise", ""], ["Crise", "", "SOS"]],
            "Territoires": [["Code", "Nom", "Type", "Parent"], ["LIM", "Limoilou", "Quartier", "QC"],
                            ["QC", "Québec", "Province", ""]],
        })  # fmt: skip
        assert counts(found) == {"added": 8, "changed": 0, "unchanged": 0, "rejected": 0}
        service = Service.objects.get()
        assert [link.need.term for link in service.need_links.all()] == ["Écoute", "Crise"]
        assert [item.code for item in service.territories.all()] == ["LIM"]
        assert [item.code for item in service.locations.all()] == ["LIE001"]
        assert Organization.objects.get(code="ORG001").parent.code == "ORG002"
        assert Need.objects.get(term="Écoute").parent.term == "Crise"
        assert Territory.objects.get(code="LIM").parent.code == "QC"

    def test_rows_that_cannot_be_imported(self, network, tmp_path):
        found = compute(tmp_path, {"Services": [
            SERVICES,
            ["SRV0010", "ORG001", "", ""],
            ["SRV0011", "ORG999", "Perdu", ""],
            ["SRV0012", "ORG001", "Gardé", ""],
            ["SRV0012", "ORG001", "Copié par erreur", ""],
            ["SRV0012", "ORG001", "Gardé", ""],
            ["TOTAL", "", "", 4],
            ["--- RIVE-SUD ---", "", "", ""],
            ["Secteur Nord", "", "", ""],
            ["", "", "", ""],
        ]})  # fmt: skip
        assert rejected(sheet(found, "Services")) == [
            (2, "nom_manquant"), (3, "organisme_introuvable"), (5, "code_en_double"), (6, "ligne_en_double"),
            (7, "ligne_total"), (8, "ligne_total"), (9, "ligne_total"),
        ]  # fmt: skip
        assert all(item["message"] for item in sheet(found, "Services")["rejected"])

    def test_two_contacts_of_one_name_are_two_people(self, network, tmp_path):
        rows = [["Organisme", "Nom", "Téléphone"], ["ORG001", "Luc Roy", "811"], ["ORG001", "Luc Roy", "911"]]
        assert counts(bring_in(tmp_path, {"Contacts": rows}))["added"] == 2
        assert counts(compute(tmp_path, {"Contacts": rows}))["unchanged"] == 2

    def test_ages_the_wrong_way_round(self, network, tmp_path):
        rows = [["Code", "Organisme", "Nom du service", "Âge min", "Âge max"],
                ["SRV0001", "ORG001", "Accueil psychosocial", 65, 12]]  # fmt: skip
        found = bring_in(tmp_path, {"Services": rows})
        assert warned(sheet(found, "Services")) == [(2, "age_invalide")]
        assert Service.objects.get(code="SRV0001").age_min == 18

    @pytest.mark.parametrize(("latitude", "longitude"), [(0, 0), (-71.2, 46.8), (46.8, ""), (48.85, 2.35)])
    def test_coordinates_that_are_not_in_quebec(self, network, tmp_path, latitude, longitude):
        rows = [["Code", "Organisme", "Nom du lieu", "Latitude", "Longitude"],
                ["LIE001", "ORG001", "Bureau principal", latitude, longitude]]  # fmt: skip
        found = bring_in(tmp_path, {"Lieux": rows})
        assert warned(sheet(found, "Lieux")) == [(2, "coordonnees_invalides")]
        assert Location.objects.get(code="LIE001").latitude is None

    def test_coordinates_as_numbers_or_text(self, network, tmp_path):
        rows = [["Code", "Organisme", "Nom du lieu", "Latitude", "Longitude"],
                ["LIE001", "ORG001", "Bureau principal", "46,8129", -71.2331]]  # fmt: skip
        bring_in(tmp_path, {"Lieux": rows})
        location = Location.objects.get(code="LIE001")
        assert (location.latitude, location.longitude) == (Decimal("46.812900"), Decimal("-71.233100"))


class TestLookalikes:
    HEADINGS = ["Code", "Nom", "Type de partenaire"]

    @pytest.mark.parametrize(
        "name",
        ["CLSC DE LA RIVE", "CLSC de la Rive inc.", "Le CLSC de la Rive (ancien)", "CLSC de la Rive – Québec",
         "Clsc  de la rivè", "CLSC de la Riive", "CLSC de la Rive Québec"],
    )  # fmt: skip
    def test_a_near_match_is_added_apart_and_told(self, tmp_path, name):
        rows = [self.HEADINGS, ["ORG001", "CLSC de la Rive", "CLSC"], ["", name, "CLSC"]]
        found = bring_in(tmp_path, {"Organismes": rows})
        assert warned(sheet(found, "Organismes")) == [(3, "code_manquant"), (3, "doublon_probable")]
        assert Organization.objects.count() == 2
        assert counts(compute(tmp_path, {"Organismes": rows})) == {
            "added": 0,
            "changed": 0,
            "unchanged": 2,
            "rejected": 0,
        }

    @pytest.mark.parametrize("name", ["CLSC de la Baie", "École 13", "CLSC de la Rive-Sud"])
    def test_another_name_is_another_organization(self, tmp_path, name):
        rows = [
            self.HEADINGS,
            ["ORG001", "CLSC de la Rive", "CLSC"],
            ["ORG002", "École 12", "CLSC"],
            ["", name, "CLSC"],
        ]
        assert warned(sheet(compute(tmp_path, {"Organismes": rows}), "Organismes")) == [(4, "code_manquant")]

    def test_a_code_of_its_own_says_that_a_row_is_itself(self, tmp_path):
        rows = [self.HEADINGS, ["ORG001", "CLSC de la Rive", "CLSC"], ["ORG002", "CLSC de la Rive", "CLSC"]]
        assert warned(sheet(compute(tmp_path, {"Organismes": rows}), "Organismes")) == []


class TestDrafts:
    def test_a_record_with_a_draft_is_never_overwritten(self, network, tmp_path):
        Service.objects.filter(code="SRV0001").update(has_unpublished_changes=True)
        found = bring_in(tmp_path, {"Services": [SERVICES, ["SRV0001", "ORG001", "Accueil psychosocial", "911"]]})
        assert rejected(sheet(found, "Services")) == [(2, "brouillon_non_publie")]
        assert Service.objects.get(code="SRV0001").phone == "418-555-0101"

    def test_a_locked_record_neither(self, network, tmp_path):
        Service.objects.filter(code="SRV0001").update(locked=True)
        found = bring_in(tmp_path, {"Services": [SERVICES, ["SRV0001", "ORG001", "Accueil psychosocial", "911"]]})
        assert rejected(sheet(found, "Services")) == [(2, "fiche_verrouillee")]

    def test_a_row_that_says_the_same_as_the_record_is_no_trouble(self, network, tmp_path):
        Service.objects.filter(code="SRV0001").update(has_unpublished_changes=True)
        rows = [SERVICES, ["SRV0001", "ORG001", "Accueil psychosocial", "418-555-0101"]]
        assert counts(compute(tmp_path, {"Services": rows}))["unchanged"] == 1


class TestNetworkThatMoves:
    ROWS = [SERVICES, ["SRV0002", "ORG002", "Hébergement", "811"], ["SRV0001", "ORG001", "Accueil psychosocial", "911"]]

    def test_a_field_changed_meanwhile_stops_everything(self, network, tmp_path):
        found = compute(tmp_path, {"Services": self.ROWS})
        Service.objects.filter(code="SRV0001").update(phone="418-555-0155")
        with pytest.raises(ApplyConflict, match=r"ligne 3 \(SRV0001\) : le champ « Téléphone »"):
            apply.apply(found)
        assert Service.objects.get(code="SRV0002").phone == ""
        assert not ModelLogEntry.objects.exists()

    def test_another_field_changed_meanwhile_is_kept(self, network, tmp_path):
        found = compute(tmp_path, {"Services": self.ROWS})
        Service.objects.filter(code="SRV0001").update(fees="Gratuit")
        apply.apply(found)
        service = Service.objects.get(code="SRV0001")
        assert (service.phone, service.fees) == ("911", "Gratuit")

    def test_a_draft_begun_meanwhile(self, network, tmp_path):
        found = compute(tmp_path, {"Services": self.ROWS})
        Service.objects.filter(code="SRV0001").update(has_unpublished_changes=True)
        with pytest.raises(ApplyConflict, match="brouillon"):
            apply.apply(found)

    def test_a_record_deleted_meanwhile(self, network, tmp_path):
        found = compute(tmp_path, {"Services": self.ROWS})
        Service.objects.filter(code="SRV0001").delete()
        with pytest.raises(ApplyConflict, match="supprimée"):
            apply.apply(found)

    def test_a_record_added_meanwhile(self, network, tmp_path):
        rows = [SERVICES, ["", "ORG001", "Groupe du jeudi", ""]]
        found = compute(tmp_path, {"Services": rows})
        apply.apply(compute(tmp_path, {"Services": rows}))
        with pytest.raises(ApplyConflict, match="ajoutée"):
            apply.apply(found)
        assert Service.objects.filter(name="Groupe du jeudi").count() == 1

    def test_what_a_row_refers_to_deleted_meanwhile(self, network, tmp_path):
        found = compute(tmp_path, {"Contacts": [["Organisme", "Service", "Nom"], ["ORG002", "SRV0002", "Luc Roy"]]})
        Service.objects.filter(code="SRV0002").delete()
        with pytest.raises(ApplyConflict, match="SRV0002"):
            apply.apply(found)
        assert not Contact.objects.exists()


class TestRights:
    def test_a_stranger_imports_nothing(self, network, tmp_path):
        found = compute(tmp_path, {"Services": TestNetworkThatMoves.ROWS})
        with pytest.raises(PermissionDenied):
            apply.apply(found, user=AnonymousUser())
        assert Service.objects.get(code="SRV0002").phone == ""


class TestVocabulary:
    def test_existing_kinds_and_their_order_are_kept(self, tmp_path):
        need = Need.all_objects.create(term="Crise", live=True)
        NeedSynonym.objects.create(need=need, text="péter sa coche", kind=SynonymKind.LAY, sort_order=0)
        NeedSynonym.objects.create(need=need, text="SOS", kind=SynonymKind.ACRONYM, sort_order=1)
        bring_in(tmp_path, {"Vocabulaire": [["Terme", "Synonymes"], ["crise", "urgence ; péter sa coche"]]})
        assert list(Need.objects.get().synonyms.values_list("text", "kind")) == [
            ("urgence", SynonymKind.SYNONYM.value), ("péter sa coche", SynonymKind.LAY.value),
        ]  # fmt: skip
        # A term spelled otherwise is the same term: services keep pointing to it.
        assert Need.objects.get().term == "Crise"

    def test_the_order_of_needs_is_that_of_the_cell(self, network, tmp_path):
        headings = ["Code", "Organisme", "Nom du service", "Besoins"]
        for needs in ("Crise psychosociale ; Écoute téléphonique", "Écoute téléphonique ; Crise psychosociale"):
            bring_in(tmp_path, {"Services": [headings, ["SRV0001", "ORG001", "Accueil psychosocial", needs]]})
            links = ServiceNeed.objects.filter(service__code="SRV0001").order_by("sort_order")
            assert " ; ".join(link.need.term for link in links) == needs


class TestExport:
    def test_formulas_are_neutralised_and_come_back_as_they_were(self, network, tmp_path):
        Service.objects.filter(code="SRV0001").update(
            referral_procedure="=2+5+cmd|' /C calc'!A0", fees="'-5 $", required_documents="-fermé l’été"
        )
        Organization.objects.filter(code="ORG001").update(other_names=["@rive", "+rive"])
        writer.export(tmp_path / "export.xlsx")
        headings, *rows = rows_of(tmp_path / "export.xlsx", "Services")
        row = dict(zip(headings, next(row for row in rows if row[0] == "SRV0001"), strict=True))
        assert row["Procédure de référence"] == "'=2+5+cmd|' /C calc'!A0"
        assert row["Documents requis"] == "'-fermé l’été"
        assert row["Frais"] == "''-5 $"
        found = diff.compute(tmp_path / "export.xlsx")
        assert counts(found)["changed"] == 0
        assert sheet(found, "Services")["warnings"] == []

    def test_dates_are_dates_and_drafts_stay_home(self, network, tmp_path):
        Service.objects.filter(code="SRV0001").update(verified_on=dt.date(2026, 3, 17))
        Service.objects.filter(code="SRV0002").update(live=False)
        writer.export(tmp_path / "export.xlsx")
        headings, *rows = rows_of(tmp_path / "export.xlsx", "Services")
        assert [row[0] for row in rows] == ["SRV0001"]
        assert rows[0][headings.index("Dernière vérification")] == dt.datetime(2026, 3, 17)
