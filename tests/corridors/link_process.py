"""What the test of one link used twice does in processes of its own: `python -m tests.corridors.link_process STEP`."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")
NAME = "Marc Côté"


def prepare() -> None:
    """An entente to be signed by two people; writes the token of the one whose link will be used twice."""
    from tests.search.outbox_process import tables

    tables()
    from corridors import sending, signing
    from corridors.enums import LinkPurpose

    from .building import by, do
    from .negotiating import agreed

    table = agreed()
    actor = by(table.coordinator)
    ours = signing.name_signatory(actor, table.agreement, signing.Person(table.partner, NAME))
    signing.name_signatory(actor, table.agreement, signing.Person(table.centre, "Denise Roy"))
    do(table.coordinator, table.agreement, "open_signing")
    _link, token = sending.issue(
        actor, table.version, LinkPurpose.SIGN, organization_id=table.partner.pk, name=NAME,
        email="marc@vigie.example.ca", signatory=ours,
    )  # fmt: skip
    sys.stdout.write(f"{token}\n")


def sign(token: str) -> None:
    """Two of these start together: each says that it is ready, and goes when told. Writes what became of it."""
    from corridors import links

    sys.stdout.write("READY\n")
    sys.stdout.flush()
    sys.stdin.readline()
    try:
        links.sign(token, links.Visitor(address="192.0.2.7"), NAME)
        sys.stdout.write("signed\n")
    except links.LinkRefused as refusal:
        sys.stdout.write(f"{refusal.opened.outcome}\n")


def show() -> None:
    from corridors.models import AgreementEvent, Signature

    sys.stdout.write(f"{Signature.objects.count()} {AgreementEvent.objects.filter(kind='signature').count()}\n")


if __name__ == "__main__":
    django.setup()
    {"prepare": prepare, "sign": sign, "show": show}[sys.argv[1]](*sys.argv[2:])
