from django.db import models


class OutboxEntry(models.Model):
    """One change that search must learn of, written in the transaction of the change itself.

    `seq` grows; each index keeps its own mark of how far it has read. `services` holds primary keys of services
    to project again (or to remove, when they no longer exist or are not live).
    """

    seq = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=60)
    services = models.JSONField(default=list)
    # True: vocabularies or territories moved; what processes keep in memory must be read again.
    reference_data = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["seq"]
        verbose_name = "changement à indexer"
        verbose_name_plural = "changements à indexer"

    def __str__(self) -> str:
        return f"{self.seq} {self.source}"


class HoursPattern(models.Model):
    """A distinct weekly schedule, shared by every service that keeps it; documents carry its number."""

    pattern = models.CharField(max_length=500, unique=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.pattern


class RegisteredIndex(models.Model):
    """An index (engine × host) that reads the log, and how far it had read when last seen: entries that all of them
    have read are purged. The row without a name remembers how far the log was purged."""

    name = models.CharField(max_length=120, unique=True, blank=True)
    mark = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(auto_now=True)
    # Why it is not kept up to date, in French, and since when.
    failure = models.CharField(max_length=300, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    # What the last comparison with the database found.
    checked_at = models.DateTimeField(null=True, blank=True)
    documents = models.PositiveIntegerField(null=True, blank=True)
    drift = models.PositiveIntegerField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        ordering = ["name"]
        verbose_name = "index enregistré"
        verbose_name_plural = "index enregistrés"

    def __str__(self) -> str:
        return f"{self.name} · {self.mark}"
