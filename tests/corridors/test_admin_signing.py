"""Signatures from the page of an entente: links in the order of the ranks, paper with its scan, older ententes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from corridors.enums import AgreementStatus as S
from corridors.models import ActionLink, Agreement, AgreementDocument, Signature
from registry.enums import Role
from registry.models import User

from . import building, living

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_today")]


@pytest.fixture
def _today(settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel("2026-11-22T12:00:00-05:00", tick=False):
        yield


@pytest.fixture
def coordinator() -> User:
    return building.person("brigitte", Role.COORDINATOR)


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("signature.pdf", b"%PDF-1.7\n")


def do(user: User, agreement: Agreement, gesture: str, **values: Any) -> Any:
    client = Client()
    client.force_login(user)
    address = reverse("wagtailsnippets_corridors_agreement:gesture", args=[agreement.pk, gesture])
    return client.post(address, values, follow=True)


def test_papers_complete_the_signing_and_publish_the_entente(coordinator: User) -> None:
    agreement = living.in_state(S.SIGNING)
    first, second = agreement.signatories.order_by("pk")
    ahead = do(coordinator, agreement, "papier", signatory=first.pk, signed_on="2026-11-23", file=scan())
    assert ahead.status_code == 422
    assert not AgreementDocument.objects.exists()
    do(coordinator, agreement, "papier", signatory=first.pk, signed_on="2026-11-20", file=scan())
    assert living.status(agreement) == S.SIGNING
    do(coordinator, agreement, "papier", signatory=second.pk, signed_on="2026-11-21", file=scan())
    row = living.fresh(agreement)
    assert (living.status(agreement), row.live, row.signed_on) == (S.SIGNED, True, date(2026, 11, 21))
    assert {mark.attested_by for mark in Signature.objects.all()} == {coordinator}


def test_a_refused_paper_leaves_no_file_behind(coordinator: User, tmp_path: Path) -> None:
    agreement = living.in_state(S.SIGNING)
    person = agreement.signatories.first()
    assert person is not None
    do(coordinator, agreement, "papier", signatory=person.pk, signed_on="2026-11-23", file=scan())
    assert [path.name for path in tmp_path.rglob("*.pdf")] == []


def test_a_link_is_sent_to_whoever_signs_now_and_not_before(coordinator: User) -> None:
    agreement = living.in_state(S.SIGNING)
    first, second = agreement.signatories.order_by("pk")
    agreement.signatories.filter(pk=first.pk).update(email="claire@exemple.qc.ca")
    agreement.signatories.filter(pk=second.pk).update(email="benoit@exemple.qc.ca", order=2)
    response = do(coordinator, agreement, "lien", signatory=second.pk)
    assert response.status_code == 422
    do(coordinator, agreement, "lien", signatory=first.pk)
    assert [link.email for link in ActionLink.objects.all()] == ["claire@exemple.qc.ca"]
    client = Client()
    client.force_login(coordinator)
    page = client.get(reverse("wagtailsnippets_corridors_agreement:entente", args=[agreement.pk])).content.decode()
    assert "Lien envoyé le 22\u00a0nov." in page
    assert "Attend son tour" in page


def test_the_paper_of_an_older_entente_is_put_in_with_who_signed(coordinator: User) -> None:
    agreement = building.declared(starts_on=date(2020, 1, 1), ends_on=date(2028, 1, 1))
    names = {f"name_{party.organization_id}": f"Pour {party.organization}" for party in agreement.parties.all()}
    titles = {f"title_{party.organization_id}": "" for party in agreement.parties.all()}
    do(coordinator, agreement, "papier-ancien", signed_on="2019-12-01", file=scan(), **names, **titles)
    row = living.fresh(agreement)
    assert (row.signed_on, living.status(agreement)) == (date(2019, 12, 1), S.IN_FORCE)
    assert Signature.objects.count() == 2
    assert AgreementDocument.objects.get().kind == "signee"
