"""Handler of the sheet Services."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from registry.enums import AccessMode, Availability, Clientele, Line, Program, Visibility
from registry.models import Location, Need, Organization, Record, Service, ServiceNeed, Territory
from registry.text import key

from .choices import read_choice, read_choices, read_labels, read_languages
from .dates import read_date
from .organizations import read_visibility, show_languages
from .sheets import (
    Column,
    Known,
    Refs,
    SheetHandler,
    Stored,
    Values,
    read_reference,
    read_references,
    register,
)
from .synonyms import SERVICES
from .values import (
    UNREADABLE,
    Reading,
    read_age,
    read_code,
    read_email,
    read_hours,
    read_integer,
    read_phone,
    read_text,
)
from .vocabulary import STATE, label_of, untouchable

PROGRAM_ALIASES = {
    "services generaux": "psychosociaux_generaux",
    "psychosocial": "psychosociaux_generaux",
    "services psychosociaux": "psychosociaux_generaux",
    "jeunesse": "jeunes_difficulte",
    "sapa": "sapa",
    "sad": "sapa",
    "aines": "sapa",
    "palv": "sapa",
    "perte d autonomie liee au vieillissement": "sapa",
    "perte d autonomie": "sapa",
    "sm": "sante_mentale",
    "dp": "deficience_physique",
    "di ted": "di_tsa",
    "di": "di_tsa",
    "tsa": "di_tsa",
    "ditsa": "di_tsa",
    "deficience intellectuelle et trouble du spectre de l autisme": "di_tsa",
    "dependance": "dependances",
    "toxicomanie": "dependances",
}
LINE_ALIASES = {
    f"{word}{rest}": str(number)
    for number, words in enumerate((("1", "1re", "1ere", "premiere"), ("2", "2e", "2eme", "deuxieme"),
                                    ("3", "3e", "3eme", "troisieme")), start=1)
    for word in words
    for rest in ("", " ligne")
}  # fmt: skip
ACCESS_ALIASES = {
    "tel": "telephone",
    "par telephone": "telephone",
    "appel": "telephone",
    "sans rdv": "sans_rendez_vous",
    "sur place": "sans_rendez_vous",
    "rdv": "rendez_vous",
    "sur rdv": "rendez_vous",
    "avec rendez vous": "rendez_vous",
    "rendez vous": "rendez_vous",
    "reference": "reference",
    "ref": "reference",
    "sur ref": "reference",
    "a domicile": "domicile",
    "domicile": "domicile",
    "dans le milieu": "domicile",
    "web": "en_ligne",
    "internet": "en_ligne",
}
AVAILABILITY_ALIASES = {
    "dispo": "disponible",
    "ouvert": "disponible",
    "attente": "liste_attente",
    "en attente": "liste_attente",
    "liste d att": "liste_attente",
    "plein": "complet",
    "suspendu": "suspendu",
    "ferme temporairement": "suspendu",
}


@register
class ServiceSheet(SheetHandler):
    name = "Services"
    model = Service
    title_column = "Nom du service"
    after = ("Territoires", "Vocabulaire", "Organismes", "Lieux")
    code_column, code_prefix, code_digits = "Code", "SRV", 4
    identity_columns = ("Organisme", "Nom du service")
    relations = ("need_links", "territories", "locations")
    in_order = (("Âge min", "Âge max"),)
    sheet_aliases = ("liste des services", "offre de service", "programmes", "activités")
    synonyms = SERVICES
    columns = (
        Column(name="Code", read=read_code, attribute="code", shape="code"),
        Column(
            name="Organisme", read=read_reference("Organismes", "organisme_introuvable"), shape="organization",
        ),
        Column(
            name="Nom du service", read=read_text, attribute="name", width=44,
        ),
        Column(
            name="Description", read=read_text, attribute="description", width=60, shape="prose",
        ),
        Column(
            name="Programme-services", attribute="programs", blank=(), ordered=False, shape="program", width=32,
            read=read_choices(Program, aliases=PROGRAM_ALIASES), show=label_of(Program),
        ),
        Column(
            name="Ligne", attribute="line", read=read_choice(Line, aliases=LINE_ALIASES), show=label_of(Line),
            shape="line",
        ),
        Column(
            name="Besoins", blank=(), read=read_references("Vocabulaire", "besoin_inconnu"), shape="needs", width=44,
        ),
        Column(
            name="Clientèle", attribute="clientele", blank=(), read=read_labels(Clientele), ordered=False,
            shape="clientele", width=30,
        ),
        Column(
            name="Âge min", attribute="age_min", blank=None, read=read_age, plain=True, shape="number",
        ),
        Column(
            name="Âge max", attribute="age_max", blank=None, read=read_age, plain=True, shape="number",
        ),
        Column(
            name="Langues", attribute="languages", blank=(), read=read_languages, show=show_languages, ordered=False,
            shape="languages",
        ),
        Column(
            name="Territoires desservis", blank=(), read=read_references("Territoires", "territoire_inconnu"),
            ordered=False, shape="territories", width=26,
        ),
        Column(
            name="Lieux", blank=(), read=read_references("Lieux", "lieu_introuvable", "Organisme"), ordered=False,
            shape="locations",
        ),
        Column(
            name="Modalité d'accès", attribute="access_modes", blank=(), ordered=False, shape="access", width=30,
            read=read_choices(AccessMode, aliases=ACCESS_ALIASES), show=label_of(AccessMode),
        ),
        Column(
            name="Procédure de référence", shape="procedure", read=read_text, attribute="referral_procedure", width=44,
        ),
        Column(
            name="Documents requis", shape="documents", read=read_text, attribute="required_documents", width=36,
        ),
        Column(
            name="Frais", shape="fees", read=read_text, attribute="fees"
        ),
        Column(
            name="Délai d'accès (jours)", attribute="delay_days", blank=None, read=read_integer, plain=True,
            shape="number",
        ),
        Column(
            name="Disponibilité", attribute="availability", shape="availability",
            read=read_choice(Availability, unknown="statut_inconnu", aliases=AVAILABILITY_ALIASES),
            show=label_of(Availability),
        ),
        Column(
            name="Heures", read=read_hours, attribute="hours", plain=True, width=36, shape="hours",
        ),
        Column(
            name="Téléphone", read=read_phone, attribute="phone", plain=True, shape="phone", width=26,
        ),
        Column(
            name="Courriel", read=read_email, attribute="email", plain=True, shape="email", width=32,
        ),
        Column(
            name="Dernière vérification", read=read_date, attribute="verified_on", blank=None, plain=True, shape="date",
        ),
        Column(
            name="Visibilité", attribute="visibility", blank=Visibility.INTERNAL.value, read=read_visibility,
            show=label_of(Visibility), shape="visibility",
        ),
    )  # fmt: skip

    def identify(self, row: Mapping[str, Any], reading: Reading, code_known: bool) -> tuple[str, ...] | None:
        name = self.needed(row, "Nom du service", "nom_manquant", code_known)
        organization = self.needed(row, "Organisme", "organisme_introuvable", code_known)
        return None if name is None or organization is None else (organization, key(name))

    def names(self, row: Mapping[str, Any], identity: tuple[str, ...] | None) -> tuple[str, tuple[str, ...], str]:
        return row.get("Nom du service") or "", (), identity[0] if identity else ""

    def check(self, values: Values, reading: Reading, headings: Mapping[str, str]) -> None:
        stored = reading.stored.values if reading.stored is not None else {}
        low, high = (
            stored.get(name) if values.get(name, UNREADABLE) is UNREADABLE else values[name]
            for name in ("Âge min", "Âge max")
        )
        touched = [name for name in ("Âge min", "Âge max") if name in values]
        if touched and isinstance(low, int) and isinstance(high, int) and low > high:
            reading.warn("age_invalide", f"{low} > {high}", column=headings.get(touched[0], touched[0]))
            for name in touched:
                values[name] = UNREADABLE

    def known(self) -> Iterator[Known]:
        fields = ("pk", "code", "organization__code", "name", *STATE)
        rows = Service.all_objects.order_by("pk").values_list(*fields)
        for pk, code, owner, name, *state in rows.iterator(chunk_size=5000):
            yield Known(pk, code, (owner, key(name)), name, owner=owner, untouchable=untouchable(*state))

    def stored(self, pks: Sequence[int] | None = None) -> Iterator[Stored]:
        rows = Service.objects.all() if pks is None else Service.all_objects.filter(pk__in=pks)
        needs = _grouped(ServiceNeed.objects, "service_id", "need__term", pks, "sort_order", "pk")
        territories = _grouped(Service.territories.through.objects, "service_id", "territory__code", pks, "pk")
        locations = _grouped(Service.locations.through.objects, "service_id", "location__code", pks, "pk")
        for row in rows.order_by("pk").values("pk", "organization__code", *self.plain_attributes):
            pk = row["pk"]
            yield Stored(pk, row["code"], {
                **self.plain_values(row),
                "Organisme": row["organization__code"],
                "Besoins": tuple(needs.get(pk, ())),
                "Territoires desservis": tuple(territories.get(pk, ())),
                "Lieux": tuple(locations.get(pk, ())),
            })  # fmt: skip

    def build(self, values: Values, code: str, refs: Refs) -> Record:
        service = Service()
        self.update(service, {**values, "Code": code}, refs)
        return service

    def update(self, instance: Any, changes: Values, refs: Refs) -> None:
        self.set_plain(instance, changes)
        if "Organisme" in changes:
            instance.organization_id = refs.pk(Organization, changes["Organisme"])
        if "Besoins" in changes:
            kept = {link.need_id: link for link in instance.need_links.all()}
            links = []
            for place, term in enumerate(changes["Besoins"]):
                need_id = refs.pk(Need, term, "term")
                link = kept.get(need_id) or ServiceNeed(need_id=need_id)
                link.sort_order = place
                links.append(link)
            instance.need_links = links
        if "Territoires desservis" in changes:
            instance.territories = [refs.lean(Territory, code) for code in changes["Territoires desservis"]]
        if "Lieux" in changes:
            instance.locations = [refs.lean(Location, code) for code in changes["Lieux"]]


def _grouped(
    manager: Any, owner: str, value: str, pks: Sequence[int] | None, *order: str
) -> Mapping[int, Iterable[str]]:
    rows = manager.all() if pks is None else manager.filter(**{f"{owner}__in": pks})
    grouped: dict[int, list[str]] = defaultdict(list)
    for holder, item in rows.order_by(*order).values_list(owner, value):
        grouped[holder].append(item)
    return grouped
