"""Addresses of the ententes outside the admin."""

from django.urls import path

from . import printing
from .admin import documents

urlpatterns = [
    path("ententes/documents/<int:pk>/", documents.serve, name="agreement_document"),
    path("ententes/<path:number>/dossier.pdf", printing.dossier_pdf, name="corridors_dossier_pdf"),
]
