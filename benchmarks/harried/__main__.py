"""Score the importer on harried workbooks of every coordinator. Nothing is written to the network.

The database must hold only the reference territories and vocabulary:
manage.py import_workbook fixtures/reseau.xlsx --sheets Territoires,Vocabulaire --apply
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

import django


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="workbooks by coordinator")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=[], help="coordinators")
    parser.add_argument("--remarks", type=int, default=0, help="things gone wrong to show for each workbook")
    parser.add_argument("--keep", type=Path, help="folder where the workbooks stay")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")
    django.setup()
    from registry.workbook import diff

    from .score import score
    from .workbook import EVERYBODY, build

    scores = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.first, options.first + options.seeds):
            for coordinator in options.only or EVERYBODY:
                path = (options.keep or Path(folder)) / f"{coordinator} {seed}.xlsx"
                expected = build(path, seed, coordinator)
                found = score(diff.compute(path).as_report(), expected)
                scores.append(found)
                print(
                    f"{coordinator:18s} {seed:3d} {'holds      ' if found.holds else 'FALLS SHORT'} "
                    f"columns {found.columns:.3f}, rows wrong {found.rows_wrong}, reasons {found.reasons:.3f}, "
                    f"recall {found.recall:.3f}, precision {found.precision:.3f}",
                    *(f"\n      {remark}" for remark in found.remarks[: options.remarks]), flush=True,
                )  # fmt: skip
    print(
        f"{sum(one.holds for one in scores)} of {len(scores)} hold, {sum(one.is_perfect for one in scores)} perfect; "
        f"mean columns {statistics.mean(one.columns for one in scores):.4f}, "
        f"recall {statistics.mean(one.recall for one in scores):.4f}, "
        f"precision {statistics.mean(one.precision for one in scores):.4f}"
    )
    return 0 if all(one.holds for one in scores) else 1


if __name__ == "__main__":
    raise SystemExit(main())
