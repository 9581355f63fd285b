"""values.get and its kin: ranges of plain values as shown, unformatted or as formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sheetcrm.testing.sheets_server.a1 import parse_range
from sheetcrm.testing.sheets_server.answering import Reader
from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.finding import chosen_ranges
from sheetcrm.testing.sheets_server.forms import plain_number
from sheetcrm.testing.sheets_server.model import ErrorValue, Formula, Json, Sheet
from sheetcrm.testing.sheets_server.places import Area, shown_range
from sheetcrm.testing.sheets_server.showing import MOMENTS, shown
from sheetcrm.testing.sheets_server.work import Work

Options = Mapping[str, Any]


def _value(reader: Reader, sheet: Sheet, row: int, column: int, options: Options) -> Any:
    cell = sheet.cell(row, column)
    render = options.get("valueRenderOption") or "FORMATTED_VALUE"
    if render == "FORMULA" and isinstance(cell.value, Formula):
        return cell.value.text
    value = reader.values.at(sheet, row, column)
    number_format = reader.number_format(cell)
    is_moment = (
        (number_format or {}).get("type") in MOMENTS and isinstance(value, float) and not isinstance(value, bool)
    )
    if render == "FORMATTED_VALUE" or (is_moment and options.get("dateTimeRenderOption") == "FORMATTED_STRING"):
        return shown(value, number_format, reader.book.locale)
    if isinstance(value, ErrorValue):
        return value.shown
    if isinstance(value, float) and not isinstance(value, bool):
        return plain_number(value)
    return "" if value is None else value


def value_range(reader: Reader, sheet: Sheet, area: Area, options: Options) -> Json:
    """The ValueRange of an area: empty ends of rows left out, and empty rows at the end."""
    dimension = options.get("majorDimension") or "ROWS"
    dimension = "ROWS" if dimension == "DIMENSION_UNSPECIFIED" else dimension
    plain: Json = {"range": shown_range(sheet.title, area), "majorDimension": dimension}
    lines: dict[int, dict[int, Any]] = {}
    entered = [(row, column) for row, column, cell in sheet.filled(area) if cell.value is not None]
    for row, column in (*entered, *reader.values.spilled_in(sheet, area)):
        line, place = row - area.top, column - area.left
        if dimension != "ROWS":
            line, place = place, line
        lines.setdefault(line, {})[place] = _value(reader, sheet, row, column, options)
    if lines:
        plain["values"] = [_line(lines.get(i, {})) for i in range(max(lines) + 1)]
    return plain


def _line(found: Mapping[int, Any]) -> list[Any]:
    line: list[Any] = [""] * (max(found) + 1) if found else []
    for place, value in found.items():
        line[place] = value
    return line


def area_of(work: Work, text: str) -> tuple[Sheet, Area]:
    """Sheet and area of a range in a call that reads or clears: it must begin within the grid."""
    sheet, plain, _ = parse_range(text, work.book)
    return sheet, area_within(sheet, plain)


def area_within(sheet: Sheet, plain: Mapping[str, Any]) -> Area:
    """The area of a GridRange that begins within the grid. Raises the 400 of one that does not."""
    area = sheet.clipped(plain)
    if area.top >= sheet.row_count or area.left >= sheet.column_count:
        limits = f"Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
        raise bad(f"Range ({sheet.shown(plain)}) exceeds grid limits. {limits}")
    return area


def get(work: Work, text: str, options: Options) -> Json:
    """values.get."""
    return value_range(work.reader(), *area_of(work, text), options)


def batch_get(work: Work, ranges: Sequence[str], options: Options) -> Json:
    """values.batchGet."""
    reader = work.reader()
    found = [value_range(reader, *area_of(work, text), options) for text in ranges]
    return {"spreadsheetId": work.book.id} | ({"valueRanges": found} if found else {})


def batch_get_by_filter(work: Work, body: Json) -> Json:
    """values.batchGetByDataFilter."""
    reader, found = work.reader(), []
    for one in body.get("dataFilters", ()):
        for sheet, plain in chosen_ranges(one, work.book):
            value = value_range(reader, sheet, area_within(sheet, plain), body)
            found.append({"valueRange": value, "dataFilters": [one]})
    return {"spreadsheetId": work.book.id} | ({"valueRanges": found} if found else {})
