"""Questions as they are typed, invented: needs, names, places, typos, one word, nothing, filters, the next page."""

from __future__ import annotations

from urllib.parse import urlencode

_TYPED: tuple[dict[str, str], ...] = (
    {"q": "aide alimentaire"},
    {"q": "logement pas cher"},
    {"q": "homme violent veut changer"},
    {"q": "ado qui fugue"},
    {"q": "repas livrés pour ma mère"},
    {"q": "deuil d'un enfant"},
    {"q": "clsc"},
    {"q": "dettes et huissier"},
    {"q": "transport pour dialyse"},
    {"q": "garderie en milieu familial", "age": "2"},
    {"q": "psy gratuit"},
    {"q": "alcolique en rechute"},
    {"q": "écoute la nuit"},
    {"q": "aînée maltraitée par son fils"},
    {"q": "francisation débutant"},
    {"q": "cuisine collective vanier"},
    {"q": "refuge ce soir", "urgent": "1"},
    {"q": "tdah adulte évaluation"},
    {"q": "répit autisme"},
    {"q": "centre de femmes"},
    {"q": "vaccin bébé"},
    {"q": "prélèvement sanguin"},
    {"q": "meubles usagés"},
    {"q": "tutorat secondaire 3"},
    {"q": "isolement personne agée"},
    {"q": "jeu compulsif"},
    {"q": "suivi de grossesse"},
    {"q": "immigrant sans papiers"},
    {"q": "maison de transition"},
    {"q": "idées noires depuis des semaines"},
    {"q": "impot"},
    {"q": "camp de jour handicap"},
    {"q": "schizophrénie famille"},
    {"q": "sevrage"},
    {"q": "ouvert en fin de semaine"},
    {"q": ""},
    {"q": "soutien", "suite": "50"},
    {"q": "hébergement", "joignable": "1"},
)

ADDRESSES: tuple[str, ...] = tuple("/?" + urlencode(item) for item in _TYPED)
