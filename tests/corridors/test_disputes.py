"""A « mésentente »: step by step, each with its deadline; the corridors stay usable meanwhile."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from corridors import disputes
from corridors.disputes import Step
from corridors.dossier import open_dossier
from corridors.enums import AgreementStatus as S
from corridors.enums import ClauseKind, DayCount, DisputeStatus, EventKind
from corridors.lifecycle import Refused
from corridors.models import Agreement, AgreementEvent, Clause, Dispute
from corridors.terms import holds_on, in_force_periods
from registry import actions as registry_actions
from registry.enums import Role
from tests.factories import records

from . import building

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def november() -> Any:
    with time_machine.travel("2026-11-20T12:00:00-05:00", tick=False):  # a Friday
        yield


@pytest.fixture
def coordinator() -> Any:
    return building.by(building.person("brigitte", Role.COORDINATOR))


def running(**values: Any) -> Agreement:
    return building.declared(
        **{"starts_on": date(2020, 1, 1), "ends_on": None, "dispute_mechanism": "Comité paritaire.", **values}
    )


def centre_of(agreement: Agreement) -> Any:
    return agreement.parties.get(role="centre").organization


def partner_of(agreement: Agreement) -> Any:
    return agreement.parties.get(role="partenaire").organization


STEPS = (Step("Rencontre des répondants", 5, DayCount.BUSINESS), Step("Comité paritaire", 30, DayCount.CALENDAR))


def raise_one(actor: Any, agreement: Agreement, **values: Any) -> Dispute:
    return disputes.open_dispute(
        actor, agreement,
        **{
            "organization": centre_of(agreement), "subject": "Délais d’accueil", "steps": STEPS,
            "mechanism": disputes.mechanism_of(agreement), **values,
        },
    )  # fmt: skip


def status(agreement: Agreement) -> S:
    return open_dossier(Agreement.all_objects.get(pk=agreement.pk)).status


def days(dispute: Dispute) -> list[date | None]:
    return [step.due_on for step in Dispute.objects.get(pk=dispute.pk).steps.all()]


def test_each_step_has_its_day_business_or_calendar(coordinator: Any) -> None:
    agreement = running()
    dispute = raise_one(coordinator, agreement)
    assert status(agreement) == S.DISPUTED
    assert days(dispute) == [date(2026, 11, 27), date(2026, 12, 27)]
    line = AgreementEvent.objects.get(transition="dispute")
    assert line.data["deadline"] == "2026-11-27"
    assert line.data["step"] == "Rencontre des répondants"
    assert line.data["mechanism"] == "Comité paritaire."


def test_the_corridors_stay_usable_meanwhile(coordinator: Any) -> None:
    agreement = running()
    raise_one(coordinator, agreement)
    row = Agreement.all_objects.get(pk=agreement.pk)
    assert holds_on(in_force_periods(row, row.events.all()), date(2026, 12, 1))


def test_the_next_deadline_counts_from_the_day_a_step_was_really_done(coordinator: Any) -> None:
    agreement = running()
    dispute = raise_one(coordinator, agreement)
    first, second = dispute.steps.all()
    with time_machine.travel("2026-12-04T12:00:00-05:00", tick=False):
        disputes.record_step(coordinator, dispute, first, outcome="Pas d’accord.", done_on=date(2026, 12, 2))
        assert days(dispute) == [date(2026, 11, 27), date(2027, 1, 1)]
        line = AgreementEvent.objects.get(kind=EventKind.DISPUTE)
        assert line.data["late"] is True
        assert (line.data["next"], line.data["deadline"]) == ("Comité paritaire", "2027-01-01")
        with pytest.raises(Refused, match="déjà inscrite"):
            disputes.record_step(coordinator, dispute, first, outcome="Encore.")
        with pytest.raises(Refused, match="avenir"):
            disputes.record_step(coordinator, dispute, second, outcome="Demain.", done_on=date(2026, 12, 5))
        with pytest.raises(Refused, match="ouverte le"):
            disputes.record_step(coordinator, dispute, second, outcome="Avant.", done_on=date(2026, 11, 19))
        disputes.add_step(coordinator, dispute, Step("Médiation", 10, DayCount.BUSINESS))
    # New Year's Day, a holiday, then ten business days.
    assert days(dispute) == [date(2026, 11, 27), date(2027, 1, 1), date(2027, 1, 15)]
    done = Dispute.objects.get().steps.all()[0]
    assert (done.done_on, done.outcome) == (date(2026, 12, 2), "Pas d’accord.")


@pytest.mark.parametrize(("settled", "expected"), [(True, DisputeStatus.SETTLED), (False, DisputeStatus.ENDED)])
def test_a_dispute_ends_settled_or_not_and_the_entente_goes_on(
    coordinator: Any, settled: bool, expected: DisputeStatus
) -> None:
    agreement = running()
    dispute = raise_one(coordinator, agreement)
    with pytest.raises(Refused, match="issue"):
        disputes.close(coordinator, dispute, settled=settled, outcome="")
    disputes.close(coordinator, dispute, settled=settled, outcome="Délai porté à dix jours.")
    assert status(agreement) == S.IN_FORCE
    kept = Dispute.objects.get()
    assert (kept.status, kept.outcome, kept.closed_on) == (expected, "Délai porté à dix jours.", date(2026, 11, 20))
    with pytest.raises(PermissionDenied):
        disputes.add_step(coordinator, dispute, Step("Trop tard", 5))
    # Another one may be raised later.
    raise_one(coordinator, agreement, subject="Transport")
    assert status(agreement) == S.DISPUTED
    assert disputes.open_dispute_of(agreement).subject == "Transport"


def test_either_party_raises_one_and_follows_it() -> None:
    agreement = running()
    partner = building.by(building.person("benoit", Role.PARTNER, partner_of(agreement)))
    with pytest.raises(PermissionDenied):
        raise_one(partner, agreement)  # on behalf of the centre
    dispute = raise_one(partner, agreement, organization=partner_of(agreement))
    assert AgreementEvent.objects.get(transition="dispute").organization == partner_of(agreement)
    disputes.record_step(partner, dispute, dispute.steps.all()[0], outcome="Rencontre tenue.")
    disputes.close(partner, dispute, settled=True, outcome="Entendu avec le centre.")
    assert status(agreement) == S.IN_FORCE


def test_a_partner_raises_follows_and_closes_one_on_its_own_page() -> None:
    agreement = running()
    user = building.person("benoit", Role.PARTNER, partner_of(agreement))
    browser = Client()
    browser.force_login(user)
    page = reverse("corridors_partner_agreement", args=[agreement.number])
    assert "Soulever une mésentente" in browser.get(page).content.decode()
    data = {"action": "mesentente", "subject": "Délais d’accueil", "step": "Rencontre", "days": "5",
            "day_count": "ouvrables", "mechanism": ""}  # fmt: skip
    refused = browser.post(page, {**data, "days": "-1"})
    assert refused.status_code == 400
    assert "nombre de jours" in refused.content.decode()
    assert browser.post(page, data).status_code == 302
    dispute = Dispute.objects.get()
    assert (dispute.opened_by, dispute.mechanism) == (partner_of(agreement), "Comité paritaire.")
    shown = browser.get(page).content.decode()
    assert "Soulever une mésentente" not in shown
    assert "au plus tard le 27\u00a0novembre\u00a02026" in shown
    step = dispute.steps.all()[0]
    assert browser.post(page, {"action": "etape", "etape": step.pk, "outcome": "Rencontre tenue."}).status_code == 302
    again = browser.post(page, {"action": "etape", "etape": step.pk, "outcome": "Rencontre tenue."})
    assert again.status_code == 409
    closing = {"action": "clore", "settled": "oui", "outcome": "Entendu avec le centre."}
    assert browser.post(page, closing).status_code == 302
    assert status(agreement) == S.IN_FORCE
    assert "Entendu avec le centre." in browser.get(page).content.decode()
    assert browser.post(page, closing).status_code == 409


def test_another_partner_raises_nothing_by_that_page() -> None:
    agreement = running()
    stranger = building.person("paul", Role.PARTNER, records.organization("École du Port"))
    browser = Client()
    browser.force_login(stranger)
    page = reverse("corridors_partner_agreement", args=[agreement.number])
    data = {"action": "mesentente", "subject": "Rien", "step": "Rien", "days": "5", "day_count": "ouvrables"}
    assert browser.post(page, data).status_code == 404
    assert not Dispute.all_objects.exists()


def test_a_coordinator_writes_down_what_a_partner_raised(coordinator: Any) -> None:
    agreement = running()
    dispute = raise_one(coordinator, agreement, organization=partner_of(agreement))
    assert dispute.opened_by == partner_of(agreement)


def test_strangers_raise_none_and_touch_none(coordinator: Any) -> None:
    agreement = running()
    elsewhere = records.organization("Autre organisme")
    stranger = building.by(building.person("etienne", Role.PARTNER, elsewhere))
    with pytest.raises(PermissionDenied):
        raise_one(stranger, agreement, organization=partner_of(agreement))
    with pytest.raises(Refused, match="Seule une partie"):
        raise_one(coordinator, agreement, organization=elsewhere)
    dispute = raise_one(coordinator, agreement)
    with pytest.raises(PermissionDenied):
        disputes.record_step(stranger, dispute, dispute.steps.all()[0], outcome="Rien à dire.")
    with pytest.raises(PermissionDenied):
        disputes.close(stranger, dispute, settled=True, outcome="Rien à dire.")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"steps": ()}, "première étape"),
        ({"steps": (Step("Rencontre", 400),)}, "de 0 à 365"),
        ({"subject": " "}, "objet"),
        ({"mechanism": ""}, "le mécanisme"),
    ],
)
def test_what_a_dispute_must_say(coordinator: Any, values: dict[str, Any], words: str) -> None:
    agreement = running()
    with pytest.raises(Refused, match=words):
        raise_one(coordinator, agreement, **values)
    assert not Dispute.all_objects.exists()
    assert status(agreement) == S.IN_FORCE


def test_only_one_at_a_time(coordinator: Any) -> None:
    agreement = running()
    raise_one(coordinator, agreement)
    with pytest.raises(Refused):
        raise_one(coordinator, agreement)
    assert Dispute.all_objects.count() == 1


def test_the_mechanism_is_the_field_or_else_the_clause() -> None:
    agreement = running(dispute_mechanism="")
    agreement.clauses = [Clause(title="Mésentente", kind=ClauseKind.DISPUTE, text="Les directions se rencontrent.")]
    registry_actions.edit(None, agreement)
    assert disputes.mechanism_of(agreement) == "Les directions se rencontrent."
