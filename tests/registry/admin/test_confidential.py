"""A confidential address appears nowhere but in the answer to whoever may open it and said why."""

from __future__ import annotations

import io
import json
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from wagtail.admin.models import FormState
from wagtail.models import ModelLogEntry, Revision

from registry import actions
from registry.enums import Role
from registry.models import AddressDisclosure, ConfidentialAddress, Location
from registry.signals import record_changed

from . import building
from .building import sent

# Four values that nothing else in the database holds.
STREET, CODE, LATITUDE, LONGITUDE = "1789, rue Sentinelle", "G1X 9Z9", "46.812345", "-71.298765"
SENTINELS = ("Sentinelle", CODE, "G1X9Z9", "46.812345", "46,812345", "71.298765", "71,298765")
REASON = "Transport de la personne ce soir"
ADDRESS = {"address": STREET, "postal_code": CODE, "latitude": LATITUDE, "longitude": LONGITUDE}


@pytest.fixture
def shelter(db: None) -> Location:
    """A shelter that was an ordinary place, was edited twice, has a draft, and was then made confidential."""
    place = building.location(name="Maison du Phare", municipality="Québec", **ADDRESS)
    place.address = f"{STREET}, porte B"
    actions.edit(None, place)
    place.address = f"{STREET}, porte C"
    actions.save_draft(None, place)
    building.service(locations=[place])
    place = Location.all_objects.get(pk=place.pk)
    actions.hide_address(None, place)
    return place


def leaks(text: str) -> list[str]:
    return [sentinel for sentinel in SENTINELS if sentinel in text]


def page(location: Location, view: str, *args: Any) -> str:
    return reverse(Location.snippet_viewset.get_url_name(view), args=[location.pk, *args])


def whole_database_but_the_vault() -> str:
    """Everything that every table holds, but the one table where the address belongs."""
    out = io.StringIO()
    call_command("dumpdata", exclude=["registry.confidentialaddress"], stdout=out, all=True)
    return out.getvalue()


def test_the_address_leaves_every_table_but_one(shelter):
    assert leaks(whole_database_but_the_vault()) == []
    kept = ConfidentialAddress.objects.get(location=shelter)
    assert (kept.address, kept.postal_code) == (f"{STREET}, porte B", CODE)
    assert (str(kept.latitude), str(kept.longitude)) == (LATITUDE, LONGITUDE)


def test_the_search_for_leaks_would_find_one(db):
    """The oracle of this file sees an ordinary place's address, so that its silence means something."""
    building.location(**ADDRESS)
    assert len(leaks(whole_database_but_the_vault())) >= 4


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MANAGER, Role.ADMINISTRATOR])
def test_no_page_of_the_place_shows_it_whatever_the_role(shelter, role, sign_in):
    client = sign_in(role)
    revisions = list(shelter.revisions.order_by("pk"))
    assert len(revisions) == 3
    addresses = [
        page(shelter, view)
        for view in ("edit", "inspect", "history", "history_results", "usage", "copy", "delete", "unpublish",
                     "confidential_address", "preview_on_edit", "workflow_history")
    ]  # fmt: skip
    for revision in revisions:
        addresses += [page(shelter, view, revision.pk) for view in ("revisions_view", "revisions_revert")]
        for other in [*(revision.pk for revision in revisions), "live", "latest"]:
            addresses.append(page(shelter, "revisions_compare", revision.pk, other))
    listing = reverse(Location.snippet_viewset.get_url_name("list"))
    addresses += [
        listing, f"{listing}?q=Phare", f"{listing}?q=Sentinel", f"{listing}?confidentiel=true",
        reverse("wagtailadmin_home"), reverse("wagtailadmin_reports:site_history"),
        reverse("wagtailsnippetchoosers_registry_location:choose"),
        reverse("wagtailsnippetchoosers_registry_location:choose_results") + "?q=phare",
        reverse("wagtailsnippetchoosers_registry_location:chosen", args=[shelter.pk]),
        reverse("wagtailsnippets_registry_service:edit", args=[shelter.services.get().pk]),
    ]  # fmt: skip
    for address in addresses:
        response = client.get(address)
        body = response.content.decode()
        assert response.status_code == 200, (address, response.status_code)
        # What somebody searches for comes back in the search box, and only there.
        found = [word for word in leaks(body) if f"q={word}" not in address]
        assert found == [], (address, found)


def test_searching_the_address_finds_nothing(shelter, administrator):
    listing = reverse(Location.snippet_viewset.get_url_name("list"))
    assert shelter.name in administrator.get(f"{listing}?q=phare").content.decode()
    for words in ("sentinelle", "1789", "G1X", "porte"):
        assert shelter.name not in administrator.get(f"{listing}?q={words}").content.decode()


def test_the_export_says_confidential(shelter, manager):
    building.location(address="12, rue Ordinaire")
    response = manager.get(reverse(Location.snippet_viewset.get_url_name("list")) + "?export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    rows = [[str(cell or "") for cell in row] for row in book.active.iter_rows(values_only=True)]
    heading, hidden = rows[0], next(row for row in rows if "Maison du Phare" in row)
    for name in ("Adresse", "Code postal", "Latitude", "Longitude"):
        assert hidden[heading.index(name)] == "(confidentiel)"
    assert "12, rue Ordinaire" in str(rows)
    assert leaks(str(rows)) == []


def test_a_reason_opens_it_once_and_leaves_a_trace(shelter, manager):
    response = manager.post(page(shelter, "confidential_address"), {"step": "reveal", "reveal-justification": REASON})
    body = response.content.decode()
    assert all(value in body for value in (STREET, CODE, LATITUDE, LONGITUDE))
    assert "no-store" in response.headers["Cache-Control"]
    trace = AddressDisclosure.objects.get()
    assert (trace.location, trace.justification) == (shelter, REASON)
    assert ModelLogEntry.objects.filter(action="registry.reveal_address", user=trace.user).count() == 1
    # Coming back shows the trace and not the address.
    again = manager.get(page(shelter, "confidential_address")).content.decode()
    assert REASON in again
    assert leaks(again) == []
    assert leaks(whole_database_but_the_vault()) == []


@pytest.mark.parametrize("reason", ["", "   ", "urgent", "a" * 9 + " "])
def test_no_reason_no_address(shelter, manager, reason):
    response = manager.post(page(shelter, "confidential_address"), {"step": "reveal", "reveal-justification": reason})
    assert response.status_code == 422
    assert leaks(response.content.decode()) == []
    assert not AddressDisclosure.objects.exists()
    with pytest.raises(ValueError, match="Écrivez en une phrase"):
        actions.reveal_address(building.account(Role.MANAGER), shelter, reason)


@pytest.mark.parametrize("role", [None, Role.INTERVENANT, Role.PARTNER, Role.COORDINATOR])
@pytest.mark.parametrize("step", ["reveal", "show"])
def test_other_roles_never_open_it(shelter, role, step, sign_in):
    client = sign_in(role, organization=shelter.organization if role == Role.PARTNER else None)
    data = {"step": step, f"{step}-justification": REASON}
    response = client.post(page(shelter, "confidential_address"), data)
    assert response.status_code in (302, 403)
    assert leaks(response.content.decode()) == []
    assert not AddressDisclosure.objects.exists()
    assert Location.objects.get(pk=shelter.pk).is_confidential
    user = building.account(role, organization=shelter.organization if role == Role.PARTNER else None)
    with pytest.raises(PermissionDenied):
        actions.reveal_address(user, shelter, REASON)


def test_a_coordinator_replaces_it_without_seeing_it(shelter, coordinator, trace):
    address = page(shelter, "confidential_address")
    assert "Consulter l’adresse" not in coordinator.get(address).content.decode()
    trace.clear()
    assert coordinator.post(address, {"step": "replace", "address": "2, rue Neuve"}).status_code == 302
    kept = ConfidentialAddress.objects.get(location=shelter)
    # The blank fields kept their values.
    assert (kept.address, kept.postal_code) == ("2, rue Neuve", CODE)
    assert (trace.logged, trace.announced) == (["registry.confidential_address"], [(Location, [shelter.pk])])
    assert "rue Neuve" not in whole_database_but_the_vault()


def test_a_refused_value_is_not_repeated(shelter, coordinator):
    typed = {"step": "replace", "address": "77, rue Secrète", "postal_code": "ZZZ 999", "latitude": "123.4567"}
    response = coordinator.post(page(shelter, "confidential_address"), typed)
    assert response.status_code == 422
    body = response.content.decode()
    assert "code postal canadien" in body
    assert not [value for value in ("Secrète", "ZZZ 999", "123.4567", "123,4567") if value in body]
    with pytest.raises(ValidationError) as refusal:
        actions.set_confidential_address(None, shelter, postal_code="ZZZ 999")
    assert "ZZZ" not in str(refusal.value)


def test_replacing_needs_something_to_replace_and_a_confidential_place(shelter, coordinator):
    response = coordinator.post(page(shelter, "confidential_address"), {"step": "replace"})
    assert "au moins un champ" in response.content.decode()
    with pytest.raises(ValueError, match="n’est pas confidentiel"):
        actions.set_confidential_address(None, building.location(), address="1, rue Ouverte")


def test_hiding_from_its_page_is_one_change(coordinator, trace):
    place = building.location(**ADDRESS)
    trace.clear()
    assert coordinator.post(page(place, "confidential_address"), {"step": "hide"}).status_code == 302
    assert (trace.logged, trace.announced) == (["registry.hide_address"], [(Location, [place.pk])])
    assert leaks(whole_database_but_the_vault()) == []
    coordinator.post(page(place, "confidential_address"), {"step": "hide"})
    assert ConfidentialAddress.objects.get(location=place).address == STREET


def test_the_edit_form_neither_shows_nor_takes_an_address(shelter, coordinator):
    form = coordinator.get(page(shelter, "edit")).context["form"]
    assert not {"address", "postal_code", "latitude", "longitude", "is_confidential"} & set(form.fields)
    data = {**sent(form), **ADDRESS, "address": "9, rue Glissée", "action-publish": "1"}
    assert coordinator.post(page(shelter, "edit"), data).status_code == 302
    fresh = Location.objects.get(pk=shelter.pk)
    assert (fresh.is_confidential, fresh.address) == (True, "")
    assert "Glissée" not in whole_database_but_the_vault()
    assert leaks(whole_database_but_the_vault()) == []
    assert ConfidentialAddress.objects.get(location=shelter).address == f"{STREET}, porte B"


def test_going_back_to_an_older_version_does_not_open_it(shelter, coordinator):
    first = shelter.revisions.order_by("pk").first()
    # As if that version had escaped the cleaning.
    Revision.objects.filter(pk=first.pk).update(content={**first.content, **ADDRESS, "is_confidential": False})
    body = coordinator.get(page(shelter, "revisions_revert", first.pk))
    assert leaks(body.content.decode()) == []
    data = {**sent(body.context["form"]), "action-publish": "1"}
    assert coordinator.post(page(shelter, "revisions_revert", first.pk), data).status_code == 302
    fresh = Location.objects.get(pk=shelter.pk)
    assert (fresh.is_confidential, fresh.address, fresh.latitude) == (True, "", None)


@pytest.mark.parametrize("publish", [True, False], ids=["published", "draft"])
def test_a_place_confidential_from_the_start(publish, coordinator, trace):
    organization = building.organization()
    data = {
        "code": "LIE900", "name": "Le Refuge", "organization": organization.pk, "municipality": "Lévis",
        "is_confidential": "on", **ADDRESS,
    } | ({"action-publish": "1"} if publish else {})  # fmt: skip
    trace.clear()
    response = coordinator.post(reverse(Location.snippet_viewset.get_url_name("add")), data)
    assert response.status_code == 302, response.context["form"].errors
    place = Location.all_objects.get(code="LIE900")
    assert place.live is publish
    assert trace.logged == ["wagtail.create"]
    assert len(trace.announced) == int(publish)
    assert leaks(whole_database_but_the_vault()) == []
    kept = ConfidentialAddress.objects.get(location=place)
    assert (kept.address, kept.postal_code, str(kept.latitude)) == (STREET, CODE, LATITUDE)


def test_a_refused_creation_does_not_repeat_the_address(coordinator):
    data = {"code": "", "name": "Le Refuge", "is_confidential": "on", **ADDRESS, "postal_code": "H0H 0H"}
    response = coordinator.post(reverse(Location.snippet_viewset.get_url_name("add")), data)
    assert response.status_code == 200
    assert leaks(response.content.decode()) == []
    assert "H0H 0H" not in response.content.decode()
    assert not ConfidentialAddress.objects.exists()


def test_the_preview_keeps_no_address(shelter, coordinator):
    add = reverse(Location.snippet_viewset.get_url_name("preview_on_add"))
    organization = shelter.organization_id
    data = {"code": "LIE901", "name": "Le Refuge", "organization": organization, "is_confidential": "on", **ADDRESS}
    assert json.loads(coordinator.post(add, data).content)["is_valid"]
    assert leaks(coordinator.get(add).content.decode()) == []
    # A form opened before the place became confidential is still open in somebody's browser.
    edit = page(shelter, "preview_on_edit")
    opened = {**sent(coordinator.get(page(shelter, "edit")).context["form"]), **ADDRESS}
    assert json.loads(coordinator.post(edit, opened).content)["is_valid"]
    assert leaks(coordinator.get(edit).content.decode()) == []
    assert FormState.objects.count() == 2
    assert leaks("".join(FormState.objects.values_list("data", flat=True))) == []


def test_hiding_forgets_what_an_open_form_kept_for_its_preview(coordinator):
    place = building.location(**ADDRESS)
    data = sent(coordinator.get(page(place, "edit")).context["form"])
    coordinator.post(page(place, "preview_on_edit"), data)
    assert leaks(FormState.objects.get().data.replace("+", " ").replace("%2C", ","))
    actions.hide_address(None, place)
    assert not FormState.objects.exists()


def test_lifting_brings_the_address_back_for_a_reason(shelter, manager, trace):
    trace.clear()
    data = {"step": "show", "show-justification": "La maison a déménagé, ce lieu est public."}
    assert manager.post(page(shelter, "confidential_address"), data).status_code == 302
    fresh = Location.objects.get(pk=shelter.pk)
    assert (fresh.is_confidential, fresh.address, fresh.postal_code) == (False, f"{STREET}, porte B", CODE)
    assert not ConfidentialAddress.objects.exists()
    assert AddressDisclosure.objects.count() == 1
    assert (trace.logged, trace.announced) == (["registry.show_address"], [(Location, [shelter.pk])])
    # Publishing the draft that was waiting does not empty it.
    actions.publish_revision(None, fresh.latest_revision)
    assert Location.objects.get(pk=shelter.pk).address == f"{STREET}, porte B"


@pytest.mark.parametrize(("role", "status"), [(Role.COORDINATOR, 302), (Role.MANAGER, 200), (Role.ADMINISTRATOR, 200)])
def test_the_list_of_openings_is_the_managers(shelter, role, status, sign_in):
    actions.reveal_address(building.account(Role.MANAGER, username="genevieve"), shelter, REASON)
    client = sign_in(role)
    response = client.get(reverse("consultations-adresses:index"))
    assert response.status_code == status
    if status == 200:
        body = response.content.decode()
        assert REASON in body
        assert "genevieve" in body
        assert leaks(body) == []
    assert ("consultations-adresses" in client.get("/admin/").content.decode()) is (status == 200)


def test_the_database_itself_refuses_an_address_on_a_confidential_place(shelter):
    with pytest.raises(IntegrityError, match="location_confidential_address_elsewhere"), transaction.atomic():
        Location.all_objects.filter(pk=shelter.pk).update(address=STREET)


def test_words_about_the_vault_never_hold_the_address(shelter):
    kept = ConfidentialAddress.objects.get(location=shelter)
    assert leaks(f"{kept} {kept!r} {kept.__dict__['location_id']}") == []


def test_an_announcement_carries_no_value(shelter):
    heard: list[Any] = []

    def hear(**message: Any) -> None:
        heard.append({key: value for key, value in message.items() if key != "signal"})

    record_changed.connect(hear)
    try:
        actions.set_confidential_address(None, shelter, address=STREET, postal_code=CODE)
    finally:
        record_changed.disconnect(hear)
    assert heard
    assert leaks(repr(heard)) == []


def test_nothing_of_it_reaches_the_journal(shelter, manager: Client, caplog: pytest.LogCaptureFixture):
    with caplog.at_level("DEBUG", logger="wagtail"), caplog.at_level("DEBUG", logger="django.request"):
        manager.post(page(shelter, "confidential_address"), {"step": "reveal", "reveal-justification": REASON})
        manager.post(page(shelter, "confidential_address"), {"step": "replace", **ADDRESS})
        manager.post(page(shelter, "confidential_address"), {"step": "replace", **ADDRESS, "latitude": "999"})
    assert leaks(caplog.text) == []
    assert connection.vendor
