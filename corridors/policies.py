"""Who may do what to which entente. With `registry.policies`, the only place where that is decided.

A capacity is relative to one entente: a coordinator of one organization acts on that organization's ententes only; a
partner on those to which its organization is a party, once they have left the house; an intervenant reads no entente
here (the corridors they need are in the orientation).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404

from registry import policies
from registry.enums import Role
from registry.models import Membership

from .enums import AgreementStatus as S
from .enums import PartyRole
from .lifecycle import Who
from .models import Agreement
from .sealed import is_sealed


class Action(StrEnum):
    """What may be done to an entente besides the transitions of its life."""

    READ = "consulter"
    READ_JOURNAL = "lire le journal"
    EDIT = "modifier le texte"
    PROPOSE = "proposer une version"
    ACCEPT = "accepter une version"
    COMMENT = "commenter une clause"
    NAME_SIGNATORY = "nommer un signataire"
    SEND_LINK = "envoyer un lien"
    RECORD_PAPER = "inscrire une signature sur papier"
    ATTACH = "verser un document"
    WAIVE = "accorder une dérogation"
    CHECK = "inscrire une vérification"
    AMEND = "préparer un avenant"
    RENEW = "préparer le renouvellement"
    REPORT_STEP = "inscrire une étape de la mésentente"
    MEET_OBLIGATION = "déclarer une contribution"


# What a partner sees of an entente: nothing before it is negotiated, everything of it from then on.
_INSIDE = frozenset({S.DRAFT, S.REVIEW})
_OPEN_TEXT = frozenset({S.DRAFT, S.REVIEW, S.NEGOTIATION, S.AGREED, S.SIGNING})
_NEGOTIATED = frozenset({S.NEGOTIATION})
_RUNNING = frozenset({S.IN_FORCE, S.SUSPENDED, S.DISPUTED})
_CLOSED = frozenset({S.CANCELLED, S.REFUSED})
_EVERY = frozenset(S)
_EDITORS = frozenset({Who.COORDINATOR, Who.MANAGER})
_ALL_SIDES = _EDITORS | {Who.PARTNER}

# Action → (capacities, statuses of the entente in which it makes sense).
RULES: dict[Action, tuple[frozenset[Who], frozenset[S]]] = {
    Action.READ: (_ALL_SIDES, _EVERY),
    Action.READ_JOURNAL: (_EDITORS, _EVERY),
    Action.EDIT: (_EDITORS, _OPEN_TEXT),
    Action.PROPOSE: (frozenset({Who.COORDINATOR}), _NEGOTIATED),
    Action.ACCEPT: (frozenset({Who.NEGOTIATOR}), _NEGOTIATED),
    Action.COMMENT: (_ALL_SIDES, frozenset({S.NEGOTIATION, S.AGREED, S.SIGNING, *_RUNNING})),
    Action.NAME_SIGNATORY: (_ALL_SIDES, frozenset({S.NEGOTIATION, S.AGREED, S.SIGNING})),
    Action.SEND_LINK: (frozenset({Who.COORDINATOR}), frozenset({S.NEGOTIATION, S.SIGNING})),
    Action.RECORD_PAPER: (
        _EDITORS,
        frozenset({S.SIGNING, S.SIGNED, S.LAPSED, S.TERMINATED, *_RUNNING}),
    ),
    Action.ATTACH: (_EDITORS, _EVERY),
    Action.WAIVE: (frozenset({Who.MANAGER}), _OPEN_TEXT | _RUNNING),
    Action.CHECK: (_EDITORS, _EVERY - _INSIDE),
    Action.AMEND: (_EDITORS, _RUNNING | {S.SIGNED}),
    Action.RENEW: (_EDITORS, _RUNNING | {S.LAPSED}),
    Action.REPORT_STEP: (_ALL_SIDES, frozenset({S.DISPUTED})),
    Action.MEET_OBLIGATION: (_ALL_SIDES, _RUNNING),
}


def capacities(user: Any, agreement: Agreement) -> frozenset[Who]:
    """In what capacities this user acts on this entente. `None` is the system. One SQL query for the parties (none
    when they were prefetched), one for the memberships."""
    if user is None:
        return frozenset({Who.SYSTEM})
    parties = list(agreement.parties.all())
    found: set[Who] = set()
    roles = policies.roles_concerning(user, {party.organization_id for party in parties})
    if Role.ADMINISTRATOR in roles:
        roles |= {Role.COORDINATOR.value, Role.MANAGER.value}
    if Role.COORDINATOR in roles:
        found |= {Who.COORDINATOR, Who.NEGOTIATOR}
    if Role.MANAGER in roles:
        found |= {Who.MANAGER, Who.NEGOTIATOR}
    others = {party.organization_id for party in parties if party.role == PartyRole.PARTNER}
    if partner_organizations(user) & others:
        found |= {Who.PARTNER, Who.NEGOTIATOR}
    return frozenset(found)


def approves(user: Any) -> bool:
    """Does this user approve ententes at the end of the internal review? (For a panel: `capacities` says of which.)"""
    return bool(policies.roles_of(user) & {Role.MANAGER, Role.ADMINISTRATOR})


def partner_organizations(user: Any) -> set[int]:
    """The organizations that this user speaks for as a partner."""
    return {where for role, where in policies.memberships_of(user) if role == Role.PARTNER and where is not None}


def may(user: Any, action: Action, agreement: Agreement, status: S) -> bool:
    """May this user do this to this entente, in this status? The text of an entente older than the system, which nobody
    signed here, is corrected in any status: the paper is what binds."""
    who, statuses = RULES[action]
    mine = capacities(user, agreement)
    if Who.SYSTEM in mine:
        return True
    if action == Action.READ and policies.can(user, policies.READ, agreement):
        return True  # the centre's own people read every entente in the admin
    if not mine & _EDITORS and status in _INSIDE:
        return False
    if not mine & who:
        return False
    return status in statuses or (action == Action.EDIT and status not in _CLOSED and not is_sealed(agreement))


def require(user: Any, action: Action, agreement: Agreement, status: S) -> None:
    """Raise PermissionDenied, in French, unless `may`."""
    if not may(user, action, agreement, status):
        raise PermissionDenied(f"Votre rôle ne permet pas de faire ceci à l’état « {status.label} » : {action.value}.")


def holder_may(capacity: Who, action: Action, status: S) -> bool:
    """May whoever holds a personal link, which gives this capacity, do this in this status?"""
    who, statuses = RULES[action]
    return status in statuses and capacity in who


def answers_for(user: Any, organization_id: int, agreement: Agreement) -> bool:
    """May this user speak for this party? A partner for its own; the centre's people for the centre's."""
    party = next((party for party in agreement.parties.all() if party.organization_id == organization_id), None)
    if party is None:
        return False
    mine = capacities(user, agreement)
    if party.role == PartyRole.CENTRE:
        return bool(mine & _EDITORS)
    return organization_id in partner_organizations(user)


def agreements_of_partner(user: Any) -> Q:
    """The ententes to which the user's own organizations are a party (their status is looked at afterwards)."""
    return Q(parties__organization_id__in=partner_organizations(user), parties__role=PartyRole.PARTNER)


def get_agreement_for(user: Any, number: str, day: Any = None) -> Agreement:
    """The entente with this number that the user may read, or Http404: one that is not theirs does not exist."""
    from .dossier import status_of

    agreement = Agreement.all_objects.prefetch_related("parties__organization").filter(number=number).first()
    if agreement is None or not may(user, Action.READ, agreement, status_of(agreement, day)):
        raise Http404("Aucune entente visible ne porte ce numéro.")
    return agreement


_ROLE_OF = {Who.COORDINATOR: Role.COORDINATOR, Who.MANAGER: Role.MANAGER, Who.PARTNER: Role.PARTNER}


def people(capacity: Who) -> list[tuple[Any, int | None]]:
    """The active accounts with an e-mail address that act in this capacity, each with the organization for which they
    do (None: the whole centre). Messages are for them. One SQL query."""
    rows = Membership.objects.filter(role=_ROLE_OF[capacity], user__is_active=True).exclude(user__email="")
    return [(row.user, row.organization_id) for row in rows.select_related("user").order_by("user_id", "pk")]
