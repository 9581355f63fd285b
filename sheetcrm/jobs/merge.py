"""Merging: rows that are surely one, or that a person called one, leave what they hold in the row that stays.

Nothing is deleted: a merged row keeps its place, its key and its mark; by setting its other cells go to a tab Archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sheetcrm.jobs.archive import Archived, archive_tab, cleared
from sheetcrm.jobs.changes import change
from sheetcrm.jobs.decisions import DIFFERENT, SAME, Decisions, decisions_of
from sheetcrm.jobs.marks import NOT_MERGED, Merge, is_own_mark, merge_memory, merge_of, waiting
from sheetcrm.jobs.merging import activity_of, merged, rank
from sheetcrm.plan import CellChange, Plan
from sheetcrm.rules.settings import Rules
from sheetcrm.schema.overlay import overlay
from sheetcrm.table import Row, Snapshot, Table, show_raw

JOB = "merge"
REFERENCES: Mapping[str, Sequence[tuple[str, str]]] = {
    "Leads": (("Activities", "lead"),),
    "Accounts": (("Activities", "account"), ("Leads", "account")),
}
"""Which columns of other tables name rows of a table by their keys."""


def plan(snapshot: Snapshot, rules: Rules) -> Plan:
    """What each row that stays takes from those merged into it, and what referred to them refers to it from now on.

    Accounts go before leads, since leads name accounts.
    """
    if not rules.dedupe.on or rules.dedupe.merge == "never":
        return Plan()
    decisions = decisions_of(snapshot)
    whole, seen = Plan(), snapshot
    archived: list[Archived] = []
    for name in ("Accounts", "Leads"):
        for master, others in _groups(seen, name, decisions, is_sure=rules.dedupe.merge == "sure"):
            part = _merge(seen, master, others, rules.dedupe.fields)
            if rules.dedupe.archive:
                rule = rule_of(master, others)
                part = part.joined(Plan(changes=tuple(cleared(others, master, rule, JOB))))
                archived += [Archived(row, master.key, snapshot.today) for row in others]
            whole = whole.joined(part)
        seen = overlay(snapshot, whole)
    return whole.joined(archive_tab(snapshot, archived, JOB))


def rule_of(master: Row, others: Sequence[Row]) -> str:
    """The text by which the journal finds all changes of a merge again."""
    return f"merge {', '.join(row.key for row in others)} into {master.key}"


def _groups(snapshot: Snapshot, name: str, decisions: Decisions, *, is_sure: bool) -> Iterator[tuple[Row, list[Row]]]:
    """The rows to merge, each group by the row that stays; the others ranked."""
    table = snapshot.table(name)
    if table is None or "duplicate_of" not in table.columns:
        return
    said = _Same(table, decisions)
    allowed = {
        row.key: master.key
        for row, master in waiting(snapshot, table)
        if decisions.of(row, master) != DIFFERENT
        and (said.are_one(row.key, master.key) or (is_sure and is_own_mark(snapshot, row)))
    }
    # A row that gets its key in this very run waits for the next: the journal finds rows again by their keys.
    by_key = {row.key: row for row in table if row.key and row.ref.key == row.key}
    groups: dict[str, list[Row]] = {}
    for key in allowed:
        root = _root(snapshot, name, key, allowed)
        if key in by_key and root in by_key and root != key:
            groups.setdefault(root, []).append(by_key[key])
    activity = activity_of(snapshot)
    for root, others in groups.items():
        yield by_key[root], sorted(others, key=lambda row: rank(snapshot, row, activity))


class _Same:
    """Which keys people called the same, by way of others as well."""

    def __init__(self, table: Table, decisions: Decisions) -> None:
        self._parent: dict[str, str] = {}
        for one, other in decisions.pairs(table):
            if decisions.of(one, other) == SAME:
                self._parent[self._top(one.key)] = self._top(other.key)

    def _top(self, key: str) -> str:
        while (up := self._parent.get(key, key)) != key:
            key = up
        return key

    def are_one(self, one: str, other: str) -> bool:
        return self._top(one) == self._top(other)


def _root(snapshot: Snapshot, name: str, key: str, allowed: Mapping[str, str]) -> str:
    """Where the row ends up: its mark followed as far as rows are merged; empty where marks run in a circle."""
    seen = {key}
    while True:
        earlier = merge_of(snapshot.memory, name, key)
        up = allowed.get(key) or (earlier.into if earlier is not None else "")
        if not up:
            return key
        if up in seen:
            return ""
        seen.add(up)
        key = up


def _merge(snapshot: Snapshot, master: Row, others: Sequence[Row], fields: Mapping[str, str]) -> Plan:
    """One group merged: the cells of the row that stays, the references, and what the memory keeps."""
    table, rule = master.table, rule_of(master, others)
    result = merged(snapshot, master, others, fields)
    changes = [
        change(table, master.i, name, kept.value, why=f"{rule}: {kept.why}", job=JOB, rule=rule)
        for name, kept in result.fields.items()
    ]
    changes += _references(snapshot, master, others, rule)
    day = snapshot.today.isoformat()
    remember = {
        merge_memory(table.name, row.key): Merge(master.key, day, rule, result.segments.get(row.key, "")).text()
        for row in others
    }
    return Plan(changes=tuple(changes), remember=remember, restore=dict.fromkeys(remember, NOT_MERGED))


def _references(snapshot: Snapshot, master: Row, others: Sequence[Row], rule: str) -> Iterator[CellChange]:
    """Activities and leads of the merged rows belong to the row that stays."""
    keys = {row.key for row in others}
    for name, field in REFERENCES[master.table.name]:
        table = snapshot.table(name)
        if table is None or field not in table.columns:
            continue
        for i, raw in enumerate(table.typed(field)):
            if show_raw(raw) in keys and table.is_writable(i, field):
                why = f"{show_raw(raw)} was merged into {master.key}"
                yield change(table, i, field, master.key, why=why, job=JOB, rule=rule)
