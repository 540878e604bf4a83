"""Workbooks imported from the admin: who, when, what came of it; and every line of the preview.

No confidential value is ever kept here: `registry.imports` writes « (confidentiel) » in its place.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class ImportStatus(models.TextChoices):
    RECEIVED = "recu", "Reçu"
    ASKING = "a_preciser", "À préciser"
    READING = "lecture", "Lecture"
    PREVIEW = "apercu", "Aperçu"
    APPLYING = "application", "Application"
    APPLIED = "applique", "Appliqué"
    FAILED = "echoue", "Échoué"
    ABANDONED = "abandonne", "Abandonné"


class LineKind(models.TextChoices):
    ADDED = "ajout", "Ajout"
    CHANGED = "changement", "Changement"
    REJECTED = "rejet", "Rejet"
    WARNING = "avertissement", "Avertissement"


class WorkbookImport(models.Model):
    """One uploaded workbook, from its reception to what it wrote. The file itself is kept a day at most."""

    # An uploaded file is deleted once applied, or this long after it was received.
    KEPT_FOR = timedelta(hours=24)
    # Something is asked of the worker, or under way.
    BUSY = (ImportStatus.RECEIVED, ImportStatus.READING, ImportStatus.APPLYING)
    OPEN = (*BUSY, ImportStatus.ASKING, ImportStatus.PREVIEW)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="workbook_imports", verbose_name="envoyé par"
    )
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="appliqué par"
    )
    created_at = models.DateTimeField("reçu le", default=timezone.now, editable=False)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)
    file_name = models.CharField("fichier", max_length=255)
    size = models.PositiveBigIntegerField("taille (octets)", default=0)
    sha256 = models.CharField("empreinte du fichier", max_length=64)
    # Name under the private folder of imports; blank once the file is deleted.
    stored_name = models.CharField(max_length=80, blank=True)
    status = models.CharField("état", max_length=12, choices=ImportStatus.choices, default=ImportStatus.RECEIVED)
    # Which process works on it; blank while it waits for one.
    worker = models.CharField(max_length=80, blank=True)
    phase = models.CharField("étape", max_length=120, blank=True)
    done = models.PositiveIntegerField("lignes faites", default=0)
    total = models.PositiveIntegerField("lignes en tout", default=0)
    phase_started_at = models.DateTimeField("étape commencée le", null=True, blank=True)
    # Canonical names of the sheets asked for; empty = all.
    sheets = models.JSONField("feuilles choisies", default=list, blank=True)
    layout = models.CharField("empreinte de la disposition", max_length=64, blank=True)
    # What stays doubtful, and what was answered: see `registry.imports.mapping`.
    doubts = models.JSONField(default=list, blank=True)
    mapping = models.JSONField("correspondances", default=dict, blank=True)
    # Sheets, their headings and columns, counts: everything of the report but its lines.
    report = models.JSONField("rapport", default=dict, blank=True)
    notice = models.TextField("avis", blank=True)
    error = models.TextField("erreur", blank=True)
    added = models.PositiveIntegerField("fiches ajoutées", null=True, blank=True)
    changed = models.PositiveIntegerField("fiches modifiées", null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "importation"
        verbose_name_plural = "importations"
        ordering = ["-created_at", "-pk"]
        constraints = [
            # Two workbooks written at once would each be compared with a network that moves.
            models.UniqueConstraint(
                fields=["status"], condition=models.Q(status="application"), name="import_one_applies"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({timezone.localtime(self.created_at):%Y-%m-%d %H:%M})"

    @property
    def is_busy(self) -> bool:
        return self.status in self.BUSY

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def has_file(self) -> bool:
        return bool(self.stored_name)

    @property
    def counts(self) -> dict[str, Any]:
        """Lines found when the file was read: added, changed, unchanged, rejected, warnings, absent."""
        return self.report.get("counts", {})


class SheetLayout(models.Model):
    """What a sheet with this name and these headings was taken for: nobody is asked twice about the same layout."""

    fingerprint = models.CharField("empreinte", max_length=64, unique=True)
    # Canonical sheet; blank = left aside.
    target = models.CharField("feuille", max_length=32, blank=True)
    # Heading as written → canonical column, or null.
    columns = models.JSONField("colonnes", default=dict)
    updated_at = models.DateTimeField("retenu le", auto_now=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "disposition de feuille"
        verbose_name_plural = "dispositions de feuille"
        ordering = ["-updated_at", "pk"]

    def __str__(self) -> str:
        return f"{self.target or 'laissée de côté'} ({len(self.columns)} colonnes)"


class ImportLine(models.Model):
    """One line of a preview: a record added or changed, a row rejected, a thing to look at."""

    workbook_import = models.ForeignKey(
        WorkbookImport, models.CASCADE, related_name="lines", verbose_name="importation"
    )
    # Order of the preview: by sheet, row, kind (see `position_of`); rows read again fall back in their place.
    position = models.PositiveBigIntegerField()
    # Name of the sheet as written; the canonical sheet that it is.
    sheet = models.CharField("feuille", max_length=255)
    target = models.CharField(max_length=32)
    row = models.PositiveIntegerField("ligne")
    kind = models.CharField("sorte", max_length=14, choices=LineKind.choices)
    # The record's code or key.
    label = models.CharField("fiche", max_length=255, blank=True)
    title = models.CharField("nom", max_length=255, blank=True)
    # Reason of a rejection, kind of a warning.
    code = models.CharField("motif", max_length=40, blank=True)
    message = models.TextField(blank=True)
    column = models.TextField("colonne", blank=True)
    value = models.TextField("valeur", blank=True)
    # Canonical column → [before, after] as shown.
    fields = models.JSONField("champs", default=dict, blank=True)
    # « |Téléphone|Site Web| »: what the filter by field looks into.
    field_names = models.TextField(blank=True)
    # Cells of a rejected row as they were, in the order of the sheet's headings.
    cells = models.JSONField(default=list, blank=True)
    # True: applying writes this row. The other lines of a row only speak of it.
    writes = models.BooleanField(default=False)
    left_out = models.BooleanField("écartée", default=False)
    # Not the same as in the preview before: the network moved, or a row left out carried this one.
    moved = models.BooleanField(default=False)
    digest = models.CharField(max_length=32, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "ligne d’importation"
        verbose_name_plural = "lignes d’importation"
        ordering = ["workbook_import", "position", "pk"]
        indexes = [
            models.Index(fields=["workbook_import", "position"], name="import_line_position"),
            models.Index(fields=["workbook_import", "kind", "position"], name="import_line_kind"),
            models.Index(fields=["workbook_import", "sheet", "row"], name="import_line_row"),
            # Places that become confidential are looked for by their code.
            models.Index(fields=["target", "label"], name="import_line_record"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}, ligne {self.row} : {self.get_kind_display()}"

    @staticmethod
    def position_of(sheet_rank: int, row: int, kind_rank: int) -> int:
        """Where a line stands: sheets in the order of the file, then rows (a million at most), then kinds."""
        return (sheet_rank * 10_000_000 + row) * 10 + kind_rank
