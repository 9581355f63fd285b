"""batchUpdate on what lies over the cells: filters, formats, charts, tables, metadata; it moves along with them."""

from __future__ import annotations

from typing import Any

import pytest
from gspread.exceptions import APIError
from requests_of import PIE, Json, area, rows


def test_everything_over_the_cells_moves_along_with_them(send, sheet, whole, book) -> None:
    sheet.update(
        [["h", "i", "j"], ["a", 1, "=B2"], ["b", 2, "=SUM(B$2:B3)"], ["c", 3, "=$B$4"]],
        "A1",
        value_input_option="USER_ENTERED",
    )
    rule = {"condition": {"type": "NOT_BLANK"}}
    paint = {"format": {"backgroundColor": {"red": 1}}}
    send(
        {"addNamedRange": {"namedRange": {"name": "Amounts", "range": area("B2:B4")}}},
        {"addProtectedRange": {"protectedRange": {"range": area("A3:C3")}}},
        {"setBasicFilter": {"filter": {"range": area("A1:C4")}}},
        {"addBanding": {"bandedRange": {"range": area("A1:C4"), "rowProperties": {"firstBandColor": {"green": 1}}}}},
        {
            "addConditionalFormatRule": {
                "rule": {"ranges": [area("B2:B4")], "booleanRule": {**rule, **paint}},
                "index": 0,
            }
        },
        {"mergeCells": {"range": area("E3:F4"), "mergeType": "MERGE_ALL"}},
        {"addDimensionGroup": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 2, "endIndex": 4}}},
        {
            "addChart": {
                "chart": {
                    "spec": PIE,
                    "position": {"overlayPosition": {"anchorCell": {"rowIndex": 5, "columnIndex": 1}}},
                }
            }
        },
    )
    row = {"sheetId": 0, "dimension": "ROWS"}
    send(
        {"insertDimension": {"range": {**row, "startIndex": 2, "endIndex": 4}}},
        {"deleteDimension": {"range": {**row, "startIndex": 1, "endIndex": 2}}},
        {"insertDimension": {"range": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}}},
    )
    found = whole("")

    def ends(one: Json) -> tuple[int, ...]:
        return one["startRowIndex"], one["endRowIndex"], one["startColumnIndex"], one["endColumnIndex"]

    assert ends(book.fetch_sheet_metadata({"fields": "namedRanges"})["namedRanges"][0]["range"]) == (1, 5, 2, 3)
    assert ends(found["protectedRanges"][0]["range"]) == (3, 4, 1, 4)
    assert ends(found["basicFilter"]["range"]) == (0, 5, 1, 4)
    assert ends(found["bandedRanges"][0]["range"]) == (0, 5, 1, 4)
    assert ends(found["conditionalFormats"][0]["ranges"][0]) == (1, 5, 2, 3)
    assert ends(found["merges"][0]) == (3, 5, 5, 7)
    assert (found["rowGroups"][0]["range"]["startIndex"], found["rowGroups"][0]["range"]["endIndex"]) == (3, 5)
    anchor = found["charts"][0]["position"]["overlayPosition"]["anchorCell"]
    assert (anchor["rowIndex"], anchor["columnIndex"]) == (6, 2)
    assert ends(found["charts"][0]["spec"]["pieChart"]["series"]["sourceRange"]["sources"][0]) == (1, 5, 2, 3)
    assert sheet.col_values(4, value_render_option="FORMULA") == ["j", "", "", "=SUM(C$2:C4)", "=$C$5"]


def test_filters_hide_rows_and_views_are_kept(send, sheet, whole) -> None:
    sheet.update([["Status", "Amount"], ["New", 5], ["Won", 50], ["New", 500]], "A1")
    criteria = {
        "0": {"hiddenValues": ["Won"]},
        "1": {"condition": {"type": "NUMBER_LESS", "values": [{"userEnteredValue": "100"}]}},
    }
    send({"setBasicFilter": {"filter": {"range": area("A1:B4"), "criteria": criteria}}})
    found = whole("data.rowMetadata.hiddenByFilter")["data"][0]["rowMetadata"]
    assert [one.get("hiddenByFilter", False) for one in found[:5]] == [False, False, True, True, False]
    (reply,) = send({"addFilterView": {"filter": {"title": "Mine", "range": area("A1:B4")}}})
    number = reply["addFilterView"]["filter"]["filterViewId"]
    send(
        {"updateFilterView": {"filter": {"filterViewId": number, "title": "Ours"}, "fields": "title"}},
        {"duplicateFilterView": {"filterId": number}},
        {"clearBasicFilter": {"sheetId": 0}},
    )
    assert [one["title"] for one in whole("filterViews")["filterViews"]] == ["Ours", "Copy of Ours"]
    send({"deleteFilterView": {"filterId": number}})
    assert whole("filterViews,basicFilter")["filterViews"][0]["title"] == "Copy of Ours"


def test_conditional_formats_have_an_order(send, whole) -> None:
    def rule(red: float) -> Json:
        style = {"condition": {"type": "NOT_BLANK"}, "format": {"backgroundColor": {"red": red}}}
        return {"ranges": [area("A1:A3")], "booleanRule": style}

    send(*({"addConditionalFormatRule": {"rule": rule(red), "index": 0}} for red in (1, 0.4)))
    (reply,) = send({"updateConditionalFormatRule": {"sheetId": 0, "index": 1, "newIndex": 0}})
    assert (reply["updateConditionalFormatRule"]["oldIndex"], reply["updateConditionalFormatRule"]["newIndex"]) == (
        1,
        0,
    )
    send({"updateConditionalFormatRule": {"index": 1, "rule": rule(0.2)}})
    reds = [
        one["booleanRule"]["format"]["backgroundColor"]["red"]
        for one in whole("conditionalFormats")["conditionalFormats"]
    ]
    assert reds == [1, 0.2]
    send({"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}})
    assert len(whole("conditionalFormats")["conditionalFormats"]) == 1


def test_banding_named_and_protected_ranges_are_changed_and_deleted(send, whole, book) -> None:
    banding = {"range": area("A1:B3"), "rowProperties": {"headerColor": {"blue": 1}}}
    replies = send(
        {"addBanding": {"bandedRange": banding}},
        {"addNamedRange": {"namedRange": {"name": "N", "range": area("A1:A2")}}},
        {"addProtectedRange": {"protectedRange": {"range": area("A1:A2"), "warningOnly": True}}},
    )
    band = replies[0]["addBanding"]["bandedRange"]["bandedRangeId"]
    name = replies[1]["addNamedRange"]["namedRange"]["namedRangeId"]
    protection = replies[2]["addProtectedRange"]["protectedRange"]["protectedRangeId"]
    send(
        {"updateBanding": {"bandedRange": {"bandedRangeId": band, "range": area("A1:C3")}, "fields": "range"}},
        {"updateNamedRange": {"namedRange": {"namedRangeId": name, "name": "M"}, "fields": "name"}},
        {
            "updateProtectedRange": {
                "protectedRange": {"protectedRangeId": protection, "description": "d"},
                "fields": "description",
            }
        },
    )
    found = whole("bandedRanges,protectedRanges")
    assert found["bandedRanges"][0]["range"]["endColumnIndex"] == 3
    assert found["bandedRanges"][0]["rowProperties"]["headerColorStyle"] == {"rgbColor": {"blue": 1}}
    assert found["protectedRanges"][0]["description"] == "d"
    assert book.list_named_ranges()[0]["name"] == "M"
    send(
        {"deleteBanding": {"bandedRangeId": band}},
        {"deleteNamedRange": {"namedRangeId": name}},
        {"deleteProtectedRange": {"protectedRangeId": protection}},
    )
    assert whole("bandedRanges,protectedRanges") == {}
    with pytest.raises(APIError, match="No banding with ID"):
        send({"deleteBanding": {"bandedRangeId": band}})


def test_charts_are_placed_changed_moved_and_deleted(send, whole, book) -> None:
    (reply,) = send(
        {"addChart": {"chart": {"spec": PIE, "position": {"overlayPosition": {"anchorCell": {"rowIndex": 2}}}}}}
    )
    chart = reply["addChart"]["chart"]
    number = chart["chartId"]
    assert chart["position"]["overlayPosition"] == {
        "anchorCell": {"rowIndex": 2},
        "widthPixels": 600,
        "heightPixels": 371,
    }
    anchor = {"overlayPosition": {"anchorCell": {"rowIndex": 9}, "widthPixels": 300}}
    send(
        {"updateChartSpec": {"chartId": number, "spec": {**PIE, "title": "New"}}},
        {
            "updateEmbeddedObjectPosition": {
                "objectId": number,
                "newPosition": anchor,
                "fields": "anchorCell,widthPixels",
            }
        },
        {
            "updateEmbeddedObjectBorder": {
                "objectId": number,
                "border": {"colorStyle": {"rgbColor": {"red": 1}}},
                "fields": "*",
            }
        },
    )
    found = whole("charts")["charts"][0]
    assert (found["spec"]["title"], found["border"]["color"]) == ("New", {"red": 1})
    assert found["position"]["overlayPosition"]["widthPixels"] == 300
    send(
        {"updateEmbeddedObjectPosition": {"objectId": number, "newPosition": {"newSheet": True}, "fields": "newSheet"}}
    )
    kinds = [one["properties"]["sheetType"] for one in book.fetch_sheet_metadata()["sheets"]]
    assert kinds == ["GRID", "OBJECT"]
    send({"deleteEmbeddedObject": {"objectId": number}})
    assert len(book.worksheets()) == 1


def test_slicers_are_added_and_changed(send, whole) -> None:
    spec = {"dataRange": area("A1:B5"), "columnIndex": 1, "title": "S"}
    (reply,) = send({"addSlicer": {"slicer": {"spec": spec, "position": {"overlayPosition": {"anchorCell": {}}}}}})
    number = reply["addSlicer"]["slicer"]["slicerId"]
    send({"updateSlicerSpec": {"slicerId": number, "spec": {"title": "T"}, "fields": "title"}})
    assert whole("slicers")["slicers"][0]["spec"]["title"] == "T"
    send({"deleteEmbeddedObject": {"objectId": number}})
    assert whole("slicers") == {}


def test_tables_name_their_columns_and_grow_with_appended_rows(send, sheet, whole, values) -> None:
    sheet.update([["Name", "Amount"], ["a", 1]], "A1")
    columns = [{"columnIndex": 1, "columnType": "DOUBLE"}]
    (reply,) = send({"addTable": {"table": {"name": "Deals", "range": area("A1:B2"), "columnProperties": columns}}})
    table = reply["addTable"]["table"]
    assert table["columnProperties"] == [
        {"columnName": "Name"},
        {"columnIndex": 1, "columnName": "Amount", "columnType": "DOUBLE"},
    ]
    number = table["tableId"]
    send({"appendCells": {"sheetId": 0, "tableId": number, "rows": rows(["b", 2]), "fields": "userEnteredValue"}})
    sheet.append_row(["c", 3])
    assert whole("tables")["tables"][0]["range"]["endRowIndex"] == 4
    send({"updateTable": {"table": {"tableId": number, "name": "Sales"}, "fields": "name"}})
    assert sheet.get("Sales")[-1] == ["c", "3"]
    with pytest.raises(APIError, match="overlaps with another table"):
        send({"addTable": {"table": {"range": area("B2:C3")}}})
    send({"deleteTable": {"tableId": number}})
    assert values() == [[]]


def test_metadata_follows_its_row_is_found_changed_and_deleted(gc, book, send, sheet) -> None:
    def mark(number: int | None, location: Json, key: str = "run") -> Json:
        made = {"metadataKey": key, "metadataValue": "v", "location": location, "visibility": "DOCUMENT"}
        return {
            "createDeveloperMetadata": {"developerMetadata": {**made, **({"metadataId": number} if number else {})}}
        }

    row = {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 3, "endIndex": 4}}
    replies = send(mark(41, {"spreadsheet": True}), mark(42, row), mark(None, {"sheetId": 0}))
    assert replies[1]["createDeveloperMetadata"]["developerMetadata"]["location"] == {
        "locationType": "ROW",
        "dimensionRange": {"dimension": "ROWS", "startIndex": 3, "endIndex": 4},
    }
    with pytest.raises(APIError, match="createDeveloperMetadata"):
        send(
            {"updateCells": {"start": {}, "rows": rows(["twice"]), "fields": "userEnteredValue"}},
            mark(41, {"spreadsheet": True}),
        )
    assert sheet.get_all_values() == [[]], "a repeated batch is refused whole"
    sheet.insert_row([], 1)
    base = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}/developerMetadata"

    def found(**lookup: Any) -> list[Json]:
        body = {"dataFilters": [{"developerMetadataLookup": lookup}]}
        answer = gc.http_client.request("post", f"{base}:search", json=body).json()
        return [one["developerMetadata"] for one in answer.get("matchedDeveloperMetadata", [])]

    assert found(metadataId=42)[0]["location"]["dimensionRange"]["startIndex"] == 4
    assert len(found(metadataKey="run")) == 3
    assert [one["metadataId"] for one in found(locationType="ROW")] == [42]
    where = {"metadataLocation": {"sheetId": 0}, "locationMatchingStrategy": "INTERSECTING_LOCATION"}
    assert len(found(**where)) == 3
    assert gc.http_client.request("get", f"{base}/41").json()["metadataValue"] == "v"
    lookup = {"developerMetadataLookup": {"metadataId": 41}}
    send(
        {
            "updateDeveloperMetadata": {
                "dataFilters": [lookup],
                "developerMetadata": {"metadataValue": "w"},
                "fields": "metadataValue",
            }
        }
    )
    assert found(metadataId=41)[0]["metadataValue"] == "w"
    (reply,) = send({"deleteDeveloperMetadata": {"dataFilter": lookup}})
    assert len(reply["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]) == 1
    sheet.delete_rows(5)
    assert found(metadataId=42) == []
    with pytest.raises(APIError, match="404"):
        gc.http_client.request("get", f"{base}/41")


def test_a_copied_tab_has_all_that_lies_on_it_under_new_numbers(send, sheet, whole, book) -> None:
    sheet.update([["a", "=B1"], ["b", 2]], "A1", value_input_option="USER_ENTERED")
    send(
        {"addChart": {"chart": {"spec": PIE, "position": {"overlayPosition": {"anchorCell": {}}}}}},
        {"mergeCells": {"range": area("D1:E1")}},
    )
    (reply,) = send({"duplicateSheet": {"sourceSheetId": 0, "insertSheetIndex": 1, "newSheetId": 77}})
    assert reply["duplicateSheet"]["properties"]["title"] == "Copy of Sheet1"
    copied = whole("", sheet=1)
    assert copied["charts"][0]["chartId"] != whole("charts")["charts"][0]["chartId"]
    assert copied["charts"][0]["spec"]["pieChart"]["domain"]["sourceRange"]["sources"][0]["sheetId"] == 77
    assert copied["merges"][0]["sheetId"] == 77
    assert book.get_worksheet_by_id(77).get("A1:B2", value_render_option="FORMULA") == [["a", "=B1"], ["b", 2]]
