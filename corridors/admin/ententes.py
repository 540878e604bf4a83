"""The addresses of an entente in the admin, beside those of every record, and the way to its page."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from registry.admin.views import RecordInspectView
from registry.admin.viewsets import RecordViewSet

from ..models import Agreement
from . import gestures, page, versions
from . import signing_gestures as _signing_gestures  # noqa: F401  (adds to the table of gestures)
from .agreement_list import AgreementIndexView
from .editing import EntenteCreateView, EntenteEditView, EntenteWorkflowActionView


class EntenteIndexView(AgreementIndexView):
    """The title leads to the page of the entente; its text is edited from there, or from the menu of the row."""

    def get_edit_url(self, instance: Agreement) -> str:
        return reverse(Agreement.snippet_viewset.get_url_name("entente"), args=[quote(instance.pk)])

    def get_list_more_buttons(self, instance: Agreement) -> list[Any]:
        page, form = self.get_edit_url(instance), super().get_edit_url(instance)
        inspect = self.get_inspect_url(instance)
        found = []
        for item in super().get_list_more_buttons(instance):
            if item.url == page:
                item.url = form
            if item.url and item.url != inspect:
                found.append(item)
        return found


class EntenteInspectView(RecordInspectView):
    """The page says all that a plain list of fields would."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse(Agreement.snippet_viewset.get_url_name("entente"), args=[self.object.pk]))


class EntenteViewSet(RecordViewSet):
    """What the viewset of ententes adds to a record's."""

    model = Agreement
    index_view_class = EntenteIndexView
    inspect_view_class = EntenteInspectView
    add_view_class = EntenteCreateView
    edit_view_class = EntenteEditView
    workflow_action_view_class = EntenteWorkflowActionView

    def get_urlpatterns(self) -> list[Any]:
        view = self.construct_view
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/entente/", view(page.EntentePageView), name="entente"),
            path("<int:pk>/entente/texte/", view(versions.TextView), name="texte"),
            path("<int:pk>/entente/versions/", view(versions.VersionsView), name="versions"),
            path("<int:pk>/entente/faire/<slug:gesture>/", view(gestures.GestureView), name="gesture"),
            path("<int:pk>/entente/passer/<slug:transition>/", view(gestures.TransitionView), name="transition"),
        ]
