"""How the history is stored: column by column, so that figures read those that they ask for, and little of each."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sheetcrm.trail import Coded, Trail

if TYPE_CHECKING:
    import numpy as np

TABLE = """
CREATE TABLE IF NOT EXISTS history (
  tab TEXT NOT NULL, field TEXT NOT NULL, moment INTEGER NOT NULL, told BLOB NOT NULL, UNIQUE (tab, field, moment));
"""
"""`told` is JSON, compressed, of what differed at a moment in a table: for the field `""` the rows' numbers and the
places among them of those that are gone; for each field its values and, for each of those rows, the place of its own,
-1 where the field stayed as it was."""

State = Mapping[str, Any]
"""A row's filled fields as JSON values."""


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

    known = {word_of(None): 0}
    codes = np.full(len(order), -1, dtype=np.int32)
    for moment, (own, numbers) in told:
        # As before is -1: what stands last.
        own_codes = [*(known.setdefault(word_of(one), len(known)) for one in own), -1]
        codes[places[moment]] = np.array(own_codes, dtype=np.int32)[numbers]
    codes = codes[order]
    codes[(codes < 0) & is_blank] = 0
    codes = codes[np.maximum.accumulate(np.where(codes >= 0, np.arange(len(codes)), 0))]
    return Coded(_values(known), codes)


def _column(db: sqlite3.Connection, table: str, field: str) -> list[tuple[int, Any]]:
    """What was told of a field, moment by moment."""
    sql = "SELECT moment, told FROM history WHERE tab = ? AND field = ? ORDER BY moment"
    return [(moment, _unpacked(told)) for moment, told in db.execute(sql, (table, field))]


def told(db: sqlite3.Connection) -> Iterator[tuple[int, str, str, State | None]]:
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


def tell(db: sqlite3.Connection, table: str, moment: int, changes: Mapping[int, State | None]) -> None:
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
    known: dict[Any, int] = {}
    codes = [-1 if one is _AS_BEFORE else known.setdefault(word_of(one), len(known)) for one in column]
    return _values(known), codes


def word_of(one: Any) -> Any:
    """What is the same for equal values; by type as well, since True, 1 and 1.0 are equal."""
    if one.__class__ is str:
        return one
    return one.__class__, tuple(one) if one.__class__ is list else one


def _values(words: Iterable[Any]) -> list[Any]:
    """The values that words stand for; lists as tuples."""
    return [one if one.__class__ is str else one[1] for one in words]


def _packed(plain: Any) -> bytes:
    return zlib.compress(json.dumps(plain, separators=(",", ":")).encode())


def _unpacked(told: bytes) -> Any:
    return json.loads(zlib.decompress(told))
