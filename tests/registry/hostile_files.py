"""Building workbooks that no spreadsheet would write, and reading them where memory is counted."""

from __future__ import annotations

import json
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"

# Address space of the process that reads: its own code and libraries take about 300 MB of it.
ALLOWED_BYTES = 1_200_000_000


def worksheet(rows: str, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{_MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def inline(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def package(path: Path, sheets: Mapping[str, str | bytes], extra: Mapping[str, str | bytes] | None = None) -> Path:
    """An .xlsx file whose sheets hold this XML; `extra` parts are added, or replace those of the same name."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>' for number, name in enumerate(sheets, start=1)
    )
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    strings = f'<Relationship Id="rIdS" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">{links}{strings}</Relationships>'
        ),
        **{f"xl/worksheets/sheet{number}.xml": xml for number, xml in enumerate(sheets.values(), start=1)},
        **(extra or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def declare(path: Path, part: str, size: int, content: bytes = b"") -> Path:
    """Make the archive say that a part has this size (and the checksum of `content`), whatever it really holds."""
    data = bytearray(path.read_bytes())
    name = part.encode()
    for signature, checksum_at, size_at, name_at in ((b"PK\x03\x04", 14, 22, 30), (b"PK\x01\x02", 16, 24, 46)):
        place = data.find(name)
        while place != -1 and data[place - name_at : place - name_at + 4] != signature:
            place = data.find(name, place + 1)
        start = place - name_at
        struct.pack_into("<L", data, start + checksum_at, zlib.crc32(content))
        struct.pack_into("<L", data, start + size_at, size)
    path.write_bytes(data)
    return path


@dataclass(frozen=True)
class Outcome:
    """What became of a file: refused in these words, or read; what it took."""

    refusal: str
    cells: int
    notices: list[str]
    peak_bytes: int
    seconds: float


_CHILD = """
import json, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
from registry.workbook.reader import UnreadableWorkbook, open_workbook
start, refusal, cells, notices = time.process_time(), "", 0, []
try:
    with open_workbook(sys.argv[1]) as workbook:
        notices = workbook.inspection.notices
        for sheet in workbook.sheets:
            for _number, row in sheet.rows():
                cells += sum(cell != "" for cell in row)
except UnreadableWorkbook as error:
    refusal = str(error)
# Not ru_maxrss, which starts from what the process that made this one held.
peak = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([refusal, cells, notices, peak, time.process_time() - start]))
"""


def read_apart(path: Path, allowed: int = ALLOWED_BYTES) -> Outcome:
    """Read every sheet of a file in a process of its own, which may not take more than `allowed` bytes."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path), str(allowed)], cwd=ROOT, capture_output=True, text=True, check=False,
        timeout=120, preexec_fn=_no_core,
    )  # fmt: skip
    assert done.returncode == 0, f"the reading died ({done.returncode}): {done.stderr[-800:]}"
    return Outcome(*json.loads(done.stdout))


def _no_core() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
