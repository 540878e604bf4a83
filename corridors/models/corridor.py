from __future__ import annotations

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable

from registry import opening_hours, phones
from registry.enums import DelayUnit
from registry.models import Record
from registry.validators import validate_phone

from ..enums import Channel, Direction


class ServiceCorridor(Record):
    """The agreed way from one service to another, under an entente."""

    code = models.CharField("code", max_length=32, unique=True)
    agreement = models.ForeignKey(
        "corridors.Agreement", models.PROTECT, related_name="corridors", verbose_name="entente"
    )
    from_service = models.ForeignKey(
        "registry.Service", models.PROTECT, related_name="corridors_out", verbose_name="service d'origine"
    )
    to_service = models.ForeignKey(
        "registry.Service", models.PROTECT, related_name="corridors_in", verbose_name="service de destination"
    )
    direction = models.CharField("direction", max_length=3, choices=Direction.choices, default=Direction.ONE_WAY)
    criteria = models.TextField("critères", blank=True)
    urgent_delay = models.PositiveIntegerField("délai urgent", null=True, blank=True)
    urgent_unit = models.CharField("unité (urgent)", max_length=20, choices=DelayUnit.choices, default=DelayUnit.HOURS)
    priority_delay = models.PositiveIntegerField("délai prioritaire", null=True, blank=True)
    priority_unit = models.CharField(
        "unité (prioritaire)", max_length=20, choices=DelayUnit.choices, default=DelayUnit.CALENDAR_DAYS
    )
    regular_delay = models.PositiveIntegerField("délai régulier", null=True, blank=True)
    regular_unit = models.CharField(
        "unité (régulier)", max_length=20, choices=DelayUnit.choices, default=DelayUnit.CALENDAR_DAYS
    )
    liaison_contact = models.CharField("contact de liaison", max_length=255, blank=True)
    hours = models.CharField("disponibilité", max_length=500, blank=True)
    hours_pattern = models.CharField(max_length=500, blank=True, editable=False)
    return_path = models.TextField("retour en première ligne", blank=True)
    follow_through = models.TextField("suivi de la référence", blank=True)
    registration_procedure = models.TextField("enregistrement des clientèles vulnérables", blank=True)
    fallback = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="fallback_of", verbose_name="corridor de relève"
    )

    class Meta:
        verbose_name = "corridor de services"
        verbose_name_plural = "corridors de services"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(from_service=models.F("to_service")), name="corridor_between_two_services"
            ),
            models.CheckConstraint(
                condition=models.Q(fallback__isnull=True) | ~models.Q(fallback=models.F("id")),
                name="corridor_not_its_own_fallback",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} : {self.from_service} → {self.to_service}"

    def concerned_organizations(self) -> set[int]:
        return self.agreement.concerned_organizations()

    def prepare(self) -> None:
        self.hours_pattern = opening_hours.parse_hours(self.hours).pattern


class ReferralMechanism(Orderable):
    """How one refers through a corridor: channel, number, form, what to have at hand."""

    corridor = ParentalKey(ServiceCorridor, on_delete=models.CASCADE, related_name="mechanisms")
    label = models.CharField("mécanisme", max_length=255)
    channel = models.CharField("canal", max_length=30, choices=Channel.choices, default=Channel.OTHER)
    phone = models.CharField("téléphone", max_length=100, blank=True, validators=[validate_phone])
    form_url = models.URLField("formulaire", max_length=300, blank=True)
    hours = models.CharField("heures", max_length=500, blank=True)
    to_have = models.TextField("à avoir en main", blank=True)
    consent = models.TextField("consentement requis", blank=True)
    confirmed_on = models.DateField("dernière confirmation", null=True, blank=True)

    class Meta(Orderable.Meta):
        verbose_name = "mécanisme de référence"
        verbose_name_plural = "mécanismes de référence"
        constraints = [models.CheckConstraint(condition=~models.Q(label=""), name="mechanism_has_a_label")]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: object, **kwargs: object) -> None:
        self.phone = phones.canonical_or_same(self.phone)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
