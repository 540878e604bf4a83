from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from .. import opening_hours, postal_codes
from ..enums import Wheelchair
from ..validators import validate_postal_code
from .base import Record


class Location(Record):
    """A place where services are given (HSDS location). Degrees WGS 84.

    Where the address is confidential, address, postal code and coordinates live in `ConfidentialAddress` only:
    outside revisions, indexes, exports and logs.
    """

    code = models.CharField("code", max_length=32, unique=True)
    organization = models.ForeignKey(
        "registry.Organization", models.PROTECT, related_name="locations", verbose_name="organisme"
    )
    name = models.CharField("nom du lieu", max_length=255)
    is_confidential = models.BooleanField("adresse confidentielle", default=False)
    address = models.CharField("adresse", max_length=255, blank=True)
    municipality = models.CharField("municipalité", max_length=120, blank=True)
    postal_code = models.CharField("code postal", max_length=7, blank=True, validators=[validate_postal_code])
    latitude = models.DecimalField("latitude", max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField("longitude", max_digits=9, decimal_places=6, null=True, blank=True)
    wheelchair = models.CharField(
        "accessible en fauteuil roulant", max_length=10, choices=Wheelchair.choices, blank=True
    )
    # Building hours, as written and as an evaluable pattern (« » = not readable: « à vérifier »).
    hours = models.CharField("heures d'ouverture", max_length=500, blank=True)
    hours_pattern = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = "lieu"
        verbose_name_plural = "lieux"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_confidential=False)
                | models.Q(address="", postal_code="", latitude__isnull=True, longitude__isnull=True),
                name="location_confidential_address_elsewhere",
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                # Both said to be there: a null in a range is « unknown », which a constraint lets through.
                | models.Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="location_both_coordinates_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    def prepare(self) -> None:
        self.postal_code = postal_codes.normalise_or_same(self.postal_code)
        self.hours_pattern = opening_hours.parse_hours(self.hours).pattern

    def clean(self) -> None:
        super().clean()
        self.forget_hidden_address()

    def forget_hidden_address(self) -> None:
        """What a form or a draft still holds of a confidential address must reach neither the row nor a revision."""
        if self.is_confidential:
            self.address = self.postal_code = ""
            self.latitude = self.longitude = None

    def serializable_data(self) -> dict[str, Any]:
        self.forget_hidden_address()
        return super().serializable_data()

    def with_content_json(self, content: dict[str, Any]) -> Location:
        # Being confidential belongs to the place, not to one of its versions: going back to an older one opens nothing.
        location = super().with_content_json(content)
        location.is_confidential = self.is_confidential
        location.forget_hidden_address()
        return location


class ConfidentialAddress(models.Model):
    """The address of a shelter. Opened only by `registry.actions.reveal_address`, which logs each opening."""

    location = models.OneToOneField(Location, models.CASCADE, related_name="confidential_address", verbose_name="lieu")
    address = models.CharField("adresse", max_length=255, blank=True)
    postal_code = models.CharField("code postal", max_length=7, blank=True, validators=[validate_postal_code])
    latitude = models.DecimalField("latitude", max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField("longitude", max_digits=9, decimal_places=6, null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "adresse confidentielle"
        verbose_name_plural = "adresses confidentielles"

    def __str__(self) -> str:
        # Never the address: this string ends in logs and messages.
        return "(confidentiel)"

    def __repr__(self) -> str:
        return f"<ConfidentialAddress location={self.location_id}>"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.postal_code = postal_codes.normalise_or_same(self.postal_code)
        super().save(*args, **kwargs)


class AddressDisclosure(models.Model):
    """One opening of a confidential address: who, when, why. Never what."""

    location = models.ForeignKey(Location, models.CASCADE, related_name="disclosures", verbose_name="lieu")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="personne")
    justification = models.TextField("motif")
    opened_at = models.DateTimeField("ouverte le", auto_now_add=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "consultation d'adresse"
        verbose_name_plural = "consultations d'adresse"
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return f"{self.location_id} · {self.opened_at:%Y-%m-%d %H:%M}"
