"""Whole tabs in a plan: applied with the cells in one save, told of, and taken back."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_crm import build, desk

from sheetcrm.plan import Plan, TabReplace, from_json, to_json
from sheetcrm.tab import (
    CellFormat,
    ChartSeries,
    DropDown,
    Rectangle,
    Styled,
    TabChart,
    TabContent,
    TabTable,
    content_from_json,
    content_to_json,
)
from sheetcrm.undo import latest_to_undo, undo_plan
from sheetcrm.xlsx import open_book

FULL = TabContent(
    (
        (Styled("Owner", CellFormat(is_bold=True)), "Open", None),
        ("Ann", 12, date(2026, 3, 2)),
        (Styled("x", link="https://x.example"), 1.5, True),
    ),
    {0: 20.0},
    1,
    (TabTable("Owners", Rectangle(0, 0, 2, 1)),),
    (TabChart("column", "Open", (ChartSeries("Open", Rectangle(1, 0, 2, 0), Rectangle(1, 1, 2, 1)),), 5, 0),),
    (DropDown(Rectangle(1, 2, 9, 2), ("yes", "no"), "choose"),),
    {3: CellFormat("@")},
    {0: 30.0},
)
VALUES = st.none() | st.text(max_size=5) | st.booleans() | st.integers(-9, 9) | st.dates()
CELLS = VALUES | st.builds(
    Styled, VALUES, st.builds(CellFormat, is_bold=st.booleans(), fill=st.sampled_from(["", "FF0000"]))
)


def test_a_whole_tab_survives_the_way_through_a_saved_plan():
    plan = Plan(tabs=(TabReplace("Report", FULL, "weekly", "summary"), TabReplace("Old", None, "gone", "summary")))
    assert from_json(to_json(plan)) == plan


@given(st.lists(st.lists(CELLS, max_size=3).map(tuple), max_size=4).map(tuple))
def test_any_content_survives_it(rows):
    content = TabContent(rows)
    assert content_from_json(content_to_json(content)) == content


def test_a_saved_plan_of_an_earlier_version_has_no_tabs():
    text = to_json(Plan(id="a")).replace('"tabs": [],', "")
    assert from_json(text).tabs == ()


def run(at, number, *tabs):
    plan = replace(Plan(id=f"plan {number}", tabs=tabs), base_run=at.journal.last_run())
    return at.apply(plan)


def tab(content):
    return TabReplace("Report", content, "weekly", "summary")


@pytest.fixture
def at(tmp_path):
    return desk(build(tmp_path / "crm.xlsx"))


def test_a_tab_is_put_replaced_and_each_run_taken_back(at):
    before = open_book(at.path).tabs
    first = run(at, 1, tab(FULL))
    assert [one.state for one in first.deeds] == ["done"]
    assert open_book(at.path).tabs == (*before, "Report")
    run(at, 2, tab(TabContent((("Owner", "Open"), ("Ben", 3)))))
    assert open_book(at.path).grid("Report").rows[1] == ["Ben", 3]

    at.apply(undo_plan(at.journal, latest_to_undo(at.journal)))
    assert open_book(at.path).grid("Report").rows[1][:2] == ["Ann", 12]
    at.apply(undo_plan(at.journal, 1))
    assert open_book(at.path).tabs == before


def test_a_tab_that_a_person_made_is_left_alone_and_told_of(at):
    outcome = run(at, 1, TabReplace("Team", FULL, "weekly", "summary"))
    (skipped,) = outcome.skipped
    assert "not made by sheetcrm" in skipped.why
    assert open_book(at.path).grid("Team").rows[1][0] == "Ann Abel"
