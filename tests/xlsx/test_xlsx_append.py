from datetime import date

import pytest
import xlsxwriter
from odd_workbooks import contents, put, row, sheet, sheet_of

from sheetcrm.errors import EditRefused
from sheetcrm.table import TableRange
from sheetcrm.xlsx import open_book
from sheetcrm.xlsx.references import shifted


def append(path, *rows, tab="Sheet1"):
    book = open_book(path)
    book.append(tab, rows)
    return book.save()


def leads(path, rows=3, **table):
    """A workbook with a Leads table: Name, Amount, Fee = Amount / 10, and a date."""
    with xlsxwriter.Workbook(path) as book:
        tab = book.add_worksheet("Leads")
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        data = [[f"Lead {i}", 100 * i, None, date(2026, 1, 1 + i)] for i in range(rows)]
        columns = [
            {"header": "Name"},
            {"header": "Amount"},
            {"header": "Fee", "formula": "=Leads[[#This Row],[Amount]]/10"},
            {"header": "Due", "format": day},
        ]
        bottom = rows + table.pop("blank", 0)
        tab.add_table(0, 0, bottom, 3, {"name": "Leads", "data": data, "columns": columns, **table})
        tab.data_validation(1, 1, rows, 1, {"validate": "integer", "criteria": ">", "value": 0})
        tab.conditional_format(1, 1, rows, 1, {"type": "cell", "criteria": ">", "value": 150, "format": day})
        tab.conditional_format(1, 3, rows, 3, {"type": "data_bar", "data_bar_2010": True})
    return path


def test_rows_go_below_the_last_filled_row(tmp_path):
    path = put(tmp_path, sheet(row(1, '<c r="A1"><v>1</v></c>') + row(2, '<c r="A2"><v>2</v></c>') + row(9, "")))
    receipt = append(path, {0: "three"}, {1: 4})
    assert receipt.cells == (("Sheet1", "A3"), ("Sheet1", "B4"))
    assert open_book(path).grid("Sheet1").rows == [[1.0, None], [2.0, None], ["three", None], [None, 4.0]]


def test_rows_of_an_empty_tab_start_at_its_top(tmp_path):
    path = put(tmp_path, sheet(""))
    assert append(path, {0: "Name"}, {0: "Ann"}).cells == (("Sheet1", "A1"), ("Sheet1", "A2"))


def test_a_side_table_does_not_push_rows_down(tmp_path):
    cells = [row(i, f'<c r="A{i}"><v>{i}</v></c>' if i < 3 else "", f'<c r="F{i}"><v>{i}</v></c>') for i in range(1, 9)]
    path = put(tmp_path, sheet("".join(cells)))
    assert append(path, {0: "new"}).cells == (("Sheet1", "A3"),)


def test_a_column_that_was_not_written_still_counts_for_the_last_row(tmp_path):
    xml = sheet(row(1, '<c r="A1"><v>1</v></c>', '<c r="B1"><v>1</v></c>') + row(2, '<c r="B2"><v>2</v></c>'))
    assert append(put(tmp_path, xml), {0: "new"}).cells == (("Sheet1", "A3"),)


def test_queued_cells_count_as_filled(tmp_path):
    path = put(tmp_path, sheet(row(1, '<c r="A1"><v>1</v></c>')))
    book = open_book(path)
    book.append("Sheet1", [{0: "after"}])
    book.set("Sheet1", "A5", "set")
    assert book.save().cells == (("Sheet1", "A5"), ("Sheet1", "A6"))


def test_many_calls_append_in_their_order(tmp_path):
    path = put(tmp_path, sheet(row(1, '<c r="A1"><v>0</v></c>', '<c r="B1"><v>0</v></c>')))
    book = open_book(path)
    for i in range(1, 200):
        book.append("Sheet1", [{i % 2: i}])
    book.save()
    rows = open_book(path).grid("Sheet1").rows
    assert [next(value for value in line if value is not None) for line in rows] == [float(i) for i in range(200)]


def test_formats_of_the_last_row_go_on_but_not_those_of_a_header(tmp_path):
    header = row(1, '<c r="A1" s="2" t="s"><v>0</v></c>', '<c r="B1" s="2" t="s"><v>0</v></c>')
    path = put(tmp_path, sheet(header))
    append(path, {0: "Ann"})
    assert '<row r="2"><c r="A2" t="inlineStr">' in sheet_of(path)
    path = put(tmp_path, sheet(header + row(2, '<c r="A2" s="1"><v>46083</v></c>', '<c r="B2" s="2"/>')))
    append(path, {0: date(2026, 3, 3)})
    assert '<row r="3"><c r="A3" s="1"><v>46084</v></c><c r="B3" s="2"/></row>' in sheet_of(path)


def test_prepared_rows_keep_their_own_formats_and_formulas(tmp_path):
    prepared = row(3, '<c r="A3" s="2"/>', '<c r="B3"><f>A3*2</f><v>0</v></c>')
    xml = sheet(row(1, '<c r="A1"><v>1</v></c>') + row(2, '<c r="A2"><v>2</v></c>') + prepared)
    path = put(tmp_path, xml)
    append(path, {0: 3})
    assert '<c r="A3" s="2"><v>3</v></c><c r="B3"><f>A3*2</f><v>0</v></c>' in sheet_of(path)


def test_formulas_filled_down_two_rows_go_on(tmp_path):
    lines = [row(i, f'<c r="A{i}"><v>{i}</v></c>', f'<c r="B{i}"><f>A{i}*$C$1</f></c>') for i in (2, 3)]
    path = put(tmp_path, sheet(row(1, '<c r="A1" t="s"><v>0</v></c>') + "".join(lines)))
    append(path, {0: 4}, {0: 5})
    assert '<c r="B4"><f>A4*$C$1</f></c></row><row r="5">' in sheet_of(path)
    assert '<c r="B5"><f>A5*$C$1</f></c>' in sheet_of(path)


def test_below_a_merged_cell_rows_start_where_it_ends(tmp_path):
    merged = '<mergeCells><mergeCell ref="A1:A3"/></mergeCells>'
    path = put(tmp_path, sheet(row(1, '<c r="A1"><v>1</v></c>'), after=merged))
    assert append(path, {0: "new"}).cells == (("Sheet1", "A4"),)


def test_a_table_grows_with_its_filter_and_calculated_column(tmp_path):
    path = leads(tmp_path / "leads.xlsx")
    receipt = append(path, {0: "Ann", 1: 500, 3: date(2026, 2, 1)}, {0: "Bo"}, tab="Leads")
    assert set(receipt.parts_changed) >= {"xl/worksheets/sheet1.xml", "xl/tables/table1.xml"}
    table = contents(path)["xl/tables/table1.xml"].decode()
    assert table.count('ref="A1:D6"') == 2
    grid = open_book(path).grid("Leads")
    assert grid.tables == (TableRange("Leads", 0, 0, 5, 3),)
    assert grid.rows[4][:2] == ["Ann", 500.0]
    assert grid.raw(4, 3) == date(2026, 2, 1)
    assert {(4, 2), (5, 2)} <= grid.formulas
    assert "<f>Leads[[#This Row],[Amount]]/10</f></c>" in sheet_of(path)


def test_validations_and_conditional_formats_grow_with_the_rows(tmp_path):
    path = leads(tmp_path / "leads.xlsx")
    append(path, {0: "Ann"}, {0: "Bo"}, tab="Leads")
    xml = sheet_of(path)
    assert xml.count('sqref="B2:B6"') == 2
    assert xml.count("<xm:sqref>D2:D6</xm:sqref>") == 1
    assert "B2:B4" not in xml


def test_blank_rows_of_a_table_are_filled_before_it_grows(tmp_path):
    path = leads(tmp_path / "leads.xlsx", blank=2)
    append(path, {0: "Ann"}, tab="Leads")
    assert 'ref="A1:D6"' in contents(path)["xl/tables/table1.xml"].decode()
    append(path, {0: "Bo"}, {0: "Cy"}, tab="Leads")
    assert 'ref="A1:D7"' in contents(path)["xl/tables/table1.xml"].decode()
    assert [line[0] for line in open_book(path).grid("Leads").rows] == [
        "Name", "Lead 0", "Lead 1", "Lead 2", "Ann", "Bo", "Cy",
    ]  # fmt: skip


def test_a_calculated_column_takes_no_value(tmp_path):
    path = leads(tmp_path / "leads.xlsx")
    with pytest.raises(EditRefused, match="calculated column"):
        append(path, {0: "Ann", 2: 7}, tab="Leads")


def test_what_stands_below_a_table_is_never_swallowed(tmp_path):
    path = leads(tmp_path / "leads.xlsx")
    book = open_book(path)
    book.set("Leads", "B6", "a note")
    book.save()
    append(path, {0: "Ann"}, tab="Leads")
    with pytest.raises(EditRefused, match="Below the table Leads B6 is in the way"):
        append(path, {0: "Bo"}, tab="Leads")


def test_a_table_header_is_never_overwritten(tmp_path):
    book = open_book(leads(tmp_path / "leads.xlsx"))
    book.set("Leads", "B1", "Sum")
    with pytest.raises(EditRefused, match="header of the table Leads"):
        book.save()


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("A1+$A1+A$1+$A$1", "A3+$A3+A$1+$A$1"),
        ('"A1"&B2', '"A1"&B4'),
        ("'A1 b'!C3+Sheet1!D4", "'A1 b'!C5+Sheet1!D6"),
        ("LOG10(A1)+A1:B2", "LOG10(A3)+A3:B4"),
        ("Leads[[#This Row],[A1]]*A1", "Leads[[#This Row],[A1]]*A3"),
        ("SUM(1:2)+SUM($1:2)+3.5", "SUM(3:4)+SUM($1:4)+3.5"),
        ("XFE1+TAXES2024+_x1+R1C1x", "XFE1+TAXES2024+_x1+R1C1x"),
        ("A1B+AB12.C+B1#", "A1B+AB12.C+B3#"),
    ],
)
def test_a_filled_formula_moves_its_relative_rows_only(formula, moved):
    assert shifted(formula, 2) == moved


def test_a_formula_never_moves_off_the_sheet():
    with pytest.raises(EditRefused, match="outside the sheet"):
        shifted("A1048576", 1)


def test_below_a_column_of_formulas_values_go_on(tmp_path):
    cells = "".join(row(i, f'<c r="A{i}"><f>ROW()</f><v>{i}</v></c>') for i in (1, 2, 3))
    path = put(tmp_path, sheet(cells))
    assert append(path, {0: "new"}).cells == (("Sheet1", "A4"),)


def with_totals(path, rows=3):
    """The Leads table with a totals row, and cells elsewhere that name its sum."""
    total = [{"total_string": "Total"}, {"total_function": "sum"}, {}, {}]
    with xlsxwriter.Workbook(path) as book:
        tab, board = book.add_worksheet("Leads"), book.add_worksheet("Board")
        data = [[f"Lead {i}", 100 * i, "=Leads[[#This Row],[Amount]]/10", i] for i in range(rows)]
        headers = ["Name", "Amount", "Fee", "N"]
        columns = [{"header": header} | more for header, more in zip(headers, total, strict=True)]
        tab.add_table(0, 0, rows + 1, 3, {"name": "Leads", "data": data, "columns": columns, "total_row": True})
        tab.write_formula("F1", f"=B{rows + 2}*2")
        tab.conditional_format(1, 1, rows, 1, {"type": "cell", "criteria": ">", "value": 150})
        tab.conditional_format(rows + 1, 1, rows + 1, 1, {"type": "cell", "criteria": ">", "value": 0})
        board.write_formula("A1", f"=Leads!B{rows + 2}+SUM(Leads!B2:B{rows + 1})")
        book.define_name("Whole", f"=Leads!$B${rows + 2}")
    return path


def test_a_tables_totals_row_goes_down_and_the_table_with_it(tmp_path):
    path = with_totals(tmp_path / "leads.xlsx")
    append(path, {0: "Ann", 1: 500, 3: 1}, {0: "Bo", 1: 600}, tab="Leads")

    parts = contents(path)
    table = parts["xl/tables/table1.xml"].decode()
    assert 'ref="A1:D7"' in table
    assert '<autoFilter ref="A1:D6"' in table
    grid = open_book(path).grid("Leads")
    assert [line[0] for line in grid.rows] == ["Name", "Lead 0", "Lead 1", "Lead 2", "Ann", "Bo", "Total"]
    assert [line[1] for line in grid.rows[1:6]] == [0, 100, 200, 500, 600]
    assert grid.tables[0].has_totals
    assert {(6, 1), (0, 5)} <= grid.formulas
    assert (4, 1) not in grid.formulas
    xml = parts["xl/worksheets/sheet1.xml"].decode()
    assert '<c r="B7"><f>SUBTOTAL(109,[Amount])</f><v>0</v></c>' in xml
    assert "<f>B7*2</f>" in xml
    assert ('sqref="B2:B6"' in xml, 'sqref="B7"' in xml) == (True, True)
    assert "<f>Leads!B7+SUM(Leads!B2:B4)</f>" in parts["xl/worksheets/sheet2.xml"].decode()
    assert "Leads!$B$7</definedName>" in parts["xl/workbook.xml"].decode()


def test_blank_rows_above_the_totals_are_filled_before_these_go_down(tmp_path):
    path = with_totals(tmp_path / "leads.xlsx")
    book = open_book(path)
    for cell in ("A4", "B4", "D4"):
        book.set("Leads", cell, None)
    book.save()
    append(path, {0: "Ann"}, tab="Leads")
    assert 'ref="A1:D5"' in contents(path)["xl/tables/table1.xml"].decode()
    append(path, {0: "Bo"}, tab="Leads")
    assert [line[0] for line in open_book(path).grid("Leads").rows] == [
        "Name", "Lead 0", "Lead 1", "Ann", "Bo", "Total",
    ]  # fmt: skip


def test_what_stands_below_the_totals_is_never_swallowed(tmp_path):
    path = with_totals(tmp_path / "leads.xlsx")
    book = open_book(path)
    book.set("Leads", "C7", "a note")
    book.save()
    append(path, {0: "Ann"}, tab="Leads")
    with pytest.raises(EditRefused, match="C7 is in the way"):
        append(path, {0: "Bo"}, tab="Leads")


def summed(gap=0, formula="SUM(B2:B4)", label="A"):
    lines = [row(i, f'<c r="A{i}" t="s"><v>1</v></c>', f'<c r="B{i}" s="1"><v>{i}</v></c>') for i in (1, 2, 3, 4)]
    at = 5 + gap
    name = f'<c r="A{at}" s="2" t="s"><v>0</v></c>' if label else ""
    return sheet("".join(lines) + row(at, name, f'<c r="B{at}" s="2"><f>{formula}</f><v>9</v></c>'))


@pytest.mark.parametrize("label", ["A", ""])
@pytest.mark.parametrize("gap", [0, 1])
@pytest.mark.parametrize("formula", ["SUM(B2:B4)", "SUBTOTAL(9,B$2:B$4)", "SUM(Sheet1!B2:B4)/COUNTA(A2:A4)"])
def test_sums_below_plain_rows_go_down_and_over_the_new_ones(tmp_path, gap, formula, label):
    path = put(tmp_path, summed(gap, formula, label))
    append(path, {0: "Ann", 1: 7}, {0: "Bo"})
    xml, at = sheet_of(path), 7 + gap
    longer = formula.replace("B4", "B6").replace("B$4", "B$6").replace("A4", "A6")
    assert f'<c r="B{at}" s="2"><f>{longer}</f><v>9</v></c>' in xml
    assert '<c r="B5" s="1"><v>7</v></c>' in xml
    assert '<row r="6"><c r="A6" t="inlineStr"><is><t>Bo</t></is></c><c r="B6" s="1"/>' in xml
    if label:
        assert f'<c r="A{at}" s="2" t="s"><v>0</v></c>' in xml


def test_a_formula_at_the_end_that_sums_nothing_up_is_data(tmp_path):
    path = put(tmp_path, summed(formula="B4*2"))
    assert append(path, {0: "Ann", 1: 7}).cells == (("Sheet1", "A6"), ("Sheet1", "B6"))


@pytest.mark.parametrize(
    "after", ['<mergeCells><mergeCell ref="A5:B5"/></mergeCells>', '<hyperlinks><hyperlink ref="A5"/></hyperlinks>']
)
def test_totals_that_would_leave_something_behind_are_refused(tmp_path, after):
    path = put(tmp_path, summed().replace("</sheetData>", f"</sheetData>{after}"))
    with pytest.raises(EditRefused, match="on the totals row cannot move"):
        append(path, {0: "Ann"})


def test_rows_that_outgrew_their_table_go_on_below_without_it(tmp_path):
    path = leads(tmp_path / "leads.xlsx")
    book = open_book(path)
    for cell, value in (("A5", "typed below"), ("B5", 7), ("D5", date(2026, 1, 9))):
        book.set("Leads", cell, value)
    book.save()
    before = contents(path)["xl/tables/table1.xml"]
    append(path, {0: "Ann"}, tab="Leads")
    assert [line[0] for line in open_book(path).grid("Leads").rows][-2:] == ["typed below", "Ann"]
    assert contents(path)["xl/tables/table1.xml"] == before


def test_rows_may_be_given_as_lists_from_the_first_used_column_on(tmp_path):
    path = put(tmp_path, sheet(row(2, '<c r="B2"><v>1</v></c>', '<c r="C2"><v>2</v></c>')))
    book = open_book(path)
    book.append("Sheet1", [["x", 5], ["y"]])
    assert book.save().cells == (("Sheet1", "B3"), ("Sheet1", "C3"), ("Sheet1", "B4"))
