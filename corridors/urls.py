"""Addresses of the ententes outside the admin."""

from django.urls import path

from . import calendar_feed, partner, partner_list, printing, views
from .admin import documents

urlpatterns = [
    path("ententes/calendrier/", calendar_feed.page, name="corridors_calendar_page"),
    path("ententes/calendrier/<str:secret>.ics", calendar_feed.feed, name="corridors_calendar"),
    path("ententes/documents/<int:pk>/", documents.serve, name="agreement_document"),
    path("ententes/lien/<str:token>/", views.personal_link, name="corridors_link"),
    path("ententes/<path:number>/dossier.pdf", printing.dossier_pdf, name="corridors_dossier_pdf"),
    path("partenaire/ententes/", partner_list.agreements, name="corridors_partner_agreements"),
    path(
        "partenaire/ententes/<path:number>/avenants/<int:place>/", partner.amendment, name="corridors_partner_amendment"
    ),
    path("partenaire/ententes/<path:number>/", partner.agreement, name="corridors_partner_agreement"),
]
