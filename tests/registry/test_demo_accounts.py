"""One demonstration account for each role, as often as asked, and never with a known password outside development."""

from __future__ import annotations

import io
import re

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from registry.enums import Role
from registry.models import Membership, User
from registry.policies import roles_of

from .admin import building


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("demo_accounts", *arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.django_db
def test_each_role_has_an_account_that_opens_with_the_printed_password(settings):
    settings.DEBUG = True
    house = building.organization(partner_type="maison_hebergement", name="Maison du Phare")
    first, second = run(), run()
    assert first == second
    assert User.objects.count() == Membership.objects.count() == len(Role)
    for role in Role:
        row = next(line for line in first.splitlines() if f" {role.value} " in line)
        password = re.search(r"Passerelles-\S+", row)
        user = authenticate(username=role.value, password=password.group())
        assert roles_of(user) == {role.value}
        assert user.is_superuser is (role == Role.ADMINISTRATOR)
    assert Membership.objects.get(role=Role.PARTNER).organization == house
    assert "Maison du Phare" in first


@pytest.mark.django_db
def test_running_again_puts_a_demo_account_back_as_it_was(settings):
    settings.DEBUG = True
    building.organization()
    run()
    user = User.objects.get(username="intervenant")
    user.set_password("autre chose")
    user.save()
    Membership.objects.create(user=user, role=Role.MANAGER)
    run()
    user = authenticate(username="intervenant", password="Passerelles-intervenant-2026")
    assert roles_of(user) == {Role.INTERVENANT.value}


@pytest.mark.django_db
def test_outside_development_it_refuses_or_draws_passwords(settings):
    settings.DEBUG = False
    building.organization()
    with pytest.raises(CommandError, match="--force"):
        run()
    assert not User.objects.exists()
    printed = run("--force")
    assert "Passerelles-" not in printed
    assert authenticate(username="gestionnaire", password="Passerelles-gestionnaire-2026") is None


@pytest.mark.django_db
def test_without_an_organism_the_partner_waits_and_it_says_so(settings):
    settings.DEBUG = True
    assert "import_workbook" in run()
    assert User.objects.count() == len(Role) - 1
