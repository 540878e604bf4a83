from __future__ import annotations

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable

from ..enums import SynonymKind
from .base import Record


class Need(Record):
    """A controlled term of the tree of needs (HSDS taxonomy_term)."""

    term = models.CharField("terme", max_length=200, unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="terme parent"
    )

    class Meta:
        verbose_name = "besoin"
        verbose_name_plural = "besoins"
        ordering = ["term"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="need_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.term


class NeedSynonym(Orderable):
    """Another way of saying a need: synonym, acronym, lay expression or former term."""

    need = ParentalKey(Need, on_delete=models.CASCADE, related_name="synonyms")
    text = models.CharField("expression", max_length=200)
    kind = models.CharField("nature", max_length=10, choices=SynonymKind.choices, default=SynonymKind.SYNONYM)

    class Meta(Orderable.Meta):
        verbose_name = "synonyme"
        verbose_name_plural = "synonymes"
        constraints = [models.UniqueConstraint(fields=["need", "text"], name="need_synonym_once")]

    def __str__(self) -> str:
        return self.text
