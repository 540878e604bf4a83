"""Who signs, in what order, on what text; paper too."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.documents.models import Document

from corridors import negotiation, signing
from corridors.actions import Actor
from corridors.dossier import open_dossier
from corridors.enums import AgreementFlag, DocumentKind, EventKind, SignatureMethod
from corridors.enums import AgreementStatus as S
from corridors.lifecycle import Refused, Who
from corridors.models import Agreement, AgreementDocument, AgreementEvent, Signatory, Signature
from registry.enums import Role

from . import building
from .negotiating import Table, agreed

pytestmark = pytest.mark.django_db


def named(table: Table, *people: tuple[str, str, int], **values: Any) -> list[Signatory]:
    """(side, name, rank) each."""
    sides = {"centre": table.centre, "partner": table.partner}
    return [
        signing.name_signatory(
            building.by(table.coordinator), table.agreement,
            signing.Person(sides[side], name, order=rank, **values),
        )
        for side, name, rank in people
    ]  # fmt: skip


def in_signing(*people: tuple[str, str, int]) -> tuple[Table, list[Signatory]]:
    table = agreed()
    signatories = named(table, *(people or (("centre", "Denise Roy", 1), ("partner", "Marc Côté-Lévesque", 1))))
    building.do(table.coordinator, table.agreement, "open_signing")
    return table, signatories


def holder(signatory: Signatory) -> Actor:
    """Whoever holds that person's link."""
    return Actor(
        name=signatory.name, organization_id=signatory.organization_id, address="192.0.2.7", capacity=Who.SIGNATORY
    )


def scan(table: Table) -> AgreementDocument:
    document = Document.objects.create(title="Entente signée", file=ContentFile(b"%PDF-1.7", "signee.pdf"))
    return AgreementDocument.objects.create(
        agreement=table.agreement, document=document, kind=DocumentKind.SIGNED, added_at=timezone.now()
    )


def test_the_last_signature_signs_the_entente() -> None:
    table, (first, second) = in_signing()
    version = table.version
    one = signing.sign(holder(first), version, first, "Denise Roy")
    assert not one.complete and one.waiting == ("Marc Côté-Lévesque",)
    other = signing.sign(holder(second), version, second, "marc cote levesque")  # a keyboard without accents
    assert other.complete and table.status == S.SIGNED
    row = Agreement.all_objects.get(pk=table.agreement.pk)
    assert row.signed_on == timezone.localdate() and row.live
    line = AgreementEvent.objects.filter(kind=EventKind.SIGNATURE).latest("number")
    assert (line.content_hash, line.address, line.actor_name) == (
        version.content_hash, "192.0.2.7", "Marc Côté-Lévesque",
    )  # fmt: skip


def test_the_next_rank_waits() -> None:
    table, (first, second) = in_signing(("partner", "Marc Côté", 1), ("centre", "Denise Roy", 2))
    assert signing.due(table.dossier) == [first]
    with pytest.raises(Refused, match="signent d’abord : Marc Côté"):
        signing.sign(holder(second), table.version, second, "Denise Roy")
    signing.sign(holder(first), table.version, first, "Marc Côté")
    assert signing.due(table.dossier) == [second]
    assert signing.sign(holder(second), table.version, second, "Denise Roy").complete


def test_signing_cannot_open_before_each_party_has_named_somebody() -> None:
    table = agreed()
    named(table, ("centre", "Denise Roy", 1))
    with pytest.raises(Refused, match="Signataire à nommer pour : Maison La Vigie"):
        building.do(table.coordinator, table.agreement, "open_signing")


def test_only_the_holder_of_the_link_signs() -> None:
    table, (first, second) = in_signing()
    strangers = [
        building.by(table.coordinator), building.by(table.negotiator), holder(second),
        Actor(name="Denise Roy", organization_id=table.centre.pk, capacity=Who.NEGOTIATOR),
    ]  # fmt: skip
    for stranger in strangers:
        with pytest.raises(PermissionDenied):
            signing.sign(stranger, table.version, first, "Denise Roy")
    with pytest.raises(PermissionDenied, match="nom écrit"):
        signing.sign(holder(first), table.version, first, "Denis Roi")
    assert not Signature.objects.exists()


def test_nobody_signs_twice_nor_another_text() -> None:
    table, (first, _second) = in_signing()
    old = table.version
    signing.sign(holder(first), old, first, "Denise Roy")
    with pytest.raises(Refused, match="déjà signé"):
        signing.sign(holder(first), old, first, "Denise Roy")
    table.edit(notice_days=90)
    assert table.status == S.NEGOTIATION
    assert not Signature.objects.filter(cleared_at__isnull=True).exists()
    with pytest.raises(Refused, match="en signature"):
        signing.sign(holder(first), old, first, "Denise Roy")
    cleared = AgreementEvent.objects.get(transition="reopen").data["cleared"]
    assert {(item["kind"], item["name"]) for item in cleared} >= {("signature", "Denise Roy")}


def test_a_signatory_refuses_and_the_others_are_told() -> None:
    table, (first, second) = in_signing()
    signing.sign(holder(first), table.version, first, "Denise Roy")
    with pytest.raises(Refused, match="motif"):
        signing.refuse_to_sign(holder(second), table.version, second, "non")
    event = signing.refuse_to_sign(holder(second), table.version, second, "Le délai de deux heures est intenable.")
    assert table.status == S.NEGOTIATION
    assert "signature" in {item["kind"] for item in event.data["cleared"]}
    assert AgreementEvent.objects.get(kind=EventKind.REFUSAL).reason == "Le délai de deux heures est intenable."
    # The same text may be accepted again: nothing was edited.
    assert negotiation.accept(
        building.by(table.negotiator), table.agreement, table.version, table.partner
    ).why_not.startswith("N’ont pas encore accepté")


def test_a_party_names_its_own_signatories_and_nobody_elses() -> None:
    table = agreed()
    partner = building.by(table.negotiator)
    own = signing.name_signatory(partner, table.agreement, signing.Person(table.partner, "Marc Côté"))
    with pytest.raises(PermissionDenied):
        signing.name_signatory(partner, table.agreement, signing.Person(table.centre, "Denise Roy"))
    with pytest.raises(PermissionDenied):
        signing.name_signatory(
            building.by(building.person("ines", Role.INTERVENANT)), table.agreement,
            signing.Person(table.partner, "Marc Roy"),
        )  # fmt: skip
    with pytest.raises(Refused, match="signe déjà"):
        signing.name_signatory(partner, table.agreement, signing.Person(table.partner, "MARC  COTE"))
    with pytest.raises(Refused, match="mandat"):
        signing.name_signatory(
            partner, table.agreement, signing.Person(table.partner, "Luc Roy", on_behalf_of="Marc Côté")
        )
    assert list(Signatory.objects.all()) == [own]


def test_a_signatory_is_replaced_or_removed_until_they_have_signed() -> None:
    table, (first, second) = in_signing(("centre", "Denise Roy", 1), ("partner", "Marc Côté", 1))
    extra = named(table, ("partner", "Luc Roy", 2))[0]
    signing.remove_signatory(building.by(table.negotiator), extra)
    assert [person.name for person in table.dossier.signatories] == ["Denise Roy", "Marc Côté"]
    signing.replace_signatory(building.by(table.negotiator), second, signing.Person(table.partner, "Anne Dubé"))
    signing.sign(holder(first), table.version, first, "Denise Roy")
    with pytest.raises(Refused, match="déjà signé"):
        signing.remove_signatory(building.by(table.coordinator), first)
    second.refresh_from_db()
    assert signing.sign(holder(second), table.version, second, "Anne Dubé").complete
    with pytest.raises(PermissionDenied):  # once signed, nobody is named any more
        signing.name_signatory(building.by(table.negotiator), table.agreement, signing.Person(table.partner, "X"))


def test_paper_is_attested_dated_and_never_ahead() -> None:
    table, (first, second) = in_signing()
    document, today = scan(table), timezone.localdate()
    actor = building.by(table.coordinator)
    with pytest.raises(Refused, match="avenir"):
        signing.sign_on_paper(actor, first, date(today.year + 1, 1, 1), document)
    with pytest.raises(PermissionDenied):
        signing.sign_on_paper(building.by(table.negotiator), first, today, document)
    with pytest.raises(PermissionDenied):
        signing.sign_on_paper(Actor(name="Denise Roy", capacity=Who.SYSTEM), first, today, document)
    day = date(today.year - 1, 6, 1)
    assert signing.sign_on_paper(actor, first, day, document).waiting == ("Marc Côté-Lévesque",)
    assert signing.sign(holder(second), table.version, second, "Marc Côté-Lévesque").complete
    mark = Signature.objects.get(signatory=first)
    assert (mark.method, mark.attested_by, mark.signed_on) == (SignatureMethod.PAPER, table.coordinator, day)
    assert Agreement.all_objects.get(pk=table.agreement.pk).signed_on == today  # the last of the two


def test_a_paper_of_another_entente_proves_nothing() -> None:
    table, (first, _second) = in_signing()
    other = building.draft("ENT-2026-102", parties=(table.centre, table.partner))
    document = scan(table)
    AgreementDocument.objects.filter(pk=document.pk).update(agreement=other)
    document.refresh_from_db()
    with pytest.raises(Refused, match="pas celui de cette entente"):
        signing.sign_on_paper(building.by(table.coordinator), first, timezone.localdate(), document)


@time_machine.travel("2026-11-22T12:00:00-05:00", tick=False)
def test_the_paper_of_an_entente_older_than_the_system() -> None:
    agreement = building.declared(starts_on=date(2020, 1, 1), ends_on=date(2028, 1, 1))
    parties = [party.organization for party in agreement.parties.order_by("sort_order")]
    coordinator = building.person("brigitte", Role.COORDINATOR)
    table = Table(agreement, parties[0], parties[1], coordinator, coordinator, coordinator)
    assert AgreementFlag.UNSIGNED in table.dossier.state.flags
    document, actor = scan(table), building.by(coordinator)
    people = [signing.Person(parties[0], "Denise Roy"), signing.Person(parties[1], "Marc Côté")]
    with pytest.raises(Refused, match="Nommez qui a signé pour : Maison La Vigie"):
        signing.record_older_paper(actor, agreement, date(2019, 12, 15), document, people[:1])
    version = signing.record_older_paper(actor, agreement, date(2019, 12, 15), document, people)
    assert version.number == 1 and version.content_hash == table.dossier.hash
    row = Agreement.all_objects.get(pk=agreement.pk)
    assert row.signed_on == date(2019, 12, 15) and row.declared_status == "En vigueur"
    assert row.get_latest_revision_as_object().signed_on == date(2019, 12, 15)
    state = open_dossier(row).state
    assert state.status == S.IN_FORCE and AgreementFlag.UNSIGNED not in state.flags
    with pytest.raises(Refused, match="déjà inscrites"):
        signing.record_older_paper(actor, agreement, date(2019, 12, 15), document, people)


def test_a_declared_date_of_signature_is_not_contradicted() -> None:
    agreement = building.declared(signed_on=date(2019, 12, 1), starts_on=date(2020, 1, 1), ends_on=date(2090, 1, 1))
    parties = [party.organization for party in agreement.parties.order_by("sort_order")]
    coordinator = building.person("brigitte", Role.COORDINATOR)
    table = Table(agreement, parties[0], parties[1], coordinator, coordinator, coordinator)
    people = [signing.Person(party, "Denise Roy") for party in parties]
    with pytest.raises(Refused, match="1er\u00a0décembre\u00a02019"):
        signing.record_older_paper(building.by(coordinator), agreement, date(2019, 12, 2), scan(table), people)
    assert not Signature.objects.exists()


def test_a_draft_of_somebodys_survives_the_date_of_signature() -> None:
    agreement = building.declared(starts_on=date(2020, 1, 1), ends_on=date(2090, 1, 1))
    coordinator = building.person("brigitte", Role.COORDINATOR)
    draft = Agreement.all_objects.get(pk=agreement.pk)
    draft.responsible = "Suzanne Fournelle"
    from registry import actions

    actions.save_draft(coordinator, draft)
    parties = [party.organization for party in agreement.parties.order_by("sort_order")]
    table = Table(agreement, parties[0], parties[1], coordinator, coordinator, coordinator)
    people = [signing.Person(party, "Denise Roy") for party in parties]
    signing.record_older_paper(building.by(coordinator), agreement, date(2019, 12, 2), scan(table), people)
    row = Agreement.all_objects.get(pk=agreement.pk)
    assert row.has_unpublished_changes and row.responsible == ""
    latest = row.get_latest_revision_as_object()
    assert (latest.responsible, latest.signed_on) == ("Suzanne Fournelle", date(2019, 12, 2))
