"""The daily run: everything that is due, once, however many days were missed and whoever runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as project
from django.core import mail as outbox
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from corridors import amendments, daily, signing
from corridors.enums import DisputeStatus, EventKind, PartyRole
from corridors.mails import MailKind
from corridors.management.commands.agreements_daily import next_run
from corridors.models import (
    Agreement,
    AgreementEvent,
    Amendment,
    Dispute,
    DisputeStep,
    Obligation,
    OutgoingMail,
    Reminder,
)
from corridors.overview import standings
from registry import actions
from registry.enums import Role
from registry.models import User
from registry.workbook import apply, diff
from tests import postgresql_server, programs
from tests.corridors import test_amendments as following
from tests.corridors.building import by, declared, do, house, person
from tests.corridors.negotiating import agreed, in_negotiation
from tests.registry.workbook_tools import FIXTURE

ROOT = Path(project.BASE_DIR)
TODAY = date(2026, 11, 23)
BRIGITTE, BENOIT = "brigitte@exemple.qc.ca", "benoit@exemple.qc.ca"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(datetime(2026, 11, 23, 14, tzinfo=timezone.get_default_timezone()), tick=False) as moved:
        yield moved


def running(number: str = "ENT-2020-001", **values: Any) -> Agreement:
    """An older entente that runs, followed by the system since today."""
    defaults = {"starts_on": date(2020, 1, 1), "renewal": "aucun", "notice_days": None, "signed_on": date(2019, 12, 1)}
    return declared(number=number, **{**defaults, **values})


def brigitte() -> User:
    return person("brigitte", Role.COORDINATOR)


def said(kind: str | None = None) -> list[tuple[str, str, str]]:
    """Reminders written so far: kind with its stage, recipient, entente."""
    rows = OutgoingMail.objects.filter(reminder__isnull=False).order_by("pk")
    found = rows.values_list("reminder__kind", "recipient", "agreement__number")
    return [row for row in found if kind is None or row[0].startswith(kind)]


def partner_of(agreement: Agreement) -> Any:
    return agreement.parties.get(role=PartyRole.PARTNER).organization


@pytest.mark.django_db
def test_a_term_that_comes_is_reminded_of_three_times_and_no_more(clock: Any) -> None:
    running(ends_on=TODAY + timedelta(days=100))
    brigitte()
    for _day in range(0, 110, 5):
        daily.run()
        clock.shift(timedelta(days=5))
    assert [kind for kind, _to, _number in said("terme")] == ["terme_90", "terme_60", "terme_30"]
    told = AgreementEvent.objects.filter(kind=EventKind.REMINDER, by_system=True)
    assert told.count() == 3


@pytest.mark.django_db
def test_a_reminder_says_the_date_and_opens_the_page(clock: Any) -> None:
    running(ends_on=date(2027, 2, 21))
    brigitte()
    daily.run()
    first = OutgoingMail.objects.get(kind=MailKind.TERM)
    assert "dans 90\u00a0jours" in first.text
    assert "21\u00a0février\u00a02027" in first.text
    assert "Pour signer sans interruption\u00a0: au plus tard le 8\u00a0février\u00a02027" in first.text
    assert "/admin/snippets/corridors/agreement/" in first.text


@pytest.mark.django_db
def test_run_again_it_does_nothing(clock: Any) -> None:
    running(ends_on=TODAY + timedelta(days=20), renewal="tacite", notice_days=30)
    brigitte()
    first = daily.run()
    assert (first.messages, sum(first.reminders.values())) == (2, 2)
    before = (AgreementEvent.objects.count(), Reminder.objects.count(), OutgoingMail.objects.count())
    again = daily.run()
    assert again == daily.Summary(looked_at=1)
    assert (AgreementEvent.objects.count(), Reminder.objects.count(), OutgoingMail.objects.count()) == before


@pytest.mark.django_db
def test_forty_days_without_a_run_are_caught_up_by_one_message_a_date(clock: Any) -> None:
    parties = house()
    running("ENT-1", parties=parties, ends_on=TODAY + timedelta(days=95))
    lapsing = running("ENT-2", parties=parties, ends_on=TODAY + timedelta(days=10))
    tacit = running("ENT-3", parties=parties, ends_on=TODAY + timedelta(days=10), renewal="tacite", notice_days=5)
    duty = Obligation(
        agreement=lapsing.__class__.all_objects.get(number="ENT-1"), party=parties[1], text="Rapport",
        due_on=TODAY + timedelta(days=32),
    )  # fmt: skip
    actions.create(None, duty)
    brigitte()
    clock.shift(timedelta(days=40))
    daily.run()
    # Of the term and the contribution: the stage that presses, not those that were skipped.
    assert said() == [("terme_60", BRIGITTE, "ENT-1"), ("contribution_retard", BRIGITTE, "ENT-1")]
    lapse = AgreementEvent.objects.get(transition="lapse")
    assert (lapse.agreement.number, lapse.effective_on, lapse.by_system) == ("ENT-2", TODAY + timedelta(days=11), True)
    renewed = AgreementEvent.objects.get(kind=EventKind.RENEWAL)
    assert (renewed.agreement_id, renewed.effective_on) == (tacit.pk, TODAY + timedelta(days=11))
    assert renewed.data == {"term_end": date(2027, 12, 3).isoformat()}
    kinds = OutgoingMail.objects.filter(reminder__isnull=True).order_by("kind").values_list("kind", "agreement__number")
    assert list(kinds) == [(MailKind.LAPSED, "ENT-2"), (MailKind.RENEWED, "ENT-3")]


@pytest.mark.django_db
def test_a_date_that_moves_re_arms_its_reminders(clock: Any) -> None:
    agreement = running(ends_on=TODAY + timedelta(days=20))
    brigitte()
    daily.run()
    for later in (25, 25, 20):
        Agreement.all_objects.filter(pk=agreement.pk).update(ends_on=TODAY + timedelta(days=later))
        daily.run()
    # The date that came back had been told of already.
    assert len(said("terme_30")) == 2


@pytest.mark.django_db
def test_a_signed_entente_comes_into_force_and_both_steps_missed_are_noted(clock: Any) -> None:
    agreement = running(starts_on=TODAY + timedelta(days=5), ends_on=TODAY + timedelta(days=15))
    brigitte()
    clock.shift(timedelta(days=40))
    summary = daily.run()
    assert summary.noted == {"start": 1, "lapse": 1}
    days = (
        AgreementEvent.objects.filter(agreement=agreement).order_by("number").values_list("to_status", "effective_on")
    )
    assert list(days) == [("en_vigueur", TODAY + timedelta(days=5)), ("echue", TODAY + timedelta(days=16))]


@pytest.mark.django_db
def test_what_was_over_before_it_was_known_makes_no_noise(clock: Any) -> None:
    """Ententes that lapsed or went on years ago, contributions forgotten since: nobody is written to."""
    parties = house()
    lapsed = running("ENT-1", parties=parties, ends_on=date(2022, 6, 30))
    running("ENT-2", parties=parties, ends_on=date(2022, 6, 30), renewal="tacite", notice_days=30)
    for agreement, due in ((lapsed, date(2021, 1, 1)), (Agreement.objects.get(number="ENT-2"), date(2021, 1, 1))):
        actions.create(None, Obligation(agreement=agreement, party=parties[1], text="Rapport", due_on=due))
    brigitte()
    assert daily.run() == daily.Summary(looked_at=2)
    assert not OutgoingMail.objects.exists()
    assert not AgreementEvent.objects.exists()


@pytest.mark.django_db
def test_a_reminder_that_nobody_can_receive_waits_for_somebody(clock: Any) -> None:
    running(ends_on=TODAY + timedelta(days=20))
    assert daily.run().unheard == 1
    assert not Reminder.objects.exists()
    brigitte()
    assert daily.run().messages == 1


@pytest.mark.django_db
def test_a_turn_that_waits_is_told_each_week_to_the_side_that_is_waited_for(clock: Any) -> None:
    table = in_negotiation()
    for _day in range(15):
        daily.run()
        clock.shift(timedelta(days=1))
    assert said() == [("tour", to, table.agreement.number) for _week in (1, 2) for to in (BRIGITTE, BENOIT)]
    table.accept(PartyRole.PARTNER)
    for _day in range(8):
        daily.run()
        clock.shift(timedelta(days=1))
    assert said()[4:] == [("tour", BRIGITTE, table.agreement.number)]
    assert "attend une réponse du centre" in OutgoingMail.objects.filter(kind=MailKind.TURN).latest("pk").text


@pytest.mark.django_db
def test_a_signature_that_waits_and_a_link_that_expires_are_told(clock: Any) -> None:
    table = agreed()
    for order, (name, party) in enumerate((("Luc Roy", table.partner), ("Ève Caron", table.centre)), 1):
        signing.name_signatory(
            by(table.coordinator), table.agreement,
            signing.Person(party, name, "Direction", f"{name[:3].strip()}@vigie.example", order),
        )  # fmt: skip
    do(table.coordinator, table.agreement, "open_signing")
    for _day in range(12):
        daily.run()
        clock.shift(timedelta(days=1))
    # Only the one whose rank has come is written to.
    number = table.agreement.number
    assert said() == [
        ("signature_attendue", BRIGITTE, number), ("signature_attendue", "Luc@vigie.example", number),
        ("lien_expire", BRIGITTE, number), ("lien_expire", "Luc@vigie.example", number),
    ]  # fmt: skip
    assert "/ententes/lien/" not in "".join(
        OutgoingMail.objects.filter(reminder__isnull=False).values_list("text", flat=True)
    )


def amended_terms() -> tuple[Any, Agreement, Amendment]:
    """An entente that runs, with an amendment in negotiation: the partner's turn."""
    agreement = running(ends_on=date(2028, 12, 31))
    coordinator = by(brigitte())
    person("benoit", Role.PARTNER, partner_of(agreement))
    amendment = following.extension(coordinator, agreement, "2029-12-31")
    following.negotiate(amendment, coordinator, by(person("gilles", Role.MANAGER)))
    return coordinator, agreement, amendment


@pytest.mark.django_db
def test_an_amendment_that_waits_is_told_by_its_own_name(clock: Any) -> None:
    coordinator, agreement, amendment = amended_terms()
    for _week in range(2):
        clock.shift(timedelta(days=7))
        daily.run()
    assert said() == [("tour", to, agreement.number) for _week in (1, 2) for to in (BRIGITTE, BENOIT)]
    last = OutgoingMail.objects.filter(kind=MailKind.TURN).latest("pk")
    assert "L’avenant 1 à l’entente" in last.text
    assert "depuis 14 jours" in last.text
    following.accept_by_all(amendment)
    signer = signing.Person(partner_of(agreement), "Luc Roy", "Direction", "luc@vigie.example")
    signing.name_signatory(coordinator, agreement, signer, amendment)
    centre = agreement.parties.get(role=PartyRole.CENTRE).organization
    signing.name_signatory(coordinator, agreement, signing.Person(centre, "Ève Caron", order=2), amendment)
    amendments.step(coordinator, amendment, "open_signing")
    clock.shift(timedelta(days=7))
    daily.run()
    number = agreement.number
    assert said("signature") == [("signature_attendue", to, number) for to in (BRIGITTE, "luc@vigie.example")]
    clock.shift(timedelta(days=5))
    daily.run()
    assert said("lien") == [("lien_expire", to, number) for to in (BRIGITTE, "luc@vigie.example")]
    assert "l’avenant 1 à l’entente" in OutgoingMail.objects.filter(kind=MailKind.LINK_EXPIRING).latest("pk").text


@pytest.mark.django_db
def test_a_step_that_breaks_does_not_hold_back_the_reminders(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(day: date) -> list[str]:
        raise RuntimeError("broken")

    running(ends_on=TODAY + timedelta(days=20))
    brigitte()
    monkeypatch.setattr(daily.ending, "settle_terminations", broken)
    summary = daily.run()
    assert (summary.failed, summary.messages) == (["résiliations"], 1)


@pytest.mark.django_db
def test_the_steps_of_a_dispute_are_told_to_both_sides_before_and_after(clock: Any) -> None:
    agreement = running(ends_on=None)
    brigitte()
    person("benoit", Role.PARTNER, partner_of(agreement))
    dispute = Dispute(agreement=agreement, opened_by=partner_of(agreement), opened_on=TODAY, subject="Délais",
                      mechanism="Rencontre", status=DisputeStatus.OPEN)  # fmt: skip
    dispute.steps = [DisputeStep(text="Rencontre", due_on=TODAY + timedelta(days=8)), DisputeStep(text="Médiation")]
    actions.create(None, dispute)
    for _day in range(12):
        daily.run()
        clock.shift(timedelta(days=1))
    kinds = ["mesentente_delai_7", "mesentente_delai_2", "mesentente_retard"]
    assert said() == [(kind, to, agreement.number) for kind in kinds for to in (BRIGITTE, BENOIT)]


@pytest.mark.django_db
def test_a_contribution_is_told_to_whoever_owes_it_until_it_is_declared_met(clock: Any) -> None:
    parties = house()
    agreement = running(ends_on=None, parties=parties)
    brigitte()
    person("benoit", Role.PARTNER, parties[1])
    theirs = Obligation(agreement=agreement, party=parties[1], text="Rapport", due_on=TODAY + timedelta(days=5))
    ours = Obligation(agreement=agreement, party=parties[0], text="Local", due_on=TODAY + timedelta(days=5))
    met = Obligation(agreement=agreement, party=parties[1], text="Formation", due_on=TODAY, status="respectee")
    for duty in (theirs, ours, met):
        actions.create(None, duty)
    daily.run()
    number = agreement.number
    assert said() == [("contribution_7", BRIGITTE, number), ("contribution_7", BENOIT, number),
                      ("contribution_7", BRIGITTE, number)]  # fmt: skip
    Obligation.all_objects.filter(pk=theirs.pk).update(status="respectee")
    clock.shift(timedelta(days=6))
    daily.run()
    assert said("contribution_retard") == [("contribution_retard", BRIGITTE, number)]


@pytest.mark.django_db
def test_one_entente_that_fails_does_not_hold_back_the_others(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    parties = house()
    for number in range(3):
        running(f"ENT-{number}", parties=parties, ends_on=TODAY + timedelta(days=20))
    brigitte()
    write = daily.messages.Desk.letters

    def letters(self: Any, row: Any, state: Any, due: Any) -> Any:
        if row.number == "ENT-1":
            raise RuntimeError("broken")
        return write(self, row, state, due)

    monkeypatch.setattr(daily.messages.Desk, "letters", letters)
    with pytest.raises(CommandError, match="ENT-1"):
        call_command("agreements_daily", verbosity=0)
    assert [number for _kind, _to, number in said()] == ["ENT-0", "ENT-2"]
    monkeypatch.undo()
    call_command("agreements_daily", verbosity=0)
    assert [number for _kind, _to, number in said()] == ["ENT-0", "ENT-2", "ENT-1"]


@pytest.mark.django_db
def test_it_tells_and_decides_nothing(clock: Any) -> None:
    """Whatever the day asked about, each entente stands where it stood before the runs."""
    parties = house()
    words = ("En vigueur", "En renouvellement", "Suspendue", "Échue", "Résiliée", "Brouillon")
    for position, status in enumerate(words * 2):
        running(
            f"ENT-{position}", status=status, parties=parties, ends_on=TODAY + timedelta(days=position * 9 - 40),
            renewal="tacite" if position % 2 else "aucun", notice_days=30,
        )  # fmt: skip
    running("ENT-99", parties=parties, starts_on=TODAY + timedelta(days=3), ends_on=TODAY + timedelta(days=300))
    brigitte()
    days = [TODAY + timedelta(days=step) for step in (-3000, -400, -30, 0, 1, 20, 45, 400)] + [date(2024, 2, 29)]

    def stand() -> list[Any]:
        return [[(row.number, row.state) for row in standings(day)] for day in days]

    before = stand()
    declared_words = list(Agreement.all_objects.order_by("pk").values_list("declared_status", flat=True))
    for _run in range(3):
        assert not daily.run().failed
        clock.shift(timedelta(days=23))
    assert AgreementEvent.objects.exists()
    assert stand() == before
    assert list(Agreement.all_objects.order_by("pk").values_list("declared_status", flat=True)) == declared_words


def queries_of(ententes: range, parties: Any) -> int:
    for number in ententes:
        running(f"ENT-{number}", parties=parties, ends_on=TODAY + timedelta(days=20))
    daily.run()
    with CaptureQueriesContext(
        connection,
    ) as seen:
        daily.run()
    return len(seen)


@pytest.mark.django_db
def test_looking_costs_the_same_whatever_the_number_of_ententes(clock: Any) -> None:
    parties = house()
    brigitte()
    assert queries_of(range(2), parties) == queries_of(range(2, 14), parties)


@pytest.mark.django_db
def test_the_command_says_what_it_did_and_the_queue_sends_it(clock: Any, capsys: pytest.CaptureFixture[str]) -> None:
    running(ends_on=TODAY + timedelta(days=20))
    brigitte()
    call_command("agreements_daily")
    told = capsys.readouterr().out
    assert "1 entente au dossier" in told
    assert "Rappel « Échéance qui approche » : 1" in told
    call_command("agreements_daily", date=date(2026, 11, 23))
    assert "Rien à faire." in capsys.readouterr().out
    call_command("db_worker", batch=True, interval=0, startup_delay=False, reload=False, verbosity=0)
    assert [sent.to for sent in outbox.outbox] == [[BRIGITTE]]


@pytest.mark.parametrize(
    ("now", "at", "expected"),
    [
        ("2026-11-23T05:59", "06:00", "2026-11-23T06:00"),
        ("2026-11-23T06:00", "06:00", "2026-11-24T06:00"),
        ("2026-12-31T23:00", "06:00", "2027-01-01T06:00"),
        # The clocks change during that night.
        ("2026-10-31T12:00", "06:00", "2026-11-01T06:00"),
    ],
)
def test_the_next_run_is_at_the_same_hour_by_the_centres_clock(now: str, at: str, expected: str) -> None:
    zone = timezone.get_default_timezone()
    found = next_run(datetime.fromisoformat(now).replace(tzinfo=zone), time.fromisoformat(at))
    assert found == datetime.fromisoformat(expected).replace(tzinfo=zone)


# --- Two processes at once --------------------------------------------------------------------------------------------


class Elsewhere:
    """Real processes on a database of their own."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.environment = {**os.environ, "PASSERELLES_DATA_DIR": str(folder)}
        self.environment["DJANGO_SETTINGS_MODULE"] = "config.settings.development"
        self.environment.pop("DATABASE_URL", None)
        if database:
            self.environment["DATABASE_URL"] = database
        self.folder = folder

    def start(self, step: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.corridors.daily_process", step], cwd=ROOT, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, step: str) -> str:
        process = self.start(step)
        out, err = process.communicate("\n", timeout=180)
        assert process.returncode == 0, err
        return out

    def together(self, step: str, count: int = 2) -> None:
        """Start several, and let them go at the same moment once all are ready."""
        started = [self.start(step) for _one in range(count)]
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "READY\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        for process in started:
            _out, err = process.communicate(timeout=180)
            assert process.returncode == 0, err
            assert "Traceback" not in err

    def counts(self) -> dict[str, int]:
        return {line.split()[0]: int(line.split()[1]) for line in self.run("show").splitlines()}


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Elsewhere]:
    if request.param == "sqlite":
        yield Elsewhere(tmp_path)
        return
    programs.need(postgresql_server.programs(), "PostgreSQL introuvable (paquet « postgresql » de Debian)")
    with postgresql_server.running() as address:
        yield Elsewhere(tmp_path, address)


@pytest.mark.slow
def test_processes_that_run_at_once_double_nothing(elsewhere: Elsewhere) -> None:
    elsewhere.run("prepare")
    elsewhere.together("run")
    four = {"lapse": 4, "renewal": 4, "reminder": 4, "told": 4, "mail": 12}
    assert elsewhere.counts() == {**four, "sent": 0}
    elsewhere.together("run")
    assert elsewhere.counts() == {**four, "sent": 0}
    elsewhere.together("work")
    assert elsewhere.counts() == {**four, "sent": 12}
    written = list((elsewhere.folder / "courriels").iterdir())
    messages = [text for path in written for text in path.read_text().split("-" * 79) if "Message-ID" in text]
    assert len(messages) == 12


@pytest.mark.slow
@pytest.mark.django_db
def test_the_demonstration_network_stands_where_it_stood(clock: Any) -> None:
    """Its 152 ententes, on any day, whatever was noted and sent meanwhile."""
    apply.apply(diff.compute(FIXTURE))
    brigitte()
    days = [date(2024, 2, 29), *(TODAY + timedelta(days=step) for step in (-366, -2, 0, 1, 38, 99, 365, 1500))]

    def stand() -> list[Any]:
        return [[(row.number, row.state) for row in standings(day)] for day in days]

    before = stand()
    assert len(before[0]) == 152
    assert daily.run().messages > 30
    clock.shift(timedelta(days=40))
    missed = daily.run()
    assert missed.noted["lapse"] > 3 and missed.renewed > 3 and not missed.failed
    assert daily.run() == daily.Summary(looked_at=152)
    assert stand() == before
