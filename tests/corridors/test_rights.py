"""Every role, every gesture, every state: the program answers what the guide says, and the stranger is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import Http404

from corridors import lifecycle, policies
from corridors.enums import AgreementStatus as S
from corridors.lifecycle import Who
from corridors.models import Agreement
from corridors.policies import Action
from registry.enums import Role
from registry.models import Membership
from tests.factories import records

from . import building, living

pytestmark = pytest.mark.django_db
GUIDE = Path(__file__).parents[2] / "docs" / "ententes.md"

GROUPS = {
    "tous": set(S),
    "texte ouvert": {S.DRAFT, S.REVIEW, S.NEGOTIATION, S.AGREED, S.SIGNING},
    "court": {S.IN_FORCE, S.SUSPENDED, S.DISPUTED},
}
INSIDE = {S.DRAFT, S.REVIEW}
COORDINATORS = ("coordonnateur du centre", "coordonnateur d’une partie", "coordonnateur de l’autre partie")
MANAGERS = ("gestionnaire du centre", "gestionnaire d’une partie")
ELSEWHERE = ("coordonnateur d’ailleurs", "gestionnaire d’ailleurs")
PARTNER = "partenaire"
ADMINISTRATOR = "administrateur"
NOBODY = (
    "visiteur", "compte sans rôle", "compte fermé", "intervenant", "intervenant d’une partie", "partenaire d’ailleurs",
    "partenaire rattaché au centre",
)  # fmt: skip
ROLES = (*COORDINATORS, *MANAGERS, *ELSEWHERE, PARTNER, ADMINISTRATOR, *NOBODY)


def section(title: str) -> list[tuple[str, ...]]:
    """The rows of the table under this heading of the guide, without its head."""
    text = GUIDE.read_text().partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows[2:]]


def states(words: str) -> set[S]:
    labels = {str(state.label): {state} for state in S} | GROUPS
    return set().union(*(labels[word.strip()] for word in words.split(",")))


def expected(role: str, row: tuple[str, ...]) -> set[S]:
    """The states in which the guide lets this role do what this row says."""
    _gesture, when, own, elsewhere, partner = row
    if role in NOBODY:
        return set()
    if role == ADMINISTRATOR:
        cell = "oui" if own else ""
    elif role in ELSEWHERE:
        cell = elsewhere
    elif role == PARTNER:
        cell = partner
    else:
        cell = own
    if cell in ("coord.", "gest."):
        cell = "oui" if role in (COORDINATORS if cell == "coord." else MANAGERS) else ""
    return {"": set(), "oui": states(when), "dès la négociation": states(when) - INSIDE}[cell]


class People:
    """One account of each role, and the entente that they look at."""

    def __init__(self, agreement: Agreement) -> None:
        self.agreement = Agreement.all_objects.get(pk=agreement.pk)
        prefetch_related_objects([self.agreement], "parties__organization")
        centre, partner = [party.organization for party in self.agreement.parties.order_by("sort_order")]
        other = records.organization("Organisme d’ailleurs")
        memberships = {
            "coordonnateur du centre": (Role.COORDINATOR, None),
            "coordonnateur d’une partie": (Role.COORDINATOR, centre),
            "coordonnateur de l’autre partie": (Role.COORDINATOR, partner),
            "gestionnaire du centre": (Role.MANAGER, None),
            "gestionnaire d’une partie": (Role.MANAGER, centre),
            "coordonnateur d’ailleurs": (Role.COORDINATOR, other),
            "gestionnaire d’ailleurs": (Role.MANAGER, other),
            "partenaire": (Role.PARTNER, partner),
            "administrateur": (Role.ADMINISTRATOR, None),
            "intervenant": (Role.INTERVENANT, None),
            "intervenant d’une partie": (Role.INTERVENANT, partner),
            "partenaire d’ailleurs": (Role.PARTNER, other),
            "partenaire rattaché au centre": (Role.PARTNER, centre),
            "compte fermé": (Role.MANAGER, None),
        }
        self.accounts: dict[str, Any] = {"visiteur": AnonymousUser()}
        for number, role in enumerate(ROLES):
            if role == "visiteur":
                continue
            user = building.User.objects.create_user(f"personne{number}", is_active=role != "compte fermé")
            if role in memberships:
                held, organization = memberships[role]
                Membership.objects.create(user=user, role=held, organization=organization)
            self.accounts[role] = user


@pytest.fixture
def people() -> People:
    return People(living.signed())


def test_the_guide_names_every_gesture_once() -> None:
    rows = section("Qui peut faire quoi")
    assert [row[0] for row in rows] == [action.value for action in Action]


def test_every_role_every_gesture_every_state(people: People) -> None:
    wrong = []
    for action, row in zip(Action, section("Qui peut faire quoi"), strict=True):
        for role, user in people.accounts.items():
            wanted = expected(role, row)
            got = {state for state in S if policies.may(user, action, people.agreement, state)}
            if got != wanted:
                wrong.append((action.value, role, sorted(got ^ wanted)))
            assert policies.may(None, action, people.agreement, S.DRAFT), "the system itself"
    assert not wrong


def test_a_refusal_is_said_in_french(people: People) -> None:
    with pytest.raises(PermissionDenied, match="Votre rôle ne permet pas"):
        policies.require(people.accounts["partenaire"], Action.WAIVE, people.agreement, S.IN_FORCE)


def test_an_entente_that_is_not_theirs_does_not_exist(people: People) -> None:
    number = people.agreement.number
    for role, user in people.accounts.items():
        if role in NOBODY:
            with pytest.raises(Http404):
                policies.get_agreement_for(user, number)
        else:
            assert policies.get_agreement_for(user, number).pk == people.agreement.pk


@pytest.mark.parametrize("state", [S.DRAFT, S.REVIEW])
def test_a_partner_sees_nothing_of_what_is_written_inside(state: S) -> None:
    agreement = living.in_state(state)
    people = People(agreement)
    for role in (*COORDINATORS, *MANAGERS, *ELSEWHERE, ADMINISTRATOR):
        assert policies.get_agreement_for(people.accounts[role], agreement.number)
    with pytest.raises(Http404):
        policies.get_agreement_for(people.accounts["partenaire"], agreement.number)


def test_the_text_of_an_entente_older_than_the_system_is_corrected_in_any_state() -> None:
    people = People(building.declared())
    for role, user in people.accounts.items():
        got = {state for state in S if policies.may(user, Action.EDIT, people.agreement, state)}
        if role in (*COORDINATORS, *MANAGERS, ADMINISTRATOR):
            assert got == set(S) - {S.CANCELLED, S.REFUSED}, role
        else:
            assert not got, role


# --- The transitions --------------------------------------------------------------------------------------------

IN_CAPACITY = {
    "coordonnateur": {*COORDINATORS, ADMINISTRATOR},
    "gestionnaire": {*MANAGERS, ADMINISTRATOR},
    "négociateur": {*COORDINATORS, *MANAGERS, ADMINISTRATOR, PARTNER},
    "partenaire": {PARTNER},
    # By the personal link that names them, whatever their account: see the signing pages.
    "signataire": set(),
    "le système": set(),
}


def test_every_role_every_transition_every_state(people: People) -> None:
    """Conditions apart, who may make an entente pass from where to where."""
    wanted = {
        (origin, target, gesture): set().union(*(IN_CAPACITY[who.strip()] for who in who_words.split(",")))
        for origins, target, gesture, who_words, _conditions in section("Ce qui peut suivre quoi")
        for origin in (word.strip() for word in origins.split(","))
    }
    for role, user in people.accounts.items():
        capacities = policies.capacities(user, people.agreement)
        got = {
            (str(state.label), str(step.target.label), step.label)
            for state in S
            for step in lifecycle.TRANSITIONS
            if state in step.origins and step.who & capacities
        }
        assert got == {passage for passage, roles in wanted.items() if role in roles}, role


def test_nobody_does_what_the_dates_do(people: People) -> None:
    for role, user in people.accounts.items():
        for step in lifecycle.TRANSITIONS:
            if step.by_system:
                assert not step.who & policies.capacities(user, people.agreement), role
    assert policies.capacities(None, people.agreement) == {Who.SYSTEM}


def test_each_side_speaks_for_itself(people: People) -> None:
    centre, partner = [party.organization_id for party in people.agreement.parties.order_by("sort_order")]
    other = records.organization("Une autre").pk
    for role, user in people.accounts.items():
        spoken = {one for one in (centre, partner, other) if policies.answers_for(user, one, people.agreement)}
        inside = (*COORDINATORS, *MANAGERS, ADMINISTRATOR)
        assert spoken == ({centre} if role in inside else {partner} if role == PARTNER else set()), role
