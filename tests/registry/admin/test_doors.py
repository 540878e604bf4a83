"""Every door of the admin: one change, one log entry, one announcement; a draft announces nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from registry.models import Organization, Record, Service
from registry.receivers import WORKFLOW

from . import building
from .building import KINDS, NEW_VALUE, sent

EVERY_KIND = pytest.mark.parametrize("model", list(KINDS), ids=lambda model: model.__name__)


def url(record: Record | type[Record], view: str, *args: Any) -> str:
    if isinstance(record, Record):
        args = (record.pk, *args)
    return reverse(record.snippet_viewset.get_url_name(view), args=args)


def make(model: type[Record]) -> Record:
    return KINDS[model][0]()


def changed_form(client: Client, record: Record, page: str = "edit", **values: Any) -> dict[str, Any]:
    """The edit form as the page shows it, with one field changed."""
    form = client.get(url(record, page)).context["form"]
    field = KINDS[type(record)][1]
    return {**sent(form), field: NEW_VALUE.get(type(record), "Nouveau texte"), **values}


def new_form(client: Client, model: type[Record]) -> dict[str, Any]:
    """A complete form for a new record: that of an existing one, which is then deleted."""
    record = make(model)
    data = sent(client.get(url(record, "edit")).context["form"])
    for name in list(data):
        if name.endswith(("-id", "-INITIAL_FORMS")):
            data[name] = "" if name.endswith("-id") else 0
    type(record).all_objects.filter(pk=record.pk).delete()
    return data


def publishable(model: type[Record], data: dict[str, Any]) -> dict[str, Any]:
    """What a new record also says to be published at once: an entente, that it was signed elsewhere."""
    return {**data, "action-publish": "1", **({"older_status": "En vigueur"} if model.__name__ == "Agreement" else {})}


def field_of(record: Record) -> Any:
    return getattr(record, KINDS[type(record)][1])


def new_value(model: type[Record]) -> str:
    return NEW_VALUE.get(model, "Nouveau texte")


@EVERY_KIND
def test_a_new_draft_is_logged_once_and_announced_to_nobody(model, administrator, trace):
    data = new_form(administrator, model)
    trace.clear()
    response = administrator.post(url(model, "add"), data)
    assert response.status_code == 302, response.context["form"].errors
    record = model.all_objects.get()
    assert (record.live, trace.logged, trace.announced) == (False, ["wagtail.create"], [])
    assert not model.objects.exists()


@EVERY_KIND
def test_a_new_published_record_is_logged_once_and_announced_once(model, administrator, trace):
    data = new_form(administrator, model)
    trace.clear()
    response = administrator.post(url(model, "add"), publishable(model, data))
    assert response.status_code == 302, response.context["form"].errors
    record = model.objects.get()
    assert trace.logged == ["wagtail.create"]
    assert trace.announced == [(model, [record.pk])]
    assert record.live_revision_id == record.latest_revision_id
    assert not record.has_unpublished_changes


@EVERY_KIND
def test_a_draft_leaves_the_published_record_as_it_is(model, administrator, trace):
    record = make(model)
    before = field_of(record)
    data = changed_form(administrator, record)
    trace.clear()
    assert administrator.post(url(record, "edit"), data).status_code == 302
    assert (trace.logged, trace.announced) == (["wagtail.edit"], [])
    fresh = model.objects.get(pk=record.pk)
    assert field_of(fresh) == before
    assert fresh.has_unpublished_changes
    assert field_of(fresh.get_latest_revision_as_object()) == new_value(model)


@EVERY_KIND
def test_publishing_an_edit_is_one_change(model, administrator, trace):
    record = make(model)
    data = changed_form(administrator, record)
    trace.clear()
    assert administrator.post(url(record, "edit"), {**data, "action-publish": "1"}).status_code == 302
    assert (trace.logged, trace.announced) == (["wagtail.publish"], [(model, [record.pk])])
    fresh = model.objects.get(pk=record.pk)
    assert field_of(fresh) == new_value(model)
    assert not fresh.has_unpublished_changes


@EVERY_KIND
def test_unpublishing_is_one_change(model, administrator, trace):
    record = make(model)
    trace.clear()
    assert administrator.post(url(record, "unpublish")).status_code == 302
    assert (trace.logged, trace.announced) == (["wagtail.unpublish"], [(model, [record.pk])])
    assert not model.objects.exists()
    assert model.all_objects.get(pk=record.pk).pk == record.pk


@EVERY_KIND
def test_deleting_is_one_change(model, administrator, trace):
    record = make(model)
    trace.clear()
    assert administrator.post(url(record, "delete")).status_code == 302
    assert (trace.logged, trace.announced) == (["wagtail.delete"], [(model, [record.pk])])
    assert not model.all_objects.filter(pk=record.pk).exists()


@EVERY_KIND
@pytest.mark.parametrize("publish", [True, False], ids=["published", "draft"])
def test_going_back_to_an_older_version_is_one_change(model, publish, administrator, trace):
    record = make(model)
    first, before = record.latest_revision_id, field_of(record)
    administrator.post(url(record, "edit"), {**changed_form(administrator, record), "action-publish": "1"})
    form = administrator.get(url(record, "revisions_revert", first)).context["form"]
    data = sent(form) | ({"action-publish": "1"} if publish else {})
    trace.clear()
    assert administrator.post(url(record, "revisions_revert", first), data).status_code == 302
    fresh = model.objects.get(pk=record.pk)
    assert trace.logged == ["wagtail.revert"]
    assert trace.announced == ([(model, [record.pk])] if publish else [])
    assert field_of(fresh) == (before if publish else new_value(model))
    assert field_of(fresh.get_latest_revision_as_object()) == before


def bulk(model: type[Record], action: str, *records: Record) -> str:
    chosen = "&".join(f"id={record.pk}" for record in records)
    path = reverse("wagtail_bulk_action", args=[model._meta.app_label, model._meta.model_name, action])
    return f"{path}?{chosen}&next={url(model, 'list')}"


@EVERY_KIND
def test_bulk_actions_log_and_announce_each_record_once(model, administrator, trace):
    records = [make(model), make(model)]
    each = [(model, [record.pk]) for record in records]
    trace.clear()
    administrator.post(bulk(model, "unpublish", *records))
    assert (trace.logged, sorted(trace.announced, key=str)) == (["wagtail.unpublish"] * 2, sorted(each, key=str))
    trace.clear()
    administrator.post(bulk(model, "publish", *records))
    assert (trace.logged, sorted(trace.announced, key=str)) == (["wagtail.publish"] * 2, sorted(each, key=str))
    assert model.objects.filter(pk__in=[record.pk for record in records]).count() == 2
    trace.clear()
    administrator.post(bulk(model, "delete", *records))
    assert (trace.logged, sorted(trace.announced, key=str)) == (["wagtail.delete"] * 2, sorted(each, key=str))
    assert not model.all_objects.filter(pk__in=[record.pk for record in records]).exists()


def test_bulk_delete_keeps_what_others_use_and_says_who(administrator, trace):
    used, free = building.service().organization, building.organization()
    trace.clear()
    page = administrator.post(bulk(Organization, "delete", used, free), follow=True).content.decode()
    assert trace.announced == [(Organization, [free.pk])]
    assert Organization.objects.filter(pk=used.pk).exists()
    assert "d’autres fiches s’en servent" in page


def test_select_all_means_the_list_as_filtered(administrator):
    kept, gone = building.organization(name="Maison du Phare"), building.organization(name="École des Rives")
    path = reverse("wagtail_bulk_action", args=["registry", "organization", "unpublish"])
    administrator.post(path + f"?id=all&next={url(Organization, 'list')}%3Fq%3Decole")
    assert list(Organization.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not Organization.all_objects.get(pk=gone.pk).live


def test_deleting_what_others_use_is_refused_with_their_names(administrator, trace):
    service = building.service()
    trace.clear()
    page = administrator.post(url(service.organization, "delete"), follow=True).content.decode()
    assert service.name in page
    assert "n’est pas supprimé" in page
    assert (trace.logged, trace.announced) == ([], [])


@pytest.mark.parametrize("model", [kind for kind in KINDS if kind.__name__ not in ("Territory", "Need")])
def test_an_approved_record_is_published_once(model, sign_in, trace):
    from registry.enums import Role

    writer, approver = sign_in(Role.COORDINATOR), sign_in(Role.MANAGER)
    record = make(model)
    data = changed_form(writer, record)
    trace.clear()
    assert writer.post(url(record, "edit"), {**data, "action-submit": "1"}).status_code == 302
    assert trace.announced == []
    state = model.all_objects.get(pk=record.pk).current_workflow_state
    assert state.workflow.name == WORKFLOW
    task = state.current_task_state
    # The coordinator who asked may not approve.
    assert writer.post(url(record, "workflow_action", "approve", task.pk)).status_code == 302
    assert model.objects.get(pk=record.pk).has_unpublished_changes
    trace.clear()
    assert approver.post(url(record, "workflow_action", "approve", task.pk)).status_code == 302
    assert trace.logged.count("wagtail.publish") == 1
    assert all(entry == "wagtail.publish" or entry.startswith("wagtail.workflow") for entry in trace.logged)
    assert trace.announced == [(model, [record.pk])]
    assert field_of(model.objects.get(pk=record.pk)) == new_value(model)


def test_a_rejected_record_goes_back_to_its_author(sign_in, trace):
    from registry.enums import Role

    writer, approver = sign_in(Role.COORDINATOR), sign_in(Role.MANAGER)
    record = building.service()
    writer.post(url(record, "edit"), {**changed_form(writer, record), "action-submit": "1"})
    task = record.current_workflow_task_state
    approver.post(url(record, "workflow_action", "reject", task.pk), {"comment": "Le téléphone a changé."})
    assert record.current_workflow_state.status == "needs_changes"
    assert field_of(Service.objects.get(pk=record.pk)) != "Nouveau texte"


@pytest.mark.parametrize("model", [Service, Organization], ids=lambda model: model.__name__)
def test_a_planned_publication_happens_at_its_hour(model, coordinator, trace):
    record = make(model)
    tomorrow = timezone.now() + timedelta(days=1)
    go_live = timezone.localtime(tomorrow).strftime("%Y-%m-%d %H:%M")
    data = changed_form(coordinator, record, go_live_at=go_live)
    trace.clear()
    assert coordinator.post(url(record, "edit"), {**data, "action-publish": "1"}).status_code == 302
    assert trace.logged == ["wagtail.publish.schedule"]
    assert field_of(model.objects.get(pk=record.pk)) != "Nouveau texte"
    trace.clear()
    call_command("publish_scheduled")
    assert trace.announced == []
    with time_machine.travel(tomorrow + timedelta(minutes=2)):
        call_command("publish_scheduled")
    assert trace.logged == ["wagtail.publish.scheduled"]
    assert trace.announced == [(model, [record.pk])]
    assert field_of(model.objects.get(pk=record.pk)) == "Nouveau texte"


def test_an_expired_record_is_withdrawn_at_its_hour(coordinator, trace):
    record = building.service()
    tomorrow = timezone.now() + timedelta(days=1)
    expire = timezone.localtime(tomorrow).strftime("%Y-%m-%d %H:%M")
    data = changed_form(coordinator, record, expire_at=expire)
    coordinator.post(url(record, "edit"), {**data, "action-publish": "1"})
    trace.clear()
    with time_machine.travel(tomorrow + timedelta(minutes=2)):
        call_command("publish_scheduled")
    assert trace.logged == ["wagtail.unpublish.scheduled"]
    assert trace.announced == [(Service, [record.pk])]
    assert not Service.objects.exists()


@EVERY_KIND
def test_a_copy_is_a_new_record_and_leaves_the_first_alone(model, administrator, trace):
    record = make(model)
    before = field_of(record)
    page = administrator.get(url(record, "copy"))
    assert page.status_code == 200
    data = {**sent(page.context["form"]), KINDS[model][1]: new_value(model)}
    for name in ("code", "number"):
        if name in page.context["form"].fields:
            assert data.get(name) != getattr(record, name)
            data[name] = "COPIE-1"
    trace.clear()
    response = administrator.post(url(model, "add"), publishable(model, data))
    assert response.status_code == 302, response.context["form"].errors
    assert trace.logged == ["wagtail.create"]
    assert len(trace.announced) == 1
    assert model.objects.count() == 2 or model.__name__ == "Organization"
    assert field_of(model.objects.get(pk=record.pk)) == before
    assert administrator.post(url(record, "copy"), data).status_code == 405


def test_inline_rows_of_a_copy_belong_to_the_copy(administrator):
    record = building.service()
    data = {**sent(administrator.get(url(record, "copy")).context["form"]), "name": "Copie", "action-publish": "1"}
    administrator.post(url(Service, "add"), data)
    copy = Service.objects.get(name="Copie")
    assert [link.need_id for link in copy.need_links.all()] == [link.need_id for link in record.need_links.all()]
    assert record.need_links.count() == 1


def test_a_record_locked_by_another_is_left_alone_by_every_door(sign_in, trace):
    from registry.enums import Role

    first, second = sign_in(Role.COORDINATOR), sign_in(Role.COORDINATOR)
    record = building.service()
    data = changed_form(second, record)
    assert first.post(url(record, "lock")).status_code == 302
    trace.clear()
    assert "verrouillé" in second.post(url(record, "edit"), {**data, "action-publish": "1"}).content.decode().lower()
    second.post(url(record, "unpublish"))
    second.post(url(record, "delete"))
    second.post(bulk(Service, "delete", record))
    assert (trace.logged, trace.announced) == ([], [])
    assert first.post(url(record, "unlock")).status_code == 302
    assert second.post(url(record, "edit"), {**data, "action-publish": "1"}).status_code == 302
    assert trace.announced == [(Service, [record.pk])]
