"""What is looked at before a file is read as a workbook: is it one, and can it be read in bounded time and memory?

Nothing of the file is trusted: not its name, not the sizes that its directory declares, not the dimensions that its
sheets claim. Each refusal is one sentence in French that says what to do; what is merely left aside (macros, links to
other files) is said too. Within these limits the worst file takes a few minutes and about 1.5 GB.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from . import scan
from .scan import Extent, Malformed, Scan

# Bytes of the whole archive once unpacked. 100,000 services and all that goes with them (384,000 rows) weigh 160 MB
# with shared strings, 376 MB without; each byte of text is held once.
MAX_UNPACKED_BYTES = 600_000_000
# Times that the content is larger than the file: a spreadsheet's XML shrinks 5 to 40 times, a bomb a thousand. Small
# files of one repeated row may be denser, and do no harm.
MAX_RATIO, RATIO_APPLIES_ABOVE = 250, 50_000_000
# Entries of the archive: a workbook has a few per sheet, image and comment. Each costs a few hundred bytes.
MAX_ENTRIES = 5_000
# Bytes of the parts that are held whole as a tree (list of sheets, relations): some twenty times that in memory.
MAX_TREE_BYTES = 5_000_000
# Sheets: a network has nine.
MAX_SHEETS = 60
# Columns of a sheet: ours have 28 at most, and every heading is compared with every column known.
MAX_COLUMNS = 300
# … and of all sheets together: a network has 130, and comparing headings takes a few milliseconds each.
MAX_COLUMNS_IN_ALL = 1_500
# Cells, blank ones included, between the first and the last filled of each sheet: about 36 bytes each, so 430 MB in the
# worst sheet. 100,000 services with everything around them take 6 million.
MAX_CELLS = 12_000_000
# Bytes of text once each cell has its own copy of a string that many share.
MAX_COPIED_BYTES = 400_000_000
# Different strings shared by cells: 24 bytes each before their text.
MAX_STRINGS = 6_000_000
# Cells with a formula or an error: each is kept with its text, about 300 bytes.
MAX_FORMULAS = 500_000

_BLOCK = 1 << 20
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_END_OF_DIRECTORY = 22
_SAVE_AS = "Ouvrez-le dans Excel et enregistrez-le au format « Classeur Excel (.xlsx) »."
_START_AFRESH = "Copiez les feuilles utiles dans un classeur neuf, en valeurs, et recommencez."
DAMAGED = (
    "Le fichier est endommagé ou incomplet. Ouvrez-le dans Excel, enregistrez-le de nouveau au format "
    "« Classeur Excel (.xlsx) » et recommencez."
)
EMPTY = "Le fichier est vide. Vérifiez qu’il a été copié jusqu’au bout, puis recommencez."
LOCKED = (
    "Le classeur est protégé par un mot de passe. Retirez le mot de passe dans Excel (Fichier, Informations, Protéger "
    "le classeur) et recommencez."
)
OLD_FORMAT = f"Ce fichier est au vieux format .xls. {_SAVE_AS}"
ENTITIES = (
    f"Ce classeur contient des entités XML, qu’aucun tableur n’écrit : par prudence, il n’a pas été lu. {_START_AFRESH}"
)
OVERSIZED = f"Une fois décompressé, ce fichier est démesuré : il n’a pas été lu. {_START_AFRESH}"
TOO_BIG = (
    f"Ce classeur est trop gros : plus de {MAX_UNPACKED_BYTES // 1_000_000}\xa0Mo une fois décompressé, soit environ "
    "150\xa0000 services. Il n’a pas été lu. Coupez-le en plusieurs fichiers (par région, par exemple), les organismes "
    "d’abord, et importez-les l’un après l’autre : ce qui n’est pas dans un fichier reste tel quel."
)
TOO_MANY_FORMULAS = (
    "Ce classeur compte trop de formules : il n’a pas été lu. Collez les feuilles utiles dans un classeur neuf, en "
    "valeurs (Collage spécial, Valeurs), et recommencez."
)
TEXT_TOO_LONG = (
    f"Une cellule contient plus de {scan.MAX_RUN // 1_000_000} millions de caractères : le classeur n’a pas été "
    "lu. Videz-la, enregistrez et recommencez."
)
_KINDS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"%PDF"), "Ce fichier est un PDF, et non un classeur Excel. Demandez le classeur d’origine (.xlsx)."),
    (
        re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|BM....\0\0\0\0|RIFF....WEBP", re.DOTALL),
        "Ce fichier est une image, et non un classeur Excel. Demandez le classeur d’origine (.xlsx).",
    ),
    (re.compile(rb"\{\\rtf"), f"Ce fichier est un document texte (RTF), et non un classeur Excel. {_SAVE_AS}"),
    (
        re.compile(rb"\x1f\x8b|7z\xbc\xaf|Rar!|\x28\xb5\x2f\xfd|BZh|\xfd7zXZ"),
        "Ce fichier est une archive compressée. Décompressez-la, puis envoyez le classeur (.xlsx) qu’elle contient.",
    ),
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|meta|!--|\?xml|table)", re.IGNORECASE),
        f"Ce fichier n’est pas un classeur Excel : il contient une page Web ou du XML. {_SAVE_AS}",
    ),
)
MACROS = "Ce classeur contient des macros : elles ne sont ni lues ni exécutées."
LINKS = (
    "Ce classeur renvoie à d’autres fichiers : ces liens ne sont jamais suivis. Les cellules qui en dépendent gardent "
    "la dernière valeur enregistrée."
)
CONNECTIONS = "Ce classeur contient des connexions à des données externes : elles ne sont jamais ouvertes."
OBJECTS = "Ce classeur contient des fichiers incorporés ou des contrôles : ils ne sont ni lus ni ouverts."


class UnreadableWorkbook(Exception):
    """The file cannot be read at all. The message, in French, says what to do."""


@dataclass
class Inspection:
    """What the archive holds, measured. Parts are named as in its directory."""

    scans: dict[str, Scan] = field(default_factory=dict)
    # What is left aside, in French.
    notices: list[str] = field(default_factory=list)


# --- Is it a workbook? ----------------------------------------------------------------------------------------------


def open_archive(source: Path | IO[bytes]) -> zipfile.ZipFile:
    """The archive of an .xlsx or .xlsm file, its directory checked, nothing unpacked. Raises `UnreadableWorkbook`."""
    if isinstance(source, Path):
        try:
            with source.open("rb") as file:
                _check_kind(file)
        except FileNotFoundError:
            raise UnreadableWorkbook(f"Le fichier « {source.name} » est introuvable. Vérifiez le chemin.") from None
        except IsADirectoryError:
            raise UnreadableWorkbook(f"« {source.name} » est un dossier : indiquez un fichier .xlsx.") from None
        except OSError:
            raise UnreadableWorkbook(
                f"Le fichier « {source.name} » ne peut pas être lu : vérifiez vos droits."
            ) from None
    else:
        _check_kind(source)
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise UnreadableWorkbook(DAMAGED) from error
    try:
        _check_directory(archive)
    except BaseException:
        archive.close()
        raise
    return archive


def check_upload(file: IO[bytes]) -> None:
    """Refuse at once what cannot be a workbook; quick, and nothing is unpacked. Raises `UnreadableWorkbook`."""
    with open_archive(file):
        pass
    file.seek(0)


def _check_kind(file: IO[bytes]) -> None:
    file.seek(0)
    head = file.read(4096)
    if not head:
        raise UnreadableWorkbook(EMPTY)
    if head.startswith(_OLE):
        raise UnreadableWorkbook(_inside_ole(file))
    if not head.startswith(b"PK"):
        for pattern, message in _KINDS:
            if pattern.match(head):
                raise UnreadableWorkbook(message)
        kind = "du texte (CSV…)" if _is_text(head) else "autre chose"
        raise UnreadableWorkbook(f"Ce fichier n’est pas un classeur Excel : il contient {kind}. {_SAVE_AS}")
    # Without a comment, the directory's last record ends the file: every program then finds the same directory.
    end = file.seek(0, 2)
    file.seek(max(end - _END_OF_DIRECTORY, 0))
    if not head.startswith(b"PK\x03\x04") or not file.read(4) == b"PK\x05\x06":
        raise UnreadableWorkbook(DAMAGED)
    file.seek(0)


def _is_text(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head)


def _inside_ole(file: IO[bytes]) -> str:
    """What a file of the old container is: names of its streams are in UTF-16, anywhere in it."""
    file.seek(0)
    tail = b""
    while block := file.read(_BLOCK):
        text = tail + block
        for name, message in _OLE_STREAMS.items():
            if name.encode("utf-16-le") in text:
                return message
        tail = text[-64:]
    return OLD_FORMAT


_OLE_STREAMS = {
    "EncryptedPackage": LOCKED,
    "WordDocument": f"Ce fichier est un document Word, et non un classeur Excel. {_SAVE_AS}",
    "PowerPoint Document": "Ce fichier est une présentation, et non un classeur Excel.",
    "__properties_version1.0": (
        "Ce fichier est un courriel enregistré. Ouvrez-le, enregistrez la pièce jointe (.xlsx) et envoyez-la."
    ),
}


def _check_directory(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    names = [_plain(entry.filename) for entry in entries]
    if len(entries) > MAX_ENTRIES:
        raise UnreadableWorkbook(
            f"Ce fichier est une archive de {len(entries)} morceaux, bien plus qu’un classeur. {_START_AFRESH}"
        )
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise UnreadableWorkbook(LOCKED)
    # Two parts of one name: each program reads the one it likes.
    if len(set(names)) != len(names):
        raise UnreadableWorkbook(DAMAGED)
    _check_sizes(entries)
    if "xl/workbook.xml" not in names:
        raise UnreadableWorkbook(_other_archive(archive, set(names)))


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    too_dense = unpacked > RATIO_APPLIES_ABOVE and unpacked > MAX_RATIO * max(packed, 1)
    if unpacked > MAX_UNPACKED_BYTES or too_dense:
        raise UnreadableWorkbook(OVERSIZED if too_dense else TOO_BIG)


def _other_archive(archive: zipfile.ZipFile, names: set[str]) -> str:
    """What an archive without a workbook's list of sheets is."""
    if "xl/workbook.bin" in names:
        return "Le format .xlsb n’est pas lu. Enregistrez au format « Classeur Excel (.xlsx) »."
    if "mimetype" in names and "content.xml" in names:
        return "Ce fichier vient de LibreOffice. Enregistrez-le au format « Excel 2007-365 (.xlsx) »."
    if any(name.endswith((".xlsx", ".xlsm")) for name in names):
        return "Ce fichier est une archive .zip. Décompressez-la, puis envoyez le classeur (.xlsx) qu’elle contient."
    if any(name.endswith(".iwa") for name in names):
        return "Ce fichier vient de Numbers. Exportez-le au format Excel (.xlsx)."
    kinds = {"word/": "un document Word", "ppt/": "une présentation PowerPoint"}
    found = next((kind for folder, kind in kinds.items() if any(name.startswith(folder) for name in names)), "")
    what = f"Ce fichier est {found} : ce n’est pas un classeur Excel." if found else ""
    return f"{what or 'Ce fichier n’est pas un classeur Excel.'} Enregistrez-le au format « Classeur Excel (.xlsx) »."


# --- Can it be read? ------------------------------------------------------------------------------------------------


def inspect(archive: zipfile.ZipFile, sheets: dict[str, str]) -> Inspection:
    """Unpack every part once, keeping nothing, and measure what reading it would take.

    `sheets`: name of each sheet → its part. Raises `UnreadableWorkbook`.
    """
    found = Inspection(notices=_notices(archive))
    names = {part: name for name, part in sheets.items()}
    for entry in archive.infolist():
        measured = Scan() if _is_read(entry.filename) else None
        try:
            for block in blocks(archive, entry):
                if measured is not None:
                    measured.feed(block)
            if measured is not None:
                measured.close()
                if not measured.usual:
                    measured.extent, measured.shared, _special = scan.parse(blocks(archive, entry), MAX_FORMULAS)
        except Malformed as error:
            raise UnreadableWorkbook(refusal(error)) from error
        if measured is not None:
            _check_extent(measured.extent, names.get(entry.filename, entry.filename))
            found.scans[entry.filename] = measured
    if sum(one.extent.cells for one in found.scans.values()) > MAX_CELLS:
        raise UnreadableWorkbook(OVERSIZED)
    columns = sum(found.scans[part].extent.last_column for part in names if part in found.scans)
    if columns > MAX_COLUMNS_IN_ALL:
        raise UnreadableWorkbook(
            f"Ce classeur compte trop de colonnes ({columns} dans l’ensemble de ses feuilles; la limite est de "
            f"{MAX_COLUMNS_IN_ALL}) : il n’a pas été lu. Gardez seulement les feuilles et les colonnes du répertoire, "
            "enregistrez et recommencez."
        )
    _check_text(archive, found.scans)
    return found


def refusal(error: Malformed) -> str:
    """What is said of a part that cannot be read."""
    messages: dict[type[Malformed], str] = {
        scan.HasEntities: ENTITIES,
        scan.TextTooLong: TEXT_TOO_LONG,
        scan.TooManyFormulas: TOO_MANY_FORMULAS,
        scan.TooMuchMarkup: OVERSIZED,
    }
    return messages.get(type(error), DAMAGED)


def blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo | str) -> Iterator[bytes]:
    """What a part really holds, block by block: never more than its directory declares, and that much exactly.

    Raises `UnreadableWorkbook`.
    """
    entry = archive.getinfo(entry) if isinstance(entry, str) else entry
    size = checksum = 0
    try:
        for block in _unpacked(archive, entry):
            size += len(block)
            if size > entry.file_size:
                raise UnreadableWorkbook(OVERSIZED)
            checksum = zlib.crc32(block, checksum)
            yield block
    except (zlib.error, OSError, ValueError, EOFError) as error:
        raise UnreadableWorkbook(DAMAGED) from error
    if size != entry.file_size or checksum != entry.CRC:
        raise UnreadableWorkbook(DAMAGED)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a part, wherever they stop. Raises EOFError when they stop too early or too late."""
    file = archive.fp
    if file is None or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableWorkbook(DAMAGED)
    place, left = _content_of(file, entry), entry.compress_size
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    while left:
        file.seek(place)
        packed = file.read(min(left, _BLOCK >> 2))
        place, left = place + len(packed), left - len(packed)
        if not packed:
            raise EOFError
        if inflate is None:
            yield packed
            continue
        while packed:
            yield inflate.decompress(packed, _BLOCK)
            packed = inflate.unconsumed_tail
        if inflate.eof and (inflate.unused_data or left):
            raise EOFError
    while inflate is not None and not inflate.eof:
        block = inflate.decompress(b"", _BLOCK)
        if not block:
            raise EOFError
        yield block


def _content_of(file: IO[bytes], entry: zipfile.ZipInfo) -> int:
    """Where the bytes of a part begin: after its own header, which nobody else's count can tell."""
    try:
        file.seek(entry.header_offset)
        header = file.read(_LOCAL_HEADER.size)
        fields = _LOCAL_HEADER.unpack(header)
    except (struct.error, OSError, ValueError) as error:
        raise UnreadableWorkbook(DAMAGED) from error
    if fields[0] != b"PK\x03\x04":
        raise UnreadableWorkbook(DAMAGED)
    return entry.header_offset + _LOCAL_HEADER.size + int(fields[9]) + int(fields[10])


def read_tree(archive: zipfile.ZipFile, name: str) -> bytes:
    """A small part, whole. Raises `UnreadableWorkbook`."""
    try:
        entry = archive.getinfo(name)
    except KeyError as error:
        raise UnreadableWorkbook(DAMAGED) from error
    if entry.file_size > MAX_TREE_BYTES:
        raise UnreadableWorkbook(OVERSIZED)
    return b"".join(blocks(archive, entry))


def _is_read(name: str) -> bool:
    """True for what the reading library may open: images and programs are only measured."""
    return name.casefold().endswith((".xml", ".rels"))


def _check_extent(extent: Extent, sheet: str) -> None:
    if extent.cells > MAX_CELLS or extent.last_column > MAX_COLUMNS:
        raise UnreadableWorkbook(
            f"La feuille « {sheet} » s’étend jusqu’à la cellule {extent.corner} : c’est démesuré, elle n’a pas été "
            "lue. Dans Excel, allez à la dernière cellule (Ctrl+Fin), supprimez les lignes et les colonnes en trop, "
            "enregistrez et recommencez."
        )


def _check_text(archive: zipfile.ZipFile, scans: dict[str, Scan]) -> None:
    """One long string that a million cells share is short in the file, and a million times longer once read."""
    strings = next((name for name in scans if name.casefold() == "xl/sharedstrings.xml"), "")
    if not strings:
        return
    longest = scans[strings].longest
    if scans[strings].strings > MAX_STRINGS:
        raise UnreadableWorkbook(OVERSIZED)
    if sum(one.shared for one in scans.values()) * longest <= MAX_COPIED_BYTES:
        return
    heavy = scan.weights(blocks(archive, strings))
    total = 0
    for name, one in scans.items():
        if one.shared:
            total += scan.copied(blocks(archive, name), heavy, longest) if one.usual else one.shared * longest
        if total > MAX_COPIED_BYTES:
            raise UnreadableWorkbook(OVERSIZED)


def _notices(archive: zipfile.ZipFile) -> list[str]:
    names = {_plain(name) for name in archive.namelist()}
    kinds = {
        MACROS: ("xl/vbaproject", "xl/macrosheets/"),
        LINKS: ("xl/externallinks/",),
        CONNECTIONS: ("xl/connections.xml", "xl/querytables/"),
        OBJECTS: ("xl/embeddings/", "xl/activex/"),
    }
    return [notice for notice, starts in kinds.items() if any(name.startswith(starts) for name in names)]
