"""A folder of CSV files as a workbook, one file per tab: only touched fields change, all else stays as written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from sheetcrm import xlsx
from sheetcrm.connectors.csv_text import CsvText, is_old, read_csv
from sheetcrm.connectors.old_encodings import old_encoding
from sheetcrm.connectors.protocol import CellWrite, Refusal, RowWrite, TabWrite
from sheetcrm.errors import EditRefused, NotFound, WorkbookBusy, WorkbookUnreadable
from sheetcrm.tab import Styled, TabContent
from sheetcrm.table import Grid, Raw, show_raw

Splice = tuple[int, int, str]
"""From where to where in a text, and what stands there instead."""


class CsvFolder:
    """The CSV files of a folder; the tab's name is the file's."""

    zone = ""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self._bytes: dict[Path, bytes] = {}
        self._texts: dict[str, CsvText] = {}

    def read(self) -> tuple[Grid, ...]:
        """All files as Grids, by name. Raises WorkbookUnreadable."""
        self._bytes = self._load()
        if not self._bytes:
            raise WorkbookUnreadable(f"{self.path} holds no CSV file.", "Give a folder with one .csv file per tab.")
        # One program wrote them all: a few names in a small file tell less than all files together.
        before_unicode = b"\n".join(data for data in self._bytes.values() if is_old(data))
        old = old_encoding(before_unicode) if before_unicode else ""
        self._texts = {path.stem: read_csv(data, path.name, old) for path, data in self._bytes.items()}
        if len(self._texts) < len(self._bytes):
            both = ", ".join(path.name for path in self._bytes)
            raise WorkbookUnreadable(f"Two files of {self.path} are the same tab: {both}.", "Rename one of them.")
        return tuple(Grid(tab, text.rows()) for tab, text in self._texts.items())

    def _load(self) -> dict[Path, bytes]:
        try:
            paths = sorted(path for path in self.path.iterdir() if path.suffix.lower() == ".csv" and path.is_file())
            # macOS lays a `._Leads.csv` beside a Leads.csv on a stick.
            return {path: path.read_bytes() for path in paths if not path.name.startswith(".")}
        except OSError as error:
            raise WorkbookUnreadable(
                f"{self.path} cannot be read: {error.strerror}.", "Check the folder's rights."
            ) from error

    def fingerprint(self) -> str:
        """A digest of all files as last read."""
        digest = blake2b(digest_size=16)
        for path, data in self._bytes.items():
            digest.update(path.name.encode() + b"\0" + len(data).to_bytes(8, "big") + data)
        return digest.hexdigest()

    def who_has_it_open(self) -> str | None:
        """The name in LibreOffice's lock file beside one of the files; other programs leave none."""
        return next((user for path in self._paths() if (user := xlsx.who_has_it_open(path))), None)

    def check_writable(self) -> None:
        """Nothing; WorkbookBusy or EditRefused where one of the files is open elsewhere or read-only."""
        for path in self._paths():
            xlsx.check_not_open(path)

    def _paths(self) -> list[Path]:
        return list(self._bytes or self._load())

    def spent(self) -> str:
        """Nothing: files ask no service."""
        return ""

    def as_read(self, tab: str, value: Raw) -> Raw:
        """What a field reads as once the value stands in it: everything is text."""
        text = self._text(tab)
        return None if value is None else text.shown(value) or None

    def write(
        self, cells: Sequence[CellWrite], rows: Sequence[RowWrite], backup: Path, tabs: Sequence[TabWrite] = ()
    ) -> tuple[Refusal, ...]:
        """Writes each touched file whole, after a copy of the folder's CSV files into `backup`.

        A whole tab is a file with its values; one of that name is replaced where it has the same first line.
        """
        texts = {tab: self._text(tab) for tab in [*(one.tab for one in cells), *(one.tab for one in rows)]}
        self.check_writable()
        if self._load() != self._bytes:
            raise WorkbookBusy(f"{self.path} changed since it was read.", "Run again.")
        refused = tuple(Refusal(one.tab, one.row, one.column, why) for one in cells if (why := _obstacle(one, texts)))
        places = {(one.tab, one.row, one.column) for one in refused}
        written = [one for one in cells if (one.tab, one.row, one.column) not in places]
        new = {tab: _bytes_of(text, tab, written, rows) for tab, text in texts.items()}
        backup.mkdir(parents=True, exist_ok=True)
        for path in self._bytes:
            shutil.copy2(path, backup / path.name)
        for path, data in self._bytes.items():
            if new.get(path.stem, data) != data:
                replace_file(path, new[path.stem])
        return (*refused, *(refusal for one in tabs if (refusal := self._put(one)) is not None))

    def _put(self, one: TabWrite) -> Refusal | None:
        """The refusal of a whole tab; None where its file is written, or gone as it should."""
        path = self.path / f"{one.tab}.csv"
        head = show_raw(next(iter(_line(one.content, 0)), None)) if one.content is not None else None
        there = self._texts.get(one.tab)
        if one.tab != path.stem or path.name.startswith(".") or len(Path(one.tab).parts) != 1:
            return Refusal(one.tab, -1, -1, f"no file can be called {path.name}")
        # A text file bears no mark: one that begins with another word is a person's.
        if there is not None and head is not None and show_raw(next(iter(next(iter(there.rows()), [])), None)) != head:
            return Refusal(one.tab, -1, -1, f"the file {path.name} was not made by sheetcrm")
        if one.content is None:
            path.unlink(missing_ok=True)
            return None
        like = next(iter(self._texts.values()), CsvText("", b"", "utf-8", ",", "\n", []))
        lines = (map(like.written, _line(one.content, i)) for i in range(len(one.content.rows)))
        replace_file(path, "".join(like.delimiter.join(line) + like.line_end for line in lines).encode())
        return None

    def _text(self, tab: str) -> CsvText:
        if tab not in self._texts:
            raise NotFound(f"{self.path} has no file {tab}.csv.", f"It has: {', '.join(self._texts) or 'none'}.")
        return self._texts[tab]


def _line(content: TabContent, row: int) -> list[Raw]:
    cells = content.rows[row] if row < len(content.rows) else ()
    return [one.value if isinstance(one, Styled) else one for one in cells]


def _obstacle(one: CellWrite, texts: Mapping[str, CsvText]) -> str:
    text = texts[one.tab]
    if not 0 <= one.row < len(text.spans):
        return "the file has no such line"
    return "" if text.can_hold(one.value) else f"the file's encoding lacks a letter of it ({text.encoding})"


def _bytes_of(text: CsvText, tab: str, cells: Sequence[CellWrite], rows: Sequence[RowWrite]) -> bytes:
    values: dict[int, dict[int, Raw]] = {}
    for one in cells:
        if one.tab == tab:
            values.setdefault(one.row, {})[one.column] = one.value
    splices = [splice for row in sorted(values) for splice in _in_record(text, text.spans[row], values[row])]
    new = [one.values for one in rows if one.tab == tab]
    if new:
        splices.append(_below(text, new, after=max(values, default=-1)))
    try:
        return text.mark + _spliced(text.text, splices).encode(text.encoding)
    except UnicodeEncodeError as error:
        what = f"{tab}.csv is written in {text.encoding}, which lacks a letter of a new row."
        raise EditRefused(what, "Save the file as CSV UTF-8.") from error


def _in_record(text: CsvText, record: list[tuple[int, int]], values: Mapping[int, Raw]) -> Iterator[Splice]:
    last = len(record) - 1
    for column, value in sorted(values.items()):
        if column < len(record):
            start, end = record[column]
            yield start, end, text.written(value, text.text[start:end])
        else:
            end = record[-1][1]
            yield end, end, text.delimiter * (column - last) + text.written(value)
            last = column


def _below(text: CsvText, rows: Sequence[Mapping[int, Raw]], after: int) -> Splice:
    """The new rows below the last line that holds something; the lines then end as they did before."""
    lines = [
        text.delimiter.join(text.written(row.get(j)) for j in range(max(text.width, *(column + 1 for column in row))))
        for row in rows
    ]
    filled = (i for i in reversed(range(len(text.spans))) if i <= after or any(one < two for one, two in text.spans[i]))
    last = next(filled, None)
    if last is None:
        return 0, 0, "".join(line + text.line_end for line in lines)
    end = text.spans[last][-1][1]
    return end, end, "".join(text.line_end + line for line in lines)


def _spliced(text: str, splices: Sequence[Splice]) -> str:
    parts, at = [], 0
    for start, end, new in splices:
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


def replace_file(path: Path, data: bytes) -> None:
    """Writes a file whole: the old one or the new one is there, never half of it. Raises WorkbookBusy."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                shutil.copymode(path, name)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except PermissionError as error:
        raise WorkbookBusy(f"{path} cannot be written: {error.strerror}.", "Close it, or check its rights.") from error
