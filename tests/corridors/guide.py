"""The tables of the guide of the ententes: what coordinators read is what the tests check."""

from __future__ import annotations

from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "ententes.md"


def rows_under(title: str) -> list[tuple[str, ...]]:
    """The rows of the first table under this heading, without its own two first lines."""
    section = GUIDE.read_text().split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[2:]]
