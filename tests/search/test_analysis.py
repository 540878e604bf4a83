"""The one analysis, pinned: an engine that cuts words otherwise finds other services."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.text import key
from search import analysis

# text, folded stream, stemmed stream
GOLDEN = [
    ("L’école d'été de l’Hébergement pour aînés", "ecole ete hebergement aines", "ecol ete heberg ain"),
    ("il me fait peur quand il boit", "peur boit", "peur boit"),
    (
        "Violences conjugales – conjoints violents",
        "violences conjugales conjoints violents",
        "violenc conjugal conjoint violent",
    ),
    ("aujourd'hui, jusqu'à Québec", "aujourd'hui quebec", "aujourd'hui quebec"),
    ("mes sœurs se chicanent, pas d'argent", "soeurs chicanent pas argent", "soeur chicanent pas argent"),
    ("sans abri, plus rien", "sans abri plus rien", "san abri plus rien"),
    ("SANTÉ MENTALE ADULTE", "sante mentale adulte", "sant mental adult"),
    ("e\u0301cole", "ecole", "ecol"),
    ("Équipe policière-sociale (ÉPS)", "equipe policiere sociale eps", "equip policier social ep"),
    (
        "hébergement hébergements hébergé héberger",
        "hebergement hebergements heberge heberger",
        "heberg heberg heberg heberg",
    ),
    ("dépendances, toxicomanies, itinérants", "dependances toxicomanies itinerants", "depend toxicoman itiner"),
    ("prévention du suicide 9-8-8", "prevention suicide 9 8 8", "prevent suicid 9 8 8"),
    ("😀 !!! — « »", "", ""),
]


@pytest.mark.parametrize(("text", "folded", "stemmed"), GOLDEN)
def test_both_streams_are_pinned(text: str, folded: str, stemmed: str) -> None:
    assert analysis.words(text) == folded.split()
    assert analysis.stems(text) == stemmed.split()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("les écoles", "l'école"),
        ("L'HÉBERGEMENT", "hebergements"),
        ("jusqu’à l’aîné", "aînés"),
        ("qu'alimentaires", "alimentaire"),
        ("psychosociale", "psychosociaux"),
    ],
)
def test_inflection_accents_case_and_elision_do_not_matter(one: str, other: str) -> None:
    assert analysis.stems(one) == analysis.stems(other)


def test_negations_are_words() -> None:
    assert {"ne", "pas", "sans", "plus", "rien", "jamais"}.isdisjoint(analysis.STOP_WORDS)


def test_stop_words_are_folded_and_can_be_kept() -> None:
    assert all(word == analysis.fold(word) for word in analysis.STOP_WORDS)
    assert analysis.words("mon père à Limoilou", stop_words=True) == ["mon", "pere", "a", "limoilou"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Équipe policière-sociale (ÉPS)", ["eps"]),
        ("Requête P-38", ["p38"]),
        ("DI-TSA et TDAH", ["ditsa", "di", "tsa", "tdah"]),
        ("carte R.A.M.Q.", ["ramq"]),
        ("SERVICES DE SANTÉ MENTALE", []),
        ("Maison des Jeunes", []),
        ("811", []),
    ],
)
def test_acronyms_of_a_listing(text: str, expected: list[str]) -> None:
    assert analysis.acronyms(text) == expected


def test_an_acronym_is_one_keyword_however_it_is_written() -> None:
    assert {analysis.acronym_key(text) for text in ("P-38", "p38", "P 38", "p.38")} == {"p38"}


def test_a_name_has_one_exact_form() -> None:
    assert analysis.name_key("L’Arc-en-Ciel  de l'Été") == analysis.name_key("arc en ciel de été")


@given(st.text(max_size=200))
def test_any_text_has_folded_terms(text: str) -> None:
    kept = set(analysis.words(text, stop_words=True))
    assert set(analysis.words(text)) <= kept
    assert all(term == term.lower() and " " not in term for term in kept)
    assert len(analysis.stems(text)) <= len(kept) or kept


@given(st.sampled_from([row[0] for row in GOLDEN]))
def test_stemming_a_text_is_stemming_its_words(text: str) -> None:
    assert analysis.stems(text) == [analysis.stem(word) for word in analysis.words(text)]


# Text as people write it, and as they should not: letters, points, every sign that stands for an apostrophe or a space.
_SIGNS = "aeéÉïçlLdDqusSTAB1238'’´-–/._,;()« »\u00a0\u202f\t\n\u0301 "
_WRITTEN = st.text(st.sampled_from(_SIGNS), max_size=60) | st.text(max_size=60)


@given(_WRITTEN)
def test_a_text_may_be_cut_at_its_spaces_first(text: str) -> None:
    """What is remembered of each piece gives what cutting the whole text gives."""
    assert analysis.words(text) == analysis.folded_analyzer().analyze(analysis.prepare(text))
    assert analysis.name_key(text) == key(analysis.prepare(text))
    assert analysis.acronym_key(text) == key(text).replace(" ", "")


@given(_WRITTEN | st.sampled_from([row[0] for row in GOLDEN]))
def test_an_index_holds_each_term_of_a_text_once(text: str) -> None:
    words, letters, stems = analysis.terms(text)
    assert words == analysis.distinct(analysis.words(text))
    assert letters == tuple(word for word in words if word.isalpha())
    assert stems == analysis.distinct(analysis.stems(text))


@pytest.mark.parametrize("length", [63, 64, 65])
def test_a_long_word_is_noise_wherever_it_is_cut(length: int) -> None:
    assert analysis.words("a" * length) == analysis.folded_analyzer().analyze("a" * length)


def test_a_full_memory_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "MOST_KEPT", 3)
    text = "Répit pour les proches aidants de l'Estrie, offert la nuit"
    assert analysis.terms(text)[0] == tuple(analysis.words(text)) == (
        "repit", "proches", "aidants", "estrie", "offert", "nuit",
    )  # fmt: skip
    assert len(analysis._stemmed_words) <= 3


@given(st.lists(st.sampled_from(["CLSC", "P-38", "DI-TSA", "de", "l'ÉPS", "(AEOR)", "R.A.M.Q.", "Québec"]), max_size=8))
def test_acronyms_come_in_order_once_each(pieces: list[str]) -> None:
    found = analysis.acronyms(" ".join(["centre", *pieces]))
    expected = {
        "CLSC": ["clsc"], "P-38": ["p38"], "DI-TSA": ["ditsa", "di", "tsa"], "l'ÉPS": ["eps"], "(AEOR)": ["aeor"],
    }  # fmt: skip
    pointed = ["ramq"] if "R.A.M.Q." in pieces else []
    assert found == list(dict.fromkeys([*pointed, *(item for piece in pieces for item in expected.get(piece, []))]))
