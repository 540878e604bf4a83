from django.urls import path

from . import views
from .upkeep import monitoring

urlpatterns = [
    path("", views.orientation, name="orientation"),
    path("suggestions", views.suggestions, name="suggestions"),
    path("imprimer", views.print_basket, name="print"),
    path("aide-clavier", views.keyboard_help, name="keyboard_help"),
    path("mesures", monitoring.metrics, name="metrics"),
    path("profil/raccourcis", views.shortcuts, name="shortcuts"),
]
