"""What every engine must do, told on small networks built by hand. A new engine is added to ENGINES, nothing else."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.enums import Availability, Clientele, Program
from registry.policies import INTERVENANT, NOTHING, PUBLIC, Scope
from search import schedules as schedules_module
from search.documents import DocumentEntry
from search.engines.base import Engine, EngineError, Hit, SearchResult, Writable
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.embedded import EmbeddedEngine
from search.predicates import matches
from search.ranking import FACET_FIELDS, plan
from search.request import OrientationRequest, Place, WantedNeed
from search.schedules import schedules
from search.weights import TIER_STEP
from tests import elasticsearch_servers
from tests.elasticsearch_servers import SERVERS
from tests.factories.documents import contact, corridor, known_patterns, location, organization, service


def _elasticsearch(url: str, folder: Path) -> Engine:
    return elasticsearch_servers.engine(url)


ENGINES: dict[str, Callable[[Path], Engine]] = {
    "embedded": lambda folder: EmbeddedEngine(folder / "index"),
    **{f"elasticsearch-{version}": partial(_elasticsearch, url) for version, url in SERVERS.items()},
}

TORONTO = ZoneInfo("America/Toronto")
SATURDAY = datetime(2026, 11, 21, 14, 0, tzinfo=TORONTO)
PARTNER = Scope(frozenset({"publique", "reseau"}), frozenset({"partenaire"}))
LIMOILOU = Place("LIM", 46.83, -71.23, "Limoilou", (), ("RLS-QS", "R03", "QC"))
VICTIMS = "Violence conjugale – victimes"
SHELTER = "Itinérance et hébergement d'urgence"


@pytest.fixture(params=ENGINES, ids=list(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    made = ENGINES[request.param](tmp_path)
    yield made
    if isinstance(made, ElasticsearchEngine):
        elasticsearch_servers.clean(made.indexes.prefix, made.client.connection.hosts[0])


@pytest.fixture(autouse=True)
def _known_schedules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The numbers that the factories gave to schedules, as the database would."""
    monkeypatch.setattr(schedules_module.Schedules, "_read", staticmethod(known_patterns))
    schedules.forget()
    yield
    schedules.forget()


def fill(engine: Engine, documents: Iterable[dict[str, Any]], mark: int = 1) -> None:
    rows = list(documents)
    engine.rebuild(rows, mark, len(rows))
    schedules.forget()


def ask(engine: Engine, scope: Scope = INTERVENANT, **wishes: Any) -> SearchResult:
    wishes.setdefault("moment", SATURDAY)
    return engine.search(OrientationRequest(**wishes), scope)


def words(*asked: str) -> dict[str, Any]:
    return {"q": " ".join(asked) + " ", "words": asked}


def codes(result: SearchResult) -> list[str]:
    return [hit.code for hit in result.hits]


def only(result: SearchResult) -> Hit:
    assert len(result.hits) == 1
    return result.hits[0]


def counts(result: SearchResult, facet: str) -> dict[str, int]:
    return {value.value: value.count for value in result.facets[facet]}


# --- Who sees what --------------------------------------------------------------------------------------------------


NETWORK = [
    service(1, "Écoute publique", visibility="publique", needs=[VICTIMS], languages=["fr"]),
    service(2, "Écoute du réseau", visibility="reseau", needs=[VICTIMS], languages=["en"]),
    service(3, "Écoute interne", visibility="interne", needs=[VICTIMS], languages=["es"], corridors_in=[
        corridor(periods=[("2026-01-01", None)])]),
    service(4, "Écoute ouverte", visibility="publique", needs=[VICTIMS], contacts=[
        contact("Réception", "publique"), contact("Direction", "reseau"), contact("Garde", "interne")],
        corridors_in=[corridor("COR7", [("2026-01-01", None)])]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (PUBLIC, ["SRV0001", "SRV0004"]),
        (PARTNER, ["SRV0001", "SRV0002", "SRV0004"]),
        (INTERVENANT, ["SRV0001", "SRV0002", "SRV0003", "SRV0004"]),
        (NOTHING, []),
    ],
)
def test_each_viewer_finds_what_it_may_see(engine: Engine, scope: Scope, expected: list[str]) -> None:
    fill(engine, NETWORK)
    every = [f"SRV{number:04d}" for number in range(1, 5)]
    assert sorted(codes(ask(engine, scope, **words("ecoute")))) == expected
    assert sorted(codes(ask(engine, scope))) == expected
    assert [hit.code for hit in engine.get(every, scope, OrientationRequest(SATURDAY))] == expected
    assert sorted(item.code for item in engine.suggest("éco", scope) if item.kind == "name") == expected


def test_counts_never_tell_of_hidden_services(engine: Engine) -> None:
    fill(engine, NETWORK)
    assert counts(ask(engine, PUBLIC), "language") == {"fr": 1}
    assert counts(ask(engine, PARTNER), "need") == {VICTIMS: 3}
    assert ask(engine, PUBLIC, **words("ecoute")).tiers[0].count == 2


def test_corridors_are_the_business_of_the_centre(engine: Engine) -> None:
    fill(engine, NETWORK)
    staff, partner = ask(engine), ask(engine, PARTNER)
    assert counts(staff, "corridor") == {"1": 2}
    assert "corridor" not in partner.facets
    assert all(not hit.document["corridors_in"] and not hit.document["corridors_out"] for hit in partner.hits)
    assert next(hit for hit in staff.hits if hit.code == "SRV0004").document["corridors_in"][0]["code"] == "COR7"


def test_neither_filtering_nor_order_tells_a_partner_of_a_corridor(engine: Engine) -> None:
    fill(engine, [service(1, "Écoute"), service(2, "Écoute", corridors_in=[corridor(periods=[("2026-01-01", None)])])])
    assert codes(ask(engine, PARTNER, filters={"corridor": ("1",)})) == ["SRV0001", "SRV0002"]
    assert len({hit.score for hit in ask(engine, PARTNER).hits}) == 1
    assert codes(ask(engine, INTERVENANT, filters={"corridor": ("1",)})) == ["SRV0002"]


def test_contacts_have_a_visibility_of_their_own(engine: Engine) -> None:
    fill(engine, NETWORK)
    shown = {
        name: [
            person["name"]
            for person in engine.get(["SRV0004"], scope, OrientationRequest(SATURDAY))[0].document["contacts"]
        ]
        for name, scope in (("public", PUBLIC), ("partner", PARTNER), ("staff", INTERVENANT))
    }
    assert shown == {
        "public": ["Réception"],
        "partner": ["Réception", "Direction"],
        "staff": ["Réception", "Direction", "Garde"],
    }
    assert codes(ask(engine, **words("garde"))) == []


# --- Impossible, unknown, possible ----------------------------------------------------------------------------------


def test_a_known_age_excludes_and_an_unknown_one_never_does(engine: Engine) -> None:
    fill(engine, [
        service(1, "Adolescents", age_min=12, age_max=17), service(2, "Adultes", age_min=18), service(3, "Sans limite"),
        service(4, "Enfants", age_max=12),
    ])  # fmt: skip
    assert sorted(codes(ask(engine, age=15))) == ["SRV0001", "SRV0003"]
    assert sorted(codes(ask(engine, age=12))) == ["SRV0001", "SRV0003", "SRV0004"]
    assert sorted(codes(ask(engine, age=18))) == ["SRV0002", "SRV0003"]
    assert len(ask(engine).hits) == 4


def test_a_known_sex_excludes_and_an_unknown_one_never_does(engine: Engine) -> None:
    fill(engine, [service(1, sexes=["f"]), service(2, sexes=["m"]), service(3), service(4, sexes=["f", "m"])])
    assert sorted(codes(ask(engine, sex="m"))) == ["SRV0002", "SRV0003", "SRV0004"]
    assert sorted(codes(ask(engine, sex="f"))) == ["SRV0001", "SRV0003", "SRV0004"]


def test_who_specialises_in_an_age_comes_before_who_takes_everybody(engine: Engine) -> None:
    fill(engine, [
        service(1, "Écoute", clientele=[Clientele.EVERYONE.label]),
        service(2, "Écoute", clientele=[Clientele.TEENAGERS.label], age_min=12, age_max=17),
    ])  # fmt: skip
    assert codes(ask(engine, age=15, **words("ecoute"))) == ["SRV0002", "SRV0001"]
    assert codes(ask(engine, **words("ecoute"))) == ["SRV0001", "SRV0002"]


# --- Tiers ----------------------------------------------------------------------------------------------------------


def test_another_territory_goes_lower_and_says_so(engine: Engine) -> None:
    fill(engine, [
        service(1, needs=[VICTIMS], serves=["ASC"]), service(2, needs=[VICTIMS], serves=["LIM"]),
        service(3, needs=[VICTIMS], serves=["R03"]), service(4, needs=[VICTIMS], serves=["QC"]),
        service(5, needs=[VICTIMS]), service(6, needs=[VICTIMS], serves=["VAN"]),
    ])  # fmt: skip
    result = ask(engine, needs=(WantedNeed(VICTIMS, 1.0),), place=LIMOILOU)
    assert codes(result) == ["SRV0002", "SRV0003", "SRV0004", "SRV0005", "SRV0006", "SRV0001"]
    assert [hit.tier > 0 for hit in result.hits] == [False, False, False, False, True, True]
    assert [(tier.dropped, tier.count) for tier in result.tiers] == [((), 4), (("territory",), 2)]
    assert result.tiers[1].label == "Autre territoire"


def test_who_serves_a_part_of_the_territory_asked_serves_it(engine: Engine) -> None:
    fill(engine, [service(1, needs=[VICTIMS], serves=["LIM"]), service(2, needs=[VICTIMS], serves=["ASC"])])
    south = Place("RLS-QS", label="RLS de Québec-Sud", ancestors=("R03", "QC"))
    result = ask(engine, needs=(WantedNeed(VICTIMS, 1.0),), place=south)
    assert [hit.tier for hit in result.hits] == [0, result.hits[1].tier]
    assert result.hits[1].tier > 0


def test_another_language_goes_lower_and_an_unknown_one_stays(engine: Engine) -> None:
    fill(engine, [service(1, "Écoute", languages=["fr"]), service(2, "Écoute", languages=["es"]), service(3, "Écoute")])
    result = ask(engine, language="es", **words("ecoute"))
    assert codes(result) == ["SRV0002", "SRV0003", "SRV0001"]
    assert [tier.dropped for tier in result.tiers] == [(), ("language",)]
    assert "espagnol" in result.tiers[1].label


def test_all_words_first_then_some(engine: Engine) -> None:
    fill(engine, [service(1, "Popote du quartier"), service(2, "Popote roulante", description="Repas chauds")])
    result = ask(engine, **words("popote", "roulante"))
    assert codes(result) == ["SRV0002", "SRV0001"]
    assert [(tier.dropped, tier.count) for tier in result.tiers] == [((), 1), (("words",), 1)]


def test_a_wish_that_nobody_grants_still_shows_who_comes_nearest(engine: Engine) -> None:
    fill(engine, [service(1, needs=[VICTIMS], serves=["ASC"], languages=["fr"])])
    result = ask(engine, needs=(WantedNeed(VICTIMS, 1.0),), place=LIMOILOU, language="ar")
    assert codes(result) == ["SRV0001"]
    assert result.tiers[0].rank > 0
    assert set(result.tiers[0].dropped) == {"language", "territory"}


def test_when_nothing_answers_those_who_receive_everybody_do(engine: Engine) -> None:
    fill(engine, [
        service(1, "Popote"), service(2, "Accueil", needs=["Accueil, évaluation, orientation et référence"]),
        service(3, "Accueil des adultes", needs=["Accueil, évaluation, orientation et référence"], age_min=18),
    ])  # fmt: skip
    result = ask(engine, age=15, **words("introuvable"))
    assert codes(result) == ["SRV0002"]
    assert [tier.dropped for tier in result.tiers] == [("question",)]


# --- Needs, names and words -----------------------------------------------------------------------------------------


def test_the_primary_need_comes_before_a_secondary_one_then_the_parent_then_a_related_one(engine: Engine) -> None:
    fill(engine, [
        service(1, needs=[SHELTER]), service(2, needs=["Violence"]), service(3, needs=[SHELTER, VICTIMS]),
        service(4, needs=[VICTIMS]), service(5, needs=["Deuil et pertes"]),
    ])  # fmt: skip
    needs = (WantedNeed(VICTIMS, 1.0), WantedNeed("Violence", 0.5, "parent"), WantedNeed(SHELTER, 0.3, "related"))
    result = ask(engine, needs=needs)
    assert codes(result) == ["SRV0004", "SRV0003", "SRV0002", "SRV0001"]
    assert result.total == 4


def test_a_need_asked_broadly_finds_what_is_indexed_under_it(engine: Engine) -> None:
    fill(
        engine, [service(1, needs=[(VICTIMS, "Violence")]), service(2, needs=["Violence"]), service(3, needs=["Répit"])]
    )
    result = ask(engine, needs=(WantedNeed("Violence", 1.0),))
    assert codes(result) == ["SRV0002", "SRV0001"]
    assert {hit.tier for hit in result.hits} == {0}


def test_two_needs_asked_are_better_answered_by_who_has_both(engine: Engine) -> None:
    fill(engine, [service(1, needs=["Répit"]), service(2, needs=["TDAH"]), service(3, needs=["TDAH", "Répit"])])
    result = ask(engine, needs=(WantedNeed("Répit", 1.0), WantedNeed("TDAH", 1.0)))
    assert codes(result)[0] == "SRV0003"
    assert sorted(codes(result)) == ["SRV0001", "SRV0002", "SRV0003"]


@pytest.mark.parametrize(
    "typed", ["hébergements", "HEBERGEMENT", "hebergment", "hébèrgement", "d'hébergement", "heberg"]
)
def test_inflection_accents_case_typos_and_beginnings(engine: Engine, typed: str) -> None:
    from search.analysis import words as folded

    fill(engine, [service(1, "Hébergement de nuit"), service(2, "Popote roulante")])
    assert codes(ask(engine, q=typed, words=tuple(folded(typed)))) == ["SRV0001"]


@pytest.mark.parametrize("typed", ["loyer", "garce", "pere"])
def test_a_neighbouring_word_is_not_a_typo(engine: Engine, typed: str) -> None:
    fill(engine, [service(1, "Foyer"), service(2, "Mère et enfant"), service(3, "Farce")])
    assert codes(ask(engine, **words(typed))) == []


def test_a_name_comes_before_a_need_before_an_organization_before_a_description(engine: Engine) -> None:
    fill(engine, [
        service(1, description="Popote"), service(2, organization=organization("Popote du port")),
        service(3, needs=["Popote"]), service(4, "Popote du quartier"), service(5, keywords=["popote"]),
    ])  # fmt: skip
    assert codes(ask(engine, **words("popote"))) == ["SRV0004", "SRV0003", "SRV0002", "SRV0005", "SRV0001"]


def test_an_exact_name_and_an_acronym_are_far_above(engine: Engine) -> None:
    fill(engine, [
        service(1, "Le Relais", description="Accueil"),
        service(2, "Relais relais des aînés", needs=["Relais"], keywords=["relais"], description="Relais"),
        service(3, "Soutien", organization=organization("Centre d'aide et de lutte", acronym="CALACS")),
        service(4, "Calacs en colère", description="calacs"),
    ])  # fmt: skip
    assert codes(ask(engine, q="le relais", words=("relais",), names=("le relais",)))[0] == "SRV0001"
    assert codes(ask(engine, q="calacs", words=("calacs",)))[0] == "SRV0003"


def test_a_code_finds_its_service(engine: Engine) -> None:
    fill(engine, [service(1), service(2), service(3)])
    assert codes(ask(engine, q="SRV0002", words=("srv0002",)))[0] == "SRV0002"


# --- Time -----------------------------------------------------------------------------------------------------------


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO)


@pytest.mark.parametrize(
    ("hours", "moment", "expected"),
    [
        ("Lun-Ven 8h30-16h30", "2026-11-23T08:29", False),
        ("Lun-Ven 8h30-16h30", "2026-11-23T08:30", True),
        ("Lun-Ven 8h30-16h30", "2026-11-23T16:29", True),
        ("Lun-Ven 8h30-16h30", "2026-11-23T16:30", False),
        ("Lun-Jeu 18h-2h", "2026-11-24T01:59", True),
        ("Lun-Jeu 18h-2h", "2026-11-24T02:00", False),
        ("24/7", "2026-12-25T03:00", True),
        ("Lun-Ven 8h30-16h30", "2026-06-24T10:00", False),  # la Saint-Jean, a Wednesday
        ("Lun-Ven 8h30-16h30", "2026-09-30T10:00", True),  # no holiday in Québec
        ("Sur rendez-vous", "2026-11-23T10:00", None),
        ("", "2026-11-23T10:00", None),
    ],
)
def test_reachable_to_the_minute(engine: Engine, hours: str, moment: str, expected: bool | None) -> None:
    fill(engine, [service(1, hours=hours)])
    result = ask(engine, moment=at(moment))
    assert only(result).reachable is expected
    assert counts(result, "reachable") == ({"1": 1} if expected else {})
    assert len(ask(engine, moment=at(moment), filters={"reachable": ("1",)}).hits) == int(expected is True)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-30T09:59", True),
        ("2026-11-30T10:00", False),
        ("2026-12-02T09:59", False),
        ("2026-12-02T10:00", True),
        ("2027-01-04T09:59", True),
        ("2027-01-04T10:00", False),
        ("2040-01-04T10:00", False),
    ],
)
def test_a_closure_shuts_whatever_the_schedule_says(engine: Engine, moment: str, expected: bool) -> None:
    closures = [
        {"start": at("2027-01-04T10:00").isoformat(), "end": None, "reason": "Déménagement"},
        {"start": at("2026-11-30T10:00").isoformat(), "end": at("2026-12-02T10:00").isoformat(), "reason": ""},
    ]
    fill(engine, [service(1, hours="24/7", closures=closures)])
    result = ask(engine, moment=at(moment))
    assert only(result).reachable is expected
    assert counts(result, "reachable") == ({"1": 1} if expected else {})


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-03-31", False), ("2026-04-01", True), ("2027-03-31", True), ("2027-04-01", False), ("2028-06-01", True)],
)
def test_a_corridor_holds_from_its_first_day_to_its_last(engine: Engine, day: str, expected: bool) -> None:
    periods = [("2026-04-01", "2027-03-31"), ("2028-01-01", None)]
    fill(engine, [service(1, corridors_in=[corridor(periods=periods)])])
    result = ask(engine, moment=at(f"{day}T23:59"))
    assert counts(result, "corridor") == ({"1": 1} if expected else {})
    assert ("corridor en vigueur" in only(result).why) is expected


def test_what_is_urgent_is_answered_now(engine: Engine) -> None:
    fill(engine, [
        service(1, "Écoute", needs=[VICTIMS], hours="Lun-Ven 8h30-16h30", availability=Availability.AVAILABLE.value),
        service(2, "Écoute", needs=[SHELTER, VICTIMS], hours="24/7"),
    ])  # fmt: skip
    needs = (WantedNeed(VICTIMS, 1.0),)
    assert codes(ask(engine, needs=needs)) == ["SRV0001", "SRV0002"]
    assert codes(ask(engine, needs=needs, urgent=True)) == ["SRV0002", "SRV0001"]


def test_freshness_is_judged_at_the_moment_asked(engine: Engine) -> None:
    fill(engine, [service(1, verified_on="2024-01-01"), service(2, verified_on="2026-11-01")])
    assert codes(ask(engine)) == ["SRV0002", "SRV0001"]
    assert codes(ask(engine, moment=at("2024-01-10T10:00"))) != [] == codes(ask(engine, **words("rien")))
    later = ask(engine, moment=at("2036-01-01T10:00"))
    assert len({hit.score for hit in later.hits}) == 1


# --- Place ----------------------------------------------------------------------------------------------------------


def test_the_nearest_place_comes_first_and_a_confidential_one_has_no_distance(engine: Engine) -> None:
    fill(engine, [
        service(1, locations=[location(latitude=45.40, longitude=-71.90)]),
        service(2, locations=[location(latitude=46.835, longitude=-71.235), location(latitude=45.4, longitude=-71.9)]),
        service(3, locations=[location(confidential=True)]),
        service(4, locations=[location(latitude=46.90, longitude=-71.20)]),
    ])  # fmt: skip
    result = ask(engine, place=Place(None, 46.83, -71.23))
    assert codes(result) == ["SRV0002", "SRV0004", "SRV0001", "SRV0003"]
    near = {hit.code: hit.distance_km for hit in result.hits}
    assert near["SRV0002"] == pytest.approx(0.7, abs=0.1)
    assert near["SRV0003"] is None
    assert "à 8,1\u00a0km" in result.hits[1].why
    assert near["SRV0001"] == pytest.approx(167, abs=2)


# --- Facets ---------------------------------------------------------------------------------------------------------


def test_each_facet_counts_with_the_other_filters_but_not_its_own(engine: Engine) -> None:
    mental, youth = Program.MENTAL_HEALTH.value, Program.YOUTH.value
    fill(engine, [
        service(1, programs=[mental], languages=["fr"], serves=["LIM"]),
        service(2, programs=[mental, youth], languages=["fr", "en"], serves=["LIM", "VAN"]),
        service(3, programs=[youth], languages=["en"], hours="24/7"),
    ])  # fmt: skip
    free = ask(engine)
    assert counts(free, "program") == {mental: 2, youth: 2}
    one = ask(engine, filters={"program": (mental,)})
    assert codes(one) == ["SRV0001", "SRV0002"]
    assert counts(one, "program") == {mental: 2, youth: 2}
    assert counts(one, "language") == {"fr": 2, "en": 1}
    assert counts(one, "territory") == {"LIM": 2, "VAN": 1}
    two = ask(engine, filters={"program": (mental,), "language": ("en",)})
    assert codes(two) == ["SRV0002"]
    assert counts(two, "program") == {mental: 1, youth: 2}
    assert counts(two, "language") == {"fr": 2, "en": 1}
    assert counts(two, "reachable") == {}
    assert [value.value for value in two.facets["language"] if value.selected] == ["en"]


def test_several_values_of_a_facet_are_any_of_them(engine: Engine) -> None:
    fill(engine, [service(1, languages=["fr"]), service(2, languages=["en"]), service(3, languages=["es"])])
    assert sorted(codes(ask(engine, filters={"language": ("fr", "es")}))) == ["SRV0001", "SRV0003"]


def test_unknown_values_chosen_show_zero_and_break_nothing(engine: Engine) -> None:
    fill(engine, [service(1, languages=["fr"])])
    result = ask(engine, filters={"language": ('" OR *',), "reachable": ("1",)})
    assert result.total == 0
    assert counts(result, "language") == {'" OR *': 0}


def test_every_facet_of_the_page_is_there(engine: Engine) -> None:
    fill(engine, NETWORK)
    assert set(ask(engine).facets) == set(FACET_FIELDS)


# --- Order ----------------------------------------------------------------------------------------------------------


def test_three_hundred_equals_come_in_the_order_of_their_codes(engine: Engine) -> None:
    numbers = list(range(1, 301))
    random.Random(7).shuffle(numbers)
    fill(engine, [service(number, "Écoute") for number in numbers[:200]])
    engine.apply([service(number, "Écoute") for number in numbers[200:]], [], 2)
    every = [f"SRV{number:04d}" for number in range(1, 301)]
    pages = [codes(ask(engine, limit=25, offset=offset, **words("ecoute"))) for offset in range(0, 300, 25)]
    assert [code for page in pages for code in page] == every
    assert codes(ask(engine, limit=100)) == every[:100]


def test_long_codes_are_compared_to_their_end(engine: Engine) -> None:
    names = [f"ORGANISME-{suffix}" for suffix in ("b", "a", "é", "aa", "Z")]
    fill(engine, [service(number, "Écoute", code=code) for number, code in enumerate(names, 1)])
    assert codes(ask(engine)) == sorted(names)


def test_saving_again_without_change_moves_nothing(engine: Engine) -> None:
    fill(engine, [service(number, f"Écoute {number % 3}") for number in range(1, 40)])
    before = [(hit.code, hit.score) for hit in ask(engine, limit=50, **words("ecoute")).hits]
    assert engine.apply([service(number, f"Écoute {number % 3}") for number in (5, 9, 30)], [], 2) == 0
    assert engine.mark() == 2
    assert [(hit.code, hit.score) for hit in ask(engine, limit=50, **words("ecoute")).hits] == before


# --- Explanation, sheet, autocomplete -------------------------------------------------------------------------------


def test_a_hit_explains_itself(engine: Engine) -> None:
    fill(engine, [
        service(1, needs=[VICTIMS], serves=["LIM", "VAN"], age_min=12, age_max=17, languages=["es"], sexes=["f"],
                locations=[location(latitude=46.85, longitude=-71.23)]),
        service(2, needs=[SHELTER], serves=["QC"]),
    ])  # fmt: skip
    result = ask(
        engine, needs=(WantedNeed(VICTIMS, 1.0), WantedNeed(SHELTER, 0.3, "related")), place=LIMOILOU, age=15,
        language="es", sex="f",
    )  # fmt: skip
    assert result.hits[0].why == (
        VICTIMS, "sert Limoilou", "12-17\u00a0ans", "pour femmes", "en espagnol", "à 2,2\u00a0km",
    )  # fmt: skip
    assert result.hits[1].why == (f"besoin voisin\u00a0: {SHELTER}", "partout au Québec")


def test_a_sheet_keeps_the_order_asked_and_leaves_out_what_is_not_there(engine: Engine) -> None:
    fill(engine, NETWORK)
    request = OrientationRequest(SATURDAY, **words("ecoute"))
    hits = engine.get(["SRV0004", "INCONNU", "SRV0001", "SRV0004"], INTERVENANT, request)
    assert [hit.code for hit in hits] == ["SRV0004", "SRV0001"]
    assert hits[0].document["phone"] == "418-555-0100"
    assert hits[0].score == next(hit.score for hit in ask(engine, **words("ecoute")).hits if hit.code == "SRV0004")
    assert engine.get([], INTERVENANT, request) == []


def test_autocomplete_on_the_beginning_of_any_word_of_a_name(engine: Engine) -> None:
    fill(engine, [
        service(1, "Répit du samedi", organization=organization("Maison des Érables", "ORG7", acronym="MDE")),
        service(2, "Halte-répit", organization=organization("Maison des Érables", "ORG7", acronym="MDE")),
        service(3, "Popote", organization=organization("Secret", "ORG9"), visibility="interne"),
    ])  # fmt: skip

    def proposed(text: str, scope: Scope = PUBLIC) -> list[str]:
        return [item.label for item in engine.suggest(text, scope)]

    assert proposed("rép") == ["Répit du samedi", "Halte-répit"]
    assert proposed("REPIT") == ["Répit du samedi", "Halte-répit"]
    assert proposed("maison des é") == ["Maison des Érables"]
    assert proposed("mde") == ["Maison des Érables"]
    assert proposed("sec") == []
    assert proposed("sec", INTERVENANT) == ["Secret"]
    assert proposed("") == proposed("  !? ") == []
    assert len(engine.suggest("r", PUBLIC, limit=1)) == 1


def test_autocomplete_goes_through_the_small_words_of_a_name(engine: Engine) -> None:
    """« des » is no word of the index, and the beginning of one all the same."""
    fill(engine, [
        service(1, "Répit", organization=organization("Maison des jeunes", "ORG1")),
        service(2, "Popote", organization=organization("Maison Desrosiers", "ORG2")),
        service(3, "Deuil", organization=organization("Maison du deuil", "ORG3")),
    ])  # fmt: skip
    proposed = [item.label for item in engine.suggest("maison des", PUBLIC)]
    assert proposed == ["Maison Desrosiers", "Maison des jeunes"]
    assert [item.label for item in engine.suggest("de", PUBLIC)] == ["Deuil", "Maison Desrosiers", "Maison du deuil"]


# --- Writing --------------------------------------------------------------------------------------------------------


def test_a_mark_not_above_the_present_one_is_refused(engine: Engine) -> None:
    fill(engine, [service(1, "Ancien")], mark=10)
    assert engine.apply([service(1, "Périmé")], [], 10) == 0
    assert engine.apply([service(1, "Périmé")], [], 3) == 0
    assert engine.mark() == 10
    assert only(ask(engine)).document["name"] == "Ancien"
    assert engine.apply([service(1, "Nouveau"), service(2, "Autre")], [], 11) == 2
    assert engine.mark() == 11
    assert {hit.document["name"] for hit in ask(engine).hits} == {"Nouveau", "Autre"}


def test_what_is_deleted_is_no_longer_found(engine: Engine) -> None:
    fill(engine, [service(1), service(2)])
    assert engine.apply([], [1, 99], 2) == 0
    assert codes(ask(engine)) == ["SRV0002"]
    assert engine.digests() == {2: service(2)["version"]}
    assert counts(ask(engine), "reachable") == {}


def test_a_rebuild_replaces_everything_at_once(engine: Engine) -> None:
    fill(engine, [service(1), service(2)], mark=5)
    seen = []

    def documents() -> Iterator[dict[str, Any]]:
        yield service(3)
        seen.append(codes(ask(engine)))
        yield service(4)

    assert engine.rebuild(documents(), 8, 2) == 2
    assert seen == [["SRV0001", "SRV0002"]]
    assert codes(ask(engine)) == ["SRV0003", "SRV0004"]
    assert engine.mark() == 8


@pytest.mark.parametrize("total", [1, 3])
def test_a_rebuild_that_does_not_count_right_changes_nothing(engine: Engine, total: int) -> None:
    fill(engine, [service(1)], mark=5)
    with pytest.raises(EngineError):
        engine.rebuild([service(2), service(3)], 8, total)
    assert codes(ask(engine)) == ["SRV0001"]
    assert engine.mark() == 5


def test_a_rebuild_that_fails_changes_nothing_and_the_next_one_works(engine: Engine) -> None:
    fill(engine, [service(1)], mark=5)

    def documents() -> Iterator[dict[str, Any]]:
        yield service(2)
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        engine.rebuild(documents(), 8, 2)
    assert codes(ask(engine)) == ["SRV0001"]
    fill(engine, [service(2)], mark=8)
    assert codes(ask(engine)) == ["SRV0002"]


def test_what_changes_during_a_rebuild_is_in_the_new_index_before_it_serves(engine: Engine) -> None:
    fill(engine, [service(1)], mark=5)
    seen: list[list[str]] = []

    def follow(building: Writable) -> None:
        building.apply([service(3, "Changé"), service(5)], [2], 9)
        assert building.apply([service(6)], [], 9) == 0, "a mark not above the present one is refused"
        assert building.mark() == 9
        seen.append(codes(ask(engine)))

    assert engine.rebuild([service(2), service(3), service(4)], 7, 3, follow=follow) == 3
    assert set(map(tuple, seen)) == {("SRV0001",)}, "what serves is not touched"
    assert codes(ask(engine)) == ["SRV0003", "SRV0004", "SRV0005"]
    assert ask(engine).hits[0].document["name"] == "Changé"
    assert engine.mark() == 9


def test_a_rebuild_that_cannot_follow_changes_nothing(engine: Engine) -> None:
    fill(engine, [service(1)], mark=5)

    def follow(building: Writable) -> None:
        building.apply([service(3)], [], 9)
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        engine.rebuild([service(2)], 8, 1, follow=follow)
    assert codes(ask(engine)) == ["SRV0001"]
    assert engine.mark() == 5
    fill(engine, [service(2)], mark=8)
    assert codes(ask(engine)) == ["SRV0002"]


def test_digests_say_what_is_held_of_all_or_of_some(engine: Engine) -> None:
    rows = [service(1), service(2), service(3)]
    fill(engine, rows, mark=5)
    assert engine.digests() == {row["id"]: row["version"] for row in rows}
    assert engine.digests([2, 3, 9]) == {row["id"]: row["version"] for row in rows[1:]}
    assert engine.digests([]) == {}
    assert engine.may_be_rebuilt()


def test_a_missing_index_says_so(engine: Engine) -> None:
    assert not engine.ready()
    assert engine.mark() == 0
    with pytest.raises(EngineError, match="rebuild_index"):
        ask(engine)
    with pytest.raises(EngineError, match="rebuild_index"):
        engine.apply([service(1)], [], 1)


def test_an_empty_index_answers_nothing(engine: Engine) -> None:
    fill(engine, [], mark=0)
    assert engine.ready()
    assert ask(engine, **words("ecoute")).total == 0
    assert engine.suggest("é", INTERVENANT) == []


# --- Anything may be typed ------------------------------------------------------------------------------------------

HOSTILE = [
    "a" * 10_000,
    "mot " * 2_500,
    "!!! ??? ... ,,, «»",
    "😀 🏳️‍🌈 👨‍👩‍👧",
    'name:"x" AND (need:IN [a b]) OR -visibility:publique^2 ~3 *',
    "\\\" ' \x00 \u202e",
    "' OR 1=1 --",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_only_text(engine: Engine, text: str) -> None:
    from search.analysis import words as folded

    fill(engine, NETWORK)
    question = OrientationRequest(SATURDAY, q=text, words=tuple(folded(text)) or (text,), names=(text,),
                                  expansion=(text,), needs=(WantedNeed(text, 1.0),), language=text, sex=text,
                                  filters={"need": (text,)})  # fmt: skip
    assert engine.search(question, PUBLIC).total == 0
    plain = engine.search(OrientationRequest(SATURDAY, q=text, words=tuple(folded(text))), PUBLIC)
    assert {hit.code for hit in plain.hits} <= {"SRV0001", "SRV0004"}
    engine.suggest(text, PUBLIC)


# --- The score is what the table says -------------------------------------------------------------------------------

_TERMS = ("Répit", "TDAH", "Violence", "Deuil et pertes")
_SERVED = ("LIM", "VAN", "RLS-QS", "R03", "QC", "ASC")
_PLACES: tuple[list[dict[str, Any]], ...] = (
    [], [location(latitude=46.84, longitude=-71.2)], [location(confidential=True)],
)  # fmt: skip
_NAMES = ("Écoute du soir", "Répit du samedi", "Maison des aînés", "Soutien aux endeuillés", "Aide alimentaire")


@st.composite
def networks(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        low = draw(st.none() | st.integers(0, 60))
        needs = draw(st.lists(st.sampled_from(_TERMS), unique=True, max_size=3))
        found.append(service(
            number, draw(st.sampled_from(_NAMES)),
            needs=[(need, draw(st.sampled_from(["", "Famille"]))) for need in needs],
            serves=draw(st.lists(st.sampled_from(_SERVED), unique=True, max_size=2)),
            hours=draw(st.sampled_from(["", "24/7", "Lun-Ven 8h30-16h30", "Sam 9h-17h"])),
            age_min=low, age_max=draw(st.none() | st.integers(low or 0, 120)),
            sexes=draw(st.sampled_from([[], ["f"], ["m"]])),
            languages=draw(st.sampled_from([[], ["fr"], ["fr", "es"]])),
            visibility=draw(st.sampled_from(["publique", "reseau", "interne"])),
            availability=draw(st.sampled_from(["", *map(str, Availability.values)])),
            verified_on=draw(st.sampled_from([None, "2024-01-01", "2026-10-01"])),
            description=draw(st.sampled_from(["", "Pour les aînés endeuillés", "Repas et écoute"])),
            corridors_in=draw(st.sampled_from([[], [corridor(periods=[("2026-01-01", "2026-12-31")])]])),
            locations=draw(st.sampled_from(_PLACES)),
        ))  # fmt: skip
    return found


@st.composite
def questions(draw: st.DrawFn) -> OrientationRequest:
    asked = tuple(
        draw(st.lists(st.sampled_from(["repit", "aines", "ecout", "soutien", "endeuile", "repas"]), max_size=3))
    )
    kinds = st.sampled_from(["asked", "parent", "related"])
    needs = draw(
        st.lists(st.tuples(st.sampled_from((*_TERMS, "Famille")), kinds), unique_by=lambda pair: pair[0], max_size=3)
    )
    return OrientationRequest(
        SATURDAY, q=" ".join(asked), words=asked,
        needs=tuple(WantedNeed(term, 0.7, kind) for term, kind in needs),
        expansion=tuple(draw(st.lists(st.sampled_from(["ecoute", "repas"]), unique=True))),
        names=tuple(draw(st.lists(st.sampled_from(["Écoute du soir", "srv0001"]), unique=True))),
        place=draw(st.sampled_from([None, LIMOILOU, Place(None, 46.83, -71.23)])),
        age=draw(st.none() | st.integers(0, 100)), sex=draw(st.sampled_from([None, "f", "m"])),
        language=draw(st.sampled_from([None, "fr", "es"])), urgent=draw(st.booleans()),
        moment_given=draw(st.booleans()),
        filters=draw(st.sampled_from([{}, {"language": ("fr",)}, {"reachable": ("1",), "need": ("Répit", "TDAH")}])),
        limit=50,
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(network=networks(), question=questions(), scope=st.sampled_from([PUBLIC, PARTNER, INTERVENANT]))
def test_an_engine_computes_what_the_predicates_mean(
    engine: Engine, network: list[dict[str, Any]], question: OrientationRequest, scope: Scope
) -> None:
    fill(engine, network)
    asked = plan(question, scope, schedules.at(question.moment).numbers)
    expected, facets = [], dict.fromkeys(("fr", "es"), 0)
    for document in network:
        entry = DocumentEntry(document)
        if not (matches(asked.required, entry) and matches(asked.base, entry)):
            continue
        if all(matches(part, entry) for name, part in asked.filters.items() if name != "language"):
            for code in document["languages"]:
                facets[code] += 1
        if all(matches(part, entry) for part in asked.filters.values()):
            rank = sum(wish.cost for wish in asked.wishes if not matches(wish.predicate, entry))
            score = sum(clause.weight for clause in asked.clauses if matches(clause.predicate, entry))
            assert score < TIER_STEP
            expected.append((rank, -score, document["code"]))
    result = engine.search(question, scope)
    if not expected:
        assert all("question" in tier.dropped for tier in result.tiers)
        return
    assert [(hit.tier, -hit.score, hit.code) for hit in result.hits] == sorted(expected)
    assert result.total == len(expected) == sum(tier.count for tier in result.tiers)
    shown = counts(result, "language")
    assert {code: shown.get(code, 0) for code in facets} == facets


# --- A whole network --------------------------------------------------------------------------------------------------


_demo: dict[str, Any] = {}


@pytest.fixture
def demo_network(db: None) -> list[dict[str, Any]]:
    """The documents of the demo network, imported once for all engines."""
    from django.core.management import call_command

    from search import projection
    from search.models import HoursPattern

    if not _demo:
        workbook = Path(__file__).resolve().parent.parent / "fixtures" / "reseau.xlsx"
        call_command("import_workbook", str(workbook), apply=True, stdout=io.StringIO(), stderr=io.StringIO())
        _demo["documents"] = list(projection.documents(projection.live_ids()))
        _demo["patterns"] = dict(HoursPattern.objects.values_list("pattern", "id"))
    found: list[dict[str, Any]] = _demo["documents"]
    return found


@pytest.mark.slow
def test_on_the_demo_network(
    engine: Engine, demo_network: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedules_module.Schedules, "_read", staticmethod(lambda: _demo["patterns"]))
    fill(engine, demo_network)
    totals = {"publique": 391, "reseau": 61, "interne": 5}
    assert ask(engine, PUBLIC).total == totals["publique"]
    assert ask(engine, PARTNER).total == totals["publique"] + totals["reseau"]
    assert ask(engine, INTERVENANT).total == sum(totals.values())
    for question in (
        OrientationRequest(SATURDAY, needs=(WantedNeed(VICTIMS, 1.0),), place=LIMOILOU, age=34, sex="f", limit=100),
        OrientationRequest(SATURDAY, **words("repit", "aines"), urgent=True, language="en", limit=100),
        OrientationRequest(SATURDAY, **words("hebergment"), filters={"reachable": ("1",)}, limit=100),
    ):
        asked = plan(question, INTERVENANT, schedules.at(SATURDAY).numbers)
        expected = []
        for document in demo_network:
            entry = DocumentEntry(document)
            if (
                matches(asked.required, entry)
                and matches(asked.base, entry)
                and all(matches(part, entry) for part in asked.filters.values())
            ):
                rank = sum(wish.cost for wish in asked.wishes if not matches(wish.predicate, entry))
                score = sum(clause.weight for clause in asked.clauses if matches(clause.predicate, entry))
                expected.append((rank, -score, document["code"]))
        result = engine.search(question, INTERVENANT)
        assert expected
        assert [(hit.tier, -hit.score, hit.code) for hit in result.hits] == sorted(expected)[:100]
        assert result.total == len(expected)
