"""Where rows are appended: the columns that belong together, their last row of data, the totals row below it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sheetcrm.errors import EditRefused
from sheetcrm.tab import Rectangle
from sheetcrm.table import Grid, TableRange, cell_name
from sheetcrm.xlsx.outline import SheetTable
from sheetcrm.xlsx.references import Reference, parts_of
from sheetcrm.xlsx.sheet import SheetText

IN_EXCEL = "Append the rows in Excel."
_GAP = 3


@dataclass(frozen=True, slots=True)
class Region:
    """The columns that rows are appended to, and their last row of data (-1: none)."""

    left: int
    right: int
    first: int
    last: int
    table: SheetTable | None
    """The Excel table that they are in and that grows with them."""
    totals: int | None = None
    """The row below the data that sums it up, and stays below it."""

    @property
    def is_header_last(self) -> bool:
        """Whether the last filled row is the header, so that it is no model for the new rows."""
        if self.table is not None and self.table.header_rows:
            return self.last == self.table.range.top
        return self.last <= self.first

    def bottom(self, count: int) -> int:
        """The last row of data once so many rows are appended."""
        return self.last + count

    def moved_by(self, count: int) -> int:
        """How many rows the totals row goes down to make room for so many new rows; blank rows are used first."""
        if self.totals is None:
            return 0
        # Without a table the rows between data and totals are a gap that a person left, and stay one.
        free = self.totals - 1 - self.last if self.table is not None else 0
        return max(count - free, 0)


def region_of(grid: Grid, sheet: SheetText, tables: Sequence[SheetTable], columns: Iterable[int]) -> Region:
    """The region below which these columns are appended: a table that holds them all, else the adjoining columns."""
    wanted = sorted(set(columns))
    inside = [one for one in tables if one.range.left <= wanted[0] and wanted[-1] <= one.range.right]
    table = max(inside, key=lambda one: one.range.bottom, default=None)
    if table is not None:
        return _of_table(grid, table, wanted)
    left, right = _adjoining(grid, wanted[0], wanted[-1])
    filled = sorted(_filled_rows(grid, left, right, wanted))
    first, last = (filled[0], filled[-1]) if filled else (-1, -1)
    # A merged cell is filled down to its last row.
    last = max([last, *(area.bottom for area in sheet.merges if area.holds_row(last) and _overlaps(area, left, right))])
    met = next((one for one in tables if _meets(one, left, right, last)), None)
    if met is not None and met.range.has_totals:
        last = max((row for row in filled if row < met.range.bottom), default=first)
        return _checked(Region(left, right, first, last, met, met.range.bottom))
    if met is not None:
        return _checked(Region(left, right, first, max(last, met.range.top + met.header_rows - 1), met))
    totals = _totals_below(grid, sheet, Region(left, right, first, last, None))
    if totals is None:
        return Region(left, right, first, _below_merges(sheet, wanted, last), None)
    last = max((row for row in filled if row < totals), default=first)
    return Region(left, right, first, last, None, totals)


def _of_table(grid: Grid, table: SheetTable, wanted: Sequence[int]) -> Region:
    own = table.range
    header = own.top + table.header_rows - 1
    bottom = own.bottom - own.has_totals
    filled = set(_filled_rows(grid, own.left, own.right, wanted))
    last = max((row for row in filled if header < row <= bottom), default=header)
    if not own.has_totals and _is_like(grid, own, bottom + 1, last):
        # People who type below a table in a program that does not let it grow have left it behind.
        while bottom + 1 in filled:
            bottom += 1
        return Region(own.left, own.right, own.top, bottom, None)
    return _checked(Region(own.left, own.right, own.top, last, table, own.bottom if own.has_totals else None))


def _is_like(grid: Grid, own: TableRange, row: int, other: int) -> bool:
    """Whether a row is filled as the other one is, and no mere note below it."""
    one, two = (
        {column for column in range(own.left, own.right + 1) if grid.raw(line, column) is not None}
        for line in (row, other)
    )
    return bool(one) and 2 * len(one & two) >= len(two)


def check_room(region: Region, grid: Grid, sheet: SheetText, tables: Sequence[SheetTable], count: int) -> None:
    """Nothing; EditRefused where something stands in the rows that the region's table or totals row goes down to."""
    old = region.totals if region.totals is not None else region.table.range.bottom if region.table else region.last
    new = max(old, region.bottom(count)) if region.totals is None else old + region.moved_by(count)
    if new == old or (region.table is None and region.totals is None):
        return
    what = f"the table {region.table.range.name}" if region.table else f"the totals in row {old + 1}"
    for other in tables:
        own = other.range
        is_below = own.top <= new and own.bottom > old and own.left <= region.right and own.right >= region.left
        if other is not region.table and is_below:
            raise EditRefused(f"New rows would push {what} into the table {own.name}.", "Make room in Excel.")
    if (cell := _in_the_way(grid, sheet, Rectangle(old + 1, region.left, new, region.right))) is not None:
        raise EditRefused(f"Below {what} {cell} is in the way of new rows.", "Make room in Excel.")


def _in_the_way(grid: Grid, sheet: SheetText, area: Rectangle) -> str | None:
    merged = next((one for one in sheet.merges if one.top <= area.bottom and one.bottom >= area.top
                   and _overlaps(one, area.left, area.right)), None)  # fmt: skip
    if merged is not None:
        return f"the merged cell {merged}"
    for row in range(area.top, min(area.bottom, grid.top + len(grid.rows) - 1) + 1):
        for column in range(area.left, area.right + 1):
            if grid.raw(row, column) is not None or (row, column) in grid.formulas:
                return cell_name(row, column)
    return None


def _checked(region: Region) -> Region:
    table = region.table
    if table is not None and table.kind != "worksheet":
        raise EditRefused(
            f"The table {table.range.name} is filled by a query or an XML map.", "Change it at its source."
        )
    if table is not None and table.has_array_formula:
        raise EditRefused(f"The table {table.range.name} has an array formula in a calculated column.", IN_EXCEL)
    return region


def _totals_below(grid: Grid, sheet: SheetText, region: Region) -> int | None:
    """The row, at the end of the data or just below it, whose formulas sum up the rows above it."""
    rows = {row for row, column in grid.formulas if region.left <= column <= region.right}
    for row in range(max(region.last, 0), region.last + _GAP + 1):
        if row in rows and row > region.first + 1 and _sums_up(grid, sheet, region, row):
            return row
    return None


def _sums_up(grid: Grid, sheet: SheetText, region: Region, row: int) -> bool:
    above = next((one for one in range(row - 1, region.first, -1) if _is_filled(grid, region, one)), -1)
    formulas = [
        fill(row)
        for column, fill in sheet.formulas_of(row).items()
        if region.left <= column <= region.right and (above, column) not in grid.formulas
    ]
    references = [found for formula in formulas for found in parts_of(formula) if isinstance(found, Reference)]
    areas = [one.area for one in references if one.sheet.lower() in ("", grid.tab.lower())]
    return any(area.top < area.bottom and above <= area.bottom < row for area in areas)


def _is_filled(grid: Grid, region: Region, row: int) -> bool:
    return any(grid.raw(row, column) is not None for column in range(region.left, region.right + 1))


def _below_merges(sheet: SheetText, wanted: Collection[int], last: int) -> int:
    """The last row such that no merged cell hides a wanted one in the rows that follow directly."""
    for area in sorted(sheet.merges):
        hides = any(area.left <= column <= area.right and column != area.left for column in wanted)
        is_tall = area.bottom > area.top and _overlaps(area, min(wanted), max(wanted))
        if area.top <= last + 1 <= area.bottom and (hides or is_tall):
            last = area.bottom
    return last


def _adjoining(grid: Grid, left: int, right: int) -> tuple[int, int]:
    used = {
        grid.left + j
        for j in range(max(map(len, grid.rows), default=0))
        if any(row[j] is not None for row in grid.rows)
    }
    used |= {column for _, column in grid.formulas}
    while left - 1 in used:
        left -= 1
    while right + 1 in used:
        right += 1
    return left, right


def _filled_rows(grid: Grid, left: int, right: int, wanted: Collection[int]) -> Iterator[int]:
    """The rows with something typed in these columns; formulas alone may be filled in ahead of the data.

    In a wanted column, one that values are appended to, a formula is data as well.
    """
    first, last = max(left - grid.left, 0), max(right - grid.left + 1, 0)
    for i, row in enumerate(grid.rows, start=grid.top):
        for j, value in enumerate(row[first:last], start=grid.left + first):
            is_filled = j in wanted if (i, j) in grid.formulas else value is not None
            if is_filled:
                yield i
                break


def _overlaps(area: Rectangle, left: int, right: int) -> bool:
    return area.left <= right and area.right >= left


def _meets(table: SheetTable, left: int, right: int, last: int) -> bool:
    own = table.range
    return own.left <= right and own.right >= left and own.top <= last <= own.bottom
