"""Which rows under a header are data: blank rows, rows of formulas only, and totals are none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sheetcrm.schema.detect import Found
from sheetcrm.schema.fields import is_blank, normal
from sheetcrm.table import Grid, Raw

_TOTALS = frozenset({"total", "totals", "grand total", "sum", "summe", "gesamt", "gesamtsumme", "insgesamt"})


def formula_columns(grid: Grid, header_row: int) -> frozenset[int]:
    """The tab's columns that are calculated: formulas in at least half of the cells that hold something."""
    counts = Counter(column for row, column in grid.formulas if row > header_row)
    first = header_row + 1 - grid.top
    filled = {j: sum(row[j - grid.left] is not None for row in grid.rows[first:]) for j in counts if _reaches(grid, j)}
    return frozenset(j for j, count in counts.items() if count * 2 >= filled.get(j, 0))


def _reaches(grid: Grid, column: int) -> bool:
    return bool(grid.rows) and 0 <= column - grid.left < len(grid.rows[0])


def data_rows(found: Found, calculated: frozenset[int]) -> list[int]:
    """The places in `grid.rows` of the rows that hold data."""
    grid = found.grid
    first = found.header_row + 1 - grid.top
    last = _end(found)
    typed = [j for j in range(len(grid.rows[0])) if j + grid.left not in calculated] if grid.rows else []
    own = {column.index for column in found.columns.values()}
    sums = {row - grid.top for row, column in grid.formulas if column in own}
    return [
        i
        for i, row in enumerate(grid.rows[first:last], first)
        if _holds(row, typed) and not (i in sums and _is_total(row))
    ]


def _holds(row: Sequence[Raw], places: Sequence[int]) -> bool:
    """Whether any of these cells holds something; mostly the first one does."""
    for j in places:
        raw = row[j]
        if raw is not None and not is_blank(raw):
            return True
    return False


def _end(found: Found) -> int:
    ends = [one.bottom for one in found.grid.tables if one.top == found.header_row and one.has_totals]
    return min(ends) - found.grid.top if ends else len(found.grid.rows)


def _is_total(row: Sequence[Raw]) -> bool:
    """Whether the one text of a row with formulas says that they are sums."""
    texts = [raw for raw in row if isinstance(raw, str) and not is_blank(raw)]
    return len(texts) == 1 and normal(texts[0]) in _TOTALS
