"""Our French over Wagtail's: « modifié(e) » is nobody's way of writing."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import pytest
import wagtail
from django.conf import settings
from django.utils import translation

FOLDER = Path(settings.BASE_DIR) / "config" / "locale" / "fr" / "LC_MESSAGES"
HEDGES = re.compile(r"\((?:e|tte|le|la|s)\)|ce/cette|le/la|il/elle")
PLACEHOLDER = re.compile(r"%\(\w+\)s|</?b>")


def source() -> dict[str, str]:
    """The readable catalogue: one line for each msgid and msgstr."""
    text = (FOLDER / "django.po").read_text(encoding="utf-8")
    pairs = re.findall(r'^msgid (".+")\nmsgstr (".*")$', text, re.MULTILINE)
    return {ast.literal_eval(key): ast.literal_eval(value) for key, value in pairs if key != '""'}


def compiled(path: Path) -> dict[str, str]:
    with path.open("rb") as stream:
        catalogue = gettext.GNUTranslations(stream)
    messages: dict[str, str] = catalogue._catalog  # type: ignore[attr-defined]
    return {key: value for key, value in messages.items() if key}


def test_the_compiled_catalogue_says_what_the_readable_one_says() -> None:
    assert compiled(FOLDER / "django.mo") == source()


def test_every_sentence_is_still_one_of_wagtails() -> None:
    """After an upgrade, what Wagtail no longer says is to be removed here."""
    theirs: set[str] = set()
    for file in Path(wagtail.__file__).parent.glob("**/locale/fr/LC_MESSAGES/django.mo"):
        theirs |= {str(key) for key in compiled(file)}
    assert set(source()) <= theirs


@pytest.mark.parametrize("key", sorted(source()))
def test_a_sentence_hedges_nothing_and_makes_up_nothing(key: str) -> None:
    said = source()[key]
    assert said
    assert not HEDGES.search(said)
    assert set(PLACEHOLDER.findall(said)) <= set(PLACEHOLDER.findall(key))
    assert not re.search(r" [?!;]|[^\u00a0] ?:$|« | »", said)


def test_ours_come_first() -> None:
    with translation.override("fr"):
        assert translation.gettext("Created") == "Création"
    with translation.override("fr-ca"):
        assert translation.gettext("%(model_name)s '%(object)s' updated.").endswith("sont enregistrées.")
