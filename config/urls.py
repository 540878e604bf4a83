"""The address book: orientation at the root, Wagtail's admin under /admin/."""

from django.contrib.auth import views as auth_views
from django.urls import include, path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

urlpatterns = [
    path("connexion/", auth_views.LoginView.as_view(template_name="registry/sign_in.html"), name="sign_in"),
    path("deconnexion/", auth_views.LogoutView.as_view(), name="sign_out"),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("", include("corridors.urls")),
    path("", include("search.urls")),
]
