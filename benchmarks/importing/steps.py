"""One step of the measure, in a process of its own: `python -m benchmarks.importing.steps STEP FILE`.

Prints its time and its peak memory as one line of JSON: a process measures itself, and nothing of another's.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

from . import environment


def calamine(path: str) -> dict[str, Any]:
    """Every cell of every sheet, by calamine."""
    from python_calamine import CalamineWorkbook

    book, rows, cells = CalamineWorkbook.from_path(path), 0, 0
    for name in book.sheet_names:
        for row in book.get_sheet_by_name(name).iter_rows():
            rows, cells = rows + 1, cells + len(row)
    return {"rows": rows, "cells": cells}


def openpyxl(path: str) -> dict[str, Any]:
    """Every cell of every sheet, by openpyxl, read-only."""
    from openpyxl import load_workbook

    book, rows, cells = load_workbook(path, read_only=True), 0, 0
    for sheet in book:
        for row in sheet.iter_rows(values_only=True):
            rows, cells = rows + 1, cells + len(row)
    return {"rows": rows, "cells": cells}


def prepare(path: str) -> dict[str, Any]:
    """An empty network (not measured)."""
    from django.core.management import call_command

    environment.tables()
    call_command("rebuild_index", verbosity=0)
    return {}


def dry_run(path: str) -> dict[str, Any]:
    """What `import_workbook FILE` does: nothing is written."""
    environment.ready()
    from registry.workbook import diff

    return _counts(diff.compute(path))


def apply(path: str) -> dict[str, Any]:
    """What `import_workbook FILE --apply` does, the index included; the parts are timed apart."""
    environment.ready()
    from registry import importing
    from registry.workbook import apply, diff

    started = time.perf_counter()
    found = diff.compute(path)
    read = time.perf_counter()
    committed: list[float] = []
    kept = importing._Announcement.release

    def release(announcement: Any) -> None:
        committed.append(time.perf_counter())
        kept(announcement)

    importing._Announcement.release = release  # type: ignore[method-assign]
    apply.apply(found)
    indexed = time.perf_counter()
    return {
        **_counts(found), "read_s": read - started, "write_s": committed[0] - read, "index_s": indexed - committed[0],
    }  # fmt: skip


def _counts(found: Any) -> dict[str, Any]:
    kinds = ("added", "changed", "unchanged", "rejected", "warnings")
    counts = {kind: sum(len(getattr(sheet, kind)) for sheet in found.sheets) for kind in kinds}
    return {**counts, "rows": sum(counts[kind] for kind in ("added", "changed", "unchanged", "rejected"))}


STEPS = {function.__name__: function for function in (calamine, openpyxl, prepare, dry_run, apply)}


def main(step: str, path: str) -> None:
    started, used = time.perf_counter(), time.process_time()
    found = STEPS[step](path)
    found |= {"seconds": time.perf_counter() - started, "cpu": time.process_time() - used}
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
