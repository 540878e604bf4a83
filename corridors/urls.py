"""Addresses of the ententes outside the admin."""

from django.urls import path

from . import partner, partner_list, printing, views
from .admin import documents

urlpatterns = [
    path("ententes/documents/<int:pk>/", documents.serve, name="agreement_document"),
    path("ententes/lien/<str:token>/", views.personal_link, name="corridors_link"),
    path("ententes/<path:number>/dossier.pdf", printing.dossier_pdf, name="corridors_dossier_pdf"),
    path("partenaire/ententes/", partner_list.agreements, name="corridors_partner_agreements"),
    path("partenaire/ententes/<path:number>/", partner.agreement, name="corridors_partner_agreement"),
]
