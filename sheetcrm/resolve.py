"""Where a plan's changes belong in the workbook as it stands now, and which of them a person has overtaken. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sheetcrm.connectors import CellWrite, RowWrite
from sheetcrm.journal import Deed
from sheetcrm.plan import CellChange, Plan, RowAppend
from sheetcrm.table import Grid, Raw, RowRef, Table, cell_name, content_digest, is_same, show_raw


@dataclass(frozen=True)
class Resolved:
    """What to write, and what becomes of each change and new row: `done` if the write succeeds, or `skipped`."""

    cells: tuple[CellWrite, ...]
    rows: tuple[RowWrite, ...]
    deeds: tuple[Deed, ...]


def resolve(
    plan: Plan, tables: Mapping[str, Table], grids: Mapping[str, Grid], undelivered: Mapping[str, str]
) -> Resolved:
    """Finds each row by key (or whole content) and each column by header; what a person changed since is skipped.

    `undelivered` maps the keys of messages that were not sent to the reason: cells that wait for them are skipped.
    """
    places = {name: {ref: i for i, ref in enumerate(table.refs) if not ref.is_lost} for name, table in tables.items()}
    cells: list[CellWrite] = []
    deeds: list[Deed] = []
    for change in plan.changes:
        i = places.get(change.ref.table, {}).get(change.ref)
        why = undelivered.get(change.after, "") if change.after else ""
        why = why or _obstacle(change, tables.get(change.ref.table), i)
        if why:
            deeds.append(Deed(change, "skipped", why))
            continue
        table = tables[change.ref.table]
        place = table.numbers[i or 0], table.columns[change.field].index
        if not is_same(table.raws[change.field][i or 0], change.new):
            cells.append(CellWrite(table.tab, *place, change.new))
        now = replace(
            change, tab=table.tab, header=table.columns[change.field].header, cell=f"{table.tab}!{cell_name(*place)}"
        )
        deeds.append(Deed(now, "done"))
    rows, row_deeds = _resolve_appends(plan.appends, tables, undelivered)
    done = _with_contents(deeds, cells, tables, grids, places)
    return Resolved(tuple(cells), tuple(rows), (*done, *row_deeds))


def _obstacle(change: CellChange, table: Table | None, i: int | None) -> str:
    """Why a change cannot be made now, empty where it can."""
    if table is None:
        return f"the tab {change.tab} is gone"
    if i is None:
        return "the row is gone" if change.ref.key else "the row was edited meanwhile"
    if change.field not in table.columns:
        return f"the column {change.header} is gone"
    if table.is_protected:
        return "the tab is protected"
    if change.field in table.formula_fields or (change.field, i) in table.locked:
        return "the cell holds a formula now"
    return _overtaken(change, table, i)


def _overtaken(change: CellChange, table: Table, i: int) -> str:
    """What a person did to the cell, or to the key, since the plan was made; empty where nothing."""
    current = table.raws[change.field][i]
    if is_same(current, change.new):
        return ""
    if not is_same(current, change.old):
        return "a person cleared it" if current is None else f'a person changed it to "{show_raw(current)}"'
    is_new_key = change.field == "key" and change.new is not None
    if is_new_key and show_raw(change.new) in {show_raw(raw) for raw in table.raws["key"]}:
        return "the key was taken meanwhile"
    return ""


def _resolve_appends(
    appends: Sequence[RowAppend], tables: Mapping[str, Table], undelivered: Mapping[str, str]
) -> tuple[list[RowWrite], list[Deed]]:
    rows, deeds = [], []
    for append in appends:
        table = tables.get(append.table)
        why = undelivered.get(append.after, "") if append.after else ""
        if table is None or table.is_protected:
            why = why or "the tab is gone or protected"
        if why or table is None:
            deeds.append(Deed(append, "skipped", why))
            continue
        if not append.key or append.key not in {table.key(i) for i in range(len(table))}:
            columns = table.columns
            rows.append(
                RowWrite(
                    table.tab, {columns[name].index: raw for name, raw in append.values.items() if name in columns}
                )
            )
        deeds.append(Deed(append, "done"))
    return rows, deeds


def _with_contents(
    deeds: Sequence[Deed],
    cells: Sequence[CellWrite],
    tables: Mapping[str, Table],
    grids: Mapping[str, Grid],
    places: Mapping[str, Mapping[RowRef, int]],
) -> list[Deed]:
    """The deeds, those on rows without a key with the digest that the row has after the write."""
    written: dict[tuple[str, int], dict[int, Raw]] = {}
    for cell in cells:
        written.setdefault((cell.tab, cell.row), {})[cell.column] = cell.value
    found = []
    for one in deeds:
        ref = one.deed.ref if isinstance(one.deed, CellChange) else None
        if one.state == "done" and ref is not None and ref.content:
            table = tables[ref.table]
            number = table.numbers[places[ref.table][ref]]
            digest = content_after(grids[table.tab], number, written.get((table.tab, number), {}))
            found.append(replace(one, content_after=digest))
        else:
            found.append(one)
    return found


def content_after(grid: Grid, row: int, written: Mapping[int, Raw]) -> str:
    """The digest of a row's typed cells once `written` (values by column) stands in it."""
    width = max([grid.left + len(grid.rows[row - grid.top]), *(column + 1 for column in written)])
    cells = [
        written[column] if column in written else grid.raw(row, column)
        for column in range(grid.left, width)
        if (row, column) not in grid.formulas
    ]
    return content_digest(cells)
