"""The Snapshot as it would be: later jobs of a run see what earlier ones planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sheetcrm.plan import CellChange, Plan
from sheetcrm.schema.kinds import read_column
from sheetcrm.table import Raw, RowRef, Snapshot, Table, show_raw


def overlay(snapshot: Snapshot, plan: Plan) -> Snapshot:
    """The snapshot after the plan's cell changes; the snapshot itself stays as it is.

    A planned text reads as the column reads its own; other values are typed already. Appended rows are not shown, since
    no job of the same run may act on a row that no person has seen.
    """
    by_table: dict[str, list[CellChange]] = {}
    for change in plan.changes:
        by_table.setdefault(change.ref.table, []).append(change)
    names = {one.email: one.name for one in snapshot.team}
    tables = {
        **snapshot.tables,
        **{name: _changed(snapshot.tables[name], some, names) for name, some in by_table.items()},
    }
    return replace(
        snapshot,
        tables=tables,
        memory={**snapshot.memory, **plan.remember},
        issues=snapshot.issues + plan.issues,
        review=snapshot.review + plan.review,
    )


def _changed(table: Table, changes: Sequence[CellChange], names: Mapping[str, str]) -> Table:
    places: dict[RowRef, int] = {ref: i for i, ref in enumerate(table.refs)}
    fields = {one.field for one in changes}
    values = {**table.values, **{field: list(table.values[field]) for field in fields}}
    planned: dict[str, dict[int, Raw]] = {field: dict(table.planned.get(field, {})) for field in fields}
    for change in changes:
        i = places[change.ref]
        values[change.field][i] = _value(table, change, names)
        planned[change.field][i] = change.new
    return replace(table, values=values, planned={**table.planned, **planned})


def _value(table: Table, change: CellChange, names: Mapping[str, str]) -> object:
    new, kind = change.new, table.columns[change.field].kind
    if kind == "key" and new is not None:
        return show_raw(new)
    if kind == "person":
        return names.get(new, new) if isinstance(new, str) else new
    reader = table.readers.get(change.field)
    return read_column([new], reader)[0] if reader is not None and isinstance(new, str) else new
