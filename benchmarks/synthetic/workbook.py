"""A network as the canonical workbook, written as it is made: memory does not grow with the rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook

from .network import SHEETS, Network

Progress = Callable[[str, int], None]


def write(network: Network, path: Path, progress: Progress | None = None) -> dict[str, int]:
    """Write the nine sheets; the number of rows of each. The largest network (1,000,000 services) stays under the
    1,048,576 rows that a sheet can hold."""
    book = Workbook(write_only=True)
    written = {}
    for name in SHEETS:
        sheet, headings, rows = book.create_sheet(name), network.learned.headings[name], 0
        sheet.append(headings)
        for row in network.rows(name):
            sheet.append([None if row[heading] == "" else row[heading] for heading in headings])
            rows += 1
        written[name] = rows
        if progress is not None:
            progress(name, rows)
    book.save(path)
    return written
