"""The dossier of an entente as a PDF: what it says, for whom, and that it is always the same file."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zlib
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from corridors import actions as life
from corridors import canonical, documents
from corridors.canonical import content_hash
from corridors.dossier import open_dossier
from corridors.enums import SignatureMethod
from corridors.models import Agreement, AgreementVersion, Clause, Signatory, Signature
from registry import actions
from registry.enums import Role

from .building import by, declared, do, draft, person
from .test_amendments import conclude, extension, running

pytestmark = pytest.mark.django_db

HOSTILE = [
    '#import "@preview/tablex:0.0.8": *', "#panic(1)", "$ x^2 $ *gras* _italique_ `code` <label> @ref // fin /* ",
    '"}); #read("/etc/passwd")', "\\u{41} \\ #set text(0pt)", "= Faux titre\n- liste\n+ numéro\n/ terme: mot",
    "שלום עולם, مرحبا", "Poste 🙂 漢字 👩‍⚕️", "Lettre\u0000nulle\u0007 et\ttabulation", "W" * 900, "", "\n\n\n",
]  # fmt: skip


def streams(pdf: bytes) -> list[bytes]:
    """What the file holds, uncompressed: objects, text, attached files."""
    found = []
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            # Not `decompress`: a checksum that ends like a line is cut short by the expression above.
            found.append(zlib.decompressobj().decompress(part))
        except zlib.error:
            found.append(part)
    return found


def everything(pdf: bytes) -> bytes:
    return pdf + b"\n".join(streams(pdf))


def made(agreement: Agreement, **options: Any) -> dict[str, Any]:
    return documents.dossier_data(open_dossier(agreement), **options)[0]


def texts(value: Any) -> str:
    """Every word of the data, in order."""
    if isinstance(value, dict):
        return " ".join(texts(item) for name, item in value.items() if name != "canonical")
    return " ".join(texts(item) for item in value) if isinstance(value, list) else str(value)


def with_clauses(agreement: Agreement, *clauses: tuple[str, str]) -> Agreement:
    agreement.clauses = [
        Clause(title=title, text=text, sort_order=place) for place, (title, text) in enumerate(clauses)
    ]
    actions.save_draft(None, agreement)
    return Agreement.all_objects.get(pk=agreement.pk)


def negotiated(agreement: Agreement) -> AgreementVersion:
    """The entente in negotiation, its text proposed once."""
    do(person("brigitte", Role.COORDINATOR), agreement, "submit")
    do(person("gaston", Role.MANAGER), agreement, "approve")
    version = agreement.versions.get()
    assert version.content_hash == content_hash(canonical.terms_of(agreement))
    return version


def signed_by(version: AgreementVersion, name: str, **values: Any) -> Signature:
    party = version.agreement.parties.first()
    who = Signatory.objects.create(agreement=version.agreement, organization=party.organization, name=name, **values)
    return Signature.objects.create(
        version=version, signatory=who, name=name, title="Directrice", content_hash=version.content_hash,
        method=SignatureMethod.LINK, signed_on=date(2026, 11, 12), address="203.0.113.7",
        recorded_at=datetime(2026, 11, 12, 19, 30, tzinfo=UTC),
    )  # fmt: skip


def test_the_file_is_tagged_french_and_titled() -> None:
    pdf = everything(documents.dossier_pdf(open_dossier(draft())))
    assert pdf.startswith(b"%PDF-1.7")
    assert b"/StructTreeRoot" in pdf and re.search(rb"/Marked true", pdf)
    assert b"/Lang(fr-CA)" in pdf
    assert b"/DisplayDocTitle true" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert "ENT-2026-101 – Intervention de crise dans le milieu".encode() in pdf  # in the metadata, in UTF-8
    for tag in (b"/S/H1/", b"/S/P/", b"/S/Document"):
        assert tag in pdf


def test_letter_paper() -> None:
    assert b"/MediaBox[0 0 612 792]" in everything(documents.dossier_pdf(open_dossier(draft())))


def test_the_same_entente_gives_the_same_bytes() -> None:
    agreement = draft()
    first = documents.dossier_pdf(open_dossier(agreement))
    again = documents.dossier_pdf(open_dossier(Agreement.all_objects.get(pk=agreement.pk)))
    assert first == again


def test_another_process_makes_the_same_bytes(tmp_path: Any) -> None:
    data, moment = documents.dossier_data(open_dossier(draft()))
    (tmp_path / "data.json").write_text(json.dumps(data))
    script = (
        "import sys, json, hashlib, datetime, django; django.setup(); from corridors import documents;"
        f"data = json.load(open({str(tmp_path / 'data.json')!r}));"
        f"moment = datetime.datetime.fromisoformat({moment.isoformat()!r});"
        "print(hashlib.sha256(documents.render(data, moment)).hexdigest())"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True,
        env={
            "DJANGO_SETTINGS_MODULE": "config.settings.test", "PASSERELLES_DATA_DIR": str(tmp_path), "TZ": "Asia/Tokyo",
        },
    )  # fmt: skip
    assert told.stdout.strip() == hashlib.sha256(documents.render(data, moment)).hexdigest()


def test_the_attached_terms_are_those_of_the_printed_fingerprint() -> None:
    agreement = draft(object="Répondre ensemble aux crises, « ici » et maintenant.")
    pdf = documents.dossier_pdf(open_dossier(agreement))
    attached = next(part for part in streams(pdf) if part.startswith(b'{"clauses"'))
    assert hashlib.sha256(attached).hexdigest() == open_dossier(agreement).hash
    assert json.loads(attached)["object"] == "Répondre ensemble aux crises, « ici » et maintenant."


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_what_people_write_is_text_and_nothing_else(text: str) -> None:
    """Printed as it is, whatever it looks like; a long word breaks, a character without a drawing says its code."""
    agreement = draft(object=text)
    agreement.title = f"Titre {text[:200]}"
    agreement = with_clauses(agreement, (text[:150] or "Sans titre", text or "…"))
    data, moment = documents.dossier_data(open_dossier(agreement))
    pdf = documents.render(data, moment)
    assert pdf == documents.render(data, moment)
    attached = next(part for part in streams(pdf) if part.startswith(b'{"clauses"'))
    assert json.loads(attached)["object"] == canonical.canonical(text)


def test_a_character_without_a_drawing_says_its_code() -> None:
    agreement = draft(object="Sourire 🙂, œuvre, שלום")
    data = made(agreement)
    printed = texts(documents._drawable(data))
    assert "Sourire [U+1F642], œuvre, שלום" in printed
    assert json.loads(data["canonical"])["object"] == "Sourire 🙂, œuvre, שלום"


def test_markup_is_not_interpreted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the template receives it: a heading that somebody wrote is no heading of the document."""
    hostile = with_clauses(draft(), ("#pagebreak()", "= Faux titre\n#heading[Faux]"))
    pdf = everything(documents.dossier_pdf(open_dossier(hostile)))
    plain = Agreement.all_objects.get(pk=hostile.pk)
    plain.clauses = [Clause(title="Un titre", text="Un texte\nSur deux lignes", sort_order=0)]
    actions.save_draft(None, plain)
    other = everything(documents.dossier_pdf(open_dossier(Agreement.all_objects.get(pk=plain.pk))))
    assert pdf.count(b"/S/H1/") == other.count(b"/S/H1/") and pdf.count(b"/S/H2/") == other.count(b"/S/H2/")


@pytest.mark.slow
def test_five_hundred_clauses() -> None:
    clauses = [(f"Clause sur le sujet {place}", "Le texte d’une clause. " * 12) for place in range(500)]
    agreement = with_clauses(draft(), *clauses)
    data = made(agreement)
    assert len(data["clauses"]) == 500 and data["clauses"][-1]["number"] == 500
    pdf = documents.dossier_pdf(open_dossier(agreement))
    assert len(re.findall(rb"/Type/Page\b", everything(pdf))) > 40


def test_a_text_that_nobody_signed_is_a_draft_and_says_so() -> None:
    agreement = draft()
    data = made(agreement)
    assert data["stamp"] == "Projet"
    assert "n’engage personne" in data["notice"]
    assert data["signature_note"] == "Personne n’a encore signé ce texte."


def test_an_entente_older_than_the_system_says_where_its_signatures_are() -> None:
    data = made(declared(signed_on=date(2020, 3, 1)))
    assert (data["stamp"], data["notice"]) == ("", "")
    assert "1er\u00a0mars\u00a02020" in data["signature_note"] and "papier" in data["signature_note"]
    Agreement.all_objects.update(signed_on=None)
    assert "Aucune date" in made(Agreement.all_objects.get())["signature_note"]


def test_the_signed_text_is_the_one_that_was_signed() -> None:
    """The names and the terms of the version, not what the records say since."""
    agreement = draft()
    version = negotiated(agreement)
    signed_by(version, "Lucie Marchand-Roy")
    partner = agreement.parties.last().organization
    partner.name = "Un tout autre nom"
    actions.edit(None, partner)
    data = made(Agreement.all_objects.get(pk=agreement.pk))
    assert data["fingerprint"] == version.content_hash
    assert "Maison La Vigie" in texts(data["parties"]) and "Un tout autre nom" not in texts(data["parties"])


def test_who_signed_when_how_and_from_where() -> None:
    agreement = draft()
    version = negotiated(agreement)
    signed_by(version, "Lucie Marchand-Roy", on_behalf_of="Jean Bédard", mandate="Résolution 2026-14")
    Signatory.objects.create(
        agreement=agreement, organization=agreement.parties.last().organization, name="Omar Diallo"
    )
    data = made(agreement)
    (mark,) = data["signatures"]
    told = texts(mark)
    for words in (
        "Lucie Marchand-Roy", "Directrice", "12\u00a0novembre\u00a02026", "en ligne", "Au nom de Jean Bédard",
        "Résolution 2026-14", "203.0.113.7", version.content_hash, "14\u00a0h\u00a030",
    ):  # fmt: skip
        assert words in told
    assert "Omar Diallo (Maison La Vigie)" in data["signature_note"]


def test_a_signature_that_was_cleared_is_not_printed() -> None:
    agreement = draft()
    mark = signed_by(negotiated(agreement), "Lucie Marchand-Roy")
    Signature.objects.filter(pk=mark.pk).update(cleared_at=mark.recorded_at)
    data = made(agreement)
    assert data["signatures"] == []


def test_the_journal_is_told_in_order_and_only_to_those_who_may_read_it() -> None:
    agreement = draft()
    chief = person("gaston", Role.MANAGER)
    do(person("brigitte", Role.COORDINATOR), agreement, "submit")
    life.perform(by(chief), agreement, "send_back", life.Request(reason="Il manque le territoire."))
    agreement = Agreement.all_objects.get(pk=agreement.pk)
    told = made(agreement)["journal"]
    assert [row["what"] for row in told] == [
        "Soumettre à la révision interne : révision interne", "Renvoyer au brouillon : brouillon",
    ]  # fmt: skip
    assert told[1]["who"] == "Gaston Tremblay" and "Il manque le territoire." in told[1]["detail"]
    assert made(agreement, with_journal=False)["journal"] == []


class TestThePage:
    def get(self, user: Any, agreement: Agreement) -> Any:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client.get(f"/ententes/{agreement.number}/dossier.pdf")

    def test_for_those_who_may_read_the_entente(self) -> None:
        agreement = declared(signed_on=date(2020, 3, 1))
        partner = agreement.parties.last().organization
        coordinator = self.get(person("brigitte", Role.COORDINATOR), agreement)
        assert coordinator.status_code == 200 and coordinator["Content-Type"] == "application/pdf"
        assert coordinator["Content-Disposition"] == 'inline; filename="ENT-2020-001.pdf"'
        assert "no-store" in coordinator["Cache-Control"] and coordinator.content.startswith(b"%PDF-1.7")
        assert self.get(person("benoit", Role.PARTNER, partner), agreement).status_code == 200

    def test_for_nobody_else(self) -> None:
        agreement = draft()
        partner = agreement.parties.last().organization
        stranger = agreement.parties.first().organization
        assert self.get(None, agreement).status_code == 302
        assert self.get(person("olga", Role.PARTNER, stranger), agreement).status_code == 404
        # An entente that has not left the house does not exist for its partner.
        assert self.get(person("benoit", Role.PARTNER, partner), agreement).status_code == 404
        assert self.get(person("ines", Role.INTERVENANT), agreement).status_code == 404

    def test_a_partner_gets_no_journal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = []
        monkeypatch.setattr(
            documents, "dossier_pdf", lambda dossier, with_journal: asked.append(with_journal) or b"%PDF"
        )
        agreement = declared()
        self.get(person("benoit", Role.PARTNER, agreement.parties.last().organization), agreement)
        self.get(person("brigitte", Role.COORDINATOR), agreement)
        assert asked == [False, True]


def test_a_signed_amendment_is_told_with_what_it_changes() -> None:
    coordinator, manager = by(person("brigitte", Role.COORDINATOR)), by(person("gilles", Role.MANAGER))
    agreement = running(signed_on=date(2019, 12, 1))
    waiting = extension(coordinator, agreement)
    assert made(agreement)["amendments"] == []
    conclude(waiting, coordinator, manager)
    agreement = Agreement.all_objects.get(pk=agreement.pk)
    data, moment = documents.dossier_data(open_dossier(agreement))
    (told,) = data["amendments"]
    assert told["name"] == "Avenant 1 : Prolongation"
    change = next(item for item in told["changes"] if item["label"] == "Échéance")
    assert (texts(change["old"]), texts(change["new"])) == ("31\u00a0décembre\u00a02027", "31\u00a0décembre\u00a02029")
    assert len(told["signatures"]) == 2
    assert "Papier attesté par Brigitte Tremblay" in texts(told["signatures"])
    assert "tel que modifié par l’avenant 1" in texts(data["introduction"])
    assert documents.render(data, moment).startswith(b"%PDF-1.7")
