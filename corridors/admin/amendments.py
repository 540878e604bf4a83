"""The pages of an amendment: opening it, working on its copy, following it to its signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from wagtail.admin import messages

from registry.dates import long_date

from .. import amended, amendments, lifecycle, policies
from ..canonical import short_hash
from ..differences import compare
from ..dossier import Dossier, open_dossier
from ..enums import AgreementStatus as S
from ..enums import PartyRole
from ..lifecycle import Refused, Request
from ..models import Agreement, Amendment
from ..policies import Action
from . import sections, told
from .amendment_forms import HeadForm, OpeningForm, form_for
from .gestures import EntenteView, GestureView, TransitionView, actor_of
from .journey import Button, Refusal, Step, Turn, gesture_url, page_url, short_day

# What a status is called when it is an amendment's.
STATUS_WORDS: Mapping[str, str] = {
    S.SIGNED: "Signé, à intégrer",
    S.IN_FORCE: "Intégré à l’entente",
    S.CANCELLED: "Annulé",
    S.REFUSED: "Refusé",
}
_PATH = (S.DRAFT, S.REVIEW, S.NEGOTIATION, S.AGREED, S.SIGNING, S.SIGNED, S.IN_FORCE)
_LABELS = {
    "submit": "Soumettre à la révision interne", "approve": "Approuver et ouvrir la négociation",
    "cancel": "Annuler l’avenant", "refuse": "Refuser l’avenant", "cancel_signed": "Annuler l’avenant",
}  # fmt: skip
_BY_THEMSELVES = frozenset({"agree", "sign"})


def words_for(status: S | str) -> str:
    """The name of a status, of an amendment."""
    return STATUS_WORDS.get(status, str(S(status).label))


def amendment_url(amendment: Amendment, name: str = "corridors_amendment", *args: Any) -> str:
    return reverse(name, args=[amendment.agreement_id, amendment.number, *args])


class OpenAmendmentView(EntenteView):
    """« Préparer un avenant »."""

    template_name = "corridors/admin/amendments/open.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            policies.require(request.user, Action.AMEND, self.agreement, self.dossier.status)
        except PermissionDenied as error:
            messages.error(request, str(error))
            return self.back()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.page(OpeningForm(initial={"kind": request.GET.get("kind", "")}))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = OpeningForm(request.POST)
        if not form.is_valid():
            return self.page(form, 422)
        values = form.cleaned_data
        try:
            amendment = amendments.open_amendment(
                actor_of(request), self.agreement, values["kind"], values["title"], reason=values["reason"],
                effective_on=values["effective_on"],
            )  # fmt: skip
        except Refused as error:
            form.add_error(None, str(error))
            return self.page(form, 422)
        messages.success(request, f"L’avenant {amendment.number} est ouvert : écrivez ce qu’il change.")
        return redirect(amendment_url(amendment, "corridors_amendment_edit"))

    def page(self, form: OpeningForm, status: int = 200) -> HttpResponse:
        shown = {
            "agreement": self.agreement, "form": form, "page_title": "Préparer un avenant",
            "page_url": page_url(self.agreement), "open_ones": described(amendments.open_ones(self.agreement)),
        }  # fmt: skip
        return TemplateResponse(self.request, self.template_name, shown, status=status)


class _OfAmendment(EntenteView):
    """A page about one amendment: its dossier takes the place of the entente's."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        rows = Amendment.all_objects.select_related("agreement").filter(agreement_id=kwargs["pk"])
        self.amendment = get_object_or_404(rows, number=kwargs["number"])
        super().setup(request, *args, **kwargs)
        self.dossier = Dossier(self.agreement, self.dossier.day, self.dossier.events, self.amendment)

    def back(self) -> HttpResponse:
        return redirect(amendment_url(self.amendment))

    def more(self) -> dict[str, Any]:
        return {"page_url": amendment_url(self.amendment)}


class AmendmentView(_OfAmendment):
    """The page of an amendment: what it changes, in words; where it stands; what may be done now."""

    template_name = "corridors/admin/amendments/page.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        dossier, amendment = self.dossier, self.amendment
        mine = policies.capacities(request.user, self.agreement)
        may = {action.name: policies.may(request.user, action, self.agreement, dossier.status) for action in Action}
        may_edit = amendments.may_edit(request.user, dossier)
        labels = amendments.labels_for(amendment)
        clashes = amendments.clashes_of(amendment)
        shown = {
            "agreement": self.agreement,
            "amendment": amendment,
            "page_title": f"Avenant {amendment.number} : {amendment.title}",
            "page_url": page_url(self.agreement),
            "status": dossier.status,
            "status_words": words_for(dossier.status),
            "steps": steps(dossier),
            "turn": self.turn(may, mine, may_edit, clashes),
            "differences": compare(amendment.base_terms, amendment.terms, labels),
            "clashes": [(clash, amendment_url(clash.other)) for clash in clashes],
            "parties": self.readdressed(sections.parties(dossier, may)),
            "signatures": self.signatures(may),
            "versions": list(amendment.versions.select_related("proposed_by").order_by("-number")),
            "hash": short_hash(dossier.version.content_hash) if dossier.version else "",
            "journal": told.journal(dossier.own_events) if may["READ_JOURNAL"] else [],
            "edit_url": amendment_url(amendment, "corridors_amendment_edit") if may_edit else "",
            "name_url": self.gesture("signataire") if may["NAME_SIGNATORY"] else "",
        }
        return TemplateResponse(request, self.template_name, shown)

    def gesture(self, name: str) -> str:
        return amendment_url(self.amendment, "corridors_amendment_gesture", name)

    def signatures(self, may: Mapping[str, bool]) -> Any:
        found = sections.signatures(self.dossier, may)
        found.lines[:] = self.readdressed(found.lines)
        # The entente's own paper is another matter.
        return replace(found, more=[], lock=found.lock if self.dossier.version is not None else "")

    def readdressed(self, lines: Iterable[Any]) -> list[Any]:
        """The gestures that the panels offer, at this amendment's own addresses."""
        ours = gesture_url(self.agreement, "x").removesuffix("x/")
        theirs = self.gesture("x").removesuffix("x/")
        return [
            replace(
                line, buttons=[replace(item, url=item.url.replace(ours, theirs)) for item in line.buttons]
            )
            for line in lines
        ]  # fmt: skip

    def turn(self, may: Mapping[str, bool], mine: Any, may_edit: bool, clashes: list[Any]) -> Turn:
        """What is asked now, what may be done, and why the rest must wait."""
        dossier, facts = self.dossier, self.dossier.facts()
        turn = _banner(dossier)
        if clashes:
            turn.tone, turn.icon = "warn", "i-warn"
            turn.sentences.append("Un autre avenant ouvert change les mêmes champs : voyez plus bas lesquels.")
        version = dossier.version
        if dossier.status == S.NEGOTIATION and version is not None:
            if may["ACCEPT"] and dossier.text_unchanged and self.centre_waits():
                turn.buttons.append(
                    Button(f"Accepter la version {version.number}", self.gesture("accepter"), main=True)
                )
            if may["PROPOSE"] and not dossier.text_unchanged:
                turn.buttons.append(
                    Button(f"Proposer la version {version.number + 1}", self.gesture("version"), main=True)
                )
        if may_edit:
            label = "Écrire ce que l’avenant change" if not facts.changes else "Modifier l’avenant"
            url = amendment_url(self.amendment, "corridors_amendment_edit")
            turn.buttons.append(Button(label, url, main=not facts.changes))
        for offer in lifecycle.offers(facts, mine):
            name = offer.transition.name
            label = _LABELS.get(name, offer.transition.label)
            if not offer.allowed:
                turn.later.append(Refusal(label, offer.why_not))
            elif name not in _BY_THEMSELVES:
                url = amendment_url(self.amendment, "corridors_amendment_step", name)
                main = not any(item.main for item in turn.buttons) and name not in ("cancel", "refuse", "send_back")
                turn.buttons.append(Button(label, url, main=main))
        turn.buttons.sort(key=lambda item: not item.main)
        return turn

    def centre_waits(self) -> bool:
        accepted = {item.organization_id for item in self.dossier.acceptances}
        return any(
            party.organization_id not in accepted
            and policies.answers_for(self.request.user, party.organization_id, self.agreement)
            for party in self.dossier.parties
        )


def _banner(dossier: Dossier) -> Turn:
    amendment, version = dossier.amendment, dossier.version
    assert amendment is not None
    turn = Turn(words_for(dossier.status))
    when = f"le {long_date(amendment.effective_on)}" if amendment.effective_on else "dès la dernière signature"
    if dossier.status == S.NEGOTIATION:
        ours = dossier.turn == PartyRole.CENTRE or not dossier.text_unchanged
        turn = Turn(f"Au tour du {'centre' if ours else 'partenaire'}", ours, "warn" if ours else "")
        if version is not None and not dossier.text_unchanged:
            turn.sentences.append(
                f"Le texte a changé depuis la version {version.number} : la coordination doit en proposer une nouvelle."
            )
        elif waiting := dossier.waiting():
            turn.sentences.append(f"On attend que l’acceptent : {', '.join(waiting)}.")
    elif dossier.status == S.SIGNED:
        turn.tone, turn.icon = "ok", "i-ok"
        turn.sentences.append(f"Tout le monde a signé. L’entente change {when}.")
        if why := amendments.obstacle(amendment):
            turn.tone, turn.icon = "warn", "i-warn"
            turn.sentences.append(f"L’avenant n’a pas encore pu s’intégrer : {why[:1].lower()}{why[1:]}")
    elif dossier.status == S.IN_FORCE:
        turn.tone, turn.icon = "ok", "i-ok"
        turn.sentences.append("Le texte de l’entente dit maintenant ce que dit cet avenant.")
    if dossier.status in amendments.OPEN_TEXT:
        turn.sentences.append(f"Une fois signé, il change l’entente {when}. D’ici là, elle dit ce qu’elle disait.")
    told = [line for line in dossier.own_events if line.reason and line.to_status == dossier.status]
    if told and dossier.status in (S.CANCELLED, S.REFUSED, S.NEGOTIATION, S.DRAFT):
        turn.sentences.append(f"Motif : {told[-1].reason}")
    return turn


def steps(dossier: Dossier) -> list[Step]:
    """The line of steps of an amendment."""
    reached: dict[str, date] = {}
    for line in dossier.own_events:
        if line.to_status:
            reached[line.to_status] = line.effective_on
    status = dossier.status
    path: tuple[S, ...] = _PATH
    if status not in _PATH:
        last = max((place for place, stop in enumerate(_PATH) if stop in reached), default=0)
        path = (*_PATH[: last + 1], status)
    at = path.index(status)
    found = []
    for place, stop in enumerate(path):
        state = "done" if place < at else "cur" if place == at else ""
        day = reached.get(stop)
        found.append(Step(words_for(stop), state, short_day(day, dossier.day) if day and state else ""))
    return found


class EditAmendmentView(_OfAmendment):
    """The copy, limited to the fields of its kind."""

    template_name = "corridors/admin/amendments/edit.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not amendments.may_edit(request.user, self.dossier):
            messages.error(request, f"Le texte de cet avenant ne se modifie pas ({words_for(self.dossier.status)}).")
            return self.back()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        amendment = self.amendment
        initial = {name: getattr(amendment, name) for name in ("title", "reason", "effective_on")}
        return self.page(HeadForm(initial=initial), form_for(amendment))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        head, form = HeadForm(request.POST), form_for(self.amendment, request.POST)
        if not all([head.is_valid(), form.is_valid()]):
            return self.page(head, form, 422)
        values = head.cleaned_data
        try:
            amendments.edit(
                actor_of(request), self.amendment, terms=form.terms(), title=values["title"],
                reason=values["reason"], effective_on=values["effective_on"],
            )  # fmt: skip
        except (Refused, PermissionDenied) as error:
            head.add_error(None, str(error))
            return self.page(head, form, 422)
        messages.success(request, "L’avenant est enregistré.")
        if request.POST.get("again"):
            return redirect(request.path)
        return self.back()

    def page(self, head: HeadForm, form: Any, status: int = 200) -> HttpResponse:
        shown = {
            "agreement": self.agreement, "amendment": self.amendment, "head": head, "terms_form": form,
            "page_title": f"Avenant {self.amendment.number} : {self.amendment.get_kind_display()}",
            "page_url": amendment_url(self.amendment), "entente_url": page_url(self.agreement),
            "had_marks": bool(self.dossier.acceptances or self.dossier.signatures),
        }  # fmt: skip
        return TemplateResponse(self.request, self.template_name, shown, status=status)


class AmendmentGestureView(_OfAmendment, GestureView):
    """Proposing, accepting, naming who signs, sending a link: as for an entente, for this amendment's text."""

    def form(self, **kwargs: Any) -> Any:
        form: Any = super().form(**kwargs)
        fields = form.fields
        if "signatory" in fields:
            fields["signatory"].choices = [
                (person.pk, f"{person} ({person.organization})") for person in self.dossier.signatories
            ]
        if "organization" in fields and "version" not in fields:
            fields["organization"].choices = [
                (party.organization_id, str(party.organization)) for party in self.dossier.parties
            ]
        return form


class AmendmentStepView(_OfAmendment, TransitionView):
    """One transition of the table, for this amendment."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.title = self.button = _LABELS.get(self.transition.name, self.transition.label)
        if self.transition.by_system:
            raise Http404("Cette page n’existe pas.")

    def perform(self, values: Mapping[str, Any]) -> str:
        request = Request(reason=values.get("reason", ""))
        amendments.step(actor_of(self.request), self.amendment, self.transition.name, request)
        after = open_dossier(self.agreement, amendment=self.amendment).status
        return f"C’est fait. L’avenant est maintenant à l’état « {words_for(after)} »."


# --- On the entente's page --------------------------------------------------------------------------------------


def described(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Amendments that came `with_status`, as the lists show them."""
    return [
        {
            "amendment": row, "url": amendment_url(row), "status": amendments.status_of(row),
            "words": words_for(amendments.status_of(row)),
        }
        for row in rows
    ]  # fmt: skip


class AmendmentsPanel:
    """« Avenants », on the page of an entente."""

    template = "corridors/admin/amendments/_panel.html"
    in_column = True

    def __init__(self, lines: list[dict[str, Any]], open_url: str) -> None:
        self.lines, self.open_url = lines, open_url


def amendments_panel(request: HttpRequest, context: dict[str, Any]) -> AmendmentsPanel | None:
    """None when there is no amendment and none may be prepared. Two SQL queries more with open amendments."""
    agreement: Agreement = context["agreement"]
    rows = list(amendments.with_status(Amendment.all_objects.filter(agreement=agreement)).order_by("-number"))
    may = context["may"]["AMEND"]
    if not rows and not may:
        return None
    lines = described(rows)
    running = [line for line in lines if line["status"] in (*amendments.OPEN_TEXT, S.SIGNED)]
    for line in running:
        rest = [item["amendment"] for item in running if item is not line]
        line["clashes"] = [
            other.number for other in rest if amended.conflicts(line["amendment"], other)
        ]  # fmt: skip
    return AmendmentsPanel(lines, reverse("corridors_amendment_open", args=[agreement.pk]) if may else "")
