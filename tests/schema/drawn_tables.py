"""Tabs drawn as text, understood as a workbook would be, and plans shown as text.

A cell is what a spreadsheet would keep: `12.5` is a number, `'007` text in spite of its digits, `@2026-03-02` a date,
`@2026-03-02 14:30` a date with time, `TRUE` yes, `#DIV/0!` an error, `=12` a formula with the result 12.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from textwrap import dedent
from zoneinfo import ZoneInfo

from sheetcrm.jobs.registry import JOBS
from sheetcrm.plan import Plan
from sheetcrm.rules.settings import Rules
from sheetcrm.run import Past, take_snapshot
from sheetcrm.schema.overlay import overlay
from sheetcrm.schema.parse import Schema, Understood, understand
from sheetcrm.table import CellError, Grid, Issue, Raw, Snapshot, Table, show_raw

NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Europe/London"))
"""A Monday."""


def cell(text: str) -> Raw:
    text = text.strip()
    if text in {"", "TRUE", "FALSE"}:
        return {"": None, "TRUE": True, "FALSE": False}[text]
    if text.startswith("@"):
        day = text[1:]
        return datetime.fromisoformat(day) if " " in day else date.fromisoformat(day)
    if re.fullmatch(r"-?\d+(\.\d+)?(e\d+)?", text):
        return float(text)
    return CellError(text) if re.fullmatch(r"#[A-Z/0!]+", text) else text.removeprefix("'")


def grid(tab: str, drawn: str, *, top: int = 0, left: int = 0, **more) -> Grid:
    """The tab that is drawn with bars between its columns, one line a row."""
    lines = [line.split("|") for line in dedent(drawn).strip("\n").split("\n")]
    rows = [[cell(text.strip().removeprefix("=")) for text in line] for line in lines]
    formulas = frozenset(
        (top + i, left + j)
        for i, line in enumerate(lines)
        for j, text in enumerate(line)
        if text.strip().startswith("=")
    )
    return Grid(tab, rows, top, left, formulas, **more)


def understood(*grids: Grid, remembered: Mapping[str, object] | None = None, **schema) -> Understood:
    return understand(grids, Schema(**schema), remembered)


def leads(drawn: str, **schema) -> Table:
    return understood(grid("Leads", drawn), **schema).tables["Leads"]


def snapshot(*grids: Grid, now: datetime = NOON, memory=None, mailed=None, **schema) -> Snapshot:
    zone = {"zone": ZoneInfo(str(now.tzinfo))}
    return take_snapshot(grids, Schema(**{**zone, **schema}), now, Past(memory or {}, mailed or {}), name="Book")[0]


def shown_issues(issues: Iterable[Issue]) -> list[str]:
    return [f"{one.cell} {one.code}: {one.message} > {one.remedy}" for one in issues if one.code != "column_missing"]


def codes(issues: Iterable[Issue]) -> list[str]:
    """Cell and code of each, but for the notes on columns that a small drawn tab lacks."""
    return [f"{one.cell} {one.code}" for one in issues if one.code != "column_missing"]


def shown_changes(plan: Plan) -> list[str]:
    return [f"{one.cell} {show_raw(one.old)} > {show_raw(one.new)} ({one.why})" for one in plan.changes]


def written(plan: Plan) -> dict[str, str]:
    """Cell to new value."""
    return {one.cell.partition("!")[2]: show_raw(one.new) for one in plan.changes}


def planned(seen: Snapshot, rules: Rules | None = None, jobs: Iterable[str] = tuple(JOBS)) -> Plan:
    """What the jobs plan together, each seeing what the earlier ones planned."""
    plan = Plan()
    for name in jobs:
        part = JOBS[name](seen, rules or Rules())
        seen = overlay(seen, part)
        plan = plan.joined(part)
    return plan


def after(grids: Iterable[Grid], plan: Plan) -> tuple[Grid, ...]:
    """The tabs once the plan's cells are written."""
    new = {}
    for one in plan.changes:
        tab, _, place = one.cell.partition("!")
        letters, number = re.fullmatch(r"([A-Z]+)(\d+)", place).groups()
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        new[tab, int(number) - 1, column - 1] = one.new
    return tuple(
        replace(
            one,
            rows=[
                [new.get((one.tab, one.top + i, one.left + j), raw) for j, raw in enumerate(row)]
                for i, row in enumerate(one.rows)
            ],
        )
        for one in grids
    )


def mailed(*plans: Plan) -> dict[str, str]:
    """The keys and reasons that count as mailed once the plans' messages were sent and their pages written."""
    keys = {key for plan in plans for one in plan.messages for key in (one.key, *one.reasons)}
    return dict.fromkeys(sorted(keys | {one.key for plan in plans for one in plan.reports}), "2026-03-02T12:00")
