"""A cell that a merge hides looks blank to a program and filled to a person: no plan ever writes there."""

from datetime import date

import openpyxl
import pytest

from sheetcrm.cli.desk import desk_for

JOBS = ("keys", "dedupe", "assignment", "reminders")
HEADERS = ["Lead ID", "Company", "E-mail", "Status", "Owner", "Next Step Due", "Duplicate Of", "Last Reminder"]


@pytest.fixture
def book(tmp_path):
    """Three leads of one owner, who stands in a cell merged over their rows; the last two share a merged key."""
    path = tmp_path / "merged.xlsx"
    workbook = openpyxl.Workbook()
    leads = workbook.active
    leads.title = "Leads"
    leads.append(HEADERS)
    for i in range(1, 5):
        owner = "Ann Abel" if i == 1 else None
        leads.append([f"L-{i}", f"Firm {i}", f"p{i}@firm{i}.example", "Contacted", owner, date(2026, 2, 20)])
    leads.merge_cells("E2:E4")
    leads.merge_cells("A3:A4")
    team = workbook.create_sheet("Team")
    for line in (["Name", "Email"], ["Ann Abel", "ann@x.example"], ["Ben Berg", "ben@x.example"]):
        team.append(line)
    workbook.save(path)
    return path


def test_a_plan_never_touches_a_cell_hidden_by_a_merge_and_the_next_plan_is_empty(book):
    desk = desk_for(str(book), as_of="2026-03-02", knows_originals=False)
    plan = desk.plan(desk.take(), JOBS, lambda _step: None)
    cells = {change.cell for change in plan.changes}
    assert "Leads!E5" in cells, "the lead outside the merge gets its owner"
    assert not cells & {"Leads!E3", "Leads!E4", "Leads!A4"}
    outcome = desk.apply(plan)
    assert not outcome.skipped
    again = desk_for(str(book), as_of="2026-03-02", knows_originals=False)
    following = again.plan(again.take(), JOBS, lambda _step: None)
    assert not (following.changes)
    assert not (following.appends)
    assert not following.messages
