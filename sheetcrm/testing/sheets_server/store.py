"""The spreadsheets that there are, with what Drive knows of them; in memory, and in a folder where one is given."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from random import Random
from threading import RLock
from typing import Any

from sheetcrm.testing.sheets_server.building import fill, saved
from sheetcrm.testing.sheets_server.clock import Clock
from sheetcrm.testing.sheets_server.errors import not_found
from sheetcrm.testing.sheets_server.model import Json, Spreadsheet
from sheetcrm.testing.sheets_server.rights import OWNER, THE_OWNER, User
from sheetcrm.testing.sheets_server.work import Work

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True)
class File:
    """A spreadsheet as a file of Drive."""

    book: Spreadsheet
    created: datetime
    modified: datetime
    permissions: tuple[Mapping[str, Any], ...] = ()
    parents: tuple[str, ...] = ()
    comments: tuple[Mapping[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """The title."""
        return str(self.book.properties["title"])


def owner_permission() -> Json:
    """The permission of whoever made a file."""
    return {"kind": "drive#permission", "id": "01", "type": "user", "emailAddress": OWNER, "role": "owner"}


@dataclass
class Store:
    """All spreadsheets by id. Writing is one at a time; a reader sees the last state that was written whole."""

    clock: Clock
    random: Random
    folder: Path | None = None
    files: dict[str, File] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        """Reads the folder."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(self.folder.glob("*.json")):
                self._load(path)

    def new_id(self) -> str:
        """An id as Google's look: 44 letters."""
        while (new := "1" + "".join(self.random.choice(_LETTERS) for _ in range(43))) in self.files:
            pass
        return new

    def file(self, id_: str) -> File:
        """The file of an id. Raises a 404."""
        if id_ not in self.files:
            raise not_found()
        return self.files[id_]

    def book(self, id_: str) -> Spreadsheet:
        """The spreadsheet of an id as it stands. Raises a 404."""
        return self.file(id_).book

    def work_on(self, book: Spreadsheet, user: User = THE_OWNER) -> Work:
        """What an operation on a spreadsheet gets."""
        return Work(book, user, self.clock(), self.random, self.book)

    @contextmanager
    def change(self, id_: str, user: User = THE_OWNER) -> Iterator[Work]:
        """A copy of a spreadsheet to change, which takes its place unless something is raised."""
        with self.lock:
            work = self.work_on(self.book(id_).copied(), user)
            yield work
            self._put(replace(self.files[id_], book=work.book, modified=self.clock()))

    def create(self, plain: Mapping[str, Any], id_: str = "", parents: tuple[str, ...] = ()) -> Spreadsheet:
        """A new spreadsheet of this resource."""
        with self.lock:
            book = Spreadsheet(id_ or self.new_id(), {})
            fill(self.work_on(book), plain)
            now = self.clock()
            self._put(File(book, now, now, (owner_permission(),), parents))
            return book

    def copy(self, id_: str, name: str) -> Spreadsheet:
        """A copy of a spreadsheet under a new id."""
        with self.lock:
            book = self.book(id_).copied()
            book.id = self.new_id()
            book.properties["title"] = name
            now = self.clock()
            self._put(File(book, now, now, (owner_permission(),)))
            return book

    def update(self, id_: str, **changes: Any) -> File:
        """What Drive knows of a file, changed."""
        with self.lock:
            self._put(replace(self.file(id_), **changes))
            return self.files[id_]

    def delete(self, id_: str) -> None:
        """Takes a file away. Raises a 404."""
        with self.lock:
            self.file(id_)
            del self.files[id_]
            if self.folder is not None:
                (self.folder / f"{id_}.json").unlink(missing_ok=True)

    def _put(self, file: File) -> None:
        self.files[file.book.id] = file
        if self.folder is None:
            return
        plain = {
            "created": file.created.isoformat(),
            "modified": file.modified.isoformat(),
            "permissions": list(file.permissions),
            "parents": list(file.parents),
            "comments": list(file.comments),
            "spreadsheet": saved(self.work_on(file.book).reader()),
        }
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(plain, out, ensure_ascii=False)
        Path(name).replace(self.folder / f"{file.book.id}.json")

    def _load(self, path: Path) -> None:
        if not _ID.fullmatch(path.stem):
            return
        plain = json.loads(path.read_text("utf-8"))
        book = Spreadsheet(path.stem, {})
        fill(self.work_on(book), plain["spreadsheet"])
        created, modified = (datetime.fromisoformat(plain[name]) for name in ("created", "modified"))
        lists = {name: tuple(plain.get(name, ())) for name in ("permissions", "parents", "comments")}
        self.files[path.stem] = File(book, created, modified, **lists)
