"""What the rows of a workbook held when it was last run, and what changed from run to run: the sheet keeps only today.

A row is known by its key or, lacking one, by who it is (`Row.identity`). Of each change just the fields that differ are
stored, column by column: a year of daily runs over ten thousand leads stays within some ten megabytes, and figures
read the columns that they ask for.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sheetcrm.trail import Coded, Trail

if TYPE_CHECKING:
    import numpy as np

TABLES = """
CREATE TABLE IF NOT EXISTS moments (id INTEGER PRIMARY KEY, at TEXT NOT NULL, run INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS rows (
  id INTEGER PRIMARY KEY, tab TEXT NOT NULL, key TEXT NOT NULL, state TEXT, UNIQUE (tab, key));
CREATE TABLE IF NOT EXISTS history (
  tab TEXT NOT NULL, field TEXT NOT NULL, moment INTEGER NOT NULL, told BLOB NOT NULL, UNIQUE (tab, field, moment));
"""
"""`rows.state` is the last state, NULL once a row is gone.

`history.told` is JSON, compressed, of what differed at a moment in a table: for the field `""` the rows' numbers and
the places among them of those that are gone; for each field its values and, for each of those rows, the place of its
own, -1 where the field stayed as it was.
"""

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
                _tell(db, table, moment, told | {number: _difference(old, text) for number, old, text in changed})


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
    for moment, table, key, change in _told(db):
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
    for moment, table, key, change in _told(db):
        yield Change(at[moment], table, key, change)


def trail(db: sqlite3.Connection, table: str, fields: Sequence[str]) -> Trail:
    """The rows of one table from reading to reading; values are as a state holds them, lists as tuples."""
    import numpy as np

    moments = db.execute("SELECT id, at FROM moments ORDER BY id").fetchall()
    keys = dict(db.execute("SELECT id, key FROM rows WHERE tab = ?", (table,)))
    events = _column(db, table, "")
    row = np.array([number for _, (rows, _) in events for number in rows], dtype=np.int64)
    sizes = [len(rows) for _, (rows, _) in events]
    moment = np.repeat(np.array([number for number, _ in events], dtype=np.int64), sizes)
    is_gone = np.zeros(len(row), dtype=bool)
    starts = np.cumsum([0, *sizes])
    is_gone[[start + i for start, (_, (_, gone)) in zip(starts.tolist(), events, strict=False) for i in gone]] = True
    # Moments stand in order, so rows do not lose theirs.
    order = np.argsort(row, kind="stable")
    row, is_gone = row[order], is_gone[order]
    is_first = np.append(True, row[1:] != row[:-1])[: len(row)]
    places = {number: slice(*starts[i : i + 2]) for i, (number, _) in enumerate(events)}
    return Trail(
        tuple(datetime.fromisoformat(at) for _, at in moments),
        tuple(keys[number] for number in row[is_first].tolist()),
        np.cumsum(is_first) - 1,
        np.searchsorted(np.array([number for number, _ in moments], dtype=np.int64), moment[order]),
        is_gone,
        {name: _coded(_column(db, table, name), places, order, is_first | is_gone) for name in fields},
    )


def _coded(
    told: Sequence[tuple[int, Any]], places: Mapping[int, slice], order: np.ndarray[Any, Any], is_blank: Any
) -> Coded:
    """What each event holds: what it sets, else what the one before it held; nothing where a row begins or is gone."""
    import numpy as np

    known = {_word(None): 0}
    codes = np.full(len(order), -1, dtype=np.int32)
    for moment, (own, numbers) in told:
        # As before is -1: what stands last.
        own_codes = [*(known.setdefault(_word(one), len(known)) for one in own), -1]
        codes[places[moment]] = np.array(own_codes, dtype=np.int32)[numbers]
    codes = codes[order]
    codes[(codes < 0) & is_blank] = 0
    codes = codes[np.maximum.accumulate(np.where(codes >= 0, np.arange(len(codes)), 0))]
    return Coded([one if one.__class__ is str else one[1] for one in known], codes)


def _column(db: sqlite3.Connection, table: str, field: str) -> list[tuple[int, Any]]:
    """What was told of a field, moment by moment."""
    sql = "SELECT moment, told FROM history WHERE tab = ? AND field = ? ORDER BY moment"
    return [(moment, _unpacked(told)) for moment, told in db.execute(sql, (table, field))]


def _told(db: sqlite3.Connection) -> Iterator[tuple[int, str, str, State | None]]:
    """Moment, table, key and the fields that differ, by moment; None for a row that is gone."""
    keys = dict(db.execute("SELECT id, key FROM rows"))
    found = db.execute("SELECT moment, tab, field, told FROM history ORDER BY moment, tab, field")
    for (moment, table), some in groupby(found, itemgetter(0, 1)):
        columns = {field: _unpacked(told) for *_, field, told in some}
        rows, gone = columns.pop("")
        is_gone = set(gone)
        for i, number in enumerate(rows):
            own = {name: values[codes[i]] for name, (values, codes) in columns.items() if codes[i] >= 0}
            yield moment, table, keys[number], None if i in is_gone else own


def _tell(db: sqlite3.Connection, table: str, moment: int, changes: Mapping[int, State | None]) -> None:
    """Keeps what differs in rows, by their numbers; None for one that is gone."""
    listed = list(changes.values())
    columns: dict[str, Any] = {"": (list(changes), [i for i, one in enumerate(listed) if one is None])}
    for name in sorted({name for one in listed for name in one or ()}):
        columns[name] = _numbered([(one or {}).get(name, _AS_BEFORE) for one in listed])
    rows = [(table, name, moment, _packed(told)) for name, told in columns.items()]
    db.executemany("INSERT INTO history VALUES (?, ?, ?, ?)", rows)


_AS_BEFORE = object()
"""Stands for a field that a change leaves as it was."""


def _numbered(column: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """The values, each once, and which of them stands in each place; -1 for as before."""
    values: dict[Any, Any] = {}
    numbers: dict[Any, int] = {_AS_BEFORE: -1}
    codes = []
    for one in column:
        word = one if one is _AS_BEFORE else _word(one)
        if word not in numbers:
            numbers[word] = len(values)
            values[word] = one
        codes.append(numbers[word])
    return list(values.values()), codes


def _word(one: Any) -> Any:
    """What is the same for equal values; by type as well, since True, 1 and 1.0 are equal."""
    if one.__class__ is str:
        return one
    return one.__class__, tuple(one) if one.__class__ is list else one


def _packed(plain: Any) -> bytes:
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode())


def _unpacked(told: bytes) -> Any:
    return json.loads(zlib.decompress(told))


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
    return {name: after.get(name) for name in sorted({*before, *after}) if before.get(name) != after.get(name)}


def _dumped(table: str, state: State) -> str:
    if table in KEYS_ONLY:
        return "{}"
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
