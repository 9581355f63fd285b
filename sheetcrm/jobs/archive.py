"""The tab Archive: merged rows as they were, one line each, where the owner wants them out of the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sheetcrm.jobs.changes import change
from sheetcrm.jobs.own_tabs import tab_named
from sheetcrm.plan import CellChange, Plan, TabReplace
from sheetcrm.rules.columns import header_row
from sheetcrm.schema.fields import normal
from sheetcrm.tab import CellFormat, Styled, TabContent
from sheetcrm.table import Grid, Raw, Row, Snapshot, show_raw

TAB, OTHER_TAB = "Archive", "Archive (sheetcrm)"
"""The tab's name, and the one it has where a person has a tab Archive already."""

HEADS = ("From Tab", "Merged Into", "Merged On")
_KEPT = frozenset({"key", "duplicate_of"})
_HEADER = CellFormat(is_bold=True, fill="D9E1F2")


@dataclass(frozen=True, slots=True)
class Archived:
    """A merged row, the key it went into, and when."""

    row: Row
    into: str
    day: date


def cleared(rows: Sequence[Row], master: Row, rule: str, job: str) -> Iterator[CellChange]:
    """The merged rows emptied but for key and mark; formulas and unreadable cells stay."""
    for row in rows:
        table = row.table
        for name in table.columns:
            if name not in _KEPT and table.is_writable(row.i, name) and table.typed(name)[row.i] is not None:
                why = f"merged into {master.key} and moved to the archive"
                yield change(table, row.i, name, None, why=why, job=job, rule=rule)


def archive_tab(snapshot: Snapshot, archived: Sequence[Archived], job: str) -> Plan:
    """The tab with these rows below those that stand there."""
    if not archived:
        return Plan()
    name, grid = archive_of(snapshot)
    heads, lines = _standing(grid)
    for one in archived:
        origin: dict[str, Raw] = dict(zip(HEADS, (one.row.table.tab, one.into, one.day), strict=True))
        line = {**_cells(one.row), **origin}
        heads += [head for head in line if head not in heads]
        lines.append(line)
    count = len(archived)
    why = f"{count} merged {'row' if count == 1 else 'rows'}"
    return Plan(tabs=(TabReplace(name, _content(heads, lines), why, job),))


def without_archived(snapshot: Snapshot, row: Row, job: str) -> Plan:
    """The tab without the lines of a row."""
    name, grid = archive_of(snapshot)
    heads, lines = _standing(grid)
    head = row.table.columns["key"].header
    kept = [one for one in lines if one.get(HEADS[0]) != row.table.tab or show_raw(one.get(head)) != row.key]
    if len(kept) == len(lines):
        return Plan()
    return Plan(tabs=(TabReplace(name, _content(heads, kept), f"{row.key} taken back", job),))


def archive_of(snapshot: Snapshot) -> tuple[str, Grid | None]:
    """The name of the tab, and the tab where there is one."""
    grid = tab_named(snapshot, TAB)
    if grid is None or _is_own(grid):
        return (grid.tab if grid is not None else TAB), grid
    return OTHER_TAB, tab_named(snapshot, OTHER_TAB)


def _is_own(grid: Grid) -> bool:
    top = header_row(grid)
    heads = [normal(show_raw(raw)) for raw in grid.rows[top - grid.top]] if top is not None else []
    return heads[: len(HEADS)] == [normal(head) for head in HEADS]


def _standing(grid: Grid | None) -> tuple[list[str], list[dict[str, Raw]]]:
    """The headers and lines that stand in the tab."""
    top = header_row(grid) if grid is not None else None
    if grid is None or top is None:
        return list(HEADS), []
    heads = [show_raw(raw) for raw in grid.rows[top - grid.top]]
    rows = grid.rows[top - grid.top + 1 :]
    return heads, [dict(zip(heads, row, strict=False)) for row in rows]


def _cells(row: Row) -> dict[str, Raw]:
    return {column.header: row.table.typed(name)[row.i] for name, column in row.table.columns.items()}


def _content(heads: Sequence[str], lines: Sequence[dict[str, Raw]]) -> TabContent:
    first = tuple(Styled(head, _HEADER) for head in heads)
    rows = (tuple(line.get(head) for head in heads) for line in lines)
    widths = dict.fromkeys(range(len(heads)), 18.0)
    return TabContent(rows=(first, *rows), widths=widths, frozen_rows=1)
