"""From the upload to the network: what is seen is what is written, and nothing else."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from registry import actions, importing
from registry.enums import Role
from registry.imports import jobs, progress, reading, storage
from registry.models import ImportLine, ImportStatus, LineKind, Organization, Service, WorkbookImport
from registry.workbook import apply as workbook_apply
from tests.registry.workbook_tools import FIXTURE

from .conftest import Office, work

ORGANIZATIONS = {
    "Organismes": [
        ["Code", "Nom", "Type de partenaire", "Téléphone"],
        ["ORG001", "CLSC de la Rive", "CLSC", "418-555-0199"],
        ["ORG010", "Entraide du Fleuve", "Organisme communautaire", "418-555-0110"],
        ["ORG011", "", "CLSC", "418-555-0111"],
    ]
}
WITH_SERVICE = {
    **ORGANIZATIONS,
    "Services": [
        ["Code", "Organisme", "Nom du service", "Téléphone"],
        ["SRV0100", "ORG010", "Écoute du Fleuve", "418-555-0110"],
        ["SRV0001", "ORG001", "Accueil psychosocial", "418-555-0101"],
    ],
}


def phone_of(code: str) -> str:
    return Organization.objects.get(code=code).phone


class TestPreview:
    def test_reading_writes_nothing_and_shows_every_change(self, office: Office) -> None:
        item = office.read(ORGANIZATIONS)
        assert item.status == ImportStatus.PREVIEW
        counts = item.counts
        assert (counts["added"], counts["changed"], counts["rejected"]) == (1, 1, 1)
        assert phone_of("ORG001") == "418-555-0101"
        assert not Organization.all_objects.filter(code="ORG010").exists()
        page = office.page(item)
        assert "418-555-0101</del>" in page and "418-555-0199</ins>" in page
        assert "Entraide du Fleuve" in page
        assert "Le nom (ou le titre, ou la contribution attendue) est vide" in page

    @pytest.mark.parametrize(
        ("query", "shown", "hidden"),
        [
            ("?sorte=ajout", "Entraide du Fleuve", "418-555-0199"),
            ("?sorte=changement", "418-555-0199", "Entraide du Fleuve"),
            ("?sorte=rejet", "Le nom (ou le titre, ou la contribution attendue) est vide", "Entraide du Fleuve"),
            ("?feuille=Services", "Écoute du Fleuve", "418-555-0199"),
            ("?champ=T%C3%A9l%C3%A9phone&sorte=changement", "418-555-0199", "Écoute du Fleuve"),
            ("?champ=Courriel", "Aucune ligne ne répond", "Entraide du Fleuve"),
            ("?motif=nom_manquant", "Le nom (ou le titre, ou la contribution attendue) est vide", "418-555-0199"),
            ("?sorte=%00%27&feuille=x&page=-3", "Aucune ligne ne répond", "418-555-0199"),
        ],
    )
    def test_filters(self, office: Office, query: str, shown: str, hidden: str) -> None:
        item = office.read(WITH_SERVICE)
        page = office.page(item, query)
        assert shown in page
        assert hidden not in page

    def test_only_the_sheets_asked_for_are_read(self, office: Office) -> None:
        item = office.read(WITH_SERVICE, sheets=["Services"])
        assert [sheet["target"] for sheet in item.report["sheets"]] == ["Services"]
        assert {"sheet": "Organismes", "reason": reading.NOT_CHOSEN} in item.report["ignored_sheets"]

    def test_a_sheet_that_the_role_may_not_write_is_not_read(self, office: Office) -> None:
        item = office.read({**ORGANIZATIONS, "Territoires": [["Code", "Nom", "Type"], ["NEUF", "Neuf", "RLS"]]})
        assert "Votre rôle ne permet pas" in office.page(item)
        assert office.apply(item).status == ImportStatus.APPLIED

    def test_values_that_look_like_markup_are_shown_as_text(self, office: Office) -> None:
        item = office.read({"Organismes": [["Code", "Nom", "Type de partenaire"], ["ORG001", "<b>Gras</b>", "CLSC"]]})
        assert "&lt;b&gt;Gras" in office.page(item)
        assert "<b>Gras" not in office.page(item)

    def test_a_hundred_lines_take_pages(self, office: Office) -> None:
        rows = [[f"ORG{number}", f"Organisme {number}", "CLSC"] for number in range(200, 320)]
        item = office.read({"Organismes": [["Code", "Nom", "Type de partenaire"], *rows]})
        first, second = office.page(item), office.page(item, "?page=2")
        assert "Organisme 205" in first and "Organisme 205" not in second
        assert "Organisme 260" in second and "Organisme 260" not in first


class TestApplying:
    def test_what_was_seen_is_written_once_and_the_file_is_deleted(self, office: Office) -> None:
        item = office.read(ORGANIZATIONS)
        stored = Path(office.folder / "donnees" / "imports" / item.stored_name)
        assert stored.exists()
        item = office.apply(item)
        assert (item.status, item.added, item.changed, item.applied_by) == (ImportStatus.APPLIED, 1, 1, office.user)
        assert phone_of("ORG001") == "418-555-0199"
        assert Organization.objects.get(code="ORG010").name == "Entraide du Fleuve"
        assert not stored.exists() and not item.stored_name
        assert ModelLogEntry.objects.filter(user=office.user).count() == 2
        assert "1\u00a0fiche ajoutée, 1\u00a0fiche modifiée" in office.page(item)
        # Pressing the button again does nothing.
        assert office.apply(item).status == ImportStatus.APPLIED
        assert ModelLogEntry.objects.filter(user=office.user).count() == 2

    def test_again_the_same_file_changes_nothing(self, office: Office) -> None:
        office.apply(office.read(WITH_SERVICE))
        item = office.read(WITH_SERVICE)
        assert (item.counts["added"], item.counts["changed"], item.counts["unchanged"]) == (0, 0, 4)
        assert office.apply(item).status == ImportStatus.PREVIEW

    def test_rows_left_out_are_not_written(self, office: Office) -> None:
        item = office.read(WITH_SERVICE)
        answer = office.do("leave_out", item, montree=["0:2", "0:3"], ecarter=["0:2"], sorte="ajout", page="1")
        assert answer.url.endswith(f"/{item.pk}/?sorte=ajout&page=1")
        assert "1\u00a0ligne écartée" in office.page(item)
        item = office.apply(item)
        assert (item.status, item.added, item.changed) == (ImportStatus.APPLIED, 2, 0)
        assert phone_of("ORG001") == "418-555-0101"

    def test_a_row_left_out_can_come_back(self, office: Office) -> None:
        item = office.read(ORGANIZATIONS)
        office.do("leave_out", item, montree=["0:2", "0:3"], ecarter=["0:2", "0:3"])
        assert item.lines.filter(left_out=True).count() == 2
        office.do("leave_out", item, montree=["0:2"])
        assert list(item.lines.filter(left_out=True).values_list("row", flat=True)) == [3]
        item = office.apply(item)
        assert (item.added, item.changed) == (0, 1)

    def test_ticks_sent_with_the_apply_button_count(self, office: Office) -> None:
        item = office.apply(office.read(ORGANIZATIONS), montree=["0:2", "0:3"], ecarter=["0:3"])
        assert (item.added, item.changed) == (0, 1)

    def test_a_script_keeps_ticks_without_leaving_the_page(self, office: Office) -> None:
        item = office.read(ORGANIZATIONS)
        answer = office.client.post(
            reverse("importations:leave_out", args=[item.pk]), {"montree": ["0:2"], "ecarter": ["0:2"]},
            headers={"X-Requested-With": "fetch"},
        )  # fmt: skip
        assert answer.json() == {"added": 1, "changed": 0, "left_out": 1}

    @pytest.mark.parametrize("odd", ["9:2", "x", "0:-1", "0:99999999999", ":", "0:2:3"])
    def test_odd_keys_break_nothing(self, office: Office, odd: str) -> None:
        item = office.read(ORGANIZATIONS)
        assert office.do("leave_out", item, montree=[odd], ecarter=[odd]).status_code == 302
        assert not item.lines.filter(left_out=True).exists()

    def test_everything_left_out_writes_nothing(self, office: Office) -> None:
        item = office.apply(office.read(ORGANIZATIONS), montree=["0:2", "0:3"], ecarter=["0:2", "0:3"])
        assert item.status == ImportStatus.PREVIEW
        assert phone_of("ORG001") == "418-555-0101"

    def test_what_depended_on_a_row_left_out_is_shown_again_before_anything_is_written(self, office: Office) -> None:
        item = office.read(WITH_SERVICE)
        item = office.apply(item, montree=["0:3"], ecarter=["0:3"])  # the organization of the new service
        assert item.status == ImportStatus.PREVIEW
        assert item.notice == jobs.MOVED
        assert not Service.all_objects.filter(code="SRV0100").exists()
        rejected = item.lines.get(kind=LineKind.REJECTED, sheet="Services")
        assert rejected.code == "organisme_introuvable"
        assert item.lines.get(sheet="Organismes", row=3).left_out
        item = office.apply(item)
        assert (item.status, item.added, item.changed) == (ImportStatus.APPLIED, 0, 1)

    def test_a_network_that_moved_is_shown_again_before_anything_is_written(self, office: Office) -> None:
        item = office.read(ORGANIZATIONS)
        clsc = Organization.objects.get(code="ORG001")
        clsc.phone = "418-555-0177"
        actions.edit(None, clsc)
        item = office.apply(item)
        assert item.status == ImportStatus.PREVIEW
        assert phone_of("ORG001") == "418-555-0177"
        page = office.page(item, "?sorte=differentes")
        assert "418-555-0177</del>" in page and "Entraide du Fleuve" not in page
        item = office.apply(item)
        assert item.status == ImportStatus.APPLIED
        assert phone_of("ORG001") == "418-555-0199"

    def test_a_conflict_while_writing_leaves_nothing(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        item = office.read(ORGANIZATIONS)
        real = workbook_apply.apply

        def then_conflict(*args: Any, **kwargs: Any) -> Any:
            real(*args, **kwargs)
            raise workbook_apply.ApplyConflict("Feuille « Organismes », ligne 2 : le champ a été modifié entre-temps.")

        monkeypatch.setattr(workbook_apply, "apply", then_conflict)
        item = office.apply(item)
        assert item.status == ImportStatus.FAILED
        assert "modifié entre-temps" in office.page(item)
        assert phone_of("ORG001") == "418-555-0101"
        assert not Organization.all_objects.filter(code="ORG010").exists()
        monkeypatch.undo()
        office.do("retry", item)
        assert office.apply(work(item)).status == ImportStatus.APPLIED

    def test_one_closed_while_it_is_written_is_not_written(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item = office.read(ORGANIZATIONS)
        real = workbook_apply.apply

        def meanwhile(*args: Any, **kwargs: Any) -> Any:
            WorkbookImport.objects.filter(pk=item.pk).update(status=ImportStatus.FAILED, worker="")
            return real(*args, **kwargs)

        monkeypatch.setattr(workbook_apply, "apply", meanwhile)
        office.apply(item)
        assert not Organization.all_objects.filter(code="ORG010").exists()

    def test_a_deleted_account_never_becomes_the_system(self, office: Office, another: Any) -> None:
        item = office.read(ORGANIZATIONS)
        other = another(Role.MANAGER)
        other.do("apply", item)
        other.user.delete()
        item = work(item)
        assert item.status == ImportStatus.FAILED
        assert not Organization.all_objects.filter(code="ORG010").exists()

    def test_a_role_lost_meanwhile_writes_nothing(self, office: Office) -> None:
        item = office.read(ORGANIZATIONS)
        office.do("apply", item)
        office.user.memberships.all().delete()
        item = work(item)
        assert item.status != ImportStatus.APPLIED
        assert not Organization.all_objects.filter(code="ORG010").exists()

    @pytest.mark.slow
    def test_the_whole_network_then_nothing(self, db: None, tmp_path: Path) -> None:
        administrator = Office(tmp_path, Role.ADMINISTRATOR)
        item = administrator.read(FIXTURE)
        assert (item.status, item.doubts) == (ImportStatus.PREVIEW, [])
        assert (item.counts["added"], item.counts["rejected"]) == (1888, 0)
        item = administrator.apply(item)
        assert (item.status, item.added) == (ImportStatus.APPLIED, 1888)
        item = administrator.read(FIXTURE)
        assert (item.counts["added"], item.counts["changed"], item.counts["unchanged"]) == (0, 0, 1888)
        assert not item.lines.filter(writes=True).exists()


class TestOneAtATime:
    def test_others_are_told_that_an_import_is_under_way(self, office: Office, another: Any) -> None:
        mine, theirs = office.read(ORGANIZATIONS), office.read(WITH_SERVICE)
        office.do("apply", mine)
        other = another(Role.MANAGER)
        answer = other.client.post(reverse("importations:apply", args=[theirs.pk]), follow=True)
        assert "Une importation est en cours" in answer.content.decode()
        theirs.refresh_from_db()
        assert theirs.status == ImportStatus.PREVIEW
        refused = other.client.post(reverse("importations:index"), {"file": b""})
        assert refused.status_code == 409 and "Une importation est en cours" in refused.content.decode()
        assert other.client.get(reverse("importations:index")).status_code == 200

    def test_two_buttons_at_the_same_instant(self, office: Office) -> None:
        """The page saw nothing under way, and somebody was quicker."""
        mine, theirs = office.read(ORGANIZATIONS), office.read(WITH_SERVICE)
        assert jobs.ask_applying(mine, office.user)
        assert not jobs.ask_applying(theirs, office.user)
        with pytest.raises(IntegrityError):
            WorkbookImport.objects.filter(pk=theirs.pk).update(status=ImportStatus.APPLYING)

    def test_an_import_from_a_terminal_counts_too(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        item = office.read(ORGANIZATIONS)
        monkeypatch.setattr(importing, "in_progress", lambda writes=False: True)
        assert "Une importation est en cours" in office.client.get(reverse("importations:index")).content.decode()
        assert office.client.post(reverse("importations:index")).status_code == 409
        answer = office.client.post(reverse("importations:apply", args=[item.pk]), follow=True)
        assert "Une importation est en cours" in answer.content.decode()
        item.refresh_from_db()
        assert item.status == ImportStatus.PREVIEW

    def test_an_import_that_begins_first_leaves_the_preview_as_it_was(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item = office.read(ORGANIZATIONS)

        def taken() -> Any:
            raise importing.InProgress

        monkeypatch.setattr(importing, "announced", taken)
        item = office.apply(item)
        assert (item.status, item.notice) == (ImportStatus.PREVIEW, importing.OTHER_IMPORT)
        monkeypatch.undo()
        assert office.apply(item).status == ImportStatus.APPLIED

    def test_a_database_taken_by_a_long_write_is_a_sentence(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item = office.read(ORGANIZATIONS)

        def locked(*args: Any, **kwargs: Any) -> None:
            raise OperationalError("database is locked")

        monkeypatch.setattr(jobs, "ask_applying", locked)
        answer = office.do("apply", item)
        assert answer.status_code == 503
        assert "Une importation est en cours" in answer.content.decode()


class TestInterruptions:
    def test_a_worker_that_died_leaves_an_import_to_start_again(self, office: Office) -> None:
        item = office.send(ORGANIZATIONS)
        long_ago = timezone.now() - timedelta(seconds=progress.DEAD_AFTER + 1)
        WorkbookImport.objects.filter(pk=item.pk).update(
            status=ImportStatus.READING, worker="parti", phase_started_at=long_ago
        )
        page = office.page(item)
        assert "vous pouvez le relancer" in page and "Relancer</button>" in page
        office.do("retry", item)
        assert work(item).status == ImportStatus.PREVIEW

    def test_an_application_that_died_frees_the_place(self, office: Office) -> None:
        item = office.read(ORGANIZATIONS)
        office.do("apply", item)
        long_ago = timezone.now() - timedelta(seconds=progress.DEAD_AFTER + 1)
        WorkbookImport.objects.filter(pk=item.pk).update(worker="parti", phase_started_at=long_ago)
        assert jobs.recover() == 1
        item.refresh_from_db()
        assert item.status == ImportStatus.FAILED
        assert jobs.applying() is None

    def test_one_that_lives_is_left_alone(self, office: Office) -> None:
        item = office.send(ORGANIZATIONS)
        long_ago = timezone.now() - timedelta(hours=1)
        WorkbookImport.objects.filter(pk=item.pk).update(
            status=ImportStatus.READING, worker="au travail", phase_started_at=long_ago
        )
        with progress.Reporter(item.pk):
            assert jobs.recover() == 0

    def test_what_waits_for_the_worker_waits(self, office: Office, settings: Any) -> None:
        item = office.send(ORGANIZATIONS)
        WorkbookImport.objects.filter(pk=item.pk).update(phase_started_at=timezone.now() - timedelta(hours=1))
        assert jobs.recover() == 0
        settings.PASSERELLES_IMPORT_WORKER = False  # nobody will come: the process that was started died
        assert jobs.recover() == 1

    def test_a_piece_of_work_is_done_by_one_process(self, office: Office) -> None:
        item = office.send(ORGANIZATIONS)
        assert jobs.run(item.pk)
        assert not jobs.run(item.pk)

    def test_an_unreadable_file_says_what_to_do(self, office: Office) -> None:
        """A file that looked like a workbook from outside."""
        path = office.folder / "vide.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("lisez-moi.txt", "rien")
        item = storage.keep([path.read_bytes()], "vide.xlsx", office.user)
        work(item)
        assert item.status == ImportStatus.FAILED
        assert "nregistrez" in office.page(item)
        assert item.error and "Error" not in item.error

    def test_an_unexpected_error_is_logged_without_what_it_says(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(*args: Any, **kwargs: Any) -> None:
            raise RuntimeError(said)

        said = "DETAIL: Failing row contains (9000, rue du Secret)"
        monkeypatch.setattr(reading, "compare", broken)
        item = office.read(ORGANIZATIONS)
        assert item.error == jobs.UNEXPECTED
        assert "RuntimeError" in caplog.text
        assert "Secret" not in caplog.text

    def test_abandoning_deletes_the_file_and_the_lines(self, office: Office) -> None:
        item = office.read(ORGANIZATIONS)
        stored = office.folder / "donnees" / "imports" / item.stored_name
        office.do("abandon", item)
        item.refresh_from_db()
        assert item.status == ImportStatus.ABANDONED
        assert not stored.exists()
        assert not ImportLine.objects.exists()
        assert "rien n’a été écrit" in office.page(item)


class TestHistory:
    def test_who_when_what_and_the_counts(self, office: Office, another: Any) -> None:
        office.apply(office.read(ORGANIZATIONS))
        office.send(WITH_SERVICE, name="autre.xlsx")
        page = another(Role.MANAGER).client.get(reverse("importations:index")).content.decode()
        for words in (
            "classeur.xlsx",
            "autre.xlsx",
            office.user.username,
            "1\u00a0ajout, 1\u00a0changement",
            "Appliqué",
        ):
            assert words in page

    def test_what_waits_is_on_the_first_page_of_the_admin(self, office: Office) -> None:
        office.read(ORGANIZATIONS)
        assert "importation à terminer" in office.client.get(reverse("wagtailadmin_home")).content.decode()

    def test_progress_for_the_page_that_waits(self, office: Office) -> None:
        item = office.send(ORGANIZATIONS)
        assert "En attente" in office.page(item)
        with progress.Reporter(item.pk) as reporter:
            reporter.start("Lecture", 200)
            reporter.tell(200)
            told = office.client.get(reverse("importations:progress", args=[item.pk])).json()
            assert (told["busy"], told["phase"], told["done"], told["percent"]) == (True, "Lecture", 200, 100)
            assert "200 lignes sur 200" in office.page(item)
