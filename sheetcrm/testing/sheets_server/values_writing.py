"""values.update and its kin: ranges of plain values written as typed or as they are, appended, cleared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sheetcrm.table import column_letters
from sheetcrm.testing.sheets_server.a1 import parse_range
from sheetcrm.testing.sheets_server.entering import check_length, entered
from sheetcrm.testing.sheets_server.errors import ApiError, bad
from sheetcrm.testing.sheets_server.finding import chosen_ranges
from sheetcrm.testing.sheets_server.model import Cell, Json, Sheet
from sheetcrm.testing.sheets_server.places import Area, shown_range
from sheetcrm.testing.sheets_server.regions import covered, grow_table, last_region
from sheetcrm.testing.sheets_server.rights import check_editable
from sheetcrm.testing.sheets_server.showing import MOMENTS
from sheetcrm.testing.sheets_server.structure import insert
from sheetcrm.testing.sheets_server.values import Options, area_of, area_within, value_range
from sheetcrm.testing.sheets_server.work import Work

_UNSET = ("", None, "INPUT_VALUE_OPTION_UNSPECIFIED")
_WHOLE_CELL = ("textFormatRuns", "pivotTable", "chipRuns", "dataSourceFormula")
"""Parts of a cell that go with the value they belong to."""


def _cells(values: Sequence[Sequence[Any]], dimension: str) -> Iterator[tuple[int, int, Any]]:
    """Row, column and value of each cell of a ValueRange, nulls left out."""
    for i, line in enumerate(values):
        for j, value in enumerate(line):
            if isinstance(value, dict | list):
                kind = "struct_value" if isinstance(value, dict) else "list_value"
                raise bad(f"Invalid values[{i}][{j}]: {kind} {{ }}")
            if value is not None:
                yield (i, j, value) if dimension != "COLUMNS" else (j, i, value)


def _size(values: Sequence[Any], dimension: str) -> tuple[int, int]:
    longest = max(map(len, values), default=0)
    return (len(values), longest) if dimension != "COLUMNS" else (longest, len(values))


def new_cell(old: Cell, value: Any, *, is_typed: bool, locale: str, today: date) -> Cell:
    """The cell once a value of a call was put into it."""
    extra = {name: one for name, one in old.extra.items() if name not in _WHOLE_CELL}
    number_format = old.format.get("numberFormat", {})
    if isinstance(value, bool):
        return Cell(value, old.format, extra)
    if isinstance(value, int | float):
        return Cell(float(value), old.format, extra)
    check_length(value)
    if not is_typed or (number_format.get("type") == "TEXT" and not value.startswith("=")):
        return Cell(value or None, old.format, extra)
    found = entered(value, locale, today)
    wanted = found.format
    has_own = number_format and (number_format.get("type") in MOMENTS) == (wanted is not None and wanted[0] in MOMENTS)
    if wanted is None or (has_own and wanted[0] not in ("PERCENT", "CURRENCY")):
        return Cell(found.value, old.format, extra)
    typed_format = {"type": wanted[0], "pattern": wanted[1]}
    return Cell(found.value, {**old.format, "numberFormat": typed_format} if not has_own else old.format, extra)


def check_option(option: object) -> bool:
    """Whether values are to be read as typed by a person. Raises the 400 of a call that does not say."""
    if option in _UNSET:
        raise bad("'valueInputOption' is required but not specified")
    if option not in ("RAW", "USER_ENTERED"):
        kind = "type.googleapis.com/google.apps.sheets.v4.ValueInputOption"
        raise bad(f"Invalid value at 'value_input_option' ({kind}), \"{option}\"")
    return option == "USER_ENTERED"


class _Written(NamedTuple):
    """What a write did: its answer, and which rows and columns of which sheet it reached."""

    answer: Json
    sheet: int
    rows: frozenset[int]
    columns: frozenset[int]


def _put(work: Work, sheet: Sheet, area: Area, values: Any, options: Options) -> _Written:
    """Writes values into an area that they fit, and gives the counts."""
    is_typed = check_option(options.get("valueInputOption"))
    dimension = options.get("majorDimension") or "ROWS"
    cells = list(_cells(values, dimension))
    check_editable(sheet, [area], work.user)
    hidden = covered(sheet)
    today, locale = work.local_now.date(), work.book.locale
    for i, j, value in cells:
        place = area.top + i, area.left + j
        if place not in hidden:
            old = sheet.cell(*place)
            sheet.put(*place, new_cell(old, value, is_typed=is_typed, locale=locale, today=today))
    rows = frozenset(area.top + i for i, _, _ in cells)
    columns = frozenset(area.left + j for _, j, _ in cells)
    counts = {"updatedRows": len(rows), "updatedColumns": len(columns), "updatedCells": len(cells)}
    answer: Json = {"spreadsheetId": work.book.id, "updatedRange": shown_range(sheet.title, area)}
    answer |= {name: count for name, count in counts.items() if count}
    if str(options.get("includeValuesInResponse", "")).lower() == "true":
        render = {
            "valueRenderOption": options.get("responseValueRenderOption"),
            "dateTimeRenderOption": options.get("responseDateTimeRenderOption"),
            "majorDimension": dimension,
        }
        answer["updatedData"] = value_range(work.reader(), sheet, area, render)
    return _Written(answer, sheet.id, rows, columns)


def _target(sheet: Sheet, plain: Mapping[str, Any], size: tuple[int, int], *, is_cell: bool) -> Area:
    """The area that values of a size fill within a range. Raises the 400s of values that do not fit."""
    area = sheet.clipped(plain)
    height, width = size
    bottom, right = area.top + max(height, 1), area.left + max(width, 1)
    if not is_cell:
        wanted = f"Requested writing within range [{sheet.shown(plain)}], but tried writing to"
        if plain.get("endRowIndex") is not None and bottom > plain["endRowIndex"]:
            raise bad(f"{wanted} row [{plain['endRowIndex'] + 1}]")
        if plain.get("endColumnIndex") is not None and right > plain["endColumnIndex"]:
            raise bad(f"{wanted} column [{column_letters(plain['endColumnIndex'])}]")
    if bottom > sheet.row_count or right > sheet.column_count:
        limits = f"Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
        target = shown_range(sheet.title, Area(area.top, area.left, bottom, right))
        raise bad(f"Range ({target}) exceeds grid limits. {limits}")
    return Area(area.top, area.left, bottom, right)


def update(work: Work, text: str, body: Json, options: Options) -> Json:
    """values.update."""
    return _update(work, text, body, options).answer


def _update(work: Work, text: str, body: Json, options: Options) -> _Written:
    if body.get("range") and body["range"] != text:
        raise bad(f"Requested range ({text}) does not match the range of the values ({body['range']})")
    sheet, plain, is_cell = parse_range(text, work.book)
    values, dimension = body.get("values", []), body.get("majorDimension") or "ROWS"
    area = _target(sheet, plain, _size(values, dimension), is_cell=is_cell)
    return _put(work, sheet, area, values, {**options, "majorDimension": dimension})


def batch_update(work: Work, body: Json) -> Json:
    """values.batchUpdate."""
    written = []
    for i, one in enumerate(body.get("data", ())):
        try:
            written.append(_update(work, one.get("range", ""), one, body))
        except ApiError as error:
            if not error.message.startswith("'value"):
                error.message = f"Invalid data[{i}]: {error.message}"
            raise
    return _totals(work, written)


def _totals(work: Work, written: Sequence[_Written]) -> Json:
    """The answers with their sums: a row or a column that several ranges reach counts once, cells each time."""
    sums = {
        "totalUpdatedRows": len({(one.sheet, row) for one in written for row in one.rows}),
        "totalUpdatedColumns": len({(one.sheet, column) for one in written for column in one.columns}),
        "totalUpdatedCells": sum(one.answer.get("updatedCells", 0) for one in written),
        "totalUpdatedSheets": len({one.sheet for one in written if one.rows}),
    }
    plain: Json = {"spreadsheetId": work.book.id} | {key: count for key, count in sums.items() if count}
    return plain | ({"responses": [one.answer for one in written]} if written else {})


def batch_update_by_filter(work: Work, body: Json) -> Json:
    """values.batchUpdateByDataFilter."""
    written = []
    for one in body.get("data", ()):
        values, dimension = one.get("values", []), one.get("majorDimension") or "ROWS"
        for sheet, plain in chosen_ranges(one.get("dataFilter", {}), work.book):
            area = _target(sheet, plain, _size(values, dimension), is_cell=False)
            done = _put(work, sheet, area, values, {**body, "majorDimension": dimension})
            done.answer.pop("spreadsheetId")
            done.answer["dataFilter"] = one["dataFilter"]
            written.append(done)
    return _totals(work, written)


def append(work: Work, text: str, body: Json, options: Options) -> Json:
    """values.append: below the last table within the range, the grid grown as needed."""
    check_option(options.get("valueInputOption"))
    sheet, plain, _ = parse_range(text, work.book)
    area = area_within(sheet, plain)
    values, dimension = body.get("values", []), body.get("majorDimension") or "ROWS"
    height, width = _size(values, dimension)
    table = last_region(sheet, area)
    top, left = (table.bottom, table.left) if table else (area.top, area.left)
    if options.get("insertDataOption") == "INSERT_ROWS" and top < sheet.row_count and height:
        insert(work.book, sheet, "ROWS", top, height, inherits=bool(table))
    grow(work, sheet, top + height, left + width)
    target = Area(top, left, top + max(height, 1), left + max(width, 1))
    answer: Json = {"spreadsheetId": work.book.id}
    if table:
        answer["tableRange"] = shown_range(sheet.title, table)
    answer["updates"] = _put(work, sheet, target, values, {**options, "majorDimension": dimension}).answer
    grow_table(sheet, table, height)
    return answer


def grow(work: Work, sheet: Sheet, rows: int, columns: int) -> None:
    """Makes the grid at least so large. Raises the 400 of a workbook too large."""
    sheet.rows.extend([None] * max(0, rows - sheet.row_count))
    sheet.columns.extend({} for _ in range(max(0, columns - sheet.column_count)))
    work.book.check_size()


def _clear(work: Work, sheet: Sheet, area: Area) -> str:
    check_editable(sheet, [area], work.user)
    for row, column, cell in list(sheet.filled(area)):
        if cell.value is not None:
            extra = {name: one for name, one in cell.extra.items() if name not in _WHOLE_CELL}
            sheet.put(row, column, Cell(None, cell.format, extra))
    return shown_range(sheet.title, area)


def clear(work: Work, text: str) -> Json:
    """values.clear."""
    return {"spreadsheetId": work.book.id, "clearedRange": _clear(work, *area_of(work, text))}


def batch_clear(work: Work, ranges: Iterable[str]) -> Json:
    """values.batchClear."""
    cleared = [_clear(work, *area_of(work, text)) for text in ranges]
    return {"spreadsheetId": work.book.id} | ({"clearedRanges": cleared} if cleared else {})


def batch_clear_by_filter(work: Work, body: Json) -> Json:
    """values.batchClearByDataFilter."""
    places = [pair for one in body.get("dataFilters", ()) for pair in chosen_ranges(one, work.book)]
    cleared = [_clear(work, sheet, area_within(sheet, plain)) for sheet, plain in places]
    return {"spreadsheetId": work.book.id} | ({"clearedRanges": cleared} if cleared else {})
