"""An Excel workbook as the system of record: read and edited losslessly by `sheetcrm.xlsx`."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from sheetcrm import xlsx
from sheetcrm.connectors.protocol import CellWrite, Refusal, RowWrite, TabWrite
from sheetcrm.errors import EditRefused
from sheetcrm.table import Grid, Raw


class ExcelWorkbook:
    """An .xlsx or .xlsm file."""

    zone = ""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self._book: xlsx.Book | None = None

    def read(self) -> tuple[Grid, ...]:
        """All worksheets as Grids, in order; the same ones while the file's bytes are. Raises WorkbookUnreadable."""
        if self._book is None or xlsx.fingerprint(self.path) != self._book.fingerprint:
            self._book = xlsx.open_book(self.path)
        return tuple(self._book.grid(tab) for tab in self._book.tabs)

    def _opened(self) -> xlsx.Book:
        if self._book is None:
            self._book = xlsx.open_book(self.path)
        return self._book

    def fingerprint(self) -> str:
        """A digest of the bytes last read."""
        return self._opened().fingerprint

    def who_has_it_open(self) -> str | None:
        """The name that Excel's owner file gives, None where nobody has it open."""
        return xlsx.who_has_it_open(self.path)

    def check_writable(self) -> None:
        """Nothing; WorkbookBusy or EditRefused where it is open in Excel, read-only, signed, or shared the old way."""
        self._opened().check_writable()

    def spent(self) -> str:
        """Nothing: a file asks no service."""
        return ""

    def as_read(self, tab: str, value: Raw) -> Raw:  # noqa: ARG002 -- the face is the protocol's
        """The value itself; empty text is blank."""
        return None if value == "" else value

    def write(
        self, cells: Sequence[CellWrite], rows: Sequence[RowWrite], backup: Path, tabs: Sequence[TabWrite] = ()
    ) -> tuple[Refusal, ...]:
        """Writes all cells that the workbook can take unharmed in one save, after a copy into `backup`."""
        book = self._opened()
        book.check_writable()
        # A book whose save failed keeps its queue: the next read starts from the file again.
        self._book = None
        refused = []
        for tab in dict.fromkeys(one.tab for one in cells):
            book.grid(tab)  # only a tab that was read refuses a cell at once, and alone
        for one in cells:
            try:
                book.set(one.tab, (one.row, one.column), one.value)
            except EditRefused as refusal:
                refused.append(Refusal(one.tab, one.row, one.column, refusal.what))
        for tab in dict.fromkeys(one.tab for one in rows):
            book.append(tab, [one.values for one in rows if one.tab == tab])
        refused += [why for one in tabs if (why := _put(book, one)) is not None]
        backup.parent.mkdir(parents=True, exist_ok=True)
        part = backup.with_name(f"{backup.name}.part")
        shutil.copy2(self.path, part)
        part.replace(backup)
        book.save()
        self._book = book
        return tuple(refused)


def _put(book: xlsx.Book, one: TabWrite) -> Refusal | None:
    """The refusal of a whole tab; None where it is queued, or already gone as it should."""
    try:
        if one.content is not None:
            book.put_tab(one.tab, one.content)
        elif one.tab in book.tabs:
            book.remove_tab(one.tab)
    except EditRefused as refusal:
        return Refusal(one.tab, -1, -1, refusal.what)
    return None
