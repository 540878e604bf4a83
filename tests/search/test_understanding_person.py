"""Age, sex, language and urgency of the person concerned: known when said outright, guessed otherwise."""

from __future__ import annotations

import pytest

from tests.search.network import ask, chip


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("ado de 15 ans", 15),
        ("ma mère de 82 ans", 82),
        ("garçon 3 ans qui ne parle pas", 3),
        ("bébé de 8 mois", 0),
        ("18 mois", 1),
        ("j'ai 45 ans", 45),
        ("fille de six ans", 6),
        ("15ans fugue", 15),
        ("my son is 12 years old", 12),
        ("mon fils de 9", 9),
        ("âgée de 77 ans", 77),
        ("homme 30 ans", 30),
    ],
)
def test_an_age_that_is_said_is_known(text: str, age: int) -> None:
    assert ask(text).age == age


@pytest.mark.parametrize(
    "text",
    [
        "depuis 3 ans",
        "ça fait 3 mois qu'il boit",
        "il y a 2 ans",
        "enceinte de 5 mois",
        "jeunes de 12 à 17 ans",
        "dans 2 ans",
        "marié 20 ans de mariage",
        "pendant 6 mois",
        "3 ans que ça dure",
        "200 ans",
        "deuil il y a un an",
        "deux mois de retard",
        "depuis environ 10 ans",
        "appartement 4 et demi",
    ],
)
def test_a_duration_is_no_age(text: str) -> None:
    request = ask(text)
    assert request.age is None
    assert request.age_range is None


def test_two_ages_cannot_be_told_apart_and_exclude_nobody() -> None:
    request = ask("mère de 40 ans et garçon de 12 ans")
    assert request.age is None
    assert request.age_range == (12, 40)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("ado agressif", (12, 17)),
        ("aide aux aînés", (65, 110)),
        ("nouveau-né", (0, 2)),
        ("francisation adultes", (18, 64)),
    ],
)
def test_a_word_gives_a_span_that_only_guesses(text: str, span: tuple[int, int]) -> None:
    request = ask(text)
    assert request.age is None
    assert request.age_range == span
    shown = chip(request, "age")
    assert shown is not None
    assert shown.guess
    assert ask(text, removed=(("age", shown.value),)).age_range is None


def test_the_children_of_the_caller_are_not_the_person_concerned() -> None:
    assert ask("je veux divorcer, avec mes enfants").age_range is None


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("hébergement pour femmes", "f"),
        ("thérapie pour un gars", "m"),
        ("homme de 45 ans", "m"),
        ("je suis une femme", "f"),
    ],
)
def test_a_sex_said_outright_is_known(text: str, sex: str) -> None:
    assert ask(text).sex == sex


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("mon chum me crie après", "f"),
        ("ma blonde est partie", "m"),
        ("ma grand-mère tombe", "f"),
        ("mon ex est un homme violent", "f"),
        ("un couple en chicane", None),
        ("mon père et ma mère", None),
    ],
)
def test_kinship_only_guesses_the_sex(text: str, guess: str | None) -> None:
    request = ask(text)
    assert request.sex is None
    assert request.sex_guess == guess


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("elle parle espagnol", "es"),
        ("in English please", "en"),
        ("service en arabe", "ar"),
        ("anglophone", "en"),
        ("parle seulement portugais", "pt"),
        ("en LSQ", "fcs"),
        ("my husband hits me, I need help", "en"),
        ("langue maternelle innu", "moe"),
    ],
)
def test_the_language_of_the_person(text: str, code: str) -> None:
    assert ask(text).language == code


@pytest.mark.parametrize(
    "text",
    [
        "cours d'anglais",
        "interprète en espagnol",
        "apprendre le français",
        "traduction en arabe",
        "en urgence",
        "ne parle pas anglais",
        "en bas de chez nous",
        "francisation",
    ],
)
def test_a_language_to_learn_or_to_interpret_excludes_nobody(text: str) -> None:
    assert ask(text).language is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("espagnol", "es"),
        ("perte d'emploi, portugais", "pt"),
        ("Arabe. Bail, 40 ans", "ar"),
        ("peine, dari, Vanier", "prs"),
    ],
)
def test_a_language_set_apart_is_the_one_spoken(text: str, code: str) -> None:
    request = ask(text)
    assert request.language == code
    assert [(chip.value, chip.guess) for chip in request.chips if chip.kind == "language"] == [(code, False)]
    assert not [chip for chip in request.chips if chip.kind == "need" and "nterpr" in chip.label]


@pytest.mark.parametrize(
    "text", ["son mari arabe la frappe", "innu, idées noires", "cours d'anglais, vaisselle", "cri"]
)
def test_beside_another_word_it_may_say_where_one_comes_from(text: str) -> None:
    assert ask(text).language is None


@pytest.mark.parametrize("text", ["c'est urgent", "urgente", "tout de suite", "en danger", "au plus sacrant", "asap"])
def test_urgency_is_heard(text: str) -> None:
    assert ask(f"refuge {text}").urgent


@pytest.mark.parametrize("text", ["hébergement d'urgence", "l'urgence de l'hôpital", "pas urgent", "mesures d'urgence"])
def test_an_emergency_service_is_not_an_emergency(text: str) -> None:
    assert not ask(text).urgent


def test_words_of_the_audience_files_guess_too() -> None:
    assert ask("vasectomie").sex_guess == "m"
    assert ask("stérilet").sex_guess == "f"
    assert ask("jeune fugueuse").age_range == (0, 17)
