"""The map: opened on demand, by keyboard too; nothing asked of another machine; the same in a list without a script."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from .conftest import Open
from .states import WHEN
from .test_accessibility import violations

LIST = "/?q=mon ado fugue, Limoilou" + WHEN


def focused(page: Page) -> str:
    return page.evaluate(
        "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"
    )


def test_it_opens_on_demand_and_asks_nothing_of_another_machine(open_page: Open) -> None:
    page = open_page("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(LIST)
    assert not [address for address in asked if "leaflet" in address]
    page.click("#voir-carte")
    expect(page.locator(".map-point").first).to_be_visible()
    expect(page.locator("#h-carte")).to_be_focused()
    expect(
        page.locator(".map-name", has_text="Limoilou").or_(page.locator(".map-name", has_text="Beauport"))
    ).not_to_have_count(0)
    assert [address for address in asked if "leaflet.js" in address]
    here = re.match(r"https?://[^/]+", page.url)
    assert here and {address[: len(here[0])] for address in asked if not address.startswith("data:")} == {here[0]}


def test_every_point_is_a_place_of_the_list_below(open_page: Open) -> None:
    page = open_page(LIST + "&vue=carte")
    expect(page.locator(".map-point").first).to_be_visible()
    places = page.locator(".spot").count()
    alone = page.locator(".map-point:not(.several)").all_inner_texts()
    together = [int(text.split()[0]) for text in page.locator(".map-point.several").all_inner_texts()]
    assert len(alone) + sum(together) == places
    assert set(alone) <= set(page.locator(".spot-n").all_inner_texts())
    listed = set(page.locator(".card-name").all_inner_texts())
    assert set(page.locator(".spot ul a").all_inner_texts()) <= listed


def test_by_keyboard_alone(open_page: Open) -> None:
    page = open_page(LIST)
    page.focus("#voir-carte")
    page.keyboard.press("Enter")
    expect(page.locator("#h-carte")).to_be_focused()
    point = page.locator(".map-point:not(.several)").first
    point.focus()
    label = point.get_attribute("aria-label") or ""
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup")
    expect(popup.locator("a").first).to_be_focused()
    assert popup.get_attribute("aria-label") == label
    assert violations(page) == []
    page.keyboard.press("Escape")  # closes the popup, not the map
    expect(popup).to_have_count(0)
    expect(point).to_be_focused()
    page.keyboard.press(" ")
    name = popup.locator("a").first.inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#h-fiche")).to_have_text(name)
    expect(page.locator("#h-fiche")).to_be_focused()
    page.keyboard.press("Escape")  # the sheet gives its place back to the map
    expect(page.locator(".map-point").first).to_be_visible()
    page.locator("#ressources").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#carte")).to_have_count(0)
    expect(page.locator("#voir-carte")).to_be_focused()


def test_places_too_near_are_one_point_that_opens_by_coming_nearer(open_page: Open) -> None:
    page = open_page("/?q=aide alimentaire&vue=carte&suite=100" + WHEN)
    group = page.locator(".map-point.several").first
    before = page.locator(".map-point").count()
    group.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#carte-fond")).to_be_focused()
    page.wait_for_function("before => document.querySelectorAll('.map-point').length > before", arg=before)


def test_it_follows_what_one_types(open_page: Open) -> None:
    page = open_page("/?q=aide alimentaire&vue=carte")
    expect(page.locator(".map-point").first).to_be_visible()
    page.focus("#q")
    page.keyboard.press("End")
    page.keyboard.type(" Limoilou")
    page.wait_for_function("() => new URLSearchParams(location.search).get('q').endsWith('Limoilou')")
    expect(page.locator(".map-here")).to_have_count(1)
    assert "vue=carte" in page.url
    assert focused(page) == "q"


def test_without_a_script_the_same_places_as_a_list(open_page: Open) -> None:
    page = open_page(LIST, javascript=False)
    page.get_by_role("link", name="Carte").click()
    expect(page.locator("#carte-fond")).not_to_be_visible()
    expect(page.get_by_text("La carte demande JavaScript")).to_be_visible()
    expect(page.locator(".spot a").first).to_be_visible()
    page.get_by_role("link", name="Fermer").click()
    expect(page.locator("#carte")).to_have_count(0)


def test_a_confidential_place_is_counted_and_never_drawn(open_page: Open) -> None:
    page = open_page(
        "/?q=maison d'hébergement violence conjugale&type=maison_hebergement&vue=carte&suite=100", role="gestionnaire"
    )
    expect(page.locator("#carte")).to_contain_text(re.compile(r"Pas sur la carte.*\d+ à adresse confidentielle"))
    hidden = page.locator(".card-name", has_text="Hébergement d’urgence – violence conjugale")
    expect(hidden).not_to_have_count(0)
    expect(page.locator(".spot", has_text="Hébergement d’urgence – violence conjugale")).to_have_count(0)


def test_on_a_phone_it_takes_the_place_of_the_list(open_page: Open) -> None:
    page = open_page(LIST, width=360, height=740)
    page.click("#voir-carte")
    expect(page.locator(".map-point").first).to_be_visible()
    expect(page.locator(".card").first).not_to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#carte a.back").click()
    expect(page.locator(".card").first).to_be_visible()


def test_nothing_moves_for_whoever_asked_for_stillness(open_page: Open) -> None:
    page = open_page(LIST + "&vue=carte", reduced_motion="reduce")
    expect(page.locator(".map-point").first).to_be_visible()
    expect(page.locator(".leaflet-zoom-anim, .leaflet-fade-anim")).to_have_count(0)


def test_paper_gets_the_list(open_page: Open) -> None:
    page = open_page(LIST + "&vue=carte")
    page.emulate_media(media="print")
    expect(page.locator("#carte")).not_to_be_visible()
    expect(page.locator(".card").first).to_be_visible()
