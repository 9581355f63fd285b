"""What the tool tells in the Rules tab itself: each rule's status, matches, last act, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from sheetcrm.jobs.changes import change
from sheetcrm.plan import CellChange, Plan
from sheetcrm.rules.book import RuleBook, rule_book
from sheetcrm.rules.settings import Rules
from sheetcrm.rules.state import PREFIX, RuleState, loaded
from sheetcrm.table import Raw, Row, Snapshot, Table, is_same

JOB = "rulebook"
_LONGEST = 200


def plan(snapshot: Snapshot, rules: Rules) -> Plan:
    """The cells of the Rules tab that are the tool's own, where they would say something new."""
    table = snapshot.tables.get("Rules")
    if table is None:
        return Plan()
    book = rule_book(snapshot, rules)
    states: dict[str, list[RuleState]] = {}
    for name, text in snapshot.memory.items():
        if name.startswith(PREFIX):
            states.setdefault(name.removeprefix(PREFIX).partition("/")[0], []).append(loaded(text))
    changes = [one for row in table if row.key for one in _row_changes(row, book, states.get(row.key, []))]
    return Plan(changes=tuple(changes))


def _row_changes(row: Row, book: RuleBook, states: list[RuleState]) -> Iterator[CellChange]:
    table, is_on = row.table, row["on"] is True
    wanted: dict[str, Raw] = {"status": _status(row, book, states) if is_on else None}
    if is_on:
        acted = max((one for one in states if one.acted), key=lambda one: one.acted, default=RuleState())
        wanted["matches_now"] = sum(one.matches for one in states) if states else None
        wanted["last_run"] = date.fromisoformat(acted.acted) if acted.acted else None
        wanted["why"] = acted.why[:_LONGEST] or None
    for field, new in wanted.items():
        if field in table.columns and table.is_writable(row.i, field) and not _is_told(table, row.i, field, new):
            yield change(table, row.i, field, new, why=f"what the rule {row.text('rule')} comes to", job=JOB)


def _is_told(table: Table, i: int, field: str, new: Raw) -> bool:
    return is_same(table.typed(field)[i], new)


def _status(row: Row, book: RuleBook, states: list[RuleState]) -> str:
    broken: Mapping[str, str] = book.broken
    if row.key in broken:
        return f"Not running: {broken[row.key].partition(': ')[2] or broken[row.key]}"[:_LONGEST]
    if any(one.held for one in states):
        return "New: shown in the plan, acts from the next run"
    waiting = sum(one.waiting for one in states)
    return f"OK; {waiting} wait for the next run" if waiting else "OK"
