"""Rows appended below a region: where they go, which formats and formulas they take, what grows with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sheetcrm.errors import EditRefused
from sheetcrm.table import Grid, Raw, cell_name
from sheetcrm.xlsx.markup import Splice, attribute, decoded, encoded, masked, spliced, tags, with_attribute
from sheetcrm.xlsx.outline import SheetTable
from sheetcrm.xlsx.places import Rectangle, rectangle
from sheetcrm.xlsx.references import shifted
from sheetcrm.xlsx.sheet import SheetText
from sheetcrm.xlsx.splicing import CellEdit

IN_EXCEL = "Append the rows in Excel."


@dataclass(frozen=True, slots=True)
class Region:
    """The columns that rows are appended to, their last filled row (-1: none), and the Excel table they are in."""

    left: int
    right: int
    first: int
    last: int
    table: SheetTable | None

    @property
    def is_header_last(self) -> bool:
        """Whether the last filled row is the header, so that it is no model for the new rows."""
        if self.table is not None and self.table.header_rows:
            return self.last == self.table.range.top
        return self.last <= self.first


def region_of(grid: Grid, tables: Sequence[SheetTable], merges: Sequence[Rectangle], columns: Iterable[int]) -> Region:
    """The region below which these columns are appended: a table that holds them all, else the adjoining columns."""
    wanted = sorted(set(columns))
    inside = [one for one in tables if one.range.left <= wanted[0] and wanted[-1] <= one.range.right]
    table = max(inside, key=lambda one: one.range.bottom, default=None)
    if table is not None:
        left, right = table.range.left, table.range.right
    else:
        left, right = _adjoining(grid, wanted[0], wanted[-1])
    first = next(_filled_rows(grid, left, right, wanted), -1)
    last = next(_filled_rows(grid, left, right, wanted, backwards=True), -1)
    # A merged cell is filled down to its last row.
    last = max([last, *(area.bottom for area in merges if area.holds_row(last) and _overlaps(area, left, right))])
    if table is None:
        table = next((one for one in tables if _meets(one, left, right, last)), None)
    if table is not None and table.header_rows:
        last = max(last, table.range.top)
    region = Region(left, right, first, last, table)
    _check(grid, region)
    return region


def appended(
    region: Region, rows: Sequence[Mapping[int, Raw]], sheet: SheetText, filled: frozenset[tuple[int, int]]
) -> dict[int, dict[int, CellEdit]]:
    """The edits that write the rows below the region, formatted and calculated as its last row is.

    `filled` are the places that hold a formula already.
    """
    model = Model(sheet, region)
    edits: dict[int, dict[int, CellEdit]] = {}
    for i, values in enumerate(rows):
        number = region.last + 1 + i
        line = {column: CellEdit(None, style) for column, style in model.styles.items()}
        for column, formula in model.formulas(number).items():
            if (number, column) in filled:
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


def grown_table(raw: bytes, bottom: int) -> bytes:
    """The table's part with the table, and its filter, reaching down to `bottom`."""
    text, codec = decoded(raw)
    splices = []
    for tag in tags(masked(text)):
        corners = rectangle(attribute(tag.attributes, b"ref") or "")
        if corners and not tag.is_closing and tag.name.rpartition(b":")[2] in (b"table", b"autoFilter"):
            ref = str(corners._replace(bottom=bottom))
            new = b"<" + tag.name + with_attribute(tag.attributes, b"ref", ref) + b">"
            splices.append(Splice(tag.start, tag.end, new))
    return encoded(spliced(text, splices), codec)


def grown_rules(sheet: SheetText, region: Region, bottom: int) -> Iterator[Splice]:
    """Splices by which validations and conditional formats on the region's last row reach down to `bottom`."""
    rule = False
    for tag in tags(sheet.blank, sheet.end):
        prefix, _, name = tag.name.rpartition(b":")
        if name in (b"dataValidation", b"conditionalFormatting", b"sparkline"):
            rule = name != b"sparkline"
            old = attribute(tag.attributes, b"sqref")
            if rule and old and (new := _reaching(old, region, bottom)) != old:
                xml = b"<" + tag.name + with_attribute(tag.attributes, b"sqref", new) + b">"
                yield Splice(tag.start, tag.end, xml)
        elif name == b"sqref" and prefix and rule and not tag.is_closing:
            end = sheet.blank.find(b"<", tag.end)
            old = sheet.text[tag.end : end].decode("utf-8", "replace")
            if (new := _reaching(old, region, bottom)) != old:
                yield Splice(tag.end, end, new.encode())


def check_table_can_grow(table: SheetTable, grid: Grid, others: Sequence[SheetTable], bottom: int) -> None:
    """Nothing; EditRefused where the table cannot reach down to `bottom` without harm."""
    name, own = table.range.name, table.range
    if table.kind != "worksheet":
        raise EditRefused(f"The table {name} is filled by a query or an XML map.", "Change it at its source.")
    if own.has_totals:
        raise EditRefused(f"The table {name} has a totals row.", "Switch the totals row off, or append in Excel.")
    if table.has_array_formula:
        raise EditRefused(f"The table {name} has an array formula in a calculated column.", IN_EXCEL)
    for other in others:
        below = other.range.top <= bottom and other.range.bottom > own.bottom
        if other is not table and below and other.range.left <= own.right and other.range.right >= own.left:
            raise EditRefused(f"The table {name} would grow into the table {other.range.name}.", "Make room in Excel.")
    for row, column in grid.formulas:
        if own.bottom < row <= bottom and own.left <= column <= own.right:
            raise EditRefused(f"Below the table {name} stands a formula in {cell_name(row, column)}.", "Move it.")


def _check(grid: Grid, region: Region) -> None:
    table = region.table
    if table is not None and region.last > table.range.bottom:
        name = cell_name(region.last, region.left)
        raise EditRefused(f"Below the table {table.range.name} more is written, down to row {name}.", "Move it away.")
    if table is not None and table.range.has_totals:
        check_table_can_grow(table, grid, (), table.range.bottom)
    if table is None and region.last > region.first:
        for column in range(region.left, region.right + 1):
            above = grid.raw(region.last - 1, column)
            is_total = (region.last, column) in grid.formulas and (region.last - 1, column) not in grid.formulas
            if is_total and isinstance(above, int | float) and region.last - region.first > 1:
                name = cell_name(region.last, column)
                raise EditRefused(f"{name} looks like a totals row below the data.", "Make the data an Excel table.")


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


def _filled_rows(
    grid: Grid, left: int, right: int, wanted: Collection[int], *, backwards: bool = False
) -> Iterator[int]:
    """The rows with something typed in these columns; formulas alone may be filled in ahead of the data.

    In a wanted column, one that values are appended to, a formula is data as well.
    """
    first, last = max(left - grid.left, 0), max(right - grid.left + 1, 0)
    for i in range(len(grid.rows) - 1, -1, -1) if backwards else range(len(grid.rows)):
        for j, value in enumerate(grid.rows[i][first:last], start=grid.left + first):
            is_filled = j in wanted if (grid.top + i, j) in grid.formulas else value is not None
            if is_filled:
                yield grid.top + i
                break


def _overlaps(area: Rectangle, left: int, right: int) -> bool:
    return area.left <= right and area.right >= left


def _meets(table: SheetTable, left: int, right: int, last: int) -> bool:
    own = table.range
    return own.left <= right and own.right >= left and own.top <= last <= own.bottom


def _reaching(areas: str, region: Region, bottom: int) -> str:
    """`C2:C50 E2:E50` with each range that covers the region's last row going on to `bottom`."""
    new = []
    for area in areas.split():
        corners = rectangle(area)
        if (
            corners
            and corners.top <= region.last <= corners.bottom < bottom
            and _overlaps(corners, region.left, region.right)
        ):
            new.append(str(corners._replace(bottom=bottom)))
        else:
            new.append(area)
    return " ".join(new)


def _is_same_everywhere(formula: str) -> bool:
    """Whether the formula names no relative row, so that every row holds the same text."""
    return shifted(formula, 1) == formula
