"""A page of an import costs the same whatever the file holds."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from .conftest import Office


def organizations(count: int) -> dict[str, Any]:
    rows = [[f"ORG{number}", f"Organisme {number}", "CLSC", "pas un numéro"] for number in range(300, 300 + count)]
    return {"Organismes": [["Code", "Nom", "Type de partenaire", "Téléphone"], *rows]}


def queries(office: Office, address: str) -> int:
    office.client.get(address)  # caches of Wagtail and of content types
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert office.client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("query", ["", "?sorte=avertissement&feuille=Organismes&champ=T%C3%A9l%C3%A9phone"])
def test_the_preview(office: Office, query: str) -> None:
    few, many = office.read(organizations(2)), office.read(organizations(60))
    costs = [queries(office, reverse("importations:detail", args=[item.pk]) + query) for item in (few, many)]
    assert costs[0] == costs[1] <= 12


def test_the_history(office: Office) -> None:
    office.read(organizations(1))
    before = queries(office, reverse("importations:index"))
    for _ in range(4):
        office.read(organizations(1))
    assert queries(office, reverse("importations:index")) == before <= 12


def test_the_wait(office: Office) -> None:
    item = office.send(organizations(1))
    assert queries(office, reverse("importations:progress", args=[item.pk])) <= 7
