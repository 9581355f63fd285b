"""Requests on the spreadsheet and its tabs: add, delete, copy, rename, reorder, resize, freeze, hide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from itertools import count
from typing import Any

from sheetcrm.testing.sheets_server.defaults import COLUMNS, ROWS
from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.fields import write, write_mask
from sheetcrm.testing.sheets_server.forms import theme_of, with_colors
from sheetcrm.testing.sheets_server.model import Json, Sheet, Spreadsheet
from sheetcrm.testing.sheets_server.places import Area, quoted
from sheetcrm.testing.sheets_server.rights import check_editable
from sheetcrm.testing.sheets_server.schema import parts
from sheetcrm.testing.sheets_server.structure import MESSAGES, rename_in_formulas
from sheetcrm.testing.sheets_server.work import Work

LONGEST_TITLE = 100
MOST_SHEETS = 200


def sheet_of(work: Work, sheet_id: int | None) -> Sheet:
    """The sheet of an id. Raises the 400 of requests that name a sheet."""
    found = next((one for one in work.book.sheets if one.id == (sheet_id or 0)), None)
    if found is None:
        raise bad(f"No sheet with id: {sheet_id or 0}")
    return found


def _check_title(work: Work, title: str, but: Sheet | None = None) -> None:
    if not title or len(title) > LONGEST_TITLE:
        raise bad("A sheet's name must have 1 to 100 characters." if title else "Sheet name cannot be empty.")
    taken = {one.title.casefold() for one in work.book.sheets if one is not but}
    if title.casefold() in taken:
        raise bad(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _free_title(book: Spreadsheet, stem: str, first: int) -> str:
    taken = {one.title.casefold() for one in book.sheets}
    number = first
    while (title := f"{stem}{number}").casefold() in taken:
        number += 1
    return title


def new_sheet(work: Work, given: Mapping[str, Any]) -> Sheet:
    """A sheet of these properties, the rest as Google gives it. Not yet in the spreadsheet."""
    plain = deepcopy({name: one for name, one in given.items() if name != "index"})
    taken = {one.id for one in work.book.sheets}
    if plain.get("sheetId") in taken:
        raise bad(f"A sheet with the id {plain['sheetId']} already exists.")
    if plain.get("sheetId", 0) < 0:
        raise bad("sheetId: The sheet ID must not be negative.")
    plain.setdefault("sheetId", work.new_id(taken))
    plain.setdefault("title", _free_title(work.book, "Sheet", len(work.book.sheets) + 1))
    _check_title(work, plain["title"])
    plain.setdefault("sheetType", "GRID")
    grid = plain.setdefault("gridProperties", {})
    for name, size in (("rowCount", ROWS), ("columnCount", COLUMNS)):
        if grid.setdefault(name, size) < (0 if plain["sheetType"] == "OBJECT" else 1):
            raise bad(f"gridProperties.{name}: The grid must have at least one row and column.")
    with_colors("SheetProperties", plain, theme_of(work.book.properties))
    if grid["rowCount"] * grid["columnCount"] > 10_000_000:
        raise bad("This action would increase the number of cells in the workbook above the limit of 10000000 cells.")
    return Sheet(plain)


def place_sheet(work: Work, sheet: Sheet, index: int | None) -> None:
    """Puts a new sheet among the others."""
    sheets = work.book.sheets
    if len(sheets) >= MOST_SHEETS:
        raise bad(f"A spreadsheet cannot have more than {MOST_SHEETS} sheets.")
    if index is not None and not 0 <= index <= len(sheets):
        raise bad(f"index[{index}] must be between 0 and {len(sheets)}")
    sheets.insert(len(sheets) if index is None else index, sheet)
    work.book.check_size()


def add_sheet(work: Work, plain: Json) -> Json:
    """AddSheet."""
    given = plain.get("properties", {})
    sheet = new_sheet(work, given)
    place_sheet(work, sheet, given.get("index"))
    return {"addSheet": {"properties": work.reader().properties(sheet)}}


def delete_sheet(work: Work, plain: Json) -> Json:
    """DeleteSheet."""
    sheet = sheet_of(work, plain.get("sheetId"))
    others = [one for one in work.book.sheets if one is not sheet]
    if not others:
        raise bad("You can't remove all the sheets in a document.")
    if all(one.properties.get("hidden") for one in others):
        raise bad("You can't remove all the visible sheets in a document.")
    check_editable(sheet, [sheet.whole], work.user)
    book = work.book
    book.sheets = others
    book.named_ranges = [one for one in book.named_ranges if one["range"].get("sheetId", 0) != sheet.id]
    book.metadata = [one for one in book.metadata if not _lies_on(one["location"], sheet)]
    return {}


def _lies_on(location: Mapping[str, Any], sheet: Sheet) -> bool:
    if location["locationType"] == "SHEET":
        return bool(location["sheetId"] == sheet.id)
    return "dimensionRange" in location and location["dimensionRange"].get("sheetId", 0) == sheet.id


def duplicate(work: Work, source: Sheet, title: str, sheet_id: int | None) -> Sheet:
    """A copy of a sheet with everything that lies on it, under new ids."""
    new = source.copied()
    taken = {one.id for one in work.book.sheets}
    if sheet_id in taken:
        raise bad(f"A sheet with the id {sheet_id} already exists.")
    new.properties |= {"sheetId": work.new_id(taken) if sheet_id is None else sheet_id, "title": title}
    for name, listed in new.objects.items():
        for one in listed:
            for kind, part in parts(MESSAGES[name], one):
                if part.get("sheetId", 0) == source.id and (kind in _PLACES or "sheetId" in part):
                    part["sheetId"] = new.id
            for key in _IDS & one.keys():
                one[key] = str(work.new_id()) if isinstance(one[key], str) else work.new_id()
    names = {one["name"].casefold() for sheet in work.book.sheets for one in sheet.objects["tables"]}
    for one in new.objects["tables"]:
        # No two tables of a spreadsheet have the same name.
        if one["name"].casefold() in names:
            one["name"] = next(name for n in count(2) if (name := f"{one['name']}_{n}").casefold() not in names)
        names.add(one["name"].casefold())
    return new


_PLACES = frozenset({"GridRange", "DimensionRange", "GridCoordinate"})
"""Messages that lie on the sheet 0 where they name none."""
_IDS = frozenset({"chartId", "filterViewId", "protectedRangeId", "bandedRangeId", "slicerId", "tableId"})


def duplicate_sheet(work: Work, plain: Json) -> Json:
    """DuplicateSheet."""
    source = sheet_of(work, plain.get("sourceSheetId"))
    title = plain.get("newSheetName") or _copy_title(work.book, source.title)
    _check_title(work, title)
    new = duplicate(work, source, title, plain.get("newSheetId"))
    new.properties.pop("hidden", None)
    # Without a place Google puts the copy first.
    place_sheet(work, new, plain.get("insertSheetIndex", 0))
    return {"duplicateSheet": {"properties": work.reader().properties(new)}}


def _copy_title(book: Spreadsheet, title: str) -> str:
    first = f"Copy of {title}"
    return first if book.titled(first) is None else _free_title(book, f"{first} ", 2)


def copy_to(work: Work, sheet_id: int, target: Work) -> Json:
    """sheets.copyTo: the sheet copied to the end of another spreadsheet (or the same)."""
    source = next((one for one in work.book.sheets if one.id == sheet_id), None)
    if source is None:
        raise bad(f"The sheet ({sheet_id}) does not exist.")
    new = duplicate(target, source, _copy_title(target.book, source.title), None)
    new.properties.pop("hidden", None)
    place_sheet(target, new, None)
    return target.reader().properties(new)


def update_sheet_properties(work: Work, plain: Json) -> Json:
    """UpdateSheetProperties."""
    given = plain.get("properties", {})
    sheet = sheet_of(work, given.get("sheetId"))
    mask = write_mask(plain.get("fields", ""), "SheetProperties")
    title = sheet.title
    before = deepcopy(sheet.properties)
    sizes = {"rowCount": sheet.row_count, "columnCount": sheet.column_count}
    target = {**before, "gridProperties": {**before["gridProperties"], **sizes}}
    write(plain["fields"], "SheetProperties", target, given)
    target["sheetId"] = sheet.id
    target.setdefault("gridProperties", {})
    target.pop("index", None)
    if target.get("title") != title:
        _check_title(work, target.get("title", ""), sheet)
    if target.get("hidden") and all(one.properties.get("hidden") for one in work.book.sheets if one is not sheet):
        raise bad("You can't hide all the sheets in a document.")
    _resize(work, sheet, {**sizes, **target["gridProperties"]})
    sheet.properties = with_colors("SheetProperties", target, theme_of(work.book.properties))
    if sheet.title != title:
        rename_in_formulas(work.book, title, quoted(sheet.title))
    if "index" in mask or ("*" in mask and "index" in given):
        _move(work, sheet, given.get("index", 0))
    return {}


def _resize(work: Work, sheet: Sheet, grid: Mapping[str, Any]) -> None:
    rows, columns = grid["rowCount"], grid["columnCount"]
    if rows < 1 or columns < 1:
        raise bad("gridProperties: The grid must have at least one row and one column.")
    for frozen, size, name in (("frozenRowCount", rows, "rows"), ("frozenColumnCount", columns, "columns")):
        if grid.get(frozen, 0) >= size:
            raise bad(f"You can't freeze all visible {name} on the sheet.")
    if rows < sheet.row_count or columns < sheet.column_count:
        gone = [
            Area(rows, 0, sheet.row_count, sheet.column_count),
            Area(0, columns, sheet.row_count, sheet.column_count),
        ]
        check_editable(sheet, [one for one in gone if one.height > 0 and one.width > 0], work.user)
    if rows * columns > 10_000_000:
        raise bad("This action would increase the number of cells in the workbook above the limit of 10000000 cells.")
    from sheetcrm.testing.sheets_server.structure import delete

    if rows < sheet.row_count:
        sheet.grid["frozenRowCount"] = grid.get("frozenRowCount", 0)
        delete(work.book, sheet, "ROWS", rows, sheet.row_count)
    if columns < sheet.column_count:
        sheet.grid["frozenColumnCount"] = grid.get("frozenColumnCount", 0)
        delete(work.book, sheet, "COLUMNS", columns, sheet.column_count)
    sheet.rows.extend([None] * (rows - sheet.row_count))
    sheet.columns.extend({} for _ in range(columns - sheet.column_count))
    work.book.check_size()


def _move(work: Work, sheet: Sheet, index: int) -> None:
    """Moves a sheet to a place counted before the move, as the API does."""
    sheets = work.book.sheets
    now = next(i for i, one in enumerate(sheets) if one is sheet)
    if not 0 <= index <= len(sheets):
        raise bad(f"index[{index}] must be between 0 and {len(sheets)}")
    if index in (now, now + 1):
        return
    sheets.pop(now)
    sheets.insert(index if index < now else index - 1, sheet)


def update_spreadsheet_properties(work: Work, plain: Json) -> Json:
    """UpdateSpreadsheetProperties."""
    given = plain.get("properties", {})
    target = deepcopy(work.book.properties)
    write(plain.get("fields", ""), "SpreadsheetProperties", target, given)
    check_properties(target)
    # Nobody can change the format of cells that have none of their own, nor the rest that a file always has.
    target = {**work.book.properties, **target, "defaultFormat": work.book.properties["defaultFormat"]}
    with_colors("SpreadsheetProperties", target, theme_of(target))
    work.book.properties = target
    return {}


def check_properties(plain: Mapping[str, Any]) -> None:
    """Nothing; raises the 400 of a zone or locale that nobody knows, or of an empty title."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from babel import Locale, UnknownLocaleError

    if not plain.get("title"):
        raise bad("properties.title: The title cannot be empty.")
    try:
        ZoneInfo(str(plain.get("timeZone", "Etc/GMT")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise bad(f"Invalid time zone: {plain.get('timeZone')}") from None
    try:
        Locale.parse(str(plain.get("locale", "en_US")))
    except (UnknownLocaleError, ValueError):
        raise bad(f"Unsupported locale: {plain.get('locale')}") from None


REQUESTS: Mapping[str, Callable[[Work, Json], Json]] = {
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "duplicateSheet": duplicate_sheet,
    "updateSheetProperties": update_sheet_properties,
    "updateSpreadsheetProperties": update_spreadsheet_properties,
}
