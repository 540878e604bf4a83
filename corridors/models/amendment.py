from __future__ import annotations

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable

from registry.models import Record

from ..enums import AmendmentKind, CheckKind, DayCount, DisputeStatus, DocumentKind
from .agreement import Agreement


class Amendment(Record):
    """An « avenant »: a typed copy of the terms in which only the fields of its kind may move, merged when signed.

    `base_terms`: the terms it started from; `terms`: the copy being worked on. Its state is read from the journal
    (events that name it), like an entente's.
    """

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="amendments", verbose_name="entente")
    number = models.PositiveSmallIntegerField("numéro", editable=False)
    kind = models.CharField("objet de l’avenant", max_length=20, choices=AmendmentKind.choices)
    title = models.CharField("titre", max_length=255)
    reason = models.TextField("motif", blank=True)
    effective_on = models.DateField("en vigueur le", null=True, blank=True, help_text="Vide : dès la signature.")
    base_terms = models.JSONField(default=dict, editable=False)
    base_hash = models.CharField(max_length=64, blank=True, editable=False)
    terms = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = "avenant"
        verbose_name_plural = "avenants"
        ordering = ["agreement", "number"]
        constraints = [models.UniqueConstraint(fields=["agreement", "number"], name="amendment_number_once")]

    def __str__(self) -> str:
        return f"{self.agreement.number}, avenant {self.number} : {self.title}"

    def concerned_organizations(self) -> set[int]:
        return self.agreement.concerned_organizations()


class Dispute(Record):
    """A « mésentente »: the mechanism applies step by step; the corridors stay usable meanwhile."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="disputes", verbose_name="entente")
    corridor = models.ForeignKey(
        "corridors.ServiceCorridor", models.PROTECT, null=True, blank=True, related_name="disputes",
        verbose_name="corridor concerné",
    )  # fmt: skip
    opened_by = models.ForeignKey(
        "registry.Organization", models.PROTECT, related_name="+", verbose_name="soulevée par"
    )
    opened_on = models.DateField("ouverte le")
    subject = models.CharField("objet", max_length=255)
    mechanism = models.TextField("mécanisme appliqué")
    status = models.CharField(
        "état", max_length=10, choices=DisputeStatus.choices, default=DisputeStatus.OPEN, editable=False
    )
    outcome = models.TextField("issue", blank=True)
    closed_on = models.DateField("close le", null=True, blank=True)

    class Meta:
        verbose_name = "mésentente"
        verbose_name_plural = "mésententes"
        ordering = ["-opened_on", "-id"]

    def __str__(self) -> str:
        return f"{self.agreement.number} : {self.subject}"

    def concerned_organizations(self) -> set[int]:
        return self.agreement.concerned_organizations()


class DisputeStep(Orderable):
    """A step of the mechanism: who must do what, by when."""

    dispute = ParentalKey(Dispute, on_delete=models.CASCADE, related_name="steps")
    text = models.CharField("étape", max_length=255)
    days = models.PositiveSmallIntegerField("délai (jours)", null=True, blank=True)
    day_count = models.CharField("compte", max_length=12, choices=DayCount.choices, default=DayCount.CALENDAR)
    due_on = models.DateField("au plus tard le", null=True, blank=True)
    done_on = models.DateField("faite le", null=True, blank=True)
    outcome = models.CharField("résultat", max_length=255, blank=True)

    class Meta(Orderable.Meta):
        verbose_name = "étape"
        verbose_name_plural = "étapes"

    def __str__(self) -> str:
        return self.text


class AgreementDocument(models.Model):
    """A file of an entente. Private: served to those who may read the entente, and to nobody else."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="documents", verbose_name="entente")
    document = models.ForeignKey(
        "wagtaildocs.Document", models.PROTECT, related_name="agreement_documents", verbose_name="fichier"
    )
    kind = models.CharField("nature", max_length=10, choices=DocumentKind.choices, default=DocumentKind.OTHER)
    label = models.CharField("intitulé", max_length=200, blank=True)
    added_by = models.ForeignKey("registry.User", models.PROTECT, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField("versé le")

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "document d’une entente"
        verbose_name_plural = "documents des ententes"
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return self.label or str(self.document)


class Check(models.Model):
    """A dated verification of an entente: access, quality, continuity (rule K04)."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="checks", verbose_name="entente")
    kind = models.CharField("objet", max_length=12, choices=CheckKind.choices)
    checked_on = models.DateField("vérifié le")
    checked_by = models.CharField("par", max_length=200)
    note = models.TextField("constat", blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "vérification d’une entente"
        verbose_name_plural = "vérifications des ententes"
        ordering = ["-checked_on", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.checked_on}"


class Waiver(models.Model):
    """« Non applicable », justified: a required rule that this entente need not meet."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="waivers", verbose_name="entente")
    rule = models.CharField("règle", max_length=5)
    justification = models.TextField("justification")
    granted_by = models.ForeignKey("registry.User", models.PROTECT, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField("accordée le")

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "dérogation"
        verbose_name_plural = "dérogations"
        ordering = ["rule"]
        constraints = [models.UniqueConstraint(fields=["agreement", "rule"], name="waiver_once_per_rule")]

    def __str__(self) -> str:
        return f"{self.rule} : {self.justification[:60]}"
