"""Languages by the names people give them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from registry.languages import label, label_lower, to_code

FIXTURE = Path(__file__).parents[2] / "fixtures" / "reseau.xlsx"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Français", "fr"), ("FRANCAIS", "fr"), (" français\u00a0", "fr"), ("fr", "fr"), ("fra", "fr"), ("fr-CA", "fr"),
        ("Anglais", "en"), ("English", "en"), ("eng", "en"), ("español", "es"), ("Espagnol", "es"),
        ("Langue des signes québécoise", "fcs"), ("LSQ", "fcs"), ("ASL", "ase"),
        ("Innu", "moe"), ("innu-aimun", "moe"), ("montagnais", "moe"), ("Atikamekw", "atj"), ("attikamek", "atj"),
        ("Abénakis", "abe"), ("Cri", "cr"), ("inuktitut", "iu"), ("Mohawk", "moh"), ("Mi’kmaq", "mic"),
        ("Dari", "prs"), ("persan", "fa"), ("farsi", "fa"), ("Népali", "ne"), ("népalais", "ne"), ("Nepali", "ne"),
        ("créole haïtien", "ht"), ("créole", "ht"), ("mandarin", "cmn"), ("chinois", "zh"), ("ukrainien", "uk"),
        ("swahili", "sw"), ("Deutsch", "de"), ("pachtoune", "ps"), ("tagalog", "tl"), ("vietnamien", "vi"),
        ("tiếng Việt", "vi"), ("português", "pt"), ("fr pas", None),
        ("klingonnais", None), ("toutes", None), ("xx", None), ("", None), ("le", None),
    ],
)  # fmt: skip
def test_a_language_is_known_by_its_names(name: str, code: str | None) -> None:
    assert to_code(name) == code


def test_every_language_of_the_demo_network_comes_back_as_it_was_written() -> None:
    names: set[str] = set()
    for sheet in ("Organismes", "Services"):
        rows = CalamineWorkbook.from_path(FIXTURE).get_sheet_by_name(sheet).to_python()
        index = rows[0].index("Langues")
        names |= {name.strip() for row in rows[1:] for name in str(row[index]).split(";") if name.strip()}
    assert len(names) > 10
    for name in names:
        code = to_code(name)
        assert code is not None, name
        assert label(code) == name
        assert to_code(code) == code


def test_a_label_fits_a_list_or_a_sentence() -> None:
    assert (label("fr"), label_lower("fr")) == ("Français", "français")
    assert (label("fcs"), label_lower("fcs")) == ("Langue des signes québécoise", "langue des signes québécoise")
    assert label("xx") == label_lower("xx") == "xx"


@settings(deadline=None)
@given(st.text(max_size=30))
def test_whatever_is_written_the_answer_is_a_code_that_has_a_name(text: str) -> None:
    code = to_code(text)
    assert code is None or label(code) != code
