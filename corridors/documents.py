"""The dossier of an entente as a PDF: its text, who accepted and signed it, its journal, its fingerprint.

Made by Typst, from one template and JSON: nothing that a person wrote is ever read as markup. The same data give the
same bytes: the only date in the file is that of the last thing that happened to the entente, and the fonts are those
that the library carries. Tagged (PDF/UA-1); the terms that the fingerprint was taken of are attached, as JSON.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import typst
from django.conf import settings
from django.utils import timezone

from registry.dates import long_date, long_moment

from . import canonical, lifecycle, reading
from .differences import Difference, compare
from .dossier import Dossier
from .enums import AgreementStatus as S
from .enums import ClauseKind, EventKind, SignatureMethod
from .models import AgreementEvent, AgreementVersion, Signature

TEMPLATE = Path(__file__).parent / "typst" / "dossier.typ"
STANDARD: Literal["ua-1"] = "ua-1"
# What is stamped across the pages of a text that binds nobody (yet).
_STAMPS = {
    **dict.fromkeys((S.DRAFT, S.REVIEW, S.NEGOTIATION, S.AGREED, S.SIGNING), "Projet"),
    S.CANCELLED: "Annulée",
    S.REFUSED: "Refusée",
}
_OPEN_TEXT = frozenset({S.DRAFT, S.REVIEW})
# What the house keeps for its own follow-up, and says nothing of the entente.
_NOT_TOLD = frozenset({EventKind.REMINDER})
LONGEST_RUN = 38  # characters without a blank that a column of the page can hold


def dossier_pdf(dossier: Dossier, *, with_journal: bool = True) -> bytes:
    """The dossier of an entente, ready to be served. `with_journal`: for those who may read it."""
    data, moment = dossier_data(dossier, with_journal=with_journal)
    return render(data, moment)


def render(data: Mapping[str, Any], moment: datetime) -> bytes:
    """The PDF of these data. Characters that the fonts cannot draw are printed as « [U+1F642] »; the attached terms
    keep them. Raises typst.TypstError for data that the template does not know."""
    try:
        return _compile(data, moment)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error.diagnostic):
            raise
    return _compile(_drawable(data), moment)


def _compile(data: Mapping[str, Any], moment: datetime) -> bytes:
    return typst.compile(
        TEMPLATE.read_bytes(), sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, ignore_system_fonts=True,
        pdf_standards=[STANDARD], timestamp=int(moment.timestamp()),
    )  # fmt: skip


_PROBE = b"""#set document(title: "-")
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"))
#for c in json(bytes(sys.inputs.data)) [#c \\ ]"""
_MISSING = re.compile(r"the text `\"((?:\\.|[^`])*)\"` could not be displayed")


def _without_glyph(characters: Iterable[str]) -> set[str]:
    """Those that no font of ours draws."""
    asked = sorted(set(characters))
    try:
        typst.compile(
            _PROBE, sys_inputs={"data": json.dumps(asked)}, ignore_system_fonts=True, pdf_standards=[STANDARD],
            timestamp=0,
        )  # fmt: skip
    except typst.TypstError as error:
        told = "".join(_MISSING.findall(str(error.diagnostic)))
        plain = re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), told)
        return set(plain) & set(asked) or set(asked)
    return set()


def _drawable(data: Mapping[str, Any]) -> dict[str, Any]:
    kept = data["canonical"]
    text = json.dumps({**data, "canonical": ""}, ensure_ascii=False)
    # The Latin alphabet, its accents and usual punctuation are in every font.
    for character in _without_glyph(character for character in text if character > "\u024f"):
        text = text.replace(character, f"[U+{ord(character):04X}]")
    return {**json.loads(text), "canonical": kept}


def prose(text: str) -> list[list[str]]:
    """Paragraphs, each a list of its lines, without control characters; runs too long for a column may break."""
    clean = "".join(
        character
        for character in canonical.canonical(text)
        if character == "\n" or unicodedata.category(character) != "Cc"
    )
    blocks = re.split(r"\n\s*\n", clean)
    return [[_breakable(line) for line in block.split("\n")] for block in blocks if block.strip()]


def _line(text: object) -> str:
    """One line of plain text."""
    return " ".join(" ".join(lines) for lines in prose(str(text or "")))


def _breakable(line: str) -> str:
    return re.sub(rf"\S{{{LONGEST_RUN}}}(?=\S)", lambda run: f"{run[0]}\u200b", line)


def printed_version(dossier: Dossier) -> AgreementVersion | None:
    """The text of the dossier: what was signed; before that, what was proposed last; None: the row's own text (a
    draft, or an entente older than the system)."""
    if dossier.status in _OPEN_TEXT:
        return None
    marks = Signature.objects.filter(
        version__agreement=dossier.agreement, version__amendment__isnull=True, cleared_at__isnull=True
    )
    signed = marks.select_related("version").order_by("-version__number").first()
    return signed.version if signed is not None else dossier.version


def dossier_data(dossier: Dossier, *, with_journal: bool = True) -> tuple[dict[str, Any], datetime]:
    """Everything that the template prints, and the moment of the last thing that happened."""
    version = printed_version(dossier)
    terms = version.terms if version is not None else dossier.terms
    labels = version.labels if version is not None else canonical.labels_of(terms)
    text = reading.read(terms, labels)
    fingerprint = version.content_hash if version is not None else dossier.hash
    moment = _last_moment(dossier, version)
    kind = next((line.text for line in text.lines if line.key == "instrument_type"), "Entente")
    stamp, amendments = _STAMPS.get(dossier.status, ""), _amendments(dossier)
    signatures = _signatures(version)
    data = {
        "document_title": f"{_line(text.number)} – {_line(text.title)}",
        "author": settings.PASSERELLES_ESTABLISHMENT,
        "number": _line(text.number),
        "file_stem": file_stem(text.number),
        "title": _line(text.title),
        "running_title": _clipped(_line(text.title), 80),
        "kind": kind,
        "stamp": stamp,
        "introduction": [[_introduction(version, moment, amendments, bool(signatures))]],
        "notice": _notice(dossier, version, stamp),
        "parties": [
            {"name": _line(item.name), "role": item.role, "mandate": prose(item.mandate)} for item in text.parties
        ],
        "lines": _lines(line for line in text.lines if line.key != "instrument_type"),
        "clauses": [
            {
                "number": item.number, "title": _line(item.title), "text": prose(item.text),
                "note": _clause_note(item),
            }
            for item in text.clauses
        ],
        "corridors": [{"name": _line(item.name), "lines": _lines(item.lines)} for item in text.corridors],
        "obligations": [
            {
                "text": prose(item.text), "party": _line(item.party), "due": item.due or "sans date",
                "recurrence": item.recurrence or "—",
            }
            for item in text.obligations
        ],
        "acceptances": _acceptances(version),
        "signatures": signatures,
        "signature_note": _signature_note(dossier, version),
        "amendments": amendments,
        "fingerprint": fingerprint,
        "short_fingerprint": canonical.short_hash(fingerprint),
        "fingerprint_groups": " ".join(fingerprint[place : place + 8] for place in range(0, len(fingerprint), 8)),
        "fingerprint_note": _FINGERPRINT_NOTE,
        "canonical": canonical.canonical_text(terms),
        "journal": [_event(event) for event in dossier.events if event.kind not in _NOT_TOLD] if with_journal else [],
    }  # fmt: skip
    return data, moment


def _clause_note(clause: reading.ReadClause) -> str:
    kind = "" if clause.kind == ClauseKind.FREE.label else clause.kind
    return " · ".join(filter(None, (kind, clause.frequency)))


_FINGERPRINT_NOTE = (
    "L’empreinte SHA-256 identifie le texte à la lettre près : un mot changé, et elle change. Les termes dont elle est "
    "tirée sont joints à ce fichier (termes, en JSON); quiconque peut la recalculer."
)


def file_stem(number: str) -> str:
    """« ENT-2026-101 », fit for a file's name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", number).strip("-.") or "entente"


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length].rstrip()}…"


def _lines(lines: Iterable[reading.Line]) -> list[dict[str, Any]]:
    return [{"label": line.label, "text": prose(line.text)} for line in lines]


def _last_moment(dossier: Dossier, version: AgreementVersion | None) -> datetime:
    agreement = dossier.agreement
    moments = [event.recorded_at for event in dossier.events]
    moments += [version.created_at] if version is not None else []
    revision = agreement.latest_revision
    moments += [moment for moment in (revision and revision.created_at, agreement.last_published_at) if moment]
    return max(moments, default=datetime(2000, 1, 1, tzinfo=timezone.get_default_timezone()))


def _introduction(
    version: AgreementVersion | None, moment: datetime, amendments: list[dict[str, Any]], signed: bool
) -> str:
    which = f"Version {version.number} du texte" if version is not None else "Texte au dossier"
    numbers = " et ".join(", ".join(str(item["number"]) for item in amendments).rsplit(", ", 1))
    word = "l’avenant" if len(amendments) == 1 else "les avenants"
    # What was signed is printed as it was signed; what nobody signed here, as it stands.
    reads = "à lire avec" if signed else "tel que modifié par"
    more = f", {reads} {word} {numbers} (plus bas)" if amendments else ""
    return f"{which}{more}. Dossier à jour au {long_moment(moment)}."


def _notice(dossier: Dossier, version: AgreementVersion | None, stamp: str) -> str:
    if stamp == "Projet":
        changed = version is not None and not dossier.text_unchanged
        more = " Le texte a été modifié depuis cette version." if changed else ""
        return f"Projet : ce texte n’est pas signé et n’engage personne.{more}"
    return f"Entente {stamp.lower()} : ce texte n’engage personne." if stamp else ""


def _acceptances(version: AgreementVersion | None) -> list[dict[str, str]]:
    if version is None:
        return []
    rows = version.acceptances.filter(cleared_at__isnull=True).select_related("organization")
    return [
        {"organization": _line(row.organization), "name": _line(row.name), "at": long_moment(row.accepted_at)}
        for row in rows
    ]


def _signatures(version: AgreementVersion | None) -> list[dict[str, Any]]:
    if version is None:
        return []
    rows = version.signatures.filter(cleared_at__isnull=True)
    rows = rows.select_related("signatory__organization", "attested_by").order_by("signatory__order", "pk")
    return [_signature(row) for row in rows]


def _signature(row: Signature) -> dict[str, Any]:
    person = row.signatory
    lines = [f"Signée le {long_date(row.signed_on)}, {row.get_method_display().lower()}"]
    if row.method == SignatureMethod.PAPER and row.attested_by is not None:
        lines.append(f"Papier attesté par {_line(row.attested_by.get_full_name() or row.attested_by.get_username())}")
    if person.on_behalf_of:
        mandate = f" (mandat : {_line(person.mandate)})" if person.mandate else ""
        lines.append(f"Au nom de {_line(person.on_behalf_of)}{mandate}")
    network = f", depuis {row.address}" if row.address else ""
    lines.append(f"Inscrite le {long_moment(row.recorded_at)}{network}")
    return {
        "name": _line(row.name), "title": _line(row.title), "organization": _line(person.organization), "lines": lines,
        "fingerprint": row.content_hash,
    }  # fmt: skip


def _signature_note(dossier: Dossier, version: AgreementVersion | None) -> str:
    signed = {mark.signatory_id for mark in version.signatures.filter(cleared_at__isnull=True)} if version else set()
    waiting = [f"{_line(person.name)} ({_line(person.organization)})" for person in dossier.signatories
               if person.pk not in signed]  # fmt: skip
    if dossier.status in _STAMPS:
        if not waiting:
            return "" if signed else "Personne n’a encore signé ce texte."
        return f"N’ont pas encore signé : {', '.join(waiting)}."
    if signed:
        return ""
    if dossier.agreement.signed_on is not None:
        day = long_date(dossier.agreement.signed_on)
        return f"Signée le {day} selon le dossier de l’établissement, qui garde l’original sur papier."
    return "Aucune date de signature n’est au dossier."


def _amendments(dossier: Dossier) -> list[dict[str, Any]]:
    """Those that were signed, in their order, each with what it changed."""
    versions = AgreementVersion.objects.filter(
        agreement=dossier.agreement, amendment__isnull=False, signatures__cleared_at__isnull=True,
        signatures__isnull=False,
    )  # fmt: skip
    last = {version.amendment: version for version in versions.select_related("amendment").order_by("number")}
    signed = {
        event.amendment_id for event in dossier.events
        if event.amendment_id and event.to_status in (S.SIGNED, S.IN_FORCE)
    }  # fmt: skip
    found: list[dict[str, Any]] = []
    for amendment, version in last.items():
        if amendment is None or amendment.pk not in signed:
            continue
        labels = reading.merged(canonical.labels_of(amendment.base_terms), version.labels)
        effective = long_date(amendment.effective_on) if amendment.effective_on else "dès la signature"
        facts = [("Objet", amendment.get_kind_display()), ("En vigueur", effective), ("Motif", amendment.reason)]
        found.append({
            "number": amendment.number,
            "name": _line(f"Avenant {amendment.number} : {amendment.title}"),
            "lines": [{"label": label, "text": prose(text)} for label, text in facts if text],
            "changes": list(_changes(compare(amendment.base_terms, version.terms, labels))),
            "signatures": _signatures(version),
        })  # fmt: skip
    return sorted(found, key=lambda item: item["number"])


def _changes(found: Iterable[Difference], inside: str = "") -> Iterator[dict[str, Any]]:
    """One line for each value that changes; a corridor or a clause gives one for each of its fields."""
    for item in found:
        label = f"{inside}, {item.heading.lower()}" if inside else item.heading
        if item.parts:
            yield from _changes(item.parts, label)
        else:
            yield {"label": _line(label), "old": prose(item.old), "new": prose(item.new)}


def _event(event: AgreementEvent) -> dict[str, str]:
    step = lifecycle.BY_NAME.get(event.transition)
    what = step.label if step is not None else str(event.get_kind_display())
    if event.to_status:
        what = f"{what} : {S(event.to_status).label.lower()}"
    recorded = timezone.localdate(event.recorded_at)
    details = [
        f"En date du {long_date(event.effective_on)}" if event.effective_on != recorded else "",
        _line(event.reason),
        f"Texte {canonical.short_hash(event.content_hash)}" if event.content_hash else "",
    ]
    return {
        "at": f"{recorded.isoformat()} {timezone.localtime(event.recorded_at):%H:%M}", "what": what,
        "detail": " · ".join(filter(None, details)), "who": _line(event.actor_name), "address": event.address or "",
    }  # fmt: skip
