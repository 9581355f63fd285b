"""A small sheet of leads on the test server, and people who do things to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sheetcrm.connectors import CellWrite, RowWrite
from sheetcrm.connectors.google.workbook import GoogleWorkbook
from sheetcrm.testing.sheets_server import SheetsServer

HEADERS = ["Lead ID", "Company", "Owner", "Notes"]
LEADS = [[f"L-{i}", f"Firm {i}", "Ann" if i % 2 else None, f"hall {i}"] for i in range(1, 9)]
OWNER = 2
READ, BATCH = "spreadsheets.get", "spreadsheets.batchUpdate"

Json = dict[str, Any]


def text(value: str) -> Json:
    return {"values": [{"userEnteredValue": {"stringValue": value} if value else {}}]}


@dataclass
class Scene:
    """A sheet with eight leads: every second one without owner."""

    server: SheetsServer
    folder: Path
    key: str = ""
    headers: list[str] = field(default_factory=lambda: list(HEADERS))

    def __post_init__(self) -> None:
        self.key = self.server.create("CRM", {"Leads": [self.headers, *LEADS], "Team": [["Name"], ["Ann"]]})

    def open(self) -> GoogleWorkbook:
        """The workbook as a run of its own opens it."""
        return GoogleWorkbook(self.key, self.folder / "records")

    def write(self, book: GoogleWorkbook, owners: dict[int, str], rows: tuple[RowWrite, ...] = ()):
        """Gives leads an owner, by their place when the sheet was read."""
        cells = [CellWrite("Leads", row, OWNER, owner, 0, 0) for row, owner in owners.items()]
        return book.write(cells, rows, self.folder / "backups" / "0001-CRM")

    def rows(self) -> list[list[Any]]:
        """The rows of Leads below the header."""
        return self.server.cells(self.key, "Leads", "FORMULA")[1:]

    def owners(self) -> dict[str, str]:
        """Each lead's owner, by the company, wherever the columns stand."""
        rows = self.server.cells(self.key, "Leads")
        headers = rows.pop(next(i for i, row in enumerate(rows) if "Company" in row))
        company, owner = headers.index("Company"), headers.index("Owner")
        return {row[company]: row[owner] if len(row) > owner else "" for row in rows if len(row) > company}

    def tabs(self) -> list[str]:
        return [one["properties"]["title"] for one in self.server.resource(self.key)["sheets"]]

    def calls(self) -> list[str]:
        return [one.name for one in self.server.log]

    # -- people --------------------------------------------------------------------------------------------------------

    def edit(self, *requests: Json) -> None:
        self.server.control.edit(self.key, list(requests))

    def type_in(self, row: int, column: int, value: str) -> None:
        start = {"sheetId": 0, "rowIndex": row, "columnIndex": column}
        self.edit({"updateCells": {"start": start, "rows": [text(value)], "fields": "userEnteredValue"}})

    def sort(self, by: str = "Lead ID", order: str = "DESCENDING") -> None:
        rows = self.server.cells(self.key, "Leads")
        top = next(i for i, row in enumerate(rows) if "Company" in row)
        area = {"sheetId": 0, "startRowIndex": top + 1, "startColumnIndex": 0, "endColumnIndex": 20}
        spec = {"dimensionIndex": rows[top].index(by), "sortOrder": order}
        self.edit({"sortRange": {"range": area, "sortSpecs": [spec]}})

    def insert(self, dimension: str, at: int) -> None:
        span = {"sheetId": 0, "dimension": dimension, "startIndex": at, "endIndex": at + 1}
        self.edit({"insertDimension": {"range": span}})

    def delete(self, dimension: str, at: int) -> None:
        span = {"sheetId": 0, "dimension": dimension, "startIndex": at, "endIndex": at + 1}
        self.edit({"deleteDimension": {"range": span}})

    def move(self, dimension: str, start: int, to: int) -> None:
        span = {"sheetId": 0, "dimension": dimension, "startIndex": start, "endIndex": start + 1}
        self.edit({"moveDimension": {"source": span, "destinationIndex": to}})

    def at(self, nth: int, act: Any, call: str = BATCH, when: str = "before") -> None:
        """Lets people act right before (or after) the nth call of a kind."""
        self.server.control.visit(call, act, when=when, nth=nth)
