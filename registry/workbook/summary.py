"""A diff in a few lines of French, for the terminal."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .diff import Diff, SheetDiff

# Lines shown of each kind before « et N autres ».
SHOWN = 12


def of(found: Diff) -> str:
    """What the file would change: counts per sheet, then the changes, rejections and warnings."""
    lines = [f"Fichier : {found.file}", *found.notices, ""]
    width = max([len(sheet.plan.sheet.name.strip()) for sheet in found.sheets] or [10])
    for sheet in found.sheets:
        lines.append(_counts(sheet, width))
    for ignored in found.ignored:
        lines.append(f"{ignored.sheet.strip():{width}}  ignorée : {ignored.reason}")
    for sheet in found.sheets:
        lines += _details(sheet)
    return "\n".join([*lines, ""])


def _counts(sheet: SheetDiff, width: int) -> str:
    return (
        f"{sheet.plan.sheet.name.strip():{width}}  → {sheet.handler.name:12} {_many(len(sheet.added), 'ajout')}, "
        f"{_many(len(sheet.changed), 'changement')}, {len(sheet.unchanged)} sans changement, "
        f"{_many(len(sheet.rejected), 'rejet')}, {_many(len(sheet.warnings), 'avertissement')}; "
        f"{_many(sheet.absent, 'fiche')} du réseau hors du fichier (laissées telles quelles)"
    )


def _details(sheet: SheetDiff) -> list[str]:
    lines: list[str] = []
    title = sheet.plan.sheet.name.strip()
    changed = [
        f"  ligne {item.row}, {item.label} : {name} : {_short(old)} → {_short(new)}"
        for item in sheet.changed
        for name, (old, new) in item.fields(sheet.handler).items()
    ]
    rejected = [f"  ligne {item.row} : {item.message} [{item.reason}]" for item in sheet.rejected]
    counts = Counter(item.code for item in sheet.warnings)
    first = {item.code: item for item in reversed(sheet.warnings)}
    warned = [
        f"  {count} × {code} (d’abord ligne {first[code].row}, « {first[code].column.strip()} ») : "
        f"{first[code].message}"
        for code, count in counts.most_common()
    ]
    for heading, found in (("changements", changed), ("lignes rejetées", rejected), ("avertissements", warned)):
        if found:
            lines += ["", f"{title} – {heading}", *found[:SHOWN]]
            if len(found) > SHOWN:
                lines.append(f"  … et {len(found) - SHOWN} autres, dans le rapport (--report)")
    return lines


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'s' if count > 1 else ''}"


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return f"« {text[:60]}{'…' if len(text) > 60 else ''} »" if text else "(vide)"
