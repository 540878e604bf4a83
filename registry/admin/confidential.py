"""Confidential addresses in the admin: hidden everywhere but on one page, where each opening states a reason."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.panels import Panel
from wagtail.snippets.views import snippets as wagtail_views

from .. import actions, policies
from ..actions import ADDRESS_FIELDS
from ..models import Location
from .forms import HiddenAddressForm, RevealForm
from .views import RecordCreateView, RecordPreviewOnEditView


class AddressNotice(Panel):
    """In a place's form: what the address is, and the page where it changes."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "registry/admin/address_notice.html"

        def is_shown(self) -> bool:
            return self.instance.pk is not None

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            context["location"] = self.instance
            context["address_url"] = reverse(
                Location.snippet_viewset.get_url_name("confidential_address"), args=[self.instance.pk]
            )
            return context


@method_decorator(sensitive_post_parameters(*ADDRESS_FIELDS), name="dispatch")
class LocationCreateView(RecordCreateView):
    """A place confidential from the start: its address goes straight where it belongs."""

    def create(self, instance: Any, publish: bool) -> None:
        actions.create(
            self.request.user, instance, publish=publish, clean=False, hidden_address=self.form.hidden_address
        )

    def form_invalid(self, form: Any) -> HttpResponse:
        if self.request.POST.get("is_confidential"):
            # The form comes back with its errors, and without the address: it is typed again.
            form.data = _without_address(form.data)
            for name in ADDRESS_FIELDS:
                if name in form.errors:
                    form.errors[name] = form.error_class(["Valeur non reconnue : écrivez-la de nouveau."])
        return super().form_invalid(form)


class LocationPreviewOnCreateView(wagtail_views.PreviewOnCreateView):
    """The preview keeps the whole form in the database for a day: not the address of a confidential place."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("is_confidential"):
            request.POST = _without_address(request.POST)  # type: ignore[assignment]
        return super().post(request, *args, **kwargs)


class LocationPreviewOnEditView(RecordPreviewOnEditView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # A form opened before the place became confidential may still hold its address.
        if self.object.is_confidential:
            request.POST = _without_address(request.POST)  # type: ignore[assignment]
        return super().post(request, *args, **kwargs)


def _without_address(data: QueryDict) -> QueryDict:
    kept = data.copy()
    for name in ADDRESS_FIELDS:
        kept.pop(name, None)
    return kept


@method_decorator([never_cache, sensitive_post_parameters(*ADDRESS_FIELDS)], name="dispatch")
class ConfidentialAddressView(View):
    """« Adresse confidentielle » of a place: hide it, replace it unseen, open it for a reason, make it ordinary again.

    The opened address is in the answer to the request that states the reason, and nowhere else: reloading the page
    asks for a reason again.
    """

    model = Location
    edit_url_name = ""
    template_name = "registry/admin/confidential_address.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.location = get_object_or_404(Location.all_objects.select_related("organization"), pk=kwargs["pk"])
        self.may_open = policies.can(request.user, policies.REVEAL, self.location)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policies.can(request.user, policies.CHANGE, self.location) and not self.may_open:
            raise PermissionDenied
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        steps = {"hide": self.hide, "replace": self.replace, "reveal": self.reveal, "show": self.show}
        step = steps.get(request.POST.get("step", ""))
        return step() if step else self.page()

    def page(self, status: int = 200, **context: Any) -> HttpResponse:
        shown = {
            "location": self.location,
            "may_open": self.may_open,
            "edit_url": reverse(self.edit_url_name, args=[self.location.pk]),
            "replace_form": HiddenAddressForm(),
            "reveal_form": RevealForm(prefix="reveal"),
            "show_form": RevealForm(prefix="show"),
            "disclosures": self.location.disclosures.select_related("user")[:20] if self.may_open else [],
            "page_title": "Adresse confidentielle",
            **context,
        }
        return TemplateResponse(self.request, self.template_name, shown, status=status)

    def done(self, message: str) -> HttpResponse:
        messages.success(self.request, message)
        return redirect(reverse(self.edit_url_name, args=[self.location.pk]))

    def hide(self) -> HttpResponse:
        if not self.location.is_confidential:
            actions.hide_address(self.request.user, self.location)
        return self.done("L’adresse est maintenant confidentielle, et retirée de tout l’historique de la fiche.")

    def replace(self) -> HttpResponse:
        form = HiddenAddressForm(self.request.POST)
        if not self.location.is_confidential or not form.is_valid():
            return self.page(status=422, replace_form=form)
        actions.set_confidential_address(self.request.user, self.location, **form.cleaned_data)
        return self.done("La nouvelle adresse confidentielle est enregistrée.")

    def reveal(self) -> HttpResponse:
        form = RevealForm(self.request.POST, prefix="reveal")
        if not self.location.is_confidential or not form.is_valid():
            return self.page(status=422, reveal_form=form)
        opened = actions.reveal_address(self.request.user, self.location, form.cleaned_data["justification"])
        return self.page(opened=opened)

    def show(self) -> HttpResponse:
        form = RevealForm(self.request.POST, prefix="show")
        if not self.location.is_confidential or not form.is_valid():
            return self.page(status=422, show_form=form)
        actions.show_address(self.request.user, self.location, form.cleaned_data["justification"])
        return self.done("L’adresse n’est plus confidentielle : elle se lit de nouveau dans la fiche.")
