"""Rectangles of a sheet, and how people write them down."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sheetcrm.table import column_letters

_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|R[0-9]*C[0-9]*|R[0-9]*|C[0-9]*", re.IGNORECASE)


class Area(NamedTuple):
    """A rectangle of a sheet, the ends excluded."""

    top: int
    left: int
    bottom: int
    right: int

    def has(self, row: int, column: int) -> bool:
        """Whether a cell lies in it."""
        return self.top <= row < self.bottom and self.left <= column < self.right

    def meets(self, other: Area) -> bool:
        """Whether both have a cell in common."""
        return max(self.top, other.top) < min(self.bottom, other.bottom) and max(self.left, other.left) < min(
            self.right, other.right
        )

    def holds(self, other: Area) -> bool:
        """Whether the other lies wholly in this one."""
        return (
            self.top <= other.top
            and other.bottom <= self.bottom
            and self.left <= other.left
            and other.right <= self.right
        )

    @property
    def height(self) -> int:
        """Its rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Its columns."""
        return self.right - self.left

    def as_range(self, sheet_id: int) -> dict[str, Any]:
        """The GridRange."""
        return {
            "sheetId": sheet_id,
            "startRowIndex": self.top,
            "endRowIndex": self.bottom,
            "startColumnIndex": self.left,
            "endColumnIndex": self.right,
        }


def column_index(letters: str) -> int:
    """The column of its letters, counted from 0: A is 0."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def quoted(title: str) -> str:
    """A title as it stands before `!`: in quotes unless it is a plain word that is no cell's name."""
    if _PLAIN_TITLE.fullmatch(title) and not _LIKE_A_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def shown_range(title: str, area: Area) -> str:
    """An area as in `Sheet1!A1:C4`; a single cell as `Sheet1!A1`."""
    first = f"{column_letters(area.left)}{area.top + 1}"
    last = f"{column_letters(max(area.right, area.left + 1) - 1)}{max(area.bottom, area.top + 1)}"
    return f"{quoted(title)}!{first}" + ("" if first == last else f":{last}")
