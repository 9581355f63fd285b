"""What comes back, field for field: what a call counts, what it leaves out, what it adds."""

from __future__ import annotations

import pytest
from gspread.exceptions import APIError
from requests_of import area

from sheetcrm.testing.sheets_server.rights import OWNER


def totals(answer):
    return {name: count for name, count in answer.items() if name.startswith("total")}


def test_rows_and_columns_that_several_ranges_reach_count_once_and_cells_each_time(book) -> None:
    data = [{"range": "A1:B1", "values": [[1, 2]]}, {"range": "B1:B3", "values": [[3], [4], [5]]}]
    answer = book.values_batch_update({"valueInputOption": "RAW", "data": data})
    assert [(one["updatedRows"], one["updatedColumns"]) for one in answer["responses"]] == [(1, 2), (3, 1)]
    assert totals(answer) == {
        "totalUpdatedRows": 3,
        "totalUpdatedColumns": 2,
        "totalUpdatedCells": 5,
        "totalUpdatedSheets": 1,
    }


def test_the_same_columns_of_two_tabs_count_twice(book) -> None:
    book.add_worksheet("Second", 5, 5)
    data = [{"range": "A1:B1", "values": [[1, 2]]}, {"range": "Second!A1:B1", "values": [[3, 4]]}]
    answer = book.values_batch_update({"valueInputOption": "RAW", "data": data})
    assert (answer["totalUpdatedRows"], answer["totalUpdatedColumns"], answer["totalUpdatedSheets"]) == (2, 4, 2)


def test_cells_that_a_write_leaves_alone_are_not_counted_but_shown(book) -> None:
    options = {"valueInputOption": "RAW", "includeValuesInResponse": "true"}
    book.values_update("B2", {"valueInputOption": "RAW"}, {"values": [["kept"]]})
    answer = book.values_update("A1:B2", options, {"values": [["a", None], [None, None]]})
    assert (answer["updatedRange"], answer["updatedRows"], answer["updatedCells"]) == ("Sheet1!A1:B2", 1, 1)
    assert answer["updatedData"]["values"] == [["a"], ["", "kept"]]


def test_who_protects_a_range_is_its_editor_from_the_next_read_on(send, whole) -> None:
    for is_warning in (False, True):
        wanted = {"range": area("A1:B2"), "warningOnly": is_warning, "editors": {"users": [], "groups": []}}
        (reply,) = send({"addProtectedRange": {"protectedRange": wanted}})
        answered = reply["addProtectedRange"]["protectedRange"]
        assert answered["editors"] == {}
        (read,) = whole("protectedRanges")["protectedRanges"]
        assert read == {**answered, "editors": {"users": [OWNER]}}
        assert read["requestingUserCanEdit"]
        assert read.get("warningOnly", False) is is_warning
        send({"deleteProtectedRange": {"protectedRangeId": read["protectedRangeId"]}})


def test_editors_that_were_named_are_answered_and_joined_by_who_protects(send, whole) -> None:
    wanted = {"range": area("A1:B2"), "editors": {"users": ["ann@x.example"]}}
    (reply,) = send({"addProtectedRange": {"protectedRange": wanted}})
    assert reply["addProtectedRange"]["protectedRange"]["editors"] == {"users": ["ann@x.example"]}
    assert whole("protectedRanges")["protectedRanges"][0]["editors"] == {"users": ["ann@x.example", OWNER]}


def test_groups_of_the_first_tab_come_back_without_its_number(send, book) -> None:
    span = {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}
    add = "addDimensionGroup"
    (reply,) = send({add: {"range": {"sheetId": 0, **span}}})
    assert reply[add]["dimensionGroups"] == [{"range": span, "depth": 1}]
    second = book.add_worksheet("Second", 5, 5).id
    (reply,) = send({add: {"range": {"sheetId": second, **span}}})
    assert reply[add]["dimensionGroups"] == [{"range": {"sheetId": second, **span}, "depth": 1}]


def test_properties_of_a_tab_come_in_one_order(book) -> None:
    book.add_worksheet("Second", 5, 5)
    for one in book.fetch_sheet_metadata()["sheets"]:
        assert list(one["properties"]) == ["sheetId", "title", "index", "sheetType", "gridProperties"]


def test_a_column_grows_with_its_text_however_long_that_is(send, sheet, whole) -> None:
    widths = []
    for length in (10, 1000, 2000):
        sheet.update([["x" * length]], "A1")
        span = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}
        send({"autoResizeDimensions": {"dimensions": span}})
        widths.append(whole("data.columnMetadata.pixelSize")["data"][0]["columnMetadata"][0]["pixelSize"])
    assert widths[1] > 50 * widths[0]
    assert widths[2] > 1.9 * widths[1]


def test_an_upload_answers_with_the_file_as_drive_tells_it(gc, book) -> None:
    book.share("ann@x.example", perm_type="user", role="writer")
    answer = gc.import_csv(book.id, "a,b")
    assert (answer["id"], answer["title"], answer["kind"]) == (book.id, "Book", "drive#file")
    assert answer["mimeType"] == "application/vnd.google-apps.spreadsheet"
    assert answer["createdDate"] <= answer["modifiedDate"]
    assert answer["exportLinks"]["text/csv"].endswith(f"export?id={book.id}&exportFormat=csv")
    assert answer["ownerNames"] == [one["emailAddress"] for one in answer["owners"]] == [OWNER]
    assert answer["shared"]
    assert answer["userPermission"]["role"] == "owner"


def test_a_quota_that_is_used_up_is_named(server, sheet) -> None:
    for call, kind in ((sheet.get, "Read"), (sheet.clear, "Write")):
        server.control.reset()
        server.control.quota = 1
        call()
        with pytest.raises(APIError) as refused:
            call()
        (detail,) = refused.value.response.json()["error"]["details"]
        assert detail["reason"] == "RATE_LIMIT_EXCEEDED"
        assert detail["metadata"]["quota_metric"] == f"sheets.googleapis.com/{kind.lower()}_requests"
        assert detail["metadata"]["quota_limit"] == f"{kind}RequestsPerMinutePerUser"


def test_a_sort_that_reaches_beyond_the_grid_sorts_what_is_there(sheet, send) -> None:
    sheet.resize(3, 2)
    sheet.update([["b", 2], ["a", 1], ["c", 3]], "A1")
    beyond = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 1000, "startColumnIndex": 0, "endColumnIndex": 26}
    down = {"dimensionIndex": 1, "sortOrder": "DESCENDING"}
    assert send({"sortRange": {"range": beyond, "sortSpecs": [down]}}) == [{}]
    assert sheet.get_values() == [["b", "2"], ["c", "3"], ["a", "1"]]
    with pytest.raises(APIError, match="must lie within the range"):
        send({"sortRange": {"range": beyond, "sortSpecs": [{**down, "dimensionIndex": 5}]}})


def test_whole_rows_are_read_by_their_numbers_alone(book, sheet) -> None:
    sheet.resize(4, 3)
    sheet.update([["a", "b"], ["c"], ["d"]], "A1")
    first, rest = book.values_batch_get(["Sheet1!1:1", "'Sheet1'!2:4"])["valueRanges"]
    assert (first["range"], first["values"]) == ("Sheet1!A1:C1", [["a", "b"]])
    assert (rest["range"], rest["values"]) == ("Sheet1!A2:C4", [["c"], ["d"]])


def test_a_named_range_keeps_what_its_change_leaves_out(book, send) -> None:
    (reply,) = send({"addNamedRange": {"namedRange": {"name": "Old", "range": area("A1:B2")}}})
    id_ = reply["addNamedRange"]["namedRange"]["namedRangeId"]
    for change, fields in (({"name": "New"}, "name"), ({"range": area("C3:D4")}, "range")):
        request = {"namedRange": {"namedRangeId": id_, **change}, "fields": fields}
        assert send({"updateNamedRange": request}) == [{}]
    (read,) = book.list_named_ranges()
    assert (read["namedRangeId"], read["name"]) == (id_, "New")
    assert read["range"] == {"startRowIndex": 2, "endRowIndex": 4, "startColumnIndex": 2, "endColumnIndex": 4}
