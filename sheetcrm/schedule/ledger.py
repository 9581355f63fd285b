"""The ledger of slots: each is worked off once, by whichever process claims it first. One SQLite file per workbook.

Claim only while holding the workbook's schedule lock: a slot found begun then belongs to a process that has died.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sheetcrm.errors import SheetcrmError
from sheetcrm.schedule.missed import CatchUp, decide
from sheetcrm.schedule.slots import Slot, Timetable

LONGEST_BACK_OFF = timedelta(hours=1)
LOOKS_BACK = timedelta(days=32)
"""How far back missed slots are logged one by one."""

KEPT_OPEN = timedelta(hours=1)
"""How often it is recorded that nothing was due: a tick that finds nothing writes nothing."""

_TABLES = """
CREATE TABLE IF NOT EXISTS groups (
  name TEXT PRIMARY KEY, timetable TEXT NOT NULL, since TEXT NOT NULL, decided TEXT NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0,
  failing_since TEXT NOT NULL DEFAULT '', not_before TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '',
  told TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS slots (
  job TEXT NOT NULL, zone TEXT NOT NULL, local TEXT NOT NULL, due TEXT NOT NULL, state TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, decided TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '', UNIQUE (job, zone, local));
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS slots_by_due ON slots (job, due);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A slot as the ledger has it: begun, done, again (failed, to be tried again), or missed."""

    slot: Slot
    state: str
    tries: int = 0
    decided: str = ""
    ended: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """How a group fares: failures in a row, since when, what the last error was, and when it may run again."""

    failures: int = 0
    failing_since: str = ""
    error: str = ""
    not_before: str = ""
    told: str = ""


_ENTRY = "due, local, job, zone, state, tries, decided, ended, detail"
_OPEN = ("begun", "again")


class Ledger:
    """The slots of one workbook. Each method is one transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        with self._open() as db:
            db.executescript(_TABLES)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as db:
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                except BaseException:
                    if db.in_transaction:
                        db.execute("ROLLBACK")
                    raise
                if db.in_transaction:
                    db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            remedy = "See that its folder can be written; moved away, the schedule starts anew with the next slot."
            raise SheetcrmError(f"The schedule's ledger {self.path} cannot be used: {error}.", remedy) from error

    def claim(self, timetable: Timetable, now: datetime, how: CatchUp) -> tuple[Slot, ...]:
        """The slots of a group to work off now, each recorded as begun; missed ones are recorded with the reason.

        A group that was never seen, or whose settings changed, starts with slots that are on time now. Nothing is
        claimed while a failing group waits.
        """
        with self._open() as db:
            since = _decided_until(db, timetable, now, how)
            if _health(db, timetable.group).not_before > _text(now):
                return ()
            begun, settled = _begun(db, timetable.group, now), _settled(db, timetable.group, since)
            found = timetable.slots(max(since, now - max(how.window, LOOKS_BACK)), now)
            pending = sorted({*(one for one in found if one not in settled), *begun})
            decision = decide(pending, now, how, begun)
            for slot, why in decision.missed:
                _put(db, Entry(slot, "missed", decided=_text(now), detail=why))
            for slot in decision.run:
                _put(db, Entry(slot, "begun", begun.get(slot, 0) + 1, decided=_text(now)))
            if pending or now - since > KEPT_OPEN:
                db.execute("UPDATE groups SET decided = ? WHERE name = ?", (_text(now), timetable.group))
            return decision.run

    def done(self, slot: Slot, now: datetime, detail: str = "") -> None:
        """Records that a slot was worked off: its group is well."""
        with self._open() as db:
            _end(db, slot, "done", now, detail)
            sql = "UPDATE groups SET failures = 0, failing_since = '', not_before = '', error = '', told = ''"
            db.execute(f"{sql} WHERE name = ?", (slot.group,))

    def failed(self, slot: Slot, now: datetime, error: str, longest: timedelta = LONGEST_BACK_OFF) -> Health:
        """Records that a slot failed: it is tried again, after a wait that doubles with each failure in a row.

        That ends when a later slot overtakes it, or with the window.
        """
        with self._open() as db:
            before = _health(db, slot.group)
            wait = min(timedelta(minutes=1) * 2 ** min(before.failures, 12), longest)
            after = replace(
                before,
                failures=before.failures + 1,
                failing_since=before.failing_since or _text(now),
                error=error,
                not_before=_text(now + wait),
            )
            _end(db, slot, "again", now, error)
            sql = "UPDATE groups SET failures = ?, failing_since = ?, error = ?, not_before = ? WHERE name = ?"
            db.execute(sql, (after.failures, after.failing_since, after.error, after.not_before, slot.group))
            return after

    def tell(self, group: str, now: datetime) -> None:
        """Records that somebody was told of a failing group; once is enough until it works again."""
        with self._open() as db:
            db.execute("UPDATE groups SET told = ? WHERE name = ?", (_text(now), group))

    def fact(self, name: str) -> str:
        """A fact that was kept, empty where none was."""
        with self._open() as db:
            row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def keep(self, name: str, value: str) -> None:
        """Keeps a fact."""
        with self._open() as db:
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def health(self, group: str) -> Health:
        """How a group fares."""
        with self._open() as db:
            return _health(db, group)

    def entries(self, group: str, most: int = 50) -> list[Entry]:
        """The latest slots of a group, the latest first."""
        sql = f"SELECT {_ENTRY} FROM slots WHERE job = ? ORDER BY due DESC, local DESC LIMIT ?"  # noqa: S608 -- a constant
        with self._open() as db:
            return [_entry(row) for row in db.execute(sql, (group, most))]

    def is_known(self, group: str) -> bool:
        """Whether a group was ever asked for what is due."""
        with self._open() as db:
            return bool(db.execute("SELECT 1 FROM groups WHERE name = ?", (group,)).fetchone())


def _decided_until(db: sqlite3.Connection, timetable: Timetable, now: datetime, how: CatchUp) -> datetime:
    """The moment up to which all slots of a group are settled or begun."""
    group = timetable.group
    sql = "SELECT timetable, since, decided FROM groups WHERE name = ?"
    digest, *moments = db.execute(sql, (group,)).fetchone() or ("", "", "")
    if digest != timetable.digest or moments[0] > _text(now):
        return _begin(db, timetable, now - how.grace)
    since, decided = map(datetime.fromisoformat, moments)
    if decided <= now:
        return decided
    # The clock stood ahead for a while: what was missed, or put off, only because of that is taken back.
    db.execute("DELETE FROM slots WHERE job = ? AND state = 'missed' AND decided > ?", (group, _text(now)))
    latest = _text(now + LONGEST_BACK_OFF)
    db.execute("UPDATE groups SET not_before = ? WHERE name = ? AND not_before > ?", (latest, group, latest))
    db.execute("UPDATE groups SET decided = ? WHERE name = ?", (_text(now), group))
    return max(since, now - LOOKS_BACK)


def _begin(db: sqlite3.Connection, timetable: Timetable, since: datetime) -> datetime:
    """Starts a group, or starts it anew since its settings changed."""
    sql = (
        "INSERT INTO groups (name, timetable, since, decided) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
        "timetable = excluded.timetable, since = excluded.since, decided = excluded.decided"
    )
    db.execute(sql, (timetable.group, timetable.digest, _text(since), _text(since)))
    # What was begun under the old timetable is not in the new one: nobody would finish it.
    sql = "UPDATE slots SET state = 'missed', detail = 'the schedule changed' WHERE job = ? AND state IN (?, ?)"
    db.execute(sql, (timetable.group, *_OPEN))
    return since


def _begun(db: sqlite3.Connection, group: str, now: datetime) -> dict[Slot, int]:
    """The slots that were begun and not ended well, with the tries so far."""
    sql = f"SELECT {_ENTRY} FROM slots WHERE job = ? AND state IN (?, ?) AND due <= ?"  # noqa: S608 -- a constant
    entries = map(_entry, db.execute(sql, (group, *_OPEN, _text(now))))
    return {one.slot: one.tries for one in entries}


def _settled(db: sqlite3.Connection, group: str, since: datetime) -> set[Slot]:
    sql = f"SELECT {_ENTRY} FROM slots WHERE job = ? AND due >= ?"  # noqa: S608 -- a constant
    return {_entry(row).slot for row in db.execute(sql, (group, _text(since)))}


def _health(db: sqlite3.Connection, group: str) -> Health:
    sql = "SELECT failures, failing_since, error, not_before, told FROM groups WHERE name = ?"
    row = db.execute(sql, (group,)).fetchone()
    return Health(*row) if row else Health()


def _put(db: sqlite3.Connection, entry: Entry) -> None:
    slot = entry.slot
    row = (*_key(slot), _text(slot.due), entry.state, entry.tries, entry.decided, "", entry.detail)
    sql = (
        "INSERT INTO slots VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job, zone, local) DO UPDATE SET "
        "state = excluded.state, tries = max(slots.tries, excluded.tries), decided = excluded.decided, ended = '', "
        "detail = excluded.detail"
    )
    db.execute(sql, row)


def _end(db: sqlite3.Connection, slot: Slot, state: str, now: datetime, detail: str) -> None:
    sql = "UPDATE slots SET state = ?, ended = ?, detail = ? WHERE job = ? AND zone = ? AND local = ?"
    db.execute(sql, (state, _text(now), detail, *_key(slot)))


def _key(slot: Slot) -> tuple[str, str, str]:
    return slot.group, slot.zone, slot.name


def _entry(row: tuple[str, str, str, str, str, int, str, str, str]) -> Entry:
    due, local, job, zone, state, tries, decided, ended, detail = row
    slot = Slot(datetime.fromisoformat(due), datetime.fromisoformat(local), job, zone)
    return Entry(slot, state, tries, decided, ended, detail)


def _text(moment: datetime) -> str:
    """A moment as text that sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
