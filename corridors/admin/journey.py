"""Where an entente is on its way, whose turn it is, and what may be done now: the top of its page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from registry.dates import long_date, short_date

from .. import lifecycle
from ..dossier import Dossier
from ..enums import AgreementFlag, PartyRole
from ..enums import AgreementStatus as S
from ..lifecycle import Who
from ..models import Agreement, AgreementEvent

_PATH = (S.DRAFT, S.REVIEW, S.NEGOTIATION, S.AGREED, S.SIGNING, S.SIGNED, S.IN_FORCE)
_AFTER = frozenset({S.SUSPENDED, S.DISPUTED, S.LAPSED, S.TERMINATED})
_BROKEN_OFF = frozenset({S.CANCELLED, S.REFUSED})
# Transitions that have a page of their own, by the name of its address (one argument: the entente's key).
PAGES: dict[str, str] = {}
# Transitions whose gesture is another: one agrees by accepting, one signs by signing.
_BY_THEMSELVES = frozenset({"agree", "sign"})
# Those that bring an entente nearer to its signature: the first of them is the button that stands out.
_FORWARD = frozenset({"submit", "approve", "open_signing"})


# Where a button stands alone, the table's own words are too short: « Annuler » what?
LABELS = {
    "suspend": "Suspendre l’entente",
    "terminate": "Résilier l’entente",
    "cancel": "Annuler l’entente",
    "cancel_signed": "Annuler l’entente",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One stop of the line. `state`: « done », « cur » or blank (to come); `note`: a date, or whose turn."""

    label: str
    state: str = ""
    note: str = ""


def short_day(day: date, today: date | None = None) -> str:
    """« 6 oct. », « 5 janv. 2027 » when it is another year than today's."""
    return short_date(day, today or timezone.localdate())


def steps(dossier: Dossier, started_on: date | None = None) -> list[Step]:
    """The line of steps on the dossier's day. `started_on`: when the draft was begun."""
    lines = [line for line in dossier.events if line.to_status and line.amendment_id is None
             and line.effective_on <= dossier.day]  # fmt: skip
    status = dossier.status
    reached = {S(line.to_status): line.effective_on for line in lines}
    lived_here = any(S(line.to_status) in _PATH[:-1] for line in lines) or status in _PATH[:5]
    path: tuple[S, ...] = _PATH if lived_here else (S.SIGNED, S.IN_FORCE)
    agreement = dossier.agreement
    if started_on is not None:
        reached.setdefault(S.DRAFT, started_on)
    for own, day in ((S.SIGNED, agreement.signed_on), (S.IN_FORCE, agreement.starts_on)):
        if day is not None and (own not in reached or not lived_here):
            reached[own] = day
    if status in _BROKEN_OFF:
        last = max((path.index(S(line.from_status)) for line in lines if S(line.from_status) in path), default=0)
        path = path[: last + 1]
    at = path.index(status) if status in path else len(path)
    found = [_step(stop, place, at, reached, dossier) for place, stop in enumerate(path)]
    if status in _AFTER or status in _BROKEN_OFF:
        day = _since(dossier, lines)
        found.append(Step(str(status.label), "cur", short_day(day, dossier.day) if day else ""))
    end = dossier.state.term_end
    if end is not None and status in (S.SIGNED, S.IN_FORCE, S.SUSPENDED, S.DISPUTED):
        found.append(Step("Fin du terme", "", short_day(end, dossier.day)))
    return found


def _step(stop: S, place: int, at: int, reached: dict[S, date], dossier: Dossier) -> Step:
    state = "done" if place < at else "cur" if place == at else ""
    day = reached.get(stop)
    note = short_day(day, dossier.day) if day is not None and (state or stop == S.IN_FORCE) else ""
    if state == "cur" and stop == S.NEGOTIATION:
        note = "tour du centre" if dossier.turn == PartyRole.CENTRE else "tour du partenaire"
    if state and not note and stop in (S.SIGNED, S.IN_FORCE):
        note = "date inconnue"
    return Step(str(stop.label), state, note)


def _since(dossier: Dossier, lines: Sequence[AgreementEvent]) -> date | None:
    """The day from which the present status counts."""
    if dossier.status == S.LAPSED and dossier.state.term_end is not None:
        return dossier.state.term_end
    days = [line.effective_on for line in lines if line.to_status == dossier.status]
    return max(days, default=None)


@dataclass(frozen=True, slots=True)
class Button:
    """Something to do. `post`: done at once, by a form; otherwise a page asks what it needs."""

    label: str
    url: str
    post: bool = False
    main: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    label: str
    why: str


@dataclass(slots=True)
class Turn:
    """The banner: whose turn, since when, what can be done, and why the rest must wait."""

    heading: str
    mine: bool = False
    tone: str = ""
    icon: str = "i-flag"
    sentences: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    later: list[Refusal] = field(default_factory=list)


def page_url(agreement: Agreement) -> str:
    """The page of an entente in the admin."""
    return reverse(Agreement.snippet_viewset.get_url_name("entente"), args=[agreement.pk])


def gesture_url(agreement: Agreement, name: str) -> str:
    """The page that asks what a gesture needs, and does it."""
    return reverse(Agreement.snippet_viewset.get_url_name("gesture"), args=[agreement.pk, name])


def transition_url(agreement: Agreement, name: str) -> str:
    if name in PAGES:
        return reverse(PAGES[name], args=[agreement.pk])
    return reverse(Agreement.snippet_viewset.get_url_name("transition"), args=[agreement.pk, name])


def offered(dossier: Dossier, facts: lifecycle.Facts, mine: Iterable[Who]) -> tuple[list[Button], list[Refusal]]:
    """The transitions that leave from here: those that may be done now, and why the others may not."""
    buttons: list[Button] = []
    later: list[Refusal] = []
    for offer in lifecycle.offers(facts, mine):
        step = offer.transition
        label = LABELS.get(step.name, step.label)
        if not offer.allowed:
            later.append(Refusal(label, offer.why_not))
        elif step.name not in _BY_THEMSELVES:
            url = transition_url(dossier.agreement, step.name)
            buttons.append(Button(label, url, main=step.name in _FORWARD))
    return buttons, later


def _days(since: date | None, today: date) -> str:
    count = (today - since).days if since is not None else 0
    return "depuis aujourd’hui" if count < 1 else "depuis hier" if count == 1 else f"depuis {count}\u00a0jours"


def turn_of(dossier: Dossier, mine: frozenset[Who], facts: lifecycle.Facts) -> Turn:
    """The banner for somebody who acts in these capacities."""
    status, today = dossier.status, dossier.day
    lines = [line for line in dossier.events if line.amendment_id is None and line.effective_on <= today]
    moved = [line.effective_on for line in lines if line.to_status == status]
    since = _days(max(moved, default=None), today) if moved else ""
    turn = _HEADINGS[status](dossier, mine, since, facts)
    turn.buttons, turn.later = offered(dossier, facts, mine)
    return turn


def _draft(dossier: Dossier, mine: frozenset[Who], since: str, facts: lifecycle.Facts) -> Turn:
    sent_back = [line for line in dossier.events if line.transition == "send_back"]
    turn = Turn("Brouillon à compléter, puis à soumettre", Who.COORDINATOR in mine, "warn" if sent_back else "")
    if sent_back:
        turn.heading = f"Renvoyée au brouillon {since}"
        turn.sentences.append(f"Motif de {sent_back[-1].actor_name} : {sent_back[-1].reason}")
    turn.sentences.append("Personne hors du centre ne la voit encore.")
    return turn


def _review(dossier: Dossier, mine: frozenset[Who], since: str, facts: lifecycle.Facts) -> Turn:
    if Who.MANAGER in mine:
        return Turn(f"À votre tour {since} : approuver ou renvoyer", True, "warn", "i-warn",
                    ["Approuver propose la version 1 aux parties et ouvre la négociation."])  # fmt: skip
    return Turn(f"En révision interne {since}", False, "", "i-flag", ["Une ou un gestionnaire doit l’approuver."])


def _negotiation(dossier: Dossier, mine: frozenset[Who], since: str, facts: lifecycle.Facts) -> Turn:
    lines = [line for line in dossier.events if line.turn and line.amendment_id is None]
    since = _days(lines[-1].effective_on, dossier.day) if lines else since
    ours = dossier.turn == PartyRole.CENTRE
    mine_now = ours and bool(mine & {Who.COORDINATOR, Who.MANAGER})
    heading = f"À votre tour {since}" if mine_now else f"Au tour du {'centre' if ours else 'partenaire'} {since}"
    turn = Turn(heading, mine_now, "warn" if ours else "", "i-warn" if ours else "i-flag")
    version = dossier.version
    if version is not None and not dossier.text_unchanged:
        turn.sentences.append(
            f"Le texte a changé depuis la version {version.number} : proposez-en une nouvelle pour que les parties "
            "puissent l’accepter."
        )
    elif version is not None:
        marks = {item.organization_id: timezone.localdate(item.accepted_at) for item in dossier.acceptances}
        own = marks.pop(version.proposed_by_id or 0, None)
        done = [
            f"{party.organization} l’a acceptée le {long_date(marks[party.organization_id])}"
            for party in dossier.parties
            if party.organization_id in marks
        ]
        by = f"La version {version.number} est proposée"
        if version.proposed_by:
            by = f"{version.proposed_by} a proposé la version {version.number}"
        if own is not None:
            by += f" et l’a acceptée le {long_date(own)}"
        said = [by, *done] if own is not None or done else [by, "personne ne l’a encore acceptée"]
        turn.sentences.append(f"{'; '.join(said)}.")
        turn.sentences.append("Accepter fige ce texte; toute modification efface les acceptations.")
    if facts.failing_rules:
        turn.sentences.append(
            f"Règles obligatoires à respecter ou à justifier avant d’en convenir : {', '.join(facts.failing_rules)}."
        )
    return turn


def _agreed(dossier: Dossier, mine: frozenset[Who], since: str, facts: lifecycle.Facts) -> Turn:
    ours = Who.COORDINATOR in mine
    turn = Turn(f"À votre tour {since} : ouvrir la signature" if ours else f"Texte convenu {since}", ours,
                "warn" if ours else "")  # fmt: skip
    turn.sentences.append("Toutes les parties ont accepté le même texte. Toute modification rouvre la négociation.")
    return turn


def _signing(dossier: Dossier, mine: frozenset[Who], since: str, facts: lifecycle.Facts) -> Turn:
    signed = len(dossier.signatories) - len(facts.unsigned)
    turn = Turn(f"En signature {since} : {signed} sur {len(dossier.signatories)}")
    if facts.unsigned:
        turn.sentences.append(f"On attend : {'; '.join(facts.unsigned)}.")
    return turn


def _signed(dossier: Dossier, mine: frozenset[Who], since: str, facts: lifecycle.Facts) -> Turn:
    starts = dossier.agreement.starts_on
    when = f"Elle entre en vigueur le {long_date(starts)}." if starts else "Elle entre en vigueur sans autre geste."
    return Turn("Signée, à venir", False, "ok", "i-ok", [when])


def _in_force(dossier: Dossier, mine: frozenset[Who], since: str, facts: lifecycle.Facts) -> Turn:
    turn = Turn("En vigueur", False, "ok", "i-ok")
    end = dossier.state.term_end
    if end is None:
        turn.sentences.append("Sans terme.")
    else:
        left = (end - dossier.day).days
        again = ", puis se reconduit d’elle-même" if _renews(dossier) else ""
        turn.sentences.append(
            f"Le terme finit le {long_date(end)}, dans {left}\u00a0jour{'s' if left > 1 else ''}{again}."
        )
    if AgreementFlag.NOTICE_OPEN in dossier.state.flags:
        turn.tone, turn.icon = "warn", "i-warn"
        turn.heading = "En vigueur, le délai de préavis court"
    elif AgreementFlag.TO_RENEW in dossier.state.flags:
        turn.tone, turn.icon = "warn", "i-warn"
        turn.heading = "En vigueur, à renouveler"
    if AgreementFlag.UNSIGNED in dossier.state.flags:
        turn.sentences.append("Aucune date de signature n’est inscrite.")
    return turn


def _renews(dossier: Dossier) -> bool:
    from ..state import renews

    return renews(dossier.agreement)


def _suspended(dossier: Dossier, mine: frozenset[Who], since: str, facts: lifecycle.Facts) -> Turn:
    turn = Turn(f"Suspendue {since}".strip(), False, "stop", "i-stop")
    _add_reason(turn, dossier)
    turn.sentences.append("Ses corridors ne sont plus offerts à l’orientation.")
    return turn


def _disputed(dossier: Dossier, mine: frozenset[Who], since: str, facts: lifecycle.Facts) -> Turn:
    turn = Turn(f"En mésentente {since}".strip(), False, "warn", "i-warn")
    turn.sentences.append("Les corridors restent offerts pendant que le mécanisme s’applique.")
    return turn


def _over(dossier: Dossier, mine: frozenset[Who], since: str, facts: lifecycle.Facts) -> Turn:
    end = dossier.state.term_end
    words = {
        S.LAPSED: f"Échue le {long_date(end)}" if end else "Échue",
        S.TERMINATED: "Résiliée",
        S.CANCELLED: "Annulée",
        S.REFUSED: "Refusée",
    }
    turn = Turn(words[dossier.status], False, "stop" if dossier.status == S.REFUSED else "", "i-stop")
    _add_reason(turn, dossier)
    if AgreementFlag.CONTRADICTED in dossier.state.flags:
        turn.sentences.append(
            f"Le classeur la dit « {dossier.agreement.declared_status} », mais son échéance est passée."
        )
    return turn


def _add_reason(turn: Turn, dossier: Dossier) -> None:
    told = [line for line in dossier.events if line.to_status == dossier.status and line.reason]
    if told:
        turn.sentences.append(f"Motif : {told[-1].reason}")


_HEADINGS: dict[S, Any] = {
    S.DRAFT: _draft, S.REVIEW: _review, S.NEGOTIATION: _negotiation, S.AGREED: _agreed, S.SIGNING: _signing,
    S.SIGNED: _signed, S.IN_FORCE: _in_force, S.SUSPENDED: _suspended, S.DISPUTED: _disputed,
    S.LAPSED: _over, S.TERMINATED: _over, S.CANCELLED: _over, S.REFUSED: _over,
}  # fmt: skip
