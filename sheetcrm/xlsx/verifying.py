"""The new file looked at before it takes the old one's place: other parts the same, the cells as asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from pathlib import Path

from sheetcrm.errors import EditRefused, WorkbookUnreadable
from sheetcrm.table import CellError, Raw, cell_name
from sheetcrm.xlsx.limits import Limits
from sheetcrm.xlsx.opening import file_bytes, named_errors
from sheetcrm.xlsx.outline import Sheet, outline
from sheetcrm.xlsx.package import Package
from sheetcrm.xlsx.reading import Reader
from sheetcrm.xlsx.values import serial
from sheetcrm.xlsx.writing import Done

_SECOND = 1 / 86_400
_FIRST_SURE_DAY = 61


def verify(old: Package, new: Path, done: Done, limits: Limits) -> bytes:
    """The bytes of the new file, found to be right; EditRefused where they are not."""
    data = file_bytes(new, limits)
    with named_errors(new.name, refusals_pass=True):
        package = Package(data, limits)
        _check_parts(old, package, done)
        fresh = outline(package)
        reader = Reader(package, fresh)
        for sheet in fresh.sheets:
            cells = {(row, column): value for (tab, row, column), value in done.cells.items() if tab == sheet.tab}
            if cells:
                raw = done.parts.get(sheet.part) or package.read(sheet.part)
                _check_cells(reader, sheet, raw, cells, is_1904=fresh.is_1904)
    return data


def _check_parts(old: Package, new: Package, done: Done) -> None:
    kept = [member for member in old.members if member.name not in done.gone]
    added = [name for name in done.parts if name not in old]
    if [*(member.name for member in kept), *added] != [member.name for member in new.members]:
        raise _wrong("the list of parts differs")
    changed = {old.member(name).name for name in done.parts if name in old}
    for one, other in zip(kept, new.members, strict=False):
        if one.name not in changed and old.record(one) != new.record(other):
            raise _wrong(f"the part {one.name} differs")
    for name, data in done.parts.items():
        if new.read(name) != data:
            raise _wrong(f"the part {name} is not what was written")


def _check_cells(
    reader: Reader, sheet: Sheet, raw: bytes, cells: Mapping[tuple[int, int], Raw], *, is_1904: bool
) -> None:
    try:
        with named_errors(sheet.tab):
            top, left, rows = reader.values(sheet, raw)
    except WorkbookUnreadable as error:
        raise EditRefused(f"The edited workbook could not be read again: {error.what}", error.remedy) from error
    for (row, column), value in cells.items():
        i, j = row - top, column - left
        found = rows[i][j] if 0 <= i < len(rows) and 0 <= j < len(rows[i]) else ""
        if not _holds(found, value, is_1904=is_1904):
            raise _wrong(f"{sheet.tab}!{cell_name(row, column)} reads as {found!r} instead of {value!r}")


def _holds(found: Raw, value: Raw, *, is_1904: bool) -> bool:
    if value is None or isinstance(value, CellError):
        return found in ("", None)
    if isinstance(value, bool | str) or isinstance(found, bool | str):
        return type(found) is type(value) and found == value
    other = serial(value, is_1904=is_1904)
    if isinstance(found, date | time | timedelta) and other < _FIRST_SURE_DAY:
        return True  # a small or negative number in a cell with a date format: no two readers agree on it
    one = serial(found, is_1904=is_1904)
    if isinstance(found, date | time | timedelta):
        return abs(one - other) < _SECOND
    return one == other


def _wrong(reason: str) -> EditRefused:
    return EditRefused(f"The new file failed its check: {reason}.", "Nothing was written. Please report this workbook.")
