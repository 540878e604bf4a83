"""No-break spaces where French wants them, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.typography import NB_HYPHEN, NBSP, no_break


def shown(text: str) -> str:
    return no_break(text).replace(NBSP, "_").replace(NB_HYPHEN, "~")


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("Fermé, ouvre lundi à 8 h 30", "Fermé, ouvre lundi à 8_h_30"),
        ("Joignable 24 h sur 24", "Joignable 24_h sur_24"),
        ("418 555-0111, poste 222", "418_555~0111, poste_222"),
        ("1 800 555-0102", "1_800_555~0102"),
        ("811, option 2", "811, option_2"),
        ("à 2,8 km, 12-17 ans", "à 2,8_km, 12-17_ans"),
        ("vérifié il y a 4 jours", "vérifié il y a 4_jours"),
        ("au plus tard le 1er mars 2027", "au plus tard le 1er_mars_2027"),
        ("sam. 21 nov.", "sam. 21_nov."),
        ("à Québec, G1K 0G9", "à Québec, G1K_0G9"),
        ("dire « oui » : noter", "dire «_oui_»_: noter"),
        ("l'heure d'été", "l’heure d’été"),
        ("12 % et 5 $", "12_% et 5_$"),
    ],
)
def test_what_a_line_must_not_break(plain: str, expected: str) -> None:
    assert shown(plain) == expected


@pytest.mark.parametrize("text", ["Vraiment?", "oui; non", "10 anses", "a 3 hommes", "rock 'n' roll", "10:30"])
def test_what_is_left_alone(text: str) -> None:
    assert no_break(text) == text


@given(st.text(alphabet=st.sampled_from("0123456789 hkmansjours-:«»'é.,€$%ABG") | st.characters(), max_size=60))
def test_it_is_stable_and_changes_no_letter(text: str) -> None:
    once = no_break(text)
    assert no_break(once) == once

    def letters(value: str) -> str:
        return "".join(value.split()).replace(NBSP, "").replace(NB_HYPHEN, "-").replace("’", "'")

    assert letters(once) == letters(text)
