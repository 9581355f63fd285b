"""A spreadsheet made from its resource: for `spreadsheets.create`, and for files read back from disk."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from sheetcrm.testing.sheets_server.answering import Reader
from sheetcrm.testing.sheets_server.defaults import COLUMN_PIXELS, ROW_PIXELS, spreadsheet_properties
from sheetcrm.testing.sheets_server.edits_cells import changed_cell
from sheetcrm.testing.sheets_server.edits_sheets import check_properties, new_sheet, place_sheet
from sheetcrm.testing.sheets_server.fields import parse_mask
from sheetcrm.testing.sheets_server.finding import create
from sheetcrm.testing.sheets_server.forms import theme_of, with_colors
from sheetcrm.testing.sheets_server.model import OBJECTS, Cell, ErrorValue, Json, Sheet
from sheetcrm.testing.sheets_server.schema import parts
from sheetcrm.testing.sheets_server.structure import MESSAGES
from sheetcrm.testing.sheets_server.work import Work

KEPT = (
    "properties,namedRanges,developerMetadata,sheets(properties,developerMetadata,basicFilter,"
    + ",".join(OBJECTS)
    + ",data(startRow,startColumn,rowMetadata,columnMetadata,rowData.values(userEnteredValue,userEnteredFormat,note,"
    "dataValidation,textFormatRuns,pivotTable,chipRuns)))"
)
"""The parts of a spreadsheet from which all of it can be made again."""

_CELL_MASK: Json = {name: {} for name in ("userEnteredValue", "userEnteredFormat", "note", "dataValidation")} | {
    name: {} for name in ("textFormatRuns", "pivotTable", "chipRuns")
}


def saved(reader: Reader) -> Json:
    """All that is needed to make the spreadsheet again."""
    return reader.resource(None, has_data=True, mask=parse_mask(KEPT))


def fill(work: Work, plain: Mapping[str, Any]) -> None:
    """Fills an empty spreadsheet from a resource: properties, sheets with their cells and objects, ranges, metadata."""
    book = work.book
    book.properties = {**spreadsheet_properties("Untitled spreadsheet"), **deepcopy(dict(plain.get("properties", {})))}
    check_properties(book.properties)
    with_colors("SpreadsheetProperties", book.properties, theme_of(book.properties))
    for given in plain.get("sheets", ()) or [{"properties": {"sheetId": 0, "title": "Sheet1"}}]:
        sheet = new_sheet(work, given.get("properties", {}))
        place_sheet(work, sheet, None)
        _add_objects(sheet, given)
        for block in given.get("data", ()):
            _add_data(work, sheet, block)
        _add_metadata(work, given.get("developerMetadata", ()))
    book.named_ranges = [_with_sheets("NamedRange", deepcopy(one)) for one in plain.get("namedRanges", ())]
    _add_metadata(work, plain.get("developerMetadata", ()))


def _with_sheets(message: str, plain: Json) -> Json:
    """The message itself with sheet 0 named where the API leaves it out."""
    for kind, part in parts(message, plain):
        if kind in ("GridRange", "DimensionRange", "GridCoordinate"):
            part.setdefault("sheetId", 0)
    return plain


def _add_objects(sheet: Sheet, given: Mapping[str, Any]) -> None:
    for name in OBJECTS:
        sheet.objects[name] = [_with_sheets(MESSAGES[name], deepcopy(one)) for one in given.get(name, ())]
    for one in sheet.objects["protectedRanges"]:
        one.pop("requestingUserCanEdit", None)
    if "basicFilter" in given:
        sheet.objects["basicFilter"] = [_with_sheets("BasicFilter", deepcopy(given["basicFilter"]))]


def _add_metadata(work: Work, found: Any) -> None:
    for one in found:
        location = {name: part for name, part in one.get("location", {}).items() if name != "locationType"}
        create({**one, "location": location}, work.book, work.random)


def _add_data(work: Work, sheet: Sheet, block: Mapping[str, Any]) -> None:
    top, left = block.get("startRow", 0), block.get("startColumn", 0)
    theme = theme_of(work.book.properties)
    for i, row in enumerate(block.get("rowData", ()), top):
        for j, data in enumerate(row.get("values", ()), left):
            if data:
                sheet.put(i, j, _cell(data, theme))
    for i, one in enumerate(block.get("rowMetadata", ()), top):
        kept = _dimension(one, ROW_PIXELS)
        if kept:
            sheet.own_row(i).properties.update(kept)
        _add_metadata(work, one.get("developerMetadata", ()))
    for j, one in enumerate(block.get("columnMetadata", ()), left):
        sheet.columns[j].update(_dimension(one, COLUMN_PIXELS))
        _add_metadata(work, one.get("developerMetadata", ()))


def _dimension(plain: Mapping[str, Any], usual: int) -> Json:
    kept = {name: plain[name] for name in ("pixelSize", "hiddenByUser") if name in plain}
    if kept.get("pixelSize") == usual:
        del kept["pixelSize"]
    return kept


def _cell(data: Mapping[str, Any], theme: Mapping[str, Any]) -> Cell:
    error = data.get("userEnteredValue", {}).get("errorValue")
    if error:
        rest = changed_cell(Cell(), {**data, "userEnteredValue": {}}, _CELL_MASK, theme)
        return Cell(ErrorValue(error.get("type", "ERROR"), error.get("message", "")), rest.format, rest.extra)
    return changed_cell(Cell(), data, _CELL_MASK, theme)
