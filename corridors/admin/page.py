"""The page of an entente: everything about it on one screen, and what may be done now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from wagtail.admin import messages

from registry import policies as registry_policies
from registry.dates import long_date

from .. import policies, reading
from ..canonical import labels_of, short_hash
from ..differences import Difference, compare
from ..enums import AgreementStatus as S
from ..enums import RenewalKind
from ..models import Agreement, AgreementVersion, Obligation
from ..policies import Action
from ..state import AgreementState
from . import journey, next_dates, past, sections, told
from .gestures import EntenteView
from .journey import Button, gesture_url

# Panels that other parts of the product add: functions of the request and of the page's context, that return something
# with a `template`, or None. They stand above the columns, or in the wide one where they say `in_column`.
EXTRA_PANELS: list[Any] = []


@dataclass(frozen=True, slots=True)
class Changed:
    """What changes between two texts. `old`, `new`: their names in words."""

    old: str
    new: str
    differences: list[Difference]
    summary: str

    @property
    def title(self) -> str:
        return f"Ce qui change, {self.old} à {self.new}"


def named(version: AgreementVersion) -> str:
    return f"version {version.number}"


def changed_between(
    old: Mapping[str, Any], new: Mapping[str, Any], labels: reading.Labels, names: tuple[str, str]
) -> Changed:
    """The comparison of two texts, with « 2 clauses sur 14 » for those who skim."""
    found = compare(old, new, labels)
    clauses = sum(item.term == "clauses" for item in found)
    total = len(new["clauses"])
    words = []
    if clauses and total:
        words.append(f"{clauses}\u00a0clause{'s' if clauses > 1 else ''} sur {total}")
    if others := len(found) - clauses:
        words.append(f"{others}\u00a0autre{'s' if others > 1 else ''} point{'s' if others > 1 else ''}"
                     if clauses else f"{others}\u00a0point{'s' if others > 1 else ''}")  # fmt: skip
    return Changed(*names, found, ", ".join(words))


def optional_url(name: str, *args: Any) -> str:
    """An address that another part of the product may offer; blank where it does not."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


class EntentePageView(EntenteView):
    template_name = "corridors/admin/entente.html"
    past_template_name = "corridors/admin/entente_au.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        day, refusal = past.asked_day(request.GET.get("au", ""), self.dossier.day)
        if refusal:
            messages.error(request, refusal)
        if day is not None:
            context = {
                "agreement": self.agreement, "status": self.dossier.status, "page_title": self.agreement.title,
                "page_url": journey.page_url(self.agreement), "today": self.dossier.day,
                **past.past_context(self.dossier, day),
            }  # fmt: skip
            return TemplateResponse(request, self.past_template_name, context)
        return TemplateResponse(request, self.template_name, self.context())

    def context(self) -> dict[str, Any]:
        dossier, agreement, user = self.dossier, self.agreement, self.request.user
        mine = policies.capacities(user, agreement)
        facts = dossier.facts()
        versions = sections.versions_of(dossier)
        labels = labels_of(dossier.terms)
        previous, changed = self.comparison(versions, labels)
        turn = journey.turn_of(dossier, mine, facts)
        before = next_dates.state_before(agreement, dossier.day)
        if said := next_dates.ends_soon(dossier, before):
            turn.sentences.append(said)
        allowed = {action.name: policies.may(user, action, agreement, dossier.status) for action in Action}
        self.add_gestures(turn, allowed, versions)
        waivers = dict(agreement.waivers.values_list("rule", "justification"))
        shown: dict[str, Any] = {
            "page_title": agreement.title,
            "agreement": agreement,
            "dossier": dossier,
            "status": dossier.status,
            "flags": dossier.state.flags,
            "programs": reading.shown("programs", agreement.programs, labels),
            "territories": sorted(labels["territories"].values()),
            "facts_line": self.facts_line(),
            "steps": journey.steps(dossier, self.begun_on()),
            "turn": turn,
            "changed": changed,
            "text": reading.read(dossier.terms, labels),
            "conformity": sections.conform(dossier, previous, waivers, labels),
            "corridors": sections.corridors(dossier, previous),
            "obligations": self.obligations(),
            "parties": sections.parties(dossier, allowed),
            "signatures": sections.signatures(dossier, allowed),
            "dates": next_dates.dates(dossier, before),
            "versions": versions,
            "hash": short_hash(dossier.version.content_hash) if dossier.version else "",
            "documents": list(agreement.documents.select_related("document", "added_by").order_by("-added_at")),
            "comments": self.comments(),
            "checks": list(agreement.checks.all()),
            "journal": told.journal(dossier.events) if allowed["READ_JOURNAL"] else [],
            "predecessor_line": predecessor_line(before),
            "successors": list(agreement.successors.order_by("number")),
            "may": allowed,
            "urls": self.urls(),
            "today": dossier.day,
        }
        extra = [panel for make in EXTRA_PANELS if (panel := make(self.request, shown)) is not None]
        shown["above"] = [panel for panel in extra if not getattr(panel, "in_column", False)]
        shown["in_column"] = [panel for panel in extra if getattr(panel, "in_column", False)]
        return shown

    def comparison(
        self, versions: list[AgreementVersion], labels: dict[str, dict[str, str]]
    ) -> tuple[Mapping[str, Any] | None, Changed | None]:
        """The text before, and what changed since: between the last two versions, or since the last one when the text
        has moved on. None where there is nothing to compare."""
        dossier = self.dossier
        if not versions:
            return None, None
        last = versions[0]
        if not dossier.text_unchanged and dossier.status in (S.NEGOTIATION, S.AGREED, S.SIGNING, S.DRAFT, S.REVIEW):
            names = (named(last), "texte en préparation")
            return last.terms, changed_between(last.terms, dossier.terms, reading.merged(last.labels, labels), names)
        if len(versions) < 2:
            return None, None
        before = versions[1]
        merged = reading.merged(before.labels, last.labels, labels)
        return before.terms, changed_between(before.terms, last.terms, merged, (named(before), named(last)))

    def add_gestures(self, turn: journey.Turn, may: dict[str, bool], versions: list[AgreementVersion]) -> None:
        """Answering a version comes before the other moves: it is what the other side waits for."""
        dossier, agreement = self.dossier, self.agreement
        first: list[Button] = []
        if dossier.status == S.NEGOTIATION and versions:
            number = versions[0].number
            accepted = {item.organization_id for item in dossier.acceptances}
            mine = [party.organization_id for party in dossier.parties
                    if policies.answers_for(self.request.user, party.organization_id, agreement)]  # fmt: skip
            if may["ACCEPT"] and dossier.text_unchanged and set(mine) - accepted:
                url = gesture_url(agreement, "accepter")
                first.append(Button(f"Accepter la version {number}", url, main=True))
                first.append(Button("Demander un changement", gesture_url(agreement, "changement")))
            if may["PROPOSE"] and not dossier.text_unchanged:
                url = gesture_url(agreement, "version")
                first.append(Button(f"Proposer la version {number + 1}", url, main=True))
            elif may["EDIT"]:
                first.append(Button(f"Préparer la version {number + 1}", self.edit_url()))
        if may["COMMENT"] and dossier.status in (S.NEGOTIATION, S.AGREED):
            first.append(Button("Commenter une clause", gesture_url(agreement, "commentaire")))
        if first and first[0].main:
            turn.buttons = [Button(item.label, item.url, item.post) for item in turn.buttons]
        turn.buttons = [*first, *turn.buttons]

    def edit_url(self) -> str:
        return reverse(Agreement.snippet_viewset.get_url_name("edit"), args=[self.agreement.pk])

    def urls(self) -> dict[str, str]:
        agreement, name = self.agreement, Agreement.snippet_viewset.get_url_name
        may_edit = registry_policies.can(self.request.user, registry_policies.CHANGE, agreement)
        return {
            "edit": self.edit_url() if may_edit else "",
            "history": reverse(name("history"), args=[agreement.pk]),
            "pdf": optional_url("corridors_dossier_pdf", agreement.number),
            "document": gesture_url(agreement, "document"),
            "waiver": gesture_url(agreement, "derogation"),
            "check": gesture_url(agreement, "verification"),
            "signatory": gesture_url(agreement, "signataire"),
            "comment": gesture_url(agreement, "commentaire"),
            "resolve": gesture_url(agreement, "commentaire-regle"),
            "clauses": gesture_url(agreement, "clauses-types"),
            "compare": reverse(name("versions"), args=[agreement.pk]),
            "text": reverse(name("texte"), args=[agreement.pk]),
            "add_corridor": reverse("wagtailsnippets_corridors_servicecorridor:add") + f"?agreement={agreement.pk}",
            "add_obligation": reverse("wagtailsnippets_corridors_obligation:add") + f"?agreement={agreement.pk}",
            "predecessor": journey.page_url(agreement.predecessor) if agreement.predecessor else "",
        }

    def begun_on(self) -> Any:
        """When the draft was begun: its first revision. One SQL query; None for what came published."""
        if self.dossier.status not in (S.DRAFT, S.REVIEW) and not self.dossier.events:
            return None
        first = self.agreement.revisions.order_by("created_at").values_list("created_at", flat=True).first()
        return timezone.localdate(first) if first is not None else None

    def obligations(self) -> list[Obligation]:
        rows = Obligation.all_objects.filter(agreement=self.agreement).select_related("party")
        return list(rows.order_by("due_on", "pk"))

    def comments(self) -> list[Any]:
        rows = self.agreement.comments.select_related("organization", "version")
        return sorted(rows, key=lambda item: (item.resolved_at is not None, item.written_at))

    def facts_line(self) -> list[str]:
        """« ENT-2026-101 · Entente de service · en vigueur jusqu’au 4 janvier 2027 · tacite reconduction »."""
        agreement, state = self.agreement, self.dossier.state
        words = [agreement.number]
        if agreement.instrument_type or agreement.declared_type:
            words.append(str(agreement.get_instrument_type_display() or agreement.declared_type))
        end = state.term_end
        if state.status in (S.IN_FORCE, S.SUSPENDED, S.DISPUTED):
            words.append(f"jusqu’au {long_date(end)}" if end else "sans terme")
        if agreement.renewal and agreement.renewal != RenewalKind.NONE:
            words.append(str(agreement.get_renewal_display()).lower())
        elif agreement.declared_renewal:
            words.append(agreement.declared_renewal.lower())
        if agreement.responsible:
            words.append(f"suivie par {agreement.responsible}")
        return words


def predecessor_line(before: AgreementState | None) -> str:
    """« en vigueur jusqu’au 4 janvier 2027 », of the entente that this one replaces; blank without one."""
    if before is None:
        return ""
    end = f" jusqu’au {long_date(before.term_end)}" if before.term_end else ""
    return f"{str(before.status.label).lower()}{end}"
