"""Cells that no edit may touch: inside merges and array formulas, headers and totals of tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sheetcrm.errors import EditRefused
from sheetcrm.tab import Rectangle
from sheetcrm.table import cell_name
from sheetcrm.xlsx.outline import SheetTable
from sheetcrm.xlsx.sheet import SheetText

_TALL = 64


@dataclass(frozen=True, slots=True)
class Ban:
    """Cells that no edit may touch, and why; `anchor` is the one cell of them that it may."""

    area: Rectangle
    why: str
    anchor: tuple[int, int] | None = None


class Bans:
    """The bans of one sheet, found by row: a hundred thousand cells are checked against thousands of merges."""

    def __init__(self, bans: Iterable[Ban]) -> None:
        self._by_row: dict[int, list[Ban]] = {}
        self._tall: list[Ban] = []
        for ban in bans:
            if ban.area.bottom - ban.area.top > _TALL:
                self._tall.append(ban)
                continue
            for row in range(ban.area.top, ban.area.bottom + 1):
                self._by_row.setdefault(row, []).append(ban)

    def check(self, tab: str, row: int, column: int) -> None:
        """Nothing; EditRefused, with the reason, where the cell may not be written."""
        for ban in (*self._by_row.get(row, ()), *self._tall):
            if ban.area.holds(row, column) and ban.anchor != (row, column):
                raise EditRefused(f"{tab}!{cell_name(row, column)} {ban.why}.", "Change it in Excel.")


def locked(name: str) -> EditRefused:
    """The refusal to write into a locked cell of a protected tab."""
    return EditRefused(f"{name} is locked: its tab is protected.", "Lift the protection in Excel's Review tab.")


def holds_formula(name: str) -> EditRefused:
    """The refusal to overwrite a formula."""
    return EditRefused(f"{name} holds a formula, which is not overwritten unasked.", "Change it in Excel.")


def bans_of(text: SheetText, tables: Sequence[SheetTable], moving: Collection[int | None] = ()) -> Bans:
    """The bans of a sheet with these tables; totals in the rows `moving` make room for others."""
    return Bans(_found(text, tables, moving))


def _found(text: SheetText, tables: Sequence[SheetTable], moving: Collection[int | None]) -> Iterator[Ban]:
    for area in text.merges:
        yield Ban(area, "is hidden in a merged cell", (area.top, area.left))
    for area in text.arrays:
        if area.top == area.bottom and area.left == area.right:
            continue  # a formula of one cell, like any other
        yield Ban(area, "belongs to an array formula or a data table")
    for table in tables:
        own = table.range
        if table.header_rows:
            header = Rectangle(own.top, own.left, own.top + table.header_rows - 1, own.right)
            yield Ban(header, f"is a header of the table {own.name}, which knows it by name")
        if own.has_totals and own.bottom not in moving:
            yield Ban(Rectangle(own.bottom, own.left, own.bottom, own.right), f"is in {own.name}'s totals row")
