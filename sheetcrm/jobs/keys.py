"""Rows without a key get one: `L-0001`, in the pattern that the tab uses already, and never one used before."""

from __future__ import annotations

import re
from collections import Counter

from sheetcrm.jobs.changes import change
from sheetcrm.plan import CellChange, Plan
from sheetcrm.rules.settings import Rules
from sheetcrm.table import Raw, Snapshot, Table

_NUMBERED = re.compile(r"(.*?)(\d{1,15})$")
_PREFIXES = {"Leads": "L-", "Accounts": "A-", "Activities": "V-", "Rules": "R-"}


def plan(snapshot: Snapshot, _rules: Rules) -> Plan:
    """A key for each row of Leads, Accounts, Activities and Rules without one, counted on from the highest."""
    changes: list[CellChange] = []
    remember: dict[str, str] = {}
    for name in _PREFIXES:
        table = snapshot.table(name)
        if table is not None and "key" in table.columns and "key" not in table.formula_fields:
            some, highest = _keys(table, int(snapshot.memory.get(f"keys/{name}", "0")))
            changes += some
            if str(highest) != snapshot.memory.get(f"keys/{name}", "0"):
                remember[f"keys/{name}"] = str(highest)
    return Plan(changes=tuple(changes), remember=remember)


def _keys(table: Table, highest_before: int) -> tuple[list[CellChange], int]:
    """The new keys, and the highest number used so far: a key whose row was deleted does not come again."""
    blank = [i for i, key in enumerate(table.values["key"]) if key is None and table.is_writable(i, "key")]
    prefix, width, highest = _pattern(table)
    number = max(highest, highest_before)
    if not blank:
        return [], number
    is_number = not prefix and any(isinstance(raw, int | float) for raw in table.raws["key"])
    used = {key.casefold() for key in table.values["key"] if isinstance(key, str)}
    changes = []
    for i in blank:
        number += 1
        while f"{prefix}{number:0{width}}".casefold() in used:
            number += 1
        key: Raw = number if is_number else f"{prefix}{number:0{width}}"
        changes.append(change(table, i, "key", key, why="rows without a key get one", job="keys"))
    return changes, number


def _pattern(table: Table) -> tuple[str, int, int]:
    """The prefix, the number of digits, and the highest number of the tab's own keys."""
    found = [match for key in table.values["key"] if isinstance(key, str) and (match := _NUMBERED.match(key))]
    counts = Counter(match[1] for match in found)
    filled = sum(key is not None for key in table.values["key"])
    prefix, count = counts.most_common(1)[0] if counts else ("", 0)
    if not filled or count * 2 < filled:
        prefix, found = _PREFIXES[table.name], [match for match in found if match[1] == _PREFIXES[table.name]]
    ours = [match[2] for match in found if match[1] == prefix]
    return prefix, min(map(len, ours), default=4), max(map(int, ours), default=0)
