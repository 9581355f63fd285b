"""What the rows of a workbook held when it was last run, and what changed from run to run: the sheet keeps only today.

A row is known by its key or, lacking one, by who it is (`Row.identity`). Of each change just the fields that differ are
stored: a year of daily runs over ten thousand leads stays within some ten megabytes.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sheetcrm.trail import Coded, Trail

if TYPE_CHECKING:
    import numpy as np

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

AT_ONCE = 500
"""So many events are parsed at once: few enough to stay in the processor's own memory."""
_REPEATED = 0.8
"""Values are numbered where of so many told at once a fifth at least are equal to others."""

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
            _insert(db, table, new, moment)
            db.executemany("UPDATE rows SET state = ? WHERE id = ?", [(text, number) for number, _, text in changed])
            db.executemany(
                "INSERT OR REPLACE INTO history VALUES (?, ?, ?)",
                [(number, moment, _difference(old, text)) for number, old, text in changed],
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
    events: dict[int, list[tuple[str, str, str | None]]] = {}
    sql = "SELECT h.moment, r.tab, r.key, h.change FROM history h JOIN rows r ON r.id = h.row"
    for moment, table, key, change in db.execute(sql):
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
                merged = {**rows.get(key, {}), **json.loads(change)}
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
    sql = (
        "SELECT m.at, r.tab, r.key, h.change FROM history h JOIN moments m ON m.id = h.moment "
        "JOIN rows r ON r.id = h.row ORDER BY h.moment, r.id"
    )
    for at, table, key, change in db.execute(sql):
        yield Change(at, table, key, None if change is None else json.loads(change))


def trail(db: sqlite3.Connection, table: str, fields: Sequence[str]) -> Trail:
    """The rows of one table from reading to reading; values are as a state holds them, lists as tuples."""
    found = db.execute("SELECT id, at FROM moments ORDER BY id").fetchall()
    columns = _Columns(fields, dict(db.execute("SELECT id, key FROM rows WHERE tab = ? ORDER BY id", (table,))))
    # In the order of the table's own key: a join would sort two hundred thousand events anew.
    events = db.execute("SELECT row, moment, change FROM history ORDER BY row, moment")
    while some := events.fetchmany(AT_ONCE):
        columns.add([one for one in some if one[0] in columns.keys])
    return columns.trail(found)


class _Columns:
    """A trail in the making."""

    def __init__(self, fields: Sequence[str], keys: Mapping[int, str]) -> None:
        self.keys = keys
        self._fields = {name: _Field() for name in fields}
        self._rows, self._moments, self._is_gone = array("q"), array("q"), array("b")

    def add(self, events: Sequence[tuple[int, int, str | None]]) -> None:
        """The next events; those of a row come in order."""
        for row, moment, change in events:
            self._rows.append(row)
            self._moments.append(moment)
            self._is_gone.append(change is None)
        # One text for the parser, which takes as long to start as to read a short one.
        changes = json.loads(f"[{','.join([change or '{}' for _, _, change in events])}]")
        for name, one in self._fields.items():
            one.add([change.get(name, _AS_BEFORE) for change in changes])

    def trail(self, moments: Sequence[tuple[int, str]]) -> Trail:
        """All that was added: each event holds what it sets, and else what the event before it held."""
        import numpy as np

        rows, is_gone = np.array(self._rows), np.array(self._is_gone, dtype=bool)
        starts = np.append(True, rows[1:] != rows[:-1])[: len(rows)]
        places = np.array([number for number, _ in moments], dtype=np.int64)
        return Trail(
            tuple(datetime.fromisoformat(at) for _, at in moments),
            tuple(self.keys[number] for number in rows[starts].tolist()),
            np.cumsum(starts) - 1,
            np.searchsorted(places, np.array(self._moments)),
            is_gone,
            {name: one.coded(starts | is_gone) for name, one in self._fields.items()},
        )


_AS_BEFORE = object()
"""Stands for a field that an event leaves as it was."""


class _Field:
    """One field of a trail in the making. Of values that come again, all that are equal have one number."""

    def __init__(self) -> None:
        self._values: list[Any] = [None]
        self._numbers = _Numbers(self._values)
        self._codes = array("i")

    def add(self, values: list[Any]) -> None:
        """What the next events set it to."""
        if not {str, float, type(None), object}.issuperset(map(type, values)):
            # The type as well: True and 1 are one key otherwise.
            values = [
                one
                if (kind := one.__class__) is str or kind is float or one is None or one is _AS_BEFORE
                else tuple(one)
                if kind is list
                else (kind, one)
                for one in values
            ]
        told = [one for one in values if one is not _AS_BEFORE]
        if len(set(told)) <= _REPEATED * len(told):
            self._codes.extend(map(self._numbers.__getitem__, values))
            return
        # Names and amounts are as many as leads: to look each one up costs more than to keep the few that are equal.
        numbers = iter(range(len(self._values), len(self._values) + len(told)))
        self._codes.extend([-1 if one is _AS_BEFORE else next(numbers) for one in values])
        self._values += told

    def coded(self, is_blank: np.ndarray[Any, Any]) -> Coded:
        """What each event holds; where a row begins or is gone it holds nothing but what is set there."""
        import numpy as np

        codes = np.array(self._codes)
        codes[(codes < 0) & is_blank] = 0
        codes = codes[np.maximum.accumulate(np.where(codes >= 0, np.arange(len(codes)), 0))]
        values = [one[1] if isinstance(one, tuple) and one[0].__class__ is type else one for one in self._values]
        return Coded(values, codes)


class _Numbers(dict[Any, int]):
    """The numbers of values, which are kept in the order in which they are first asked for; before is -1."""

    def __init__(self, values: list[Any]) -> None:
        super().__init__({_AS_BEFORE: -1, None: 0})
        self._values = values

    def __missing__(self, value: Any) -> int:
        self[value] = number = len(self._values)
        self._values.append(value)
        return number


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
