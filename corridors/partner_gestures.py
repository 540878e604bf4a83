"""What a partner may do about an entente, or about one of its amendments, on its own page: one function a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import negotiation, sending, signing
from .actions import Actor
from .dossier import open_dossier
from .forms import Agreed, Comment, Naming, Reason, Written
from .lifecycle import Refused
from .models import Agreement, AgreementParty, Amendment, ClauseComment, Signatory

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


@dataclass(frozen=True, slots=True)
class Seat:
    """Who acts, for which party, on which text."""

    actor: Actor
    agreement: Agreement
    ours: AgreementParty
    amendment: Amendment | None = None


Values = dict[str, Any]


class Nothing(Written):
    """A gesture that needs no word."""


def _accept(seat: Seat, values: Values, posted: Mapping[str, str]) -> None:
    version = seat.agreement.versions.filter(number=values["version"], amendment=seat.amendment).first()
    if version is None:
        raise Refused("Cette version n’existe pas.")
    negotiation.accept(seat.actor, seat.agreement, version, seat.ours.organization)


def _ask_for_change(seat: Seat, values: Values, posted: Mapping[str, str]) -> None:
    version = open_dossier(seat.agreement, amendment=seat.amendment).version
    if version is None:
        raise Refused("Aucun texte n’est proposé.")
    negotiation.ask_for_change(seat.actor, seat.agreement, version, seat.ours.organization, values["reason"])


def _refuse(seat: Seat, values: Values, posted: Mapping[str, str]) -> None:
    negotiation.refuse(seat.actor, seat.agreement, values["reason"], seat.amendment)


def _comment(seat: Seat, values: Values, posted: Mapping[str, str]) -> None:
    negotiation.comment(seat.actor, seat.agreement, values["text"], values["clause"] or None, seat.ours.organization)


def _settle(seat: Seat, values: Values, posted: Mapping[str, str]) -> None:
    key = posted.get("commentaire", "")
    written = ClauseComment.objects.filter(agreement=seat.agreement, pk=int(key)).first() if key.isdecimal() else None
    if written is None:
        raise Refused("Ce commentaire n’existe plus.")
    negotiation.resolve_comment(seat.actor, written)


def _name(seat: Seat, values: Values, posted: Mapping[str, str]) -> None:
    person = signing.Person(seat.ours.organization, **{**values, "order": values["order"] or 1})
    signing.name_signatory(seat.actor, seat.agreement, person, seat.amendment)


def _own_signatory(seat: Seat, posted: Mapping[str, str]) -> Signatory:
    key = posted.get("signataire", "")
    people = seat.agreement.signatories.filter(
        organization_id=seat.ours.organization_id, amendment=seat.amendment, removed_at__isnull=True
    )
    found = people.filter(pk=int(key)).first() if key.isdecimal() else None
    if found is None:
        raise Refused("Cette personne ne signe pas pour vous.")
    return found


def _remove(seat: Seat, values: Values, posted: Mapping[str, str]) -> None:
    signing.remove_signatory(seat.actor, _own_signatory(seat, posted))


def _ask_for_link(seat: Seat, values: Values, posted: Mapping[str, str]) -> None:
    sending.ask_for_own(seat.actor, seat.agreement, _own_signatory(seat, posted))


# Each form by its name: what reads it, what it does. Raises Refused, PermissionDenied.
GESTURES: dict[str, tuple[type[Written], Callable[[Seat, Values, Mapping[str, str]], None]]] = {
    "accepter": (Agreed, _accept),
    "changement": (Reason, _ask_for_change),
    "refuser": (Reason, _refuse),
    "commenter": (Comment, _comment),
    "regler": (Nothing, _settle),
    "nommer": (Naming, _name),
    "retirer": (Nothing, _remove),
    "lien": (Nothing, _ask_for_link),
}
