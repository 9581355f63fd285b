"""Whole tabs in a Google Sheet: made, filled anew in their place, and never over what a person typed."""

from __future__ import annotations

import string
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scene import BATCH, READ, Scene

from sheetcrm.connectors import CellWrite, Refusal, RowWrite, TabWrite
from sheetcrm.connectors.google.looks import number_format
from sheetcrm.errors import SheetcrmError, WorkbookBusy
from sheetcrm.tab import CellFormat, ChartSeries, DropDown, Rectangle, Styled, TabChart, TabContent, TabTable
from sheetcrm.table import is_same

WRITE = 2
"""The batch that writes, by its number."""

BOLD = CellFormat(is_bold=True, fill="FF0000", align="center", points=12)
OPEN = ChartSeries("Open", Rectangle(2, 0, 3, 0), Rectangle(2, 1, 3, 1), "0000FF")
REPORT = TabContent(
    rows=(
        ("Pipeline",),
        (Styled("Owner", BOLD), Styled("Open", BOLD), Styled("Due", BOLD)),
        ("Ann & <Co>", 12, date(2026, 3, 2)),
        ("=Ben", Styled(0.25, CellFormat("0.00 %")), datetime(2026, 3, 2, 9, 30)),
        (Styled("page", link="https://x.example/?a=1&b=2"), Styled("lead", link="internal:'Leads'!$A$2"), None, True),
    ),
    widths={0: 24.0},
    heights={0: 30},
    frozen_rows=2,
    tables=(TabTable("Owners", Rectangle(1, 0, 3, 2)),),
    charts=(TabChart("column", "Open deals", (OPEN,), 6, 0),),
    dropdowns=(DropDown(Rectangle(2, 3, 9, 3), ("Same", "Different"), "Who is who?"),),
    column_formats={4: CellFormat("dd.mm.yyyy")},
)


@pytest.fixture
def scene(server, tmp_path) -> Scene:
    return Scene(server, tmp_path)


def put(scene: Scene, content: TabContent | None = REPORT, name: str = "Report", cells: tuple[CellWrite, ...] = ()):
    book = scene.open()
    book.read()
    return book.write(cells, (), scene.folder / "backup", [TabWrite(name, content)])


def tab(scene: Scene, title: str = "Report") -> dict:
    found = scene.server.resource(scene.key)["sheets"]
    return next(one for one in found if one["properties"]["title"] == title)


def cell(scene: Scene, row: int, column: int, title: str = "Report") -> dict:
    return tab(scene, title)["data"][0]["rowData"][row]["values"][column]


def test_a_tab_reads_back_as_it_was_put(scene) -> None:
    put(scene)
    grid = next(one for one in scene.open().read() if one.tab == "Report")
    assert [[one for one in row if one is not None] for row in grid.rows[:5]] == [
        ["Pipeline"],
        ["Owner", "Open", "Due"],
        ["Ann & <Co>", 12, date(2026, 3, 2)],
        ["=Ben", 0.25, datetime(2026, 3, 2, 9, 30)],
        ["page", "lead", True],
    ]
    assert grid.formulas == frozenset()
    assert [(one.name, one.top, one.left, one.bottom, one.right) for one in grid.tables] == [("Owners", 1, 0, 3, 2)]


def test_a_tab_has_its_formats_widths_frozen_rows_links_and_choices(scene) -> None:
    put(scene)
    look = cell(scene, 1, 0)["userEnteredFormat"]
    assert look["textFormat"] == {"bold": True, "fontSize": 12}
    assert (look["backgroundColorStyle"], look["horizontalAlignment"]) == ({"rgbColor": {"red": 1}}, "CENTER")
    assert cell(scene, 3, 1)["formattedValue"] == "25.00 %"
    assert cell(scene, 2, 2)["formattedValue"] == "3/2/2026"
    assert cell(scene, 4, 0)["hyperlink"] == "https://x.example/?a=1&b=2"
    assert cell(scene, 4, 1)["hyperlink"] == "#gid=0&range=A2"
    assert cell(scene, 9, 4)["userEnteredFormat"]["numberFormat"] == {"type": "DATE", "pattern": "dd.mm.yyyy"}
    rule = cell(scene, 9, 3)["dataValidation"]
    assert [one["userEnteredValue"] for one in rule["condition"]["values"]] == ["Same", "Different"]
    assert (rule["strict"], rule["showCustomUi"], rule["inputMessage"]) == (True, True, "Who is who?")
    assert tab(scene)["properties"]["gridProperties"]["frozenRowCount"] == 2
    assert tab(scene)["data"][0]["columnMetadata"][0]["pixelSize"] == 173
    assert tab(scene)["data"][0]["rowMetadata"][0]["pixelSize"] == 40


def test_a_tab_costs_no_call_of_its_own_and_comes_after_all_others(scene) -> None:
    book = scene.open()
    book.read()
    cells, rows = [CellWrite("Leads", 2, 2, "Ben", 0, 0)], [RowWrite("Leads", {0: "L-9"}, 0)]
    book.write(cells, rows, scene.folder / "backup", [TabWrite("Report", REPORT)])
    assert scene.calls() == [READ, BATCH, BATCH, BATCH]
    assert scene.tabs() == ["Leads", "Team", "Report"]
    assert (scene.owners()["Firm 2"], scene.rows()[-1][0]) == ("Ben", "L-9")


def charts(scene: Scene) -> list[dict]:
    return [one["spec"] for one in tab(scene)["charts"]]


def chart(kind: str, *series: ChartSeries, is_stacked: bool = False) -> TabContent:
    rows = (("Owner", "Open", "Won"), ("Ann", 3, 4), ("Ben", 5, 6), ("Eva", 7, 8))
    return TabContent(rows, charts=(TabChart(kind, "Deals", series, 5, 0, is_stacked=is_stacked),))


NAMES = Rectangle(1, 0, 3, 0)
TWO = (ChartSeries("Open", NAMES, Rectangle(1, 1, 3, 1)), ChartSeries("Won", NAMES, Rectangle(1, 2, 3, 2)))


def rows_of(data: dict) -> tuple[int, int]:
    source = data["sourceRange"]["sources"][0]
    return source["startRowIndex"], source["endRowIndex"]


def test_series_take_their_names_from_the_cells_above_them(scene) -> None:
    put(scene, chart("column", *TWO, is_stacked=True))
    basic = charts(scene)[0]["basicChart"]
    assert (basic["chartType"], basic["headerCount"], basic["stackedType"]) == ("COLUMN", 1, "STACKED")
    assert [rows_of(one["series"]) for one in basic["series"]] == [(0, 4), (0, 4)]
    assert rows_of(basic["domains"][0]["domain"]) == (0, 4)
    assert basic["legendPosition"] == "BOTTOM_LEGEND"


def test_series_whose_names_stand_nowhere_have_no_legend(scene) -> None:
    put(scene, chart("bar", ChartSeries("Deals in work", NAMES, Rectangle(1, 1, 3, 1))))
    basic = charts(scene)[0]["basicChart"]
    assert (basic.get("headerCount", 0), basic["legendPosition"]) == (0, "NO_LEGEND")
    assert rows_of(basic["series"][0]["series"]) == (1, 4)
    assert basic["series"][0]["targetAxis"] == "BOTTOM_AXIS"


@pytest.mark.parametrize(("kind", "hole"), [("pie", 0), ("doughnut", 0.5)])
def test_pies_and_doughnuts_are_of_one_kind(scene, kind, hole) -> None:
    put(scene, chart(kind, TWO[0]))
    pie = charts(scene)[0]["pieChart"]
    assert pie.get("pieHole", 0) == hole
    assert rows_of(pie["series"]) == (1, 4)


def test_series_along_a_row_have_their_names_before_them(scene) -> None:
    series = ChartSeries("Ann", Rectangle(0, 1, 0, 2), Rectangle(1, 1, 1, 2))
    put(scene, chart("line", series))
    source = charts(scene)[0]["basicChart"]["series"][0]["series"]["sourceRange"]["sources"][0]
    assert (source["startColumnIndex"], source["endColumnIndex"]) == (0, 3)


LATER = TabContent(rows=(("Owner", "Open"), ("Cem", 1)), charts=(TabChart("line", "Later", (OPEN,), 6, 0),))


def test_a_tab_is_filled_anew_in_its_place_and_whatever_refers_to_it_stays_whole(scene) -> None:
    put(scene)
    number = tab(scene)["properties"]["sheetId"]
    scene.edit(
        {"updateSheetProperties": {"properties": {"sheetId": number, "index": 0}, "fields": "index"}},
        {
            "updateCells": {
                "start": {"sheetId": 0, "rowIndex": 1, "columnIndex": 5},
                "rows": [{"values": [{"userEnteredValue": {"formulaValue": "=Report!B2"}}]}],
                "fields": "userEnteredValue",
            }
        },
    )
    put(scene, LATER, "report")
    assert scene.tabs() == ["Report", "Leads", "Team"]
    assert tab(scene)["properties"]["sheetId"] == number
    assert scene.server.cells(scene.key, "Report") == [["Owner", "Open"], ["Cem", 1]]
    assert scene.server.cells(scene.key, "Leads")[1][5] == 1
    assert [one["title"] for one in charts(scene)] == ["Later"]
    assert "tables" not in tab(scene)
    assert "dataValidation" not in str(tab(scene))


def test_charts_that_a_person_laid_on_a_tab_stay(scene) -> None:
    put(scene)
    number = tab(scene)["properties"]["sheetId"]
    area = {"sheetId": number, "startColumnIndex": 1, "endColumnIndex": 2}
    pie = {"domain": {"sourceRange": {"sources": [area]}}, "series": {"sourceRange": {"sources": [area]}}}
    place = {"overlayPosition": {"anchorCell": {"sheetId": number, "rowIndex": 3, "columnIndex": 3}}}
    scene.edit({"addChart": {"chart": {"spec": {"title": "Mine", "pieChart": pie}, "position": place}}})
    put(scene, LATER)
    assert sorted(one["title"] for one in charts(scene)) == ["Later", "Mine"]


def test_filters_bands_and_merges_of_a_person_do_not_stop_a_tab(scene) -> None:
    put(scene)
    whole = {"sheetId": tab(scene)["properties"]["sheetId"], "startRowIndex": 1, "endRowIndex": 4}
    area = {**whole, "startColumnIndex": 5, "endColumnIndex": 7}
    scene.edit(
        {"setBasicFilter": {"filter": {"range": area}}},
        {"addBanding": {"bandedRange": {"range": area, "rowProperties": {"firstBandColor": {"red": 1}}}}},
        {"mergeCells": {"range": area, "mergeType": "MERGE_ALL"}},
    )
    put(scene)
    assert not tab(scene).keys() & {"basicFilter", "bandedRanges", "merges"}


def test_a_tab_that_a_person_made_is_never_replaced(scene) -> None:
    refused = put(scene, name="TEAM", cells=(CellWrite("Leads", 2, 2, "Ben", 0, 0),))
    assert refused == (Refusal("TEAM", -1, -1, "The tab Team was not made by sheetcrm."),)
    assert scene.server.cells(scene.key, "Team") == [["Name"], ["Ann"]]
    assert scene.owners()["Firm 2"] == "Ben", "the rest is written"


def test_a_tab_into_which_a_person_wrote_a_formula_is_not_replaced(scene) -> None:
    put(scene)
    start = {"sheetId": tab(scene)["properties"]["sheetId"], "rowIndex": 20, "columnIndex": 0}
    formula = {"values": [{"userEnteredValue": {"formulaValue": "=SUM(B3:B4)"}}]}
    scene.edit({"updateCells": {"start": start, "rows": [formula], "fields": "userEnteredValue"}})
    assert [one.why for one in put(scene, LATER)] == ["Somebody wrote formulas into the tab Report."]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (TabContent((("x" * 50_001,),)), "Report!A1"),
        (TabContent((("A", "B"), (1, 2)), tables=(TabTable("Deals", Rectangle(0, 0, 1, 1)),)), "a table called Deals"),
    ],
)
def test_what_the_sheet_cannot_hold_is_refused_before_anything_is_sent(scene, content, what) -> None:
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 9, "startColumnIndex": 0, "endColumnIndex": 4}
    scene.edit({"addTable": {"table": {"name": "Deals", "range": area}}})
    assert what in put(scene, content)[0].why
    assert scene.calls() == [READ, BATCH]


def test_a_tab_goes_once_nothing_reads_it(scene) -> None:
    put(scene)
    start = {"sheetId": 0, "rowIndex": 1, "columnIndex": 5}
    formula = {"values": [{"userEnteredValue": {"formulaValue": "=SUM('Report'!B2:B9)"}}]}
    scene.edit({"updateCells": {"start": start, "rows": [formula], "fields": "userEnteredValue"}})
    assert put(scene, None) == (Refusal("Report", -1, -1, "Leads!F2 refers to the tab Report."),)
    scene.type_in(1, 5, "")
    assert put(scene, None) == ()
    assert scene.tabs() == ["Leads", "Team"]
    assert put(scene, None) == ()


def test_what_a_person_types_into_a_tab_that_goes_stands_in_a_copy(scene) -> None:
    put(scene)
    scene.at(WRITE, lambda: typed(scene, "call them!"))
    assert "stands in the tab" in put(scene, None)[0].why
    assert scene.tabs() == ["Leads", "Team", "Report (2)"]
    assert scene.server.cells(scene.key, "Report (2)")[2][1] == "call them!"


# -- the same moment --------------------------------------------------------------------------------------------------


def typed(scene: Scene, text: str) -> None:
    start = {"sheetId": tab(scene)["properties"]["sheetId"], "rowIndex": 2, "columnIndex": 1}
    row = {"values": [{"userEnteredValue": {"stringValue": text}}]}
    scene.edit({"updateCells": {"start": start, "rows": [row], "fields": "userEnteredValue"}})


def test_what_a_person_types_in_the_moment_in_which_a_tab_is_filled_anew_stands_in_a_copy(scene) -> None:
    put(scene)
    scene.at(WRITE, lambda: typed(scene, "call them!"))
    refused = put(scene, LATER)
    why = 'it was made anew; what a person typed into B3 meanwhile stands in the tab "Report (2)"'
    assert refused == (Refusal("Report", -1, -1, why),)
    assert scene.server.cells(scene.key, "Report")[1] == ["Cem", 1]
    assert scene.server.cells(scene.key, "Report (2)")[2][:2] == ["Ann & <Co>", "call them!"]
    assert not tab(scene, "Report (2)")["properties"].get("hidden")
    assert scene.tabs() == ["Leads", "Team", "Report", "Report (2)"]


def test_what_was_typed_is_found_even_where_the_run_was_cut_short_right_after_it(scene) -> None:
    put(scene)
    scene.at(WRITE, lambda: typed(scene, "call them!"))
    scene.server.control.fail(BATCH, nth=WRITE + 1, times=9)
    scene.server.control.fail(READ, nth=2, times=9)
    with pytest.raises(SheetcrmError):
        put(scene, LATER)
    scene.server.control.reset()
    again = scene.open()
    again.read()
    again.check_writable()
    assert scene.server.cells(scene.key, "Report (2)")[2][1] == "call them!"
    assert scene.tabs() == ["Leads", "Team", "Report", "Report (2)"]


@pytest.mark.parametrize("when", ["before", "after", "middle"])
def test_a_lost_answer_makes_no_second_tab(scene, when) -> None:
    scene.server.control.fail(BATCH, "drop", when=when, nth=WRITE)
    put(scene)
    assert scene.tabs() == ["Leads", "Team", "Report"]


def test_a_tab_of_that_name_made_in_the_same_moment_is_left_alone(scene) -> None:
    scene.at(WRITE, lambda: scene.edit({"addSheet": {"properties": {"title": "Report"}}}))
    with pytest.raises(WorkbookBusy, match="changed since it was read"):
        put(scene, cells=(CellWrite("Leads", 2, 2, "Ben", 0, 0),))
    assert scene.server.cells(scene.key, "Report") == []
    assert scene.owners()["Firm 2"] == ""
    assert scene.tabs() == ["Leads", "Team", "Report"]


# -- formats --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind", "pattern"),
    [
        ("0.00", "NUMBER", "0.00"),
        ("#,##0.00;[Red]-#,##0.00", "NUMBER", "#,##0.00;[Red]-#,##0.00"),
        ("0 %", "PERCENT", "0 %"),
        ("0.00E+00", "SCIENTIFIC", "0.00E+00"),
        ("@", "TEXT", "@"),
        ("dd.mm.yyyy;@", "DATE", "dd.mm.yyyy"),
        ("[$-407]d. mmmm yyyy", "DATE", "d. mmmm yyyy"),
        ("yyyy-mm-dd hh:mm", "DATE_TIME", "yyyy-mm-dd hh:mm"),
        ("h:mm AM/PM", "TIME", "h:mm am/pm"),
        ("[h]:mm", "TIME", "[h]:mm"),
        ("mmm yy", "DATE", "mmm yy"),
        ('#,##0 "deals"', "NUMBER", '#,##0 "deals"'),
        ("#,##0 [$€-407]", "CURRENCY", "#,##0 [$€]"),
        ("$#,##0", "CURRENCY", "$#,##0"),
        ('0 "days"', "NUMBER", '0 "days"'),
    ],
)
def test_excels_number_formats_become_googles(code, kind, pattern) -> None:
    assert number_format(code) == {"type": kind, "pattern": pattern}


@pytest.mark.parametrize("code", ["", "General", "GENERAL"])
def test_the_general_format_is_none(code) -> None:
    assert number_format(code) == {}


TEXTS = st.text(string.ascii_letters + string.digits + "=+'-/.:% äß€\n", min_size=1, max_size=12)
VALUES = st.one_of(
    st.none(), TEXTS, st.integers(-(10**9), 10**9), st.booleans(), st.dates(date(1950, 1, 1), date(2100, 1, 1))
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(VALUES, max_size=5), max_size=6))
def test_whatever_a_tab_holds_reads_back_as_it_was(server, tmp_path: Path, rows) -> None:
    scene = Scene(server, tmp_path)
    put(scene, TabContent(tuple(map(tuple, rows))))
    grid = next(one for one in scene.open().read() if one.tab == "Report")
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            assert is_same(grid.raw(i, j), value)
