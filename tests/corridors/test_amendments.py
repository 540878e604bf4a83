"""An amendment changes its own fields of a signed entente, by the same life, and never behind another one's back."""

from __future__ import annotations

import uuid
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from corridors import amended, amendments, canonical, merging, negotiation, reading, signing
from corridors.dossier import open_dossier
from corridors.enums import AgreementStatus as S
from corridors.enums import AmendmentKind, DocumentKind, EventKind
from corridors.lifecycle import Refused, Request
from corridors.models import (
    Agreement,
    AgreementDocument,
    AgreementEvent,
    Amendment,
    Clause,
    Obligation,
    ServiceCorridor,
)
from registry import actions as registry_actions
from registry.enums import Role
from registry.models import Organization
from tests.factories import records

from . import building, guide


@pytest.fixture(autouse=True)
def november() -> Any:
    with time_machine.travel("2026-11-22T12:00:00-05:00", tick=False):
        yield


database = pytest.mark.django_db


@pytest.fixture
def coordinator() -> Any:
    return building.by(building.person("brigitte", Role.COORDINATOR))


@pytest.fixture
def manager() -> Any:
    return building.by(building.person("gilles", Role.MANAGER))


def running(**values: Any) -> Agreement:
    """An entente older than the system, in force until the end of 2027, with two clauses."""
    given = {"starts_on": date(2020, 1, 1), "ends_on": date(2027, 12, 31), "renewal": "aucun", "notice_days": 60}
    agreement = building.declared(**{**given, **values})
    agreement.clauses = [
        Clause(title="Délai", text="L’équipe rappelle en vingt-quatre heures.", sort_order=0),
        Clause(title="Concertation", text="Un comité se réunit.", frequency="trimestrielle", sort_order=1),
    ]
    registry_actions.edit(None, agreement)
    return again(agreement)


def again(agreement: Agreement) -> Agreement:
    return Agreement.all_objects.get(pk=agreement.pk)


def fresh(amendment: Amendment) -> Amendment:
    return Amendment.all_objects.select_related("agreement").get(pk=amendment.pk)


def status(amendment: Amendment) -> S:
    return amendments.status_of(fresh(amendment))


def negotiate(amendment: Amendment, coordinator: Any, manager: Any) -> None:
    amendments.step(coordinator, fresh(amendment), "submit")
    amendments.step(manager, fresh(amendment), "approve")


def accept_by_all(amendment: Amendment) -> Any:
    """Each party by its own link."""
    amendment = fresh(amendment)
    outcome = None
    for party in open_dossier(amendment.agreement, amendment=amendment).parties:
        person = negotiation.Actor(name=f"Négociatrice {party.role}", organization_id=party.organization_id,
                                   capacity=negotiation_capacity())  # fmt: skip
        version = open_dossier(amendment.agreement, amendment=amendment).version
        outcome = negotiation.accept(person, amendment.agreement, version, party.organization, person.name)
    return outcome


def negotiation_capacity() -> Any:
    from corridors.lifecycle import Who

    return Who.NEGOTIATOR


def paper(agreement: Agreement) -> AgreementDocument:
    from wagtail.documents import get_document_model

    file = get_document_model().objects.create(title="Avenant", file="documents/avenant.pdf", file_size=10)
    return AgreementDocument.objects.create(
        agreement=agreement, document=file, kind=DocumentKind.SIGNED, label="Avenant signé", added_at=timezone.now()
    )


def sign_by_all(amendment: Amendment, coordinator: Any, signed_on: date | None = None) -> Any:
    amendment = fresh(amendment)
    for party in open_dossier(amendment.agreement, amendment=amendment).parties:
        who = signing.Person(party.organization, f"Signataire {party.organization.code}", "Direction")
        signing.name_signatory(coordinator, amendment.agreement, who, amendment)
    amendments.step(coordinator, amendment, "open_signing")
    scan, outcome = paper(amendment.agreement), None
    for person in amendment.signatories.order_by("pk"):
        outcome = signing.sign_on_paper(coordinator, person, signed_on or timezone.localdate(), scan)
    return outcome


def conclude(amendment: Amendment, coordinator: Any, manager: Any) -> None:
    """From the draft to everybody's signature."""
    negotiate(amendment, coordinator, manager)
    accept_by_all(amendment)
    sign_by_all(amendment, coordinator)


def extension(coordinator: Any, agreement: Agreement, end: str = "2029-12-31", **values: Any) -> Amendment:
    amendment = amendments.open_amendment(coordinator, agreement, AmendmentKind.DURATION, "Prolongation", **values)
    return amendments.edit(coordinator, amendment, terms={"ends_on": end})


@database
def test_an_older_entente_is_amended_and_its_recorded_text_kept(coordinator: Any, manager: Any) -> None:
    agreement = running()
    before = canonical.terms_of(agreement)
    amendment = extension(coordinator, agreement)
    assert status(amendment) == S.DRAFT
    recorded = agreement.versions.get()
    assert (recorded.number, recorded.terms, recorded.summary) == (1, before, signing.AS_RECORDED)

    negotiate(amendment, coordinator, manager)
    assert status(amendment) == S.NEGOTIATION
    # The copy lives apart: the entente says what it said.
    assert canonical.terms_of(agreement) == before
    outcome = accept_by_all(amendment)
    assert outcome.agreed, outcome.why_not
    assert status(amendment) == S.AGREED
    assert sign_by_all(amendment, coordinator).complete
    assert status(amendment) == S.IN_FORCE

    row = again(agreement)
    assert row.ends_on == date(2029, 12, 31)
    assert row.declared_status == "En vigueur"
    assert canonical.terms_of(row) == {**before, "ends_on": "2029-12-31"}
    versions = list(agreement.versions.filter(amendment__isnull=True).order_by("number"))
    assert [version.number for version in versions] == [1, 2]
    assert versions[1].terms == canonical.terms_of(row)
    assert versions[1].summary == "Avenant 1 : Prolongation"
    merged = AgreementEvent.objects.get(kind=EventKind.AMENDMENT, data__step="merged")
    assert merged.data["fields"] == ["Échéance"]
    # The entente's own state is untouched: nobody decided anything of it.
    assert open_dossier(row).status == S.IN_FORCE
    assert not [line for line in row.events.all() if line.amendment_id is None and line.to_status]


@database
def test_the_entente_keeps_its_signatures_when_an_amendment_is_merged(coordinator: Any, manager: Any) -> None:
    agreement = running()
    people = [signing.Person(party.organization, f"Signataire {party.role}") for party in agreement.parties.all()]
    signing.record_older_paper(coordinator, agreement, date(2019, 12, 1), paper(agreement), people)
    amendment = extension(coordinator, agreement)
    assert [person.name for person in amendment.signatories.order_by("pk")] == [person.name for person in people]
    negotiate(amendment, coordinator, manager)
    accept_by_all(amendment)
    amendments.step(coordinator, fresh(amendment), "open_signing")
    for person in amendment.signatories.order_by("pk"):
        signing.sign_on_paper(coordinator, person, timezone.localdate(), paper(agreement))
    assert status(amendment) == S.IN_FORCE
    dossier = open_dossier(again(agreement))
    assert dossier.version is not None
    assert dossier.version.number == 2
    assert {mark.signed_on for mark in dossier.signatures} == {date(2019, 12, 1)}


@database
def test_an_amendment_to_come_waits_for_its_day_and_catches_up(coordinator: Any, manager: Any) -> None:
    agreement = running(ends_on=date(2026, 12, 31))
    amendment = extension(coordinator, agreement, effective_on=date(2026, 12, 15))
    conclude(amendment, coordinator, manager)
    assert status(amendment) == S.SIGNED
    assert again(agreement).ends_on == date(2026, 12, 31)
    assert amendments.merge_due(date(2026, 12, 14)) == []
    # The server was stopped past the old end: the entente never lapsed, the amendment counted from its day.
    with time_machine.travel("2027-01-20T12:00:00-05:00", tick=False):
        assert amendments.merge_due() == [f"{agreement.number}, avenant 1"]
        assert amendments.merge_due() == []
        assert open_dossier(again(agreement)).status == S.IN_FORCE
        assert again(agreement).ends_on == date(2029, 12, 31)
    start = AgreementEvent.objects.get(amendment=amendment, transition="start")
    assert start.effective_on == date(2026, 12, 15)


@database
def test_a_signed_amendment_that_cannot_be_written_waits_and_says_why(coordinator: Any, manager: Any) -> None:
    agreement = running()
    centre, partner = (party.organization for party in agreement.parties.order_by("sort_order"))
    front, crisis = records.service(centre, "Info-Social"), records.service(partner, "Crise dans le milieu")
    gone = records.corridor(agreement, front, crisis, code="COR001")
    amendment = amendments.open_amendment(coordinator, agreement, AmendmentKind.CORRIDORS, "Retrait")
    amendments.edit(coordinator, amendment, terms={"corridors": []})
    negotiate(amendment, coordinator, manager)
    accept_by_all(amendment)
    # Meanwhile, another entente comes to rely on that corridor.
    other = records.agreement("ENT-9")
    relying = records.corridor(other, front, records.service(partner, "Suivi"), code="COR002", fallback=gone)
    sign_by_all(amendment, coordinator)
    assert status(amendment) == S.SIGNED
    assert "COR002" in amendments.obstacle(fresh(amendment))
    assert amendments.merge_due() == []
    relying.fallback = None
    registry_actions.edit(None, relying)
    assert amendments.obstacle(fresh(amendment)) == ""
    assert amendments.merge_due() == [f"{agreement.number}, avenant 1"]
    assert not ServiceCorridor.all_objects.filter(code="COR001").exists()


@database
@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (AmendmentKind.DURATION, "object", "Autre chose."),
        (AmendmentKind.CLAUSES, "ends_on", "2030-01-01"),
        (AmendmentKind.MECHANISMS, "parties", []),
        (AmendmentKind.SCOPE, "title", "Un autre titre"),
        (AmendmentKind.CONTRIBUTIONS, "number", "ENT-1"),
        (AmendmentKind.PARTIES, "starts_on", "2031-01-01"),
        (AmendmentKind.CORRIDORS, "invented", "1"),
    ],
)
def test_a_typed_amendment_changes_its_own_fields_only(
    coordinator: Any, kind: AmendmentKind, field: str, value: Any
) -> None:
    amendment = amendments.open_amendment(coordinator, running(), kind, "Un avenant")
    with pytest.raises(Refused, match="ne change pas"):
        amendments.edit(coordinator, amendment, terms={field: value})
    assert amended.touched(fresh(amendment)) == set()


def test_every_term_but_the_names_of_the_entente_belongs_to_one_kind() -> None:
    fields = [name for names in amended.FIELDS.values() for name in names]
    assert len(fields) == len(set(fields))
    assert set(canonical.KEYS) - set(fields) == {"number", "title", "instrument_type", "starts_on"}
    assert set(amended.FIELDS) == set(AmendmentKind) == set(merging._CHECKS)


def test_the_guide_says_what_each_kind_may_change() -> None:
    told = {kind: fields.split(", ") for kind, fields in guide.rows_under("Les avenants")}
    assert told == {
        str(kind.label): [reading.FIELDS[name] for name in fields] for kind, fields in amended.FIELDS.items()
    }


@database
def test_an_empty_amendment_is_not_submitted(coordinator: Any) -> None:
    amendment = amendments.open_amendment(coordinator, running(), AmendmentKind.CLAUSES, "Rien encore")
    with pytest.raises(Refused, match="ne change encore rien"):
        amendments.step(coordinator, amendment, "submit")


@database
def test_an_edit_after_acceptance_clears_it_and_reopens(coordinator: Any, manager: Any) -> None:
    amendment = extension(coordinator, running())
    negotiate(amendment, coordinator, manager)
    accept_by_all(amendment)
    assert status(amendment) == S.AGREED
    amendments.edit(coordinator, fresh(amendment), terms={"ends_on": "2030-12-31"})
    assert status(amendment) == S.NEGOTIATION
    line = AgreementEvent.objects.get(amendment=amendment, transition="reopen")
    assert {item["kind"] for item in line.data["cleared"]} == {"acceptation"}
    # Its title and its day are part of what is signed.
    negotiation.propose_version(coordinator, amendment.agreement, amendment=fresh(amendment))
    accept_by_all(amendment)
    amendments.edit(coordinator, fresh(amendment), effective_on=date(2027, 6, 1))
    assert status(amendment) == S.NEGOTIATION


@database
def test_two_amendments_of_the_same_field_conflict_on_both_sides_and_the_second_is_accepted_again(
    coordinator: Any, manager: Any
) -> None:
    agreement = running()
    one = extension(coordinator, agreement)
    other = extension(coordinator, agreement, "2031-06-30")
    apart = amendments.open_amendment(coordinator, agreement, AmendmentKind.MECHANISMS, "Référence à chaud")
    amendments.edit(coordinator, apart, terms={"referral_mechanism": "Numéro prioritaire."})
    assert [(clash.other.number, clash.names) for clash in amendments.clashes_of(fresh(one))] == [(2, ("Échéance",))]
    assert [(clash.other.number, clash.names) for clash in amendments.clashes_of(fresh(other))] == [(1, ("Échéance",))]
    assert amendments.clashes_of(fresh(apart)) == []

    for amendment in (other, apart):
        negotiate(amendment, coordinator, manager)
        accept_by_all(amendment)
    conclude(one, coordinator, manager)
    assert again(agreement).ends_on == date(2029, 12, 31)

    other, apart = fresh(other), fresh(apart)
    assert status(other) == status(apart) == S.NEGOTIATION
    told = AgreementEvent.objects.get(kind=EventKind.AMENDMENT, amendment=other, data__step="rebased")
    assert told.data["fields"] == ["Échéance"]
    assert told.data["conflict_with"] == 1
    assert other.terms["ends_on"] == "2031-06-30"
    assert other.base_terms["ends_on"] == "2029-12-31"
    # What an amendment does not touch follows without a word of conflict.
    assert not AgreementEvent.objects.filter(kind=EventKind.AMENDMENT, amendment=apart, data__step="rebased").exists()
    assert apart.terms["ends_on"] == "2029-12-31"
    assert amended.touched(apart) == {"referral_mechanism"}
    assert amendments.clashes_of(other) == []

    negotiation.propose_version(coordinator, agreement, amendment=other)
    accept_by_all(other)
    sign_by_all(other, coordinator)
    assert again(agreement).ends_on == date(2031, 6, 30)


@database
def test_an_old_version_of_an_amendment_cannot_be_accepted(coordinator: Any, manager: Any) -> None:
    amendment = extension(coordinator, running())
    negotiate(amendment, coordinator, manager)
    dossier = open_dossier(amendment.agreement, amendment=fresh(amendment))
    first, party = dossier.version, dossier.parties[0]
    amendments.edit(coordinator, fresh(amendment), terms={"ends_on": "2030-12-31"})
    with pytest.raises(Refused, match="modifié depuis"):
        negotiation.accept(manager, amendment.agreement, first, party.organization)
    negotiation.propose_version(coordinator, amendment.agreement, amendment=fresh(amendment))
    with pytest.raises(Refused, match="n’est plus proposée"):
        negotiation.accept(manager, amendment.agreement, first, party.organization)


@database
def test_clauses_contributions_corridors_and_parties_are_written_on_the_rows(coordinator: Any, manager: Any) -> None:
    agreement = running()
    centre, partner = (party.organization for party in agreement.parties.order_by("sort_order"))
    front, crisis = records.service(centre, "Info-Social"), records.service(partner, "Crise dans le milieu")
    way = records.corridor(agreement, front, crisis, code="COR001", urgent_delay=24, liaison_contact="Mme Roy")
    gone = records.corridor(agreement, crisis, front, code="COR002")
    duty = Obligation(agreement=agreement, party=centre, text="Rapport annuel", evidence="Remis", status="respectee")
    registry_actions.create(None, duty)

    def change(kind: AmendmentKind, field: str, value: Any) -> None:
        amendment = amendments.open_amendment(coordinator, agreement, kind, f"Avenant {kind}")
        amendments.edit(coordinator, amendment, terms={field: value})
        conclude(amendment, coordinator, manager)
        assert status(amendment) == S.IN_FORCE
        assert canonical.terms_of(agreement)[field] == fresh(amendment).terms[field]

    clauses = canonical.terms_of(agreement)["clauses"]
    added = {"key": str(uuid.uuid4()), "kind": "libre", "title": "Visites", "text": "Deux par an.", "frequency": ""}
    shorter = {**clauses[0], "text": "L’équipe rappelle en deux heures."}
    change(AmendmentKind.CLAUSES, "clauses", [added, shorter])
    assert [clause.title for clause in again(agreement).clauses.order_by("sort_order")] == ["Visites", "Délai"]

    corridors = canonical.terms_of(agreement)["corridors"]
    quicker = {**corridors[0], "urgent_delay": 0, "fallback": "COR900"}
    new = {**corridors[0], "code": "COR900", "from_service": crisis.code, "to_service": front.code}
    change(AmendmentKind.CORRIDORS, "corridors", [quicker, new])
    way.refresh_from_db()
    assert (way.urgent_delay, way.fallback.code, way.liaison_contact, way.live) == (0, "COR900", "Mme Roy", True)
    assert ServiceCorridor.objects.get(code="COR900").agreement == agreement
    assert not ServiceCorridor.all_objects.filter(pk=gone.pk).exists()

    obligations = [
        {"party": centre.code, "text": "Rapport annuel", "due_on": "2027-06-01", "recurrence": "annuelle"},
        {"party": partner.code, "text": "Désigner un répondant", "due_on": None, "recurrence": ""},
    ]
    change(AmendmentKind.CONTRIBUTIONS, "obligations", obligations)
    duty.refresh_from_db()
    assert (duty.due_on, duty.evidence, duty.status) == (date(2027, 6, 1), "Remis", "respectee")

    joining = records.organization("Police de Limoilou", partner_type="organisme_communautaire")
    parties = canonical.terms_of(agreement)["parties"]
    change(
        AmendmentKind.PARTIES, "parties",
        [*parties, {"organization": joining.code, "role": "partenaire", "mandate": "Accompagner."}],
    )  # fmt: skip
    row = again(agreement)
    assert {party.organization.name for party in row.parties.all()} >= {"Police de Limoilou"}
    assert row.parties.order_by("sort_order")[1].negotiator == "Benoît Nguyenta"

    other = records.territory("T-BEA", "Beauport")
    change(AmendmentKind.SCOPE, "territories", sorted(["T-LIM", other.code]))
    assert {place.code for place in again(agreement).territories.all()} == {"T-LIM", "T-BEA"}


@database
def test_whoever_joins_accepts_and_signs_too(coordinator: Any, manager: Any) -> None:
    agreement = running()
    joining = records.organization("Police de Limoilou")
    amendment = amendments.open_amendment(coordinator, agreement, AmendmentKind.PARTIES, "Arrivée de la police")
    parties = [*amendment.terms["parties"], {"organization": joining.code, "role": "partenaire", "mandate": ""}]
    amendments.edit(coordinator, amendment, terms={"parties": parties})
    dossier = open_dossier(agreement, amendment=fresh(amendment))
    assert [str(party.organization) for party in dossier.parties][-1] == "Police de Limoilou"
    negotiate(amendment, coordinator, manager)
    assert "Police de Limoilou" in open_dossier(agreement, amendment=fresh(amendment)).waiting()


REFUSALS: list[tuple[AmendmentKind, dict[str, Any], str]] = [
    (AmendmentKind.DURATION, {"ends_on": "2019-01-01"}, "précède"),
    (AmendmentKind.DURATION, {"renewal_months": 0}, "de 1 à"),
    (AmendmentKind.DURATION, {"notice_days": -1}, "préavis"),
    (AmendmentKind.DURATION, {"ends_on": None, "renewal": "tacite"}, "tacite"),
    (AmendmentKind.SCOPE, {"programs": []}, "au moins un"),
    (AmendmentKind.SCOPE, {"territories": ["T-LUNE"]}, "T-LUNE"),
    (AmendmentKind.PARTIES, {"parties": []}, "Nommez les parties"),
    (AmendmentKind.CLAUSES, {"clauses": [{"key": "k", "kind": "libre", "title": "", "text": "x", "frequency": ""}]},
     "titre"),
    (AmendmentKind.CONTRIBUTIONS,
     {"obligations": [{"party": "ORG-LUNE", "text": "Venir", "due_on": None, "recurrence": ""}]}, "partie"),
]  # fmt: skip


@database
@pytest.mark.parametrize(("kind", "terms", "words"), REFUSALS)
def test_a_text_that_could_not_be_written_is_refused(
    coordinator: Any, kind: AmendmentKind, terms: dict[str, Any], words: str
) -> None:
    amendment = amendments.open_amendment(coordinator, running(), kind, "Un avenant")
    with pytest.raises(Refused, match=words):
        amendments.edit(coordinator, amendment, terms=terms)


@database
def test_a_draft_entente_has_no_amendment_and_a_stranger_opens_none(coordinator: Any) -> None:
    draft = building.draft()
    with pytest.raises(PermissionDenied):
        amendments.open_amendment(coordinator, draft, AmendmentKind.CLAUSES, "Trop tôt")
    parties = tuple(Organization.objects.order_by("pk")[:2])
    agreement = building.declared(number="ENT-2020-009", parties=parties, starts_on=date(2020, 1, 1), ends_on=None)
    elsewhere = building.person("etienne", Role.COORDINATOR, records.organization("Autre centre"))
    with pytest.raises(PermissionDenied):
        amendments.open_amendment(building.by(elsewhere), agreement, AmendmentKind.CLAUSES, "Pas la mienne")


@database
def test_an_amendment_ends_with_its_entente(coordinator: Any, manager: Any) -> None:
    from corridors import ending

    agreement = running(notice_days=None)
    amendment = extension(coordinator, agreement)
    negotiate(amendment, coordinator, manager)
    accept_by_all(amendment)
    ending.terminate(manager, agreement, "Fin du financement.", document=paper(agreement))
    assert status(amendment) == S.CANCELLED
    assert not open_dossier(agreement, amendment=fresh(amendment)).acceptances
    with pytest.raises(Refused):
        amendments.step(manager, fresh(amendment), "open_signing")


@database
def test_the_partner_refuses_an_amendment_and_the_entente_stands(coordinator: Any, manager: Any) -> None:
    agreement = running()
    partner = agreement.parties.get(role="partenaire").organization
    amendment = extension(coordinator, agreement)
    negotiate(amendment, coordinator, manager)
    person = building.by(building.person("benoit", Role.PARTNER, partner))
    amendments.step(person, fresh(amendment), "refuse", Request(reason="Le budget manque."))
    assert status(amendment) == S.REFUSED
    assert open_dossier(again(agreement)).status == S.IN_FORCE
    with pytest.raises(Refused):
        amendments.edit(coordinator, fresh(amendment), terms={"ends_on": "2030-01-01"})


# --- Following the entente, whatever both say -------------------------------------------------------------------

WORDS = st.sampled_from(["un", "deux", "trois"])
KEYS = st.sampled_from(["a", "b", "c", "d"])
CLAUSES = st.lists(KEYS, unique=True, max_size=4).flatmap(
    lambda keys: st.tuples(*(WORDS for _ in keys)).map(
        lambda words: [
            {"key": key, "title": key, "text": word, "kind": "libre", "frequency": ""}
            for key, word in zip(keys, words, strict=True)
        ]
    )
)
TEXTS = st.fixed_dictionaries({
    **dict.fromkeys(canonical.SIMPLE, WORDS),
    **dict.fromkeys(canonical.CHOICES, st.lists(WORDS, unique=True).map(sorted)),
    "territories": st.lists(WORDS, unique=True).map(sorted),
    "parties": st.just([]), "obligations": st.just([]), "corridors": st.just([]), "clauses": CLAUSES,
})  # fmt: skip


@given(TEXTS, TEXTS, TEXTS)
def test_what_was_not_touched_follows_and_what_was_touched_stays(base: Any, copy: Any, now: Any) -> None:
    kept = deepcopy((base, copy, now))
    found, clashes = amended.rebased(base, copy, now)
    assert (base, copy, now) == kept
    ours, theirs = amended.changed_between(base, copy), amended.changed_between(base, now)
    mine, current, result = amended.elements(copy), amended.elements(now), amended.elements(found)
    for name in mine.keys() | current.keys() | result.keys():
        expected = mine if name in ours else current
        assert result.get(name) == expected.get(name), name
    assert {name for name in clashes if not name.endswith(":")} == {
        name for name in ours & theirs if not name.endswith(":") and mine.get(name) != current.get(name)
    }


@given(TEXTS, TEXTS)
def test_following_nothing_new_changes_nothing(base: Any, copy: Any) -> None:
    assert amended.rebased(base, copy, base) == (copy, set())
    assert amended.rebased(base, base, copy) == (copy, set())
