from __future__ import annotations

from django.conf import settings
from django.db import models

from .agreement import Agreement


class Reminder(models.Model):
    """That a reminder was sent. Unique by entente, kind, object and target date: running again sends nothing twice,
    and a date that moves re-arms it."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="reminders", verbose_name="entente")
    kind = models.CharField("nature", max_length=40)
    # What it is about inside the entente: an obligation, a link, a step of a dispute; blank for the entente itself.
    subject = models.CharField("objet", max_length=60, blank=True)
    target_on = models.DateField("date visée")
    created_at = models.DateTimeField("créé le")

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "rappel"
        verbose_name_plural = "rappels"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "kind", "subject", "target_on"], name="reminder_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.target_on}"


class OutgoingMail(models.Model):
    """A message about an entente: written in the transaction that caused it, sent by the task queue, kept as a log.

    Bodies are emptied once sent: they hold personal links.
    """

    agreement = models.ForeignKey(
        Agreement, models.CASCADE, null=True, blank=True, related_name="mails", verbose_name="entente"
    )
    reminder = models.ForeignKey(Reminder, models.SET_NULL, null=True, blank=True, related_name="mails")
    kind = models.CharField("nature", max_length=40)
    recipient = models.EmailField("destinataire")
    subject = models.CharField("objet", max_length=255)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    created_at = models.DateTimeField("créé le")
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    last_error = models.CharField("dernier échec", max_length=300, blank=True)
    next_attempt_at = models.DateTimeField("prochain essai", null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "courriel d’une entente"
        verbose_name_plural = "courriels des ententes"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["sent_at", "next_attempt_at"], name="outgoing_mail_due")]

    def __str__(self) -> str:
        return f"{self.recipient} : {self.subject}"


class CalendarFeed(models.Model):
    """The private calendar address of an account; renewing the secret closes the old one."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed")
    secret = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField("créée le")

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = "calendrier privé"
        verbose_name_plural = "calendriers privés"

    def __str__(self) -> str:
        return f"Calendrier de {self.user}"
