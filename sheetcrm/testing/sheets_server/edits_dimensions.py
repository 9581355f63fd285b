"""Requests on rows and columns: insert, delete, append, move, size, hide, group; and cells that make room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sheetcrm.testing.sheets_server.defaults import COLUMN_PIXELS, ROW_PIXELS
from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.fields import write
from sheetcrm.testing.sheets_server.model import Json, Sheet
from sheetcrm.testing.sheets_server.objects import answer
from sheetcrm.testing.sheets_server.places import Area
from sheetcrm.testing.sheets_server.rights import check_editable
from sheetcrm.testing.sheets_server.showing import shown
from sheetcrm.testing.sheets_server.structure import delete, insert, move, shift_cells, span_of
from sheetcrm.testing.sheets_server.values_writing import grow
from sheetcrm.testing.sheets_server.work import Work

PIXELS_PER_LETTER, MARGIN = 7, 8


def _of(work: Work, plain: Mapping[str, Any]) -> Sheet:
    return work.book.sheet(plain.get("sheetId"))


def _area(sheet: Sheet, dimension: str, start: int, end: int) -> Area:
    if dimension == "ROWS":
        return Area(start, 0, end, sheet.column_count)
    return Area(0, start, sheet.row_count, end)


def insert_dimension(work: Work, plain: Json) -> Json:
    """InsertDimension."""
    sheet = _of(work, plain.get("range", {}))
    dimension, start, end = span_of(plain["range"], sheet, may_be_open=False)
    inherits = bool(plain.get("inheritFromBefore"))
    if inherits and start == 0:
        raise bad("inheritFromBefore cannot be true when inserting at the beginning of the sheet.")
    size = sheet.row_count if dimension == "ROWS" else sheet.column_count
    if start < size:
        check_editable(sheet, [_area(sheet, dimension, start, start + 1)], work.user)
    insert(work.book, sheet, dimension, start, end - start, inherits=inherits)
    return {}


def delete_dimension(work: Work, plain: Json) -> Json:
    """DeleteDimension."""
    sheet = _of(work, plain.get("range", {}))
    dimension, start, end = span_of(plain["range"], sheet)
    check_editable(sheet, [_area(sheet, dimension, start, end)], work.user)
    delete(work.book, sheet, dimension, start, end)
    return {}


def append_dimension(work: Work, plain: Json) -> Json:
    """AppendDimension."""
    sheet, length = _of(work, plain), plain.get("length", 0)
    if length <= 0:
        raise bad("length: The length must be positive.")
    is_rows = plain.get("dimension") == "ROWS"
    if not is_rows and plain.get("dimension") != "COLUMNS":
        raise bad("dimension: Dimension must be ROWS or COLUMNS.")
    grow(work, sheet, sheet.row_count + (length if is_rows else 0), sheet.column_count + (0 if is_rows else length))
    return {}


def move_dimension(work: Work, plain: Json) -> Json:
    """MoveDimension."""
    sheet = _of(work, plain.get("source", {}))
    dimension, start, end = span_of(plain["source"], sheet)
    to = plain.get("destinationIndex", 0)
    size = sheet.row_count if dimension == "ROWS" else sheet.column_count
    if end > size or not 0 <= to <= size:
        raise bad(f"destinationIndex[{to}] is outside the grid of {size}")
    check_editable(sheet, [_area(sheet, dimension, start, end)], work.user)
    move(work.book, sheet, dimension, start, end, to)
    return {}


def update_dimension_properties(work: Work, plain: Json) -> Json:
    """updateDimensionProperties: pixel size and whether people hid them."""
    sheet = _of(work, plain.get("range", {}))
    dimension, start, end = span_of(plain.get("range", {}), sheet)
    size = sheet.row_count if dimension == "ROWS" else sheet.column_count
    if end > size:
        raise bad(
            f"range.endIndex[{end}] is after last {'row' if dimension == 'ROWS' else 'column'} in grid[{size - 1}]"
        )
    for i in range(start, end):
        target = sheet.own_row(i).properties if dimension == "ROWS" else sheet.columns[i]
        write(plain.get("fields", ""), "DimensionProperties", target, plain.get("properties", {}))
    return {}


def auto_resize_dimensions(work: Work, plain: Json) -> Json:
    """autoResizeDimensions: columns as wide as their longest text."""
    span = plain.get("dimensions", {})
    sheet = _of(work, span)
    dimension, start, end = span_of(span, sheet)
    values = work.reader().values
    for i in range(start, min(end, sheet.row_count if dimension == "ROWS" else sheet.column_count)):
        if dimension == "ROWS":
            sheet.own_row(i).properties["pixelSize"] = ROW_PIXELS
            continue
        texts = [
            shown(values.at(sheet, row, i), cell.format.get("numberFormat"), work.book.locale)
            for row, _, cell in sheet.filled(Area(0, i, sheet.row_count, i + 1))
        ]
        longest = max((len(line) for text in texts for line in text.split("\n")), default=0)
        width = longest * PIXELS_PER_LETTER + MARGIN if longest else COLUMN_PIXELS
        sheet.columns[i]["pixelSize"] = max(width, ROW_PIXELS)
    return {}


def insert_range(work: Work, plain: Json) -> Json:
    """insertRange: empty cells, the others moved down or to the right."""
    sheet = _of(work, plain.get("range", {}))
    area = sheet.area(plain.get("range", {}))
    dimension = plain.get("shiftDimension", "ROWS")
    check_editable(sheet, [area], work.user)
    extent = sheet.extent(_beyond(sheet, area, dimension))
    grow(work, sheet, *((extent.bottom + area.height, 0) if dimension == "ROWS" else (0, extent.right + area.width)))
    shift_cells(sheet, area, dimension, is_insert=True)
    return {}


def _beyond(sheet: Sheet, area: Area, dimension: str) -> Area:
    return area._replace(bottom=sheet.row_count) if dimension == "ROWS" else area._replace(right=sheet.column_count)


def delete_range(work: Work, plain: Json) -> Json:
    """deleteRange: cells gone, the others moved up or to the left."""
    sheet = _of(work, plain.get("range", {}))
    area = sheet.area(plain.get("range", {}))
    dimension = plain.get("shiftDimension", "ROWS")
    check_editable(sheet, [_beyond(sheet, area, dimension)], work.user)
    shift_cells(sheet, area, dimension, is_insert=False)
    return {}


def _groups(sheet: Sheet, dimension: str) -> list[Json]:
    return sheet.objects["rowGroups" if dimension == "ROWS" else "columnGroups"]


def _regroup(sheet: Sheet, dimension: str, depths: Sequence[int]) -> list[Json]:
    """The groups of which each place lies in as many as `depths` says."""
    groups: list[Json] = []
    was_collapsed = [one["range"] for one in _groups(sheet, dimension) if one.get("collapsed")]
    for depth in range(1, max(depths, default=0) + 1):
        start = None
        for i, one in enumerate([*depths, 0]):
            if one >= depth and start is None:
                start = i
            elif one < depth and start is not None:
                span = {"sheetId": sheet.id, "dimension": dimension, "startIndex": start, "endIndex": i}
                groups.append({"range": span, "depth": depth} | ({"collapsed": True} if span in was_collapsed else {}))
                start = None
    return groups


def _change_depths(work: Work, plain: Json, step: int) -> list[Json]:
    sheet = _of(work, plain.get("range", {}))
    dimension, start, end = span_of(plain.get("range", {}), sheet)
    size = sheet.row_count if dimension == "ROWS" else sheet.column_count
    groups = _groups(sheet, dimension)
    depths = [0] * max(size, end, *(one["range"]["endIndex"] for one in groups))
    for one in groups:
        for i in range(one["range"].get("startIndex", 0), one["range"]["endIndex"]):
            depths[i] = max(depths[i], one["depth"])
    if step < 0 and not any(depths[start:end]):
        name = "row" if dimension == "ROWS" else "column"
        raise bad(f"Cannot delete a {name} group that does not exist in the range.")
    depths = [max(0, depth + step) if start <= i < end else depth for i, depth in enumerate(depths)]
    groups[:] = _regroup(sheet, dimension, depths)
    if step > 0:
        sheet.grid["rowGroupControlAfter" if dimension == "ROWS" else "columnGroupControlAfter"] = True
    return [answer("DimensionGroup", one) for one in groups]


def add_dimension_group(work: Work, plain: Json) -> Json:
    """addDimensionGroup: one group more around the range; gives all groups."""
    return {"addDimensionGroup": {"dimensionGroups": _change_depths(work, plain, 1)}}


def delete_dimension_group(work: Work, plain: Json) -> Json:
    """deleteDimensionGroup: one group less around the range; gives those that are left."""
    groups = _change_depths(work, plain, -1)
    return {"deleteDimensionGroup": {"dimensionGroups": groups} if groups else {}}


def update_dimension_group(work: Work, plain: Json) -> Json:
    """updateDimensionGroup: whether a group is collapsed."""
    given = plain.get("dimensionGroup", {})
    sheet = _of(work, given.get("range", {}))
    dimension, start, end = span_of(given.get("range", {}), sheet)
    for one in _groups(sheet, dimension):
        span = one["range"]
        if (span["startIndex"], span["endIndex"]) == (start, end) and given.get("depth", one["depth"]) == one["depth"]:
            target = {"collapsed": one.get("collapsed", False)}
            write(plain.get("fields", ""), "DimensionGroup", target, given)
            one["collapsed"] = bool(target.get("collapsed"))
            _hide(sheet, dimension, start, end, hides=one["collapsed"])
            return {}
    raise bad("dimensionGroup: There is no group of that range and depth.")


def _hide(sheet: Sheet, dimension: str, start: int, end: int, *, hides: bool) -> None:
    for i in range(start, end):
        target = sheet.own_row(i).properties if dimension == "ROWS" else sheet.columns[i]
        if hides:
            target["hiddenByUser"] = True
        else:
            target.pop("hiddenByUser", None)


REQUESTS: Mapping[str, Callable[[Work, Json], Json]] = {
    "insertDimension": insert_dimension,
    "deleteDimension": delete_dimension,
    "appendDimension": append_dimension,
    "moveDimension": move_dimension,
    "updateDimensionProperties": update_dimension_properties,
    "autoResizeDimensions": auto_resize_dimensions,
    "insertRange": insert_range,
    "deleteRange": delete_range,
    "addDimensionGroup": add_dimension_group,
    "deleteDimensionGroup": delete_dimension_group,
    "updateDimensionGroup": update_dimension_group,
}
