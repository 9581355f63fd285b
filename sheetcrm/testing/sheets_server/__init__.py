"""A Google Sheets API v4 server over real HTTP, for tests of code that talks to Google Sheets.

    with SheetsServer() as server:
        book = server.create("Customers", {"Leads": [["Lead ID", "Company"], ["L-1", "Acme"]]})
        ...  # point the client at server.url
        server.control.fail("spreadsheets.batchUpdate", 503, when="after")

From the command line: `python -m sheetcrm.testing.sheets_server --port 8765`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any, Self

from sheetcrm.testing.sheets_server.clock import Clock, FixedClock
from sheetcrm.testing.sheets_server.control import Call, Control
from sheetcrm.testing.sheets_server.drive import Drive
from sheetcrm.testing.sheets_server.http import Desk, Server
from sheetcrm.testing.sheets_server.model import Json
from sheetcrm.testing.sheets_server.service import Service
from sheetcrm.testing.sheets_server.store import Store
from sheetcrm.testing.sheets_server.values import value_range
from sheetcrm.testing.sheets_server.values_writing import update

__all__ = ["Call", "Control", "FixedClock", "SheetsServer"]


class SheetsServer:
    """The server in a thread of its own, from `start` (or `with`) on.

    The clock stands still unless another is given; with `folder` spreadsheets are kept as files; `quota` is the number
    of reads, and of writes, per minute and user. The same `seed` gives the same ids, None other ones each time.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        clock: Clock | None = None,
        folder: Path | None = None,
        quota: int | None = None,
        seed: int | None = 0,
    ) -> None:
        self.clock = clock or FixedClock()
        self.store = Store(self.clock, Random(seed), folder)  # noqa: S311 -- ids of a test server
        self.control = Control(self.store, self.clock, quota)
        desk = Desk(Service(self.store, self.control), Drive(self.store), self.control)
        self._server = Server((host, port), desk)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """The base of all paths."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> Self:
        """The server, listening."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends it."""
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def serve(self) -> None:
        """Listens in this thread until it is interrupted."""
        try:
            self._server.serve_forever()
        finally:
            self._server.stopping.set()
            self._server.server_close()

    def create(
        self,
        title: str,
        tabs: Mapping[str, Sequence[Sequence[Any]]] | None = None,
        *,
        locale: str = "en_US",
        zone: str = "Etc/GMT",
        id_: str = "",
    ) -> str:
        """The id of a new spreadsheet with these tabs; values as a call with RAW would write them."""
        tabs = tabs if tabs is not None else {"Sheet1": []}
        sheets = [{"properties": {"sheetId": i, "title": name}} for i, name in enumerate(tabs)]
        properties = {"title": title, "locale": locale, "timeZone": zone}
        book = self.store.create({"properties": properties, "sheets": sheets}, id_)
        with self.store.change(book.id) as work:
            for sheet, (name, rows) in zip(work.book.sheets, tabs.items(), strict=True):
                lines = [list(row) for row in rows]
                width = max(map(len, lines), default=0)
                sheet.rows.extend([None] * (len(lines) - sheet.row_count))
                sheet.columns.extend({} for _ in range(width - sheet.column_count))
                if lines:
                    quoted = "'" + name.replace("'", "''") + "'"
                    update(work, f"{quoted}!A1", {"values": lines}, {"valueInputOption": "RAW"})
        return book.id

    def cells(self, spreadsheet: str, tab: str, render: str = "UNFORMATTED_VALUE") -> list[list[Any]]:
        """The values of a tab as they stand now."""
        work = self.store.work_on(self.store.book(spreadsheet))
        sheet = work.book.titled(tab)
        if sheet is None:
            raise KeyError(tab)
        found = value_range(work.reader(), sheet, sheet.whole, {"valueRenderOption": render})
        values: list[list[Any]] = found.get("values", [])
        return values

    def resource(self, spreadsheet: str) -> Json:
        """The Spreadsheet with all its cells as it stands now."""
        work = self.store.work_on(self.store.book(spreadsheet))
        return work.reader().resource(None, has_data=True, mask={})

    @property
    def log(self) -> list[Call]:
        """The calls so far."""
        return self.control.log
