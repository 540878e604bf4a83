"""Registrations only: see `registry.admin`."""

from wagtail import hooks

from .admin import bulk
from .admin.accounts import MembershipViewSet

for _action in (bulk.BulkPublish, bulk.BulkUnpublish, bulk.BulkDelete):
    # After Wagtail's own, whose « delete » would go past our actions.
    hooks.register("register_bulk_action", _action, order=100)


@hooks.register("register_admin_viewset")
def register_memberships() -> MembershipViewSet:
    return MembershipViewSet()
