"""Tabs of the tool's own among those of the workbook."""

from __future__ import annotations

from collections.abc import Sequence

from sheetcrm.schema.fields import normal
from sheetcrm.tab import Styled
from sheetcrm.table import Grid, Raw, Snapshot, show_raw


def tab_named(snapshot: Snapshot, name: str) -> Grid | None:
    """The tab of that name; None where the workbook has none."""
    return next((grid for grid in snapshot.grids if normal(grid.tab) == normal(name)), None)


def texts(grid: Grid, row: int, width: int) -> list[str]:
    """What the first cells of a row of a tab show; `row` counts from the first row that holds anything."""
    return [show_raw(grid.raw(grid.top + row, j)) for j in range(width)]


def is_shown(rows: Sequence[Sequence[Raw | Styled]], grid: Grid) -> bool:
    """Whether a tab holds just these texts already, whatever stands to their right."""
    wanted = [[show_raw(one.value if isinstance(one, Styled) else one) for one in row] for row in rows]
    return len(grid.rows) <= len(wanted) and all(texts(grid, i, len(row)) == row for i, row in enumerate(wanted))
