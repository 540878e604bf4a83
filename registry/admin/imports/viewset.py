from __future__ import annotations

from typing import Any

from django.urls import path
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from registry import policies
from registry.models import ImportStatus, WorkbookImport

from .. import home
from . import views


class ImportViewSet(ViewSet):
    name = "importations"
    icon = "upload"

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", views.IndexView.as_view(), name="index"),
            path("<int:pk>/", views.DetailView.as_view(), name="detail"),
            path("<int:pk>/progression/", views.ProgressView.as_view(), name="progress"),
            path("<int:pk>/colonnes/", views.AnswersView.as_view(), name="answers"),
            path("<int:pk>/revoir/", views.ReviewView.as_view(), name="review"),
            path("<int:pk>/ecarter/", views.LeaveOutView.as_view(), name="leave_out"),
            path("<int:pk>/appliquer/", views.ApplyView.as_view(), name="apply"),
            path("<int:pk>/abandonner/", views.AbandonView.as_view(), name="abandon"),
            path("<int:pk>/relancer/", views.RetryView.as_view(), name="retry"),
            path("<int:pk>/rapport.xlsx", views.ReportView.as_view(), name="report"),
        ]


class ImportMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return policies.can(request.user, policies.IMPORT, WorkbookImport)


def import_todos() -> list[home.Todo]:
    """Imports that wait for somebody, on the first page of the admin. One SQL query."""
    counts = dict.fromkeys((ImportStatus.FAILED, ImportStatus.ASKING, ImportStatus.PREVIEW), 0)
    kept = WorkbookImport.objects.filter(status__in=counts).exclude(stored_name="")
    for status in kept.order_by().values_list("status", flat=True):
        counts[ImportStatus(status)] += 1
    waiting = counts[ImportStatus.ASKING] + counts[ImportStatus.PREVIEW]
    failed = counts[ImportStatus.FAILED]
    return [
        home.Todo(
            failed, _many(failed, "importation échouée, à relancer", "importations échouées, à relancer"), _url()
        ),
        home.Todo(waiting, _many(waiting, "importation à terminer", "importations à terminer"), _url()),
    ]


def _many(count: int, one: str, several: str) -> str:
    return one if count == 1 else several


def _url() -> str:
    return views.url("index")
