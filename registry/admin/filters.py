"""Filters that several lists share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet

from ..fields import holds

STALE_MONTHS = 18


def stale_before(today: date | None = None) -> date:
    """The day before which a verification counts as old: eighteen months ago (N.B. day 31 falls back to the 28th)."""
    today = today or timezone.localdate()
    months = today.year * 12 + today.month - 1 - STALE_MONTHS
    return date(months // 12, months % 12 + 1, min(today.day, 28))


def select(
    choices: Any, label: str, method: Callable[[QuerySet, str, Any], QuerySet] | None = None, **kwargs: Any
) -> Any:
    """A drop-down: « Tous », then the choices."""
    return django_filters.ChoiceFilter(choices=list(choices), label=label, method=method, empty_label="Tous", **kwargs)


def holding(vocabulary: type[models.TextChoices], label: str) -> Any:
    """A filter on a list column: the rows that hold the value."""

    def hold(queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(**{f"{name}__contains": holds(value)})

    return select(vocabulary.choices, label, hold)


def related(queryset: Callable[[Any], QuerySet], label: str, **kwargs: Any) -> Any:
    return django_filters.ModelChoiceFilter(
        queryset=queryset, label=label, empty_label="Tous", widget=forms.Select, **kwargs
    )


_STATUS: dict[str, tuple[str, Q]] = {
    "publie": ("Publié", Q(live=True)),
    # Not what was withdrawn on purpose, which Wagtail also marks as holding unpublished changes.
    "a_publier": (
        "Brouillon à publier",
        Q(live=True, has_unpublished_changes=True) | Q(live=False, first_published_at__isnull=True),
    ),
    "brouillon": ("Jamais publié", Q(live=False, first_published_at__isnull=True)),
    "retire": ("Retiré de la publication", Q(live=False, first_published_at__isnull=False)),
    "verrouille": ("Verrouillé", Q(locked=True)),
}
TO_PUBLISH = _STATUS["a_publier"][1]


def _by_status(queryset: QuerySet, name: str, value: str) -> QuerySet:
    return queryset.filter(_STATUS[value][1])


HOURS_TO_CHECK = Q(hours_pattern="") & ~Q(hours="")
_HOURS: dict[str, tuple[str, Q]] = {
    "a_verifier": ("À vérifier : le texte ne se lit pas", HOURS_TO_CHECK),
    "vides": ("Non renseignées", Q(hours="")),
    "lisibles": ("Lisibles", ~Q(hours_pattern="")),
}


def by_hours(queryset: QuerySet, name: str, value: str) -> QuerySet:
    return queryset.filter(_HOURS[value][1])


HOURS_CHOICES = [(key, label) for key, (label, _) in _HOURS.items()]


class RecordFilterSet(WagtailFilterSet):
    etat = select([(key, label) for key, (label, _) in _STATUS.items()], "État", _by_status)
