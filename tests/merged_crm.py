"""A workbook with duplicates, for tests of whole merges: runs, decisions, edits, sorts and the way back."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import openpyxl
from small_crm import desk

from sheetcrm.apply import Outcome
from sheetcrm.cli.desk import Desk
from sheetcrm.jobs.merged_cells import RULE
from sheetcrm.plan import Plan
from sheetcrm.run import with_heading
from sheetcrm.undo import latest_to_undo, undo_plan
from sheetcrm.unmerge import unmerge_plan

LEADS = (
    "Lead ID|Company|Contact|E-mail|Phone|Status|Owner|Created|Tags|Duplicate Of|Notes",
    "L-1|Acme Ltd|Ann Lee|ann.lee@acme.example||Contacted|Dan|2026-01-01|hot||met at the fair",
    "L-2|Acme Ltd|Ann Lee|ann.lee@acme.example|+44 20 7946 0018|Proposal||2026-02-01|fair||wants a call",
    "L-3|Acme Limited|Ann Lee|a.lee@acme.example||New|Eva|2026-02-03|||second desk",
    "L-4|Bolt Werke|Bo Ek|bo@bolt.example||New|Eva|2026-02-04|||",
)
ACTIVITIES = (
    "Activity ID|Lead|Account|Type|Date|Subject",
    "A-1|L-1||Call|2026-01-05|first call",
    "A-2|L-2||Mail|2026-02-02|offer sent",
    "|L-3||Call|2026-02-05|no answer",
)
JOBS = ("keys", "dedupe", "merge", "review")


def build(path: Path, leads: tuple[str, ...] = LEADS, **tabs: tuple[str, ...]) -> Path:
    """The workbook at that path: an .xlsx file, or else a folder of CSV files."""
    drawn = {"Leads": leads, "Activities": ACTIVITIES, **tabs}
    rows = {tab: [[cell.strip() or None for cell in line.split("|")] for line in some] for tab, some in drawn.items()}
    write(path, rows)
    return path


def write(path: Path, tabs: dict[str, list[list[object]]]) -> None:
    """A person's own workbook with these tabs, made anew; other tabs of it stay."""
    if path.suffix != ".xlsx":
        path.mkdir(exist_ok=True)
        for tab, rows in tabs.items():
            with (path / f"{tab}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
        return
    book = openpyxl.load_workbook(path) if path.exists() else openpyxl.Workbook()
    for tab, rows in tabs.items():
        if tab in book.sheetnames:
            sheet = book[tab]
            sheet.delete_rows(1, sheet.max_row)
        else:
            sheet = book.active if book.sheetnames == ["Sheet"] else book.create_sheet()
            sheet.title = tab
        for i, row in enumerate(rows, 1):
            for j, value in enumerate(row, 1):
                sheet.cell(i, j, value)
    book.save(path)


def read(path: Path, tab: str = "Leads") -> list[list[object]]:
    """The cells of a tab, blank ones as None."""
    if path.suffix != ".xlsx":
        with (path / f"{tab}.csv").open(encoding="utf-8", newline="") as file:
            return [[value or None for value in row] for row in csv.reader(file)]
    return [list(row) for row in openpyxl.load_workbook(path)[tab].iter_rows(values_only=True)]


def rows(path: Path, tab: str = "Leads") -> dict[str, dict[str, object]]:
    """The rows of a tab by their first cell, each a dict of its filled cells by header."""
    headers, *some = read(path, tab)
    return {
        str(row[0]): {str(head): cell for head, cell in zip(headers, row, strict=True) if cell is not None}
        for row in some
        if any(cell is not None for cell in row)
    }


def type_in(path: Path, key: str, header: str, value: object, tab: str = "Leads") -> None:
    """A person types a value into the row with that key."""
    table = read(path, tab)
    next(row for row in table if row[0] == key)[table[0].index(header)] = value
    write(path, {tab: table})


def sort(path: Path, order: list[int] | None = None, tab: str = "Leads") -> None:
    """A person sorts a tab: into that order, or upside down."""
    head, *table = read(path, tab)
    write(path, {tab: [head, *([table[i] for i in order] if order else table[::-1])]})


def decide(path: Path, **words: str) -> None:
    """A person chooses a decision for pairs, named as in L1_L2="Same"."""
    table = read(path, "Duplicates")
    top = next(i for i, row in enumerate(table) if "Decision" in row)
    column = table[top].index("Decision")
    for name, word in words.items():
        pair = " ↔ ".join(f"{part[0]}-{part[1:]}" for part in name.split("_"))
        next(row for row in table[top:] if row[0] == pair)[column] = word
    write(path, {"Duplicates": table})


def at(path: Path, day: str = "2026-03-02", **dedupe: object) -> Desk:
    """The workbook's desk on a day, with these settings of [dedupe]; the tab Duplicates is wanted."""
    one = desk(path, day)
    rule = one.settings.dedupe.model_copy(update={"tab": True, **dedupe})
    return replace(one, settings=one.settings.model_copy(update={"dedupe": rule}))


def run(path: Path, day: str = "2026-03-02", **dedupe: object) -> Plan:
    """One run of the jobs that deal with duplicates; gives what it planned."""
    one = at(path, day, **dedupe)
    taken = one.take()
    plan = one.plan(taken, JOBS, lambda _step: None)
    if plan.is_empty:
        one.remember(plan, taken)
    else:
        outcome = one.apply(plan, allow_large=True, seen=taken.seen)
        assert not outcome.skipped
    return plan


def unmerge(path: Path, key: str, tab: str = "", day: str = "2026-05-02", **dedupe: object) -> Plan:
    """A merged row made one of its own again; gives what was planned, with the conflicts as its skips."""
    one = at(path, day, **dedupe)
    taken = one.take()
    deeds = one.journal.changes_of_rules(RULE)
    part = unmerge_plan(taken.snapshot, deeds, key, one.settings.dedupe.fields, tab)
    plan = with_heading(part, taken.snapshot, taken.past)
    assert not one.apply(plan, allow_large=True, seen=taken.seen).skipped
    return plan


def undo(path: Path, run_number: int = 0) -> Outcome:
    """A run taken back; the latest one without a number."""
    one = at(path)
    return one.apply(undo_plan(one.journal, run_number or latest_to_undo(one.journal)))
