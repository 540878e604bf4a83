"""The rules that one entente answers to, each a small function of its terms; the network's rules are not here.

A required rule (« norme ») that fails holds back the agreed text until it is met or waived with a justification.
Source: the ministry's framework (rule ids in docs/ententes.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from registry.enums import PartnerType

from .enums import CheckKind, ClauseKind, Modality
from .models import Agreement


class Outcome(StrEnum):
    MET = "conforme"
    FAILED = "non conforme"
    TO_CHECK = "à vérifier"
    WAIVED = "dérogation"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of an entente, with the evidence it found or misses. `required`: a « norme »."""

    rule: str
    outcome: Outcome
    requirement: str
    evidence: str
    required: bool


@dataclass(frozen=True, slots=True)
class Context:
    """What the rules look at. `partner_types`: of the parties other than the centre; `checks`: kinds on record."""

    terms: Mapping[str, Any]
    partner_types: frozenset[str]
    checks: frozenset[str]
    mechanisms: int


Answer = tuple[Outcome, str] | None  # None: the rule does not concern this entente


def _clauses(context: Context, kind: ClauseKind) -> list[Mapping[str, Any]]:
    return [clause for clause in context.terms["clauses"] if clause["kind"] == kind and clause["text"]]


def _c02(context: Context) -> Answer:
    modalities, corridors = context.terms["modalities"], context.terms["corridors"]
    if not modalities:
        return Outcome.FAILED, "Aucune modalité n’est choisie."
    if Modality.CORRIDOR in modalities and not corridors:
        return Outcome.FAILED, "La modalité « corridor » est choisie, mais aucun corridor n’est rattaché."
    if corridors:
        return Outcome.MET, "Corridors : " + ", ".join(corridor["code"] for corridor in corridors) + "."
    return Outcome.MET, "Modalité choisie."


def _k01(context: Context) -> Answer:
    if context.terms["referral_mechanism"] or _clauses(context, ClauseKind.REFERRAL) or context.mechanisms:
        return Outcome.MET, "Le mécanisme de référence est écrit."
    return Outcome.FAILED, "Aucun mécanisme de référence : ni dans l’entente, ni dans une clause, ni dans un corridor."


def _k04(context: Context) -> Answer:
    if PartnerType.CRISIS_CENTRE not in context.partner_types:
        return None
    missing = [str(kind.label).lower() for kind in CheckKind if kind not in context.checks]
    if missing:
        return Outcome.TO_CHECK, f"Il manque la vérification datée : {', '.join(missing)}."
    return Outcome.MET, "Accès, qualité et continuité vérifiés."


def _k05(context: Context) -> Answer:
    if PartnerType.POLICE not in context.partner_types:
        return None
    missing = [
        str(kind.label).lower() for kind in (ClauseKind.PROTOCOL, ClauseKind.P38_ROLES) if not _clauses(context, kind)
    ]
    if missing:
        return Outcome.FAILED, f"Clause à écrire : {', '.join(missing)}."
    return Outcome.MET, "Protocoles et partage des rôles écrits."


def _g01(context: Context) -> Answer:
    if context.terms["dispute_mechanism"] or _clauses(context, ClauseKind.DISPUTE):
        return Outcome.MET, "Le mécanisme est écrit."
    return Outcome.FAILED, "Aucun mécanisme de règlement des mésententes."


def _g02(context: Context) -> Answer:
    owing = {item["party"] for item in context.terms["obligations"]}
    missing = [party["organization"] for party in context.terms["parties"] if party["organization"] not in owing]
    if missing:
        return Outcome.FAILED, f"Aucune contribution attendue de : {', '.join(missing)}."
    return Outcome.MET, "Chaque partie a au moins une contribution."


def _g03(context: Context) -> Answer:
    if any(clause.get("frequency") for clause in _clauses(context, ClauseKind.CONCERTATION)):
        return Outcome.MET, "L’instance et sa fréquence sont écrites."
    return Outcome.FAILED, "Aucune clause de concertation avec sa fréquence."


def _g05(context: Context) -> Answer:
    if context.terms["information_exchange"] or _clauses(context, ClauseKind.INFORMATION):
        return Outcome.MET, "Les règles sont écrites."
    return Outcome.FAILED, "Aucune règle de confidentialité ni d’échange d’information."


_RULES: tuple[tuple[str, bool, str, Callable[[Context], Answer]], ...] = (
    ("C02", True, "Présence physique dans le milieu, ou corridor clair défini dans l’entente", _c02),
    ("K01", True, "Les modalités et les mécanismes de référence sont précisés", _k01),
    ("K04", True, "Crise confiée à un organisme : accès, qualité et continuité vérifiés", _k04),
    ("K05", True, "Collaboration policière : protocoles applicables et partage des responsabilités (P-38.001)", _k05),
    ("G01", False, "Un mécanisme de règlement des mésententes est convenu", _g01),
    ("G02", False, "Les contributions attendues de chaque partie sont écrites", _g02),
    ("G03", False, "Une instance de concertation est prévue, avec sa fréquence", _g03),
    ("G05", False, "Les règles de confidentialité et d’échange d’information sont énoncées", _g05),
)
RULE_NAMES = {rule: requirement for rule, _required, requirement, _answer in _RULES}


def evaluate(context: Context, waived: Iterable[str] = ()) -> list[Finding]:
    """What each rule that concerns these terms says, required ones first."""
    excused = set(waived)
    found = []
    for rule, required, requirement, answer in _RULES:
        result = answer(context)
        if result is None:
            continue
        outcome, evidence = result
        if rule in excused and outcome in (Outcome.FAILED, Outcome.TO_CHECK):
            outcome = Outcome.WAIVED
        found.append(Finding(rule, outcome, requirement, evidence, required))
    return found


def findings(agreement: Agreement, terms: Mapping[str, Any]) -> list[Finding]:
    """The rules for one entente. Four SQL queries."""
    from .models import ReferralMechanism

    partners = agreement.parties.exclude(role="centre").values_list("organization__partner_type", flat=True)
    context = Context(
        terms=terms,
        partner_types=frozenset(partners),
        checks=frozenset(agreement.checks.values_list("kind", flat=True)),
        mechanisms=ReferralMechanism.objects.filter(corridor__agreement=agreement).exclude(label="").count(),
    )
    return evaluate(context, agreement.waivers.values_list("rule", flat=True))


def failing_rules(agreement: Agreement, terms: Mapping[str, Any]) -> list[str]:
    """The required rules that fail and that nobody waived: they hold back the agreed text."""
    return [item.rule for item in findings(agreement, terms) if item.required and item.outcome == Outcome.FAILED]
