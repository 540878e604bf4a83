"""Territories and addresses: those of the demo network, and as many regions of Québec as the network's size asks for.

Postal areas are real (the shipped GeoNames table), so that codes, points and territories agree.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from dataclasses import dataclass, field

from registry.geography import TABLE, point_for

from .learned import Learned, Row, split

# Other regions, with the beginnings of their postal areas. The demo network covers Québec and Sherbrooke.
REGIONS = (
    ("R06", "Montréal", ("H1", "H2", "H3", "H4", "H8", "H9")),
    ("R16", "Montérégie", ("J2", "J3", "J4")),
    ("R13", "Laval", ("H7",)),
    ("R07", "Outaouais", ("J8",)),
    ("R15", "Laurentides", ("J7",)),
    ("R14", "Lanaudière", ("J5", "J6")),
    ("R12", "Chaudière-Appalaches", ("G6",)),
    ("R04", "Mauricie et Centre-du-Québec", ("G8", "G9")),
    ("R02", "Saguenay–Lac-Saint-Jean", ("G7",)),
    ("R01", "Bas-Saint-Laurent", ("G5",)),
    ("R09", "Côte-Nord", ("G4",)),
    ("R08", "Abitibi-Témiscamingue", ("J9",)),
)
# One more region for each of these many services.
SERVICES_PER_REGION = 2_500
_AREAS_PER_RLS = 8


@dataclass
class Quarter:
    """The smallest territory, and where its organizations are."""

    code: str
    name: str
    rls: str
    region: str
    municipality: str
    # (postal code with its space, latitude, longitude)
    codes: list[tuple[str, float, float]] = field(default_factory=list)


@dataclass
class Places:
    """`territories`: rows of the sheet Territoires. `quarters`: where to put an organization."""

    territories: list[Row]
    quarters: list[Quarter]
    by_rls: dict[str, list[Quarter]]
    above: dict[str, list[str]]

    @classmethod
    def of(cls, learned: Learned, services: int) -> Places:
        rows = [dict(row) for row in learned.rows["Territoires"]]
        parents = {row["Code"]: row["Parent"] for row in rows}
        addresses = _addresses()
        quarters = []
        for row in rows:
            if parents.get(row["Parent"], "").startswith("R"):
                quarter = Quarter(row["Code"], row["Nom"], row["Parent"], parents[row["Parent"]], "")
                _furnish(quarter, split(row["Codes postaux"]), addresses)
                quarters.append(quarter)
        for region, name, starts in REGIONS[: services // SERVICES_PER_REGION]:
            rows.append(_territory(region, name, "Région sociosanitaire", "QC"))
            areas = sorted(area for area in addresses if area.startswith(starts))
            for first in range(0, len(areas), _AREAS_PER_RLS):
                group = areas[first : first + _AREAS_PER_RLS]
                rls = f"RLS-{region}-{first // _AREAS_PER_RLS + 1}"
                rows.append(_territory(rls, f"RLS {name} {first // _AREAS_PER_RLS + 1}", "RLS", region, group))
                for area in group:
                    quarter = Quarter(area, "", rls, region, "")
                    _furnish(quarter, [area], addresses)
                    quarter.name = f"{quarter.municipality} – {area}"
                    rows.append(_territory(area, quarter.name, "Quartier", rls, [area]))
                    quarters.append(quarter)
        by_rls: dict[str, list[Quarter]] = defaultdict(list)
        for quarter in quarters:
            by_rls[quarter.rls].append(quarter)
        parents = {row["Code"]: row["Parent"] for row in rows}
        return cls(rows, quarters, dict(by_rls), {code: _above(code, parents) for code in parents})


def _territory(code: str, name: str, kind: str, parent: str, areas: list[str] | None = None) -> Row:
    return {"Code": code, "Nom": name, "Type": kind, "Parent": parent, "Codes postaux": " ; ".join(areas or [])}


def _above(code: str, parents: dict[str, str]) -> list[str]:
    found = []
    while parents.get(code):
        code = parents[code]
        found.append(code)
    return found


def _addresses() -> dict[str, list[str]]:
    """Some full postal codes of each area."""
    found: dict[str, list[str]] = defaultdict(list)
    with gzip.open(TABLE, "rt", encoding="utf-8") as lines:
        for line in lines:
            code = line.partition(",")[0]
            if len(code) == 6 and len(found[code[:3]]) < 200:
                found[code[:3]].append(code)
    return {area: codes for area, codes in found.items() if codes and point_for(area) is not None}


def _furnish(quarter: Quarter, areas: list[str], addresses: dict[str, list[str]]) -> None:
    for code in (code for area in areas for code in addresses.get(area, ())[:: max(1, len(addresses[area]) // 40)]):
        point = point_for(code)
        if point is not None:
            quarter.codes.append((f"{code[:3]} {code[3:]}", point.lat, point.lon))
            quarter.municipality = quarter.municipality or point.place
