"""Handlers of the sheets Corridors and Obligations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corridors.enums import (
    Channel,
    Direction,
    ObligationStatus,
    Recurrence,
)
from corridors.models import Agreement, Obligation, ReferralMechanism, ServiceCorridor
from registry.models import Organization, Record, Service
from registry.text import key
from registry.workbook.choices import read_choice
from registry.workbook.dates import read_date
from registry.workbook.sheets import (
    ANY,
    Column,
    Known,
    Refs,
    Rejection,
    Stored,
    Values,
    read_reference,
    register,
)
from registry.workbook.values import UNREADABLE, Reading, read_code, read_integer, read_text
from registry.workbook.vocabulary import STATE, label_of, untouchable

from .sealed import SealedSheet
from .synonyms import CORRIDORS, OBLIGATIONS

DIRECTION_ALIASES = {
    "aller retour": "bi", "deux sens": "bi", "les deux sens": "bi", "reciproque": "bi",
    "aller": "uni", "un sens": "uni", "sens unique": "uni", "aller simple": "uni",
}  # fmt: skip
RECURRENCE_ALIASES = {
    "une fois": "unique", "une seule fois": "unique", "chaque mois": "mensuelle", "mensuel": "mensuelle",
    "tous les mois": "mensuelle", "trimestriel": "trimestrielle", "aux trois mois": "trimestrielle",
    "annuel": "annuelle", "chaque annee": "annuelle", "tous les ans": "annuelle", "continu": "continu",
}  # fmt: skip
STATUS_ALIASES = {
    "fait": "respectee", "faite": "respectee", "respecte": "respectee", "complete": "respectee",
    "retard": "en_retard", "en cours de realisation": "en_cours", "prevu": "a_venir", "prevue": "a_venir",
}  # fmt: skip
_CHANNELS = (
    (r"numero (?:prioritaire|reserve)|autoreference", Channel.PRIORITY_LINE),
    (r"transfert", Channel.WARM_TRANSFER),
    (r"(?:appel|telephone).*formulaire", Channel.CALL_THEN_FORM),
    (r"courriel|messagerie|electronique", Channel.EMAIL_FORM),
    (r"telecopie|fax", Channel.FAX),
    (r"accompagn", Channel.ACCOMPANIMENT),
    (r"rencontre|table de cas|discussion de cas", Channel.CASE_MEETING),
)


def channel_of(label: str) -> str:
    """The channel that the words of a mechanism suggest."""
    folded = key(label)
    return next((channel.value for words, channel in _CHANNELS if re.search(words, folded)), Channel.OTHER.value)


@register
class CorridorSheet(SealedSheet):
    name = "Corridors"
    model = ServiceCorridor
    after = ("Services", "Ententes")
    code_column, code_prefix = "Code", "COR"
    identity_columns = ("Entente", "Service d'origine", "Service de destination")
    relations = ("mechanisms",)
    of_entente = "Entente"
    agreed = frozenset({
        "Entente", "Service d'origine", "Service de destination", "Direction", "Critères", "Délai urgent (heures)",
        "Délai prioritaire (jours)", "Délai régulier (jours)", "Retour en première ligne", "Corridor de relève",
    })  # fmt: skip
    sheet_aliases = ("trajectoires", "références", "cheminements", "parcours")
    synonyms = CORRIDORS
    columns = (
        Column(name="Code", read=read_code, attribute="code", shape="code"),
        Column(
            name="Entente", read=read_reference("Ententes", "entente_introuvable"), shape="agreement", width=16,
        ),
        Column(
            name="Service d'origine", read=read_reference("Services", "service_introuvable"), shape="service",
        ),
        Column(
            name="Service de destination", read=read_reference("Services", "service_introuvable"), shape="service",
        ),
        Column(
            name="Direction", attribute="direction", blank=Direction.ONE_WAY.value, shape="direction",
            read=read_choice(Direction, aliases=DIRECTION_ALIASES), show=label_of(Direction),
        ),
        Column(
            name="Critères", read=read_text, attribute="criteria", width=44,
        ),
        Column(
            name="Mécanisme", shape="referral", read=read_text, limit=255, width=36,
        ),
        Column(
            name="Délai urgent (heures)", read=read_integer, attribute="urgent_delay", blank=None, plain=True,
            shape="number",
        ),
        Column(
            name="Délai prioritaire (jours)", read=read_integer, attribute="priority_delay", blank=None, plain=True,
            shape="number",
        ),
        Column(
            name="Délai régulier (jours)", read=read_integer, attribute="regular_delay", blank=None, plain=True,
            shape="number",
        ),
        Column(
            name="Contact de liaison", read=read_text, attribute="liaison_contact", width=32, shape="person",
        ),
        Column(
            name="Disponibilité", read=read_text, attribute="hours", width=30, shape="hours", plain=True,
        ),
        Column(
            name="Retour en première ligne", shape="return", read=read_text, attribute="return_path", width=36,
        ),
        Column(
            name="Corridor de relève", read=read_reference("Corridors", "releve_introuvable"), within=True,
            shape="same_code",
        ),
    )  # fmt: skip

    def identify(self, row: Mapping[str, Any], reading: Reading, code_known: bool) -> tuple[str, ...] | None:
        agreement = self.needed(row, "Entente", "entente_introuvable", code_known)
        origin = self.needed(row, "Service d'origine", "service_introuvable", code_known)
        destination = self.needed(row, "Service de destination", "service_introuvable", code_known)
        if origin is not None and origin == destination:
            raise Rejection("meme_service")
        if agreement is None or origin is None or destination is None:
            return None
        return agreement, origin, destination

    def known(self) -> Iterator[Known]:
        fields = ("pk", "code", "agreement__number", "from_service__code", "to_service__code", *STATE)
        for pk, code, agreement, origin, destination, *state in ServiceCorridor.all_objects.order_by("pk").values_list(
            *fields
        ):
            yield Known(pk, code, (agreement, origin, destination), untouchable=untouchable(*state))

    def stored(self, pks: Sequence[int] | None = None) -> Iterator[Stored]:
        rows = ServiceCorridor.objects.all() if pks is None else ServiceCorridor.all_objects.filter(pk__in=pks)
        mechanisms: dict[int, str] = {}
        links = (
            ReferralMechanism.objects.all() if pks is None else ReferralMechanism.objects.filter(corridor_id__in=pks)
        )
        for pk, label in links.order_by("sort_order", "pk").values_list("corridor_id", "label"):
            mechanisms.setdefault(pk, label)
        paths = {
            "Entente": "agreement__number",
            "Service d'origine": "from_service__code",
            "Service de destination": "to_service__code",
            "Corridor de relève": "fallback__code",
        }
        for row in rows.order_by("pk").values("pk", *self.plain_attributes, *paths.values()):
            references = {name: row[path] or "" for name, path in paths.items()}
            values = {**self.plain_values(row), **references, "Mécanisme": mechanisms.get(row["pk"], "")}
            yield Stored(row["pk"], row["code"], values)

    def build(self, values: Values, code: str, refs: Refs) -> Record:
        corridor = ServiceCorridor()
        self._set(corridor, {**values, "Code": code}, refs)
        return corridor

    def update(self, instance: Any, changes: Values, refs: Refs) -> None:
        self._set(instance, changes, refs)
        self.link(instance, changes, refs)

    def _set(self, instance: Any, values: Values, refs: Refs) -> None:
        self.set_plain(instance, values)
        if "Entente" in values:
            instance.agreement_id = refs.pk(Agreement, values["Entente"], "number")
        if "Service d'origine" in values:
            instance.from_service_id = refs.pk(Service, values["Service d'origine"])
        if "Service de destination" in values:
            instance.to_service_id = refs.pk(Service, values["Service de destination"])
        if "Mécanisme" in values:
            first, *others = [*instance.mechanisms.all()] or [ReferralMechanism()]
            first.label, first.channel = values["Mécanisme"], channel_of(values["Mécanisme"])
            instance.mechanisms = [first, *others] if first.label else others

    def link(self, instance: Any, values: Values, refs: Refs) -> list[str]:
        if "Corridor de relève" not in values:
            return []
        instance.fallback_id = refs.pk(ServiceCorridor, values["Corridor de relève"])
        return ["fallback"]


@register
class ObligationSheet(SealedSheet):
    name = "Obligations"
    model = Obligation
    title_column = "Contribution attendue"
    after = ("Organismes", "Ententes")
    identity_columns = ("Entente", "Partie", "Contribution attendue", "Échéance")
    optional_identity = 1
    repeats = True
    of_entente = "Entente"
    agreed = frozenset({"Entente", "Partie", "Contribution attendue", "Échéance", "Fréquence"})
    sheet_aliases = ("engagements", "contributions", "livrables", "suivis", "à livrer")
    synonyms = OBLIGATIONS
    columns = (
        Column(
            name="Entente", read=read_reference("Ententes", "entente_introuvable"), shape="agreement", width=16,
        ),
        Column(
            name="Partie", read=read_reference("Organismes", "organisme_introuvable"), shape="organization",
        ),
        Column(
            name="Contribution attendue", read=read_text, attribute="text", width=44,
        ),
        Column(
            name="Échéance", read=read_date, attribute="due_on", blank=None, plain=True, shape="date",
        ),
        Column(
            name="Fréquence", attribute="recurrence", shape="recurrence", show=label_of(Recurrence),
            read=read_choice(Recurrence, aliases=RECURRENCE_ALIASES),
        ),
        Column(
            name="État", attribute="status", shape="obligation_status", show=label_of(ObligationStatus),
            read=read_choice(ObligationStatus, unknown="statut_inconnu", aliases=STATUS_ALIASES),
        ),
    )  # fmt: skip

    def identify(self, row: Mapping[str, Any], reading: Reading, code_known: bool) -> tuple[str, ...] | None:
        agreement = self.needed(row, "Entente", "entente_introuvable", code_known)
        party = self.needed(row, "Partie", "organisme_introuvable", code_known)
        text = self.needed(row, "Contribution attendue", "nom_manquant", code_known)
        due = row.get("Échéance", UNREADABLE)
        when = ANY if due is UNREADABLE else due.isoformat() if due is not None else ""
        return agreement, party, key(text), when

    def known(self) -> Iterator[Known]:
        fields = ("pk", "agreement__number", "party__code", "text", "due_on", *STATE)
        for pk, number, party, text, due, *state in Obligation.all_objects.order_by("pk").values_list(*fields):
            identity = (number, party, key(text), due.isoformat() if due else "")
            yield Known(pk, "", identity, untouchable=untouchable(*state))

    def stored(self, pks: Sequence[int] | None = None) -> Iterator[Stored]:
        rows = Obligation.objects.all() if pks is None else Obligation.all_objects.filter(pk__in=pks)
        wanted = ("pk", "agreement__number", "party__code", *self.plain_attributes)
        for row in rows.order_by("pk").values(*wanted):
            references = {"Entente": row["agreement__number"], "Partie": row["party__code"]}
            yield Stored(row["pk"], "", {**self.plain_values(row), **references})

    def build(self, values: Values, code: str, refs: Refs) -> Record:
        obligation = Obligation()
        self.update(obligation, values, refs)
        return obligation

    def update(self, instance: Any, changes: Values, refs: Refs) -> None:
        self.set_plain(instance, changes)
        if "Entente" in changes:
            instance.agreement_id = refs.pk(Agreement, changes["Entente"], "number")
        if "Partie" in changes:
            instance.party_id = refs.pk(Organization, changes["Partie"])
