"""The rows of the sheet from run to run: the last state whole, each change of it, and no more than that."""

import random
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_crm import build, desk, type_in

from sheetcrm.cli.work import run_desk
from sheetcrm.journal import Journal
from sheetcrm.plan import Plan
from sheetcrm.states import as_state, fields_of

ROW = st.dictionaries(st.sampled_from("abc"), st.text(max_size=3) | st.integers() | st.booleans(), max_size=3)
STATES = st.dictionaries(
    st.sampled_from(["Leads", "Accounts"]), st.dictionaries(st.sampled_from(["1", "2", "3"]), ROW), max_size=2
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=st.lists(STATES, max_size=6))
def test_the_changes_taken_together_give_the_last_state(tmp_path_factory, runs):
    journal = Journal(tmp_path_factory.mktemp("journal") / "journal.sqlite")
    expected: dict[str, dict[str, object]] = {}
    for i, states in enumerate(runs):
        journal.remember({}, states, f"2026-01-{i + 1:02}")
        expected |= states
    folded: dict[str, dict[str, dict[str, object]]] = {}
    for change in journal.changes():
        rows = folded.setdefault(change.table, {})
        if change.fields is None:
            del rows[change.key]
            continue
        row = {**rows.get(change.key, {}), **change.fields}
        rows[change.key] = {name: value for name, value in row.items() if value is not None}
    filled = {name: rows for name, rows in expected.items() if rows}
    assert {name: rows for name, rows in folded.items() if rows} == filled
    assert journal.last_states() == filled


def test_a_run_keeps_the_rows_as_it_left_them_and_only_what_changed_afterwards(tmp_path):
    path = build(tmp_path / "crm.xlsx")
    assert run_desk(desk(path)) == 0
    first = desk(path).journal.changes()
    leads = {one.key: fields_of(one.fields) for one in first if one.table == "Leads"}
    assert len(leads) == 20
    assert sum("last_reminder" in state for state in leads.values()) > 2
    assert leads["L-0001"]["next_due"] == date(2026, 3, 20)

    type_in(path, "met in hall 2", "Status", "Won")
    assert run_desk(desk(path)) == 0
    new = desk(path).journal.changes()[len(first) :]
    assert [(one.table, one.fields) for one in new] == [("Leads", {"status": "Won"})]


def test_dates_come_back_as_dates(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    state = {
        "a": date(2026, 3, 2),
        "b": datetime(2026, 3, 2, 9, 30),
        "c": 1.5,
        "d": True,
        "e": "007",
        "f": float("inf"),
    }
    journal.remember({}, {"Leads": {"L-1": as_state(state)}}, "2026-03-02")
    assert fields_of(journal.last_states()["Leads"]["L-1"]) == state


def test_activities_are_known_by_their_keys_alone(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    journal.remember({}, {"Activities": {"V-1": {"subject": "x"}}}, "2026-03-02")
    assert journal.last_states() == {"Activities": {"V-1": {}}}
    assert journal.changes() == []


def test_a_journal_of_an_earlier_version_takes_history_too(tmp_path):
    import sqlite3

    path = tmp_path / "journal.sqlite"
    Journal(path)
    with sqlite3.connect(path) as db:
        for table in ("rows", "moments", "history"):
            db.execute(f"DROP TABLE {table}")
    journal = Journal(path)
    journal.finish(journal.start(Plan(id="p"), "2026-03-02"), (), 0, {}, "2026-03-02", {"Leads": {"L-1": {"a": 1}}})
    assert journal.last_states() == {"Leads": {"L-1": {"a": 1}}}


def test_a_history_that_an_earlier_version_kept_row_by_row_is_told_by_columns(tmp_path):
    import sqlite3

    path = tmp_path / "journal.sqlite"
    rows = {"Leads": {"L-1": {"a": 1}, "L-2": {"a": 2}}, "Activities": {"V-1": {}, "V-2": {}}}
    Journal(path).remember({}, rows, "2026-03-02")
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE history")
        db.execute("CREATE TABLE history (row INTEGER, moment INTEGER, change TEXT, PRIMARY KEY (row, moment))")
        db.executemany("INSERT INTO moments (at, run) VALUES (?, 0)", [("2026-03-03",), ("2026-03-04",)])
        (gone,) = db.execute("SELECT id FROM rows WHERE key = 'V-2'").fetchone()
        first = [(1, 1, '{"a":1}'), (2, 1, '{"a":2}')]
        later = [(1, 2, '{"a":null,"b":["2026-03-02","date"]}'), (gone, 2, None), (2, 3, None)]
        db.executemany("INSERT INTO history VALUES (?, ?, ?)", first + later)
    found = [(one.at, one.key, one.fields) for one in Journal(path).changes()]
    assert found == [
        ("2026-03-02", "L-1", {"a": 1}),
        ("2026-03-02", "L-2", {"a": 2}),
        ("2026-03-03", "L-1", {"a": None, "b": ["2026-03-02", "date"]}),
        ("2026-03-04", "L-2", None),
    ]
    assert [(one.at, one.key, one.fields) for one in Journal(path).changes()] == found
    assert Journal(path).take_in([("2026-02-01", {"Leads": {"L-1": {"a": 0}}})]) == 1
    assert set(Journal(path).last_states()["Activities"]) == {"V-1", "V-2"}


@pytest.mark.slow
def test_a_year_of_daily_runs_over_two_thousand_leads_stays_within_twenty_megabytes(tmp_path):
    dice = random.Random(5)  # noqa: S311
    journal = Journal(tmp_path / "journal.sqlite")
    names = [f"field {i}" for i in range(20)]
    rows = {f"L-{i:05}": {name: f"some text {dice.randrange(10**6)}" for name in names} for i in range(2_000)}
    for day in range(365):
        for _ in range(60):
            rows[f"L-{dice.randrange(2_000):05}"][dice.choice(names)] = f"changed {dice.randrange(10**6)}"
        journal.remember({}, {"Leads": rows}, f"day {day}")
    assert (tmp_path / "journal.sqlite").stat().st_size < 20_000_000
