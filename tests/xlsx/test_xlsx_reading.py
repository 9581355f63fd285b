from datetime import date, datetime, time, timedelta

import pytest
import xlsxwriter
from odd_workbooks import MAIN, OFFICE, links, put, row, sheet

from sheetcrm.errors import WorkbookUnreadable
from sheetcrm.table import CellError, TableRange
from sheetcrm.xlsx import Limits, open_book
from sheetcrm.xlsx.places import place


def grid(path, tab="Sheet1"):
    return open_book(path).grid(tab)


def workbook(*sheets, settings=""):
    inside = "".join(f'<sheet name="{name}" sheetId="{i + 1}" r:id="rId{i}"/>' for i, name in enumerate(sheets))
    return f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{settings}<sheets>{inside}</sheets></workbook>'


def test_values_come_as_typed(tmp_path):
    path = tmp_path / "typed.xlsx"
    values = ["007", "NA", "None", "null", " padded ", "=text", 7e30, 36201234567, True, None, "x\ny"]
    days = {"yyyy-mm-dd": date(2026, 3, 2), "yyyy-mm-dd hh:mm": datetime(2026, 3, 2, 9, 30)}
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        tab = book.add_worksheet("Sheet1")
        for column, value in enumerate(values):
            tab.write(0, column, value)
        for column, (form, value) in enumerate(days.items()):
            tab.write_datetime(1, column, value, book.add_format({"num_format": form}))
        tab.write_number(1, 2, 0.25, book.add_format({"num_format": "hh:mm"}))
        tab.write_number(1, 3, 1.5, book.add_format({"num_format": "[h]:mm"}))
    found = grid(path)
    assert found.rows[0] == values
    assert found.rows[1][:4] == [*days.values(), time(6), timedelta(hours=36)]
    assert isinstance(found.raw(0, 7), float)
    assert found.raw(0, 8) is True


def test_places_are_those_of_the_tab_not_of_its_first_cell(tmp_path):
    found = grid(put(tmp_path, sheet(row(5, '<c r="C5"><v>1</v></c>'))))
    assert (found.top, found.left, found.rows, found.raw(4, 2), found.raw(0, 0)) == (4, 2, [[1.0]], 1.0, None)


def test_error_values_come_as_errors_and_formulas_by_their_places(tmp_path):
    cells = (
        '<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', '<c r="B1" t="e"><v>#N/A</v></c>',
        '<c r="C1"><f>1+1</f><v>2</v></c>', '<c r="D1" t="str"><f t="shared" si="0"/><v></v></c>',
        '<c r="E1" t="inlineStr"><is><t>t="e" and &lt;f></t></is></c>',
    )  # fmt: skip
    found = grid(put(tmp_path, sheet(row(1, *cells))))
    assert found.rows == [[CellError("#DIV/0!"), CellError("#N/A"), 2.0, None, 't="e" and <f>']]
    assert found.formulas == {(0, 0), (0, 2), (0, 3)}


def test_cells_without_addresses_stand_one_after_the_other(tmp_path):
    found = grid(put(tmp_path, sheet("<row><c><v>1</v></c><c><f>A1</f><v>2</v></c></row><row><c/><c t='e'/></row>")))
    assert found.rows[0] == [1.0, 2.0]
    assert found.formulas == {(0, 1)}


def test_tabs_tell_whether_they_are_hidden_or_protected(tmp_path):
    path = tmp_path / "tabs.xlsx"
    with xlsxwriter.Workbook(path) as book:
        shown, hidden, locked = (book.add_worksheet(name) for name in ("Shown", "Hidden", "A & <B>"))
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Shown!$A$1:$A$1"})
        book.add_chartsheet("Chart").set_chart(chart)
        hidden.very_hidden()
        locked.protect()
        shown.write(0, 0, 1)
    book = open_book(path)
    assert book.tabs == ("Shown", "Hidden", "A & <B>")
    assert [book.grid(tab).is_hidden for tab in book.tabs] == [False, True, False]
    assert [book.grid(tab).is_protected for tab in book.tabs] == [False, False, True]


def test_tables_are_found_with_their_totals(tmp_path):
    path = tmp_path / "tables.xlsx"
    with xlsxwriter.Workbook(path) as book:
        tab = book.add_worksheet("Sheet1")
        tab.add_table("B3:D6", {"name": "Leads"})
        tab.add_table("F1:G9", {"name": "Team", "total_row": True})
    assert grid(path).tables == (TableRange("Leads", 2, 1, 5, 3), TableRange("Team", 0, 5, 8, 6, has_totals=True))


def test_parts_under_other_names_are_found_by_their_links(tmp_path):
    more = {
        "_rels/.rels": links(("officeDocument", "/Book/main.xml")),
        "Book/main.xml": workbook("Sheet1", settings='<workbookPr date1904="true"/>'),
        "Book/_rels/main.xml.rels": links(("worksheet", "/xl/worksheets/SHEET1.xml"), ("styles", "../xl/styles.xml")),
    }
    path = put(tmp_path, sheet(row(1, '<c r="A1" s="1"><v>0</v></c>', '<c r="B1"><v>5</v></c>')), more)
    assert grid(path).rows[0][1] == 5.0


def test_a_workbook_without_styles_and_strings_is_read(tmp_path):
    more = {"xl/_rels/workbook.xml.rels": links(("worksheet", "worksheets/sheet1.xml"))}
    assert grid(put(tmp_path, sheet(row(1, '<c r="A1"><v>5</v></c>')), more)).rows == [[5.0]]


def test_an_empty_tab_has_no_rows(tmp_path):
    assert grid(put(tmp_path, sheet(""))).rows == []


def test_a_negative_number_in_a_cell_with_a_date_format_is_no_time(tmp_path):
    cells = [
        f'<c r="{letter}1" s="1"><v>{number}</v></c>'
        for letter, number in zip("ABC", ("-5", "0", "-0.25"), strict=True)
    ]
    assert grid(put(tmp_path, sheet(row(1, *cells)))).rows == [[-5.0, time(0), -0.25]]


def test_rich_text_is_read_as_its_text(tmp_path):
    cells = [f'<c r="{letter}1" t="s"><v>{i}</v></c>' for i, letter in enumerate("ABC")]
    assert grid(put(tmp_path, sheet(row(1, *cells)))).rows == [["Name", "Ann", " padded "]]


def test_formatted_blank_cells_far_down_do_not_make_a_tab_large(tmp_path):
    xml = sheet(row(1, '<c r="A1"><v>1</v></c>', '<c r="AZ1" s="1"/>') + row(1_048_576, '<c r="A1048576" s="1"/>'))
    assert grid(put(tmp_path, xml)).rows == [[1.0]]


def test_one_missing_tab_does_not_hide_the_others(tmp_path):
    more = {
        "xl/workbook.xml": workbook("Sheet1", "Gone"),
        "xl/_rels/workbook.xml.rels": links(("worksheet", "worksheets/sheet1.xml"), ("worksheet", "gone.xml")),
    }
    book = open_book(put(tmp_path, sheet(row(1, '<c r="A1"><v>5</v></c>')), more))
    assert book.grid("Sheet1").rows == [[5.0]]
    with pytest.raises(WorkbookUnreadable, match=r"lacks its part xl/gone\.xml"):
        book.grid("Gone")


def test_all_cells_but_the_first_of_a_merged_cell_are_covered_as_far_as_the_data_reaches(tmp_path):
    cells = row(1, *(f'<c r="{letter}1"><v>1</v></c>' for letter in "ABC")) + row(3, '<c r="A3"><v>3</v></c>')
    merged = '<mergeCells><mergeCell ref="A2:B3"/><mergeCell ref="C1:XFD1048576"/></mergeCells>'
    found = grid(put(tmp_path, sheet(cells, after=merged)))
    assert found.covered == {(1, 1), (2, 0), (2, 1), (1, 2), (2, 2)}


def test_every_cell_of_an_array_formula_or_data_table_counts_as_a_formula(tmp_path):
    array = '<c r="A1"><f t="array" ref="A1:A2">ROW()</f><v>1</v></c>'
    table = '<c r="B1"><f t="dataTable" ref="B1:C2" r1="E1"/><v>1</v></c>'
    cells = row(1, array, table, '<c r="C1"><v>1</v></c>') + row(2, '<c r="A2"><v>2</v></c>', '<c r="D2"><v>5</v></c>')
    assert grid(put(tmp_path, sheet(cells))).formulas == {(i, j) for i in (0, 1) for j in (0, 1, 2)}


@pytest.mark.parametrize("kind", ["merged cells", "array formulas"])
def test_ranges_that_cover_the_data_again_and_again_are_an_error(tmp_path, kind):
    ranges = 3_000
    corners = row(1, '<c r="A1"><v>1</v></c>', '<c r="CV1"><v>1</v></c>') + row(100, '<c r="A100"><v>1</v></c>')
    if kind == "merged cells":
        path = put(
            tmp_path, sheet(corners, after="<mergeCells>" + '<mergeCell ref="A1:CV100"/>' * ranges + "</mergeCells>")
        )
    else:
        arrays = (f'<c r="A{i}"><f t="array" ref="A1:CV100">1</f><v>1</v></c>' for i in range(101, 101 + ranges))
        path = put(tmp_path, sheet(corners + "".join(row(101 + i, one) for i, one in enumerate(arrays))))
    with pytest.raises(WorkbookUnreadable, match=f"{kind}.* cover 30,000,000 cells"):
        grid(path)


@pytest.mark.parametrize("corner", ["A1", "B2", "Z9", "AA10", "AZ99", "BA100", "ZZ1000", "AAA101", "XFD1"])
def test_an_announced_dimension_is_believed_only_where_no_cell_stands_outside(tmp_path, corner):
    where = place(corner)
    cells = row(1, '<c r="A1"><v>1</v></c>') if corner != "A1" else ""
    last = f'<c r="{corner}"><v>7</v></c>'
    cells = row(1, '<c r="A1"><v>1</v></c>', last) if where[0] == 0 and cells else cells + row(where[0] + 1, last)
    for dimension in (f"A1:{corner}", "A1", "A1:B3", "A1:XFD1048576"):
        path = put(tmp_path, sheet(cells, before=f'<dimension ref="{dimension}"/>'))
        assert grid(path).raw(*where) == 7.0
        with pytest.raises(WorkbookUnreadable, match="the limit is"):
            open_book(path, limits=Limits(cells=(where[0] + 1) * (where[1] + 1) - 1)).grid("Sheet1")


def test_a_tab_tells_its_formulas_formats_filter_and_what_is_hidden(tmp_path):
    path = tmp_path / "look.xlsx"
    with xlsxwriter.Workbook(path) as book:
        tab = book.add_worksheet("Sheet1")
        for i in range(4):
            tab.write_row(i, 0, [i, i * 2])
        tab.write_number("C1", 0.5, book.add_format({"num_format": "0.00%"}))
        tab.write_number("C2", 5, book.add_format({"num_format": '"€" #,##0.0'}))
        tab.write_formula("D1", "=SUM(A1:B1)", None, 0)
        tab.autofilter("A1:B4")
        tab.set_row(2, None, None, {"hidden": True})
        tab.set_column("F:G", None, None, {"hidden": True})
        tab.merge_range("H1:I2", "x")
    look = open_book(path).look("Sheet1")
    assert look.formulas == {(0, 3): "SUM(A1:B1)"}
    assert look.formats == {(0, 2): "0.00%", (1, 2): '"€" #,##0.0'}
    assert (str(look.filtered), list(map(str, look.merged)), look.tables) == ("A1:B4", ["H1:I2"], ())
    assert (look.hidden_rows, look.hidden_columns) == ({2}, {5, 6})
