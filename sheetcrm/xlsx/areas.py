"""Ranges of a sheet as single places, no more of them than the sheet's data reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sheetcrm.errors import WorkbookUnreadable
from sheetcrm.tab import Rectangle


def within(areas: Iterable[Rectangle], extent: Rectangle) -> list[Rectangle]:
    """What of each area lies inside the extent; areas that lie outside are left out."""
    found = []
    for area in areas:
        part = Rectangle(
            max(area.top, extent.top),
            max(area.left, extent.left),
            min(area.bottom, extent.bottom),
            min(area.right, extent.right),
        )
        if part.top <= part.bottom and part.left <= part.right:
            found.append(part)
    return found


def places_in(areas: Iterable[Rectangle], limit: int, what: str) -> frozenset[tuple[int, int]]:
    """Every place of the areas; WorkbookUnreadable where they hold more than `limit`, as overlapping ones may."""
    areas = list(areas)
    count = sum((area.bottom - area.top + 1) * (area.right - area.left + 1) for area in areas)
    if count > limit:
        raise WorkbookUnreadable(
            f"{what} cover {count:,} cells; the limit is {limit:,}.", "Make them smaller, or raise the limit."
        )
    return frozenset(_places(areas))


def _places(areas: Iterable[Rectangle]) -> Iterator[tuple[int, int]]:
    for area in areas:
        for row in range(area.top, area.bottom + 1):
            for column in range(area.left, area.right + 1):
                yield row, column
