"""Later jobs see what earlier ones planned, and the snapshot itself stays as it is."""

from datetime import date

from drawn_tables import grid, snapshot

from sheetcrm.jobs.changes import change
from sheetcrm.plan import Plan
from sheetcrm.schema.overlay import overlay
from sheetcrm.table import Issue, Pair

TEAM = grid("Team", "Name|Email|Role\nDan Kent|dan@house.io|Sales")
LEADS = grid("Leads", "Lead ID|Company|Status|Owner|Last reminder\n|Acme|New||\nL-2|Bolt|New||")


def test_planned_cells_are_read_as_their_kinds_are():
    seen = snapshot(LEADS, TEAM)
    table = seen.tables["Leads"]
    planned = {"key": 1001, "owner": "dan@house.io", "last_reminder": date(2026, 3, 2)}
    plan = Plan(changes=tuple(change(table, 0, field, new, why="", job="") for field, new in planned.items()))
    now = overlay(seen, plan).tables["Leads"]
    assert [now.values[field][0] for field in planned] == ["1001", "Dan Kent", date(2026, 3, 2)]
    assert (now.key(0), now.refs[0], now.raws["owner"]) == ("1001", table.refs[0], [None, None])
    assert [table.values[field][0] for field in planned] == [None, None, None]


def test_memory_issues_and_pairs_are_joined():
    seen = snapshot(LEADS, memory={"a": "1", "b": "1"})
    issue, pair = Issue("x", "Leads", "A1", "", "", ""), Pair("Leads", "A2", "A3", 0.8, "alike")
    now = overlay(seen, Plan(remember={"b": "2"}, issues=(issue,), review=(pair,)))
    assert (now.memory, now.issues, now.review) == ({"a": "1", "b": "2"}, (*seen.issues, issue), (pair,))


def test_an_empty_plan_changes_nothing():
    seen = snapshot(LEADS, TEAM)
    assert overlay(seen, Plan()) == seen
