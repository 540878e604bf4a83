"""Whatever people do and however the days pass: no illegal state, nothing skipped, and the journal tells it all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from corridors import actions as life
from corridors import lifecycle, sealed
from corridors.dossier import open_dossier
from corridors.enums import AgreementStatus as S
from corridors.enums import DeclaredStatus, RenewalKind
from corridors.lifecycle import BY_NAME, FINAL, TRANSITIONS, Facts, Refused, Request, Who
from corridors.models import Acceptance, Agreement, AgreementEvent, Signature
from corridors.state import decided, renews, state_at
from corridors.terms import TAKES_BACK, holds_on, in_force_periods, standing
from registry import actions

from . import living

BEGINNING = date(2026, 11, 22)
RUNNING = {S.IN_FORCE, S.SUSPENDED, S.DISPUTED}
# What the dates alone may do from one day to the next.
BY_DATES = {(S.SIGNED, S.IN_FORCE), (S.SIGNED, S.LAPSED), *((state, S.LAPSED) for state in RUNNING)}
STEPS = {(origin, step.target) for step in TRANSITIONS if not step.by_system for origin in step.origins}


@dataclass
class Line:
    """A line of a journal."""

    number: int
    transition: str
    from_status: str
    to_status: str
    effective_on: date
    by_system: bool = False


@dataclass
class Entente:
    declared_status: str = DeclaredStatus.DRAFT.value
    declared_renewal: str = ""
    renewal: str = RenewalKind.NONE.value
    renewal_months: int = 12
    notice_days: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    signed_on: date | None = None
    journal: list[Line] = field(default_factory=list)


def replayed(entente: Any, journal: Any, day: date) -> S:
    """The same state by another road: one day after another from the beginning, each decision in its turn, then what
    the dates did by that day."""
    said = {
        "En vigueur": S.IN_FORCE, "En renouvellement": S.IN_FORCE, "Suspendue": S.SUSPENDED, "Échue": S.LAPSED,
        "Résiliée": S.TERMINATED,
    }.get(entente.declared_status, S.DRAFT)  # fmt: skip
    lines = [line for line in journal if line.to_status and not line.by_system and line.transition not in TAKES_BACK]
    taken_back = {
        max(
            earlier.number for earlier in lines
            if earlier.transition == "terminate" and earlier.effective_on == line.effective_on
            and earlier.number < line.number
        )
        for line in journal if line.transition in TAKES_BACK
    }  # fmt: skip
    for today in sorted({line.effective_on for line in lines if line.effective_on <= day}):
        for line in lines:
            if line.effective_on == today and line.number not in taken_back:
                said = S(line.to_status)
    if said in (S.SIGNED, S.IN_FORCE):
        said = S.SIGNED if entente.starts_on and entente.starts_on > day and said == S.IN_FORCE else said
        if said == S.SIGNED and (entente.starts_on is None or entente.starts_on <= day):
            said = S.IN_FORCE
    if said in RUNNING and entente.ends_on and entente.ends_on < day and not renews(entente):
        return S.LAPSED
    return said


def _not_started(said: S, now: S) -> bool:
    """In force as far as people are concerned; the day has not come."""
    return (said, now) == (S.IN_FORCE, S.SIGNED)


# --- On paper: the table, the journal and the dates, thousands of steps in a second --------------------------------


class Life(RuleBasedStateMachine):
    """An entente, the people around it, and a calendar."""

    @initialize(
        declared=st.sampled_from([*DeclaredStatus.values, "Brouillon", "Brouillon", "En vigueur", "En vigueur"]),
        starts=st.none() | st.integers(-400, 60),
        lasts=st.none() | st.integers(1, 900),
        tacit=st.booleans(),
        months=st.sampled_from([1, 6, 12]),
        notice=st.none() | st.integers(0, 90),
        already=st.sampled_from([5, 4, 3, 0, 2, 1, 5]),
    )
    def begin(
        self, declared: str, starts: int | None, lasts: int | None, tacit: bool, months: int, notice: int | None,
        already: int,
    ) -> None:  # fmt: skip
        self.day = BEGINNING
        start = None if starts is None else BEGINNING + timedelta(days=starts)
        self.entente = Entente(
            declared_status=declared, renewal=RenewalKind.TACIT if tacit else RenewalKind.NONE, renewal_months=months,
            notice_days=notice, starts_on=start,
            ends_on=None if lasts is None else (start or BEGINNING) + timedelta(days=lasts),
        )  # fmt: skip
        self.seen: dict[date, S] = {}
        self.accepted = self.signed = True
        if declared == DeclaredStatus.DRAFT:
            for name in ("submit", "approve", "agree", "open_signing", "sign")[:already]:
                self._decide(name, None)

    def status(self, day: date | None = None) -> S:
        return state_at(self.entente, day or self.day, self.entente.journal).status

    def facts(self) -> Facts:
        state = state_at(self.entente, self.day, self.entente.journal)
        later = [line for line in standing(self.entente.journal) if line.effective_on > self.day and not line.by_system]
        return Facts(
            status=state.status, day=self.day, parties=2, partners=1, programs=1, territories=1,
            accepted=2 * self.accepted, waiting=() if self.accepted else ("une partie",),
            unsigned=() if self.signed else ("une personne",), starts_on=self.entente.starts_on,
            term_end=state.term_end, last_day=None if renews(self.entente) else state.term_end,
            notice_days=self.entente.notice_days,
            later=tuple((line.effective_on, line.transition) for line in sorted(
                later, key=lambda line: (line.effective_on, line.number)
            )),
        )  # fmt: skip

    @rule(
        pick=st.integers(0, 30), ahead=st.sampled_from([None, None, None, 0, 3, 20, 120, -2]),
        accepted=st.sampled_from([True, True, False]), signed=st.sampled_from([True, True, False]),
    )  # fmt: skip
    def go_on(self, pick: int, ahead: int | None, accepted: bool, signed: bool) -> None:
        """Something that may follow the present state, if its conditions let it; the end comes less often."""
        self.accepted, self.signed = accepted, signed
        steps = [step for step in TRANSITIONS if self.status() in step.origins and not step.by_system]
        lasting = [step for step in steps if step.target not in FINAL]
        if steps:
            self._decide((steps if pick > 24 or not lasting else lasting)[pick % len(lasting or steps)].name, ahead)

    @rule(name=st.sampled_from(sorted(name for name, step in BY_NAME.items() if not step.by_system)))
    def try_anything(self, name: str) -> None:
        self._decide(name, None)

    def _decide(self, name: str, ahead: int | None) -> None:
        facts = self.facts()
        planned = lifecycle.planned_end(facts)
        effective = None if ahead is None else self.day + timedelta(days=ahead)
        if name in TAKES_BACK:
            effective = planned
        request = Request(
            reason="Pour une bonne raison.", effective_on=effective, has_document=True, mechanism="Table",
            step="Rencontre", deadline=self.day,
            notice_given_on=self.day - timedelta(days=self.entente.notice_days or 0),
        )  # fmt: skip
        step = BY_NAME[name]
        try:
            lifecycle.check(name, facts, request, list(Who))
        except Refused:
            return
        assert facts.status in step.origins
        said = [line.effective_on for line in self.entente.journal if line.effective_on <= self.day]
        counts = self.day if effective is None else max([effective, *said])
        self.entente.journal.append(Line(len(self.entente.journal) + 1, name, facts.status, step.target, counts))
        if step.target == S.SIGNED:
            self.entente.signed_on = effective or self.day
        if counts <= self.day:
            now = self.status()
            assert now == step.target or (step.target, now) in BY_DATES or _not_started(step.target, now)

    @rule(days=st.sampled_from([1, 1, 1, 4, 4, 21, 130]))
    def wait(self, days: int) -> None:
        for _one in range(days):
            self.seen[self.day] = self.status()
            self.day += timedelta(days=1)

    @invariant()
    def the_past_does_not_move(self) -> None:
        """What was true on a day stays true of that day, paper signatures recorded late apart."""
        if not hasattr(self, "entente"):
            return
        late = [line.effective_on for line in self.entente.journal if line.transition == "sign"]
        for day, was in self.seen.items():
            if not late or day < min(late):
                assert self.status(day) == was

    @invariant()
    def the_days_follow_the_table(self) -> None:
        if not hasattr(self, "entente"):
            return
        start = min([self.day, *(line.effective_on for line in self.entente.journal)]) - timedelta(days=2)
        before = self.status(start)
        decided: dict[date, list[Line]] = {}
        for line in standing(self.entente.journal):
            decided.setdefault(line.effective_on, []).append(line)
        for ahead in range(1, (self.day - start).days + 150):
            day = start + timedelta(days=ahead)
            now = self.status(day)
            here = before
            for line in sorted(decided.get(day, ()), key=lambda line: line.number):
                assert here in BY_NAME[line.transition].origins or (here, S.IN_FORCE) in BY_DATES, (day, line)
                here = S(line.to_status)
            assert now == here or (here, now) in BY_DATES or _not_started(here, now), (day, here, now)
            if before in (S.TERMINATED, S.CANCELLED, S.REFUSED):
                assert now == before
            before = now

    @invariant()
    def another_road_leads_to_the_same_state(self) -> None:
        if not hasattr(self, "entente"):
            return
        for ahead in (-30, -1, 0, 1, 5, 25, 130):
            day = self.day + timedelta(days=ahead)
            assert self.status(day) == replayed(self.entente, self.entente.journal, day)

    @invariant()
    def the_corridors_follow(self) -> None:
        """The orientation shows a corridor on exactly the days when the entente holds."""
        if not hasattr(self, "entente") or self.entente.starts_on is None:
            return
        periods = in_force_periods(self.entente, self.entente.journal)
        for ahead in (-30, -1, 0, 1, 5, 25, 130):
            day = self.day + timedelta(days=ahead)
            assert holds_on(periods, day) == (self.status(day) in (S.IN_FORCE, S.DISPUTED)), day

    @invariant()
    def what_is_offered_may_be_done_and_nothing_else(self) -> None:
        if not hasattr(self, "entente"):
            return
        facts = self.facts()
        for offer in lifecycle.offers(facts, list(Who)):
            assert facts.status in offer.transition.origins
            assert not offer.transition.by_system
        if facts.status in FINAL:
            assert not lifecycle.offers(facts, list(Who))


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


# --- In the database: the same with real texts, real acceptances, real signatures ---------------------------------

_ZONE = ZoneInfo("America/Toronto")
_PEOPLE = (living.COORDINATOR, living.MANAGER, living.PARTNER, living.SIGNATORY, life.SYSTEM)


class StoredLife(RuleBasedStateMachine):
    """One entente per example, each under a number of its own (the transaction is the test's)."""

    number = 0

    @initialize(
        already=st.sampled_from([5, 4, 3, 0, 2, 1, 5]),
        tacit=st.booleans(),
        lasts=st.integers(20, 400),
        starts=st.integers(-30, 30),
    )
    def begin(self, already: int, tacit: bool, lasts: int, starts: int) -> None:
        StoredLife.number += 1
        self.day = BEGINNING
        self._clock: Any = None
        self._set_clock()
        start = BEGINNING + timedelta(days=starts)
        self.agreement = living.entente(
            f"ENT-H-{StoredLife.number}", starts_on=start, ends_on=start + timedelta(days=lasts),
            renewal="tacite" if tacit else "aucun", notice_days=10,
        )  # fmt: skip
        bring = (None, living.to_negotiation, living.to_agreed, living.to_signing, living.to_signed, living.to_signed)
        if bring[already]:
            bring[already](self.agreement)

    def _set_clock(self) -> None:
        if self._clock is not None:
            self._clock.stop()
        self._clock = time_machine.travel(datetime.combine(self.day, time(12), _ZONE), tick=False)
        self._clock.start()

    def teardown(self) -> None:
        if getattr(self, "_clock", None) is not None:
            self._clock.stop()

    def lines(self) -> list[AgreementEvent]:
        return list(AgreementEvent.objects.filter(agreement=self.agreement).order_by("number"))

    @rule(pick=st.integers(0, 30), who=st.sampled_from(_PEOPLE), ahead=st.sampled_from([None, None, 0, 12]))
    def decide(self, pick: int, who: life.Actor, ahead: int | None) -> None:
        before, said = living.status(self.agreement), self.lines()
        steps = [step for step in TRANSITIONS if before in step.origins] or list(TRANSITIONS)
        step = steps[pick % len(steps)]
        request = {
            "effective_on": None if ahead is None else self.day + timedelta(days=ahead), "has_document": True,
            "mechanism": "Table", "step": "Rencontre", "deadline": self.day,
            "notice_given_on": self.day - timedelta(days=10),
        }  # fmt: skip
        try:
            living.step(who, self.agreement, step.name, **request)
        except Refused:
            # Nothing is half done. (What the dates did is noted with the step, or not at all.)
            assert len(self.lines()) == len(said)
            assert living.status(self.agreement) == before
            return
        added = self.lines()[len(said) :]
        assert [line.transition for line in added if line.to_status and not line.by_system] == [step.name] * (
            not step.by_system
        )
        assert step.who & who.capacities(self.agreement)

    @rule()
    def negotiate(self) -> None:
        if living.status(self.agreement) == S.NEGOTIATION:
            living.propose(self.agreement)
            living.accept(self.agreement)
        elif living.status(self.agreement) == S.AGREED:
            living.name_signatories(self.agreement)

    @rule()
    def sign(self) -> None:
        dossier = open_dossier(living.fresh(self.agreement))
        if dossier.status == S.SIGNING and not dossier.signatures:
            living.sign(self.agreement)

    @rule(days=st.integers(0, 60), term=st.booleans())
    def edit(self, days: int, term: bool) -> None:
        """By the ordinary form: a signed text does not move, another one clears what was given on it."""
        agreement = living.fresh(self.agreement)
        agreement.responsible = f"Personne {days}"
        if term:
            agreement.notice_days = days
        closed, before = sealed.is_sealed(agreement), open_dossier(living.fresh(agreement))
        try:
            (actions.edit if agreement.live else actions.save_draft)(None, agreement)
        except sealed.TextSealed:
            assert closed and before.hash == open_dossier(living.fresh(agreement)).hash
            return
        after = open_dossier(living.fresh(agreement))
        assert not closed or before.hash == after.hash
        if before.hash != after.hash:
            assert not Acceptance.objects.filter(version__agreement=agreement, cleared_at=None).exists()
            assert after.status in (S.DRAFT, S.REVIEW, S.NEGOTIATION)

    @rule(days=st.sampled_from([1, 12, 90]), nightly=st.booleans())
    def wait(self, days: int, nightly: bool) -> None:
        self.day += timedelta(days=days)
        self._set_clock()
        if nightly:
            for _twice in range(2):
                with life.announced(Agreement, [self.agreement.pk]):
                    written = life.settle_dates(life.locked(self.agreement))
            assert not written

    @invariant()
    def the_journal_has_no_gap_and_replays(self) -> None:
        if not hasattr(self, "agreement"):
            return
        lines, agreement = self.lines(), living.fresh(self.agreement)
        assert [line.number for line in lines] == list(range(1, len(lines) + 1))
        for line in lines:
            if line.to_status:
                step = BY_NAME[line.transition]
                assert line.from_status in step.origins
                assert line.to_status == step.target
        assert living.status(agreement) == replayed(agreement, lines, self.day)
        row = Agreement.all_objects.with_journal(self.day).get(pk=agreement.pk)
        assert (row.said_status or None) == (state.value if (state := decided(lines, self.day)) else None)

    @invariant()
    def what_stands_was_given_on_this_very_text(self) -> None:
        if not hasattr(self, "agreement"):
            return
        dossier = open_dossier(living.fresh(self.agreement))
        if dossier.status in (S.AGREED, S.SIGNING, S.SIGNED, S.IN_FORCE, S.SUSPENDED, S.DISPUTED, S.LAPSED):
            assert dossier.text_unchanged
            assert not dossier.waiting()
        if dossier.status in (S.SIGNED, S.IN_FORCE, S.SUSPENDED, S.DISPUTED):
            assert len(dossier.signatures) == len(dossier.signatories) >= 2
        given = Signature.objects.filter(version__agreement=self.agreement, cleared_at=None)
        assert all(mark.content_hash == dossier.hash for mark in given)


@pytest.mark.django_db
def test_lives_in_the_database() -> None:
    run_state_machine_as_test(
        StoredLife,
        settings=settings(
            max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
