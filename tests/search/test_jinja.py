"""What the templates of our pages may call: nothing of a listing reaches the page as markup."""

from __future__ import annotations

from html import unescape

import pytest
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup, escape

from search.jinja import ICONS, LONGEST_REMEMBERED, icon, nb
from search.presentation.pieces import Phone
from search.typography import NBSP, no_break


def shown(source: str, **names: object) -> str:
    return engines["pages"].from_string(source).render(names)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=LONGEST_REMEMBERED + 40))
def test_a_text_is_the_same_once_read_and_never_markup(text: str) -> None:
    made = str(nb(text))
    assert not set("<>\"'") & set(made)
    assert unescape(made) == no_break(text)


@pytest.mark.parametrize("length", [1, LONGEST_REMEMBERED + 1])
def test_short_or_long_a_name_is_escaped_once(length: int) -> None:
    name = "<b>" + "a" * length
    assert shown("{{ name|nb }}", name=name) == "&lt;b&gt;" + "a" * length
    assert shown("{{ name }}", name=name) == "&lt;b&gt;" + "a" * length
    assert shown('<p title="{{ name|nb }}">', name='"><script>').count("<") == 1


def test_nothing_is_shown_of_what_is_not_there() -> None:
    assert shown("{{ name|nb }}", name=None) == ""
    assert shown("{{ hours|capfirst|nb }}", hours="ouvert à 8 h 30") == f"Ouvert à 8{NBSP}h{NBSP}30"


def test_a_name_that_nobody_gave_is_an_error_under_test() -> None:
    with pytest.raises(UndefinedError):
        shown("{{ page.title }}")


class Card:
    def __init__(self, **values: object) -> None:
        vars(self).update(values)


@given(st.text(max_size=40))
def test_what_stands_in_an_attribute_is_escaped_like_the_rest(text: str) -> None:
    assert shown("{{ card.name }}", card=Card(name=text)) == str(escape(text))
    assert shown("{% set kept %}{{ card.name }}{% endset %}{{ kept }}", card=Card(name=text)) == str(escape(text))


def test_what_is_markup_is_not_escaped_again_and_a_number_is_itself() -> None:
    assert shown("{{ card.name }}", card=Card(name=Markup("<b>"))) == "<b>"
    assert shown("{{ card.count }} {{ card.known }}", card=Card(count=12, known=True)) == "12 True"


def test_an_attribute_that_is_not_there_is_an_error_not_a_blank() -> None:
    with pytest.raises(AttributeError):
        shown("{{ card.name }}", card=Card())


def test_a_part_is_the_macro_drawn_and_nothing_of_a_listing_is_markup_in_it() -> None:
    drawn = shown('{{ phone|part("phone_link", "tel") }}', phone=Phone('"><script>'))
    assert drawn == '<span class="tel unknown">&#34;&gt;&lt;script&gt;</span>'
    field = shown('{{ name|part("box_field", value) }}', name="type", value='a"><b>')
    assert field == 'id="f-type-ab" name="type" value="a&#34;&gt;&lt;b&gt;"'


def test_an_icon_stays_an_icon_and_an_unknown_one_is_refused() -> None:
    assert shown('{{ icon("warn") }}').startswith('<svg class="ico" aria-hidden="true"')
    assert 'href="#i-warn"' in icon("warn")
    with pytest.raises(KeyError):
        icon("licorne")


def test_every_icon_is_drawn_in_the_page() -> None:
    drawn = shown('{% include "components/icons.html" %}')
    assert [name for name in ICONS if f'id="i-{name}"' not in drawn] == []
