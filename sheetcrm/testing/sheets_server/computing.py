"""The values of a spreadsheet's cells, its formulas computed; kept for as long as the spreadsheet stays as it is."""

from __future__ import annotations

from datetime import datetime

from sheetcrm.testing.sheets_server.formulas import Failure, value_of
from sheetcrm.testing.sheets_server.model import ErrorValue, Formula, Sheet, Spreadsheet, Value
from sheetcrm.testing.sheets_server.places import Area
from sheetcrm.testing.sheets_server.references import Reference

_BUSY = object()
_CIRCULAR = "Circular dependency detected. To resolve with iterative calculation, see File > Settings."


class Values:
    """The computed values of one state of a spreadsheet."""

    def __init__(self, book: Spreadsheet, now: datetime) -> None:
        self._book = book
        self._now = now

    def at(self, sheet: Sheet, row: int, column: int) -> Value:
        """The value of a cell."""
        value = sheet.cell(row, column).value
        if not isinstance(value, Formula):
            return value
        key = (sheet.id, row, column)
        memo = self._book.memo
        known = memo.get(key)
        if known is _BUSY:
            return ErrorValue("REF", _CIRCULAR)
        if known is None:
            memo[key] = _BUSY
            try:
                known = (value_of(value.text, _Look(self, self._book, sheet, self._now)),)
            finally:
                memo.pop(key, None)
            memo[key] = known
        result: Value = known[0]
        return result

    def block(self, sheet: Sheet, area: Area) -> list[list[Value]]:
        """The values of an area, row by row."""
        columns = range(area.left, area.right)
        return [[self.at(sheet, row, column) for column in columns] for row in range(area.top, area.bottom)]


class _Look:
    """What a formula of one sheet sees."""

    def __init__(self, values: Values, book: Spreadsheet, sheet: Sheet, now: datetime) -> None:
        self._values = values
        self._book = book
        self._sheet = sheet
        self.now = now

    def block(self, reference: Reference) -> list[list[Value]]:
        """The values of a reference."""
        sheet = self._book.titled(reference.sheet) if reference.sheet else self._sheet
        if sheet is None:
            raise Failure("REF", "Unresolved sheet name '" + reference.sheet + "'.")
        first, last = reference.first, reference.last
        area = sheet.clipped(
            {
                "startRowIndex": min(first.row or 0, last.row or 0),
                "startColumnIndex": min(first.column or 0, last.column or 0),
                "endRowIndex": None if last.row is None else max(first.row or 0, last.row) + 1,
                "endColumnIndex": None if last.column is None else max(first.column or 0, last.column) + 1,
            }
        )
        if area.height <= 0 or area.width <= 0:
            return [[None]]
        if reference.is_range:
            # Whole columns are long and mostly empty.
            extent = sheet.extent(area)
            area = Area(area.top, area.left, max(extent.bottom, area.top + 1), area.right)
        return self._values.block(sheet, area)

    def named(self, name: str) -> list[list[Value]] | None:
        """The values of a named range."""
        for one in self._book.named_ranges:
            if one["name"].casefold() == name.casefold():
                sheet = self._book.sheet(one["range"].get("sheetId"))
                return self._values.block(sheet, sheet.clipped(one["range"]))
        return None
