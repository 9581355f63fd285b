"""An Issue at a cell of a table, with the words that every check shares."""

from __future__ import annotations

from sheetcrm.table import Issue, Table, show_raw


def issue_at(table: Table, i: int, field: str, code: str, message: str, remedy: str, severity: str = "error") -> Issue:
    """An Issue at one cell of a table."""
    column = table.columns.get(field)
    cell = table.cell(i, field) if column else f"row {table.numbers[i] + 1}"
    raw = show_raw(table.raws[field][i]) if column else ""
    header = column.header if column else field
    return Issue(code, table.tab, cell, raw, f"{header}: {message}", remedy, severity, table.key(i), field)
