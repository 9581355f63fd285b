"""The trail of a table: each event holds what the row held then, whatever was set when, and of whatever type."""

from __future__ import annotations

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from sheetcrm import history

FIELDS = ("status", "amount")
VALUES = st.sampled_from(["New", "Won", "1", True, 1, 1.0, ["2026-03-02", "date"], ["#N/A", "error"]])
ROW = st.dictionaries(st.sampled_from([*FIELDS, "notes"]), VALUES, max_size=3)
READINGS = st.lists(st.dictionaries(st.sampled_from(["L-1", "L-2", "L-3"]), ROW, max_size=3), min_size=1, max_size=5)


def recorded(readings):
    db = sqlite3.connect(":memory:")
    db.executescript(history.TABLES)
    for number, rows in enumerate(readings, start=1):
        history.record(db, {"Leads": rows}, f"2026-03-{number:02}T09:00:00+01:00", number)
    return db


def told(trail):
    """Key, reading, whether it is gone, and the fields with their types, of each event."""
    columns = [list(trail.fields[name]) for name in FIELDS]
    cells = [[(type(one), one) for one in row] for row in zip(*columns, strict=True)]
    events = zip(trail.row, trail.moment, trail.is_gone, cells, strict=True)
    return [(trail.keys[row], int(moment), bool(is_gone), row_cells) for row, moment, is_gone, row_cells in events]


def replayed(db):
    """The same by going through the changes one after the other."""
    moments = [at for (at,) in db.execute("SELECT at FROM moments ORDER BY id")]
    now, events = {}, []
    for one in history.changes(db):
        state = {} if one.fields is None else {**now.get(one.key, {}), **one.fields}
        now[one.key] = state
        values = [state.get(name) for name in FIELDS]
        values = [tuple(value) if isinstance(value, list) else value for value in values]
        cells = [(type(value), value) for value in values]
        events.append((one.key, moments.index(one.at), one.fields is None, cells))
    order = [key for (key,) in db.execute("SELECT key FROM rows ORDER BY id")]
    return sorted(events, key=lambda event: (order.index(event[0]), event[1]))


@given(READINGS)
def test_the_trail_tells_what_replaying_the_changes_tells(readings):
    db = recorded(readings)
    assert told(history.trail(db, "Leads", FIELDS)) == replayed(db)


def test_names_that_never_come_again_and_stages_that_do_are_told_alike():
    first = {f"L-{i}": {"status": ("New", "Won")[i % 2], "amount": float(i)} for i in range(1_001)}
    second = {key: {**row, "amount": row["amount"] + (key == "L-7")} for key, row in first.items() if key != "L-3"}
    db = recorded([first, second])
    found = told(history.trail(db, "Leads", FIELDS))
    assert found == replayed(db)
    assert len(found) == 1_003


def test_a_cell_that_turned_from_one_to_true_has_changed():
    db = recorded([{"L-1": {"amount": 1}}, {"L-1": {"amount": True}}, {"L-1": {"amount": 1.0}}])
    assert [one.fields for one in history.changes(db)] == [{"amount": 1}, {"amount": True}, {"amount": 1.0}]
    assert [(type(one), one) for one in history.trail(db, "Leads", ["amount"]).fields["amount"]] == [
        (int, 1),
        (bool, True),
        (float, 1.0),
    ]


def test_rows_of_other_tables_stay_out():
    db = recorded([{"L-1": {"status": "New"}}])
    history.record(db, {"Accounts": {"A-1": {"status": "Old"}}}, "2026-03-09T09:00:00+01:00", 2)
    trail = history.trail(db, "Leads", ["status"])
    assert (trail.keys, list(trail.fields["status"]), len(trail.moments)) == (("L-1",), ["New"], 2)


def test_a_table_that_was_never_seen_has_no_events():
    trail = history.trail(recorded([{}]), "Leads", ["status"])
    assert (trail.keys, list(trail.row), list(trail.fields["status"])) == ((), [], [])
