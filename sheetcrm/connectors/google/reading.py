"""A Google Sheet as the API gives it, as Grids: typed values, formulas, dates told by their number format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sheetcrm.connectors.google.state import Area, Formula, Place, State, Tab, Typed, area_of
from sheetcrm.table import CellError, Raw, TableRange

TAB_KEY = "sheetcrm tab"
"""The key of the developer metadata of whole tabs that were put here."""

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
        tuple(one for one in tabs if not one.is_scratch),
        tuple(one for one in tabs if one.is_scratch),
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
