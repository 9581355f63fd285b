"""A Google Sheet as the API gives it, as Grids: typed values, formulas, dates told by their number format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import Any

from sheetcrm.table import CellError, Grid, Raw, TableRange, show_raw

TAB_KEY = "sheetcrm tab"
"""The key of the developer metadata of whole tabs that were put here."""

SCRATCH = "~sheetcrm"
"""How the titles of our own hidden tabs begin, which hold for a moment what stood in the sheet before a write."""

MARK_KEY = "sheetcrm"
"""The key of the developer metadata that tells an applied write from a lost one."""

_CELLS = "rowData.values(userEnteredValue,effectiveValue,effectiveFormat.numberFormat,userEnteredFormat.numberFormat)"
FIELDS = (
    "properties(title,locale,timeZone),developerMetadata(metadataId,metadataKey,metadataValue),"
    "sheets(properties(sheetId,title,index,sheetType,hidden,gridProperties(rowCount,columnCount)),"
    "developerMetadata(metadataKey),charts(chartId),bandedRanges(bandedRangeId),basicFilter(range),"
    f"merges,protectedRanges,tables(tableId,name,range),data(startRow,startColumn,{_CELLS}))"
)
"""All that is asked of a spreadsheet."""

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 -- cells hold no zone
DATE, MOMENT, TIME, DURATION = "date", "datetime", "time", "duration"

ERROR_CODES = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "#LOADING!",
}

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as it stands in a cell."""

    text: str


Typed = Raw | Formula
"""What a person typed into a cell."""


@dataclass(frozen=True)
class Area:
    """A part of a tab, the ends excluded; None where it is open."""

    top: int
    left: int
    bottom: int | None
    right: int | None

    def __contains__(self, place: Place) -> bool:
        row, column = place
        return (
            self.top <= row
            and self.left <= column
            and (self.bottom is None or row < self.bottom)
            and (self.right is None or column < self.right)
        )

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole tab."""
        return not self.top and not self.left and self.bottom is None and self.right is None


def area_of(plain: Mapping[str, Any]) -> Area:
    """The Area of a GridRange."""
    return Area(
        plain.get("startRowIndex", 0),
        plain.get("startColumnIndex", 0),
        plain.get("endRowIndex"),
        plain.get("endColumnIndex"),
    )


@dataclass(frozen=True)
class Tab:
    """One tab as read: what was typed, what is shown, and how dates are told from numbers."""

    id: int
    title: str
    row_count: int
    column_count: int
    typed: list[list[Typed]]
    results: Mapping[Place, Raw]
    """The values of formulas, and of what they spill into other cells."""
    formats: Mapping[Place, str]
    """Cells whose number format is of a kind of moment, by that kind."""
    is_hidden: bool = False
    protected: tuple[tuple[Area, tuple[Area, ...]], ...] = ()
    """Parts that we may not write, each with the parts of it that we may."""
    merges: tuple[Area, ...] = ()
    tables: tuple[tuple[str, TableRange], ...] = ()
    """Google's tables, each with its id."""
    patterns: Mapping[Place, Mapping[str, Any]] | None = None
    """The number formats of cells that have one of their own."""
    is_ours: bool = False
    """Whether it is a whole tab that was put here."""
    has_filter: bool = False
    charts: tuple[int, ...] = ()
    """The numbers of the charts that lie on it."""
    bands: tuple[int, ...] = ()
    """The numbers of its ranges in alternating colours."""

    def at(self, row: int, column: int) -> Typed:
        """What was typed into a cell."""
        if 0 <= row < len(self.typed) and 0 <= column < len(self.typed[row]):
            return self.typed[row][column]
        return None

    def shown(self, row: int, column: int) -> Raw:
        """The value of a cell: a formula's result, else what was typed."""
        found = self.results.get((row, column))
        if found is not None:
            return found
        typed = self.at(row, column)
        return None if isinstance(typed, Formula) else typed

    def row(self, row: int) -> list[Typed]:
        """What was typed into a row, blanks at its end left out."""
        found = list(self.typed[row]) if 0 <= row < len(self.typed) else []
        while found and found[-1] is None:
            found.pop()
        return found

    @property
    def end(self) -> int:
        """The row below the last one that holds anything."""
        return next(
            (i + 1 for i in reversed(range(len(self.typed))) if any(one is not None for one in self.typed[i])), 0
        )

    @property
    def is_filled_below(self) -> bool:
        """Whether formulas fill cells below the last row into which anything was typed."""
        return any(row >= self.end for row, _ in self.results)

    @cached_property
    def digest(self) -> str:
        """A digest of all that was typed: results that change by themselves, as NOW() does, do not count."""
        digest = blake2b(digest_size=16)
        for i in range(self.end):
            digest.update(b"\x1e")
            for one in self.row(i):
                text = one.text if isinstance(one, Formula) else show_raw(one)
                digest.update(f"\x1f{type(one).__name__[:3]}{text}".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    @cached_property
    def locked(self) -> frozenset[Place]:
        """Cells that hold a formula, or that one spills into."""
        return frozenset(self.results)

    @cached_property
    def covered(self) -> frozenset[Place]:
        """Cells that a merge hides."""
        return frozenset(
            (row, column)
            for one in self.merges
            for row in range(one.top, one.bottom or 0)
            for column in range(one.left, one.right or 0)
            if (row, column) != (one.top, one.left)
        )

    def is_protected(self, row: int, column: int) -> bool:
        """Whether we may not write a cell."""
        place = (row, column)
        return any(place in area and not any(place in free for free in open_) for area, open_ in self.protected)

    @property
    def grid(self) -> Grid:
        """The Grid."""
        rows = [
            [self.shown(i, j) if isinstance(one, Formula) or one is None else one for j, one in enumerate(row)]
            for i, row in enumerate(self.typed)
        ]
        return Grid(
            self.title,
            rows,
            formulas=self.locked,
            tables=tuple(table for _, table in self.tables),
            is_hidden=self.is_hidden,
            is_protected=any(area.is_whole and not open_ for area, open_ in self.protected),
            covered=self.covered,
        )


@dataclass(frozen=True)
class State:
    """A Google Sheet at one moment."""

    title: str
    locale: str
    zone: str
    tabs: tuple[Tab, ...]
    scratch: tuple[Tab, ...] = ()
    """Our own hidden tabs, left by a write that was cut short."""
    marks: Mapping[int, str] | None = None
    """Our developer metadata: id and value."""
    taken_ids: frozenset[int] = frozenset()
    other_titles: frozenset[str] = frozenset()
    """The titles, in small letters, of what is no tab with cells: charts on sheets of their own."""

    def tab(self, title: str) -> Tab | None:
        """The tab of that title."""
        return next((one for one in self.tabs if one.title == title), None)

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all that was typed."""
        seen = "\x1e".join(f"{tab.id}\x1f{tab.title}\x1f{tab.digest}" for tab in self.tabs)
        return blake2b(seen.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def state_of(plain: Mapping[str, Any]) -> State:
    """The State that a Spreadsheet tells, asked with FIELDS."""
    properties = plain.get("properties", {})
    sheets = plain.get("sheets", ())
    tabs = [_tab(one) for one in sheets if _has_cells(one)]
    marks = {
        one["metadataId"]: one.get("metadataValue", "")
        for one in plain.get("developerMetadata", ())
        if one.get("metadataKey") == MARK_KEY
    }
    return State(
        properties.get("title", ""),
        properties.get("locale", ""),
        properties.get("timeZone", ""),
        tuple(one for one in tabs if not one.title.startswith(SCRATCH)),
        tuple(one for one in tabs if one.title.startswith(SCRATCH)),
        marks,
        frozenset(one["properties"]["sheetId"] for one in sheets),
        frozenset(one["properties"]["title"].lower() for one in sheets if not _has_cells(one)),
    )


def _has_cells(plain: Mapping[str, Any]) -> bool:
    kind: str = plain["properties"].get("sheetType", "GRID")
    return kind == "GRID"


def _tab(plain: Mapping[str, Any]) -> Tab:
    properties = plain["properties"]
    grid = properties.get("gridProperties", {})
    typed: list[list[Typed]] = []
    results: dict[Place, Raw] = {}
    formats: dict[Place, str] = {}
    patterns: dict[Place, Mapping[str, Any]] = {}
    for block in plain.get("data", ()):
        top, left = block.get("startRow", 0), block.get("startColumn", 0)
        for i, row in enumerate(block.get("rowData", ()), top):
            cells = row.get("values", ())
            while len(typed) <= i:
                typed.append([])
            typed[i].extend([None] * (left + len(cells) - len(typed[i])))
            for j, cell in enumerate(cells, left):
                if cell:
                    _read_cell(cell, (i, j), typed, results, formats, patterns)
    return Tab(
        properties["sheetId"],
        properties["title"],
        grid.get("rowCount", 0),
        grid.get("columnCount", 0),
        typed,
        results,
        formats,
        bool(properties.get("hidden")),
        tuple(_protected(plain)),
        tuple(area_of(one) for one in plain.get("merges", ())),
        tuple(_tables(plain)),
        patterns,
        any(one.get("metadataKey") == TAB_KEY for one in plain.get("developerMetadata", ())),
        "basicFilter" in plain,
        tuple(one["chartId"] for one in plain.get("charts", ())),
        tuple(one["bandedRangeId"] for one in plain.get("bandedRanges", ())),
    )


def _protected(plain: Mapping[str, Any]) -> Iterator[tuple[Area, tuple[Area, ...]]]:
    for one in plain.get("protectedRanges", ()):
        if not one.get("warningOnly") and not one.get("requestingUserCanEdit"):
            yield area_of(one.get("range", {})), tuple(area_of(free) for free in one.get("unprotectedRanges", ()))


def _tables(plain: Mapping[str, Any]) -> Iterator[tuple[str, TableRange]]:
    for one in plain.get("tables", ()):
        area = area_of(one.get("range", {}))
        if area.bottom is not None and area.right is not None:
            table = TableRange(one.get("name", ""), area.top, area.left, area.bottom - 1, area.right - 1)
            yield one["tableId"], table


def _read_cell(
    cell: Mapping[str, Any],
    place: Place,
    typed: list[list[Typed]],
    results: dict[Place, Raw],
    formats: dict[Place, str],
    patterns: dict[Place, Mapping[str, Any]],
) -> None:
    number_format = cell.get("effectiveFormat", {}).get("numberFormat")
    kind = kind_of(number_format) if number_format else ""
    if kind:
        formats[place] = kind
    own = cell.get("userEnteredFormat", {}).get("numberFormat")
    if own:
        patterns[place] = own
    entered, effective = cell.get("userEnteredValue"), cell.get("effectiveValue")
    row, column = place
    if entered and "formulaValue" in entered:
        typed[row][column] = Formula(entered["formulaValue"])
        results[place] = value_of(effective or {}, kind)
    elif entered:
        typed[row][column] = value_of(entered, kind)
    elif effective:
        # What another cell's formula spills into this one.
        results[place] = value_of(effective, kind)


def kind_of(number_format: Mapping[str, Any]) -> str:
    """The kind of moment that a number format shows, empty for none."""
    kind, pattern = number_format.get("type", ""), number_format.get("pattern", "").lower()
    if kind == "TIME":
        return DURATION if any(one in pattern for one in ("[h", "[m", "[s")) else TIME
    return {"DATE": DATE, "DATE_TIME": MOMENT}.get(kind, "")


def value_of(plain: Mapping[str, Any], kind: str) -> Raw:
    """The value of an ExtendedValue in a cell that shows this kind of moment."""
    if "stringValue" in plain:
        text: str = plain["stringValue"]
        return text or None
    if "boolValue" in plain:
        return bool(plain["boolValue"])
    if "errorValue" in plain:
        return CellError(ERROR_CODES.get(plain["errorValue"].get("type", ""), "#ERROR!"))
    if "numberValue" not in plain:
        return None
    number: int | float = plain["numberValue"]
    return _moment(number, kind) if kind else number


def _moment(number: float, kind: str) -> Raw:
    try:
        span = timedelta(milliseconds=round(number * 86_400_000))
        if kind == DURATION or (kind == TIME and not 0 <= number < 1):
            return span
        moment = EPOCH + span
    except (OverflowError, ValueError):
        return number
    if kind == TIME:
        return moment.time()
    return moment.date() if kind == DATE and moment.time() == time() else moment


def serial_of(value: date | time | timedelta) -> float:
    """A day, moment, time or duration as the sheet counts it, to the millisecond."""
    if isinstance(value, timedelta):
        span = value
    elif isinstance(value, time):
        span = datetime.combine(EPOCH, value) - EPOCH
    else:
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
        span = moment.replace(tzinfo=None) - EPOCH
    number = round(span / timedelta(milliseconds=1)) / 86_400_000
    return int(number) if number.is_integer() else number
