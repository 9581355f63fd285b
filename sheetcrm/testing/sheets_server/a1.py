"""Ranges as people write them: A1 and R1C1 notation, titles and named ranges, to GridRanges and back."""

from __future__ import annotations

import re
from typing import Any

from sheetcrm.testing.sheets_server.errors import ApiError, bad
from sheetcrm.testing.sheets_server.model import Sheet, Spreadsheet
from sheetcrm.testing.sheets_server.places import column_index

Json = dict[str, Any]

_CORNER = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9][0-9]{0,7})?")
_R1C1 = re.compile(r"R(?:\[(-?[0-9]{1,7})\]|([0-9]{1,7}))?C(?:\[(-?[0-9]{1,7})\]|([0-9]{1,7}))?", re.IGNORECASE)


def unparsable(text: str) -> ApiError:
    """The 400 for a range that is none."""
    return bad(f"Unable to parse range: {text}")


def parse_range(text: str, book: Spreadsheet) -> tuple[Sheet, Json, bool]:
    """The sheet and GridRange of a text, ends left out where unbounded; and whether it is a single cell's name.

    Raises the 400 that Google gives.
    """
    title, bang, rest = _split(text)
    if bang:
        sheet = book.titled(title)
        if sheet is None:
            raise unparsable(text)
        return _corners_of(rest, sheet, text, book) if rest else (sheet, {"sheetId": sheet.id}, False)
    if text.startswith("'"):
        sheet = book.titled(title)
        if sheet is None:
            raise unparsable(text)
        return sheet, {"sheetId": sheet.id}, False
    return _without_title(text, book)


def _without_title(text: str, book: Spreadsheet) -> tuple[Sheet, Json, bool]:
    first = next((one for one in book.sheets if not one.properties.get("hidden")), book.sheets[0])
    if text and (corners := _corners(text)):
        return first, {"sheetId": first.id, **corners[0]}, corners[1]
    if named := _named(text, book):
        return *named, False
    sheet = book.titled(text)
    if sheet is None:
        raise unparsable(text)
    return sheet, {"sheetId": sheet.id}, False


def _named(name: str, book: Spreadsheet) -> tuple[Sheet, Json] | None:
    """The named range, or table, of a name."""
    for one in book.named_ranges:
        if one["name"].casefold() == name.casefold():
            sheet = book.sheet(one["range"].get("sheetId"))
            return sheet, {"sheetId": sheet.id, **one["range"]}
    for sheet in book.sheets:
        for table in sheet.objects["tables"]:
            if table["name"].casefold() == name.casefold():
                return sheet, {"sheetId": sheet.id, **table["range"]}
    return None


def _split(text: str) -> tuple[str, str, str]:
    """The title without quotes, `!` where there is one, and what stands behind it."""
    if text.startswith("'"):
        end = re.match(r"'((?:[^']|'')*)'", text)
        if end is None:
            raise unparsable(text)
        rest = text[end.end() :]
        if rest and not rest.startswith("!"):
            raise unparsable(text)
        return end[1].replace("''", "'"), rest[:1], rest[1:]
    title, bang, rest = text.rpartition("!")
    return (title, bang, rest) if bang else (text, "", "")


def _corners_of(rest: str, sheet: Sheet, text: str, book: Spreadsheet) -> tuple[Sheet, Json, bool]:
    corners = _corners(rest)
    if corners is None:
        named = _named(rest, book)
        if named is None:
            raise unparsable(text)
        return *named, False
    return sheet, {"sheetId": sheet.id, **corners[0]}, corners[1]


def _corners(text: str) -> tuple[Json, bool] | None:
    parts = text.split(":")
    if len(parts) > 2 or not all(parts):
        return None
    found = [_corner(one) for one in parts]
    if None in found:
        return None
    (row, column), (last_row, last_column) = found[0], found[-1]  # type: ignore[misc]
    is_cell = len(parts) == 1
    if is_cell and (row is None or column is None):
        return None
    rows, columns = _ordered(row, last_row), _ordered(column, last_column)
    if rows is None or columns is None:
        return None
    keys = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    return {key: one for key, one in zip(keys, (*rows, *columns), strict=True) if one is not None}, is_cell


def _corner(text: str) -> tuple[int | None, int | None] | None:
    """Row and column of a corner, counted from 0, None where it names none."""
    found = _CORNER.fullmatch(text)
    if found and (found[1] or found[2]):
        return (int(found[2]) - 1 if found[2] else None), (column_index(found[1]) if found[1] else None)
    found = _R1C1.fullmatch(text)
    if found is None:
        return None
    row, column = (_r1c1(*pair) for pair in ((found[1], found[2]), (found[3], found[4])))
    return None if row < 0 or column < 0 else (row, column)


def _r1c1(relative: str | None, absolute: str | None) -> int:
    # There is no current cell in a call: relative places count from A1.
    return int(relative or 0) if absolute is None else int(absolute) - 1


def _ordered(one: int | None, other: int | None) -> tuple[int | None, int | None] | None:
    """Start and end of a dimension; corners may be given in any order, and A5:A is open below."""
    if one is None and other is None:
        return None, None
    if one is None or other is None:
        return (one if one is not None else other), None
    return min(one, other), max(one, other) + 1
