"""axe finds nothing in any state of any page; nothing scrolls sideways; colours are not alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import Open
from .serving import AXE
from .states import ADMIN, STATES, resolved, settle

SIZES = {"desk": (1366, 768), "phone": (360, 740)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}}).then(result => result.violations)", RULES
    )
    return [f"{item['id']}: {node['html'][:160]}" for item in found for node in item["nodes"]]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(open_page: Open, state: str, size: str) -> None:
    width, height = SIZES[size]
    if state == "not found":  # the browser itself reports the 404 in its console
        page = open_page("/", width=width, height=height)
        page.route("**/nulle-part", lambda route: _as_found(route))
        page.goto(STATES[state])
    else:
        page = open_page(STATES[state], width=width, height=height)
    settle(page)
    if size == "phone":  # unrolled: what the sticky footer covers at one moment of scrolling is no fault
        page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight") + 100})
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", ADMIN)
def test_axe_finds_nothing_in_the_coordination(open_page: Open, state: str, size: str) -> None:
    """Wagtail's frame included. No sentence hedges either (« modifié(e) »)."""
    role, address = ADMIN[state]
    width, height = SIZES[size]
    page = open_page("/admin/", role=role, width=width, height=height)
    page.goto(resolved(address, page))
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert re.findall(r"\S*\((?:e|tte|le|la)\)\S*", page.inner_text("body")) == []


def _as_found(route):  # type: ignore[no-untyped-def]
    answer = route.fetch()
    route.fulfill(response=answer, status=200)


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_at_the_door(open_page: Open, size: str) -> None:
    width, height = SIZES[size]
    page = open_page("/connexion/", role="", width=width, height=height)
    assert violations(page) == []
    page.fill("#id_username", "intervenant")
    page.fill("#id_password", "inexact")
    page.press("#id_password", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("inexact")
    assert violations(page) == []


@pytest.mark.parametrize("state", ["start", "list", "sheet", "basket", "rescue", "nothing", "print"])
def test_four_hundred_percent_zoom(open_page: Open, state: str) -> None:
    page = open_page(STATES[state], width=320, height=256)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_proposals_and_help_too(open_page: Open) -> None:
    page = open_page("/")
    page.keyboard.type("viol")
    expect(page.locator("#propositions [role=option]")).not_to_have_count(0)
    page.keyboard.press("Alt+ArrowDown")
    assert violations(page) == []
    page.focus("#ressources")
    page.keyboard.press("?")
    expect(page.locator("#aide")).to_be_visible()
    assert violations(page) == []


def test_forced_colours_keep_the_shapes(open_page: Open) -> None:
    page = open_page(STATES["list"], forced_colors="active")
    colour = "css => getComputedStyle(document.querySelector(css), '::before').backgroundColor"
    filled, empty = (page.evaluate(colour, css) for css in (".reach.on", ".reach.soon, .reach.off"))
    assert filled != empty


def test_reduced_motion_moves_nothing(open_page: Open) -> None:
    page = open_page(STATES["list"], reduced_motion="reduce")
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.card')).transitionDuration)") < 0.001


def test_this_suite_would_see_a_fault(open_page: Open) -> None:
    page = open_page("/")
    page.evaluate("document.querySelector('main').append(new Image())")
    assert any(fault.startswith("image-alt") for fault in violations(page))


@pytest.mark.parametrize("width", [320, 1366])
def test_long_names_stay_inside(open_page: Open, width: int) -> None:
    page = open_page(STATES["list"], width=width)
    page.evaluate(
        """() => {
          const long = 'Anticonstitutionnellement'.repeat(8);
          for (const css of ['.card-name a', '.card-org', '.card-why', '.card-facts .pill', '.chip b', '.list-head h2'])
            document.querySelectorAll(css).forEach((element) => { element.textContent = long; });
        }"""
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    outside = page.evaluate(
        "[...document.querySelectorAll('.card')].filter((card) => card.scrollWidth > card.clientWidth + 1).length"
    )
    assert outside == 0
