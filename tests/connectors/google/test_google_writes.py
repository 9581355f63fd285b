"""Writing into a Google Sheet: the calls it takes, what it leaves alone, and what people do in the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from scene import BATCH, LEADS, OWNER, READ, Scene

from sheetcrm.connectors import CellWrite, RowWrite
from sheetcrm.connectors.google import verifying
from sheetcrm.connectors.google.state import Tab
from sheetcrm.connectors.google.targets import Target
from sheetcrm.errors import EditRefused, WorkbookBusy
from sheetcrm.table import is_same

CHECK, WRITE, TIDY = 1, 2, 3
"""The batches of a write, by their number."""


@pytest.fixture
def scene(server, tmp_path) -> Scene:
    return Scene(server, tmp_path)


def test_a_run_takes_four_calls_whatever_its_size(scene) -> None:
    book = scene.open()
    book.read()
    rows = tuple(RowWrite("Leads", {0: f"L-{i}", 1: f"New {i}"}, 0) for i in range(100, 400))
    assert scene.write(book, {2: "Ben", 4: "Ben", 6: "Ben", 8: "Ben"}, rows) == ()
    assert scene.calls() == [READ, BATCH, BATCH, BATCH]
    assert book.spent().startswith("4 calls (1 to read, 3 to write), ")
    assert scene.owners()["Firm 2"] == "Ben"
    assert len(scene.rows()) == 308
    assert scene.tabs() == ["Leads", "Team"]


def test_a_check_before_the_mails_and_the_write_after_them_still_take_four_calls(scene) -> None:
    book = scene.open()
    book.read()
    book.check_writable()
    book.check_writable()
    scene.write(book, {2: "Ben"})
    assert scene.calls() == [READ, BATCH, BATCH, BATCH]


def test_the_title_and_the_zone_cost_no_call_of_their_own(scene) -> None:
    book = scene.open()
    assert (book.name, book.zone) == ("CRM", "Etc/GMT")
    book.read()
    assert scene.calls() == [READ]


MOMENTS = {
    "date": date(2026, 3, 2),
    "moment": datetime(2026, 3, 2, 9, 30, 15),
    "time": time(9, 30),
    "duration": timedelta(hours=30),
    "yes": True,
    "number": 12.5,
    "whole number": 7,
    "text like a formula": "=1+1",
    "text like a number": "007",
    "text like a date": "2026-03-02",
    "blank": None,
}


@pytest.mark.parametrize("number_format", ["", "DATE", "NUMBER", "TEXT", "TIME", "DATE_TIME", "CURRENCY"])
@pytest.mark.parametrize("value", MOMENTS.values(), ids=MOMENTS)
def test_a_value_reads_back_as_it_was_written_whatever_the_cells_format(scene, value, number_format) -> None:
    if number_format:
        cell = {"userEnteredFormat": {"numberFormat": {"type": number_format}}}
        area = {"sheetId": 0, "startRowIndex": 2, "endRowIndex": 3, "startColumnIndex": 2, "endColumnIndex": 3}
        scene.edit({"repeatCell": {"range": area, "cell": cell, "fields": "userEnteredFormat.numberFormat"}})
    book = scene.open()
    book.read()
    expected = book.as_read("Leads", value)
    assert book.write([CellWrite("Leads", 2, 2, value, 0, 0)], [], scene.folder / "b") == ()
    found = scene.open().read()[0].raw(2, 2)
    assert is_same(found, expected)
    assert isinstance(found, type(expected))


def test_formulas_merged_protected_and_impossible_cells_are_left_alone_and_reported(scene) -> None:
    formula = {"values": [{"userEnteredValue": {"formulaValue": '=UPPER("x")'}}]}
    scene.edit(
        {"updateCells": {"start": {"rowIndex": 1, "columnIndex": 2}, "rows": [formula], "fields": "userEnteredValue"}},
        {
            "mergeCells": {
                "range": {
                    "sheetId": 0,
                    "startRowIndex": 2,
                    "endRowIndex": 4,
                    "startColumnIndex": 2,
                    "endColumnIndex": 3,
                }
            }
        },
    )
    scene.server.control.protect(scene.key, {"sheetId": 0, "startRowIndex": 5, "endRowIndex": 6})
    book = scene.open()
    (leads, _team) = book.read()
    assert leads.formulas == {(1, 2)}
    assert leads.covered == {(3, 2)}
    before = scene.rows()
    values = {1: "x", 3: "x", 5: "x", 6: "x" * 50_001, 7: float("inf"), 8: "half \ud83c", 2000: "far"}
    cells = [CellWrite("Leads", row, OWNER, value, 0, 0) for row, value in values.items()]
    refused = book.write([*cells, CellWrite("Leads", 4, OWNER, "Ben", 0, 0)], [], scene.folder / "b")
    assert {one.row: one.why for one in refused} == {
        1: "the cell holds a formula",
        3: "a merged cell hides it",
        5: "the cell is protected",
        6: "the text is longer than the 50,000 characters that a cell holds",
        7: "it is no finite number",
        8: "the text holds half a letter",
        2000: "the tab has no such row",
    }
    before[3][OWNER] = "Ben"
    assert scene.rows() == before


def test_a_tab_that_is_protected_as_a_whole_is_read_as_such(scene) -> None:
    scene.server.control.protect(scene.key, {"sheetId": 1})
    leads, team = scene.open().read()
    assert (leads.is_protected, team.is_protected) == (False, True)
    book = scene.open()
    book.read()
    with pytest.raises(EditRefused, match="the column is protected"):
        book.write([], [RowWrite("Team", {0: "Ben"}, 0)], scene.folder / "b")


def test_notes_colours_drop_downs_filters_widths_and_hidden_rows_stay(scene) -> None:
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 2, "endColumnIndex": 3}
    drop_down = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Ben"}]}, "strict": True}
    cell = {"note": "see", "dataValidation": drop_down, "userEnteredFormat": {"backgroundColor": {"red": 1}}}
    hidden = {"sheetId": 0, "dimension": "ROWS", "startIndex": 4, "endIndex": 5}
    scene.edit(
        {"repeatCell": {"range": area, "cell": cell, "fields": "note,dataValidation,userEnteredFormat"}},
        {
            "setBasicFilter": {
                "filter": {"range": {"sheetId": 0, "endRowIndex": 9}, "criteria": {"1": {"hiddenValues": ["Firm 2"]}}}
            }
        },
        {
            "updateDimensionProperties": {
                "range": hidden,
                "properties": {"hiddenByUser": True},
                "fields": "hiddenByUser",
            }
        },
    )

    def everything():
        found = scene.server.resource(scene.key)
        found.pop("developerMetadata", None)
        owner = found["sheets"][0]["data"][0]["rowData"][2]["values"][2]
        for name in ("userEnteredValue", "effectiveValue", "formattedValue"):
            owner.pop(name, None)
        return found

    before = everything()
    book = scene.open()
    book.read()
    assert scene.write(book, {2: "Ben"}) == ()
    assert scene.owners()["Firm 2"] == "Ben"
    assert everything() == before


def test_rows_go_below_the_last_one_and_into_a_table_that_ends_there(scene) -> None:
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 9, "startColumnIndex": 0, "endColumnIndex": 4}
    scene.edit({"addTable": {"table": {"name": "Leads", "range": area}}})
    book = scene.open()
    assert book.read()[0].tables[0].bottom == 8
    book.write([], [RowWrite("Leads", {0: "L-9", 1: "Firm 9"}, 0)], scene.folder / "b")
    assert scene.rows()[-1] == ["L-9", "Firm 9"]
    assert scene.server.resource(scene.key)["sheets"][0]["tables"][0]["range"]["endRowIndex"] == 10


def formula_at(scene, row: int, column: int, formula: str) -> None:
    cell = {"values": [{"userEnteredValue": {"formulaValue": formula}}]}
    start = {"sheetId": 0, "rowIndex": row, "columnIndex": column}
    scene.edit({"updateCells": {"start": start, "rows": [cell], "fields": "userEnteredValue"}})


def test_cells_that_a_formula_elsewhere_fills_are_read_as_such_and_left_alone(scene) -> None:
    formula_at(scene, 0, 4, '={"Long name"}')
    formula_at(scene, 1, 4, "=ARRAYFORMULA(A2:A5&B2:B5)")
    book = scene.open()
    (leads, _team) = book.read()
    assert leads.formulas == {(0, 4), *((row, 4) for row in range(1, 5))}
    assert [row[4] for row in leads.rows[:3]] == ["Long name", "L-1Firm 1", "L-2Firm 2"]
    refused = book.write(
        [CellWrite("Leads", 3, 4, "x", 0, 0), CellWrite("Leads", 4, OWNER, "Ben", 0, 0)], [], scene.folder / "b"
    )
    assert [(one.row, one.column, one.why) for one in refused] == [(3, 4, "a formula of another cell fills it")]
    assert scene.server.cells(scene.key, "Leads")[4][4] == "L-4Firm 4"


def test_rows_go_below_the_last_one_though_a_formula_fills_a_column_down_to_the_end(scene) -> None:
    formula_at(scene, 1, 4, '=ARRAYFORMULA(IF(A2:A="","",B2:B))')
    book = scene.open()
    book.read()
    rows = [RowWrite("Leads", {0: f"L-{n}", 1: f"Firm {n}"}, 0) for n in (9, 10)]
    assert book.write([], [*rows, RowWrite("Leads", {0: "L-11", 2: date(2026, 3, 2)}, 0)], scene.folder / "b") == ()
    seen = scene.server.cells(scene.key, "Leads")[8:12]
    assert [row[:5] for row in seen] == [
        ["L-8", "Firm 8", "", "hall 8", "Firm 8"],
        ["L-9", "Firm 9", "", "", "Firm 9"],
        ["L-10", "Firm 10", "", "", "Firm 10"],
        ["L-11", "", 46083],
    ]
    book.read()
    with pytest.raises(EditRefused, match="a formula fills the column"):
        book.write([], [RowWrite("Leads", {0: "L-12", 4: "x"}, 0)], scene.folder / "b")


def test_columns_that_the_grid_lacks_are_added(scene) -> None:
    scene.edit(
        {
            "updateSheetProperties": {
                "properties": {"sheetId": 0, "gridProperties": {"rowCount": 9, "columnCount": 4}},
                "fields": "gridProperties(rowCount,columnCount)",
            }
        }
    )
    book = scene.open()
    book.read()
    book.write([CellWrite("Leads", 1, 6, "far", 0, 0)], [RowWrite("Leads", {0: "L-9"}, 0)], scene.folder / "b")
    assert scene.rows()[0] == ["L-1", "Firm 1", "Ann", "hall 1", "", "", "far"]
    assert scene.rows()[-1] == ["L-9"]


def test_a_change_since_the_read_stops_the_write_and_the_second_try_needs_no_more_calls(scene) -> None:
    book = scene.open()
    book.read()
    scene.type_in(3, OWNER, "Cem")
    with pytest.raises(WorkbookBusy, match="CRM changed since it was read"):
        scene.write(book, {2: "Ben"})
    assert book.read()[0].raw(3, OWNER) == "Cem"
    scene.write(book, {2: "Ben"})
    assert scene.calls() == [READ, BATCH, BATCH, BATCH]
    assert scene.owners()["Firm 2"] == "Ben"
    assert scene.owners()["Firm 3"] == "Cem"


def test_results_that_change_by_themselves_are_no_change(scene, server) -> None:
    now = {"values": [{"userEnteredValue": {"formulaValue": "=NOW()"}}]}
    scene.edit(
        {"updateCells": {"start": {"rowIndex": 1, "columnIndex": 5}, "rows": [now], "fields": "userEnteredValue"}}
    )
    book = scene.open()
    book.read()
    server.clock.forward(3600)
    assert scene.write(book, {2: "Ben"}) == ()


ACTS: dict[str, Callable[[Scene], None]] = {
    "sorted": lambda scene: scene.sort(),
    "sorted by another column": lambda scene: scene.sort("Notes"),
    "a row inserted above": lambda scene: scene.insert("ROWS", 1),
    "a row inserted above the header": lambda scene: scene.insert("ROWS", 0),
    "a row deleted above": lambda scene: scene.delete("ROWS", 1),
    "rows moved": lambda scene: scene.move("ROWS", 2, 9),
    "a column inserted": lambda scene: scene.insert("COLUMNS", 1),
    "a column moved": lambda scene: scene.move("COLUMNS", 2, 0),
    "the key's column moved": lambda scene: scene.move("COLUMNS", 0, 4),
    "another cell typed": lambda scene: scene.type_in(2, 3, "typed"),
    "rows added below": lambda scene: scene.type_in(9, 1, "Firm 9"),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_what_people_move_in_the_moment_of_the_write_ends_in_the_right_cells(scene, act) -> None:
    book = scene.open()
    book.read()
    scene.at(WRITE, lambda: act(scene))
    untouched = {company: owner for company, owner in scene.owners().items() if company not in ("Firm 2", "Firm 6")}
    refused = scene.write(book, {2: "Ben", 6: "Cem"})
    assert refused == ()
    owners = scene.owners()
    assert (owners["Firm 2"], owners["Firm 6"]) == ("Ben", "Cem")
    assert {company: owners[company] for company in untouched if company in owners} == {
        company: owner for company, owner in untouched.items() if company in owners
    }
    assert scene.tabs() == ["Leads", "Team"]


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_the_same_act_done_to_a_sheet_alone_leaves_the_same_sheet(server, tmp_path, act) -> None:
    written, alone = Scene(server, tmp_path / "one"), Scene(server, tmp_path / "two")
    book = written.open()
    book.read()
    written.at(WRITE, lambda: act(written))
    written.write(book, {2: "Ben", 6: "Cem"})
    alone.type_in(2, OWNER, "Ben")
    alone.type_in(6, OWNER, "Cem")
    act(alone)
    assert written.server.cells(written.key, "Leads") == alone.server.cells(alone.key, "Leads")


def test_what_a_person_types_into_the_very_cell_in_that_moment_wins(scene) -> None:
    book = scene.open()
    book.read()
    scene.at(WRITE, lambda: scene.type_in(2, OWNER, "typed by hand"))
    (refusal,) = scene.write(book, {2: "Ben", 4: "Cem"})
    assert refusal.row == 2
    assert refusal.why == 'a person changed it to "typed by hand", in the same moment'
    assert scene.owners()["Firm 2"] == "typed by hand"
    assert scene.owners()["Firm 4"] == "Cem"


def test_a_formula_and_a_date_that_people_put_there_in_that_moment_are_given_back(scene) -> None:
    def act() -> None:
        formula = {"userEnteredValue": {"formulaValue": "=B3&D$3"}}
        number_format = {"type": "DATE", "pattern": "d mmm"}
        day = {"userEnteredValue": {"numberValue": 46083}, "userEnteredFormat": {"numberFormat": number_format}}
        start = {"rowIndex": 2, "columnIndex": 2}
        rows = [{"values": [formula]}, {"values": [day]}]
        fields = "userEnteredValue,userEnteredFormat.numberFormat"
        scene.edit({"updateCells": {"start": start, "rows": rows, "fields": fields}})

    book = scene.open()
    book.read()
    scene.at(WRITE, act)
    refused = scene.write(book, {2: "Ben", 3: date(2026, 5, 5)})
    assert [one.row for one in refused] == [2, 3]
    assert [row[OWNER] for row in scene.rows()[1:3]] == ["=B3&D$3", 46083]
    cell = scene.server.resource(scene.key)["sheets"][0]["data"][0]["rowData"][3]["values"][2]
    assert cell["userEnteredFormat"]["numberFormat"] == {"type": "DATE", "pattern": "d mmm"}


def test_a_row_that_is_deleted_in_that_moment_is_reported_and_its_neighbour_gets_its_own_back(scene) -> None:
    book = scene.open()
    book.read()
    scene.at(WRITE, lambda: scene.delete("ROWS", 2))
    (refusal,) = scene.write(book, {2: "Ben"})
    assert refusal.why == "its row was changed or is gone, in the same moment"
    assert scene.owners() == {row[1]: row[2] or "" for row in LEADS if row[1] != "Firm 2"}


def test_rows_without_a_key_are_known_by_all_that_stands_in_them(server, tmp_path) -> None:
    scene = Scene(server, tmp_path)
    for row in range(1, 9):
        scene.type_in(row, 0, "")
    book = scene.open()
    book.read()
    scene.at(WRITE, lambda: scene.sort("Notes"))
    assert scene.write(book, {2: "Ben"}) == ()
    assert scene.owners() == {row[1]: "Ben" if row[1] == "Firm 2" else row[2] or "" for row in LEADS}


def test_keys_are_given_to_the_right_rows_though_people_sort_in_that_moment(scene) -> None:
    scene.type_in(2, 0, "")
    scene.type_in(5, 0, "")
    book = scene.open()
    book.read()
    scene.at(WRITE, lambda: scene.sort("Notes"))
    cells = [CellWrite("Leads", 2, 0, "L-100", 0, 0), CellWrite("Leads", 5, 0, "L-101", 0, 0)]
    assert book.write(cells, [], scene.folder / "b") == ()
    keys = {row[1]: row[0] for row in scene.rows()}
    assert (keys["Firm 2"], keys["Firm 5"], keys["Firm 3"]) == ("L-100", "L-101", "L-3")


def test_new_rows_are_put_right_where_columns_are_moved_in_that_moment(scene) -> None:
    book = scene.open()
    book.read()
    scene.at(WRITE, lambda: scene.move("COLUMNS", 1, 4))
    book.write([], [RowWrite("Leads", {0: "L-9", 1: "Firm 9", 3: "hall 9"}, 0)], scene.folder / "b")
    assert scene.rows()[-1] == ["L-9", "", "hall 9", "Firm 9"]


def test_people_who_go_on_sorting_do_not_end_it_wrong(scene) -> None:
    book = scene.open()
    book.read()
    for nth, order in enumerate(["DESCENDING", "ASCENDING", "DESCENDING"], WRITE):
        scene.at(nth, lambda order=order: scene.sort("Lead ID", order))
    assert scene.write(book, {2: "Ben", 6: "Cem", 8: "Dan"}) == ()
    given = {"Firm 2": "Ben", "Firm 6": "Cem", "Firm 8": "Dan"}
    assert scene.owners() == {row[1]: given.get(row[1], row[2] or "") for row in LEADS}
    assert scene.tabs() == ["Leads", "Team"]


def test_sorting_without_end_is_left_to_the_next_run_which_puts_it_right(scene) -> None:
    book = scene.open()
    book.read()
    for nth in range(WRITE, WRITE + 8):
        scene.at(nth, lambda nth=nth: scene.sort("Lead ID", "ASCENDING" if nth % 2 else "DESCENDING"))
    with pytest.raises(WorkbookBusy, match="People moved rows faster") as busy:
        scene.write(book, {2: "Ben"})
    assert "sheetcrm run" in busy.value.remedy
    again = scene.open()
    again.read()
    again.check_writable()
    row = next(i for i, line in enumerate(scene.rows(), 1) if line[1] == "Firm 2")
    again.read()
    scene.write(again, {row: "Ben"})
    assert scene.owners() == {one[1]: "Ben" if one[1] == "Firm 2" else one[2] or "" for one in LEADS}


def test_a_large_plan_goes_in_few_batches_and_ends_tidy(scene, monkeypatch) -> None:
    import sheetcrm.connectors.google.batches as module

    monkeypatch.setattr(module, "MOST_CELLS", 5)
    book = scene.open()
    book.read()
    rows = tuple(RowWrite("Leads", {0: f"L-{i}", 1: f"Firm {i}", 2: "Eva"}, 0) for i in range(10, 16))
    assert scene.write(book, dict.fromkeys(range(1, 9), "Dan"), rows) == ()
    assert len(scene.calls()) == 3 + 8, "seven batches more than a read, a check and a tidy-up"
    assert set(scene.owners().values()) == {"Dan", "Eva"}
    assert scene.tabs() == ["Leads", "Team"]
    assert [row[0] for row in scene.rows()] == [f"L-{i}" for i in (*range(1, 9), *range(10, 16))]


def test_the_marks_of_earlier_runs_are_taken_away(scene) -> None:
    for name in ("Ben", "Cem", "Dan"):
        book = scene.open()
        book.read()
        scene.write(book, {2: name})
    assert len(scene.server.resource(scene.key)["developerMetadata"]) == 1


def test_a_tab_of_a_persons_that_is_called_much_like_ours_is_read_and_stays(server, tmp_path) -> None:
    tabs = {"Leads": [["Lead ID", "Owner"], ["L-1", ""]], "~sheetcrm notes": [["my own"]], "~sheetcrm 12": [["mine"]]}
    scene = Scene(server, tmp_path)
    scene.key = server.create("CRM", tabs)
    book = scene.open()
    assert [grid.tab for grid in book.read()] == list(tabs)
    book.check_writable()
    assert scene.tabs() == list(tabs)


def test_a_number_appended_where_a_date_stood_in_the_same_moment_is_a_number(server, tmp_path) -> None:
    scene = Scene(server, tmp_path)
    scene.key = server.create("CRM", {"Leads": [["Lead ID", "Due", "Amount"], ["L-1", "", ""]]})
    book = scene.open()
    book.read()
    book.check_writable()
    scene.at(1, lambda: scene.move("COLUMNS", 1, 3))
    row = RowWrite("Leads", {0: "L-2", 1: date(2026, 3, 2), 2: 1234}, 0)
    assert book.write([], [row], tmp_path / "b.json") == ()
    assert scene.open().read()[0].rows == [["Lead ID", "Amount", "Due"], ["L-1"], ["L-2", 1234, date(2026, 3, 2)]]


def test_after_a_sort_in_the_moment_of_the_write_thousands_of_rows_are_found_again_by_looking_once() -> None:
    looked = 0
    real = verifying.text_of

    def counted(value):
        nonlocal looked
        looked += 1
        return real(value)

    rows = [["Lead ID", "Owner"], *([f"L-{i}", None] for i in range(600))]
    before = Tab(0, "Leads", 700, 5, [rows[0], *reversed(rows[1:])], {}, {})
    targets = [
        Target(0, i, 1, "Ann", None, key_column=0, key=f"L-{i - 1}", header_row=0, headers=("Lead ID", "Owner"))
        for i in range(1, 301)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verifying, "text_of", counted)
        verdict = verifying.verify(targets, {0: before})
    assert not verdict.refused
    assert {(one.row, one.value) for one in verdict.fixes if one.value} == {(600 - i, "Ann") for i in range(300)}
    assert looked < 20 * 600
