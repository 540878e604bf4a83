"""What the directory's models hold true by themselves: constraints by name, stored forms, words of the validators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from corridors.models import Agreement, AgreementParty, Obligation, ReferralMechanism, ServiceCorridor
from registry.enums import Clientele, Role, Sex, TerritoryKind, Visibility
from registry.fields import ListField
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
    ServiceClosure,
    ServiceLevel,
    ServiceNeed,
    Territory,
)
from registry.policies import INTERVENANT, NOTHING, PUBLIC, Scope, scope_for, widest

from .admin import building

NOW = timezone.now()


def _self_parent(record: models.Model, field: str) -> None:
    type(record)._base_manager.filter(pk=record.pk).update(**{field: record.pk})


def _update(record: models.Model, **values: Any) -> None:
    type(record)._base_manager.filter(pk=record.pk).update(**values)


# Constraint → what breaks it, past every form and validator.
BROKEN: dict[str, Callable[[], Any]] = {
    "organization_has_a_name": lambda: _update(building.organization(), name=""),
    "organization_not_its_own_parent": lambda: _self_parent(building.organization(), "parent"),
    "territory_not_its_own_parent": lambda: _self_parent(building.territory(), "parent"),
    "need_not_its_own_parent": lambda: _self_parent(building.need(), "parent"),
    "need_synonym_once": lambda: NeedSynonym.objects.bulk_create(
        [NeedSynonym(need=need, text="même mot") for need in [building.need()] * 2]
    ),
    "location_confidential_address_elsewhere": lambda: _update(
        building.location(), is_confidential=True, postal_code="G1K 0G9"
    ),
    "location_both_coordinates_or_none": lambda: _update(building.location(), latitude=46, longitude=None),
    "service_has_a_name": lambda: _update(building.service(), name=""),
    "service_age_min_not_above_max": lambda: _update(building.service(), age_min=18, age_max=12),
    "service_visibility_known": lambda: _update(building.service(), visibility="secrete"),
    "service_need_once": lambda: [
        ServiceNeed.objects.create(service=service, need=service.need_links.get().need)
        for service in [building.service()]
    ],
    "service_closure_ends_after_start": lambda: ServiceClosure.objects.create(
        service=building.service(), starts_at=NOW, ends_at=NOW - timedelta(hours=1)
    ),
    "service_level_once": lambda: ServiceLevel.objects.bulk_create(
        [ServiceLevel(service=service, kind="rappel", value=1, unit="heures") for service in [building.service()] * 2]
    ),
    "contact_has_a_name": lambda: _update(building.contact(), name=""),
    "liaison_once": lambda: [
        Liaison.all_objects.bulk_create(
            [Liaison(organization=first.organization, contact=first.contact, program="", crisis_role="")]
        )
        for first in [building.liaison()]
    ],
    "membership_once": lambda: [
        Membership.objects.create(user=user, role=Role.PARTNER, organization=organization)
        for user, organization in [(building.account(), building.organization())] * 2
    ],
    "membership_centre_once": lambda: [
        Membership.objects.create(user=user, role=Role.MANAGER) for user in [building.account()] * 2
    ],
    "membership_partner_has_organization": lambda: Membership.objects.create(
        user=building.account(), role=Role.PARTNER
    ),
    "agreement_renewal_months_positive": lambda: _update(building.agreement(), renewal_months=0),
    "agreement_not_its_own_predecessor": lambda: _self_parent(building.agreement(), "predecessor"),
    "agreement_party_once": lambda: [
        AgreementParty.objects.create(agreement=entente, organization=entente.parties.get().organization)
        for entente in [building.agreement()]
    ],
    "obligation_has_a_text": lambda: _update(building.obligation(), text=""),
    "corridor_between_two_services": lambda: [
        _update(corridor, to_service=corridor.from_service) for corridor in [building.corridor()]
    ],
    "corridor_not_its_own_fallback": lambda: _self_parent(building.corridor(), "fallback"),
    "mechanism_has_a_label": lambda: ReferralMechanism.objects.create(corridor=building.corridor(), label=""),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", list(BROKEN))
def test_the_database_itself_refuses(name):
    constraint = _CONSTRAINTS[name]
    # SQLite names a check; for a unique one it names the columns.
    expected = name if isinstance(constraint, models.CheckConstraint) else f"{name}|UNIQUE constraint failed"
    with pytest.raises(IntegrityError, match=expected), transaction.atomic():
        BROKEN[name]()


_DIRECTORY = [Territory, Need, NeedSynonym, Organization, Location, Contact, Liaison, Membership]
_SERVICES = [Service, ServiceNeed, ServiceClosure, ServiceLevel]
_AGREEMENTS = [Agreement, AgreementParty, Obligation, ServiceCorridor, ReferralMechanism]
_MODELS = [*_DIRECTORY, *_SERVICES, *_AGREEMENTS]
_CONSTRAINTS = {constraint.name: constraint for model in _MODELS for constraint in model._meta.constraints}


def test_every_constraint_has_its_test():
    assert set(BROKEN) == set(_CONSTRAINTS)


@pytest.mark.django_db
def test_saving_puts_values_in_their_stored_form():
    service = building.service(phone="(418) 555-0111 p. 22", hours="Lun-Ven 8h30-16h30")
    assert service.phone == "418-555-0111 poste 22"
    assert service.hours_pattern.startswith("Mo-Fr 08:30-16:30")
    assert building.location(postal_code="g1k-0g9").postal_code == "G1K 0G9"
    # What cannot be read stays as it was written: nothing is lost.
    unread = Service(
        code="X1", name="X", organization=service.organization, phone="voir le site", hours="sur activation"
    )
    unread.save()
    assert (unread.phone, unread.hours, unread.hours_pattern) == ("voir le site", "sur activation", "")


@pytest.mark.django_db
def test_outside_the_admin_a_draft_does_not_exist():
    live, draft = building.organization(), Organization(code="ORG999", name="Ébauche", partner_type="autre", live=False)
    draft.save()
    assert list(Organization.objects.all()) == [live]
    assert set(Organization.all_objects.all()) == {live, draft}
    with pytest.raises(ValidationError):
        Organization(code="ORG999", name="Autre", partner_type="autre").full_clean()


@pytest.mark.parametrize("model", [model for model in _MODELS if issubclass(model, Record)])
def test_every_record_protects_what_it_points_at(model):
    for field in model._meta.fields:
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, Record):
            assert field.remote_field.on_delete is models.PROTECT, field


@pytest.mark.parametrize(
    ("sexes", "clientele", "accepted"),
    [
        ([], [], set()),
        ([], [Clientele.WOMEN.label], {"f"}),
        ([], [Clientele.MEN.label], {"m"}),
        ([], [Clientele.WOMEN.label, Clientele.MEN.label], set()),
        ([], [Clientele.ADULTS.label], set()),
        (["m"], [Clientele.WOMEN.label], {"m"}),
        (["f", "m"], [], {"f", "m"}),
    ],
)
def test_accepted_sexes(sexes, clientele, accepted):
    assert Service(sexes=sexes, clientele=clientele).accepted_sexes == accepted


@given(st.lists(st.sampled_from(Clientele.labels), unique=True), st.lists(st.sampled_from(Sex.values), unique=True))
def test_explicit_sexes_always_win(clientele, sexes):
    accepted = Service(sexes=sexes, clientele=clientele).accepted_sexes
    assert accepted == frozenset(sexes) if sexes else accepted <= {"f", "m"}


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="|", exclude_categories=["Cs"]), min_size=1)))
def test_a_list_column_gives_back_what_it_was_given(values):
    kept = [value for value in values if value.strip()]
    assert ListField.unpack(ListField.pack(values)) == kept


@pytest.mark.django_db
def test_validators_say_what_to_write():
    organization = building.organization()
    bad = Organization(code="Y", name="Y", partner_type="inconnu", neq="12", phone="voir le site", email="non")
    with pytest.raises(ValidationError) as refusal:
        bad.full_clean()
    messages = {name: " ".join(errors) for name, errors in refusal.value.message_dict.items()}
    assert set(messages) == {"partner_type", "neq", "phone", "email"}
    assert "dix chiffres" in messages["neq"]
    with pytest.raises(ValidationError, match="G1K 0G9"):
        Location(code="L", name="L", organization=organization, postal_code="ZZZ").full_clean()
    with pytest.raises(ValidationError, match="hors vocabulaire"):
        Service(code="S", name="S", organization=organization, programs=["inconnu"]).full_clean()
    for phone in ("811", "9-8-8", "811, option 2", "1-800-555-0199", "418 555-0111 poste 221", "911"):
        Organization(code="Z", name="Z", partner_type="autre", phone=phone).full_clean()


def test_territory_kinds_are_the_workbooks():
    assert TerritoryKind("rls").label == "RLS"


@pytest.mark.parametrize(
    ("given_values", "expected"),
    [([], "interne"), (["interne", "reseau"], "reseau"), (["reseau", "publique", "interne"], "publique")],
)
def test_the_widest_visibility(given_values, expected):
    assert widest(given_values) == expected


PARTNER_SEES = {Visibility.PUBLIC.value, Visibility.NETWORK.value}
STAFF_SEES = {*PARTNER_SEES, Visibility.INTERNAL.value}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "sees", "corridors"),
    [
        (None, PARTNER_SEES, False),
        (Role.PARTNER, PARTNER_SEES, False),
        (Role.INTERVENANT, STAFF_SEES, True),
        (Role.COORDINATOR, STAFF_SEES, True),
        (Role.MANAGER, STAFF_SEES, True),
        (Role.ADMINISTRATOR, STAFF_SEES, True),
    ],
)
def test_what_each_role_reads(role, sees, corridors, django_assert_num_queries):
    organization = building.organization() if role == Role.PARTNER else None
    user = building.account(role, organization=organization)
    with django_assert_num_queries(1):
        scope = scope_for(user)
    assert isinstance(scope, Scope)
    assert scope.visibilities == sees
    assert scope.sees_corridors is corridors
    assert scope.organization_ids == ({organization.pk} if organization else set())


@pytest.mark.django_db
def test_whoever_is_not_signed_in_reads_what_the_setting_allows(settings):
    from django.contrib.auth.models import AnonymousUser

    settings.PASSERELLES_PUBLIC_SEARCH = False
    assert scope_for(AnonymousUser()) == NOTHING
    settings.PASSERELLES_PUBLIC_SEARCH = True
    assert scope_for(AnonymousUser()) == PUBLIC
    assert scope_for(None) == INTERVENANT
    inactive = building.account(Role.MANAGER)
    inactive.is_active = False
    inactive.save()
    assert scope_for(inactive) == NOTHING
