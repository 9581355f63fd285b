import random
import struct
import zipfile
from contextlib import suppress

import pytest
import xlsxwriter
from odd_workbooks import MAIN, contents, parts_of, put, row, sheet, zipped

from sheetcrm.errors import SheetcrmError, WorkbookUnreadable
from sheetcrm.xlsx import Limits, edit, open_book

CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
PLAIN = sheet(row(1, '<c r="A1"><v>1</v></c>'))
NO_WORKBOOK = {
    "nothing": (b"", "is empty"),
    "an encrypted workbook": (CFB + "EncryptedPackage".encode("utf-16-le"), "encrypted with a password"),
    "an old workbook": (CFB + "Workbook".encode("utf-16-le"), r"old workbook \(\.xls\)"),
    "a web page": (b"\xef\xbb\xbf <!DOCTYPE html><html><table>", "web page"),
    "an XML spreadsheet": (b'<?xml version="1.0"?><Workbook/>', "XML file"),
    "a CSV file": (b"Name,Amount\nAnn,5\n", "text file, such as CSV"),
    "noise": (b"\0\1\2\3" * 99, "no Excel workbook"),
    "a zip of something else": (zipped({"readme.txt": "hello"}), "holds no Excel workbook"),
    "an OpenDocument file": (
        zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}),
        "OpenDocument",
    ),
    "a binary workbook": (
        zipped(parts_of(PLAIN, {"xl/workbook.bin": "", "_rels/.rels": parts_of(PLAIN)["_rels/.rels"].replace(
            "workbook.xml", "workbook.bin")})),
        r"binary workbook \(\.xlsb\)",
    ),
    "a Word document": (
        zipped(parts_of(PLAIN, {"word/document.xml": "<document/>", "_rels/.rels": parts_of(PLAIN)[
            "_rels/.rels"].replace("xl/workbook", "word/document")})),
        "no Excel workbook",
    ),
    "an empty zip": (zipped({}), "0 members"),
}  # fmt: skip


@pytest.mark.parametrize("what", NO_WORKBOOK)
def test_what_is_no_workbook_is_named(tmp_path, what):
    data, match = NO_WORKBOOK[what]
    path = tmp_path / "book.xlsx"
    path.write_bytes(data)
    with pytest.raises(WorkbookUnreadable, match=match) as caught:
        open_book(path)
    assert caught.value.remedy


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(WorkbookUnreadable, match="does not exist"):
        open_book(tmp_path / "gone.xlsx")
    with pytest.raises(WorkbookUnreadable, match="is a folder"):
        open_book(tmp_path)
    with pytest.raises(WorkbookUnreadable, match="cannot be read"):
        open_book(tmp_path / "a\0b.xlsx")


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("part", list(parts_of(PLAIN))[1:])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_every_part_that_is_read(tmp_path, part, codec):
    path = put(tmp_path, PLAIN, {part: (BOMB + parts_of(PLAIN)[part]).encode(codec)})
    with pytest.raises(WorkbookUnreadable):
        open_book(path).grid("Sheet1")


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_a_zip_bomb_is_refused_before_it_unfolds(tmp_path, part):
    path = put(tmp_path, PLAIN, {part: parts_of(PLAIN)[part] + " " * 40_000_000})
    with pytest.raises(WorkbookUnreadable, match=r"unpacks to 40,\d+,\d+ bytes; the limit is"):
        open_book(path, limits=Limits(part_bytes=20_000_000)).grid("Sheet1")


def test_a_lie_about_the_unpacked_size_is_found(tmp_path):
    data = bytearray(zipped(parts_of(PLAIN + " " * 1_000_000)))
    size = struct.pack("<I", len(PLAIN) + 1_000_000)
    path = tmp_path / "book.xlsx"
    path.write_bytes(data.replace(size, struct.pack("<I", len(PLAIN))))
    with pytest.raises(WorkbookUnreadable, match="checksum"):
        open_book(path).grid("Sheet1")


@pytest.mark.parametrize(
    "cells",
    [
        row(1, '<c r="A1"><v>1</v></c>') + row(1_048_576, '<c r="XFD1048576"><v>1</v></c>'),
        row(1, '<c r="A1"><v>1</v></c>', '<c r="XFD1048576"><v>1</v></c>'),
        row(1, "<c r = 'A1'><v>1</v></c>", "<c\nr='XFD1048576'><v>1</v></c>"),
        "<row><c/>" + "<c><v>1</v></c>" * 9000 + '</row><row r="1048576"><c><v>1</v></c></row>',
        row(1, '<c r="A1"><v>1</v></c>', '<c r="C99999999999999999999"><v>1</v></c>'),
        row(1, '<c r="A1"><v>1</v></c>', '<y:c xmlns:y="y" r="XFD1048576"><v>1</v></y:c>'),
        '<row r="99999999999"><c><v>1</v></c></row>' + row(1, '<c r="A1"><v>1</v></c>'),
    ],
)
def test_far_away_cells_do_not_fill_the_memory(tmp_path, cells):
    with pytest.raises(WorkbookUnreadable):
        open_book(put(tmp_path, sheet(cells))).grid("Sheet1")


def test_a_second_set_of_rows_is_not_smuggled_past_the_check(tmp_path):
    far = '<y:sheetData xmlns:y="y"><row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row></y:sheetData>'
    with pytest.raises(WorkbookUnreadable, match="twice"):
        open_book(put(tmp_path, sheet(row(1), before=far))).grid("Sheet1")


def test_one_long_text_used_a_million_times_is_refused(tmp_path):
    strings = f'<sst xmlns="{MAIN}"><si><t>{"x" * 32_000}</t></si></sst>'
    cells = "".join(row(i, f'<c r="A{i}" t="s"><v>0</v></c>') for i in range(1, 10_001))
    path = put(tmp_path, sheet(cells), {"xl/sharedStrings.xml": strings})
    with pytest.raises(WorkbookUnreadable, match="The text of the tab"):
        open_book(path).grid("Sheet1")


def test_announced_counts_set_no_memory_aside(tmp_path):
    strings = f'<sst xmlns="{MAIN}" count="9" uniqueCount="99999999999999"><si><t>Ann</t></si></sst>'
    path = put(tmp_path, sheet(row(1, '<c r="A1" t="s"><v>0</v></c>')), {"xl/sharedStrings.xml": strings})
    assert open_book(path).grid("Sheet1").rows == [["Ann"]]


@pytest.mark.parametrize("piece", ["<!--", "<c ", "<row ", '<c r="A1">', "<![CDATA[", '"', "<?", "<c r='"])
def test_endless_repetition_takes_linear_time(tmp_path, piece):
    path = put(tmp_path, sheet(row(1, '<c r="A1"><v>1</v></c>') + piece * 300_000))
    with suppress(SheetcrmError):
        edit(path, path, {("Sheet1", "A1"): 1, ("Sheet1", "B7"): 2})
    check_named(path)


def test_deep_nesting_is_no_overflow(tmp_path):
    deep = "<a>" * 100_000 + "</a>" * 100_000
    with pytest.raises(WorkbookUnreadable):
        open_book(put(tmp_path, PLAIN, {"xl/workbook.xml": deep}))
    with suppress(SheetcrmError):
        edit(put(tmp_path, sheet(deep)), tmp_path / "out.xlsx", {("Sheet1", "A1"): 1})


def real(path):
    with xlsxwriter.Workbook(path) as book:
        tab = book.add_worksheet("Leads")
        tab.add_table("A1:C9", {"columns": [{"header": "Name"}, {"header": "Due"}, {"header": "N"}]})
        for i in range(1, 9):
            tab.write_row(i, 0, [f"lead {i}", i, True])
        tab.write_formula("E2", "=SUM(B2:B9)", None, 36)
        tab.merge_range("G1:H2", "merged")
    return path.read_bytes()


def check_named(path):
    """Whatever the bytes, nothing but SheetcrmError comes out; told is whether all went well."""
    try:
        book = open_book(path)
        for tab in book.tabs:
            book.grid(tab)
        book.set(book.tabs[0] if book.tabs else "", "B4", 5)
        book.append(book.tabs[0], [{0: "new"}])
        book.save()
    except SheetcrmError as error:
        assert error.what  # noqa: PT017 -- the point is which errors come out
        return False
    return True


def test_a_file_cut_off_anywhere_is_unreadable_by_name(tmp_path):
    path = tmp_path / "book.xlsx"
    data = real(path)
    for cut in [*range(60), *range(60, len(data) - 30, 97), *range(len(data) - 30, len(data))]:
        path.write_bytes(data[:cut])
        with pytest.raises(WorkbookUnreadable):
            open_book(path)


def test_flipped_bytes_raise_nothing_but_named_errors(tmp_path):
    path = tmp_path / "book.xlsx"
    data, dice = real(path), random.Random(7)  # noqa: S311
    for _ in range(400):
        broken = bytearray(data)
        for _ in range(dice.choice([1, 1, 2, 20])):
            broken[dice.randrange(len(data))] = dice.randrange(256)
        path.write_bytes(broken)
        check_named(path)


JUNK = [b"<", b">", b'"', b"<!--", b"<![CDATA[", b"<?", b"&#0;", b"9" * 20, b"-1", b"\xff", b"</row>", b"</c>", b""]


def test_parts_broken_anywhere_raise_nothing_but_named_errors(tmp_path):
    path = tmp_path / "book.xlsx"
    real(path)
    parts, dice, well = contents(path), random.Random(8), 0  # noqa: S311
    for _ in range(500):
        name = dice.choice(list(parts))
        at = dice.randrange(len(parts[name]))
        broken = parts[name][:at] + dice.choice(JUNK) + parts[name][at + dice.choice([0, 1, 9, 200]) :]
        path.write_bytes(zipped(parts | {name: broken}))
        well += check_named(path)
    assert well  # some damage is outside of what is read


def test_a_part_that_is_missing_is_named(tmp_path):
    path = tmp_path / "book.xlsx"
    for gone in parts_of(PLAIN):
        path.write_bytes(zipped({name: part for name, part in parts_of(PLAIN).items() if name != gone}))
        check_named(path)


def test_an_encrypted_member_is_unreadable(tmp_path):
    path = put(tmp_path, PLAIN)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            data[info.header_offset + 6] |= 1
    at = data.index(b"PK\1\2")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\1\2", at + 1)
    path.write_bytes(data)
    with pytest.raises(WorkbookUnreadable, match="encrypted"):
        open_book(path)


@pytest.mark.parametrize(
    ("limits", "match"),
    [
        (Limits(cells=3), "4 cells; the limit is 3"),
        (Limits(formulas=1), "2 formulas; the limit is 1"),
        (Limits(merges=1), "2 merged cells; the limit is 1"),
        (Limits(small_part_bytes=100), "the limit is 100"),
        (Limits(file_bytes=100), "the limit is 100"),
        (Limits(members=3), "7 members"),
    ],
)
def test_one_beyond_a_limit_is_an_error_that_names_it(tmp_path, limits, match):
    formulas = [f'<c r="{letter}1"><f>1</f></c>' for letter in "AB"]
    merges = '<mergeCells><mergeCell ref="A3:B3"/><mergeCell ref="A4:B4"/></mergeCells>'
    path = put(tmp_path, sheet(row(1, *formulas) + row(2, '<c r="A2"/>', '<c r="B2"><v>1</v></c>'), after=merges))
    assert len(open_book(path).grid("Sheet1").formulas) == 2
    with pytest.raises(WorkbookUnreadable, match=match):
        open_book(path, limits=limits).grid("Sheet1")
