"""Handler of the sheet Ententes.

`declared_*` keep the workbook's own words; the typed fields beside them are derived here. An entente's status belongs
to the system: the workbook's word is taken when the entente is created, and never after. It is written back until
somebody acts in the system; from then on, the nearest of the workbook's words is (table of docs/ententes.md).
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils import timezone

from corridors.enums import (
    AgreementStatus,
    DeclaredStatus,
    InstrumentType,
    Modality,
    PartyRole,
    RenewalKind,
)
from corridors.models import Agreement, AgreementParty
from corridors.state import state_from
from registry.enums import Program
from registry.models import Organization, Record, Territory
from registry.text import key
from registry.workbook.choices import find_choice, read_choices, split_list
from registry.workbook.dates import read_date
from registry.workbook.services import PROGRAM_ALIASES
from registry.workbook.sheets import (
    Column,
    Known,
    Refs,
    Stored,
    Values,
    read_references,
    register,
)
from registry.workbook.values import UNREADABLE, Reading, clean_text, read_code, read_integer, read_text
from registry.workbook.vocabulary import STATE, label_of, untouchable

from .sealed import SealedSheet
from .synonyms import AGREEMENTS

_PARTY = re.compile(r"(.*?)\s*\(([^()]*)\)\s*", re.DOTALL)
_BETWEEN_PARTIES = re.compile(r"\s*[,/+&]\s*|\s+et\s+")
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


# The workbook has six words: the nearest to each state.
WORDS: dict[AgreementStatus, DeclaredStatus] = {
    AgreementStatus.DRAFT: DeclaredStatus.DRAFT,
    AgreementStatus.REVIEW: DeclaredStatus.DRAFT,
    AgreementStatus.NEGOTIATION: DeclaredStatus.DRAFT,
    AgreementStatus.AGREED: DeclaredStatus.DRAFT,
    AgreementStatus.SIGNING: DeclaredStatus.DRAFT,
    AgreementStatus.SIGNED: DeclaredStatus.IN_FORCE,
    AgreementStatus.IN_FORCE: DeclaredStatus.IN_FORCE,
    AgreementStatus.DISPUTED: DeclaredStatus.IN_FORCE,
    AgreementStatus.SUSPENDED: DeclaredStatus.SUSPENDED,
    AgreementStatus.LAPSED: DeclaredStatus.LAPSED,
    AgreementStatus.TERMINATED: DeclaredStatus.TERMINATED,
    AgreementStatus.CANCELLED: DeclaredStatus.TERMINATED,
    AgreementStatus.REFUSED: DeclaredStatus.TERMINATED,
}


def status_word(agreement: Any, day: dt.date) -> str:
    """The workbook's word for an entente that came `with_journal` of that day: the declared one, as it is, until
    somebody acts in the system."""
    if not agreement.said_status:
        return str(agreement.declared_status)
    return WORDS[state_from(agreement, day, agreement.said_status).status].value


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


def _declared(derive: Any, empty: Any, unknown: str = "valeur_inconnue") -> Any:
    """A reader of words to keep as declared; those that mean nothing to the system are warned about, and kept."""

    def read(raw: Any, reading: Reading) -> str:
        words = clean_text(raw)
        if derive(words) == empty:
            reading.warn(unknown, raw)
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
        if code is None and match is None:  # « ORG001, ORG045 » where a semicolon was due
            pieces = [table.find(piece) for piece in _BETWEEN_PARTIES.split(item)]
            if len(pieces) > 1 and all(pieces):
                for piece in pieces:
                    parties.setdefault(str(piece), role.value)
                continue
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
class AgreementSheet(SealedSheet):
    name = "Ententes"
    model = Agreement
    title_column = "Titre"
    after = ("Territoires", "Organismes")
    code_column, code_prefix = "Numéro", "ENT"
    identity_columns = ("Titre", "Parties")
    relations = ("parties", "territories")
    in_order = (("Entrée en vigueur", "Échéance"),)
    agreed = frozenset({
        "Titre", "Type", "Parties", "Programme-services", "Territoires", "Modalité", "Date de signature",
        "Entrée en vigueur", "Échéance", "Renouvellement", "Préavis (jours)", "Mécanisme de référence",
        "Mécanisme de mésentente", "Échange d'information", "Objet",
    })  # fmt: skip
    sheet_aliases = ("accords", "protocoles", "partenariats", "conventions", "contrats")
    synonyms = AGREEMENTS
    columns = (
        Column(
            name="Numéro", read=read_code, attribute="number", shape="agreement", width=16,
        ),
        Column(
            name="Titre", read=read_text, attribute="title", width=44, shape="title",
        ),
        Column(
            name="Type", read=_declared(instrument_of, "", "type_inconnu"), shape="instrument", limit=120, width=26,
        ),
        Column(
            name="Parties", read=_read_parties, blank=(), show=_show_parties, shape="parties", width=44,
        ),
        Column(
            name="Programme-services", attribute="programs", blank=(), ordered=False, shape="program", width=32,
            read=read_choices(Program, aliases=PROGRAM_ALIASES), show=label_of(Program),
        ),
        Column(
            name="Territoires", blank=(), read=read_references("Territoires", "territoire_inconnu"), ordered=False,
            shape="territories",
        ),
        Column(
            name="Modalité", read=_declared(modalities_of, []), shape="modality", limit=120, width=26,
        ),
        Column(
            name="Statut", read=_read_status, attribute="declared_status", shape="status",
        ),
        Column(
            name="Date de signature", read=read_date, attribute="signed_on", blank=None, plain=True, shape="date",
        ),
        Column(
            name="Entrée en vigueur", read=read_date, attribute="starts_on", blank=None, plain=True, shape="date",
        ),
        Column(
            name="Échéance", read=read_date, attribute="ends_on", blank=None, plain=True, shape="date",
        ),
        Column(
            name="Renouvellement", read=_declared(renewal_of, ""), shape="renewal", limit=120, width=26,
        ),
        Column(
            name="Préavis (jours)", read=read_integer, attribute="notice_days", blank=None, plain=True, shape="number",
        ),
        Column(
            name="Responsable", read=read_text, attribute="responsible", shape="person",
        ),
        Column(
            name="Mécanisme de référence", shape="referral", read=read_text, attribute="referral_mechanism", width=36,
        ),
        Column(
            name="Mécanisme de mésentente", shape="dispute", read=read_text, attribute="dispute_mechanism", width=36,
        ),
        Column(
            name="Échange d'information", shape="information", read=read_text, attribute="information_exchange",
            width=36,
        ),
        Column(name="Objet", shape="purpose", read=read_text, attribute="object", width=44),
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
        super().conflicts(values, stored, reading, headings)

    def known(self) -> Iterator[Known]:
        parties: dict[int, list[str]] = defaultdict(list)
        for agreement, code in AgreementParty.objects.values_list("agreement_id", "organization__code"):
            parties[agreement].append(code)
        fields = ("pk", "number", "title", *STATE)
        for pk, number, title, *state in Agreement.all_objects.order_by("pk").values_list(*fields):
            yield Known(pk, number, (key(title), *sorted(parties[pk])), untouchable=untouchable(*state))

    def stored(self, pks: Sequence[int] | None = None) -> Iterator[Stored]:
        today = timezone.localdate()
        every: Any = (
            Agreement.all_objects.filter(live=True) if pks is None else Agreement.all_objects.filter(pk__in=pks)
        )
        rows = every.with_journal(today)
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
        for row in rows.order_by("pk").iterator(chunk_size=2000):
            yield Stored(row.pk, row.number, {
                **self.plain_values(vars(row)),
                "Parties": tuple(parties[row.pk]),
                "Territoires": tuple(territories[row.pk]),
                "Type": _words(row.declared_type, instrument_of, row.instrument_type, label_of(InstrumentType)),
                "Modalité": row.declared_modality
                if sorted(modalities_of(row.declared_modality)) == sorted(row.modalities)
                else str(label_of(Modality)(tuple(row.modalities))),
                "Statut": status_word(row, today),
                "Renouvellement": _words(row.declared_renewal, renewal_of, row.renewal, label_of(RenewalKind)),
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
