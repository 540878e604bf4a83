"""A call, from the first word to the note in the file: by keyboard alone, without script, on a phone."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from .conftest import Open

QUESTION = "ma fille de 16 ans ne mange plus, Limoilou"


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.tagName")


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def ask(page: Page, question: str = QUESTION) -> None:
    """Types a question and waits for its answer."""
    with page.expect_response(lambda response: "q=" in response.url and "/suggestions" not in response.url):
        page.keyboard.type(question)
    expect(page.locator("#compris .chip")).not_to_have_count(0)
    page.wait_for_function("question => new URLSearchParams(location.search).get('q') === question", arg=question)


class TestByKeyboardAlone:
    def test_type_refine_open_basket_copy(self, open_page: Open) -> None:
        page = open_page("/", permissions=["clipboard-read", "clipboard-write"])
        assert focused(page) == "q"  # the page opens on its field
        ask(page)
        expect(page.locator("#annonce")).to_have_text(re.compile(r"^\d+ ressources$"))
        assert query(page)["q"] == [QUESTION]
        chips = page.locator("a.chip-x[id]")
        before = chips.count()
        assert before >= 2

        # Leave the field for the first resource, then take a chip away by its number: the next one gets the focus.
        page.keyboard.press("ArrowDown")
        assert focused(page) == page.locator(".card-name a").first.get_attribute("id")
        page.keyboard.press("2")
        expect(chips).to_have_count(before - 1)
        assert focused(page) == "puce-2" or before == 2
        assert len(query(page)["sans"]) == 1

        # Tick a facet: it stays ticked and keeps the focus.
        box = page.locator('.facets input[name="disponibilite"][value="disponible"]')
        box.focus()
        with page.expect_response(re.compile("disponibilite=disponible")):
            page.keyboard.press("Space")
        expect(page.locator("#travail")).to_have_attribute("data-annonce", re.compile("ressource"))
        expect(box).to_be_checked()
        assert query(page)["disponibilite"] == ["disponible"]
        assert focused(page) == "f-disponibilite-disponible"

        # Move down, open: the sheet's title has the focus, its card is the current one.
        page.keyboard.press("j")
        page.keyboard.press("j")
        second = page.locator(".card-name a").nth(1)
        assert focused(page) == second.get_attribute("id")
        name = second.inner_text()
        page.keyboard.press("Enter")
        expect(page.locator("#h-fiche")).to_have_text(name)
        expect(page.locator("#h-fiche")).to_be_focused()
        expect(page.locator(".card[aria-current=true] .card-name")).to_have_text(name)

        # Basket, and the note.
        page.keyboard.press("b")
        expect(page.locator("#bouton-panier")).to_have_text("Panier (1)")
        page.keyboard.press("c")
        expect(page.locator("#avis")).to_have_text("Note copiée.")
        note = page.evaluate("navigator.clipboard.readText()")
        assert note.startswith("Orientation du ")
        assert name.replace("\u00a0", " ").replace("’", "'") in note.replace("’", "'")
        assert "mange" not in note  # nothing of what the person says
        assert not re.search("[\u00a0\u2011]\\d", note)  # a phone number that other software can read

        # Escape closes the sheet and comes back to its card; a second one changes nothing.
        page.keyboard.press("Escape")
        expect(page.locator("#fiche")).to_have_count(0)
        expect(second).to_be_focused()
        expect(page.locator("#panier h2")).to_have_text("Panier : 1 ressource")

        # Back to the field: the question is selected, ready to be replaced.
        page.keyboard.press("/")
        assert focused(page) == "q"
        assert page.evaluate("getSelection().toString()") == QUESTION

    def test_escape_in_the_field_goes_to_the_list_and_keeps_the_question(self, open_page: Open) -> None:
        page = open_page("/")
        ask(page)
        page.keyboard.press("Escape")
        assert focused(page).startswith("r-")
        assert page.input_value("#q") == QUESTION

    def test_j_and_k_stop_at_the_ends(self, open_page: Open) -> None:
        page = open_page(f"/?q={QUESTION}")
        first = page.locator(".card-name a").first
        page.locator("#ressources").focus()
        for key in "jkk":
            page.keyboard.press(key)
        expect(first).to_be_focused()

    def test_b_on_a_card_keeps_the_focus_on_it(self, open_page: Open) -> None:
        page = open_page(f"/?q={QUESTION}")
        page.keyboard.press("ArrowDown")
        here = focused(page)
        page.keyboard.press("b")
        expect(page.locator("#bouton-panier")).to_have_text("Panier (1)")
        assert focused(page) == here
        page.keyboard.press("b")
        expect(page.locator("#bouton-panier")).to_have_text("Panier (0)")

    def test_help_opens_and_gives_the_focus_back(self, open_page: Open) -> None:
        page = open_page("/")
        page.locator("#ressources").focus()
        page.keyboard.press("?")
        expect(page.locator("#aide")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#aide")).not_to_be_visible()
        assert focused(page) == "ressources"

    def test_letters_typed_in_a_field_are_letters(self, open_page: Open) -> None:
        page = open_page(f"/?q={QUESTION}&panier=SRV0001")
        page.focus("#q")
        page.keyboard.press("End")
        page.keyboard.type(" bjk1/?")
        assert page.input_value("#q") == QUESTION + " bjk1/?"
        expect(page.locator("#bouton-panier")).to_have_text("Panier (1)")

    def test_shortcuts_can_be_switched_off(self, open_page: Open) -> None:
        page = open_page("/profil/raccourcis", role="gestionnaire")
        try:
            page.get_by_label("Désactivés").check()
            page.get_by_role("button", name="Enregistrer").click()
            expect(page.locator(".note.ok")).to_contain_text("désactivés")
            page.goto(f"/?q={QUESTION}")
            page.keyboard.press("ArrowDown")  # arrows, Enter and Escape stay
            here = focused(page)
            assert here.startswith("r-")
            for key in ("j", "b", "?", "1", "/"):
                page.keyboard.press(key)
            assert focused(page) == here
            expect(page.locator("#bouton-panier")).to_have_text("Panier (0)")
            expect(page.locator("#aide")).not_to_be_visible()
            expect(page.locator(".foot .keys")).to_have_count(0)
        finally:
            page.goto("/profil/raccourcis")
            page.get_by_label("Activés", exact=True).check()
            page.get_by_role("button", name="Enregistrer").click()

    def test_the_browser_refuses_the_clipboard(self, open_page: Open) -> None:
        page = open_page(f"/?q={QUESTION}&panier=SRV0001")
        page.evaluate("() => { navigator.clipboard.writeText = async () => { throw new Error('refusé'); }; }")
        page.click("#copier")
        expect(page.locator("#avis")).to_contain_text("Ctrl + C")
        assert page.evaluate("getSelection().toString()").startswith("Orientation du ")


class TestProposals:
    def test_alt_down_enters_them_and_enter_takes_one(self, open_page: Open) -> None:
        page = open_page("/")
        page.keyboard.type("viol")
        options = page.locator("#propositions [role=option]")
        expect(options).not_to_have_count(0)
        expect(page.locator("#q")).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("Alt+ArrowDown")
        expect(options.first).to_have_attribute("aria-selected", "true")
        expect(page.locator("#q")).to_have_attribute("aria-activedescendant", "propositions-0")
        chosen = options.first.get_attribute("data-value")
        page.keyboard.press("Enter")
        expect(page.locator("#q")).to_have_value(chosen or "")
        expect(options).to_have_count(0)
        page.wait_for_function("text => new URLSearchParams(location.search).get('q') === text", arg=chosen)

    def test_a_plain_down_arrow_goes_to_the_results(self, open_page: Open) -> None:
        page = open_page("/")
        page.keyboard.type("viol")
        expect(page.locator("#propositions [role=option]")).not_to_have_count(0)
        expect(page.locator(".card")).not_to_have_count(0)
        page.keyboard.press("ArrowDown")
        assert focused(page).startswith("r-")

    def test_the_place_field_is_an_ordinary_combo_box(self, open_page: Open) -> None:
        page = open_page("/")
        page.focus("#lieu")
        page.keyboard.type("lim")
        expect(page.locator("#lieux [role=option]").first).to_have_text("Limoilou")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#lieu")).to_have_value("Limoilou")
        expect(page.locator("#compris")).to_contain_text("Limoilou")


class TestTheAddress:
    def test_a_question_can_be_reloaded_and_shared(self, open_page: Open) -> None:
        page = open_page("/")
        ask(page)
        first = page.locator(".card-name").all_inner_texts()
        page.reload()
        assert page.locator(".card-name").all_inner_texts() == first
        assert page.input_value("#q") == QUESTION

    def test_back_returns_to_the_list_then_to_the_start(self, open_page: Open) -> None:
        page = open_page("/")
        ask(page)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#fiche")).to_be_visible()
        page.go_back()
        expect(page.locator("#fiche")).to_have_count(0)
        assert page.input_value("#q") == QUESTION
        expect(page.locator(".card")).not_to_have_count(0)

    def test_what_was_understood_is_a_hint_of_its_field(self, open_page: Open) -> None:
        page = open_page("/")
        ask(page)
        expect(page.locator("#lieu")).to_have_attribute("placeholder", "Limoilou")
        expect(page.locator("#age")).to_have_attribute("placeholder", "16")
        assert page.input_value("#age") == ""
        page.fill("#age", "40")
        expect(page.locator("#compris")).to_contain_text("40")

    def test_removing_a_chip_that_came_from_a_field_empties_the_field(self, open_page: Open) -> None:
        page = open_page("/?q=logement&age=40")
        page.locator(".chip", has_text="40").locator("a").click()
        expect(page.locator("#age")).to_have_value("")
        assert "age" not in query(page)

    def test_nothing_of_the_answers_stays_in_the_browser(self, open_page: Open) -> None:
        page = open_page("/")
        ask(page)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#fiche")).to_be_visible()
        assert page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])") == "[{},{}]"

    def test_scroll_of_the_list_is_kept_when_a_sheet_opens(self, open_page: Open) -> None:
        page = open_page(f"/?q={QUESTION}")
        page.evaluate("document.querySelector('.list').scrollTop = 700")
        page.locator(".card-name a").nth(5).click()
        expect(page.locator("#fiche")).to_be_visible()
        assert page.evaluate("document.querySelector('.list').scrollTop") == 700


class TestWithoutJavaScript:
    def test_the_whole_journey(self, open_page: Open) -> None:
        page = open_page("/", javascript=False)
        page.fill("#q", QUESTION)
        page.get_by_role("button", name="Chercher").click()
        expect(page.locator(".card")).not_to_have_count(0)
        before = page.locator("a.chip-x[id]").count()
        page.locator(".chip", has_text="16 ans").locator("a").click()
        expect(page.locator("a.chip-x[id]")).to_have_count(before - 1)
        page.locator('.facets input[value="disponible"]').check()
        page.get_by_role("button", name="Appliquer les filtres").click()
        expect(page.locator('.facets input[value="disponible"]')).to_be_checked()
        page.locator(".card-name a").first.click()
        expect(page.locator("#fiche")).to_be_visible()
        page.get_by_role("link", name="Ajouter au panier").click()
        expect(page.locator("#bouton-panier")).to_have_text("Panier (1)")
        page.locator("#fermer").click()
        expect(page.locator("#note")).to_contain_text("Orientation du ")
        page.get_by_role("link", name="Imprimer").click()
        expect(page.locator(".printed h2")).to_have_count(1)

    def test_nothing_is_shown_that_needs_a_script(self, open_page: Open) -> None:
        page = open_page(f"/?q={QUESTION}&fiche=SRV0001&panier=SRV0001", javascript=False)
        expect(page.get_by_role("button", name="Copier la note")).to_have_count(0)
        expect(page.locator("kbd").first).not_to_be_visible()
        expect(page.locator("#note-pli")).to_be_visible()

    def test_filters_and_fields_are_open_on_a_desk(self, open_page: Open) -> None:
        page = open_page(f"/?q={QUESTION}", javascript=False)
        expect(page.locator("#lieu")).to_be_visible()
        expect(page.locator('.facets input[name="joignable"]')).to_be_visible()

    def test_another_moment(self, open_page: Open) -> None:
        page = open_page("/", javascript=False)
        expect(page.locator("#le")).not_to_be_visible()
        page.select_option("#moment", "autre")
        page.fill("#q", "logement")
        page.fill("#le", "2026-11-21T20:40")
        page.get_by_role("button", name="Chercher").click()
        expect(page.locator("#compris")).to_contain_text("20 h 40")


class TestOnAPhone:
    def test_the_sheet_replaces_the_list(self, open_page: Open) -> None:
        page = open_page(f"/?q={QUESTION}", width=360, height=740)
        expect(page.locator(".card").first).to_be_visible()
        expect(page.locator('.facets input[name="joignable"]')).not_to_be_visible()
        page.locator("summary", has_text="Filtrer").click()
        expect(page.locator('.facets input[name="joignable"]')).to_be_visible()
        page.locator(".card-name a").first.click()
        expect(page.locator("#fiche")).to_be_visible()
        expect(page.locator(".card").first).not_to_be_visible()
        page.locator("a.back").click()
        expect(page.locator(".card").first).to_be_visible()

    def test_fields_are_in_a_drawer_that_says_what_it_holds(self, open_page: Open) -> None:
        page = open_page(f"/?q={QUESTION}", width=360, height=740)
        expect(page.locator("#lieu")).not_to_be_visible()
        summary = page.locator(".ask-more-fields > summary")
        expect(summary).to_contain_text("Limoilou, 16 ans")
        summary.click()
        expect(page.locator("#lieu")).to_be_visible()
