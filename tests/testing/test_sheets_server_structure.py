"""batchUpdate on rows, columns and tabs; what cannot be done is refused; masks; new spreadsheets."""

from __future__ import annotations

from pathlib import Path

import pytest
from gspread.exceptions import APIError
from requests_of import area, rows

from sheetcrm.testing.sheets_server.batch import REQUESTS


def test_inserted_rows_take_formats_from_before_or_after(send, sheet, whole) -> None:
    sheet.format("A1", {"textFormat": {"bold": True}})
    sheet.format("A2", {"textFormat": {"italic": True}})
    span = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    send(
        {"insertDimension": {"range": span, "inheritFromBefore": True}},
        {"insertDimension": {"range": {**span, "startIndex": 2, "endIndex": 3}}},
    )
    found = whole("data.rowData.values.userEnteredFormat.textFormat(bold,italic)")["data"][0]["rowData"]
    assert [one["values"][0]["userEnteredFormat"]["textFormat"] for one in found] == [
        {"bold": True},
        {"bold": True},
        {"italic": True},
        {"italic": True},
    ]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {"deleteDimension": {"range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 1000}}},
            "You can't delete all the rows on the sheet",
        ),
        (
            {"deleteDimension": {"range": {"dimension": "COLUMNS", "startIndex": 26, "endIndex": 27}}},
            "Cannot delete a column that doesn't exist. Tried to delete column index 26 but",
        ),
        (
            {"insertDimension": {"range": {"dimension": "ROWS", "startIndex": 1001, "endIndex": 1002}}},
            r"startIndex\[1001\] is after last row in grid\[999\]",
        ),
        (
            {
                "insertDimension": {
                    "range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 1},
                    "inheritFromBefore": True,
                }
            },
            "inheritFromBefore",
        ),
        (
            {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 1_000_000}},
            "above the limit of 10000000 cells",
        ),
        (
            {"addSheet": {"properties": {"gridProperties": {"rowCount": 5_000_001, "columnCount": 2}}}},
            "above the limit of 10000000 cells",
        ),
        ({"deleteSheet": {"sheetId": 0}}, "You can't remove all the sheets in a document"),
        (
            {
                "updateSheetProperties": {
                    "properties": {"gridProperties": {"frozenRowCount": 1000}},
                    "fields": "gridProperties.frozenRowCount",
                }
            },
            "You can't freeze all visible rows on the sheet",
        ),
        ({"updateSheetProperties": {"properties": {"title": ""}, "fields": "title"}}, "Sheet name cannot be empty"),
        ({"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "sheet1"}}, "already exists"),
        (
            {"sortRange": {"range": area("A1:B2"), "sortSpecs": [{"dimensionIndex": 5, "sortOrder": "ASCENDING"}]}},
            "dimensionIndex",
        ),
        ({"repeatCell": {"range": area("A1:AB1"), "cell": {}, "fields": "*"}}, "exceeds grid limits"),
        ({"deleteNamedRange": {"namedRangeId": "none"}}, "No named range with ID: none"),
        ({"addNamedRange": {"namedRange": {"name": "1st", "range": area("A1:A1")}}}, "Invalid name"),
        ({"deleteEmbeddedObject": {"objectId": 5}}, "no embedded object with ID 5"),
        ({"addChart": {"chart": {"spec": {}}}}, "kind of chart"),
        ({"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}}, "No conditional format on sheet at index: 0"),
        (
            {"createDeveloperMetadata": {"developerMetadata": {"metadataKey": "k", "location": {"spreadsheet": True}}}},
            "visibility",
        ),
        ({"findReplace": {"find": "", "replacement": "x", "allSheets": True}}, "find"),
        (
            {"deleteDimensionGroup": {"range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 2}}},
            "group that does not exist",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_request_named(send, whole, request_, message) -> None:
    before = whole()
    (kind,) = request_
    with pytest.raises(APIError, match=rf"Invalid requests\[0\]\.{kind}: .*{message}"):
        send(request_)
    assert whole() == before


def test_frozen_rows_may_not_be_all_that_is_left(send, sheet, whole) -> None:
    sheet.resize(5, 2)
    sheet.freeze(rows=2)
    span = {"sheetId": 0, "dimension": "ROWS", "startIndex": 2, "endIndex": 5}
    with pytest.raises(APIError, match="Sorry, it is not possible to delete all non-frozen rows"):
        send({"deleteDimension": {"range": span}})
    send({"deleteDimension": {"range": {**span, "startIndex": 0, "endIndex": 1}}})
    assert whole("properties.gridProperties")["properties"]["gridProperties"]["frozenRowCount"] == 1


def test_moved_rows_and_columns_take_their_references_along(send, sheet, values) -> None:
    sheet.update([["a", 1, "=B1"], ["b", 2, "=B1+1"], ["c", 3, "=B3"]], "A1", value_input_option="USER_ENTERED")
    span = {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    send({"moveDimension": {"source": span, "destinationIndex": 3}})
    assert values() == [["b", 2, "=B3+1"], ["c", 3, "=B2"], ["a", 1, "=B3"]]
    send(
        {
            "moveDimension": {
                "source": {**span, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2},
                "destinationIndex": 0,
            }
        }
    )
    assert values()[0] == [2, "b", "=A3+1"]


def test_sizes_of_rows_and_columns_are_set_and_appended(send, sheet, whole) -> None:
    span = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    send(
        {"updateDimensionProperties": {"range": span, "properties": {"pixelSize": 200}, "fields": "pixelSize"}},
        {"appendDimension": {"sheetId": 0, "dimension": "COLUMNS", "length": 2}},
        {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 5}},
        {"autoResizeDimensions": {"dimensions": {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 2}}},
    )
    assert whole("data.columnMetadata.pixelSize")["data"][0]["columnMetadata"][1]["pixelSize"] == 200
    assert (sheet.row_count, sheet.col_count) == (1000, 26)
    grid = whole("properties.gridProperties")["properties"]["gridProperties"]
    assert grid == {"rowCount": 1005, "columnCount": 28}


def test_cells_make_room_and_close_up(send, sheet, values) -> None:
    sheet.update([["a", "b"], ["c", "d"]], "A1")
    send({"insertRange": {"range": area("A1:A1"), "shiftDimension": "ROWS"}})
    assert values() == [["", "b"], ["a", "d"], ["c"]]
    send({"deleteRange": {"range": area("A1:A1"), "shiftDimension": "ROWS"}})
    send({"insertRange": {"range": area("A2:A2"), "shiftDimension": "COLUMNS"}})
    assert values() == [["a", "b"], ["", "c", "d"]]


def test_groups_fold(send, whole) -> None:
    span = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    send({"addDimensionGroup": {"range": span}})
    group = {"range": span, "depth": 1, "collapsed": True}
    send({"updateDimensionGroup": {"dimensionGroup": group, "fields": "collapsed"}})
    found = whole("rowGroups,data.rowMetadata.hiddenByUser")
    assert found["rowGroups"][0]["collapsed"]
    assert [one.get("hiddenByUser", False) for one in found["data"][0]["rowMetadata"][:4]] == [False, True, True, False]


def test_renaming_a_tab_renames_it_in_formulas(book, send, sheet) -> None:
    other = book.add_worksheet("Other", 3, 3)
    other.update([[7]], "A1")
    sheet.update([["=Other!A1"]], "A1", value_input_option="USER_ENTERED")
    send({"updateSheetProperties": {"properties": {"sheetId": other.id, "title": "My data"}, "fields": "title"}})
    assert sheet.acell("A1", value_render_option="FORMULA").value == "='My data'!A1"
    assert sheet.acell("A1").value == "7"


def test_a_spreadsheet_is_created_with_all_that_is_given(gc) -> None:
    body = {
        "properties": {"title": "Made", "locale": "de_DE", "timeZone": "Europe/Berlin"},
        "sheets": [{"properties": {"title": "Eins"}, "data": [{"startRow": 1, "rowData": rows(["x", 5])}]}],
        "namedRanges": [{"name": "N", "range": {"endRowIndex": 1}}],
    }
    answer = gc.http_client.request("post", "https://sheets.googleapis.com/v4/spreadsheets", json=body).json()
    made = gc.open_by_key(answer["spreadsheetId"])
    assert (made.title, made.locale, made.timezone) == ("Made", "de_DE", "Europe/Berlin")
    assert made.sheet1.get_all_values() == [["", ""], ["x", "5"]]


@pytest.mark.parametrize("mask", ["nonsense", "sheets.nonsense", "sheets(properties(nope))", "sheets(", "a b"])
def test_a_field_mask_that_names_nothing_is_refused(book, mask) -> None:
    with pytest.raises(APIError, match="Request contains an invalid argument"):
        book.fetch_sheet_metadata({"fields": mask})


def test_every_kind_of_request_that_the_server_knows_is_tried_in_these_files() -> None:
    text = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_sheets_server_*.py"))
    by_gspread = {"cutPaste", "updateSpreadsheetProperties"}
    assert {kind for kind in REQUESTS if f'"{kind}"' not in text.replace("by_gspread = {", "")} - by_gspread == set()
    assert len(REQUESTS) > 55
