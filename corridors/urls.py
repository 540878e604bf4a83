"""Addresses of the ententes outside the admin."""

from django.urls import path

from . import printing

urlpatterns = [
    path("ententes/<path:number>/dossier.pdf", printing.dossier_pdf, name="corridors_dossier_pdf"),
]
