"""Handlers of the sheets Ententes, Corridors and Obligations.

`declared_*` keep the workbook's own words; the typed fields beside them are derived here. An entente's status belongs
to the system: the workbook's word is taken when the entente is created, and never after.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from corridors.enums import (
    Channel,
    DeclaredStatus,
    Direction,
    InstrumentType,
    Modality,
    ObligationStatus,
    PartyRole,
    Recurrence,
    RenewalKind,
)
from corridors.models import Agreement, AgreementParty, Obligation, ReferralMechanism, ServiceCorridor
from registry.enums import Program
from registry.models import Organization, Record, Service, Territory
from registry.text import key
from registry.workbook.dates import read_date
from registry.workbook.services import PROGRAM_ALIASES
from registry.workbook.sheets import (
    Column,
    Known,
    Refs,
    Rejection,
    SheetHandler,
    Stored,
    Values,
    read_reference,
    read_references,
    register,
)
from registry.workbook.values import (
    UNREADABLE,
    Reading,
    clean_text,
    find_choice,
    read_choice,
    read_choices,
    read_code,
    read_integer,
    read_text,
    split_list,
)
from registry.workbook.vocabulary import STATE, label_of, untouchable

_PARTY = re.compile(r"(.*?)\s*\(([^()]*)\)\s*", re.DOTALL)
_CENTRE_WORDS = {"csss", "ciusss", "cisss", "centre", "etablissement", "chu", "iu"}
_PARTNER_WORDS = {"partenaire", "part", "organisme", "signataire", "partie", "ressource"}
_BOTH_MODALITIES = {
    "presence physique et corridor",
    "presence et corridor",
    "presence physique et corridor de services",
}
RENEWALS = {
    "tacite reconduction": RenewalKind.TACIT,
    "tacite": RenewalKind.TACIT,
    "automatique d annee en annee": RenewalKind.TACIT,
    "automatique": RenewalKind.TACIT,
    "reconduction tacite": RenewalKind.TACIT,
    "a renegocier": RenewalKind.EXPRESS,
    "renegociation": RenewalKind.EXPRESS,
    "expresse": RenewalKind.EXPRESS,
    "aucun": RenewalKind.NONE,
    "aucune": RenewalKind.NONE,
    "non": RenewalKind.NONE,
}
_CHANNELS = (
    (r"numero (?:prioritaire|reserve)|autoreference", Channel.PRIORITY_LINE),
    (r"transfert", Channel.WARM_TRANSFER),
    (r"(?:appel|telephone).*formulaire", Channel.CALL_THEN_FORM),
    (r"courriel|messagerie|electronique", Channel.EMAIL_FORM),
    (r"telecopie|fax", Channel.FAX),
    (r"accompagn", Channel.ACCOMPANIMENT),
    (r"rencontre|table de cas|discussion de cas", Channel.CASE_MEETING),
)


def modalities_of(words: str) -> list[str]:
    """« Présence physique et corridor » is both; any other text is a label, or a list of labels."""
    if key(words) in _BOTH_MODALITIES:
        return [Modality.PRESENCE.value, Modality.CORRIDOR.value]
    found = [find_choice(Modality, part, {"corridor": Modality.CORRIDOR.value}) for part in split_list(words)]
    return [value for value in dict.fromkeys(found) if value is not None]


def instrument_of(words: str) -> str:
    return find_choice(InstrumentType, words) or ""


def renewal_of(words: str) -> str:
    kind = RENEWALS.get(key(words))
    return kind.value if kind is not None else find_choice(RenewalKind, words) or ""


def channel_of(label: str) -> str:
    """The channel that the words of a mechanism suggest."""
    folded = key(label)
    return next((channel.value for words, channel in _CHANNELS if re.search(words, folded)), Channel.OTHER.value)


def _declared(derive: Any, empty: Any) -> Any:
    """A reader of words to keep as declared; those that mean nothing to the system are warned about, and kept."""

    def read(raw: Any, reading: Reading) -> str:
        words = clean_text(raw)
        if derive(words) == empty:
            reading.warn("valeur_inconnue", raw)
        return words

    return read


def _read_status(raw: Any, reading: Reading) -> str:
    words = clean_text(raw)
    known = find_choice(DeclaredStatus, words)
    if known is None:
        reading.warn("statut_inconnu", raw)
        return words
    return known


def _read_parties(raw: Any, reading: Reading) -> Any:
    """((code, role), …) in the order of the text; « ORG001 (CSSS) ; Le Refuge (partenaire) »."""
    table = reading.lookup["Organismes"]
    parties: dict[str, str] = {}
    missing = []
    for item in split_list(raw):
        match = _PARTY.fullmatch(item)
        words = key(match[2]) if match else ""
        if match and (words in _CENTRE_WORDS or words in _PARTNER_WORDS):
            code = table.find(match[1]) or table.find(item)
            role = PartyRole.CENTRE if words in _CENTRE_WORDS else PartyRole.PARTNER
        else:
            code, role = table.find(item), PartyRole.PARTNER
        if code is None:
            missing.append(item)
        else:
            parties.setdefault(code, role.value)
    for item in missing:
        reading.warn("partie_introuvable", item)
    if missing and not parties:
        return UNREADABLE
    return tuple(parties.items())


def _show_parties(parties: tuple[tuple[str, str], ...]) -> str:
    return " ; ".join(f"{code} ({PartyRole(role).label})" for code, role in parties)


@register
class AgreementSheet(SheetHandler):
    name = "Ententes"
    model = Agreement
    after = ("Territoires", "Organismes")
    code_column = "Numéro"
    identity_columns = ("Titre", "Parties")
    relations = ("parties", "territories")
    sheet_aliases = ("suivi des ententes", "accords", "protocoles", "partenariats")
    columns = (
        Column(
            name="Numéro", read=read_code, attribute="number", shape="agreement",
            aliases=("no", "# entente", "no entente", "code", "numéro d'entente"), width=16,
        ),
        Column(
            name="Titre", read=read_text, attribute="title", width=44,
            aliases=("titre de l'entente", "nom de l'entente", "intitulé", "nom", "entente"),
        ),
        Column(
            name="Type", read=_declared(instrument_of, ""), shape="instrument", limit=120, width=26,
            aliases=("genre", "sorte", "catégorie", "nature", "instrument"),
        ),
        Column(
            name="Parties", read=_read_parties, blank=(), show=_show_parties, shape="parties", width=44,
            aliases=("qui", "signataires", "partenaires", "entre", "organismes"),
        ),
        Column(
            name="Programme-services", attribute="programs", blank=(), ordered=False, shape="program", width=32,
            read=read_choices(Program, aliases=PROGRAM_ALIASES), show=label_of(Program),
            aliases=("programme", "prog", "direction programme"),
        ),
        Column(
            name="Territoires", blank=(), read=read_references("Territoires", "territoire_inconnu"), ordered=False,
            aliases=("terr", "territoire", "secteurs", "où", "couvre"), shape="territories",
        ),
        Column(
            name="Modalité", read=_declared(modalities_of, []), shape="modality", limit=120, width=26,
            aliases=("modalités", "mode", "forme"),
        ),
        Column(
            name="Statut", read=_read_status, attribute="declared_status", shape="status",
            aliases=("état", "situation", "où on en est"),
        ),
        Column(
            name="Date de signature", read=read_date, attribute="signed_on", blank=None, plain=True, shape="date",
            aliases=("signée le", "signature", "signé le", "date sign"),
        ),
        Column(
            name="Entrée en vigueur", read=read_date, attribute="starts_on", blank=None, plain=True, shape="date",
            aliases=("début", "date de début", "à partir du", "en vigueur le", "du"),
        ),
        Column(
            name="Échéance", read=read_date, attribute="ends_on", blank=None, plain=True, shape="date",
            aliases=("fin", "date de fin", "expiration", "expire le", "jusqu'au", "au", "terme"),
        ),
        Column(
            name="Renouvellement", read=_declared(renewal_of, ""), shape="renewal", limit=120, width=26,
            aliases=("renouv", "reconduction"),
        ),
        Column(
            name="Préavis (jours)", read=read_integer, attribute="notice_days", blank=None, plain=True, shape="number",
            aliases=("préavis", "préavis (j)", "avis", "avis de fin"),
        ),
        Column(
            name="Responsable", read=read_text, attribute="responsible", shape="person",
            aliases=("resp", "responsable du dossier", "répondant", "porteur", "suivi par"),
        ),
        Column(
            name="Mécanisme de référence", read=read_text, attribute="referral_mechanism", width=36,
            aliases=("comment on réfère", "référence", "comment référer", "mode de référence"),
        ),
        Column(
            name="Mécanisme de mésentente", read=read_text, attribute="dispute_mechanism", width=36,
            aliases=("mésentente", "chicane", "différends", "en cas de conflit", "litiges", "désaccord"),
        ),
        Column(
            name="Échange d'information", read=read_text, attribute="information_exchange", width=36,
            aliases=("partage info", "échange info", "partage d'information", "renseignements", "confidentialité"),
        ),
        Column(name="Objet", read=read_text, attribute="object", width=44, aliases=("but", "objectif", "description")),
    )  # fmt: skip

    def identify(self, row: Mapping[str, Any], reading: Reading, code_known: bool) -> tuple[str, ...] | None:
        title = self.needed(row, "Titre", "nom_manquant", code_known)
        parties = self.needed(row, "Parties", "parties_introuvables", code_known)
        if title is None or parties is None:
            return None
        return (key(title), *sorted(code for code, _role in parties))

    def names(self, row: Mapping[str, Any], identity: tuple[str, ...] | None) -> tuple[str, tuple[str, ...], str]:
        return "", (), ""

    def new_codes(self, used: Iterable[str], reserved: Container[str]) -> Iterator[str]:
        numbers = (int(match[1]) for code in used if (match := re.fullmatch(r"ENT-\d{4}-(\d+)", code)))
        year = dt.date.today().year
        for number in itertools.count(max(numbers, default=0) + 1):
            code = f"ENT-{year}-{number:03d}"
            if code not in reserved:
                yield code

    def check(self, values: Values, reading: Reading, headings: Mapping[str, str]) -> None:
        stored = reading.stored.values if reading.stored is not None else {}
        start, end = (
            stored.get(name) if values.get(name, UNREADABLE) is UNREADABLE else values[name]
            for name in ("Entrée en vigueur", "Échéance")
        )
        if "Échéance" in values and isinstance(start, dt.date) and isinstance(end, dt.date) and end < start:
            reading.warn("echeance_avant_debut", f"{end} < {start}", column=headings["Échéance"])

    def conflicts(self, values: Values, stored: Stored, reading: Reading, headings: Mapping[str, str]) -> None:
        status = values.pop("Statut", "")
        if status and status is not UNREADABLE and not self.by_name["Statut"].same(stored.values["Statut"], status):
            reading.warn("statut_en_conflit", status, column=headings["Statut"])

    def known(self) -> Iterator[Known]:
        parties: dict[int, list[str]] = defaultdict(list)
        for agreement, code in AgreementParty.objects.values_list("agreement_id", "organization__code"):
            parties[agreement].append(code)
        fields = ("pk", "number", "title", *STATE)
        for pk, number, title, *state in Agreement.all_objects.order_by("pk").values_list(*fields):
            yield Known(pk, number, (key(title), *sorted(parties[pk])), untouchable=untouchable(*state))

    def stored(self, pks: Sequence[int] | None = None) -> Iterator[Stored]:
        rows = Agreement.objects.all() if pks is None else Agreement.all_objects.filter(pk__in=pks)
        parties: dict[int, list[tuple[str, str]]] = defaultdict(list)
        party_rows = (
            AgreementParty.objects.all() if pks is None else AgreementParty.objects.filter(agreement_id__in=pks)
        )
        for pk, code, role in party_rows.order_by("sort_order", "pk").values_list(
            "agreement_id", "organization__code", "role"
        ):
            parties[pk].append((code, role))
        territories: dict[int, list[str]] = defaultdict(list)
        through = Agreement.territories.through.objects
        links = through.all() if pks is None else through.filter(agreement_id__in=pks)
        for pk, code in links.order_by("pk").values_list("agreement_id", "territory__code"):
            territories[pk].append(code)
        declared = (
            "declared_type", "instrument_type", "declared_modality", "modalities", "declared_renewal", "renewal",
        )  # fmt: skip
        for row in rows.order_by("pk").values("pk", *self.plain_attributes, *declared):
            pk = row["pk"]
            modalities = row["modalities"]
            yield Stored(pk, row["number"], {
                **self.plain_values(row),
                "Parties": tuple(parties[pk]),
                "Territoires": tuple(territories[pk]),
                "Type": _words(row["declared_type"], instrument_of, row["instrument_type"], label_of(InstrumentType)),
                "Modalité": row["declared_modality"]
                if sorted(modalities_of(row["declared_modality"])) == sorted(modalities)
                else str(label_of(Modality)(tuple(modalities))),
                "Renouvellement": _words(row["declared_renewal"], renewal_of, row["renewal"], label_of(RenewalKind)),
            })  # fmt: skip

    def build(self, values: Values, code: str, refs: Refs) -> Record:
        agreement = Agreement()
        self.update(agreement, {**values, "Numéro": code}, refs)
        return agreement

    def update(self, instance: Any, changes: Values, refs: Refs) -> None:
        self.set_plain(instance, changes)
        if "Type" in changes:
            instance.declared_type, instance.instrument_type = changes["Type"], instrument_of(changes["Type"])
        if "Modalité" in changes:
            instance.declared_modality, instance.modalities = changes["Modalité"], modalities_of(changes["Modalité"])
        if "Renouvellement" in changes:
            words = changes["Renouvellement"]
            instance.declared_renewal, instance.renewal = words, renewal_of(words)
        if "Territoires" in changes:
            instance.territories = [refs.lean(Territory, code) for code in changes["Territoires"]]
        if "Parties" in changes:
            kept = {party.organization_id: party for party in instance.parties.all()}
            parties = []
            for place, (code, role) in enumerate(changes["Parties"]):
                organization_id = refs.pk(Organization, code)
                party = kept.get(organization_id) or AgreementParty(organization_id=organization_id)
                party.role, party.sort_order = role, place
                parties.append(party)
            instance.parties = parties


def _words(declared: str, derive: Any, typed: str, show: Any) -> str:
    """The declared words, as long as the typed field still says the same."""
    return declared if derive(declared) == typed else str(show(typed))


@register
class CorridorSheet(SheetHandler):
    name = "Corridors"
    model = ServiceCorridor
    after = ("Services", "Ententes")
    code_column, code_prefix = "Code", "COR"
    identity_columns = ("Entente", "Service d'origine", "Service de destination")
    relations = ("mechanisms",)
    sheet_aliases = ("corridors de services", "trajectoires", "qui réfère à qui", "références")
    columns = (
        Column(name="Code", read=read_code, attribute="code", shape="code", aliases=("no", "numéro", "identifiant")),
        Column(
            name="Entente", read=read_reference("Ententes", "entente_introuvable"), shape="agreement",
            aliases=("# entente", "no entente", "numéro d'entente", "entente liée"), width=16,
        ),
        Column(
            name="Service d'origine", read=read_reference("Services", "service_introuvable"), shape="service",
            aliases=("de", "origine", "départ", "référent", "service référent", "depuis"),
        ),
        Column(
            name="Service de destination", read=read_reference("Services", "service_introuvable"), shape="service",
            aliases=("vers", "destination", "à", "arrivée", "service receveur", "receveur"),
        ),
        Column(
            name="Direction", attribute="direction", blank=Direction.ONE_WAY.value, shape="direction",
            read=read_choice(Direction, aliases={"aller retour": "bi", "deux sens": "bi", "aller": "uni", "un sens": "uni"}),
            show=label_of(Direction), aliases=("sens", "aller-retour"),
        ),
        Column(
            name="Critères", read=read_text, attribute="criteria", width=44,
            aliases=("conditions", "critères d'admission", "pour qui", "quand l'utiliser"),
        ),
        Column(
            name="Mécanisme", read=read_text, limit=255, width=36,
            aliases=("comment", "mécanisme de référence", "moyen", "canal"),
        ),
        Column(
            name="Délai urgent (heures)", read=read_integer, attribute="urgent_delay", blank=None, plain=True,
            aliases=("urg", "urg. (h)", "urgent", "délai urgent", "urgence (h)"), shape="number",
        ),
        Column(
            name="Délai prioritaire (jours)", read=read_integer, attribute="priority_delay", blank=None, plain=True,
            aliases=("prio", "prio (j)", "prioritaire", "délai prioritaire", "priorité (j)"), shape="number",
        ),
        Column(
            name="Délai régulier (jours)", read=read_integer, attribute="regular_delay", blank=None, plain=True,
            aliases=("rég", "rég. (j)", "régulier", "délai régulier", "normal (j)"), shape="number",
        ),
        Column(
            name="Contact de liaison", read=read_text, attribute="liaison_contact", width=32, shape="person",
            aliases=("contact", "liaison", "répondant", "personne de liaison", "qui appeler"),
        ),
        Column(
            name="Disponibilité", read=read_text, attribute="hours", width=30, shape="hours", plain=True,
            aliases=("dispo", "heures", "horaire", "quand"),
        ),
        Column(
            name="Retour en première ligne", read=read_text, attribute="return_path", width=36,
            aliases=("retour", "retour 1re ligne", "retour première ligne", "après"),
        ),
        Column(
            name="Corridor de relève", read=read_reference("Corridors", "releve_introuvable"), within=True, shape="code",
            aliases=("relève", "plan b", "sinon", "remplacement", "corridor de remplacement"),
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
class ObligationSheet(SheetHandler):
    name = "Obligations"
    model = Obligation
    after = ("Organismes", "Ententes")
    identity_columns = ("Entente", "Partie", "Contribution attendue", "Échéance")
    repeats = True
    sheet_aliases = ("suivi obligations", "engagements", "contributions", "livrables", "qui devait faire quoi")
    columns = (
        Column(
            name="Entente", read=read_reference("Ententes", "entente_introuvable"), shape="agreement",
            aliases=("# entente", "no entente", "numéro d'entente"), width=16,
        ),
        Column(
            name="Partie", read=read_reference("Organismes", "organisme_introuvable"), shape="organization",
            aliases=("qui", "organisme", "partenaire", "responsable"),
        ),
        Column(
            name="Contribution attendue", read=read_text, attribute="text", width=44,
            aliases=("contribution", "obligation", "engagement", "quoi", "à faire", "livrable"),
        ),
        Column(
            name="Échéance", read=read_date, attribute="due_on", blank=None, plain=True, shape="date",
            aliases=("pour le", "date", "date limite", "dû le", "quand", "pour quand"),
        ),
        Column(
            name="Fréquence", attribute="recurrence", shape="recurrence", show=label_of(Recurrence),
            read=read_choice(Recurrence, aliases={"une fois": "unique", "chaque mois": "mensuelle", "mensuel": "mensuelle",
                                                  "trimestriel": "trimestrielle", "annuel": "annuelle",
                                                  "continu": "continu", "chaque annee": "annuelle"}),
            aliases=("fréq", "récurrence", "périodicité", "aux combien"),
        ),
        Column(
            name="État", attribute="status", shape="obligation_status", show=label_of(ObligationStatus),
            read=read_choice(ObligationStatus, aliases={"fait": "respectee", "faite": "respectee", "retard": "en_retard"}),
            aliases=("statut", "avancement", "fait?", "où on en est", "situation"),
        ),
    )  # fmt: skip

    def identify(self, row: Mapping[str, Any], reading: Reading, code_known: bool) -> tuple[str, ...] | None:
        agreement = self.needed(row, "Entente", "entente_introuvable", code_known)
        party = self.needed(row, "Partie", "organisme_introuvable", code_known)
        text = self.needed(row, "Contribution attendue", "contribution_manquante", code_known)
        due = row.get("Échéance")
        return agreement, party, key(text), due.isoformat() if isinstance(due, dt.date) else ""

    def label(self, code: str, identity: tuple[str, ...] | None) -> str:
        return " / ".join(part for part in identity or () if part)

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
