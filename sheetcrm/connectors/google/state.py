"""A Google Sheet as values: its tabs as they stood at one moment, what was typed into them, and what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from sheetcrm.table import Grid, Raw, TableRange, show_raw

SCRATCH = "~sheetcrm"
TRIAL = f"{SCRATCH} trial"
"""How tabs are called that we make for ourselves: those of a write bear their number, the doctor's says trial."""
"""How the titles of our own hidden tabs begin, which hold for a moment what stood in the sheet before a write."""

Place = tuple[int, int]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as it stands in a cell."""

    text: str


Typed = Raw | Formula
"""What a person typed into a cell."""


@dataclass(frozen=True)
class Area:
    """A part of a tab, the ends excluded; None where it is open."""

    top: int
    left: int
    bottom: int | None
    right: int | None

    def __contains__(self, place: Place) -> bool:
        row, column = place
        return (
            self.top <= row
            and self.left <= column
            and (self.bottom is None or row < self.bottom)
            and (self.right is None or column < self.right)
        )

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole tab."""
        return not self.top and not self.left and self.bottom is None and self.right is None


def area_of(plain: Mapping[str, Any]) -> Area:
    """The Area of a GridRange."""
    return Area(
        plain.get("startRowIndex", 0),
        plain.get("startColumnIndex", 0),
        plain.get("endRowIndex"),
        plain.get("endColumnIndex"),
    )


@dataclass(frozen=True)
class Tab:
    """One tab as read: what was typed, what is shown, and how dates are told from numbers."""

    id: int
    title: str
    row_count: int
    column_count: int
    typed: list[list[Typed]]
    results: Mapping[Place, Raw]
    """The values of formulas, and of what they spill into other cells."""
    formats: Mapping[Place, str]
    """Cells whose number format is of a kind of moment, by that kind."""
    is_hidden: bool = False
    protected: tuple[tuple[Area, tuple[Area, ...]], ...] = ()
    """Parts that we may not write, each with the parts of it that we may."""
    merges: tuple[Area, ...] = ()
    tables: tuple[tuple[str, TableRange], ...] = ()
    """Google's tables, each with its id."""
    patterns: Mapping[Place, Mapping[str, Any]] | None = None
    """The number formats of cells that have one of their own."""
    is_ours: bool = False
    """Whether it is a whole tab that was put here."""
    has_filter: bool = False
    charts: tuple[int, ...] = ()
    """The numbers of the charts that lie on it."""
    bands: tuple[int, ...] = ()
    """The numbers of its ranges in alternating colours."""

    @property
    def is_scratch(self) -> bool:
        """Whether we made it for ourselves: a person may call a tab alike, but for the number."""
        return self.title in {TRIAL, f"{SCRATCH} {self.id}"}

    def at(self, row: int, column: int) -> Typed:
        """What was typed into a cell."""
        if 0 <= row < len(self.typed) and 0 <= column < len(self.typed[row]):
            return self.typed[row][column]
        return None

    def shown(self, row: int, column: int) -> Raw:
        """The value of a cell: a formula's result, else what was typed."""
        found = self.results.get((row, column))
        if found is not None:
            return found
        typed = self.at(row, column)
        return None if isinstance(typed, Formula) else typed

    def row(self, row: int) -> list[Typed]:
        """What was typed into a row, blanks at its end left out."""
        found = list(self.typed[row]) if 0 <= row < len(self.typed) else []
        while found and found[-1] is None:
            found.pop()
        return found

    @cached_property
    def end(self) -> int:
        """The row below the last one that holds anything."""
        return next(
            (i + 1 for i in reversed(range(len(self.typed))) if any(one is not None for one in self.typed[i])), 0
        )

    @cached_property
    def rows_by(self) -> dict[int | None, dict[str, list[int]]]:
        """The rows by the text in a column, or by a digest of all that they hold (None), as they were asked for."""
        return {}

    @cached_property
    def header_rows(self) -> dict[tuple[int, tuple[str, ...]], int]:
        """Where header rows stand, by where they stood and what they said, as they were asked for."""
        return {}

    @property
    def is_filled_below(self) -> bool:
        """Whether formulas fill cells below the last row into which anything was typed."""
        return any(row >= self.end for row, _ in self.results)

    @cached_property
    def digest(self) -> str:
        """A digest of all that was typed: results that change by themselves, as NOW() does, do not count."""
        digest = blake2b(digest_size=16)
        for i in range(self.end):
            digest.update(b"\x1e")
            for one in self.row(i):
                text = one.text if isinstance(one, Formula) else show_raw(one)
                digest.update(f"\x1f{type(one).__name__[:3]}{text}".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    @cached_property
    def locked(self) -> frozenset[Place]:
        """Cells that hold a formula, or that one spills into."""
        return frozenset(self.results)

    @cached_property
    def covered(self) -> frozenset[Place]:
        """Cells that a merge hides."""
        return frozenset(
            (row, column)
            for one in self.merges
            for row in range(one.top, one.bottom or 0)
            for column in range(one.left, one.right or 0)
            if (row, column) != (one.top, one.left)
        )

    def is_protected(self, row: int, column: int) -> bool:
        """Whether we may not write a cell."""
        place = (row, column)
        return any(place in area and not any(place in free for free in open_) for area, open_ in self.protected)

    @property
    def grid(self) -> Grid:
        """The Grid."""
        rows = [
            [self.shown(i, j) if isinstance(one, Formula) or one is None else one for j, one in enumerate(row)]
            for i, row in enumerate(self.typed)
        ]
        return Grid(
            self.title,
            rows,
            formulas=self.locked,
            tables=tuple(table for _, table in self.tables),
            is_hidden=self.is_hidden,
            is_protected=any(area.is_whole and not open_ for area, open_ in self.protected),
            covered=self.covered,
        )


@dataclass(frozen=True)
class State:
    """A Google Sheet at one moment."""

    title: str
    locale: str
    zone: str
    tabs: tuple[Tab, ...]
    scratch: tuple[Tab, ...] = ()
    """Our own hidden tabs, left by a write that was cut short."""
    marks: Mapping[int, str] | None = None
    """Our developer metadata: id and value."""
    taken_ids: frozenset[int] = frozenset()
    other_titles: frozenset[str] = frozenset()
    """The titles, in small letters, of what is no tab with cells: charts on sheets of their own."""

    def tab(self, title: str) -> Tab | None:
        """The tab of that title."""
        return next((one for one in self.tabs if one.title == title), None)

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all that was typed."""
        seen = "\x1e".join(f"{tab.id}\x1f{tab.title}\x1f{tab.digest}" for tab in self.tabs)
        return blake2b(seen.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
