"""Requests that copy, cut, paste and fill."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.model import Cell, Json, Sheet
from sheetcrm.testing.sheets_server.places import Area
from sheetcrm.testing.sheets_server.rights import check_editable
from sheetcrm.testing.sheets_server.structure import copied_cell
from sheetcrm.testing.sheets_server.values_writing import grow, new_cell
from sheetcrm.testing.sheets_server.work import Work


def _pasted(old: Cell, new: Cell, kind: str, value: Any) -> Cell:
    """A cell once another was pasted over it; `value` is what that one shows."""
    if kind == "PASTE_VALUES":
        return Cell(value, old.format, old.extra)
    if kind == "PASTE_FORMULA":
        return Cell(new.value, old.format, old.extra)
    if kind == "PASTE_FORMAT":
        return Cell(old.value, new.format, old.extra)
    if kind == "PASTE_DATA_VALIDATION":
        rule = {name: one for name, one in new.extra.items() if name == "dataValidation"}
        kept = {name: one for name, one in old.extra.items() if name != "dataValidation"}
        return Cell(old.value, old.format, {**kept, **rule})
    if kind == "PASTE_CONDITIONAL_FORMATTING":
        return old
    if kind == "PASTE_NO_BORDERS":
        borders = {name: one for name, one in old.format.items() if name == "borders"}
        kept = {name: one for name, one in new.format.items() if name != "borders"}
        return Cell(new.value, {**kept, **borders}, new.extra)
    return new


def copy_paste(work: Work, plain: Json) -> Json:
    """copyPaste: a range over another one, again and again where that is a multiple of it."""
    source, destination = plain.get("source", {}), plain.get("destination", {})
    sheet, other = work.book.sheet(source.get("sheetId")), work.book.sheet(destination.get("sheetId"))
    area, target = sheet.area(source), other.area(destination)
    is_turned = plain.get("pasteOrientation") == "TRANSPOSE"
    height, width = (area.width, area.height) if is_turned else (area.height, area.width)
    if not height or not width:
        raise bad("source: The range holds no cells.")
    down = target.height // height if target.height % height == 0 else 1
    across = target.width // width if target.width % width == 0 else 1
    whole = Area(target.top, target.left, target.top + height * down, target.left + width * across)
    grow(work, other, whole.bottom, whole.right)
    check_editable(other, [whole], work.user)
    values = work.reader().values
    cells = {
        (i, j): (sheet.cell(area.top + i, area.left + j), values.at(sheet, area.top + i, area.left + j))
        for i in range(area.height)
        for j in range(area.width)
    }
    kind = plain.get("pasteType", "PASTE_NORMAL")
    for row in range(whole.top, whole.bottom):
        for column in range(whole.left, whole.right):
            i, j = (row - whole.top) % height, (column - whole.left) % width
            i, j = (j, i) if is_turned else (i, j)
            cell, value = cells[i, j]
            new = copied_cell(cell, row - (area.top + i), column - (area.left + j))
            other.put(row, column, _pasted(other.cell(row, column), new, kind, value))
    return {}


def cut_paste(work: Work, plain: Json) -> Json:
    """cutPaste: a range moved to another place; formulas stay as they are."""
    source, destination = plain.get("source", {}), plain.get("destination", {})
    sheet, other = work.book.sheet(source.get("sheetId")), work.book.sheet(destination.get("sheetId"))
    area = sheet.area(source)
    top, left = destination.get("rowIndex", 0), destination.get("columnIndex", 0)
    target = Area(top, left, top + area.height, left + area.width)
    grow(work, other, target.bottom, target.right)
    check_editable(sheet, [area], work.user)
    check_editable(other, [target], work.user)
    values = work.reader().values
    kind = plain.get("pasteType", "PASTE_NORMAL")
    cells = {
        (i, j): (sheet.cell(area.top + i, area.left + j), values.at(sheet, area.top + i, area.left + j))
        for i in range(area.height)
        for j in range(area.width)
    }
    for i, j in cells:
        old = sheet.cell(area.top + i, area.left + j)
        left_behind = Cell() if kind == "PASTE_NORMAL" else Cell(None, old.format, old.extra)
        sheet.put(area.top + i, area.left + j, left_behind)
    for (i, j), (cell, value) in cells.items():
        place = top + i, left + j
        other.put(*place, _pasted(other.cell(*place), cell, kind, value))
    return {}


def paste_data(work: Work, plain: Json) -> Json:
    """pasteData: delimited text from a place on, as typed by a person."""
    start = plain.get("coordinate", {})
    sheet = work.book.sheet(start.get("sheetId"))
    if plain.get("html"):
        raise bad("This server pastes delimited text, not HTML.")
    delimiter = plain.get("delimiter", "\t")
    lines = list(csv.reader(plain.get("data", "").splitlines(), delimiter=delimiter[:1] or "\t"))
    top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
    width = max(map(len, lines), default=0)
    area = Area(top, left, top + len(lines), left + width)
    grow(work, sheet, area.bottom, area.right)
    check_editable(sheet, [area], work.user)
    for i, line in enumerate(lines):
        for j, text in enumerate(line):
            old = sheet.cell(top + i, left + j)
            new = new_cell(old, text, is_typed=True, locale=work.book.locale, today=work.local_now.date())
            sheet.put(top + i, left + j, new)
    return {}


def auto_fill(work: Work, plain: Json) -> Json:
    """autoFill: goes on in a range with the pattern of its filled part, or of a source beside it."""
    sheet, source, target, dimension = _fill(work, plain)
    check_editable(sheet, [target], work.user)
    is_down = dimension == "ROWS"
    lines = range(source.left, source.right) if is_down else range(source.top, source.bottom)
    for line in lines:
        places = range(source.top, source.bottom) if is_down else range(source.left, source.right)
        cells = [sheet.cell(i, line) if is_down else sheet.cell(line, i) for i in places]
        step = _step(cells)
        goal = range(target.top, target.bottom) if is_down else range(target.left, target.right)
        for n, i in enumerate(goal):
            model, at = cells[n % len(cells)], places[n % len(cells)]
            new = copied_cell(model, (i - at) if is_down else 0, 0 if is_down else (i - at))
            if step is not None:
                last = cells[-1].value
                new = Cell(float(last) + step * (n + 1), model.format, model.extra)  # type: ignore[arg-type]
            sheet.put(i if is_down else line, line if is_down else i, new)
    return {}


def _step(cells: list[Cell]) -> float | None:
    numbers = [one.value for one in cells if isinstance(one.value, float) and not isinstance(one.value, bool)]
    if len(numbers) < len(cells) or len(numbers) < 2:
        return None
    steps = {round(later - earlier, 9) for earlier, later in pairwise(numbers)}
    return steps.pop() if len(steps) == 1 else None


def _fill(work: Work, plain: Json) -> tuple[Sheet, Area, Area, str]:
    if "sourceAndDestination" in plain:
        given = plain["sourceAndDestination"]
        sheet = work.book.sheet(given.get("source", {}).get("sheetId"))
        source = sheet.area(given.get("source", {}))
        length, dimension = given.get("fillLength", 0), given.get("dimension", "ROWS")
        if length <= 0:
            raise bad("sourceAndDestination.fillLength: Filling upwards or to the left is not known to this server.")
        if dimension == "ROWS":
            target = Area(source.bottom, source.left, source.bottom + length, source.right)
        else:
            target = Area(source.top, source.right, source.bottom, source.right + length)
        sheet.area(target.as_range(sheet.id))
        return sheet, source, target, dimension
    sheet = work.book.sheet(plain.get("range", {}).get("sheetId"))
    area = sheet.area(plain.get("range", {}))
    filled = sheet.extent(area)
    if filled.bottom <= filled.top:
        raise bad("range: The range holds nothing to fill from.")
    if filled.bottom < area.bottom:
        source = area._replace(bottom=filled.bottom)
        return sheet, source, area._replace(top=filled.bottom), "ROWS"
    source = area._replace(right=filled.right)
    return sheet, source, area._replace(left=filled.right), "COLUMNS"


REQUESTS: Mapping[str, Callable[[Work, Json], Json]] = {
    "copyPaste": copy_paste,
    "cutPaste": cut_paste,
    "pasteData": paste_data,
    "autoFill": auto_fill,
}
