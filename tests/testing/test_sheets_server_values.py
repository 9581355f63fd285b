"""values.*: what the documentation and the recordings say of ranges, typed input, rendering, appends and limits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from gspread.exceptions import APIError

from sheetcrm.testing.sheets_server.entering import entered
from sheetcrm.testing.sheets_server.showing import shown

LIMITS = r"exceeds grid limits\. Max rows: 1000, max columns: 26"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A1:B2", "Sheet1!A1:B2"),
        ("b2:a1", "Sheet1!A1:B2"),
        ("$A$1:$B$2", "Sheet1!A1:B2"),
        ("Sheet1!A:B", "Sheet1!A1:B1000"),
        ("Sheet1!2:3", "Sheet1!A2:Z3"),
        ("Sheet1!A5:A", "Sheet1!A5:A1000"),
        ("Sheet1!A5:C", "Sheet1!A5:C1000"),
        ("sheet1", "Sheet1!A1:Z1000"),
        ("'Sheet1'", "Sheet1!A1:Z1000"),
        ("Sheet1!R2C3:R4C4", "Sheet1!C2:D4"),
        ("R2C3", "Sheet1!C2"),
        ("Sheet1!R[3]C[1]", "Sheet1!B4"),
        ("Sheet1!A1:Z5000", "Sheet1!A1:Z1000"),
        ("'It''s \"odd\"!'!A1", "'It''s \"odd\"!'!A1"),
        ("A1", "Sheet1!A1"),
    ],
)
def test_a_range_is_understood_as_google_does(book, text, found) -> None:
    book.add_worksheet('It\'s "odd"!', 3, 3)
    assert book.values_get(text)["range"] == found


@pytest.mark.parametrize("text", ["Nowhere!A1", "'Sheet1!A1", "A1:B2:C3", "1A", "Sheet1!A1:", "A1B", "'Sheet1'x"])
def test_a_range_that_is_none_is_named_in_the_error(book, text) -> None:
    with pytest.raises(APIError) as refusal:
        book.values_get(text)
    assert refusal.value.error["message"] == f"Unable to parse range: {text}"
    assert refusal.value.error["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize("text", ["AA1", "Sheet1!A1001", "A1001:B1002", "AB1:AC"])
def test_a_range_outside_the_grid_is_refused(book, text) -> None:
    with pytest.raises(APIError, match=LIMITS):
        book.values_get(text)


# The tables of the documentation of values.append: A1:C2 and B4:D6.
DOCUMENTED = [["x", "y", "z"], ["x", "y", "z"], [], ["", "x", "y", "z"], ["", "y", "x", "z"], ["", "x", "y", "z"]]


@pytest.mark.parametrize(
    ("text", "lands"),
    [
        ("Sheet1", "B7"),
        ("B4", "B7"),
        ("C5:D5", "B7"),
        ("B2:D4", "B7"),
        ("A3:G10", "B7"),
        ("A1", "A3"),
        ("E4", "E4"),
        ("A4", "A4"),
    ],
)
def test_appended_values_land_where_the_documentation_says(book, sheet, text, lands) -> None:
    sheet.update(DOCUMENTED, "A1")
    answer = book.values_append(text, {"valueInputOption": "RAW"}, {"values": [["new"]]})
    assert answer["updates"]["updatedRange"] == f"Sheet1!{lands}"


def test_append_with_insert_rows_pushes_what_is_below(book, sheet) -> None:
    sheet.update(DOCUMENTED, "A1")
    options = {"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS", "includeValuesInResponse": True}
    answer = book.values_append("A1", options, {"values": [["new", 1], ["newer", 2]]})
    assert answer["updates"]["updatedData"] == {
        "range": "Sheet1!A3:B4",
        "majorDimension": "ROWS",
        "values": [["new", "1"], ["newer", "2"]],
    }
    assert sheet.get("A5:D6") == [[], ["", "x", "y", "z"]]


def test_columns_are_written_and_read_as_columns(book) -> None:
    body = {"majorDimension": "COLUMNS", "values": [[1, 2, 3], [4, None, 6]]}
    answer = book.values_update("B2", {"valueInputOption": "RAW"}, body)
    assert (answer["updatedRange"], answer["updatedCells"]) == ("Sheet1!B2:C4", 5)
    assert book.values_get("B2:C4", {"majorDimension": "COLUMNS"})["values"] == [["1", "2", "3"], ["4", "", "6"]]


@pytest.mark.parametrize(
    ("where", "values", "message"),
    [
        ("A1:A1", [[1, 2]], r"Requested writing within range \[Sheet1!A1\], but tried writing to column \[B\]"),
        ("A1:B1", [[1], [2]], r"Requested writing within range \[Sheet1!A1:B1\], but tried writing to row \[2\]"),
        ("Z1000", [[1, 2]], LIMITS),
        ("A1", [[{"a": 1}]], r"Invalid values\[0\]\[0\]: struct_value"),
        ("A1", "X", r"Invalid value at 'data.values' \(type.googleapis.com/google.protobuf.ListValue\), \"X\""),
        ("A1", [["a"], 5], r"Invalid value at 'data.values\[1\]' \(type.googleapis.com/google.protobuf.ListValue\), 5"),
        ("A1", [["x" * 50_001]], "Your input contains more than the maximum of 50000 characters in a single cell."),
    ],
)
def test_values_that_do_not_fit_are_refused_and_nothing_is_written(book, sheet, where, values, message) -> None:
    with pytest.raises(APIError, match=message):
        book.values_update(where, {"valueInputOption": "RAW"}, {"values": values})
    assert sheet.get_all_values() == [[]]


def test_a_cell_takes_50_000_characters(book, sheet) -> None:
    book.values_update("A1", {"valueInputOption": "RAW"}, {"values": [["x" * 50_000]]})
    assert len(sheet.acell("A1").value) == 50_000


def test_a_call_must_say_how_values_are_meant(book) -> None:
    with pytest.raises(APIError, match="'valueInputOption' is required but not specified"):
        book.values_update("A1", {}, {"values": [[1]]})
    with pytest.raises(APIError, match="Invalid value at 'value_input_option'"):
        book.values_update("A1", {"valueInputOption": "raw"}, {"values": [[1]]})
    with pytest.raises(APIError, match='Unknown name "nonsense": Cannot bind query parameter'):
        book.values_get("A1", {"nonsense": 1})
    with pytest.raises(APIError, match="Invalid value at 'value_render_option'"):
        book.values_get("A1", {"valueRenderOption": "PRETTY"})


def test_one_bad_range_of_a_batch_leaves_all_of_it_unwritten(book, sheet) -> None:
    data = [{"range": "A1", "values": [["good"]]}, {"range": "Nowhere!A1", "values": [["bad"]]}]
    with pytest.raises(APIError, match=r"Invalid data\[1\]: Unable to parse range: Nowhere!A1"):
        book.values_batch_update({"valueInputOption": "RAW", "data": data})
    assert sheet.get_all_values() == [[]]


def test_a_batch_of_values_counts_what_it_wrote(book) -> None:
    book.add_worksheet("Second", 5, 5)
    data = [{"range": "A1:B1", "values": [[1, 2]]}, {"range": "Second!A1", "values": [[3]]}]
    answer = book.values_batch_update({"valueInputOption": "RAW", "data": data})
    assert {name: count for name, count in answer.items() if name.startswith("total")} == {
        "totalUpdatedRows": 2,
        "totalUpdatedColumns": 3,
        "totalUpdatedCells": 3,
        "totalUpdatedSheets": 2,
    }


TODAY = datetime(2026, 3, 2, tzinfo=UTC).date()


@pytest.mark.parametrize(
    ("locale", "typed", "value", "shows"),
    [
        ("en_US", "1/2/2020", 43832, "1/2/2020"),
        ("en_US", "2020-01-01", 43831, "2020-01-01"),
        ("en_US", "3/14", 46095, "3/14/2026"),
        ("en_US", "13/3/2020", "13/3/2020", "13/3/2020"),
        ("en_US", "2026-02-30", "2026-02-30", "2026-02-30"),
        ("en_US", "Jan 5, 2020", 43835, "Jan 5, 2020"),
        ("en_US", "5 January 2020", 43835, "5 Jan 2020"),
        ("en_US", "10:30 PM", 0.9375, "10:30 PM"),
        ("en_US", "1/2/2020 6:00", 43832.25, "1/2/2020 6:00"),
        ("en_US", "26:30:00", 26.5 / 24, "26:30:00"),
        ("en_US", "12.5%", 0.125, "12.50%"),
        ("en_US", "12%", 0.12, "12%"),
        ("en_US", "$1,234.50", 1234.5, "$1,234.50"),
        ("en_US", "-$5", -5, "-$5"),
        ("en_US", "(5)", -5, "-5"),
        ("en_US", "1e3", 1000, "1.00E+03"),
        ("en_US", "1,234", 1234, "1,234"),
        ("en_US", "1,2", "1,2", "1,2"),
        ("en_US", "0042", 42, "42"),
        ("en_US", "'0042", "0042", "0042"),
        ("en_US", "+49 30 1234567", "+49 30 1234567", "+49 30 1234567"),
        ("en_US", "true", True, "TRUE"),
        ("en_US", "L-0007", "L-0007", "L-0007"),
        ("en_US", "NA", "NA", "NA"),
        ("en_GB", "3/4/2026", 46115, "03/04/2026"),
        ("de_DE", "1.234,56", 1234.56, "1.234,56"),
        ("de_DE", "1,5", 1.5, "1,5"),
        ("de_DE", "3.4.2026", 46115, "03.04.2026"),
        ("de_DE", "5. März 2020", 43895, "5 März 2020"),
        ("de_DE", "12,50 €", 12.5, "12,50 €"),
        ("fr_FR", "03/04/2026", 46115, "03/04/2026"),
    ],
)
def test_typed_input_means_what_it_means_to_people_of_the_locale(locale, typed, value, shows) -> None:
    found = entered(typed, locale, TODAY)
    assert found.value == pytest.approx(value) if isinstance(value, float) else found.value == value
    assert type(found.value) in (type(value), float)
    number_format = {"type": found.format[0], "pattern": found.format[1]} if found.format else None
    assert shown(found.value, number_format, locale) == shows


@pytest.mark.parametrize(
    ("value", "pattern", "shows"),
    [
        (1 / 3, "", "0.3333333333"),
        (1 / 1024, "", "0.0009765625"),
        (123456789.123456, "", "123456789.1"),
        (3.14159265358979, "", "3.141592654"),
        (1e15, "", "1E+15"),
        (0.1 + 0.2, "", "0.3"),
        (-0.0, "", "0"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (2.5, "0", "3"),
        (0.5, "#.##", ".5"),
        (7, "000", "007"),
        (0.125, "0.0%", "12.5%"),
        (12345, "0.00E+00", "1.23E+04"),
        (-5, "0;(0)", "(5)"),
        (0, '0;-0;"none"', "none"),
        (1.5, "# ?/?", "1 1/2"),
        (1500000, '0.0,,"M"', "1.5M"),
        (12, "[$€]0.00", "€12.00"),
        (1234.5, '"$"#,##0.00', "$1,234.50"),
        (43831.5, "ddd, mmm d yyyy h:mm am/pm", "Wed, Jan 1 2020 12:00 PM"),
        (43831.75, "dddd d mmmm yy HH:mm:ss", "Wednesday 1 January 20 18:00:00"),
        (1.5, "[h]:mm", "36:00"),
        (43831.000011574, "h:mm:ss.000", "0:00:01.000"),
    ],
)
def test_number_formats_show_what_the_documentation_says(value, pattern, shows) -> None:
    assert shown(float(value), {"type": "", "pattern": pattern} if pattern else None, "en_US") == shows


def test_a_typed_date_brings_its_format_and_a_raw_one_stays_text(book, sheet) -> None:
    options = {"valueInputOption": "USER_ENTERED"}
    book.values_update("A1", options, {"values": [["1/2/2020", "12%", "=TODAY()", "=1/0", "=NOPE(1)"]]})
    book.values_update("A2", {"valueInputOption": "RAW"}, {"values": [["1/2/2020"]]})
    fields = "sheets.data.rowData.values(userEnteredValue,userEnteredFormat.numberFormat,effectiveValue,formattedValue)"
    rows = book.fetch_sheet_metadata({"fields": fields})["sheets"][0]["data"][0]["rowData"]
    day, percent, today, error, unknown = rows[0]["values"]
    assert day["userEnteredFormat"]["numberFormat"] == {"type": "DATE", "pattern": "M/d/yyyy"}
    assert percent["userEnteredValue"] == {"numberValue": 0.12}
    assert today["formattedValue"] == "3/2/2026"
    assert error["effectiveValue"]["errorValue"]["type"] == "DIVIDE_BY_ZERO"
    assert (error["formattedValue"], unknown["formattedValue"]) == ("#DIV/0!", "#NAME?")
    assert rows[1]["values"][0]["userEnteredValue"] == {"stringValue": "1/2/2020"}
    assert sheet.acell("A2").value == "1/2/2020"


def test_a_cell_formatted_as_text_keeps_what_is_typed(book, sheet) -> None:
    sheet.format("A1", {"numberFormat": {"type": "TEXT"}})
    book.values_update("A1", {"valueInputOption": "USER_ENTERED"}, {"values": [["0042"]]})
    assert sheet.get("A1", value_render_option="UNFORMATTED_VALUE") == [["0042"]]


def test_ranges_are_chosen_by_data_filters(gc, book, sheet) -> None:
    sheet.update([["a", "b"], ["c", "d"]], "A1")
    place = {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}}
    mark = {"metadataId": 7, "metadataKey": "row", "location": place, "visibility": "DOCUMENT"}
    book.batch_update({"requests": [{"createDeveloperMetadata": {"developerMetadata": mark}}]})
    sheet.insert_row(["new"], 1)
    lookup = {"developerMetadataLookup": {"metadataId": 7}}
    base = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}"

    def post(call, body):
        return gc.http_client.request("post", f"{base}{call}", json=body).json()

    found = post("/values:batchGetByDataFilter", {"dataFilters": [lookup]})
    assert found["valueRanges"][0]["valueRange"] == {
        "range": "Sheet1!A3:Z3",
        "majorDimension": "ROWS",
        "values": [["c", "d"]],
    }
    data = [{"dataFilter": lookup, "majorDimension": "ROWS", "values": [["C"]]}]
    post("/values:batchUpdateByDataFilter", {"valueInputOption": "RAW", "data": data})
    assert sheet.row_values(3) == ["C", "d"]
    assert post("/values:batchClearByDataFilter", {"dataFilters": [{"a1Range": "A1:A2"}]})["clearedRanges"] == [
        "Sheet1!A1:A2"
    ]
    got = post(":getByDataFilter", {"dataFilters": [lookup], "includeGridData": True})
    assert got["sheets"][0]["data"][0]["startRow"] == 2
