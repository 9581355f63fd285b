"""Rows and columns inserted, deleted and moved: cells, and everything that names places, goes along."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.model import Cell, Formula, Json, Row, Sheet, Spreadsheet
from sheetcrm.testing.sheets_server.places import Area
from sheetcrm.testing.sheets_server.references import Reference, moved, rewritten, shifted, shifted_span
from sheetcrm.testing.sheets_server.schema import parts

KEYS = {"ROWS": ("startRowIndex", "endRowIndex"), "COLUMNS": ("startColumnIndex", "endColumnIndex")}
MESSAGES = {
    "merges": "GridRange",
    "conditionalFormats": "ConditionalFormatRule",
    "filterViews": "FilterView",
    "protectedRanges": "ProtectedRange",
    "charts": "EmbeddedChart",
    "bandedRanges": "BandedRange",
    "rowGroups": "DimensionGroup",
    "columnGroups": "DimensionGroup",
    "slicers": "Slicer",
    "tables": "Table",
    "basicFilter": "BasicFilter",
}
"""The message of which each list of a sheet's objects consists."""

Span = Callable[[int, int], tuple[int, int] | None]
"""Where a span of rows or columns is afterwards; None where it is gone."""


def span_of(plain: Json, sheet: Sheet, *, may_be_open: bool = True) -> tuple[str, int, int]:
    """Dimension, start and end of a DimensionRange. Raises the 400 of one that leaves the grid."""
    dimension = plain.get("dimension", "")
    if dimension not in KEYS:
        raise bad("range.dimension: Dimension must be ROWS or COLUMNS.")
    count = sheet.row_count if dimension == "ROWS" else sheet.column_count
    start, end = plain.get("startIndex", 0), plain.get("endIndex")
    if end is None and may_be_open:
        end = count
    if end is None or start < 0 or end <= start:
        raise bad(f"range.endIndex[{end}] must be after range.startIndex[{start}]")
    return dimension, start, end


def insert(book: Spreadsheet, sheet: Sheet, dimension: str, at: int, count: int, *, inherits: bool = False) -> None:
    """Inserts empty rows or columns; with `inherits` they look like those before, else like those after."""
    size = sheet.row_count if dimension == "ROWS" else sheet.column_count
    if at > size:
        name = "row" if dimension == "ROWS" else "column"
        raise bad(f"range.startIndex[{at}] is after last {name} in grid[{size - 1}]")
    model = at - 1 if inherits else at
    if dimension == "ROWS":
        sheet.rows[at:at] = [None] * count
    else:
        sheet.columns[at:at] = [{} for _ in range(count)]
        _shift_columns(sheet, lambda column: column + count if column >= at else column)
    book.check_size()
    _shift_places(book, sheet, dimension, lambda start, end: shifted_span(start, end, at, count))
    _shift_formulas(book, sheet, dimension, at, count)
    if 0 <= model < size:
        _inherit(sheet, dimension, model if model < at else model + count, range(at, at + count))


def _inherit(sheet: Sheet, dimension: str, model: int, new: range) -> None:
    across = range(sheet.column_count if dimension == "ROWS" else sheet.row_count)
    for other in across:
        cell = sheet.cell(model, other) if dimension == "ROWS" else sheet.cell(other, model)
        kept = {name: one for name, one in cell.extra.items() if name == "dataValidation"}
        if cell.format or kept:
            for i in new:
                place = (i, other) if dimension == "ROWS" else (other, i)
                sheet.put(*place, Cell(format=cell.format, extra=kept))


def delete(book: Spreadsheet, sheet: Sheet, dimension: str, start: int, end: int) -> None:
    """Deletes rows or columns. Raises the 400s of what Google does not let go."""
    is_rows = dimension == "ROWS"
    name, size = ("row", sheet.row_count) if is_rows else ("column", sheet.column_count)
    if end > size:
        there = f"Tried to delete {name} index {end - 1} but there are only {size} {name}s."
        raise bad(f"Cannot delete a {name} that doesn't exist. {there}")
    if end - start >= size:
        raise bad(f"You can't delete all the {name}s on the sheet.")
    frozen = "frozenRowCount" if is_rows else "frozenColumnCount"
    still_frozen = sheet.grid.get(frozen, 0)
    if start <= still_frozen and end >= size and still_frozen:
        raise bad(f"Sorry, it is not possible to delete all non-frozen {name}s.")
    if is_rows:
        del sheet.rows[start:end]
    else:
        del sheet.columns[start:end]
        gone = end - start
        _shift_columns(sheet, lambda at: -1 if start <= at < end else at - gone if at >= end else at)
    if start < still_frozen:
        sheet.grid[frozen] = still_frozen - (min(end, still_frozen) - start)
    _shift_places(book, sheet, dimension, lambda one, other: shifted_span(one, other, start, start - end))
    _shift_formulas(book, sheet, dimension, start, start - end)


def move(book: Spreadsheet, sheet: Sheet, dimension: str, start: int, end: int, to: int) -> None:
    """Moves rows or columns before the place `to`, counted before the move."""
    if start <= to <= end:
        return
    count = sheet.row_count if dimension == "ROWS" else sheet.column_count
    order = [i for i in range(count) if not start <= i < end]
    at = to if to < start else to - (end - start)
    order[at:at] = range(start, end)
    new_place = {old: new for new, old in enumerate(order)}
    if dimension == "ROWS":
        sheet.rows = [sheet.rows[i] for i in order]
    else:
        sheet.columns = [sheet.columns[i] for i in order]
        _shift_columns(sheet, lambda column: new_place[column])

    def span(first: int, last: int) -> tuple[int, int] | None:
        if start <= first and last <= end:
            return new_place[first], new_place[last - 1] + 1
        is_outside = last <= min(start, to) or first >= max(end, to)
        return (first, last) if is_outside or last - first > 1 else (new_place[first], new_place[first] + 1)

    _shift_places(book, sheet, dimension, span)
    _move_references(book, sheet, dimension, span)


def _shift_columns(sheet: Sheet, place: Callable[[int], int]) -> None:
    """Gives the cells of all rows their new columns; below 0 means gone."""
    for i, row in enumerate(sheet.rows):
        if row is not None and row.cells:
            cells = {new: cell for column, cell in row.cells.items() if (new := place(column)) >= 0}
            sheet.rows[i] = Row(sheet, cells, dict(row.properties))


def _shift_places(book: Spreadsheet, sheet: Sheet, dimension: str, span: Span) -> None:
    """Moves all ranges that lie on a sheet; objects whose own range is gone are gone."""
    for one in book.sheets:
        for name, listed in one.objects.items():
            listed[:] = [kept for kept in listed if _shifted(MESSAGES[name], kept, sheet, dimension, span)]
    book.named_ranges[:] = [kept for kept in book.named_ranges if _shifted("NamedRange", kept, sheet, dimension, span)]
    book.metadata[:] = [kept for kept in book.metadata if _shifted("DeveloperMetadata", kept, sheet, dimension, span)]
    sheet.objects["merges"][:] = [one for one in sheet.objects["merges"] if _is_merge(one)]


def _is_merge(plain: Json) -> bool:
    height = plain["endRowIndex"] - plain["startRowIndex"]
    return bool(height * (plain["endColumnIndex"] - plain["startColumnIndex"]) > 1)


def _shifted(message: str, plain: Json, sheet: Sheet, dimension: str, span: Span) -> bool:
    """Whether an object is still there once its ranges were moved."""
    own = plain if message == "GridRange" else plain.get("range")
    for kind, part in parts(message, plain):
        if kind in ("GridRange", "DimensionRange"):
            keys = KEYS[dimension] if kind == "GridRange" else ("startIndex", "endIndex")
            if kind == "DimensionRange" and part.get("dimension") != dimension:
                continue
            is_there = _moved(part, sheet, keys, span)
            if not is_there and (part is own or message == "DeveloperMetadata"):
                return False
            if not is_there:
                part["_gone"] = True
        elif kind == "GridCoordinate" and part.get("sheetId", 0) == sheet.id:
            key = "rowIndex" if dimension == "ROWS" else "columnIndex"
            place = span(part.get(key, 0), part.get(key, 0) + 1)
            part[key] = place[0] if place else max(0, part.get(key, 0) - 1)
    return _without_gone(message, plain)


def _without_gone(message: str, plain: Json) -> bool:
    if message == "ConditionalFormatRule":
        plain["ranges"] = [one for one in plain["ranges"] if not one.get("_gone")]
        return bool(plain["ranges"])
    for _, part in parts(message, plain):
        for name, one in list(part.items()):
            if isinstance(one, list) and any(isinstance(each, dict) and each.get("_gone") for each in one):
                part[name] = [each for each in one if not each.get("_gone")]
            elif isinstance(one, dict) and one.get("_gone"):
                del part[name]
    return True


def _moved(part: Json, sheet: Sheet, keys: tuple[str, str], span: Span) -> bool:
    if part.get("sheetId", 0) != sheet.id or (keys[0] not in part and keys[1] not in part):
        return True
    far = 1 << 30
    start, end = part.get(keys[0], 0), part.get(keys[1], far)
    new = span(start, end) if end < far or start else (start, end)
    if new is None:
        return False
    if keys[0] in part:
        part[keys[0]] = new[0]
    if keys[1] in part:
        part[keys[1]] = new[1]
    return True


def formulas(book: Spreadsheet) -> Iterator[tuple[Sheet, int, int, Cell]]:
    """All cells that hold a formula."""
    for sheet in book.sheets:
        for row, column, _ in sheet.formulas:
            yield sheet, row, column, sheet.cell(row, column)


def _change_formulas(book: Spreadsheet, change: Callable[[Sheet, str], str]) -> None:
    for sheet, row, column, cell in list(formulas(book)):
        old = cell.value.text if isinstance(cell.value, Formula) else ""
        text = change(sheet, old)
        if text != old:
            sheet.put(row, column, Cell(Formula(text), cell.format, cell.extra))


def _shift_formulas(book: Spreadsheet, sheet: Sheet, dimension: str, at: int, count: int) -> None:
    def change(home: Sheet, text: str) -> str:
        def is_ours(title: str) -> bool:
            return home is sheet if not title else title.casefold() == sheet.title.casefold()

        return shifted(text, is_ours, dimension, at, count)

    _change_formulas(book, change)


def _move_references(book: Spreadsheet, sheet: Sheet, dimension: str, span: Span) -> None:
    name = "row" if dimension == "ROWS" else "column"

    def change(home: Sheet, text: str) -> str:
        def one(reference: Reference) -> Reference:
            first, last = getattr(reference.first, name), getattr(reference.last, name)
            is_ours = home is sheet if not reference.sheet else reference.sheet.casefold() == sheet.title.casefold()
            if first is None or not is_ours:
                return reference
            if last is None:
                new_first = (span(first, first + 1) or (first, 0))[0]
                return reference._replace(first=reference.first.at(name, new_first))
            new = span(min(first, last), max(first, last) + 1) or (first, last + 1)
            return reference._replace(first=reference.first.at(name, new[0]), last=reference.last.at(name, new[1] - 1))

        return rewritten(text, one)

    _change_formulas(book, change)


def rename_in_formulas(book: Spreadsheet, old: str, new: str) -> None:
    """Lets formulas name a sheet by its new title."""

    def change(_home: Sheet, text: str) -> str:
        return rewritten(text, lambda one: one._replace(title=new) if one.sheet.casefold() == old.casefold() else one)

    _change_formulas(book, change)


def copied_cell(cell: Cell, rows: int, columns: int) -> Cell:
    """A cell as it is once copied to another place: relative references move along."""
    if isinstance(cell.value, Formula) and (rows or columns):
        return Cell(Formula(moved(cell.value.text, rows, columns)), cell.format, cell.extra)
    return cell


def shift_cells(sheet: Sheet, area: Area, dimension: str, *, is_insert: bool) -> None:
    """Inserts or deletes cells of an area: those below it (ROWS) or to its right (COLUMNS) move."""
    if dimension == "ROWS":
        band = Area(area.top, area.left, sheet.row_count, area.right)
        step = (area.height, 0)
    else:
        band = Area(area.top, area.left, area.bottom, sheet.column_count)
        step = (0, area.width)
    cells = list(sheet.filled(band))
    for row, column, _ in cells:
        sheet.put(row, column, Cell())
    sign = 1 if is_insert else -1
    for row, column, cell in cells:
        if not is_insert and area.has(row, column):
            continue
        new_row, new_column = row + sign * step[0], column + sign * step[1]
        if new_row < sheet.row_count and new_column < sheet.column_count:
            sheet.put(new_row, new_column, cell)
