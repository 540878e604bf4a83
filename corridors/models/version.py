"""The text of an entente at a moment, and who agreed to exactly that text."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from ..enums import LinkOutcome, LinkPurpose, SignatureMethod
from .agreement import Agreement


class AgreementVersion(models.Model):
    """A snapshot of the terms, as one side proposed them. Never rewritten.

    `terms`: the canonical terms (see `corridors.canonical`), whose SHA-256 is `content_hash`. `labels`: names as they
    were that day, for reading only. An amendment has versions of its own.
    """

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="versions", verbose_name="entente")
    amendment = models.ForeignKey(
        "corridors.Amendment", models.PROTECT, null=True, blank=True, related_name="versions", verbose_name="avenant"
    )
    number = models.PositiveIntegerField("numéro")
    terms = models.JSONField("termes")
    labels = models.JSONField(default=dict)
    content_hash = models.CharField("empreinte", max_length=64)
    summary = models.CharField("ce qui change", max_length=300, blank=True)
    proposed_by = models.ForeignKey(
        "registry.Organization", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="proposée par"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    author_name = models.CharField("auteur", max_length=200, blank=True)
    created_at = models.DateTimeField("créée le")

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "version"
        verbose_name_plural = "versions"
        ordering = ["agreement", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "number"], condition=models.Q(amendment__isnull=True), name="version_number_once"
            ),
            models.UniqueConstraint(fields=["amendment", "number"], name="amendment_version_number_once"),
        ]

    def __str__(self) -> str:
        return f"Version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise ValueError("Une version ne se modifie pas : proposez la suivante.")
        super().save(*args, **kwargs)


class Acceptance(models.Model):
    """A party's negotiator accepts a version: this text, by its fingerprint, and no other."""

    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="acceptances")
    organization = models.ForeignKey("registry.Organization", models.PROTECT, related_name="+")
    name = models.CharField("nom", max_length=200)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField("acceptée le")
    address = models.GenericIPAddressField("adresse réseau", null=True, blank=True)
    cleared_at = models.DateTimeField("effacée le", null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "acceptation"
        verbose_name_plural = "acceptations"
        ordering = ["accepted_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "organization"], condition=models.Q(cleared_at__isnull=True),
                name="acceptance_once_per_party",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name}, {self.organization}"


class Signatory(models.Model):
    """Who signs for a party, in what order. Naming signatories is not a term: it clears nothing."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="signatories", verbose_name="entente")
    amendment = models.ForeignKey(
        "corridors.Amendment", models.PROTECT, null=True, blank=True, related_name="signatories"
    )
    organization = models.ForeignKey("registry.Organization", models.PROTECT, related_name="+", verbose_name="partie")
    name = models.CharField("nom", max_length=200)
    title = models.CharField("titre ou fonction", max_length=200, blank=True)
    email = models.EmailField("courriel", blank=True)
    order = models.PositiveSmallIntegerField(
        "rang", default=1, help_text="Les signataires d’un même rang signent en même temps; les suivants attendent."
    )
    # Signs for somebody else: by virtue of this.
    on_behalf_of = models.CharField("au nom de", max_length=200, blank=True)
    mandate = models.TextField("mandat", blank=True)
    # No longer signs: the links and signatures that name this person stay.
    removed_at = models.DateTimeField("retiré le", null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "signataire"
        verbose_name_plural = "signataires"
        ordering = ["order", "id"]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="signatory_has_a_name")]

    def __str__(self) -> str:
        return f"{self.name}, {self.title}" if self.title else self.name


class Signature(models.Model):
    """A signature on one version, on line or on paper (then: the scan, and who attests it)."""

    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="signatures")
    signatory = models.ForeignKey(Signatory, models.PROTECT, related_name="signatures")
    name = models.CharField("nom", max_length=200)
    title = models.CharField("titre", max_length=200, blank=True)
    content_hash = models.CharField("empreinte", max_length=64)
    method = models.CharField("mode", max_length=10, choices=SignatureMethod.choices)
    signed_on = models.DateField("date de signature")
    recorded_at = models.DateTimeField("inscrite le")
    scan = models.ForeignKey(
        "corridors.AgreementDocument", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="papier"
    )
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="attestée par"
    )
    address = models.GenericIPAddressField("adresse réseau", null=True, blank=True)
    cleared_at = models.DateTimeField("effacée le", null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "signature"
        verbose_name_plural = "signatures"
        ordering = ["recorded_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "signatory"], condition=models.Q(cleared_at__isnull=True), name="signature_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(method="papier") | models.Q(scan__isnull=False, attested_by__isnull=False),
                name="paper_signature_is_attested",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_method_display()})"


class ActionLink(models.Model):
    """An address sent to one person, for one gesture, on one version. Only the fingerprint of its secret is kept."""

    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="links")
    purpose = models.CharField("pour", max_length=10, choices=LinkPurpose.choices)
    organization = models.ForeignKey("registry.Organization", models.PROTECT, related_name="+")
    signatory = models.ForeignKey(Signatory, models.PROTECT, null=True, blank=True, related_name="links")
    name = models.CharField("destinataire", max_length=200)
    email = models.EmailField("courriel")
    secret_digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField("envoyé le")
    expires_at = models.DateTimeField("expire le")
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)
    revoked_at = models.DateTimeField("retiré le", null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "lien personnel"
        verbose_name_plural = "liens personnels"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} : {self.name}"


class LinkAttempt(models.Model):
    """Each use of a link, good or bad; a forged one belongs to no link."""

    link = models.ForeignKey(ActionLink, models.CASCADE, null=True, blank=True, related_name="attempts")
    outcome = models.CharField("issue", max_length=10, choices=LinkOutcome.choices)
    at = models.DateTimeField("le")
    address = models.GenericIPAddressField("adresse réseau", null=True, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "usage d’un lien"
        verbose_name_plural = "usages des liens"
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.at:%Y-%m-%d %H:%M}"
