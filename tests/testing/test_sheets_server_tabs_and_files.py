"""What gspread's users do with tabs, notes, groups, ranges and files, against the server."""

from __future__ import annotations

from itertools import chain

import gspread
import pytest
from gspread.exceptions import APIError, SpreadsheetNotFound, WorksheetNotFound
from gspread.utils import Dimension, ExportFormat


def raw_sheet(book, sheet):
    return next(one for one in book.fetch_sheet_metadata()["sheets"] if one["properties"]["sheetId"] == sheet.id)


def put(sheet, rows, **options):
    sheet.update(rows, "A1", **options)


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
