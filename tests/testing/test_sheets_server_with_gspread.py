"""What gspread's users do, against the server: the same answers as Google gives."""

from __future__ import annotations

import re

import pytest
from gspread.exceptions import GSpreadException
from gspread.utils import DateTimeOption, ValueInputOption, ValueRenderOption


def raw_sheet(book, sheet):
    return next(one for one in book.fetch_sheet_metadata()["sheets"] if one["properties"]["sheetId"] == sheet.id)


def put(sheet, rows, **options):
    sheet.update(rows, "A1", **options)


def test_a_fresh_spreadsheet_has_one_tab_of_1000_rows_and_26_columns(book, sheet) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9_-]{44}", book.id)
    assert (sheet.title, sheet.id, sheet.row_count, sheet.col_count) == ("Sheet1", 0, 1000, 26)
    assert sheet.get_all_values() == [[]]
    assert sheet.acell("A1").value is None


def test_ranges_give_the_same_cells_however_they_are_written(sheet) -> None:
    put(sheet, [["", "Hi", "Mom", ""], ["My", "Name", "is", "bon"], [], ["1", "2", "3", "4"]])
    sheet.resize(4, 4)

    def found(*args):
        return [(cell.row, cell.col, cell.value) for cell in sheet.range(*args)]

    assert found("A1:D4") == found(1, 1, 4, 4) == found("D4:A1") == found()
    assert found("A1:C") == found(1, 1, 4, 3)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a text", "a text"),
        (42, "42"),
        ("0042", "42"),
        (42.01, "42.01"),
        ("2,000,000.01", "2,000,000.01"),
        ("= 1 / 1024", "0.0009765625"),
        ("two\nlines", "two\nlines"),
        ("Iñtërnâtiônàlizætiøn Артур 🌵", "Iñtërnâtiônàlizætiøn Артур 🌵"),
        (True, "TRUE"),
    ],
)
def test_a_cell_shows_what_was_typed(sheet, typed, shown) -> None:
    sheet.update_cell(1, 2, typed)
    assert sheet.cell(1, 2).value == shown
    assert sheet.acell("B1").value == shown


def test_cells_that_are_not_given_stay_as_they_were(sheet) -> None:
    put(sheet, [[f"{i}{j}" for j in range(4)] for i in range(6)])
    cells = sheet.range("A1:D6")
    cells[0].value, cells[-1].value = "first", "last"

    answer = sheet.update_cells([cells[0], cells[-1]])

    assert {name: answer[name] for name in answer if name != "spreadsheetId"} == {
        "updatedRange": "Sheet1!A1:D6",
        "updatedRows": 2,
        "updatedColumns": 2,
        "updatedCells": 2,
    }
    values = sheet.get_all_values()
    assert (values[0][0], values[5][3], values[0][1], values[3][2]) == ("first", "last", "01", "32")


def test_a_tabs_colour_comes_back_in_eight_bits(book, sheet) -> None:
    fields = {"fields": "sheets.properties.tabColorStyle"}
    assert book.fetch_sheet_metadata(fields) == {"sheets": [{"properties": {}}]}
    pink = {"sheetId": 0, "tabColorStyle": {"rgbColor": {"red": 1, "green": 0, "blue": 0.5}}}
    book.batch_update({"requests": [{"updateSheetProperties": {"properties": pink, "fields": "tabColorStyle"}}]})
    assert book.fetch_sheet_metadata(fields) == {
        "sheets": [{"properties": {"tabColorStyle": {"rgbColor": {"red": 1, "blue": 0.49803922}}}}]
    }
    sheet.update_tab_color("#FF0080")
    assert sheet.get_tab_color() == "#FF0080"
    sheet.clear_tab_color()
    assert book.fetch_sheet_metadata(fields) == {"sheets": [{"properties": {}}]}


def test_sizes_and_frozen_parts_are_in_the_grids_properties(book, sheet) -> None:
    sheet.add_rows(10)
    sheet.add_cols(4)
    sheet.freeze(rows=2, cols=1)
    grid = raw_sheet(book, sheet)["properties"]["gridProperties"]
    assert grid == {"rowCount": 1010, "columnCount": 30, "frozenRowCount": 2, "frozenColumnCount": 1}
    sheet.freeze(0, 0)
    sheet.resize(5, 3)
    sheet.hide_gridlines()
    assert raw_sheet(book, sheet)["properties"]["gridProperties"] == {
        "rowCount": 5,
        "columnCount": 3,
        "hideGridlines": True,
    }
    sheet.show_gridlines()
    assert "hideGridlines" not in raw_sheet(book, sheet)["properties"]["gridProperties"]


FRUIT = [["Apple", "2012", "4"], ["Banana", "2013", "3"], ["Canada", "2007", "1"], ["Dinosaur", "2013", "6"]]


def test_sort_orders_by_several_columns_and_leaves_frozen_rows(sheet) -> None:
    put(sheet, FRUIT)
    sheet.resize(4, 3)
    sheet.sort((2, "asc"), (3, "des"), range="A1:C4")
    assert [row[0] for row in sheet.get_all_values()] == ["Canada", "Apple", "Dinosaur", "Banana"]
    sheet.freeze(rows=1)
    sheet.sort((1, "asc"))
    assert [row[0] for row in sheet.get_all_values()] == ["Canada", "Apple", "Banana", "Dinosaur"]


def test_a_basic_filter_has_its_open_ends_closed(book, sheet) -> None:
    sheet.resize(20, 20)
    sheet.set_basic_filter()
    assert raw_sheet(book, sheet)["basicFilter"]["range"] == {
        "startRowIndex": 0,
        "endRowIndex": 20,
        "startColumnIndex": 0,
        "endColumnIndex": 20,
    }
    sheet.set_basic_filter("B1:C2")
    assert raw_sheet(book, sheet)["basicFilter"]["range"]["startColumnIndex"] == 1
    sheet.clear_basic_filter()
    assert "basicFilter" not in raw_sheet(book, sheet)


def test_find_finds_by_text_and_by_pattern(sheet) -> None:
    sheet.update_cell(2, 10, "camelcase")
    sheet.update_cell(2, 11, "one o_O two")
    assert sheet.find("CamelCase", case_sensitive=False).address == "J2"
    assert sheet.find(re.compile("[a-z]_[A-Z]")).address == "K2"
    assert sheet.find("nothing") is None
    put(sheet, [["x"]] * 10)
    assert len(sheet.findall("x")) == 10


def test_a_title_like_a_cells_name_is_quoted(sheet) -> None:
    sheet.update_title("D3")
    rows = [["A1", "B1", "", "D1"], ["", "b2", "", ""], ["", "", "", ""], ["A4", "B4", "", "d4"]]
    answer = sheet.update(rows, "A1:D4")
    assert answer["updatedRange"] == "'D3'!A1:D4"
    assert sheet.get_all_values() == rows


TYPED = [["=4/2", "2020-01-01", "string", 53], ["=3/2", 0.12, "1999-01-02", ""]]
SHOWN = [["2", "2020-01-01", "string", "53"], ["1.5", "0.12", "1999-01-02", ""]]
SERIALS = [[2, 43831, "string", 53], [1.5, 0.12, 36162, ""]]
DAYS = [[2, "2020-01-01", "string", 53], [1.5, 0.12, "1999-01-02", ""]]
FORMULAS = [["=4/2", 43831, "string", 53], ["=3/2", 0.12, 36162, ""]]


@pytest.mark.parametrize(
    ("render", "dates", "expected"),
    [
        (ValueRenderOption.formatted, DateTimeOption.serial_number, SHOWN),
        (ValueRenderOption.formatted, DateTimeOption.formatted_string, SHOWN),
        (ValueRenderOption.unformatted, DateTimeOption.serial_number, SERIALS),
        (ValueRenderOption.unformatted, DateTimeOption.formatted_string, DAYS),
        (ValueRenderOption.formula, DateTimeOption.serial_number, FORMULAS),
    ],
)
def test_values_are_rendered_as_asked(sheet, render, dates, expected) -> None:
    put(sheet, TYPED, value_input_option=ValueInputOption.user_entered)
    sheet.resize(2, 4)
    assert sheet.get_values(value_render_option=render, date_time_render_option=dates) == expected


def test_raw_values_are_never_read_as_typed(sheet) -> None:
    put(sheet, [["=1+1", "2020-01-01", "007", "10%", " padded ", True, 1.5]])
    assert sheet.get("A1:G1", value_render_option="UNFORMATTED_VALUE") == [
        ["=1+1", "2020-01-01", "007", "10%", " padded ", True, 1.5]
    ]
    assert sheet.acell("A1", value_render_option="FORMULA").value == "=1+1"


def test_records_map_headers_to_values(sheet) -> None:
    put(sheet, [["A1", "B1", "", "D1"], [1, "b2", 1.45, ""], ["", "", "", ""], ["A4", 0.4, "", 4]])
    sheet.resize(4, 4)
    assert sheet.get_all_records()[0] == {"A1": 1, "B1": "b2", "": 1.45, "D1": ""}
    assert sheet.get_all_records(default_blank=None)[1] == {"A1": None, "B1": None, "": None, "D1": None}
    put(sheet, [["A1", "B1", "B1", "D1"]])
    with pytest.raises(GSpreadException):
        sheet.get_all_records()
    assert sheet.get_all_records(expected_headers=["A1"])[2]["D1"] == 4


def test_appended_rows_go_below_the_last_table_in_the_range(sheet) -> None:
    first = sheet.append_row(["one", "", "three"])
    assert "tableRange" not in first
    second = sheet.append_row(["one", "", "three"])
    assert (second["tableRange"], second["updates"]["updatedRange"]) == ("Sheet1!C1", "Sheet1!C2:E2")
    third = sheet.append_row(["one", "", "three"], table_range="A1")
    assert third["updates"]["updatedRange"] == "Sheet1!A2:C2"


def test_appending_grows_a_full_grid(sheet) -> None:
    put(sheet, [["x"]] * 3)
    sheet.resize(3, 1)
    answer = sheet.append_rows([["a", "b"], ["c", "d"]])
    assert answer["updates"]["updatedRange"] == "Sheet1!A4:B5"
    assert sheet.get_all_values() == [["x", ""], ["x", ""], ["x", ""], ["a", "b"], ["c", "d"]]


def test_inserted_rows_push_formulas_along(sheet) -> None:
    put(sheet, [["h", "1"], ["i", "=B1+1"], ["j", "=SUM(B1:B2)"]], value_input_option="USER_ENTERED")
    sheet.insert_row(["new", "10"], 2, value_input_option="USER_ENTERED")
    assert sheet.get("A1:B4", value_render_option="FORMULA") == [
        ["h", 1],
        ["new", 10],
        ["i", "=B1+1"],
        ["j", "=SUM(B1:B3)"],
    ]
    assert sheet.col_values(2) == ["1", "10", "2", "13"]
    with pytest.raises(GSpreadException):
        sheet.insert_row(["x"], 1, inherit_from_before=True)


def test_inserted_columns_stand_where_they_were_asked_for(sheet) -> None:
    put(sheet, [[f"{i}{j}" for j in range(4)] for i in range(6)])
    sheet.insert_cols([["a", "b"], ["c", "d"]], 2)
    assert sheet.col_count == 28
    assert [sheet.col_values(column)[:2] for column in (1, 2, 3, 4)] == [
        ["00", "10"],
        ["a", "b"],
        ["c", "d"],
        ["01", "11"],
    ]


def test_deleted_rows_and_columns_close_up(sheet) -> None:
    put(sheet, [[f"{i}{j}" for j in range(4)] for i in range(6)])
    sheet.delete_rows(2)
    sheet.delete_columns(2, 3)
    assert sheet.get_all_values() == [["00", "03"], *([f"{i}0", f"{i}3"] for i in range(2, 6))]
    assert (sheet.row_count, sheet.col_count) == (999, 24)


def test_batches_read_write_and_clear_several_ranges(book, sheet) -> None:
    sheet.batch_update([{"range": "A1:D1", "values": [["A1", "B1", "", "D1"]]}, {"range": "A4:D4", "values": [["A4"]]}])
    assert sheet.get("A1:D4") == [["A1", "B1", "", "D1"], [], [], ["A4"]]
    found = sheet.batch_get(["A1:B1", "B4:D4"])
    assert [(one.range, list(one)) for one in found] == [("Sheet1!A1:B1", [["A1", "B1"]]), ("Sheet1!B4:D4", [])]
    sheet.batch_clear(["A1:B1", "A4"])
    assert sheet.get_all_values() == [["", "", "", "D1"]]
    assert book.values_batch_get(["A:A", "D:D"], {"majorDimension": "COLUMNS"})["valueRanges"][1] == {
        "range": "Sheet1!D1:D1000",
        "majorDimension": "COLUMNS",
        "values": [["D1"]],
    }


def test_clear_leaves_formats_alone(book, sheet) -> None:
    put(sheet, [["x", 1.45]])
    sheet.format("A1", {"textFormat": {"bold": True}})
    assert sheet.clear()["clearedRange"] == "Sheet1!A1:Z1000"
    assert sheet.get_all_values() == [[]]
    found = book.fetch_sheet_metadata({"fields": "sheets.data.rowData.values.userEnteredFormat.textFormat.bold"})
    assert found["sheets"][0]["data"][0]["rowData"][0]["values"][0]["userEnteredFormat"]["textFormat"] == {"bold": True}
