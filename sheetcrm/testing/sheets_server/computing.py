"""The values of a spreadsheet's cells, its formulas computed; kept for as long as the spreadsheet stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from sheetcrm.testing.sheets_server.formulas import Block, block_of
from sheetcrm.testing.sheets_server.model import ErrorValue, Formula, Sheet, Spreadsheet, Value
from sheetcrm.testing.sheets_server.places import Area, quoted
from sheetcrm.testing.sheets_server.references import Corner, Reference

_BUSY = object()
_SPILLED, _MOMENT = "spilled", "moment"
_VOLATILE = re.compile(r"\b(TODAY|NOW)\(", re.IGNORECASE)
_CIRCLE = ErrorValue("REF", "Circular dependency detected. To resolve with iterative calculation, see File > Settings.")
_MOST_ROUNDS = 20
"""How often all is computed anew until what formulas spill, and others read, stays as it is."""

Spilled = Mapping[tuple[int, int, int], Value]
"""Values by sheet, row and column."""


class Values:
    """The computed values of one state of a spreadsheet."""

    def __init__(self, book: Spreadsheet, now: datetime) -> None:
        self._book = book
        self._now = now
        if book.memo.get(_MOMENT, now) != now:
            book.memo.clear()

    def at(self, sheet: Sheet, row: int, column: int) -> Value:
        """The value of a cell."""
        value = sheet.cell(row, column).value
        if value is not None and not isinstance(value, Formula):
            return value
        # First of all, for whoever computes one formula while all are computed finds them waiting for it.
        spilled = self.spilled
        return spilled.get((sheet.id, row, column)) if value is None else self._result(sheet, row, column, value)[0][0]

    def block(self, sheet: Sheet, area: Area) -> Block:
        """The values of an area, row by row."""
        memo, key = self._book.memo, (sheet.id, area)
        if key not in memo:
            columns = range(area.left, area.right)
            found = [[self.at(sheet, row, column) for column in columns] for row in range(area.top, area.bottom)]
            if any(value is _CIRCLE for row in found for value in row):
                # For whoever waits for none of these cells they are something else.
                return found
            memo[key] = found
        block: Block = memo[key]
        return block

    def spilled_in(self, sheet: Sheet, area: Area) -> list[tuple[int, int]]:
        """The rows and columns in an area at which only what a formula spilled is seen."""
        return [(row, column) for tab, row, column in self.spilled if tab == sheet.id and area.has(row, column)]

    @property
    def spilled(self) -> Spilled:
        """What formulas put into other cells than their own."""
        memo = self._book.memo
        if _SPILLED not in memo:
            memo[_SPILLED] = {}
            for _ in range(_MOST_ROUNDS):
                found = dict(self._spilling())
                if found == memo[_SPILLED]:
                    break
                memo.clear()
                memo[_SPILLED] = found
        spilled: Spilled = memo[_SPILLED]
        return spilled

    def _spilling(self) -> Iterator[tuple[tuple[int, int, int], Value]]:
        for sheet in self._book.sheets:
            for row, column, formula in sheet.formulas:
                for i, line in enumerate(self._result(sheet, row, column, formula)):
                    for j, value in enumerate(line):
                        if (i or j) and value is not None:
                            yield (sheet.id, row + i, column + j), value

    def _result(self, sheet: Sheet, row: int, column: int, formula: Formula) -> Block:
        """What a formula gives, its own cell's value first."""
        key = (sheet.id, row, column)
        memo = self._book.memo
        known = memo.get(key)
        if known is _BUSY:
            return [[_CIRCLE]]
        if known is None:
            memo[key] = _BUSY
            try:
                known = block_of(formula.text, _Look(self, self._book, sheet, row, column, self._now))
            except RecursionError:
                known = [[ErrorValue("ERROR", "Too many formulas wait for each other.")]]
            finally:
                memo.pop(key, None)
            if _VOLATILE.search(formula.text):
                memo[_MOMENT] = self._now
            memo[key] = known = _spread(known, sheet, row, column)
        result: Block = known
        return result


def _spread(block: Block, sheet: Sheet, row: int, column: int) -> Block:
    """The block, if its cells are free; else the error that Google gives."""
    for i, line in enumerate(block):
        for j in range(len(line)):
            if row + i >= sheet.row_count or column + j >= sheet.column_count:
                return [[ErrorValue("REF", "Result was not automatically expanded, please insert more rows.")]]
            if (i or j) and sheet.cell(row + i, column + j).value is not None:
                where = str(Corner(row + i, column + j))
                what = f"Array result was not expanded because it would overwrite data in {where}."
                return [[ErrorValue("REF", what)]]
    return block


class _Look:
    """What the formula of one cell sees."""

    def __init__(self, values: Values, book: Spreadsheet, sheet: Sheet, row: int, column: int, now: datetime) -> None:
        self._values = values
        self._book = book
        self._sheet = sheet
        self.row = row
        self.column = column
        self.now = now
        self.locale = book.locale

    def _sheet_of(self, reference: Reference) -> Sheet | None:
        return self._book.titled(reference.sheet) if reference.sheet else self._sheet

    def area(self, reference: Reference) -> Area | None:
        """The cells of a reference."""
        sheet = self._sheet_of(reference)
        if sheet is None:
            return None
        area = sheet.clipped(reference.grid_range)
        return area if area.height > 0 and area.width > 0 else None

    def block(self, reference: Reference) -> Block:
        """The values of a reference."""
        sheet, area = self._sheet_of(reference), self.area(reference)
        return [[None]] if sheet is None or area is None else self._values.block(sheet, area)

    def named(self, name: str) -> Reference | None:
        """The cells of a named range."""
        for one in self._book.named_ranges:
            if one["name"].casefold() == name.casefold():
                sheet = self._book.sheet(one["range"].get("sheetId"))
                area = sheet.clipped(one["range"])
                ends = Corner(area.top, area.left), Corner(area.bottom - 1, area.right - 1)
                return Reference(quoted(sheet.title), *ends, is_range=True)
        return None
