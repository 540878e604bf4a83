"""Forms of what may be signed: a signed term that somebody changed is said beside its field, before anything is kept,
drafts included (a draft that can never be published would be a trap)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from wagtail.admin.forms.models import WagtailAdminModelForm

from .. import sealed
from ..canonical import canonical
from ..enums import AgreementStatus
from ..models import Agreement


class SealedForm(WagtailAdminModelForm):
    """`agreed`: fields that the parties sign; `agreed_children`: of each child relation (None: all of it)."""

    agreed: ClassVar[frozenset[str]] = frozenset()
    agreed_children: ClassVar[Mapping[str, frozenset[str] | None]] = {}

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        decision = self._decision(self._was())
        if decision is not None:
            changed = (name for name in self.changed_data if name in self.agreed and name in values)
            for name in changed:
                if _plain(self.initial.get(name)) == _plain(values[name]):
                    continue  # the same, typed or held otherwise
                self.add_error(name, sealed.refusal(decision, [str(self.fields[name].label)]))
            moved = [name for name, fields in self.agreed_children.items() if self._children_moved(name, fields)]
            if moved:
                labels = [
                    str(self.instance._meta.get_field(name).related_model._meta.verbose_name_plural) for name in moved
                ]
                self.add_error(None, sealed.refusal(decision, labels))
        return values

    def _was(self) -> int | None:
        """The entente of the record as it is stored."""
        return self.instance.pk

    def _decision(self, agreement: int | None) -> AgreementStatus | None:
        return sealed.sealing([agreement]).get(agreement) if agreement else None

    def _children_moved(self, name: str, fields: frozenset[str] | None) -> bool:
        formset = self.formsets.get(name)
        if formset is None:
            return False
        changed = (set(form.changed_data) - {"id", "ORDER"} for form in formset.forms)
        return any(names if fields is None else names & {*fields, "DELETE"} for names in changed)


def _plain(value: Any) -> Any:
    """A value of a form and one of a record, made comparable: lists without their order, records by their key."""
    if hasattr(value, "all"):
        value = list(value.all())
    if isinstance(value, (list, tuple, set, QuerySet)):
        return sorted(str(getattr(item, "pk", item)) for item in value)
    return "" if value is None else canonical(str(getattr(value, "pk", value)))


class AgreementForm(SealedForm):
    agreed = frozenset({
        "number", "title", "object", "instrument_type", "modalities", "programs", "territories", "signed_on",
        "starts_on", "ends_on", "renewal", "renewal_months", "notice_days", "referral_mechanism", "dispute_mechanism",
        "information_exchange",
    })  # fmt: skip
    agreed_children = {"parties": frozenset({"organization", "role", "mandate"}), "clauses": None}


class _PartForm(SealedForm):
    """Of a record that hangs on an entente: it may not join a signed one either."""

    def _was(self) -> int | None:
        if not self.instance.pk:
            return None
        rows = type(self.instance).all_objects.filter(pk=self.instance.pk)
        return rows.values_list("agreement_id", flat=True).first()

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        joined = values.get("agreement")
        if isinstance(joined, Agreement) and "agreement" not in self.errors and joined.pk != self._was():
            decision = self._decision(joined.pk)
            if decision is not None:
                self.add_error("agreement", sealed.refusal(decision, [str(self.instance._meta.verbose_name_plural)]))
        return values


class CorridorForm(_PartForm):
    agreed = frozenset({
        "code", "agreement", "from_service", "to_service", "direction", "criteria", "urgent_delay", "urgent_unit",
        "priority_delay", "priority_unit", "regular_delay", "regular_unit", "return_path", "follow_through",
        "registration_procedure", "fallback",
    })  # fmt: skip


class ObligationForm(_PartForm):
    agreed = frozenset({"agreement", "party", "text", "due_on", "recurrence"})
