"""Building small workbooks, importing them, looking at the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from registry.enums import PartnerType, TerritoryKind
from registry.models import Location, Need, Organization, Service, Territory
from registry.workbook import apply, diff

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "reseau.xlsx"

Sheets = Mapping[str, Sequence[Sequence[Any]]]


def write(path: Path, sheets: Sheets) -> Path:
    """An .xlsx file with these sheets, each a list of rows."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def compute(path: Path, sheets: Sheets, **options: Any) -> diff.Diff:
    return diff.compute(write(path / "classeur.xlsx", sheets), **options)


def bring_in(path: Path, sheets: Sheets, **options: Any) -> diff.Diff:
    """Import for good; the diff that was applied."""
    found = compute(path, sheets)
    apply.apply(found, **options)
    return found


def sheet(found: diff.Diff, target: str) -> dict[str, Any]:
    """The report of the sheet taken for `target`."""
    return next(item for item in found.as_report()["sheets"] if item["target"] == target)


def counts(found: diff.Diff) -> dict[str, int]:
    sheets = found.as_report()["sheets"]
    return {kind: sum(len(item[kind]) for item in sheets) for kind in ("added", "changed", "unchanged", "rejected")}


def warned(report: Mapping[str, Any]) -> list[tuple[int, str]]:
    return [(item["row"], item["code"]) for item in report["warnings"]]


def rejected(report: Mapping[str, Any]) -> list[tuple[int, str]]:
    return [(item["row"], item["reason"]) for item in report["rejected"]]


def rows_of(path: Path, name: str) -> list[list[Any]]:
    book = load_workbook(path)
    return [[cell.value for cell in row] for row in book[name].iter_rows()]


def small_network() -> None:
    """Two organizations, a place, two services, two territories, two needs."""
    quebec = Territory.all_objects.create(code="QC", name="Ensemble du Québec", kind=TerritoryKind.PROVINCE, live=True)
    Territory.all_objects.create(code="LIM", name="Limoilou", kind=TerritoryKind.QUARTER, parent=quebec, live=True)
    crisis = Need.all_objects.create(term="Crise psychosociale", live=True)
    Need.all_objects.create(term="Écoute téléphonique", parent=crisis, live=True)
    clsc = Organization.all_objects.create(
        code="ORG001", name="CLSC de la Rive", partner_type=PartnerType.CLSC, phone="418-555-0101", live=True
    )
    refuge = Organization.all_objects.create(
        code="ORG002", name="Le Refuge", partner_type=PartnerType.SHELTER, email="info@refuge.example.org", live=True
    )
    Location.all_objects.create(
        code="LIE001", organization=clsc, name="Bureau principal", address="12, rue du Pont", postal_code="G1K 0G9",
        live=True,
    )  # fmt: skip
    Service.all_objects.create(
        code="SRV0001", organization=clsc, name="Accueil psychosocial", age_min=18, phone="418-555-0101",
        visibility="publique", live=True,
    )  # fmt: skip
    Service.all_objects.create(code="SRV0002", organization=refuge, name="Hébergement", live=True)
