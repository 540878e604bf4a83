"""`manage.py orient`: one question or a file of them, every option, JSON for machines, refusals in French."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.models import Membership, Organization, User
from search.vocabulary import reset_vocabulary
from tests.factories import records as made

pytestmark = pytest.mark.django_db

# Invented questions: what a file of judged ones looks like, with fields that must not be read.
LINES: tuple[dict[str, Any], ...] = (
    {"id": "T1", "q": "répit pour mon gars", "territory": "LIM", "context": {"age": 9, "genre": None}},
    {"id": "T2", "q": "répit", "territory": "LIM", "context": {"age": 70}},
    {"id": "T3", "q": "elle a besoin de souffler", "territory": None, "context": {"langue": "Espagnol"}},
    {"id": "T4", "q": "francisation le samedi", "territory": "R03", "context": {"langue": "es", "urgent": False}},
    {"id": "T5", "q": "francissation", "territory": "R05", "context": {}},
    {"id": "T6", "q": "écoute", "territory": "LIM", "context": {"now": "2026-11-22T03:00", "urgent": True}},
    {"id": "T7", "q": "écoute de jour", "territory": "LIM", "context": {"now": "2026-11-23T10:00"}},
    {"id": "T8", "q": "girouette", "territory": None, "context": None},
    {"id": "T9", "q": "", "territory": None, "context": {}},
    {"id": "T10", "q": "zzz qqq", "territory": "LIM", "context": {"genre": "f"}},
    {"id": 11, "q": "répit et francisation", "territory": "LIM"},
    {"id": "T12", "q": "pour un homme qui veut parler", "territory": "LIM", "context": {"genre": "m", "age": "40"}},
)


@pytest.fixture
def network() -> None:
    reset_vocabulary()
    quebec = made.territory("QC", "Ensemble du Québec", kind="province")
    region = made.territory("R03", "Capitale-Nationale", quebec, "region")
    limoilou = made.territory("LIM", "Limoilou", region)
    estrie = made.territory("R05", "Estrie", quebec, "region")
    respite, french, listening = made.need("Répit"), made.need("Francisation"), made.need("Écoute téléphonique")
    owner = made.organization("La Girouette bleue", acronym="LGB")
    phone = {"access_modes": ["telephone"], "phone": "418-555-0100", "languages": ["fr"], "availability": "disponible"}
    made.service(owner, "Répit enfants", code="REP1", needs=(respite,), territories=[limoilou], age_max=17, **phone)
    made.service(owner, "Répit aînés", code="REP2", needs=(respite,), territories=[limoilou], age_min=65, **phone)
    made.service(owner, "Cours du samedi", code="FRA1", needs=(french,), territories=[region],
                 **{**phone, "languages": ["fr", "es"]})  # fmt: skip
    made.service(owner, "Cours d'Estrie", code="FRA2", needs=(french,), territories=[estrie], **phone)
    made.service(owner, "Écoute de nuit", code="ECO1", needs=(listening,), territories=[quebec], hours="24/7", **phone)
    made.service(owner, "Écoute de jour", code="ECO2", needs=(listening,), territories=[quebec], hours="Lun-Ven 9h-17h",
                 **phone)  # fmt: skip
    made.service(owner, "Écoute des collègues", code="INT1", needs=(listening,), visibility="interne", **phone)
    call_command("rebuild_index", verbosity=0)


def orient(*args: str, **options: Any) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("orient", *args, "--json", stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def codes(answer: dict[str, Any]) -> list[str]:
    return [hit["code"] for hit in answer["hits"]]


def refusal(*args: str) -> str:
    with pytest.raises(CommandError) as caught:
        call_command("orient", *args, stdout=StringIO())
    assert caught.value.returncode == 2
    return str(caught.value)


@pytest.mark.usefixtures("network")
class TestOneQuestion:
    def test_the_answer_has_the_fields_that_machines_read(self) -> None:
        (answer,) = orient("répit à Limoilou", "--age", "9", "--at", "2026-11-21T14:00")
        assert answer["query"] == "répit à Limoilou"
        assert {"kind": "place", "value": "LIM", "label": "Limoilou"} in answer["chips"]
        assert answer["total"] >= 1
        assert answer["took_ms"] >= 0
        assert {value["value"]: value["count"] for value in answer["facets"]["need"]}["Répit"] >= 1
        hit = answer["hits"][0]
        assert (hit["code"], hit["name"], hit["organization"]) == ("REP1", "Répit enfants", "La Girouette bleue")
        assert {"score", "why", "reachable", "distance_km"} <= set(hit)
        assert "Répit" in hit["why"]

    def test_every_option_counts(self) -> None:
        assert "REP2" not in codes(orient("répit", "--territory", "LIM", "--age", "9")[0])
        assert codes(orient("francisation", "--territory", "R05")[0])[0] == "FRA2"
        assert codes(orient("francisation", "--language", "es")[0])[0] == "FRA1"
        night = orient("écoute", "--at", "2026-11-22T03:00", "--urgent")[0]["hits"]
        assert [(hit["code"], hit["reachable"]) for hit in night[:2]] == [("ECO1", True), ("ECO2", False)]
        assert len(orient("écoute", "--limit", "1")[0]["hits"]) == 1
        assert orient("répit", "--postal", "G1J1A1")[0]["chips"][-1]["kind"] == "place"
        assert {"kind": "sex", "value": "f", "label": "femme"} in orient("répit", "--gender", "f")[0]["chips"]

    def test_without_an_account_it_answers_as_an_intervenant(self) -> None:
        assert "INT1" in codes(orient("écoute")[0])

    def test_an_account_sees_what_it_may_see(self) -> None:
        partner = User.objects.create_user("partenaire", password="x")
        Membership.objects.create(user=partner, role="partenaire", organization=Organization.objects.get())
        answer = orient("écoute", "--as", "partenaire")[0]
        assert "INT1" not in codes(answer)
        assert "corridor" not in answer["facets"]

    def test_in_words_for_people(self) -> None:
        out = StringIO()
        call_command("orient", "répit limoilou", stdout=out)
        text = out.getvalue()
        assert "Compris : Répit · Limoilou" in text
        assert "Répit enfants – La Girouette bleue" in text

    def test_a_change_is_found_by_the_next_question(self) -> None:
        made.service(made.organization("Le Trapèze"), "Cirque social", code="NEW1", access_modes=["telephone"])
        assert codes(orient("trapèze")[0])[0] == "NEW1"


@pytest.mark.usefixtures("network")
class TestRefusals:
    @pytest.mark.parametrize(
        ("args", "word"),
        [
            (("répit", "--territory", "XX"), "Territoire"),
            (("répit", "--age", "deux"), "Âge"),
            (("répit", "--age", "500"), "Âge"),
            (("répit", "--gender", "x"), "Sexe"),
            (("répit", "--language", "klingonien"), "Langue"),
            (("répit", "--at", "hier"), "Moment"),
            (("répit", "--at", "0001-01-01T00:00"), "calendrier"),
            (("répit", "--postal", "12345"), "Lieu"),
            (("répit", "--as", "personne"), "compte"),
            (("répit", "--limit", "0"), "limit"),
            (("répit", "--limit", "mille"), "limit"),
            ((), "question"),
            (("--queries", "/n/existe/pas.jsonl"), "illisible"),
        ],
    )
    def test_what_cannot_be_read_is_refused_in_french(self, args: tuple[str, ...], word: str) -> None:
        assert word in refusal(*args)

    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ("{pas du json}", "ligne 1"),
            ('{"id": "A"}', "ligne 1"),
            ("[1, 2]", "ligne 1"),
            ('{"id": "A", "q": "b", "context": {"now": "demain"}}', "Moment"),
        ],
    )
    def test_a_file_that_cannot_be_read_names_the_line(self, tmp_path: Path, text: str, word: str) -> None:
        path = tmp_path / "questions.jsonl"
        path.write_text(text, encoding="utf-8")
        assert word in refusal("--queries", str(path))

    def test_without_an_index_it_says_what_to_do(self, settings: Any, tmp_path: Path) -> None:
        settings.SEARCH_INDEX_DIR = tmp_path / "nowhere"
        assert "rebuild_index" in refusal("répit")


@pytest.mark.usefixtures("network")
class TestQueries:
    def write(self, folder: Path, lines: list[dict[str, Any]]) -> str:
        path = folder / f"{len(list(folder.iterdir()))}.jsonl"
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        return str(path)

    def answers(self, path: str, **options: Any) -> list[dict[str, Any]]:
        found = orient("--queries", path, **options)
        for answer in found:
            del answer["took_ms"]
        return found

    def test_one_answer_per_line_in_order_with_its_id(self, tmp_path: Path) -> None:
        found = self.answers(self.write(tmp_path, list(LINES)))
        assert [answer["id"] for answer in found] == [line["id"] for line in LINES]
        assert [answer["query"] for answer in found] == [line["q"] for line in LINES]

    def test_dropping_every_other_field_changes_nothing(self, tmp_path: Path) -> None:
        told = [
            {
                **line, "kind": "lay", "place_in_text": "LIM", "judgments": {"FRA2": 3, "INT1": 3},
                "context": {**(line.get("context") or {}), "besoin": "Francisation"},
            }
            for line in LINES
        ]  # fmt: skip
        bare = [{name: line[name] for name in ("id", "q", "territory", "context") if name in line} for line in LINES]
        assert self.answers(self.write(tmp_path, told)) == self.answers(self.write(tmp_path, bare))

    def test_a_line_without_a_moment_is_asked_on_a_saturday_afternoon(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, [{"id": 1, "q": "écoute"}])
        states = {hit["code"]: hit["reachable"] for hit in self.answers(path)[0]["hits"]}
        assert (states["ECO1"], states["ECO2"]) == (True, False)
        weekday = orient("--queries", path, "--at", "2026-11-23T10:00")[0]["hits"]
        assert {hit["code"]: hit["reachable"] for hit in weekday}["ECO2"] is True

    def test_the_context_counts(self, tmp_path: Path) -> None:
        by_id = {answer["id"]: codes(answer) for answer in self.answers(self.write(tmp_path, list(LINES)))}
        assert by_id["T1"][0] == "REP1"
        assert "REP1" not in by_id["T2"]
        assert by_id["T4"][0] == "FRA1"
        assert by_id["T5"][0] == "FRA2"
        assert by_id["T6"][0] == "ECO1"
