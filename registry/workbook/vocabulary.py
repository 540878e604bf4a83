"""Handlers of the two reference sheets: Territoires and Vocabulaire."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry import postal_codes
from registry.enums import SynonymKind, TerritoryKind
from registry.models import Need, NeedSynonym, Record, Territory
from registry.text import key

from .choices import read_choice, read_list, split_list
from .sheets import Column, Known, Refs, SheetHandler, Stored, Values, as_cell, read_reference, register
from .synonyms import NEEDS, TERRITORIES
from .values import Reading, read_code, read_text

_ACRONYM = re.compile(r"(?=.*[A-ZÀ-Ý].*[A-ZÀ-Ý])[A-ZÀ-Ý0-9][A-ZÀ-Ý0-9&./+-]{1,11}")


def untouchable(live: bool, has_unpublished_changes: bool, locked: bool) -> str:
    """Why an import may not change a record in this state; empty when it may."""
    if has_unpublished_changes or not live:
        return "brouillon_non_publie"
    return "fiche_verrouillee" if locked else ""


STATE = ("live", "has_unpublished_changes", "locked")


def label_of(vocabulary: Any) -> Any:
    """How a value of a closed vocabulary shows in a cell: its label."""

    def show(value: Any) -> Any:
        if isinstance(value, tuple):
            return as_cell(tuple(show(item) for item in value))
        return str(vocabulary(value).label) if value in vocabulary.values and value != "" else as_cell(value)

    return show


def _read_prefixes(raw: Any, reading: Reading) -> tuple[str, ...]:
    return tuple(dict.fromkeys(postal_codes.normalise_or_same(item).upper() for item in split_list(raw)))


@register
class TerritorySheet(SheetHandler):
    name = "Territoires"
    model = Territory
    title_column = "Nom"
    code_column, code_prefix = "Code", "TER"
    identity_columns = ("Nom",)
    sheet_aliases = ("secteurs", "régions", "découpage territorial")
    synonyms = TERRITORIES
    columns = (
        Column(name="Code", read=read_code, attribute="code", shape="code"),
        Column(name="Nom", read=read_text, attribute="name", width=32),
        Column(
            name="Type", attribute="kind", blank=TerritoryKind.QUARTER.value,
            read=read_choice(TerritoryKind), show=label_of(TerritoryKind), shape="kind", width=24,
        ),
        Column(
            name="Parent", read=read_reference("Territoires", "parent_introuvable"), within=True,
        ),
        Column(
            name="Codes postaux", attribute="postal_prefixes", blank=(), read=_read_prefixes, ordered=False,
            shape="postal_list", width=40,
        ),
    )  # fmt: skip

    def identify(self, row: Mapping[str, Any], reading: Reading, code_known: bool) -> tuple[str, ...] | None:
        name = self.needed(row, "Nom", "nom_manquant", code_known)
        return None if name is None else (key(name),)

    def names(self, row: Mapping[str, Any], identity: tuple[str, ...] | None) -> tuple[str, tuple[str, ...], str]:
        return row.get("Nom") or "", (), ""

    def known(self) -> Iterator[Known]:
        for pk, code, name, *state in Territory.all_objects.order_by("pk").values_list("pk", "code", "name", *STATE):
            yield Known(pk, code, (key(name),), name, untouchable=untouchable(*state))

    def stored(self, pks: Sequence[int] | None = None) -> Iterator[Stored]:
        rows = Territory.objects.all() if pks is None else Territory.all_objects.filter(pk__in=pks)
        for row in rows.order_by("pk").values("pk", "parent__code", *self.plain_attributes):
            yield Stored(row["pk"], row["code"], {**self.plain_values(row), "Parent": row["parent__code"] or ""})

    def build(self, values: Values, code: str, refs: Refs) -> Record:
        territory = Territory()
        self.set_plain(territory, {**values, "Code": code})
        return territory

    def update(self, instance: Any, changes: Values, refs: Refs) -> None:
        self.set_plain(instance, changes)
        self.link(instance, changes, refs)

    def link(self, instance: Any, values: Values, refs: Refs) -> list[str]:
        if "Parent" not in values:
            return []
        instance.parent_id = refs.pk(Territory, values["Parent"])
        return ["parent"]


@register
class VocabularySheet(SheetHandler):
    name = "Vocabulaire"
    model = Need
    title_column = "Terme"
    identity_columns = ("Terme",)
    relations = ("synonyms",)
    sheet_aliases = ("besoins", "thésaurus", "mots-clés")
    synonyms = NEEDS
    columns = (
        Column(
            name="Terme", read=read_text, attribute="term", width=44
        ),
        Column(
            name="Terme parent", read=read_reference("Vocabulaire", "parent_introuvable"), within=True, width=32,
        ),
        Column(
            name="Synonymes", blank=(), read=read_list, width=60,
        ),
    )  # fmt: skip

    def identify(self, row: Mapping[str, Any], reading: Reading, code_known: bool) -> tuple[str, ...] | None:
        return (key(self.needed(row, "Terme", "nom_manquant", code_known)),)

    def names(self, row: Mapping[str, Any], identity: tuple[str, ...] | None) -> tuple[str, tuple[str, ...], str]:
        return row.get("Terme") or "", (), ""

    def known(self) -> Iterator[Known]:
        others: dict[int, list[str]] = defaultdict(list)
        for need_id, text in NeedSynonym.objects.order_by("pk").values_list("need_id", "text"):
            others[need_id].append(text)
        for pk, term, *state in Need.all_objects.order_by("pk").values_list("pk", "term", *STATE):
            yield Known(pk, term, (key(term),), term, tuple(others[pk]), untouchable=untouchable(*state))

    def stored(self, pks: Sequence[int] | None = None) -> Iterator[Stored]:
        rows = Need.objects.all() if pks is None else Need.all_objects.filter(pk__in=pks)
        links = NeedSynonym.objects.all() if pks is None else NeedSynonym.objects.filter(need_id__in=pks)
        synonyms: dict[int, list[str]] = defaultdict(list)
        for need_id, text in links.order_by("sort_order", "pk").values_list("need_id", "text"):
            synonyms[need_id].append(text)
        for row in rows.order_by("pk").values("pk", "term", "parent__term"):
            yield Stored(
                row["pk"], row["term"],
                {
                    "Terme": row["term"],
                    "Terme parent": row["parent__term"] or "",
                    "Synonymes": tuple(synonyms[row["pk"]]),
                },
            )  # fmt: skip

    def conflicts(self, values: Values, stored: Stored, reading: Reading, headings: Mapping[str, str]) -> None:
        # The term is the key: one that differs by capitals or accents only is the same term, spelled as it is here.
        values.pop("Terme", None)

    def build(self, values: Values, code: str, refs: Refs) -> Record:
        need = Need(term=values["Terme"])
        need.synonyms = [_synonym(text, place) for place, text in enumerate(values.get("Synonymes", ()))]
        return need

    def update(self, instance: Any, changes: Values, refs: Refs) -> None:
        if "Synonymes" in changes:
            kept = {synonym.text: synonym for synonym in instance.synonyms.all()}
            synonyms = []
            for place, text in enumerate(changes["Synonymes"]):
                synonym = kept.get(text) or _synonym(text, place)
                synonym.sort_order = place
                synonyms.append(synonym)
            instance.synonyms = synonyms
        self.link(instance, changes, refs)

    def link(self, instance: Any, values: Values, refs: Refs) -> list[str]:
        if "Terme parent" not in values:
            return []
        instance.parent_id = refs.pk(Need, values["Terme parent"], "term")
        return ["parent"]


def _synonym(text: str, place: int) -> NeedSynonym:
    kind = SynonymKind.ACRONYM if _ACRONYM.fullmatch(text) else SynonymKind.SYNONYM
    return NeedSynonym(text=text[:200], kind=kind.value, sort_order=place)
