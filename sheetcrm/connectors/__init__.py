"""Connectors: one way to read and write an Excel workbook or a folder of CSV files."""

from __future__ import annotations

from pathlib import Path

from sheetcrm.connectors.protocol import CellWrite, Refusal, RowWrite, TabWrite, Workbook
from sheetcrm.errors import WorkbookUnreadable

__all__ = ["CellWrite", "Refusal", "RowWrite", "TabWrite", "Workbook", "open_workbook"]


def open_workbook(path: Path) -> Workbook:
    """The workbook at a path: a folder of CSV files, or an Excel file. Nothing is read yet."""
    if path.is_dir():
        from sheetcrm.connectors.csv_folder import CsvFolder

        return CsvFolder(path)
    if path.suffix.lower() == ".csv":
        remedy = f"Give its folder instead: {path.parent}"
        raise WorkbookUnreadable(f"{path} is one CSV file; a workbook is a folder with one CSV file per tab.", remedy)
    from sheetcrm.connectors.excel import ExcelWorkbook

    return ExcelWorkbook(path)
