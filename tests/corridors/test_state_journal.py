"""`manage.py agreements`: what the journal and the dates say of every entente, on any day."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from corridors.enums import RenewalKind
from corridors.models import Agreement, AgreementEvent
from corridors.state import state_at
from registry import actions
from registry.enums import Role

from .building import declared, do, draft, person
from .following import TODAY, many

pytestmark = pytest.mark.django_db


def told(day: date | None = None) -> dict[str, dict[str, Any]]:
    """Number → line, as the command prints them."""
    out = StringIO()
    call_command("agreements", *(["--at", day.isoformat()] if day else []), "--json", stdout=out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert all(set(line) == {"number", "status", "flags", "term_end"} for line in lines)
    return {line["number"]: line for line in lines}


def decide(agreement: Agreement, status: str, day: date, **values: Any) -> AgreementEvent:
    number = agreement.events.count() + 1
    return agreement.events.create(
        number=number, kind="transition", to_status=status, effective_on=day, recorded_at="2026-01-01T12:00:00Z",
        **values,
    )  # fmt: skip


def test_the_declared_word_counts_until_the_first_decision() -> None:
    agreement = declared("En vigueur", starts_on=date(2020, 1, 1), ends_on=None)
    decide(agreement, "suspendue", date(2026, 3, 1))
    decide(agreement, "en_vigueur", date(2026, 5, 1))
    decide(agreement, "resiliee", date(2026, 9, 1))
    days = {date(2026, 2, 28): "en_vigueur", date(2026, 3, 1): "suspendue", date(2026, 4, 30): "suspendue",
            date(2026, 5, 1): "en_vigueur", date(2026, 9, 1): "resiliee", date(2040, 1, 1): "resiliee"}  # fmt: skip
    assert {day: told(day)[agreement.number]["status"] for day in days} == days


def test_what_the_system_noted_decides_nothing() -> None:
    """Dates that were corrected since count as they are now, not as a nightly run had found them."""
    agreement = declared("En vigueur", starts_on=date(2020, 1, 1), ends_on=date(2026, 6, 30), renewal=RenewalKind.NONE)
    decide(agreement, "echue", date(2026, 7, 1), by_system=True)
    assert told(TODAY)[agreement.number]["status"] == "echue"
    Agreement.all_objects.update(ends_on=date(2027, 6, 30))
    assert told(TODAY)[agreement.number]["status"] == "en_vigueur"


def test_what_happens_to_an_amendment_is_not_the_entente_s() -> None:
    agreement = declared("En vigueur", starts_on=date(2020, 1, 1), ends_on=None)
    amendment = agreement.amendments.create(number=1, kind="duree", title="Prolonger")
    decide(agreement, "negociation", date(2026, 3, 1), amendment=amendment)
    assert told(TODAY)[agreement.number]["status"] == "en_vigueur"


def test_two_decisions_of_one_day_the_last_one_counts() -> None:
    agreement = declared("En vigueur", starts_on=date(2020, 1, 1), ends_on=None)
    decide(agreement, "suspendue", TODAY)
    decide(agreement, "en_vigueur", TODAY)
    assert told(TODAY)[agreement.number]["status"] == "en_vigueur"


def test_a_word_that_the_dates_contradict_is_said_until_somebody_decides() -> None:
    agreement = declared("En vigueur", starts_on=date(2020, 1, 1), ends_on=date(2026, 6, 30), renewal=RenewalKind.NONE)
    assert "statut_contredit" in told(TODAY)[agreement.number]["flags"]
    decide(agreement, "en_vigueur", date(2026, 1, 15))
    assert told(TODAY)[agreement.number]["flags"] == ["signature_manquante"]


def test_an_entente_is_told_from_its_first_draft_on_and_no_more_once_withdrawn() -> None:
    with time_machine.travel("2026-11-21 10:00-05:00", tick=False):
        agreement = draft()
        assert told()[agreement.number]["status"] == "brouillon"
        do(person("brigitte", Role.COORDINATOR), agreement, "submit")
        assert told()[agreement.number]["status"] == "revision"
        do(person("gaston", Role.MANAGER), agreement, "approve")
        assert told()[agreement.number]["status"] == "negociation"
        assert told(date(2026, 11, 20))[agreement.number]["status"] == "brouillon"
        do(person("carole", Role.COORDINATOR), agreement, "cancel", reason="Le projet est abandonné.")
        assert told()[agreement.number]["status"] == "annulee"


def test_a_withdrawn_entente_is_not_told() -> None:
    declared()
    actions.unpublish(None, Agreement.all_objects.get())
    assert told(TODAY) == {}


def test_all_are_what_the_one_function_says_in_one_query(django_assert_num_queries: Any) -> None:
    rows = many(150)
    for day in (date(2024, 2, 29), TODAY, TODAY + timedelta(days=400)):
        with django_assert_num_queries(1):
            lines = told(day)
        for row in rows[::7]:
            state = state_at(Agreement.all_objects.get(pk=row.pk), day, row.events.all())
            assert (lines[row.number]["status"], lines[row.number]["flags"], lines[row.number]["term_end"]) == (
                state.status.value, sorted(state.flags), state.term_end.isoformat() if state.term_end else None,
            )  # fmt: skip


def test_a_date_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match="n’est pas une date"):
        call_command("agreements", "--at", "21 novembre")
