"""The journal of an entente in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from registry.dates import long_date

from ..enums import AgreementStatus as S
from ..enums import EventKind
from ..lifecycle import BY_NAME
from ..models import AgreementEvent


@dataclass(frozen=True, slots=True)
class JournalLine:
    event: AgreementEvent
    words: str
    detail: str


def journal(events: Sequence[AgreementEvent]) -> list[JournalLine]:
    """The journal in words, the newest first."""
    return [JournalLine(line, told(line), _detail(line)) for line in reversed(events)]


_DONE = {
    "submit": "Soumise à la révision interne",
    "approve": "Approuvée, négociation ouverte",
    "send_back": "Renvoyée au brouillon",
    "agree": "Texte convenu",
    "reopen": "Négociation rouverte",
    "open_signing": "Signature ouverte",
    "sign": "Signée",
    "start": "Entrée en vigueur",
    "suspend": "Suspendue",
    "resume": "Suspension levée",
    "dispute": "Mésentente ouverte",
    "settle": "Mésentente close",
    "lapse": "Échue",
    "terminate": "Résiliée",
    "cancel": "Annulée",
    "cancel_signed": "Annulée avant son entrée en vigueur",
    "refuse": "Refusée",
}


# An amendment is masculine, and it starts by being merged.
_DONE_OF_AMENDMENT = {
    "submit": "Soumis à la révision interne",
    "approve": "Approuvé, négociation ouverte",
    "send_back": "Renvoyé au brouillon",
    "sign": "Signé",
    "start": "Entré en vigueur",
    "cancel": "Annulé",
    "cancel_signed": "Annulé avant son entrée en vigueur",
    "refuse": "Refusé",
}
_AMENDED = {"opened": "préparé", "merged": "intégré au texte", "rebased": "en conflit avec un autre"}


def told(event: AgreementEvent) -> str:
    """What a line of the journal says, in one short sentence without its author."""
    data = event.data or {}
    if event.kind == EventKind.TRANSITION:
        target = str(S(event.to_status).label) if event.to_status else ""
        step = BY_NAME.get(event.transition)
        done = {**_DONE, **_DONE_OF_AMENDMENT} if event.amendment else _DONE
        words = done.get(event.transition) or str(step.label if step is not None else "Changement d’état")
        if step is not None and step.by_system and event.transition not in _DONE:
            words += f" : {target.lower()}"
    elif event.kind == EventKind.VERSION and data.get("version"):
        words = f"Version {data['version']} proposée"
    elif event.kind == EventKind.ACCEPTANCE and data.get("version"):
        words = f"Version {data['version']} acceptée"
    elif event.kind == EventKind.DOCUMENT:
        words = f"Document versé : {data.get('label', '')}"
    elif event.kind == EventKind.WAIVER:
        words = f"Dérogation à la règle {data.get('rule', '')}"
    elif event.kind == EventKind.AMENDMENT and event.amendment:
        return f"Avenant {event.amendment.number} {_AMENDED.get(data.get('step', ''), 'annulé')}"
    else:
        words = str(event.get_kind_display())
    if event.amendment:
        return f"Avenant {event.amendment.number} : {words[:1].lower()}{words[1:]}"
    return words


def _detail(event: AgreementEvent) -> str:
    parts = [event.reason] if event.reason else []
    if event.effective_on != timezone.localdate(event.recorded_at):
        parts.append(f"En date du {long_date(event.effective_on)}.")
    cleared = (event.data or {}).get("cleared") or []
    if cleared:
        names = ", ".join(str(item.get("name", "")) for item in cleared)
        parts.append(f"Effacées : acceptations ou signatures de {names}.")
    return " ".join(parts)
