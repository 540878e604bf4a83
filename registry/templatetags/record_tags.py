"""Template tags of the registry's own pages."""

from django import template

from registry.admin.reading import rows
from registry.models import Record

register = template.Library()


@register.simple_tag
def record_rows(record: Record) -> list[tuple[str, str]]:
    """(label, value) pairs of a record, a confidential address left out."""
    return rows(record)
