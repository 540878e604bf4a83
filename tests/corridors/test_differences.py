"""What changes between two texts, as a negotiator reads it."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors.differences import Change, Difference, Word, compare, words
from corridors.reading import delay, read

LABELS = {
    "organizations": {"ORG1": "CIUSSS de la Rive", "ORG2": "La Vigie"},
    "services": {"SRV1": "Crise dans le milieu", "SRV2": "Hébergement de crise"},
    "territories": {"T1": "Limoilou", "T2": "Vanier"},
}


def clause(key: str, title: str, text: str, **values: str) -> dict[str, str]:
    return {"key": key, "kind": "libre", "title": title, "text": text, "frequency": "", **values}


def terms(**values: Any) -> dict[str, Any]:
    return {
        "number": "ENT-1", "title": "Crise", "object": "Répondre ensemble.", "instrument_type": "entente_service",
        "starts_on": "2027-01-05", "ends_on": None, "renewal": "tacite", "renewal_months": 12, "notice_days": 60,
        "referral_mechanism": "Télécopie.", "dispute_mechanism": "", "information_exchange": "",
        "modalities": ["presence"], "programs": ["sante_mentale"], "territories": ["T1"],
        "parties": [{"organization": "ORG1", "role": "centre", "mandate": ""},
                    {"organization": "ORG2", "role": "partenaire", "mandate": ""}],
        "clauses": [clause("a", "Objet", "Se parler."), clause("b", "Délais", "Rappeler dans les vingt-quatre heures."),
                    clause("c", "Fin", "Saluer.")],
        "obligations": [{"party": "ORG2", "text": "Désigner un répondant.", "due_on": "2027-06-09",
                         "recurrence": "annuelle"}],
        "corridors": [{"code": "COR022", "from_service": "SRV1", "to_service": "SRV2", "direction": "bi",
                       "criteria": "", "urgent_delay": 24, "urgent_unit": "heures", "priority_delay": 5,
                       "priority_unit": "jours", "regular_delay": None, "regular_unit": "jours", "return_path": "",
                       "follow_through": "", "registration_procedure": "", "fallback": ""}],
        **values,
    }  # fmt: skip


def marked(difference: Difference) -> str:
    signs = {Word.KEPT: "{}", Word.OUT: "[-{}-]", Word.IN: "[+{}+]"}
    return "".join(signs[piece.word].format(piece.text) for piece in difference.pieces)


def one(new: dict[str, Any], old: dict[str, Any] | None = None) -> Difference:
    (found,) = compare(old or terms(), new, LABELS)
    return found


def test_the_same_text_shows_nothing() -> None:
    assert compare(terms(), copy.deepcopy(terms()), LABELS) == []


def test_a_clause_is_compared_in_words_wherever_it_now_stands() -> None:
    new = terms()
    new["clauses"][1]["text"] = "Rappeler sans délai."
    found = one(new)
    assert (found.heading, found.change) == ("2. Délais", Change.CHANGED)
    assert marked(found) == "Rappeler [-dans les vingt-quatre heures-][+sans délai+]."


def test_two_changes_in_a_long_sentence_leave_the_rest_alone() -> None:
    new = terms()
    old = terms()
    old["clauses"][1]["text"] = (
        "À la demande des policiers, l’équipe rappelle dans les vingt-quatre heures et se rend dans le milieu le jour "
        "ouvrable suivant. Toute demande où la sécurité d’un tiers est en jeu est dirigée vers le 911."
    )
    new["clauses"][1]["text"] = (
        "À la demande des policiers, l’équipe rappelle sans délai et se rend dans le milieu dans les deux heures, les "
        "soirs et les fins de semaine. Toute demande où la sécurité d’un tiers est en jeu est dirigée vers le 911."
    )
    assert marked(one(new, old)) == (
        "À la demande des policiers, l’équipe rappelle [-dans les vingt-quatre heures-][+sans délai+] et se rend dans "
        "le milieu [-le jour ouvrable suivant-][+dans les deux heures, les soirs et les fins de semaine+]. Toute "
        "demande où la sécurité d’un tiers est en jeu est dirigée vers le 911."
    )


def test_clauses_come_go_and_change_places() -> None:
    first, second, third = terms()["clauses"]
    new = terms(clauses=[clause("d", "Urgence", "Appeler le 911."), first, third, second])
    found = {item.heading: item.change for item in compare(terms(), new, LABELS)}
    assert found["1. Urgence"] == Change.ADDED
    moved = [name for name, change in found.items() if change == Change.MOVED]
    assert len(found) == 2 and moved in (["3. Fin"], ["4. Délais"])
    removed = one(terms(clauses=[first, third]))
    assert (removed.heading, removed.change, marked(removed)) == (
        "2. Délais", Change.REMOVED, "[-Rappeler dans les vingt-quatre heures.-]",
    )  # fmt: skip


def test_simple_terms_are_shown_as_people_read_them() -> None:
    assert marked(one(terms(notice_days=90))) == "[-60-][+90+]\u00a0jours"
    ends = one(terms(ends_on="2029-01-04"))
    assert (ends.label, ends.change, ends.new) == ("Échéance", Change.ADDED, "4\u00a0janvier\u00a02029")
    assert marked(one(terms(territories=["T1", "T2"]))) == "Limoilou[+, Vanier+]"
    assert one(terms(renewal="aucun")).new == "Aucun"


def test_a_corridor_tells_its_delays_with_their_unit() -> None:
    new = terms()
    new["corridors"][0] |= {"urgent_delay": 0, "regular_delay": 45}
    found = one(new)
    assert found.label == "Corridor COR022, Crise dans le milieu vers Hébergement de crise"
    assert [(part.label, part.old, part.new) for part in found.parts] == [
        ("Délai urgent", "24\u00a0heures", "immédiat"),
        ("Délai régulier", "", "45\u00a0jours"),
    ]


def test_a_reworded_contribution_is_one_change_and_not_two() -> None:
    new = terms()
    new["obligations"][0] |= {"text": "Désigner un répondant et un substitut.", "due_on": None}
    found = one(new)
    assert found.change == Change.CHANGED and found.label == "Contribution de La Vigie"
    assert marked(found) == "Désigner un répondant[+ et un substitut+]."
    assert [(part.label, part.new) for part in found.parts] == [("Échéance", "")]
    other = terms(obligations=[{"party": "ORG1", "text": "Rappeler.", "due_on": None, "recurrence": ""}])
    assert [item.change for item in compare(terms(), other, LABELS)] == [Change.ADDED, Change.REMOVED]


def test_a_party_that_joins_is_named() -> None:
    new = terms()
    new["parties"].append({"organization": "ORG3", "role": "partenaire", "mandate": ""})
    assert one(new).new == "ORG3"  # nobody knows its name: its code


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(0, "heures", "immédiat"), (1, "jours_ouvrables", "1\u00a0jour ouvrable"), (None, "heures", ""),
     (24, "heures", "24\u00a0heures"), (5, "jours_ouvrables", "5\u00a0jours ouvrables")],
)  # fmt: skip
def test_delays_in_words(value: int | None, unit: str, text: str) -> None:
    assert delay(value, unit) == text


def test_a_text_is_read_whole() -> None:
    found = read(terms(), LABELS)
    assert [party.name for party in found.parties] == ["CIUSSS de la Rive", "La Vigie"]
    assert [(item.number, item.title) for item in found.clauses] == [(1, "Objet"), (2, "Délais"), (3, "Fin")]
    lines = {line.key: line.text for line in found.lines}
    assert lines["object"] == "Répondre ensemble." and lines["notice_days"] == "60\u00a0jours"
    assert "dispute_mechanism" not in lines
    assert found.obligations[0].party == "La Vigie"


prose = st.text(alphabet=st.sampled_from(list("abé 'l’.,;-\n\u00a0")), max_size=60)


@settings(max_examples=300, deadline=None)
@given(prose, prose)
def test_pieces_hold_both_texts_whole(old: str, new: str) -> None:
    pieces = words(old, new)
    assert "".join(piece.text for piece in pieces if piece.word != Word.IN) == old
    assert "".join(piece.text for piece in pieces if piece.word != Word.OUT) == new
    assert all(piece.text for piece in pieces)
    assert (old == new) == all(piece.word == Word.KEPT for piece in pieces)
    # Never two of a kind in a row: one stroke each.
    assert all(one.word != other.word for one, other in pairwise(pieces))


def test_a_very_long_clause_is_still_compared() -> None:
    old = " ".join(f"La partie {number} rappelle la personne le jour même." for number in range(1500))
    new = old.replace("La partie 700 rappelle", "La partie 700 ne rappelle pas")
    changed = [piece.text for piece in words(old, new) if piece.word != Word.KEPT]
    assert "".join(changed).split() == ["ne", "pas"]
