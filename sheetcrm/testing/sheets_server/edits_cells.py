"""Requests that write cells: values, formats, notes, validation, borders and merges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from sheetcrm.testing.sheets_server.entering import check_length
from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.fields import Mask, write_mask, write_tree
from sheetcrm.testing.sheets_server.forms import theme_of, with_colors
from sheetcrm.testing.sheets_server.model import Cell, Entered, Formula, Json, Sheet
from sheetcrm.testing.sheets_server.places import Area
from sheetcrm.testing.sheets_server.references import moved
from sheetcrm.testing.sheets_server.regions import covered, grow_table
from sheetcrm.testing.sheets_server.rights import check_editable
from sheetcrm.testing.sheets_server.values_writing import grow
from sheetcrm.testing.sheets_server.work import Work

READ_ONLY = frozenset({"effectiveValue", "formattedValue", "effectiveFormat", "hyperlink"})


def entered_value(plain: Mapping[str, Any] | None) -> Entered:
    """What an ExtendedValue puts into a cell: texts stay texts."""
    if not plain:
        return None
    if "errorValue" in plain:
        raise bad("userEnteredValue.errorValue: Cells may not be set to an error.")
    if "formulaValue" in plain:
        text = plain["formulaValue"]
        check_length(text)
        if not text.startswith("="):
            raise bad(f"userEnteredValue.formulaValue: {text} does not begin with =")
        return Formula(text)
    if "boolValue" in plain:
        return bool(plain["boolValue"])
    if "numberValue" in plain:
        return float(plain["numberValue"])
    text = plain.get("stringValue")
    check_length(text or "")
    return text or None


def changed_cell(old: Cell, data: Mapping[str, Any], mask: Mask, theme: Mapping[str, Any]) -> Cell:
    """A cell once the fields of a mask were written into it from CellData."""
    value, own_format, extra = old.value, old.format, dict(old.extra)
    names = [one for one in _CELL_FIELDS if "*" in mask or one in mask]
    for name in names:
        if name == "userEnteredValue":
            value = entered_value(data.get(name))
        elif name == "userEnteredFormat":
            own_format = _format(own_format, data.get(name) or {}, mask.get(name, {}), theme)
        elif data.get(name):
            extra[name] = with_colors(_MESSAGES[name], deepcopy(data[name]), theme) if name in _MESSAGES else data[name]
        else:
            extra.pop(name, None)
    if "userEnteredValue" in names and "textFormatRuns" not in names:
        extra.pop("textFormatRuns", None)
    return Cell(value, own_format, extra)


_CELL_FIELDS = (
    *("userEnteredValue", "userEnteredFormat", "note", "dataValidation", "textFormatRuns", "pivotTable", "chipRuns"),
)
_MESSAGES: Mapping[str, Any] = {
    "dataValidation": "DataValidationRule",
    "textFormatRuns": ["TextFormatRun"],
}


def _format(old: Mapping[str, Any], new: Mapping[str, Any], mask: Mask, theme: Mapping[str, Any]) -> Json:
    target = deepcopy(dict(old)) if mask and "*" not in mask else {}
    write_tree(mask or {"*": {}}, target, new, "CellFormat")
    return with_colors("CellFormat", deepcopy(target), theme)


def _start(work: Work, plain: Mapping[str, Any], kind: str) -> tuple[Sheet, int, int]:
    sheet = work.book.sheet(plain.get("sheetId"))
    row, column = plain.get("rowIndex", 0), plain.get("columnIndex", 0)
    for name, at, size in (("row", row, sheet.row_count), ("column", column, sheet.column_count)):
        if at >= size:
            raise bad(f"{kind}.{name}Index[{at}] is after last {name} in grid[{size - 1}]")
    return sheet, row, column


def update_cells(work: Work, plain: Json) -> Json:
    """updateCells: rows of cells from a place on, or over a range, whose other cells are cleared."""
    mask = write_mask(plain.get("fields", ""), "CellData")
    rows = plain.get("rows", ())
    if "range" in plain:
        sheet = work.book.sheet(plain["range"].get("sheetId"))
        area = sheet.area(plain["range"])
    else:
        sheet, row, column = _start(work, plain.get("start", {}), "start")
        width = max((len(one.get("values", ())) for one in rows), default=0)
        area = Area(row, column, min(row + len(rows), sheet.row_count), min(column + width, sheet.column_count))
    check_editable(sheet, [area], work.user)
    _check_fits(rows, area)
    _write_rows(work, sheet, area, rows, mask, clears="range" in plain)
    return {}


def _check_fits(rows: Sequence[Mapping[str, Any]], area: Area) -> None:
    if len(rows) > area.height:
        raise bad(f"Attempting to write row: {area.bottom}, beyond the last requested row of: {area.bottom - 1}")
    for one in rows:
        if len(one.get("values", ())) > area.width:
            last = area.right - 1
            raise bad(f"Attempting to write column: {last + 1}, beyond the last requested column of: {last}")


def _write_rows(
    work: Work, sheet: Sheet, area: Area, rows: Sequence[Mapping[str, Any]], mask: Mask, *, clears: bool
) -> None:
    theme, hidden = theme_of(work.book.properties), covered(sheet)
    height = area.height if clears else len(rows)
    for i in range(height):
        cells = rows[i].get("values", ()) if i < len(rows) else ()
        for j in range(area.width if clears else len(cells)):
            place = area.top + i, area.left + j
            data = cells[j] if j < len(cells) else {}
            if place in hidden:
                data = {name: one for name, one in data.items() if name != "userEnteredValue"}
            old = sheet.cell(*place)
            if data or not old.is_bare:
                sheet.put(*place, changed_cell(old, data, mask, theme))


def repeat_cell(work: Work, plain: Json) -> Json:
    """repeatCell: one cell over a whole range; formulas move along."""
    mask = write_mask(plain.get("fields", ""), "CellData")
    sheet = work.book.sheet(plain.get("range", {}).get("sheetId"))
    area = sheet.area(plain.get("range", {}))
    check_editable(sheet, [area], work.user)
    theme, hidden = theme_of(work.book.properties), covered(sheet)
    data = plain.get("cell", {})
    model = changed_cell(Cell(), data, mask, theme)
    for row in range(area.top, area.bottom):
        for column in range(area.left, area.right):
            new = changed_cell(sheet.cell(row, column), data, mask, theme)
            if isinstance(model.value, Formula):
                text = moved(model.value.text, row - area.top, column - area.left)
                new = Cell(Formula(text), new.format, new.extra)
            if (row, column) in hidden:
                new = Cell(None, new.format, new.extra)
            sheet.put(row, column, new)
    return {}


def append_cells(work: Work, plain: Json) -> Json:
    """appendCells: rows below the last row of the sheet (or of a table) that holds anything."""
    mask = write_mask(plain.get("fields", ""), "CellData")
    rows = plain.get("rows", ())
    width = max((len(one.get("values", ())) for one in rows), default=0)
    sheet, top, left, table = _end_of(work, plain)
    grow(work, sheet, top + len(rows), left + width)
    area = Area(top, left, top + len(rows), left + width)
    check_editable(sheet, [area], work.user)
    _write_rows(work, sheet, area, rows, mask, clears=False)
    grow_table(sheet, table, len(rows))
    return {}


def _end_of(work: Work, plain: Json) -> tuple[Sheet, int, int, Area | None]:
    if "tableId" in plain:
        for sheet in work.book.sheets:
            for one in sheet.objects["tables"]:
                if one["tableId"] == plain["tableId"]:
                    table = sheet.clipped(one["range"])
                    return sheet, table.bottom, table.left, table
        raise bad(f"No table with id: {plain['tableId']}")
    sheet = work.book.sheet(plain.get("sheetId"))
    spilled = (row + 1 for row, _ in work.reader().values.spilled_in(sheet, sheet.whole))
    filled = (row + 1 for row, _, cell in sheet.filled(sheet.whole) if cell.value is not None)
    bottom = max((0, *filled, *spilled))
    return sheet, bottom, 0, None


_SIDES = ("top", "bottom", "left", "right")


def update_borders(work: Work, plain: Json) -> Json:
    """updateBorders: the outer sides of a range, and the lines inside it."""
    sheet = work.book.sheet(plain.get("range", {}).get("sheetId"))
    area = sheet.area(plain.get("range", {}))
    check_editable(sheet, [area], work.user)
    theme = theme_of(work.book.properties)
    for row in range(area.top, area.bottom):
        for column in range(area.left, area.right):
            borders = dict(_borders_at(plain, area, row, column))
            old = sheet.cell(row, column)
            kept = {**old.format.get("borders", {}), **borders}
            kept = {side: one for side, one in kept.items() if one.get("style", "NONE") != "NONE"}
            new = {name: one for name, one in old.format.items() if name != "borders"}
            new |= {"borders": with_colors("Borders", deepcopy(kept), theme)} if kept else {}
            sheet.put(row, column, Cell(old.value, new, old.extra))
    return {}


def _borders_at(plain: Json, area: Area, row: int, column: int) -> Iterator[tuple[str, Json]]:
    outer = {
        "top": row == area.top,
        "bottom": row == area.bottom - 1,
        "left": column == area.left,
        "right": column == area.right - 1,
    }
    for side in _SIDES:
        name = side if outer[side] else "innerHorizontal" if side in ("top", "bottom") else "innerVertical"
        if name in plain:
            yield side, {"width": 1, "color": {}, **plain[name]}


def merge_cells(work: Work, plain: Json) -> Json:
    """mergeCells: a range as one cell, or each of its rows or columns; what the first cell does not hold is gone."""
    sheet = work.book.sheet(plain.get("range", {}).get("sheetId"))
    area = sheet.area(plain.get("range", {}))
    check_editable(sheet, [area], work.user)
    _drop_merges(sheet, area)
    for one in _merged(area, plain.get("mergeType", "MERGE_ALL")):
        if one.height * one.width == 1:
            continue
        sheet.objects["merges"].append(one.as_range(sheet.id))
        for row, column, cell in list(sheet.filled(one)):
            if (row, column) != (one.top, one.left) and cell.value is not None:
                sheet.put(row, column, Cell(None, cell.format, cell.extra))
    return {}


def _merged(area: Area, kind: str) -> Iterator[Area]:
    if kind == "MERGE_ROWS":
        yield from (area._replace(top=row, bottom=row + 1) for row in range(area.top, area.bottom))
    elif kind == "MERGE_COLUMNS":
        yield from (area._replace(left=column, right=column + 1) for column in range(area.left, area.right))
    else:
        yield area


def _drop_merges(sheet: Sheet, area: Area) -> None:
    merges = [(one, sheet.clipped(one)) for one in sheet.objects["merges"]]
    if any(its.meets(area) and not area.holds(its) for _, its in merges):
        raise bad("You must select all cells in a merged range to merge or unmerge them.")
    sheet.objects["merges"] = [one for one, its in merges if not its.meets(area)]


def unmerge_cells(work: Work, plain: Json) -> Json:
    """unmergeCells: the merges of a range taken apart."""
    sheet = work.book.sheet(plain.get("range", {}).get("sheetId"))
    area = sheet.area(plain.get("range", {}))
    check_editable(sheet, [area], work.user)
    _drop_merges(sheet, area)
    return {}


def set_data_validation(work: Work, plain: Json) -> Json:
    """setDataValidation: a rule for each cell of a range, or none."""
    sheet = work.book.sheet(plain.get("range", {}).get("sheetId"))
    area = sheet.area(plain.get("range", {}))
    check_editable(sheet, [area], work.user)
    if "rule" in plain and "condition" not in plain["rule"]:
        raise bad("rule.condition: A condition must be specified.")
    for row in range(area.top, area.bottom):
        for column in range(area.left, area.right):
            old = sheet.cell(row, column)
            extra = {name: one for name, one in old.extra.items() if name != "dataValidation"}
            if "rule" in plain:
                extra["dataValidation"] = plain["rule"]
            if extra != old.extra:
                sheet.put(row, column, Cell(old.value, old.format, extra))
    return {}


REQUESTS: Mapping[str, Callable[[Work, Json], Json]] = {
    "updateCells": update_cells,
    "repeatCell": repeat_cell,
    "appendCells": append_cells,
    "updateBorders": update_borders,
    "mergeCells": merge_cells,
    "unmergeCells": unmerge_cells,
    "setDataValidation": set_data_validation,
}
