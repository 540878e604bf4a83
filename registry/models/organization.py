from __future__ import annotations

from django.db import models

from .. import phones
from ..enums import PartnerType
from ..fields import ListField
from ..validators import validate_charity, validate_neq, validate_phone
from .base import Record


class Organization(Record):
    """Who offers services or signs ententes (HSDS organization). Languages are ISO 639 codes."""

    code = models.CharField("code", max_length=32, unique=True)
    name = models.CharField("nom", max_length=255, db_index=True)
    acronym = models.CharField("acronyme", max_length=50, blank=True)
    other_names = ListField("autres noms", help_text="Un nom par ligne.")
    partner_type = models.CharField("type de partenaire", max_length=40, choices=PartnerType.choices)
    description = models.TextField("description", blank=True)
    neq = models.CharField("NEQ", max_length=10, blank=True, validators=[validate_neq])
    charity_number = models.CharField(
        "numéro de bienfaisance", max_length=20, blank=True, validators=[validate_charity]
    )
    phone = models.CharField("téléphone", max_length=100, blank=True, validators=[validate_phone])
    email = models.EmailField("courriel", blank=True)
    website = models.URLField("site web", max_length=300, blank=True)
    languages = ListField("langues")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="organisme parent"
    )

    class Meta:
        verbose_name = "organisme"
        verbose_name_plural = "organismes"
        ordering = ["name", "code"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="organization_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="organization_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        self.phone = phones.canonical_or_same(self.phone)
