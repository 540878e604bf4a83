"""Lists of records: folded search, a constant number of queries, columns, safe Excel export."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.widgets.button import Button
from wagtail.models import Revision
from wagtail.snippets.views import snippets as wagtail_views

from .. import policies
from ..models import Record
from ..text import fold

_ACCENTED = "àâäáãåçéèêëíìîïñóòôöõúùûüýÿ’‘–—‐‑\u00a0\u202f"
_PLAIN = "aaaaaaceeeeiiiinooooouuuuyy''----  "
_PHONE = re.compile(r"\+\d[\d ().-]*$")
HIDDEN = "(confidentiel)"


class Folded(Func):
    """A column as `registry.text.fold` reads it: without case or accents."""

    function = "passerelles_fold"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        plain = _PLAIN.replace("'", "''")
        template = f"translate(replace(lower(%(expressions)s), 'œ', 'oe'), '{_ACCENTED}', '{plain}')"
        return super().as_sql(compiler, connection, template=template, **context)


def folded_search(queryset: QuerySet, fields: Iterable[str], query: str) -> QuerySet:
    """The rows in which every word of the query is found, in one field or another: « ecole limoilou »."""
    fields = list(fields)
    aliases = {f"_folded_{position}": Folded(F(name)) for position, name in enumerate(fields)}
    found = queryset.alias(**aliases)
    for word in fold(query).split():
        anywhere = Q()
        for alias in aliases:
            anywhere |= Q(**{f"{alias}__contains": word})
        found = found.filter(anywhere)
    return found.distinct() if any(_crosses_to_many(queryset.model, name) for name in fields) else found


def _crosses_to_many(model: type[models.Model], path: str) -> bool:
    try:
        field = model._meta.get_field(path.split("__")[0])
    except FieldDoesNotExist:
        return False
    return bool(field.one_to_many or field.many_to_many)


def with_status(queryset: QuerySet) -> QuerySet:
    """What the status column shows, without a query for each row."""
    planned = Revision.objects.filter(
        base_content_type=queryset.model.get_base_content_type(),
        object_id=Cast(OuterRef("pk"), models.CharField()),
        approved_go_live_at__isnull=False,
    )
    return queryset.annotate(_planned=Exists(planned))


def status_of(record: Record) -> str:
    """« Publié », « Publié, brouillon en attente », « Brouillon », « Publication prévue » or « Retiré »."""
    if getattr(record, "_planned", False):
        return "Publication prévue"
    if record.live:
        return "Publié, brouillon en attente" if record.has_unpublished_changes else "Publié"
    return "Retiré" if record.first_published_at else "Brouillon"


class StatusColumn(StatusTagColumn):
    def __init__(self) -> None:
        super().__init__("status", label="État", accessor=status_of, sort_key="live", primary=lambda row: row.live)


class ClippedColumn(Column):
    """A long text, shortened; the whole of it on hover."""

    def __init__(self, name: str, *, length: int = 60, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.length = length

    def get_value(self, instance: Any) -> Any:
        text = str(super().get_value(instance) or "")
        if len(text) <= self.length:
            return text
        return format_html('<span title="{}">{}…</span>', text, text[: self.length].rstrip())


class PhoneColumn(Column):
    """A number that does not break at its hyphens: only « poste 222 » may go to the next line."""

    def get_value(self, instance: Any) -> Any:
        number, _, rest = str(super().get_value(instance) or "").partition(" ")
        return format_html('<span class="registry-nowrap">{}</span> {}', number, rest) if number else ""


class DateCell(Column):
    """A date as 2026-11-21; « jamais » or another word where there is none."""

    def __init__(self, name: str, *, missing: str = "", **kwargs: Any) -> None:
        super().__init__(name, classname="registry-nowrap", **kwargs)
        self.missing = missing

    def get_value(self, instance: Any) -> Any:
        value = super().get_value(instance)
        if value is None:
            return self.missing
        return (
            timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else value.isoformat()
        )


def neutralised(value: str) -> str:
    """Text that no spreadsheet takes for a formula; « +1 418… » is a phone and stays as it is."""
    if value.startswith(("=", "+", "-", "@", "\t", "\r")) and not _PHONE.match(value):
        return "'" + value
    return value


ExportColumns = Mapping[str, str | Callable[[Any], Any]]


def export_value(record: Any, source: str | Callable[[Any], Any]) -> Any:
    """One cell: a label for a choice, values separated by « ; » for a list, text that cannot act as a formula."""
    if callable(source):
        value = source(record)
    else:
        display = getattr(record, f"get_{source}_display", None)
        value = display() if display else getattr(record, source)
    if isinstance(value, (list, tuple)):
        value = " ; ".join(str(item) for item in value)
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if value is None or isinstance(value, (int, float, date, datetime)):
        return "" if value is None else value
    return neutralised(str(value))


class RecordIndexView(wagtail_views.IndexView):
    """The list of a kind of record, drafts included."""

    # Excel only: Wagtail's CSV has no byte order mark, and Excel then breaks every accent.
    FORMATS = ("xlsx",)
    # Not « Ajouter un(e) entente ».
    add_item_label = "Ajouter"
    export_columns: ExportColumns = {}
    export_prefetch: tuple[str, ...] = ()

    @cached_property
    def list_export(self) -> list[str]:
        return list(self.export_columns)

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        wagtails = (self.xlsx_export_url, self.csv_export_url)
        buttons = [button for button in super().header_more_buttons if button.url not in wagtails]
        if self.show_export_buttons and policies.can(self.request.user, policies.EXPORT, self.model):
            export = Button("Exporter vers Excel", url=self.xlsx_export_url, icon_name="download", priority=90)
            buttons.append(export)
        return buttons

    def get_heading(self, queryset: QuerySet, field: str) -> str:
        return field

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        return {heading: export_value(item, source) for heading, source in self.export_columns.items()}

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if self.is_export:
            policies.require(request.user, policies.EXPORT, self.model)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def is_searchable(self) -> bool:
        return bool(self.search_fields and self.index_results_url)

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        return folded_search(queryset, self.search_fields, self.search_query) if self.is_searching else queryset

    def _annotate_queryset_updated_at(self, queryset: QuerySet) -> QuerySet:
        # Wagtail would bring the whole content of each newest version along.
        return queryset.annotate(_updated_at=F("latest_revision__created_at"))

    def get_queryset(self) -> QuerySet:
        queryset = super().get_queryset()
        return queryset.prefetch_related(*self.export_prefetch) if self.is_export else queryset
