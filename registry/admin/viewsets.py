"""What the lists, forms and choosers of every record share."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import ForeignKey, QuerySet
from wagtail.admin.compare import ForeignObjectComparison, TextFieldComparison, register_comparison_class
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.snippets.views import chooser as chooser_views
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSet

from ..fields import ListField
from ..models import Record
from . import usage, views
from .listing import ExportColumns, RecordIndexView, StatusColumn, folded_search, with_status
from .reading import list_labels


class RecordChooseForm(BaseFilterForm):
    """Wagtail's chooser only searches what its own search index holds; ours searches the table."""

    q = forms.CharField(
        label="Chercher", required=False, widget=forms.TextInput(attrs={"placeholder": "Nom, code, mot…"})
    )
    search_fields: ClassVar[tuple[str, ...]] = ()

    def filter(self, objects: QuerySet) -> QuerySet:
        self.search_query = self.cleaned_data.get("q", "").strip()
        self.is_searching = bool(self.search_query)
        return folded_search(objects, self.search_fields, self.search_query) if self.is_searching else objects


class AllRecords:
    """Choosers look among `Model.objects`, where drafts are not: an entente in draft may name an organism in draft."""

    model_class: type[Record]

    def get_object_list(self) -> QuerySet:
        related = self.model_class.snippet_viewset.list_related
        return with_status(self.model_class.all_objects.select_related(*related))

    def get_object(self, pk: Any) -> Record:
        return self.model_class.all_objects.get(pk=pk)

    def get_objects(self, pks: list[Any]) -> QuerySet:
        return self.model_class.all_objects.filter(pk__in=pks)

    def get_filter_form_class(self) -> type[RecordChooseForm]:
        search_fields = self.model_class.snippet_viewset.search_fields
        return type("RecordChooseForm", (RecordChooseForm,), {"search_fields": tuple(search_fields)})

    @property
    def columns(self) -> list[Any]:
        status = StatusColumn()
        status.sort_key = None
        return [self.title_column, status]  # type: ignore[attr-defined]


class ChooseView(AllRecords, chooser_views.ChooseView):
    pass


class ChooseResultsView(AllRecords, chooser_views.ChooseResultsView):
    pass


class ChosenView(AllRecords, chooser_views.SnippetChosenView):
    pass


class ChosenMultipleView(AllRecords, chooser_views.SnippetChosenMultipleView):
    pass


class RecordChooserViewSet(SnippetChooserViewSet):
    choose_view_class = ChooseView
    choose_results_view_class = ChooseResultsView
    chosen_view_class = ChosenView
    chosen_multiple_view_class = ChosenMultipleView


class RecordViewSet(SnippetViewSet):
    """A kind of record in the admin. Subclasses give the model, its panels, columns, filters and export."""

    index_view_class = RecordIndexView
    add_view_class = views.RecordCreateView
    copy_view_class = views.RecordCopyView
    edit_view_class = views.RecordEditView
    delete_view_class = views.RecordDeleteView
    unpublish_view_class = views.RecordUnpublishView
    lock_view_class = views.RecordLockView
    unlock_view_class = views.RecordUnlockView
    revisions_unschedule_view_class = views.RecordUnscheduleView
    usage_view_class = usage.RecordUsageView
    history_view_class = views.RecordHistoryView
    inspect_view_class = views.RecordInspectView
    preview_on_edit_view_class = views.RecordPreviewOnEditView
    chooser_viewset_class = RecordChooserViewSet

    add_to_reference_index = False
    inspect_view_enabled = True
    list_per_page = 50
    chooser_per_page = 15
    # Foreign keys that the list shows: fetched along, so that the number of queries does not grow with the rows.
    list_related: ClassVar[tuple[str, ...]] = ()
    list_prefetch: ClassVar[tuple[str, ...]] = ()
    export_columns: ClassVar[ExportColumns] = {}
    export_prefetch: ClassVar[tuple[str, ...]] = ()
    # (letters, digits) of the codes that the form proposes: ("ORG", 3) → « ORG220 ».
    code_pattern: ClassVar[tuple[str, int] | None] = None

    @property
    def revisions_revert_view_class(self) -> type:
        bases = (views.RevertThroughActions, self.edit_view_class)
        return type("RecordRevertView", bases, {"view_name": "revisions_revert"})

    def get_queryset(self, request: Any) -> QuerySet:
        rows = self.model.all_objects.select_related(*self.list_related).prefetch_related(*self.list_prefetch)
        return with_status(rows)

    def next_code(self) -> str:
        """The first code past all those taken, drafts included; blank for records without codes. One SQL query."""
        if self.code_pattern is None:
            return ""
        letters, digits = self.code_pattern
        codes = self.model.all_objects.filter(code__startswith=letters).values_list("code", flat=True)
        numbers = [int(code[len(letters) :]) for code in codes if code[len(letters) :].isdigit()]
        return f"{letters}{max(numbers, default=0) + 1:0{digits}d}"

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(
            export_columns=self.export_columns, export_prefetch=self.export_prefetch, **kwargs
        )


class ListComparison(TextFieldComparison):
    """Lists compare as lines of the words that people read."""

    def __init__(self, field: Any, obj_a: Any, obj_b: Any) -> None:
        super().__init__(field, obj_a, obj_b)
        self.val_a = " ; ".join(list_labels(field, field.value_from_object(obj_a)))
        self.val_b = " ; ".join(list_labels(field, field.value_from_object(obj_b)))


class RecordComparison(ForeignObjectComparison):
    """Wagtail looks among `Model.objects`, where drafts are not."""

    def get_objects(self) -> tuple[Any, Any]:
        rows = self.field.related_model.all_objects.in_bulk([pk for pk in (self.val_a, self.val_b) if pk])
        return rows.get(self.val_a), rows.get(self.val_b)


register_comparison_class(ListField, comparison_class=ListComparison)
register_comparison_class(ForeignKey, to=Record, comparison_class=RecordComparison)
