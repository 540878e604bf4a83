"""The orientation page through the front door: what it costs, what it sends, what it says when a question is bad."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.privacy import WithoutQueryStrings, without_query
from registry.enums import Role
from registry.models import User
from search import views
from search.engines import get_engine
from search.engines.base import EngineError
from search.links import FACET_PARAMS, PARAMS
from search.typography import no_break

from . import page_network

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Trigger": "question", "HX-Target": "reponse"}


@pytest.fixture
def network(db: None) -> page_network.Network:
    return page_network.build()


@pytest.fixture
def staff(network: page_network.Network) -> Client:
    return page_network.client_of(Role.INTERVENANT)


def body(response: Any) -> str:
    assert response.status_code == 200, response
    text = response.content.decode()
    assert "UNDEFINED" not in text
    return str(text)


class TestCost:
    @pytest.mark.parametrize("extra", [0, 60])
    def test_one_search_and_one_query_whatever_the_number_of_results(
        self, extra: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page_network.build(extra)
        client = page_network.client_of(Role.INTERVENANT)
        address = "/?q=deuil&suite=100&fiche=SRV-PUBLIC&panier=SRV-PUBLIC,SRV-INTERNE"
        client.get(address)  # the process reads its vocabulary and hours once
        searches: list[int] = []
        engine = get_engine()
        search = type(engine).search
        monkeypatch.setattr(type(engine), "search", lambda self, *args: (searches.append(1), search(self, *args))[1])
        with CaptureQueriesContext(connection) as queries:
            page = body(client.get(address))
        assert page.count('class="card') >= min(3 + extra, 63)
        assert len(searches) == 1
        (viewer,) = (query["sql"] for query in queries)  # a second with PostgreSQL, which keeps sessions in a table
        for table in ("registry_user", "registry_membership", "search_outboxentry"):
            assert table in viewer  # the account, its rights and the head of the change log come together

    def test_rights_are_those_of_the_moment(self, network: page_network.Network) -> None:
        client = page_network.client_of(Role.INTERVENANT)
        assert page_network.INTERNAL_SERVICE in body(client.get("/?q=deuil"))
        account = User.objects.get(memberships__role=Role.INTERVENANT)
        account.memberships.update(role=Role.PARTNER, organization=network.organization)
        page = body(client.get("/?q=deuil"))
        assert page_network.NETWORK_SERVICE in page
        assert page_network.INTERNAL_SERVICE not in page
        account.memberships.create(role=Role.COORDINATOR)  # the widest of several
        assert page_network.INTERNAL_SERVICE in body(client.get("/?q=deuil"))
        account.memberships.all().delete()
        assert page_network.INTERNAL_SERVICE not in body(client.get("/?q=deuil"))
        User.objects.filter(pk=account.pk).update(is_active=False)
        assert client.get("/?q=deuil").status_code == 302

    def test_a_session_ends_with_the_password_that_opened_it(self, staff: Client) -> None:
        assert staff.get("/").status_code == 200
        account = User.objects.get(memberships__role=Role.INTERVENANT)
        account.set_password("un autre mot de passe")
        account.save()
        assert staff.get("/").status_code == 302

    def test_a_visitor_costs_one(self, network: page_network.Network, settings: Any) -> None:
        settings.PASSERELLES_PUBLIC_SEARCH = True
        client = Client()
        client.get("/?q=deuil")
        with CaptureQueriesContext(connection) as queries:
            body(client.get("/?q=deuil"))
        assert len(queries) == 1


class TestStandby:
    def test_the_page_says_that_the_copy_answers_before_anything_is_asked(
        self, staff: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert "Mode secours." not in body(staff.get("/"))
        engine = get_engine()
        monkeypatch.setattr(type(engine), "on_standby", True)
        for address in ("/", "/?q=deuil", "/?fiche=SRV-PUBLIC"):
            assert "Mode secours." in body(staff.get(address))

    def test_an_error_of_the_page_is_seen_whenever_it_comes(
        self, network: page_network.Network, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is prepared while a server computes may fail: it fails the page, and blames no server."""
        engine = get_engine()
        search = type(engine).search

        def slow(self: Any, request: Any, scope: Any, meanwhile: Any) -> Any:
            meanwhile()
            return search(self, request, scope)

        monkeypatch.setattr(type(engine), "search", slow)
        client = page_network.client_of(Role.INTERVENANT)
        assert "Deuil et pertes" in body(client.get("/?q=deuil"))

        def broken(*args: Any) -> Any:
            raise ZeroDivisionError

        monkeypatch.setattr(views, "asked", broken)
        with pytest.raises(ZeroDivisionError):
            client.get("/?q=deuil")


class TestAnswer:
    def test_start_shows_the_lines_that_always_answer_and_examples(self, staff: Client) -> None:
        page = body(staff.get("/"))
        assert 'href="tel:911"' in page
        assert 'href="tel:988"' in page
        assert "Écrire comme on l’entend" in page
        assert "GeoNames</a>, CC&nbsp;BY&nbsp;4.0" in page
        assert "autofocus" in page

    def test_a_question_is_understood_and_answered(self, staff: Client) -> None:
        page = body(staff.get("/", {"q": "deuil, 8 ans, Limoilou"}))
        for expected in (
            "Deuil et pertes",
            "8\u00a0ans",
            "Limoilou",
            "Écoute deuil",
            "418\u00a0555\u20110111",
            "Joignable",
        ):
            assert expected in page

    def test_a_change_is_in_the_next_answer(self, network: page_network.Network, staff: Client) -> None:
        from tests.factories import records as made

        assert "Nouvelle halte" not in body(staff.get("/?q=deuil"))
        made.service(network.organization, "Nouvelle halte deuil", code="SRV-N")  # type: ignore[arg-type]
        assert "Nouvelle halte deuil" in body(staff.get("/?q=halte deuil"))

    def test_the_sheet_shows_how_to_refer_and_the_corridor(self, staff: Client) -> None:
        page = body(staff.get("/?q=deuil&fiche=SRV-PUBLIC"))
        assert 'aria-current="true"' in page
        for expected in (
            "Comment référer",
            page_network.CORRIDOR_CRITERIA,
            "urgent 24\u00a0h",
            "adresse confidentielle, Québec",
        ):
            assert expected in page

    def test_a_sheet_opens_without_a_question(self, staff: Client) -> None:
        page = body(staff.get("/?fiche=SRV-PUBLIC"))
        assert "Comment référer" in page
        assert "En tout temps" in page

    def test_the_basket_is_a_note(self, staff: Client) -> None:
        page = body(staff.get("/?panier=SRV-INTERNE,SRV-PUBLIC"))
        assert page.index("1. Deuil Xxcellule") < page.index("2. Écoute deuil")
        assert "Panier (2)" in page

    def test_a_question_that_nothing_answers_is_rescued(self, staff: Client) -> None:
        page = body(staff.get("/?q=deuil&langue=en&disponibilite=complet"))
        assert "Aucune ressource" in page
        assert "Chercher sans filtre" in page
        assert 'href="tel:988"' in page

    def test_an_engine_that_does_not_answer(self, staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*args: Any) -> None:
            raise EngineError("index illisible")

        monkeypatch.setattr(type(get_engine()), "search", refuse)
        monkeypatch.setattr(type(get_engine()), "get", refuse)
        for address in ("/?q=deuil", "/?fiche=SRV-PUBLIC", "/imprimer?panier=SRV-PUBLIC"):
            page = body(staff.get(address))
            assert "La recherche ne répond pas" in page
            assert 'href="tel:911"' in page
        monkeypatch.setattr(type(get_engine()), "mark", refuse)
        assert "La recherche ne répond pas" in body(staff.get("/?q=deuil"))
        assert staff.get("/suggestions?q=deuil").status_code == 200


class TestPartialPages:
    def test_only_the_answer_is_sent(self, staff: Client) -> None:
        page = body(staff.get("/?q=deuil", headers=HTMX))
        assert "<html" not in page
        assert page.startswith("<title>")
        assert 'id="travail"' in page
        assert 'id="bouton-panier" hx-swap-oob="true"' in page

    def test_the_title_holds_what_was_understood_never_the_words(self, staff: Client) -> None:
        page = body(staff.get("/", {"q": "elle pleure, deuil, Limoilou"}, headers=HTMX))
        title = page[page.index("<title>") : page.index("</title>")]
        assert "Deuil et pertes" in title
        assert "pleure" not in title

    def test_what_is_typed_and_what_is_a_gesture(self, staff: Client) -> None:
        typed = staff.get("/?age=&fiche=&q=deuil", headers=HTMX)
        assert (typed["X-Address"], typed["X-Address-Kind"]) == ("/?q=deuil", "typed")
        gesture = staff.get("/?q=deuil", headers={**HTMX, "HX-Trigger": "puce-1"})
        assert gesture["X-Address-Kind"] == "gesture"
        assert "HX-Push-Url" not in gesture

    def test_a_cache_never_mixes_the_two(self, staff: Client) -> None:
        assert "HX-Request" in staff.get("/?q=deuil")["Vary"]

    def test_a_visitor_signed_out_meanwhile_is_sent_to_the_door(self, network: page_network.Network) -> None:
        answer = Client().get("/?q=deuil", headers=HTMX)
        assert answer["HX-Redirect"] == "/connexion/"


class TestHeaders:
    @pytest.mark.parametrize("address", ["/", "/?q=deuil", "/suggestions?q=deuil", "/imprimer?panier=SRV-PUBLIC"])
    def test_nothing_is_kept_nor_told_to_the_next_site(self, staff: Client, address: str) -> None:
        answer = staff.get(address)
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["Cache-Control"] == "private, no-store"
        assert "unsafe" not in answer["Content-Security-Policy"]

    @pytest.mark.parametrize("address", ["/connexion/", "/profil/raccourcis"])
    def test_a_page_with_a_form_can_be_posted_from_a_browser(self, staff: Client, address: str) -> None:
        # Under « no-referrer » browsers send « Origin: null », which the CSRF check refuses.
        assert staff.get(address)["Referrer-Policy"] == "same-origin"

    def test_no_inline_script_or_style(self, staff: Client) -> None:
        page = body(staff.get("/?q=deuil&fiche=SRV-PUBLIC&panier=SRV-PUBLIC"))
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<style" not in page
        assert page.count("<script") == page.count("<script src=") + page.count('<script type="module" src=')

    def test_reading_only(self, staff: Client) -> None:
        for address in ("/", "/suggestions", "/imprimer", "/aide-clavier"):
            assert staff.post(address).status_code == 405


class TestTheDoor:
    def test_a_stranger_sees_the_sign_in_page_without_the_question(self, network: page_network.Network) -> None:
        answer = Client().get("/?q=il me fait peur")
        assert answer.status_code == 302
        assert answer["Location"] == "/connexion/?next=/"
        assert "Se connecter" in body(Client().get(answer["Location"]))

    def test_wrong_password(self, network: page_network.Network) -> None:
        page = body(Client().post("/connexion/", {"username": "personne", "password": "x"}))
        assert "Nom d’utilisateur ou mot de passe inexact" in page

    def test_an_account_without_a_role_sees_what_partners_see(self, network: page_network.Network) -> None:
        page = body(page_network.client_of(None).get("/?q=deuil"))
        assert page_network.NETWORK_SERVICE in page
        assert page_network.INTERNAL_SERVICE not in page

    def test_a_closed_account_sees_nothing(self, network: page_network.Network) -> None:
        client = page_network.client_of(Role.INTERVENANT)
        User.objects.update(is_active=False)
        assert client.get("/?q=deuil").status_code == 302


class TestShortcuts:
    def test_the_account_remembers(self, network: page_network.Network) -> None:
        client = page_network.client_of(Role.INTERVENANT)
        assert 'data-shortcuts="1"' in body(client.get("/"))
        assert client.post("/profil/raccourcis", {"raccourcis": "non"}).status_code == 302
        assert 'data-shortcuts="0"' in body(client.get("/"))
        client.post("/profil/raccourcis", {"raccourcis": "oui"})
        assert 'data-shortcuts="1"' in body(client.get("/"))

    def test_a_visitor_too(self, network: page_network.Network, settings: Any) -> None:
        settings.PASSERELLES_PUBLIC_SEARCH = True
        client = Client()
        client.post("/profil/raccourcis", {"raccourcis": "non"})
        assert 'data-shortcuts="0"' in body(client.get("/"))
        client.post("/profil/raccourcis", {"raccourcis": "oui"})
        assert 'data-shortcuts="1"' in body(client.get("/"))

    def test_a_stranger_has_nothing_to_set(self, network: page_network.Network) -> None:
        assert Client().post("/profil/raccourcis", {"raccourcis": "non"}).status_code == 302
        assert list(User.objects.values_list("shortcuts_enabled", flat=True)) == []


class TestBadQuestions:
    MESSAGES = [
        ({"q": "deuil", "age": "douze"}, "Âge illisible"),
        ({"q": "deuil", "age": "9999"}, "Âge illisible"),
        ({"q": "deuil", "moment": "autre", "le": "9999-99-99T99:99"}, "Moment illisible"),
        ({"q": "deuil", "moment": "autre", "le": "0001-01-01T00:00"}, "Moment"),
        ({"q": "deuil", "moment": "autre", "le": "9999-12-31T23:59"}, "Moment"),
        ({"q": "deuil", "langue": "zzz"}, "Langue inconnue"),
        ({"q": "deuil", "lieu": "Nulle-Part-sur-Mer"}, "Lieu inconnu"),
        ({"q": "deuil", "besoin": "Inconnu"}, "Filtre inconnu"),
        ({"q": "deuil", "programme": "inconnu"}, "Filtre inconnu"),
        ({"q": "a" * 10_000}, "Question coupée"),
        ({"q": "deuil", "fiche": "RIEN"}, views.UNKNOWN_SHEET),
        ({"q": "deuil", "panier": "RIEN"}, views.UNKNOWN_BASKET),
    ]

    def test_a_page_with_a_message(self, staff: Client) -> None:
        for query, message in self.MESSAGES:
            assert no_break(message) in body(staff.get("/", query)), query

    HOSTILE = [
        "q=%00", "q=%FF%FE", "q=" + "%F0%9F%98%80" * 400, "q=((((*:*)^3 OR name:[* TO *]", "suite=-1",
        "suite=1e9&q=a", "q=<script>alert(1)</script>", "fiche=" + "A" * 5000,
        "panier=" + ",".join("A" * 40 for _ in range(400)),
        "sans=:::&sans=need:&sans=age:NaN&q=a", "&".join(f"besoin={n}" for n in range(500)), "q=a&q=b&q[]=c",
        "%", "=&=&=", "q=%E2%80%AE%E2%80%8F", "age=٣&q=deuil", "q=" + "e%CC%81" * 900,
    ]  # fmt: skip

    def test_hostile_addresses_get_a_page(self, staff: Client) -> None:
        for query in self.HOSTILE:
            page = body(staff.get(f"/?{query}"))
            assert "<script>alert" not in page
            for path in ("/suggestions", "/imprimer"):
                assert staff.get(f"{path}?{query}").status_code == 200

    def test_any_query_string_at_all(self, staff: Client) -> None:
        word = st.sampled_from(
            ["deuil", "8 ans", "Limoilou", "G1J 1A1", "ce soir", "urgent", "1", "SRV-PUBLIC", "need:Deuil et pertes",
             "age:8", "autre", "2026-11-21T20:00", "en", "-1", "9" * 30, "é\u0301", "\ud7ff", "«", "'",
             '"', "\\", "\n", "?", "&", "%"]
        )  # fmt: skip
        text = st.lists(word | st.text(max_size=8), max_size=5).map(" ".join)
        names = st.sampled_from([*PARAMS, *FACET_PARAMS.values(), "offset", "limit", "x"])

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.dictionaries(names, st.lists(text, min_size=1, max_size=3), max_size=8), st.booleans())
        def holds(query: dict[str, list[str]], partial: bool) -> None:
            page = body(staff.get("/", query, headers=HTMX if partial else {}))
            assert 'id="travail"' in page

        holds()

    def test_an_unknown_page_is_in_french(self, staff: Client) -> None:
        answer = staff.get("/nulle-part")
        assert answer.status_code == 404
        assert "Page introuvable" in answer.content.decode()

    @pytest.mark.parametrize("name", ["400", "403", "404", "500", "403_csrf"])
    def test_error_pages_need_nothing(self, name: str) -> None:
        from django.template.loader import render_to_string

        page = render_to_string(f"{name}.html")
        assert "UNDEFINED" not in page
        assert 'href="tel:911"' in page


class TestSuggestions:
    def test_needs_places_and_names(self, staff: Client) -> None:
        def kinds(text: str) -> set[str]:
            answer = json.loads(staff.get("/suggestions", {"q": text}).content)
            return {item["kind"] for item in answer["suggestions"]}

        assert "need" in kinds("deu")
        assert "place" in kinds("limo")
        assert kinds("solid") & {"name", "organization"}
        assert kinds("x") == set()

    def test_places_alone_for_the_place_field(self, staff: Client) -> None:
        answer = json.loads(staff.get("/suggestions?lieux=1&q=li").content)
        assert [item["label"] for item in answer["suggestions"]] == ["Limoilou"]


class TestNothingReachesALog:
    SAID = "ilmefaitpeur"

    @pytest.fixture
    def lines(self) -> Iterator[list[str]]:
        """Every line that a handler of ours would write, at the finest level."""
        found: list[str] = []
        handler = logging.Handler(logging.DEBUG)
        handler.addFilter(WithoutQueryStrings())
        handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
        root = logging.getLogger()
        before, root.level = root.level, logging.DEBUG
        root.addHandler(handler)
        yield found
        root.removeHandler(handler)
        root.setLevel(before)

    def test_a_question_asked_wrongly_or_well(
        self, staff: Client, lines: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for address in ("/", "/suggestions", "/imprimer", "/nulle-part", "/profil/raccourcis"):
            staff.get(address, {"q": self.SAID, "lieu": self.SAID, "age": self.SAID, "besoin": self.SAID})
        staff.post("/", QUERY_STRING=f"q={self.SAID}")
        monkeypatch.setattr(type(get_engine()), "search", lambda *args: (_ for _ in ()).throw(EngineError("cassé")))
        staff.get("/", {"q": self.SAID})
        assert any("engine does not answer" in line for line in lines)
        assert not any(self.SAID in line for line in lines)

    def test_the_servers_own_lines(self) -> None:
        assert without_query('"GET /?q=il+me+fait+peur&age=8 HTTP/1.1" 200') == '"GET /?… HTTP/1.1" 200'
        assert (
            without_query("http://x/?q=peur vers http://x/imprimer?panier=A") == "http://x/?… vers http://x/imprimer?…"
        )
        assert without_query("Que dit la personne? Rien.") == "Que dit la personne? Rien."

    def test_the_development_server(self, capsys: pytest.CaptureFixture[str], settings: Any) -> None:
        handlers = settings.LOGGING["loggers"]["django.server"]["handlers"]
        assert [settings.LOGGING["handlers"][name]["filters"] for name in handlers] == [["without_query_strings"]]
        record = logging.LogRecord(
            "django.server", logging.INFO, "", 0, '"%s" %s %s', (f"GET /?q={self.SAID} HTTP/1.1", "200", "5"), None
        )
        assert WithoutQueryStrings().filter(record)
        assert record.getMessage() == '"GET /?… HTTP/1.1" 200 5'

    def test_gunicorn(self) -> None:
        import runpy
        from pathlib import Path

        from django.conf import settings as django_settings
        from gunicorn.glogging import Logger, SafeAtoms

        written = runpy.run_path(str(Path(django_settings.BASE_DIR) / "gunicorn.conf.py"))
        form = written["access_log_format"]
        assert not {"%(r)s", "%(q)s", "%(f)s"} & {form[i : i + 5] for i in range(len(form))}
        assert Logger.access_fmt
        # Whatever format the command line asks for, the filter cuts the address.
        atoms = SafeAtoms({"r": f"GET /?q={self.SAID} HTTP/1.1", "f": f"http://x/?q={self.SAID}"})
        record = logging.LogRecord("gunicorn.access", logging.INFO, "", 0, "%(r)s %(f)s %({x}i)s", (atoms,), None)
        WithoutQueryStrings().filter(record)
        assert self.SAID not in record.getMessage()
        assert record.getMessage().endswith(" -")
