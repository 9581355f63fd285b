"""How far each message came, kept in the journal's file. Works on an open connection, within the caller's transaction.

    claimed ── started ──┬── accepted
       │          │      ├── unconfirmed   nobody knows whether it went out: held until a person decides
       │          │      └── failed        refused for good, or given up
       └──────────┴───────── waiting       tried again once `due` has come

    dropped: a person said that it shall not be sent. lapsed: it waited, and then its reason was gone.

`claimed` is surely not out yet; from `started` on it may be.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from operator import attrgetter

TABLES = """
CREATE TABLE IF NOT EXISTS messages (
  key TEXT PRIMARY KEY, run INTEGER NOT NULL, recipient TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL,
  detail TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reasons (reason TEXT PRIMARY KEY, message TEXT NOT NULL, at TEXT NOT NULL);
"""
_TEXT = "TEXT NOT NULL DEFAULT ''"
_LATER_COLUMNS = {"job": _TEXT, "tries": "INTEGER NOT NULL DEFAULT 0", "due": _TEXT, "first": _TEXT}
NEVER = "never"
"""The `due` of a failed message that is not tried again unless a person says so."""

SETTLED = ("accepted", "unconfirmed", "dropped")
"""States in which a message and its reasons count as mailed for good."""


@dataclass(frozen=True, slots=True)
class MailState:
    """A message as recorded. `at` is the last change, `first` the first try; `due` when it may be tried again."""

    key: str
    run: int
    to: str
    state: str
    at: str
    detail: str = ""
    job: str = ""
    tries: int = 0
    due: str = ""
    first: str = ""


_row = attrgetter(*(field.name for field in fields(MailState)))


def in_utc(moment: datetime) -> str:
    """A moment as text that sorts as time does: how `due` is written."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


_FIELDS = "key, run, recipient, state, at, detail, job, tries, due, first"


_PUT = f"INSERT OR REPLACE INTO messages ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 -- constants


def prepare(db: sqlite3.Connection) -> None:
    """Makes the tables, and adds what a journal of an earlier version lacks."""
    db.executescript(TABLES)
    there = {row[1] for row in db.execute("PRAGMA table_info(messages)")}
    for name, kind in _LATER_COLUMNS.items():
        if name not in there:
            db.execute(f"ALTER TABLE messages ADD COLUMN {name} {kind}")


def put(db: sqlite3.Connection, states: Iterable[tuple[MailState, Sequence[str]]]) -> None:
    """Records messages, each with its reasons."""
    for one, reasons in states:
        db.execute(_PUT, _row(one))
        if one.state in SETTLED:
            rows = [(reason, one.key, one.at) for reason in dict.fromkeys((one.key, *reasons))]
            db.executemany("INSERT OR IGNORE INTO reasons VALUES (?, ?, ?)", rows)


def forget_reasons(db: sqlite3.Connection, key: str) -> None:
    """Takes back that the reasons of a message count as mailed."""
    db.execute("DELETE FROM reasons WHERE message = ?", (key,))


def found(db: sqlite3.Connection, where: str = "1", values: Sequence[object] = ()) -> list[MailState]:
    """The recorded messages that meet an SQL condition, the oldest first; pages are left out."""
    sql = f"SELECT {_FIELDS} FROM messages WHERE recipient != '' AND ({where}) ORDER BY at, key"  # noqa: S608 -- constants
    return [MailState(*row) for row in db.execute(sql, values)]
