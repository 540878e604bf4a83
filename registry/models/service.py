from __future__ import annotations

from typing import Any

from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import TaggedItemBase
from wagtail.models import Orderable

from .. import opening_hours, phones
from ..enums import (
    AccessMode,
    Availability,
    Clientele,
    DelayUnit,
    FrameworkService,
    Line,
    Program,
    ServiceLevelKind,
    Sex,
    Visibility,
)
from ..fields import ChoiceListField, ListField
from ..validators import validate_phone
from .base import Record


class ServiceKeyword(TaggedItemBase):
    content_object = ParentalKey("registry.Service", on_delete=models.CASCADE, related_name="tagged_items")


class Service(Record):
    """What an organization offers, to whom, where and when (HSDS service and service_at_location)."""

    code = models.CharField("code", max_length=32, unique=True)
    organization = models.ForeignKey(
        "registry.Organization", models.PROTECT, related_name="services", verbose_name="organisme"
    )
    name = models.CharField("nom du service", max_length=255, db_index=True)
    description = models.TextField("description", blank=True)
    framework_service = models.CharField(
        "service du cadre de référence", max_length=30, choices=FrameworkService.choices, blank=True
    )
    protocols = ListField("protocoles applicables", help_text="Un protocole par ligne.")
    programs = ChoiceListField("programme-services", vocabulary=Program)
    line = models.CharField("ligne", max_length=1, choices=Line.choices, blank=True)
    keywords = ClusterTaggableManager("mots-clés", through=ServiceKeyword, blank=True)
    clientele = ListField("clientèle", help_text="Une clientèle par ligne.")
    age_min = models.PositiveSmallIntegerField("âge minimal", null=True, blank=True, help_text="Vide : sans limite.")
    age_max = models.PositiveSmallIntegerField("âge maximal", null=True, blank=True, help_text="Vide : sans limite.")
    sexes = ChoiceListField("sexes", vocabulary=Sex, help_text="Rien de coché : selon la clientèle.")
    languages = ListField("langues")
    territories = ParentalManyToManyField(
        "registry.Territory", blank=True, related_name="services", verbose_name="territoires desservis"
    )
    locations = ParentalManyToManyField("registry.Location", blank=True, related_name="services", verbose_name="lieux")
    access_modes = ChoiceListField("modalités d'accès", vocabulary=AccessMode)
    referral_procedure = models.TextField("procédure de référence", blank=True)
    required_documents = models.TextField("documents requis", blank=True)
    fees = models.CharField("frais", max_length=200, blank=True)
    delay_days = models.PositiveIntegerField("délai d'accès (jours)", null=True, blank=True)
    availability = models.CharField("disponibilité", max_length=20, choices=Availability.choices, blank=True)
    # Reception hours: when someone answers. As written, and as an evaluable pattern (blank = « à vérifier »).
    hours = models.CharField("heures", max_length=500, blank=True)
    hours_pattern = models.CharField(max_length=500, blank=True, editable=False)
    phone = models.CharField("téléphone", max_length=100, blank=True, validators=[validate_phone])
    email = models.EmailField("courriel", blank=True)
    verified_on = models.DateField("dernière vérification", null=True, blank=True)
    visibility = models.CharField("visibilité", max_length=10, choices=Visibility.choices, default=Visibility.INTERNAL)

    class Meta:
        verbose_name = "service"
        verbose_name_plural = "services"
        ordering = ["name", "code"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="service_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(age_min__isnull=True)
                | models.Q(age_max__isnull=True)
                | models.Q(age_min__lte=models.F("age_max")),
                name="service_age_min_not_above_max",
            ),
            models.CheckConstraint(
                condition=models.Q(visibility__in=Visibility.values), name="service_visibility_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def prepare(self) -> None:
        self.phone = phones.canonical_or_same(self.phone)
        self.hours_pattern = opening_hours.parse_hours(self.hours).pattern

    def clean(self) -> None:
        from django.core.exceptions import ValidationError

        super().clean()
        if self.age_min is not None and self.age_max is not None and self.age_min > self.age_max:
            raise ValidationError(
                {"age_max": "L’âge maximal est plus petit que l’âge minimal : corrigez l’un des deux."}
            )

    @property
    def accepted_sexes(self) -> frozenset[str]:
        """« f » and/or « m »; empty = anyone, or unknown. Explicit sexes win over the clientele's words."""
        if self.sexes:
            return frozenset(self.sexes)
        women, men = Clientele.WOMEN.label in self.clientele, Clientele.MEN.label in self.clientele
        if women != men:
            return frozenset({Sex.FEMALE.value if women else Sex.MALE.value})
        return frozenset()

    def related_needs(self) -> list[Any]:
        """Needs in order of importance: the first is the primary one."""
        return [link.need for link in self.need_links.all()]


class ServiceNeed(Orderable):
    """A need that a service answers; the first in order is its primary need."""

    service = ParentalKey(Service, on_delete=models.CASCADE, related_name="need_links")
    need = models.ForeignKey("registry.Need", models.PROTECT, related_name="service_links", verbose_name="besoin")

    class Meta(Orderable.Meta):
        verbose_name = "besoin"
        verbose_name_plural = "besoins"
        constraints = [models.UniqueConstraint(fields=["service", "need"], name="service_need_once")]

    def __str__(self) -> str:
        return str(self.need)


class ServiceClosure(Orderable):
    """A temporary closure of a service. `ends_at` blank = until further notice."""

    service = ParentalKey(Service, on_delete=models.CASCADE, related_name="closures")
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", null=True, blank=True)
    reason = models.CharField("motif", max_length=200, blank=True)

    class Meta(Orderable.Meta):
        verbose_name = "fermeture temporaire"
        verbose_name_plural = "fermetures temporaires"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="service_closure_ends_after_start",
            ),
        ]


class ServiceLevel(Orderable):
    """A delay that the service commits to: « rappel en 24 heures »."""

    service = ParentalKey(Service, on_delete=models.CASCADE, related_name="service_levels")
    kind = models.CharField("étape", max_length=20, choices=ServiceLevelKind.choices)
    value = models.PositiveIntegerField("valeur")
    unit = models.CharField("unité", max_length=20, choices=DelayUnit.choices)

    class Meta(Orderable.Meta):
        verbose_name = "délai de service"
        verbose_name_plural = "délais de service"
        constraints = [models.UniqueConstraint(fields=["service", "kind"], name="service_level_once")]
