"""The life of an entente: one table says what may follow what, who may do it, and under which conditions.

Nothing else changes a status: `corridors.actions.perform` reads this table, and the admin shows what it allows now and
why the rest must wait. Source: the lifecycle table of the domain (docs/ententes.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from registry.dates import long_date

from .enums import AgreementStatus as S
from .terms import TAKES_BACK


class Who(StrEnum):
    """In what capacity somebody acts on one entente (see `corridors.policies.capacities`)."""

    COORDINATOR = "coordonnateur"
    MANAGER = "gestionnaire"
    NEGOTIATOR = "negociateur"
    SIGNATORY = "signataire"
    PARTNER = "partenaire"
    SYSTEM = "systeme"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards look at. `day` is today where the centre is; dates are included."""

    status: S
    day: date
    parties: int = 0
    partners: int = 0
    programs: int = 0
    territories: int = 0
    # Parties that accepted the terms as they stand now / that have not.
    accepted: int = 0
    waiting: tuple[str, ...] = ()
    # Required rules that fail and that nobody waived.
    failing_rules: tuple[str, ...] = ()
    parties_without_signatory: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()
    # The current version says what the entente says.
    text_unchanged: bool = True
    starts_on: date | None = None
    term_end: date | None = None
    # The last day before the dates alone end it; None: it goes on, or nothing says when it ends.
    last_day: date | None = None
    notice_days: int | None = None
    # Decisions already taken that take effect after `day`, in that order: (day, name of the transition).
    later: tuple[tuple[date, str], ...] = ()
    # For an amendment: where its entente stands, and whether the copy says anything else than the entente.
    agreement_status: S | None = None
    changes: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """What whoever acts brings along."""

    reason: str = ""
    effective_on: date | None = None
    notice_given_on: date | None = None
    has_document: bool = False
    mechanism: str = ""
    step: str = ""
    deadline: date | None = None
    outcome: str = ""


Guard = Callable[[Facts, Request], str | None]


def _amendable(facts: Facts, request: Request) -> str | None:
    if facts.agreement_status is not None and facts.agreement_status not in AMENDABLE:
        return f"L’entente est à l’état « {facts.agreement_status.label} » : un avenant n’y change plus rien."
    return None


def _says_something(facts: Facts, request: Request) -> str | None:
    return None if facts.changes else "L’avenant ne change encore rien à l’entente : modifiez d’abord son texte."


def _has_parties(facts: Facts, request: Request) -> str | None:
    if facts.parties < 2 or not facts.partners:
        return "Nommez les parties : le centre et au moins un partenaire."
    return None


def _has_scope(facts: Facts, request: Request) -> str | None:
    missing = [word for word, count in (("programme-services", facts.programs), ("territoire", facts.territories))
               if not count]  # fmt: skip
    return f"Il manque : {', '.join(missing)}." if missing else None


def _everyone_accepted(facts: Facts, request: Request) -> str | None:
    if facts.waiting or not facts.accepted:
        return f"N’ont pas encore accepté ce texte : {', '.join(facts.waiting) or 'les parties'}."
    return None


def _text_unchanged(facts: Facts, request: Request) -> str | None:
    return None if facts.text_unchanged else "Le texte a changé depuis la dernière version : proposez-en une nouvelle."


def _conforming(facts: Facts, request: Request) -> str | None:
    if facts.failing_rules:
        return f"Règles obligatoires à respecter ou à justifier : {', '.join(facts.failing_rules)}."
    return None


def _signatories_named(facts: Facts, request: Request) -> str | None:
    if facts.parties_without_signatory:
        return f"Signataire à nommer pour : {', '.join(facts.parties_without_signatory)}."
    return None


def _everyone_signed(facts: Facts, request: Request) -> str | None:
    return f"N’ont pas encore signé : {', '.join(facts.unsigned)}." if facts.unsigned else None


def _started(facts: Facts, request: Request) -> str | None:
    if facts.starts_on is not None and facts.starts_on > facts.day:
        return f"L’entrée en vigueur est prévue le {long_date(facts.starts_on)}."
    return None


def _not_started(facts: Facts, request: Request) -> str | None:
    if facts.starts_on is None or facts.starts_on <= facts.day:
        return "L’entente a déjà commencé : il faut la résilier."
    return None


def planned_end(facts: Facts) -> date | None:
    """The first day of a termination that was decided for later and that nobody took back."""
    return next((day for day, name in facts.later if name == "terminate"), None)


def _planned_end(facts: Facts, request: Request) -> str | None:
    return None if planned_end(facts) is not None else "Aucune résiliation n’est prévue."


def _on_that_day(facts: Facts, request: Request) -> str | None:
    return None if request.effective_on == planned_end(facts) else "Le retrait vise le jour de la résiliation prévue."


def _over(facts: Facts, request: Request) -> str | None:
    if facts.term_end is None or facts.term_end >= facts.day:
        return "Le terme n’est pas passé."
    return None


def _dispute_described(facts: Facts, request: Request) -> str | None:
    missing = [
        word
        for word, value in (
            ("le mécanisme", request.mechanism),
            ("l’étape", request.step),
            ("le délai", request.deadline),
        )
        if not value
    ]
    if missing:
        return f"Indiquez {', '.join(missing)}."
    if request.deadline is not None and request.deadline < facts.day:
        return "Le délai de l’étape est déjà passé."
    return None


def earliest_end(facts: Facts, request: Request) -> date:
    """The first day on which a termination may take effect: the notice, counted from the day it was given."""
    given = request.notice_given_on or facts.day
    return given + timedelta(days=facts.notice_days or 0)


def _notice_respected(facts: Facts, request: Request) -> str | None:
    if request.notice_given_on is not None and request.notice_given_on > facts.day:
        return "L’avis ne peut pas avoir été donné dans l’avenir."
    first = earliest_end(facts, request)
    if (request.effective_on or facts.day) < first:
        return f"Le préavis de {facts.notice_days} jours n’est pas respecté : au plus tôt le {long_date(first)}."
    return None


def _document_attached(facts: Facts, request: Request) -> str | None:
    return None if request.has_document else "Joignez l’avis de résiliation."


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table. `by_system`: follows from the dates; offered to nobody."""

    name: str
    label: str
    origins: frozenset[S]
    target: S
    who: frozenset[Who]
    guards: tuple[Guard, ...] = ()
    needs_reason: bool = False
    by_system: bool = False
    # Acceptances and signatures no longer stand, and those who gave them are told.
    clears: bool = False
    # May be decided now for a later day.
    ahead: bool = False
    # Guards that need what the person is about to bring: not held against showing the button.
    asks: tuple[Guard, ...] = field(default=())


def _t(
    name: str, label: str, origins: Iterable[S], target: S, who: Iterable[Who], *guards: Guard, reason: bool = False,
    system: bool = False, clears: bool = False, ahead: bool = False, asks: tuple[Guard, ...] = (),
) -> Transition:  # fmt: skip
    return Transition(
        name, label, frozenset(origins), target, frozenset(who), guards, reason, system, clears, ahead, asks
    )


# An amendment changes an entente that binds; see `corridors.amendments`.
AMENDABLE = frozenset({S.SIGNED, S.IN_FORCE, S.SUSPENDED, S.DISPUTED})
_BEFORE_SIGNATURE = (S.DRAFT, S.REVIEW, S.NEGOTIATION, S.AGREED, S.SIGNING)
_RUNNING = (S.IN_FORCE, S.SUSPENDED, S.DISPUTED)

TRANSITIONS: Sequence[Transition] = (
    _t("submit", "Soumettre à la révision interne", [S.DRAFT], S.REVIEW, [Who.COORDINATOR], _amendable, _has_parties,
       _has_scope, _says_something),
    _t("approve", "Approuver et ouvrir la négociation", [S.REVIEW], S.NEGOTIATION, [Who.MANAGER], _amendable,
       _has_parties, _has_scope, _says_something),
    _t("send_back", "Renvoyer au brouillon", [S.REVIEW], S.DRAFT, [Who.MANAGER], reason=True),
    _t("agree", "Convenir du texte", [S.NEGOTIATION], S.AGREED, [Who.NEGOTIATOR, Who.SYSTEM], _amendable,
       _text_unchanged, _everyone_accepted, _conforming),
    _t("reopen", "Rouvrir la négociation", [S.AGREED, S.SIGNING], S.NEGOTIATION,
       [Who.COORDINATOR, Who.SIGNATORY, Who.SYSTEM], reason=True, clears=True),
    _t("open_signing", "Ouvrir la signature", [S.AGREED], S.SIGNING, [Who.COORDINATOR], _amendable, _text_unchanged,
       _signatories_named),
    _t("sign", "Constater la signature", [S.SIGNING], S.SIGNED, [Who.SIGNATORY, Who.SYSTEM], _amendable,
       _text_unchanged, _signatories_named, _everyone_signed),
    _t("start", "Entrer en vigueur", [S.SIGNED], S.IN_FORCE, [Who.SYSTEM], _amendable, _started, system=True),
    _t("suspend", "Suspendre", [S.IN_FORCE], S.SUSPENDED, [Who.MANAGER], reason=True, ahead=True),
    _t("resume", "Lever la suspension", [S.SUSPENDED], S.IN_FORCE, [Who.MANAGER], reason=True, ahead=True),
    _t("dispute", "Ouvrir une mésentente", [S.IN_FORCE], S.DISPUTED, [Who.COORDINATOR, Who.MANAGER, Who.PARTNER],
       asks=(_dispute_described,)),
    _t("settle", "Clore la mésentente", [S.DISPUTED], S.IN_FORCE, [Who.COORDINATOR, Who.MANAGER, Who.PARTNER],
       reason=True),
    _t("lapse", "Constater l’échéance", _RUNNING, S.LAPSED, [Who.SYSTEM], _over, system=True),
    # The dates were corrected (an older entente's workbook): what the daily run had noted no longer holds.
    _t("restore_signed", "Dates corrigées", [S.LAPSED, S.IN_FORCE], S.SIGNED, [Who.SYSTEM], system=True),
    _t("restore_in_force", "Dates corrigées", [S.LAPSED], S.IN_FORCE, [Who.SYSTEM], system=True),
    _t("restore_suspended", "Dates corrigées", [S.LAPSED], S.SUSPENDED, [Who.SYSTEM], system=True),
    _t("restore_disputed", "Dates corrigées", [S.LAPSED], S.DISPUTED, [Who.SYSTEM], system=True),
    _t("terminate", "Résilier", _RUNNING, S.TERMINATED, [Who.MANAGER], reason=True, ahead=True,
       asks=(_notice_respected, _document_attached)),
    # Decided for later, then taken back: the entente stays where it is (see `terms.standing`).
    *(_t(name, "Retirer la résiliation prévue", [status], status, [Who.MANAGER], _planned_end, reason=True,
         asks=(_on_that_day,))
      for name, status in (("keep_in_force", S.IN_FORCE), ("keep_suspended", S.SUSPENDED),
                           ("keep_disputed", S.DISPUTED))),
    _t("cancel", "Annuler", _BEFORE_SIGNATURE, S.CANCELLED, [Who.COORDINATOR], reason=True, clears=True),
    _t("cancel_signed", "Annuler avant l’entrée en vigueur", [S.SIGNED], S.CANCELLED, [Who.MANAGER], _not_started,
       reason=True),
    _t("refuse", "Refuser l’entente", [S.NEGOTIATION, S.AGREED, S.SIGNING], S.REFUSED, [Who.PARTNER], reason=True,
       clears=True),
)  # fmt: skip
BY_NAME = {transition.name: transition for transition in TRANSITIONS}
# From these an entente goes nowhere else: what follows is a successor.
FINAL = frozenset(S) - {
    origin for transition in TRANSITIONS if not transition.by_system for origin in transition.origins
}
REASON_LENGTH = 5  # characters
_PAST_ALLOWED = "sign"  # paper is often dated before it is recorded


class Refused(Exception):
    """A transition that may not be done now. `str()` says why, in French, to whoever asked."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A transition that leaves from the present status: may it be done now, and if not, why."""

    transition: Transition
    why_not: str = ""

    @property
    def allowed(self) -> bool:
        return not self.why_not


_WHO_WORDS = {
    Who.COORDINATOR: "une coordonnatrice ou un coordonnateur",
    Who.MANAGER: "une ou un gestionnaire",
    Who.NEGOTIATOR: "les négociateurs des parties",
    Who.SIGNATORY: "les signataires",
    Who.PARTNER: "le partenaire",
    Who.SYSTEM: "le système",
}


def offers(facts: Facts, capacities: Iterable[Who]) -> list[Offer]:
    """What leaves from here, in the order of the table, for somebody who acts in these capacities."""
    mine = set(capacities)
    found = []
    for transition in TRANSITIONS:
        if facts.status not in transition.origins or transition.by_system:
            continue
        if not transition.who & mine:
            people = " ou ".join(_WHO_WORDS[who] for who in Who if who in transition.who and who != Who.SYSTEM)
            found.append(Offer(transition, f"Revient à {people}."))
            continue
        why_not = next(_refusals(transition.guards, facts, Request()), "")
        found.append(Offer(transition, why_not or _out_of_order_whenever(transition, facts)))
    return found


def check(name: str, facts: Facts, request: Request, capacities: Iterable[Who]) -> Transition:
    """The transition, if it may be done now. Raises Refused, which says why not."""
    transition = BY_NAME[name]
    if facts.status not in transition.origins:
        raise Refused(f"Une entente à l’état « {facts.status.label} » ne permet pas : {transition.label.lower()}.")
    if not transition.who & set(capacities):
        raise Refused(f"Votre rôle ne permet pas : {transition.label.lower()}.")
    if transition.needs_reason and len(request.reason.strip()) < REASON_LENGTH:
        raise Refused("Écrivez le motif en quelques mots.")
    if refusal := _out_of_order(transition, facts, request.effective_on or facts.day):
        raise Refused(refusal)
    for refusal in _refusals((*transition.guards, *transition.asks), facts, request):
        raise Refused(refusal)
    return transition


def _refusals(guards: Iterable[Guard], facts: Facts, request: Request) -> Iterator[str]:
    return (refusal for guard in guards if (refusal := guard(facts, request)))


def _out_of_order(transition: Transition, facts: Facts, day: date) -> str:
    """Why the transition cannot count from that day, blank when it can: decisions follow one another on each day of
    the calendar, those already taken for later days included, so that a state never depends on what was typed first."""
    if transition.by_system or transition.name in TAKES_BACK:
        return ""  # it tells what the dates did, or takes back what was to come
    if day > facts.day and not transition.ahead:
        return "La date ne peut pas être dans l’avenir."
    if day < facts.day and transition.name != _PAST_ALLOWED:
        return "La date d’effet ne peut pas être passée."
    then, following = facts.status, None
    for when, name in facts.later:
        if when > day:
            following = (when, BY_NAME[name])
            break
        then = BY_NAME[name].target
    if then in _RUNNING and facts.last_day is not None and day > facts.last_day:
        return f"L’entente arrive à échéance le {long_date(facts.last_day)}, avant cette date."
    if then not in transition.origins:
        return f"À cette date, l’entente sera « {then.label} », par une décision déjà prise."
    if following is not None and transition.target not in following[1].origins:
        return f"Une décision déjà prise s’y oppose : {following[1].label.lower()}, le {long_date(following[0])}."
    return ""


def _out_of_order_whenever(transition: Transition, facts: Facts) -> str:
    """The same, for a button: why no day will do."""
    last = facts.later[-1][0] if transition.ahead and facts.later else facts.day
    return _out_of_order(transition, facts, last) and _out_of_order(transition, facts, facts.day)
