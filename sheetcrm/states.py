"""The rows of a workbook as a run leaves them, for the history: what was read, with what was written. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sheetcrm.history import State, States
from sheetcrm.journal import Deed
from sheetcrm.plan import CellChange, RowAppend
from sheetcrm.raw_json import raw_from_json, raw_to_json
from sheetcrm.table import Raw, RowRef, Table, identities, show_raw

KEPT = ("Leads", "Accounts", "Activities", "Outbox")
"""The tables whose rows are kept."""


def states_after(tables: Mapping[str, Table], deeds: Iterable[Deed]) -> States:
    """The filled fields of each row by table and identity, after the deeds that were done."""
    written: dict[RowRef, dict[str, Raw]] = {}
    new: dict[str, dict[str, State]] = {}
    for one in deeds:
        if one.state == "done" and isinstance(one.deed, CellChange):
            written.setdefault(one.deed.ref, {})[one.deed.field] = one.deed.new
        elif one.state == "done" and isinstance(one.deed, RowAppend) and one.deed.key:
            new.setdefault(one.deed.table, {})[one.deed.key] = as_state(one.deed.values)
    return {name: _rows(tables[name], written) | new.get(name, {}) for name in KEPT if name in tables}


def fields_of(state: State) -> dict[str, Raw]:
    """A row's fields as typed, from a state of the history."""
    return {name: raw_from_json(*one) if isinstance(one, list) else one for name, one in state.items()}


def as_state(state: Mapping[str, Raw]) -> State:
    """A row's filled fields for the history: text, numbers and yes/no as they are, all else as [value, what it was]."""
    plain: dict[str, Any] = {}
    for name, raw in state.items():
        if raw is None:
            continue
        value, kind = raw_to_json(raw)
        plain[name] = value if value is raw and kind in {"text", "number", "yes/no"} else [value, kind]
    return plain


def _rows(table: Table, written: Mapping[RowRef, Mapping[str, Raw]]) -> dict[str, State]:
    found: dict[str, State] = {}
    fields = [(name, raws) for name, raws in table.raws.items() if name in table.columns]
    changes = [written.get(ref, {}) for ref in table.refs]
    keys = {i: show_raw(one["key"]) for i, one in enumerate(changes) if one.get("key") is not None}
    for i, identity in enumerate(identities(table, keys)):
        state = {name: raws[i] for name, raws in fields if raws[i] is not None}
        state.update(changes[i])
        found[identity] = as_state(state)
    return found
