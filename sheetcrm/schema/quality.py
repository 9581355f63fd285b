"""How good the data are, as one figure that a person can work on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase

from sheetcrm.table import Issue, Table

_TABLES = ("Leads", "Accounts")


def data_quality(tables: Mapping[str, Table], issues: Sequence[Issue]) -> int:
    """A score from 0 to 100: the share of rows of Leads and Accounts without an Issue.

    A row with an error counts as bad, one with warnings only as half bad; notes do not count. Rounded down, so that
    100 means that nothing is wrong.
    """
    found = [tables[name] for name in _TABLES if name in tables]
    rows, tabs = sum(map(len, found)), {table.tab for table in found}
    halves: dict[tuple[str, str], int] = {}
    for one in issues:
        if one.tab in tabs and one.severity != "note":
            row = one.tab, one.cell.removeprefix("row ").lstrip(ascii_uppercase)
            halves[row] = max(halves.get(row, 0), 2 if one.severity == "error" else 1)
    bad = min(sum(halves.values()), 2 * rows)
    return 100 * (2 * rows - bad) // (2 * rows) if rows else 100
