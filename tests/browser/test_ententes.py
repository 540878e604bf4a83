"""The pages where ententes are answered: reachable by all, at every width, with and without a script, by keyboard."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import Open
from .serving import ROOT, ServerError, environment
from .test_accessibility import SIZES, violations

# Name of the page → role that opens it; blank: whoever holds the link.
PAGES = {
    "list": "partenaire", "negotiation": "partenaire", "signing": "partenaire", "in force": "partenaire",
    "accept": "", "sign": "", "overtaken": "", "forged": "", "calendar": "partenaire",
}  # fmt: skip


@pytest.fixture(scope="module")
def scene(network: Path, server: str) -> dict[str, str]:
    """Addresses of pages, by name; the ententes are made once for this module."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.ententes_scene"], cwd=ROOT, env=environment(network), capture_output=True,
        text=True,
    )  # fmt: skip
    if done.returncode:
        raise ServerError(done.stderr)
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


def opened(open_page: Open, scene: dict[str, str], name: str, **options: object) -> Page:
    """The page, without the browser's own complaint about a link that gives nothing (410, 404)."""
    page = open_page("/connexion/" if not PAGES[name] else "/", role=PAGES[name], **options)

    def as_found(route) -> None:  # type: ignore[no-untyped-def]
        route.fulfill(response=route.fetch(), status=200)

    if name in ("overtaken", "forged"):
        page.route("**/ententes/lien/**", as_found)
    page.goto(scene[name])
    return page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    open_page: Open, scene: dict[str, str], name: str, size: str
) -> None:
    width, height = SIZES[size]
    page = opened(open_page, scene, name, width=width, height=height)
    if size == "phone":
        page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight") + 100})
    page.evaluate("document.querySelectorAll('main details').forEach((fold) => { fold.open = true; })")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


@pytest.mark.parametrize("name", ["negotiation", "accept", "overtaken"])
def test_four_hundred_percent_zoom(open_page: Open, scene: dict[str, str], name: str) -> None:
    page = opened(open_page, scene, name, width=320, height=256)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_change_is_said_without_colour(open_page: Open, scene: dict[str, str]) -> None:
    page = opened(open_page, scene, "accept")
    assert (
        page.locator("#changements del").first.evaluate("e => getComputedStyle(e).textDecorationLine") == "line-through"
    )
    assert page.locator("#changements ins").first.evaluate("e => getComputedStyle(e).textDecorationLine") == "underline"
    assert "retiré" in (page.locator("#changements del").first.text_content() or "")


def test_a_text_is_accepted_with_the_keyboard_and_no_script(open_page: Open, scene: dict[str, str]) -> None:
    page = opened(open_page, scene, "accept", javascript=False)
    page.get_by_role("link", name="Aller à la réponse").press("Enter")
    page.get_by_role("checkbox").press("Space")
    page.get_by_label("Votre nom complet").first.fill("benoit nguyenta")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous avez accepté ce texte")
    expect(page.locator(".hash")).to_have_text(re.compile(r"^[0-9a-f]{64}$"))


def test_a_wrong_name_is_said_where_it_stands(open_page: Open, scene: dict[str, str]) -> None:
    page = opened(open_page, scene, "sign")
    page.route("**/ententes/lien/**", lambda route: route.fulfill(response=route.fetch(), status=200))
    page.get_by_role("checkbox").check()
    page.get_by_label("Votre nom complet").first.fill("Marie Côté")
    page.get_by_role("button", name="Signer").click()
    expect(page.get_by_role("alert")).to_contain_text("n’est pas celui de la personne")
    expect(page.get_by_label("Votre nom complet").first).to_have_attribute("aria-invalid", "true")
    assert violations(page) == []
    page.get_by_role("checkbox").check()
    page.get_by_label("Votre nom complet").first.fill("Marc Côté")
    page.get_by_role("button", name="Signer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous avez signé")
    assert violations(page) == []


def test_a_partner_comments_names_and_accepts_without_a_script(open_page: Open, scene: dict[str, str]) -> None:
    page = opened(open_page, scene, "signing", javascript=False)
    expect(page.get_by_role("listitem").filter(has_text="En signature").first).to_be_visible()
    page = opened(open_page, scene, "negotiation", javascript=False)
    page.locator("#texte summary").first.click()
    page.get_by_label("Votre commentaire, lu par toutes les parties").first.fill("Le soir aussi?")
    page.get_by_role("button", name="Envoyer le commentaire").first.click()
    expect(page.get_by_role("status")).to_contain_text("Votre commentaire est ajouté")
    expect(page.locator("#texte")).to_contain_text("Le soir aussi?")
