"""Wagtail's accounts, with our own views: roles come from memberships, so groups have no place in the forms."""

from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(WagtailUsersAppConfig):
    user_viewset = "registry.admin.accounts.AccountViewSet"
