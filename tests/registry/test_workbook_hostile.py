"""Files made to harm, or merely monstrous: refused or read, in plain words, within bounded time and memory."""

from __future__ import annotations

import io
import json
import random
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.utils import get_column_letter

from registry.admin.imports.forms import UploadForm
from registry.models import Organization
from registry.workbook import diff, guard, scan, summary
from registry.workbook.reader import FormulaCell, UnreadableWorkbook, open_workbook

from .hostile_files import declare, inline, package, read_apart, worksheet
from .workbook_tools import FIXTURE, sheet, small_network, warned, write

ONE_CELL = worksheet(f'<row r="1">{inline("A1", "a")}</row>')
BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
# What a refused file may take at most: far less than what it would have filled.
SMALL = 300_000_000
MOMENT = 20.0


def refused(path: Path, word: str) -> None:
    """The file is refused with this word, quickly and in little memory."""
    outcome = read_apart(path)
    assert word in outcome.refusal
    assert outcome.peak_bytes < SMALL
    assert outcome.seconds < MOMENT


def refusal(path: Path) -> str:
    try:
        with open_workbook(path) as workbook:
            for found in workbook.sheets:
                list(found.rows())
    except UnreadableWorkbook as error:
        return str(error)
    pytest.fail("The file was read.")


class TestMislabelled:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"Code;Nom\r\nORG001;CLSC\r\n", "texte"),
            ("Code\tNom\r\nORG001\tCLSC\r\n".encode("utf-16"), "texte"),
            (b"\xef\xbb\xbf<!DOCTYPE html><html><table>", "page Web"),
            (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "XML"),
            (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image"),
            (b"\x1f\x8b\x08\0\0\0\0\0", "Décompressez"),
            (b"{\\rtf1\\ansi", "RTF"),
            (bytes(range(256)) * 8, "n’est pas un classeur"),
            (b"PK", "endommagé"),
            (b"PK\x03\x04" + b"\0" * 300, "endommagé"),
        ],
    )
    def test_what_is_no_workbook_says_what_it_is(self, tmp_path, content, words):
        (tmp_path / "faux.xlsx").write_bytes(content)
        assert words in refusal(tmp_path / "faux.xlsx")

    @pytest.mark.parametrize(
        ("stream", "words"),
        [("EncryptedPackage", "mot de passe"), ("Workbook", ".xls"), ("WordDocument", "Word")],
    )
    def test_the_old_container_is_told_by_what_it_holds(self, tmp_path, stream, words):
        # The directory of such a container often comes last, beyond the first blocks.
        content = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 3_000_000 + stream.encode("utf-16-le") + b"\0" * 100
        (tmp_path / "vieux.xlsx").write_bytes(content)
        assert words in refusal(tmp_path / "vieux.xlsx")

    @pytest.mark.parametrize(
        ("part", "words"),
        [
            ("word/document.xml", "Word"), ("ppt/presentation.xml", "PowerPoint"), ("xl/workbook.bin", ".xlsb"),
            ("Index/Document.iwa", "Numbers"), ("reseau.xlsx", "Décompressez"), ("photo.jpg", "n’est pas un classeur"),
        ],
    )  # fmt: skip
    def test_another_archive_says_what_it_is(self, tmp_path, part, words):
        with zipfile.ZipFile(tmp_path / "autre.xlsx", "w") as archive:
            archive.writestr(part, FIXTURE.read_bytes() if part == "reseau.xlsx" else "x")
        assert words in refusal(tmp_path / "autre.xlsx")

    def test_a_libreoffice_spreadsheet(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "calc.xlsx", "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", "<x/>")
        assert "LibreOffice" in refusal(tmp_path / "calc.xlsx")

    def test_an_encrypted_archive(self, tmp_path):
        data = bytearray(package(tmp_path / "secret.xlsx", {"A": ONE_CELL}).read_bytes())
        data[data.find(b"PK\x01\x02") + 8] |= 1
        (tmp_path / "secret.xlsx").write_bytes(data)
        assert "mot de passe" in refusal(tmp_path / "secret.xlsx")

    def test_the_upload_is_refused_at_once(self):
        form = UploadForm(data={}, files={"file": SimpleUploadedFile("liste.xlsx", b"Code;Nom\n")})
        assert not form.is_valid()
        assert "texte" in form.errors["file"][0]

    def test_a_good_upload_goes_on_from_its_first_byte(self):
        form = UploadForm(data={}, files={"file": SimpleUploadedFile("reseau.xlsx", FIXTURE.read_bytes())})
        assert form.is_valid(), form.errors
        assert form.cleaned_data["file"].read(4) == b"PK\x03\x04"

    def test_the_command_says_it_and_returns_two(self, tmp_path):
        (tmp_path / "faux.xlsx").write_bytes(b"%PDF-1.7")
        with pytest.raises(CommandError, match="PDF") as caught:
            call_command("import_workbook", str(tmp_path / "faux.xlsx"))
        assert caught.value.returncode == 2


class TestArchives:
    @pytest.mark.parametrize("kept", [30, 1_000, 60_000, -1, -22, -100])
    def test_a_truncated_file(self, tmp_path, kept):
        (tmp_path / "coupe.xlsx").write_bytes(FIXTURE.read_bytes()[:kept])
        assert "endommagé" in refusal(tmp_path / "coupe.xlsx")

    def test_a_bomb_that_says_its_size(self, tmp_path):
        refused(package(tmp_path / "bombe.xlsx", {"A": worksheet("", after=" " * 100_000_000)}), "démesuré")

    def test_a_network_beyond_the_ceiling_is_told_to_come_in_parts(self, tmp_path, monkeypatch):
        """Dense as any workbook is: nothing hostile, merely too much at once."""
        size = 4 * guard.RATIO_APPLIES_ABOVE // guard.MAX_RATIO
        monkeypatch.setattr(guard, "MAX_UNPACKED_BYTES", size)
        noise = random.Random(1).randbytes(size)
        path = package(tmp_path / "gros.xlsx", {"A": ONE_CELL}, {"xl/media/image1.png": noise})
        assert "Coupez-le en plusieurs fichiers" in refusal(path)

    def test_a_bomb_that_hides_its_size(self, tmp_path):
        content = worksheet("", after=" " * 100_000_000).encode()
        path = package(tmp_path / "bombe.xlsx", {"A": content})
        refused(declare(path, "xl/worksheets/sheet1.xml", 1_000, content[:1_000]), "démesuré")

    def test_a_size_beyond_anything(self, tmp_path):
        path = package(tmp_path / "bombe.xlsx", {"A": ONE_CELL})
        refused(declare(path, "xl/worksheets/sheet1.xml", 4_000_000_000), "démesuré")

    def test_a_part_shorter_than_it_says(self, tmp_path):
        path = package(tmp_path / "court.xlsx", {"A": ONE_CELL})
        assert "endommagé" in refusal(declare(path, "xl/worksheets/sheet1.xml", 5_000))

    def test_bombs_inside_are_never_opened(self, tmp_path):
        inside = io.BytesIO()
        with zipfile.ZipFile(inside, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("bombe", b"0" * 100_000_000)
        path = package(tmp_path / "poupee.xlsx", {"A": ONE_CELL}, {"xl/embeddings/bombe.zip": inside.getvalue()})
        outcome = read_apart(path)
        assert (outcome.refusal, outcome.cells) == ("", 1)
        assert "incorporés" in outcome.notices[0]
        assert outcome.peak_bytes < SMALL

    def test_an_archive_of_thousands_of_pieces(self, tmp_path):
        pieces = {f"docProps/{number}.txt": "" for number in range(guard.MAX_ENTRIES)}
        refused(package(tmp_path / "miettes.xlsx", {"A": ONE_CELL}, pieces), "morceaux")

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    @pytest.mark.parametrize(
        "twin", ["xl/worksheets/sheet1.xml", "xl/Worksheets/SHEET1.xml", "xl\\worksheets\\sheet1.xml"]
    )
    def test_two_parts_of_one_name(self, tmp_path, twin):
        path = package(tmp_path / "jumeaux.xlsx", {"A": ONE_CELL})
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(twin, worksheet(""))
        assert "endommagé" in refusal(path)

    def test_two_directories(self, tmp_path):
        """What follows the directory could hold another one, which another program would prefer."""
        one, other = (package(tmp_path / f"{name}.xlsx", {name: ONE_CELL}).read_bytes() for name in "AB")
        (tmp_path / "double.xlsx").write_bytes(one + b"\0" * 40)
        assert "endommagé" in refusal(tmp_path / "double.xlsx")
        (tmp_path / "double.xlsx").write_bytes(b"junk" + other)
        assert "n’est pas un classeur" in refusal(tmp_path / "double.xlsx")

    def test_a_sheet_that_is_nowhere(self, tmp_path):
        path = package(tmp_path / "creux.xlsx", {"A": ONE_CELL, "B": ONE_CELL})
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(tmp_path / "sans.xlsx", "w") as target:
            for item in source.infolist():
                if "sheet2" not in item.filename:
                    target.writestr(item, source.read(item))
        assert "endommagé" in refusal(tmp_path / "sans.xlsx")

    def test_too_many_sheets(self, tmp_path):
        refused(package(tmp_path / "trois_cents.xlsx", {f"F{number}": ONE_CELL for number in range(300)}), "300")


class TestXml:
    @pytest.mark.parametrize(
        "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
    )
    def test_entities_are_refused_wherever_they_are(self, tmp_path, part):
        path = package(
            tmp_path / "source.xlsx", {"A": ONE_CELL}, {"xl/sharedStrings.xml": "<sst/>", "xl/styles.xml": "<x/>"}
        )
        with zipfile.ZipFile(path) as archive:
            held = archive.read(part).decode()
        changed = package(
            tmp_path / "entites.xlsx",
            {"A": ONE_CELL},
            {"xl/sharedStrings.xml": "<sst/>", "xl/styles.xml": "<x/>"} | {part: BOMB + held},
        )
        refused(changed, "entités")

    def test_a_file_of_the_machine_is_never_read(self, tmp_path):
        (tmp_path / "secret.txt").write_text("mot de passe du serveur")
        entity = f'<!DOCTYPE x [<!ENTITY s SYSTEM "file://{tmp_path}/secret.txt">]>'
        path = package(
            tmp_path / "espion.xlsx", {"A": entity + worksheet('<row r="1"><c r="A1" t="str"><v>&s;</v></c></row>')}
        )
        assert "serveur" not in refusal(path)

    def test_another_alphabet_hides_nothing(self, tmp_path):
        content = f'<?xml version="1.0" encoding="utf-16"?>{BOMB}{ONE_CELL}'.encode("utf-16")
        assert "endommagé" in refusal(package(tmp_path / "utf16.xlsx", {"A": content}))

    @pytest.mark.parametrize(
        "cell",
        [
            '<c r="ZZZ1"><v>1</v></c>', '<c r="A99999999"><v>1</v></c>', '<c r="AAAAAAAA1"><v>1</v></c>',
            '<c r="1A"><v>1</v></c>', '<c r="A1" t="s"><v>99</v></c>', '<c r="A1" t="b"><v>7</v></c>',
            '<c r="A1" t="str"><v>&inconnue;</v></c>', '<c r="A5"><v>1</v></c><c r="A1"><v>1</v></c>',
            '<c r="A1"><v>1</v>', '<c r="A0"><v>1</v></c>',
        ],
    )  # fmt: skip
    def test_cells_that_no_program_writes(self, tmp_path, cell):
        refused(package(tmp_path / "tordu.xlsx", {"A": worksheet(f'<row r="1">{cell}</row>')}), "endommagé")

    @pytest.mark.parametrize("row", [0, 4_294_967_295, -1])
    def test_rows_that_do_not_exist(self, tmp_path, row):
        rows = f'<row r="{row}"><c><f>1+1</f></c><c><v>2</v></c></row>'
        refused(package(tmp_path / "rang.xlsx", {"A": worksheet(rows)}), "endommagé")

    def test_elements_without_end(self, tmp_path):
        """Deep or endless markup builds nothing in memory, even where formulas ask for a real parser."""
        formula = '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>'
        for name, junk in (("profond", "<x>" * 100_000 + "</x>" * 100_000), ("long", '<x a="1"/>' * 800_000)):
            outcome = read_apart(package(tmp_path / f"{name}.xlsx", {"A": worksheet(formula, after=junk)}))
            assert outcome.refusal == "" and outcome.cells == 1
            assert outcome.peak_bytes < SMALL

    def test_patterns_that_go_on_for_ever(self, tmp_path):
        hostile = {
            "colonnes": '<col hidden="1" min="1" max="16384"/>' * 200_000,
            "attributs": "<col " + 'hidden="1" ' * 90_000 + "/>",
            "prefixes": "<" + "a" * 900_000 + ":c/>",
        }
        for name, before in hostile.items():
            outcome = read_apart(package(tmp_path / f"{name}.xlsx", {"A": worksheet("", before=before)}))
            assert outcome.seconds < MOMENT, name
            assert outcome.peak_bytes < SMALL


class TestExtents:
    """The reading library makes room for every cell from the first to the last."""

    @pytest.mark.parametrize(
        "far",
        [
            '<c r="XFD1048576"><v>1</v></c>',
            '<c  r = "XFD1048576"  ><v>1</v></c>',
            "<c r='XFD1048576'><v>1</v></c>",
            '<x:c xmlns:x="urn:x" r="XFD1048576"><x:v>1</x:v></x:c>',
            '<c s="/>" r="XFD1048576"><v>1</v></c>',
            '<c r="XFD1048576" s="/>"><v>1</v></c>',
            '<c r="XFD1048576"><f>1+1</f></c>',
        ],
    )
    def test_a_value_forgotten_in_the_last_corner(self, tmp_path, far):
        rows = f'<row r="1">{inline("A1", "Nom")}</row><row r="1048576">{far}</row>'
        refused(package(tmp_path / "coin.xlsx", {"Organismes": worksheet(rows)}), "XFD1048576")

    def test_the_refusal_names_the_sheet_and_says_what_to_do(self, tmp_path):
        rows = f'<row r="1">{inline("A1", "Nom")}{inline("XFD1", "x")}</row>'
        message = refusal(package(tmp_path / "large.xlsx", {"Ressources 2026": worksheet(rows)}))
        assert "Ressources 2026" in message and "XFD1" in message and "Ctrl+Fin" in message

    def test_a_cell_without_reference_is_where_it_comes(self, tmp_path):
        rows = '<row r="1048576">' + "<c><v>1</v></c>" * (guard.MAX_COLUMNS + 1) + "</row>"
        refused(package(tmp_path / "anonyme.xlsx", {"A": worksheet(rows)}), "1048576")

    def test_claims_and_formats_cost_nothing(self, tmp_path):
        """A claimed dimension, a format down to the last corner: nothing is there."""
        rows = f'<row r="1">{inline("A1", "Nom")}</row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
        path = package(tmp_path / "vide.xlsx", {"A": worksheet(rows, before='<dimension ref="A1:XFD1048576"/>')})
        outcome = read_apart(path)
        assert (outcome.refusal, outcome.cells) == ("", 1)
        assert outcome.peak_bytes < SMALL

    def test_a_million_blank_rows(self, tmp_path):
        blank = "".join(f'<row r="{number}"><c r="A{number}" s="0"/></row>' for number in range(2, 1_048_577))
        path = package(tmp_path / "million.xlsx", {"A": worksheet(f'<row r="1">{inline("A1", "Nom")}</row>{blank}')})
        outcome = read_apart(path)
        assert (outcome.refusal, outcome.cells) == ("", 1)
        assert outcome.peak_bytes < SMALL
        assert outcome.seconds < MOMENT

    def test_many_sheets_share_one_allowance(self, tmp_path, monkeypatch):
        monkeypatch.setattr(guard, "MAX_CELLS", 1_000)
        rows = f'<row r="1">{inline("A1", "a")}</row><row r="600">{inline("A600", "a")}</row>'
        with open_workbook(package(tmp_path / "un.xlsx", {"A": worksheet(rows)})):
            pass
        assert "démesuré" in refusal(package(tmp_path / "deux.xlsx", {"A": worksheet(rows), "B": worksheet(rows)}))

    def test_columns_without_number_over_many_sheets(self, tmp_path):
        """Each sheet alone is within reason; comparing every heading with every column would take minutes."""
        width = guard.MAX_COLUMNS
        row = "".join(inline(f"{get_column_letter(column)}1", f"Titre {column}") for column in range(1, width + 1))
        rows = worksheet(f'<row r="1">{row}</row>')
        enough = guard.MAX_COLUMNS_IN_ALL // width
        within = package(tmp_path / "assez.xlsx", {f"Feuille {number}": rows for number in range(enough)})
        with open_workbook(within) as workbook:
            assert len(workbook.sheets) == enough
        beyond = package(tmp_path / "trop.xlsx", {f"Feuille {number}": rows for number in range(enough + 1)})
        refused(beyond, "trop de colonnes")


class TestText:
    def test_one_long_string_that_all_cells_share(self, tmp_path):
        strings = f"<sst><si><t>court</t></si><si><t>{'é' * 32_000}</t></si></sst>"
        cells = "".join(f'<row r="{number}"><c r="A{number}" t="s"><v>1</v></c></row>' for number in range(1, 100_001))
        refused(package(tmp_path / "echo.xlsx", {"A": worksheet(cells)}, {"xl/sharedStrings.xml": strings}), "démesuré")

    def test_one_long_string_that_nobody_repeats(self, tmp_path):
        """The same strings, each long one used once: nothing to refuse."""
        strings = f"<sst><si><t>court</t></si><si><t>{'é' * 32_000}</t></si></sst>"
        cells = "".join(f'<row r="{number}"><c r="A{number}" t="s"><v>0</v></c></row>' for number in range(1, 20_001))
        cells += '<row r="20001"><c r="A20001" t="s"><v>1</v></c></row>'
        outcome = read_apart(package(tmp_path / "mot.xlsx", {"A": worksheet(cells)}, {"xl/sharedStrings.xml": strings}))
        assert (outcome.refusal, outcome.cells) == ("", 20_001)

    def test_strings_without_number(self, tmp_path, monkeypatch):
        monkeypatch.setattr(guard, "MAX_STRINGS", 1_000)
        strings = {"xl/sharedStrings.xml": f"<sst>{'<si/>' * 1_001}</sst>"}
        assert "démesuré" in refusal(package(tmp_path / "chaines.xlsx", {"A": ONE_CELL}, strings))

    def test_a_cell_of_millions_of_characters(self, tmp_path):
        row = f'<row r="1">{inline("A1", "a" * (scan.MAX_RUN + 1_500_000))}</row>'
        refused(package(tmp_path / "roman.xlsx", {"A": worksheet(row)}), "caractères")

    def test_formulas_without_number(self, tmp_path, monkeypatch):
        monkeypatch.setattr(guard, "MAX_FORMULAS", 10)
        rows = "".join(f'<row r="{number}"><c r="A{number}"><f>1+1</f></c></row>' for number in range(1, 13))
        assert "formules" in refusal(package(tmp_path / "calculs.xlsx", {"A": worksheet(rows)}))

    def test_a_formula_is_kept_short_and_never_evaluated(self, tmp_path):
        text = "1+" * 50_000 + "1"
        rows = f'<row r="1"><c r="A1"><f>{text}</f></c><c r="B1"><f>WEBSERVICE("http://x.example.org")</f><v>3</v></c></row>'
        with open_workbook(package(tmp_path / "formule.xlsx", {"A": worksheet(rows)})) as workbook:
            ((_number, (long, live)),) = workbook.sheets[0].rows()
        assert len(long.formula) < 1_000
        assert live == FormulaCell('=WEBSERVICE("http://x.example.org")', 3.0)


@pytest.mark.django_db
class TestWhatIsLeftAside:
    ROWS = (("Code", "Nom", "Type de partenaire"), ("ORG050", "Maison des aînés", "OBNL"))

    def test_macros_links_and_connections_are_said_and_ignored(self, tmp_path):
        path = write(tmp_path / "classeur.xlsx", {"Organismes": self.ROWS})
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("xl/vbaProject.bin", b"Attribute VB_Name")
            archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
            archive.writestr("xl/connections.xml", "<connections/>")
        found = diff.compute(path)
        assert [len(item.added) for item in found.sheets] == [1]
        assert found.as_report()["notices"] == [guard.MACROS, guard.LINKS, guard.CONNECTIONS]
        assert guard.MACROS in summary.of(found)

    def test_an_ordinary_file_has_nothing_to_say(self, tmp_path):
        found = diff.compute(write(tmp_path / "classeur.xlsx", {"Organismes": self.ROWS}))
        assert set(found.as_report()) == {"file", "sheets", "ignored_sheets"}

    def test_hidden_sheets_and_charts_are_ignored_with_a_reason(self, tmp_path):
        book = Workbook()
        book.active.title = "Organismes"
        for row in self.ROWS:
            book.active.append(row)
        for name, state in (("Cachée", "hidden"), ("Très cachée", "veryHidden")):
            hidden = book.create_sheet(name)
            for row in self.ROWS:
                hidden.append(row)
            hidden.sheet_state = state
        book.create_chartsheet("Graphique").add_chart(BarChart())
        book.save(tmp_path / "classeur.xlsx")
        report = diff.compute(tmp_path / "classeur.xlsx").as_report()
        reasons = {item["sheet"]: item["reason"] for item in report["ignored_sheets"]}
        assert set(reasons) == {"Cachée", "Très cachée", "Graphique"}
        assert "masquée" in reasons["Très cachée"] and "graphique" in reasons["Graphique"]
        assert len(sheet(diff.compute(tmp_path / "classeur.xlsx"), "Organismes")["added"]) == 1

    def test_forty_thousand_characters_are_cut_and_the_row_kept(self, tmp_path):
        small_network()
        rows = [("Code", "Nom", "Description"), ("ORG001", "CLSC de la Rive", "é" * 40_000)]
        found = diff.compute(write(tmp_path / "classeur.xlsx", {"Organismes": rows}))
        report = sheet(found, "Organismes")
        assert (2, "texte_trop_long") in warned(report)
        assert not report["rejected"]
        ((_before, after),) = (item["fields"]["Description"] for item in report["changed"])
        assert len(after) <= 10_000
        assert Organization.objects.get(code="ORG001").description == ""

    def test_numbers_that_are_not(self, tmp_path):
        """Infinity and « not a number » are read as unreadable, and the report stays valid JSON."""
        headings = "".join(map(inline, ("A1", "B1", "C1", "D1"), ("Code", "Organisme", "Nom du service", "Âge min")))
        first = "".join(map(inline, ("A2", "B2", "C2"), ("SRV0090", "ORG001", "Répit")))
        second = "".join(map(inline, ("A3", "B3"), ("SRV0091", "ORG001")))
        rows = (
            f'<row r="1">{headings}</row><row r="2">{first}<c r="D2"><v>1e999</v></c></row>'
            f'<row r="3">{second}<c r="C3"><v>NaN</v></c><c r="D3"><v>-1e300</v></c></row>'
        )
        small_network()
        found = diff.compute(package(tmp_path / "infini.xlsx", {"Services": worksheet(rows)}))
        report = sheet(found, "Services")
        assert (2, "age_invalide") in warned(report)
        json.loads(json.dumps(report, allow_nan=False))
