"""Accounts' rights as Django and Wagtail ask for them: answered by `registry.policies`, and by nothing else.

Django's groups and permission rows grant nothing here: a partner put by mistake into Wagtail's « Editors » group
still stays outside the admin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import check_password
from django.db import OperationalError, connection, models
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from wagtail.permission_policies import BasePermissionPolicy
from wagtail.permissions import register_permission_policy

from . import importing, policies

ADMIN_PERMISSION = "wagtailadmin.access_admin"

# What apps above this one read along with the account of a request: attribute → expression.
_along: dict[str, Any] = {}


def read_along(name: str, expression: Any) -> None:
    """From now on, the account of a request carries this (an expression of the database) as an attribute. Called when
    the apps are ready."""
    _along[name] = expression
    _statement.cache_clear()


@lru_cache(maxsize=2)
def _statement(vendor: str) -> str:
    """SQL that reads one account and its memberships, a row each. Put together once: Django takes longer to write it
    than the database to answer, and every page of ours asks for it."""
    rows = get_user_model()._default_manager.filter(pk=0)
    rows = rows.annotate(**{policies.ROLE: F("memberships__role"), policies.OF: F("memberships__organization_id")})
    return str(rows.annotate(**_along).query.sql_with_params()[0])


class RoleBackend(ModelBackend):
    """Signs in with a password; answers every permission from the roles of the account's memberships."""

    def authenticate(self, request: Any, username: Any = None, password: Any = None, **kwargs: Any) -> Any:
        try:
            return super().authenticate(request, username=username, password=password, **kwargs)
        except OperationalError as error:
            if not importing.is_busy(error):
                raise
        # The password was right, and due to be kept in a newer form: while an import writes, it stays as it is.
        user = get_user_model()._default_manager.get_by_natural_key(username)
        right = check_password(password, user.password)
        return user if right and self.user_can_authenticate(user) else None

    def get_user(self, user_id: Any) -> Any:
        """The account of a session, with its memberships: one SQL query for all that a page asks about who is there."""
        rows = list(get_user_model()._default_manager.raw(_statement(connection.vendor), [user_id]))
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        policies.remember(rows[0], rows)
        return rows[0]

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """`app.action_model`, Django's own way of naming a right; `False` for whatever is not one of ours."""
        if not user_obj.is_active or user_obj.is_anonymous:
            return False
        if perm == ADMIN_PERMISSION:
            return policies.can(user_obj, policies.ACCESS_ADMIN)
        label, _, codename = perm.partition(".")
        action, _, model_name = codename.partition("_")
        try:
            model = apps.get_model(label, model_name)
        except (LookupError, ValueError):
            # Not named after a model of ours: the administrator's business.
            return policies.is_administrator(user_obj)
        return policies.can(user_obj, action, obj if isinstance(obj, model) else model)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return policies.can(user_obj, policies.ACCESS_ADMIN)

    def with_perm(
        self, perm: Any, is_active: bool = True, include_superusers: bool = True, obj: Any = None
    ) -> QuerySet:
        name = perm if isinstance(perm, str) else f"{perm.content_type.app_label}.{perm.codename}"
        if name == ADMIN_PERMISSION:
            return policies.accounts_holding(policies.roles_allowed(policies.ACCESS_ADMIN))
        label, _, codename = name.partition(".")
        action, _, model_name = codename.partition("_")
        return policies.accounts_holding(policies.roles_allowed(action, apps.get_model(label, model_name)))


class RolePermissionPolicy(BasePermissionPolicy):
    """What Wagtail's views ask about one of our models, answered by `registry.policies`."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return user is not None and policies.can(user, action, self.model)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: models.Model) -> bool:
        return user is not None and policies.can(user, action, instance)

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet:
        return policies.accounts_holding(
            frozenset(role for name in actions for role in policies.roles_allowed(name, self.model))
        )


def register_policies() -> None:
    """Give every record of every app its policy. Called when the apps are ready, before Wagtail asks for the first."""
    from .models import AddressDisclosure, ConfidentialAddress, Membership, Record

    for model in apps.get_models():
        if issubclass(model, Record) or model in (Membership, ConfidentialAddress, AddressDisclosure):
            register_permission_policy(model, RolePermissionPolicy(model), exact_class=True)


class AdminGate:
    """Middleware: an account without the right to the admin gets one French page there, whatever the address.

    Wagtail would send it back to a sign-in form, though it is signed in already.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            request.path_info.startswith(reverse("wagtailadmin_home"))
            and request.path_info != reverse("wagtailadmin_logout")
            and request.user.is_authenticated
            and not policies.can(request.user, policies.ACCESS_ADMIN)
        ):
            return render(request, "registry/no_admin.html", status=403)
        return self.get_response(request)
