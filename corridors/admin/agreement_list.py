"""The list of ententes: what it shows of each, what it filters on, what it exports.

Status, flags, term and turn are computed (see `corridors.overview`): filters on them read every entente in one SQL
query, and the rows of a page in one more, whatever their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.ui.tables import Column

from registry.admin import filters
from registry.admin.listing import RecordIndexView
from registry.enums import SCHOOLS, PartnerType, Program
from registry.models import Organization, Territory

from .. import enums, overview
from ..models import Agreement, AgreementParty
from . import standing

BY_TERM = "terme"
_SCHOOLS = "ecole"


def _by_partner_type(queryset: QuerySet, name: str, value: str) -> QuerySet:
    types = [str(kind) for kind in SCHOOLS] if value == _SCHOOLS else [value]
    parties = AgreementParty.objects.filter(role=enums.PartyRole.PARTNER, organization__partner_type__in=types)
    return queryset.filter(pk__in=parties.values("agreement_id"))


def _people() -> list[tuple[str, str]]:
    names = Agreement.all_objects.exclude(responsible="").order_by("responsible").values_list("responsible", flat=True)
    return [(name, name) for name in names.distinct()]


def _select(choices: Iterable[tuple[str, Any]], label: str, method: str) -> Any:
    """A drop-down whose filter is a method of the set, which reads the standings once for all."""
    return django_filters.ChoiceFilter(choices=list(choices), label=label, method=method, empty_label="Tous")


def _computed(wanted: Callable[[str], overview.Wanted]) -> Callable[..., QuerySet]:
    """A filter on what is computed."""

    def keep(filterset: AgreementFilterSet, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(pk__in=overview.keys(filterset.standings, wanted(value)))

    return keep


class AgreementFilterSet(filters.RecordFilterSet):
    statut = _select(
        [*((key, label) for key, (label, _) in overview.GROUPS.items()), *enums.AgreementStatus.choices],
        "Statut", "by_status",
    )  # fmt: skip
    drapeau = _select(enums.AgreementFlag.choices, "Drapeau", "by_flag")
    tour = _select([(key, label) for key, (label, _) in overview.TURNS.items()], "Tour", "by_turn")
    terme = _select([(key, label) for key, (label, _) in overview.TERMS.items()], "Terme", "by_term")
    type_partenaire = filters.select(
        [(_SCHOOLS, "École (primaire, secondaire, formation aux adultes)"), *PartnerType.choices],
        "Type de partenaire", _by_partner_type,
    )  # fmt: skip
    programs = filters.holding(Program, "Programme-services")
    territoire = filters.related(
        lambda request: Territory.all_objects.order_by("name"), "Territoire", field_name="territories"
    )
    responsable = filters.select([], "Responsable", field_name="responsible")
    partie = filters.related(
        lambda request: Organization.all_objects.order_by("name"), "Partie", field_name="parties__organization"
    )
    instrument_type = filters.select(enums.InstrumentType.choices, "Type")
    modalities = filters.holding(enums.Modality, "Modalité")
    renewal = filters.select(enums.RenewalKind.choices, "Renouvellement")
    ends_on = django_filters.DateFromToRangeFilter(label="Échéance écrite entre", widget=DateRangePickerWidget)
    declared_status = filters.select(enums.DeclaredStatus.choices, "Statut déclaré")

    class Meta:
        model = Agreement
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["responsable"].extra["choices"] = _people()

    @cached_property
    def standings(self) -> list[overview.Standing]:
        """Read once, for whatever filters need it."""
        return overview.standings(timezone.localdate())

    by_status = _computed(overview.with_status)
    by_flag = _computed(overview.with_flag)
    by_turn = _computed(lambda value: overview.TURNS[value][1])
    by_term = _computed(lambda value: overview.TERMS[value][1])


class AgreementIndexView(RecordIndexView):
    """Rows that carry where they stand; sorted by the end of the term that runs when asked to."""

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        if self.ordering.lstrip("-") == BY_TERM:
            return queryset.order_by("number")
        return super().order_queryset(queryset)

    def paginate_queryset(self, queryset: QuerySet, page_size: int) -> Any:
        if self.ordering.lstrip("-") != BY_TERM:
            paginator, page, rows, others = super().paginate_queryset(queryset, page_size)
            return paginator, page, overview.attach(rows), others
        paginator, page, keys, others = super().paginate_queryset(self._by_term(queryset), page_size)
        found = queryset.in_bulk(list(keys))
        page.object_list = overview.attach(found[key] for key in keys)
        return paginator, page, page.object_list, others

    def _by_term(self, queryset: QuerySet) -> Any:
        """Primary keys, the end of the term first to come (or last) before those without one."""
        wanted = set(queryset.values_list("pk", flat=True))
        rows = [row for row in overview.standings(None, Agreement.all_objects.all()) if row.pk in wanted]
        dated = [row for row in rows if row.term_end is not None]
        dated.sort(key=lambda row: (row.term_end, row.number), reverse=self.ordering.startswith("-"))
        return [row.pk for row in (*dated, *(row for row in rows if row.term_end is None))]

    def write_xlsx(self, queryset: Any, output: Any) -> None:
        super().write_xlsx(Exported(overview.attach(queryset), queryset.model), output)


class Exported:
    """The rows of an export, as Wagtail walks through them."""

    def __init__(self, rows: Any, model: type) -> None:
        self.rows, self.model = rows, model

    def __iter__(self) -> Any:
        return iter(self.rows)


LIST_DISPLAY = (
    "number",
    standing.AgreementTitleColumn("title", label="Titre", sort_key="title", classname="suivi-titre"),
    standing.AgreementStatusColumn("statut", label="Statut", classname="suivi-statut"),
    standing.StandingColumn(
        BY_TERM, standing.term_text, label="Fin du terme", sort_key=BY_TERM, classname="suivi-date"
    ),
    standing.StandingColumn("preavis", standing.notice_text, label="Préavis", classname="suivi-date"),
    Column("responsible", label="Responsable", sort_key="responsible"),
)
EXPORT_COLUMNS: dict[str, str | Callable[[Any], Any]] = {
    "Numéro": "number",
    "Titre": "title",
    "Statut": lambda row: row.standing.status.label,
    "Drapeaux": lambda row: [flag.label for flag in row.standing.state.flags],
    "Fin du terme": lambda row: row.standing.term_end,
    "Préavis à donner au plus tard": lambda row: row.standing.notice_on,
    "Tour": lambda row: row.standing.waits_for,
    "Type": "instrument_type",
    "Parties": lambda row: [str(party) for party in row.parties.all()],
    "Programme-services": lambda row: [str(Program(value).label) for value in row.programs],
    "Territoires": lambda row: [str(territory) for territory in row.territories.all()],
    "Modalités": lambda row: [str(enums.Modality(value).label) for value in row.modalities],
    "Statut déclaré": "declared_status",
    "Date de signature": "signed_on",
    "Entrée en vigueur": "starts_on",
    "Échéance": "ends_on",
    "Renouvellement": "renewal",
    "Préavis (jours)": "notice_days",
    "Responsable": "responsible",
    "Objet": "object",
    "Mécanisme de référence": "referral_mechanism",
    "Mécanisme de mésentente": "dispute_mechanism",
    "Échange d’information": "information_exchange",
}
