"""A small network to administer, and the forms that a browser would send."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from itertools import count
from typing import Any

from corridors.models import Agreement, AgreementParty, Obligation, ReferralMechanism, ServiceCorridor
from registry import actions
from registry.enums import Role
from registry.fields import LinesInput
from registry.models import (
    Contact,
    Liaison,
    Location,
    Membership,
    Need,
    NeedSynonym,
    Organization,
    Record,
    Service,
    ServiceNeed,
    Territory,
    User,
)

PASSWORD = "une phrase assez longue"
_number = count(1)


def account(role: Role | None = None, *, organization: Organization | None = None, username: str = "") -> User:
    """An account that holds one role (or none)."""
    user = User.objects.create_user(username or f"compte{next(_number)}", password=PASSWORD)
    if role is not None:
        Membership.objects.create(user=user, role=role, organization=organization)
    return user


def organization(**values: Any) -> Organization:
    number = next(_number)
    defaults = {"code": f"ORG{number:03d}", "name": f"Organisme {number}", "partner_type": "organisme_communautaire"}
    return actions.create(None, Organization(**{**defaults, **values}))


def territory(**values: Any) -> Territory:
    number = next(_number)
    return actions.create(
        None, Territory(**{"code": f"T{number}", "name": f"Territoire {number}", "kind": "rls", **values})
    )


def need(**values: Any) -> Need:
    term = values.pop("term", f"Besoin {next(_number)}")
    return actions.create(None, Need(term=term, synonyms=[NeedSynonym(text=f"{term} en mots simples", kind="lay")]))


def location(**values: Any) -> Location:
    number = next(_number)
    values.setdefault("organization", None) or values.update(organization=organization())
    return actions.create(None, Location(**{"code": f"LIE{number:03d}", "name": f"Lieu {number}", **values}))


def service(**values: Any) -> Service:
    number = next(_number)
    if "organization" not in values:
        values["organization"] = organization()
    defaults = {
        "code": f"SRV{number:04d}", "name": f"Service {number}", "phone": "418-555-0111", "hours": "Lun-Ven 8h30-16h30",
        "visibility": "publique",
    }  # fmt: skip
    made = Service(**{**defaults, **values})
    made.need_links = [ServiceNeed(need=need())]
    return actions.create(None, made)


def contact(**values: Any) -> Contact:
    if "organization" not in values:
        values["organization"] = organization()
    return actions.create(None, Contact(**{"name": f"Contact {next(_number)}", **values}))


def liaison(**values: Any) -> Liaison:
    person = contact()
    return actions.create(None, Liaison(organization=person.organization, contact=person, **values))


def agreement(**values: Any) -> Agreement:
    number = next(_number)
    made = Agreement(**{"number": f"ENT-2026-{number:03d}", "title": f"Entente {number}", **values})
    made.parties = [AgreementParty(organization=organization(), role="centre")]
    return actions.create(None, made)


def corridor(**values: Any) -> ServiceCorridor:
    made = ServiceCorridor(
        code=f"COR{next(_number):03d}", agreement=agreement(), from_service=service(), to_service=service(), **values
    )
    made.mechanisms = [ReferralMechanism(label="Appel de liaison", phone="418-555-0112")]
    return actions.create(None, made)


def obligation(**values: Any) -> Obligation:
    return actions.create(
        None, Obligation(**{"agreement": agreement(), "party": organization(), "text": "Rendre compte", **values})
    )


# How to make one of each kind of record, and the field that the tests change.
KINDS: dict[type[Record], tuple[Callable[..., Record], str]] = {
    Territory: (territory, "name"),
    Need: (need, "term"),
    Organization: (organization, "name"),
    Location: (location, "name"),
    Service: (service, "name"),
    Contact: (contact, "name"),
    Liaison: (liaison, "program"),
    Agreement: (agreement, "title"),
    ServiceCorridor: (corridor, "criteria"),
    Obligation: (obligation, "text"),
}
# Liaison has only choices; the others take any text.
NEW_VALUE = {Liaison: "sante_mentale"}


def sent(form: Any) -> dict[str, Any]:
    """What a browser would send back from this form if nobody touched it, inline rows included."""
    data: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if value in (None, False, ""):
            continue
        if isinstance(bound.field.widget, LinesInput):
            value = bound.field.widget.format_value(bound.field.prepare_value(value))
        elif isinstance(value, (list, tuple, set)):
            value = [getattr(item, "pk", item) for item in value]
        elif hasattr(value, "all"):
            value = [item.pk for item in value.all()]
        elif isinstance(value, (datetime, date)):
            value = value.isoformat()
        elif value is True:
            value = "on"
        data[bound.html_name] = getattr(value, "pk", value)
    for formset in getattr(form, "formsets", {}).values():
        data.update(sent(formset.management_form))
        data[f"{formset.prefix}-TOTAL_FORMS"] = len(formset.forms)
        data[f"{formset.prefix}-INITIAL_FORMS"] = formset.initial_form_count()
        for position, row in enumerate(formset.forms):
            data.update({f"{formset.prefix}-{position}-ORDER": position + 1, **sent(row)})
    return data
