"""Handler of the sheet Lieux, and of the addresses that must never be shown.

Source: domain.md, « Confidential address ». Where a place is confidential, its address, postal code and coordinates go
to `ConfidentialAddress` alone. Here they travel as `Secret`, which never shows its content: not in a diff, a report, a
warning or an export.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from registry import bulk
from registry.enums import Wheelchair
from registry.models import Location, Organization, Record
from registry.text import key

from .reader import FormulaCell
from .sheets import Column, Known, Refs, Secret, SheetHandler, Stored, Values, read_reference, register
from .synonyms import LOCATIONS
from .values import (
    CONFIDENTIAL,
    UNREADABLE,
    Reading,
    boolean,
    degrees,
    is_blank,
    read_code,
    read_hours,
    read_postal_code,
    read_text,
)
from .vocabulary import STATE, label_of, untouchable

SECRET_FIELDS = {
    "Adresse": "address",
    "Code postal": "postal_code",
    "Latitude": "latitude",
    "Longitude": "longitude",
}
FLAG = "Adresse confidentielle"
# Québec with a margin, in degrees.
_LATITUDES, _LONGITUDES = (Decimal(44), Decimal(63)), (Decimal(-80), Decimal(-57))


def _read_flag(raw: Any, reading: Reading) -> bool:
    answer = boolean(raw)
    if answer is None:
        if key(raw).startswith("confidentiel"):
            return True
        reading.warn("booleen_ambigu", raw)
        return True
    return answer


def _read_wheelchair(raw: Any, reading: Reading) -> Any:
    text = key(raw) if isinstance(raw, str) else ""
    if text.startswith(("part", "en partie")):
        return Wheelchair.PARTIAL.value
    if text.startswith(("a verifier", "inconnu")):
        return Wheelchair.UNKNOWN.value
    answer = boolean(raw)
    if answer is None:
        reading.warn("booleen_ambigu", raw)
        return UNREADABLE
    return Wheelchair.YES.value if answer else Wheelchair.NO.value


def _read_degrees(raw: Any, reading: Reading) -> Any:
    number = degrees(raw)
    if number is None:
        reading.warn("coordonnees_invalides", raw)
        return UNREADABLE
    return number


@register
class LocationSheet(SheetHandler):
    name = "Lieux"
    model = Location
    title_column = "Nom du lieu"
    after = ("Organismes",)
    code_column, code_prefix = "Code", "LIE"
    identity_columns = ("Organisme", "Nom du lieu")
    read_first = (FLAG,)
    sheet_aliases = ("adresses", "points de service", "sites", "installations", "emplacements", "locaux")
    synonyms = LOCATIONS
    columns = (
        Column(name="Code", read=read_code, attribute="code", shape="code"),
        Column(
            name="Organisme", read=read_reference("Organismes", "organisme_introuvable"), shape="organization",
        ),
        Column(
            name="Nom du lieu", shape="place", read=read_text, attribute="name", width=36,
        ),
        Column(
            name="Adresse", read=read_text, attribute="address", width=36, shape="street",
        ),
        Column(
            name="Municipalité", read=read_text, attribute="municipality",
            shape="municipality",
        ),
        Column(
            name="Code postal", read=read_postal_code, attribute="postal_code", plain=True, shape="postal",
        ),
        Column(
            name="Latitude", read=_read_degrees, attribute="latitude", blank=None, plain=True, shape="latitude",
        ),
        Column(
            name="Longitude", read=_read_degrees, attribute="longitude", blank=None, plain=True, shape="longitude",
        ),
        Column(
            name=FLAG, read=_read_flag, attribute="is_confidential", blank=False, shape="boolean",
        ),
        Column(
            name="Accessible en fauteuil roulant", read=_read_wheelchair, attribute="wheelchair",
            show=label_of(Wheelchair), shape="wheelchair", width=26,
        ),
        Column(
            name="Heures d'ouverture", read=read_hours, attribute="hours", width=36, shape="hours", plain=True,
        ),
    )  # fmt: skip

    def read(self, column: Column, raw: Any, reading: Reading) -> Any:
        if column.name not in SECRET_FIELDS:
            return super().read(column, raw, reading)
        shown = raw.cached if isinstance(raw, FormulaCell) else raw
        if isinstance(shown, str) and key(shown) == key(CONFIDENTIAL):
            return UNREADABLE
        if not self._is_confidential(reading):
            return super().read(column, raw, reading)
        if is_blank(shown):  # blank means « unchanged » here, never « clear »
            return UNREADABLE
        reading.secret = True
        try:
            value = super().read(column, raw, reading)
        finally:
            reading.secret = False
        return UNREADABLE if value is UNREADABLE else Secret(value)

    @staticmethod
    def _is_confidential(reading: Reading) -> bool:
        stored = reading.stored.values if reading.stored is not None else {}
        return bool(stored.get(FLAG)) or reading.values.get(FLAG) is True

    def identify(self, row: Mapping[str, Any], reading: Reading, code_known: bool) -> tuple[str, ...] | None:
        name = self.needed(row, "Nom du lieu", "nom_manquant", code_known)
        organization = self.needed(row, "Organisme", "organisme_introuvable", code_known)
        return None if name is None or organization is None else (organization, key(name))

    def names(self, row: Mapping[str, Any], identity: tuple[str, ...] | None) -> tuple[str, tuple[str, ...], str]:
        return row.get("Nom du lieu") or "", (), identity[0] if identity else ""

    def check(self, values: Values, reading: Reading, headings: Mapping[str, str]) -> None:
        pair = [name for name in ("Latitude", "Longitude") if name in values]
        contents = [_content(values[name]) for name in pair]
        if not pair or all(content in (None, UNREADABLE) for content in contents):
            return
        sound = len(pair) == 2 and _in_quebec(contents[0], contents[1])
        if sound:
            return
        if UNREADABLE not in contents:  # otherwise the cell has been warned about already
            secret = any(isinstance(values[name], Secret) for name in pair)
            shown = CONFIDENTIAL if secret else ", ".join("" if item is None else f"{item:f}" for item in contents)
            reading.warn("coordonnees_invalides", shown, column=headings.get(pair[0], pair[0]))
        for name in pair:
            values[name] = UNREADABLE

    def conflicts(self, values: Values, stored: Stored, reading: Reading, headings: Mapping[str, str]) -> None:
        if stored.values[FLAG] and values.get(FLAG) is False:
            if not is_blank(reading.raw.get(FLAG)):
                reading.warn("confidentialite_conservee", "", column=headings.get(FLAG, FLAG))
            values.pop(FLAG)
        elif values.get(FLAG) is True and not stored.values[FLAG]:
            for name in SECRET_FIELDS:
                stored.values[name] = Secret(stored.values[name])

    def known(self) -> Iterator[Known]:
        fields = ("pk", "code", "organization__code", "name", *STATE)
        for pk, code, owner, name, *state in Location.all_objects.order_by("pk").values_list(*fields):
            yield Known(pk, code, (owner, key(name)), name, owner=owner, untouchable=untouchable(*state))

    def stored(self, pks: Sequence[int] | None = None) -> Iterator[Stored]:
        rows = Location.objects.all() if pks is None else Location.all_objects.filter(pk__in=pks)
        hidden = {f"confidential_address__{field}": name for name, field in SECRET_FIELDS.items()}
        for row in rows.order_by("pk").values("pk", "organization__code", *self.plain_attributes, *hidden):
            values = {**self.plain_values(row), "Organisme": row["organization__code"]}
            if values[FLAG]:
                values.update({name: Secret(row[path]) for path, name in hidden.items()})
            yield Stored(row["pk"], row["code"], values)

    def build(self, values: Values, code: str, refs: Refs) -> Record:
        location = Location(organization_id=refs.pk(Organization, values["Organisme"]))
        self.set_plain(location, {**_shown(values), "Code": code})
        return location

    def update(self, instance: Any, changes: Values, refs: Refs) -> None:
        if changes.get(FLAG) is True and not instance.is_confidential:
            instance.moved_address = {field: getattr(instance, field) for field in SECRET_FIELDS.values()}
            instance.address = instance.postal_code = ""
            instance.latitude = instance.longitude = None
        self.set_plain(instance, _shown(changes))
        if "Organisme" in changes:
            instance.organization_id = refs.pk(Organization, changes["Organisme"])

    def outside(self, changes: Values) -> str:
        only_secret = all(isinstance(value, Secret) for value in changes.values())
        return "registry.confidential_address" if only_secret else ""

    def after_create(self, user: Any, created: Sequence[tuple[Record, Values]]) -> None:
        bulk.set_confidential_addresses(
            {location.pk: _hidden(values) for location, values in created if _hidden(values)}
        )

    def after_update(self, user: Any, updated: Sequence[tuple[Record, Values]]) -> None:
        moved = {location.pk: getattr(location, "moved_address", None) for location, _changes in updated}
        addresses = {
            location.pk: {**_present(moved[location.pk] or {}), **_hidden(changes)} for location, changes in updated
        }
        hidden_now = [pk for pk, address in moved.items() if address is not None]
        bulk.set_confidential_addresses({pk: values for pk, values in addresses.items() if values or pk in hidden_now})
        bulk.scrub_addresses(hidden_now)


def _content(value: Any) -> Any:
    return value.content if isinstance(value, Secret) else value


def _in_quebec(latitude: Any, longitude: Any) -> bool:
    return (
        isinstance(latitude, Decimal)
        and isinstance(longitude, Decimal)
        and _LATITUDES[0] <= latitude <= _LATITUDES[1]
        and _LONGITUDES[0] <= longitude <= _LONGITUDES[1]
    )


def _shown(values: Values) -> Values:
    return {name: value for name, value in values.items() if not isinstance(value, Secret)}


def _hidden(values: Values) -> dict[str, Any]:
    return {SECRET_FIELDS[name]: value.content for name, value in values.items() if isinstance(value, Secret)}


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}
