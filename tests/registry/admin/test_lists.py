"""Lists: constant queries, search, filters, Excel; and the first page's lines lead to lists that show as many rows."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from corridors.admin.records import agreement_todos
from registry import actions
from registry.admin.filters import stale_before
from registry.admin.home import directory_todos
from registry.admin.listing import folded_search, neutralised
from registry.models import Need, NeedSynonym, Organization, Record, Service

from . import building
from .building import KINDS


def listing(model: type[Record], query: str = "") -> str:
    return reverse(model.snippet_viewset.get_url_name("list")) + (f"?{query}" if query else "")


def shown(client: Client, address: str) -> list[Any]:
    response = client.get(address)
    assert response.status_code == 200, address
    return list(response.context["object_list"])


def queries(client: Client, address: str) -> int:
    client.get(address)  # content types, sites: remembered from here on
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def fill(model: type[Record], total: int) -> None:
    """As many records as that, one in three with a draft waiting, one in three never published."""
    while (count := model.all_objects.count()) < total:
        record = KINDS[model][0]()
        if count % 3 == 0:
            actions.save_draft(None, record)
        elif count % 3 == 1:
            actions.unpublish(None, record)


@pytest.mark.parametrize("model", list(KINDS), ids=lambda model: model.__name__)
def test_the_number_of_queries_does_not_grow_with_the_rows(model, administrator):
    chooser = f"wagtailsnippetchoosers_{model._meta.app_label}_{model._meta.model_name}:choose_results"
    pages = [listing(model), listing(model, "q=a"), listing(model, "export=xlsx"), reverse(chooser)]
    fill(model, 10)
    few = [queries(administrator, page) for page in pages]
    fill(model, 60)
    many = [queries(administrator, page) for page in pages]
    assert many == few
    assert max(few) <= 25


@pytest.mark.parametrize("model", list(KINDS), ids=lambda model: model.__name__)
def test_every_filter_answers_and_a_wrong_value_is_not_an_error(model, administrator):
    KINDS[model][0]()
    filterset = model.snippet_viewset.filterset_class
    bound = filterset({}, queryset=model.all_objects.all(), request=None)
    for name, field in bound.form.fields.items():
        choices = [value for value, _ in getattr(field, "choices", [])]
        values = [str(value) for value in choices if value] or ["1"]
        for value in [*values[:6], "n’importe quoi", "999999"]:
            assert administrator.get(listing(model, f"{name}={value}")).status_code == 200, (name, value)


@pytest.mark.parametrize("model", list(KINDS), ids=lambda model: model.__name__)
def test_odd_questions_get_a_page(model, administrator):
    KINDS[model][0]()
    for query in ("q=" + "é" * 3_000, "q=%25_%5C'\"", "p=999", "p=-1", "p=x", "ordering=password", "ordering=-",
                  "export=csv", "export=../../etc", "q=%00"):  # fmt: skip
        assert administrator.get(listing(model, query)).status_code == 200, query


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["ecole", "ÉCOLE", "école rivières", "rivieres ecole", "l’ecole", "coeur", "EDR"])
def test_search_knows_neither_case_nor_accents(words):
    wanted = building.organization(name="L'École des Rivières, Cœur-de-ville", acronym="EDR")
    building.organization(name="Maison du Phare")
    assert list(folded_search(Organization.all_objects.all(), ["name", "acronym"], words)) == [wanted]


@pytest.mark.django_db
def test_a_need_is_found_once_by_any_of_its_expressions():
    wanted = building.need(term="Itinérance")
    wanted.synonyms.add(NeedSynonym(text="sans-abri et sans toit"), NeedSynonym(text="sans domicile"))
    wanted.save()
    assert list(folded_search(Need.all_objects.all(), ["term", "synonyms__text"], "SANS")) == [wanted]


def read(client: Client, address: str) -> list[list[Any]]:
    response = client.get(address)
    assert response.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return [list(row) for row in book.active.iter_rows(values_only=True)]


def test_an_export_says_what_the_list_says_and_runs_nothing(coordinator):
    building.organization(name='=HYPERLINK("http://mal.example","Cliquez")', description="@SUM(1)", phone="")
    building.organization(name="Maison du Phare", languages=["fr", "moe"], phone="+1 418 555 0107")
    heading, *rows = read(coordinator, listing(Organization, "export=xlsx"))
    by_name = {row[heading.index("Nom")]: row for row in rows}
    assert set(by_name) == {'\'=HYPERLINK("http://mal.example","Cliquez")', "Maison du Phare"}
    phare = by_name["Maison du Phare"]
    assert phare[heading.index("Langues")] == "Français ; Innu"
    assert phare[heading.index("Type de partenaire")] == "Organisme communautaire"
    only = read(coordinator, listing(Organization, "q=phare&export=xlsx"))
    assert len(only) == 2


@pytest.mark.parametrize("model", list(KINDS), ids=lambda model: model.__name__)
def test_every_kind_of_record_exports(model, coordinator):
    KINDS[model][0]()
    heading, *rows = read(coordinator, listing(model, "export=xlsx"))
    assert heading == list(model.snippet_viewset.export_columns)
    assert len(rows) == model.all_objects.count()


@given(st.text(max_size=20))
def test_no_exported_text_begins_like_a_formula(text):
    safe = neutralised(text)
    assert safe in (text, "'" + text)
    if safe.startswith(("=", "@", "\t", "\r", "-")):
        raise AssertionError(safe)
    if safe.startswith("+"):
        assert set(safe[1:]) <= set("0123456789 ().-")


@pytest.mark.parametrize("phone", ["+1 418 555 0107", "+14185550107", "+1 (418) 555-0107"])
def test_a_phone_is_not_a_formula(phone):
    assert neutralised(phone) == phone


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 21), date(2025, 5, 21)),
        (date(2026, 6, 30), date(2024, 12, 28)),
        (date(2026, 1, 15), date(2024, 7, 15)),
        (date(2028, 8, 31), date(2027, 2, 28)),
    ],
)
def test_stale_is_eighteen_months(today, expected):
    assert stale_before(today) == expected


@given(st.dates(min_value=date(2001, 1, 1), max_value=date(2100, 12, 31)))
def test_stale_is_always_about_eighteen_months_back(today):
    assert 545 <= (today - stale_before(today)).days <= 553


def network_that_waits() -> None:
    """One of each thing that the first page counts, and one of each that it must not count."""
    yesterday, long_ago = date.today() - timedelta(days=1), date.today() - timedelta(days=700)
    draft = building.service(verified_on=yesterday)
    actions.save_draft(None, draft)
    building.service(verified_on=long_ago)
    building.service(verified_on=None)
    building.service(verified_on=yesterday, hours="sur activation seulement")
    actions.unpublish(None, building.service(verified_on=long_ago, hours="sur activation seulement"))
    building.agreement(ends_on=yesterday, declared_status="En vigueur")
    building.agreement(ends_on=yesterday, declared_status="En vigueur", renewal="tacite")
    building.agreement(ends_on=yesterday, declared_status="Résiliée")
    building.agreement(ends_on=date.today(), declared_status="En vigueur")
    actions.save_draft(None, building.need())
    building.corridor(hours="selon entente")


def test_each_line_of_the_first_page_leads_to_a_list_of_that_length(administrator):
    network_that_waits()
    todos = {todo.label: todo for todo in [*directory_todos(), *agreement_todos()] if todo.count}
    page = administrator.get("/admin/").content.decode()
    for todo in todos.values():
        assert todo.label in page
        assert len(shown(administrator, todo.url)) == todo.count, todo
    counts = {label: todo.count for label, todo in todos.items()}
    assert counts["ententes dont l’échéance est passée"] == 1
    assert counts["services dont les heures sont à vérifier"] == 1
    assert counts["services vérifiés il y a plus de 18 mois"] == 1
    assert counts["service : brouillon à publier"] == 1
    assert counts["besoin : brouillon à publier"] == 1
    assert counts["corridors dont la disponibilité est à vérifier"] == 1


def test_a_first_page_with_nothing_to_do_says_so(administrator):
    page = administrator.get("/admin/").content.decode()
    assert "Rien n’attend" in page
    assert "Wagtail" not in page.split("<main")[1].split("</main>")[0]


def test_the_admin_speaks_french(coordinator):
    building.service()
    for address in ("/admin/", listing(Service), reverse(Service.snippet_viewset.get_url_name("add"))):
        page = coordinator.get(address).content.decode()
        assert '<html lang="fr' in page
        assert not [word for word in ("Dashboard", "Search…", "Save draft", "Publish<", "Add service") if word in page]
    assert (
        "Enregistrer le brouillon"
        in coordinator.get(reverse(Service.snippet_viewset.get_url_name("add"))).content.decode()
    )


def test_the_form_proposes_the_next_code(coordinator):
    building.organization(code="ORG219")
    building.organization(code="AUTRE9")
    form = coordinator.get(reverse(Organization.snippet_viewset.get_url_name("add"))).context["form"]
    assert form.initial["code"] == "ORG220"


def test_a_chooser_finds_drafts_and_ignores_accents(coordinator):
    hidden = building.organization(name="École en ébauche")
    actions.unpublish(None, hidden)
    base = "wagtailsnippetchoosers_registry_organization:"
    assert hidden.name in coordinator.get(reverse(base + "choose_results") + "?q=ecole ebauche").content.decode()
    assert coordinator.get(reverse(base + "chosen", args=[hidden.pk])).status_code == 200
    assert coordinator.get(reverse(base + "chosen_multiple") + f"?id={hidden.pk}").status_code == 200
