"""For a stranger, a partner and an intervenant: no field beyond what each may see, in any answer of any kind."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from registry.enums import Role

from . import page_network
from .page_network import SEEN_BY

pytestmark = pytest.mark.django_db

QUESTIONS = [
    "/",
    "/?q=deuil",
    "/?q=deuil&suite=100",
    "/?q=deuil Limoilou&joignable=1&corridor=1",
    "/?lieu=Limoilou",
    "/?joignable=1",
    f"/?q={page_network.INTERNAL_SERVICE}",
    f"/?q={page_network.NETWORK_SERVICE}",
    f"/?q={page_network.INTERNAL_ORGANIZATION}",
    f"/?q={page_network.INTERNAL_CONTACT}",
    f"/?q={page_network.CORRIDOR_CRITERIA}",
    f"/?q={page_network.ADDRESS}",
    "/?q=deuil&fiche=SRV-PUBLIC",
    "/?q=deuil&fiche=SRV-RESEAU",
    "/?q=deuil&fiche=SRV-INTERNE",
    "/?fiche=SRV-INTERNE",
    "/?panier=SRV-PUBLIC,SRV-RESEAU,SRV-INTERNE",
    "/?q=deuil&sans=name:SRV-INTERNE&sans=name:ORG-B",
    "/?q=deuil&langue=en",
    "/?q=rien du tout de tel",
    "/imprimer?panier=SRV-PUBLIC,SRV-RESEAU,SRV-INTERNE",
    "/suggestions?q=deu",
    f"/suggestions?q={page_network.INTERNAL_SERVICE[:4]}",
    f"/suggestions?q={page_network.NETWORK_SERVICE[:4]}",
    f"/suggestions?q={page_network.INTERNAL_ORGANIZATION[:4]}",
    f"/suggestions?q={page_network.ADDRESS[:4]}",
    "/aide-clavier",
    "/profil/raccourcis",
    "/connexion/",
    "/nulle-part",
]


@pytest.fixture
def network(db: None) -> page_network.Network:
    return page_network.build()


@pytest.fixture
def clients(network: page_network.Network, settings: Any) -> dict[str, Client]:
    settings.PASSERELLES_PUBLIC_SEARCH = True
    return {
        "stranger": Client(),
        "partner": page_network.client_of(Role.PARTNER, network.organization),
        "intervenant": page_network.client_of(Role.INTERVENANT),
    }


@pytest.mark.parametrize("viewer", SEEN_BY)
@pytest.mark.parametrize("partial", [False, True])
def test_no_secret_in_any_answer(clients: dict[str, Client], viewer: str, partial: bool) -> None:
    for address in QUESTIONS:
        answer = clients[viewer].get(address, headers={"HX-Request": "true"} if partial else {})
        text = answer.content.decode() + str(dict(answer.headers))
        # What one typed comes back in the field: only what is said besides counts.
        asked = address.partition("q=")[2].partition("&")[0]
        for secret in SEEN_BY[viewer]:
            heard = text.count(secret) if secret not in asked else _besides(text, secret)
            assert heard == 0, f"{secret} in {address} for {viewer}"


def _besides(text: str, secret: str) -> int:
    """Times that a secret is said elsewhere than in the question: the field's value and addresses that hold it."""
    without = re.sub(r'(?:href|data-basket|value|content)="[^"]*"', "", text)
    without = re.sub(r"'X-Address': '[^']*'", "", without)
    return without.count(secret)


def test_each_sees_what_it_may(clients: dict[str, Client]) -> None:
    """The same words are there for whoever may see them: the test above is not blind."""
    page = clients["intervenant"].get("/?q=deuil&fiche=SRV-PUBLIC").content.decode()
    for seen in (
        page_network.NETWORK_SERVICE, page_network.INTERNAL_SERVICE, page_network.NETWORK_CONTACT,
        page_network.INTERNAL_CONTACT, page_network.CORRIDOR_CRITERIA, page_network.CORRIDOR_CODE,
        page_network.AGREEMENT,
    ):  # fmt: skip
        assert seen in page
    page = clients["partner"].get("/?q=deuil&fiche=SRV-PUBLIC").content.decode()
    assert page_network.NETWORK_SERVICE in page
    assert page_network.NETWORK_CONTACT in page
    page = clients["stranger"].get("/?q=deuil&fiche=SRV-PUBLIC").content.decode()
    assert "Accueil public" in page


@pytest.mark.parametrize(("viewer", "count"), [("stranger", 1), ("partner", 2), ("intervenant", 3)])
def test_counts_and_facets_count_only_what_is_seen(clients: dict[str, Client], viewer: str, count: int) -> None:
    page = clients[viewer].get("/?q=deuil").content.decode()
    words = "1\u00a0ressource" if count == 1 else f"{count}\u00a0ressources"
    assert f'<h2 id="h-list">{words}</h2>' in page
    assert f'name="territoire" value="LIM"> Limoilou <span class="n">{count}</span>' in page
    assert ('name="corridor"' in page) is (viewer == "intervenant")
    hidden_need = f'value="{page_network.INTERNAL_NEED}"'
    assert (hidden_need in page) is (viewer == "intervenant")


@pytest.mark.parametrize("viewer", ["stranger", "partner"])
def test_a_hidden_service_does_not_exist(clients: dict[str, Client], viewer: str) -> None:
    """The same answer for a code that is hidden and for a code that is not there."""
    hidden = clients[viewer].get("/?fiche=SRV-INTERNE").content.decode()
    absent = clients[viewer].get("/?fiche=SRV-JAMAIS").content.decode()
    assert _timeless(hidden.replace("SRV-INTERNE", "X")) == _timeless(absent.replace("SRV-JAMAIS", "X"))


def _timeless(page: str) -> str:
    return re.sub(r"<time.*?</time>", "", page)


@pytest.mark.parametrize("viewer", ["stranger", "partner"])
def test_asking_to_filter_by_corridor_reveals_nothing(clients: dict[str, Client], viewer: str) -> None:
    with_filter = clients[viewer].get("/?q=deuil&corridor=1").content.decode()
    assert "Écoute deuil" not in with_filter or "Corridor" not in with_filter
    assert "Avec corridor" not in with_filter


def test_names_that_may_not_be_seen_are_not_recognised(clients: dict[str, Client]) -> None:
    answer = clients["stranger"].get(f"/?q={page_network.INTERNAL_ORGANIZATION}").content.decode()
    assert ">Nom<" not in answer
    assert ">Nom<" in clients["intervenant"].get(f"/?q={page_network.INTERNAL_ORGANIZATION}").content.decode()


def test_suggestions_are_those_of_the_viewer(clients: dict[str, Client]) -> None:
    def names(viewer: str) -> list[str]:
        answer = json.loads(clients[viewer].get("/suggestions?q=deuil").content)
        return [item["label"] for item in answer["suggestions"] if item["kind"] == "name"]

    assert len(names("stranger")) == 1
    assert len(names("partner")) == 2
    assert len(names("intervenant")) == 3


@pytest.mark.parametrize("public", [True, False])
def test_the_setting_opens_the_door_to_visitors(network: page_network.Network, settings: Any, public: bool) -> None:
    settings.PASSERELLES_PUBLIC_SEARCH = public
    for address in QUESTIONS[:-2]:
        assert Client().get(address).status_code == (200 if public else 302), address
