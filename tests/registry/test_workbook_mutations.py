"""Workbooks changed at random, cell by cell or byte by byte: no crash, nothing written before it is asked, and then
everything or nothing.

The usual run tries a few dozen of them, always the same; `make test-mutations` tries hundreds, new ones each time.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import OperationalError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from registry.workbook import apply, diff, summary
from registry.workbook.messages import MESSAGES, REASONS
from registry.workbook.reader import UnreadableWorkbook

from .workbook_tools import FIXTURE

pytestmark = pytest.mark.django_db

# Number of mutated workbooks of each kind; 0 = the few of the usual run.
ASKED = int(os.environ.get("MUTATIONS", "0"))
COMMON = {
    "deadline": None,
    "database": None,
    "derandomize": not ASKED,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
}
Book = dict[str, list[list[Any]]]

_WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER)\b", re.IGNORECASE)


# --- A small network -------------------------------------------------------------------------------------------------


@cache
def reduced() -> Book:
    """Some organizations of the reference workbook that have places, confidential ones included, and what hangs from
    them."""
    source = load_workbook(FIXTURE, read_only=True)
    sheets = {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in source.worksheets}
    source.close()
    places = sheets["Lieux"]
    confidential = places[0].index("Adresse confidentielle")
    places[1:] = sorted(places[1:], key=lambda row: row[confidential] != "Oui")
    owners = [row[1] for row in [*places[1:3], *places[20:]]]
    codes = list(dict.fromkeys(owners))[:6]
    kept = {name: [rows[0], *rows[1:9]] for name, rows in sheets.items()}
    owner = {name: rows[0].index("Organisme") for name, rows in sheets.items() if "Organisme" in rows[0]}
    about = {name: [row for row in sheets[name][1:] if row[place] in codes][:6] for name, place in owner.items()}
    about["Ententes"] = [row for row in sheets["Ententes"][1:] if _speaks_of(row, codes)][:6]
    kept["Organismes"] = [sheets["Organismes"][0], *[row for row in sheets["Organismes"] if row[0] in codes]]
    for name in ("Lieux", "Services", "Contacts", "Ententes"):
        kept[name] = [sheets[name][0], *about[name]]
    agreements = [row[0] for row in kept["Ententes"][1:]]
    services = [row[0] for row in kept["Services"][1:]]
    due = [row for row in sheets["Obligations"][1:] if row[0] in agreements and row[1] in codes]
    kept["Obligations"] = [sheets["Obligations"][0], *due[:4]]
    columns, corridor = sheets["Corridors"][0], list(sheets["Corridors"][1])
    for heading, value in (
        ("Entente", agreements[0]), ("Service d'origine", services[0]), ("Service de destination", services[1]),
        ("Corridor de relève", None),
    ):  # fmt: skip
        corridor[columns.index(heading)] = value
    kept["Corridors"] = [columns, corridor]
    return kept


def _speaks_of(row: list[Any], codes: list[str]) -> bool:
    return any(code in str(cell) for cell in row for code in codes)


def copy(book: Book) -> Book:
    return {name: [list(row) for row in rows] for name, rows in book.items()}


def as_bytes(book: Book, hidden: str = "") -> bytes:
    file = Workbook()
    file.remove(file.active)
    for name, rows in book.items():
        sheet = file.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name == hidden and len(book) > 1:
            sheet.sheet_state = "hidden"
    if not file.worksheets:
        file.create_sheet("Vide")
    content = io.BytesIO()
    file.save(content)
    return content.getvalue()


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """The reduced workbook is the network; the path where mutated ones are written."""
    path = tmp_path / "classeur.xlsx"
    path.write_bytes(as_bytes(reduced()))
    apply.apply(diff.compute(path))
    return path


# --- What somebody may do to a workbook ------------------------------------------------------------------------------

CELLS: list[Any] = [
    None, "", " ", "\xa0", "0", "-1", "x", "O", "Oui", "peut-être", "N/A", "?", "#REF!", "=1+1", "'=1+1",
    "+1 418 555-0101", "@import", "<script>alert(1)</script>", "&amp;", "ORG001", "org 001", "ORG999", "SRV0001",
    "LIE001 ; LIE002", " ; ; ", "(confidentiel)", "Info-Social 811", "TOTAL", "--- Québec ---", "31/02/2026",
    "2026-13-45", "04/05/06", "46000", "G1K 0G9", "g1k0g9", "O0O 0O0", "418-555-0101 poste 5", "911", "5145550101",
    "a@b", "info@exemple.org", "http://", "www", "Lun-Ven 8h30-16h30", "24/7", "selon", "46,8", "-71.2", "é" * 400,
    "é" * 40_000, "a\nb\r\nc", "\u202eabc", "e\u0301", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "１２３", "²", "½", "ﷺ" * 20, "ß", "İ", "\u200b",
    "%s%n{0}{{x}}", "' OR 1=1 --", "../../etc/passwd", 0, 1, -1, 0.1, 3.0, 1e300, -1e300, 1e15, 4185550101,
    99999999999, 46000, 1.5e-9, True, False, dt.date(1900, 1, 1), dt.date(2026, 2, 28),
    dt.datetime(9999, 12, 31, 23, 59), dt.time(8, 30),
]  # fmt: skip
NAMES = [
    "Organismes", "Services", "Lieux", "Feuil1", "Ressources 2026", "Contacts", "x", "Ententes", "Vocabulaire",
    "Copie", "TERRITOIRES", "é" * 31, "'", "Corridors", "Obligations",
]  # fmt: skip
HEADINGS = [
    "Nom", "nom", "NOM ", "Code", "code", "Tél.", "Courriel", "Adresse", "Organisme", "Org.", "", None, "Colonne1",
    "?", 12, "Description", "Notes", "CP", "Lat.", "Type", "Besoins", "Visibilité", "Nom du service", "Statut",
    "Échéance", "x" * 300, dt.date(2026, 1, 1), "Confidentiel", "Adresse confidentielle",
]  # fmt: skip
cells = st.one_of(st.sampled_from(CELLS), st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF), max_size=40))
number = st.integers(min_value=0, max_value=10_000)
operations = st.lists(
    st.tuples(st.sampled_from([
        "cell", "cell", "cell", "cells", "heading", "heading", "drop column", "add column", "swap columns", "drop row",
        "repeat row", "swap rows", "add rows", "blank row", "drop sheet", "rename sheet", "repeat sheet", "swap sheets",
        "cut",
    ]), number, number, number, cells, st.sampled_from(HEADINGS), st.sampled_from(NAMES)),
    min_size=1, max_size=8,
)  # fmt: skip


def mutate(book: Book, steps: list[tuple[Any, ...]]) -> Book:
    for step in steps:
        if book:
            _mutate(book, *step)
    return book


def _mutate(book: Book, what: str, one: int, two: int, three: int, cell: Any, heading: Any, name: str) -> None:
    title = list(book)[one % len(book)]
    other = list(book)[two % len(book)]
    rows = book[title]
    if not rows or not rows[0]:
        return
    row, column = two % len(rows), three % len(rows[0])
    again = one % len(rows[0])
    for line in rows:
        line.extend([None] * (len(rows[0]) - len(line)))
    match what:
        case "cell":
            rows[row][column] = cell
        case "cells":
            for line in rows[1:]:
                line[column] = cell
        case "heading":
            rows[0][column] = heading
        case "drop column":
            for line in rows:
                del line[column]
        case "add column":
            for line in rows:
                line.insert(column, cell)
        case "swap columns":
            for line in rows:
                line[column], line[again] = line[again], line[column]
        case "drop row":
            del rows[row]
        case "repeat row":
            rows.insert(row, list(rows[three % len(rows)]))
        case "swap rows":
            rows[row], rows[three % len(rows)] = rows[three % len(rows)], rows[row]
        case "add rows":
            rows[row:row] = [[cell], []]
        case "blank row":
            rows[row] = []
        case "drop sheet":
            del book[title]
        case "rename sheet":
            if name not in book:
                book[name] = book.pop(title)
        case "repeat sheet":
            book.setdefault(name, [list(line) for line in rows])
        case "swap sheets":
            book[title], book[other] = book[other], book[title]
        case "cut":
            del rows[row:]


FRAGMENTS = [
    b"", b"<", b">", b"&", b'"', b"\0", b"\xff", b"]]>", b"<!--", b"<c>", b'<c r="XFD1048576"><v>1</v></c>', b't="s"',
    b't="e"', b' r="A1"', b"<f>1</f>", b"99999999999", b"-1", b"<row>", b"</row>", b"</sheetData>", b"<!DOCTYPE x>",
    b"&#0;", b"&#x1F600;", b'hidden="1"', b"NaN", b"1e999", b't="d"', b't="b"', b' s="99"', b"<is><t>", b"rId1",
    b"../", b"\xe9",
]  # fmt: skip
damages = st.lists(
    st.tuples(st.sampled_from(["byte", "cut", "remove", "insert", "xml", "xml", "xml", "parts", "twins", "lost"]),
              number, st.integers(0, 10**7), st.integers(1, 200), st.sampled_from(FRAGMENTS)),
    min_size=1, max_size=4,
)  # fmt: skip


def damage(content: bytes, steps: list[tuple[str, int, int, int, bytes]]) -> bytes:
    for what, one, place, length, fragment in steps:
        at = place % max(len(content), 1)
        match what:
            case "byte":
                content = content[:at] + bytes([one % 256]) + content[at + 1 :]
            case "cut":
                content = content[:at]
            case "remove":
                content = content[:at] + content[at + length :]
            case "insert":
                content = content[:at] + fragment + content[at:]
            case _:
                content = _repacked(content, what, one, place, length, fragment)
    return content


def _repacked(content: bytes, what: str, one: int, place: int, length: int, fragment: bytes) -> bytes:
    """The same archive, sound, with one part changed inside: what checksums do not tell."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # an earlier step has broken it
        return content
    names = list(parts)
    if not names:
        return content
    chosen, other = names[one % len(names)], names[place % len(names)]
    if what == "xml":
        text = parts[chosen]
        at = place % max(len(text), 1)
        parts[chosen] = text[:at] + fragment + text[at + length % 7 :]
    elif what == "parts":
        parts[chosen], parts[other] = parts[other], parts[chosen]
    elif what == "twins":
        parts[chosen] = parts[other]
    else:
        del parts[chosen]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return packed.getvalue()


# --- What holds in every case ----------------------------------------------------------------------------------------


@contextmanager
def nothing_written() -> Iterator[None]:
    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        assert not _WRITES.match(sql), f"written: {sql[:200]}"
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield


def read(path: Path) -> diff.Diff | None:
    """The diff of a file, checked; None when it is refused as it should."""
    found, said = None, ""
    with nothing_written():
        try:
            found = diff.compute(path)
        except UnreadableWorkbook as refusal:
            said = str(refusal)
    if found is None:
        assert re.fullmatch(r"[A-Z«].{20,}\.", said, re.DOTALL), said
        return None
    assert summary.of(found)
    check(found.as_report())
    return found


def check(report: dict[str, Any]) -> None:
    """The report is what other programs expect, and valid JSON."""
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert set(report) - {"notices"} == {"file", "sheets", "ignored_sheets"}
    for ignored in report["ignored_sheets"]:
        assert isinstance(ignored["sheet"], str) and ignored["reason"]
    for sheet in report["sheets"]:
        rows = [item["row"] for kind in ("added", "changed", "unchanged", "rejected") for item in sheet[kind]]
        assert len(rows) == len(set(rows)), "a row has two fates"
        assert all(row > sheet["header_row"] for row in rows)
        canonical = [name for name in sheet["columns"].values() if name]
        assert len(canonical) == len(set(canonical))
        for kind in ("added", "changed", "unchanged"):
            assert all(isinstance(item["code"], str) for item in sheet[kind])
        assert all(item["fields"] for item in sheet["changed"])
        assert all(item["reason"] in REASONS and item["message"] for item in sheet["rejected"])
        for warning in sheet["warnings"]:
            assert set(warning) == {"row", "column", "code", "value", "message"}
            assert warning["code"] in MESSAGES and len(warning["value"]) <= 200 and isinstance(warning["column"], str)


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the database holds of the network, its history and what waits for the search."""
    kept = {}
    for model in apps.get_models():
        if model._meta.app_label in {"registry", "corridors", "search", "wagtailcore"}:
            kept[model._meta.label] = list(model._base_manager.order_by("pk").values_list())
    return kept


class Undo(Exception):
    """Ends a block whose writes are not kept."""


@contextmanager
def undone() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
            raise Undo
    except Undo:
        pass


@contextmanager
def failing_at(count: int) -> Iterator[None]:
    """The database gives up at the nth write."""
    left = [count]

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if _WRITES.match(sql):
            left[0] -= 1
            if left[0] < 0:
                raise OperationalError("disk I/O error")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield


# --- The properties --------------------------------------------------------------------------------------------------


@settings(max_examples=ASKED or 15, **COMMON)
@given(steps=operations, hidden=st.sampled_from(["", "", "", "Services", "Organismes"]))
def test_a_mutated_workbook_is_read_or_refused(network: Path, steps: list[Any], hidden: str) -> None:
    network.write_bytes(as_bytes(mutate(copy(reduced()), steps), hidden))
    read(network)


@settings(max_examples=ASKED or 40, **COMMON)
@given(steps=damages)
def test_a_damaged_file_is_read_or_refused(network: Path, steps: list[Any]) -> None:
    network.write_bytes(damage(_sound(), steps))
    read(network)


@settings(max_examples=ASKED // 3 or 5, **COMMON)
@given(steps=operations, failing=st.integers(min_value=0, max_value=40))
def test_what_is_applied_is_all_or_nothing(network: Path, steps: list[Any], failing: int) -> None:
    network.write_bytes(as_bytes(mutate(copy(reduced()), steps)))
    found = read(network)
    if found is None or not found.writes:
        return
    before = snapshot()
    with undone():
        done = attempt(found, failing)
        assert done is not None or snapshot() == before
    found = read(network)  # a diff serves once
    assert found is not None
    with undone():
        done = attempt(found)
        assert done is not None or snapshot() == before
        if done is not None:
            again = read(network)
            assert again is not None and again.writes == 0, "a second import changes something"


def attempt(found: diff.Diff, failing: int = 1_000_000) -> apply.Applied | None:
    """Apply; None where it gave up, in words or because the database did."""
    said = ""
    try:
        with transaction.atomic(), failing_at(failing):
            done = apply.apply(found)
    except OperationalError:
        return None
    except apply.ApplyConflict as conflict:
        said = str(conflict)
    if said:
        assert "Rien n’a été" in said
        return None
    assert done.added + done.changed == found.writes
    return done


@cache
def _sound() -> bytes:
    return as_bytes(reduced())


def test_the_reduced_workbook_itself_changes_nothing(network: Path) -> None:
    """The mutations start from a file that is right: what they show is theirs."""
    found = read(network)
    assert found is not None and found.writes == 0
    assert len(found.sheets) == 9
    assert {item.reason for sheet in found.sheets for item in sheet.rejected} == set()
    assert all(sheet.unchanged for sheet in found.sheets)
