"""What a partner does about a disagreement, on its own page of the entente: raise one, write a step down, close it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from . import disputes
from .disputes import Step
from .dossier import Dossier
from .enums import AgreementStatus as S
from .enums import DayCount
from .forms import Written, _text
from .lifecycle import Refused
from .models import Dispute
from .partner_gestures import DONE, GESTURES, Seat
from .policies import Action, may

Values = dict[str, Any]


class Raised(Written):
    subject = _text("Objet", "Écrivez en quelques mots ce qui ne va pas.", longest=255)
    mechanism = _text("Mécanisme", "", required=False, longest=4000)
    step = _text("Première étape", "Écrivez la première étape : qui se rencontre, par exemple.", longest=255)
    days = forms.IntegerField(
        label="Délai", min_value=0, max_value=disputes.LONGEST,
        error_messages={"required": "Indiquez en combien de jours.", "invalid": "Le délai est un nombre de jours.",
                        "min_value": "Le délai est un nombre de jours.",
                        "max_value": f"Au plus {disputes.LONGEST} jours."},
    )  # fmt: skip
    day_count = forms.ChoiceField(choices=DayCount.choices)


class Taken(Written):
    outcome = _text("Ce qui en est sorti", "Écrivez ce qui est sorti de cette étape.", longest=255)


class Closed(Written):
    settled = forms.ChoiceField(
        choices=[("oui", "Réglée"), ("non", "Close sans règlement")],
        error_messages={"required": "Dites si la mésentente est réglée."},
    )
    outcome = _text("Issue", "Écrivez l’issue de la mésentente en quelques mots.", longest=4000)


def _raise(seat: Seat, values: Values, posted: Mapping[str, str]) -> None:
    disputes.open_dispute(
        seat.actor, seat.agreement, organization=seat.ours.organization, subject=values["subject"],
        mechanism=values["mechanism"] or disputes.mechanism_of(seat.agreement),
        steps=[Step(values["step"], values["days"], DayCount(values["day_count"]))],
    )  # fmt: skip


def _running(seat: Seat) -> Dispute:
    found = disputes.open_dispute_of(seat.agreement)
    if found is None:
        raise Refused("Aucune mésentente n’est ouverte.")
    return found


def _take(seat: Seat, values: Values, posted: Mapping[str, str]) -> None:
    dispute = _running(seat)
    waiting = next((step for step in dispute.steps.all() if step.done_on is None), None)
    if waiting is None or str(waiting.pk) != posted.get("etape"):
        raise Refused("Cette étape est déjà inscrite.")
    disputes.record_step(seat.actor, dispute, waiting, outcome=values["outcome"])


def _close(seat: Seat, values: Values, posted: Mapping[str, str]) -> None:
    disputes.close(seat.actor, _running(seat), settled=values["settled"] == "oui", outcome=values["outcome"])


GESTURES |= {"mesentente": (Raised, _raise), "etape": (Taken, _take), "clore": (Closed, _close)}
DONE |= {
    "mesentente": "La mésentente est ouverte; le centre en est avisé. Les corridors restent utilisables.",
    "etape": "L’étape est inscrite.",
    "clore": "La mésentente est close.",
}


def shown(user: Any, dossier: Dossier, form: Written | None) -> dict[str, Any]:
    """What the page needs: the disputes, and the forms that may be sent now. Two SQL queries."""
    agreement = dossier.agreement
    found = list(agreement.disputes.select_related("opened_by").prefetch_related("steps"))
    reports = may(user, Action.REPORT_STEP, agreement, dossier.status)
    return {
        "disputes": found,
        "may_raise": dossier.status == S.IN_FORCE and may(user, Action.MEET_OBLIGATION, agreement, dossier.status),
        "may_report": reports,
        "mechanism": disputes.mechanism_of(agreement) if dossier.status == S.IN_FORCE else "",
        "raised": form if isinstance(form, Raised) else Raised(initial={"days": 10, "day_count": DayCount.BUSINESS}),
        "taken": form if isinstance(form, Taken) else Taken(),
        "closed": form if isinstance(form, Closed) else Closed(),
    }
