"""A workbook meets ententes that live in the system: what is signed stays, and every value left aside is told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import time_machine

from corridors.dossier import open_dossier
from corridors.enums import AgreementStatus as S
from corridors.enums import DeclaredStatus, ObligationStatus
from corridors.models import Agreement, AgreementEvent, Obligation
from corridors.workbook.agreements import WORDS
from registry import actions
from registry.workbook import apply, diff, writer
from tests.registry.workbook_tools import bring_in, compute, counts, rejected, rows_of, sheet, warned

from . import building, living

pytestmark = pytest.mark.django_db
NOON = "2026-11-22T12:00:00-05:00"


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def signed() -> Agreement:
    agreement = living.entente(starts_on=dt.date(2026, 11, 1), ends_on=dt.date(2028, 10, 31), renewal="aucun")
    living.with_corridor(agreement)
    party = agreement.parties.order_by("sort_order").last()
    assert party is not None
    actions.create(None, Obligation(agreement=agreement, party=party.organization, text="Répondre."), publish=False)
    living.to_signed(agreement)
    return living.fresh(agreement)


def exported(tmp_path: Path) -> dict[str, list[list[Any]]]:
    """The sheets of the ententes, as the system writes them."""
    path = tmp_path / "export.xlsx"
    writer.export(path)
    return {name: rows_of(path, name) for name in ("Ententes", "Corridors", "Obligations")}


def put(sheets: dict[str, list[list[Any]]], name: str, **values: Any) -> None:
    """Write values in the first row of a sheet, by heading."""
    headings, row = sheets[name][:2]
    for heading, value in values.items():
        row[headings.index(heading.replace("_", " "))] = value


def told(found: diff.Diff, target: str) -> list[tuple[int, str, str]]:
    return [(item["row"], item["column"], item["code"]) for item in sheet(found, target)["warnings"]]


def test_what_is_signed_is_told_column_by_column_and_the_rest_is_taken(signed: Agreement, tmp_path: Path) -> None:
    sheets = exported(tmp_path)
    put(sheets, "Ententes", Titre="Autre titre", Échéance=dt.date(2030, 1, 1), Statut="Résiliée", Responsable="Léa Roy")
    put(sheets, "Corridors", **{"Délai_urgent_(heures)": 48, "Contact_de_liaison": "Garde", "Disponibilité": "24/7"})
    put(sheets, "Obligations", État="Respectée", Fréquence="Annuelle")
    before = open_dossier(signed).hash
    found = bring_in(tmp_path, sheets)
    assert sorted(told(found, "Ententes")) == [
        (2, "Statut", "statut_en_conflit"),
        (2, "Titre", "texte_signe"),
        (2, "Échéance", "texte_signe"),
    ]
    assert told(found, "Corridors") == [(2, "Délai urgent (heures)", "texte_signe")]
    assert told(found, "Obligations") == [(2, "Fréquence", "texte_signe")]
    assert counts(found) == {"added": 0, "changed": 3, "unchanged": 0, "rejected": 0}
    agreement = living.fresh(signed)
    assert open_dossier(agreement).hash == before
    assert living.status(agreement) == S.IN_FORCE
    assert agreement.responsible == "Léa Roy"
    assert (agreement.corridors.get().liaison_contact, agreement.corridors.get().hours) == ("Garde", "24/7")
    assert agreement.obligations.get().status == ObligationStatus.MET


def test_nothing_is_added_under_a_signed_entente(signed: Agreement, tmp_path: Path) -> None:
    sheets = exported(tmp_path)
    corridor, duty = list(sheets["Corridors"][1]), list(sheets["Obligations"][1])
    corridor[0], corridor[2], corridor[3] = "COR777", corridor[3], corridor[2]
    duty[2] = "Une contribution de plus."
    sheets["Corridors"].append(corridor)
    sheets["Obligations"].append(duty)
    found = bring_in(tmp_path, sheets)
    for name in ("Corridors", "Obligations"):
        assert rejected(sheet(found, name)) == [(3, "entente_signee")]
    assert (signed.corridors.count(), signed.obligations.count()) == (1, 1)


def test_a_corridor_does_not_join_a_signed_entente(signed: Agreement, tmp_path: Path) -> None:
    parties = [party.organization for party in signed.parties.all()]
    free = building.declared(number="ENT-2020-050", parties=parties, starts_on=dt.date(2020, 1, 1))
    living.with_corridor(free, publish=True)
    sheets = exported(tmp_path)
    headings, *rows = sheets["Corridors"]
    row = next(row for row in rows if row[0] == f"COR-{free.number}")
    row[headings.index("Entente")], row[headings.index("Critères")] = signed.number, "Toute personne en crise"
    found = bring_in(tmp_path, {"Corridors": [headings, row]})
    assert told(found, "Corridors") == [(2, "Entente", "texte_signe")]
    assert free.corridors.get().criteria == "Toute personne en crise"


def test_an_entente_signed_between_the_comparison_and_the_writing_stays_as_it_is(tmp_path: Path) -> None:
    agreement = living.entente(starts_on=dt.date(2026, 11, 1), ends_on=dt.date(2028, 10, 31), renewal="aucun")
    actions.edit(None, agreement)
    sheets = exported(tmp_path)
    put(sheets, "Ententes", Titre="Autre titre", Responsable="Léa Roy")
    found = compute(tmp_path, sheets)
    assert counts(found)["changed"] == 1
    living.to_signed(agreement)
    with pytest.raises(apply.ApplyConflict, match=r"passez par un avenant.*Rien n’a été écrit"):
        apply.apply(found)
    agreement = living.fresh(agreement)
    assert (agreement.title, agreement.responsible) == ("Intervention de crise dans le milieu", "")


@pytest.mark.parametrize("which", ["Ententes", "Corridors", "Obligations"])
def test_an_import_that_changes_a_text_under_negotiation_clears_and_tells(which: str, tmp_path: Path) -> None:
    agreement = living.entente(starts_on=dt.date(2026, 12, 1), ends_on=dt.date(2028, 10, 31), renewal="aucun")
    living.with_corridor(agreement, publish=True)
    party = agreement.parties.order_by("sort_order").last()
    assert party is not None
    actions.create(None, Obligation(agreement=agreement, party=party.organization, text="Répondre."))
    actions.edit(None, agreement)
    living.to_signing(agreement)
    living.sign(agreement, people=1)
    sheets = exported(tmp_path)
    changes: dict[str, dict[str, Any]] = {
        "Ententes": {"Échéance": dt.date(2029, 1, 1)},
        "Corridors": {"Délai_urgent_(heures)": 2},
        "Obligations": {"Fréquence": "Annuelle"},
    }
    put(sheets, which, **changes[which])
    found = bring_in(tmp_path, sheets)
    assert counts(found)["changed"] == 1
    dossier = open_dossier(living.fresh(agreement))
    assert dossier.status == S.NEGOTIATION
    assert not dossier.acceptances and not dossier.signatures
    last = AgreementEvent.objects.filter(agreement=agreement).latest("number")
    assert sorted(item["kind"] for item in last.data["cleared"]) == ["acceptation", "acceptation", "signature"]


def test_an_import_that_changes_no_term_clears_nothing(tmp_path: Path) -> None:
    agreement = living.entente()
    actions.edit(None, agreement)
    living.to_agreed(agreement)
    sheets = exported(tmp_path)
    put(sheets, "Ententes", Responsable="Léa Roy")
    assert counts(bring_in(tmp_path, sheets))["changed"] == 1
    assert living.status(agreement) == S.AGREED
    assert living.fresh(agreement).responsible == "Léa Roy"


@pytest.mark.parametrize("state", list(S))
def test_the_word_of_the_workbook_follows_the_state_and_comes_back_without_a_conflict(state: S, tmp_path: Path) -> None:
    agreement = living.in_state(state)
    declared = agreement.declared_status
    # The export shows what is published: here, whatever its state.
    Agreement.all_objects.filter(pk=agreement.pk).update(live=True, has_unpublished_changes=False)
    sheets = exported(tmp_path)
    headings, row = sheets["Ententes"]
    assert row[headings.index("Statut")] == WORDS[state]
    found = bring_in(tmp_path, sheets)
    assert counts(found)["changed"] == counts(found)["added"] == counts(found)["rejected"] == 0
    assert not [item for item in told(found, "Ententes") if item[2] != "echeance_avant_debut"]
    # What was declared stays what was declared.
    assert living.fresh(agreement).declared_status == declared


def test_a_declared_word_is_written_back_until_somebody_acts(tmp_path: Path) -> None:
    agreement = building.declared("En renouvellement", starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2028, 1, 1))
    sheets = exported(tmp_path)
    column = sheets["Ententes"][0].index("Statut")
    assert sheets["Ententes"][1][column] == "En renouvellement"
    living.step(living.MANAGER, agreement, "suspend")
    assert exported(tmp_path)["Ententes"][1][column] == "Suspendue"
    # The older file says something else: a conflict, never a change.
    found = bring_in(tmp_path, sheets)
    assert warned(sheet(found, "Ententes")) == [(2, "statut_en_conflit")]
    assert living.status(agreement) == S.SUSPENDED
    living.step(living.MANAGER, agreement, "resume")
    assert exported(tmp_path)["Ententes"][1][column] == "En vigueur"


def test_every_state_has_its_word() -> None:
    assert set(WORDS) == set(S)
    assert set(WORDS.values()) == set(DeclaredStatus) - {DeclaredStatus.RENEWING}


def test_an_entente_older_than_the_system_is_imported_freely_even_once_suspended(tmp_path: Path) -> None:
    agreement = building.declared(starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2028, 1, 1))
    living.step(living.MANAGER, agreement, "suspend")
    sheets = exported(tmp_path)
    put(sheets, "Ententes", Titre="Titre corrigé", Échéance=dt.date(2029, 1, 1))
    found = bring_in(tmp_path, sheets)
    assert not sheet(found, "Ententes")["warnings"]
    assert living.fresh(agreement).title == "Titre corrigé"
    assert living.status(agreement) == S.SUSPENDED
