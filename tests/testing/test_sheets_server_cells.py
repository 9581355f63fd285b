"""batchUpdate on cells: written, repeated, merged, sorted, pasted; and a batch is done whole or not at all."""

from __future__ import annotations

import pytest
from gspread.exceptions import APIError
from requests_of import area, rows


def test_a_batch_that_fails_half_way_leaves_nothing(send, sheet, whole) -> None:
    good = {"updateCells": {"start": {"sheetId": 0}, "rows": rows(["x"]), "fields": "userEnteredValue"}}
    bad = {"deleteSheet": {"sheetId": 99}}
    add = {"addSheet": {"properties": {"title": "Second"}}}
    with pytest.raises(APIError, match=r"Invalid requests\[2\]\.deleteSheet: No sheet with id: 99"):
        send(good, add, bad)
    assert sheet.get_all_values() == [[]]
    assert whole("properties.title") == {"properties": {"title": "Sheet1"}}


def test_a_batch_needs_a_request_of_one_known_kind(send) -> None:
    with pytest.raises(APIError, match="Must specify at least one request"):
        send()
    with pytest.raises(APIError, match=r'Unknown name "nonsense" at \'requests\[0\]\': Cannot find field'):
        send({"nonsense": {}})
    with pytest.raises(APIError, match="does not know this kind"):
        send({"addDataSource": {}})
    with pytest.raises(APIError, match="TYPE_INT32"):
        send({"deleteSheet": {"sheetId": "first"}})


def test_the_whole_spreadsheet_comes_back_where_the_call_asks(book) -> None:
    request = {"updateCells": {"start": {}, "rows": rows(["a", 1]), "fields": "userEnteredValue"}}
    answer = book.batch_update(
        {
            "requests": [request],
            "includeSpreadsheetInResponse": True,
            "responseIncludeGridData": True,
            "responseRanges": ["A1:B1"],
        }
    )
    cells = answer["updatedSpreadsheet"]["sheets"][0]["data"][0]["rowData"][0]["values"]
    assert [one["formattedValue"] for one in cells] == ["a", "1"]


def test_update_cells_writes_typed_values_and_reads_nothing_into_texts(send, sheet, whole) -> None:
    send(
        {
            "updateCells": {
                "start": {"rowIndex": 1},
                "rows": rows(["=1+1", 7, True, "007"]),
                "fields": "userEnteredValue",
            }
        }
    )
    assert sheet.get("A2:D2", value_render_option="UNFORMATTED_VALUE") == [["=1+1", 7, True, "007"]]
    found = whole("data.rowData.values.userEnteredValue")["data"][0]["rowData"][1]["values"]
    assert found[0] == {"userEnteredValue": {"stringValue": "=1+1"}}


def test_update_cells_over_a_range_clears_what_it_does_not_give(send, sheet, values) -> None:
    sheet.update([["a", "b"], ["c", "d"]], "A1")
    send({"updateCells": {"range": area("A1:B2"), "rows": rows(["new"]), "fields": "userEnteredValue"}})
    assert values() == [["new"]]


def test_update_cells_touches_only_the_fields_of_its_mask(send, sheet, whole) -> None:
    sheet.update([["a"]], "A1")
    sheet.insert_note("A1", "keep")
    cell = {"userEnteredValue": {"stringValue": "ignored"}, "userEnteredFormat": {"textFormat": {"bold": True}}}
    send({"updateCells": {"start": {}, "rows": [{"values": [cell]}], "fields": "userEnteredFormat.textFormat.bold"}})
    found = whole("data.rowData.values(userEnteredValue,note,userEnteredFormat)")["data"][0]["rowData"][0]["values"][0]
    assert found == {
        "userEnteredValue": {"stringValue": "a"},
        "note": "keep",
        "userEnteredFormat": {"textFormat": {"bold": True}},
    }


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {"start": {"rowIndex": 1000}, "rows": rows(["x"]), "fields": "*"},
            r"rowIndex\[1000\] is after last row in grid\[999\]",
        ),
        (
            {"range": area("A1:A1"), "rows": rows(["x"], ["y"]), "fields": "*"},
            "Attempting to write row: 1, beyond the last requested row of: 0",
        ),
        ({"range": area("A1:A1"), "rows": rows(["x", "y"]), "fields": "*"}, "Attempting to write column: 1, beyond"),
        ({"start": {}, "rows": rows(["x"]), "fields": ""}, "At least one field must be listed in 'fields'"),
        ({"start": {}, "rows": rows(["x"]), "fields": "userEnteredText"}, "Invalid field: user_entered_text"),
        ({"start": {}, "rows": rows(["x" * 50_001]), "fields": "*"}, "more than the maximum of 50000 characters"),
        ({"start": {"sheetId": 5}, "rows": rows(["x"]), "fields": "*"}, "No grid with id: 5"),
        (
            {"start": {}, "rows": [{"values": [{"userEnteredValue": {"errorValue": {"type": "REF"}}}]}], "fields": "*"},
            "errorValue",
        ),
    ],
)
def test_update_cells_names_what_is_wrong(send, request_, message) -> None:
    with pytest.raises(APIError, match=rf"Invalid requests\[0\]\.updateCells: .*{message}"):
        send({"updateCells": request_})


def test_append_cells_writes_below_the_last_row_and_grows_the_grid(send, sheet, values) -> None:
    sheet.update([["a"], ["b"]], "A1")
    sheet.format("A9", {"textFormat": {"bold": True}})
    sheet.resize(9, 2)
    send(
        {
            "appendCells": {
                "sheetId": 0,
                "rows": rows(*[[i, "x", "wide"] for i in range(9)]),
                "fields": "userEnteredValue",
            }
        }
    )
    assert values()[:3] == [["a"], ["b"], [0, "x", "wide"]]
    assert (len(values()), values()[-1]) == (11, [8, "x", "wide"])


def test_repeat_cell_moves_formulas_along(send, values) -> None:
    cell = {"userEnteredValue": {"formulaValue": "=A$1+$B1+C1"}}
    send({"repeatCell": {"range": area("D1:E2"), "cell": cell, "fields": "userEnteredValue"}})
    assert values() == [["", "", "", "=A$1+$B1+C1", "=B$1+$B1+D1"], ["", "", "", "=A$1+$B2+C2", "=B$1+$B2+D2"]]


def test_borders_are_drawn_around_and_inside(send, whole) -> None:
    solid = {"style": "SOLID", "color": {"red": 1}}
    send({"updateBorders": {"range": area("A1:B2"), "top": solid, "innerVertical": solid}})
    found = whole("data.rowData.values.userEnteredFormat.borders")["data"][0]["rowData"]
    first, second = (one["userEnteredFormat"]["borders"] for one in found[0]["values"])
    assert (first.keys(), second.keys()) == ({"top", "right"}, {"top", "left"})
    assert first["top"] == {
        "style": "SOLID",
        "width": 1,
        "color": {"red": 1},
        "colorStyle": {"rgbColor": {"red": 1}},
    }
    send({"updateBorders": {"range": area("A1:B2"), "top": {"style": "NONE"}}})
    found = whole("data.rowData.values.userEnteredFormat.borders")["data"][0]["rowData"][0]["values"]
    assert found[0]["userEnteredFormat"]["borders"].keys() == {"right"}


def test_a_merge_keeps_its_first_cell_and_hides_the_others(send, sheet, values) -> None:
    sheet.update([["a", "b"], ["c", "d"]], "A1")
    send({"mergeCells": {"range": area("A1:B2"), "mergeType": "MERGE_ALL"}})
    sheet.update([["A", "B"]], "A1")
    assert values() == [["A"]]
    send({"unmergeCells": {"range": area("A1:B2")}})
    sheet.update([["A", "B"]], "A1")
    assert values() == [["A", "B"]]


def test_validation_is_set_and_taken_off(send, whole) -> None:
    rule = {"condition": {"type": "BOOLEAN"}, "strict": True}
    send({"setDataValidation": {"range": area("A1:A2"), "rule": rule}})
    assert whole("data.rowData.values.dataValidation")["data"][0]["rowData"][1]["values"] == [{"dataValidation": rule}]
    send({"setDataValidation": {"range": area("A1:A2")}})
    assert whole("data.rowData.values.dataValidation") == {"data": [{}]}


def test_sorting_ranks_numbers_texts_booleans_and_blanks_last(send, sheet, values) -> None:
    sheet.update([["b", "=A1"], [None], [True], [3], ["A"], [1], ["=1/0"]], "A1", value_input_option="USER_ENTERED")
    spec = {"dimensionIndex": 0, "sortOrder": "ASCENDING"}
    send({"sortRange": {"range": area("A1:B7"), "sortSpecs": [spec]}})
    assert values() == [[1], [3], ["A"], ["b", "=A4"], [True], ["=1/0"]]
    send({"sortRange": {"range": area("A1:B7"), "sortSpecs": [{**spec, "sortOrder": "DESCENDING"}]}})
    assert [row[0] for row in values()] == ["=1/0", True, "b", "A", 3, 1]


def test_a_shuffle_loses_nothing(send, sheet) -> None:
    sheet.update([[i] for i in range(20)], "A1")
    send({"randomizeRange": {"range": area("A1:A20")}})
    found = [int(one) for one in sheet.col_values(1)]
    assert found != list(range(20))
    assert sorted(found) == list(range(20))


def test_find_and_replace_counts_what_it_changed(send, sheet, values) -> None:
    sheet.update([["one One", "ONE"], ["two", '="one"&1']], "A1", value_input_option="USER_ENTERED")
    (reply,) = send(
        {"findReplace": {"find": "one", "replacement": "1", "range": area("A1:B2"), "includeFormulas": True}}
    )
    assert reply["findReplace"] == {
        "valuesChanged": 2,
        "formulasChanged": 1,
        "rowsChanged": 2,
        "sheetsChanged": 1,
        "occurrencesChanged": 4,
    }
    assert values() == [["1 1", 1], ["two", '="1"&1']]
    (reply,) = send(
        {"findReplace": {"find": "(t)(w)", "replacement": "$2$1", "searchByRegex": True, "allSheets": True}}
    )
    assert values()[1][0] == "wto"
    (reply,) = send({"findReplace": {"find": "t", "replacement": "x", "matchEntireCell": True, "sheetId": 0}})
    assert reply == {"findReplace": {}}


def test_duplicates_blanks_and_texts_in_one_column_are_tidied(send, sheet, values) -> None:
    sheet.update([["a", 1], ["A", 1], ["b", 2], ["a", 3]], "A1")
    span = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}
    (reply,) = send({"deleteDuplicates": {"range": area("A1:B4"), "comparisonColumns": [span]}})
    assert reply == {"deleteDuplicates": {"duplicatesRemovedCount": 2}}
    assert values() == [["a", 1], ["b", 2]]
    sheet.update([["  a  b "], ["x;y;3"]], "D1")
    (reply,) = send({"trimWhitespace": {"range": area("D1:D1")}})
    assert reply == {"trimWhitespace": {"cellsChangedCount": 1}}
    send({"textToColumns": {"source": area("D2:D2"), "delimiterType": "AUTODETECT"}})
    assert sheet.get("D1:F2") == [["a b"], ["x", "y", "3"]]


@pytest.mark.parametrize(
    ("kind", "value", "is_bold", "validation"),
    [
        ("PASTE_NORMAL", "=B1", True, True),
        ("PASTE_VALUES", 7, False, False),
        ("PASTE_FORMULA", "=B1", False, False),
        ("PASTE_FORMAT", "old", True, False),
        ("PASTE_DATA_VALIDATION", "old", False, True),
        ("PASTE_CONDITIONAL_FORMATTING", "old", False, False),
        ("PASTE_NO_BORDERS", "=B1", True, True),
    ],
)
def test_what_is_pasted_is_what_the_paste_type_says(send, sheet, whole, kind, value, is_bold, validation) -> None:
    sheet.update([["=A1", 7], ["old"]], "B1", value_input_option="USER_ENTERED")
    sheet.update([[7]], "A1")
    sheet.format("B1", {"textFormat": {"bold": True}})
    send({"setDataValidation": {"range": area("B1:B1"), "rule": {"condition": {"type": "BOOLEAN"}}}})
    send({"copyPaste": {"source": area("B1:B1"), "destination": area("C2:C2"), "pasteType": "PASTE_NORMAL"}})
    sheet.update([["old"]], "C1")
    send({"copyPaste": {"source": area("B1:B1"), "destination": area("C1:C1"), "pasteType": kind}})
    found = whole("data.rowData.values(userEnteredValue,userEnteredFormat.textFormat,dataValidation)")
    cell = found["data"][0]["rowData"][0]["values"][2]
    shown = cell["userEnteredValue"]
    assert next(iter(shown.values())) == value
    assert ("userEnteredFormat" in cell, "dataValidation" in cell) == (is_bold, validation)


def test_a_copy_fills_a_larger_destination_and_turns(send, sheet, values) -> None:
    sheet.update([["a", "b"]], "A1")
    send({"copyPaste": {"source": area("A1:B1"), "destination": area("A2:D3")}})
    send({"copyPaste": {"source": area("A1:B1"), "destination": area("F1:F2"), "pasteOrientation": "TRANSPOSE"}})
    assert values() == [["a", "b", "", "", "", "a"], ["a", "b", "a", "b", "", "b"], ["a", "b", "a", "b"]]


def test_delimited_text_is_pasted_as_typed(send, values) -> None:
    send({"pasteData": {"coordinate": {"rowIndex": 0, "columnIndex": 1}, "data": "a,1\nb,2%", "delimiter": ","}})
    assert values() == [["", "a", 1], ["", "b", 0.02]]


def test_a_series_goes_on(send, sheet, values) -> None:
    sheet.update([[1, "x", "=A1"], [3, "y", "=A2"]], "A1", value_input_option="USER_ENTERED")
    send({"autoFill": {"range": area("A1:C4")}})
    assert values()[2:] == [[5, "x", "=A3"], [7, "y", "=A4"]]
    source = {"source": area("A1:A1"), "dimension": "COLUMNS", "fillLength": 2}
    send({"autoFill": {"sourceAndDestination": {**source, "source": area("A4:A4")}}})
    assert values()[3] == [7, 7, 7]
