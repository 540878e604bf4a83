"""What can be done about signatures and personal links from the page of an entente."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms as django_forms
from django.db import transaction

from .. import files, negotiation, sending, signing
from ..actions import Actor
from ..dossier import Dossier
from ..enums import DocumentKind
from ..lifecycle import Refused
from ..models import AgreementVersion, Signatory
from ..policies import Action
from . import forms
from .gestures import GESTURES, Gesture

Values = Mapping[str, Any]


class OnePersonForm(forms.GestureForm):
    """About one signatory, whom the page names."""

    signatory = django_forms.ChoiceField(label="Signataire")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signatory"].choices = forms.signatory_choices(self.agreement)  # type: ignore[attr-defined]


class NegotiatorForm(forms.GestureForm):
    organization = django_forms.ChoiceField(label="Partie")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].choices = [  # type: ignore[attr-defined]
            (party.organization_id, f"{party.organization} ({party.negotiator or party.negotiator_email})")
            for party in self.agreement.parties.all()
            if party.negotiator_email
        ]


class OlderPaperForm(forms.GestureForm):
    signed_on = forms.day_field("Signée le", required=True)
    file = forms.file_field("Papier numérisé")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for party in self.agreement.parties.all():
            self.fields[f"name_{party.organization_id}"] = django_forms.CharField(
                label=f"Qui a signé pour {party.organization}", max_length=200
            )
            self.fields[f"title_{party.organization_id}"] = django_forms.CharField(
                label="Titre ou fonction", max_length=200, required=False
            )


class ChangeForm(forms.AcceptForm):
    reason = forms.long_text("Ce qui devrait changer", help_text="L’autre partie le lit, et c’est à son tour.")


def _signatory(dossier: Dossier, values: Values) -> Signatory:
    found = next((person for person in dossier.signatories if str(person.pk) == values["signatory"]), None)
    if found is None:
        raise Refused("Cette personne n’est plus signataire.")
    return found


def _name(actor: Actor, dossier: Dossier, values: Values) -> str:
    party = next(item for item in dossier.parties if str(item.organization_id) == values["organization"])
    person = signing.Person(
        organization=party.organization, name=values["name"], title=values["title"], email=values["email"],
        order=values["order"], on_behalf_of=values["on_behalf_of"], mandate=values["mandate"],
    )  # fmt: skip
    named = signing.name_signatory(actor, dossier.agreement, person, dossier.amendment)
    return f"{named.name} signera pour {party.organization}."


def _remove(actor: Actor, dossier: Dossier, values: Values) -> str:
    person = _signatory(dossier, values)
    signing.remove_signatory(actor, person)
    return f"{person.name} ne signe plus; ses liens sont retirés."


def _link(actor: Actor, dossier: Dossier, values: Values) -> str:
    person = _signatory(dossier, values)
    sent = sending.send_to_signatories(actor, dossier.agreement, person, amendment=dossier.amendment)
    if not sent:
        raise Refused("Aucun lien n’est parti : courriel manquant, ou ce n’est pas encore le tour de cette personne.")
    return f"Un lien personnel est envoyé à {sent[0].name} ({sent[0].email})."


def _link_to_negotiator(actor: Actor, dossier: Dossier, values: Values) -> str:
    sent = sending.send_to_negotiators(
        actor, dossier.agreement, int(values["organization"]), amendment=dossier.amendment
    )
    if not sent:
        raise Refused("Aucun lien n’est parti : cette partie a déjà accepté, ou n’a pas de courriel.")
    return f"Un lien personnel est envoyé à {sent[0].name} ({sent[0].email})."


def _paper(actor: Actor, dossier: Dossier, values: Values) -> str:
    person = _signatory(dossier, values)
    with transaction.atomic():
        kept = files.attach(
            actor, dossier.agreement, values["file"], DocumentKind.SIGNED, f"Signature de {person.name}"
        )
        done = _or_forget(kept, lambda: signing.sign_on_paper(actor, person, values["signed_on"], kept))
    if done.complete:
        return "La dernière signature est inscrite : l’entente est signée."
    return f"La signature de {person.name} est inscrite. On attend encore : {', '.join(done.waiting)}."


def _older_paper(actor: Actor, dossier: Dossier, values: Values) -> str:
    people = [
        signing.Person(
            organization=party.organization, name=values[f"name_{party.organization_id}"],
            title=values[f"title_{party.organization_id}"],
        )
        for party in dossier.parties
    ]  # fmt: skip
    with transaction.atomic():
        kept = files.attach(actor, dossier.agreement, values["file"], DocumentKind.SIGNED, "Entente signée")
        _or_forget(
            kept,
            lambda: signing.record_older_paper(actor, dossier.agreement, values["signed_on"], kept, people),
        )
    return "Le papier signé est au dossier, avec les noms de qui a signé."


def _or_forget(kept: Any, act: Any) -> Any:
    """Do it; should it be refused, the file that came along leaves the disk with the row that leaves the database."""
    try:
        return act()
    except BaseException:
        kept.document.file.delete(save=False)
        raise


def _ask_for_change(actor: Actor, dossier: Dossier, values: Values) -> str:
    version = AgreementVersion.objects.filter(agreement=dossier.agreement, pk=values["version"]).first()
    party = next((item for item in dossier.parties if str(item.organization_id) == values["organization"]), None)
    if version is None or party is None:
        raise Refused("Cette version n’existe plus.")
    negotiation.ask_for_change(actor, dossier.agreement, version, party.organization, values["reason"])
    return "La demande est partie; c’est au tour de l’autre partie."


GESTURES |= {
    "changement": Gesture(
        "Demander un changement", "Demander", Action.ACCEPT, ChangeForm, _ask_for_change,
        "Le texte ne bouge pas; l’autre partie répond par une nouvelle version.",
    ),
    "signataire": Gesture(
        "Nommer un signataire", "Nommer", Action.NAME_SIGNATORY, forms.SignatoryForm, _name,
        "Nommer un signataire ne change pas le texte : rien n’est effacé.",
    ),
    "retirer-signataire": Gesture(
        "Retirer un signataire", "Retirer", Action.NAME_SIGNATORY, OnePersonForm, _remove,
        "Les liens qui lui ont été envoyés cessent de valoir.",
    ),
    "lien": Gesture(
        "Envoyer le lien pour signer", "Envoyer", Action.SEND_LINK, OnePersonForm, _link,
        "Un lien personnel, valable pour ce texte et pour cette personne seulement. Le précédent, s’il existe, cesse "
        "de valoir.",
    ),
    "lien-negociateur": Gesture(
        "Envoyer le lien pour accepter", "Envoyer", Action.SEND_LINK, NegotiatorForm, _link_to_negotiator,
        "Un lien personnel, valable pour cette version et pour cette personne seulement.",
    ),
    "papier": Gesture(
        "Inscrire une signature sur papier", "Inscrire", Action.RECORD_PAPER, forms.PaperForm, _paper,
        "Vous attestez que le papier numérisé porte cette signature; votre nom reste à côté.",
    ),
    "papier-ancien": Gesture(
        "Verser l’entente signée sur papier", "Inscrire", Action.RECORD_PAPER, OlderPaperForm, _older_paper,
        "Pour une entente signée hors de Passerelles : le papier, sa date et qui a signé. Vous attestez qu’il est "
        "conforme.",
    ),
}  # fmt: skip
