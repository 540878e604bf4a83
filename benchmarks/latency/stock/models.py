"""The services as one model, indexed by Wagtail's search: six texts, the name before the rest."""

from __future__ import annotations

from django.db import models
from modelsearch import index


class StockService(index.Indexed, models.Model):
    """What a service says, field by field (the fields of search.documents.texts)."""

    code = models.CharField(max_length=60)
    visibility = models.CharField(max_length=20)
    name = models.TextField()
    needs = models.TextField()
    organization = models.TextField()
    keywords = models.TextField()
    description = models.TextField()
    about = models.TextField()

    search_auto_update = False
    search_fields = [
        index.SearchField("name", boost=8),
        index.SearchField("needs", boost=4),
        index.SearchField("organization", boost=2),
        index.SearchField("keywords"),
        index.SearchField("description"),
        index.SearchField("about"),
        index.FilterField("visibility"),
    ]

    class Meta:
        app_label = "stock"

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
