"""Phone numbers in every form the network writes them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.phones import SHORT_CODES, InvalidPhone, Phone, canonical_or_same, parse_phone


@pytest.mark.parametrize(
    "text",
    [
        "418-555-0109", "(418) 555-0109", "418–555–0109", "+1 418 555 0109", "1-418-555-0109", "418.555.0109",
        "4185550109", "418\u00a0555-0109", "418\u2011555\u20110109", " 418 555 0109 ", "1 (418) 555-0109",
        "Tél. : 418 555-0109",
    ],
)  # fmt: skip
def test_one_number_has_one_stored_form(text: str) -> None:
    phone = parse_phone(text)
    assert phone == Phone("+14185550109")
    assert phone.canonical == "418-555-0109"


@pytest.mark.parametrize(
    "written",
    [
        "poste 22", ", poste 22", "p. 22", ", p. 22", "ext 22", "ext. 22", "#22", "x22", "poste: 22", "Poste : 22",
        "poste #22", "(poste 22)",
    ],
)  # fmt: skip
def test_an_extension_is_read_however_it_is_announced(written: str) -> None:
    phone = parse_phone(f"418 555-0109 {written}")
    assert (phone.extension, phone.note) == ("22", "")
    assert phone.canonical == "418-555-0109 poste 22"
    assert phone.display == "418 555-0109, poste 22"
    assert phone.tel_uri == "tel:+14185550109,22"


def test_a_number_is_never_cut_at_the_end_of_a_line() -> None:
    assert parse_phone("418-555-0109 poste 22").display_nb == "418\u00a0555\u20110109, poste\u00a022"


@pytest.mark.parametrize("code", sorted(SHORT_CODES))
def test_short_codes_are_numbers(code: str) -> None:
    assert parse_phone(code) == parse_phone("-".join(code)) == Phone(code)
    assert parse_phone(code).tel_uri == f"tel:{code}"


def test_what_to_press_is_kept() -> None:
    phone = parse_phone("811, option 2")
    assert phone == Phone("811", note="option 2")
    assert (phone.canonical, phone.display, phone.tel_uri) == ("811, option 2", "811, option 2", "tel:811")
    assert parse_phone("988").display == "9-8-8"


def test_toll_free_numbers_keep_their_one() -> None:
    phone = parse_phone("1 800 555-0102")
    assert (phone.canonical, phone.display) == ("1-800-555-0102", "1 800 555-0102")
    assert parse_phone("8005550102") == phone
    assert parse_phone("1 866 APPELLE").number == "+18662773553"


def test_numbers_of_elsewhere_are_kept_in_their_own_form() -> None:
    assert parse_phone("+33 1 42 68 53 00").canonical == "+33 1 42 68 53 00"
    assert parse_phone("310-4141").canonical == "310-4141"


@pytest.mark.parametrize(
    "text",
    [
        "", "418-555-01xx", "voir site web", "Demander Luc", "555-0109", "418-555-010", "41855501099", "118-555-0109",
        "911-555-0109", "418-155-0109", "999", "418 555-0109 ou 418 555-0110", "418-555-0109-22", "G1K 0G9",
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_in_french_and_kept(text: str) -> None:
    with pytest.raises(InvalidPhone) as refusal:
        parse_phone(text)
    assert str(refusal.value).endswith(".")
    assert canonical_or_same(f" {text} ") == text


PHONES = st.builds(
    Phone,
    st.builds(
        lambda area, exchange, line: f"+1{area}{exchange}{line:04}",
        st.sampled_from(["418", "819", "514", "581", "800", "866"]),
        st.integers(200, 999),
        st.integers(0, 9999),
    )
    | st.sampled_from(sorted(SHORT_CODES)),
    st.just("") | st.integers(0, 99999).map(str),
    st.just("") | st.sampled_from(["option 2", "jour", "demander l’accueil"]),
)


@settings(deadline=None)
@given(PHONES)
def test_what_is_stored_or_shown_reads_back_the_same(phone: Phone) -> None:
    assert parse_phone(phone.canonical) == phone
    assert parse_phone(phone.display) == phone
    assert parse_phone(phone.display_nb) == phone


@settings(deadline=None)
@given(st.text(max_size=40) | st.text(alphabet="0123456789 -+().x#p", max_size=25))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        phone = parse_phone(text)
    except InvalidPhone:
        return
    assert parse_phone(phone.canonical).number == phone.number
