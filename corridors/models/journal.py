"""The journal of an entente: what happened, in order, never rewritten."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from ..enums import AgreementStatus, EventKind, PartyRole


class JournalError(Exception):
    """The journal only grows: a line is neither changed nor removed."""


class AgreementEvent(models.Model):
    """One line of the journal. Transitions are written by `corridors.actions` alone.

    `effective_on`: the day from which it counts (a termination may be decided ahead). `by_system`: derived from the
    dates by the daily run; it tells, it decides nothing.
    """

    agreement = models.ForeignKey("corridors.Agreement", models.PROTECT, related_name="events", verbose_name="entente")
    amendment = models.ForeignKey(
        "corridors.Amendment", models.PROTECT, null=True, blank=True, related_name="events", verbose_name="avenant"
    )
    number = models.PositiveIntegerField("numéro")
    kind = models.CharField("nature", max_length=20, choices=EventKind.choices)
    transition = models.CharField("transition", max_length=30, blank=True)
    from_status = models.CharField("de", max_length=20, choices=AgreementStatus.choices, blank=True)
    to_status = models.CharField("à", max_length=20, choices=AgreementStatus.choices, blank=True)
    turn = models.CharField("tour", max_length=20, choices=PartyRole.choices, blank=True)
    effective_on = models.DateField("en date du")
    recorded_at = models.DateTimeField("inscrit le")
    by_system = models.BooleanField("par le système", default=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="compte"
    )
    # As the person was named that day; accounts and signatories change.
    actor_name = models.CharField("par", max_length=200, blank=True)
    organization = models.ForeignKey(
        "registry.Organization", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="au nom de"
    )
    reason = models.TextField("motif", blank=True)
    content_hash = models.CharField("empreinte", max_length=64, blank=True)
    address = models.GenericIPAddressField("adresse réseau", null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "événement d’une entente"
        verbose_name_plural = "journal des ententes"
        ordering = ["agreement", "number"]
        constraints = [models.UniqueConstraint(fields=["agreement", "number"], name="agreement_event_number_once")]
        indexes = [
            models.Index(fields=["agreement", "-effective_on", "-number"], name="agreement_event_last"),
            models.Index(fields=["kind", "effective_on"], name="agreement_event_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} n° {self.number} : {self.get_kind_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise JournalError("Une ligne du journal ne se modifie pas.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise JournalError("Une ligne du journal ne se supprime pas.")
