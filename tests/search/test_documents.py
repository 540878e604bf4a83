"""A document holds all that a card and a sheet show, nothing confidential, and nothing of the moment of indexing."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from corridors.models import ReferralMechanism
from corridors.terms import in_force_periods
from registry import actions
from registry.models import ConfidentialAddress, ServiceClosure, ServiceLevel
from registry.policies import INTERVENANT, PUBLIC, Scope
from search import documents, projection
from tests.factories import documents as by_hand
from tests.factories import records as made

pytestmark = pytest.mark.django_db


def document_of(service: Any) -> dict[str, Any]:
    (found,) = projection.project([service.pk])
    return found


def test_everything_that_a_card_and_a_sheet_show() -> None:
    quebec = made.territory("QC", "Ensemble du Québec", kind="province")
    region = made.territory("R03", "Capitale-Nationale", quebec, "region")
    quarter = made.territory("LIM", "Limoilou", region)
    violence = made.need("Violence")
    victims, shelter = made.need("Victimes", violence), made.need("Hébergement")
    owner = made.organization("Maison du Cap", acronym="MDC", other_names=["Le Cap"], phone="418 555-0100",
                              website="https://cap.example.org")  # fmt: skip
    place = made.location(owner, "Bureau", address="1, rue du Port", municipality="Québec", postal_code="G1K 0G9",
                          latitude=Decimal("46.8"), longitude=Decimal("-71.2"), wheelchair="oui")  # fmt: skip
    start = datetime(2026, 12, 1, 5, tzinfo=UTC)
    service = made.service(
        owner, "Hébergement", description="De nuit", needs=(shelter, victims), territories=[quarter], locations=[place],
        closures=(ServiceClosure(starts_at=start, ends_at=start + timedelta(days=1), reason="Congé"),),
        levels=(ServiceLevel(kind="rappel", value=24, unit="heures"),), keywords=("P-38", "nuit"),
        clientele=["Femmes"], age_min=18, languages=["fr", "es"], access_modes=["telephone"], hours="24/7",
        availability="disponible", delay_days=3, fees="Gratuit", verified_on=date(2026, 11, 1),
        programs=["sante_mentale"],
    )  # fmt: skip
    person = made.contact(owner, "Garde", service=service, visibility="interne", phone="418-555-0101")
    desk = made.contact(owner, "Réception", visibility="publique")
    made.liaison(owner, desk, crisis_role="hebergement")
    other = made.service(owner, "Accueil")
    entente = made.agreement("ENT-9")
    relay = made.corridor(entente, other, service, code="COR2")
    main = made.corridor(entente, other, service, code="COR1", urgent_delay=4, criteria="Adultes", fallback=relay)
    ReferralMechanism.objects.create(corridor=main, label="Appel direct", phone="418-555-0199")

    found = document_of(service)
    assert [(item["term"], item["parent"]) for item in found["needs"]] == [
        ("Hébergement", ""),
        ("Victimes", "Violence"),
    ]
    assert found["territories"] == [
        {"code": "LIM", "name": "Limoilou", "kind": "quarter", "above": ["R03", "QC"], "province": False}
    ]
    assert found["locations"][0]["address"] == "1, rue du Port"
    assert (found["locations"][0]["latitude"], found["locations"][0]["longitude"]) == (46.8, -71.2)
    assert found["organization"]["acronym"] == "MDC"
    assert found["phone"] == owner.phone
    assert found["sexes"] == ["f"]
    assert found["keywords"] == ["P-38", "nuit"]
    assert found["closures"] == [
        {"start": "2026-12-01T05:00:00+00:00", "end": "2026-12-02T05:00:00+00:00", "reason": "Congé"}
    ]
    assert found["service_levels"] == [{"kind": "rappel", "value": 24, "unit": "heures"}]
    assert [(item["name"], item["visibility"]) for item in found["contacts"]] == [
        (person.name, "interne"), (desk.name, "publique"),
    ]  # fmt: skip
    assert found["liaisons"][0]["contact"]["name"] == "Réception"
    first = found["corridors_in"][0]
    assert (first["code"], first["urgent"]) == ("COR1", {"value": 4, "unit": "heures"})
    assert first["agreement"]["number"] == "ENT-9"
    assert first["periods"] == [["2026-01-01", "2026-12-31"]]
    assert first["mechanisms"][0]["label"] == "Appel direct"
    assert first["fallback"]["code"] == "COR2"
    assert first["service"]["name"] == "Accueil"
    assert [item["code"] for item in document_of(other)["corridors_out"]] == ["COR1", "COR2"]
    assert orjson.loads(orjson.dumps(found)) == found


def test_a_confidential_address_is_nowhere() -> None:
    owner = made.organization()
    place = made.location(owner, "Refuge", municipality="Québec", is_confidential=True)
    service = made.service(owner, "Refuge", locations=[place])
    ConfidentialAddress.objects.create(
        location=place, address="99, rue Sentinelle", postal_code="G1R 9Z9", latitude=Decimal("46.123456"),
        longitude=Decimal("-71.654321"),
    )  # fmt: skip
    text = orjson.dumps(document_of(service)).decode()
    assert not any(secret in text for secret in ("Sentinelle", "G1R", "46.12", "71.65"))
    shown = document_of(service)["locations"][0]
    assert (shown["municipality"], shown["address"], shown["latitude"]) == ("Québec", "adresse confidentielle", None)
    assert documents.keywords(document_of(service))["cell_fine"] == []


def test_a_place_without_coordinates_is_where_its_postal_code_is() -> None:
    owner = made.organization()
    service = made.service(owner, locations=[made.location(owner, postal_code="G1K 0G9")])
    place = document_of(service)["locations"][0]
    assert place["latitude"] == pytest.approx(46.8, abs=0.1)
    assert place["longitude"] == pytest.approx(-71.2, abs=0.1)


def test_drafts_and_services_of_a_withdrawn_organization_stay_out() -> None:
    owner, other = made.organization("A"), made.organization("B")
    live = made.service(owner)
    draft = made.service(owner, publish=False)
    orphan = made.service(other)
    actions.unpublish(None, other)
    assert [item["id"] for item in projection.project([live.pk, draft.pk, orphan.pk, 10**9])] == [live.pk]
    assert projection.live_ids() == [live.pk]


def test_the_number_of_queries_does_not_depend_on_the_number_of_services(django_assert_num_queries: Any) -> None:
    owner = made.organization()
    region = made.territory("R03", kind="region")
    term = made.need("Répit")
    entente = made.agreement()
    services = []
    for number in range(40):
        place = made.location(owner)
        services.append(made.service(
            owner, needs=(term,), territories=[region], locations=[place], hours=f"Lun-Ven {number % 9}h-17h",
            keywords=(f"mot {number}",),
        ))  # fmt: skip
        made.contact(owner, service=services[-1])
        if number:
            made.corridor(entente, services[0], services[-1])
    ids = [service.pk for service in services]
    projection.project(ids)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        projection.project(ids[:2])
    with django_assert_num_queries(len(few)):
        assert len(projection.project(ids)) == 40
    assert len(few) <= 14


def test_nothing_depends_on_the_moment_of_indexing() -> None:
    owner = made.organization()
    start = datetime(2026, 12, 1, 5, tzinfo=UTC)
    first = made.service(owner, hours="Lun-Ven 8h30-16h30", verified_on=date(2026, 1, 1),
                         closures=(ServiceClosure(starts_at=start),))  # fmt: skip
    second = made.service(owner)
    made.corridor(made.agreement(renewal="tacite"), second, first)
    versions = set()
    for moment in ("2024-02-29T12:00:00Z", "2026-11-21T19:00:00Z", "2031-07-01T03:00:00Z"):
        with time_machine.travel(moment, tick=False):
            found = document_of(first)
            versions.add((found["version"], str(documents.keywords(found)), str(documents.intervals(found))))
    assert len(versions) == 1


def test_the_version_changes_with_the_document_and_only_with_it() -> None:
    owner = made.organization()
    service = made.service(owner, "Répit")
    before = document_of(service)["version"]
    actions.edit(None, service)
    assert document_of(service)["version"] == before
    service.fees = "10 $"
    actions.edit(None, service)
    assert document_of(service)["version"] != before


# --- Reduced to what a viewer may see --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "contacts", "corridors"),
    [
        (PUBLIC, ["a"], []),
        (Scope(frozenset({"publique", "reseau"})), ["a", "b"], []),
        (INTERVENANT, ["a", "b", "c"], ["COR1"]),
    ],
)
def test_reduced_to_what_each_viewer_may_see(scope: Scope, contacts: list[str], corridors: list[str]) -> None:
    people = [by_hand.contact(name, level) for name, level in (("a", "publique"), ("b", "reseau"), ("c", "interne"))]
    document = by_hand.service(1, contacts=people, corridors_in=[by_hand.corridor()])
    shown = documents.reduced(document, scope)
    assert [item["name"] for item in shown["contacts"]] == contacts
    assert [item["code"] for item in shown["corridors_in"]] == corridors
    assert document["contacts"] == people


# --- When an entente holds -------------------------------------------------------------------------------------------

START, END = date(2025, 4, 1), date(2026, 3, 31)


@pytest.mark.parametrize(
    ("status", "renewal", "declared", "expected"),
    [
        ("En vigueur", "aucun", "Aucun", [(START, END)]),
        ("En renouvellement", "expresse", "À renégocier", [(START, END)]),
        ("En vigueur", "tacite", "Tacite reconduction", [(START, None)]),
        ("En vigueur", "", "Automatique d'année en année", [(START, None)]),
        ("Suspendue", "tacite", "Tacite reconduction", []),
        ("Échue", "tacite", "", []),
        ("Résiliée", "aucun", "", []),
        ("Brouillon", "aucun", "", []),
        ("", "aucun", "", []),
    ],
)
def test_when_an_entente_holds(status: str, renewal: str, declared: str, expected: list[Any]) -> None:
    from corridors.models import Agreement

    entente = Agreement(
        declared_status=status, renewal=renewal, declared_renewal=declared, starts_on=START, ends_on=END
    )
    assert in_force_periods(entente) == expected


def test_an_entente_without_a_term_holds_on_and_without_a_start_never_began() -> None:
    from corridors.models import Agreement

    assert in_force_periods(Agreement(declared_status="En vigueur", starts_on=START)) == [(START, None)]
    assert in_force_periods(Agreement(declared_status="En vigueur", signed_on=START, ends_on=END)) == [(START, END)]
    assert in_force_periods(Agreement(declared_status="En vigueur", ends_on=END)) == []
    assert in_force_periods(Agreement(declared_status="En vigueur", starts_on=END, ends_on=START)) == []


# --- Intervals --------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6)).map(lambda pair: (pair[0], sum(pair))), max_size=8))
def test_merged_intervals_are_disjoint_and_cover_the_same_points(spans: list[tuple[int, int]]) -> None:
    found = documents.merged(spans)
    assert all(one[1] + 1 < other[0] for one, other in itertools.pairwise(found))
    covered = {point for start, end in spans for point in range(start, end + 1)}
    assert {point for start, end in found for point in range(start, end + 1)} == covered


def test_of_too_many_closures_the_latest_are_kept() -> None:
    found = documents.merged([(number * 10, number * 10) for number in range(20)])
    assert [start for start, _end in found] == [number * 10 for number in range(12, 20)]
