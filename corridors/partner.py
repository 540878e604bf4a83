"""The partners' page of one entente: its text, what changed, whose turn it is, and what a partner may do about it.

An account sees the ententes of its own organizations, once they have left the house (`corridors.policies`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from registry.dates import long_date

from . import amendments, partner_disputes, policies, presenting, signing
from .actions import Actor
from .dossier import Dossier, open_dossier
from .enums import AgreementStatus as S
from .enums import PartyRole
from .forms import Comment, Naming, Reason, Written
from .lifecycle import Refused
from .models import ActionLink, Agreement, AgreementParty, AgreementVersion, Amendment, Obligation
from .partner_gestures import DONE, GESTURES, Seat
from .policies import Action, may
from .presenting import Badge
from .views import address_of, discreet, identified


@dataclass
class Comments:
    """What the text needs to let people comment on it. `failed`: the clause whose comment was not accepted."""

    action: str
    csrf: Any
    open: bool
    error: str = ""
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A signatory of ours, and the last link that was sent."""

    pk: int
    name: str
    detail: str
    badge: Badge
    link: str
    may_ask: bool
    may_remove: bool


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@discreet
def agreement(request: HttpRequest, number: str) -> HttpResponse:
    """One entente of the account's organizations, and what may be done about it now."""
    return _answer(request, policies.get_agreement_for(request.user, number))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@discreet
def amendment(request: HttpRequest, number: str, place: int) -> HttpResponse:
    """One amendment of such an entente, once it has left the house."""
    row = policies.get_agreement_for(request.user, number)
    found = Amendment.all_objects.filter(agreement=row, number=place).first()
    if found is None or amendments.status_of(found) not in presenting.BADGES:
        raise Http404("Aucun avenant visible ne porte ce numéro.")
    return _answer(request, row, found)


def _answer(request: HttpRequest, row: Agreement, about: Amendment | None = None) -> HttpResponse:
    identified(request)
    actor = Actor(user=request.user, address=address_of(request))
    ours = _party_of(request.user, row)
    seat = Seat(replace(actor, organization_id=ours.organization_id), row, ours, about)
    response = _do(request, seat) if request.method == "POST" else _page(request, seat)
    # A form is posted from here: the check of its origin needs one.
    response["Referrer-Policy"] = "same-origin"
    return response


def _party_of(user: Any, agreement: Agreement) -> AgreementParty:
    """The party for which this account speaks; the page is not for the others."""
    mine = policies.partner_organizations(user)
    for party in agreement.parties.all():
        if party.organization_id in mine and party.role == PartyRole.PARTNER:
            return party
    raise Http404("Aucune entente visible ne porte ce numéro.")


def _do(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The gesture of a form, then the page again: what was done, or why it was not."""
    action = request.POST.get("action", "")
    handler = GESTURES.get(action)
    if handler is None:
        return _page(request, seat, error="Ce geste n’existe pas.", status=400)
    make, gesture = handler
    form = make(request.POST)
    if not form.is_valid():
        return _page(request, seat, error=form.first_error(), form=form, failed=action, status=400)
    try:
        gesture(seat, form.cleaned_data, request.POST)
    except (PermissionDenied, Refused) as refusal:
        status = 403 if isinstance(refusal, PermissionDenied) else 409
        return _page(request, seat, error=str(refusal), form=form, failed=action, status=status)
    return HttpResponseRedirect(f"{request.path}?fait={action}")


def _page(
    request: HttpRequest, seat: Seat, *, error: str = "", form: Written | None = None, failed: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    row, ours, user = seat.agreement, seat.ours, request.user
    dossier = open_dossier(row, amendment=seat.amendment)
    versions = list(
        row.versions.filter(amendment=seat.amendment).select_related("proposed_by", "amendment").order_by("-number")
    )
    current = versions[0] if versions else None
    old, new = _compared(request, versions)
    people = _people(dossier, ours)
    accepted = any(item.organization_id == ours.organization_id for item in dossier.acceptances)
    answers_now = may(user, Action.ACCEPT, row, dossier.status) and dossier.text_unchanged
    context = {
        "agreement": row, "amendment": seat.amendment, "ours": ours, "badge": presenting.BADGES[dossier.status],
        "turn": _turn(dossier, accepted), "steps": presenting.steps(dossier), "versions": versions, "old": old,
        "new": new, "current": current,
        "text": presenting.shown_text(current) if current else presenting.recorded_text(dossier),
        "changes": presenting.changes_of(new, old) if new is not None else None,
        "moving": current is not None and dossier.status == S.NEGOTIATION and not dossier.text_unchanged,
        "may_accept": answers_now and not accepted, "may_ask": answers_now,
        "may_refuse": dossier.status in (S.NEGOTIATION, S.AGREED, S.SIGNING),
        "may_name": may(user, Action.NAME_SIGNATORY, row, dossier.status), "people": people,
        "naming_open": not people and dossier.status in (S.AGREED, S.SIGNING),
        "answers": presenting.answers(dossier),
        "others": [item for item, person in zip(presenting.signatures(dossier), dossier.signatories, strict=True)
                   if person.organization_id != ours.organization_id],
        "error": error, "failed": failed, "done": DONE.get(request.GET.get("fait", ""), ""),
        "naming": form if isinstance(form, Naming) else Naming(),
        "reason": form if isinstance(form, Reason) else Reason(), "day": long_date, "moment": presenting.day_of,
        "pdf_url": reverse("corridors_dossier_pdf", args=[row.number]),
        "page_url": reverse("corridors_partner_agreement", args=[row.number]),
        **(_of_amendment(seat.amendment) if seat.amendment else _of_agreement(request, seat, dossier, form, error)),
    }  # fmt: skip
    return render(request, "corridors/partner_agreement.html", context, status=status)


def _of_agreement(
    request: HttpRequest, seat: Seat, dossier: Dossier, form: Written | None, error: str
) -> dict[str, Any]:
    """What stands on the page of an entente, and not on that of an amendment."""
    row = seat.agreement
    comments = Comments(
        request.path, format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request)),
        may(request.user, Action.COMMENT, row, dossier.status), error,
        form.value_of("clause") if isinstance(form, Comment) else None,
    )  # fmt: skip
    return {
        "remarks": presenting.remarks(list(row.comments.select_related("organization"))), "comments": comments,
        "obligations": _obligations(row, seat.ours), **partner_disputes.shown(request.user, dossier, form),
        "documents": _documents(row), "term": _term(row, dossier), "amendments": _amendments(row),
    }  # fmt: skip


def _of_amendment(about: Amendment) -> dict[str, Any]:
    effect = f"en vigueur le {long_date(about.effective_on)}" if about.effective_on else "en vigueur dès la signature"
    return {
        "remarks": {}, "comments": None, "obligations": [], "disputes": [], "documents": [], "term": effect,
        "amendments": [], "may_raise": False, "may_report": False,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownAmendment:
    title: str
    badge: Badge
    url: str


def _amendments(row: Agreement) -> list[ShownAmendment]:
    """Those that have left the house."""
    found = []
    for item in amendments.with_status(Amendment.all_objects.filter(agreement=row)).order_by("number"):
        status = amendments.status_of(item)
        if status in presenting.BADGES:
            address = reverse("corridors_partner_amendment", args=[row.number, item.number])
            found.append(ShownAmendment(f"Avenant {item.number} : {item.title}", presenting.BADGES[status], address))
    return found


def _compared(
    request: HttpRequest, versions: list[AgreementVersion]
) -> tuple[AgreementVersion | None, AgreementVersion | None]:
    """The two versions that the address asks to compare; by default the last one, and `changes_of` finds
    with what."""
    by_number = {str(version.number): version for version in versions}
    new = by_number.get(request.GET.get("a", "")) or (versions[0] if versions else None)
    old = by_number.get(request.GET.get("de", ""))
    return old, new


def _turn(dossier: Dossier, accepted: bool) -> tuple[str, str]:
    """Whose turn it is, and what to expect, in two sentences."""
    since = next((event.effective_on for event in reversed(dossier.own_events) if event.turn), dossier.day)
    ago = presenting.ago(since, dossier.day)
    if dossier.status == S.NEGOTIATION:
        if dossier.turn == PartyRole.PARTNER and not accepted:
            return f"À votre tour {ago}", "Lisez le texte, puis acceptez-le ou dites ce qui devrait changer."
        start = "Vous avez accepté ce texte. " if accepted else ""
        return f"Au tour du centre {ago}", f"{start}Vous serez avisé de sa réponse."
    if dossier.amendment is not None and dossier.status in (S.SIGNED, S.IN_FORCE):
        return "Avenant signé", "Ses changements font partie de l’entente dès leur entrée en vigueur."
    told = {
        S.AGREED: ("Texte convenu", "Chaque partie nomme qui signe; le centre ouvre ensuite la signature."),
        S.SIGNING: ("En signature", "Chaque signataire reçoit par courriel un lien personnel pour signer."),
        S.SIGNED: ("Entente signée", "Elle entrera en vigueur à la date prévue."),
        S.DISPUTED: (
            "Mésentente ouverte",
            "Les corridors restent utilisables pendant que le mécanisme suit son cours.",
        ),
        S.SUSPENDED: ("Entente suspendue", "Ses corridors ne sont pas utilisables pour l’instant."),
    }
    return told.get(dossier.status, ("", ""))


def _term(row: Agreement, dossier: Dossier) -> str:
    end = dossier.state.term_end
    start = f"du {long_date(row.starts_on)}" if row.starts_on else ""
    return " ".join(part for part in (start, f"au {long_date(end)}" if end else "sans terme") if part)


def _people(dossier: Dossier, ours: AgreementParty) -> list[NamedPerson]:
    """Our signatories, with the last link that each was sent."""
    last: dict[int, ActionLink] = {}
    for link in ActionLink.objects.filter(signatory__in=dossier.signatories).order_by("created_at", "pk"):
        if link.signatory_id is not None:
            last[link.signatory_id] = link
    due = {person.pk for person in signing.due(dossier)}
    signed = {item.signatory_id for item in dossier.signatures}
    naming = dossier.status in (S.NEGOTIATION, S.AGREED, S.SIGNING)
    found = []
    for person, shown in zip(dossier.signatories, presenting.signatures(dossier), strict=True):
        if person.organization_id == ours.organization_id:
            found.append(
                NamedPerson(
                    person.pk, person.name, shown.detail, shown.badge, _link_in_words(last.get(person.pk)),
                    may_ask=person.pk in due and bool(person.email), may_remove=naming and person.pk not in signed,
                )
            )  # fmt: skip
    return found


def _link_in_words(link: ActionLink | None) -> str:
    if link is None:
        return ""
    sent = f"Lien envoyé le {presenting.day_of(link.created_at)}"
    if link.used_at is not None:
        return f"{sent}, utilisé"
    if link.revoked_at is not None:
        return f"{sent}, retiré depuis"
    expired = link.expires_at <= timezone.now()
    return f"{sent}, expiré" if expired else f"{sent}, valable jusqu’au {presenting.day_of(link.expires_at)}"


@dataclass(frozen=True, slots=True)
class File:
    name: str
    kind: str
    url: str


def _documents(row: Agreement) -> list[File]:
    """The files of the entente; whoever may read it may open them."""
    return [
        File(str(item), str(item.get_kind_display()), reverse("agreement_document", args=[item.pk]))
        for item in row.documents.select_related("document")
    ]


def _obligations(row: Agreement, ours: AgreementParty) -> list[Obligation]:
    """Ours first."""
    found = Obligation.all_objects.filter(agreement=row).select_related("party").order_by("due_on", "pk")
    return sorted(found, key=lambda item: item.party_id != ours.organization_id)
