"""Rows appended below a region: where they go, which formats and formulas they take, what grows with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from sheetcrm.errors import EditRefused
from sheetcrm.tab import Rectangle
from sheetcrm.table import Grid, Raw, cell_name
from sheetcrm.xlsx.extents import Growth, grown_rules
from sheetcrm.xlsx.markup import Splice, attribute
from sheetcrm.xlsx.outline import SheetTable
from sheetcrm.xlsx.references import shifted
from sheetcrm.xlsx.regions import IN_EXCEL, Region, check_room, region_of
from sheetcrm.xlsx.sheet import SheetText
from sheetcrm.xlsx.splicing import CellEdit
from sheetcrm.xlsx.totals import moved_totals

Rows = Sequence[Mapping[int, Raw]]
Edits = dict[int, dict[int, CellEdit]]


class Appending:
    """Appended rows worked into the edits of a tab; `rules`, `tables` and `growths` tell what else grows."""

    def __init__(
        self, text: SheetText, tables: Sequence[SheetTable], grid: Grid, calls: Sequence[Rows], edits: Edits
    ) -> None:
        self.rules: list[Splice] = []
        self.tables: dict[str, tuple[int, int]] = {}
        """For each part of a table that grows, its new last row and that of its filter."""
        self.growths: list[Growth] = []
        grid = _with_edits(grid, edits)
        for region, rows in _by_region(grid, text, tables, calls):
            check_room(region, grid, text, tables, len(rows))
            growth = Growth(
                region.left, region.right, region.last, region.bottom(len(rows)), region.totals,
                region.moved_by(len(rows)),
            )  # fmt: skip
            self._grow(region, growth)
            model = Model(text, region)
            moved = moved_totals(text, grid.tab, growth, model.styles) if growth.moved_by else {}
            for number, line in (*moved.items(), *appended(region, rows, model, grid.formulas).items()):
                left = moved.get(number, {})
                new = {at: replace(one, is_restyled=True, over_formula=True) for at, one in line.items() if at in left}
                edits.setdefault(number, {}).update(line | new)
        self.rules = list(grown_rules(text, self._ruled)) if self.growths else []

    def _grow(self, region: Region, growth: Growth) -> None:
        table = region.table
        if table is not None:
            end = table.range.bottom
            end = end + growth.moved_by if table.range.has_totals else max(end, growth.bottom)
            if end > table.range.bottom:
                self.tables[table.part] = end, end - table.range.has_totals
        if not region.is_header_last or growth.moved_by:
            self.growths.append(growth)

    def _ruled(self, area: Rectangle) -> Rectangle:
        for growth in self.growths:
            area = growth.ruled(area)
        return area


def _by_region(
    grid: Grid, text: SheetText, tables: Sequence[SheetTable], calls: Sequence[Rows]
) -> Iterator[tuple[Region, list[Mapping[int, Raw]]]]:
    """The rows of all calls, those for one region together and in their order."""
    regions: dict[tuple[int, int], Region] = {}
    rows: dict[tuple[int, int], list[Mapping[int, Raw]]] = {}
    known: dict[frozenset[int], tuple[int, int]] = {}
    for call in calls:
        columns = frozenset(column for row in call for column in row)
        if columns not in known:
            region = region_of(grid, text, tables, columns)
            known[columns] = region.left, region.right
            regions.setdefault(known[columns], region)
        rows.setdefault(known[columns], []).extend(call)
    for key, region in regions.items():
        yield region, rows[key]


def appended(region: Region, rows: Rows, model: Model, filled: frozenset[tuple[int, int]]) -> Edits:
    """The edits that write the rows below the region, formatted and calculated as its last row is.

    `filled` are the places that hold a formula already.
    """
    taken = {place for place in filled if place[0] != region.totals}
    edits: Edits = {}
    for i, values in enumerate(rows):
        number = region.last + 1 + i
        line = {column: CellEdit(None, style) for column, style in model.styles.items()}
        for column, formula in model.formulas(number).items():
            if (number, column) in taken:
                continue
            if column in values and (region.table is None or column not in region.table.calculated):
                continue  # a value for a column that only happens to be filled with formulas: what was asked for wins
            if column in values:
                raise EditRefused(f"{cell_name(number, column)} belongs to a calculated column.", "Leave it out.")
            line[column] = CellEdit(None, model.styles.get(column), formula)
        for column, value in values.items():
            line[column] = CellEdit(value, model.styles.get(column))
        edits[number] = line
    return edits


class Model:
    """The last row of a region as the model of new ones: its formats and the formulas that go on."""

    def __init__(self, sheet: SheetText, region: Region) -> None:
        self._region = region
        self._sheet = sheet
        self.styles: dict[int, int] = {} if region.is_header_last else self._styles(region.last)
        self._fills = self._going_on()

    def formulas(self, number: int) -> dict[int, str]:
        """The formulas of a new row by column."""
        return {column: fill(number) for column, fill in self._fills.items()}

    def _styles(self, number: int) -> dict[int, int]:
        row = self._sheet.row(number)
        cells = self._sheet.cells(row) if row else []
        found = {cell.column: attribute(cell.attributes, b"s") or "0" for cell in cells}
        inside = range(self._region.left, self._region.right + 1)
        return {column: int(s) for column, s in found.items() if s.isdecimal() and s != "0" and column in inside}

    def _going_on(self) -> dict[int, Callable[[int], str]]:
        last, table = self._region.last, self._region.table
        own = {} if self._region.is_header_last else self._sheet.formulas_of(last)
        before = self._sheet.formulas_of(last - 1) if own else {}
        fills: dict[int, Callable[[int], str]] = {}
        for column in range(self._region.left, self._region.right + 1):
            calculated = table.calculated.get(column) if table is not None else None
            if column in own and (calculated or (column in before and before[column](last) == own[column](last))):
                fills[column] = own[column]
            elif calculated and _is_same_everywhere(calculated):
                fills[column] = lambda _, formula=calculated: formula  # type: ignore[misc]
            elif calculated:
                raise EditRefused(f"The calculated column {cell_name(last, column)} has no formula to go on.", IN_EXCEL)
        return fills


def _is_same_everywhere(formula: str) -> bool:
    """Whether the formula names no relative row, so that every row holds the same text."""
    return shifted(formula, 1) == formula


def _with_edits(grid: Grid, edits: Mapping[int, Mapping[int, CellEdit]]) -> Grid:
    """The grid as it will be, so that rows are appended below what was set before."""
    places = [(row, column) for row, cells in edits.items() for column in cells]
    if not places:
        return grid
    rows, columns = [row for row, _ in places], [column for _, column in places]
    if not grid.rows:
        grid = replace(grid, top=min(rows), left=min(columns))
    top, left = min(grid.top, *rows), min(grid.left, *columns)
    width = max(max(columns) - left + 1, max(map(len, grid.rows), default=0) + grid.left - left)
    height = max(max(rows) - top + 1, len(grid.rows) + grid.top - top)
    new: list[list[Raw]] = [[None] * width for _ in range(grid.top - top)]
    new += [[None] * (grid.left - left) + row + [None] * (width - len(row) - grid.left + left) for row in grid.rows]
    new += [[None] * width for _ in range(height - len(new))]
    for row, column in places:
        new[row - top][column - left] = edits[row][column].value
    return replace(grid, rows=new, top=top, left=left)
