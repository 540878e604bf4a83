"""What people write on the pages of an entente outside the admin. Limits and messages are here, looks in templates."""

from __future__ import annotations

from typing import Any

from django import forms

from .enums import LinkPurpose
from .negotiation import COMMENT_LENGTH
from .signing import HIGHEST_RANK


class Written(forms.Form):
    """A form whose first error can be shown alone, and whose values come back as they were written."""

    def first_error(self) -> str:
        return next((str(error) for errors in self.errors.values() for error in errors), "")

    def error_of(self, field: str) -> str:
        return next((str(error) for error in self.errors.get(field, ())), "")

    def value_of(self, field: str) -> Any:
        return self[field].value() or ""


def _text(label: str, missing: str, *, required: bool = True, longest: int = 200) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=longest,
        error_messages={"required": missing, "max_length": f"Au plus {longest} caractères."},
    )  # fmt: skip


class Confirmation(Written):
    """« J’accepte » or « je signe » this text, by one's own name."""

    consent = forms.BooleanField(error_messages={"required": "Cochez la case pour confirmer."})
    name = _text("Votre nom complet", "Écrivez votre nom complet.")


class Declined(Written):
    """Not this text, and why."""

    name = _text("Votre nom complet", "Écrivez votre nom complet.")
    reason = _text("Motif", "Écrivez en quelques mots ce qui ne convient pas.", longest=COMMENT_LENGTH)


class Agreed(Written):
    """An account accepts on its own page: it is known by its session."""

    consent = forms.BooleanField(error_messages={"required": "Cochez la case pour confirmer."})
    version = forms.IntegerField()


class Reason(Written):
    reason = _text("Motif", "Écrivez le motif en quelques mots.", longest=COMMENT_LENGTH)


class Comment(Written):
    clause = forms.CharField(required=False, max_length=36)
    text = _text("Votre commentaire", "Écrivez votre commentaire.", longest=COMMENT_LENGTH)


class Naming(Written):
    """Somebody who signs for one's own party."""

    name = _text("Nom de la personne qui signe", "Écrivez le nom de la personne qui signe.")
    title = _text("Titre ou fonction", "", required=False)
    email = forms.EmailField(
        label="Courriel", error_messages={
            "required": "Écrivez le courriel : le lien pour signer y sera envoyé.",
            "invalid": "Ce courriel n’est pas complet : il en faut un comme nom@organisme.ca.",
        },
    )  # fmt: skip
    order = forms.IntegerField(
        label="Rang", min_value=1, max_value=HIGHEST_RANK, required=False,
        error_messages={"min_value": f"Le rang va de 1 à {HIGHEST_RANK}.",
                        "max_value": f"Le rang va de 1 à {HIGHEST_RANK}.", "invalid": "Le rang est un nombre."},
    )  # fmt: skip
    on_behalf_of = _text("Au nom de", "", required=False)
    mandate = _text("En vertu de quel mandat", "", required=False, longest=1000)


def words_of(purpose: str, *, amendment: bool) -> dict[str, str]:
    """What the page of a link says, by its purpose, for an entente or one of its amendments."""
    subject, the, of = (
        ("Avenant", "l’avenant", "de l’avenant") if amendment else ("Entente", "l’entente", "de l’entente")
    )
    if purpose == LinkPurpose.SIGN:
        return {
            "title": f"Signer {the}", "verb": "Signer", "subject": subject, "the": the,
            "done": "signé" if amendment else "signée",
            "consent": "J’ai lu ce texte en entier et je le signe au nom de",
            "decline": "Je ne signe pas", "decline_hint": "Le texte retourne en négociation; les signatures déjà "
            "données sont effacées et leurs auteurs en sont avisés.", "decline_button": "Refuser de signer",
        }  # fmt: skip
    return {
        "title": f"Accepter le texte {of}", "verb": "Accepter ce texte", "subject": subject, "the": the,
        "done": "accepté" if amendment else "acceptée",
        "consent": "J’ai lu ce texte en entier et je l’accepte au nom de",
        "decline": "Je demande un changement", "decline_hint": "Votre demande est transmise à l’autre partie, qui "
        "pourra proposer un nouveau texte. Rien n’est effacé d’ici là.", "decline_button": "Demander ce changement",
    }  # fmt: skip
