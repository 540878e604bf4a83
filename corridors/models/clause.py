"""The numbered text of an entente, its standard clauses, and what people say about a clause."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable

from registry.fields import ChoiceListField
from registry.models import Record

from ..enums import ClauseKind, InstrumentType, Recurrence
from .agreement import Agreement


class Clause(Orderable):
    """One clause; its number is its place. `key` stays the same from one version to the next: comments and
    comparisons follow it."""

    agreement = ParentalKey(Agreement, on_delete=models.CASCADE, related_name="clauses")
    key = models.UUIDField("clé", default=uuid.uuid4, editable=False)
    kind = models.CharField("genre", max_length=20, choices=ClauseKind.choices, default=ClauseKind.FREE)
    title = models.CharField("titre", max_length=200)
    text = models.TextField("texte")
    frequency = models.CharField(
        "fréquence des rencontres", max_length=20, choices=Recurrence.choices, blank=True,
        help_text="Pour une clause de concertation.",
    )  # fmt: skip

    class Meta(Orderable.Meta):
        verbose_name = "clause"
        verbose_name_plural = "clauses"
        constraints = [models.UniqueConstraint(fields=["agreement", "key"], name="clause_key_once")]

    def __str__(self) -> str:
        return self.title


class ClauseTemplate(Record):
    """A clause that ententes of certain kinds begin with."""

    code = models.CharField("code", max_length=32, unique=True)
    title = models.CharField("titre", max_length=200)
    kind = models.CharField("genre", max_length=20, choices=ClauseKind.choices, default=ClauseKind.FREE)
    text = models.TextField("texte")
    frequency = models.CharField("fréquence des rencontres", max_length=20, choices=Recurrence.choices, blank=True)
    instrument_types = ChoiceListField(
        "types d’entente", vocabulary=InstrumentType, help_text="Aucun coché : pour tous les types."
    )
    position = models.PositiveSmallIntegerField("place dans le texte", default=100)

    class Meta:
        verbose_name = "clause type"
        verbose_name_plural = "clauses types"
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return f"{self.code} – {self.title}"


class ClauseComment(models.Model):
    """What a party says of a clause. Shared with every party; the clause is known by its key."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="comments", verbose_name="entente")
    clause_key = models.UUIDField("clause", null=True, blank=True)
    clause_title = models.CharField("titre de la clause", max_length=200, blank=True)
    version = models.ForeignKey(
        "corridors.AgreementVersion", models.SET_NULL, null=True, blank=True, related_name="comments"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    author_name = models.CharField("auteur", max_length=200)
    organization = models.ForeignKey("registry.Organization", models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField("commentaire")
    written_at = models.DateTimeField("écrit le")
    resolved_at = models.DateTimeField("réglé le", null=True, blank=True)
    resolved_by = models.CharField("réglé par", max_length=200, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "commentaire sur une clause"
        verbose_name_plural = "commentaires sur les clauses"
        ordering = ["written_at", "id"]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="clause_comment_has_a_text")]

    def __str__(self) -> str:
        return f"{self.author_name} : {self.text[:60]}"
