"""A spreadsheet in memory: sheets of rows of cells, and all that lies over them.

A Spreadsheet that was answered from is never changed: every write works on `copied()`, whose rows are shared until
they are written to. So a batch that fails leaves nothing behind, and a reader never waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sheetcrm.testing.sheets_server.defaults import COLUMNS, MOST_CELLS, MOST_COLUMNS, ROWS
from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.places import Area, shown_range

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as entered, with its `=`."""

    text: str


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """An error value: its type as the API calls it, and the message that people see."""

    kind: str
    message: str = ""

    @property
    def shown(self) -> str:
        """As the cell shows it: `#DIV/0!`."""
        return ERROR_CODES.get(self.kind, "#ERROR!")


ERROR_CODES = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading...",
}

Value = None | bool | float | str | ErrorValue
Entered = Value | Formula

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, its own format, and the rest of its CellData (note, validation, rich text, …)."""

    value: Entered = None
    format: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    extra: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    @property
    def is_bare(self) -> bool:
        """Whether nothing at all is left of it."""
        return self.value is None and not self.format and not self.extra


EMPTY = Cell()


class Row:
    """The cells of a row by column, and its DimensionProperties. Written to only by the sheet that owns it."""

    __slots__ = ("cells", "owner", "properties")

    def __init__(self, owner: object, cells: dict[int, Cell] | None = None, properties: Json | None = None) -> None:
        self.owner = owner
        self.cells = cells if cells is not None else {}
        self.properties = properties if properties is not None else {}


OBJECTS = (
    *("merges", "conditionalFormats", "filterViews", "protectedRanges", "charts", "bandedRanges"),
    *("rowGroups", "columnGroups", "slicers", "tables"),
)
"""The lists of a sheet that hold what lies over its cells, in the API's form."""


class Sheet:
    """One tab. Its `objects` are the lists of the Sheet resource, `basicFilter` among them as a list of at most one."""

    def __init__(self, properties: Json) -> None:
        self.properties = properties
        grid = properties.setdefault("gridProperties", {})
        self.rows: list[Row | None] = [None] * grid.get("rowCount", ROWS)
        self.columns: list[Json] = [{} for _ in range(grid.get("columnCount", COLUMNS))]
        self.objects: dict[str, list[Json]] = {name: [] for name in (*OBJECTS, "basicFilter")}

    def copied(self) -> Sheet:
        """A copy that shares its rows until they are written to."""
        new = Sheet.__new__(Sheet)
        new.properties = deepcopy(self.properties)
        new.rows = list(self.rows)
        new.columns = [dict(one) for one in self.columns]
        new.objects = deepcopy(self.objects)
        return new

    @property
    def id(self) -> int:
        """The sheetId."""
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        """The name on the tab."""
        return str(self.properties["title"])

    @property
    def grid(self) -> Json:
        """The GridProperties, sizes left out."""
        found: Json = self.properties["gridProperties"]
        return found

    @property
    def row_count(self) -> int:
        """How many rows the grid has."""
        return len(self.rows)

    @property
    def column_count(self) -> int:
        """How many columns the grid has."""
        return len(self.columns)

    @property
    def whole(self) -> Area:
        """All of the grid."""
        return Area(0, 0, self.row_count, self.column_count)

    def cell(self, row: int, column: int) -> Cell:
        """The cell at a place; an empty one where nothing was ever put."""
        found = self.rows[row] if 0 <= row < len(self.rows) else None
        return found.cells.get(column, EMPTY) if found is not None else EMPTY

    def own_row(self, row: int) -> Row:
        """The row, to be written to."""
        found = self.rows[row]
        if found is None:
            found = self.rows[row] = Row(self)
        elif found.owner is not self:
            found = self.rows[row] = Row(self, dict(found.cells), dict(found.properties))
        return found

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Puts a cell in its place."""
        if cell.is_bare:
            if self.cell(row, column) is not EMPTY:
                self.own_row(row).cells.pop(column, None)
        else:
            self.own_row(row).cells[column] = cell

    def filled(self, area: Area) -> Iterator[tuple[int, int, Cell]]:
        """The cells of an area that are not bare, by row and column."""
        for i in range(area.top, min(area.bottom, len(self.rows))):
            row = self.rows[i]
            if row is not None and row.cells:
                for column in sorted(row.cells):
                    if area.left <= column < area.right:
                        yield i, column, row.cells[column]

    @property
    def formulas(self) -> Iterator[tuple[int, int, Formula]]:
        """The formulas with their rows and columns."""
        for i, row in enumerate(self.rows):
            for column, cell in row.cells.items() if row is not None else ():
                if isinstance(cell.value, Formula):
                    yield i, column, cell.value

    def extent(self, area: Area) -> Area:
        """The part of an area down to the last row and column that hold anything."""
        bottom, right = area.top, area.left
        for row, column, _ in self.filled(area):
            bottom, right = row + 1, max(right, column + 1)
        return Area(area.top, area.left, bottom, right)

    def clipped(self, plain: Mapping[str, Any]) -> Area:
        """The area of a GridRange as far as the grid reaches."""
        bottom, right = plain.get("endRowIndex"), plain.get("endColumnIndex")
        return Area(
            plain.get("startRowIndex") or 0,
            plain.get("startColumnIndex") or 0,
            self.row_count if bottom is None else min(bottom, self.row_count),
            self.column_count if right is None else min(right, self.column_count),
        )

    def area(self, plain: Mapping[str, Any]) -> Area:
        """The area of a GridRange. Raises the 400 of one that is turned round or leaves the grid."""
        for start, end in (("startRowIndex", "endRowIndex"), ("startColumnIndex", "endColumnIndex")):
            first, last = plain.get(start) or 0, plain.get(end)
            if first < 0 or (last is not None and last < first):
                raise bad(f"Invalid range: {start}[{first}], {end}[{last}]")
        bottom, right = plain.get("endRowIndex"), plain.get("endColumnIndex")
        top, left = plain.get("startRowIndex") or 0, plain.get("startColumnIndex") or 0
        if max(bottom or 0, top) > self.row_count or max(right or 0, left) > self.column_count:
            limits = f"Max rows: {self.row_count}, max columns: {self.column_count}"
            raise bad(f"Range ({self.shown(plain)}) exceeds grid limits. {limits}")
        return self.clipped(plain)

    def shown(self, plain: Mapping[str, Any]) -> str:
        """A GridRange as people write it, unbounded ends as the grid's."""
        bottom, right = plain.get("endRowIndex"), plain.get("endColumnIndex")
        area = Area(
            plain.get("startRowIndex") or 0,
            plain.get("startColumnIndex") or 0,
            self.row_count if bottom is None else bottom,
            self.column_count if right is None else right,
        )
        return shown_range(self.title, area)


class Spreadsheet:
    """A spreadsheet with its sheets in order, named ranges and developer metadata."""

    def __init__(self, id_: str, properties: Json) -> None:
        self.id = id_
        self.properties = properties
        self.sheets: list[Sheet] = []
        self.named_ranges: list[Json] = []
        self.metadata: list[Json] = []
        self.memo: dict[object, Any] = {}
        """What was computed from this very state."""

    def copied(self) -> Spreadsheet:
        """A copy to be changed."""
        new = Spreadsheet(self.id, deepcopy(self.properties))
        new.sheets = [sheet.copied() for sheet in self.sheets]
        new.named_ranges = deepcopy(self.named_ranges)
        new.metadata = deepcopy(self.metadata)
        return new

    @property
    def locale(self) -> str:
        """As in `en_US`."""
        return str(self.properties.get("locale") or "en_US")

    def sheet(self, sheet_id: int | None) -> Sheet:
        """The sheet of an id; no id means 0. Raises the 400 that Google gives."""
        wanted = sheet_id or 0
        for one in self.sheets:
            if one.id == wanted:
                return one
        raise bad(f"No grid with id: {wanted}")

    def titled(self, title: str) -> Sheet | None:
        """The sheet of a title, however its letters are written."""
        return next((one for one in self.sheets if one.title == title), None) or next(
            (one for one in self.sheets if one.title.casefold() == title.casefold()), None
        )

    def check_size(self) -> None:
        """Nothing; raises the 400 of a workbook with more than ten million cells, or a sheet that is too wide."""
        if sum(one.row_count * one.column_count for one in self.sheets) > MOST_CELLS:
            limit = f"above the limit of {MOST_CELLS} cells."
            raise bad(f"This action would increase the number of cells in the workbook {limit}")
        for one in self.sheets:
            if one.column_count > MOST_COLUMNS:
                raise bad(f"A sheet cannot have more than {MOST_COLUMNS} columns.")
