from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from ..enums import Role


class User(AbstractUser):
    """An account. What it may do comes from its memberships (see `registry.policies`)."""

    shortcuts_enabled = models.BooleanField(
        "raccourcis à une touche", default=True, help_text="Décochez si une commande vocale les déclenche par erreur."
    )

    class Meta(AbstractUser.Meta):
        verbose_name = "compte"
        verbose_name_plural = "comptes"


class Membership(models.Model):
    """A user's role, for an organization or (blank) for the whole centre."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name="compte")
    organization = models.ForeignKey(
        "registry.Organization",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name="organisme",
    )
    role = models.CharField("rôle", max_length=20, choices=Role.choices)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "rattachement"
        verbose_name_plural = "rattachements"
        ordering = ["user__username", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "organization", "role"], name="membership_once"),
            models.UniqueConstraint(
                fields=["user", "role"], condition=models.Q(organization__isnull=True), name="membership_centre_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(role=Role.PARTNER.value) | models.Q(organization__isnull=False),
                name="membership_partner_has_organization",
            ),
        ]

    def __str__(self) -> str:
        where = f", {self.organization}" if self.organization_id else ""
        return f"{self.user} – {self.get_role_display()}{where}"
