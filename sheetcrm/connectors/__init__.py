"""Connectors: one way to read and write an Excel workbook, a folder of CSV files, or a Google Sheet."""

from __future__ import annotations

from pathlib import Path

from sheetcrm.connectors.google.address import key_in
from sheetcrm.connectors.protocol import CellWrite, Refusal, RowWrite, TabWrite, Workbook
from sheetcrm.errors import WorkbookUnreadable

__all__ = ["CellWrite", "Refusal", "RowWrite", "TabWrite", "Workbook", "open_workbook"]


def open_workbook(place: Path | str, records: Path | None = None) -> Workbook:
    """The workbook at a place: a folder of CSV files, an Excel file, or the Google Sheet of an address or key.

    Nothing is read yet. `records` is a folder for what a connector must not forget while it writes.
    """
    if isinstance(place, str) and (key := key_in(place)):
        from sheetcrm.connectors.google.workbook import GoogleWorkbook

        return GoogleWorkbook(key, records)
    path = Path(place)
    if path.is_dir():
        from sheetcrm.connectors.csv_folder import CsvFolder

        return CsvFolder(path)
    if path.suffix.lower() == ".csv":
        remedy = f"Give its folder instead: {path.parent}"
        raise WorkbookUnreadable(f"{path} is one CSV file; a workbook is a folder with one CSV file per tab.", remedy)
    from sheetcrm.connectors.excel import ExcelWorkbook

    return ExcelWorkbook(path)
