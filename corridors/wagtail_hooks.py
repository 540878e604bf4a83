"""Registrations only: see `corridors.admin`."""

from wagtail.snippets.models import register_snippet

from registry.admin import home

from .admin.records import AgreementGroup, agreement_todos

register_snippet(AgreementGroup)
home.providers.append(agreement_todos)
