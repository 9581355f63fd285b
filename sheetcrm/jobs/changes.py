"""What all jobs do with rows: change a cell."""

from __future__ import annotations

from sheetcrm.plan import CellChange
from sheetcrm.table import Raw, Table


def change(
    table: Table, i: int, field: str, new: Raw, *, why: str, job: str, rule: str = "", after: str = ""
) -> CellChange:
    """The change of one cell, with the value that it must still hold when it is written."""
    column = table.columns[field]
    return CellChange(
        ref=table.refs[i],
        tab=table.tab,
        field=field,
        header=column.header,
        old=table.raws[field][i],
        new=new,
        why=why,
        job=job,
        rule=rule,
        after=after,
        cell=f"{table.tab}!{table.cell(i, field)}",
        who=table.row(i).label,
    )
