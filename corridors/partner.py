"""The partners' page of one entente: its text, what changed, whose turn it is, and what a partner may do about it.

An account sees the ententes of its own organizations, once they have left the house (`corridors.policies`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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

from . import negotiation, policies, presenting, sending, signing
from .actions import Actor
from .dossier import Dossier, open_dossier
from .enums import AgreementStatus as S
from .enums import PartyRole
from .forms import Agreed, Comment, Naming, Reason, Written
from .lifecycle import Refused
from .models import (
    ActionLink,
    Agreement,
    AgreementParty,
    AgreementVersion,
    ClauseComment,
    Obligation,
    Signatory,
)
from .policies import Action, may
from .presenting import Badge
from .views import address_of, discreet, identified

DONE = {
    "accepter": "Votre acceptation est enregistrée.",
    "changement": "Votre demande de changement est transmise au centre.",
    "refuser": "Le refus est enregistré; toutes les parties en sont avisées.",
    "commenter": "Votre commentaire est ajouté; les autres parties le voient.",
    "regler": "Le commentaire est réglé.",
    "nommer": "La personne qui signe est nommée.",
    "retirer": "Cette personne ne signera pas.",
    "lien": "Le lien pour signer part à l’adresse inscrite.",
}


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
    identified(request)
    row = policies.get_agreement_for(request.user, number)
    ours = _party_of(request.user, row)
    response = _do(request, row, ours) if request.method == "POST" else _page(request, row, ours)
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


def _do(request: HttpRequest, row: Agreement, ours: AgreementParty) -> HttpResponse:
    """The gesture of a form, then the page again: what was done, or why it was not."""
    action = request.POST.get("action", "")
    handler = _GESTURES.get(action)
    if handler is None:
        return _page(request, row, ours, error="Ce geste n’existe pas.", status=400)
    make, gesture = handler
    form = make(request.POST)
    if not form.is_valid():
        return _page(request, row, ours, error=form.first_error(), form=form, failed=action, status=400)
    actor = Actor(user=request.user, organization_id=ours.organization_id, address=address_of(request))
    try:
        gesture(actor, row, ours, form.cleaned_data, request.POST)
    except PermissionDenied as refusal:
        return _page(request, row, ours, error=str(refusal), form=form, failed=action, status=403)
    except Refused as refusal:
        return _page(request, row, ours, error=str(refusal), form=form, failed=action, status=409)
    return HttpResponseRedirect(f"{reverse('corridors_partner_agreement', args=[row.number])}?fait={action}")


class _Nothing(Written):
    """A gesture that needs no word."""


def _accept(actor: Actor, row: Agreement, ours: AgreementParty, values: dict[str, Any], posted: Any) -> None:
    version = row.versions.filter(number=values["version"], amendment__isnull=True).first()
    if version is None:
        raise Refused("Cette version n’existe pas.")
    negotiation.accept(actor, row, version, ours.organization)


def _ask_for_change(actor: Actor, row: Agreement, ours: AgreementParty, values: dict[str, Any], posted: Any) -> None:
    version = open_dossier(row).version
    if version is None:
        raise Refused("Aucun texte n’est proposé.")
    negotiation.ask_for_change(actor, row, version, ours.organization, values["reason"])


def _refuse(actor: Actor, row: Agreement, ours: AgreementParty, values: dict[str, Any], posted: Any) -> None:
    negotiation.refuse(actor, row, values["reason"])


def _comment(actor: Actor, row: Agreement, ours: AgreementParty, values: dict[str, Any], posted: Any) -> None:
    negotiation.comment(actor, row, values["text"], values["clause"] or None, ours.organization)


def _settle(actor: Actor, row: Agreement, ours: AgreementParty, values: dict[str, Any], posted: Any) -> None:
    key = posted.get("commentaire", "")
    written = ClauseComment.objects.filter(agreement=row, pk=int(key)).first() if key.isdecimal() else None
    if written is None:
        raise Refused("Ce commentaire n’existe plus.")
    negotiation.resolve_comment(actor, written)


def _name(actor: Actor, row: Agreement, ours: AgreementParty, values: dict[str, Any], posted: Any) -> None:
    values["order"] = values["order"] or 1
    signing.name_signatory(actor, row, signing.Person(ours.organization, **values))


def _own_signatory(row: Agreement, ours: AgreementParty, key: str) -> Signatory:
    people = row.signatories.filter(organization_id=ours.organization_id, removed_at__isnull=True)
    found = people.filter(pk=int(key)).first() if key.isdecimal() else None
    if found is None:
        raise Refused("Cette personne ne signe pas pour vous.")
    return found


def _remove(actor: Actor, row: Agreement, ours: AgreementParty, values: dict[str, Any], posted: Any) -> None:
    signing.remove_signatory(actor, _own_signatory(row, ours, posted.get("signataire", "")))


def _ask_for_link(actor: Actor, row: Agreement, ours: AgreementParty, values: dict[str, Any], posted: Any) -> None:
    sending.ask_for_own(actor, row, _own_signatory(row, ours, posted.get("signataire", "")))


_Gesture = Callable[[Actor, Agreement, AgreementParty, dict[str, Any], Any], None]
_GESTURES: dict[str, tuple[type[Written], _Gesture]] = {
    "accepter": (Agreed, _accept),
    "changement": (Reason, _ask_for_change),
    "refuser": (Reason, _refuse),
    "commenter": (Comment, _comment),
    "regler": (_Nothing, _settle),
    "nommer": (Naming, _name),
    "retirer": (_Nothing, _remove),
    "lien": (_Nothing, _ask_for_link),
}


def _page(
    request: HttpRequest, row: Agreement, ours: AgreementParty, *, error: str = "", form: Written | None = None,
    failed: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    dossier = open_dossier(row)
    user = request.user
    versions = list(row.versions.filter(amendment__isnull=True).select_related("proposed_by").order_by("-number"))
    current = versions[0] if versions else None
    old, new = _compared(request, versions)
    comments = Comments(
        request.path, format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request)),
        may(user, Action.COMMENT, row, dossier.status), error,
        form.value_of("clause") if isinstance(form, Comment) else None,
    )  # fmt: skip
    people = _people(dossier, ours)
    accepted = any(item.organization_id == ours.organization_id for item in dossier.acceptances)
    context = {
        "agreement": row, "ours": ours, "badge": presenting.BADGES[dossier.status], "turn": _turn(dossier, accepted),
        "steps": presenting.steps(dossier), "versions": versions, "old": old, "new": new, "current": current,
        "text": presenting.shown_text(current) if current is not None else None,
        "changes": presenting.changes(old, new) if new is not None else None,
        "remarks": presenting.remarks(list(row.comments.select_related("organization"))), "comments": comments,
        "moving": current is not None and dossier.status == S.NEGOTIATION and not dossier.text_unchanged,
        "may_accept": may(user, Action.ACCEPT, row, dossier.status) and dossier.text_unchanged and not accepted,
        "may_ask": may(user, Action.ACCEPT, row, dossier.status) and dossier.text_unchanged,
        "may_refuse": dossier.status in (S.NEGOTIATION, S.AGREED, S.SIGNING),
        "may_name": may(user, Action.NAME_SIGNATORY, row, dossier.status),
        "answers": presenting.answers(dossier), "people": people,
        "naming_open": not people and dossier.status in (S.AGREED, S.SIGNING),
        "others": [item for item, person in zip(presenting.signatures(dossier), dossier.signatories, strict=True)
                   if person.organization_id != ours.organization_id],
        "obligations": _obligations(row, ours), "disputes": row.disputes.prefetch_related("steps"),
        "documents": _documents(row),
        "pdf_url": reverse("corridors_dossier_pdf", args=[row.number]), "error": error, "failed": failed,
        "done": DONE.get(request.GET.get("fait", ""), ""),
        "naming": form if isinstance(form, Naming) else Naming(),
        "reason": form if isinstance(form, Reason) else Reason(),
        "term": _term(row, dossier), "day": long_date, "moment": presenting.day_of,
    }  # fmt: skip
    return render(request, "corridors/partner_agreement.html", context, status=status)


def _compared(
    request: HttpRequest, versions: list[AgreementVersion]
) -> tuple[AgreementVersion | None, AgreementVersion | None]:
    """The two versions that the address asks to compare; by default the last one with the one before."""
    by_number = {str(version.number): version for version in versions}
    new = by_number.get(request.GET.get("a", "")) or (versions[0] if versions else None)
    old = by_number.get(request.GET.get("de", ""))
    if old is None and new is not None:
        old = next((version for version in versions if version.number < new.number), None)
    return old, new


def _turn(dossier: Dossier, accepted: bool) -> tuple[str, str]:
    """Whose turn it is, and what to expect, in two sentences."""
    since = next((event.effective_on for event in reversed(dossier.events) if event.turn), dossier.day)
    ago = presenting.ago(since, dossier.day)
    if dossier.status == S.NEGOTIATION:
        if dossier.turn == PartyRole.PARTNER and not accepted:
            return f"À votre tour {ago}", "Lisez le texte, puis acceptez-le ou dites ce qui devrait changer."
        start = "Vous avez accepté ce texte. " if accepted else ""
        return f"Au tour du centre {ago}", f"{start}Vous serez avisé de sa réponse."
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
