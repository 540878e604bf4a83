"""Files of an entente: what is accepted, where they are served, and to whom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from wagtail.models import CollectionViewRestriction

from corridors import files
from corridors.actions import Actor
from corridors.enums import AgreementStatus as S
from corridors.enums import DocumentKind
from corridors.models import Agreement, AgreementDocument, AgreementEvent
from registry.enums import Role
from registry.models import User
from tests.factories import records

from . import building, living

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_media")]
PDF = b"%PDF-1.7\n%fin"


@pytest.fixture
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def coordinator() -> User:
    return building.person("brigitte", Role.COORDINATOR)


def upload(name: str = "entente.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def attached(coordinator: User, agreement: Agreement) -> AgreementDocument:
    return files.attach(Actor(user=coordinator), agreement, upload(), DocumentKind.SIGNED, "Entente signée")


def served(user: User | None, item: AgreementDocument) -> Any:
    client = Client()
    if user is not None:
        client.force_login(user)
    response = client.get(reverse("agreement_document", args=[item.pk]))
    response.body = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return response


def test_a_document_is_put_in_the_dossier_and_told(coordinator: User) -> None:
    agreement = living.in_state(S.NEGOTIATION)
    client = Client()
    client.force_login(coordinator)
    page = reverse("wagtailsnippets_corridors_agreement:gesture", args=[agreement.pk, "document"])
    client.post(page, {"kind": "annexe", "label": "Annexe B", "file": upload()})
    item = AgreementDocument.objects.get()
    assert (item.label, item.kind, item.added_by) == ("Annexe B", "annexe", coordinator)
    assert item.document.file_size == len(PDF)
    told = AgreementEvent.objects.get(kind="document")
    assert told.data == {"document": item.pk, "label": "Annexe B", "kind": "Annexe"}
    entente = client.get(reverse("wagtailsnippets_corridors_agreement:entente", args=[agreement.pk]))
    assert "Document versé : Annexe B" in entente.content.decode()


def test_it_is_served_to_those_who_read_the_entente_and_to_nobody_else(coordinator: User) -> None:
    agreement = living.in_state(S.NEGOTIATION)
    item = attached(coordinator, agreement)
    partner = agreement.parties.get(role="partenaire").organization
    response = served(coordinator, item)
    assert response.body == PDF
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]
    assert served(building.person("benoit", Role.PARTNER, partner), item).status_code == 200
    other = records.organization("Un autre organisme")
    assert served(building.person("paul", Role.PARTNER, other), item).status_code == 404
    assert served(building.person("ines", Role.INTERVENANT), item).status_code == 404
    assert served(None, item).status_code == 302


def test_a_partner_sees_nothing_of_a_draft(coordinator: User) -> None:
    agreement = building.draft()
    item = attached(coordinator, agreement)
    partner = agreement.parties.get(role="partenaire").organization
    assert served(building.person("benoit", Role.PARTNER, partner), item).status_code == 404


def test_the_other_door_is_locked_even_for_the_administrator(coordinator: User) -> None:
    item = attached(coordinator, building.draft())
    client = Client()
    client.force_login(building.person("ada", Role.ADMINISTRATOR))
    assert client.get(item.document.url).status_code == 404
    assert Client().get(item.document.url).status_code == 404
    for name, more in (("index", []), ("add", []), ("edit", [item.document_id]), ("delete", [item.document_id])):
        assert client.get(reverse(f"wagtaildocs:{name}", args=more)).status_code == 404
    restriction = CollectionViewRestriction.objects.get(collection=files.collection())
    assert restriction.restriction_type == CollectionViewRestriction.LOGIN


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("vide.pdf", b"", "vide"),
        ("entente.exe", b"MZ", "pas accepté"),
        ("entente.html", b"<script>", "pas accepté"),
        ("entente.pdf", b"<html>", "ne correspond pas à son nom"),
        ("entente.png", PDF, "ne correspond pas à son nom"),
        (f"{'a' * 120}.pdf", PDF, "trop long"),
    ],
)
def test_what_is_not_a_document_is_refused_in_words(name: str, content: bytes, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        files.check_upload(upload(name, content))


def test_a_file_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_MB", 1)
    files.check_upload(upload(content=PDF.ljust(1024 * 1024, b"0")))
    with pytest.raises(ValidationError, match="dépasse 1"):
        files.check_upload(upload(content=PDF.ljust(1024 * 1024 + 1, b"0")))


def test_a_refusal_leaves_nothing_behind(coordinator: User, tmp_path: Path) -> None:
    agreement = building.draft()
    stranger = building.person("odile", Role.COORDINATOR, records.organization("CISSS voisin"))
    with pytest.raises(PermissionDenied):
        files.attach(Actor(user=stranger), agreement, upload(), DocumentKind.OTHER)
    with pytest.raises(ValidationError):
        files.attach(Actor(user=coordinator), agreement, upload("x.exe", b"MZ"), DocumentKind.OTHER)
    assert not AgreementDocument.objects.exists()
    assert not AgreementEvent.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "index" not in path.parts] == []
