"""Whoever may not import sees nothing of it, by any address."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from registry.admin.imports import views
from registry.enums import Role
from registry.models import ImportStatus, Organization, WorkbookImport
from tests.registry.admin import building

from .conftest import Office
from .test_journey import ORGANIZATIONS

PAGES = ("index", "detail", "progress", "report")
BUTTONS = ("index", "answers", "review", "leave_out", "apply", "abandon", "retry")


def address(name: str, item: WorkbookImport) -> str:
    return reverse(f"importations:{name}", args=[] if name == "index" else [item.pk])


@pytest.fixture
def waiting(office: Office) -> WorkbookImport:
    return office.read(ORGANIZATIONS)


def strangers() -> list[Any]:
    return [pytest.param(role, id=str(role)) for role in (Role.INTERVENANT, Role.PARTNER, None)]


def signed_in(role: Role | None) -> Client:
    organization = Organization.objects.get(code="ORG001") if role == Role.PARTNER else None
    client = Client()
    client.force_login(building.account(role, organization=organization))
    return client


@pytest.mark.parametrize("role", strangers())
@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_sees_no_page(waiting: WorkbookImport, role: Role | None, name: str) -> None:
    answer = signed_in(role).get(address(name, waiting))
    assert answer.status_code == 403
    assert "Entraide du Fleuve" not in answer.content.decode()
    assert "classeur.xlsx" not in answer.content.decode()


@pytest.mark.parametrize("role", strangers())
@pytest.mark.parametrize("name", BUTTONS)
def test_a_stranger_presses_no_button(waiting: WorkbookImport, role: Role | None, name: str) -> None:
    assert signed_in(role).post(address(name, waiting), {"ecarter": ["0:2"], "montree": ["0:2"]}).status_code == 403
    assert WorkbookImport.objects.count() == 1
    waiting.refresh_from_db()
    assert waiting.status == ImportStatus.PREVIEW
    assert not waiting.lines.filter(left_out=True).exists()


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_is_sent_to_the_sign_in_page(waiting: WorkbookImport, name: str) -> None:
    answer = Client().get(address(name, waiting))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("sign_in"))


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MANAGER, Role.ADMINISTRATOR])
def test_those_who_import_share_the_history(waiting: WorkbookImport, role: Role) -> None:
    for name in PAGES:
        assert signed_in(role).get(address(name, waiting)).status_code == 200


def test_the_menu_shows_it_to_those_who_may(waiting: WorkbookImport, office: Office) -> None:
    menu = office.client.get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("importations:index") in menu


@pytest.mark.parametrize("name", [name for name in BUTTONS if name != "index"])
def test_a_button_is_not_an_address(waiting: WorkbookImport, office: Office, name: str) -> None:
    assert office.client.get(address(name, waiting)).status_code == 405


@pytest.mark.parametrize("name", [name for name in (*PAGES, *BUTTONS) if name != "index"])
def test_an_unknown_import(office: Office, name: str) -> None:
    send = office.client.get if name in PAGES else office.client.post
    assert send(reverse(f"importations:{name}", args=[9999])).status_code == 404


@pytest.mark.parametrize("role", strangers())
def test_the_views_themselves_refuse(waiting: WorkbookImport, rf: Any, role: Role | None) -> None:
    """Whatever stands at the gate of the admin."""
    request = rf.get("/")
    request.user = building.account(role, organization=Organization.objects.first() if role == Role.PARTNER else None)
    for view in (views.IndexView, views.DetailView, views.ProgressView, views.ReportView):
        with pytest.raises(PermissionDenied):
            view.as_view()(request, pk=waiting.pk)
