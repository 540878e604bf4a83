"""What can be done to an entente from its page: one table, one view; each gesture asks the policies first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View
from wagtail.admin import messages

from .. import actions, clause_templates, conformity, files, lifecycle, negotiation, policies, review
from ..actions import Actor
from ..dossier import Dossier, open_dossier
from ..enums import DocumentKind, EventKind
from ..lifecycle import Refused, Request
from ..models import Agreement, AgreementVersion, Check, ClauseComment, Waiver
from ..policies import Action
from . import forms
from .journey import LABELS, page_url

Values = Mapping[str, Any]


def actor_of(request: HttpRequest) -> Actor:
    """Whoever is signed in, with the network address that the journal keeps."""
    return Actor(user=request.user, address=request.META.get("REMOTE_ADDR") or None)


@dataclass(frozen=True, slots=True)
class Gesture:
    """`perform` does it and returns what to tell, in French; it may raise Refused, ValidationError,
    PermissionDenied."""

    title: str
    button: str
    action: Action
    form: type[forms.GestureForm]
    perform: Callable[[Actor, Dossier, Values], str]
    intro: str = ""


def _attach(actor: Actor, dossier: Dossier, values: Values) -> str:
    files.attach(actor, dossier.agreement, values["file"], values["kind"], values["label"])
    return "Le document est versé au dossier."


def _waive(actor: Actor, dossier: Dossier, values: Values) -> str:
    with actions.announced(Agreement, [dossier.agreement.pk]):
        agreement = actions.locked(dossier.agreement)
        Waiver.objects.create(
            agreement=agreement, rule=values["rule"], justification=values["justification"],
            granted_by=actor.user, granted_at=timezone.now(),
        )  # fmt: skip
        actions.record(
            agreement, EventKind.WAIVER, actor, reason=values["justification"], data={"rule": values["rule"]}
        )
    return f"La dérogation à la règle {values['rule']} ({conformity.RULE_NAMES[values['rule']]}) est inscrite."


def _check(actor: Actor, dossier: Dossier, values: Values) -> str:
    Check.objects.create(agreement=dossier.agreement, **values)
    return "La vérification est inscrite."


def _comment(actor: Actor, dossier: Dossier, values: Values) -> str:
    own = [party for party in dossier.parties
           if policies.answers_for(actor.user, party.organization_id, dossier.agreement)]  # fmt: skip
    negotiation.comment(
        actor, dossier.agreement, values["text"], values["clause"] or None, own[0].organization if own else None
    )
    return "Le commentaire est partagé avec les parties."


def _resolve(actor: Actor, dossier: Dossier, values: Values) -> str:
    written = ClauseComment.objects.filter(agreement=dossier.agreement, pk=values["comment"]).first()
    if written is None:
        raise Refused("Ce commentaire n’existe plus.")
    negotiation.resolve_comment(actor, written)
    return "Le commentaire est réglé."


def _propose(actor: Actor, dossier: Dossier, values: Values) -> str:
    version = negotiation.propose_version(actor, dossier.agreement, values["summary"], amendment=dossier.amendment)
    return f"La version {version.number} est proposée; c’est au tour de l’autre partie."


def _accept(actor: Actor, dossier: Dossier, values: Values) -> str:
    version = AgreementVersion.objects.filter(agreement=dossier.agreement, pk=values["version"]).first()
    party = next((item for item in dossier.parties if str(item.organization_id) == values["organization"]), None)
    if version is None or party is None:
        raise Refused("Cette version n’existe plus.")
    done = negotiation.accept(actor, dossier.agreement, version, party.organization)
    if done.agreed:
        return f"La version {version.number} est acceptée par toutes les parties : le texte est convenu."
    return f"La version {version.number} est acceptée. {done.why_not}"


def _add_clauses(actor: Actor, dossier: Dossier, values: Values) -> str:
    count = clause_templates.add(actor.user, dossier.agreement, list(values["templates"]))
    said = "Une clause ajoutée à la fin du texte." if count == 1 else f"{count} clauses ajoutées à la fin du texte."
    return f"{said} C’est un brouillon : publiez-le depuis « Modifier »." if dossier.agreement.live else said


GESTURES: dict[str, Gesture] = {
    "document": Gesture(
        "Verser un document", "Verser", Action.ATTACH, forms.DocumentForm, _attach,
        "Le document n’est servi qu’aux personnes qui peuvent lire l’entente. N’y laissez aucun renseignement sur une "
        "personne aidée.",
    ),
    "derogation": Gesture(
        "Justifier une dérogation", "Inscrire la dérogation", Action.WAIVE, forms.WaiverForm, _waive,
        "La règle reste affichée, avec votre justification; elle n’empêche plus de convenir du texte.",
    ),
    "verification": Gesture(
        "Inscrire une vérification", "Inscrire", Action.CHECK, forms.CheckForm, _check,
        "Accès, qualité et continuité se vérifient chacun à une date (règle K04).",
    ),
    "commentaire": Gesture("Commenter une clause", "Commenter", Action.COMMENT, forms.CommentForm, _comment),
    "commentaire-regle": Gesture(
        "Régler un commentaire", "C’est réglé", Action.COMMENT, forms.ResolveForm, _resolve,
        "Le commentaire reste lisible, replié.",
    ),
    "version": Gesture(
        "Proposer une version", "Proposer", Action.PROPOSE, forms.ProposalForm, _propose,
        "Le texte tel qu’il est enregistré devient la version suivante; les acceptations de la précédente ne tiennent "
        "plus, et c’est à l’autre partie de répondre.",
    ),
    "accepter": Gesture(
        "Accepter la version", "Accepter ce texte", Action.ACCEPT, forms.AcceptForm, _accept,
        "Accepter lie la partie à ce texte précis. Toute modification effacerait l’acceptation.",
    ),
    "clauses-types": Gesture(
        "Partir des clauses types", "Ajouter au texte", Action.EDIT, forms.ClauseTemplatesForm, _add_clauses,
        "Celles que le texte n’a pas encore sont cochées. Une fois ajoutée, une clause se modifie librement : la "
        "clause type, elle, ne change pas.",
    ),
}  # fmt: skip


class EntenteView(View):
    """What every page about one entente begins with."""

    request: Any
    model = Agreement

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        rows = Agreement.all_objects.select_related("predecessor", "latest_revision")
        self.agreement = get_object_or_404(rows.prefetch_related("parties__organization"), pk=kwargs["pk"])
        events = self.agreement.events.select_related("amendment", "organization").order_by("number")
        self.dossier = Dossier(self.agreement, timezone.localdate(), list(events))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        policies.require(request.user, Action.READ, self.agreement, self.dossier.status)
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))

    def back(self) -> HttpResponse:
        return redirect(page_url(self.agreement))


class _AskingView(EntenteView):
    """A page that asks, then does. A refusal comes back on the same page, in words (422)."""

    template_name = "corridors/admin/gesture.html"
    title = button = intro = ""

    def refusal(self) -> str:
        """Why this person may not do this now; blank when they may."""
        return ""

    def form(self, **kwargs: Any) -> forms.GestureForm:
        raise NotImplementedError

    def perform(self, values: Values) -> str:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if why := self.refusal():
            messages.error(request, why)
            return self.back()
        return self.page(self.form(initial=request.GET.dict()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if why := self.refusal():
            messages.error(request, why)
            return self.back()
        form = self.form(data=request.POST, files=request.FILES)
        if not form.is_valid():
            return self.page(form, 422)
        try:
            said = self.perform(form.cleaned_data)
        except (Refused, PermissionDenied) as error:
            form.add_error(None, str(error))
            return self.page(form, 422)
        except ValidationError as error:
            form.add_error(None, error.messages)  # type: ignore[arg-type]
            return self.page(form, 422)
        messages.success(request, said)
        return self.back()

    def page(self, form: forms.GestureForm, status: int = 200) -> HttpResponse:
        shown = {
            "agreement": self.agreement, "status": self.dossier.status, "form": form, "page_title": self.title,
            "button": self.button, "intro": self.intro, "page_url": page_url(self.agreement), **self.more(),
        }  # fmt: skip
        return TemplateResponse(self.request, self.template_name, shown, status=status)

    def more(self) -> dict[str, Any]:
        return {}


class GestureView(_AskingView):
    """One gesture of the table."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if kwargs["gesture"] not in GESTURES:
            raise Http404("Cette page n’existe pas.")
        self.gesture = GESTURES[kwargs["gesture"]]
        self.title, self.button, self.intro = self.gesture.title, self.gesture.button, self.gesture.intro

    def refusal(self) -> str:
        try:
            policies.require(self.request.user, self.gesture.action, self.agreement, self.dossier.status)
        except PermissionDenied as error:
            return str(error)
        return ""

    def form(self, **kwargs: Any) -> forms.GestureForm:
        if issubclass(self.gesture.form, forms.AcceptForm):
            kwargs |= {"user": self.request.user, "version": self.dossier.version}
        return self.gesture.form(agreement=self.agreement, **kwargs)

    def more(self) -> dict[str, Any]:
        """Whoever answers a version has its text one click away."""
        version = self.dossier.version
        if not issubclass(self.gesture.form, forms.AcceptForm) or version is None:
            return {}
        url = reverse(Agreement.snippet_viewset.get_url_name("texte"), args=[self.agreement.pk])
        return {"version": version, "text_url": f"{url}?version={version.number}"}

    def perform(self, values: Values) -> str:
        return self.gesture.perform(actor_of(self.request), self.dossier, values)


class TransitionView(_AskingView):
    """A transition of the life: its page asks for what the table demands (reason, dates, document)."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if kwargs["transition"] not in lifecycle.BY_NAME:
            raise Http404("Cette page n’existe pas.")
        self.transition = lifecycle.BY_NAME[kwargs["transition"]]
        self.title = self.button = LABELS.get(self.transition.name, self.transition.label)
        if self.transition.clears:
            self.intro = "Les acceptations et les signatures déjà données ne tiendront plus; chacun en sera averti."

    def refusal(self) -> str:
        mine = policies.capacities(self.request.user, self.agreement)
        offers = {offer.transition.name: offer for offer in lifecycle.offers(self.dossier.facts(), mine)}
        offer = offers.get(self.transition.name)
        if offer is None:
            return (
                f"Une entente à l’état « {self.dossier.status.label} » ne permet pas : {self.transition.label.lower()}."
            )
        return offer.why_not

    def form(self, **kwargs: Any) -> forms.GestureForm:
        return forms.TransitionForm(agreement=self.agreement, transition=self.transition, **kwargs)

    def perform(self, values: Values) -> str:
        actor = actor_of(self.request)
        name = self.transition.name
        if name in ("approve", "send_back") and review.answer(
            self.agreement, self.request.user, name, values.get("reason", "")
        ):
            return self.told()
        wanted = {name: value for name, value in values.items() if name != "document" and value not in (None, "")}
        upload = values.get("document")
        data: dict[str, Any] = {}
        request = Request(has_document=upload is not None, **wanted)
        # Before the file is kept: a refusal must not leave it behind on the disk.
        lifecycle.check(self.transition.name, self.dossier.facts(), request, actor.capacities(self.agreement))
        with actions.announced(Agreement, [self.agreement.pk]):
            if upload is not None:
                kept = files.attach(actor, self.agreement, upload, DocumentKind.NOTICE)
                data["document"] = kept.pk
            actions.perform(actor, self.agreement, self.transition.name, request, data=data)
        return self.told()

    def told(self) -> str:
        after = open_dossier(self.agreement).status
        if after == self.dossier.status:
            return "C’est noté. La révision continue : une autre personne doit approuver."
        return f"C’est fait. L’entente est maintenant à l’état « {after.label} »."
