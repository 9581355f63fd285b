"""A folder of CSV files as a workbook, one file per tab: only touched fields change, all else stays as written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from sheetcrm.connectors.csv_text import CsvText, read_csv
from sheetcrm.connectors.protocol import CellWrite, Refusal, RowWrite
from sheetcrm.errors import WorkbookBusy, WorkbookUnreadable
from sheetcrm.table import Grid, Raw


class CsvFolder:
    """The CSV files of a folder; the tab's name is the file's."""

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
        self._texts = {path.stem: read_csv(data, path.name) for path, data in self._bytes.items()}
        return tuple(Grid(tab, text.rows()) for tab, text in self._texts.items())

    def _load(self) -> dict[Path, bytes]:
        try:
            paths = sorted(path for path in self.path.iterdir() if path.suffix.lower() == ".csv" and path.is_file())
            return {path: path.read_bytes() for path in paths}
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
        """None: nobody can tell who has a CSV file open."""
        return None

    def write(self, cells: Sequence[CellWrite], rows: Sequence[RowWrite], backup: Path) -> tuple[Refusal, ...]:
        """Writes each touched file whole, after a copy of the folder's CSV files into `backup`."""
        if self._load() != self._bytes:
            raise WorkbookBusy(f"{self.path} changed since it was read.", "Run again.")
        refused = [one for one in cells if not self._texts[one.tab].can_hold(one.value)]
        written = [one for one in cells if one not in refused]
        new = {
            tab: self._edited(tab, written, rows) for tab in {one.tab for one in written} | {one.tab for one in rows}
        }
        backup.mkdir(parents=True, exist_ok=True)
        for path in self._bytes:
            shutil.copy2(path, backup / path.name)
        for path in self._bytes:
            if path.stem in new:
                csv = self._texts[path.stem]
                replace_file(path, csv.mark + new[path.stem].encode(csv.encoding, "replace"))
        why = "the file's encoding lacks a letter of it"
        return tuple(
            Refusal(one.tab, one.row, one.column, f"{why} ({self._texts[one.tab].encoding})") for one in refused
        )

    def _edited(self, tab: str, cells: Sequence[CellWrite], rows: Sequence[RowWrite]) -> str:
        csv = self._texts[tab]
        values: dict[int, dict[int, Raw]] = {}
        for one in cells:
            if one.tab == tab:
                values.setdefault(one.row, {})[one.column] = one.value
        parts, at = [], 0
        for row, by_column in sorted(values.items()):
            record = csv.spans[row]
            end_of_row = record[-1][1]
            for n, (column, value) in enumerate(sorted(by_column.items())):
                is_inside = column < len(record)
                start, end = record[column] if is_inside else (end_of_row, end_of_row)
                last = max([len(record) - 1, *(one for one in sorted(by_column)[:n])])
                padding = "" if is_inside else csv.delimiter * (column - last)
                parts += [csv.text[at:start], padding, csv.show(value)]
                at = end
        parts.append(csv.text[at:])
        added = [self._appended(csv, one.values) for one in rows if one.tab == tab]
        if added and csv.text and not csv.text.endswith(("\n", "\r")):
            parts.append(csv.line_end)
        return "".join(parts + added)

    @staticmethod
    def _appended(csv: CsvText, values: Mapping[int, Raw]) -> str:
        width = max((len(record) for record in csv.spans), default=0)
        line = csv.delimiter.join(csv.show(values.get(j)) for j in range(max(width, *values) + 1 if values else width))
        return line + csv.line_end


def replace_file(path: Path, data: bytes) -> None:
    """Writes a file whole: the old one or the new one is there, never half of it. Raises WorkbookBusy."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            shutil.copymode(path, name)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except PermissionError as error:
        raise WorkbookBusy(f"{path} cannot be written: {error.strerror}.", "Close it, or check its rights.") from error
