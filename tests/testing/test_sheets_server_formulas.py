"""Formulas on the server: what people use, ranges as Google reads them, spills, errors, and what goes out of date."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.formula import evaluate
from sheetcrm.table import CellError
from sheetcrm.testing.sheets_server.clock import FixedClock
from sheetcrm.testing.sheets_server.computing import Values
from sheetcrm.testing.sheets_server.model import Cell, ErrorValue, Formula, Sheet, Spreadsheet

DEALS = [
    ["Firm", "Owner", "Amount", "Won", "Since"],
    ["Acme", "Ann", 100, True, "2026-01-15"],
    ["Bolt", "Ben", 250, False, "2026-02-01"],
    ["Cord", "Ann", 50, True, "2025-12-31"],
    [],
    ["x", "1,5", "", "#N/A"],
]


@pytest.fixture
def deals(book, sheet):
    sheet.update(DEALS, "A1", value_input_option="USER_ENTERED")
    book.add_worksheet("Other tab", 3, 3).update([[7]], "A1")
    named = {"name": "Amounts", "range": {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 2}}
    named["range"]["endColumnIndex"] = 3
    book.batch_update({"requests": [{"addNamedRange": {"namedRange": named}}]})
    return sheet


def put(sheet, place: str, formula: str) -> None:
    sheet.update([[formula]], place, value_input_option="USER_ENTERED")


def seen(sheet, area: str):
    return sheet.get(area, value_render_option="UNFORMATTED_VALUE")


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=1+2*3^2", 19),
        ("=-2^2", 4),
        ("=(1+2)*3%", 0.09),
        ('="a"&1&TRUE', "a1TRUE"),
        ('="A"="a"', True),
        ("=C2+C3", 350),
        ("=A2", "Acme"),
        ('=A2<>"x"', True),
        ("=SUM(C2:C4)", 400),
        ("=SUM(C:C)", 400),
        ("=SUM(2:3)-E2-E3", 350),
        ("=SUM(Amounts)", 400),
        ("=sum(amounts)", 400),
        ("=SUM(C2:C)", 400),
        ("=COUNTA(A2:A)", 4),
        ("=COUNTBLANK(A1:A6)", 1),
        ("=ROWS(A:A)", 1000),
        ("=AVERAGE(C2:C3,10)", 120),
        ("=MIN(C2:C4)&MAX(C2:C4)", "50250"),
        ('=COUNTIF(C2:C4,">60")', 2),
        ('=COUNTIF(A2:A4,"*o*")', 2),
        ('=SUMIF(B2:B4,"ann",C2:C4)', 150),
        ('=COUNTIFS(B2:B4,"Ann",D2:D4,TRUE)', 2),
        ('=VLOOKUP("bolt",A2:C4,3,FALSE)', 250),
        ('=XLOOKUP("Cord",A2:A4,B2:B4)', "Ann"),
        ('=INDEX(A2:A4,MATCH("Ben",B2:B4,0))', "Bolt"),
        ("=SUMPRODUCT((B2:B4=B2)*C2:C4)", 150),
        ('=IF(C2>1000,1/0,"small")', "small"),
        ('=IFERROR(1/0,"none")', "none"),
        ('=IFNA(D6,"not there")', "not there"),
        ("=ROUND(2.345,2)", 2.35),
        ("=LET(a,C2,b,a*2,a+b)", 300),
        ("='Other tab'!A1", 7),
        ("='other TAB'!$A$1+1", 8),
        ('=HYPERLINK("https://x.example","site")', "site"),
        ('=TEXT(E2,"yyyy-mm")', "2026-01"),
        ("=YEAR(E2)", 2026),
        ("=EDATE(E2,1)", 46068),
        ("=LEFT(A2,2)&UPPER(RIGHT(A2,1))", "AcE"),
        ("=ROW()", 9),
        ("=COLUMN()", 8),
        ("=ROW(B7)&COLUMN(B7)", "72"),
        ("=LOG10(100)", 2),
        ('="A1:B2 "&A2', "A1:B2 Acme"),
        ("=ISBLANK(A5)", True),
    ],
)
def test_what_people_use_most_is_computed(deals, formula, value) -> None:
    put(deals, "H9", formula)
    found = seen(deals, "H9")[0][0]
    assert found == pytest.approx(value) if isinstance(value, float) else found == value
    assert deals.get("H9", value_render_option="FORMULA") == [[formula]]


def test_a_formula_that_shows_an_empty_cell_shows_nothing(deals) -> None:
    put(deals, "H1", "=A5")
    assert deals.get("H1") == [[""]]


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("=1/0", "DIVIDE_BY_ZERO"),
        ("=SUM(1", "ERROR"),
        ("=A1 A2", "ERROR"),
        ("=WHATEVER(1)", "NAME"),
        ("=Nobody+1", "NAME"),
        ("=LEFT()", "N_A"),
        ("=ARRAYFORMULA(1,2)", "N_A"),
        ("=ROW(1)", "N_A"),
        ("=Nowhere!A1", "REF"),
        ("=IFERROR(1,2)+'Other tab'!#REF!", "REF"),
        ('="a"+1', "VALUE"),
        ("=A1:C1", "VALUE"),
        ("=SQRT(-1)", "NUM"),
        ("=D6", "N_A"),
        ("=VLOOKUP(9,A1:B2,2,FALSE)", "N_A"),
        ("=FILTER(A2:A4,C2:C4>999)", "N_A"),
    ],
)
def test_what_fails_has_googles_type_of_error(deals, whole, formula, kind) -> None:
    put(deals, "H9", formula)
    cell = whole("data.rowData.values")["data"][0]["rowData"][8]["values"][7]
    assert cell["effectiveValue"]["errorValue"]["type"] == kind
    assert cell["userEnteredValue"] == {"formulaValue": formula}


def test_a_formula_that_refers_to_itself_is_an_error_and_no_loop(sheet) -> None:
    sheet.update([["=B1", "=A1"]], "A1", value_input_option="USER_ENTERED")
    assert sheet.get("A1:B1") == [["#REF!", "#REF!"]]


def test_a_long_chain_of_formulas_is_computed(sheet) -> None:
    rows = [["=1"], *[[f"=A{i}+1"] for i in range(1, 900)]]
    sheet.update(rows, "A1", value_input_option="USER_ENTERED")
    assert seen(sheet, "A900") == [[900]]


# -- ranges where one value is wanted ---------------------------------------------------------------------------------


def test_a_range_where_one_value_is_wanted_is_the_cell_in_the_formulas_row_or_column(deals) -> None:
    for row in (2, 3):
        put(deals, f"H{row}", "=C2:C4*2")
    put(deals, "B9", "=B1:C1")
    put(deals, "H8", "=C2:C4*2")
    assert [seen(deals, place)[0][0] for place in ("H2", "H3", "B9", "H8")] == [200, 500, "Owner", "#VALUE!"]


# -- spills -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "rows"),
    [
        ("=ARRAYFORMULA(C2:C4*2)", [[200], [500], [100]]),
        ('=ARRAYFORMULA(IF(D2:D4,A2:A4,""))', [["Acme"], [""], ["Cord"]]),
        ("=ArrayFormula(ROW(A2:A3)*COLUMN(A1:B1))", [[2, 4], [3, 6]]),
        ('=FILTER(A2:A4,B2:B4="Ann",C2:C4<80)', [["Cord"]]),
        ("=SORT(A2:C4,3,TRUE)", [["Cord", "Ann", 50], ["Acme", "Ann", 100], ["Bolt", "Ben", 250]]),
        ('=FILTER(A2:C4,B2:B4="Ann")', [["Acme", "Ann", 100], ["Cord", "Ann", 50]]),
        ("=UNIQUE(B2:B4)", [["Ann"], ["Ben"]]),
        ("=TRANSPOSE(A2:A4)", [["Acme", "Bolt", "Cord"]]),
        ("={1,2;3,4}", [[1, 2], [3, 4]]),
        ("=SEQUENCE(2,2)", [[1, 2], [3, 4]]),
    ],
)
def test_blocks_spill_into_the_cells_beside_and_below(deals, formula, rows) -> None:
    put(deals, "H2", formula)
    assert seen(deals, "H2:K9") == rows
    put(deals, "H12", "=COUNTA(H2:K9)")
    assert seen(deals, "H12") == [[sum(map(len, rows))]]


def test_only_the_formulas_own_cell_was_entered(deals, whole) -> None:
    put(deals, "H2", "=UNIQUE(B2:B4)")
    rows = whole("data.rowData.values(userEnteredValue,effectiveValue,formattedValue)")["data"][0]["rowData"]
    spilled = {"effectiveValue": {"stringValue": "Ben"}, "formattedValue": "Ben"}
    assert rows[2]["values"][7] == spilled
    assert rows[1]["values"][7] == {
        "userEnteredValue": {"formulaValue": "=UNIQUE(B2:B4)"},
        "effectiveValue": {"stringValue": "Ann"},
        "formattedValue": "Ann",
    }


def test_what_stands_in_its_way_stays_and_the_formula_is_an_error_until_it_goes(deals, whole) -> None:
    put(deals, "H2", "=A2:A4&ARRAYFORMULA(B2:B4)")
    put(deals, "H4", "mine")
    assert seen(deals, "H2:H4") == [["#REF!"], [], ["mine"]]
    error = whole("data.rowData.values")["data"][0]["rowData"][1]["values"][7]["effectiveValue"]["errorValue"]
    assert error["message"] == "Array result was not expanded because it would overwrite data in H4."
    deals.batch_clear(["H4"])
    assert seen(deals, "H2:H4") == [["AcmeAnn"], ["AcmeBen"], ["AcmeAnn"]]


def test_a_block_that_leaves_the_grid_is_an_error(deals) -> None:
    put(deals, "Z2", "=SEQUENCE(1,2)")
    assert seen(deals, "Z2") == [["#REF!"]]


def test_spills_read_each_others_cells_wherever_they_stand(deals) -> None:
    put(deals, "H1", "=SORT(J1:J3,1,FALSE)")
    put(deals, "J1", "=ARRAYFORMULA(C2:C4+1)")
    put(deals, "L1", "=SUM(H1:H3)+H2")
    assert seen(deals, "H1:L3") == [[251, "", 101, "", 504], [101, "", 251], [51, "", 51]]


def test_an_open_range_grows_and_shrinks_with_the_rows(deals) -> None:
    put(deals, "H1", "=COUNTA(A3:A)")
    deals.insert_row(["new"], 2)
    deals.delete_rows(5)
    assert deals.acell("H1", value_render_option="FORMULA").value == "=COUNTA(A4:A)"
    assert seen(deals, "H1") == [[2]]


# -- locale and time --------------------------------------------------------------------------------------------------


def test_formulas_are_written_and_texts_read_as_the_locale_does(book, deals) -> None:
    book.update_locale("de_DE")
    deals.update([["=1,5+B6", "=SUM(1;2)", "=SUM(1,2)", '=1/4&""']], "H1", value_input_option="USER_ENTERED")
    assert seen(deals, "H1:K1") == [[3, 3, 1.2, "0,25"]]


def test_the_spreadsheets_zone_tells_which_day_is_today(book, sheet, server) -> None:
    assert isinstance(server.clock, FixedClock)
    server.clock.moment = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    book.update_timezone("Pacific/Auckland")
    sheet.update([["=TODAY()", "=TODAY()+7", "=NOW()", "=A1+1"]], "A1", value_input_option="USER_ENTERED")
    assert sheet.get("A1:D1") == [["3/3/2026", "3/10/2026", "3/3/2026 12:30:00 PM", "46085"]]


def test_tomorrow_today_is_another_day(sheet, server) -> None:
    server.clock.moment = datetime(2026, 3, 2, 12, tzinfo=UTC)
    sheet.update([["=TODAY()", "=A1-1"]], "A1", value_input_option="USER_ENTERED")
    assert seen(sheet, "A1:B1") == [[46083, 46082]]
    server.clock.moment = datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert seen(sheet, "A1:B1") == [[46084, 46083]]


def test_what_a_batch_sorts_by_is_not_what_its_answer_shows_later(book, deals) -> None:
    put(deals, "G2", "=C2*2")
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 7}
    cell = {"start": {"sheetId": 0, "rowIndex": 2, "columnIndex": 2}, "fields": "userEnteredValue"}
    cell["rows"] = [{"values": [{"userEnteredValue": {"numberValue": 7}}]}]
    requests = [{"sortRange": {"range": area, "sortSpecs": [{"dimensionIndex": 6}]}}, {"updateCells": cell}]
    whole = {"includeSpreadsheetInResponse": True, "responseIncludeGridData": True, "responseRanges": ["G1:G4"]}
    put(deals, "G3", "=C3*2")
    put(deals, "G4", "=C4*2")
    answer = book.batch_update({"requests": requests, **whole})
    rows = answer["updatedSpreadsheet"]["sheets"][0]["data"][0]["rowData"]
    assert [one["values"][0]["effectiveValue"]["numberValue"] for one in rows[1:]] == [100, 14, 500]


# -- one engine -------------------------------------------------------------------------------------------------------

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9).map(float), st.sampled_from(["", "a", "B", "7", " 2 ", "1e2", "*"])
)
FORMULAS = (
    "{}+{}", "{}&{}", "{}={}", "{}<{}", "{}/{}", "IF({},{},3)", "COUNTIF({},{})", "SUM({},{})", "AND({},{})",
    "LEN({})&LEFT({})", "IFERROR({}^{},0)", "MAX({},{})",
)  # fmt: skip


@given(st.sampled_from(FORMULAS), VALUES, VALUES)
def test_a_formula_over_cells_gives_what_the_engine_gives_over_columns(formula, one, other) -> None:
    now = datetime(2026, 3, 2)
    book, sheet = Spreadsheet("id", {}), Sheet({"sheetId": 0, "title": "S"})
    book.sheets.append(sheet)
    for column, value in enumerate((one, other, Formula("=" + formula.format("A1", "B1")))):
        sheet.put(0, column, Cell(value))
    found = Values(book, now).at(sheet, 0, 2)
    wanted = evaluate(formula.format("[a]", "[b]"), {"a": [one], "b": [other]}, now)[0]
    assert (CellError(found.shown) if isinstance(found, ErrorValue) else found) == wanted
