from __future__ import annotations

from django.db import models

from ..enums import TerritoryKind
from ..fields import ListField
from .base import Record


class Territory(Record):
    """A node of the tree province › région › RLS › municipalité, arrondissement or quartier (HSDS service_area)."""

    code = models.CharField("code", max_length=32, unique=True)
    name = models.CharField("nom", max_length=200)
    kind = models.CharField("type", max_length=20, choices=TerritoryKind.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="territoire parent"
    )
    postal_prefixes = ListField("codes postaux", help_text="Débuts de code postal, un par ligne : G1J, G1K 0…")

    class Meta:
        verbose_name = "territoire"
        verbose_name_plural = "territoires"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="territory_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name
