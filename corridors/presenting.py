"""What the pages of an entente outside the admin show: texts, changes, answers, in objects ready for templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from registry.dates import long_date, long_moment

from . import canonical
from .canonical import short_hash
from .differences import Difference, compare
from .dossier import Dossier
from .enums import AgreementStatus as S
from .enums import PartyRole
from .models import AgreementVersion, ClauseComment
from .reading import Reading, merged, read


@dataclass(frozen=True, slots=True)
class Badge:
    """A state in a word, a colour and a shape (`icon`: of components/icons.html)."""

    css: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownText:
    """A version to be read, or the text as it is recorded (`number` 0: nobody proposed it here)."""

    number: int
    heading: str
    fingerprint: str
    whole_fingerprint: str
    proposed: str
    summary: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Changes:
    """What changes between two texts."""

    heading: str
    differences: Sequence[Difference]

    @property
    def count(self) -> str:
        number = len(self.differences)
        return "aucun changement" if not number else "un changement" if number == 1 else f"{number} changements"


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a party, or a signatory, stands."""

    name: str
    detail: str
    badge: Badge


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    css: str
    note: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on a clause. `open`: not settled."""

    pk: int
    author: str
    when: str
    text: str
    open: bool
    settled: str


BADGES = {
    S.NEGOTIATION: Badge("corr", "", "Négociation"),
    S.AGREED: Badge("ok", "ok", "Texte convenu"),
    S.SIGNING: Badge("corr", "", "En signature"),
    S.SIGNED: Badge("ok", "ok", "Signée"),
    S.IN_FORCE: Badge("ok", "ok", "En vigueur"),
    S.SUSPENDED: Badge("warn", "warn", "Suspendue"),
    S.DISPUTED: Badge("warn", "warn", "En mésentente"),
    S.LAPSED: Badge("past", "", "Échue"),
    S.TERMINATED: Badge("stop", "stop", "Résiliée"),
    S.CANCELLED: Badge("past", "", "Annulée"),
    S.REFUSED: Badge("stop", "stop", "Refusée"),
}
_PATH = (S.NEGOTIATION, S.AGREED, S.SIGNING, S.SIGNED, S.IN_FORCE)


def day_of(moment: datetime) -> str:
    return long_date(timezone.localdate(moment))


def ago(day: date, today: date) -> str:
    """« aujourd’hui », « depuis hier », « depuis 9 jours »."""
    days = (today - day).days
    return "depuis aujourd’hui" if days <= 0 else "depuis hier" if days == 1 else f"depuis {days}\u00a0jours"


def shown_text(version: AgreementVersion) -> ShownText:
    by = version.proposed_by or version.author_name
    return ShownText(
        version.number, f"Texte complet, version {version.number}", short_hash(version.content_hash),
        version.content_hash,
        f"Proposée par {by}, {day_of(version.created_at)}" if by else day_of(version.created_at),
        version.summary, read(version.terms, version.labels),
    )  # fmt: skip


def recorded_text(dossier: Dossier) -> ShownText:
    """The text of an entente older than the system, as its row says it."""
    whole = dossier.hash
    reading = read(dossier.terms, canonical.labels_of(dossier.terms))
    return ShownText(0, "Texte inscrit au répertoire", short_hash(whole), whole, "", "", reading)


def changes(old: AgreementVersion | None, new: AgreementVersion) -> Changes | None:
    """From one version to another; None when there is nothing to compare with."""
    if old is None or old.pk == new.pk:
        return None
    found = compare(old.terms, new.terms, merged(old.labels, new.labels))
    return Changes(f"Ce qui change, version {old.number} à version {new.number}", found)


def changes_of(version: AgreementVersion, old: AgreementVersion | None = None) -> Changes | None:
    """What a version changes: of an amendment, to the text that it amends (unless `old` is given); of an entente, to
    the version before."""
    if version.amendment is None or old is not None:
        return changes(old or previous(version), version)
    base = version.amendment.base_terms
    found = compare(base, version.terms, merged(canonical.labels_of(base), version.labels))
    return Changes("Ce que l’avenant change", found)


def subject_of(version: AgreementVersion) -> str:
    """« ENT-2026-101 – Crise dans le milieu », or the amendment's own title after it."""
    agreement, amendment = version.agreement, version.amendment
    return str(agreement) if amendment is None else f"{agreement}; avenant {amendment.number}, {amendment.title}"


def previous(version: AgreementVersion) -> AgreementVersion | None:
    """The version before this one, of the same text. One SQL query."""
    earlier = AgreementVersion.objects.filter(
        agreement=version.agreement, amendment=version.amendment, number__lt=version.number
    )
    return earlier.order_by("-number").first()


def answers(dossier: Dossier) -> list[Answer]:
    """What each party has answered to the current version."""
    version = dossier.version
    given = {item.organization_id: item for item in dossier.acceptances} if dossier.text_unchanged else {}
    found = []
    for party in dossier.parties:
        mark = given.get(party.organization_id)
        number = version.number if version is not None else ""
        if mark is not None:
            badge = Badge("ok", "ok", f"Version {number} acceptée, {day_of(mark.accepted_at)}")
            found.append(Answer(str(party.organization), f"Par {mark.name}", badge))
        elif dossier.status == S.NEGOTIATION and version is not None:
            detail = f"Négocie : {party.negotiator}" if party.negotiator else ""
            found.append(Answer(str(party.organization), detail, Badge("warn", "warn", f"Version {number} à accepter")))
        else:
            role = "Centre" if party.role == PartyRole.CENTRE else "Partenaire"
            found.append(Answer(str(party.organization), "", Badge("", "", role)))
    return found


def signatures(dossier: Dossier) -> list[Answer]:
    """Who has signed, who has still to, in order."""
    given = {item.signatory_id: item for item in dossier.signatures}
    found = []
    for person in dossier.signatories:
        mark = given.get(person.pk)
        title = f", {person.title}" if person.title else ""
        detail = f"{person.organization}{title}"
        if person.on_behalf_of:
            detail += f"; au nom de {person.on_behalf_of} ({person.mandate})"
        badge = Badge("ok", "ok", f"Signée, {long_date(mark.signed_on)}") if mark else Badge("warn", "warn", "À signer")
        if mark is None and dossier.status != S.SIGNING:
            badge = Badge("", "", "Signera")
        found.append(Answer(person.name, detail, badge))
    return found


def steps(dossier: Dossier) -> list[Step]:
    """The way of an entente from the negotiation to its entry into force; empty once it has left it, or when it did not
    come that way (it is older than the system)."""
    if dossier.status not in _PATH or all(event.to_status != S.NEGOTIATION for event in dossier.own_events):
        return []
    here = _PATH.index(dossier.status)
    reached = {event.to_status: event.effective_on for event in dossier.own_events if event.to_status}
    starts = dossier.agreement.starts_on if dossier.amendment is None else dossier.amendment.effective_on
    found = []
    for place, status in enumerate(_PATH):
        day = reached.get(status) if place <= here else None
        note = long_date(day) if day else ""
        if status == S.IN_FORCE and starts is not None and place >= here:
            note = long_date(starts)
        found.append(Step(str(status.label), "done" if place < here else "cur" if place == here else "", note))
    return found


def remarks(comments: Sequence[ClauseComment]) -> dict[str, list[Remark]]:
    """Comments by key of clause; those on the whole text under a blank key."""
    found: dict[str, list[Remark]] = {}
    for item in comments:
        organization = f", {item.organization}" if item.organization else ""
        settled = f"Réglé par {item.resolved_by}, {day_of(item.resolved_at)}" if item.resolved_at else ""
        shown = Remark(
            item.pk, f"{item.author_name}{organization}", long_moment(item.written_at), item.text,
            item.resolved_at is None, settled,
        )  # fmt: skip
        found.setdefault(str(item.clause_key) if item.clause_key else "", []).append(shown)
    return found
