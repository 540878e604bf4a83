"""Who may see or touch which record: the only place where that is decided.

Reading is a `Scope`, computed once per request from the memberships; writing is `can(user, action, target)`.
Sources: domain.md's visibility rules — `publique` anyone; `reseau` every signed-in user; `interne` the centre's staff.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import F, Q, QuerySet
from django.http import Http404

from .enums import VISIBILITY_ORDER, Role, Visibility

STAFF_ROLES = frozenset({Role.INTERVENANT, Role.COORDINATOR, Role.MANAGER, Role.ADMINISTRATOR})
# Partners and intervenants never get the Wagtail admin: its snippet views ignore per-object permissions.
ADMIN_ROLES = frozenset({Role.COORDINATOR, Role.MANAGER, Role.ADMINISTRATOR})
REVEAL_ROLES = frozenset({Role.MANAGER, Role.ADMINISTRATOR})

READ, CREATE, CHANGE, PUBLISH, DELETE, EXPORT, IMPORT, REVEAL, ACCESS_ADMIN, WATCH = (
    "view",
    "add",
    "change",
    "publish",
    "delete",
    "export",
    "import",
    "reveal",
    "access_admin",
    "watch",
)
# Wagtail's own words: who may edit a record may lock it and let go of the lock.
LOCK, UNLOCK = "lock", "unlock"
# Every other app's models (accounts' groups, sites, images…) belong to the administrator alone.
_GOVERNED_APPS = frozenset({"registry", "corridors"})

# Which roles may do what to which kind of record; the administrator may do all of it.
_EDITORS = frozenset({Role.COORDINATOR, Role.MANAGER})
_VOCABULARY_EDITORS = frozenset({Role.COORDINATOR})
_RULES: dict[str, dict[str, frozenset[Role]]] = {
    "registry.territory": {CREATE: frozenset(), CHANGE: frozenset(), PUBLISH: frozenset(), DELETE: frozenset()},
    "registry.need": {
        CREATE: _VOCABULARY_EDITORS,
        CHANGE: _VOCABULARY_EDITORS,
        PUBLISH: _VOCABULARY_EDITORS,
        DELETE: frozenset(),
    },
    "registry.user": {READ: frozenset(), CREATE: frozenset(), CHANGE: frozenset(), DELETE: frozenset()},
    "registry.membership": {READ: frozenset(), CREATE: frozenset(), CHANGE: frozenset(), DELETE: frozenset()},
    # Written by the actions on places alone; a trace is read, never touched.
    "registry.confidentialaddress": {
        READ: frozenset(),
        CREATE: frozenset(),
        CHANGE: frozenset(),
        DELETE: frozenset(),
        EXPORT: frozenset(),
    },
    "registry.addressdisclosure": {
        READ: REVEAL_ROLES,
        CREATE: frozenset(),
        CHANGE: frozenset(),
        DELETE: frozenset(),
        EXPORT: frozenset(),
    },
}
_DEFAULT_RULE: dict[str, frozenset[Role]] = {
    READ: ADMIN_ROLES,
    CREATE: _EDITORS,
    CHANGE: _EDITORS,
    PUBLISH: _EDITORS,
    DELETE: _EDITORS,
    EXPORT: ADMIN_ROLES,
    IMPORT: _EDITORS,
    REVEAL: REVEAL_ROLES,
    ACCESS_ADMIN: ADMIN_ROLES,
    WATCH: ADMIN_ROLES,
}
# What a refusal says: « Votre rôle ne permet pas de supprimer cette fiche (entente). »
_VERBS = {
    READ: "consulter cette fiche",
    CREATE: "créer cette fiche",
    CHANGE: "modifier cette fiche",
    PUBLISH: "publier cette fiche",
    DELETE: "supprimer cette fiche",
    EXPORT: "exporter",
    IMPORT: "importer",
    REVEAL: "ouvrir l’adresse confidentielle",
    ACCESS_ADMIN: "entrer dans la coordination",
    WATCH: "voir l’état de la recherche",
    LOCK: "verrouiller cette fiche",
    UNLOCK: "déverrouiller cette fiche",
}
_SAME_AS = {LOCK: CHANGE, UNLOCK: CHANGE}
# What a role held for one organization does to the records that concern it, and to no others.
_TIED = frozenset({CHANGE, PUBLISH, DELETE})


@dataclass(frozen=True, slots=True)
class Scope:
    """What a viewer may read. An argument of every search, so that none can be made without one."""

    visibilities: frozenset[str]
    roles: frozenset[str] = frozenset()
    # Corridors and their agreements are the centre's own business: partners and the public never see them here.
    sees_corridors: bool = False
    # Organizations that the viewer belongs to as a partner.
    organization_ids: frozenset[int] = frozenset()

    @property
    def is_staff(self) -> bool:
        return bool(self.roles & STAFF_ROLES)

    @property
    def is_empty(self) -> bool:
        return not self.visibilities


NOTHING = Scope(frozenset())
PUBLIC = Scope(frozenset({Visibility.PUBLIC.value}))
INTERVENANT = Scope(
    frozenset(str(value) for value in Visibility.values), frozenset({Role.INTERVENANT.value}), sees_corridors=True
)


# Names of the columns of a membership in `scope_rows`, and on the rows of an account that `remember` is given.
ROLE, OF = "membership_role", "membership_organization"


def scope_rows(user: Any) -> QuerySet:
    """One row per membership (or one of nulls) of a signed-in user: the single SQL query behind `scope_from_rows`."""
    from .models import User

    memberships = {ROLE: F("memberships__role"), OF: F("memberships__organization_id")}
    return User.objects.filter(pk=user.pk).values("is_active", "is_superuser", **memberships)


def remember(user: Any, rows: Iterable[Any]) -> None:
    """Keep on the account of a request, for the length of it, what its memberships allow. `rows`: as many times the
    account, each with one membership as its attributes ROLE and OF, just read from the database."""
    user._passerelles_scope = scope_from_rows(
        {"is_active": row.is_active, "is_superuser": row.is_superuser, ROLE: getattr(row, ROLE), OF: getattr(row, OF)}
        for row in rows
    )
    user._passerelles_roles = user._passerelles_scope.roles


def remembered_scope(user: Any) -> Scope | None:
    """The scope that was read with the account of this request; None for an account that came otherwise."""
    scope: Scope | None = getattr(user, "_passerelles_scope", None)
    return scope


def scope_from_rows(rows: Iterable[dict[str, Any]]) -> Scope:
    """The scope of a signed-in user, from `scope_rows`."""
    rows = [row for row in rows if row["is_active"]]
    if not rows:
        return NOTHING
    roles = {row[ROLE] for row in rows if row[ROLE]}
    if rows[0]["is_superuser"]:
        roles.add(Role.ADMINISTRATOR.value)
    organizations = {row[OF] for row in rows if row[ROLE] == Role.PARTNER and row[OF]}
    visibilities = {Visibility.PUBLIC.value, Visibility.NETWORK.value}
    staff = bool(roles & STAFF_ROLES)
    if staff:
        visibilities.add(Visibility.INTERNAL.value)
    return Scope(frozenset(visibilities), frozenset(roles), staff, frozenset(organizations))


def scope_for(user: Any) -> Scope:
    """What this user, or visitor, may read. `None` is the system itself."""
    from django.conf import settings

    if user is None:
        return INTERVENANT
    if not user.is_authenticated:
        return PUBLIC if settings.PASSERELLES_PUBLIC_SEARCH else NOTHING
    return scope_from_rows(scope_rows(user))


def roles_of(user: Any) -> frozenset[str]:
    """The roles of a user, remembered on the user object for the length of a request."""
    if user is None or not user.is_authenticated or not user.is_active:
        return frozenset()
    cached = getattr(user, "_passerelles_roles", None)
    if cached is None:
        cached = frozenset(user.memberships.values_list("role", flat=True))
        if user.is_superuser:
            cached |= {Role.ADMINISTRATOR.value}
        user._passerelles_roles = cached
    return cached


def memberships_of(user: Any) -> frozenset[tuple[str, int | None]]:
    """(role, organization or None for the whole centre) of a user; remembered like `roles_of`. One SQL query."""
    if user is None or not user.is_authenticated or not user.is_active:
        return frozenset()
    cached = getattr(user, "_passerelles_memberships", None)
    if cached is None:
        cached = frozenset(user.memberships.values_list("role", "organization_id"))
        if user.is_superuser:
            cached |= {(Role.ADMINISTRATOR.value, None)}
        user._passerelles_memberships = cached
    return cached


def roles_concerning(user: Any, organizations: Iterable[int]) -> frozenset[str]:
    """The roles that a user holds for the whole centre, or for one of these organizations."""
    concerned = set(organizations)
    return frozenset(role for role, where in memberships_of(user) if where is None or where in concerned)


def can(user: Any, action: str, target: type[models.Model] | models.Model | None = None) -> bool:
    """May this user do `action` to this model or record? `None` is the system (command line, migrations).

    A role held for one organization changes only the records that concern it, where a kind of record says whom it
    concerns (`concerned_organizations`: the ententes and what hangs on them).
    """
    if user is None:
        return True
    allowed = roles_allowed(action, target)
    if not roles_of(user) & allowed:
        return False
    concerned = getattr(target, "concerned_organizations", None)
    if _SAME_AS.get(action, action) not in _TIED or not isinstance(target, models.Model) or concerned is None:
        return True
    return bool(roles_concerning(user, concerned()) & allowed)


def roles_allowed(action: str, target: type[models.Model] | models.Model | None = None) -> frozenset[str]:
    """The roles that may do `action` to this model or record; the administrator always, the others as ruled above."""
    action = _SAME_AS.get(action, action)
    administrator = frozenset({Role.ADMINISTRATOR})
    default = _DEFAULT_RULE.get(action, frozenset())
    if action == ACCESS_ADMIN or target is None:
        return default | administrator
    if target._meta.app_label not in _GOVERNED_APPS:
        return administrator
    return _RULES.get(target._meta.label_lower, {}).get(action, default) | administrator


def require(user: Any, action: str, target: type[models.Model] | models.Model | None = None) -> None:
    """Raise PermissionDenied, in French, unless `can`."""
    if not can(user, action, target):
        name = f" ({target._meta.verbose_name})" if target is not None else ""
        raise PermissionDenied(f"Votre rôle ne permet pas de {_VERBS.get(action, action)}{name}.")


def visible_services(scope: Scope) -> Q:
    return Q(live=True, visibility__in=scope.visibilities)


def get_service_for(scope: Scope, code: str) -> Any:
    """The published service with this code that the scope may see, or Http404: a hidden one does not exist."""
    from .models import Service

    try:
        return Service.objects.select_related("organization").get(visible_services(scope), code=code)
    except Service.DoesNotExist as error:
        raise Http404("Aucune ressource visible ne porte ce code.") from error


def visible_contacts(scope: Scope) -> Q:
    return Q(live=True, visibility__in=scope.visibilities)


def widest(visibilities: Iterable[str]) -> str:
    """The widest of several visibilities: that of an organization or a place. Internal when there is none."""
    present = set(visibilities)
    return next((str(level.value) for level in VISIBILITY_ORDER if level in present), Visibility.INTERNAL.value)


def is_administrator(user: Any) -> bool:
    return Role.ADMINISTRATOR in roles_of(user)


def accounts_holding(roles: frozenset[str]) -> QuerySet:
    """Active accounts that hold one of these roles. One SQL query."""
    from .models import User

    wanted = Q(memberships__role__in=[str(role) for role in roles])
    if Role.ADMINISTRATOR in roles:
        wanted |= Q(is_superuser=True)
    return User._default_manager.filter(wanted, is_active=True).distinct().order_by("pk")


def needs_organization(role: str) -> bool:
    """A partner is one of somebody's; the other roles may hold for the whole centre."""
    return role == Role.PARTNER


def roles_in_words(user: Any) -> str:
    """« Gestionnaire ; Partenaire (Maison L’Envolée) », or « aucun rôle »: an account that sees nothing of ours."""
    roles = [str(Role.ADMINISTRATOR.label)] if user.is_superuser else []
    for membership in user.memberships.all():
        where = f" ({membership.organization})" if membership.organization_id else ""
        roles.append(f"{membership.get_role_display()}{where}")
    return " ; ".join(dict.fromkeys(roles)) or "aucun rôle"
