"""« Telle qu’elle était »: the text, the parties and the state of an entente on a past day."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from corridors.canonical import terms_of
from corridors.enums import AgreementStatus as S
from corridors.history import as_of
from corridors.models import Agreement, AgreementParty, Clause, Obligation
from registry import actions
from registry.enums import Role
from tests.factories import records

from . import building, living

pytestmark = pytest.mark.django_db


def on(day: str) -> time_machine.travel:
    return time_machine.travel(f"{day}T15:00:00-05:00", tick=False)


def published_then_changed() -> Agreement:
    with on("2025-01-10"):
        agreement = building.declared(starts_on=date(2024, 1, 1), ends_on=date(2027, 1, 1), notice_days=60)
    with on("2025-06-01"):
        row = living.fresh(agreement)
        row.title = "Un titre plus juste"
        row.clauses = [Clause(title="Urgence", text="Sans délai.")]
        row.parties = [
            *row.parties.all(), AgreementParty(organization=records.organization("Un troisième"), sort_order=2)
        ]  # fmt: skip
        actions.edit(None, row)
    with on("2025-07-01"):
        draft = living.fresh(agreement)
        draft.title = "Un titre que personne n’a publié"
        actions.save_draft(None, draft)
    return agreement


def test_each_day_has_its_own_text() -> None:
    agreement = published_then_changed()
    titles = {}
    for day in (date(2025, 1, 9), date(2025, 1, 10), date(2025, 5, 31), date(2025, 6, 1), date(2025, 8, 1)):
        terms = as_of(agreement, day).terms
        titles[day.isoformat()] = terms and (terms["title"], len(terms["parties"]), len(terms["clauses"]))
    first, second = ("Intervention de crise dans le milieu", 2, 0), ("Un titre plus juste", 3, 1)
    assert titles == {
        "2025-01-09": None, "2025-01-10": first, "2025-05-31": first, "2025-06-01": second, "2025-08-01": second,
    }  # fmt: skip


def test_the_last_day_reads_like_the_row_itself() -> None:
    agreement = published_then_changed()
    with on("2025-06-15"):
        centre, partner, _third = [party.organization for party in agreement.parties.order_by("sort_order")]
        start, end = records.service(centre, "Accueil"), records.service(partner, "Intervention de crise")
        records.corridor(living.fresh(agreement), start, end, urgent_delay=24)
        actions.create(None, Obligation(agreement=agreement, party=centre, text="Former les équipes."))
    past = as_of(agreement, date(2025, 6, 20))
    assert past.terms == terms_of(agreement)
    before = as_of(agreement, date(2025, 6, 14)).terms
    assert before is not None
    assert (before["corridors"], before["obligations"]) == ([], [])


def test_a_draft_put_back_beside_a_corrected_row_is_still_a_draft() -> None:
    agreement = published_then_changed()
    with on("2025-08-01"):
        draft = living.fresh(agreement).get_latest_revision_as_object()
        row = living.fresh(agreement)
        row.signed_on = date(2024, 1, 1)
        row.save()
        row.live_revision = row.save_revision(log_action=False, clean=False)
        row.save()
        draft.save_revision(log_action=False, clean=False)
    past = as_of(agreement, date(2025, 8, 2))
    assert past.terms is not None
    assert past.terms["title"] == "Un titre plus juste"


def test_the_state_is_that_of_the_day_by_journal_and_by_dates() -> None:
    agreement = published_then_changed()
    manager = building.person("gilles", Role.MANAGER)
    with on("2025-09-01"):
        building.do(manager, agreement, "suspend", reason="Refonte des services.")
    days = {
        date(2023, 12, 31): S.SIGNED,
        date(2025, 1, 1): S.IN_FORCE,
        date(2025, 8, 31): S.IN_FORCE,
        date(2025, 9, 1): S.SUSPENDED,
    }
    assert {day: as_of(agreement, day).state.status for day in days} == days


def test_a_draft_that_its_row_follows_is_told_day_by_day() -> None:
    with on("2025-01-10"):
        agreement = building.draft()
    with on("2025-02-01"):
        draft = living.fresh(agreement)
        draft.object = "Autre objet."
        actions.save_draft(None, draft)
    january, february = as_of(agreement, date(2025, 1, 15)).terms, as_of(agreement, date(2025, 2, 1)).terms
    assert january is not None
    assert february is not None
    assert (january["object"], february["object"]) == ("Répondre ensemble aux crises.", "Autre objet.")


def test_the_page_of_a_past_day() -> None:
    agreement = published_then_changed()
    client = Client()
    client.force_login(building.person("brigitte", Role.COORDINATOR))
    page = reverse("wagtailsnippets_corridors_agreement:entente", args=[agreement.pk])
    with on("2026-11-22"):
        text = client.get(page, {"au": "2025-03-01"}).content.decode()
        assert "Le 1er\u00a0mars\u00a02025 : en vigueur" in text
        assert "Intervention de crise dans le milieu" in text
        assert "<ins>Un titre plus juste</ins>" in text
        assert "UNDEFINED" not in text.split('class="admin entente"')[1]
        text = client.get(page, {"au": "2024-03-01"}).content.decode()
        assert "L’entente est entrée dans Passerelles le 10\u00a0janvier\u00a02025." in text
        assert "Premier texte inscrit, le 10\u00a0janvier\u00a02025" in text, "the oldest text there is, named as such"
        assert "UNDEFINED" not in text.split('class="admin entente"')[1]
        for wrong, words in (("2027-01-01", "pas encore passée"), ("hier", "Écrivez la date comme 2025-03-01.")):
            text = client.get(page, {"au": wrong}).content.decode()
            assert words in text
            assert "Ce qui doit attendre" in text, "the page of today is shown"
