"""Where every entente stands: what lists and panels count on, in as many queries for one as for hundreds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from corridors import contributions as owed
from corridors import overview
from corridors.admin.home import AgreementsPanel
from corridors.contributions import When, next_due
from corridors.enums import AgreementFlag, AgreementStatus, Recurrence, RenewalKind
from corridors.lifecycle import Refused
from corridors.models import Agreement, AgreementEvent, Obligation
from corridors.state import add_months, state_at
from registry import actions
from registry.enums import Role

from .building import by, declared, do, draft, person
from .following import TODAY, many

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day() -> Any:
    with time_machine.travel("2026-11-21 10:00-05:00", tick=False):
        yield


class TestStandings:
    def test_one_query_for_all(self, django_assert_num_queries: Any) -> None:
        many(120)
        with django_assert_num_queries(1):
            rows = overview.standings(TODAY)
        assert len(rows) == 120

    def test_each_is_what_the_journal_and_the_dates_say(self) -> None:
        """As the one pure function says, entente by entente, on several days."""
        many(60)
        for day in (date(2019, 1, 1), TODAY, date(2027, 3, 31)):
            for row in overview.standings(day):
                agreement = Agreement.all_objects.get(pk=row.pk)
                assert row.state == state_at(agreement, day, agreement.events.all())

    def test_an_entente_that_is_not_published_yet_is_followed_and_one_that_was_withdrawn_is_not(self) -> None:
        agreement = draft()
        assert only().number == agreement.number
        actions.edit(None, agreement)
        assert only().number == agreement.number
        actions.unpublish(None, Agreement.all_objects.get())
        assert overview.standings(TODAY) == []

    def test_whose_turn_and_since_when(self) -> None:
        agreement = draft()
        coordinator, manager = person("brigitte", Role.COORDINATOR), person("gaston", Role.MANAGER)
        assert only().waits_for == ""
        do(coordinator, agreement, "submit")
        assert (only().waits_for, only().waits_since) == ("centre", TODAY)
        do(manager, agreement, "approve")
        assert only().status == AgreementStatus.NEGOTIATION
        assert (only().waits_for, only().waits_since) == (only().turn, TODAY)

    def test_days_left_and_notice(self) -> None:
        declared(ends_on=TODAY + timedelta(days=62), notice_days=60, starts_on=date(2020, 1, 1))
        row = only()
        assert (row.days_left, row.notice_on) == (62, TODAY + timedelta(days=2))
        assert overview.TERMS["preavis"][1](row) and not overview.TERMS["60"][1](row)
        assert overview.TERMS["90"][1](row)
        assert not row.state.has(AgreementFlag.NOTICE_OPEN)

    @pytest.mark.parametrize(("days", "wanted"), [(0, {30, 60, 90}), (30, {30, 60, 90}), (31, {60, 90}), (91, set())])
    def test_both_ends_of_a_horizon_count(self, days: int, wanted: set[int]) -> None:
        declared(ends_on=TODAY + timedelta(days=days), starts_on=date(2020, 1, 1), renewal=RenewalKind.NONE)
        assert {horizon for horizon in overview.HORIZONS if overview.TERMS[str(horizon)][1](only())} == wanted

    def test_a_term_that_is_over_is_no_term_to_come(self) -> None:
        declared(ends_on=TODAY - timedelta(days=1), starts_on=date(2020, 1, 1), renewal=RenewalKind.NONE)
        assert only().days_left is None and only().notice_on is None
        assert overview.TERMS["passee"][1](only())


def only() -> overview.Standing:
    (row,) = overview.standings(TODAY)
    return row


DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))


class TestWhenAContributionIsDue:
    @given(DAYS, st.sampled_from([Recurrence.MONTHLY, Recurrence.QUARTERLY, Recurrence.YEARLY]), DAYS)
    def test_the_first_date_after_the_last_one_met(self, first: date, recurrence: str, met: date) -> None:
        step = {Recurrence.MONTHLY: 1, Recurrence.QUARTERLY: 3, Recurrence.YEARLY: 12}[Recurrence(recurrence)]
        dates = [add_months(first, step * place) for place in range(800 // step + 12)]
        expected = first if met < first else next(day for day in dates if day > met)
        assert next_due(first, recurrence, met) == expected

    def test_month_ends_are_kept(self) -> None:
        assert next_due(date(2024, 1, 31), Recurrence.MONTHLY, date(2024, 1, 31)) == date(2024, 2, 29)
        assert next_due(date(2024, 2, 29), Recurrence.YEARLY, date(2027, 2, 28)) == date(2028, 2, 29)

    @given(DAYS, st.sampled_from(list(Recurrence)), st.none() | DAYS, DAYS)
    def test_a_declaration_covers_what_was_due_by_its_day(
        self, first: date, recurrence: str, met: date | None, day: date
    ) -> None:
        covered = owed.covered(first, recurrence, met, day)
        assert covered is not None and covered >= first
        after = next_due(first, recurrence, covered)
        if recurrence in (Recurrence.ONCE, Recurrence.CONTINUOUS):
            assert after == covered == first
        else:
            assert after is not None and after > max(covered, day if covered <= day else covered)

    @pytest.mark.parametrize("recurrence", [Recurrence.ONCE, Recurrence.CONTINUOUS, ""])
    def test_one_that_does_not_come_back_stays(self, recurrence: str) -> None:
        assert next_due(date(2026, 5, 1), recurrence, date(2026, 5, 1)) == date(2026, 5, 1)


@pytest.fixture
def monthly() -> Obligation:
    agreement = declared(starts_on=date(2020, 1, 1), ends_on=date(2029, 1, 1))
    partner = agreement.parties.last().organization
    return actions.create(
        None,
        Obligation(agreement=agreement, party=partner, text="Rendre compte", due_on=date(2026, 9, 30),
                   recurrence=Recurrence.MONTHLY),
    )  # fmt: skip


def stands() -> tuple[str, date | None]:
    (row,) = owed.contributions(TODAY)
    return row.when, row.due_on


class TestContributions:
    def test_late_until_somebody_declares_it_met_then_due_again(self, monthly: Obligation) -> None:
        coordinator = by(person("brigitte", Role.COORDINATOR))
        assert stands() == (When.LATE, date(2026, 9, 30))
        owed.declare_met(coordinator, monthly, "Compte rendu du 3 novembre")
        assert stands() == (When.THIS_MONTH, date(2026, 11, 30))
        monthly.refresh_from_db()
        assert (monthly.status, monthly.evidence) == ("respectee", "Compte rendu du 3 novembre")
        assert monthly.due_on == date(2026, 9, 30)  # a term of the entente: it does not move
        owed.declare_met(coordinator, monthly, "Compte rendu remis d’avance")
        assert stands() == (When.LATER, date(2026, 12, 31))
        lines = AgreementEvent.objects.filter(kind="contribution").order_by("number")
        assert [line.data["due_on"] for line in lines] == ["2026-10-31", "2026-11-30"]
        assert lines[0].actor_name == "Brigitte Tremblay" and "Compte rendu du 3 novembre" in lines[0].reason

    def test_what_the_workbook_declares_met_is_met(self, monthly: Obligation) -> None:
        Obligation.all_objects.update(status="respectee")
        assert stands() == (When.MET, date(2026, 9, 30))

    def test_one_that_does_not_come_back_is_met_once(self, monthly: Obligation) -> None:
        Obligation.all_objects.update(recurrence=Recurrence.ONCE)
        coordinator = by(person("brigitte", Role.COORDINATOR))
        owed.declare_met(coordinator, monthly, "Lettre du 12 octobre")
        assert stands()[0] == When.MET
        with pytest.raises(Refused, match="déjà"):
            owed.declare_met(coordinator, monthly, "Lettre du 12 octobre")

    def test_nothing_is_met_without_what_shows_it(self, monthly: Obligation) -> None:
        with pytest.raises(Refused, match="ce qui montre"):
            owed.declare_met(by(person("brigitte", Role.COORDINATOR)), monthly, " ok ")
        assert not AgreementEvent.objects.filter(kind="contribution").exists()

    def test_a_party_declares_its_own_and_nobody_elses(self, monthly: Obligation) -> None:
        partner = person("benoit", Role.PARTNER, monthly.party)
        owed.declare_met(by(partner), monthly, "Rencontre du 4 octobre")
        centre = monthly.agreement.parties.first().organization
        others = actions.create(None, Obligation(agreement=monthly.agreement, party=centre, text="Former l’équipe"))
        with pytest.raises(PermissionDenied):
            owed.declare_met(by(partner), others, "Formation du 4 octobre")
        with pytest.raises(PermissionDenied):
            owed.declare_met(by(person("ines", Role.INTERVENANT)), monthly, "Rencontre du 4 octobre")

    def test_nobody_is_late_under_an_entente_that_is_over(self, monthly: Obligation) -> None:
        Agreement.all_objects.update(ends_on=date(2026, 11, 1), renewal=RenewalKind.NONE)
        assert owed.contributions(TODAY) == []

    def test_three_queries_for_all(self, django_assert_num_queries: Any) -> None:
        many(80)
        with django_assert_num_queries(3):
            assert owed.contributions(TODAY)


def test_the_panel_of_the_first_page_names_nothing_that_is_not_there() -> None:
    """Templates of ours may not lean on undefined variables, with rows and without."""
    panel = AgreementsPanel(person("gaston", Role.MANAGER))
    assert "Aucune entente n’attend" in panel.render_html()
    many(60)
    assert "À faire&nbsp;: approuver" in AgreementsPanel(person("carole", Role.MANAGER)).render_html()
