"""A workbook put on the Sheets server that comes with sheetcrm, to try Google Sheets without Google."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from sheetcrm.connectors.google.access import TOKEN_VARIABLE
from sheetcrm.connectors.google.client import URL_VARIABLE
from sheetcrm.connectors.google.reading import serial_of
from sheetcrm.connectors.google.targets import NUMBER_FORMATS, kind_of_value
from sheetcrm.connectors.google.writing import extended
from sheetcrm.table import CellError, Grid, Raw
from sheetcrm.testing.sheets_server import SheetsServer

Json = dict[str, Any]
TOKEN = "demo"  # noqa: S105 -- the test server takes any
SPARE_ROWS = 100


@contextmanager
def on_server(grids: Sequence[Grid], title: str, folder: Path, *, zone: str = "Etc/GMT") -> Iterator[str]:
    """The key of a sheet with these tabs, on a server to which this process is pointed meanwhile."""
    with SheetsServer(folder=folder) as server:
        key = server.store.create(spreadsheet_of(grids, title, zone)).id
        before = {name: os.environ.get(name) for name in (URL_VARIABLE, TOKEN_VARIABLE)}
        os.environ.update({URL_VARIABLE: server.url, TOKEN_VARIABLE: TOKEN})
        try:
            yield key
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def spreadsheet_of(grids: Sequence[Grid], title: str, zone: str) -> Json:
    """The Spreadsheet resource of tabs as read; a formula's result stands there as a formula that gives it."""
    return {
        "properties": {"title": title, "timeZone": zone, "locale": "en_GB"},
        "sheets": [_sheet(i, grid) for i, grid in enumerate(grids)],
    }


def _sheet(number: int, grid: Grid) -> Json:
    width = max((grid.left + len(row) for row in grid.rows), default=0)
    size = {"rowCount": grid.top + len(grid.rows) + SPARE_ROWS, "columnCount": max(width, 1)}
    properties = {"sheetId": number, "title": grid.tab, "hidden": grid.is_hidden, "gridProperties": size}
    data = {"startRow": grid.top, "startColumn": grid.left, "rowData": [*_rows(grid)]}
    tables = [
        {
            "tableId": f"{number}{i}",
            "name": table.name,
            "range": {
                "sheetId": number,
                "startRowIndex": table.top,
                "endRowIndex": table.bottom + 1,
                "startColumnIndex": table.left,
                "endColumnIndex": table.right + 1,
            },
        }
        for i, table in enumerate(grid.tables)
    ]
    return {"properties": properties, "data": [data], "tables": tables}


def _rows(grid: Grid) -> Iterable[Json]:
    for i, row in enumerate(grid.rows, grid.top):
        yield {"values": [_cell(raw, (i, j) in grid.formulas) for j, raw in enumerate(row, grid.left)]}


def _cell(raw: Raw, is_formula: bool) -> Json:
    if raw is None and not is_formula:
        return {}
    entered = {"formulaValue": _constant(raw)} if is_formula else extended(raw)
    number_format = NUMBER_FORMATS.get(kind_of_value(raw))
    return {"userEnteredValue": entered} | (
        {"userEnteredFormat": {"numberFormat": dict(number_format)}} if number_format else {}
    )


def _constant(raw: Raw) -> str:
    """A formula that gives a value."""
    if isinstance(raw, bool):
        return f"={str(raw).upper()}"
    if isinstance(raw, int | float):
        return f"={raw!r}"
    if isinstance(raw, date | time | timedelta):
        return f"={serial_of(raw)!r}"
    text = raw.code if isinstance(raw, CellError) else str(raw or "")
    return '="' + text.replace('"', '""') + '"'
