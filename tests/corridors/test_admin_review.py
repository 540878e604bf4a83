"""The internal review: the page and Wagtail's workflow tell the same story, and neither publishes a draft."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.template import engines
from django.test import Client
from django.urls import reverse
from wagtail.models import WorkflowState, WorkflowTask

from corridors import review
from corridors.enums import AgreementStatus as S
from corridors.models import Agreement, AgreementEvent
from registry import actions
from registry.enums import Role
from registry.models import RoleApprovalTask, User
from tests.factories import records

from . import building, living

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _wagtails_own_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")


@pytest.fixture
def coordinator() -> User:
    return building.person("brigitte", Role.COORDINATOR)


@pytest.fixture
def manager() -> User:
    return building.person("gilles", Role.MANAGER)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(agreement: Agreement, name: str, *more: Any) -> str:
    return reverse(f"wagtailsnippets_corridors_agreement:{name}", args=[agreement.pk, *more])


def form_of(agreement: Agreement) -> dict[str, Any]:
    """What the form of the entente sends when nothing is touched."""
    row = living.fresh(agreement)
    values: dict[str, Any] = {
        name: getattr(row, name) or ""
        for name in (
            "number", "instrument_type", "title", "object", "responsible", "renewal", "renewal_months", "notice_days",
            "referral_mechanism", "dispute_mechanism", "information_exchange", "starts_on", "ends_on",
        )
    }  # fmt: skip
    values |= {"modalities": row.modalities, "programs": row.programs, "signed_on": "", "predecessor": ""}
    values["territories"] = [territory.pk for territory in row.territories.all()]
    parties = list(row.parties.all())
    values |= {"parties-TOTAL_FORMS": len(parties), "parties-INITIAL_FORMS": len(parties)}
    values |= {"parties-MIN_NUM_FORMS": 0, "parties-MAX_NUM_FORMS": 1000}
    for place, party in enumerate(parties):
        values |= {
            f"parties-{place}-id": party.pk, f"parties-{place}-organization": party.organization_id,
            f"parties-{place}-role": party.role, f"parties-{place}-negotiator": party.negotiator,
            f"parties-{place}-negotiator_email": party.negotiator_email, f"parties-{place}-mandate": party.mandate,
            f"parties-{place}-ORDER": place + 1, f"parties-{place}-DELETE": "",
        }  # fmt: skip
    values |= {"clauses-TOTAL_FORMS": 0, "clauses-INITIAL_FORMS": 0}
    return values | {"clauses-MIN_NUM_FORMS": 0, "clauses-MAX_NUM_FORMS": 1000}


def press(user: User, agreement: Agreement, button: str, **values: Any) -> Any:
    return signed_in(user).post(address(agreement, "edit"), {**form_of(agreement), button: "1", **values}, follow=True)


def story(agreement: Agreement) -> list[str]:
    rows = AgreementEvent.objects.filter(agreement=agreement, kind="transition").order_by("number")
    return list(rows.values_list("transition", flat=True))


def test_submitting_the_form_starts_the_review_and_approving_there_opens_the_negotiation(
    coordinator: User, manager: User
) -> None:
    agreement = building.draft()
    press(coordinator, agreement, "action-submit")
    assert living.status(agreement) == S.REVIEW
    state = review.running(living.fresh(agreement))
    assert state is not None
    assert state.current_task_state is not None
    action = address(agreement, "workflow_action", "approve", state.current_task_state.pk)
    signed_in(manager).post(action, {"comment": ""})
    assert living.status(agreement) == S.NEGOTIATION
    assert story(agreement) == ["submit", "approve"]
    assert not living.fresh(agreement).live, "approving its text publishes nothing"


def test_a_refusal_in_the_workflow_sends_back_with_its_comment_and_needs_one(coordinator: User, manager: User) -> None:
    agreement = building.draft()
    press(coordinator, agreement, "action-submit")
    state = review.running(living.fresh(agreement))
    assert state is not None
    assert state.current_task_state is not None
    action = address(agreement, "workflow_action", "reject", state.current_task_state.pk)
    response = signed_in(manager).post(action, {"comment": ""}, follow=True)
    assert "Écrivez le motif en quelques mots." in response.content.decode()
    assert living.status(agreement) == S.REVIEW
    signed_in(manager).post(action, {"comment": "Préciser le délai."})
    assert living.status(agreement) == S.DRAFT
    assert AgreementEvent.objects.get(transition="send_back").reason == "Préciser le délai."
    press(coordinator, agreement, "action-submit")
    assert living.status(agreement) == S.REVIEW
    assert story(agreement) == ["submit", "send_back", "submit"]
    assert WorkflowState.objects.filter(object_id=str(agreement.pk), status="in_progress").count() == 1


def test_what_is_done_from_the_page_moves_the_workflow_along(coordinator: User, manager: User) -> None:
    agreement = building.draft()
    coordinating, managing = signed_in(coordinator), signed_in(manager)
    coordinating.post(address(agreement, "transition", "submit"))
    assert review.running(living.fresh(agreement)) is not None
    managing.post(address(agreement, "transition", "send_back"), {"reason": "Préciser le délai."})
    assert living.status(agreement) == S.DRAFT
    coordinating.post(address(agreement, "transition", "submit"))
    managing.post(address(agreement, "transition", "approve"))
    assert story(agreement) == ["submit", "send_back", "submit", "approve"]
    assert WorkflowState.objects.get(object_id=str(agreement.pk)).status == WorkflowState.STATUS_APPROVED
    assert living.status(agreement) == S.NEGOTIATION


def test_cancelling_the_entente_ends_its_review(coordinator: User) -> None:
    agreement = building.draft()
    building.do(coordinator, agreement, "submit")
    building.do(coordinator, agreement, "cancel", reason="Projet abandonné.")
    assert review.running(living.fresh(agreement)) is None
    assert living.status(agreement) == S.CANCELLED


def test_an_incomplete_draft_is_kept_and_not_submitted(coordinator: User) -> None:
    agreement = building.draft(programs=[])
    response = press(coordinator, agreement, "action-submit")
    assert "Il manque : programme-services." in response.content.decode()
    assert living.status(agreement) == S.DRAFT
    assert review.running(living.fresh(agreement)) is None


def test_the_manager_of_another_organization_does_not_approve(coordinator: User) -> None:
    agreement = building.draft()
    building.do(coordinator, agreement, "submit")
    other = building.person("olga", Role.MANAGER, records.organization("CISSS voisin"))
    state = review.running(living.fresh(agreement))
    assert state is not None
    assert state.current_task_state is not None
    signed_in(other).post(address(agreement, "workflow_action", "approve", state.current_task_state.pk))
    signed_in(other).post(address(agreement, "transition", "approve"))
    assert living.status(agreement) == S.REVIEW
    assert review.running(living.fresh(agreement)) is not None


@pytest.mark.parametrize("state", [S.DRAFT, S.NEGOTIATION, S.AGREED, S.SIGNING, S.CANCELLED])
def test_what_is_not_signed_is_published_by_nobody(state: S, coordinator: User) -> None:
    agreement = living.in_state(state)
    with pytest.raises(ValidationError, match="publie"):
        actions.publish_revision(coordinator, agreement.get_latest_revision())
    response = press(coordinator, agreement, "action-publish")
    assert not living.fresh(agreement).live
    assert "action-publish" not in signed_in(coordinator).get(address(agreement, "edit")).content.decode()
    if state == S.DRAFT:
        assert "ne se publie pas à la main" in response.content.decode()


def test_what_is_older_than_the_system_is_corrected_and_published(coordinator: User) -> None:
    agreement = building.declared()
    assert review.publication_refusal(agreement, coordinator) == ""
    row = living.fresh(agreement)
    row.responsible = "Une autre"
    actions.edit(coordinator, row)
    assert living.fresh(agreement).responsible == "Une autre"


def test_an_entente_signed_elsewhere_is_written_down_and_published_at_once(coordinator: User) -> None:
    model = building.draft()
    values = {**form_of(model), "number": "ENT-2019-001", "parties-INITIAL_FORMS": 0, "older_status": "En vigueur"}
    values |= {"starts_on": "2019-01-01", "ends_on": "2030-01-01", "action-publish": "1"}
    values |= {f"parties-{place}-id": "" for place in range(2)}
    signed_in(coordinator).post(reverse("wagtailsnippets_corridors_agreement:add"), values)
    written = Agreement.objects.get(number="ENT-2019-001")
    assert (written.declared_status, living.status(written)) == ("En vigueur", S.IN_FORCE)
    response = signed_in(coordinator).post(
        reverse("wagtailsnippets_corridors_agreement:add"),
        {**values, "number": "ENT-2027-001", "older_status": ""},
    )
    assert "ne se publie pas à la main" in response.content.decode()
    assert not Agreement.all_objects.filter(number="ENT-2027-001").exists()
    # The word that was declared is not declared twice.
    press(coordinator, written, "action-publish", older_status="Résiliée")
    assert living.fresh(written).declared_status == "En vigueur"


def test_a_longer_workflow_approves_at_its_last_step(coordinator: User, manager: User) -> None:
    agreement = building.draft()
    workflow = agreement.get_workflow()
    assert workflow is not None
    second = RoleApprovalTask.objects.create(name="Direction", role=Role.MANAGER)
    WorkflowTask.objects.create(workflow=workflow, task=second, sort_order=2)
    press(coordinator, agreement, "action-submit")
    client = signed_in(manager)
    response = client.post(address(agreement, "transition", "approve"), follow=True)
    assert "La révision continue" in response.content.decode()
    assert living.status(agreement) == S.REVIEW
    client.post(address(agreement, "transition", "approve"))
    assert story(agreement) == ["submit", "approve"]
    assert living.status(agreement) == S.NEGOTIATION


def test_past_the_draft_there_is_nothing_left_to_review(coordinator: User) -> None:
    agreement = living.in_state(S.NEGOTIATION)
    page = signed_in(coordinator).get(address(agreement, "edit")).content.decode()
    assert 'name="action-submit"' not in page
    response = press(coordinator, agreement, "action-submit")
    assert "La révision interne porte sur un brouillon" in response.content.decode()
    assert review.running(living.fresh(agreement)) is None
