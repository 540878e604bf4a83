"""Writing the text of a signed amendment on the rows of its entente, and checking that it can be written."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils import timezone

from registry import actions as registry_actions
from registry.enums import DelayUnit, Program
from registry.models import Organization, Service, Territory

from .amended import fields_of, touched
from .canonical import CHOICES, SIMPLE
from .enums import AmendmentKind, Direction, Modality, PartyRole, Recurrence, RenewalKind
from .lifecycle import Refused
from .models import Agreement, AgreementParty, Amendment, Clause, Obligation, ServiceCorridor

Terms = Mapping[str, Any]
_DATES = frozenset({"starts_on", "ends_on"})
LONGEST_NOTICE = 3650  # days
LONGEST_RENEWAL = 240  # months
_CORRIDOR = (
    "direction", "criteria", "urgent_delay", "urgent_unit", "priority_delay", "priority_unit", "regular_delay",
    "regular_unit", "return_path", "follow_through", "registration_procedure",
)  # fmt: skip


def _date(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise Refused("Cette date n’existe pas.") from None


# --- Checking ---------------------------------------------------------------------------------------------------


def check_terms(amendment: Amendment, terms: Terms) -> None:
    """Raise Refused, in French, for a text that could not be written on the entente: an unknown code, a blank clause,
    an end before the start."""
    _CHECKS[AmendmentKind(amendment.kind)](amendment, terms)


def _check_duration(amendment: Amendment, terms: Terms) -> None:
    start, end = _date(terms["starts_on"]), _date(terms["ends_on"])
    if start is not None and end is not None and end < start:
        raise Refused("L’échéance précède l’entrée en vigueur.")
    # A term that renews itself goes on past its first end; one that no longer does must end later than today.
    if (
        end is not None
        and terms["renewal"] != RenewalKind.TACIT
        and end < (amendment.effective_on or timezone.localdate())
    ):
        raise Refused("L’échéance précède l’entrée en vigueur de l’avenant : pour mettre fin à l’entente, résiliez-la.")
    if terms["renewal"] not in ("", *RenewalKind.values):
        raise Refused("Ce renouvellement n’existe pas.")
    if terms["renewal"] == RenewalKind.TACIT and end is None:
        raise Refused("Une reconduction tacite compte à partir d’une échéance : indiquez-la.")
    if not 1 <= int(terms["renewal_months"] or 0) <= LONGEST_RENEWAL:
        raise Refused(f"La période de renouvellement compte de 1 à {LONGEST_RENEWAL} mois.")
    if terms["notice_days"] is not None and not 0 <= int(terms["notice_days"]) <= LONGEST_NOTICE:
        raise Refused(f"Le préavis compte de 0 à {LONGEST_NOTICE} jours.")


def _check_mechanisms(amendment: Amendment, terms: Terms) -> None:
    """Words are free."""


def _check_scope(amendment: Amendment, terms: Terms) -> None:
    if not terms["programs"] or not terms["territories"]:
        raise Refused("Gardez au moins un programme-services et un territoire.")
    _known("programme", terms["programs"], set(Program.values))
    _known("modalité", terms["modalities"], set(Modality.values))
    _known("territoire", terms["territories"], _codes(Territory, terms["territories"]))


def _check_parties(amendment: Amendment, terms: Terms) -> None:
    codes = [party["organization"] for party in terms["parties"]]
    if len(set(codes)) != len(codes):
        raise Refused("Un organisme est nommé deux fois.")
    roles = {party["role"] for party in terms["parties"]}
    if roles != set(PartyRole.values):
        raise Refused("Nommez les parties : le centre et au moins un partenaire.")
    _known("organisme", codes, _codes(Organization, codes))
    owing = sorted({item["party"] for item in terms["obligations"]} - set(codes))
    if owing:
        raise Refused(
            f"Des contributions sont encore attendues de : {', '.join(owing)}. Un avenant « Contributions attendues » "
            "les retire d’abord."
        )


def _check_clauses(amendment: Amendment, terms: Terms) -> None:
    keys = [clause["key"] for clause in terms["clauses"]]
    if len(set(keys)) != len(keys):
        raise Refused("Une clause est inscrite deux fois.")
    for number, clause in enumerate(terms["clauses"], 1):
        if not clause["title"] or not clause["text"]:
            raise Refused(f"La clause {number} veut un titre et un texte.")
        _known("fréquence", [clause["frequency"]], {"", *Recurrence.values})


def _check_contributions(amendment: Amendment, terms: Terms) -> None:
    parties = {party["organization"] for party in terms["parties"]}
    seen = set()
    for item in terms["obligations"]:
        if not item["text"]:
            raise Refused("Écrivez ce qui est attendu.")
        if item["party"] not in parties:
            raise Refused("Une contribution est attendue d’une partie à l’entente.")
        if (item["party"], item["text"]) in seen:
            raise Refused(f"La contribution « {item['text']} » est inscrite deux fois.")
        seen.add((item["party"], item["text"]))
        _date(item["due_on"])
        _known("fréquence", [item["recurrence"]], {"", *Recurrence.values})


def _check_corridors(amendment: Amendment, terms: Terms) -> None:
    codes = [corridor["code"] for corridor in terms["corridors"]]
    if len(set(codes)) != len(codes) or not all(codes):
        raise Refused("Un code de corridor est inscrit deux fois.")
    ends = [corridor[end] for corridor in terms["corridors"] for end in ("from_service", "to_service")]
    _known("service", ends, _codes(Service, ends))
    own = set(ServiceCorridor.all_objects.filter(agreement=amendment.agreement).values_list("code", flat=True))
    taken = set(ServiceCorridor.all_objects.filter(code__in=codes).values_list("code", flat=True)) - own
    if taken:
        raise Refused(f"Ce code est celui d’un corridor d’une autre entente : {', '.join(sorted(taken))}.")
    wanted = [corridor["fallback"] for corridor in terms["corridors"] if corridor["fallback"]]
    _known("corridor de relève", wanted, set(codes) | _codes(ServiceCorridor, wanted) - (own - set(codes)))
    for corridor in terms["corridors"]:
        if corridor["from_service"] == corridor["to_service"]:
            raise Refused(f"Le corridor {corridor['code']} va d’un service à lui-même.")
        if corridor["fallback"] == corridor["code"]:
            raise Refused(f"Le corridor {corridor['code']} ne peut pas être sa propre relève.")
        _known("direction", [corridor["direction"]], set(Direction.values))
        for urgency in ("urgent", "priority", "regular"):
            _known("unité", [corridor[f"{urgency}_unit"]], set(DelayUnit.values))
    _check_removed(own - set(codes))


def _check_removed(codes: set[str]) -> None:
    """A corridor that another one names as its fallback, or that a dispute is about, stays."""
    for corridor in ServiceCorridor.all_objects.filter(code__in=codes).order_by("code"):
        users = list(corridor.fallback_of.exclude(code__in=codes).order_by("code").values_list("code", flat=True))
        if users:
            raise Refused(f"{corridor.code} sert de relève à {', '.join(users)} : changez-la d’abord.")
        if corridor.disputes.exists():
            raise Refused(f"Une mésentente porte sur {corridor.code} : ce corridor ne se retire pas.")


def _known(what: str, values: list[str], allowed: set[str]) -> None:
    unknown = sorted({str(value) for value in values} - allowed)
    if unknown:
        raise Refused(f"Inconnu ({what}) : {', '.join(unknown)}.")


def _codes(model: Any, codes: list[str]) -> set[str]:
    return set(model.all_objects.filter(code__in=codes).values_list("code", flat=True))


_CHECKS: Mapping[AmendmentKind, Callable[[Amendment, Terms], None]] = {
    AmendmentKind.DURATION: _check_duration,
    AmendmentKind.CORRIDORS: _check_corridors,
    AmendmentKind.MECHANISMS: _check_mechanisms,
    AmendmentKind.PARTIES: _check_parties,
    AmendmentKind.SCOPE: _check_scope,
    AmendmentKind.CLAUSES: _check_clauses,
    AmendmentKind.CONTRIBUTIONS: _check_contributions,
}


# --- Writing ----------------------------------------------------------------------------------------------------


def apply(agreement: Agreement, amendment: Amendment, terms: Terms) -> None:
    """Write on the entente the terms that this kind of amendment may change, and no other. Inside a transaction, with
    the entente locked. Raises Refused for a text that can no longer be written (a code that is gone since)."""
    check_terms(amendment, terms)
    fields = fields_of(amendment)
    moved = {name.partition(":")[0] for name in touched(amendment)}
    row = Agreement.all_objects.get(pk=agreement.pk)
    for name in fields:
        if name in _DATES:
            setattr(row, name, _date(terms[name]))
        elif name in (*SIMPLE, *CHOICES):
            setattr(row, name, terms[name])
    # What the workbook declared is no longer what the parties agreed.
    if "renewal" in moved:
        row.declared_renewal = ""
    if "modalities" in moved:
        row.declared_modality = ""
    if "territories" in fields:
        row.territories = list(Territory.all_objects.filter(code__in=terms["territories"]).order_by("code"))
    if "parties" in fields:
        row.parties = _parties(row, terms)
    if "clauses" in fields:
        row.clauses = _clauses(row, terms)
    _save(row)
    try:
        if "obligations" in fields:
            _write_obligations(row, terms)
        if "corridors" in fields:
            _write_corridors(row, terms)
    except (ProtectedError, ValidationError) as error:
        raise Refused("Une fiche s’est mise à dépendre de ce que l’avenant retire : changez-la d’abord.") from error


def _save(record: Any) -> None:
    if record.live:
        registry_actions.edit(None, record, clean=False)
    else:
        registry_actions.save_draft(None, record, clean=False)


def _parties(row: Agreement, terms: Terms) -> list[AgreementParty]:
    known = {party.organization.code: party for party in row.parties.select_related("organization").order_by("pk")}
    codes = [item["organization"] for item in terms["parties"]]
    organizations = {item.code: item for item in Organization.all_objects.filter(code__in=codes)}
    found = []
    for place, item in enumerate(terms["parties"]):
        party = known.get(item["organization"]) or AgreementParty(organization=organizations[item["organization"]])
        party.role, party.mandate, party.sort_order = item["role"], item["mandate"], place
        found.append(party)
    return found


def _clauses(row: Agreement, terms: Terms) -> list[Clause]:
    known = {str(clause.key): clause for clause in row.clauses.order_by("pk")}
    found = []
    for place, item in enumerate(terms["clauses"]):
        clause = known.get(item["key"]) or Clause(key=uuid.UUID(item["key"]))
        clause.kind, clause.title, clause.text = item["kind"], item["title"], item["text"]
        clause.frequency, clause.sort_order = item["frequency"], place
        found.append(clause)
    return found


def _write_obligations(row: Agreement, terms: Terms) -> None:
    """A contribution is known by its party and its words; the same one keeps its state and its evidence."""
    rows = Obligation.all_objects.filter(agreement=row).select_related("party").order_by("pk")
    known = {(duty.party.code, duty.text): duty for duty in rows}
    wanted = {(item["party"], item["text"]): item for item in terms["obligations"]}
    organizations = {item.code: item for item in Organization.all_objects.filter(code__in=[key[0] for key in wanted])}
    for key, duty in known.items():
        if key not in wanted:
            registry_actions.delete(None, duty)
    for key, item in wanted.items():
        duty = known.get(key) or Obligation(agreement=row, party=organizations[key[0]], text=item["text"])
        before = (duty.due_on, duty.recurrence)
        duty.due_on, duty.recurrence = _date(item["due_on"]), item["recurrence"]
        if duty.pk is None:
            registry_actions.create(None, duty, publish=row.live, clean=False)
        elif before != (duty.due_on, duty.recurrence):
            _save(duty)


def _write_corridors(row: Agreement, terms: Terms) -> None:
    known = {item.code: item for item in ServiceCorridor.all_objects.filter(agreement=row).order_by("code")}
    wanted = {item["code"]: item for item in terms["corridors"]}
    ends = [item[end] for item in wanted.values() for end in ("from_service", "to_service")]
    services = {service.code: service for service in Service.all_objects.filter(code__in=ends)}
    for code, item in wanted.items():
        corridor = known.get(code) or ServiceCorridor(code=code, agreement=row)
        for name in _CORRIDOR:
            setattr(corridor, name, item[name])
        corridor.from_service, corridor.to_service = services[item["from_service"]], services[item["to_service"]]
        if corridor.pk is None:
            registry_actions.create(None, corridor, publish=row.live, clean=False)
            known[code] = corridor
        else:
            _save(corridor)
    # Fallbacks once every corridor exists.
    others = {item["fallback"] for item in wanted.values() if item["fallback"]}
    targets = {item.code: item for item in ServiceCorridor.all_objects.filter(code__in=others)}
    for code, item in wanted.items():
        target = targets.get(item["fallback"])
        if known[code].fallback_id != (target.pk if target is not None else None):
            known[code].fallback = target
            _save(known[code])
    for code in sorted(known.keys() - wanted.keys()):
        registry_actions.delete(None, known[code])
