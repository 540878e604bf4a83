"""What comes next for an entente: the end of its term, the notice, what was decided ahead, the next message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from .. import deadlines, reminders
from ..dossier import Dossier
from ..enums import AgreementStatus as S
from ..lifecycle import BY_NAME
from ..models import Agreement
from ..state import AgreementState, renews, state_at

BEFORE_SIGNATURE = frozenset({S.DRAFT, S.REVIEW, S.NEGOTIATION, S.AGREED, S.SIGNING})


@dataclass(frozen=True, slots=True)
class DateLine:
    label: str
    day: date
    detail: str = ""
    past: bool = False


def state_before(agreement: Agreement, day: date) -> AgreementState | None:
    """Where the entente that this one replaces stands; None without one. One SQL query."""
    row = agreement.predecessor
    return state_at(row, day, list(row.events.filter(amendment__isnull=True))) if row is not None else None


def dates(dossier: Dossier, before: AgreementState | None) -> list[DateLine]:
    """What comes next, in the order of the calendar. `before`: see `state_before`. No SQL query."""
    agreement, today, end = dossier.agreement, dossier.day, dossier.state.term_end
    found = []
    if dossier.status in BEFORE_SIGNATURE or dossier.status == S.SIGNED:
        if agreement.starts_on is not None:
            found.append(DateLine("Entrée en vigueur prévue", agreement.starts_on))
        if agreement.ends_on is not None:
            found.append(DateLine("Échéance prévue", agreement.ends_on))
        found += _before_this_one(dossier, before)
    elif end is not None:
        lapsed = dossier.status == S.LAPSED
        label = "Échue le" if lapsed else "Fin du terme"
        again = ""
        if not lapsed and renews(agreement):
            again = f"puis {agreement.renewal_months}\u00a0mois de plus, sans autre geste"
        found.append(DateLine(label, end, again, past=lapsed))
        window = None if lapsed else deadlines.notice_window(agreement, end)
        if window is not None:
            detail = f"préavis de {agreement.notice_days}\u00a0jours"
            found.append(DateLine("Dernier jour pour donner l’avis", window.last_day, detail, window.last_day < today))
    for day, name in dossier.later():
        found.append(DateLine(str(BY_NAME[name].target.label), day, "décidé d’avance"))
    found += _next_reminder(dossier)
    return sorted(found, key=lambda line: line.day)


def _next_reminder(dossier: Dossier) -> list[DateLine]:
    """When Passerelles next writes by itself about this entente, if nothing moves."""
    today, end = dossier.day, dossier.state.term_end
    days: list[date] = []
    if dossier.status == S.NEGOTIATION:
        turns = [line.effective_on for line in dossier.events if line.turn and line.amendment_id is None]
        if turns:
            waited = (today - turns[-1]).days // reminders.WAITING_EVERY + 1
            days.append(turns[-1] + timedelta(days=waited * reminders.WAITING_EVERY))
    elif dossier.status in reminders.RUNNING and end is not None:
        days += [end - timedelta(days=stage) for stage in reminders.TERM_STAGES]
        window = deadlines.notice_window(dossier.agreement, end)
        if window is not None:
            days += [window.last_day - timedelta(days=reminders.NOTICE_AHEAD), window.last_day]
    coming = [day for day in days if day > today]
    return [DateLine("Prochain rappel par courriel", min(coming), "si rien n’a bougé")] if coming else []


def _before_this_one(dossier: Dossier, before: AgreementState | None) -> list[DateLine]:
    """The end of the entente that this one replaces, and by when to sign so that nobody is left without cover."""
    row = dossier.agreement.predecessor
    if row is None or before is None or before.status not in reminders.RUNNING or before.term_end is None:
        return []
    by = deadlines.sign_by(before.term_end)
    found = [DateLine("Fin de l’entente actuelle", before.term_end, row.number)]
    if dossier.status in BEFORE_SIGNATURE:
        detail = "Sinon : ses corridors cessent avant que ceux-ci commencent"
        found.append(DateLine("Pour signer sans interruption", by, detail, past=by < dossier.day))
    return found


def ends_soon(dossier: Dossier, before: AgreementState | None) -> str:
    """« L’entente actuelle (ENT-2022-013) finit dans 43 jours. », while this one is not signed; else blank."""
    row = dossier.agreement.predecessor
    if row is None or before is None or before.status not in reminders.RUNNING or before.term_end is None:
        return ""
    left = (before.term_end - dossier.day).days
    if dossier.status not in BEFORE_SIGNATURE:
        return ""
    when = "aujourd’hui" if left == 0 else "demain" if left == 1 else f"dans {left}\u00a0jours"
    return f"L’entente actuelle ({row.number}) finit {when}."
