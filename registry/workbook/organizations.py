"""Handlers of the sheets Organismes and Contacts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry import languages
from registry.enums import PartnerType, Visibility
from registry.models import Contact, Organization, Record, Service
from registry.text import key

from .choices import find_choice, read_choice, read_languages, read_list
from .sheets import ANY, Column, Known, Refs, SheetHandler, Stored, Values, as_cell, read_reference, register
from .synonyms import CONTACTS, ORGANIZATIONS
from .values import (
    UNREADABLE,
    Reading,
    boolean,
    clean_text,
    read_code,
    read_email,
    read_phone,
    read_text,
    read_url,
    readable,
)
from .vocabulary import STATE, label_of, untouchable

PARTNER_TYPE_ALIASES = {
    "ligne telephonique": "ligne_provinciale",
    "ligne provinciale": "ligne_provinciale",
    "programme": "programme_centre",
    "programme csss": "programme_centre",
    "programme ciusss": "programme_centre",
    "hopital": "centre_hospitalier",
    "police": "corps_policier",
    "service de police": "corps_policier",
    "municipalite": "municipalite",
    "securite civile": "municipalite",
    "hebergement": "maison_hebergement",
    "org communautaire": "organisme_communautaire",
    "organisme comm": "organisme_communautaire",
    "communautaire": "organisme_communautaire",
    "autre": "autre",
    "a preciser": "autre",
}
VISIBILITY_ALIASES = {
    "public": "publique",
    "tous": "publique",
    "reseau": "reseau",
    "partenaire": "reseau",
    "privee": "interne",
    "prive": "interne",
    "confidentiel": "interne",
    "confidentielle": "interne",
    "interne seulement": "interne",
}


def show_languages(codes: tuple[str, ...]) -> str:
    return str(as_cell(tuple(languages.label(code) for code in codes)))


def read_visibility(raw: Any, reading: Reading) -> Any:
    """A visibility by its label; where the column says « Confidentiel », oui is the narrowest one."""
    found = find_choice(Visibility, clean_text(raw), VISIBILITY_ALIASES)
    if found is None and boolean(raw) is True and key(reading.heading).startswith("conf"):
        found = Visibility.INTERNAL.value
    if found is None:
        reading.warn("booleen_ambigu" if key(reading.heading).startswith("conf") else "valeur_inconnue", raw)
        return UNREADABLE
    return found


def _read_neq(raw: Any, reading: Reading) -> Any:
    digits = re.sub(r"[\s.-]", "", clean_text(raw))
    if not re.fullmatch(r"\d{10}", digits):
        reading.warn("nombre_invalide", raw)
        return UNREADABLE
    return digits


@register
class OrganizationSheet(SheetHandler):
    name = "Organismes"
    model = Organization
    title_column = "Nom"
    code_column, code_prefix = "Code", "ORG"
    identity_columns = ("Nom", "Type de partenaire", "Autres noms", "Acronyme")
    optional_identity = 3
    name_column, detects_duplicates = "Nom", True
    sheet_aliases = ("partenaires", "ressources", "répertoire", "organisations", "établissements", "membres")
    synonyms = ORGANIZATIONS
    columns = (
        Column(name="Code", read=read_code, attribute="code", shape="code"),
        Column(
            name="Nom", read=read_text, attribute="name", width=44, shape="title",
        ),
        Column(name="Acronyme", read=read_text, attribute="acronym", shape="acronym"),
        Column(
            name="Autres noms", attribute="other_names", blank=(), read=read_list, width=36,
        ),
        Column(
            name="Type de partenaire", attribute="partner_type", blank=PartnerType.OTHER.value,
            shape="partner_type", width=30,
            read=read_choice(PartnerType, unknown="type_inconnu", aliases=PARTNER_TYPE_ALIASES),
            show=label_of(PartnerType),
        ),
        Column(
            name="Description", read=read_text, attribute="description", width=60, shape="prose",
        ),
        Column(
            name="NEQ", read=_read_neq, attribute="neq", plain=True, shape="neq",
        ),
        Column(
            name="Téléphone", read=read_phone, attribute="phone", plain=True, shape="phone", width=26,
        ),
        Column(
            name="Courriel", read=read_email, attribute="email", plain=True, shape="email", width=32,
        ),
        Column(
            name="Site web", read=read_url, attribute="website", shape="url", width=36,
        ),
        Column(
            name="Langues", attribute="languages", blank=(), read=read_languages, show=show_languages,
            shape="languages",
        ),
        Column(
            name="Organisme parent", read=read_reference("Organismes", "parent_introuvable"), within=True,
            shape="parent",
        ),
    )  # fmt: skip

    def identify(self, row: Mapping[str, Any], reading: Reading, code_known: bool) -> tuple[str, ...] | None:
        name = self.needed(row, "Nom", "nom_manquant", code_known)
        if name is None:
            return None
        partner_type = row.get("Type de partenaire", UNREADABLE)
        return key(name), ANY if partner_type is UNREADABLE else partner_type

    def names(self, row: Mapping[str, Any], identity: tuple[str, ...] | None) -> tuple[str, tuple[str, ...], str]:
        others = (row.get("Acronyme"), *(readable(row.get("Autres noms")) or ()))
        return readable(row.get("Nom")) or "", tuple(other for other in others if isinstance(other, str)), ""

    def known(self) -> Iterator[Known]:
        fields = ("pk", "code", "name", "partner_type", "acronym", "other_names", *STATE)
        for pk, code, name, kind, acronym, others, *state in Organization.all_objects.order_by("pk").values_list(
            *fields
        ):
            yield Known(pk, code, (key(name), kind), name, (acronym, *others), untouchable=untouchable(*state))

    def stored(self, pks: Sequence[int] | None = None) -> Iterator[Stored]:
        rows = Organization.objects.all() if pks is None else Organization.all_objects.filter(pk__in=pks)
        for row in rows.order_by("pk").values("pk", "parent__code", *self.plain_attributes):
            values = {**self.plain_values(row), "Organisme parent": row["parent__code"] or ""}
            yield Stored(row["pk"], row["code"], values)

    def build(self, values: Values, code: str, refs: Refs) -> Record:
        organization = Organization(partner_type=PartnerType.OTHER.value)
        self.set_plain(organization, {**values, "Code": code})
        return organization

    def update(self, instance: Any, changes: Values, refs: Refs) -> None:
        self.set_plain(instance, changes)
        self.link(instance, changes, refs)

    def link(self, instance: Any, values: Values, refs: Refs) -> list[str]:
        if "Organisme parent" not in values:
            return []
        instance.parent_id = refs.pk(Organization, values["Organisme parent"])
        return ["parent"]


@register
class ContactSheet(SheetHandler):
    name = "Contacts"
    model = Contact
    title_column = "Nom"
    after = ("Organismes", "Services")
    identity_columns = ("Nom", "Organisme", "Service")
    optional_identity = 1
    repeats = True
    sheet_aliases = ("personnes-ressources", "bottin", "répondants", "personnel", "annuaire")
    synonyms = CONTACTS
    columns = (
        Column(
            name="Organisme", read=read_reference("Organismes", "organisme_introuvable"), shape="organization",
        ),
        Column(
            name="Service", read=read_reference("Services", "service_introuvable_contact", "Organisme"),
            shape="service",
        ),
        Column(
            name="Nom", read=read_text, attribute="name", width=32, shape="person",
        ),
        Column(
            name="Fonction", shape="role", read=read_text, attribute="role", width=32,
        ),
        Column(
            name="Téléphone", read=read_phone, attribute="phone", plain=True, shape="phone", width=26,
        ),
        Column(
            name="Poste", read=read_text, attribute="extension", plain=True, shape="extension",
        ),
        Column(
            name="Courriel", read=read_email, attribute="email", plain=True, shape="email", width=36,
        ),
        Column(
            name="Visibilité", attribute="visibility", blank=Visibility.INTERNAL.value, read=read_visibility,
            show=label_of(Visibility), shape="visibility",
        ),
    )  # fmt: skip

    def identify(self, row: Mapping[str, Any], reading: Reading, code_known: bool) -> tuple[str, ...] | None:
        name = self.needed(row, "Nom", "nom_manquant", code_known)
        organization = self.needed(row, "Organisme", "organisme_introuvable", code_known)
        service = row.get("Service", UNREADABLE)
        return organization, ANY if service is UNREADABLE else service, key(name)

    def known(self) -> Iterator[Known]:
        fields = ("pk", "organization__code", "service__code", "name", *STATE)
        for pk, organization, service, name, *state in Contact.all_objects.order_by("pk").values_list(*fields):
            yield Known(pk, "", (organization, service or "", key(name)), untouchable=untouchable(*state))

    def stored(self, pks: Sequence[int] | None = None) -> Iterator[Stored]:
        rows = Contact.objects.all() if pks is None else Contact.all_objects.filter(pk__in=pks)
        wanted = ("pk", "organization__code", "service__code", *self.plain_attributes)
        for row in rows.order_by("pk").values(*wanted):
            values = {
                **self.plain_values(row),
                "Organisme": row["organization__code"],
                "Service": row["service__code"] or "",
            }
            yield Stored(row["pk"], "", values)

    def build(self, values: Values, code: str, refs: Refs) -> Record:
        contact = Contact()
        self.update(contact, values, refs)
        return contact

    def update(self, instance: Any, changes: Values, refs: Refs) -> None:
        self.set_plain(instance, changes)
        if "Organisme" in changes:
            instance.organization_id = refs.pk(Organization, changes["Organisme"])
        if "Service" in changes:
            instance.service_id = refs.pk(Service, changes["Service"])
