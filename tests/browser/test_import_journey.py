"""A coordinator's messy workbook, from the upload to the network, in a real browser: with and without scripts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from .serving import serving
from .test_accessibility import violations
from .workbooks import messy_workbook

WAIT = 90_000  # milliseconds: reading starts a process, and machines are busy


@pytest.fixture(scope="module")
def import_server(network: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a copy of the demo network: what is imported here must not be seen elsewhere."""
    folder = tmp_path_factory.mktemp("importations") / "donnees"
    shutil.copytree(network, folder, ignore=shutil.ignore_patterns("*.log", "imports", "uploads"))
    with serving(folder) as address:
        yield address


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    return messy_workbook(tmp_path)


def enter(browser: Browser, server: str, *, javascript: bool = True, width: int = 1366, height: int = 768) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="fr-CA", java_script_enabled=javascript, base_url=server
    )
    page = context.new_page()
    page.goto("/connexion/")
    page.fill("#id_username", "coordonnateur")
    page.fill("#id_password", "Passerelles-coordonnateur-2026")
    page.press("#id_password", "Enter")
    page.wait_for_url(f"{server}/")
    page.goto("/admin/importations/")
    return page


def is_accessible(page: Page) -> None:
    """axe finds nothing in the whole page, Wagtail's frame included."""
    assert violations(page) == []


def send(page: Page, path: Path) -> None:
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Envoyer et comparer").click()
    page.wait_for_url(re.compile(r"/importations/\d+/"))


def test_a_messy_workbook_from_the_upload_to_the_network(
    browser: Browser, import_server: str, messy: Path, tmp_path: Path
) -> None:
    page = enter(browser, import_server)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    is_accessible(page)
    send(page, messy)

    # The wait moves by itself to what comes next: questions, since one heading says nothing.
    is_accessible(page)
    expect(page.get_by_text("colonnes sont à préciser")).to_be_visible(timeout=WAIT)
    is_accessible(page)
    asked = page.get_by_role("combobox", name=re.compile("Qqwx"))
    expect(page.get_by_role("combobox")).to_have_count(1)
    asked.select_option("Courriel")
    page.get_by_role("button", name="Continuer").click()

    # The preview: two records to add, one row rejected, the total set aside, the formula never computed.
    expect(page.get_by_role("heading", name="Ce que le fichier change")).to_be_visible(timeout=WAIT)
    is_accessible(page)
    expect(page.locator("[data-import-summary]")).to_have_text("2\u00a0ajouts et 0\u00a0changement à appliquer")
    expect(page.locator("#lignes tbody")).to_contain_text("Halte Zébulon")
    expect(page.locator("#lignes tbody")).to_contain_text("Le nom (ou le titre, ou la contribution attendue) est vide")
    expect(page.locator("#lignes tbody")).to_contain_text("elle n’est jamais calculée")

    # Leave one out: kept at once, and still there after a filter.
    page.get_by_role("checkbox", name=re.compile("Zéphyrine")).first.check()
    expect(page.locator("[data-import-summary]")).to_contain_text("1\u00a0ligne écartée")
    page.get_by_label("Sorte").select_option("ajout")
    page.get_by_role("button", name="Filtrer").click()
    page.wait_for_url(re.compile("sorte=ajout"))
    expect(page.locator("#lignes tbody tr")).to_have_count(2)
    expect(page.get_by_role("checkbox", name=re.compile("Zéphyrine"))).to_be_checked()

    page.get_by_role("button", name="Appliquer au réseau").click()
    expect(
        page.get_by_text("C’est fait : 1\u00a0fiche ajoutée, 0\u00a0fiche modifiée.".replace(" :", "\u00a0:"))
    ).to_be_visible(timeout=WAIT)
    is_accessible(page)

    # The report comes back corrected: nothing is asked again.
    with page.expect_download() as download:
        page.get_by_role("link", name="Rapport Excel").click()
    corrected = tmp_path / "corrige.xlsx"
    download.value.save_as(corrected)
    book = load_workbook(corrected)
    book["Ress. 2026"]["A2"] = "Relais Zoé"
    book.save(corrected)
    page.goto("/admin/importations/")
    expect(page.locator(".imports-body tbody tr").first).to_contain_text("Appliqué")
    send(page, corrected)
    expect(page.get_by_role("heading", name="Ce que le fichier change")).to_be_visible(timeout=WAIT)
    expect(page.locator("#lignes tbody")).to_contain_text("Relais Zoé")
    page.get_by_role("button", name="Abandonner").click()
    expect(page.locator(".imports-body tbody tr").first).to_contain_text("Abandonné")

    # The network has what was kept, and not what was left out.
    page.goto("/admin/snippets/registry/organization/?q=z")
    expect(page.locator("main")).to_contain_text("Halte Zébulon")
    expect(page.locator("main")).not_to_contain_text("Zéphyrine")
    assert troubles == []
    page.context.close()


def refresh_until_done(page: Page) -> None:
    """Without scripts, one asks for news."""
    page.wait_for_load_state()
    for _ in range(90):
        link = page.get_by_role("link", name="Actualiser")
        if not link.count():
            return
        page.wait_for_timeout(1000)
        with page.expect_navigation():
            link.click()


def test_the_same_without_scripts(browser: Browser, import_server: str, messy: Path) -> None:
    page = enter(browser, import_server, javascript=False)
    send(page, messy)
    refresh_until_done(page)
    if page.get_by_role("button", name="Continuer").count():  # the questions of a layout come once
        with page.expect_navigation():
            page.get_by_role("button", name="Continuer").click()
        refresh_until_done(page)
    box = page.get_by_role("checkbox").first
    box.check()
    page.get_by_role("button", name="Garder ces choix").click()
    expect(page.locator("[data-import-summary]")).to_contain_text("ligne écartée")
    expect(page.get_by_role("checkbox").first).to_be_checked()
    page.get_by_role("button", name="Abandonner").click()
    expect(page.locator(".imports-body tbody tr").first).to_contain_text("Abandonné")
    page.context.close()


def test_on_a_phone_nothing_runs_off_the_side(browser: Browser, import_server: str, messy: Path) -> None:
    page = enter(browser, import_server, width=360, height=740)

    def fits() -> None:
        assert page.evaluate("document.querySelector('.imports').scrollWidth <= document.documentElement.clientWidth")
        is_accessible(page)

    fits()
    send(page, messy)
    expect(page.locator("[data-import-progress]")).to_have_count(0, timeout=WAIT)
    page.wait_for_load_state()
    fits()
    if page.get_by_role("button", name="Continuer").count():
        page.get_by_role("button", name="Continuer").click()
        expect(page.get_by_role("heading", name="Ce que le fichier change")).to_be_visible(timeout=WAIT)
        fits()
    page.context.close()
