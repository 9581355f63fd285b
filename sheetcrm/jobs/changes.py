"""What all jobs do with rows: change a cell, tell a row's lasting identity."""

from __future__ import annotations

from hashlib import blake2b

from sheetcrm.plan import CellChange
from sheetcrm.table import Raw, Row, Table


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


def identity(row: Row) -> str:
    """What names a row in the reasons of mails: its key or, lacking one, a digest of who it is."""
    if row.key:
        return row.key
    words = "\x1f".join(row.text(name).casefold() for name in ("email", "phone", "company", "name"))
    return f"row-{blake2b(words.encode(), digest_size=6).hexdigest()}"
