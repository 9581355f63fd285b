"""Places of a sheet: `C42` and `A1:F50` to numbers counted from 0 and back."""

from __future__ import annotations

import re

from sheetcrm.errors import NotFound
from sheetcrm.tab import Rectangle

ROWS, COLUMNS = 1_048_576, 16_384
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


def place(name: str) -> tuple[int, int] | None:
    """Row and column of `C42`; None where the text is no cell of a sheet."""
    found = _CELL.fullmatch(name)
    if found is None:
        return None
    row, column = int(found.group(2)) - 1, column_index(found.group(1))
    return (row, column) if is_on_sheet(row, column) else None


def located(cell: str | tuple[int, int]) -> tuple[int, int]:
    """Row and column of a cell named like `C42`, or given by these two; NotFound where the name is none."""
    found = place(cell) if isinstance(cell, str) else cell
    if found is None:
        raise NotFound(f"{cell!r} is no cell.", "Name it like B2; rows end at 1,048,576 and columns at XFD.")
    return found


def rectangle(name: str) -> Rectangle | None:
    """The corners of `A1:F50` or of one cell; None where the text is neither."""
    first, _, last = name.partition(":")
    one, other = place(first), place(last or first)
    if one is None or other is None:
        return None
    return Rectangle(min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1]))


def column_index(letters: str) -> int:
    """The place of a column counted from 0: A is 0, AA is 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def is_on_sheet(row: int, column: int) -> bool:
    """Whether Excel's sheets have this cell."""
    return 0 <= row < ROWS and 0 <= column < COLUMNS
