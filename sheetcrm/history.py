"""What the rows of a workbook held when it was last run, and what changed from run to run: the sheet keeps only today.

A row is known by its key or, lacking one, by who it is (`Row.identity`). Of each change just the fields that differ are
stored, column by column: a year of daily runs over ten thousand leads stays within some ten megabytes, and figures
read the columns that they ask for.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sheetcrm import history_columns
from sheetcrm.history_columns import State, trail, word_of

__all__ = ["KEYS_ONLY", "TABLES", "Change", "State", "States", "changes", "last_states", "record", "take_in", "trail"]

TABLES = (
    """
CREATE TABLE IF NOT EXISTS moments (id INTEGER PRIMARY KEY, at TEXT NOT NULL, run INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS rows (
  id INTEGER PRIMARY KEY, tab TEXT NOT NULL, key TEXT NOT NULL, state TEXT, UNIQUE (tab, key));
"""
    + history_columns.TABLE
)
"""`rows.state` is the last state, NULL once a row is gone."""

KEYS_ONLY = frozenset({"Activities", "Outbox"})
"""Tables of which only the keys are kept: their rows are events with a date of their own, seldom edited."""

States = Mapping[str, Mapping[str, State]]
"""The rows of each table by identity."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in a row between two runs: fields that differ, blank ones as None; `state` None: the row is gone."""

    at: str
    """ISO time of the run that saw it."""
    table: str
    key: str
    fields: State | None


def bring_up_to_date(db: sqlite3.Connection) -> None:
    """Tells a history that an earlier version kept row by row anew, column by column; any other stays as it is."""
    if not _is_by_row(db):
        return
    db.execute("BEGIN IMMEDIATE")
    if not _is_by_row(db):
        return  # another process was faster
    sql = "SELECT r.tab, h.moment, h.row, h.change FROM history h JOIN rows r ON r.id = h.row ORDER BY h.row"
    changes: dict[tuple[str, int], dict[int, State | None]] = {}
    for table, moment, number, change in db.execute(sql):
        if table in KEYS_ONLY:
            continue  # it kept when their rows were gone, which nobody asks
        changes.setdefault((table, moment), {})[number] = None if change is None else json.loads(change)
    db.execute("DROP TABLE history")
    db.execute(history_columns.TABLE)
    for (table, moment), some in changes.items():
        history_columns.tell(db, table, moment, some)


def _is_by_row(db: sqlite3.Connection) -> bool:
    return "change" in {name for _, name, *_ in db.execute("PRAGMA table_info(history)")}


def record(db: sqlite3.Connection, states: States, at: str, run: int) -> None:
    """Keeps the rows as they are now, and what differs from the last time; within the caller's transaction.

    Each reading has its moment, whether it found anything new or not: figures ask for the first one of a day.
    """
    moment = _moment(db, at, run) if states else 0
    for table, rows in states.items():
        known = {key: (number, state) for number, key, state in _rows(db, table)}
        new = [(table, key, _dumped(table, state)) for key, state in rows.items() if key not in known]
        changed: list[tuple[int, str | None, str | None]] = [
            (known[key][0], known[key][1], text)
            for key, state in rows.items()
            if key in known and known[key][1] != (text := _dumped(table, state))
        ]
        changed += [(number, state, None) for key, (number, state) in known.items() if key not in rows and state]
        if new or changed:
            first = _insert(db, new)
            db.executemany("UPDATE rows SET state = ? WHERE id = ?", [(text, number) for number, _, text in changed])
            if table not in KEYS_ONLY:
                told = {first + i: rows[key] for i, (_, key, _) in enumerate(new)}
                history_columns.tell(
                    db, table, moment, told | {number: _difference(old, text) for number, old, text in changed}
                )


def take_in(db: sqlite3.Connection, readings: Sequence[tuple[str, States]]) -> int:
    """How many readings of older copies were put in among those that there are; one of a time that is known is not.

    The whole history is written anew in the order of time, since each change is told against the one before.
    """
    known = {at for (at,) in db.execute("SELECT at FROM moments")}
    new = [(at, 0, _kept(states)) for at, states in readings if at not in known]
    if not new:
        return 0
    every = sorted([*_replayed(db), *new], key=lambda one: datetime.fromisoformat(one[0]))
    names = ", ".join("?" * len(KEYS_ONLY))
    db.execute("DELETE FROM history")
    db.execute(f"DELETE FROM rows WHERE tab NOT IN ({names})", tuple(KEYS_ONLY))  # noqa: S608 -- question marks
    db.execute("DELETE FROM moments")
    for at, run, states in every:
        record(db, states, at, run)
    return len(new)


def _kept(states: States) -> States:
    return {table: rows for table, rows in states.items() if table not in KEYS_ONLY}


def _replayed(db: sqlite3.Connection) -> list[tuple[str, int, States]]:
    """Each reading with the rows as they stood at it."""
    events: dict[int, list[tuple[str, str, State | None]]] = {}
    for moment, table, key, change in history_columns.told(db):
        events.setdefault(moment, []).append((table, key, change))
    now: dict[str, dict[str, State]] = {}
    found: list[tuple[str, int, States]] = []
    for moment, at, run in db.execute("SELECT id, at, run FROM moments ORDER BY id"):
        now = {table: dict(rows) for table, rows in now.items()}
        for table, key, change in events.get(moment, ()):
            rows = now.setdefault(table, {})
            if change is None:
                rows.pop(key, None)
            else:
                merged = {**rows.get(key, {}), **change}
                rows[key] = {name: value for name, value in merged.items() if value is not None}
        found.append((at, run, now))
    return found


def last_states(db: sqlite3.Connection) -> dict[str, dict[str, State]]:
    """The rows as the last run saw them; of the tables in KEYS_ONLY only who they are."""
    found: dict[str, dict[str, State]] = {}
    for table, key, state in db.execute("SELECT tab, key, state FROM rows WHERE state IS NOT NULL"):
        found.setdefault(table, {})[key] = json.loads(state)
    return found


def changes(db: sqlite3.Connection) -> Iterator[Change]:
    """Every change ever seen, the oldest first; a row's first one holds all of its fields."""
    at = dict(db.execute("SELECT id, at FROM moments"))
    for moment, table, key, change in history_columns.told(db):
        yield Change(at[moment], table, key, change)


def _rows(db: sqlite3.Connection, table: str) -> list[tuple[int, str, str | None]]:
    return db.execute("SELECT id, key, state FROM rows WHERE tab = ?", (table,)).fetchall()


def _moment(db: sqlite3.Connection, at: str, run: int) -> int:
    return int(db.execute("INSERT INTO moments (at, run) VALUES (?, ?)", (at, run)).lastrowid or 0)


def _insert(db: sqlite3.Connection, new: Sequence[tuple[str, str, str]]) -> int:
    """Puts rows in, and gives the number of the first; the others follow it."""
    first = int(db.execute("SELECT COALESCE(MAX(id), 0) FROM rows").fetchone()[0]) + 1
    db.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", [(first + i, *row) for i, row in enumerate(new)])
    return first


def _difference(old: str | None, new: str | None) -> State | None:
    """The fields of the new state that differ, those now blank as null; None where the row is gone."""
    if new is None:
        return None
    before, after = (json.loads(one) if one else {} for one in (old, new))
    names = sorted({*before, *after})
    return {name: after.get(name) for name in names if word_of(before.get(name)) != word_of(after.get(name))}


def _dumped(table: str, state: State) -> str:
    if table in KEYS_ONLY:
        return "{}"
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
