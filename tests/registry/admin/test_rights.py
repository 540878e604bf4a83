"""Who gets in: the stranger is refused at every address of the admin, and each role does what its rule says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from wagtail.permissions import policy_registry

from corridors.models import Agreement, Obligation, ServiceCorridor
from registry import actions, policies
from registry.enums import Role
from registry.models import (
    AddressDisclosure,
    ConfidentialAddress,
    Contact,
    Liaison,
    Location,
    Membership,
    Need,
    Organization,
    Service,
    Territory,
    User,
)

from . import building
from .building import KINDS

LISTINGS = [Organization, Service, Location, Contact, Liaison, Agreement, ServiceCorridor, Obligation]
ROLES = [None, *Role]
NOBODY: frozenset[Role] = frozenset()
EDITORS = frozenset({Role.COORDINATOR, Role.MANAGER, Role.ADMINISTRATOR})
COORDINATORS = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})
OPENERS = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
ADMINS = frozenset({Role.ADMINISTRATOR})

# The whole matrix, written again and apart from the policies: kind → action → roles.
MATRIX = {
    **{
        model: {
            "view": EDITORS, "add": EDITORS, "change": EDITORS, "publish": EDITORS, "delete": EDITORS, "lock": EDITORS,
            "unlock": EDITORS, "export": EDITORS, "import": EDITORS, "reveal": OPENERS,
        }
        for model in LISTINGS
    },
    Need: {
        "view": EDITORS, "add": COORDINATORS, "change": COORDINATORS, "publish": COORDINATORS, "delete": ADMINS,
        "lock": COORDINATORS, "export": EDITORS,
    },
    Territory: {
        "view": EDITORS, "add": ADMINS, "change": ADMINS, "publish": ADMINS, "delete": ADMINS, "lock": ADMINS,
        "export": EDITORS,
    },
    User: {"view": ADMINS, "add": ADMINS, "change": ADMINS, "delete": ADMINS},
    Membership: {"view": ADMINS, "add": ADMINS, "change": ADMINS, "delete": ADMINS},
    AddressDisclosure: {"view": OPENERS, "add": ADMINS, "change": ADMINS, "delete": ADMINS, "export": ADMINS},
    ConfidentialAddress: {"view": ADMINS, "add": ADMINS, "change": ADMINS, "delete": ADMINS, "export": ADMINS},
    Group: {"view": ADMINS, "add": ADMINS, "change": ADMINS, "delete": ADMINS},
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_the_matrix_of_roles_and_actions(role):
    user = building.account(role, organization=building.organization() if role == Role.PARTNER else None)
    for model, rules in MATRIX.items():
        for action, roles in rules.items():
            expected = role in roles
            assert policies.can(user, action, model) is expected, (role, action, model)
            assert user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}") is expected
    for model in KINDS:
        policy = policy_registry.get_by_type(model)
        for action, roles in MATRIX[model].items():
            assert policy.user_has_permission(user, action) is (role in roles)
            assert (user in policy.users_with_permission(action)) is (role in roles)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_only_the_coordination_enters_the_admin(role):
    user = building.account(role, organization=building.organization() if role == Role.PARTNER else None)
    assert user.has_perm("wagtailadmin.access_admin") is (role in EDITORS)


@pytest.mark.django_db
def test_groups_and_permission_rows_grant_nothing():
    user = building.account(Role.PARTNER, organization=building.organization())
    user.groups.add(*Group.objects.all())
    user.user_permissions.add(*Permission.objects.all())
    user = User.objects.get(pk=user.pk)
    assert Group.objects.exists()
    assert not user.has_perm("wagtailadmin.access_admin")
    assert not user.has_perm("registry.change_service")
    assert not user.get_all_permissions()


@pytest.mark.django_db
def test_a_deactivated_account_may_do_nothing():
    user = building.account(Role.ADMINISTRATOR)
    user.is_active = False
    user.save()
    assert not policies.can(User.objects.get(pk=user.pk), policies.CHANGE, Service)
    assert not user.has_perm("registry.change_service")


def admin_addresses() -> Iterator[str]:
    """Every address under /admin/ that takes no argument but numbers, with 1 for each number."""

    def walk(patterns: list, prefix: str) -> Iterator[str]:
        for entry in patterns:
            part = prefix + str(entry.pattern).removeprefix("^")
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, part)
            elif isinstance(entry, URLPattern):
                yield part

    for pattern in walk(get_resolver().url_patterns, ""):
        if pattern.startswith("admin/") and "(" not in pattern:
            yield "/" + pattern.replace("<int:pk>", "1").split("<")[0].removesuffix("$")


# Reachable by everyone: signing in and out, forgotten passwords, the script of translations and the icons.
OPEN = ("/admin/login/", "/admin/logout/", "/admin/password_reset", "/admin/jsi18n/", "/admin/sprite")


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, Role.INTERVENANT, Role.PARTNER])
def test_whoever_is_not_of_the_coordination_meets_one_french_page_everywhere(role, sign_in):
    organization = building.organization() if role == Role.PARTNER else None
    client = sign_in(role, organization=organization)
    addresses = sorted(set(admin_addresses()))
    assert len(addresses) > 250
    for address in addresses:
        if address.startswith("/admin/logout"):
            continue
        for response in (client.get(address), client.post(address)):
            assert response.status_code == 403, address
            assert "Accès réservé à la coordination" in response.content.decode(), address


@pytest.mark.django_db
def test_a_visitor_is_sent_to_sign_in_from_every_address():
    client = Client()
    for address in sorted(set(admin_addresses())):
        if address.startswith(OPEN):
            continue
        response = client.get(address)
        where = response.headers.get("Location", "")
        # A catch-all adds a missing slash first.
        assert response.status_code in (301, 302, 404), address
        assert response.status_code != 302 or where.startswith((reverse("sign_in"), "/admin/")), (address, where)
        assert "csrfmiddlewaretoken" not in response.content.decode(), address


@pytest.mark.django_db
def test_a_coordinator_reads_territories_and_changes_none(coordinator):
    territory = building.territory()
    names = Territory.snippet_viewset
    assert coordinator.get(reverse(names.get_url_name("list"))).status_code == 200
    assert (
        territory.name in coordinator.get(reverse(names.get_url_name("inspect"), args=[territory.pk])).content.decode()
    )
    for view in ("edit", "delete", "unpublish", "copy"):
        response = coordinator.get(reverse(names.get_url_name(view), args=[territory.pk]))
        assert response.status_code == 302, view
        assert response.headers["Location"] == reverse("wagtailadmin_home")
    assert coordinator.post(reverse(names.get_url_name("add")), {"code": "X", "name": "X"}).status_code == 302
    assert Territory.all_objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "allowed"), [(Role.COORDINATOR, False), (Role.MANAGER, False), (Role.ADMINISTRATOR, True)]
)
def test_accounts_are_the_administrators_business(role, allowed, sign_in):
    client = sign_in(role)
    other = building.account(Role.INTERVENANT)
    for address in ("/admin/users/", "/admin/users/new/", f"/admin/users/edit/{other.pk}/", "/admin/rattachements/",
                    "/admin/rattachements/new/"):  # fmt: skip
        status = client.get(address).status_code
        assert (status == 200) is allowed, address
    membership = {"user": other.pk, "role": "gestionnaire"}
    client.post("/admin/rattachements/new/", membership)
    assert other.memberships.filter(role=Role.MANAGER).exists() is allowed


@pytest.mark.django_db
def test_a_partner_needs_an_organization(administrator):
    other = building.account()
    page = administrator.post("/admin/rattachements/new/", {"user": other.pk, "role": "partenaire"}).content.decode()
    assert "Choisissez l’organisme" in page
    assert not other.memberships.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, Role.INTERVENANT, Role.PARTNER])
def test_the_actions_refuse_the_stranger_in_french(role):
    service = building.service()
    stranger = building.account(role, organization=service.organization if role == Role.PARTNER else None)
    for attempt in (
        lambda: actions.create(stranger, Organization(code="X", name="X", partner_type="autre")),
        lambda: actions.save_draft(stranger, service),
        lambda: actions.edit(stranger, service),
        lambda: actions.unpublish(stranger, service),
        lambda: actions.delete(stranger, service),
        lambda: actions.publish_revision(stranger, service.latest_revision),
        lambda: service.publish(service.latest_revision, user=stranger),
    ):
        with pytest.raises(PermissionDenied, match="Votre rôle ne permet pas de"):
            attempt()
    assert Service.objects.get(pk=service.pk).live_revision_id == service.latest_revision_id
