from __future__ import annotations

from django.db import models

from .. import phones
from ..enums import CrisisRole, Program, Visibility
from ..validators import validate_phone
from .base import Record


class Contact(Record):
    """A person or a desk to reach at an organization, for one of its services or for all (HSDS contact + phone)."""

    organization = models.ForeignKey(
        "registry.Organization", models.PROTECT, related_name="contacts", verbose_name="organisme"
    )
    service = models.ForeignKey(
        "registry.Service", models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name="service"
    )
    name = models.CharField("nom", max_length=200)
    role = models.CharField("fonction", max_length=200, blank=True)
    phone = models.CharField("téléphone", max_length=100, blank=True, validators=[validate_phone])
    extension = models.CharField("poste", max_length=20, blank=True)
    email = models.EmailField("courriel", blank=True)
    visibility = models.CharField("visibilité", max_length=10, choices=Visibility.choices, default=Visibility.INTERNAL)

    class Meta:
        verbose_name = "contact"
        verbose_name_plural = "contacts"
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="contact_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.role}" if self.role else self.name

    def prepare(self) -> None:
        self.phone = phones.canonical_or_same(self.phone)


class Liaison(Record):
    """Whom a partner calls for a programme, or in a crisis: the designated person of an organization."""

    organization = models.ForeignKey(
        "registry.Organization", models.PROTECT, related_name="liaisons", verbose_name="organisme"
    )
    program = models.CharField("programme-services", max_length=40, choices=Program.choices, blank=True)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="liaisons", verbose_name="contact")
    crisis_role = models.CharField("rôle en crise", max_length=30, choices=CrisisRole.choices, blank=True)

    class Meta:
        verbose_name = "liaison"
        verbose_name_plural = "liaisons"
        ordering = ["organization__name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "program", "contact", "crisis_role"], name="liaison_once"),
        ]

    def __str__(self) -> str:
        return f"{self.contact} – {self.organization}"
