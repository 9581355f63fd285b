"""Which workbook is the original and which a copy: a copy does not start mailing.

Two traces tell: the Journal knows the machine and path of its workbook, and a list in the user's data folder knows of
every workbook that was ever run here a sketch of its rows and marks of what runs wrote into it. Of two workbooks with
the same rows, one that also bears the other's marks was copied from it after a run. A workbook that moved is followed;
a copy of one that still stands elsewhere is held until a person says that it is the original now.
"""

from __future__ import annotations

import json
import platform
import sqlite3
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from sheetcrm.errors import SheetcrmError
from sheetcrm.journal import Deed, Journal
from sheetcrm.plan import CellChange
from sheetcrm.table import Table, show_raw

SKETCH_ROWS = 96
"""Rows in a sketch: those with the smallest digests, so that sketches of edited copies still agree."""

SAME_SHARE = 0.5
FEWEST_ROWS = 8
"""Smaller workbooks, such as a fresh starter, are not compared."""

MARKED_SHARE = 0.25
"""The share of an original's marks that a copy bears at least: people overwrite some, older copies lack the latest."""

_TABLE = "CREATE TABLE IF NOT EXISTS originals (path TEXT PRIMARY KEY, sketch TEXT NOT NULL, marks TEXT NOT NULL)"

WRITTEN_FIELDS = ("key", "owner", "duplicate_of", "last_reminder")
"""The fields that jobs fill."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a workbook is: `copy_of` names the original that it seems to be a copy of, empty for an original."""

    copy_of: str = ""
    moved_from: str = ""


def sketch_of(tables: Mapping[str, Table]) -> tuple[str, ...]:
    """A sketch of the rows of a workbook: digests of who the leads and accounts are, the smallest first."""
    digests = set()
    for name in ("Leads", "Accounts"):
        for row in tables.get(name, ()):
            words = "\x1f".join(row.text(field).casefold() for field in ("company", "name", "email"))
            # Not the key where there are words: the first run gives keys, and the sketch must stay.
            words = words if words.strip("\x1f") else row.key
            digests.add(_digest(words))
    return tuple(sorted(digests)[:SKETCH_ROWS])


def _digest(words: str) -> str:
    return blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def marks_of(deeds: Iterable[Deed]) -> set[str]:
    """What a run left in a workbook: a digest of row, field and value for each cell that it filled."""
    changes = [one.deed for one in deeds if one.state == "done" and isinstance(one.deed, CellChange)]
    return {_digest(f"{one.who}\x1f{one.field}\x1f{show_raw(one.new)}") for one in changes if one.new is not None}


def bears(tables: Mapping[str, Table], marks: Collection[str]) -> bool:
    """Whether a workbook bears the marks of another one's runs; always where the other has none to tell by."""
    written = {
        _digest(f"{row.label}\x1f{field}\x1f{show_raw(table.raws[field][row.i])}")
        for table in tables.values()
        for row in table
        for field in WRITTEN_FIELDS
        if field in table.columns and table.raws[field][row.i] is not None
    }
    return sum(mark in written for mark in marks) >= MARKED_SHARE * len(marks)


def likeness(one: Iterable[str], other: Iterable[str]) -> float:
    """The estimated share of rows that two workbooks have in common (bottom-k sketches of Jaccard's index)."""
    ours, theirs = set(one), set(other)
    smallest = sorted(ours | theirs)[:SKETCH_ROWS]
    if min(len(ours), len(theirs)) < FEWEST_ROWS:
        return 0.0
    return sum(digest in ours and digest in theirs for digest in smallest) / len(smallest)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(path, timeout=30)) as db, db:
            db.execute(_TABLE)
            yield db
    except sqlite3.DatabaseError as error:
        remedy = "Move it away to start a new one: a copy of a workbook is then not known as such until the next run."
        raise SheetcrmError(f"The list of workbooks {path} cannot be used: {error}.", remedy) from error


class Originals:
    """The list of all workbooks ever run by this user on this machine; `folder` None keeps no list."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "originals.sqlite" if folder else None

    def standing(self, path: Path | str, journal: Journal | None, tables: Mapping[str, Table]) -> Standing:
        """Whether the workbook at a path (or address) is an original, moved, or a copy. Nothing is recorded.

        Without a journal, `moved_from` is where a workbook of the same rows was that is gone now.
        """
        home, place = (journal.fact("path"), journal.fact("machine")) if journal else ("", "")
        if home and (place, home) != (machine(), str(path)):
            if place == machine() and not is_there(home):
                return Standing(moved_from=home)
            return Standing(copy_of=home)
        alike = [] if home else self._alike(path, tables)
        if not alike:
            return Standing()
        return Standing(copy_of=alike[0]) if is_there(alike[0]) else Standing(moved_from=alike[-1])

    def _alike(self, path: Path | str, tables: Mapping[str, Table]) -> list[str]:
        """The workbooks of the same rows whose marks this one bears, those that still exist first."""
        others = {other: known for other, known in self._known().items() if other != str(path)}
        sketch = sketch_of(tables) if others else ()
        found = [
            other
            for other, (theirs, marks) in others.items()
            if likeness(sketch, theirs) >= SAME_SHARE and bears(tables, marks)
        ]
        return sorted(found, key=lambda other: not is_there(other))

    def settle(self, path: Path | str, journal: Journal, tables: Mapping[str, Table]) -> None:
        """Records that the workbook at a path is the original, and the marks of its last run."""
        journal.set_facts({"machine": machine(), "path": str(path)})
        if self._path is None:
            return
        marks = {*self._known().get(str(path), ((), ()))[1], *marks_of(journal.deeds(journal.last_run()))}
        row = str(path), json.dumps(sketch_of(tables)), json.dumps(sorted(marks)[:SKETCH_ROWS])
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with _opened(self._path) as db:
            db.execute("INSERT OR REPLACE INTO originals VALUES (?, ?, ?)", row)

    def _known(self) -> dict[str, tuple[list[str], list[str]]]:
        """Sketch and marks of every workbook on the list, by path."""
        if self._path is None or not self._path.exists():
            return {}
        with _opened(self._path) as db:
            rows = db.execute("SELECT path, sketch, marks FROM originals ORDER BY path").fetchall()
        return {other: (json.loads(sketch), json.loads(marks)) for other, sketch, marks in rows}


def is_there(place: str) -> bool:
    """Whether a workbook still stands at a path; of one in the web nobody knows better."""
    return place.startswith("https://") or Path(place).exists()


def machine() -> str:
    """A short digest that tells this machine from another one."""
    node = uuid.getnode()
    # With this bit set it is no network card's number but a random one, new in every process.
    name = platform.node() if node >> 40 & 1 else str(node)
    return blake2b(name.encode(), digest_size=6).hexdigest()
