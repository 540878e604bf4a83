"""The panels of an entente's page: parties, signatures, conformity, corridors, versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from registry.dates import long_date

from .. import conformity, reading, signing
from ..canonical import short_hash
from ..conformity import Outcome
from ..dossier import Dossier
from ..enums import AgreementStatus as S
from ..enums import LinkPurpose, PartyRole, SignatureMethod
from ..models import (
    ActionLink,
    AgreementParty,
    AgreementVersion,
    ReferralMechanism,
    ServiceCorridor,
    Signatory,
)
from .journey import Button, gesture_url, short_day
from .next_dates import BEFORE_SIGNATURE


@dataclass(frozen=True, slots=True)
class Mark:
    """A pill: a tone (« ok », « warn », « stop » or blank) and words."""

    tone: str
    text: str

    @property
    def icon(self) -> str:
        return {"ok": "i-ok", "warn": "i-warn", "stop": "i-stop"}.get(self.tone, "")


@dataclass(frozen=True, slots=True)
class PartyLine:
    party: AgreementParty
    mark: Mark | None
    buttons: list[Button] = field(default_factory=list)


def parties(dossier: Dossier, may: Mapping[str, bool]) -> list[PartyLine]:
    """Who the parties are, who negotiates for them, and whether they accepted the version that is open. `may`: the
    names of `policies.Action` that whoever looks may do."""
    asked = dossier.status in (S.NEGOTIATION, S.AGREED, S.SIGNING) and dossier.version is not None
    accepted = {item.organization_id: item for item in dossier.acceptances} if asked else {}
    found = []
    for party in dossier.parties:
        mark, buttons = None, []
        if asked and dossier.version is not None:
            item = accepted.get(party.organization_id)
            number = dossier.version.number
            if item is not None and dossier.text_unchanged:
                day = short_day(timezone.localdate(item.accepted_at), dossier.day)
                mark = Mark("ok", f"Version {number} acceptée le {day}")
            else:
                mark = Mark("warn", f"Version {number} à accepter")
                if may["SEND_LINK"] and party.negotiator_email and dossier.status == S.NEGOTIATION:
                    url = gesture_url(dossier.agreement, "lien-negociateur")
                    url += f"?organization={party.organization_id}"
                    buttons.append(Button("Envoyer un lien pour accepter", url))
        found.append(PartyLine(party, mark, buttons))
    return found


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """Somebody who signs, or (blank `person`) a party that still has to name somebody."""

    organization: str
    person: str
    detail: str
    mark: Mark
    buttons: list[Button] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Signatures:
    lines: list[SignatureLine]
    summary: str
    lock: str
    more: list[Button] = field(default_factory=list)


def signatures(dossier: Dossier, may: Mapping[str, bool], now: Any = None) -> Signatures:
    """Who signs, who signed, who was sent a link and when it expires. One SQL query for the links."""
    now = now or timezone.now()
    signed = {item.signatory_id: item for item in dossier.signatures}
    links: dict[int, ActionLink] = {}
    if dossier.version is not None and dossier.signatories:
        for link in ActionLink.objects.filter(version=dossier.version, purpose=LinkPurpose.SIGN).order_by("created_at"):
            if link.signatory_id is not None:
                links[link.signatory_id] = link
    now_signing = {person.pk for person in signing.due(dossier)}
    found = []
    for party in dossier.parties:
        people = [person for person in dossier.signatories if person.organization_id == party.organization_id]
        name = str(party.organization)
        if not people and dossier.status in BEFORE_SIGNATURE:
            who = "par le centre" if party.role == PartyRole.CENTRE else "par le partenaire ou le centre"
            found.append(SignatureLine(name, "", f"Signataire à nommer {who}", Mark("warn", "À nommer")))
        for person in people:
            mark, detail = _signature_mark(signed.get(person.pk), links.get(person.pk), dossier, now)
            buttons = [] if person.pk in signed else _signatory_buttons(dossier, person, may, person.pk in now_signing)
            if dossier.status == S.SIGNING and person.pk not in signed and person.pk not in now_signing:
                mark, detail = Mark("", "Attend son tour"), f"rang {person.order}"
            found.append(SignatureLine(name, str(person), detail, mark, buttons))
    total = len(dossier.signatories)
    summary = f"{len(signed)} sur {total}" if total else ""
    lock = ""
    if dossier.status in (S.NEGOTIATION, S.AGREED) and dossier.version is not None:
        lock = (
            "S’ouvre quand toutes les parties ont accepté le même texte "
            f"(empreinte {short_hash(dossier.version.content_hash)})."
        )
    if not found and dossier.agreement.signed_on:
        lock = f"Signée sur papier le {long_date(dossier.agreement.signed_on)}, avant Passerelles."
    more = []
    if dossier.signatories and may["NAME_SIGNATORY"]:
        more.append(Button("Nommer une autre personne", gesture_url(dossier.agreement, "signataire")))
    if may["RECORD_PAPER"] and dossier.status != S.SIGNING and not signed:
        more.append(Button("Verser le papier signé", gesture_url(dossier.agreement, "papier-ancien")))
    return Signatures(found, summary, lock, more)


def _signatory_buttons(dossier: Dossier, person: Signatory, may: Mapping[str, bool], due: bool) -> list[Button]:
    wanted = (
        ("Envoyer un lien", "lien", may["SEND_LINK"] and due and bool(person.email)),
        ("Inscrire le papier", "papier", may["RECORD_PAPER"] and dossier.status == S.SIGNING),
        ("Retirer", "retirer-signataire", may["NAME_SIGNATORY"]),
    )
    return [
        Button(label, f"{gesture_url(dossier.agreement, name)}?signatory={person.pk}")
        for label, name, shown in wanted
        if shown
    ]


def _signature_mark(
    signature: Any, link: ActionLink | None, dossier: Dossier, now: Any
) -> tuple[Mark, str]:  # fmt: skip
    if signature is not None:
        how = "sur papier" if signature.method == SignatureMethod.PAPER else "en ligne"
        return Mark("ok", f"Signé le {short_day(signature.signed_on, dossier.day)}"), how
    if link is None or dossier.status != S.SIGNING:
        return Mark("", "À signer"), ""
    sent = short_day(timezone.localdate(link.created_at), dossier.day)
    if link.revoked_at is not None:
        return Mark("warn", "Lien retiré"), f"envoyé le {sent}"
    if link.expires_at <= now:
        return Mark("stop", "Lien expiré"), f"envoyé le {sent}"
    until = short_day(timezone.localdate(link.expires_at), dossier.day)
    return Mark("warn", f"Lien envoyé le {sent}"), f"valable jusqu’au {until}"


@dataclass(frozen=True, slots=True)
class RuleLine:
    """`gestures`: what can be done about it, as (words, gesture or address)."""

    rule: str
    mark: Mark
    requirement: str
    evidence: str
    to_justify: bool = False
    to_check: bool = False


@dataclass(frozen=True, slots=True)
class Conformity:
    attention: list[RuleLine]
    met: list[RuleLine]
    summary: str


_MARKS = {
    (Outcome.MET, True): Mark("ok", "Conforme"),
    (Outcome.MET, False): Mark("ok", "Conforme"),
    (Outcome.FAILED, True): Mark("stop", "Non conforme"),
    (Outcome.FAILED, False): Mark("", "Recommandé"),
    (Outcome.TO_CHECK, True): Mark("warn", "À vérifier"),
    (Outcome.TO_CHECK, False): Mark("warn", "À vérifier"),
    (Outcome.WAIVED, True): Mark("", "Dérogation"),
    (Outcome.WAIVED, False): Mark("", "Dérogation"),
}


def conform(
    dossier: Dossier, previous: Mapping[str, Any] | None, waivers: Mapping[str, str], labels: reading.Labels
) -> Conformity:
    """What the rules say of the text as it stands; « corrigé » where the version before failed. `waivers`: rule →
    justification; `labels`: names, for the evidence that calls organizations by code. Two SQL queries."""
    agreement = dossier.agreement
    context = conformity.Context(
        terms=dossier.terms,
        partner_types=frozenset(
            party.organization.partner_type for party in dossier.parties if party.role != PartyRole.CENTRE
        ),
        checks=frozenset(agreement.checks.values_list("kind", flat=True)),
        mechanisms=ReferralMechanism.objects.filter(corridor__agreement=agreement).exclude(label="").count(),
    )
    before = {}
    if previous is not None:
        before = {item.rule: item for item in conformity.evaluate(replace(context, terms=previous), waivers)}
    attention: list[RuleLine] = []
    met: list[RuleLine] = []
    count = dict.fromkeys(Outcome, 0)
    recommended = 0
    for item in conformity.evaluate(context, waivers):
        was = before.get(item.rule)
        mark, evidence = _MARKS[item.outcome, item.required], item.evidence
        fixed = item.outcome == Outcome.MET and was is not None and was.outcome == Outcome.FAILED
        if fixed and was is not None:
            mark, evidence = Mark("ok", "Corrigé"), f"{item.evidence} Avant : {was.evidence}"
        if item.outcome == Outcome.WAIVED:
            evidence = f"{item.evidence} Justification : {waivers[item.rule]}"
        recommended += item.outcome == Outcome.FAILED and not item.required
        count[item.outcome] += 1
        line = RuleLine(
            item.rule, mark, item.requirement, evidence,
            to_justify=item.outcome in (Outcome.FAILED, Outcome.TO_CHECK),
            to_check=item.rule == "K04" and item.outcome == Outcome.TO_CHECK,
        )  # fmt: skip
        line = replace(line, evidence=_with_names(line.evidence, labels))
        (met if item.outcome == Outcome.MET and not fixed else attention).append(line)
    failing = count[Outcome.FAILED] - recommended
    words = [
        f"{number}\u00a0{one if number < 2 else many}"
        for number, one, many in (
            (count[Outcome.MET], "conforme", "conformes"),
            (failing, "non conforme", "non conformes"),
            (count[Outcome.TO_CHECK], "à vérifier", "à vérifier"),
            (recommended, "recommandation", "recommandations"),
            (count[Outcome.WAIVED], "dérogation", "dérogations"),
        )
        if number
    ]
    return Conformity(attention, met, ", ".join(words))


def _with_names(text: str, labels: reading.Labels) -> str:
    for code, name in labels.get("organizations", {}).items():
        text = text.replace(code, name)
    return text


@dataclass(frozen=True, slots=True)
class CorridorLine:
    """`delays`: (heading, before when it changed, now) for urgent, priority, regular."""

    corridor: ServiceCorridor
    delays: list[tuple[str, str, str]]
    availability: str


_URGENCIES = (("urgent", "Urgent"), ("priority", "Prioritaire"), ("regular", "Régulier"))


def corridors(dossier: Dossier, previous: Mapping[str, Any] | None) -> list[CorridorLine]:
    """The corridors that hang on the entente, with what the version before said of their delays. One SQL query."""
    old = {item["code"]: item for item in previous["corridors"]} if previous is not None else {}
    rows = ServiceCorridor.all_objects.filter(agreement=dossier.agreement).order_by("code")
    found = []
    for row in rows.select_related("from_service", "to_service", "fallback"):
        was = old.get(row.code)
        delays = []
        for name, heading in _URGENCIES:
            now = reading.delay(getattr(row, f"{name}_delay"), getattr(row, f"{name}_unit"))
            then = reading.delay(was[f"{name}_delay"], was[f"{name}_unit"]) if was else now
            delays.append((heading, then if then != now else "", now))
        found.append(CorridorLine(row, delays, row.hours))
    return found


def versions_of(dossier: Dossier) -> list[AgreementVersion]:
    """The versions of the entente itself, the newest first. One SQL query."""
    rows = dossier.agreement.versions.filter(amendment__isnull=True).select_related("proposed_by")
    return list(rows.order_by("-number"))
