"""What gspread's users do, against the server: the same answers as Google gives."""

from __future__ import annotations

import re
from itertools import chain

import gspread
import pytest
from gspread.exceptions import APIError, GSpreadException, SpreadsheetNotFound, WorksheetNotFound
from gspread.utils import DateTimeOption, Dimension, ExportFormat, ValueInputOption, ValueRenderOption


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


def test_formats_come_back_with_their_colours_told_twice(book, sheet) -> None:
    fill = {"green": 1, "blue": 1}
    sheet.format("A2:B2", {"backgroundColor": fill, "horizontalAlignment": "CENTER", "textFormat": {"fontSize": 12}})
    fields = "sheets.data.rowData.values.userEnteredFormat"
    found = book.fetch_sheet_metadata({"includeGridData": False, "ranges": ["Sheet1!A2"], "fields": fields})
    assert found["sheets"][0]["data"][0]["rowData"][0]["values"][0]["userEnteredFormat"] == {
        "backgroundColor": fill,
        "backgroundColorStyle": {"rgbColor": fill},
        "horizontalAlignment": "CENTER",
        "textFormat": {"fontSize": 12},
    }


def test_tabs_are_added_moved_copied_hidden_and_deleted(book, sheet) -> None:
    second = book.add_worksheet("Second", 10, 5)
    third = book.add_worksheet("It's third", 2, 2, index=0)
    assert [one.title for one in book.worksheets()] == ["It's third", "Sheet1", "Second"]
    book.reorder_worksheets([second, sheet, third])
    assert [one.title for one in book.worksheets()] == ["Second", "Sheet1", "It's third"]
    third.update_index(0)
    assert book.worksheets()[0].id == third.id
    put(third, [["a"]])
    copied = book.duplicate_sheet(third.id, insert_sheet_index=1, new_sheet_name="Copied")
    assert copied.get_all_values() == [["a"]]
    second.hide()
    assert [one.title for one in book.worksheets(exclude_hidden=True)] == ["It's third", "Copied", "Sheet1"]
    second.show()
    for one in (second, third, copied):
        book.del_worksheet(one)
    assert [one.title for one in book] == ["Sheet1"]
    with pytest.raises(APIError, match=r"You can't hide all the sheets in a document\."):
        sheet.hide()
    with pytest.raises(APIError, match="already exists"):
        book.add_worksheet("sheet1", 1, 1)
    with pytest.raises(WorksheetNotFound):
        book.worksheet("nowhere")


def test_notes_are_kept_changed_and_taken_off(sheet) -> None:
    assert sheet.get_note("A1") == ""
    sheet.insert_notes({"A1": "read me", "B2": "or not"})
    assert (sheet.get_note("A1"), sheet.get_note("B2")) == ("read me", "or not")
    sheet.update_note("A1", "changed")
    assert sheet.get_notes() == [["changed"], ["", "or not"]]
    sheet.clear_notes(["A1", "B2"])
    assert sheet.get_notes() == [[]]


def test_groups_of_rows_and_columns_are_listed_and_taken_off(book, sheet) -> None:
    sheet.add_dimension_group_columns(0, 2)
    assert sheet.list_dimension_group_columns() == [
        {"range": {"dimension": Dimension.cols, "startIndex": 0, "endIndex": 2}, "depth": 1}
    ]
    assert raw_sheet(book, sheet)["properties"]["gridProperties"]["columnGroupControlAfter"]
    answer = sheet.delete_dimension_group_columns(0, 2)
    assert answer["replies"] == [{"deleteDimensionGroup": {}}]
    sheet.add_dimension_group_rows(0, 4)
    sheet.add_dimension_group_rows(1, 3)
    assert [
        (one["range"]["startIndex"], one["range"]["endIndex"], one["depth"])
        for one in sheet.list_dimension_group_rows()
    ] == [
        (0, 4, 1),
        (1, 3, 2),
    ]


def test_rows_and_columns_are_hidden_and_resized(book, sheet) -> None:
    sheet.hide_columns(0, 2)
    sheet.hide_rows(1, 2)
    sheet.update_acell("A1", "A" * 1024)
    sheet.columns_auto_resize(0, 1)
    data = book.fetch_sheet_metadata({"fields": "sheets.data(columnMetadata,rowMetadata)"})["sheets"][0]["data"][0]
    assert data["columnMetadata"][0]["pixelSize"] > 100
    assert data["columnMetadata"][1] == {"hiddenByUser": True, "pixelSize": 100}
    assert data["rowMetadata"][:3] == [{"pixelSize": 21}, {"hiddenByUser": True, "pixelSize": 21}, {"pixelSize": 21}]
    sheet.unhide_columns(0, 2)
    fields = {"fields": "sheets.data.columnMetadata"}
    assert book.fetch_sheet_metadata(fields)["sheets"][0]["data"][0]["columnMetadata"][1] == {"pixelSize": 100}


def test_ranges_are_copied_and_cut(sheet) -> None:
    put(sheet, [["A1"], ["A2"]])
    sheet.copy_range("A1:A2", "B1:B2")
    sheet.cut_range("A1:A2", "C1")
    assert sheet.get_all_values() == [["", "A1", "A1"], ["", "A2", "A2"]]


def test_merged_cells_are_listed_and_read_as_one(book, sheet) -> None:
    rows = [["1", "", "", ""], ["", "", "title", ""], ["", "", "2", ""], ["num", "val", "", "0"]]
    put(sheet, rows)
    sheet.resize(4, 4)
    sheet.merge_cells("A1:B2")
    sheet.merge_cells("C2:D2")
    sheet.merge_cells("C3:C4")
    assert sheet.get_values(combine_merged_cells=True) == [
        ["1", "1", "", ""],
        ["1", "1", "title", "title"],
        ["", "", "2", ""],
        ["num", "val", "2", "0"],
    ]
    sheet.merge_cells("A1:B2", merge_type="MERGE_ROWS")
    assert len(raw_sheet(book, sheet)["merges"]) == 4
    sheet.merge_cells("A1:B2")
    assert len(raw_sheet(book, sheet)["merges"]) == 3
    sheet.unmerge_cells("A1:D4")
    assert "merges" not in raw_sheet(book, sheet)
    sheet.merge_cells("A1:A2")
    with pytest.raises(APIError, match="You must select all cells in a merged range"):
        sheet.merge_cells("A1:B1")


def test_named_ranges_are_defined_read_and_deleted(book, sheet) -> None:
    put(sheet, [["1", "2"], ["3", "4"]])
    answer = sheet.define_named_range("A1:B2", "Numbers")
    one = answer["replies"][0]["addNamedRange"]["namedRange"]
    assert one["range"] == {"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    assert sheet.get("Numbers") == [["1", "2"], ["3", "4"]]
    assert book.values_get("numbers")["range"] == "Sheet1!A1:B2"
    assert book.list_named_ranges() == [one]
    sheet.delete_named_range(one["namedRangeId"])
    assert book.fetch_sheet_metadata({"fields": "namedRanges"}) == {}


def test_a_protected_range_belongs_to_whoever_made_it(book, sheet) -> None:
    number = sheet.add_protected_range("A1:B2", description="mine")["replies"][0]["addProtectedRange"]["protectedRange"]
    (one,) = book.list_protected_ranges(sheet.id)
    assert (one["description"], one["requestingUserCanEdit"]) == ("mine", True)
    sheet.update_acell("A1", "still mine")
    sheet.delete_protected_range(number["protectedRangeId"])
    assert book.list_protected_ranges(sheet.id) == []


def test_drop_downs_are_set(book, sheet) -> None:
    kind = gspread.utils.ValidationConditionType.one_of_list
    sheet.add_validation("A1:A2", kind, ["yes", "no"], showCustomUi=True, strict=True)
    fields = {"fields": "sheets.data.rowData.values.dataValidation"}
    rule = book.fetch_sheet_metadata(fields)["sheets"][0]["data"][0]["rowData"][1]["values"][0]["dataValidation"]
    assert rule == {
        "condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "yes"}, {"userEnteredValue": "no"}]},
        "showCustomUi": True,
        "strict": True,
    }


def test_a_table_is_found_from_its_corner(sheet) -> None:
    put(sheet, [["a", "b", ""], ["c", "d", "x"], ["", "", "y"]])
    assert sheet.expand(top_left_range_name="A1") == [["a", "b"], ["c", "d"]]


def test_title_zone_and_locale_change_and_stay(gc, book) -> None:
    book.update_title("🎊 Updated Title #123 🎉")
    book.update_timezone("Europe/Paris")
    book.update_locale("fr_FR")
    again = gc.open_by_key(book.id)
    assert (again.title, again.timezone, again.locale) == ("🎊 Updated Title #123 🎉", "Europe/Paris", "fr_FR")
    with pytest.raises(APIError, match="Invalid time zone"):
        book.update_timezone("Mars/Olympus")


def test_values_of_emoji_titles_and_texts_come_back(book) -> None:
    book.add_worksheet("🌵 1", 10, 10)
    fruit = [["🍇", "🍉", "🍋"], ["🍐", "🍎", "🍓"]]
    book.values_update("🌵 1!A1", {"valueInputOption": "RAW"}, {"values": fruit})
    assert book.values_get("🌵 1")["values"] == fruit
    found = book.values_batch_get([f"🌵 1!{letter}:{letter}" for letter in "ABC"])
    assert [[row[0] for row in one["values"]] for one in found["valueRanges"]] == [
        list(column) for column in zip(*fruit, strict=True)
    ]


def test_files_are_listed_opened_copied_and_deleted(gc, book, server) -> None:
    server.clock.forward(5)
    book.update_title("Renamed")
    assert [one["name"] for one in gc.list_spreadsheet_files()] == ["Renamed"]
    assert gc.open("Renamed").id == book.id
    assert book.get_lastUpdateTime() > book.creationTime
    copied = gc.copy(book.id)
    assert copied.title == "Copy of Renamed"
    assert copied.fetch_sheet_metadata()["sheets"] == book.fetch_sheet_metadata()["sheets"]
    assert {one.id for one in gc.openall()} == {book.id, copied.id}
    assert [one.id for one in gc.openall("Renamed")] == [book.id]
    gc.del_spreadsheet(copied.id)
    with pytest.raises(SpreadsheetNotFound):
        gc.open_by_key(copied.id)
    with pytest.raises(SpreadsheetNotFound):
        gc.open("nobody has this")


def test_a_spreadsheet_of_somebody_else_is_refused(gc, book, monkeypatch) -> None:
    monkeypatch.setenv("SHEETS_EMULATOR_PRIVATE_IDS", f"other, {book.id}")
    with pytest.raises(PermissionError):
        gc.open_by_key(book.id)


def test_csv_goes_in_and_out(gc, book) -> None:
    rows = [[f"cell {i} {j}" for j in range(4)] for i in range(4)]
    gc.import_csv(book.id, "\n".join(",".join(row) for row in rows))
    again = gc.open_by_key(book.id)
    assert again.sheet1.get_all_values() == rows
    assert again.sheet1.title == "Book"
    again.sheet1.clear()
    again.sheet1.update([["a1", "B2"]], "A1:B2")
    assert gc.export(book.id, ExportFormat.CSV) == b"a1,B2"


def test_people_get_and_lose_access(book) -> None:
    book.share("ann@x.example", perm_type="user", role="writer")
    permission = next(one for one in book.list_permissions() if one["role"] == "writer")
    assert permission["emailAddress"] == "ann@x.example"
    assert book.remove_permissions("ann@x.example") == [permission["id"]]
    assert [one["role"] for one in book.list_permissions()] == ["owner"]


def test_a_whole_tab_is_copied_into_another_spreadsheet(gc, sheet) -> None:
    put(sheet, [["x", "y"]])
    other = gc.create("Other")
    answer = sheet.copy_to(other.id)
    assert (answer["title"], answer["index"]) == ("Copy of Sheet1", 1)
    assert other.worksheet("Copy of Sheet1").get_all_values() == [["x", "y"]]


def test_a_large_block_comes_back_whole(sheet) -> None:
    rows = [[f"{i}-{j}" for j in range(15)] for i in range(2000)]
    sheet.resize(2000, 15)
    answer = sheet.update(rows, "A1")
    assert answer["updatedCells"] == 30_000
    assert list(chain(*sheet.get_all_values())) == list(chain(*rows))
