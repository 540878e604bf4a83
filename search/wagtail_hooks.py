"""Registrations only: see `search.upkeep.monitoring`."""

from django.urls import reverse
from wagtail import hooks

from .upkeep.monitoring import StateMenuItem, StateViewSet


@hooks.register("register_admin_viewset")
def register_state() -> StateViewSet:
    return StateViewSet()


@hooks.register("register_reports_menu_item")
def register_state_menu() -> StateMenuItem:
    return StateMenuItem(
        "État de la recherche",
        reverse("etat-recherche:index"),
        name="etat-recherche",
        icon_name="search",
        order=1100,
    )
