from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.models import Orderable

from registry.enums import Program
from registry.fields import ChoiceListField
from registry.models import Record
from registry.models.base import LiveManager

from ..enums import DeclaredStatus, InstrumentType, Modality, ObligationStatus, PartyRole, Recurrence, RenewalKind
from .annotated import AgreementQuerySet


class Agreement(Record):
    """An entente. `declared_*` keep the workbook's own words until somebody acts in the system."""

    number = models.CharField("numéro", max_length=40, unique=True)
    title = models.CharField("titre", max_length=255)
    object = models.TextField("objet", blank=True)
    responsible = models.CharField("responsable", max_length=200, blank=True)
    instrument_type = models.CharField("type", max_length=30, choices=InstrumentType.choices, blank=True)
    declared_type = models.CharField("type déclaré", max_length=120, blank=True, editable=False)
    modalities = ChoiceListField("modalités", vocabulary=Modality)
    declared_modality = models.CharField("modalité déclarée", max_length=120, blank=True, editable=False)
    declared_status = models.CharField(
        "statut déclaré", max_length=60, blank=True, default=DeclaredStatus.DRAFT.value, editable=False
    )
    programs = ChoiceListField("programme-services", vocabulary=Program)
    territories = ParentalManyToManyField(
        "registry.Territory", blank=True, related_name="agreements", verbose_name="territoires"
    )
    signed_on = models.DateField("date de signature", null=True, blank=True)
    starts_on = models.DateField("entrée en vigueur", null=True, blank=True)
    ends_on = models.DateField("échéance", null=True, blank=True, help_text="Jour inclus. Vide : sans terme.")
    renewal = models.CharField("renouvellement", max_length=20, choices=RenewalKind.choices, blank=True)
    declared_renewal = models.CharField("renouvellement déclaré", max_length=120, blank=True, editable=False)
    renewal_months = models.PositiveSmallIntegerField("période de renouvellement (mois)", default=12)
    notice_days = models.PositiveSmallIntegerField("préavis (jours)", null=True, blank=True)
    referral_mechanism = models.TextField("mécanisme de référence", blank=True)
    dispute_mechanism = models.TextField("mécanisme de mésentente", blank=True)
    information_exchange = models.TextField("échange d'information", blank=True)
    predecessor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="successors", verbose_name="entente précédente"
    )

    all_objects = models.Manager.from_queryset(AgreementQuerySet)()
    objects = LiveManager.from_queryset(AgreementQuerySet)()

    class Meta:
        verbose_name = "entente"
        verbose_name_plural = "ententes"
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(condition=models.Q(renewal_months__gte=1), name="agreement_renewal_months_positive"),
            models.CheckConstraint(
                condition=models.Q(predecessor__isnull=True) | ~models.Q(predecessor=models.F("id")),
                name="agreement_not_its_own_predecessor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} – {self.title}"

    def publish(self, revision: Any, user: Any = None, **kwargs: Any) -> Any:
        """Every door leads here (form, list, planned publication). Raises ValidationError, in French, for an entente
        whose life makes it public by itself."""
        from .. import review

        if refusal := review.publication_refusal(self, user):
            raise ValidationError(refusal, code="life")
        return super().publish(revision, user=user, **kwargs)

    def approved(self, user: Any) -> None:
        """The internal review is over. What was never published is not published by that."""
        from .. import review

        review.approved(self, user)
        if self.live:
            super().approved(user)

    def concerned_organizations(self) -> set[int]:
        """The parties: a coordinator of one of them may edit the entente; one of another organization may not."""
        return {party.organization_id for party in self.parties.all()}


class AgreementParty(Orderable):
    """A party to an entente, in the order in which the text names them."""

    agreement = ParentalKey(Agreement, on_delete=models.CASCADE, related_name="parties")
    organization = models.ForeignKey(
        "registry.Organization", models.PROTECT, related_name="agreement_parties", verbose_name="organisme"
    )
    role = models.CharField("rôle", max_length=20, choices=PartyRole.choices, default=PartyRole.PARTNER)
    negotiator = models.CharField("négociateur", max_length=200, blank=True)
    # Where the link to accept goes; not a term of the entente.
    negotiator_email = models.EmailField("courriel du négociateur", blank=True)
    mandate = models.TextField("mandat", blank=True)

    class Meta(Orderable.Meta):
        verbose_name = "partie"
        verbose_name_plural = "parties"
        constraints = [models.UniqueConstraint(fields=["agreement", "organization"], name="agreement_party_once")]

    def __str__(self) -> str:
        return f"{self.organization} ({self.get_role_display()})"


class Obligation(Record):
    """What a party owes under an entente (« contribution attendue »)."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="obligations", verbose_name="entente")
    party = models.ForeignKey(
        "registry.Organization", models.PROTECT, related_name="obligations", verbose_name="partie"
    )
    text = models.TextField("contribution attendue")
    due_on = models.DateField("échéance", null=True, blank=True)
    recurrence = models.CharField("fréquence", max_length=20, choices=Recurrence.choices, blank=True)
    status = models.CharField("état", max_length=20, choices=ObligationStatus.choices, blank=True)
    evidence = models.TextField("preuve", blank=True)

    class Meta:
        verbose_name = "obligation"
        verbose_name_plural = "obligations"
        ordering = ["due_on", "id"]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="obligation_has_a_text")]

    def __str__(self) -> str:
        return f"{self.agreement.number} : {self.text}"

    def concerned_organizations(self) -> set[int]:
        return self.agreement.concerned_organizations()
