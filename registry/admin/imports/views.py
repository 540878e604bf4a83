"""The pages of an import. Every one of them asks `policies` first; none does the work itself."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.generic import View
from wagtail.admin import messages

from registry import importing, policies
from registry.imports import jobs, mapping, progress, report, storage
from registry.models import ImportStatus, WorkbookImport

from . import preview
from .forms import AnswersForm, UploadForm

HISTORY_PER_PAGE = 25
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STEPS = (
    ("Fichier reçu", ImportStatus.RECEIVED),
    ("Colonnes", ImportStatus.ASKING),
    ("Lecture", ImportStatus.READING),
    ("Aperçu", ImportStatus.PREVIEW),
    ("Application", ImportStatus.APPLYING),
    ("Appliqué", ImportStatus.APPLIED),
)
_PAGES = {
    ImportStatus.RECEIVED: "progress",
    ImportStatus.READING: "progress",
    ImportStatus.APPLYING: "progress",
    ImportStatus.ASKING: "answers",
    ImportStatus.PREVIEW: "preview",
    ImportStatus.APPLIED: "preview",
    ImportStatus.FAILED: "preview",
    ImportStatus.ABANDONED: "preview",
}


def url(name: str, *args: Any) -> str:
    return reverse(f"importations:{name}", args=args)


@method_decorator(never_cache, name="dispatch")
class ImportView(View):
    """What all of them share: the right to import."""

    item: WorkbookImport | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        policies.require(request.user, policies.IMPORT, WorkbookImport)
        return super().dispatch(request, *args, **kwargs)

    def get_import(self, pk: int) -> WorkbookImport:
        return get_object_or_404(WorkbookImport.objects.select_related("user", "applied_by"), pk=pk)

    def back(self, item: WorkbookImport, query: str = "") -> HttpResponse:
        return HttpResponseRedirect(url("detail", item.pk) + (f"?{query}" if query else ""))


class IndexView(ImportView):
    """The form and the history."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        jobs.recover()
        return self.page(UploadForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if jobs.applying() is not None or importing.in_progress(writes=True):
            return self.page(UploadForm(), status=409)
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, status=422)
        storage.purge()
        file = form.cleaned_data["file"]
        item = storage.keep(file.chunks(), file.name, request.user, form.cleaned_data["sheets"])
        jobs.ask_reading(item)
        return self.back(item)

    def page(self, form: UploadForm, status: int = 200) -> HttpResponse:
        history = WorkbookImport.objects.select_related("user", "applied_by").defer("report", "doubts", "mapping")
        context = {
            "page_title": "Importer un classeur",
            "form": form,
            "applying": jobs.applying(),
            "in_progress": importing.in_progress(),
            "history": Paginator(history, HISTORY_PER_PAGE).get_page(self.request.GET.get("page")),
        }
        return TemplateResponse(self.request, "registry/admin/imports/index.html", context, status=status)


class DetailView(ImportView):
    """One address for an import, whatever it waits for."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        item = self.get_import(kwargs["pk"])
        if item.is_busy and jobs.recover():
            item = self.get_import(item.pk)
        return show(request, item)


def show(request: HttpRequest, item: WorkbookImport, status: int = 200, **context: Any) -> HttpResponse:
    page = _PAGES[ImportStatus(item.status)]
    context = {"item": item, "page_title": item.file_name, "steps": _steps(item), **context}
    if page == "progress":
        context["progress"] = progress.read(item.pk)
    elif page == "answers":
        context.setdefault("form", AnswersForm(item.doubts))
    else:
        filters = preview.Filters.of(request.GET)
        lines = preview.page_of(item, filters, request.GET.get("page"))
        context.update(
            filters=filters, page=lines, lines=preview.shown(item, lines.object_list), totals=preview.totals(item),
            kinds=preview.KINDS, fields=preview.field_choices(item, filters), codes=preview.code_choices(item),
        )  # fmt: skip
    return TemplateResponse(request, f"registry/admin/imports/{page}.html", context, status=status)


def _steps(item: WorkbookImport) -> list[dict[str, str]]:
    """The track at the top; empty for an import that stopped."""
    if item.status in (ImportStatus.FAILED, ImportStatus.ABANDONED):
        return []
    here = next(rank for rank, (_label, status) in enumerate(_STEPS) if status == item.status)
    last = item.status == ImportStatus.APPLIED
    return [
        {"label": label, "state": "done" if rank < here or last else "cur" if rank == here else ""}
        for rank, (label, _status) in enumerate(_STEPS)
    ]


class ProgressView(ImportView):
    """How far the work is, for the page that waits."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        item = self.get_import(kwargs["pk"])
        if item.is_busy and jobs.recover():
            item = self.get_import(item.pk)
        now = progress.read(item.pk)
        return JsonResponse(
            {
                "busy": item.is_busy, "status": item.get_status_display(), "phase": now.phase, "done": now.done,
                "total": now.total, "percent": now.percent, "time_left": now.time_left,
            }
        )  # fmt: skip


class ActionView(ImportView):
    """A change asked of an import: POST only, and never while another one is being written."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        item = self.get_import(kwargs["pk"])
        other = jobs.applying()
        if (other is not None and other.pk != item.pk) or (other is None and importing.in_progress(writes=True)):
            messages.warning(request, importing.IN_PROGRESS)
            return self.back(item)
        return self.act(item)

    def act(self, item: WorkbookImport) -> HttpResponse:
        raise NotImplementedError


class AnswersView(ActionView):
    """The answers to what was in doubt: the file is read again with them."""

    def act(self, item: WorkbookImport) -> HttpResponse:
        if item.status != ImportStatus.ASKING:
            return self.back(item)
        form = AnswersForm(item.doubts, self.request.POST)
        if not form.is_valid():
            return show(self.request, item, status=422, form=form)
        item.mapping = mapping.merged(item.mapping, item.doubts, form.answers)
        item.save(update_fields=["mapping"])
        jobs.ask_reading(item)
        return self.back(item)


class ReviewView(ActionView):
    """Back to the questions, those answered before included."""

    def act(self, item: WorkbookImport) -> HttpResponse:
        reviewed = WorkbookImport.objects.filter(pk=item.pk, status=ImportStatus.PREVIEW).exclude(doubts=[])
        reviewed.update(status=ImportStatus.ASKING)
        return self.back(item)


class LeaveOutView(ActionView):
    """Rows ticked on one page of the preview are left out of the import; then another page, or other filters."""

    def act(self, item: WorkbookImport) -> HttpResponse:
        self.keep_ticks(item)
        if self.request.headers.get("X-Requested-With") == "fetch":
            found = preview.totals(item)
            return JsonResponse({"added": found.added, "changed": found.changed, "left_out": found.left_out})
        query = preview.Filters.of(self.request.POST).query
        page = self.request.POST.get("page", "")
        if page.isdigit():
            query = "&".join(part for part in (query, f"page={page}") if part)
        return self.back(item, query)

    def keep_ticks(self, item: WorkbookImport) -> None:
        if item.status == ImportStatus.PREVIEW:
            preview.leave_out(item, self.request.POST.getlist("montree"), self.request.POST.getlist("ecarter"))


class ApplyView(LeaveOutView):
    def act(self, item: WorkbookImport) -> HttpResponse:
        self.keep_ticks(item)
        if item.status == ImportStatus.PREVIEW and preview.totals(item).writes == 0:
            messages.warning(self.request, "Il n’y a rien à appliquer : aucune ligne n’est gardée.")
        elif item.status == ImportStatus.PREVIEW and not jobs.ask_applying(item, self.request.user):
            messages.warning(self.request, importing.IN_PROGRESS)
        return self.back(item)


class AbandonView(ActionView):
    """Nothing is written, the file is deleted; the line stays in the history."""

    def act(self, item: WorkbookImport) -> HttpResponse:
        if storage.abandon(item):
            messages.success(self.request, "Importation abandonnée : rien n’a été écrit, et le fichier est supprimé.")
        return HttpResponseRedirect(url("index"))


class RetryView(ActionView):
    """Read again a file whose import stopped, as long as the file is kept."""

    def act(self, item: WorkbookImport) -> HttpResponse:
        if item.status == ImportStatus.FAILED and item.has_file:
            jobs.ask_reading(item)
        return self.back(item)


class ReportView(ImportView):
    """The report as a workbook."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        item = self.get_import(kwargs["pk"])
        written = BytesIO()
        report.write(item, written)
        response = HttpResponse(written.getvalue(), content_type=EXCEL)
        name = slugify(item.file_name.rsplit(".", 1)[0]) or "classeur"
        response["Content-Disposition"] = f'attachment; filename="rapport-{name}.xlsx"'
        return response
