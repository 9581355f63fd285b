"""Which workbook is the original and which a copy: a copy does not start mailing.

Two traces tell: the Journal knows the machine and path of its workbook, and a list in the user's data folder knows a
sketch of the rows of every workbook that was ever run here. A workbook that moved is followed; a copy of one that still
stands elsewhere is held until a person says that it is the original now.
"""

from __future__ import annotations

import json
import platform
import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from sheetcrm.journal import Journal
from sheetcrm.table import Table

SKETCH_ROWS = 96
"""Rows in a sketch: those with the smallest digests, so that sketches of edited copies still agree."""

SAME_SHARE = 0.5
FEWEST_ROWS = 8
"""Smaller workbooks, such as a fresh starter, are not compared."""


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
            digests.add(blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest())
    return tuple(sorted(digests)[:SKETCH_ROWS])


def likeness(one: Iterable[str], other: Iterable[str]) -> float:
    """The estimated share of rows that two workbooks have in common (bottom-k sketches of Jaccard's index)."""
    ours, theirs = set(one), set(other)
    smallest = sorted(ours | theirs)[:SKETCH_ROWS]
    if min(len(ours), len(theirs)) < FEWEST_ROWS:
        return 0.0
    return sum(digest in ours and digest in theirs for digest in smallest) / len(smallest)


class Originals:
    """The list of all workbooks ever run by this user on this machine; `folder` None keeps no list."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "originals.sqlite" if folder else None

    def standing(self, path: Path, journal: Journal | None, sketch: tuple[str, ...]) -> Standing:
        """Whether the workbook at a path is an original, moved, or a copy. Nothing is recorded.

        Without a journal, `moved_from` is where a workbook of the same rows was that is gone now.
        """
        home, place = (journal.fact("path"), journal.fact("machine")) if journal else ("", "")
        if home and (place, home) != (machine(), str(path)):
            if place == machine() and not Path(home).exists():
                return Standing(moved_from=home)
            return Standing(copy_of=home)
        if home:
            return Standing()
        alike = [other for other, theirs in self._others(path) if likeness(sketch, theirs) >= SAME_SHARE]
        alike.sort(key=lambda other: not Path(other).exists())
        if not alike:
            return Standing()
        return Standing(copy_of=alike[0]) if Path(alike[0]).exists() else Standing(moved_from=alike[-1])

    def settle(self, path: Path, journal: Journal, sketch: tuple[str, ...]) -> None:
        """Records that the workbook at a path is the original."""
        journal.set_facts({"machine": machine(), "path": str(path)})
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=30)) as db, db:
            db.execute("CREATE TABLE IF NOT EXISTS originals (path TEXT PRIMARY KEY, sketch TEXT NOT NULL)")
            db.execute("INSERT OR REPLACE INTO originals VALUES (?, ?)", (str(path), json.dumps(sketch)))

    def _others(self, path: Path) -> list[tuple[str, list[str]]]:
        if self._path is None or not self._path.exists():
            return []
        with closing(sqlite3.connect(self._path, timeout=30)) as db:
            rows = db.execute(
                "SELECT path, sketch FROM originals WHERE path <> ? ORDER BY path", (str(path),)
            ).fetchall()
        return [(other, json.loads(sketch)) for other, sketch in rows]


def machine() -> str:
    """A short digest that tells this machine from another one."""
    node = uuid.getnode()
    # With this bit set it is no network card's number but a random one, new in every process.
    name = platform.node() if node >> 40 & 1 else str(node)
    return blake2b(name.encode(), digest_size=6).hexdigest()
