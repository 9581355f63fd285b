"""What the file itself remembers until it is calculated: which cells changed since its formulas had results.

The note stands in the zip record of the workbook part, as an extra field, where zip tools put time stamps and Excel
its padding: every reader skips it, no part's content changes, and whoever saves the file anew drops it. That is just
when it is no longer true: spreadsheet programs calculate before they save.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sheetcrm.tab import Rectangle
from sheetcrm.xlsx.places import COLUMNS, ROWS, rectangle

FIELD = 0x4353
_LIMIT, _MOST = 60_000, 20_000
"""Bytes and areas of a note that is not made coarser."""
_EVERYWHERE = Rectangle(0, 0, ROWS - 1, COLUMNS - 1)

Areas = Mapping[int, tuple[Rectangle, ...]]
"""Areas by the number of their sheet."""


@dataclass(frozen=True, slots=True)
class Note:
    """Cells that changed since, and formulas whose results are known to be out of date."""

    changed: Areas = field(default_factory=dict)
    stale: Areas = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.changed or self.stale)

    def with_changes(self, changed: Mapping[int, Iterable[tuple[int, int]]]) -> Note:
        """The note with more changed cells, by the number of their sheet."""
        new = {number: areas_of(cells) for number, cells in changed.items()}
        both = {n: self.changed.get(n, ()) + new.get(n, ()) for n in {*self.changed, *new}}
        return Note({n: areas for n, areas in both.items() if areas}, self.stale)

    def with_sheet(self, number: int) -> Note:
        """The note with a whole sheet changed."""
        return Note({**self.changed, number: (_EVERYWHERE,)}, self.stale)

    def encoded(self) -> bytes:
        """The note as an extra field, coarser where it would be too long; empty where there is nothing to say."""
        if not self:
            return b""
        for one in (self, _by_columns(self), _around(self)):
            if sum(map(len, (*one.changed.values(), *one.stale.values()))) > _MOST:
                continue
            data = zlib.compress(json.dumps([_named(one.changed), _named(one.stale)], separators=(",", ":")).encode())
            if len(data) <= _LIMIT:
                return struct.pack("<2H", FIELD, len(data)) + data
        return _around(Note(dict.fromkeys((*self.changed, *self.stale), (_EVERYWHERE,)))).encoded()


def decoded_note(extra: bytes) -> Note:
    """The note in the extra fields of a zip record; an empty one where there is none that can be read."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind == FIELD:
            try:
                changed, stale = json.loads(zlib.decompressobj().decompress(extra[4 : 4 + length], _LIMIT * 100))
                return Note(_read(changed), _read(stale))
            except (ValueError, TypeError, AttributeError, zlib.error, RecursionError):
                return Note()  # somebody else's field of the same number
        extra = extra[4 + length :]
    return Note()


def areas_of(cells: Iterable[tuple[int, int]]) -> tuple[Rectangle, ...]:
    """The cells as areas: runs down the columns, and equal runs side by side as one."""
    runs: list[Rectangle] = []
    for row, column in sorted(cells, key=lambda cell: (cell[1], cell[0])):
        last = runs[-1] if runs else None
        if last is not None and last.left == column and row <= last.bottom + 1:
            runs[-1] = last._replace(bottom=max(last.bottom, row))
        else:
            runs.append(Rectangle(row, column, row, column))
    wide: list[Rectangle] = []
    at: dict[tuple[int, int], int] = {}
    for run in runs:
        i = at.get((run.top, run.bottom))
        if i is not None and wide[i].right == run.left - 1:
            wide[i] = wide[i]._replace(right=run.right)
        else:
            at[run.top, run.bottom] = len(wide)
            wide.append(run)
    return tuple(wide)


def _by_columns(note: Note) -> Note:
    """Coarser: one area for each column."""

    def coarse(areas: Iterable[Rectangle]) -> tuple[Rectangle, ...]:
        columns: dict[tuple[int, int], Rectangle] = {}
        for area in areas:
            old = columns.get((area.left, area.right), area)
            columns[area.left, area.right] = _joined((old, area))
        return tuple(columns.values())

    return Note(*({n: coarse(areas) for n, areas in one.items()} for one in (note.changed, note.stale)))


def _around(note: Note) -> Note:
    """Coarser still: one area for each sheet."""
    return Note(*({n: (_joined(areas),) for n, areas in one.items()} for one in (note.changed, note.stale)))


def _joined(areas: Iterable[Rectangle]) -> Rectangle:
    tops, lefts, bottoms, rights = zip(*areas, strict=True)
    return Rectangle(min(tops), min(lefts), max(bottoms), max(rights))


def _named(areas: Areas) -> dict[str, str]:
    return {str(number): " ".join(map(str, ones)) for number, ones in areas.items()}


def _read(areas: dict[str, Any]) -> Areas:
    found = {int(number): [rectangle(one) for one in str(names).split()] for number, names in areas.items()}
    return {number: tuple(one for one in ones if one is not None) for number, ones in found.items()}
