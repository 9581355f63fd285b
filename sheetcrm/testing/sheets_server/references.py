"""References inside formulas: found, and rewritten when rows and columns are inserted, deleted or moved."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from sheetcrm.table import column_letters
from sheetcrm.testing.sheets_server.places import column_index

_CELL = r"(\$?)([A-Za-z]{1,3})(\$?)([1-9][0-9]{0,6})"
_TITLE = r"(?:('(?:[^']|'')+'|[A-Za-z_][A-Za-z0-9_.]*)!)?"
REFERENCE = re.compile(
    rf'"(?:[^"]|"")*"'
    rf"|(?<![A-Za-z0-9_.$]){_TITLE}(?:"
    rf"{_CELL}(?::{_CELL}|:(\$?)([A-Za-z]{{1,3}}))?"
    rf"|(\$?)([A-Za-z]{{1,3}}):(\$?)([A-Za-z]{{1,3}})"
    rf"|(\$?)([1-9][0-9]{{0,6}}):(\$?)([1-9][0-9]{{0,6}})"
    rf")(?![A-Za-z0-9_(.!])"
)
"""A text in quotes, which is passed over, or a reference: cell, range, range open below (A2:A), columns or rows."""

_WITHOUT_END = 1 << 30


class Corner(NamedTuple):
    """Row and column of a corner (None where the reference is of whole columns or rows), and which are fixed by `$`."""

    row: int | None
    column: int | None
    fixes_row: bool = False
    fixes_column: bool = False

    def at(self, dimension: str, place: int) -> Corner:
        """The corner at another `row` or `column`."""
        return self._replace(row=place) if dimension == "row" else self._replace(column=place)

    def __str__(self) -> str:
        column = ("$" if self.fixes_column else "") + column_letters(self.column) if self.column is not None else ""
        return column + (f"{'$' if self.fixes_row else ''}{self.row + 1}" if self.row is not None else "")


class Reference(NamedTuple):
    """A reference: the sheet as written before `!` (empty for its own), both corners; alike for a single cell."""

    title: str
    first: Corner
    last: Corner
    is_range: bool

    @property
    def sheet(self) -> str:
        """The sheet's title without quotes."""
        return self.title[1:-1].replace("''", "'") if self.title.startswith("'") else self.title

    @property
    def grid_range(self) -> dict[str, int]:
        """The GridRange of its cells, without the sheet; open ends left out."""
        found: dict[str, int] = {}
        for name, first, last in (
            ("Row", self.first.row, self.last.row),
            ("Column", self.first.column, self.last.column),
        ):
            found[f"start{name}Index"] = min(first or 0, first or 0 if last is None else last)
            if last is not None:
                found[f"end{name}Index"] = max(first or 0, last) + 1
        return found

    def __str__(self) -> str:
        prefix = f"{self.title}!" if self.title else ""
        return prefix + (f"{self.first}:{self.last}" if self.is_range else str(self.first))


def reference_in(found: re.Match[str]) -> Reference | None:
    """The reference of a match; None for a text in quotes."""
    groups = found.groups()
    title = groups[0] or ""
    if groups[2]:
        first = Corner(int(groups[4]) - 1, column_index(groups[2]), bool(groups[3]), bool(groups[1]))
        last = first
        if groups[6]:
            last = Corner(int(groups[8]) - 1, column_index(groups[6]), bool(groups[7]), bool(groups[5]))
        elif groups[10]:
            last = Corner(None, column_index(groups[10]), fixes_column=bool(groups[9]))
        return Reference(title, first, last, is_range=bool(groups[6] or groups[10]))
    if groups[12]:
        ends = [Corner(None, column_index(groups[i]), fixes_column=bool(groups[i - 1])) for i in (12, 14)]
        return Reference(title, ends[0], ends[1], is_range=True)
    if groups[16]:
        ends = [Corner(int(groups[i]) - 1, None, fixes_row=bool(groups[i - 1])) for i in (16, 18)]
        return Reference(title, ends[0], ends[1], is_range=True)
    return None


def rewritten(formula: str, change: Callable[[Reference], Reference | None]) -> str:
    """The formula with each reference replaced by what `change` gives; None becomes #REF!."""

    def one(found: re.Match[str]) -> str:
        reference = reference_in(found)
        if reference is None:
            return found[0]
        new = change(reference)
        if new is None:
            return (f"{reference.title}!" if reference.title else "") + "#REF!"
        return found[0] if new == reference else str(new)

    return REFERENCE.sub(one, formula)


def moved(formula: str, rows: int, columns: int) -> str:
    """The formula as it reads after a copy to another place: what no `$` fixes moves along."""

    def corner(one: Corner) -> Corner | None:
        row = one.row if one.row is None or one.fixes_row else one.row + rows
        column = one.column if one.column is None or one.fixes_column else one.column + columns
        return None if (row or 0) < 0 or (column or 0) < 0 else one._replace(row=row, column=column)

    def change(reference: Reference) -> Reference | None:
        first, last = corner(reference.first), corner(reference.last)
        return None if first is None or last is None else reference._replace(first=first, last=last)

    return rewritten(formula, change)


def shifted(formula: str, is_ours: Callable[[str], bool], dimension: str, at: int, count: int) -> str:
    """The formula after rows or columns were inserted (`count` > 0) or deleted at a place of a sheet.

    `is_ours` tells whether a reference's title means that sheet.
    """
    name = "row" if dimension == "ROWS" else "column"

    def change(reference: Reference) -> Reference | None:
        first, last = getattr(reference.first, name), getattr(reference.last, name)
        if first is None or not is_ours(reference.sheet):
            return reference
        if last is None:
            ends = shifted_span(first, _WITHOUT_END, at, count)
            return None if ends is None else reference._replace(first=reference.first.at(name, ends[0]))
        ends = shifted_span(min(first, last), max(first, last) + 1, at, count)
        if ends is None:
            return None
        new_first, new_last = ends[0], ends[1] - 1
        if first > last:
            new_first, new_last = new_last, new_first
        return reference._replace(first=reference.first.at(name, new_first), last=reference.last.at(name, new_last))

    return rewritten(formula, change)


def shifted_span(start: int, end: int, at: int, count: int) -> tuple[int, int] | None:
    """Where a span of rows or columns is after `count` were inserted or (below 0) deleted; None if it is gone."""
    if count >= 0:
        return start + (count if at <= start else 0), end + (count if at < end else 0)
    gone = at - count
    new_start = start if start <= at else max(at, start + count)
    new_end = end if end <= at else max(at, end + count) if end > gone else at
    return None if new_end <= new_start else (new_start, new_end)
