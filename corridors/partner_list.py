"""The partners' list of ententes: those that wait for them first; whose turn it is, since when, and what is next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from registry.dates import long_date

from . import amendments, policies, presenting
from .dossier import states_of
from .enums import AgreementStatus as S
from .enums import PartyRole
from .models import Acceptance, Agreement, AgreementEvent, AgreementVersion, Amendment, Obligation, Signatory
from .presenting import Badge
from .state import AgreementState
from .views import discreet, identified


@dataclass(frozen=True, slots=True)
class Row:
    """An entente in the partner's list. `mine`: something is expected from this partner."""

    number: str
    title: str
    url: str
    badge: Badge
    term: str
    next: str
    mine: bool
    action: str


@require_safe
@login_required
@discreet
def agreements(request: HttpRequest) -> HttpResponse:
    """The ententes of the account's organizations: those that wait for it first. A constant number of SQL queries."""
    identified(request)
    if not policies.partner_organizations(request.user):
        raise Http404("Cette page est celle des partenaires.")
    today = timezone.localdate()
    ours = policies.agreements_of_partner(request.user)
    every: Any = Agreement.all_objects
    rows = every.with_journal(today).filter(ours).distinct()
    found = list(rows.order_by("number"))
    states = states_of(found, today)
    shown = [row for row in found if states[row.pk].status in presenting.BADGES]
    told = _Told(request.user, shown, states)
    rows_shown = [*_amendments(shown, today), *(_row(row, states[row.pk], told, today) for row in shown)]
    items = sorted(rows_shown, key=lambda item: not item.mine)
    return render(
        request, "corridors/partner_list.html",
        {
            "mine": [item for item in items if item.mine], "others": [item for item in items if not item.mine],
            "title": _title(sum(item.mine for item in items)),
        },
    )  # fmt: skip


_IN_LETTERS = ("", "Une", "Deux", "Trois", "Quatre", "Cinq", "Six", "Sept", "Huit", "Neuf", "Dix")


def _title(waiting: int) -> str:
    """« Trois ententes vous attendent »: numbers in letters up to ten."""
    if not waiting:
        return "Vos ententes"
    count = _IN_LETTERS[waiting] if waiting < len(_IN_LETTERS) else str(waiting)
    return f"{count} entente vous attend" if waiting == 1 else f"{count} ententes vous attendent"


class _Told:
    """What the list says besides states: who of ours has answered, has somebody to sign, owes something. Four SQL
    queries for all the ententes."""

    def __init__(self, user: Any, rows: list[Any], states: dict[int, AgreementState]) -> None:
        ours = policies.partner_organizations(user)
        negotiated = [row.pk for row in rows if states[row.pk].status == S.NEGOTIATION]
        current = AgreementVersion.objects.filter(agreement_id__in=negotiated, amendment__isnull=True)
        versions = dict(current.order_by("number").values_list("agreement_id", "pk"))
        accepted = Acceptance.objects.filter(
            version_id__in=versions.values(), organization_id__in=ours, cleared_at__isnull=True
        )
        self.accepted = set(accepted.values_list("version__agreement_id", flat=True))
        signers = Signatory.objects.filter(
            agreement_id__in=[row.pk for row in rows], amendment__isnull=True, removed_at__isnull=True,
            organization_id__in=ours,
        )  # fmt: skip
        self.signers = set(signers.values_list("agreement_id", flat=True))
        owed = Obligation.objects.filter(
            agreement_id__in=[row.pk for row in rows], party_id__in=ours, due_on__isnull=False
        )
        self.owed: dict[int, date] = {}
        for key, day in owed.exclude(status="respectee").order_by("-due_on").values_list("agreement_id", "due_on"):
            if day is not None:
                self.owed[key] = day


def _amendments(rows: list[Any], today: date) -> list[Row]:
    """The amendments under negotiation, or to be signed. Two SQL queries for all the ententes."""
    open_ones = amendments.with_status(Amendment.all_objects.filter(agreement__in=rows)).select_related("agreement")
    wanted = (S.NEGOTIATION, S.AGREED, S.SIGNING)
    found = [item for item in open_ones.order_by("agreement_id", "number") if amendments.status_of(item) in wanted]
    turns = AgreementEvent.objects.filter(amendment__in=found).exclude(turn="").order_by("number")
    last = {line.amendment_id: line for line in turns}
    shown = []
    for item in found:
        status, line = amendments.status_of(item), last.get(item.pk)
        since = presenting.ago(line.effective_on, today) if line is not None else ""
        mine = status == S.NEGOTIATION and line is not None and line.turn == PartyRole.PARTNER
        text = f"À votre tour {since} : lire l’avenant et répondre." if mine else "Au tour du centre."
        if status != S.NEGOTIATION:
            text = "L’avenant est convenu; il sera signé par lien personnel."
        shown.append(
            Row(
                item.agreement.number, f"Avenant {item.number} : {item.title}",
                reverse("corridors_partner_amendment", args=[item.agreement.number, item.number]),
                presenting.BADGES[status], "", text, mine, "Lire et répondre" if mine else "Voir",
            )
        )  # fmt: skip
    return shown


def _row(row: Any, state: AgreementState, told: _Told, today: date) -> Row:
    text, mine, action = _next(row, state, told, today)
    end = state.term_end
    running = state.status in (S.IN_FORCE, S.SUSPENDED, S.DISPUTED, S.SIGNED)
    starts = f"à partir du {long_date(row.starts_on)}" if state.status == S.SIGNED and row.starts_on else ""
    term = (starts or (f"jusqu’au {long_date(end)}" if end else "sans terme")) if running else ""
    return Row(
        row.number, row.title, reverse("corridors_partner_agreement", args=[row.number]),
        presenting.BADGES[state.status], term, text, mine, action,
    )  # fmt: skip


def _next(row: Any, state: AgreementState, told: _Told, today: date) -> tuple[str, bool, str]:
    """What comes next, whether it is expected from this partner, and the verb of the button."""
    if state.status == S.NEGOTIATION:
        since = presenting.ago(row.turn_since, today) if row.turn_since else ""
        if row.turn == PartyRole.PARTNER and row.pk not in told.accepted:
            return f"À votre tour {since} : lire le texte et répondre.", True, "Lire et répondre"
        who = "Vous avez accepté le texte. Au tour du centre" if row.pk in told.accepted else "Au tour du centre"
        return f"{who} {since}.", False, "Voir"
    if state.status in (S.AGREED, S.SIGNING) and row.pk not in told.signers:
        return "Nommer la personne qui signera pour vous.", True, "Nommer"
    if state.status == S.AGREED:
        return "Le texte est convenu; le centre ouvrira la signature.", False, "Voir"
    if state.status == S.SIGNING:
        return "En signature : chaque signataire reçoit son lien par courriel.", False, "Voir"
    due = told.owed.get(row.pk) if state.status in (S.IN_FORCE, S.DISPUTED, S.SUSPENDED) else None
    if due is not None and due < today:
        return f"Votre contribution était attendue le {long_date(due)}.", True, "Voir"
    if state.status == S.DISPUTED:
        return "Une mésentente est ouverte; les corridors restent utilisables.", False, "Voir"
    if due is not None:
        return f"Prochaine contribution attendue : {long_date(due)}.", False, "Voir"
    return "Rien à faire de votre côté.", False, "Voir"
