"""« Consultations d’adresses »: who opened which confidential address, when and why. Read only."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSet

from .. import policies
from ..models import AddressDisclosure
from .listing import ClippedColumn, DateCell


class DisclosureIndexView(generic.IndexView):
    model = AddressDisclosure
    page_title = "Consultations d’adresses confidentielles"
    header_icon = "lock"
    any_permission_required = ["view"]
    default_ordering = "-opened_at"
    paginate_by = 50
    list_export: list[str] = []
    FORMATS = ()

    @property
    def columns(self) -> list[Column]:
        return [
            DateCell("opened_at", label="Ouverte le", sort_key="opened_at"),
            Column("location", label="Lieu", accessor="location", sort_key="location__name"),
            Column("user", label="Par", accessor="user", sort_key="user__username"),
            ClippedColumn("justification", label="Motif", length=160),
        ]

    def get_base_queryset(self) -> QuerySet:
        return AddressDisclosure.objects.select_related("location", "user")


class DisclosureViewSet(ViewSet):
    name = "consultations-adresses"
    icon = "lock"

    @property
    def index_view(self) -> Any:
        return self.construct_view(DisclosureIndexView, index_url_name=self.get_url_name("index"))

    def get_urlpatterns(self) -> list[Any]:
        return [path("", self.index_view, name="index")]


class DisclosureMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return policies.can(request.user, policies.READ, AddressDisclosure)
