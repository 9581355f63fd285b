"""The new file looked at before it takes the old one's place: other parts the same, the cells as asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

from sheetcrm.errors import EditRefused, WorkbookUnreadable
from sheetcrm.table import CellError, Raw, cell_name
from sheetcrm.xlsx.limits import Limits
from sheetcrm.xlsx.markup import attribute
from sheetcrm.xlsx.opening import file_bytes, named_errors
from sheetcrm.xlsx.outline import Sheet, outline
from sheetcrm.xlsx.package import Member, Package
from sheetcrm.xlsx.reading import Reader
from sheetcrm.xlsx.sheet import Cell, RowTag, SheetText
from sheetcrm.xlsx.values import serial
from sheetcrm.xlsx.writing import Done

_SECOND = 1 / 86_400
_FIRST_SURE_DAY = 61

Cells = Mapping[tuple[int, int], Raw]


def verify(old: Package, new: Path, done: Done, limits: Limits) -> bytes:
    """The bytes of the new file, found to be right; EditRefused where they are not."""
    data = file_bytes(new, limits)
    with named_errors(new.name, refusals_pass=True):
        package = Package(data, limits)
        _check_parts(old, package, done)
        fresh = outline(package)
        reader = Reader(package, fresh)
        cells: dict[str, dict[tuple[int, int], Raw]] = {}
        for (tab, row, column), value in done.cells.items():
            cells.setdefault(tab, {})[row, column] = value
        for sheet in fresh.sheets:
            raw = done.parts.get(sheet.part)
            if raw is not None:
                _check_sheet(reader, sheet, raw, cells.get(sheet.tab, {}), is_1904=fresh.is_1904)
    return data


def _check_parts(old: Package, new: Package, done: Done) -> None:
    kept = [member for member in old.members if member.name not in done.gone]
    added = [name for name in done.parts if name not in old]
    if [*(member.name for member in kept), *added] != [member.name for member in new.members]:
        raise _wrong("the list of parts differs")
    changed = {old.member(name).name for name in done.parts if name in old}
    for one, other in zip(kept, new.members, strict=False):
        if one.name not in changed and not _is_same(old, one, new, other, done.extras):
            raise _wrong(f"the part {one.name} differs")
    for name, data in done.parts.items():
        if not new.holds(name, data):
            raise _wrong(f"the part {name} is not what was written")


def _is_same(old: Package, one: Member, new: Package, other: Member, extras: Mapping[str, bytes]) -> bool:
    """Whether a part is what it was, to the byte of its record; where that has a note, to the byte of its content."""
    if one.name not in extras:
        return old.record(one) == new.record(other)
    return new.extra_field(one.name) == extras[one.name] and old.packed(one.name) == new.packed(one.name)


def _check_sheet(reader: Reader, sheet: Sheet, raw: bytes, cells: Cells, *, is_1904: bool) -> None:
    """What is new in the sheet is well formed and within the limits, and reads as what was asked for.

    Rows that no edit concerns are the old bytes: reading the whole sheet again would cost more than the edit.
    """
    wanted: dict[int, list[int]] = {}
    for row, column in sorted(cells):
        wanted.setdefault(row, []).append(column)
    try:
        with named_errors(sheet.tab):
            text = reader.checked(sheet, raw)
            lines = [line for number in wanted if (line := text.row(number))]
            _check_well_formed(text, lines)
            top, left, rows = reader.alone(_only(text, lines, wanted))
    except WorkbookUnreadable as error:
        raise EditRefused(f"The edited workbook could not be read again: {error.what}", error.remedy) from error
    for (row, column), value in cells.items():
        i, j = row - top, column - left
        found = rows[i][j] if 0 <= i < len(rows) and 0 <= j < len(rows[i]) else ""
        if not _holds(found, value, is_1904=is_1904):
            raise _wrong(f"{sheet.tab}!{cell_name(row, column)} reads as {found!r} instead of {value!r}")


def _check_well_formed(text: SheetText, lines: Iterable[RowTag]) -> None:
    """Nothing; WorkbookUnreadable where all but the rows in between, or one of these rows, is not well formed."""
    parser = ParserCreate("utf-8")
    try:
        parser.Parse(text.text[: text.begin])
        for line in lines:
            parser.Parse(text.text[line.start : text.end_of(line)])
        parser.Parse(text.text[text.end :], True)
    except ExpatError as error:
        raise WorkbookUnreadable(f"its XML is not well formed: {error}.", "Save it in Excel first.") from error


def _only(text: SheetText, lines: Iterable[RowTag], wanted: Mapping[int, Iterable[int]]) -> bytes:
    """The sheet with nothing but the wanted cells of these rows."""
    prefix = text.prefix
    pieces = [text.text[: text.opening], b"<" + prefix + b"sheetData>"]
    for line in lines:
        there, _ = text.cells_at(line, wanted[line.number])
        pieces.append(b'<%srow r="%d">' % (prefix, line.number + 1))
        pieces += [_addressed(text, line.number, cell) for cell in there.values()]
        pieces.append(b"</" + prefix + b"row>")
    return b"".join([*pieces, b"</" + prefix + b"sheetData></" + prefix + b"worksheet>"])


def _addressed(text: SheetText, row: int, cell: Cell) -> bytes:
    """The cell's bytes, with its address where it has none and counts by its neighbours."""
    if attribute(cell.attributes, b"r") is not None:
        return text.text[cell.start : cell.end]
    begin = cell.start + 2 + len(text.prefix)
    address = f' r="{cell_name(row, cell.column)}"'.encode()
    return text.text[cell.start : begin] + address + text.text[begin : cell.end]


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
