"""Accounts and what they are attached to: the administrator's business alone."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import ProtectedError, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, TitleColumn
from wagtail.admin.utils import get_user_display_name
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views import users as wagtail_users

from .. import policies
from ..models import Membership, User
from .listing import folded_search

_FIELDS = ["username", "first_name", "last_name", "email", "is_active", "is_superuser"]
_SUPERUSER = "Tous les droits, y compris sur les comptes. À réserver à une ou deux personnes du centre."


_ROLES = Membership._meta.get_field("role").choices


class AccountCreationForm(UserCreationForm):
    class Meta:
        model = User
        fields = [name for name in _FIELDS if name != "is_active"]


class AccountEditForm(UserEditForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.editing_self = kwargs.get("editing_self", False)
        super().__init__(*args, **kwargs)

    class Meta:
        model = User
        fields = _FIELDS


class AccountFilterSet(WagtailFilterSet):
    role = django_filters.ChoiceFilter(
        field_name="memberships__role", label="Rôle", choices=_ROLES, distinct=True, empty_label="Tous"
    )
    is_active = django_filters.BooleanFilter(
        label="Compte actif", widget=forms.Select(choices=[("", "Tous"), ("true", "Oui"), ("false", "Non")])
    )

    class Meta:
        model = User
        fields: list[str] = []


class AccountIndexView(wagtail_users.IndexView):
    template_name = generic.IndexView.template_name
    results_template_name = generic.IndexView.results_template_name
    page_title = "Comptes"
    add_item_label = "Ajouter un compte"
    search_fields = ("username", "first_name", "last_name", "email")

    @cached_property
    def columns(self) -> list[Column]:
        title = self._get_title_column_class(TitleColumn)
        return [
            title("name", label="Nom", accessor=get_user_display_name, get_url=self.get_edit_url),
            Column("username", label="Nom d’utilisateur", sort_key="username"),
            Column("roles", label="Rôles", accessor=policies.roles_in_words),
            BooleanColumn("is_active", label="Actif", sort_key="is_active"),
            DateColumn("last_login", label="Dernière connexion", sort_key="last_login"),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().prefetch_related("memberships__organization")

    def get_filterset_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_filterset_kwargs()
        kwargs.pop("is_searching", None)
        return kwargs

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        return folded_search(queryset, self.search_fields, self.search_query) if self.is_searching else queryset


class AccountDeleteView(wagtail_users.DeleteView):
    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ProtectedError:
            messages.error(
                self.request,
                "Ce compte a ouvert une adresse confidentielle : la trace doit en rester. "
                "Désactivez le compte plutôt que de le supprimer.",
            )
            return HttpResponseRedirect(reverse(self.edit_url_name, args=[self.object.pk]))


class AccountViewSet(wagtail_users.UserViewSet):
    menu_label = "Comptes"
    menu_order = 100
    # The generic forms: Wagtail's own have a tab of groups, which grant nothing here.
    template_prefix = ""
    filterset_class = AccountFilterSet
    index_view_class = AccountIndexView
    delete_view_class = AccountDeleteView
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        form = AccountEditForm if for_update else AccountCreationForm
        form.base_fields["is_superuser"].help_text = _SUPERUSER
        return form


class MembershipForm(WagtailAdminModelForm):
    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if policies.needs_organization(values.get("role", "")) and not values.get("organization"):
            self.add_error("organization", "Choisissez l’organisme que ce partenaire représente.")
        return values


class MembershipFilterSet(WagtailFilterSet):
    role = django_filters.ChoiceFilter(label="Rôle", choices=_ROLES, empty_label="Tous")

    class Meta:
        model = Membership
        fields: list[str] = []


class MembershipIndexView(generic.IndexView):
    add_item_label = "Ajouter un rattachement"

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        return folded_search(queryset, self.search_fields, self.search_query) if self.is_searching else queryset

    def get_base_queryset(self) -> QuerySet:
        return Membership.objects.select_related("user", "organization")


class MembershipViewSet(ModelViewSet):
    """Which role an account holds, for an organization or for the whole centre."""

    model = Membership
    name = "rattachements"
    icon = "key"
    menu_label = "Rôles et rattachements"
    menu_order = 110
    add_to_settings_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = MembershipIndexView
    filterset_class = MembershipFilterSet
    search_fields = ("user__username", "user__first_name", "user__last_name", "organization__name")
    list_display = (
        TitleColumn("user", label="Compte", accessor="user", sort_key="user__username"),
        Column("role", label="Rôle", accessor="get_role_display", sort_key="role"),
        Column("organization", label="Organisme", accessor=lambda row: row.organization or "le centre entier"),
    )
    edit_handler = ObjectList(
        [
            FieldPanel("user"),
            FieldPanel("role", help_text="Ce que le compte peut faire : voir le guide de l’administrateur."),
            FieldPanel("organization", help_text="Obligatoire pour un partenaire. Vide : le centre entier."),
        ],
        base_form_class=MembershipForm,
    )
