"""The Journal: runs, their deeds, messages and what jobs remember, in one SQLite file beside the workbook.

Everything is recorded before and after it happens, so that a run which was cut short can be finished and a finished one
taken back.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sheetcrm import history, mail_states
from sheetcrm.errors import NotFound, SheetcrmError
from sheetcrm.mail_states import MailState
from sheetcrm.plan import (
    CellChange,
    Plan,
    RowAppend,
    TabReplace,
    append_from_json,
    append_to_json,
    change_from_json,
    change_to_json,
    tab_from_json,
    tab_to_json,
)
from sheetcrm.plan import from_json as plan_from_json
from sheetcrm.plan import to_json as plan_to_json
from sheetcrm.trail import Trail

_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, plan_id TEXT NOT NULL UNIQUE, plan TEXT NOT NULL, started TEXT NOT NULL,
  finished TEXT, state TEXT NOT NULL, undoes INTEGER NOT NULL DEFAULT 0, written INTEGER NOT NULL DEFAULT 0,
  sent INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS deeds (
  run INTEGER NOT NULL REFERENCES runs (id), seq INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
  why TEXT NOT NULL, content_after TEXT NOT NULL, deed TEXT NOT NULL, PRIMARY KEY (run, seq));
CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as recorded: `state` is started or finished; the counts are cells and rows written, mails, and skips."""

    id: int
    plan_id: str
    started: str
    finished: str
    state: str
    undoes: int
    written: int
    sent: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Deed:
    """One change or new row of a run: `done`, or `skipped` with the reason.

    `content_after` finds a row without a key again, as the run left it.
    """

    deed: CellChange | RowAppend | TabReplace
    state: str
    why: str = ""
    content_after: str = ""


_RUN = "id, plan_id, started, COALESCE(finished, ''), state, undoes, written, sent, skipped"


class Journal:
    """The Journal of one workbook. Each method is one transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._kept: sqlite3.Connection | None = None
        if path.exists() and not path.stat().st_size and (path.parent / "backups").is_dir():
            # Backups tell of runs: an empty journal beside them has lost who was mailed.
            remedy = f"Restore it, or remove {path} to start anew: mails may then be sent again."
            raise SheetcrmError(f"The journal {path} is empty, but runs were made.", remedy)
        with self._open() as db:
            db.executescript(_TABLES + history.TABLES)
            history.bring_up_to_date(db)
            mail_states.prepare(db)
            db.execute("INSERT OR IGNORE INTO facts VALUES ('id', ?)", (uuid.uuid4().hex,))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._kept is not None:
                with self._kept as db:
                    yield db
                return
            with closing(self._connected()) as db, db:
                yield db
        except sqlite3.IntegrityError:
            raise
        except sqlite3.OperationalError as error:
            remedy = "See that its folder can be written and the disk has room, then run again."
            raise SheetcrmError(f"The journal {self.path} cannot be used: {error}.", remedy) from error
        except sqlite3.DatabaseError as error:
            remedy = "Restore it from a backup, or move it away to start anew: mails may then be sent again."
            raise SheetcrmError(f"The journal {self.path} cannot be read: {error}.", remedy) from error

    def _connected(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=30)
        db.execute("PRAGMA synchronous = FULL")
        return db

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """One connection for all that follows, and a third of the work a commit: for many small records in a row."""
        with closing(self._connected()) as db:
            with suppress(sqlite3.OperationalError):
                # As safe, with one write to the disk instead of four; where somebody reads just now it stays as it is.
                db.execute("PRAGMA journal_mode = WAL")
            self._kept = db
            try:
                yield
            finally:
                self._kept = None
                with suppress(sqlite3.OperationalError):
                    db.execute("PRAGMA journal_mode = DELETE")

    def fact(self, name: str) -> str:
        """A fact about the workbook's home, empty where none is recorded."""
        with self._open() as db:
            row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_facts(self, facts: Mapping[str, str]) -> None:
        """Records facts about the workbook's home."""
        with self._open() as db:
            db.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())

    def memory(self) -> dict[str, str]:
        """What jobs asked to remember."""
        with self._open() as db:
            return dict(db.execute("SELECT name, value FROM memory").fetchall())

    def remember(self, memory: Mapping[str, str], rows: history.States | None = None, at: str = "") -> None:
        """Keeps what jobs ask to remember, and the rows as they are, where there is no run to record."""
        with self._open() as db:
            db.executemany("INSERT OR REPLACE INTO memory VALUES (?, ?)", memory.items())
            history.record(db, rows or {}, at, 0)

    def last_states(self) -> history.States:
        """The rows of each table as the last run left them."""
        with self._open() as db:
            return history.last_states(db)

    def changes(self) -> list[history.Change]:
        """What changed in the rows from run to run, the oldest change first."""
        with self._open() as db:
            return list(history.changes(db))

    def take_in(self, readings: Sequence[tuple[str, history.States]]) -> int:
        """How many readings of older copies, each with its ISO time, became part of the history."""
        with self._open() as db:
            return history.take_in(db, readings)

    def trail(self, table: str, fields: Sequence[str]) -> Trail:
        """The rows of one table from reading to reading, as columns."""
        with self._open() as db:
            return history.trail(db, table, fields)

    def mailed(self) -> dict[str, str]:
        """All reasons and message keys already mailed, with the time."""
        with self._open() as db:
            return dict(db.execute("SELECT reason, at FROM reasons").fetchall())

    def runs(self) -> list[Run]:
        """All runs, the latest first."""
        with self._open() as db:
            return [Run(*row) for row in db.execute(f"SELECT {_RUN} FROM runs ORDER BY id DESC")]  # noqa: S608 -- a constant

    def last_run(self) -> int:
        """The number of the latest run, 0 before the first."""
        return max((run.id for run in self.runs()), default=0)

    def run(self, number: int) -> Run:
        """A run by its number. Raises NotFound."""
        for run in self.runs():
            if run.id == number:
                return run
        raise NotFound(f"There is no run {number}.", "`sheetcrm history` lists the runs.")

    def unfinished(self) -> tuple[Run, Plan] | None:
        """The run that was cut short, with its plan; None where all are finished."""
        for run in self.runs():
            if run.state == "started":
                return run, self.plan(run.id)
        return None

    def plan(self, number: int) -> Plan:
        """The plan of a run."""
        with self._open() as db:
            row = db.execute("SELECT plan FROM runs WHERE id = ?", (number,)).fetchone()
        return plan_from_json(row[0])

    def was_applied(self, plan_id: str) -> int:
        """The run that applied a plan, 0 where none did."""
        return next((run.id for run in self.runs() if run.plan_id == plan_id), 0)

    def start(self, plan: Plan, at: str) -> int:
        """Records that a plan is about to be applied, and gives the run's number."""
        # Issues are not deeds: the workbook tells them again at any time.
        text = plan_to_json(replace(plan, issues=()))
        with self._open() as db:
            sql = "INSERT INTO runs (plan_id, plan, started, state, undoes) VALUES (?, ?, ?, 'started', ?)"
            return int(db.execute(sql, (plan.id, text, at, plan.undoes)).lastrowid or 0)

    def mails(self, where: str = "1", *values: object) -> list[MailState]:
        """The recorded messages that meet an SQL condition, the oldest first."""
        with self._open() as db:
            return mail_states.found(db, where, values)

    def record_mails(self, states: Iterable[tuple[MailState, Sequence[str]]]) -> None:
        """Records how far messages came; once settled, their keys and reasons count as mailed for good."""
        with self._open() as db:
            mail_states.put(db, states)

    def release_mail(self, state: MailState) -> None:
        """Records a message's state, and that its reasons are no longer taken for mailed."""
        with self._open() as db:
            mail_states.forget_reasons(db, state.key)
            mail_states.put(db, [(state, ())])

    def record_page(self, run: int, key: str, at: str, path: str) -> None:
        """Records that a page was written."""
        self.record_mails([(MailState(key, run, "", "accepted", at, path), ())])

    def finish(
        self,
        run: int,
        deeds: Sequence[Deed],
        sent: int,
        remember: Mapping[str, str],
        at: str,
        states: history.States | None = None,
    ) -> None:
        """Records what a run did, what its jobs remember, and the rows as it left them."""
        rows = [(run, seq, *_deed_row(one)) for seq, one in enumerate(deeds)]
        done = sum(one.state == "done" for one in deeds)
        with self._open() as db:
            db.executemany("INSERT OR REPLACE INTO deeds VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            db.executemany("INSERT OR REPLACE INTO memory VALUES (?, ?)", remember.items())
            sql = "UPDATE runs SET state = 'finished', finished = ?, written = ?, sent = ?, skipped = ? WHERE id = ?"
            db.execute(sql, (at, done, sent, len(deeds) - done, run))
            history.record(db, states or {}, at, run)

    def deeds(self, run: int) -> list[Deed]:
        """What a run did, in order."""
        sql = "SELECT kind, deed, state, why, content_after FROM deeds WHERE run = ? ORDER BY seq"
        with self._open() as db:
            rows = db.execute(sql, (run,)).fetchall()
        return [Deed(_deed_from(kind, json.loads(deed)), *rest) for kind, deed, *rest in rows]

    def changes_of_rules(self, start: str) -> list[tuple[CellChange, str]]:
        """The cell changes that were done, of all rules whose text begins so, and the keys given; the oldest first.

        Each with the digest by which a row without a key is found afterwards.
        """
        sql = (
            "SELECT deed, content_after FROM deeds WHERE kind = 'change' AND state = 'done' AND"
            " (substr(json_extract(deed, '$.rule'), 1, ?) = ? OR json_extract(deed, '$.field') = 'key')"
            " ORDER BY run, seq"
        )
        with self._open() as db:
            rows = db.execute(sql, (len(start), start)).fetchall()
        return [(change_from_json(json.loads(deed)), content) for deed, content in rows]

    def tab_before(self, run: int, tab: str) -> TabReplace | None:
        """The whole tab of that name as the latest run before this one put it; None where none did."""
        sql = "SELECT deed FROM deeds WHERE run < ? AND kind = 'tab' AND state = 'done' ORDER BY run DESC, seq DESC"
        with self._open() as db:
            found = (tab_from_json(json.loads(deed)) for (deed,) in db.execute(sql, (run,)))
            return next((one for one in found if one.tab == tab), None)

    def messages(self, run: int) -> list[tuple[str, str, str, str]]:
        """The messages of a run: key, recipient, state, detail."""
        with self._open() as db:
            sql = "SELECT key, recipient, state, detail FROM messages WHERE run = ? ORDER BY at, key"
            return db.execute(sql, (run,)).fetchall()


def _deed_row(one: Deed) -> tuple[str, str, str, str, str]:
    kind, plain = deed_to_json(one.deed)
    return kind, one.state, one.why, one.content_after, json.dumps(plain)


def deed_to_json(deed: CellChange | RowAppend | TabReplace) -> tuple[str, dict[str, Any]]:
    """What a deed is (change, append or tab), and it as JSON values."""
    if isinstance(deed, CellChange):
        return "change", change_to_json(deed)
    return ("append", append_to_json(deed)) if isinstance(deed, RowAppend) else ("tab", tab_to_json(deed))


def _deed_from(kind: str, plain: Mapping[str, object]) -> CellChange | RowAppend | TabReplace:
    if kind == "tab":
        return tab_from_json(plain)
    return change_from_json(plain) if kind == "change" else append_from_json(plain)
