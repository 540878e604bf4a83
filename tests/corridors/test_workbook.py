"""The sheets of the ententes: declared words kept, typed fields derived, the system's status never overruled."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from corridors.enums import Channel, Direction, InstrumentType, Modality, PartyRole, RenewalKind
from corridors.models import Agreement, Obligation, ServiceCorridor
from corridors.state import state_at
from corridors.workbook.agreements import instrument_of, modalities_of, renewal_of
from corridors.workbook.corridors import channel_of
from registry.workbook import apply, diff, writer
from tests.registry.workbook_tools import (
    FIXTURE,
    bring_in,
    compute,
    counts,
    rejected,
    rows_of,
    sheet,
    small_network,
    warned,
)

pytestmark = pytest.mark.django_db

AGREEMENTS = [
    "Numéro",
    "Titre",
    "Type",
    "Parties",
    "Modalité",
    "Statut",
    "Entrée en vigueur",
    "Échéance",
    "Renouvellement",
]
ROW = ["ENT-2026-001", "Accueil", "Entente de service", "ORG001 (CSSS) ; Le Refuge (partenaire)",
       "Présence physique et corridor", "En vigueur", dt.date(2026, 1, 1), dt.date(2027, 1, 1),
       "Automatique d'année en année"]  # fmt: skip
CORRIDORS = ["Code", "Entente", "Service d'origine", "Service de destination", "Direction", "Mécanisme",
             "Délai urgent (heures)", "Disponibilité", "Corridor de relève"]  # fmt: skip
WAY = [
    "COR001",
    "ENT-2026-001",
    "SRV0001",
    "SRV0002",
    "Bidirectionnel",
    "Transfert téléphonique à chaud",
    24,
    "24/7",
    "",
]


@pytest.fixture
def network():
    small_network()


@pytest.fixture
def agreement(network, tmp_path):
    bring_in(tmp_path, {"Ententes": [AGREEMENTS, ROW]})
    return Agreement.objects.get()


def altered(row: list, **places) -> list:
    row = list(row)
    for place, value in places.items():
        row[int(place.lstrip("c"))] = value
    return row


class TestWords:
    @pytest.mark.parametrize(
        ("words", "kind"),
        [("Tacite reconduction", RenewalKind.TACIT), ("Automatique d'année en année", RenewalKind.TACIT),
         ("à renégocier ", RenewalKind.EXPRESS), ("AUCUN", RenewalKind.NONE), ("on verra", "")],
    )  # fmt: skip
    def test_renewal(self, words, kind):
        assert renewal_of(words) == kind

    @pytest.mark.parametrize(
        ("words", "found"),
        [("Présence physique et corridor", [Modality.PRESENCE, Modality.CORRIDOR]), ("Corridor", [Modality.CORRIDOR]),
         ("Présence physique ; Collaboration ponctuelle", [Modality.PRESENCE, Modality.OCCASIONAL]), ("au besoin", [])],
    )  # fmt: skip
    def test_modalities(self, words, found):
        assert modalities_of(words) == found

    def test_instrument(self):
        assert instrument_of("LETTRE D’ENTENTE") == InstrumentType.LETTER

    @pytest.mark.parametrize(
        ("label", "channel"),
        [("Autoréférence avec numéro prioritaire", Channel.PRIORITY_LINE),
         ("Formulaire unique transmis par courriel sécurisé", Channel.EMAIL_FORM),
         ("Référence personnalisée : l'intervenant accompagne la personne", Channel.ACCOMPANIMENT),
         ("Transfert téléphonique à chaud", Channel.WARM_TRANSFER), ("Télécopie au guichet", Channel.FAX),
         ("Appel de liaison puis formulaire dans les 48 heures", Channel.CALL_THEN_FORM),
         ("Rencontre de cas aux deux semaines", Channel.CASE_MEETING), ("Pigeon", Channel.OTHER)],
    )  # fmt: skip
    def test_channel(self, label, channel):
        assert channel_of(label) == channel


class TestAgreements:
    def test_declared_words_are_kept_and_typed_fields_derived(self, agreement):
        assert agreement.declared_type == "Entente de service"
        assert agreement.instrument_type == InstrumentType.SERVICE
        assert agreement.declared_modality == "Présence physique et corridor"
        assert agreement.modalities == [Modality.PRESENCE, Modality.CORRIDOR]
        assert agreement.declared_renewal == "Automatique d'année en année"
        assert agreement.renewal == RenewalKind.TACIT
        assert agreement.declared_status == "En vigueur"
        assert agreement.ends_on == dt.date(2027, 1, 1)
        assert [(party.organization.code, party.role) for party in agreement.parties.all()] == [
            ("ORG001", PartyRole.CENTRE), ("ORG002", PartyRole.PARTNER),
        ]  # fmt: skip

    def test_the_export_writes_the_declared_words_back(self, agreement, tmp_path):
        writer.export(tmp_path / "export.xlsx")
        headings, row = rows_of(tmp_path / "export.xlsx", "Ententes")
        shown = dict(zip(headings, row, strict=True))
        assert shown["Renouvellement"] == "Automatique d'année en année"
        assert shown["Parties"] == "ORG001 (CSSS) ; ORG002 (partenaire)"
        assert counts(diff.compute(tmp_path / "export.xlsx"))["changed"] == 0

    def test_a_typed_field_changed_since_wins_over_the_old_words(self, agreement, tmp_path):
        Agreement.objects.update(renewal=RenewalKind.NONE, instrument_type=InstrumentType.PROTOCOL)
        writer.export(tmp_path / "export.xlsx")
        headings, row = rows_of(tmp_path / "export.xlsx", "Ententes")
        shown = dict(zip(headings, row, strict=True))
        assert (shown["Renouvellement"], shown["Type"]) == ("Aucun", "Protocole")

    def test_a_later_status_is_a_conflict_never_a_change(self, agreement, tmp_path):
        found = bring_in(tmp_path, {"Ententes": [AGREEMENTS, altered(ROW, c5="Résiliée")]})
        assert counts(found) == {"added": 0, "changed": 0, "unchanged": 1, "rejected": 0}
        assert warned(sheet(found, "Ententes")) == [(2, "statut_en_conflit")]
        assert Agreement.objects.get().declared_status == "En vigueur"

    def test_a_status_outside_of_the_list(self, network, tmp_path):
        rows = {"Ententes": [AGREEMENTS, altered(ROW, c5="sur la glace")]}
        assert warned(sheet(bring_in(tmp_path, rows), "Ententes")) == [(2, "statut_inconnu")]
        assert Agreement.objects.get().declared_status == "sur la glace"
        assert counts(compute(tmp_path, rows))["changed"] == 0

    def test_parties_that_cannot_be_found(self, network, tmp_path):
        rows = [AGREEMENTS, altered(ROW, c3="ORG001 (CSSS) ; ORG999 (partenaire)"),
                altered(ROW, c0="ENT-2026-002", c3="ORG998 (CSSS) ; ORG999 (partenaire)"),
                altered(ROW, c0="ENT-2026-003", c1="")]  # fmt: skip
        report = sheet(compute(tmp_path, {"Ententes": rows}), "Ententes")
        assert warned(report) == [(2, "partie_introuvable")]
        assert rejected(report) == [(3, "parties_introuvables"), (4, "nom_manquant")]

    def test_an_end_before_its_beginning(self, network, tmp_path):
        rows = [AGREEMENTS, altered(ROW, c7="2025-06-01")]
        assert warned(sheet(compute(tmp_path, {"Ententes": rows}), "Ententes")) == [(2, "echeance_avant_debut")]

    def test_without_a_number_an_entente_is_known_by_its_title_and_parties(self, network, tmp_path):
        rows = {"Ententes": [AGREEMENTS, altered(ROW, c0="")]}
        found = bring_in(tmp_path, rows)
        assert warned(sheet(found, "Ententes")) == [(2, "code_manquant")]
        assert counts(compute(tmp_path, rows)) == {"added": 0, "changed": 0, "unchanged": 1, "rejected": 0}

    def test_parties_change_in_place(self, agreement, tmp_path):
        party = agreement.parties.get(organization__code="ORG002")
        party.mandate = "Signer"
        party.save()
        bring_in(tmp_path, {"Ententes": [AGREEMENTS, altered(ROW, c3="ORG002 (partenaire) ; ORG001 (CSSS)")]})
        agreement = Agreement.objects.get()
        assert [item.organization.code for item in agreement.parties.all()] == ["ORG002", "ORG001"]
        assert agreement.parties.get(organization__code="ORG002").mandate == "Signer"


class TestCorridors:
    def test_a_corridor_with_its_mechanism_and_hours(self, agreement, tmp_path):
        bring_in(tmp_path, {"Corridors": [CORRIDORS, WAY]})
        corridor = ServiceCorridor.objects.get()
        assert (corridor.direction, corridor.urgent_delay, corridor.hours) == (Direction.BOTH_WAYS, 24, "24/7")
        assert corridor.hours_pattern
        mechanism = corridor.mechanisms.get()
        assert (mechanism.label, mechanism.channel) == ("Transfert téléphonique à chaud", Channel.WARM_TRANSFER)

    def test_a_changed_mechanism_is_the_same_record(self, agreement, tmp_path):
        bring_in(tmp_path, {"Corridors": [CORRIDORS, WAY]})
        before = ServiceCorridor.objects.get().mechanisms.get()
        before.phone = "418-555-0101"
        before.save()
        bring_in(tmp_path, {"Corridors": [CORRIDORS, altered(WAY, c5="Télécopie au guichet d'accès")]})
        after = ServiceCorridor.objects.get().mechanisms.get()
        assert (after.pk, after.channel, after.phone) == (before.pk, Channel.FAX, "418-555-0101")
        bring_in(tmp_path, {"Corridors": [CORRIDORS, altered(WAY, c5="")]})
        assert not ServiceCorridor.objects.get().mechanisms.exists()

    def test_corridors_may_relay_each_other(self, agreement, tmp_path):
        back = altered(WAY, c0="COR002", c2="SRV0002", c3="SRV0001", c8="COR001")
        bring_in(tmp_path, {"Corridors": [CORRIDORS, altered(WAY, c8="COR002"), back]})
        first, second = ServiceCorridor.objects.order_by("code")
        assert (first.fallback, second.fallback) == (second, first)
        assert first.latest_revision.content["fallback"] == second.pk

    def test_a_relay_that_is_not_there(self, agreement, tmp_path):
        rejected_relay = altered(WAY, c0="COR002", c3="SRV9999")
        found = bring_in(tmp_path, {"Corridors": [CORRIDORS, altered(WAY, c8="COR002"), rejected_relay]})
        assert warned(sheet(found, "Corridors")) == [(2, "releve_introuvable")]
        assert rejected(sheet(found, "Corridors")) == [(3, "service_introuvable")]

    def test_rows_that_cannot_be_imported(self, agreement, tmp_path):
        rows = [CORRIDORS, altered(WAY, c1="ENT-2099-001"), altered(WAY, c0="COR002", c2="SRV9000"),
                altered(WAY, c0="COR003", c3="SRV0001")]  # fmt: skip
        assert rejected(sheet(compute(tmp_path, {"Corridors": rows}), "Corridors")) == [
            (2, "entente_introuvable"), (3, "service_introuvable"), (4, "meme_service"),
        ]  # fmt: skip


class TestObligations:
    HEADINGS = ["Entente", "Partie", "Contribution attendue", "Échéance", "Fréquence", "État"]

    def test_known_by_entente_party_text_and_date(self, agreement, tmp_path):
        rows = [
            self.HEADINGS,
            ["ENT-2026-001", "Le Refuge", "Fournir un local", dt.date(2027, 1, 1), "Annuelle", "À venir"],
            ["ENT-2026-001", "ORG002", "Fournir un local", "", "En continu", "En cours"],
        ]
        assert counts(bring_in(tmp_path, {"Obligations": rows}))["added"] == 2
        rows[1][5] = "Respectée"
        found = bring_in(tmp_path, {"Obligations": rows})
        assert sheet(found, "Obligations")["changed"][0]["fields"] == {"État": ["À venir", "Respectée"]}
        assert Obligation.objects.count() == 2

    def test_rows_that_cannot_be_imported(self, agreement, tmp_path):
        rows = [
            self.HEADINGS,
            ["ENT-0000", "ORG001", "Rappeler", "", "", ""],
            ["ENT-2026-001", "ORG888", "Rappeler", "", "", ""],
            ["ENT-2026-001", "ORG001", "", "2027-01-01", "", ""],
        ]
        assert rejected(sheet(compute(tmp_path, {"Obligations": rows}), "Obligations")) == [
            (2, "entente_introuvable"), (3, "organisme_introuvable"), (4, "nom_manquant"),
        ]  # fmt: skip


def test_the_reference_ententes_keep_every_word():
    apply.apply(diff.compute(FIXTURE))
    written = {
        row[0]: dict(zip(rows_of(FIXTURE, "Ententes")[0], row, strict=True)) for row in rows_of(FIXTURE, "Ententes")
    }
    for agreement in Agreement.objects.all():
        row = written[agreement.number]
        assert agreement.declared_status == row["Statut"]
        assert agreement.declared_modality == row["Modalité"]
        assert agreement.renewal == renewal_of(row["Renouvellement"]) != ""
        assert agreement.modalities == modalities_of(row["Modalité"]) != []
    states = [state_at(agreement, dt.date(2026, 11, 21)) for agreement in Agreement.objects.all()]
    assert sum(state.status == "en_vigueur" and not state.flags for state in states) == 72
    assert Counter(flag for state in states for flag in state.flags)["preavis_ouvert"] == 7
    lapsed = [state for state in states if state.status == "echue"]
    assert (len(lapsed), sum("statut_contredit" in state.flags for state in lapsed)) == (17, 7)
