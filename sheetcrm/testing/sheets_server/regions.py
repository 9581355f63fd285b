"""What people call a table: cells that hang together. And the cells that a merge covers."""

from __future__ import annotations

from sheetcrm.testing.sheets_server.model import Sheet
from sheetcrm.testing.sheets_server.places import Area


def _has_value(sheet: Sheet, row: int, left: int, right: int) -> bool:
    found = sheet.rows[row] if 0 <= row < sheet.row_count else None
    if found is None:
        return False
    if right - left < len(found.cells):
        return any((cell := found.cells.get(j)) is not None and cell.value is not None for j in range(left, right))
    return any(left <= j < right and cell.value is not None for j, cell in found.cells.items())


def region(sheet: Sheet, row: int, column: int) -> Area:
    """The rectangle of cells that hang together around a filled cell, corners touching included."""
    top, left, bottom, right = row, column, row + 1, column + 1
    while True:
        if _has_value(sheet, bottom, left - 1, right + 1):
            bottom += 1
        elif top and _has_value(sheet, top - 1, left - 1, right + 1):
            top -= 1
        elif _column_has_value(sheet, right, top - 1, bottom + 1):
            right += 1
        elif left and _column_has_value(sheet, left - 1, top - 1, bottom + 1):
            left -= 1
        else:
            return Area(top, left, bottom, right)


def _column_has_value(sheet: Sheet, column: int, top: int, bottom: int) -> bool:
    return any(sheet.cell(i, column).value is not None for i in range(max(top, 0), bottom))


def last_region(sheet: Sheet, area: Area) -> Area | None:
    """The table of the lowest filled cell within an area, the right one of several; None where all is empty."""
    for one in sheet.objects["tables"]:
        table = sheet.clipped(one["range"])
        if table.holds(area):
            return table
    for row in range(min(area.bottom, sheet.row_count) - 1, area.top - 1, -1):
        found = sheet.rows[row]
        if found is not None and found.cells:
            filled = [j for j, cell in found.cells.items() if area.left <= j < area.right and cell.value is not None]
            if filled:
                return region(sheet, row, max(filled))
    return None


def grow_table(sheet: Sheet, table: Area | None, count: int) -> None:
    """Lets a table of the sheet that ends where rows were appended reach down to them."""
    for one in sheet.objects["tables"]:
        if table and sheet.clipped(one["range"]) == table:
            one["range"]["endRowIndex"] = table.bottom + count


def covered(sheet: Sheet) -> frozenset[tuple[int, int]]:
    """The cells that merges hide, their first cells left out."""
    return frozenset(
        (row, column)
        for one in sheet.objects["merges"]
        for row in range(one["startRowIndex"], one["endRowIndex"])
        for column in range(one["startColumnIndex"], one["endColumnIndex"])
        if (row, column) != (one["startRowIndex"], one["startColumnIndex"])
    )
