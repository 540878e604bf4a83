"""How well a report of the import agrees with what was expected: columns, rows, reasons, warnings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def _key(text: object) -> str:
    return " ".join(str(text or "").replace("\u00a0", " ").split()).casefold()


@dataclass
class Score:
    """Shares from 0 to 1; `rows_wrong` a number of rows; `remarks` what went wrong, for people."""

    columns: float
    rows_wrong: int
    reasons: float
    recall: float
    precision: float
    remarks: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """The bar of acceptance: columns 97 %, every row, reasons 95 %, warnings 95 % found and 90 % right."""
        return (
            self.columns >= 0.97 and not self.rows_wrong and self.reasons >= 0.95
            and self.recall >= 0.95 and self.precision >= 0.90
        )  # fmt: skip

    @property
    def is_perfect(self) -> bool:
        return not self.rows_wrong and min(self.columns, self.reasons, self.recall, self.precision) == 1


def score(report: dict[str, Any], expected: dict[str, Any]) -> Score:
    """Compare a report (`Diff.as_report`) with what `workbook.build` expects."""
    read = {_key(sheet["sheet"]): sheet for sheet in report["sheets"]}
    wanted = {_key(sheet["feuille"]) for sheet in expected["feuilles"]}
    remarks = [f"sheet read for nothing: {sheet['sheet']}" for name, sheet in read.items() if name not in wanted]
    right = columns = wrong = reasons_right = reasons = hits = due = told = 0
    for want in expected["feuilles"]:
        got, title = read.get(_key(want["feuille"])), want["feuille"]
        if got is None:
            remarks.append(f"{title}: not recognised")
            wrong, columns, due = (
                wrong + want["lignes_donnees"],
                columns + len(want["colonnes"]),
                due + len(want["avertissements"]),
            )
            continue
        if got["target"] != want["cible"]:
            remarks.append(f"{title}: taken for {got['target']}")
        held = {_key(heading): canonical for heading, canonical in got["columns"].items()}
        for heading, canonical in want["colonnes"].items():
            found = held.get(_key(heading))
            columns += 1
            if found is None if canonical.startswith("_") else _key(found) == _key(canonical):
                right += 1
            else:
                remarks.append(f"{title}: {heading!r} → {found!r} instead of {canonical!r}")
        rejected = {item["row"]: item["reason"] for item in got["rejected"]}
        owed = {item["ligne"]: item["raison"] for item in want["rejets"]}
        kept = {item["row"] for kind in ("added", "changed", "unchanged") for item in got[kind]}
        bad = set(rejected) ^ set(owed)
        wrong += len(bad) + abs(len(kept) - want["doivent_importer"]) + len(kept & set(rejected))
        remarks += [
            f"{title} {row}: rejected {rejected.get(row)} instead of {owed.get(row)}" for row in sorted(bad)[:6]
        ]
        reasons += len(owed)
        reasons_right += sum(rejected.get(row) == reason for row, reason in owed.items())
        remarks += [
            f"{title} {row}: reason {rejected[row]} instead of {reason}"
            for row, reason in owed.items() if row in rejected and rejected[row] != reason
        ]  # fmt: skip
        want_warned = {(item["ligne"], item["code"]): item for item in want["avertissements"]}
        got_warned = {(item["row"], item["code"]): item for item in got["warnings"] if item["row"] not in owed}
        hits, due, told = hits + len(set(want_warned) & set(got_warned)), due + len(want_warned), told + len(got_warned)
        remarks += [
            f"{title} {row}: {code} missed ({item['valeur']!r})"
            for (row, code), item in sorted(want_warned.items(), key=lambda pair: pair[0])
            if (row, code) not in got_warned
        ][:8]
        remarks += [
            f"{title} {row}: {code} for nothing ({item['column']}: {item['value']!r})"
            for (row, code), item in sorted(got_warned.items(), key=lambda pair: pair[0])
            if (row, code) not in want_warned
        ][:8]  # fmt: skip
    return Score(
        right / columns, wrong, reasons_right / max(1, reasons), hits / max(1, due), hits / max(1, told), remarks
    )
