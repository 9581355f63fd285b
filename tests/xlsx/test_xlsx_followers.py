"""What follows a tab's data: names and charts end where it ends, pivot tables are read again."""

import pytest
import xlsxwriter
from odd_workbooks import MAIN, OFFICE, contents, links, put, row, sheet

from sheetcrm.xlsx import edit, open_book


def workbook(path):
    """A tab with a header and three rows, a chart on another tab, and names of many kinds."""
    with xlsxwriter.Workbook(path) as book:
        tab, board = book.add_worksheet("My data"), book.add_worksheet("Board")
        for i, line in enumerate([("Name", "Sum"), ("a", 1), ("b", 2), ("c", 3)]):
            tab.write_row(i, 0, line)
        tab.print_area("A1:B4")
        names = {
            "Sums": "='My data'!$B$2:$B$4",
            "Whole": "=OFFSET('my data'!$A$1:$B$4,1,0)",
            "Part": "='My data'!$B$2:$B$3",
            "Wider": "='My data'!$A$1:$D$4",
            "One": "='My data'!$B$4",
            "Other": "=Board!$B$2:$B$4",
            "Words": "=\"'My data'!$B$2:$B$4\"",
        }
        for name, formula in names.items():
            book.define_name(name, formula)
        chart = book.add_chart({"type": "column"})
        chart.add_series({"categories": "='My data'!$A$2:$A$4", "values": "='My data'!$B$2:$B$4"})
        chart.add_series({"values": "='My data'!$B$2:$B$3"})
        board.insert_chart("B2", chart)
    return path


def append(path, tab, *rows):
    book = open_book(path)
    book.append(tab, rows)
    return book.save()


def test_names_that_ended_with_the_data_end_with_it_again_and_others_stay(tmp_path):
    path = workbook(tmp_path / "book.xlsx")
    append(path, "My data", {0: "d", 1: 4}, {0: "e", 1: 5})
    names = contents(path)["xl/workbook.xml"].decode()

    assert "'My data'!$B$2:$B$6</definedName>" in names
    assert "OFFSET('my data'!$A$1:$B$6,1,0)" in names
    for same in (
        '<definedName name="Part">\'My data\'!$B$2:$B$3<', '<definedName name="Wider">\'My data\'!$A$1:$D$4<',
        '<definedName name="One">\'My data\'!$B$4<', '<definedName name="Other">Board!$B$2:$B$4<',
        "'My data'!$A$1:$B$4</definedName>", "\"'My data'!$B$2:$B$4\"</definedName>",
    ):  # fmt: skip
        assert same in names


def test_charts_on_any_tab_grow_with_the_data(tmp_path):
    path = workbook(tmp_path / "book.xlsx")
    before = contents(path)["xl/charts/chart1.xml"].decode()
    receipt = append(path, "My data", {0: "d", 1: 4})
    assert "xl/charts/chart1.xml" in receipt.parts_changed
    expected = before.replace("$A$2:$A$4<", "$A$2:$A$5<").replace("$B$2:$B$4<", "$B$2:$B$5<")
    assert contents(path)["xl/charts/chart1.xml"].decode() == expected


def test_an_edit_in_place_changes_neither_names_nor_charts(tmp_path):
    path = workbook(tmp_path / "book.xlsx")
    receipt = edit(path, path, {("My data", "B2"): 9})
    assert receipt.parts_changed == ("xl/worksheets/sheet1.xml",)


def pivoted(folder, source):
    cells = "".join(row(i, f'<c r="A{i}"><v>{i}</v></c>', f'<c r="B{i}"><v>{i}</v></c>') for i in (1, 2, 3))
    more = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" '
        'r:id="rId0"/></sheets><definedNames><definedName name="Sums">Sheet1!$A$1:$A$3</definedName></definedNames>'
        '<pivotCaches><pivotCache cacheId="1" r:id="rId1"/></pivotCaches></workbook>',
        "xl/_rels/workbook.xml.rels": links(
            ("worksheet", "worksheets/sheet1.xml"), ("pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml")
        ),
        "xl/pivotCache/pivotCacheDefinition1.xml": f'<pivotCacheDefinition xmlns="{MAIN}" refreshedBy="Ann">'
        f'<cacheSource type="worksheet"><worksheetSource {source}/></cacheSource></pivotCacheDefinition>',
    }
    return put(folder, sheet(cells), more)


@pytest.mark.parametrize(
    ("source", "cell", "is_refreshed"),
    [
        ('ref="A1:A3" sheet="Sheet1"', "A2", True),
        ('ref="A1:A3" sheet="Sheet1"', "B2", False),
        ('ref="A1:A3" sheet="Sheet2"', "A2", False),
        ('name="sums"', "A2", True),
        ('name="sums"', "B2", False),
        ('name="none"', "A2", False),
    ],
)
def test_a_pivot_table_reads_its_source_again_when_a_cell_of_it_changed(tmp_path, source, cell, is_refreshed):
    path = pivoted(tmp_path, source)
    before = contents(path)["xl/pivotCache/pivotCacheDefinition1.xml"]
    edit(path, path, {("Sheet1", cell): 7})
    after = contents(path)["xl/pivotCache/pivotCacheDefinition1.xml"]
    assert after == (before.replace(b'"Ann"', b'"Ann" refreshOnLoad="1"') if is_refreshed else before)
