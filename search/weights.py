"""The table of the ranking: everything that can be tuned, nothing else. `search.ranking` says what each name weighs.

Whole numbers; the sum of all that one service can match stays far below TIER_STEP.
"""

from __future__ import annotations

from registry.enums import SCHOOLS, Clientele, FrameworkService, PartnerType

from . import analysis
from .predicates import Predicate, Terms, any_of

WEIGHTS: dict[str, int] = {
    # names
    "service_name": 6000,  # the question holds the exact name of the service, or its code
    "organization_name": 4000,
    "acronym": 3000,
    # needs (× the weight of the need in the request)
    "need": 400,  # among the service's needs
    "primary_need": 200,  # besides, when it is the first
    "inferred_need": 380,  # besides or instead, the name and the description say it
    "hinted_need": 120,  # … or let it be thought
    "one_level_up": 500,  # indexed under the parent of the need, and its words say the need
    "perhaps_one_level_up": 350,  # … or let it be thought
    "narrower_need": 150,  # indexed under the need asked
    "parent_need": 250,  # indexed one level up
    "related_need": 240,  # × the relation's own weight
    # words: per word, per field, × FIELDS
    "loose": 5,
    "stem": 4,
    "exact": 1,
    "soft": 6,  # per word said beside a recognised need or name, × FIELDS
    "all_words": 150,
    "expansion": 1,  # per professional word, × EXPANSION_FIELDS
    # place
    "territory": 120,  # the territory asked is served by name
    "territory_above": 100,  # … through the one around it; each level further takes away TERRITORY_STEP
    "territory_unknown": 20,
    "neighbour": 60,  # not served, but a territory under the same parent is
    "ring": 10,  # per ring of distance that holds one of its places
    # corridor and reachability
    "corridor": 15,
    "reachable": 10,
    "reachable_asked": 90,  # besides, when a moment was asked
    "urgent_reachable": 200,
    "urgent_always": 120,  # 24 hours a day
    "urgent_phone": 60,
    "urgent_no_delay": 60,
    # quality of the listing
    "available": 60,
    "availability_unknown": 30,
    "periodic": 25,
    "waiting_list": 20,
    "fresh": 8,
    "not_stale": 12,
    # people
    "age_specialised": 60,
    "age_narrow": 40,
    "clientele": 60,
    "clientele_open": 20,
    "sex": 220,
    "sex_open": 80,  # nothing said of the sex, and it takes everyone
    "age_open": 90,  # nothing said of the age, and it takes adults or everyone
    "group_open": 80,  # not kept for a group that nobody mentioned
    "public": 60,  # not kept for the pupils, students or patients of an institution
    "age_guess": 120,  # the ages served overlap those that a word suggests
    "sex_guess": 30,
    "language_spoken": 60,
}
FIELDS: dict[str, int] = {"name": 12, "needs": 8, "organization": 6, "keywords": 4, "description": 3, "about": 1}
EXPANSION_FIELDS: dict[str, int] = {"name": 40, "keywords": 12, "description": 12}
TERRITORY_STEP = 20
RINGS_KM = (2, 5, 15, 50)
FRESH_DAYS, STALE_DAYS = 183, 548
# What giving up a wish costs: a tier's rank is the sum of the costs of what it gave up.
COSTS = {"match": 1, "language": 2, "territory": 4}
TIER_STEP = 1 << 18  # scores are exact in single precision: (8 tiers × this) < 2**24
_GENERIC = (
    "aide service services soutien centre besoin ressource ressources personne personnes quelque chose "
    "cherche trouver veut voudrait question info information informations appel groupe programme problème "
    "problèmes québec sherbrooke"
)
GENERIC_WORDS = frozenset(analysis.stems(_GENERIC))
GENERIC_FACTOR = 0.4
MAX_WORDS, MAX_EXPANSION, MAX_NEEDS = 16, 24, 12

# Who receives any request and finds the right door: the last rescue, when nothing answers any word.
DOORS: Predicate = any_of([
    Terms("framework", (FrameworkService.AEOR.value, FrameworkService.INFO_SOCIAL.value)),
    Terms("need", ("Accueil, évaluation, orientation et référence",)),
])  # fmt: skip

# Which clientele labels name people of an age (years, both included).
CLIENTELE_AGES: tuple[tuple[str, int, int], ...] = (
    (Clientele.CHILDREN.label, 0, 12),
    (Clientele.TEENAGERS.label, 11, 18),
    (Clientele.YOUNG_ADULTS.label, 16, 35),
    (Clientele.ADULTS.label, 18, 64),
    (Clientele.ELDERS.label, 60, 150),
)
OPEN_CLIENTELE = (Clientele.EVERYONE.label,)
GENERAL_CLIENTELE = (Clientele.EVERYONE.label, Clientele.ADULTS.label)
# Groups that a service may be kept for → the needs that ask for it in so many words.
GROUPS: dict[str, tuple[str, ...]] = {
    Clientele.HOMELESS.label: ("Itinérance et hébergement d'urgence", "Jeunes de la rue", "Exclusion sociale"),
    Clientele.IMMIGRANTS.label: ("Personnes immigrantes et réfugiées", "Francisation", "Interprétariat"),
    Clientele.LGBTQ.label: ("Diversité sexuelle et de genre",),
    Clientele.PHYSICAL_DISABILITY.label: ("Déficience physique", "Transport adapté et accompagnement bénévole"),
    Clientele.INTELLECTUAL_DISABILITY.label: ("Déficience intellectuelle", "Parrainage civique"),
    Clientele.CAREGIVERS.label: ("Soutien aux proches aidants", "Répit"),
    Clientele.INDIGENOUS.label: ("Premiers Peuples – services culturellement sécurisants",),
}
# Partners that serve their own pupils, students or registered patients first.
OWN_PUBLIC: tuple[str, ...] = (
    *(str(kind.value) for kind in SCHOOLS), PartnerType.CEGEP.value, PartnerType.GMF.value,
)  # fmt: skip
SCHOOL_AGE = (5, 17)  # years: at these, the school is the right door
