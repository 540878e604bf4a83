"""Drafts, versions, comparison, locking, preview and consultation, through the pages of the admin."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse

from corridors.models import Agreement, AgreementParty
from registry import actions
from registry.enums import Clientele, Role
from registry.models import Location, Organization, Record, Service

from . import building
from .building import KINDS, sent
from .test_doors import changed_form, field_of, make, new_value, url

EVERY_KIND = pytest.mark.parametrize("model", list(KINDS), ids=lambda model: model.__name__)
# Wagtail's templates, which ours extend, lean on undefined variables; these stand on their own.
OWN_TEMPLATES = ("registry/preview.html", "registry/admin/todo_panel.html", "registry/admin/address_notice.html")


@EVERY_KIND
def test_every_page_of_a_record_opens(model, administrator):
    record = make(model)
    actions.save_draft(None, record)
    for view in ("edit", "copy", "delete", "unpublish", "usage", "history", "inspect", "workflow_history"):
        response = administrator.get(url(record, view), follow=True)  # reading an entente leads to its page
        assert response.status_code == 200, view
    assert administrator.get(url(model, "add")).status_code == 200
    assert administrator.get(url(record, "workflow_history")).status_code == 200


@EVERY_KIND
def test_the_preview_shows_what_is_being_typed(model, administrator):
    record = make(model)
    actions.unpublish(None, record)  # a draft is previewed like any other
    data = changed_form(administrator, model.all_objects.get(pk=record.pk))
    assert json.loads(administrator.post(url(record, "preview_on_edit"), data).content)["is_valid"]
    page = administrator.get(url(record, "preview_on_edit")).content.decode()
    shown = "Santé mentale" if new_value(model) == "sante_mentale" else new_value(model)
    assert shown in page
    assert field_of(model.all_objects.get(pk=record.pk)) != new_value(model)


def test_a_preview_before_the_first_save(coordinator):
    address = reverse(Organization.snippet_viewset.get_url_name("preview_on_add"))
    data = {"code": "ORG900", "name": "Maison à venir", "partner_type": "autre"}
    assert json.loads(coordinator.post(address, data).content)["is_valid"]
    assert "Maison à venir" in coordinator.get(address).content.decode()
    assert not Organization.all_objects.exists()


@EVERY_KIND
def test_versions_compare_field_by_field(model, administrator):
    record = make(model)
    administrator.post(url(record, "edit"), changed_form(administrator, record))
    first, last = record.revisions.order_by("pk").values_list("pk", flat=True)
    for pair in ((first, last), ("live", last), (first, "latest"), ("earliest", "latest")):
        response = administrator.get(url(record, "revisions_compare", *pair))
        assert response.status_code == 200
        assert len(response.context["comparison"]) == 1, [
            str(line.field_label()) for line in response.context["comparison"]
        ]
    page = administrator.get(url(record, "revisions_view", first))
    assert page.status_code == 200


def test_a_comparison_reads_in_french_words(coordinator):
    record = building.service(languages=["fr"], programs=["sante_mentale"])
    other = building.organization(name="Organisme en ébauche")
    actions.unpublish(None, other)
    form = coordinator.get(url(record, "edit")).context["form"]
    data = {**sent(form), "languages": "Français\nInnu", "programs": ["sapa"], "clientele": ["Femmes"],
            "organization": other.pk}  # fmt: skip
    assert coordinator.post(url(record, "edit"), data).status_code == 302
    page = coordinator.get(url(record, "revisions_compare", "live", "latest")).content.decode()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for word in ("Innu", "Santé mentale", "autonomie", "Femmes", "Organisme en ébauche"):
        assert word in text, word
    assert "sante_mentale" not in page


def test_each_imported_or_bulk_entry_shows_in_its_own_history(administrator):
    records = [building.organization(), building.organization()]
    chosen = "&".join(f"id={record.pk}" for record in records)
    path = reverse("wagtail_bulk_action", args=["registry", "organization", "unpublish"])
    administrator.post(f"{path}?{chosen}&next={url(Organization, 'list')}")
    for record in records:
        page = administrator.get(url(record, "history"))
        assert [entry.action for entry in page.context["object_list"]] == ["wagtail.unpublish", "wagtail.create"]


def test_usage_names_every_record_that_points_here(coordinator):
    service = building.service()
    person = building.contact(organization=service.organization)
    entente = building.agreement()
    entente.parties.add(AgreementParty(organization=service.organization))
    actions.edit(None, entente)
    page = coordinator.get(url(service.organization, "usage"))
    found = {(reference.kind, str(reference)) for reference in page.context["object_list"]}
    assert found == {("Service", str(service)), ("Contact", str(person)), ("Entente", str(entente))}
    assert coordinator.get(url(entente, "usage")).context["object_list"] == []


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("phone", "voir le site", "numéro"),
        ("email", "pas un courriel", "courriel"),
        ("languages", "klingonnais ancien", "Langue inconnue"),
        ("age_max", "3", "plus petit que l’âge minimal"),
        ("verified_on", "31 février", "date"),
        ("name", "", "requis"),
        ("code", "", "requis"),
        ("organization", "999999", "Sélectionnez"),
    ],
)
@pytest.mark.parametrize("publish", [True, False], ids=["published", "draft"])
def test_a_wrong_value_is_refused_with_words_and_nothing_is_written(field, value, message, publish, coordinator, trace):
    record = building.service(age_min=12, age_max=17)
    form = coordinator.get(url(record, "edit")).context["form"]
    data = {**sent(form), field: value} | ({"action-publish": "1"} if publish else {})
    trace.clear()
    response = coordinator.post(url(record, "edit"), data)
    assert response.status_code == 200
    errors = " ".join(str(error) for error in response.context["form"].errors.get(field, []))
    assert message.lower() in errors.lower(), errors
    assert (trace.logged, trace.announced) == ([], [])


@pytest.mark.parametrize(
    ("model", "field", "value", "message"),
    [
        (Organization, "neq", "123", "dix chiffres"),
        (Organization, "charity_number", "abc", "123456789 RR 0001"),
        (Organization, "website", "pas une adresse", "URL"),
        (Location, "postal_code", "Z9Z 9Z", "G1K 0G9"),
        (Location, "latitude", "95", "entre −90 et 90"),
        (Location, "latitude", "46.5", None),
    ],
)
def test_validators_say_what_to_write(model, field, value, message, coordinator):
    record = make(model)
    form = coordinator.get(url(record, "edit")).context["form"]
    response = coordinator.post(url(record, "edit"), {**sent(form), field: value, "action-publish": "1"})
    assert response.status_code == 200
    errors = response.context["form"].errors
    if message is None:  # a latitude alone: the longitude is asked for
        assert "longitude" in errors
    else:
        assert message in " ".join(errors[field])


def test_a_second_record_with_the_same_code_is_refused(coordinator):
    first, second = building.organization(), building.organization()
    data = {**sent(coordinator.get(url(second, "edit")).context["form"]), "code": first.code}
    response = coordinator.post(url(second, "edit"), data)
    assert response.status_code == 200
    assert "code" in response.context["form"].errors


def test_a_code_taken_in_the_meantime_is_a_message_and_not_a_failure(coordinator, monkeypatch, trace):
    taken = building.organization()
    data = {"code": taken.code, "name": "Deuxième", "partner_type": "autre"}
    monkeypatch.setattr(Organization, "validate_unique", lambda self, exclude=None: None)
    trace.clear()
    response = coordinator.post(reverse(Organization.snippet_viewset.get_url_name("add")), data)
    assert response.status_code == 200
    assert "une autre fiche porte déjà" in response.content.decode()
    assert (trace.logged, trace.announced) == ([], [])


def test_clientele_is_ticked_and_unknown_words_are_kept(coordinator):
    record = building.service(clientele=["Femmes", "Marins-pêcheurs"])
    form = coordinator.get(url(record, "edit")).context["form"]
    labels = [label for _, label in form.fields["clientele"].choices]
    assert labels == [*Clientele.labels, "Marins-pêcheurs"]
    coordinator.post(url(record, "edit"), {**sent(form), "action-publish": "1"})
    assert set(Service.objects.get(pk=record.pk).clientele) == {"Femmes", "Marins-pêcheurs"}


def test_languages_are_written_in_words_and_kept_as_codes(coordinator):
    record = building.service(languages=["fr"])
    form = coordinator.get(url(record, "edit")).context["form"]
    assert sent(form)["languages"] == "Français"
    coordinator.post(url(record, "edit"), {**sent(form), "languages": "français; LSQ\nanglais", "action-publish": "1"})
    assert Service.objects.get(pk=record.pk).languages == ["fr", "fcs", "en"]


def test_needs_keep_the_order_given(coordinator):
    record = building.service()
    second = building.need()
    form = coordinator.get(url(record, "edit")).context["form"]
    data = {**sent(form), "need_links-TOTAL_FORMS": 2, "need_links-0-ORDER": 2, "need_links-1-ORDER": 1,
            "need_links-1-need": second.pk, "action-publish": "1"}  # fmt: skip
    assert coordinator.post(url(record, "edit"), data).status_code == 302
    assert Service.objects.get(pk=record.pk).related_needs()[0] == second


def test_a_schedule_is_read_when_it_is_published(coordinator):
    record = building.service(hours="")
    form = coordinator.get(url(record, "edit")).context["form"]
    coordinator.post(url(record, "edit"), {**sent(form), "hours": "Lun-Ven 8h30-16h30", "action-publish": "1"})
    assert Service.objects.get(pk=record.pk).hours_pattern.startswith("Mo-Fr 08:30-16:30")


def test_an_entente_in_draft_waits_for_its_parties(coordinator):
    data = {"number": "ENT-2026-900", "title": "À négocier", "renewal_months": 12} | {
        "parties-TOTAL_FORMS": 0, "parties-INITIAL_FORMS": 0, "parties-MIN_NUM_FORMS": 0, "parties-MAX_NUM_FORMS": 1000,
        "clauses-TOTAL_FORMS": 0, "clauses-INITIAL_FORMS": 0, "clauses-MIN_NUM_FORMS": 0, "clauses-MAX_NUM_FORMS": 1000,
    }  # fmt: skip
    assert coordinator.post(reverse(Agreement.snippet_viewset.get_url_name("add")), data).status_code == 302
    made = Agreement.all_objects.get()
    assert not made.live
    assert made.declared_status == "Brouillon"


def test_a_workflow_holds_the_record_for_whoever_cannot_approve(sign_in):
    writer, approver = sign_in(Role.COORDINATOR), sign_in(Role.MANAGER)
    record = building.service()
    data = changed_form(writer, record)
    writer.post(url(record, "edit"), {**data, "action-submit": "1"})
    refused = writer.post(url(record, "edit"), {**data, "name": "Encore", "action-publish": "1"})
    assert refused.status_code == 200
    home = approver.get("/admin/").content.decode()
    assert "Nouveau texte" in home
    allowed = approver.post(url(record, "edit"), {**data, "name": "Relu", "action-publish": "1"})
    assert allowed.status_code == 302
    assert Service.objects.get(pk=record.pk).name == "Relu"


@pytest.mark.django_db
@pytest.mark.parametrize("template", OWN_TEMPLATES)
def test_templates_lean_on_no_undefined_variable(template, monkeypatch):
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "UNDEFINED %s")
    place: Record = building.location(address="1, rue Ordinaire")
    context: dict[str, Any] = {"object": place, "location": place, "address_url": "/", "todos": []}
    assert "UNDEFINED" not in render_to_string(template, context, RequestFactory().get("/"))
