"""The bulk form of the actions leaves records as an ordinary edit does: history, comparison, announcement, log."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.template import engines
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry, Revision

from registry import actions, bulk
from registry.models import Contact, Need, NeedSynonym, Organization, Service
from registry.signals import record_changed, record_changing

from .workbook_tools import bring_in, small_network

pytestmark = pytest.mark.django_db

HEADINGS = ["Code", "Organisme", "Nom du service", "Besoins", "Territoires desservis", "Lieux", "Téléphone"]
ROWS = [
    HEADINGS,
    ["SRV0001", "ORG001", "Accueil psychosocial", "Crise psychosociale", "LIM", "LIE001", "811"],
    ["SRV0009", "ORG001", "Groupe du jeudi", "Écoute téléphonique ; Crise psychosociale", "LIM ; QC", "", "911"],
]


@pytest.fixture
def network():
    small_network()


@pytest.fixture
def boss(client, monkeypatch):
    # Wagtail's own templates lean on undefined variables.
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "")
    user = get_user_model().objects.create_superuser("boss", "boss@example.org", "mot de passe long")
    client.force_login(user)
    return user


@pytest.fixture
def announcements():
    heard: list[tuple[str, str, list[int]]] = []

    def hear(sender: Any, ids: list[int], signal: Any, **kwargs: Any) -> None:
        heard.append(("changing" if signal is record_changing else "changed", sender.__name__, list(ids)))

    record_changing.connect(hear)
    record_changed.connect(hear)
    yield heard
    record_changing.disconnect(hear)
    record_changed.disconnect(hear)


class TestAsAnOrdinaryEdit:
    def test_published_with_a_revision_and_one_log_entry_each(self, network, boss, tmp_path):
        bring_in(tmp_path, {"Services": ROWS}, user=boss)
        for code, action in (("SRV0001", "wagtail.publish"), ("SRV0009", "wagtail.create")):
            service = Service.objects.get(code=code)
            entry = ModelLogEntry.objects.for_instance(service).get()
            assert (entry.action, entry.user, entry.content_changed) == (action, boss, True)
            assert entry.data == {"import": "classeur.xlsx"}
            assert service.latest_revision == service.live_revision == entry.revision == service.revisions.get()
            assert service.latest_revision.user == boss
            assert not service.has_unpublished_changes
            assert service.first_published_at is not None
            assert service.last_published_at is not None
        assert ModelLogEntry.objects.values("uuid").distinct().count() == 1

    def test_the_revision_holds_what_an_ordinary_save_would_have_kept(self, network, boss, tmp_path):
        bring_in(tmp_path, {"Services": ROWS}, user=boss)
        for code in ("SRV0001", "SRV0009"):
            service = Service.objects.get(code=code)
            bulked = service.latest_revision.content
            actions.edit(boss, service)
            ordinary = Service.objects.get(code=code).latest_revision.content
            moving = {"latest_revision", "live_revision", "last_published_at", "first_published_at", "live"}
            same = {name: value for name, value in ordinary.items() if name not in moving}
            assert {name: bulked.get(name) for name in same} == same

    def test_history_comparison_and_edit_views_work(self, network, boss, client, tmp_path):
        bring_in(tmp_path, {"Services": ROWS}, user=boss)
        changed = [list(row) for row in ROWS]
        changed[1][6], changed[1][3] = "418-555-0177", "Écoute téléphonique"
        bring_in(tmp_path, {"Services": changed}, user=boss)
        service = Service.objects.get(code="SRV0001")
        old, new = service.revisions.order_by("pk")
        viewset = Service.snippet_viewset
        for name, arguments in (
            ("edit", [service.pk]), ("history", [service.pk]),
            ("revisions_compare", [service.pk, old.pk, new.pk]), ("revisions_revert", [service.pk, old.pk]),
        ):  # fmt: skip
            response = client.get(reverse(viewset.get_url_name(name), args=arguments))
            assert response.status_code == 200, name
        page = client.get(reverse(viewset.get_url_name("revisions_compare"), args=[service.pk, old.pk, new.pk]))
        assert "418-555-0177" in page.content.decode()

    def test_an_ordinary_edit_works_after_a_bulk_one(self, network, boss, tmp_path):
        bring_in(tmp_path, {"Services": ROWS}, user=boss)
        service = Service.objects.get(code="SRV0009")
        service.name = "Groupe du vendredi"
        actions.edit(boss, service)
        service = Service.objects.get(code="SRV0009")
        assert service.name == "Groupe du vendredi"
        assert [link.need.term for link in service.need_links.all()] == ["Écoute téléphonique", "Crise psychosociale"]
        assert service.revisions.count() == 2

    def test_values_take_their_stored_form(self, network, tmp_path):
        headings = ["Code", "Organisme", "Nom du service", "Heures", "Téléphone"]
        row = ["SRV0005", "ORG001", "Halte", "Lun-Ven 9h-17h", "(418) 555 0123"]
        bring_in(tmp_path, {"Services": [headings, row]})
        service = Service.objects.get(code="SRV0005")
        assert service.hours_pattern.startswith("Mo-Fr 09:00-17:00")
        assert service.phone == "418-555-0123"


class TestAnnouncements:
    def test_each_kind_of_record_is_announced_once(self, network, announcements, tmp_path):
        bring_in(tmp_path, {
            "Services": ROWS,
            "Contacts": [["Organisme", "Nom"], ["ORG001", "Luc Roy"], ["ORG002", "Ève Roy"]],
        })  # fmt: skip
        existing, added = (Service.objects.get(code=code).pk for code in ("SRV0001", "SRV0009"))
        people = list(Contact.objects.order_by("pk").values_list("pk", flat=True))
        assert announcements == [
            ("changing", "Service", [existing]),
            ("changed", "Service", [existing, added]),
            ("changed", "Contact", people),
        ]

    def test_a_failure_announces_nothing_lasting(self, network, announcements):
        halte = Service(code="SRV0100", name="Halte", organization=Organization.objects.first())
        with pytest.raises(ZeroDivisionError), bulk.Batch(None, Service) as batch:
            batch.create([halte], link=lambda: [str(1 // 0)])
        assert [kind for kind, _model, _ids in announcements] == []
        assert not Service.all_objects.filter(code="SRV0100").exists()
        assert not Revision.objects.exists()


class TestNumberOfQueries:
    @staticmethod
    def needed(count: int) -> dict[str, int]:
        """SQL statements for creating then editing `count` contacts, by table and verb, whatever their size."""
        organization = Organization.objects.first()
        contacts = [Contact(organization_id=organization.pk, name=f"Personne {number}") for number in range(count)]
        with CaptureQueriesContext(connection) as creating, bulk.Batch(None, Contact) as batch:
            batch.create(contacts)
        keys = [contact.pk for contact in contacts]
        with CaptureQueriesContext(connection) as editing, bulk.Batch(None, Contact, keys) as batch:
            loaded = bulk.load(Contact, keys)
            for contact in loaded.values():
                contact.role = "Intervenante"
            batch.edit(list(loaded.values()))
        assert Contact.objects.filter(role="Intervenante").count() == count
        Contact.all_objects.all().delete()
        return {"creating": len(creating), "editing": len(editing)}

    def test_it_does_not_grow_with_the_records(self, network, monkeypatch):
        monkeypatch.setattr(connection.features, "max_query_params", 30_000)
        assert self.needed(3) == self.needed(200)

    def test_children_and_links_do_not_add_a_query_each(self, network, monkeypatch):
        monkeypatch.setattr(connection.features, "max_query_params", 30_000)
        needs = list(Need.objects.all())
        organization = Organization.objects.first()

        def queries(count: int) -> int:
            services = []
            for number in range(count):
                service = Service(code=f"X{count}-{number}", name="Halte", organization_id=organization.pk)
                service.need_links = [Service.need_links.rel.related_model(need_id=need.pk) for need in needs]
                services.append(service)
            with CaptureQueriesContext(connection) as captured, bulk.Batch(None, Service) as batch:
                batch.create(services)
            with CaptureQueriesContext(connection) as loading:
                loaded = bulk.load(Service, [service.pk for service in services])
                assert [len(service.need_links.all()) for service in loaded.values()] == [2] * count
            return len(captured) + len(loading)

        assert queries(2) == queries(100)


class TestChildren:
    def test_unchanged_children_keep_their_keys(self, network, tmp_path):
        need = Need.objects.get(term="Crise psychosociale")
        kept = NeedSynonym.objects.create(need=need, text="urgence", sort_order=0)
        gone = NeedSynonym.objects.create(need=need, text="panique", sort_order=1)
        bring_in(tmp_path, {"Vocabulaire": [["Terme", "Synonymes"], ["Crise psychosociale", "détresse ; urgence"]]})
        assert list(need.synonyms.values_list("text", flat=True)) == ["détresse", "urgence"]
        assert need.synonyms.get(text="urgence").pk == kept.pk
        assert not NeedSynonym.objects.filter(pk=gone.pk).exists()

    def test_keywords_that_the_workbook_knows_nothing_of_stay(self, network, boss, tmp_path):
        service = Service.objects.get(code="SRV0001")
        service.keywords.add("nuit", "itinérance")
        service.save()
        bring_in(tmp_path, {"Services": ROWS})
        service = Service.objects.get(code="SRV0001")
        assert sorted(service.keywords.names()) == ["itinérance", "nuit"]
        assert len(service.latest_revision.content["tagged_items"]) == 2


class TestRights:
    def test_a_stranger_writes_nothing(self, network):
        stranger = get_user_model().objects.create_user("passant")
        with pytest.raises(PermissionDenied), bulk.Batch(stranger, Service) as batch:
            batch.create([Service(code="SRV0100", name="Halte", organization=Organization.objects.first())])
        with pytest.raises(PermissionDenied), bulk.Batch(stranger, Service) as batch:
            batch.edit(list(Service.objects.all()))
        with pytest.raises(PermissionDenied), bulk.Batch(stranger, Service) as batch:
            batch.note(list(Service.objects.all()), "wagtail.edit")
