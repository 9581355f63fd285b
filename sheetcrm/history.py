"""What the rows of a workbook held when it was last run, and what changed from run to run: the sheet keeps only today.

A row is known by its key or, lacking one, by who it is (`Row.identity`). Of each change just the fields that differ are
stored: a year of daily runs over ten thousand leads stays within some ten megabytes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS moments (id INTEGER PRIMARY KEY, at TEXT NOT NULL, run INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS rows (
  id INTEGER PRIMARY KEY, tab TEXT NOT NULL, key TEXT NOT NULL, state TEXT, UNIQUE (tab, key));
CREATE TABLE IF NOT EXISTS history (
  row INTEGER NOT NULL, moment INTEGER NOT NULL, change TEXT, PRIMARY KEY (row, moment)) WITHOUT ROWID;
"""
"""`rows.state` is the last state, `history.change` what differed; NULL stands for a row that is gone."""

KEYS_ONLY = frozenset({"Activities", "Outbox"})
"""Tables of which only the keys are kept: their rows are events with a date of their own, seldom edited."""

State = Mapping[str, Any]
"""A row's filled fields as JSON values."""

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


def record(db: sqlite3.Connection, states: States, at: str, run: int) -> None:
    """Keeps the rows as they are now, and what differs from the last time; within the caller's transaction."""
    moment = 0
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
            moment = moment or _moment(db, at, run)
            _insert(db, table, new, moment)
            db.executemany("UPDATE rows SET state = ? WHERE id = ?", [(text, number) for number, _, text in changed])
            db.executemany(
                "INSERT OR REPLACE INTO history VALUES (?, ?, ?)",
                [(number, moment, _difference(old, text)) for number, old, text in changed],
            )


def last_states(db: sqlite3.Connection) -> dict[str, dict[str, State]]:
    """The rows as the last run saw them; of the tables in KEYS_ONLY only who they are."""
    found: dict[str, dict[str, State]] = {}
    for table, key, state in db.execute("SELECT tab, key, state FROM rows WHERE state IS NOT NULL"):
        found.setdefault(table, {})[key] = json.loads(state)
    return found


def changes(db: sqlite3.Connection) -> Iterator[Change]:
    """Every change ever seen, the oldest first; a row's first one holds all of its fields."""
    sql = (
        "SELECT m.at, r.tab, r.key, h.change FROM history h JOIN moments m ON m.id = h.moment "
        "JOIN rows r ON r.id = h.row ORDER BY h.moment, r.id"
    )
    for at, table, key, change in db.execute(sql):
        yield Change(at, table, key, None if change is None else json.loads(change))


def moments(db: sqlite3.Connection) -> list[str]:
    """The times at which anything was recorded, the oldest first."""
    return [str(at) for (at,) in db.execute("SELECT at FROM moments ORDER BY id")]


def _rows(db: sqlite3.Connection, table: str) -> list[tuple[int, str, str | None]]:
    return db.execute("SELECT id, key, state FROM rows WHERE tab = ?", (table,)).fetchall()


def _moment(db: sqlite3.Connection, at: str, run: int) -> int:
    return int(db.execute("INSERT INTO moments (at, run) VALUES (?, ?)", (at, run)).lastrowid or 0)


def _insert(db: sqlite3.Connection, table: str, new: list[tuple[str, str, str]], moment: int) -> None:
    first = int(db.execute("SELECT COALESCE(MAX(id), 0) FROM rows").fetchone()[0]) + 1
    rows = [(first + i, *row) for i, row in enumerate(new)]
    db.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", rows)
    if table not in KEYS_ONLY:
        db.executemany("INSERT INTO history VALUES (?, ?, ?)", [(number, moment, text) for number, *_, text in rows])


def _difference(old: str | None, new: str | None) -> str | None:
    """The fields of the new state that differ, those now blank as null; None where the row is gone."""
    if new is None:
        return None
    before, after = (json.loads(one) if one else {} for one in (old, new))
    fields = {name: after.get(name) for name in sorted({*before, *after}) if before.get(name) != after.get(name)}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _dumped(table: str, state: State) -> str:
    if table in KEYS_ONLY:
        return "{}"
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
