from datetime import date, datetime, time, timedelta

import pytest
from odd_workbooks import MAIN, OFFICE, STRICT, contents, put, row, sheet, sheet_of

from sheetcrm.errors import EditRefused, NotFound
from sheetcrm.table import CellError
from sheetcrm.xlsx import edit, open_book
from sheetcrm.xlsx.places import place

PLAIN = sheet(row(1, '<c r="A1" t="s"><v>0</v></c>', '<c r="C1" s="2"><v>5</v></c>') + row(3, '<c r="B3"><v>7</v></c>'))


def write(path, cell, value):
    edit(path, path, {("Sheet1", cell): value})
    return sheet_of(path)


def read(path, cell):
    return open_book(path).grid("Sheet1").raw(*place(cell))


def test_only_the_written_cell_changes(tmp_path):
    path = put(tmp_path, PLAIN)
    assert write(path, "C1", 6) == PLAIN.replace("<v>5</v>", "<v>6</v>")


def test_all_other_parts_stay_byte_for_byte(tmp_path):
    path = put(tmp_path, PLAIN)
    before = contents(path)
    receipt = edit(path, path, {("Sheet1", "A1"): "Ann"})
    after = contents(path)
    assert receipt.parts_changed == ("xl/worksheets/sheet1.xml",)
    assert receipt.cells == (("Sheet1", "A1"),)
    assert {name for name in before if before[name] != after[name]} == {"xl/worksheets/sheet1.xml"}
    assert list(before) == list(after)


@pytest.mark.parametrize(
    "value",
    [
        "text", "007", "=SUM(A1)", " padded ", "two\nlines", "tab\there", "<&>\"'", "_x000D_", "a\r\nb", "Ł🙂",
        "'quote", "x" * 32_767, 0, -1, 1.5, 7e30, 5e-324, 2**53, True, False,
        date(2026, 3, 2), datetime(2026, 3, 2, 13, 45, 6),
        date(1900, 3, 1), date(9999, 12, 31), time(8, 30), timedelta(hours=30),
    ],
)  # fmt: skip
def test_what_is_written_is_what_is_read(tmp_path, value):
    path = put(tmp_path, PLAIN)
    write(path, "B2", value)
    found = read(path, "B2")
    assert found == value
    assert isinstance(found, bool) == isinstance(value, bool)


def test_an_error_value_is_written_as_error(tmp_path):
    path = put(tmp_path, PLAIN)
    write(path, "B2", CellError("#N/A"))
    assert read(path, "B2") == CellError("#N/A")


@pytest.mark.parametrize("value", [None, ""])
def test_a_cleared_cell_keeps_its_format(tmp_path, value):
    path = put(tmp_path, PLAIN)
    assert '<c r="C1" s="2"/>' in write(path, "C1", value)
    assert read(path, "C1") is None


def test_clearing_a_cell_that_is_not_there_changes_nothing(tmp_path):
    path = put(tmp_path, PLAIN)
    book = open_book(path)
    book.set("Sheet1", "J10", None)
    assert book.save().parts_changed == ()
    assert sheet_of(path) == PLAIN


@pytest.mark.parametrize(
    ("cell", "xml"),
    [
        ("B1", '<v>0</v></c><c r="B1"><v>1</v></c><c r="C1"'),
        ("D1", '<v>5</v></c><c r="D1"><v>1</v></c></row>'),
        ("A2", '</row><row r="2"><c r="A2"><v>1</v></c></row><row r="3">'),
        ("A3", '<row r="3"><c r="A3"><v>1</v></c><c r="B3">'),
        ("C400000", '</row><row r="400000"><c r="C400000"><v>1</v></c></row></sheetData>'),
    ],
)
def test_a_new_cell_takes_its_place_in_order(tmp_path, cell, xml):
    assert xml in write(put(tmp_path, PLAIN), cell, 1)


def test_an_edit_that_would_make_the_sheet_unreadably_large_is_refused(tmp_path):
    path = put(tmp_path, PLAIN)
    with pytest.raises(EditRefused, match="the limit is"):
        write(path, "XFD1048576", 1)
    assert sheet_of(path) == PLAIN


@pytest.mark.parametrize("empty", ["<sheetData/>", "<sheetData />", "<sheetData></sheetData>", '<sheetData x="1"/>'])
def test_an_empty_sheet_takes_cells(tmp_path, empty):
    path = put(tmp_path, f'<worksheet xmlns="{MAIN}">{empty}</worksheet>')
    book = open_book(path)
    book.set("Sheet1", "B2", "b")
    book.set("Sheet1", "A1", "a")
    book.save()
    assert open_book(path).grid("Sheet1").rows == [["a", None], [None, "b"]]


def test_an_empty_row_takes_cells_and_keeps_its_attributes(tmp_path):
    path = put(tmp_path, sheet('<row r="2" ht="30" customHeight="1"/>'))
    book = open_book(path)
    book.set("Sheet1", "D2", 4)
    book.set("Sheet1", "A2", 1)
    book.save()
    assert '<row r="2" ht="30" customHeight="1"><c r="A2"><v>1</v></c><c r="D2"><v>4</v></c></row>' in sheet_of(path)


def test_new_cells_take_the_format_of_their_row_or_else_column(tmp_path):
    xml = sheet(
        '<row r="1" s="2" customFormat="1"><c r="A1"/></row>' + row(2, '<c r="A2"/>'),
        before='<cols><col min="2" max="3" width="9" style="1"/></cols>',
    )
    path = put(tmp_path, xml)
    edit(path, path, {("Sheet1", "B1"): 1, ("Sheet1", "C2"): 2, ("Sheet1", "D2"): 3, ("Sheet1", "B7"): 4})
    new = sheet_of(path)
    for cell in ('<c r="B1" s="2">', '<c r="C2" s="1">', '<c r="D2">', '<c r="B7" s="1">'):
        assert cell in new


def test_spans_and_dimension_stay_right(tmp_path):
    xml = sheet('<row r="1" spans="1:2"><c r="A1"/></row>', before='<dimension ref="A1:B1"/>')
    path = put(tmp_path, xml)
    new = write(path, "D3", 1)
    assert '<dimension ref="A1:D3"/>' in new
    assert 'spans="1:2"' in new
    assert 'spans="1:6"' in write(path, "F1", 1)


def test_cells_and_rows_without_addresses_are_counted(tmp_path):
    path = put(tmp_path, sheet("<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c><v>3</v></c></row>"))
    edit(path, path, {("Sheet1", "B1"): 20, ("Sheet1", "B3"): 30, ("Sheet1", "A2"): 10})
    assert open_book(path).grid("Sheet1").rows == [[1.0, 20.0], [10.0, None], [3.0, 30.0]]


def test_overwriting_drops_rich_value_and_array_marks(tmp_path):
    path = put(tmp_path, sheet(row(1, '<c r="A1" s="2" t="str" cm="1" vm="2"><v>x</v></c>')))
    assert '<c r="A1" s="2"><v>1</v></c>' in write(path, "A1", 1)


@pytest.mark.parametrize("namespace", [MAIN, STRICT])
def test_prefixed_and_strict_sheets_are_written_in_their_own_names(tmp_path, namespace):
    xml = (
        f'\ufeff<?xml version="1.0" encoding="UTF-8"?><x:worksheet xmlns:x="{namespace}"><x:sheetData>'
        '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    path = put(tmp_path, xml)
    new = write(path, "B1", "b")
    assert '<x:c r="B1" t="inlineStr"><x:is><x:t>b</x:t></x:is></x:c></x:row>' in new
    assert open_book(path).grid("Sheet1").rows == [[1.0, "b"]]


@pytest.mark.parametrize("codec", ["utf-16", "iso-8859-1"])
def test_a_sheet_in_another_encoding_keeps_it(tmp_path, codec):
    xml = f'<?xml version="1.0" encoding="{codec}"?>' + sheet(row(1, '<c r="A1" t="inlineStr"><is><t>Zoë</t></is></c>'))
    path = put(tmp_path, xml.encode(codec))
    edit(path, path, {("Sheet1", "B1"): "Łódź"})
    assert contents(path)["xl/worksheets/sheet1.xml"].decode(codec).startswith(xml[:200])
    assert open_book(path).grid("Sheet1").rows == [["Zoë", "Łódź"]]


def test_comments_and_cdata_hide_no_cells_and_stay(tmp_path):
    hidden = '<!-- <row r="9"><c r="A9"> -->'
    data = '<c r="A1" t="inlineStr"><is><t><![CDATA[</c></row><row r="1">]]></t></is></c>'
    path = put(tmp_path, sheet(hidden + row(1, data, "<!-- </c> -->", '<c r="B1"><v>1</v></c>')))
    new = write(path, "B1", 2)
    assert hidden in new
    assert data + '<!-- </c> --><c r="B1"><v>2</v></c>' in new


REFUSED = {
    "a formula": (sheet(row(1, '<c r="A1"><f>1+1</f><v>2</v></c>')), "holds a formula"),
    "a shared formula's follower": (sheet(row(1, '<c r="A1"><f t="shared" si="0"/><v>2</v></c>')), "holds a formula"),
    "an array's inner cell": (sheet(row(1, '<c r="B1"><f t="array" ref="A1:B1">X</f></c>')), "array formula"),
    "a data table's cell": (sheet(row(1, '<c r="B1"><f t="dataTable" ref="A1:B2"/></c>')), "data table"),
    "a protected sheet": (sheet(row(1), after='<sheetProtection sheet="1"/>'), "protected"),
    "an extension": (sheet(row(1, '<c r="A1"><v>1</v><extLst><ext/></extLst></c>')), "extension"),
    "a row given twice": (sheet(row(1) + row(1)), "out of order"),
    "cells out of order": (sheet(row(1, '<c r="C1"/><c r="B1"/>')), "out of order"),
    "alternate content": (sheet(f'<mc:AlternateContent xmlns:mc="{OFFICE}"/>'), "namespace"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_refused_rather_than_harmed(tmp_path, what):
    xml, reason = REFUSED[what]
    path = put(tmp_path, xml)
    before = path.read_bytes()
    with pytest.raises(EditRefused, match=reason):
        edit(path, path, {("Sheet1", "A1"): "new"})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["book.xlsx"]


def test_only_the_anchor_of_a_merge_is_written(tmp_path):
    path = put(tmp_path, sheet(row(1), after='<mergeCells><mergeCell ref="A1:B2"/></mergeCells>'))
    write(path, "A1", "shown")
    for cell in ("B1", "A2", "B2"):
        with pytest.raises(EditRefused, match="merged"):
            write(path, cell, "hidden")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("x" * 32_768, "32,768 characters"),
        ("🙂" * 16_384, "32,768 characters"),
        ("a\x07b", "U\\+0007"),
        ("\ud800", "U\\+D800"),
        (float("nan"), "no number"),
        (float("inf"), "no number"),
        (2**53 + 1, "more digits"),
        (10**400, "more digits"),
        (date(1899, 12, 31), "before 01 March 1900"),
        (CellError("#OOPS"), "no error value"),
        (b"bytes", "cannot hold a bytes"),
    ],
)
def test_what_no_cell_can_hold_is_refused_at_once(tmp_path, value, reason):
    book = open_book(put(tmp_path, PLAIN))
    with pytest.raises(EditRefused, match=reason):
        book.set("Sheet1", "A1", value)


@pytest.mark.parametrize("where", [(-1, 0), (0, -1), (1_048_576, 0), (0, 16_384)])
def test_places_outside_the_sheet_are_refused(tmp_path, where):
    with pytest.raises(EditRefused, match="not on the sheet"):
        open_book(put(tmp_path, PLAIN)).set("Sheet1", where, 1)


def test_an_unknown_tab_is_named_with_those_there_are(tmp_path):
    with pytest.raises(NotFound, match=r"no tab 'Leads'\. It has: Sheet1"):
        open_book(put(tmp_path, PLAIN)).set("Leads", "A1", 1)


def test_dates_count_from_the_workbooks_own_epoch(tmp_path):
    workbook = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr date1904="1"/><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId0"/></sheets></workbook>'
    )
    path = put(tmp_path, sheet(row(1, '<c r="A1" s="1"><v>1</v></c>')), {"xl/workbook.xml": workbook})
    assert read(path, "A1") == date(1904, 1, 2)
    assert '<c r="B1" s="1"><v>0</v></c>' in write(path, "B1", date(1904, 1, 1)).replace(' s="3"', ' s="1"')
    assert read(path, "B1") is not None


def test_a_date_reuses_the_workbooks_own_date_format(tmp_path):
    path = put(tmp_path, PLAIN)
    receipt = edit(path, path, {("Sheet1", "B3"): date(2026, 3, 2)})
    assert receipt.parts_changed == ("xl/worksheets/sheet1.xml",)
    assert '<c r="B3" s="1"><v>46083</v></c>' in sheet_of(path)


def test_a_date_format_is_appended_and_keeps_the_cells_other_looks(tmp_path):
    path = put(tmp_path, PLAIN)
    before = contents(path)["xl/styles.xml"].decode()
    edit(path, path, {("Sheet1", "C1"): date(2026, 3, 2), ("Sheet1", "A1"): datetime(2026, 3, 2, 9, 0)})
    new = '<xf numFmtId="22" applyNumberFormat="1"/><xf numFmtId="164" fontId="0" applyNumberFormat="1">'
    after = contents(path)["xl/styles.xml"].decode()
    assert after.replace('count="5"', 'count="3"').replace(new + '<alignment wrapText="1"/></xf>', "") == before
    assert (read(path, "C1"), read(path, "A1")) == (date(2026, 3, 2), datetime(2026, 3, 2, 9, 0))


def test_excel_is_asked_to_calculate_only_where_there_are_formulas(tmp_path):
    path = put(tmp_path, PLAIN.replace("</row>", '<c r="Z1"><f>A1</f></c></row>', 1))
    receipt = edit(path, path, {("Sheet1", "A1"): 1})
    assert "xl/workbook.xml" in receipt.parts_changed
    assert '</sheets><calcPr fullCalcOnLoad="1"/></workbook>' in contents(path)["xl/workbook.xml"].decode()
    assert "xl/workbook.xml" not in edit(path, path, {("Sheet1", "A1"): 2}).parts_changed


def test_a_manual_calculation_mode_stays_the_persons_choice(tmp_path):
    workbook = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId0"/></sheets>'
        '<calcPr calcId="191029" calcMode="manual"/><extLst/></workbook>'
    )
    path = put(tmp_path, sheet(row(1, '<c r="B1"><f>A1</f></c>')), {"xl/workbook.xml": workbook})
    edit(path, path, {("Sheet1", "A1"): 1})
    assert contents(path)["xl/workbook.xml"].decode() == workbook.replace(
        'calcMode="manual"/>', 'calcMode="manual" fullCalcOnLoad="1"/>'
    )


@pytest.mark.parametrize("number", [-1, 0, 0.5, 60, 61, 46083.25, 2958465, 36201234567])
def test_a_number_in_a_cell_with_a_date_format_is_written_as_it_is(tmp_path, number):
    path = put(tmp_path, sheet(row(1, '<c r="A1" s="1"/>')))
    assert f'<c r="A1" s="1"><v>{number}</v></c>' in write(path, "A1", number)


def test_a_number_that_would_make_the_tab_unreadable_is_refused(tmp_path):
    path = put(tmp_path, sheet(row(1, '<c r="A1" s="1"/>')))
    with pytest.raises(EditRefused, match="could not be read again"):
        write(path, "A1", -106751991169)


def test_once_the_tab_was_read_one_bad_cell_is_refused_at_once_and_the_others_are_written(tmp_path):
    cells = ('<c r="A1"><f>B1</f><v>1</v></c>', '<c r="B1"><v>1</v></c>', '<c r="C1"/>')
    path = put(tmp_path, sheet(row(1, *cells), after='<mergeCells><mergeCell ref="C1:D200"/></mergeCells>'))
    book = open_book(path)
    book.grid("Sheet1")
    for column, match in ((0, "formula"), (3, "merged")):
        with pytest.raises(EditRefused, match=match):
            book.set("Sheet1", (0, column), "new")
    book.set("Sheet1", "B1", 2)
    assert book.save().cells == (("Sheet1", "B1"),)


def test_a_cell_found_by_its_address_is_written_though_its_neighbours_are_out_of_order(tmp_path):
    path = put(tmp_path, sheet(row(1, '<c r="B1"><v>2</v></c>', '<c r="A1"><v>1</v></c>')))
    assert '<c r="B1"><v>2</v></c><c r="A1"><v>5</v></c>' in write(path, "A1", 5)


def test_a_colour_inside_rich_text_does_not_end_its_cell(tmp_path):
    rich = "<is><r><rPr><b></b><color></color></rPr><t>An</t></r></is>"
    path = put(tmp_path, sheet(row(1, f'<c t="inlineStr" r="A1">{rich}</c>', '<c r="B1"><v>1</v></c>')))
    assert write(path, "B1", 2) == sheet(row(1, f'<c t="inlineStr" r="A1">{rich}</c>', '<c r="B1"><v>2</v></c>'))
    assert '<c r="A1"><v>3</v></c>' in write(path, "A1", 3)
